/* mcheckdns: TLSA records held against certificates, from files alone.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/io.h"

#include "auth/dane.h"

#include "mcheckdns.h"

#define PEM_MAX (1u << 20) /* octets of a file of certificates */

static struct json *
verdict_json(const struct dane_verdict *v, const struct dane_set *set)
{
	struct json *o = json_new_object(), *dane = json_new_object();

	json_put_text(dane, "result", dane_outcome_name(v->outcome));
	if (v->record < set->count) {
		const struct dane_record *r = &set->records[v->record];

		json_put_number(dane, "record", (int64_t)v->record);
		json_put_text(dane, "usage", dane_usage_name(r->usage));
		json_put_number(dane, "depth", v->depth);
	} else {
		json_put_null(dane, "record");
		json_put_null(dane, "usage");
		json_put_null(dane, "depth");
	}
	json_put_text(dane, "why", *v->why ? v->why : NULL);
	json_put(o, "dane", dane);
	return o;
}

static void
print_verdict(struct tool_run *run, const struct dane_verdict *v,
    const struct dane_set *set)
{
	tool_print(run, "%s\n", dane_outcome_name(v->outcome));
	if (v->record < set->count) {
		const struct dane_record *r = &set->records[v->record];

		tool_print(run, "  record %zu: %u %u %u (%s)\n", v->record + 1,
		    r->usage, r->selector, r->matching,
		    dane_usage_name(r->usage));
		tool_print(run, "  matches certificate %d of the chain%s\n",
		    v->depth, v->depth == 0 ? ", the leaf" : "");
	}
	if (*v->why)
		tool_print(run, "  because: %s\n", v->why);
}

static int
read_records(struct session *s, struct dane_record *records, struct err *e)
{
	const struct opt_list *l = &s->set->tlsa;

	if (l->n == 0 || l->n > DANE_RECORDS_MAX)
		return err_set(e, ERR_USAGE,
		    "dane verify needs 1 to %d records: --tlsa 'U S M HEX'",
		    DANE_RECORDS_MAX);
	for (size_t i = 0; i < l->n; i++)
		if (dane_read(
			slice_str(l->v[i]), &s->run->arena, &records[i], e) < 0)
			return -1;
	return 0;
}

static int
read_chain(const char *path, struct cert *chain[CERT_CHAIN_MAX], size_t *n_r,
    struct err *e)
{
	struct buf pem;
	int ret;

	buf_init(&pem, PEM_MAX);
	ret = io_read_file(path, &pem, e);
	if (ret == 0 && cert_read_pem(buf_view(&pem), chain, n_r, e) < 0)
		ret = err_in(e, "%s", path);
	buf_free(&pem);
	return ret;
}

int
mcheckdns_chain(struct session *s, struct err *e)
{
	if (!s->set->chain)
		return 0;
	if (read_chain(s->set->chain, s->chain, &s->want.chain_n, e) < 0)
		return -1;
	s->want.chain = (const struct cert *const *)s->chain;
	return 0;
}

void
mcheckdns_chain_free(struct session *s)
{
	for (size_t i = 0; i < s->want.chain_n; i++)
		cert_free(&s->chain[i]);
}

/* PKIX records need authorities, and only they. */
static int
read_roots(struct session *s, const struct dane_set *set,
    struct cert_roots **roots_r, struct err *e)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->records[i].usage < DANE_TA)
			return cert_roots_open(roots_r, s->set->ca, e);
	return 0;
}

/* mcheckdns dane verify --tlsa 'U S M HEX' --chain PEM --name HOST */
static int
verify(struct session *s, struct err *e)
{
	struct dane_record records[DANE_RECORDS_MAX];
	struct cert *chain[CERT_CHAIN_MAX] = { 0 };
	struct cert_roots *roots = NULL;
	struct dane_set set;
	struct dane_check c = { .names = s->set->names.v,
		.name_count = s->set->names.n,
		.ee_names = !s->set->smtp,
		.smtp = s->set->smtp,
		.at = given_now(&s->run->given) };
	struct dane_verdict v;
	int ret = -1;

	if (!s->set->chain)
		return err_set(e, ERR_USAGE,
		    "dane verify needs the certificates: --chain FILE");
	if (read_records(s, records, e) < 0)
		return -1;
	dane_set_of(records, s->set->tlsa.n, s->set->smtp, &set);
	if (read_chain(s->set->chain, chain, &c.chain_n, e) < 0 ||
	    read_roots(s, &set, &roots, e) < 0)
		goto out;
	c.chain = (const struct cert *const *)chain;
	c.roots = roots;
	dane_verify(&set, &c, &v);
	if (s->run->common->json)
		tool_json(s->run, verdict_json(&v, &set));
	else
		print_verdict(s->run, &v, &set);
	if (v.outcome != DANE_VERIFIED)
		tool_status(s->run, ERR_NO);
	ret = 0;
out:
	cert_roots_free(&roots);
	for (size_t i = 0; i < CERT_CHAIN_MAX; i++)
		cert_free(&chain[i]);
	return ret;
}

int
mcheckdns_dane(struct session *s, struct words w, struct err *e)
{
	if (w.n == 1 && strcmp(w.v[0], "verify") == 0)
		return mcheckdns_no_record(s, "dane verify", e) < 0
		           ? -1
		           : verify(s, e);
	if (w.n > 1 && strcmp(w.v[0], "audit") == 0) {
		s->want.parts = AUDIT_PART_MX | AUDIT_PART_DANE;
		return mcheckdns_audit(
		    s, (struct words){ w.v + 1, w.n - 1 }, e);
	}
	return err_set(
	    e, ERR_USAGE, "dane needs a word: audit DOMAIN, or verify");
}
