/* What msend asks of servers beyond delivery: options and the wish they make.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "text/date.h"

#include "msend.h"

#define BRIEF(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = OPT_KIND_##k, .name = (n), .arg = (a), .help = (h),    \
		.at = offsetof(struct msend_esmtp, field), .flags = OPT_BRIEF  \
	}
/* One that --help does not name. */
#define HIDDEN(k, n, field, a, h)                                              \
	{                                                                      \
		.kind = OPT_KIND_##k, .name = (n), .arg = (a), .help = (h),    \
		.at = offsetof(struct msend_esmtp, field), .flags = OPT_HIDDEN \
	}
#define NUMBER_MAX 999999999

const struct opt msend_esmtp_options[] = {
	BRIEF(TEXT, "dsn", dsn, "WHEN",
	    "notice of success, failure, delay; or never"),
	HIDDEN(CHOICE, "ret", ret, "full|hdrs", "what a notice brings back"),
	HIDDEN(TEXT, "envid", envid, "TEXT", "what a notice calls the message"),
	HIDDEN(FLAG, "dsn-must", dsn_must, NULL, "not without notices"),
	HIDDEN(TEXT, "deliver-by", deliver_by, "SECONDS[R|N]",
	    "a limit; then return it, or notify"),
	HIDDEN(DURATION, "hold-for", hold_for, "TIME", "a later release"),
	HIDDEN(TEXT, "hold-until", hold_until, "TIME", "likewise"),
	HIDDEN(TEXT, "priority", priority, "N", "-9 to 9"),
	BRIEF(FLAG, "require-tls", require_tls, NULL, "TLS all the way"),
	HIDDEN(FLAG, "tls-not-required", tls_not_required, NULL,
	    "even without TLS"),
	HIDDEN(
	    FLAG, "no-pipelining", no_pipelining, NULL, "one thing at a time"),
	HIDDEN(FLAG, "no-chunking", no_chunking, NULL, "DATA, not BDAT"),
	HIDDEN(TEXT, "xclient", xclient, "'NAME=VALUE ...'",
	    "to be taken for another client"),
	HIDDEN(TEXT, "proxy-header", proxy, "V[:IP,PORT,IP,PORT]",
	    "v1 or v2 of the PROXY protocol"),
	HIDDEN(TEXT, "transcript", transcript, "FILE",
	    "what was said, secrets masked"),
	OPT_DONE,
};

static int
read_dsn(const char *text, struct smtp_wish *w, struct err *e)
{
	static const char *const words[] = { "never", "success", "failure",
		"delay" };
	struct slice s = slice_str(text), word;
	bool more;
	size_t i;

	do {
		word = slice_take_until(&s, ',', &more);
		for (i = 0; i < COUNT_OF(words); i++)
			if (slice_is_nocase(word, words[i]))
				break;
		if (i == COUNT_OF(words))
			return err_set(e, ERR_USAGE,
			    "--dsn: when is '%.*s'? success, failure, delay, "
			    "or never",
			    SLICE_ARG(word));
		w->notify |= 1u << i;
	} while (more);
	if ((w->notify & SMTPWISH_NEVER) && w->notify != SMTPWISH_NEVER)
		return err_set(e, ERR_USAGE, "--dsn: never, and '%s'?", text);
	return 0;
}

static int
read_envid(const char *text, struct smtp_wish *w, struct err *e)
{
	struct slice s = slice_str(text);
	size_t n = 0;
	int c;

	w->envid = s;
	while ((c = slice_get(&s)) >= 0) {
		n += c == '+' || c == '=' || c == ' ' ? 3 : 1;
		if (c < 32 || c > 126)
			return err_set(
			    e, ERR_USAGE, "--envid: printable ASCII only");
	}
	if (n == 0 || n > SMTPWISH_ENVID_MAX)
		return err_set(e, ERR_USAGE, "--envid: 1 to %d octets",
		    SMTPWISH_ENVID_MAX);
	return 0;
}

static int
read_deliver_by(const char *text, struct smtp_wish *w, struct err *e)
{
	struct slice s = slice_str(text);
	bool minus = slice_take_prefix(&s, "-");
	uint64_t n;

	w->deliver_by = true;
	w->by_mode = 'R';
	if (s.n > 1 && (s.p[s.n - 1] == 'N' || s.p[s.n - 1] == 'R'))
		w->by_mode = s.p[--s.n];
	if (!slice_number(s, NUMBER_MAX, &n) ||
	    (w->by_mode == 'R' && (minus || n == 0)))
		return err_set(e, ERR_USAGE,
		    "--deliver-by: seconds and R or N, like 3600R: '%s'", text);
	w->by_seconds = minus ? -(int64_t)n : (int64_t)n;
	return 0;
}

static int
read_priority(const char *text, struct smtp_wish *w, struct err *e)
{
	struct slice s = slice_str(text);
	bool minus = slice_take_prefix(&s, "-");
	uint64_t n;

	if (!slice_number(s, 9, &n))
		return err_set(e, ERR_USAGE, "--priority: -9 to 9: '%s'", text);
	w->has_priority = true;
	w->priority = minus ? -(int)n : (int)n;
	return 0;
}

static int
read_hold(const struct msend_esmtp *set, struct smtp_wish *w, struct err *e)
{
	int64_t t;
	int zone;

	if (set->hold_for && set->hold_until)
		return err_set(
		    e, ERR_USAGE, "--hold-for or --hold-until, not both");
	if (set->hold_for < 0 || set->hold_for / 1000 > NUMBER_MAX)
		return err_set(
		    e, ERR_USAGE, "--hold-for: at most %d s", NUMBER_MAX);
	w->hold_for = (uint64_t)(set->hold_for + 999) / 1000;
	w->hold_until = set->hold_until;
	if (w->hold_until &&
	    !date_parse_3339(slice_str(w->hold_until), &t, &zone))
		return err_set(e, ERR_USAGE,
		    "--hold-until: like 2026-12-24T18:00:00Z: '%s'",
		    w->hold_until);
	return 0;
}

int
msend_wish(struct msend_work *w, struct err *e)
{
	const struct msend_esmtp *set = &w->set->esmtp;
	struct smtp_wish *wish = arena_new(&w->run->arena, sizeof(*wish));

	wish->ret = !set->ret                               ? NULL
	            : slice_is(slice_str(set->ret), "full") ? "FULL"
	                                                    : "HDRS";
	wish->dsn_must = set->dsn_must;
	wish->require_tls = set->require_tls;
	if ((set->dsn && read_dsn(set->dsn, wish, e) < 0) ||
	    (set->envid && read_envid(set->envid, wish, e) < 0) ||
	    (set->deliver_by &&
		read_deliver_by(set->deliver_by, wish, e) < 0) ||
	    (set->priority && read_priority(set->priority, wish, e) < 0) ||
	    read_hold(set, wish, e) < 0)
		return -1;
	w->wish = wish;
	return 0;
}
