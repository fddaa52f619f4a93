/* A TAP producer for unit tests: tables of rows, one line each.
 *
 *	int
 *	main(void)
 *	{
 *		ok(1 + 1 == 2, "numbers");
 *		is_int(f(2), 4, "f of %d", 2);
 *		return tap_done();
 *	}
 *
 * SPDX-License-Identifier: MIT */
#ifndef TAP_H
#define TAP_H

#include "base/err.h"
#include "base/slice.h"

/* Each prints "ok N - name" or "not ok N - name" with got and want. */
bool ok(bool cond, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool is_int(int64_t got, int64_t want, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool is_str(const char *got, const char *want, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
bool is_slice(struct slice got, const char *want, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* The plan at the end, and the exit status of main(). */
int tap_done(void);

/* Where the fixtures are: $top_srcdir/tests/ and name, in a static buffer. */
const char *tap_file(const char *name);

#endif
