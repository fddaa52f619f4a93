/* An audit as JSON (schemas/mcheckdns.json).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/jsonline.h"

#include "audit/audit.h"
#include "audit/auditkeys.h"

static void
put_record(struct buf *out, struct slice text)
{
	if (text.n)
		jsonline_slice(out, "record", text);
	else
		jsonline_null(out, "record");
}

static void
put_probe(struct buf *out, const struct audit_host *h)
{
	const struct audit_probe *p = &h->probe;

	jsonline_object(out);
	jsonline_text(out, "host", h->name);
	jsonline_bool(out, "reached", p->reached);
	jsonline_maybe(out, "tls", p->tls);
	jsonline_maybe(out, "subject", p->subject);
	jsonline_maybe(out, "until", p->until);
	jsonline_maybe(out, "problem", p->problem);
	jsonline_object_end(out);
}

static void
put_host(struct buf *out, const struct audit_host *h)
{
	jsonline_object(out);
	jsonline_number(out, "preference", h->preference);
	jsonline_maybe(out, "name", h->name);
	jsonline_array(out, "addresses");
	for (size_t i = 0; i < h->count; i++) {
		char text[IP_TEXT_MAX];

		ip_write(&h->addresses[i], text);
		jsonline_element(out, slice_str(text));
	}
	jsonline_array_end(out);
	jsonline_object_end(out);
}

static void
put_mx(struct buf *out, const struct audit_report *r)
{
	jsonline_member(out, "mx");
	jsonline_maybe(out, "state", r->mx_state);
	jsonline_array(out, "hosts");
	for (size_t i = 0; i < r->host_count; i++)
		put_host(out, &r->hosts[i]);
	jsonline_array_end(out);
	jsonline_object_end(out);
}

static void
put_spf(struct buf *out, const struct audit_report *r)
{
	jsonline_member(out, "spf");
	jsonline_maybe(out, "state", r->spf_state);
	put_record(out, r->spf_record);
	jsonline_number(out, "lookups", r->spf_lookups);
	jsonline_number(out, "voids", r->spf_voids);
	jsonline_object_end(out);
}

static void
put_dkim(struct buf *out, const struct audit_report *r)
{
	jsonline_array(out, "dkim");
	for (size_t i = 0; i < r->key_count; i++) {
		const struct audit_key *k = &r->keys[i];

		jsonline_object(out);
		jsonline_maybe(out, "selector", k->selector);
		jsonline_maybe(out, "state", k->state);
		jsonline_maybe(out, "kind", k->kind);
		if (k->kind)
			jsonline_number(out, "bits", k->bits);
		else
			jsonline_null(out, "bits");
		jsonline_object_end(out);
	}
	jsonline_array_end(out);
}

static void
put_policy(struct buf *out, const char *key, enum dmarc_policy p)
{
	jsonline_maybe(out, key, p ? dmarc_policy_name(p) : NULL);
}

/* The policies in force; null where nobody can tell. */
static void
put_view(struct buf *out, const char *key, const struct dmarc_view *v)
{
	if (!v->known) {
		jsonline_null(out, key);
		return;
	}
	jsonline_member(out, key);
	jsonline_maybe(out, "org", v->org);
	jsonline_maybe(out, "at", v->at);
	put_policy(out, "domain", v->domain);
	put_policy(out, "subdomain", v->subdomain);
	put_policy(out, "nonexistent", v->nonexistent);
	jsonline_object_end(out);
}

static void
put_dmarc(struct buf *out, const struct audit_report *r)
{
	jsonline_member(out, "dmarc");
	jsonline_maybe(out, "state", r->dmarc_state);
	put_record(out, r->dmarc_record);
	jsonline_maybe(out, "at", r->dmarc_at);
	jsonline_maybe(out, "org", r->dmarc_org);
	put_view(out, "effective", &r->dmarc_view);
	put_view(out, "rfc7489", &r->dmarc_old);
	put_policy(out, "policy", r->dmarc_policy);
	jsonline_object_end(out);
}

static void
put_only_record(struct buf *out, const char *key, struct slice text)
{
	jsonline_member(out, key);
	put_record(out, text);
	jsonline_object_end(out);
}

/* Null when it was not read. */
static void
put_policy_file(struct buf *out, const struct mtasts_policy *p)
{
	if (!p) {
		jsonline_null(out, "policy");
		return;
	}
	jsonline_member(out, "policy");
	if (p->max_age < 0)
		jsonline_null(out, "max_age");
	else
		jsonline_number(out, "max_age", p->max_age);
	jsonline_array(out, "mx");
	for (size_t i = 0; i < p->mx_count; i++)
		jsonline_element(out, p->mx[i]);
	jsonline_array_end(out);
	jsonline_object_end(out);
}

static void
put_sts(struct buf *out, const struct audit_report *r)
{
	jsonline_member(out, "sts");
	jsonline_maybe(out, "state", r->sts_state);
	jsonline_maybe(out, "id", r->sts_id);
	jsonline_maybe(out, "mode", r->sts_mode);
	put_policy_file(out, r->sts_policy);
	jsonline_object_end(out);
}

/* Null where there is nothing. */
static void
put_full(struct buf *out, const char *key, const char *text)
{
	jsonline_maybe(out, key, *text ? text : NULL);
}

static void
put_finding(struct buf *out, const struct audit_finding *f)
{
	const struct audit_rule *rule = f->rule;

	jsonline_object(out);
	jsonline_text(out, "id", rule->id);
	jsonline_maybe(out, "severity", audit_severity_name(rule->severity));
	jsonline_maybe(out, "owner", f->owner);
	put_full(out, "type", f->type);
	if (f->placed) {
		jsonline_array(out, "span");
		jsonline_element_number(out, (int64_t)f->span[0]);
		jsonline_element_number(out, (int64_t)f->span[1]);
		jsonline_array_end(out);
	} else {
		jsonline_null(out, "span");
	}
	put_full(out, "ref", rule->ref);
	jsonline_text(out, "text", rule->text);
	put_full(out, "detail", f->detail);
	put_full(out, "fix", rule->fix);
	jsonline_object_end(out);
}

static void
put_parts(struct buf *out, const struct audit_report *r)
{
	if (r->parts & AUDIT_PART_MX)
		put_mx(out, r);
	if (r->parts & AUDIT_PART_SPF)
		put_spf(out, r);
	if (r->parts & AUDIT_PART_DKIM)
		put_dkim(out, r);
	if (r->parts & AUDIT_PART_DMARC)
		put_dmarc(out, r);
	if (r->parts & AUDIT_PART_STS)
		put_sts(out, r);
	if (r->parts & AUDIT_PART_TLSRPT)
		put_only_record(out, "tlsrpt", r->tlsrpt_record);
	if (r->parts & AUDIT_PART_BIMI)
		put_only_record(out, "bimi", r->bimi_record);
	if (r->parts & AUDIT_PART_DANE) {
		jsonline_bool(out, "dnssec", r->signed_);
		jsonline_number(out, "tlsa_hosts", (int64_t)r->tlsa_hosts);
	}
}

static void
put_probes(struct buf *out, const struct audit_report *r)
{
	jsonline_array(out, "probes");
	for (size_t i = 0; i < r->host_count; i++)
		if (r->hosts[i].probe.asked)
			put_probe(out, &r->hosts[i]);
	jsonline_array_end(out);
}

static void
put_servers(struct buf *out, const struct audit_report *r)
{
	jsonline_array(out, "servers");
	for (size_t i = 0; i < r->server_count; i++) {
		const struct audit_server *s = &r->servers[i];
		char text[IP_TEXT_MAX];

		ip_write(&s->ip, text);
		jsonline_object(out);
		jsonline_text(out, "name", s->name);
		jsonline_text(out, "ip", text);
		jsonline_text(out, "state", s->state);
		if (s->has_zone)
			jsonline_number(out, "serial", s->serial);
		else
			jsonline_null(out, "serial");
		jsonline_object_end(out);
	}
	jsonline_array_end(out);
}

static void
put_counts(struct buf *out, const struct audit_report *r)
{
	jsonline_member(out, "counts");
	for (unsigned s = 0; s <= AUDIT_UNKNOWN; s++)
		jsonline_number(out, audit_severity_name(s), r->counts[s]);
	jsonline_object_end(out);
}

static void
put_findings(
    struct buf *out, const struct audit_report *r, enum audit_severity min)
{
	jsonline_array(out, "findings");
	for (size_t i = 0; i < r->count; i++)
		if (r->findings[i].rule->severity >= min)
			put_finding(out, &r->findings[i]);
	jsonline_array_end(out);
}

void
audit_json(
    const struct audit_report *r, enum audit_severity min, struct buf *out)
{
	jsonline_begin(out);
	jsonline_maybe(out, "domain", r->domain);
	jsonline_maybe(out, "ascii", r->ascii);
	put_counts(out, r);
	put_parts(out, r);
	if (r->servers)
		put_servers(out, r);
	if (r->probed)
		put_probes(out, r);
	put_findings(out, r, min);
	jsonline_end(out);
}

void
audit_run_json(
    const struct audit_run *run, enum audit_severity min, struct buf *out)
{
	jsonline_begin(out);
	jsonline_member(out, "run");
	jsonline_number(out, "keys", (int64_t)run->keys);
	jsonline_number(out, "left_out", (int64_t)run->left_out);
	jsonline_number(out, "untold", (int64_t)run->untold);
	put_counts(out, &run->r);
	put_findings(out, &run->r, min);
	jsonline_object_end(out);
	jsonline_end(out);
}
