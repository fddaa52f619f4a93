/* Questions answered: from the overlay, master files, what is kept, and the
 * network (see dns.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"
#include "base/mem.h"

#include "net/dnsparts.h"

#define FAILURE_TTL 30 /* seconds a failure is kept (RFC 2308 section 7) */
#define TTL_LEAST   5  /* or that long: one audit asks for a name repeatedly */
#define TTL_MAX     86400

/* Joins the answer of one step to those before it. */
static void
join(struct dns_way *w, const struct dns_answer *step, bool open)
{
	struct dns_answer *all = &w->got;
	bool first = all->chain_count == 0;

	if (step->chain_count && !all->chain)
		all->chain =
		    arena_array(w->a, DNS_CHAIN_MAX, sizeof(*all->chain));
	for (size_t i = 0; i < step->chain_count; i++) {
		if (all->chain_count == DNS_CHAIN_MAX) {
			*all = (struct dns_answer){ .status = DNS_SERVFAIL,
				.name = step->name,
				.chain = all->chain,
				.chain_count = all->chain_count };
			w->done = true;
			return;
		}
		all->chain[all->chain_count++] = step->chain[i];
	}
	all->status = step->status;
	/* A name of the overlay exists, whoever else denies it. */
	if (w->overlaid && step->status == DNS_NXDOMAIN)
		all->status = DNS_NODATA;
	all->name = step->name;
	all->secure = step->secure && (first || all->secure);
	all->outside |= step->outside && !w->overlaid;
	all->wildcard |= step->wildcard;
	all->marks |= step->marks;
	all->took += step->took;
	all->ttl = step->ttl < all->ttl ? step->ttl : all->ttl;
	all->records = step->records;
	all->count = step->count;
	w->done = !open || !dnsname_read(step->name, &w->at);
}

bool
dnsway_overlay(struct dns *d, struct dns_way *w)
{
	struct dns_answer step;
	bool open;

	if (!d->overlay || w->done)
		return false;
	zone_find(d->overlay, &w->at, w->q->type, w->a, &step);
	step.name = w->got.name;
	w->overlaid = step.status != DNS_NXDOMAIN;
	if (step.status == DNS_NXDOMAIN || step.status == DNS_NODATA)
		return false;
	open = step.status == DNS_OK && step.count == 0;
	if (open)
		step.name = step.chain[0];
	join(w, &step, open);
	return true;
}

void
dnsway_zone(struct dns *d, struct dns_way *w)
{
	while (!w->done) {
		struct dns_answer step;
		bool open;

		if (dnsway_overlay(d, w))
			continue;

		zone_find(d->zone, &w->at, w->q->type, w->a, &step);
		step.name = w->got.name;
		open = step.status == DNS_OK && step.count == 0;
		if (open)
			step.name = step.chain[0];
		join(w, &step, open);
	}
}

static int64_t
keep_until(const struct dnsask_question *q, struct arena *a)
{
	struct arena_mark mark = arena_mark(a);
	int64_t ttl = FAILURE_TTL;
	struct dns_answer r;
	bool open;

	if (q->status == DNS_OK) {
		dnswire_answer(
		    buf_view(&q->message), &q->name, q->type, a, &r, &open);
		ttl = dns_unknown(r.status) ? FAILURE_TTL
		      : r.ttl > TTL_MAX     ? TTL_MAX
		      : r.ttl < TTL_LEAST   ? TTL_LEAST
		                            : r.ttl;
		arena_release(a, mark);
	}
	return clock_deadline(ttl * 1000);
}

/* Whether AD counts depends on who said it. What was learned on the way stays
 * with the message; with none, because TCP failed, a bare header stands for
 * that. */
static void
keep_marks(const struct dns *d, struct dnsask_question *q)
{
	struct buf *m = &q->message;

	if (q->status != DNS_OK) {
		buf_reset(m);
		for (int i = 0; q->marks & DNS_TCP_FAILED && i < 12; i++)
			buf_char(m, 0);
	} else if (m->n > 3 && m->p[3] & 0x20 && !d->trust_ad && q->server &&
		   !q->server->loopback) {
		m->p[3] = (char)(m->p[3] & ~0x20);
		q->marks |= DNS_CLAIMED;
	}
	dnswire_put_marks(m, q->marks);
}

void
dnsway_keep(struct dns *d, struct dnsask_question *q,
    struct dnscache_entry *entry, struct arena *a, bool asked)
{
	struct slice message;

	keep_marks(d, q);
	message = buf_view(&q->message);
	if (d->tape && asked)
		dnstape_add(d->tape, &q->name, q->type, q->status, message);
	dnscache_fill(
	    d->cache, entry, q->status, message, asked ? keep_until(q, a) : 0);
	dnsask_clear(q);
}

/* Signatures alone are not validated: that is what they are looked at for. */
static int
ask_all(struct dns *d, struct dnsask_question *q, size_t n, struct err *e)
{
	size_t end;
	int ret = 0;

	if (!d->valid)
		return dnsask_all(d->ask, q, n, e);
	for (size_t i = 0; i < n && ret == 0; i = end) {
		bool sigs = q[i].type & DNS_SIGS;

		for (end = i; end < n && !(q[end].type & DNS_SIGS) == !sigs;)
			end++;
		if (sigs)
			ret = dnsask_all(d->ask, &q[i], end - i, e);
		else
			dnsvalid_ask(d->valid, &q[i], end - i);
	}
	return ret;
}

/* Asks the network what nobody else asks or knows: fills all of our claims,
 * whatever happens. */
static int
ask_network(struct dns *d, struct dnsask_question *mine,
    struct dnscache_entry **entries, size_t n, struct arena *a, struct err *e)
{
	int ret = n && !d->replay ? ask_all(d, mine, n, e) : 0;

	for (size_t i = 0; i < n; i++)
		dnsway_keep(d, &mine[i], entries[i], a, ret == 0);
	return ret;
}

void
dnsway_take(struct dns *d, struct dns_way *w)
{
	struct dns_answer step = { .name = w->got.name };
	struct slice message;
	bool open = false;

	step.status = dnscache_take(d->cache, w->entry, w->a, &message);
	if (message.n && step.status != DNS_OK)
		step.marks = DNS_TCP_FAILED;
	else if (message.n)
		dnswire_answer(message, &w->at, w->q->type, w->a, &step, &open);
	join(w, &step, open);
}

/* One step for every question that is not done. */
static int
round_of(struct dns *d, struct dns_way *ways, size_t n, struct arena *a,
    struct err *e)
{
	struct dnsask_question *mine = mem_array(n, sizeof(*mine));
	struct dnscache_entry **entries = mem_array(n, sizeof(*entries));
	int64_t now = clock_ms();
	size_t count = 0;
	int ret;

	for (size_t i = 0; i < n; i++) {
		bool ours;

		if (ways[i].done)
			continue;
		ways[i].entry = dnscache_claim(
		    d->cache, &ways[i].at, ways[i].q->type, now, &ours);
		if (!ours)
			continue;
		mine[count].name = ways[i].at;
		mine[count].type = ways[i].q->type;
		mine[count].status = DNS_TIMEOUT;
		entries[count++] = ways[i].entry;
	}
	ret = ask_network(d, mine, entries, count, a, e);
	for (size_t i = 0; i < n; i++)
		if (!ways[i].done)
			dnsway_take(d, &ways[i]);
	mem_free(mine);
	mem_free(entries);
	return ret;
}

void
dnsway_end(const struct dns *d, struct dns_way *w)
{
	const struct dns_question *q = w->q;
	const struct dns_answer *r = &q->answer;

	w->q->answer = w->got;
	if (!d->given || !trace_on(d->given->trace, TRACE_DECISION))
		return;
	trace_say(d->given->trace, "dns: %s %s: %s, %zu%s%s",
	    dns_type_name(q->type), q->name, dns_status_name(r->status),
	    r->count, r->chain_count ? " at " : "",
	    r->chain_count ? r->name : "");
}

void
dnsway_start(struct dns_way *w, struct dns_question *q, struct arena *a)
{
	*w = (struct dns_way){ .q = q, .a = a };
	w->got.name = q->name;
	w->got.ttl = INT32_MAX;
	w->done = !dnsname_read(q->name, &w->at);
	if (w->done)
		w->got.status = DNS_NXDOMAIN;
}

int
dns_query_all(struct dns *d, struct dns_question *q, size_t n, struct arena *a,
    struct err *e)
{
	struct dns_way one = { 0 };
	struct dns_way *ways = n == 1 ? &one : mem_array(n, sizeof(*ways));
	int64_t start = d->zone ? 0 : clock_ms();
	bool open = true;
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		dnsway_start(&ways[i], &q[i], a);
		if (d->zone)
			dnsway_zone(d, &ways[i]);
	}
	while (!d->zone && ret == 0 && open) {
		open = false;
		for (size_t i = 0; i < n && d->overlay; i++)
			while (dnsway_overlay(d, &ways[i]))
				;
		ret = round_of(d, ways, n, a, e);
		for (size_t i = 0; i < n; i++)
			open |= !ways[i].done;
	}
	for (size_t i = 0; i < n; i++)
		dnsway_end(d, &ways[i]);
	if (n == 1 && !d->zone && !d->replay)
		q->answer.took = (uint32_t)(clock_ms() - start);
	if (ways != &one)
		mem_free(ways);
	return ret;
}

int
dns_query(struct dns *d, const char *name, enum dns_type type, struct arena *a,
    struct dns_answer *r, struct err *e)
{
	struct dns_question q = { .name = name, .type = type };
	int ret;

	ret = dns_query_all(d, &q, 1, a, e);
	*r = q.answer;
	/* No chain and no name: it could not be read. */
	if (ret == 0 && r->status == DNS_NXDOMAIN && !r->chain &&
	    !dns_name_ok(name))
		return err_set(e, ERR_DATA, "'%s' is no domain name", name);
	return ret;
}
