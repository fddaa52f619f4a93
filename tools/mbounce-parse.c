/* mbounce-parse: reads delivery status notifications (RFC 3464), prints a fact
 * for each recipient.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/date.h"

#include "crypt/digest.h"

#include "msg/header.h"

#include "store/source.h"

#include "report/dsn.h"

#include "tool.h"

struct settings {
	struct tool_common common;
	bool quiet;
};

static const struct opt options[] = {
	OPT_FLAG('q', "quiet", struct settings, quiet,
	    "say nothing of messages that are no report"),
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

/* One message on its way to output. */
struct item {
	struct tool_run *run;
	const struct settings *set;
	const struct source_message *m;
	struct arena arena;
	struct dsn d;
	char date[DATE_TEXT_MAX]; /* of the message, or "" */
	char sha256[DIGEST_HEX_MAX];
};

static const char *
kind_of(const struct dsn_recipient *r)
{
	switch (r->action) {
	case REASON_DELAYED:
		return "delay";
	case REASON_FAILED:
	case REASON_ACTION_NONE:
		return "bounce";
	default:
		return "success";
	}
}

static void
put(struct json *o, const char *key, struct slice s)
{
	if (s.n)
		json_put_slice(o, key, s);
}

static struct json *
begin_json(const struct item *i, size_t n, size_t of, const char *kind)
{
	struct json *o = json_new_object();

	json_put_text(o, "src", i->m->path);
	json_put_number(o, "msg", (int64_t)i->m->in_path);
	json_put_number(o, "n", (int64_t)n);
	json_put_number(o, "of", (int64_t)of);
	json_put_text(o, "msg_sha256", i->sha256);
	put(o, "date", slice_str(i->date));
	json_put_text(o, "kind", kind);
	return o;
}

static void
put_reason(struct json *o, const struct dsn_recipient *r)
{
	char rule[REASON_RULE_MAX];
	struct reason_facts f = { r->action, r->status, r->reply, r->diag };
	const struct reason *why = reason_of(&f, rule);

	json_put_text(o, "class", reason_class_name(why->class));
	json_put_text(o, "reason", why->name);
	json_put_text(o, "scope", reason_scope_name(why->scope));
	json_put_text(o, "act", reason_act_name(why->act));
	put(o, "diag", r->diag);
	put(o, "diag_type", r->diag_type);
	put(o, "rmta", r->remote_mta);
	json_put_text(o, "rule", rule);
}

static void
put_derived(struct json *o, const struct dsn_recipient *r)
{
	struct json *list;

	if (!r->action_inferred && !r->status_inferred)
		return;
	list = json_new_array();
	if (r->action_inferred)
		json_add_text(list, "action");
	if (r->status_inferred)
		json_add_text(list, "status");
	json_put(o, "derived", list);
}

static void
show_json(const struct item *i, size_t k)
{
	static const char *const formats[] = { "rfc3464", "rfc6533",
		"rfc3464-mislabelled" };
	const struct dsn_recipient *r = &i->d.v[k];
	struct json *o = begin_json(i, k + 1, i->d.n, kind_of(r));

	json_put_text(o, "format", formats[i->d.format]);
	put(o, "rcpt", r->final);
	put(o, "orig_rcpt", r->original);
	json_put_text(o, "action", reason_action_name(r->action));
	put(o, "status", r->status);
	if (r->reply)
		json_put_number(o, "reply", r->reply);
	put_reason(o, r);
	put(o, "lmta", i->d.reporting_mta);
	put(o, "arrival", i->d.arrival);
	put(o, "last_try", r->last_attempt);
	put(o, "will_retry_until", r->will_retry_until);
	put(o, "envid", i->d.envid);
	put(o, "orig_msgid", i->d.orig_msgid);
	put_derived(o, r);
	tool_json(i->run, o);
}

static void
show_text(const struct item *i, size_t k)
{
	const struct dsn_recipient *r = &i->d.v[k];
	struct reason_facts f = { r->action, r->status, r->reply, r->diag };
	char rule[REASON_RULE_MAX];
	const struct reason *why = reason_of(&f, rule);
	struct slice status = r->status.n ? r->status : slice_str("-");

	tool_print(i->run, "%s %.*s %.*s %s (%s)%s%.*s\n", kind_of(r),
	    SLICE_ARG(r->final), SLICE_ARG(status), why->name,
	    reason_class_name(why->class), r->diag.n ? ": " : "",
	    SLICE_ARG(r->diag));
}

static void
show_none(const struct item *i, const char *why)
{
	struct json *o;

	if (i->set->quiet)
		return;
	if (!i->set->common.json) {
		tool_print(i->run, "none %s %llu: %s\n", i->m->path,
		    (unsigned long long)i->m->in_path, why);
		return;
	}
	o = begin_json(i, 1, 1, "none");
	json_put_text(o, "why", why);
	tool_json(i->run, o);
}

/* What names the message: its digest and its date. */
static int
identify(struct item *i, struct err *e)
{
	unsigned char digest[DIGEST_MAX];
	struct header h;
	int64_t t;

	if (i->set->common.json) {
		if (digest_of(DIGEST_SHA256, i->m->bytes, digest, e) < 0)
			return -1;
		digest_hex(digest, DIGEST_SHA256_SIZE, i->sha256);
	}
	if (header_read(i->m->bytes, &i->arena, &h, e) == 0 &&
	    date_parse(header_value(&h, "Date", &i->arena), &t, NULL))
		date_make_3339(t, 0, i->date);
	return 0;
}

/* gzip or ZIP, as reports come out of their mails: none here, but no garbage
 * either. */
static bool
is_packed(struct slice s)
{
	return slice_starts(s, "\x1f\x8b") || slice_starts(s, "PK\003\004");
}

/* True when the message told something. */
static bool
parse(struct item *i)
{
	struct err e;
	int r;

	if (identify(i, &e) < 0) {
		tool_fail(i->run, &e);
		return false;
	}
	if (!is_packed(i->m->bytes) &&
	    header_refuse_binary(i->m->bytes, &e) < 0) {
		err_in(&e, "%s, message %llu", i->m->path,
		    (unsigned long long)i->m->in_path);
		tool_fail(i->run, &e);
		show_none(i, "binary data");
		return false;
	}
	r = dsn_read(i->m->bytes, &i->arena, &i->d, &e);
	if (r <= 0)
		show_none(i, r < 0 ? e.text : i->d.why);
	if (i->d.cut)
		tool_warn(i->run, "%s: message %llu is over the limits: cut",
		    i->m->path, (unsigned long long)i->m->in_path);
	for (size_t k = 0; r > 0 && k < i->d.n && !i->run->out_bad; k++)
		(i->set->common.json ? show_json : show_text)(i, k);
	return r > 0;
}

/* Messages that told something. */
static size_t
parse_all(struct tool_run *run, const struct settings *set)
{
	struct source_message m;
	struct source *s;
	struct err e;
	size_t told = 0;
	int r;

	source_open(&s, run->rest.v, run->rest.n);
	while (!tool_stopping() && (r = source_next(s, &m, &e)) != 0) {
		struct item i = { .run = run, .set = set, .m = &m };

		if (r < 0) {
			tool_fail(run, &e);
			continue;
		}
		told += parse(&i);
		arena_free(&i.arena);
	}
	source_free(&s);
	return told;
}

int
main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "mbounce-parse",
		.synopsis = "[option ...] [file ...]",
		.purpose = "read bounces: who was not reached, and why",
		.options = options,
		.settings_size = sizeof(struct settings),
	};
	struct settings set = { 0 };
	struct tool_run run;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	if (!parse_all(&run, &set))
		tool_status(&run, ERR_NO);
	return tool_end(&run);
}
