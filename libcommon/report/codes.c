/* Codes of SMTP in text (see codes.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/codes.h"

/*	status-code = class "." subject "." detail
 *	class       = "2" / "4" / "5"
 *	subject     = 1*3digit, and detail as well (RFC 3463 section 2) */
static size_t
status_size(struct slice s)
{
	size_t n = 1;

	if (slice_peek(s) != '2' && slice_peek(s) != '4' &&
	    slice_peek(s) != '5')
		return 0;
	for (int k = 0; k < 2; k++) {
		size_t digits = 0;

		if (slice_at(s, n) != '.')
			return 0;
		n++;
		while (ascii_is_digit(slice_at(s, n + digits)))
			digits++;
		if (!digits || digits > 3)
			return 0;
		n += digits;
	}
	return slice_at(s, n) == '.' && ascii_is_digit(slice_at(s, n + 1)) ? 0
	                                                                   : n;
}

/* Nothing of a number, a word or an address (192.0.2.1) is just before. */
static bool
stands_alone(struct slice s, size_t at)
{
	int c = at ? slice_at(s, at - 1) : ' ';

	return !ascii_is_digit(c) && !ascii_is_alpha(c) && c != '.' && c != '@';
}

/* "Version 5.0.8" of a program. */
static bool
is_version(struct slice before)
{
	static const char *const words[] = { "version", "ver", "ver.", "v",
		"release", "rel", "build", "mailer", "agent", "program" };
	size_t n;

	before = slice_trim_end(before);
	for (n = before.n; n && before.p[n - 1] > 32;)
		n--;
	before = slice_sub(before, n, before.n);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_is_nocase(before, words[i]))
			return true;
	return false;
}

bool
codes_status(struct slice text, int class, struct slice *status_r)
{
	struct slice rest = slice_sub(text, 1, text.n);
	size_t dot;

	while ((dot = slice_find(rest, '.')) != SIZE_MAX) {
		size_t i, n;

		slice_take(&rest, dot + 1);
		i = text.n - rest.n - 2; /* in front of the dot */
		if ((class && text.p[i] != class) || !stands_alone(text, i))
			continue;
		n = status_size(slice_sub(text, i, text.n));
		if (!n || is_version(slice_sub(text, 0, i)))
			continue;
		*status_r = slice_sub(text, i, i + n);
		return true;
	}
	return false;
}

/* Reply-code = %x32-35 %x30-35 %x30-39 (RFC 5321 section 4.2); of the failures
 * only. */
unsigned
codes_reply(struct slice text)
{
	for (size_t i = 0; i + 3 <= text.n; i++) {
		struct slice code;
		int after;
		uint64_t v;

		if (text.p[i] != '4' && text.p[i] != '5')
			continue;
		code = slice_sub(text, i, i + 3);
		after = slice_at(text, i + 3);
		if (!stands_alone(text, i) || ascii_is_digit(after) ||
		    ascii_is_alpha(after) || after == '.')
			continue;
		if (slice_number(code, 559, &v))
			return (unsigned)v;
	}
	return 0;
}
