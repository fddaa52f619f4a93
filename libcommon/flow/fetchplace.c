/* The folder of a mailbox (see fetchplace.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/imapname.h"

#include "flow/fetchplace.h"

#define MATCH_STEPS 100000 /* of a pattern against a name */

static void
put_octet(struct buf *out, int c)
{
	buf_fmt(out, "%%%02X", (unsigned)c);
}

/* A Maildir's own folders, by these names, are not for mailboxes. */
static bool
is_reserved(struct slice part)
{
	return slice_is_nocase(part, "cur") || slice_is_nocase(part, "new") ||
	       slice_is_nocase(part, "tmp");
}

static void
put_part(struct slice part, bool plain, struct buf *out)
{
	bool first = true, reserved = plain && is_reserved(part);

	for (; part.n > 0; first = false) {
		int c = slice_get(&part);

		if (c < 0x20 || c == 0x7f || c == '/' || c == '%' ||
		    (c == '.' && (!plain || first)) || (first && reserved))
			put_octet(out, c);
		else
			buf_char(out, c);
	}
}

static int
add_part(struct slice part, bool plain, struct buf *out, struct err *e)
{
	struct buf wire;
	size_t before;

	if (part.n == 0)
		return err_set(e, ERR_DATA, "a folder without a name");
	buf_init(&wire, IMAPNAME_MAX);
	if (plain || !imapname_encode(part, &wire)) {
		buf_reset(&wire);
		buf_slice(&wire, part);
	}
	buf_char(out, plain ? '/' : '.');
	before = out->n;
	put_part(buf_view(&wire), plain, out);
	buf_free(&wire);
	if (buf_over(out) || out->n - before > FETCHPLACE_PART_MAX)
		return err_set(
		    e, ERR_DATA, "the name is too long for a folder here");
	return 0;
}

int
fetchplace_of(struct slice mailbox, int separator, bool plain, struct buf *out,
    struct err *e)
{
	unsigned depth = 0;
	size_t before;

	if (slice_is_nocase(mailbox, "INBOX")) {
		if (plain)
			buf_text(out, "/INBOX");
		return 0;
	}
	if (!plain)
		buf_char(out, '/');
	before = out->n;
	while (mailbox.n > 0) {
		struct slice part = mailbox;

		if (depth++ == FETCHPLACE_DEPTH_MAX)
			return err_set(e, ERR_DATA,
			    "too many folders within "
			    "each other");
		if (separator > 0)
			part =
			    slice_take_until(&mailbox, (char)separator, NULL);
		else
			mailbox.n = 0;
		if (add_part(part, plain, out, e) < 0)
			return -1;
	}
	if (depth == 0)
		return err_set(e, ERR_DATA, "a folder without a name");
	if (!plain && out->n - before > FETCHPLACE_PART_MAX)
		return err_set(
		    e, ERR_DATA, "the name is too long for a folder here");
	return 0;
}

static bool
match(struct slice pattern, struct slice name, int separator, unsigned *steps)
{
	while (pattern.n > 0) {
		int c = slice_get(&pattern);

		if (++*steps > MATCH_STEPS)
			return false;
		if (c == '*' || c == '%') {
			for (;;) {
				if (match(pattern, name, separator, steps))
					return true;
				if (name.n == 0 ||
				    (c == '%' && slice_peek(name) == separator))
					return false;
				slice_get(&name);
			}
		}
		if (name.n == 0 || slice_get(&name) != c)
			return false;
	}
	return name.n == 0;
}

bool
fetchplace_match(const char *pattern, struct slice mailbox, int separator)
{
	unsigned steps = 0;

	if (slice_is_nocase(mailbox, "INBOX") &&
	    slice_is_nocase(slice_str(pattern), "INBOX"))
		return true;
	return match(slice_str(pattern), mailbox, separator, &steps);
}
