/* Error values (see err.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

/* A text cut in the middle of a UTF-8 sequence loses the whole sequence. */
static void
cut_utf8(char *s)
{
	size_t n = strlen(s);

	if (n + 1 < ERR_TEXT_MAX)
		return;
	while (n > 0 && ((unsigned char)s[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)s[n - 1] >= 0xc0)
		n--;
	s[n] = '\0';
}

static void PRINTF_LIKE(3, 0)
    fill(struct err *e, enum err_kind kind, const char *fmt, va_list ap)
{
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	cut_utf8(e->text);
}

static bool
is_temporary(int sys)
{
	switch (sys) {
	case EAGAIN:
	case ENOMEM:
	case ENFILE:
	case EMFILE:
	case EINTR:
	case ENOBUFS:
	case ETIMEDOUT:
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
		return true;
	default:
		return false;
	}
}

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	fill(e, kind, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_sys(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	int sys = errno;
	char why[96];
	va_list ap;
	size_t n;

	if (!e)
		return -1;
	va_start(ap, fmt);
	fill(e, is_temporary(sys) ? ERR_TEMP : kind, fmt, ap);
	va_end(ap);
	e->sys = sys;
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s",
	    strerror_r(sys, why, sizeof(why)));
	cut_utf8(e->text);
	return -1;
}

int
err_in(struct err *e, const char *fmt, ...)
{
	char was[ERR_TEXT_MAX];
	va_list ap;
	size_t n;

	if (!e)
		return -1;
	memcpy(was, e->text, sizeof(was));
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", was);
	cut_utf8(e->text);
	return -1;
}

/* Worst last; what a retry may cure beats what it cannot. */
static int
rank(enum err_kind k)
{
	if (k == ERR_OK)
		return 0;
	if (k == ERR_NO)
		return 1;
	if (k == ERR_TEMP)
		return 3;
	return 2;
}

enum err_kind
err_worse(enum err_kind a, enum err_kind b)
{
	return rank(b) > rank(a) ? b : a;
}
