/* mcheckdns: addresses: their reverse DNS, and block lists.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/auditdnsbl.h"

#include "mcheckdns.h"

#define NAMES_MAX 10 /* PTR names of one address looked at */

/* What reverse DNS says of an address. */
struct reverse {
	struct dns_answer ptr;
	bool back, unknown;
};

static int
look_up(
    struct session *s, const struct ip *ip, struct reverse *v, struct err *e)
{
	struct arena *a = &s->run->arena;

	*v = (struct reverse){ 0 };
	if (dns_query(s->dns, dns_reverse_name(ip, a), DNS_PTR, a, &v->ptr, e) <
	    0)
		return -1;
	v->unknown = dns_unknown(v->ptr.status);
	for (size_t i = 0; i < v->ptr.count && i < NAMES_MAX; i++) {
		struct dns_answer r;

		if (dns_query(s->dns, v->ptr.records[i].name,
			ip->n == 4 ? DNS_A : DNS_AAAA, a, &r, e) < 0)
			return -1;
		v->unknown |= dns_unknown(r.status);
		for (size_t j = 0; j < r.count; j++)
			v->back |=
			    memcmp(&r.records[j].ip, ip, sizeof(*ip)) == 0;
	}
	return 0;
}

static void
show(struct session *s, const char *text, const struct reverse *v)
{
	struct json *o, *ptr, *names;

	if (!s->run->common->json) {
		tool_print(s->run, "%s: %s\n", text,
		    !v->ptr.count ? dns_status_name(v->ptr.status)
		    : v->back     ? "leads back"
		    : v->unknown  ? "unknown"
				  : "does not lead back");
		for (size_t i = 0; i < v->ptr.count; i++)
			tool_print(s->run, "  %s\n", v->ptr.records[i].name);
		return;
	}
	o = json_new_object();
	ptr = json_new_object();
	names = json_new_array();
	json_put_text(ptr, "ip", text);
	json_put_text(ptr, "status", dns_status_name(v->ptr.status));
	for (size_t i = 0; i < v->ptr.count; i++)
		json_add_text(names, v->ptr.records[i].name);
	json_put(ptr, "names", names);
	if (v->unknown && !v->back)
		json_put_null(ptr, "fcrdns");
	else
		json_put_bool(ptr, "fcrdns", v->back);
	json_put(o, "ptr", ptr);
	tool_json(s->run, o);
}

/* mcheckdns ptr IP ... */
int
mcheckdns_ptr(struct session *s, struct words w, struct err *e)
{
	struct ip ip;

	if (w.n == 0)
		return err_set(e, ERR_USAGE, "ptr needs an address");
	if (!ip_read(slice_str(w.v[0]), &ip)) {
		s->want.parts = AUDIT_PART_MX | AUDIT_PART_PTR;
		return mcheckdns_audit(s, w, e);
	}
	if (mcheckdns_dns(s, e) < 0)
		return -1;
	for (size_t i = 0; i < w.n; i++) {
		struct reverse v;

		if (!ip_read(slice_str(w.v[i]), &ip))
			return err_set(
			    e, ERR_USAGE, "'%s' is no address", w.v[i]);
		if (look_up(s, &ip, &v, e) < 0)
			return -1;
		show(s, w.v[i], &v);
		if (!v.back)
			tool_status(s->run, v.unknown ? ERR_TEMP : ERR_NO);
	}
	return 0;
}

/* mcheckdns dnsbl IP|DOMAIN ... --list ZONE */
int
mcheckdns_dnsbl(struct session *s, struct words w, struct err *e)
{
	const struct settings *set = s->set;
	struct audit_lists lists = { set->lists.v, set->lists.n,
		set->allow_lists.v, set->allow_lists.n };

	if (w.n == 0 || (lists.block_count == 0 && lists.good_count == 0))
		return err_set(e, ERR_USAGE,
		    "dnsbl needs an address or a domain, and --list ZONE");
	if (mcheckdns_dns(s, e) < 0 || mcheckdns_settings(s, e) < 0)
		return -1;
	for (size_t i = 0; i < w.n; i++) {
		struct audit_report r;

		if (audit_dnsbl(s->dns, w.v[i], &lists, &s->run->arena, &r, e) <
		    0)
			return -1;
		mcheckdns_report(s, &r);
	}
	mcheckdns_status(s);
	return 0;
}
