/* DMARC aggregate reports (see dmarcreport.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/buf.h"

#include "text/xml.h"

#include "report/dmarcreport.h"

bool
dmarcreport_looks(struct slice text)
{
	text = slice_sub(text, 0, 2000);
	if (slice_starts(text, "\xef\xbb\xbf"))
		slice_take(&text, 3);
	text = slice_trim_start(text);
	return slice_peek(text) == '<' &&
	       (slice_starts_nocase(text, "<?xml") ||
		   slice_search(text, slice_str("feedback")) != SIZE_MAX);
}

/* One in the making. */
struct reading {
	struct arena *arena;
	struct dmarcreport *r;
	size_t cap, depth;
	const char *path[XML_DEPTH_MAX];
	struct buf text;
	struct dmarcreport_record *record;
	struct dmarcreport_auth *auth;
	struct dmarcreport_reason *reason;
	bool feedback; /* its element was there */
};

static bool
inside(const struct reading *x, const char *name)
{
	for (size_t i = 0; i < x->depth; i++)
		if (strcmp(x->path[i], name) == 0)
			return true;
	return false;
}

static const char *
new_record(struct reading *x)
{
	struct dmarcreport *r = x->r;

	if (r->n == DMARCREPORT_RECORDS_MAX)
		return "it has too many records";
	r->v =
	    arena_grow(x->arena, r->v, r->n, r->n + 1, sizeof(*r->v), &x->cap);
	x->record = &r->v[r->n++];
	memset(x->record, 0, sizeof(*x->record));
	return NULL;
}

static void
new_auth(struct reading *x, struct dmarcreport_auth **list)
{
	while (*list)
		list = &(*list)->next;
	x->auth = *list = arena_new(x->arena, sizeof(**list));
}

static void
new_reason(struct reading *x)
{
	struct dmarcreport_reason **list = &x->record->reasons;

	while (*list)
		list = &(*list)->next;
	x->reason = *list = arena_new(x->arena, sizeof(**list));
}

static const char *
start(void *arg, const char *name, UNUSED const char **atts)
{
	struct reading *x = arg;
	const char *refused = NULL;

	if (x->record && inside(x, "auth_results")) {
		if (strcmp(name, "dkim") == 0)
			new_auth(x, &x->record->auth_dkim);
		else if (strcmp(name, "spf") == 0)
			new_auth(x, &x->record->auth_spf);
	} else if (x->record && strcmp(name, "reason") == 0) {
		new_reason(x);
	} else if (strcmp(name, "record") == 0) {
		refused = new_record(x);
	} else if (strcmp(name, "feedback") == 0) {
		x->feedback = true;
	}
	x->path[x->depth++] = arena_string(x->arena, name);
	buf_reset(&x->text);
	return refused;
}

static const char *
text(void *arg, struct slice s)
{
	struct reading *x = arg;

	if (x->text.n < DMARCREPORT_TEXT_MAX)
		buf_add(&x->text, s.p,
		    size_min(s.n, DMARCREPORT_TEXT_MAX - x->text.n));
	return NULL;
}

/* Where an element's text goes: the element, what is around it (null: any),
 * and where in which struct. */
struct place {
	const char *name, *around;
	size_t at;
};

#define OF(type, name, around, field)                                          \
	{                                                                      \
		name, around, offsetof(struct type, field)                     \
	}

static const struct place of_report[] = {
	OF(dmarcreport, "version", NULL, version),
	OF(dmarcreport, "org_name", "report_metadata", org),
	OF(dmarcreport, "email", "report_metadata", email),
	OF(dmarcreport, "report_id", "report_metadata", report_id),
	OF(dmarcreport, "domain", "policy_published", domain),
	OF(dmarcreport, "p", "policy_published", p),
	OF(dmarcreport, "sp", "policy_published", sp),
	OF(dmarcreport, "np", "policy_published", np),
	OF(dmarcreport, "pct", "policy_published", pct),
	OF(dmarcreport, "adkim", "policy_published", adkim),
	OF(dmarcreport, "aspf", "policy_published", aspf),
	OF(dmarcreport, "fo", "policy_published", fo),
	OF(dmarcreport, "testing", "policy_published", testing),
	OF(dmarcreport, "discovery_method", "policy_published", discovery),
};

static const struct place of_record[] = {
	OF(dmarcreport_record, "source_ip", "row", ip),
	OF(dmarcreport_record, "disposition", "policy_evaluated", disposition),
	OF(dmarcreport_record, "dkim", "policy_evaluated", dkim),
	OF(dmarcreport_record, "spf", "policy_evaluated", spf),
	OF(dmarcreport_record, "header_from", NULL, header_from),
	OF(dmarcreport_record, "envelope_from", NULL, envelope_from),
	OF(dmarcreport_record, "envelope_to", NULL, envelope_to),
};

static const struct place of_auth[] = {
	OF(dmarcreport_auth, "domain", "auth_results", domain),
	OF(dmarcreport_auth, "selector", "auth_results", selector),
	OF(dmarcreport_auth, "scope", "auth_results", scope),
	OF(dmarcreport_auth, "result", "auth_results", result),
};

static const struct place of_reason[] = {
	OF(dmarcreport_reason, "type", "reason", type),
	OF(dmarcreport_reason, "comment", "reason", comment),
};

static bool
put(struct reading *x, void *into, const struct place *v, size_t n,
    const char *name, struct slice value)
{
	for (size_t i = 0; into && i < n; i++) {
		struct slice *at;

		if (strcmp(v[i].name, name) != 0 ||
		    (v[i].around && !inside(x, v[i].around)))
			continue;
		at = (void *)((char *)into + v[i].at);
		if (!at->n)
			*at = slice_of(arena_copy(x->arena, value), value.n);
		return true;
	}
	return false;
}

static void
put_number(struct reading *x, const char *name, struct slice value)
{
	struct dmarcreport *r = x->r;
	uint64_t *at = NULL;

	if (strcmp(name, "count") == 0 && x->record)
		at = &x->record->count;
	else if (strcmp(name, "begin") == 0)
		at = &r->begin;
	else if (strcmp(name, "end") == 0)
		at = &r->end;
	if (at)
		slice_take_number(&value, UINT32_MAX * 100ull, at);
}

static const char *
end(void *arg, const char *name)
{
	struct reading *x = arg;
	struct slice value = slice_trim(buf_view(&x->text));

	if (x->depth)
		x->depth--;
	if (value.n) {
		put_number(x, name, value);
		if (!put(x, x->reason, of_reason, COUNT_OF(of_reason), name,
			value) &&
		    !put(x, x->auth, of_auth, COUNT_OF(of_auth), name, value) &&
		    !put(x, x->record, of_record, COUNT_OF(of_record), name,
			value))
			put(x, x->r, of_report, COUNT_OF(of_report), name,
			    value);
	}
	if (strcmp(name, "record") == 0)
		x->record = NULL;
	if (strcmp(name, "reason") == 0)
		x->reason = NULL;
	if (strcmp(name, "auth_results") == 0)
		x->auth = NULL;
	buf_reset(&x->text);
	return NULL;
}

int
dmarcreport_read(
    struct slice in, struct arena *a, struct dmarcreport *r_r, struct err *e)
{
	static const struct xml_calls calls = { start, text, end };
	struct reading x = { .arena = a, .r = r_r };
	int r;

	memset(r_r, 0, sizeof(*r_r));
	buf_init(&x.text, DMARCREPORT_TEXT_MAX + 1);
	r = xml_read(in, &calls, &x, e);
	buf_free(&x.text);
	if (r < 0)
		return err_in(e, "a DMARC report");
	return x.feedback ? 0
	                  : err_set(e, ERR_DATA, "XML, but no DMARC report");
}
