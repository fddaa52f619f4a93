/* Unit tests of base/err.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"

#include "tap.h"

static void
test_set(void)
{
	struct err e = { .smtp = 550, .enhanced = "5.1.1", .sys = 3 };

	is_int(err_set(&e, ERR_DATA, "bad %s", "x"), -1, "set gives -1");
	is_int(e.kind, ERR_DATA, "kind");
	is_str(e.text, "bad x", "text");
	ok(!e.smtp && !e.sys && !e.enhanced[0], "what was before is gone");
	is_int(err_in(&e, "line %d", 7), -1, "in gives -1");
	is_str(e.text, "line 7: bad x", "context in front");
	is_int(e.kind, ERR_DATA, "the kind stays");
	is_int(err_set(NULL, ERR_DATA, "x"), -1, "nobody asks: set");
	is_int(err_in(NULL, "x"), -1, "in");
	errno = ENOENT;
	is_int(err_sys(NULL, ERR_DATA, "x"), -1, "sys");
}

static void
test_sys(void)
{
	static const struct {
		int sys;
		enum err_kind want;
	} rows[] = {
		{ ENOENT, ERR_NOINPUT },
		{ EACCES, ERR_NOINPUT },
		{ ENOSPC, ERR_NOINPUT },
		{ ENOMEM, ERR_TEMP },
		{ EMFILE, ERR_TEMP },
		{ ECONNREFUSED, ERR_TEMP },
		{ ETIMEDOUT, ERR_TEMP },
		{ ENETUNREACH, ERR_TEMP },
	};
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		errno = rows[i].sys;
		is_int(err_sys(&e, ERR_NOINPUT, "cannot open '%s'", "x"), -1,
		    "errno %d", rows[i].sys);
		is_int(e.kind, rows[i].want, "its kind");
		is_int(e.sys, rows[i].sys, "is kept");
	}
	errno = ENOENT;
	err_sys(&e, ERR_NOINPUT, "cannot open '%s'", "x");
	is_str(e.text, "cannot open 'x': No such file or directory", "text");
}

/* Text that is too long is cut, and not within a character. */
static void
test_long(void)
{
	char text[2 * ERR_TEXT_MAX];
	struct err e;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&e, ERR_DATA, "%s", text);
	is_int((int64_t)strlen(e.text), ERR_TEXT_MAX - 1, "cut to the maximum");
	err_in(&e, "in front");
	ok(strncmp(e.text, "in front: xxx", 13) == 0, "context is kept");
	memcpy(text + ERR_TEXT_MAX - 3, "\xe2\x82\xac", 3);
	err_set(&e, ERR_DATA, "%s", text);
	is_int((int64_t)strlen(e.text), ERR_TEXT_MAX - 3, "cut before UTF-8");
}

static void
test_worse(void)
{
	static const struct {
		enum err_kind a, b, want;
	} rows[] = {
		{ ERR_OK, ERR_OK, ERR_OK },
		{ ERR_OK, ERR_NO, ERR_NO },
		{ ERR_NO, ERR_OK, ERR_NO },
		{ ERR_NO, ERR_DATA, ERR_DATA },
		{ ERR_DATA, ERR_NO, ERR_DATA },
		{ ERR_UNAVAILABLE, ERR_TEMP, ERR_TEMP },
		{ ERR_TEMP, ERR_UNAVAILABLE, ERR_TEMP },
		{ ERR_TEMP, ERR_NO, ERR_TEMP },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		is_int((int)err_worse(rows[i].a, rows[i].b), (int)rows[i].want,
		    "worse of %d and %d", (int)rows[i].a, (int)rows[i].b);
	is_int(err_worse(ERR_DATA, ERR_IO), ERR_DATA, "first of equals");
}

int
main(void)
{
	test_set();
	test_sys();
	test_long();
	test_worse();
	return tap_done();
}
