/* msend takes a message from standard input, and puts the envelope round it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "text/eol.h"

#include "msg/addr.h"

#include "store/source.h"

#include "proto/smtpaddr.h"

#include "msend.h"

#define MESSAGE_MAX (4ull << 30) /* octets of a message that is taken */

/* -f ADDR, "<ADDR>", "Name <ADDR>" or "<>". */
static int
read_sender(struct msend_work *w, struct err *e)
{
	const char *from = w->set->from;
	struct addr_list list;
	struct slice text;

	if (!from) {
		w->from = w->submit.sender;
		if (w->from.n && msend_local_names(w) &&
		    slice_find(w->from, '@') == SIZE_MAX)
			w->from = msend_local_address(w, w->from);
		if (w->from.n == 0 && w->set->local.is)
			w->from = msend_local_address(
			    w, slice_str(w->set->local.user));
		if (w->from.n == 0)
			return err_set(e, ERR_DATA,
			    "no sender: the message has no From; --from ADDR");
		return 0;
	}
	text = slice_trim(slice_str(from));
	if (text.n == 0 || slice_is(text, "<>"))
		return 0;
	w->from = text;
	if (slice_find(text, '@') == SIZE_MAX) {
		if (msend_local_names(w))
			w->from = msend_local_address(w, text);
		return 0;
	}
	if (addr_parse(text, w->arena, &list, e) < 0 || list.n != 1)
		return err_set(e, ERR_USAGE, "--from: no address: '%s'", from);
	w->from = addr_text(&list.v[0], w->arena);
	return 0;
}

static int
read_input(struct msend_work *w, struct err *e)
{
	const char *name = "standard input";

	if (io_map_fd(STDIN_FILENO, MESSAGE_MAX, name, &w->map, e) < 0)
		return -1;
	if (w->map.bytes.n == 0)
		return err_set(e, ERR_NOINPUT, "'%s' is empty", name);
	if (source_check(&w->map, w->map.bytes, e) == 0)
		return 0;
	return err_in(e, "'%s'", name);
}

static int
read_it(struct msend_work *w, struct slice message, const struct io_map *map,
    unsigned how, struct err *e)
{
	if (msend_local_names(w))
		how |= SUBMIT_NAMES;
	if (submit_read(
		message, map, how, &w->run->given, w->arena, &w->submit, e) < 0)
		return -1;
	w->mail.content = submit_write;
	w->mail.to_7bit = submit_to_7bit;
	w->mail.arg = &w->submit;
	w->mail.size = w->submit.size;
	w->mail.binary = w->submit.binary;
	w->mail.eight_bit_line = w->submit.eight_bit_line;
	w->mail.utf8_line = w->submit.utf8_line;
	return 0;
}

int
msend_read_only(struct msend_work *w, struct slice message, struct err *e)
{
	return read_it(w, message, &w->map, w->set->fix ? SUBMIT_FIX : 0, e);
}

int
msend_read(struct msend_work *w, struct slice message, const struct io_map *map,
    struct err *e)
{
	unsigned how =
	    (w->set->take ? SUBMIT_TAKE : 0) | (w->set->fix ? SUBMIT_FIX : 0);

	if (read_it(w, message, map, how, e) < 0)
		return -1;
	for (size_t i = 0; i < w->run->rest.n; i++)
		submit_add_rcpt(
		    &w->submit, slice_str(w->run->rest.v[i]), w->arena);
	if (read_sender(w, e) < 0 || msend_local_header(w, e) < 0 ||
	    msend_list_take(w, e) < 0 || msend_tls_take(w, e) < 0)
		return -1;
	w->mail.size = w->submit.size;
	return msend_sign(w, e);
}

int
msend_take(struct msend_work *w, struct err *e)
{
	if (read_input(w, e) < 0)
		return -1;
	return msend_read(w, w->map.bytes, &w->map, e);
}

int
msend_envelope(struct msend_work *w, struct err *e)
{
	struct buf b;
	bool utf8;
	int r;

	if (msend_local_recipients(w, e) < 0)
		return -1;
	w->mail.from = w->from;
	w->mail.wish = w->wish;
	w->mail.rcpt = w->submit.rcpt;
	w->mail.rcpts = w->submit.rcpts;
	if (w->mail.rcpts == 0)
		return err_set(
		    e, ERR_USAGE, "no recipient: name one, or use -t or --to");
	buf_init(&b, SMTPADDR_MAX * 2);
	r = smtpaddr_write(w->from, &b, &utf8, e);
	for (size_t i = 0; i < w->mail.rcpts && r == 0; i++) {
		buf_reset(&b);
		r = smtpaddr_write(w->mail.rcpt[i], &b, &utf8, e);
	}
	buf_free(&b);
	return r;
}
