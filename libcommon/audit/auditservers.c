/* Each authoritative server of the zone, asked for itself: do they say the
 * same (RFC 1912 section 2.1)?
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/spfrecord.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define UP_MAX        16   /* labels to climb to the top of the zone */
#define QUESTIONS_MAX 64   /* to each server */
#define TEXT_MAX      4096 /* octets of an answer as text; the rest is cut */
#define SHOWN         240  /* of them in a finding */
#define DETAIL_MAX    1000 /* octets of a finding's detail */
#define FIRST         0    /* place of the SOA among the questions */

/* What is asked of every server. */
struct look {
	struct audit *au;
	const char *zone;
	struct dns_question q[QUESTIONS_MAX];
	size_t n;
	struct dns_question *all;        /* of each server, one after another */
	const char *texts[DNS_EACH_MAX]; /* of one question; null: not known */
};

static void
add(struct look *l, const char *name, enum dns_type type)
{
	if (l->n == QUESTIONS_MAX || !dns_name_under(name, l->zone))
		return;
	l->q[l->n++] = (struct dns_question){ .name = name, .type = type };
}

static void
add_below(struct look *l, const char *label, enum dns_type type)
{
	add(l, arena_fmt(l->au->a, "%s.%s", label, l->au->r->ascii), type);
}

static void
add_questions(struct look *l)
{
	const struct audit_report *r = l->au->r;

	add(l, l->zone, DNS_SOA);
	add(l, l->zone, DNS_NS);
	if (r->parts & AUDIT_PART_MX)
		add(l, r->ascii, DNS_MX);
	if (r->parts & AUDIT_PART_SPF)
		add(l, r->ascii, DNS_TXT);
	if (r->parts & AUDIT_PART_DMARC)
		add_below(l, "_dmarc", DNS_TXT);
	if (r->parts & AUDIT_PART_STS)
		add_below(l, "_mta-sts", DNS_TXT);
	if (r->parts & AUDIT_PART_TLSRPT)
		add_below(l, "_smtp._tls", DNS_TXT);
	if (r->parts & AUDIT_PART_BIMI)
		add_below(l, "default._bimi", DNS_TXT);
	for (size_t i = 0; i < r->key_count; i++)
		add(l, r->keys[i].owner, DNS_TXT);
	for (size_t i = 0; i < r->host_count; i++) {
		const char *host = r->hosts[i].name;

		add(l, host, DNS_A);
		add(l, host, DNS_AAAA);
		if (r->parts & AUDIT_PART_DANE)
			add(l, arena_fmt(l->au->a, "_25._tcp.%s", host),
			    DNS_TLSA);
	}
}

/* The zone that the domain is in, and its servers as the resolver has them. */
static const char *
find_zone(struct audit *au, struct dns_answer *ns)
{
	const char *zone = au->r->ascii;

	for (int i = 0; i < UP_MAX && zone; i++) {
		audit_ask(au, zone, DNS_NS, ns);
		if (ns->count && !ns->chain_count)
			return zone;
		zone = strchr(zone, '.');
		zone += zone != NULL;
	}
	return NULL;
}

static void
add_server(struct audit *au, const char *name, const struct ip *ip)
{
	struct audit_report *r = au->r;

	if (r->server_count < DNS_EACH_MAX && dns_has_way(ip))
		r->servers[r->server_count++] =
		    (struct audit_server){ .name = name, .ip = *ip };
}

static void
find_servers(struct audit *au, const struct dns_answer *ns)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	struct dns_answer r;

	au->r->servers =
	    arena_array(au->a, DNS_EACH_MAX, sizeof(*au->r->servers));
	for (size_t i = 0; i < ns->count && i < DNS_EACH_MAX; i++)
		for (size_t t = 0; t < COUNT_OF(types); t++) {
			audit_ask(au, ns->records[i].name, types[t], &r);
			for (size_t k = 0; k < r.count; k++)
				add_server(
				    au, ns->records[i].name, &r.records[k].ip);
		}
}

static const char *
text_of_tlsa(struct audit *au, const struct dns_record *r)
{
	const char *text;
	struct buf out;

	buf_init(&out, TEXT_MAX);
	buf_fmt(&out, "%u %u %u ", r->tlsa.usage, r->tlsa.selector,
	    r->tlsa.matching);
	for (size_t i = 0; i < r->tlsa.data.n; i++)
		buf_fmt(&out, "%02x", (unsigned)slice_at(r->tlsa.data, i));
	text = arena_copy(au->a, buf_view(&out));
	buf_free(&out);
	return text;
}

static const char *
text_of_record(struct audit *au, enum dns_type type, const struct dns_record *r)
{
	char ip[IP_TEXT_MAX];

	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		ip_write(&r->ip, ip);
		return arena_string(au->a, ip);
	case DNS_MX:
		return arena_fmt(au->a, "%u %s", r->mx.preference, r->mx.name);
	case DNS_TXT:
		return arena_fmt(au->a, "\"%.*s\"", SLICE_ARG(r->txt.text));
	case DNS_TLSA:
		return text_of_tlsa(au, r);
	default:
		return r->name;
	}
}

static int
compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The domain's own TXT records, of which only SPF counts. */
static bool
is_own_txt(const struct look *l, const struct dns_question *q)
{
	return q->type == DNS_TXT && strcmp(q->name, l->au->r->ascii) == 0;
}

/* The answer as text, equal for equal ones: RRsets have no order. */
static const char *
text_of(struct look *l, const struct dns_question *q)
{
	const struct dns_answer *r = &q->answer;
	bool spf = is_own_txt(l, q);
	const char **texts =
	    arena_array(l->au->a, r->count + 1, sizeof(*texts));
	struct buf out;
	size_t n = 0;
	const char *text;

	if (r->chain_count)
		return arena_fmt(l->au->a, "CNAME %s", r->chain[0]);
	for (size_t i = 0; i < r->count; i++)
		if (!spf || spfrecord_is(r->records[i].txt.text))
			texts[n++] =
			    text_of_record(l->au, q->type, &r->records[i]);
	if (n == 0)
		return "nothing";
	qsort(texts, n, sizeof(*texts), compare_text);
	buf_init(&out, TEXT_MAX);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&out, "%s%s", i ? ", " : "", texts[i]);
	text = arena_copy(l->au->a, buf_view(&out));
	buf_free(&out);
	return text;
}

/* The first server that says the same as server i. */
static size_t
first_alike(const struct look *l, size_t i)
{
	size_t k = 0;

	while (k < i && (!l->texts[k] || strcmp(l->texts[k], l->texts[i])))
		k++;
	return k;
}

/* What server i says, and all who say the same. */
static void
put_group(const struct look *l, size_t i, struct buf *out)
{
	const struct audit_report *r = l->au->r;

	buf_fmt(out, "%s%.*s%s: ", out->n ? "; " : "", SHOWN, l->texts[i],
	    strlen(l->texts[i]) > SHOWN ? "..." : "");
	for (size_t k = i; k < r->server_count; k++) {
		const struct audit_server *s = &r->servers[k];
		char ip[IP_TEXT_MAX];

		if (!l->texts[k] || first_alike(l, k) != i)
			continue;
		ip_write(&s->ip, ip);
		buf_fmt(out, "%s%s %s", k > i ? ", " : "", s->name, ip);
		if (s->has_zone)
			buf_fmt(out, " (serial %u)", (unsigned)s->serial);
	}
}

/* A question all were asked. */
static void
compare(struct look *l, size_t at)
{
	const struct dns_question *q = &l->q[at];
	struct audit_report *r = l->au->r;
	enum audit_id id = is_own_txt(l, q) ? AUDIT_SPF_NS_INCONSISTENT
	                                    : AUDIT_DNS_NS_INCONSISTENT;
	size_t groups = 0;
	struct buf out;

	buf_init(&out, DETAIL_MAX);
	for (size_t i = 0; i < r->server_count; i++) {
		const struct dns_question *mine = &l->all[i * l->n + at];
		bool known = !dns_unknown(mine->answer.status);

		l->texts[i] = known ? text_of(l, mine) : NULL;
		groups += known && first_alike(l, i) == i;
	}
	for (size_t i = 0; i < r->server_count && groups > 1; i++)
		if (l->texts[i] && first_alike(l, i) == i)
			put_group(l, i, &out);
	if (groups > 1)
		audit_add(l->au, id, q->name, dns_type_name(q->type), NULL,
		    "%s", buf_str(&out));
	buf_free(&out);
}

/* One server by itself: is it there, and has it the zone? A name that it has
 * given away to others is none of its business. */
static void
judge(struct look *l, size_t at)
{
	struct audit_server *s = &l->au->r->servers[at];
	const struct dns_question *q = &l->all[at * l->n];
	const struct dns_answer *soa = &q[FIRST].answer;
	char ip[IP_TEXT_MAX];
	unsigned marks = 0;

	ip_write(&s->ip, ip);
	s->state = dns_status_name(soa->status);
	s->has_zone = soa->count > 0;
	if (s->has_zone)
		s->serial = soa->records[0].soa.serial;
	for (size_t i = 0; i < l->n; i++)
		marks |= q[i].answer.marks;
	if (marks & DNS_NO_EDNS)
		audit_add(
		    l->au, AUDIT_DNS_EDNS_BROKEN, s->name, "", NULL, "%s", ip);
	if (marks & DNS_TCP_FAILED)
		audit_add(
		    l->au, AUDIT_DNS_TCP_FAILED, s->name, "", NULL, "%s", ip);
	if (soa->status == DNS_SERVFAIL)
		audit_add(l->au, AUDIT_DNS_SERVFAIL, s->name, "", NULL,
		    "%s, asked for the SOA of %s", ip, l->zone);
	else if (soa->status != DNS_OK && soa->status != DNS_TIMEOUT)
		audit_add(l->au, AUDIT_DNS_NS_INCONSISTENT, l->zone, "NS", NULL,
		    "%s %s has not the zone: %s", s->name, ip, s->state);
	for (size_t i = 0; i < l->n; i++)
		if (q[i].answer.status == DNS_TIMEOUT) {
			audit_add(l->au, AUDIT_DNS_TIMEOUT, s->name, "", NULL,
			    "%s, asked for the %s of %s", ip,
			    dns_type_name(q[i].type), q[i].name);
			break;
		}
}

void
audit_servers(struct audit *au)
{
	struct look *l = arena_array(au->a, 1, sizeof(*l));
	struct audit_report *r = au->r;
	struct ip ips[DNS_EACH_MAX];
	struct dns_answer ns;

	l->au = au;
	l->zone = find_zone(au, &ns);
	if (!l->zone)
		return;
	find_servers(au, &ns);
	add_questions(l);
	if (r->server_count == 0)
		return;
	l->all = arena_array(au->a, r->server_count * l->n, sizeof(*l->all));
	for (size_t i = 0; i < r->server_count; i++) {
		ips[i] = r->servers[i].ip;
		memcpy(&l->all[i * l->n], l->q, l->n * sizeof(*l->q));
	}
	if (dns_query_each(au->dns, ips, r->server_count, au->want->ns_port,
		l->all, l->n, au->a, au->e) < 0) {
		au->broken = true;
		return;
	}
	for (size_t i = 0; i < r->server_count; i++)
		judge(l, i);
	for (size_t i = FIRST + 1; i < l->n; i++)
		compare(l, i);
}
