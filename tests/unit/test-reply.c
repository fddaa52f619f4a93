/* Unit tests of proto/reply.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/queueid.h"
#include "proto/reply.h"

#include "tap.h"

/* Lines of one reply with LF between; ret is what the last line gives. */
static const struct {
	const char *in;
	int ret;
	unsigned code;
	const char *enhanced, *text;
} rows[] = {
	{ "250 ok", 1, 250, "", "ok" },
	{ "250", 1, 250, "", "" },
	{ "250 ", 1, 250, "", "" },
	{ "250-a\n250-b\n250 c", 1, 250, "", "a\nb\nc" },
	{ "250-a", 0, 250, "", "a" },
	{ "250-\n250", 1, 250, "", "\n" },
	{ "550 5.1.1 no such user", 1, 550, "5.1.1", "no such user" },
	{ "550-5.1.1 no\n550 5.1.1 user", 1, 550, "5.1.1", "no\nuser" },
	{ "550-no\n550 5.1.1 user", 1, 550, "5.1.1", "no\nuser" },
	{ "550 5.1.1", 1, 550, "5.1.1", "" },
	{ "550 5.123.456 x", 1, 550, "5.123.456", "x" },
	{ "550 5.1234.1 x", 1, 550, "", "5.1234.1 x" },
	{ "250 4.1.1 other class", 1, 250, "", "4.1.1 other class" },
	{ "220 2.5 litres", 1, 220, "", "2.5 litres" },
	{ "250 a\rb", 1, 250, "", "a?b" },
	{ "299 odd", 1, 299, "", "odd" },
	{ "199 low", -1, 0, "", "" },
	{ "600 high", -1, 0, "", "" },
	{ "25 short", -1, 0, "", "" },
	{ "2500 long", -1, 0, "", "" },
	{ "250ok", -1, 0, "", "" },
	{ "", -1, 0, "", "" },
	{ "+OK pop", -1, 0, "", "" },
	{ "250-a\n251 b", -1, 250, "", "a" },
	{ "250-a\n550 b", -1, 250, "", "a" },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice in = slice_str(rows[i].in), line;
		struct reply r;
		bool more;
		int ret;

		reply_init(&r);
		do {
			line = slice_take_until(&in, '\n', &more);
			ret = reply_add(&r, line, NULL);
		} while (more && ret == 0);
		is_int(ret, rows[i].ret, "reply '%s'", rows[i].in);
		is_int(r.code, rows[i].code, "its code");
		is_str(r.enhanced, rows[i].enhanced, "its status");
		is_slice(buf_view(&r.text), rows[i].text, "its text");
		reply_free(&r);
	}
}

static void
test_next(void)
{
	struct reply r;

	reply_init(&r);
	reply_add(&r, slice_str("550-5.1.1 a"), NULL);
	reply_add(&r, slice_str("550 5.1.1 b"), NULL);
	is_int(reply_add(&r, slice_str("250 c"), NULL), 1, "another reply");
	is_str(r.enhanced, "", "nothing is left of the first: status");
	is_slice(buf_view(&r.text), "c", "text");
	is_int(reply_add(&r, slice_of("250 a\0b", 7), NULL), 1, "a NUL");
	is_slice(buf_view(&r.text), "a?b", "is masked");
	reply_free(&r);
}

static void
test_limits(void)
{
	struct reply r;
	int ret = 0;

	reply_init(&r);
	for (size_t i = 0; i < REPLY_LINES_MAX; i++)
		ret |= reply_add(&r, slice_str("250-x"), NULL);
	is_int(ret, 0, "%d lines", REPLY_LINES_MAX);
	is_int(reply_add(&r, slice_str("250 x"), NULL), -1, "one more");
	reply_free(&r);
}

static void
test_kinds(void)
{
	static const struct {
		const char *line;
		enum err_kind kind;
		const char *text;
	} kinds[] = {
		{ "451 4.3.0 later", ERR_TEMP, "451 4.3.0 later" },
		{ "550 no", ERR_UNAVAILABLE, "550 no" },
		{ "550 5.1.1 who", ERR_NOUSER, "550 5.1.1 who" },
		{ "550 5.1.10 null MX", ERR_NOUSER, "550 5.1.10 null MX" },
		{ "550 5.1.8 sender", ERR_UNAVAILABLE, "550 5.1.8 sender" },
		{ "530 5.7.0 log in", ERR_NOPERM, "530 5.7.0 log in" },
		{ "535 bad", ERR_NOPERM, "535 bad" },
		{ "354", ERR_PROTO, "354" },
		{ "250 fine", ERR_PROTO, "250 fine" },
	};
	struct reply r;
	struct err e;

	reply_init(&r);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		reply_add(&r, slice_str(kinds[i].line), NULL);
		reply_refusal(&r, &e);
		is_int(e.kind, kinds[i].kind, "kind of '%s'", kinds[i].line);
		is_str(e.text, kinds[i].text, "as an error");
		is_int(e.smtp, (int)r.code, "its code");
	}
	reply_free(&r);
}

static void
test_queueid(void)
{
	static const struct {
		const char *text, *want;
	} ids[] = {
		{ "2.0.0 Ok: queued as 4XyZ12", "4XyZ12" },
		{ "OK id=1wN0aB-0000Xy-2K", "1wN0aB-0000Xy-2K" },
		{ "2xk.1 Message accepted for delivery", "2xk.1" },
		{ "7a1b2c3d Message accepted for delivery", "7a1b2c3d" },
		{ "done\nqueued as <a@b>", "a@b" },
		{ "queued as ", NULL },
		{ "queued as \x01", NULL },
		{ "Message accepted", NULL },
		{ "ok", NULL },
		{ "", NULL },
	};
	struct arena a = { 0 };
	const char *id;

	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		id = queueid_find(ids[i].text, &a);
		is_str(id ? id : "-", ids[i].want ? ids[i].want : "-",
		    "name in '%s'", ids[i].text);
	}
	arena_free(&a);
}

int
main(void)
{
	test_queueid();
	test_rows();
	test_next();
	test_limits();
	test_kinds();
	return tap_done();
}
