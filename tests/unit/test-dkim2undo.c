/* Unit tests of auth/dkim2undo: recipes, and what they make of a letter.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#include "auth/dkim2undo.h"
#include "auth/letter.h"

#include "tap.h"

static const char letter[] = "Received: top\r\n"
			     "X: 1\r\n"
			     "Subject: [l] hello\r\n"
			     "X: 2\r\n"
			     "List-Id: l\r\n"
			     "\r\n"
			     "one\r\n"
			     "two\n"
			     "three";

#define HEAD                                                                   \
	"Received: top\r\nX: 1\r\nSubject: [l] hello\r\nX: 2\r\nList-Id: l\r\n"

static const struct {
	const char *name, *recipe;
	bool from_top;
	int ret;
	const char *want; /* the letter before, or part of the reason */
} cases[] = {
	{ "no recipe", NULL, false, 0, NULL },
	{ "an empty one", "{}", false, 0, NULL },
	{ "a header that cannot be told", "{\"h\":null}", false, 0, NULL },
	{ "a body that cannot be told", "{\"b\":{\"z\":true}}", false, 0,
	    NULL },
	{ "one field that cannot be told", "{\"h\":{\"subject\":null}}", false,
	    0, NULL },
	{ "fields taken out and put back",
	    "{\"h\":{\"list-id\":[],\"subject\":[{\"d\":[\"hello\"]}]}}", false,
	    1,
	    "subject: hello\r\nReceived: top\r\nX: 1\r\nX: 2\r\n\r\none\r\n"
	    "two\nthree" },
	{ "a field copied, from the bottom", "{\"h\":{\"x\":[{\"c\":[1,1]}]}}",
	    false, 1,
	    "X: 2\r\nReceived: top\r\nSubject: [l] hello\r\nList-Id: l\r\n\r\n"
	    "one\r\ntwo\nthree" },
	{ "and from the top", "{\"h\":{\"x\":[{\"c\":[1,1]}]}}", true, 1,
	    "X: 1\r\nReceived: top\r\nSubject: [l] hello\r\nList-Id: l\r\n\r\n"
	    "one\r\ntwo\nthree" },
	{ "fields keep their order, from the bottom",
	    "{\"h\":{\"x\":[{\"c\":[1,2]},{\"d\":[\"3\"]}]}}", false, 1,
	    "x: 3\r\nX: 1\r\nX: 2\r\nReceived: top\r\nSubject: [l] hello\r\n"
	    "List-Id: l\r\n\r\none\r\ntwo\nthree" },
	{ "lines copied, put in, left out",
	    "{\"b\":[{\"d\":[\"zero\",\"\"]},{\"c\":[2,2]}]}", false, 1,
	    HEAD "\r\nzero\r\n\r\ntwo\n" },
	{ "lines in another order, the last one ended",
	    "{\"b\":[{\"c\":[3,3]},{\"c\":[1,1]}]}", false, 1,
	    HEAD "\r\nthree\r\none\r\n" },
	{ "lines beyond the end are not there", "{\"b\":[{\"c\":[3,9]}]}",
	    false, 1, HEAD "\r\nthree\r\n" },
	{ "an empty body", "{\"b\":[]}", false, 1, HEAD "\r\n" },
	{ "no JSON", "{", false, -1, "not JSON" },
	{ "no names", "{\"h\":{}}", false, -1, "no names" },
	{ "a name with a colon", "{\"h\":{\"a:b\":[]}}", false, -1, "a name" },
	{ "a name twice", "{\"h\":{\"a\":[],\"A\":[]}}", false, -1, "a name" },
	{ "a range backwards", "{\"b\":[{\"c\":[3,2]}]}", false, -1, "range" },
	{ "a range from nothing", "{\"b\":[{\"c\":[0,2]}]}", false, -1,
	    "range" },
	{ "a range of three", "{\"b\":[{\"c\":[1,2,3]}]}", false, -1, "range" },
	{ "a step that is none", "{\"b\":[{\"x\":[1,2]}]}", false, -1,
	    "a step" },
	{ "a step that is both", "{\"b\":[{\"c\":[1,2],\"d\":[\"\"]}]}", false,
	    -1, "a step" },
	{ "a number for a text", "{\"b\":[{\"d\":[1]}]}", false, -1, "texts" },
	{ "a text for a list", "{\"b\":[{\"d\":\"x\"}]}", false, -1, "texts" },
};

static void
write_letter(const struct dkim_letter *m, struct buf *out)
{
	for (size_t i = 0; i < m->count; i++) {
		buf_slice(out, m->fields[i]);
		if (!slice_ends_nocase(m->fields[i], "\n"))
			buf_text(out, "\r\n");
	}
	buf_text(out, "\r\n");
	buf_slice(out, m->body);
}

static void
run_case(size_t i)
{
	struct arena a = { 0 };
	struct dkim_letter m, before;
	struct dkim2_field instance;
	struct dkim2_undo u;
	struct buf field, got;
	struct err e = { 0 };

	buf_init(&field, 1u << 20);
	buf_init(&got, 1u << 20);
	buf_text(&field, "Message-Instance: m=2; h=sha256:x:y;");
	if (cases[i].recipe) {
		buf_text(&field, "\r\n r=");
		base64_encode(slice_str(cases[i].recipe), &field);
	}
	dkim2_read(buf_view(&field), &a, &instance);
	letter_read(slice_str(letter), &a, &m, NULL);
	dkim2_undo_begin(&u, &a);
	u.from_top = cases[i].from_top;
	if (is_int(dkim2_undo(&u, &instance, &m, &before, &e), cases[i].ret,
		"%s", cases[i].name) &&
	    cases[i].ret > 0) {
		write_letter(&before, &got);
		is_slice(buf_view(&got), cases[i].want, "%s: the letter",
		    cases[i].name);
	} else if (cases[i].ret < 0) {
		ok(strstr(e.text, cases[i].want) != NULL, "%s: the reason: %s",
		    cases[i].name, e.text);
	}
	dkim2_undo_end(&u);
	buf_free(&field);
	buf_free(&got);
	arena_free(&a);
}

/* A recipe that copies the body over and over ends. */
static void
test_bomb(void)
{
	struct arena a = { 0 };
	struct dkim_letter m = { .body = slice_str("x\n") }, before;
	struct dkim2_field instance;
	struct dkim2_undo u;
	struct buf big, recipe, field;
	struct err e;

	buf_init(&big, 8u << 20);
	buf_init(&recipe, 1u << 20);
	buf_init(&field, 2u << 20);
	for (int i = 0; i < 1 << 20; i++)
		buf_text(&big, "12345\n");
	m.body = buf_view(&big);
	buf_text(&recipe, "{\"b\":[");
	for (int i = 0; i < 200; i++)
		buf_text(&recipe, "{\"c\":[1,1048576]},");
	buf_text(&recipe, "{\"d\":[]}]}");
	buf_text(&field, "Message-Instance: m=2; r=");
	base64_encode(buf_view(&recipe), &field);
	dkim2_read(buf_view(&field), &a, &instance);
	dkim2_undo_begin(&u, &a);
	is_int(dkim2_undo(&u, &instance, &m, &before, &e), 0,
	    "what grows without end is no way back");
	dkim2_undo_end(&u);
	buf_free(&big);
	buf_free(&recipe);
	buf_free(&field);
	arena_free(&a);
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		run_case(i);
	test_bomb();
	return tap_done();
}
