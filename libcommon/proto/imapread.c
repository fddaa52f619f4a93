/* Reading IMAP responses (see imapread.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include "proto/imaplex.h"
#include "proto/imapread.h"
#include "proto/imaptake.h"

#define PIECE      65536 /* octets asked of the stream at once */
#define SAID_SHOWN 300   /* octets of a greeting that are kept */

#define TEXT_KEPT (1u << 20) /* octets from one response to the next */

static int
too_long(const struct imap *m, struct err *e)
{
	return err_set(e, ERR_PROTO, "%s: a response is longer than %u octets",
	    stream_peer(m->stream), IMAP_RESPONSE_MAX);
}

static int
cut_off(const struct imap *m, struct err *e)
{
	return err_set(e, ERR_TEMP, "%s: the server closed the connection",
	    stream_peer(m->stream));
}

/* Appends one line, its end left out. */
static int
read_line(struct imap *m, struct err *e)
{
	enum stream_eol eol;
	struct slice piece;

	do {
		int got;

		stream_deadline(m->stream, clock_deadline(m->timeout));
		got = stream_line(m->stream, PIECE, &piece, &eol, e);
		if (got <= 0)
			return got < 0 ? -1 : cut_off(m, e);
		buf_slice(&m->text, piece);
		if (buf_over(&m->text))
			return too_long(m, e);
	} while (eol == STREAM_MORE);
	return 0;
}

/* Gives n octets of the stream to the taker's write(); drops them when it is
 * null. */
static int
pass_octets(
    struct imap *m, uint64_t n, const struct imap_taker *taker, struct err *e)
{
	while (n > 0) {
		struct slice some;
		int got;

		stream_deadline(m->stream, clock_deadline(m->timeout));
		got = stream_some(
		    m->stream, n < PIECE ? (size_t)n : PIECE, &some, e);
		if (got <= 0)
			return got < 0 ? -1 : cut_off(m, e);
		n -= some.n;
		if (taker && taker->write(taker->arg, some, e) < 0)
			return -1;
	}
	return 0;
}

/* A literal that belongs into the text: a name, a header's field. */
static int
keep_literal(struct imap *m, uint64_t size, struct err *e)
{
	if (size > IMAP_RESPONSE_MAX)
		return too_long(m, e);
	buf_text(&m->text, "\r\n");
	while (size > 0) {
		struct slice some;
		int got;

		stream_deadline(m->stream, clock_deadline(m->timeout));
		got = stream_some(
		    m->stream, size < PIECE ? (size_t)size : PIECE, &some, e);
		if (got <= 0)
			return got < 0 ? -1 : cut_off(m, e);
		size -= some.n;
		buf_slice(&m->text, some);
		if (buf_over(&m->text))
			return too_long(m, e);
	}
	m->lexed = m->text.n;
	return 0;
}

/* A body: its maximum is looked at before its first octet. */
static int
stream_literal(struct imap *m, const struct imaplex_token *t, struct err *e)
{
	const struct imap_taker *taker = m->taker;

	if (m->streamed)
		return err_set(e, ERR_PROTO, "%s: two bodies in one FETCH",
		    stream_peer(m->stream));
	m->streamed = true;
	m->size = t->size;
	m->too_large = t->size > taker->max;
	if (m->too_large && t->size / IMAP_DRAIN_FACTOR > taker->max)
		return err_set(e, ERR_PROTO,
		    "%s: a message of %llu octets is announced, far beyond the "
		    "maximum of %llu",
		    stream_peer(m->stream), (unsigned long long)t->size,
		    (unsigned long long)taker->max);
	buf_cut(&m->text, t->at);
	buf_text(&m->text, "{0}\r\n");
	m->lexed = m->text.n;
	if (m->too_large)
		return pass_octets(m, t->size, NULL, e);
	if (taker->named && m->uid > 0)
		taker->named(taker->arg, (uint32_t)m->uid);
	if (taker->begin && taker->begin(taker->arg, t->size, e) < 0)
		return -1;
	return pass_octets(m, t->size, taker, e);
}

/* Status responses are text for people, in which a "{5}" means nothing. */
static bool
may_hold_literals(struct slice text)
{
	static const char *const status[] = { "OK", "NO", "BAD", "BYE",
		"PREAUTH" };
	struct slice word;

	if (!slice_take_prefix(&text, "* "))
		return false;
	word = slice_take_until(&text, ' ', NULL);
	for (size_t i = 0; i < COUNT_OF(status); i++)
		if (slice_is_nocase(word, status[i]))
			return false;
	return true;
}

static bool
is_fetch(struct slice text)
{
	uint64_t n;

	return slice_take_prefix(&text, "* ") &&
	       slice_take_number(&text, IMAPLEX_UID_MAX, &n) &&
	       slice_starts_nocase(text, " FETCH (");
}

/* Goes on lexing where it stopped: 1 with a literal announced at the end, 0
 * when the response is whole. */
static int
find_literal(struct imap *m, struct imaplex_token *t, struct err *e)
{
	struct imaplex l = { .text = buf_view(&m->text), .depth = m->depth };
	int got;

	l.rest = slice_sub(l.text, m->lexed, SIZE_MAX);
	while ((got = imaplex_next(&l, t, e)) > 0) {
		if (t->kind == IMAPLEX_PENDING)
			break;
		if (l.depth == 1 && m->uid_next)
			imaplex_number(t, IMAPLEX_UID_MAX, &m->uid);
		m->uid_next = l.depth == 1 && imaplex_is(t, "UID");
		m->body_next = l.depth == 1 && imaplex_is(t, m->body);
	}
	m->depth = l.depth;
	return got;
}

static int
read_literals(struct imap *m, struct err *e)
{
	bool fetch = m->taker && is_fetch(buf_view(&m->text));
	struct imaplex_token t;
	int got, ret;

	m->lexed = 2;
	while ((got = find_literal(m, &t, e)) > 0) {
		if (fetch && m->body_next)
			ret = stream_literal(m, &t, e);
		else
			ret = keep_literal(m, t.size, e);
		if (ret < 0 || read_line(m, e) < 0)
			return -1;
	}
	return got < 0 ? err_in(e, "%s", stream_peer(m->stream)) : 0;
}

/* One whole response in m->text. */
static int
read_response(struct imap *m, struct err *e)
{
	if (m->text.cap > TEXT_KEPT)
		buf_free(&m->text);
	buf_reset(&m->text);
	arena_free(&m->arena);
	m->lexed = 0;
	m->depth = 0;
	m->body_next = m->streamed = m->too_large = false;
	m->size = 0;
	m->uid = 0;
	m->uid_next = false;
	if (read_line(m, e) < 0)
		return -1;
	if (may_hold_literals(buf_view(&m->text)) && read_literals(m, e) < 0)
		return -1;
	trace_wire(m->trace, TRACE_GOT, buf_view(&m->text));
	return 0;
}

int
imapread_greeting(struct imap *m, struct err *e)
{
	struct slice s;

	if (read_response(m, e) < 0)
		return -1;
	s = buf_view(&m->text);
	buf_slice(&m->said, slice_sub(s, 0, SAID_SHOWN));
	if (slice_take_prefix_nocase(&s, "* OK")) {
		imaptake_code(m, s);
		return 0;
	}
	if (slice_take_prefix_nocase(&s, "* PREAUTH")) {
		m->preauth = true;
		imaptake_code(m, s);
		return 0;
	}
	if (slice_take_prefix_nocase(&s, "* BYE")) {
		imaptake_bye(m, slice_trim(s));
		return err_set(e, m->bye_error.kind, "%s: %s",
		    stream_peer(m->stream), m->bye_error.text);
	}
	s = slice_sub(s, 0, 60);
	return err_set(e, ERR_PROTO, "%s: greeting is no IMAP: '%.*s'",
	    stream_peer(m->stream), SLICE_ARG(s));
}

/* response-tagged = tag SP ("OK" / "NO" / "BAD") SP resp-text */
static int
read_tagged(struct imap *m, struct imapparts_reply *r, struct err *e)
{
	static const char *const words[] = { "OK", "NO", "BAD" };
	struct slice s = buf_view(&m->text), word;
	uint64_t tag = 0;

	if (slice_take_prefix(&s, "A") && slice_take_number(&s, m->tag, &tag) &&
	    slice_take_prefix(&s, " "))
		word = slice_take_until(&s, ' ', NULL);
	else
		word = slice_of(NULL, 0);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (!slice_is_nocase(word, words[i]))
			continue;
		r->status = (enum imapparts_status)i;
		r->tag = (unsigned)tag;
		r->text = slice_trim(s);
		imaptake_code(m, r->text);
		return 0;
	}
	s = slice_sub(buf_view(&m->text), 0, 60);
	return err_set(e, ERR_PROTO, "%s: no IMAP response: '%.*s'",
	    stream_peer(m->stream), SLICE_ARG(s));
}

int
imapread_reply(struct imap *m, struct imapparts_reply *r, struct err *e)
{
	for (;;) {
		struct err why;
		struct slice s;

		if (read_response(m, &why) < 0) {
			if (m->bye && why.kind == ERR_TEMP)
				return err_set(e, m->bye_error.kind, "%s: %s",
				    stream_peer(m->stream), m->bye_error.text);
			return err_set(e, why.kind, "%s", why.text);
		}
		s = buf_view(&m->text);
		if (slice_starts(s, "* ")) {
			if (imaptake_untagged(m, e) < 0)
				return -1;
			continue;
		}
		if (slice_take_prefix(&s, "+")) {
			*r = (struct imapparts_reply){ IMAPPARTS_CONTINUE, 0,
				slice_trim(s) };
			return 0;
		}
		return read_tagged(m, r, e);
	}
}

int
imapread_news(struct imap *m, struct err *e)
{
	unsigned before = m->news;
	struct err why;

	if (read_response(m, &why) < 0) {
		if (m->bye && why.kind == ERR_TEMP)
			return err_set(e, m->bye_error.kind, "%s: %s",
			    stream_peer(m->stream), m->bye_error.text);
		return err_set(e, why.kind, "%s", why.text);
	}
	if (!slice_starts(buf_view(&m->text), "* "))
		return err_set(e, ERR_PROTO, "%s: unexpected response: '%.*s'",
		    stream_peer(m->stream),
		    SLICE_ARG(slice_sub(buf_view(&m->text), 0, 60)));
	m->unasked = 0;
	if (imaptake_untagged(m, e) < 0)
		return -1;
	return m->news > before;
}
