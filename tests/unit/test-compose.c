/* Unit tests of msg/compose.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "msg/compose.h"
#include "msg/compose_type.h"

#include "tap.h"

#define HEAD                                                                   \
	"Date: Tue, 24 Nov 2026 00:09:32 +0000\r\n"                            \
	"From: Jo <jo@a.example>\r\n"
#define ID                                                                     \
	"Message-ID: <6b04d5bc.070707070707070707070707@a.example>\r\n"        \
	"MIME-Version: 1.0\r\n"
#define NO_TO "To: undisclosed-recipients:;\r\n"
#define TEXT  "Content-Type: text/plain; charset=utf-8\r\n"
#define HTML  "Content-Type: text/html; charset=utf-8\r\n"
#define CTE   "Content-Transfer-Encoding: "
#define EDGE  "=_070707070707070707070707_00"
#define LIST(...)                                                              \
	{                                                                      \
		(const char *const[]){ __VA_ARGS__ },                          \
		    COUNT_OF(((const char *const[]){ __VA_ARGS__ }))           \
	}

static int64_t
fixed(const struct given *g)
{
	return g->fixed_now;
}

static void
sevens(void *p, size_t n)
{
	memset(p, 7, n);
}

static const struct given given = { fixed, 1795478972, sevens, "h", NULL };

/* The whole message, written twice: it must be the same, and as long as was
 * said. */
static int
compose(const struct compose_plan *plan, struct buf *out, struct err *e)
{
	struct compose *c = NULL;
	struct writer count;
	struct writer w = writer_to_buf(out);
	uint64_t n = 0;
	int r;

	buf_reset(out);
	memset(e, 0, sizeof(*e));
	if (compose_new(plan, &given, &c, e) < 0)
		return -1;
	count = writer_to_count(&n);
	r = compose_write(c, &w, e);
	is_int((int64_t)out->n, (int64_t)compose_size(c), "size was known");
	if (r == 0)
		compose_write(c, &count, e);
	is_int((int64_t)n, (int64_t)out->n, "again the same size");
	compose_free(&c);
	return r;
}

#define WHOLE(text) SLICE_LIT(text)

static void
test_bodies(void)
{
	static const struct {
		const char *name;
		struct slice text, html;
		const char *want;
	} rows[] = {
		{ "nothing", { 0 }, { 0 }, TEXT CTE "7bit\r\n\r\n" },
		{ "text", WHOLE("Hi\nyou\n"), { 0 },
		    TEXT CTE "7bit\r\n\r\nHi\r\nyou\r\n" },
		{ "open end", WHOLE("Hi"), { 0 },
		    TEXT CTE "7bit\r\n\r\nHi\r\n" },
		{ "latin", WHOLE("caf\xc3\xa9 au lait\n"), { 0 },
		    TEXT CTE "quoted-printable\r\n\r\ncaf=C3=A9 au lait\r\n" },
		{ "greek", WHOLE("\xce\xb1\xce\xb2\xce\xb3\xce\xb4\n"), { 0 },
		    TEXT CTE "base64\r\n\r\nzrHOss6zzrQNCg==\r\n" },
		{ "From", WHOLE("a\nFrom b\n"), { 0 },
		    TEXT CTE "quoted-printable\r\n\r\na\r\n=46rom b\r\n" },
		{ "html", { 0 }, WHOLE("<p>x\n"),
		    HTML CTE "7bit\r\n\r\n<p>x\r\n" },
		{ "both", WHOLE("x\n"), WHOLE("<p>\xc3\xa9 xxxxxxx"),
		    "Content-Type: multipart/alternative;\r\n"
		    " boundary=\"" EDGE "1\"\r\n\r\n"
		    "--" EDGE "1\r\n" TEXT CTE "7bit\r\n\r\nx\r\n\r\n"
		    "--" EDGE "1\r\n" HTML CTE "quoted-printable\r\n\r\n"
		    "<p>=C3=A9 xxxxxxx\r\n"
		    "--" EDGE "1--\r\n" },
		/* Whoever wrote the text knew the boundary. */
		{ "boundary", WHOLE("--" EDGE "1\n"), WHOLE("y\n"),
		    "Content-Type: multipart/alternative;\r\n"
		    " boundary=\"" EDGE "2\"\r\n\r\n"
		    "--" EDGE "2\r\n" TEXT CTE "7bit\r\n\r\n"
		    "--" EDGE "1\r\n\r\n"
		    "--" EDGE "2\r\n" HTML CTE "7bit\r\n\r\ny\r\n\r\n"
		    "--" EDGE "2--\r\n" },
	};
	struct buf out, want;
	struct err e;

	buf_init(&out, 10000);
	buf_init(&want, 10000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct compose_plan plan = { .from = "Jo <jo@A.example>" };

		plan.text_bytes = rows[i].text;
		plan.html_bytes = rows[i].html;
		buf_reset(&want);
		buf_fmt(&want, "%s%s%s%s", HEAD, NO_TO, ID, rows[i].want);
		is_int(
		    compose(&plan, &out, &e), 0, "%s %s", rows[i].name, e.text);
		is_slice(buf_view(&out), buf_str(&want), "message");
	}
	buf_free(&out);
	buf_free(&want);
}

static void
test_header(void)
{
	struct compose_plan plan = {
		.from = "\"Jo Q. Doe\" <jo@a.example>",
		.sender = "robot@a.example",
		.to = LIST("Zo\xc3\xab <zoe@b\xc3\xbc"
			   "cher.example>, b@c",
		    "\"x y\"@d"),
		.cc = LIST("d@[127.0.0.1]"),
		.reply_to = LIST("r@e"),
		.subject = "The caf\xc3\xa9 opens",
		.date = "1 Jan 2020 00:00:00 +0100",
		.message_id = "<own@id>",
		.more = LIST("X-One: \xc3\xa9", "List-Id:<l.example>"),
	};
	struct buf out;
	struct err e;

	buf_init(&out, 10000);
	is_int(compose(&plan, &out, &e), 0, "header %s", e.text);
	is_slice(buf_view(&out),
	    "Date: 1 Jan 2020 00:00:00 +0100\r\n"
	    "From: \"Jo Q. Doe\" <jo@a.example>\r\n"
	    "Sender: robot@a.example\r\n"
	    "Reply-To: r@e\r\n"
	    "To: =?UTF-8?Q?Zo=C3=AB?= <zoe@xn--bcher-kva.example>, b@c, "
	    "\"x y\"@d\r\n"
	    "Cc: d@[127.0.0.1]\r\n"
	    "Subject: The =?UTF-8?B?Y2Fmw6k=?= opens\r\n"
	    "Message-ID: <own@id>\r\n"
	    "X-One: =?UTF-8?B?w6k=?=\r\n"
	    "List-Id: <l.example>\r\n"
	    "MIME-Version: 1.0\r\n" TEXT CTE "7bit\r\n\r\n",
	    "as planned");
	buf_free(&out);
}

static void
test_refused(void)
{
	const struct {
		struct compose_plan plan;
		const char *why; /* is in the error */
		enum err_kind kind;
	} rows[] = {
		{ { .from = NULL }, "no author: use --from", ERR_USAGE },
		{ { .from = "nobody" }, "From 'nobody': ", ERR_USAGE },
		{ { .from = "a@b\r\nBcc: c@d" }, "line break in From",
		    ERR_USAGE },
		{ { .from = "a@b..c" }, "From 'a@b..c': ", ERR_USAGE },
		{ { .from = "J\xc3\xb6@b.c" }, "needs SMTPUTF8", ERR_USAGE },
		{ { .from = "a@b", .to = LIST("c@d", "x") },
		    "To 'x': ", ERR_USAGE },
		{ { .from = "a@b", .subject = "x\ny" },
		    "line break in Subject: 'x", ERR_USAGE },
		{ { .from = "a@b", .subject = "x\x07" },
		    "control character in Subject", ERR_USAGE },
		{ { .from = "a@b", .date = "now" }, "'now' is no date",
		    ERR_USAGE },
		{ { .from = "a@b", .message_id = "x@y" },
		    "'x@y' is no Message-ID", ERR_USAGE },
		{ { .from = "a@b", .more = LIST("bcc: x@y") },
		    "header field 'bcc': a blind copy is never written",
		    ERR_USAGE },
		{ { .from = "a@b", .more = LIST("Subject: x") },
		    "use --subject", ERR_USAGE },
		{ { .from = "a@b", .more = LIST("no colon") },
		    "'no colon' is no header field", ERR_USAGE },
		{ { .from = "a@b", .more = LIST("a b: c") },
		    "'a b: c' is no header field", ERR_USAGE },
		{ { .from = "a@b", .more = LIST("X: a\r\nY: b") },
		    "line break in a header field", ERR_USAGE },
		{ { .from = "a@b", .text = "/none" }, "'/none'", ERR_NOINPUT },
		{ { .from = "a@b", .text = "/" }, "'/'", ERR_NOINPUT },
		{ { .from = "a@b", .text_bytes = WHOLE("\xff") },
		    "is not UTF-8", ERR_DATA },
		{ { .from = "a@b", .html_bytes = WHOLE("a\0b") }, "NUL in text",
		    ERR_DATA },
		{ { .from = "a@b", .attach = LIST("/none;type=a/b") },
		    "cannot open '/none': No such file", ERR_NOINPUT },
		{ { .from = "a@b", .attach = LIST("/") }, "'/': is a directory",
		    ERR_NOINPUT },
		{ { .from = "a@b", .attach = LIST("") }, "has no name",
		    ERR_USAGE },
		{ { .from = "a@b", .attach = LIST("/dev/null;type=x") },
		    "'x' is no media type", ERR_USAGE },
		{ { .from = "a@b",
		      .attach = LIST("/dev/null;type=message/rfc822") },
		    "cannot be attached as message/rfc822", ERR_USAGE },
		{ { .from = "a@b", .attach = LIST("/dev/null;name=a\nb") },
		    "line break in file name", ERR_USAGE },
		{ { .from = "a@b", .text = "-", .html = "-" },
		    "'-' (standard input) is used twice", ERR_USAGE },
		{ { .from = "a@b", .text = "-", .attach = LIST("-;name=x") },
		    "'-' (standard input) is used twice", ERR_USAGE },
	};
	struct buf out;
	struct err e;

	buf_init(&out, 10000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		is_int(compose(&rows[i].plan, &out, &e), -1, "refused");
		ok(slice_search(slice_str(e.text), slice_str(rows[i].why)) !=
			SIZE_MAX,
		    "%s: '%s'", rows[i].why, e.text);
		is_int(e.kind, rows[i].kind, "kind");
		is_int((int64_t)out.n, 0, "nothing is written");
	}
	buf_free(&out);
}

/* A file of its own with the octets given; the caller unlinks it. */
static void
make_file(const char *dir, const char *name, struct slice s, struct buf *path)
{
	struct err e = { 0 };

	buf_reset(path);
	buf_fmt(path, "%s/%s", dir, name);
	if (io_replace(buf_str(path), s.p, s.n, 0600, &e) < 0)
		ok(false, "%s", e.text);
}

static void
test_files(const char *dir)
{
	struct buf text, png, one, two, three, out, want;
	struct compose_plan plan = { .from = "Jo <jo@a.example>" };
	const char *attach[2], *inlined[1];
	struct err e;

	buf_init(&text, 1000);
	buf_init(&png, 1000);
	buf_init(&one, 1000);
	buf_init(&two, 1000);
	buf_init(&three, 1000);
	buf_init(&out, 10000);
	buf_init(&want, 10000);
	make_file(dir, "n\xc3\xa9.txt", slice_str("\xc3\xa9\n"), &text);
	make_file(dir, "a;b.png", slice_of("\x89PNG\0", 5), &png);
	buf_fmt(&one, "%s", buf_str(&text));
	buf_fmt(&two, "%s;type=application/x-y;name=z", buf_str(&png));
	buf_fmt(&three, "%s;cid=pic@x", buf_str(&png));
	attach[0] = buf_str(&one);
	attach[1] = buf_str(&two);
	inlined[0] = buf_str(&three);
	plan.attach = (struct compose_list){ attach, 2 };
	plan.inlined = (struct compose_list){ inlined, 1 };
	plan.html_bytes = slice_str("<img src=\"cid:pic@x\">\n");
	buf_fmt(&want, "%s%s%s", HEAD, NO_TO, ID);
	buf_text(&want,
	    "Content-Type: multipart/mixed;\r\n boundary=\"" EDGE
	    "1\"\r\n\r\n--" EDGE "1\r\n"
	    "Content-Type: multipart/related; type=\"text/html\";\r\n"
	    " boundary=\"" EDGE "2\"\r\n\r\n"
	    "--" EDGE "2\r\n" HTML CTE "7bit\r\n\r\n"
	    "<img src=\"cid:pic@x\">\r\n\r\n"
	    "--" EDGE "2\r\n"
	    "Content-Type: image/png\r\n"
	    "Content-Disposition: inline; filename=\"a;b.png\"\r\n"
	    "Content-ID: <pic@x>\r\n" CTE "base64\r\n\r\niVBORwA=\r\n"
	    "--" EDGE "2--\r\n--" EDGE "1\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Disposition: attachment; filename*=UTF-8''n%C3%A9.txt\r\n" CTE
	    "base64\r\n\r\nw6kK\r\n--" EDGE "1\r\n"
	    "Content-Type: application/x-y\r\n"
	    "Content-Disposition: attachment; filename=z\r\n" CTE
	    "base64\r\n\r\niVBORwA=\r\n--" EDGE "1--\r\n");
	is_int(compose(&plan, &out, &e), 0, "files %s", e.text);
	is_slice(buf_view(&out), buf_str(&want), "as planned");
	unlink(buf_str(&text));
	unlink(buf_str(&png));
	buf_free(&text);
	buf_free(&png);
	buf_free(&one);
	buf_free(&two);
	buf_free(&three);
	buf_free(&out);
	buf_free(&want);
}

/* A file that has become shorter is an error; so is one bigger than a piece,
 * were it not whole. */
static void
test_big_file(const char *dir)
{
	struct compose_plan plan = { .from = "a@b" };
	struct compose *c = NULL;
	struct buf big, path, out;
	struct writer w = writer_to_buf(&out);
	const char *attach[1];
	struct err e = { 0 };

	buf_init(&big, 1u << 20);
	buf_init(&path, 1000);
	buf_init(&out, 1u << 20);
	while (big.n < 300000)
		buf_char(&big, (int)(big.n * 7 % 251));
	make_file(dir, "big", buf_view(&big), &path);
	attach[0] = buf_str(&path);
	plan.attach = (struct compose_list){ attach, 1 };
	is_int(compose(&plan, &out, &e), 0, "a big file %s", e.text);
	is_int(compose_new(&plan, &given, &c, &e), 0, "once more");
	ok(truncate(attach[0], 200000) == 0, "becomes shorter");
	buf_reset(&out);
	is_int(compose_write(c, &w, &e), -1, "is an error");
	is_int(e.kind, ERR_IO, "of kind I/O: %s", e.text);
	compose_free(&c);
	unlink(attach[0]);
	buf_free(&big);
	buf_free(&path);
	buf_free(&out);
}

static void
test_utf8(void)
{
	struct compose_plan plan = { .from = "J\xc3\xb6@b\xc3\xbc.example",
		.to = LIST("x@b\xc3\xbc.example"),
		.smtputf8 = true };
	struct compose *c = NULL;
	struct err e = { 0 };

	is_int(compose_new(&plan, &given, &c, &e), 0, "UTF-8 %s", e.text);
	ok(compose_is_utf8(c), "needs SMTPUTF8");
	compose_free(&c);
	plan.from = "j@b\xc3\xbc.example";
	is_int(compose_new(&plan, &given, &c, &e), 0, "ASCII %s", e.text);
	ok(!compose_is_utf8(c), "needs nothing");
	compose_free(&c);
	is_str(compose_type_of("a.PDF"), "application/pdf", "type");
	is_str(compose_type_of("pdf"), "application/octet-stream", "no ending");
}

int
main(void)
{
	char dir[] = "/tmp/test-compose.XXXXXX";

	test_bodies();
	test_header();
	test_refused();
	test_utf8();
	if (ok(mkdtemp(dir) != NULL, "a folder")) {
		test_files(dir);
		test_big_file(dir);
		rmdir(dir);
	}
	return tap_done();
}
