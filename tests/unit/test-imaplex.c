/* Unit tests of proto/imaplex.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <time.h>

#include "base/buf.h"

#include "proto/imaplex.h"

#include "tap.h"

/* Tokens as text: atoms as they are, "quoted", <literal>, ?size for an
 * announcement, parentheses; "!" where the lexer gave up. */
static const char *
render(const char *in, struct buf *out)
{
	struct arena a = { 0 };
	struct imaplex_token t;
	struct imaplex l;
	struct err e;
	int got;

	buf_reset(out);
	imaplex_begin(&l, slice_str(in));
	while ((got = imaplex_next(&l, &t, &e)) > 0) {
		struct slice s = imaplex_string(&t, &a);

		buf_text(out, out->n ? " " : "");
		switch (t.kind) {
		case IMAPLEX_QUOTED:
			buf_fmt(out, "\"%.*s\"", SLICE_ARG(s));
			break;
		case IMAPLEX_LITERAL:
			buf_fmt(out, "<%.*s>", SLICE_ARG(s));
			break;
		case IMAPLEX_PENDING:
			buf_fmt(out, "?%llu", (unsigned long long)t.size);
			break;
		default:
			buf_slice(out, s);
		}
	}
	if (got < 0)
		buf_text(out, out->n ? " !" : "!");
	arena_free(&a);
	return buf_str(out);
}

static void
test_tokens(void)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{ "nothing", "", "" },
		{ "atoms", "FLAGS UID 12", "FLAGS UID 12" },
		{ "spaces beyond the ABNF", "  a   b ", "a b" },
		{ "list", "(\\Seen $Forwarded)", "( \\Seen $Forwarded )" },
		{ "list without spaces", "a(b)c", "a ( b ) c" },
		{ "empty list", "()", "( )" },
		{ "nil", "NIL", "NIL" },
		{ "quoted", "\"a b\"", "\"a b\"" },
		{ "quoted empty", "\"\"", "\"\"" },
		{ "escapes", "\"a\\\"b\\\\c\"", "\"a\"b\\c\"" },
		{ "quote without an end", "\"abc", "!" },
		{ "quote over a line", "\"a\r\nb\"", "!" },
		{ "escape at the end", "\"a\\", "!" },
		{ "literal", "{3}\r\na\"b c", "<a\"b> c" },
		{ "literal with parentheses", "({2}\r\n)() x", "( <)(> ) x" },
		{ "empty literal", "{0}\r\n x", "<> x" },
		{ "literal8", "~{2}\r\nab", "<ab>" },
		{ "non-synchronising", "{2+}\r\nab", "<ab>" },
		{ "literal after bare LF", "{2}\nab", "<ab>" },
		{ "announced", "a {5}", "a ?5" },
		{ "announced 2^63-1", "{9223372036854775807}",
		    "?9223372036854775807" },
		{ "announced 2^63", "{9223372036854775808}", "!" },
		{ "20 digits", "{99999999999999999999}", "!" },
		{ "negative", "{-1}", "!" },
		{ "no size", "{}", "!" },
		{ "cut literal", "{9}\r\nabc", "!" },
		{ "text behind the announcement", "{3} abc", "!" },
		{ "not closed", "{3", "!" },
		{ "section is one atom",
		    "BODY[HEADER.FIELDS (TO \"C]C\")]<0> x",
		    "BODY[HEADER.FIELDS (TO \"C]C\")]<0> x" },
		{ "body", "BODY[] {4}", "BODY[] ?4" },
		{ "body without a space", "BODY[]{4}", "BODY[] ?4" },
		{ "bracket first", "[Gmail]/All x", "[Gmail]/All x" },
		{ "bracket without an end", "a[b c", "a[b c" },
		{ "tilde alone", "~root", "~root" },
		{ "8-bit atom", "\xc3\xa4", "\xc3\xa4" },
		{ "too many )", "a)", "a !" },
		{ "missing )", "(a", "( a !" },
		{ "control octet", "a\001", "a !" },
		{ "stray line end", "a\r\nb", "a !" },
	};
	struct buf out;

	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		is_str(
		    render(rows[i].in, &out), rows[i].want, "%s", rows[i].name);
	buf_free(&out);
}

static void
test_depth(void)
{
	char in[2 * (IMAPLEX_DEPTH_MAX + 1)];
	struct imaplex l;
	struct err e;

	for (size_t depth = IMAPLEX_DEPTH_MAX; depth <= IMAPLEX_DEPTH_MAX + 1;
	     depth++) {
		memset(in, '(', depth);
		memset(in + depth, ')', depth);
		imaplex_begin(&l, slice_of(in, 2 * depth));
		is_int(imaplex_skip(&l, &e),
		    depth <= IMAPLEX_DEPTH_MAX ? 1 : -1, "%zu levels", depth);
	}
}

static void
test_skip(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *rest;
	} rows[] = {
		{ "atom next", 1, " next" },
		{ "(a (b \"c)\") {1}\r\n)) next", 1, " next" },
		{ "NIL", 1, "" },
		{ "", -1, "" },
		{ ")", -1, "" },
		{ "(a", -1, "" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imaplex l;
		struct err e;

		imaplex_begin(&l, slice_str(rows[i].in));
		is_int(imaplex_skip(&l, &e), rows[i].ret, "skip %zu", i);
		if (rows[i].ret == 1)
			is_slice(l.rest, rows[i].rest, "what is left");
	}
}

static void
test_codes(void)
{
	static const struct {
		const char *in;
		bool ret;
		const char *name, *args, *text;
	} rows[] = {
		{ "[UIDNEXT 4392] Predicted", true, "UIDNEXT", "4392",
		    "Predicted" },
		{ "[READ-ONLY]", true, "READ-ONLY", "", "" },
		{ " [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi", true, "CAPABILITY",
		    "IMAP4rev1 AUTH=PLAIN", "hi" },
		{ "[BADCHARSET (\"a]b\")] no", true, "BADCHARSET", "(\"a]b\")",
		    "no" },
		{ "completed {5}", false, "", "", "completed {5}" },
		{ "[OPEN", false, "", "", "[OPEN" },
		{ "[] x", false, "", "", "x" },
		{ "", false, "", "", "" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imaplex_code c;

		ok(imaplex_code(slice_str(rows[i].in), &c) == rows[i].ret,
		    "code of '%s'", rows[i].in);
		is_slice(c.name, rows[i].name, "its name");
		is_slice(c.args, rows[i].args, "its arguments");
		is_slice(c.text, rows[i].text, "its text");
	}
}

static void
test_flags(void)
{
	static const struct {
		const char *in;
		int ret;
		unsigned want;
	} rows[] = {
		{ "()", 0, 0 },
		{ "(\\Seen)", 0, IMAPLEX_SEEN },
		{ "(\\SEEN $Junk \\flagged \\Recent)", 0,
		    IMAPLEX_SEEN | IMAPLEX_FLAGGED | IMAPLEX_RECENT },
		{ "(\\Answered \\Deleted \\Draft)", 0,
		    IMAPLEX_ANSWERED | IMAPLEX_DELETED | IMAPLEX_DRAFT },
		{ "\\Seen", -1, 0 },
		{ "(\\Seen", -1, IMAPLEX_SEEN },
		{ "((\\Seen))", -1, 0 },
		{ "", -1, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imaplex l;
		unsigned flags;
		struct err e;

		imaplex_begin(&l, slice_str(rows[i].in));
		is_int(imaplex_flags(&l, &flags, &e), rows[i].ret, "flags '%s'",
		    rows[i].in);
		is_int(flags, rows[i].want, "which");
	}
}

/* Each "[" might be a section: looked for its end every time, this would take
 * minutes. */
static void
test_open_sections(void)
{
	enum { BRACKETS = 400000 };
	struct imaplex_token t;
	struct imaplex l;
	struct buf b;
	clock_t start = clock();

	buf_init(&b, BRACKETS + 1);
	buf_char(&b, 'a');
	for (int i = 0; i < BRACKETS; i++)
		buf_char(&b, '[');
	imaplex_begin(&l, buf_view(&b));
	ok(imaplex_next(&l, &t, NULL) == 1 && t.text.n == BRACKETS + 1,
	    "an atom of sections without an end");
	ok(clock() - start < 3 * CLOCKS_PER_SEC, "in less than 3 s");
	buf_free(&b);
}

int
main(void)
{
	test_tokens();
	test_depth();
	test_skip();
	test_codes();
	test_flags();
	test_open_sections();
	return tap_done();
}
