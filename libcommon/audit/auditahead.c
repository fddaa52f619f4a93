/* What an audit will ask, asked ahead: all that follows from the domain's name
 * at once, then all that follows from those answers, wave by wave. The parts
 * then find the answers in the cache. Nothing is judged here: what is left out
 * is only asked later.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/spfrecord.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define WAVES     6   /* answers that lead to questions that lead to ... */
#define ASKED_MAX 256 /* questions of one wave */

/* What follows from an answer. */
enum then {
	NOTHING,
	HOSTS,   /* MX, SRV: what is asked of the hosts named */
	SPF,     /* TXT: the names in an SPF record */
	KEYS,    /* below _domainkey, unless nothing is */
	ZONE,    /* NS: the SOA */
	REVERSE, /* addresses: their names */
	FORWARD  /* those names: their addresses */
};

static const struct {
	unsigned part;
	const char *prefix;
	enum dns_type type;
	enum then then;
} first[] = {
	{ AUDIT_PARTS_ALL, "", DNS_MX, HOSTS },
	{ AUDIT_PARTS_ALL, "", DNS_TXT, SPF },
	{ AUDIT_PART_MX, "", DNS_NS, ZONE },
	{ AUDIT_PART_MX, "", DNS_DNSKEY, NOTHING },
	{ AUDIT_PART_MX, "", DNS_A, NOTHING },
	{ AUDIT_PART_MX, "", DNS_AAAA, NOTHING },
	{ AUDIT_PART_SPF, "", DNS_SPF, NOTHING },
	{ AUDIT_PART_DKIM, "_domainkey.", DNS_TXT, KEYS },
	{ AUDIT_PART_DMARC, "_dmarc.", DNS_TXT, NOTHING },
	{ AUDIT_PART_STS, "_mta-sts.", DNS_TXT, NOTHING },
	{ AUDIT_PART_STS, "mta-sts.", DNS_A, NOTHING },
	{ AUDIT_PART_STS, "mta-sts.", DNS_AAAA, NOTHING },
	{ AUDIT_PART_TLSRPT, "_smtp._tls.", DNS_TXT, NOTHING },
	{ AUDIT_PART_DANE, "_25._tcp.", DNS_TLSA, NOTHING },
	{ AUDIT_PART_DANE, "", DNS_DNSKEY, NOTHING },
	{ AUDIT_PART_BIMI, "default._bimi.", DNS_TXT, NOTHING },
	{ AUDIT_PART_SRV, "_submission._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "_submissions._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "_imap._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "_imaps._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "_pop3._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "_pop3s._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "_autodiscover._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "_sieve._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "_jmap._tcp.", DNS_SRV, HOSTS },
	{ AUDIT_PART_SRV, "autoconfig.", DNS_A, NOTHING },
	{ AUDIT_PART_SRV, "autoconfig.", DNS_AAAA, NOTHING },
	{ AUDIT_PART_SRV, "autodiscover.", DNS_A, NOTHING },
	{ AUDIT_PART_SRV, "autodiscover.", DNS_AAAA, NOTHING },
};

/* Questions of a wave. */
struct wave {
	struct audit *au;
	size_t n;
	struct dns_question q[ASKED_MAX];
	enum then then[ASKED_MAX];
};

static void
add(struct wave *w, const char *name, enum dns_type type, enum then then)
{
	if (w->n == ASKED_MAX)
		return;
	for (size_t i = 0; i < w->n; i++)
		if (w->q[i].type == type && strcmp(w->q[i].name, name) == 0)
			return;
	w->q[w->n] = (struct dns_question){ .name = name, .type = type };
	w->then[w->n++] = then;
}

static void
add_below(struct wave *w, const char *label, const char *name,
    enum dns_type type, enum then then)
{
	add(w, arena_fmt(w->au->a, "%s.%s", label, name), type, then);
}

/* What is asked of a host that MX or SRV names. */
static void
add_host(struct wave *w, const char *host, bool mx)
{
	unsigned parts = w->au->r->parts;
	bool reverse = mx && parts & AUDIT_PART_PTR;

	if (strcmp(host, ".") == 0)
		return;
	add(w, host, DNS_A, reverse ? REVERSE : NOTHING);
	add(w, host, DNS_AAAA, reverse ? REVERSE : NOTHING);
	if (!mx)
		return;
	if (parts & AUDIT_PART_DANE)
		add_below(w, "_25._tcp", host, DNS_TLSA, NOTHING);
	if (parts & AUDIT_PART_SPF && dns_name_under(host, w->au->r->ascii))
		add(w, host, DNS_TXT, NOTHING);
	for (const char *at = host; parts & AUDIT_PART_CAA && at;
	     at = strchr(at, '.'), at += at != NULL)
		add(w, at, DNS_CAA, NOTHING);
}

static void
add_hosts(struct wave *w, const struct dns_question *q)
{
	for (size_t i = 0; i < q->answer.count; i++) {
		const struct dns_record *r = &q->answer.records[i];

		if (i == AUDIT_HOSTS_MAX)
			return;
		add_host(w, q->type == DNS_MX ? r->mx.name : r->srv.target,
		    q->type == DNS_MX);
	}
}

static void
add_term(struct wave *w, const struct spfrecord_term *t)
{
	const char *name;

	if (!t->domain.n || slice_find(t->domain, '%') != SIZE_MAX)
		return;
	name = arena_copy(w->au->a, t->domain);
	switch (t->kind) {
	case SPFRECORD_INCLUDE:
	case SPFRECORD_REDIRECT:
		add(w, name, DNS_TXT, SPF);
		add(w, name, DNS_A, NOTHING);
		break;
	case SPFRECORD_A:
		add(w, name, DNS_AAAA, NOTHING);
		add(w, name, DNS_A, NOTHING);
		break;
	case SPFRECORD_MX:
		add(w, name, DNS_MX, HOSTS);
		add(w, name, DNS_A, NOTHING);
		break;
	case SPFRECORD_EXISTS:
		add(w, name, DNS_A, NOTHING);
		break;
	case SPFRECORD_ALL:
	case SPFRECORD_PTR:
	case SPFRECORD_IP4:
	case SPFRECORD_IP6:
	case SPFRECORD_EXP:
	case SPFRECORD_UNKNOWN:
		break;
	}
}

static void
add_spf(struct wave *w, const struct dns_question *q)
{
	for (size_t i = 0; i < q->answer.count; i++) {
		struct slice text = q->answer.records[i].txt.text;
		struct spfrecord record;
		struct spfrecord_fault fault;

		if (!(w->au->r->parts & AUDIT_PART_SPF) ||
		    !spfrecord_is(text) ||
		    spfrecord_read(text, w->au->a, &record, &fault) < 0)
			continue;
		for (size_t k = 0; k < record.count; k++)
			add_term(w, &record.terms[k]);
		return;
	}
}

/* What follows from an answer of the wave before. */
static void
add_next(struct wave *w, const struct dns_question *q, enum then then)
{
	const struct dns_answer *r = &q->answer;

	if (then == HOSTS)
		add_hosts(w, q);
	else if (then == SPF)
		add_spf(w, q);
	else if (then == ZONE && r->count)
		add(w, q->name, DNS_SOA, NOTHING);
	else if (then == KEYS && r->status != DNS_NXDOMAIN)
		for (size_t i = 0; i < COUNT_OF(audit_dkim_labels); i++)
			add_below(
			    w, audit_dkim_labels[i], q->name, DNS_TXT, NOTHING);
	for (size_t i = 0; i < r->count && i < AUDIT_HOSTS_MAX; i++)
		if (then == REVERSE)
			add(w, dns_reverse_name(&r->records[i].ip, w->au->a),
			    DNS_PTR, FORWARD);
		else if (then == FORWARD)
			add_host(w, r->records[i].name, false);
}

static void
add_first(struct wave *w)
{
	const struct audit_want *want = w->au->want;
	const struct audit_report *r = w->au->r;
	const char *up = r->ascii;

	for (size_t i = 0; i < COUNT_OF(first); i++)
		if (first[i].part & r->parts)
			add(w,
			    arena_fmt(
				w->au->a, "%s%s", first[i].prefix, r->ascii),
			    first[i].type, first[i].then);
	for (size_t i = 0; i < want->selector_count; i++)
		if (r->parts & AUDIT_PART_DKIM)
			add(w,
			    arena_fmt(w->au->a, "%s._domainkey.%s",
				want->selectors[i], r->ascii),
			    DNS_TXT, NOTHING);
	/* The tree walk (RFC 9989 section 4.10): at most eight names. */
	for (int i = 0; i < 7 && r->parts & AUDIT_PART_DMARC; i++) {
		up = strchr(up, '.');
		if (!up++)
			break;
		add_below(w, "_dmarc", up, DNS_TXT, NOTHING);
	}
}

int
audit_ask_ahead(struct audit *au)
{
	struct wave *waves = arena_array(au->a, 2, sizeof(*waves));
	struct wave *now = &waves[0], *next = &waves[1];

	now->au = next->au = au;
	add_first(now);
	for (int i = 0; i < WAVES && now->n; i++) {
		struct wave *done = now;

		if (dns_query_all(au->dns, now->q, now->n, au->a, au->e) < 0)
			return -1;
		next->n = 0;
		for (size_t k = 0; k < now->n; k++)
			add_next(next, &now->q[k], now->then[k]);
		now = next;
		next = done;
	}
	return 0;
}
