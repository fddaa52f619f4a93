/* An audit as JSON (schemas/mcheckdns.json).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/audit.h"

/* Octets as they are, for slices that may be absent. */
static void
put_record(struct json *o, struct slice text)
{
	if (text.n)
		json_put_slice(o, "record", text);
	else
		json_put_null(o, "record");
}

static struct json *
mx_json(const struct audit_report *r)
{
	struct json *o = json_new_object(), *hosts = json_new_array();

	json_put_text(o, "state", r->mx_state);
	for (size_t i = 0; i < r->host_count; i++) {
		const struct audit_host *h = &r->hosts[i];
		struct json *host = json_new_object();
		struct json *addresses = json_new_array();

		for (size_t j = 0; j < h->count; j++) {
			char text[IP_TEXT_MAX];

			ip_write(&h->addresses[j], text);
			json_add_text(addresses, text);
		}
		json_put_number(host, "preference", h->preference);
		json_put_text(host, "name", h->name);
		json_put(host, "addresses", addresses);
		json_add(hosts, host);
	}
	json_put(o, "hosts", hosts);
	return o;
}

static struct json *
spf_json(const struct audit_report *r)
{
	struct json *o = json_new_object();

	json_put_text(o, "state", r->spf_state);
	put_record(o, r->spf_record);
	json_put_number(o, "lookups", r->spf_lookups);
	json_put_number(o, "voids", r->spf_voids);
	return o;
}

static struct json *
dkim_json(const struct audit_report *r)
{
	struct json *keys = json_new_array();

	for (size_t i = 0; i < r->key_count; i++) {
		const struct audit_key *k = &r->keys[i];
		struct json *o = json_new_object();

		json_put_text(o, "selector", k->selector);
		json_put_text(o, "state", k->state);
		json_put_text(o, "kind", k->kind);
		if (k->kind)
			json_put_number(o, "bits", k->bits);
		else
			json_put_null(o, "bits");
		json_add(keys, o);
	}
	return keys;
}

/* The policies in force; null where nobody can tell. */
static void
put_view(struct json *parent, const char *key, const struct dmarc_view *v)
{
	struct json *o;

	if (!v->known) {
		json_put_null(parent, key);
		return;
	}
	o = json_new_object();
	json_put_text(o, "org", v->org);
	json_put_text(o, "at", v->at);
	json_put_text(
	    o, "domain", v->domain ? dmarc_policy_name(v->domain) : NULL);
	json_put_text(o, "subdomain",
	    v->subdomain ? dmarc_policy_name(v->subdomain) : NULL);
	json_put_text(o, "nonexistent",
	    v->nonexistent ? dmarc_policy_name(v->nonexistent) : NULL);
	json_put(parent, key, o);
}

static struct json *
dmarc_json(const struct audit_report *r)
{
	struct json *o = json_new_object();

	json_put_text(o, "state", r->dmarc_state);
	put_record(o, r->dmarc_record);
	json_put_text(o, "at", r->dmarc_at);
	json_put_text(o, "org", r->dmarc_org);
	put_view(o, "effective", &r->dmarc_view);
	put_view(o, "rfc7489", &r->dmarc_old);
	if (r->dmarc_policy)
		json_put_text(o, "policy", dmarc_policy_name(r->dmarc_policy));
	else
		json_put_null(o, "policy");
	return o;
}

static struct json *
record_json(struct slice text)
{
	struct json *o = json_new_object();

	put_record(o, text);
	return o;
}

static struct json *
sts_json(const struct audit_report *r)
{
	struct json *o = json_new_object();

	json_put_text(o, "state", r->sts_state);
	json_put_text(o, "id", r->sts_id);
	json_put_text(o, "mode", r->sts_mode);
	return o;
}

static struct json *
finding_json(const struct audit_finding *f)
{
	const struct audit_rule *rule = f->rule;
	struct json *o = json_new_object(), *span = NULL;

	json_put_text(o, "id", rule->id);
	json_put_text(o, "severity", audit_severity_name(rule->severity));
	json_put_text(o, "owner", f->owner);
	json_put_text(o, "type", *f->type ? f->type : NULL);
	if (f->placed) {
		span = json_new_array();
		json_add_number(span, (int64_t)f->span[0]);
		json_add_number(span, (int64_t)f->span[1]);
		json_put(o, "span", span);
	} else {
		json_put_null(o, "span");
	}
	json_put_text(o, "ref", *rule->ref ? rule->ref : NULL);
	json_put_text(o, "text", rule->text);
	json_put_text(o, "detail", *f->detail ? f->detail : NULL);
	json_put_text(o, "fix", *rule->fix ? rule->fix : NULL);
	return o;
}

struct json *
audit_json(const struct audit_report *r, enum audit_severity min)
{
	struct json *o = json_new_object(), *counts = json_new_object();
	struct json *findings = json_new_array();

	json_put_text(o, "domain", r->domain);
	json_put_text(o, "ascii", r->ascii);
	for (unsigned s = 0; s <= AUDIT_UNKNOWN; s++)
		json_put_number(counts, audit_severity_name(s), r->counts[s]);
	json_put(o, "counts", counts);
	if (r->parts & AUDIT_PART_MX)
		json_put(o, "mx", mx_json(r));
	if (r->parts & AUDIT_PART_SPF)
		json_put(o, "spf", spf_json(r));
	if (r->parts & AUDIT_PART_DKIM)
		json_put(o, "dkim", dkim_json(r));
	if (r->parts & AUDIT_PART_DMARC)
		json_put(o, "dmarc", dmarc_json(r));
	if (r->parts & AUDIT_PART_STS)
		json_put(o, "sts", sts_json(r));
	if (r->parts & AUDIT_PART_TLSRPT)
		json_put(o, "tlsrpt", record_json(r->tlsrpt_record));
	if (r->parts & AUDIT_PART_BIMI)
		json_put(o, "bimi", record_json(r->bimi_record));
	if (r->parts & AUDIT_PART_DANE) {
		json_put_bool(o, "dnssec", r->signed_);
		json_put_number(o, "tlsa_hosts", (int64_t)r->tlsa_hosts);
	}
	for (size_t i = 0; i < r->count; i++)
		if (r->findings[i].rule->severity >= min)
			json_add(findings, finding_json(&r->findings[i]));
	json_put(o, "findings", findings);
	return o;
}
