/* Unit tests of text/token.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/token.h"

#include "tap.h"

typedef int reader(struct slice *, struct slice *);

static void
test_readers(void)
{
	static const struct {
		reader *read;
		const char *name, *in;
		int ret;
		const char *want, *rest;
	} rows[] = {
		{ token_atom, "atom", "abc def", 1, "abc", " def" },
		{ token_atom, "atom", "a.b", 1, "a", ".b" },
		{ token_atom, "atom", "(x)", 0, "", "(x)" },
		{ token_atom, "atom", "\xc3\xa9t@", 1, "\xc3\xa9t", "@" },
		{ token_dot_atom, "dot-atom", "a.b.c@d", 1, "a.b.c", "@d" },
		{ token_dot_atom, "dot-atom", "a..b", 1, "a", "..b" },
		{ token_dot_atom, "dot-atom", "a.", 1, "a", "." },
		{ token_dot_atom, "dot-atom", ".a", 0, "", ".a" },
		{ token_dot_atom_lax, "lax", ".a..b.@", 1, ".a..b.", "@" },
		{ token_quoted, "quoted", "\"a\\\"b\" c", 1, "a\\\"b", " c" },
		{ token_quoted, "quoted", "\"\"", 1, "", "" },
		{ token_quoted, "quoted", "\"open", -1, "", "\"open" },
		{ token_quoted, "quoted", "\"end\\", -1, "", "\"end\\" },
		{ token_quoted, "quoted", "x", 0, "", "x" },
		{ token_domain_literal, "literal", "[IPv6:::1]>", 1,
		    "[IPv6:::1]", ">" },
		{ token_domain_literal, "literal", "[1[2]", -1, "", "[1[2]" },
		{ token_domain_literal, "literal", "[1", -1, "", "[1" },
		{ token_token, "token", "text/plain", 1, "text", "/plain" },
		{ token_token, "token", "\xc3\xa9", 0, "", "\xc3\xa9" },
		{ token_comment, "comment", "(a(b)\\)c)d", 1, "a(b)\\)c", "d" },
		{ token_comment, "comment", "(a(b)", -1, "", "(a(b)" },
		{ token_comment, "comment", "(a\\", -1, "", "(a\\" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice s = slice_str(rows[i].in), r = { 0 };

		is_int(rows[i].read(&s, &r), rows[i].ret, "%s of '%s'",
		    rows[i].name, rows[i].in);
		is_slice(r, rows[i].want, "what it took");
		is_slice(s, rows[i].rest, "what it left");
	}
}

static void
test_blanks(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *rest, *comment;
	} rows[] = {
		{ "x", 1, "x", "" },
		{ " \t (a) (b)\r\n x", 1, "x", "b" },
		{ "\r\n\tx", 1, "x", "" },
		{ "\r\nx", 1, "\r\nx", "" },
		{ " \r\n", 1, "", "" },
		{ "\rx", 1, "\rx", "" },
		{ " (a", -1, " (a", "" },
	};
	char deep[2 * TOKEN_DEPTH_MAX + 3];
	struct slice s;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice comment = { 0 };

		s = slice_str(rows[i].in);
		is_int(token_skip_cfws_comment(&s, &comment), rows[i].ret,
		    "blanks %zu", i);
		is_slice(s, rows[i].rest, "what they left");
		if (rows[i].ret > 0)
			is_slice(comment, rows[i].comment, "last comment");
	}
	memset(deep, '(', TOKEN_DEPTH_MAX + 1);
	memset(deep + TOKEN_DEPTH_MAX + 1, ')', TOKEN_DEPTH_MAX + 1);
	s = slice_of(deep, sizeof(deep) - 1);
	is_int(token_skip_cfws(&s), -1, "too deep");
	s = slice_of(deep + 1, sizeof(deep) - 3);
	is_int(token_skip_cfws(&s), 1, "just deep enough");
}

static void
test_quoting(void)
{
	struct buf b;

	buf_init(&b, 100);
	token_unquote(slice_str("a\\\"b\r\n c\\\\ \\"), &b);
	is_slice(buf_view(&b), "a\"b c\\ \\", "unquote");
	buf_reset(&b);
	token_quote(slice_str("say \"hi\\\""), &b);
	is_slice(buf_view(&b), "\"say \\\"hi\\\\\\\"\"", "quote");
	buf_free(&b);
	ok(token_is_dot_atom(slice_str("a.b")), "a.b is a dot-atom");
	ok(!token_is_dot_atom(slice_str("a.b.")), "a.b. is none");
	ok(!token_is_dot_atom(slice_str("")), "nothing is none");
	ok(token_is_token(slice_str("text")), "text is a token");
	ok(!token_is_token(slice_str("a b")), "a b is none");
}

int
main(void)
{
	test_readers();
	test_blanks();
	test_quoting();
	return tap_done();
}
