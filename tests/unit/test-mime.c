/* Unit tests of msg/mime and msg/part.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/mime.h"

#include "tap.h"

#define MULTI(boundary)                                                        \
	"Content-Type: multipart/mixed; boundary=" boundary "\n\n"

/* want: "depth type/subtype [content]" for each part, ";" between; a multipart
 * shows no content. */
static const struct {
	const char *name, *in, *want;
} walks[] = {
	{ "no Content-Type", "A: 1\n\nx\n", "0 text/plain [x\n]" },
	{ "two parts",
	    MULTI("b") "pre\n--b\n\none\n--b\nContent-Type: TEXT/HTML\n\n"
		       "two\n\n--b--\npost\n",
	    "0 multipart/mixed;1 text/plain [one];1 TEXT/HTML [two\n]" },
	{ "CRLF",
	    "Content-Type: multipart/mixed;\r\n boundary=\"b c\"\r\n\r\n"
	    "--b c \r\n\r\none\r\n--b c--\r\n",
	    "0 multipart/mixed;1 text/plain [one]" },
	{ "no end", MULTI("b") "--b\n\none\n",
	    "0 multipart/mixed;1 text/plain [one\n]" },
	{ "the inner end is missing",
	    MULTI("b") "--b\n" MULTI("c") "--c\n\none\n--b\n\ntwo\n--b--\n",
	    "0 multipart/mixed;1 multipart/mixed;2 text/plain [one];"
	    "1 text/plain [two]" },
	{ "a longer boundary is another",
	    MULTI("b") "--b\n\n--bc\n--b--x\n--b--\n",
	    "0 multipart/mixed;1 text/plain [--bc\n--b--x]" },
	{ "not at the start of a line", MULTI("b") "--b\n\nx --b\n--b--\n",
	    "0 multipart/mixed;1 text/plain [x --b]" },
	{ "no boundary", "Content-Type: multipart/mixed\n\n--b\n\nx\n",
	    "0 multipart/mixed" },
	{ "the boundary never comes", MULTI("b") "x\n", "0 multipart/mixed" },
	{ "attached message",
	    "Content-Type: message/rfc822\n\nContent-Type: a/b\n\nx",
	    "0 message/rfc822 [Content-Type: a/b\n\nx];1 a/b [x]" },
	{ "attached message in base64",
	    "Content-Type: message/rfc822\nContent-Transfer-Encoding: BASE64\n"
	    "\nQTogMQoKeA==\n",
	    "0 message/rfc822 [A: 1\n\nx];1 text/plain [x]" },
	{ "digest",
	    "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: 1\n\nx\n"
	    "--b--\n",
	    "0 multipart/digest;1 message/rfc822 [A: 1\n\nx];"
	    "2 text/plain [x]" },
	{ "empty part", MULTI("b") "--b\n--b--\n",
	    "0 multipart/mixed;1 text/plain []" },
	{ "quoted-printable",
	    "Content-Type: text (a) / plain (b)\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=41=\nB\n",
	    "0 text/plain [AB\n]" },
	{ "a type that is none", "Content-Type: nonsense\n\nx",
	    "0 text/plain [x]" },
	{ "nothing", "", "" },
};

static void
flat(const char *in, struct buf *out)
{
	struct arena a = { 0 };
	struct mime m;
	struct mime_part p;

	mime_begin(&m, slice_str(in), &a);
	while (mime_next(&m, &p, NULL) > 0) {
		buf_fmt(out, "%s%zu %.*s/%.*s", out->n ? ";" : "", p.depth,
		    SLICE_ARG(p.part.type), SLICE_ARG(p.part.subtype));
		if (part_is(&p.part, "multipart", NULL))
			continue;
		buf_text(out, " [");
		buf_slice(out, part_content(&p.part, &a));
		buf_text(out, "]");
	}
	arena_free(&a);
}

static void
test_walks(void)
{
	struct buf out;

	buf_init(&out, 1u << 20);
	for (size_t i = 0; i < COUNT_OF(walks); i++) {
		buf_reset(&out);
		flat(walks[i].in, &out);
		is_str(buf_str(&out), walks[i].want, "%s", walks[i].name);
	}
	buf_free(&out);
}

static size_t
count(struct slice in, struct mime *m)
{
	struct arena a = { 0 };
	struct mime_part p;
	size_t n = 0;

	mime_begin(m, in, &a);
	while (mime_next(m, &p, NULL) > 0)
		n++;
	arena_free(&a);
	return n;
}

static void
test_limits(void)
{
	struct mime m;
	struct buf b;

	buf_init(&b, 64u << 20);
	for (int i = 0; i < MIME_DEPTH_MAX + 5; i++)
		buf_text(&b, "Content-Type: message/rfc822\n\n");
	is_int((int64_t)count(buf_view(&b), &m), MIME_DEPTH_MAX,
	    "not deeper than the limit");
	ok(m.cut, "and it says so");
	buf_reset(&b);
	for (int i = 0; i < MIME_DECODED_MAX + 5; i++)
		buf_text(&b, "Content-Type: message/global\n"
			     "Content-Transfer-Encoding: quoted-printable\n\n");
	is_int((int64_t)count(buf_view(&b), &m), MIME_DECODED_MAX + 1,
	    "not decoded more often than the limit");
	ok(m.cut, "and it says so");
	buf_reset(&b);
	buf_text(&b, MULTI("b"));
	for (int i = 0; i < MIME_PARTS_MAX + 5; i++)
		buf_text(&b, "--b\n\nx\n");
	is_int((int64_t)count(buf_view(&b), &m), MIME_PARTS_MAX,
	    "not more parts than the limit");
	ok(m.cut, "and it says so");
	ok(count(slice_str(MULTI("b") "--b\n\nx\n"), &m) == 2 && m.unclosed,
	    "a missing end is noted");
	ok(count(slice_str(MULTI("b") "--b\n\nx\n--b--"), &m) == 2 &&
		!m.unclosed && !m.cut,
	    "an end is seen without its line end");
	buf_free(&b);
}

static void
test_part(void)
{
	struct slice in = slice_str(
	    "Content-Type: text/plain; charset=iso-8859-1; name=a.txt\n"
	    "Content-Disposition: attachment;\n filename*=utf-8''%C3%A9.txt\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=E9\n");
	struct arena a = { 0 };
	struct part p;
	struct buf out;
	struct err e;

	buf_init(&out, 1000);
	is_int(part_parse(in, false, &a, &p, &e), 0, "a part");
	is_slice(part_filename(&p), "\xc3\xa9.txt", "its file's name");
	is_slice(p.disposition, "attachment", "its disposition");
	part_text(&p, &out);
	is_str(buf_str(&out), "\xc3\xa9\n", "its text");
	buf_reset(&out);
	part_parse(
	    slice_str("Content-Transfer-Encoding: x\n\ny"), false, &a, &p, &e);
	ok(!part_decode(&p, &out) && slice_is(buf_view(&out), "y"),
	    "an unknown encoding is kept, and told");
	buf_free(&out);
	arena_free(&a);
}

int
main(void)
{
	test_walks();
	test_limits();
	test_part();
	return tap_done();
}
