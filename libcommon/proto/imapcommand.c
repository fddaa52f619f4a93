/* Sending IMAP commands (see imapcommand.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>

#include "base/clock.h"

#include "text/date.h"

#include "proto/imapcommand.h"
#include "proto/imapname.h"

int
imapcommand_send(
    struct imap *m, struct slice text, const char *shown, struct err *e)
{
	struct slice view = shown ? slice_str(shown) : text;

	m->tag++;
	if (trace_on(m->trace, TRACE_WIRE)) {
		struct buf b;

		buf_init(&b, 2 * IMAP_COMMAND_MAX);
		buf_fmt(&b, "A%u %.*s", m->tag, SLICE_ARG(view));
		trace_wire(m->trace, TRACE_SENT, buf_view(&b));
		buf_free(&b);
	}
	stream_deadline(m->stream, clock_deadline(m->timeout));
	if (stream_fmt(m->stream, e, "A%u ", m->tag) < 0 ||
	    stream_put(m->stream, text, e) < 0 ||
	    stream_text(m->stream, "\r\n", e) < 0 ||
	    stream_flush(m->stream, e) < 0)
		return -1;
	return 0;
}

int
imapcommand_unexpected(
    const struct imap *m, const struct imapparts_reply *r, struct err *e)
{
	return err_set(e, ERR_PROTO, "%s: unexpected response: '%.*s'",
	    stream_peer(m->stream), SLICE_ARG(slice_sub(r->text, 0, 60)));
}

int
imapcommand_finish(struct imap *m, struct imapparts_reply *r, struct err *e)
{
	if (imapread_reply(m, r, e) < 0)
		return -1;
	if (r->status == IMAPPARTS_CONTINUE || r->tag != m->tag)
		return imapcommand_unexpected(m, r, e);
	return 0;
}

int
imapcommand_run(
    struct imap *m, enum err_kind kind, struct err *e, const char *fmt, ...)
{
	struct imapparts_reply r;
	struct buf b;
	va_list ap;
	int ret;

	buf_init(&b, IMAP_COMMAND_MAX);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	m->unasked = 0;
	if (buf_over(&b))
		ret = err_set(e, ERR_DATA, "IMAP command is too long");
	else
		ret = imapcommand_send(m, buf_view(&b), NULL, e);
	if (ret == 0)
		ret = imapcommand_finish(m, &r, e);
	if (ret == 0 && r.status != IMAPPARTS_OK) {
		struct slice all = buf_view(&b), word;

		word = slice_take_until(&all, ' ', NULL);
		if (slice_is(word, "UID"))
			word = slice_take_until(&all, ' ', NULL);
		ret =
		    imaptake_refused(&r, kind, arena_copy(&m->arena, word), e);
		err_in(e, "%s", stream_peer(m->stream));
	}
	buf_free(&b);
	return ret;
}

bool
imapcommand_quote(struct buf *out, struct slice s)
{
	buf_char(out, '"');
	while (s.n > 0) {
		int c = slice_get(&s);

		if (c == '\r' || c == '\n' || c == '\0')
			return false;
		if (c == '"' || c == '\\')
			buf_char(out, '\\');
		buf_char(out, c);
	}
	buf_char(out, '"');
	return true;
}

const char *
imapcommand_name(struct imap *m, const char *name, struct err *e)
{
	struct buf wire, quoted;
	const char *made = NULL;

	buf_init(&wire, IMAP_COMMAND_MAX);
	buf_init(&quoted, IMAP_COMMAND_MAX);
	if (m->utf8 || !imapname_encode(slice_str(name), &wire)) {
		buf_reset(&wire);
		buf_text(&wire, name);
	}
	if (imapcommand_quote(&quoted, buf_view(&wire)) && !buf_over(&quoted))
		made = arena_copy(&m->arena, buf_view(&quoted));
	else
		err_set(e, ERR_USAGE, "'%s' cannot be a mailbox name", name);
	buf_free(&wire);
	buf_free(&quoted);
	return made;
}

void
imap_date(int64_t t, struct buf *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct date d;

	date_split(t, 0, &d);
	buf_fmt(out, "%d-%.3s-%04d", d.day, months + 3 * (size_t)(d.month - 1),
	    (int)d.year);
}
