/* SMTP TLS reports (see tlsreport.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/json.h"

#include "report/tlsreport.h"

static struct slice
text_of(const struct json *o, const char *key, struct arena *a)
{
	struct slice s = { NULL, 0 };

	if (!o || !json_text(json_member(o, key), &s))
		return slice_of(NULL, 0);
	return slice_of(arena_copy(a, s), s.n);
}

static int64_t
number_of(const struct json *o, const char *key)
{
	int64_t n = 0;

	return o && json_number(json_member(o, key), &n) && n > 0 ? n : 0;
}

static void
read_failures(const struct json *list, struct arena *a,
    struct tlsreport_policy *p, size_t *left)
{
	size_t n = list ? size_min(json_count(list), *left) : 0;

	*left -= n;
	p->v = arena_array(a, n + 1, sizeof(*p->v));
	for (size_t i = 0; i < n; i++) {
		const struct json *o = json_item(list, i);
		struct tlsreport_failure *f = &p->v[p->n++];

		f->type = text_of(o, "result-type", a);
		f->sending_ip = text_of(o, "sending-mta-ip", a);
		f->receiving_mx = text_of(o, "receiving-mx-hostname", a);
		f->receiving_ip = text_of(o, "receiving-ip", a);
		f->reason = text_of(o, "failure-reason-code", a);
		f->count = number_of(o, "failed-session-count");
	}
}

static void
read_policies(const struct json *list, struct arena *a, struct tlsreport *r)
{
	size_t n = size_min(json_count(list), TLSREPORT_POLICIES_MAX);
	size_t left = TLSREPORT_FAILURES_MAX;

	r->v = arena_array(a, n + 1, sizeof(*r->v));
	for (size_t i = 0; i < n; i++) {
		const struct json *o = json_item(list, i);
		const struct json *policy = json_member(o, "policy");
		const struct json *sum = json_member(o, "summary");
		struct tlsreport_policy *p = &r->v[r->n++];

		p->type = text_of(policy, "policy-type", a);
		p->domain = text_of(policy, "policy-domain", a);
		p->success = number_of(sum, "total-successful-session-count");
		p->failure = number_of(sum, "total-failure-session-count");
		read_failures(json_member(o, "failure-details"), a, p, &left);
	}
}

int
tlsreport_read(
    struct slice text, struct arena *a, struct tlsreport *r_r, struct err *e)
{
	const struct json *range, *policies;
	struct json *o;

	memset(r_r, 0, sizeof(*r_r));
	if (slice_starts(text, "\xef\xbb\xbf"))
		slice_take(&text, 3);
	if (json_read(text, &o, e) < 0)
		return -1;
	policies = json_member(o, "policies");
	if (!policies || (!json_member(o, "report-id") &&
			     !json_member(o, "organization-name"))) {
		json_free(&o);
		return 0;
	}
	range = json_member(o, "date-range");
	r_r->org = text_of(o, "organization-name", a);
	r_r->contact = text_of(o, "contact-info", a);
	r_r->report_id = text_of(o, "report-id", a);
	r_r->begin = text_of(range, "start-datetime", a);
	r_r->end = text_of(range, "end-datetime", a);
	read_policies(policies, a, r_r);
	json_free(&o);
	return 1;
}
