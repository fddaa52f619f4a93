/* Reading IMAP responses (see imapread.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include "proto/imapname.h"
#include "proto/imapread.h"

#define PIECE 65536 /* octets asked of the stream at once */

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
	if (taker->begin(taker->arg, t->size, e) < 0)
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
		m->body_next = l.depth == 1 && imaplex_is(t, "BODY[]");
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
	buf_reset(&m->text);
	arena_free(&m->arena);
	m->lexed = 0;
	m->depth = 0;
	m->body_next = m->streamed = m->too_large = false;
	m->size = 0;
	if (read_line(m, e) < 0)
		return -1;
	if (may_hold_literals(buf_view(&m->text)) && read_literals(m, e) < 0)
		return -1;
	trace_wire(m->trace, TRACE_GOT, buf_view(&m->text));
	return 0;
}

static void
set_caps(struct imap *m, struct slice list)
{
	buf_reset(&m->caps);
	buf_char(&m->caps, ' ');
	buf_slice(&m->caps, slice_trim(list));
	buf_char(&m->caps, ' ');
}

/* Response codes that tell something wherever they come. */
static void
take_code(struct imap *m, struct slice text)
{
	struct imaplex_code c;
	uint64_t v;

	if (!imaplex_code(text, &c))
		return;
	if (slice_is_nocase(c.name, "CAPABILITY"))
		set_caps(m, c.args);
	if (slice_is_nocase(c.name, "ALERT"))
		trace_say(m->trace, "the server says: %.*s", SLICE_ARG(c.text));
	if (!m->mailbox || !slice_number(c.args, IMAPLEX_UID_MAX, &v))
		return;
	if (slice_is_nocase(c.name, "UIDVALIDITY"))
		m->mailbox->validity = (uint32_t)v;
	if (slice_is_nocase(c.name, "UIDNEXT"))
		m->mailbox->next = (uint32_t)v;
}

static int
code_kind(struct slice code)
{
	static const struct {
		const char *code;
		enum err_kind kind;
	} codes[] = {
		/* RFC 9051, 7.1; RFC 5530 */
		{ "UNAVAILABLE", ERR_TEMP },
		{ "INUSE", ERR_TEMP },
		{ "LIMIT", ERR_TEMP },
		{ "SERVERBUG", ERR_TEMP },
		{ "CORRUPTION", ERR_TEMP },
		{ "THROTTLED", ERR_TEMP },
		{ "OVERQUOTA", ERR_TEMP },
		{ "AUTHENTICATIONFAILED", ERR_NOPERM },
		{ "AUTHORIZATIONFAILED", ERR_NOPERM },
		{ "EXPIRED", ERR_NOPERM },
		{ "PRIVACYREQUIRED", ERR_NOPERM },
		{ "CONTACTADMIN", ERR_NOPERM },
		{ "NOPERM", ERR_NOPERM },
		{ "NONEXISTENT", ERR_NOINPUT },
		{ "TRYCREATE", ERR_NOINPUT },
		{ "CANNOT", ERR_UNAVAILABLE },
	};

	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (slice_is_nocase(code, codes[i].code))
			return (int)codes[i].kind;
	return -1;
}

int
imapread_refused(const struct imapread_reply *r, enum err_kind kind,
    const char *command, struct err *e)
{
	struct imaplex_code c;
	struct slice text = slice_sub(r->text, 0, 300);
	int by_code;

	imaplex_code(r->text, &c);
	by_code = code_kind(c.name);
	if (r->status == IMAPREAD_BAD)
		kind = ERR_PROTO;
	if (by_code >= 0)
		kind = (enum err_kind)by_code;
	return err_set(e, kind, "%s refused: '%.*s'", command, SLICE_ARG(text));
}

/* BYE: a farewell after LOGOUT, else a reason to come back later. */
static int
take_bye(struct imap *m, struct slice text)
{
	struct imapread_reply r = { .status = IMAPREAD_NO, .text = text };

	m->bye = true;
	imapread_refused(
	    &r, ERR_TEMP, "the server says BYE: session", &m->bye_error);
	return 0;
}

/* mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE /
 *                nil) SP mailbox */
static int
take_list(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imap_folder f = { .selectable = true, .separator = -1 };
	struct imaplex_token t;
	struct buf name;
	int ret;

	if (!m->folders || m->nfolders++ == IMAP_FOLDERS_MAX)
		return 0;
	if (imaplex_next(l, &t, e) < 0 || t.kind != IMAPLEX_OPEN)
		return err_set(e, ERR_PROTO, "LIST without attributes");
	while (imaplex_next(l, &t, e) > 0 && t.kind == IMAPLEX_ATOM)
		if (imaplex_is(&t, "\\Noselect") ||
		    imaplex_is(&t, "\\NonExistent"))
			f.selectable = false;
	if (t.kind != IMAPLEX_CLOSE || imaplex_next(l, &t, e) <= 0)
		return err_set(e, ERR_PROTO, "LIST without a separator");
	if (t.kind == IMAPLEX_QUOTED)
		f.separator = slice_peek(imaplex_string(&t, &m->arena));
	if (imaplex_next(l, &t, e) <= 0 || t.kind == IMAPLEX_OPEN ||
	    t.kind == IMAPLEX_CLOSE)
		return err_set(e, ERR_PROTO, "LIST without a name");
	f.name = imaplex_string(&t, &m->arena);
	buf_init(&name, 3 * IMAPNAME_MAX);
	if (imapname_decode(f.name, &name))
		f.name = buf_view(&name);
	ret = m->folders->take(m->folders->arg, &f, e);
	buf_free(&name);
	return ret;
}

/* "SEARCH" *(SP nz-number) [SP "(MODSEQ" SP n ")"] */
static int
take_search(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imaplex_token t;
	uint64_t uid;
	int got;

	if (!m->found)
		return 0;
	while ((got = imaplex_next(l, &t, e)) > 0) {
		if (t.kind == IMAPLEX_OPEN)
			break;
		if (!imaplex_number(&t, IMAPLEX_UID_MAX, &uid))
			return err_set(e, ERR_PROTO, "SEARCH gives '%.*s'",
			    SLICE_ARG(slice_sub(t.text, 0, 60)));
		imapset_add(m->found, (uint32_t)uid, (uint32_t)uid);
		if (m->found->n > IMAPSET_RANGES_MAX)
			return err_set(e, ERR_PROTO, "too many ranges of UIDs");
	}
	return got < 0 ? -1 : 0;
}

/* esearch-response = "ESEARCH" [search-correlator] [SP "UID"]
 *                    *(SP search-return-data) (RFC 4731) */
static int
take_esearch(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imaplex_token t;
	int got;

	if (!m->found)
		return 0;
	while ((got = imaplex_next(l, &t, e)) > 0) {
		if (!imaplex_is(&t, "ALL"))
			continue;
		if (imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_ATOM)
			return err_set(e, ERR_PROTO, "ESEARCH without a set");
		return imapset_read(m->found, t.text, e);
	}
	return got < 0 ? -1 : 0;
}

/* A body short enough that the server quoted it, or NIL. */
static int
take_string(struct imap *m, const struct imaplex_token *t, struct err *e)
{
	const struct imap_taker *taker = m->taker;
	struct slice s = imaplex_string(t, &m->arena);

	if (t->kind == IMAPLEX_LITERAL && m->streamed)
		return 1;
	if (imaplex_is_nil(t))
		return 0;
	if (t->kind != IMAPLEX_QUOTED || m->streamed)
		return err_set(e, ERR_PROTO, "FETCH with a body that is none");
	m->size = s.n;
	m->streamed = true;
	m->too_large = s.n > taker->max;
	if (m->too_large)
		return 1;
	if (taker->begin(taker->arg, s.n, e) < 0 ||
	    (s.n > 0 && taker->write(taker->arg, s, e) < 0))
		return -1;
	return 1;
}

/* One item of msg-att and its value. */
static int
take_item(struct imap *m, struct imaplex *l, const struct imaplex_token *name,
    struct imap_message *msg, struct err *e)
{
	struct imaplex_token t;
	uint64_t v;
	int got;

	if (imaplex_is(name, "FLAGS")) {
		msg->has_flags = true;
		return imaplex_flags(l, &msg->flags, e);
	}
	if (!imaplex_is(name, "UID") && !imaplex_is(name, "BODY[]") &&
	    !imaplex_is(name, "INTERNALDATE"))
		return imaplex_skip(l, e);
	if (imaplex_next(l, &t, e) <= 0 || t.kind == IMAPLEX_OPEN ||
	    t.kind == IMAPLEX_CLOSE)
		return err_set(e, ERR_PROTO, "FETCH item without a value");
	if (imaplex_is(name, "INTERNALDATE")) {
		msg->date = imaplex_string(&t, &m->arena);
		return 0;
	}
	if (imaplex_is(name, "UID")) {
		if (!imaplex_number(&t, IMAPLEX_UID_MAX, &v) || v == 0)
			return err_set(e, ERR_PROTO, "FETCH with a bad UID");
		msg->uid = (uint32_t)v;
		return 0;
	}
	got = take_string(m, &t, e);
	if (got > 0)
		msg->body =
		    m->too_large ? IMAP_BODY_TOO_LARGE : IMAP_BODY_WHOLE;
	return got < 0 ? -1 : 0;
}

/* message-data = nz-number SP "FETCH" SP "(" msg-att-item *(SP
 * msg-att-item) ")" */
static int
take_fetch(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imap_message msg = { .body = IMAP_BODY_NONE };
	struct imaplex_token t;

	if (!m->taker)
		return 0;
	if (imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_OPEN)
		return err_set(e, ERR_PROTO, "FETCH without a list");
	for (;;) {
		if (imaplex_next(l, &t, e) <= 0)
			return -1;
		if (t.kind == IMAPLEX_CLOSE)
			break;
		if (t.kind != IMAPLEX_ATOM)
			return err_set(
			    e, ERR_PROTO, "FETCH item without a name");
		if (take_item(m, l, &t, &msg, e) < 0)
			return -1;
	}
	msg.size = m->size;
	if (msg.body != IMAP_BODY_NONE)
		m->unasked = 0;
	return m->taker->end(m->taker->arg, &msg, e);
}

/* "*" SP number SP ("EXISTS" / "RECENT" / "EXPUNGE" / "FETCH" ...) */
static int
take_numbered(struct imap *m, struct imaplex *l, uint64_t n, struct err *e)
{
	struct imaplex_token t;

	if (imaplex_next(l, &t, e) <= 0)
		return err_set(e, ERR_PROTO, "a number without a word");
	if (imaplex_is(&t, "FETCH"))
		return take_fetch(m, l, e);
	if (imaplex_is(&t, "EXISTS") && m->mailbox)
		m->mailbox->exists = n;
	return 0;
}

/* What no command asked for is not an error; unknown data is passed over. */
static int
take_untagged(struct imap *m, struct err *e)
{
	struct slice text = slice_sub(buf_view(&m->text), 2, SIZE_MAX);
	struct imaplex_token t;
	struct imaplex l;
	uint64_t n;

	if (m->unasked++ == IMAP_UNASKED_MAX)
		return err_set(e, ERR_PROTO, "the server talks without end");
	imaplex_begin(&l, text);
	if (imaplex_next(&l, &t, e) <= 0 || t.kind != IMAPLEX_ATOM)
		return err_set(e, ERR_PROTO, "a response without a name");
	if (imaplex_number(&t, IMAPLEX_NUMBER_MAX, &n))
		return take_numbered(m, &l, n, e);
	if (imaplex_is(&t, "BYE"))
		return take_bye(m, l.rest);
	if (imaplex_is(&t, "CAPABILITY"))
		set_caps(m, l.rest);
	else if (imaplex_is(&t, "OK") || imaplex_is(&t, "NO") ||
		 imaplex_is(&t, "BAD"))
		take_code(m, l.rest);
	else if (imaplex_is(&t, "LIST"))
		return take_list(m, &l, e);
	else if (imaplex_is(&t, "SEARCH"))
		return take_search(m, &l, e);
	else if (imaplex_is(&t, "ESEARCH"))
		return take_esearch(m, &l, e);
	return 0;
}

int
imapread_greeting(struct imap *m, struct err *e)
{
	struct slice s;

	if (read_response(m, e) < 0)
		return -1;
	s = buf_view(&m->text);
	if (slice_take_prefix_nocase(&s, "* OK")) {
		take_code(m, s);
		return 0;
	}
	if (slice_take_prefix_nocase(&s, "* PREAUTH")) {
		m->preauth = true;
		take_code(m, s);
		return 0;
	}
	if (slice_take_prefix_nocase(&s, "* BYE")) {
		take_bye(m, slice_trim(s));
		return err_set(e, m->bye_error.kind, "%s: %s",
		    stream_peer(m->stream), m->bye_error.text);
	}
	s = slice_sub(s, 0, 60);
	return err_set(e, ERR_PROTO, "%s: greeting is no IMAP: '%.*s'",
	    stream_peer(m->stream), SLICE_ARG(s));
}

/* response-tagged = tag SP ("OK" / "NO" / "BAD") SP resp-text */
static int
read_tagged(struct imap *m, struct imapread_reply *r, struct err *e)
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
		r->status = (enum imapread_status)i;
		r->tag = (unsigned)tag;
		r->text = slice_trim(s);
		take_code(m, r->text);
		return 0;
	}
	s = slice_sub(buf_view(&m->text), 0, 60);
	return err_set(e, ERR_PROTO, "%s: no IMAP response: '%.*s'",
	    stream_peer(m->stream), SLICE_ARG(s));
}

int
imapread_reply(struct imap *m, struct imapread_reply *r, struct err *e)
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
			if (take_untagged(m, e) < 0)
				return -1;
			continue;
		}
		if (slice_take_prefix(&s, "+")) {
			*r = (struct imapread_reply){ IMAPREAD_CONTINUE, 0,
				slice_trim(s) };
			return 0;
		}
		return read_tagged(m, r, e);
	}
}
