/* Messages as mboxrd (see mbox.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/date.h"

#include "store/mbox.h"

#define FROM "From "

/* "From " sender SP asctime() */
void
mbox_from(int64_t date, char line_r[MBOX_FROM_LENGTH + 1])
{
	char t[DATE_TEXT_MAX]; /* "Tue, 24 Nov 2026 00:09:32 +0000" */
	const char *day = t + 5, *rest;
	bool two;

	date_make(date, 0, t);
	two = ascii_is_digit((unsigned char)day[1]);
	rest = day + (two ? 3 : 2);
	snprintf(line_r, MBOX_FROM_LENGTH + 1,
	    "From MAILER-DAEMON %.3s %.3s %2.*s %.8s %.4s", t, rest,
	    two ? 2 : 1, day, rest + 9, rest + 4);
}

static int
put(struct mbox_writer *w, struct slice s, struct err *e)
{
	if (s.n > 0)
		w->last = (unsigned char)s.p[s.n - 1];
	return writer_put(&w->to, s, e);
}

int
mbox_begin(struct mbox_writer *w, struct slice from, struct err *e)
{
	w->at_start = true;
	w->held_gt = w->held_from = 0;
	if (put(w, from, e) < 0)
		return -1;
	return put(w, slice_str("\n"), e);
}

/* What waited at the line start goes out, quoted or not. */
static int
release(struct mbox_writer *w, bool quoted, struct err *e)
{
	struct slice from = slice_of(FROM, w->held_from);

	w->at_start = false;
	w->held_from = 0;
	if (quoted)
		w->held_gt++;
	for (; w->held_gt > 0; w->held_gt--)
		if (put(w, slice_str(">"), e) < 0)
			return -1;
	return put(w, from, e);
}

/* The octet c at a line start, or behind what waits there. */
static int
hold(struct mbox_writer *w, struct slice *s, struct err *e)
{
	int c = slice_peek(*s);

	if (w->held_from == 0 && c == '>') {
		w->held_gt++;
	} else if (c == FROM[w->held_from]) {
		if (++w->held_from == sizeof(FROM) - 1) {
			slice_get(s);
			return release(w, true, e);
		}
	} else {
		return release(w, false, e);
	}
	slice_get(s);
	return 0;
}

/* The longest start of s, from within a line, that can go out as it is: up to
 * a line end before something that may have to be quoted. */
static struct slice
take_plain(struct mbox_writer *w, struct slice *s)
{
	size_t n = 0;

	while (n < s->n) {
		size_t end = slice_find(slice_sub(*s, n, s->n), '\n');
		int c;

		if (end == SIZE_MAX)
			return slice_take(s, s->n);
		n += end + 1;
		c = slice_at(*s, n);
		if (c == '>' || c == 'F' || c < 0) {
			w->at_start = true;
			break;
		}
	}
	return slice_take(s, n);
}

int
mbox_write(struct mbox_writer *w, struct slice octets, struct err *e)
{
	while (octets.n > 0) {
		int ret = w->at_start ? hold(w, &octets, e)
		                      : put(w, take_plain(w, &octets), e);

		if (ret < 0)
			return -1;
	}
	return 0;
}

int
mbox_end(struct mbox_writer *w, struct err *e)
{
	if (release(w, false, e) < 0)
		return -1;
	if (w->last != '\n' && put(w, slice_str("\n"), e) < 0)
		return -1;
	return put(w, slice_str("\n"), e);
}
