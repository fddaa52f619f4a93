/* A TAP producer (see tap.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

static int count, failed;

static bool PRINTF_LIKE(2, 0) report(bool good, const char *fmt, va_list ap)
{
	printf("%sok %d - ", good ? "" : "not ", ++count);
	vprintf(fmt, ap);
	putchar('\n');
	if (!good)
		failed++;
	return good;
}

/* Octets on one comment line, control bytes as \xNN. */
static void
show(const char *label, struct slice s)
{
	printf("#   %s: %zu octets: ", label, s.n);
	for (size_t i = 0; i < s.n && i < 400; i++)
		if (ascii_is_control((unsigned char)s.p[i]))
			printf("\\x%02x", (unsigned char)s.p[i]);
		else
			putchar(s.p[i]);
	putchar('\n');
}

bool
ok(bool cond, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(cond, fmt, ap);
	va_end(ap);
	return cond;
}

bool
is_int(int64_t got, int64_t want, const char *fmt, ...)
{
	va_list ap;
	bool good = got == want;

	va_start(ap, fmt);
	report(good, fmt, ap);
	va_end(ap);
	if (!good)
		printf("#   got %lld, want %lld\n", (long long)got,
		    (long long)want);
	return good;
}

bool
is_str(const char *got, const char *want, const char *fmt, ...)
{
	struct slice g = slice_str(got), w = slice_str(want);
	bool good = !got == !want && slice_equal(g, w);
	va_list ap;

	va_start(ap, fmt);
	report(good, fmt, ap);
	va_end(ap);
	if (!good) {
		show("got", got ? g : slice_str("(null)"));
		show("want", want ? w : slice_str("(null)"));
	}
	return good;
}

bool
is_slice(struct slice got, const char *want, const char *fmt, ...)
{
	struct slice w = slice_str(want);
	bool good = slice_equal(got, w);
	va_list ap;

	va_start(ap, fmt);
	report(good, fmt, ap);
	va_end(ap);
	if (!good) {
		show("got", got);
		show("want", w);
	}
	return good;
}

int
tap_done(void)
{
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}

const char *
tap_file(const char *name)
{
	static char path[PATH_MAX];
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof(path), "%s/tests/%s", top ? top : ".", name);
	return path;
}
