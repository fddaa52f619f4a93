/* Where the users of a domain hand in and fetch their mail (see discover.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/idna.h"

#include "msg/addr.h"

#include "net/https.h"

#include "flow/discover.h"

/* RFC 6186, 3; RFC 8314, 5.1. */
static const struct service {
	const char *label;
	unsigned kind;
	bool implicit_tls;
} services[] = {
	{ "_submissions._tcp", DISCOVER_SMTP, true },
	{ "_submission._tcp", DISCOVER_SMTP, false },
	{ "_imaps._tcp", DISCOVER_IMAP, true },
	{ "_imap._tcp", DISCOVER_IMAP, false },
	{ "_pop3s._tcp", DISCOVER_POP3, true },
	{ "_pop3._tcp", DISCOVER_POP3, false },
};

#define SERVICES COUNT_OF(services)

/* A record, in the making. */
struct candidate {
	struct discover_server server;
	unsigned priority, rank; /* the less the better */
	unsigned weight;         /* within them, at random by this */
};

struct work {
	const struct discover_plan *plan;
	struct arena *a;
	const char *address, *domain;
	struct candidate v[DISCOVER_MAX];
	size_t n;
	bool none;           /* "." stood in place of a server */
	bool unknown;        /* something could not be asked */
	const char *foreign; /* a server not to be trusted, as URL */
};

static int
compare(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return (a->weight > b->weight) - (a->weight < b->weight);
}

static bool
is_alike(const struct candidate *a, const struct candidate *b)
{
	return a->priority == b->priority && a->rank == b->rank;
}

/* The next of those alike that start at `at` comes to the front of them
 * (RFC 2782, Weight). */
static void
draw(struct work *w, size_t at)
{
	struct candidate *v = &w->v[at], chosen;
	uint32_t random, sum = 0, upto = 0;
	size_t n = 0, i = 0;

	for (; at + n < w->n && is_alike(v, &v[n]); n++)
		sum += v[n].weight;
	w->plan->given->random(&random, sizeof(random));
	random %= sum + 1;
	while (i + 1 < n && (upto += v[i].weight) < random)
		i++;
	chosen = v[i];
	memmove(&v[1], &v[0], i * sizeof(v[0]));
	v[0] = chosen;
}

static void
add(struct work *w, const struct service *s, const struct dns_record *record,
    bool secure)
{
	const char *target = record->srv.target;
	struct candidate c = { .priority = record->srv.priority,
		.rank = (s->kind == DISCOVER_POP3 ? 2u : 0u) +
		        (s->implicit_tls ? 0u : 1u),
		.server = { .kind = s->kind,
		    .host = target,
		    .port = (uint16_t)record->srv.port,
		    .implicit_tls = s->implicit_tls,
		    .user = w->address } };

	if (!target[0] || strcmp(target, ".") == 0) {
		w->none = true;
		return;
	}
	if (!idna_is_ldh(slice_str(target)) || record->srv.port == 0)
		return;
	if (!secure && !dns_name_under(target, w->domain)) {
		if (!w->foreign)
			w->foreign = discover_url(&c.server, w->a);
		return;
	}
	c.weight = record->srv.weight;
	if (w->n < DISCOVER_MAX)
		w->v[w->n++] = c;
}

static int
ask_srv(struct work *w, struct err *e)
{
	struct dns_question q[SERVICES] = { { .type = DNS_SRV } };
	size_t which[SERVICES], n = 0;

	for (size_t i = 0; i < SERVICES; i++)
		if (services[i].kind & w->plan->kinds) {
			which[n] = i;
			q[n].type = DNS_SRV;
			q[n++].name = arena_fmt(
			    w->a, "%s.%s", services[i].label, w->domain);
		}
	if (dns_query_all(w->plan->dns, q, n, w->a, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct dns_answer *got = &q[i].answer;

		w->unknown |= dns_unknown(got->status);
		for (size_t k = 0; k < got->count; k++)
			add(w, &services[which[i]], &got->records[k],
			    got->secure);
	}
	qsort(w->v, w->n, sizeof(w->v[0]), compare);
	for (size_t i = 0; i < w->n; i++)
		draw(w, i);
	return 0;
}

/* 1 it names servers, 0 it does not, -1. */
static int
ask_file(struct work *w, const char *url, struct discover *r, struct err *e)
{
	struct https_want want = { .url = url,
		.ca_file = w->plan->ca_file,
		.port = w->plan->https_port,
		.max = DISCOVER_FILE_MAX,
		.timeout = DISCOVER_WAIT };
	const struct trace *trace = w->plan->given->trace;
	struct https_reply reply;
	struct err why;

	if (https_get(w->plan->dns, &want, w->a, &reply, e) < 0)
		return -1;
	if (reply.outcome != HTTPS_GOT) {
		trace_say(trace, "'%s': %s", url, reply.why);
		w->unknown |= reply.outcome == HTTPS_UNKNOWN ||
		              reply.outcome == HTTPS_NO_REPLY;
		return 0;
	}
	if (discover_read(
		reply.body, w->plan->kinds, w->address, w->a, r, &why) < 0) {
		trace_say(trace, "'%s': %s", url, why.text);
		return 0;
	}
	r->by = url;
	return r->n > 0;
}

/* What the domain's own web server says. The address stays at home: it would
 * stand in the URL as a query. */
static int
ask_files(struct work *w, struct discover *r, struct err *e)
{
	static const char *const places[] = {
		"https://autoconfig.%s/mail/config-v1.1.xml",
		"https://%s/.well-known/autoconfig/mail/config-v1.1.xml"
	};
	int got = 0;

	for (size_t i = 0; i < COUNT_OF(places) && got == 0; i++) {
		const char *mark = strstr(places[i], "%s");

		got = ask_file(w,
		    arena_fmt(w->a, "%.*s%s%s", (int)(mark - places[i]),
			places[i], w->domain, mark + 2),
		    r, e);
	}
	return got;
}

static int
nothing(const struct work *w, struct err *e)
{
	if (w->foreign)
		return err_set(e, ERR_CONFIG,
		    "'%s' names %s, which is not its own and which DNSSEC does "
		    "not vouch for: if it is right, name it in place of auto",
		    w->domain, w->foreign);
	if (w->unknown)
		return err_set(e, ERR_TEMP,
		    "the mail servers of '%s' cannot be found out now",
		    w->domain);
	return err_set(e, ERR_NOHOST,
	    "'%s' does not tell its mail servers (SRV, autoconfig): name one "
	    "in place of auto",
	    w->domain);
}

static int
find(struct work *w, struct discover *r, struct err *e)
{
	int got;

	if (ask_srv(w, e) < 0)
		return -1;
	for (size_t i = 0; i < w->n; i++)
		r->v[r->n++] = w->v[i].server;
	if (r->n > 0)
		return 0;
	if (w->none && !w->foreign)
		return err_set(e, ERR_NOHOST,
		    "'%s' says that it has no such service (SRV)", w->domain);
	got = w->plan->no_fetch ? 0 : ask_files(w, r, e);
	/* Without libcurl there is one way less. */
	if (got < 0 && e->kind != ERR_UNAVAILABLE)
		return -1;
	return got > 0 ? 0 : nothing(w, e);
}

int
discover(const struct discover_plan *plan, const char *address, struct arena *a,
    struct discover *r, struct err *e)
{
	struct work w = { .plan = plan, .a = a, .address = address };
	struct slice domain = addr_domain(slice_str(address)), name;

	*r = (struct discover){ .by = "SRV" };
	if (domain.n == 0)
		return err_set(e, ERR_USAGE,
		    "auto: '%s' has no domain whose servers could be found",
		    address);
	if (idna_to_ascii(domain, a, &name, e) < 0)
		return -1;
	w.domain = name.p;
	if (find(&w, r, e) < 0)
		return -1;
	for (size_t i = 0; i < r->n; i++)
		trace_say(plan->given->trace, "found %s for '%s' by %s",
		    discover_url(&r->v[i], a), address, r->by);
	return 0;
}

const char *
discover_url(const struct discover_server *s, struct arena *a)
{
	const char *name = s->kind == DISCOVER_SMTP   ? "smtp"
	                   : s->kind == DISCOVER_IMAP ? "imap"
	                                              : "pop3";

	return arena_fmt(a, "%s%s://%s:%u", name,
	    s->implicit_tls ? "s" : "+tls", s->host, s->port);
}
