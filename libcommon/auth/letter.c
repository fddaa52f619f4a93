/* Messages as DKIM sees them (see letter.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/letter.h"

int
letter_read(struct slice message, struct arena *a, struct dkim_letter *m_r,
    struct err *e)
{
	struct slice *fields = NULL, rest = message, line;
	size_t n = 0, cap = 0;

	for (;;) {
		const char *start = rest.p;

		if (!slice_take_line(&rest, &line, NULL) || !line.n)
			break;
		if (n && ascii_is_blank(line.p[0])) {
			fields[n - 1].n = (size_t)(rest.p - fields[n - 1].p);
			continue;
		}
		if (n == LETTER_FIELDS_MAX)
			return err_set(e, ERR_DATA,
			    "more than %d header fields", LETTER_FIELDS_MAX);
		if (n == cap)
			fields = arena_grow(
			    a, fields, n, n + 1, sizeof(*fields), &cap);
		fields[n++] = slice_of(start, (size_t)(rest.p - start));
	}
	*m_r = (struct dkim_letter){ fields, n, rest };
	return 0;
}

const char *
letter_eol(struct slice message)
{
	struct slice line;
	size_t eol = 0;

	slice_take_line(&message, &line, &eol);
	return eol == 1 ? "\n" : "\r\n";
}
