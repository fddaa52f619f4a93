/* TLSA records: read, judged, looked up.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dane.h"

#define SHA256_SIZE 32
#define SHA512_SIZE 64

const char *
dane_outcome_name(enum dane_outcome o)
{
	static const char *const names[] = { "verified", "no-record",
		"no-match", "untrusted", "wrong-name" };

	return names[o];
}

const char *
dane_usage_name(unsigned usage)
{
	static const char *const names[] = { "PKIX-TA", "PKIX-EE", "DANE-TA",
		"DANE-EE" };

	return usage < COUNT_OF(names) ? names[usage] : "?";
}

static bool
take_field(struct slice *s, unsigned *r)
{
	uint64_t n;

	*s = slice_trim_start(*s);
	if (!slice_take_number(s, 255, &n))
		return false;
	*r = (unsigned)n;
	return s->n == 0 || ascii_is_blank(slice_peek(*s));
}

int
dane_read(
    struct slice text, struct arena *a, struct dane_record *r, struct err *e)
{
	struct slice s = text;
	char *data;
	size_t n = 0;

	*r = (struct dane_record){ 0 };
	if (!take_field(&s, &r->usage) || !take_field(&s, &r->selector) ||
	    !take_field(&s, &r->matching))
		return err_set(e, ERR_DATA,
		    "'%.*s' is no TLSA record: give usage, selector, matching "
		    "type and hexadecimal data",
		    (int)size_min(text.n, 80), text.p);
	data = arena_new(a, s.n / 2 + 1);
	for (int high = -1; s.n;) {
		int c = slice_get(&s), v = ascii_hex(c);

		if (ascii_is_blank(c) || c == '(' || c == ')' || c == '\n')
			continue;
		if (v < 0 || (s.n == 0 && high < 0))
			return err_set(e, ERR_DATA,
			    "data of TLSA record is not hexadecimal");
		if (high < 0) {
			high = v;
		} else {
			data[n++] = (char)(high << 4 | v);
			high = -1;
		}
	}
	if (n == 0)
		return err_set(e, ERR_DATA, "TLSA record without data");
	r->data = slice_of(data, n);
	return 0;
}

const char *
dane_fault(const struct dane_record *r, bool smtp)
{
	if (r->usage > DANE_EE)
		return "certificate usage is not known";
	if (r->selector > 1)
		return "selector is not known";
	if (r->matching > CERT_MATCH_SHA512)
		return "matching type is not known";
	if (r->matching == CERT_MATCH_SHA256 && r->data.n != SHA256_SIZE)
		return "SHA2-256 digest does not have 32 octets";
	if (r->matching == CERT_MATCH_SHA512 && r->data.n != SHA512_SIZE)
		return "SHA2-512 digest does not have 64 octets";
	if (r->data.n == 0)
		return "no data";
	if (smtp && r->usage < DANE_TA)
		return "PKIX usages are not for SMTP";
	return NULL;
}

void
dane_set_of(const struct dane_record *records, size_t n, bool smtp,
    struct dane_set *set)
{
	*set = (struct dane_set){ .state = DANE_ABSENT,
		.records = (struct dane_record *)(uintptr_t)records,
		.count = size_min(n, DANE_RECORDS_MAX) };
	if (n)
		set->state = DANE_UNUSABLE;
	for (size_t i = 0; i < set->count; i++)
		if (!dane_fault(&records[i], smtp))
			set->state = DANE_USABLE;
}

/* TLSA at one base domain; false when the next one is to be tried. */
static int
find_at(struct dns *d, const char *base, unsigned port, bool smtp,
    struct arena *a, struct dane_set *set, struct err *e)
{
	const char *name = arena_fmt(a, "_%u._tcp.%s", port, base);
	struct dns_answer r = { .status = DNS_NXDOMAIN };
	struct dane_record *records;

	if (dns_name_ok(name) && dns_query(d, name, DNS_TLSA, a, &r, e) < 0)
		return -1;
	set->status = r.status;
	set->base = base;
	if (dns_unknown(r.status)) {
		set->state = DANE_DEFER;
		return 1;
	}
	if (r.count == 0 || !r.secure)
		return 0;
	records = arena_array(a, r.count, sizeof(*records));
	for (size_t i = 0; i < r.count; i++)
		records[i] = (struct dane_record){ r.records[i].tlsa.usage,
			r.records[i].tlsa.selector, r.records[i].tlsa.matching,
			r.records[i].tlsa.data };
	dane_set_of(records, r.count, smtp, set);
	set->status = r.status;
	set->base = base;
	return 1;
}

/* Where TLSA may stand for a host: at the end of a secure chain of CNAMEs, and
 * at its start when that is secure (RFC 7672, 2.2.2). */
static int
candidates(struct dns *d, const char *host, struct arena *a,
    const char *base_r[2], enum dns_status *status_r, struct err *e)
{
	struct dns_question q[] = { { host, DNS_A, { 0 } },
		{ host, DNS_AAAA, { 0 } } };
	const struct dns_answer *r;
	struct dns_answer alias;
	int n = 0;

	if (dns_query_all(d, q, COUNT_OF(q), a, e) < 0)
		return -1;
	r = &q[0].answer;
	if (r->count == 0 &&
	    (q[1].answer.count || dns_unknown(q[1].answer.status)))
		r = &q[1].answer;
	*status_r = r->status;
	if (dns_unknown(r->status))
		return 0;
	if (r->secure) {
		if (r->chain_count)
			base_r[n++] = r->name;
		base_r[n++] = host;
	} else if (r->chain_count) {
		if (dns_query(d, host, DNS_CNAME, a, &alias, e) < 0)
			return -1;
		if (alias.secure && alias.count)
			base_r[n++] = host;
	}
	return n;
}

int
dane_find(struct dns *d, const char *host, unsigned port, bool smtp,
    struct arena *a, struct dane_set *set, struct err *e)
{
	const char *base[2] = { 0 };
	enum dns_status status;
	int n, got;

	*set = (struct dane_set){ .state = DANE_ABSENT, .base = host };
	if (!dns_name_ok(host))
		return 0;
	n = candidates(d, host, a, base, &status, e);
	if (n < 0)
		return -1;
	set->status = status;
	if (n == 0 && dns_unknown(status))
		set->state = DANE_DEFER;
	for (int i = 0; i < n; i++) {
		got = find_at(d, base[i], port, smtp, a, set, e);
		if (got != 0)
			return got < 0 ? -1 : 0;
	}
	return 0;
}
