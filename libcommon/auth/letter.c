/* Messages as DKIM sees them (see letter.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/header.h"

#include "auth/letter.h"

int
letter_read(struct slice message, struct arena *a, struct dkim_letter *m_r,
    struct err *e)
{
	struct slice *fields;
	struct header h;

	if (header_read(message, a, &h, e) < 0)
		return -1;
	fields = arena_array(a, h.count, sizeof(*fields));
	for (size_t i = 0; i < h.count; i++)
		fields[i] = h.fields[i].raw;
	*m_r = (struct dkim_letter){ fields, h.count, h.body, h.broken, NULL };
	return 0;
}

const char *
letter_eol(struct slice message)
{
	size_t lf = slice_find(message, '\n');

	return lf != SIZE_MAX && slice_at(message, lf - 1) != '\r' ? "\n"
	                                                           : "\r\n";
}

struct slice
letter_field_name(struct slice field)
{
	return slice_trim_end(slice_sub(field, 0, slice_find(field, ':')));
}

size_t
letter_line(const struct dkim_letter *m, size_t field)
{
	size_t line = 1;

	for (size_t i = 0; i < field; i++)
		for (struct slice rest = m->fields[i], l;
		     slice_take_line(&rest, &l, NULL);)
			line++;
	return line;
}
