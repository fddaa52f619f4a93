/* The client's side of a POP3 session (see pop3.h): one function a command.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"
#include "base/mem.h"

#include "text/eol.h"

#include "proto/pop3wire.h"

#define PIECE      65536 /* octets asked of the stream at once */
#define AHEAD      64    /* RETR under way */
#define GOODBYE_MS 10000 /* for QUIT */

/* "LOGIN-DELAY" SP seconds [SP "USER"] (RFC 2449, 6.5) */
static void
take_delay(struct pop3 *p, struct slice rest)
{
	uint64_t seconds;

	if (slice_take_number(&rest, UINT32_MAX, &seconds))
		p->login_delay =
		    (uint32_t)(seconds < POP3_DELAY_MAX ? seconds
							: POP3_DELAY_MAX);
}

/* capa-tag *(SP param) (RFC 2449, 3) */
static void
take_capability(struct pop3 *p, struct slice line)
{
	const struct {
		const char *word;
		bool *has;
	} words[] = {
		{ "STLS", &p->has_stls },
		{ "PIPELINING", &p->has_pipelining },
		{ "USER", &p->has_user },
		{ "UTF8", &p->has_utf8 },
		{ "TOP", &p->has_top },
	};
	struct slice word = slice_take_until(&line, ' ', NULL);

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_is_nocase(word, words[i].word))
			*words[i].has = true;
	if (slice_is_nocase(word, "LOGIN-DELAY"))
		take_delay(p, line);
	if (slice_is_nocase(word, "SASL")) {
		buf_slice(&p->offered, line);
		buf_char(&p->offered, ' ');
	}
}

/* CAPA; a server that has none is an old one, not a broken one. */
static int
ask_capabilities(struct pop3 *p, struct err *e)
{
	struct slice line;
	int got;

	p->has_stls = p->has_pipelining = p->has_user = p->has_utf8 =
	    p->has_top = false;
	buf_reset(&p->offered);
	got = pop3wire_ask(p, "CAPA", &line, e);
	p->has_capa = got > 0;
	if (got <= 0)
		return got;
	for (unsigned i = 0; (got = pop3wire_listing(p, &line, e)) > 0; i++) {
		if (i == POP3_CAPAS_MAX)
			return err_set(e, ERR_PROTO, "%s: CAPA without an end",
			    stream_peer(p->stream));
		take_capability(p, line);
	}
	return got;
}

/* The greeting of a server with APOP has a timestamp, msg-id of RFC 822
 * (RFC 1939, 7). */
static void
take_stamp(struct pop3 *p, struct slice text)
{
	struct slice s;
	bool ended;

	slice_take_until(&text, '<', NULL);
	s = slice_take_until(&text, '>', &ended);
	if (!ended || s.n == 0 || slice_find(s, '@') == SIZE_MAX)
		return;
	buf_fmt(&p->stamp, "<%.*s>", SLICE_ARG(s));
	if (buf_over(&p->stamp))
		buf_reset(&p->stamp);
}

int
pop3_open(struct stream *s, int64_t timeout, const struct trace *trace,
    struct pop3 **p_r, struct err *e)
{
	struct pop3 *p = mem_new(sizeof(*p));
	struct slice text;
	int got;

	p->stream = s;
	p->timeout = timeout;
	p->trace = trace;
	buf_init(&p->stamp, POP3WIRE_STAMP_MAX);
	buf_init(&p->offered, POP3WIRE_OFFERED_MAX);
	got = pop3wire_status(p, &text, e);
	if (got == 0)
		got = pop3wire_refused(p, text, ERR_TEMP, "session", e);
	if (got > 0)
		take_stamp(p, text);
	if (got < 0 || ask_capabilities(p, e) < 0) {
		pop3_free(&p);
		return -1;
	}
	*p_r = p;
	return 0;
}

void
pop3_free(struct pop3 **p)
{
	if (!*p)
		return;
	stream_free(&(*p)->stream);
	buf_free(&(*p)->stamp);
	buf_free(&(*p)->offered);
	mem_free(*p);
	*p = NULL;
}

int
pop3_quit(struct pop3 **p, struct err *e)
{
	struct slice text;
	int got;

	/* deleting many takes the server its time */
	if (!(*p)->deletes && ((*p)->timeout < 0 || (*p)->timeout > GOODBYE_MS))
		(*p)->timeout = GOODBYE_MS;
	got = pop3wire_ask(*p, "QUIT", &text, e);
	if (got == 0)
		got = pop3wire_refused(*p, text, ERR_TEMP, "QUIT", e);
	pop3_free(p);
	return got < 0 ? -1 : 0;
}

uint32_t
pop3_login_delay(const struct pop3 *p)
{
	return p->login_delay;
}

bool
pop3_has_stls(const struct pop3 *p)
{
	return p->has_stls;
}

int
pop3_starttls(struct pop3 *p, const struct tls_want *want, struct err *e)
{
	struct slice text;
	int got;

	if (!p->has_stls)
		return err_set(e, ERR_PROTO,
		    "%s: the server offers no STLS: use pop3s",
		    stream_peer(p->stream));
	got = pop3wire_ask(p, "STLS", &text, e);
	if (got == 0)
		return pop3wire_refused(p, text, ERR_PROTO, "STLS", e);
	if (got < 0 || stream_tls_client(p->stream, want, e) < 0)
		return -1;
	return ask_capabilities(p, e);
}

/* "+OK" SP count SP octets */
int
pop3_stat(struct pop3 *p, uint32_t *count_r, struct err *e)
{
	struct slice text;
	uint64_t n;
	int got = pop3wire_ask(p, "STAT", &text, e);

	if (got < 0)
		return -1;
	if (got == 0)
		return pop3wire_refused(p, text, ERR_TEMP, "STAT", e);
	if (!slice_take_number(&text, POP3_MESSAGES_MAX, &n))
		return err_set(e, ERR_PROTO, "%s: bad answer to STAT: '%.*s'",
		    stream_peer(p->stream), SLICE_ARG(text));
	*count_r = (uint32_t)n;
	return 0;
}

/* The number that begins a line of a listing, and the blank behind it. */
static int
take_number(struct pop3 *p, struct slice *line, const char *command,
    uint32_t *number_r, struct err *e)
{
	struct slice shown = slice_sub(*line, 0, 60);
	uint64_t number;

	if (!slice_take_number(line, POP3_MESSAGES_MAX, &number) ||
	    number == 0 || slice_get(line) != ' ')
		return err_set(e, ERR_PROTO, "%s: bad line of %s: '%.*s'",
		    stream_peer(p->stream), command, SLICE_ARG(shown));
	*line = slice_trim(*line);
	*number_r = (uint32_t)number;
	return 0;
}

/* unique-id listing: number SP unique-id */
static int
take_uidl(void *arg, struct pop3 *p, uint32_t number, struct slice uidl,
    struct err *e)
{
	const struct pop3_uidl_taker *taker = arg;

	if (uidl.n == 0 || uidl.n > POP3_UIDL_MAX)
		return err_set(e, ERR_PROTO, "%s: bad UIDL of %zu octets",
		    stream_peer(p->stream), uidl.n);
	return taker->take(taker->arg, number, uidl, e);
}

/* scan listing: number SP octets, and more that is of no interest */
static int
take_size(void *arg, struct pop3 *p, uint32_t number, struct slice rest,
    struct err *e)
{
	const struct pop3_size_taker *taker = arg;
	uint64_t size;

	if (!slice_take_number(&rest, INT64_MAX, &size))
		return err_set(e, ERR_PROTO, "%s: bad size in LIST",
		    stream_peer(p->stream));
	return taker->take(taker->arg, number, size, e);
}

/* 1, 0 refused, -1 */
static int
list(struct pop3 *p, const char *command,
    int (*take)(void *arg, struct pop3 *p, uint32_t number, struct slice rest,
	struct err *e),
    void *arg, struct slice *words_r, struct err *e)
{
	struct slice line;
	uint32_t number = 0;
	int got = pop3wire_ask(p, command, words_r, e);

	if (got <= 0)
		return got;
	for (unsigned i = 0; (got = pop3wire_listing(p, &line, e)) > 0; i++) {
		if (i == POP3_MESSAGES_MAX)
			return err_set(e, ERR_PROTO, "%s: %s without an end",
			    stream_peer(p->stream), command);
		if (take_number(p, &line, command, &number, e) < 0 ||
		    take(arg, p, number, line, e) < 0)
			return -1;
	}
	return got < 0 ? -1 : 1;
}

int
pop3_uidl(struct pop3 *p, const struct pop3_uidl_taker *taker, struct err *e)
{
	struct pop3_uidl_taker copy = *taker;
	struct slice words;

	return list(p, "UIDL", take_uidl, &copy, &words, e);
}

int
pop3_sizes(struct pop3 *p, const struct pop3_size_taker *taker, struct err *e)
{
	struct pop3_size_taker copy = *taker;
	struct slice words;
	int got = list(p, "LIST", take_size, &copy, &words, e);

	if (got == 0)
		return pop3wire_refused(p, words, ERR_TEMP, "LIST", e);
	return got < 0 ? -1 : 0;
}

/* The text of one message up to its ".". */
static int
read_text(struct pop3 *p, const struct pop3_taker *taker,
    enum pop3_body *body_r, struct err *e)
{
	struct eol_undot undot = { 0 };
	uint64_t total = 0;

	*body_r = POP3_BODY_WHOLE;
	while (!undot.done) {
		struct slice some, rest, piece;
		int got;

		stream_deadline(p->stream, clock_deadline(p->timeout));
		got = stream_await(p->stream, e);
		if (got == 0)
			return err_set(e, ERR_TEMP,
			    "%s: the server closed the connection",
			    stream_peer(p->stream));
		if (got < 0)
			return -1;
		some = slice_sub(stream_pending(p->stream), 0, PIECE);
		rest = some;
		while (eol_undot(&undot, &rest, &piece)) {
			total += piece.n;
			if (total > taker->max)
				*body_r = POP3_BODY_TOO_LARGE;
			else if (taker->write(taker->arg, piece, e) < 0)
				return -1;
		}
		stream_take(p->stream, some.n - rest.n);
		if (total / POP3_DRAIN_FACTOR > taker->max)
			return err_set(e, ERR_PROTO,
			    "%s: a message is far larger than the maximum of "
			    "%llu octets",
			    stream_peer(p->stream),
			    (unsigned long long)taker->max);
	}
	return 0;
}

static int
take_message(struct pop3 *p, uint32_t number, const struct pop3_taker *taker,
    struct err *e)
{
	enum pop3_body body = POP3_BODY_REFUSED;
	struct slice words;
	int got = pop3wire_status(p, &words, e);

	if (got < 0)
		return -1;
	if (got == 0)
		return taker->end(taker->arg, number, body, words, e);
	if ((taker->begin && taker->begin(taker->arg, number, e) < 0) ||
	    read_text(p, taker, &body, e) < 0)
		return -1;
	return taker->end(taker->arg, number, body, slice_of(NULL, 0), e);
}

/* Commands alike, one for each of n messages. */
struct row {
	const char *verb, *tail; /* around the number */
	const uint32_t *numbers;
	size_t n, sent;
};

/* Fills the window of commands up once it is half empty, in one write. */
static int
send_ahead(struct pop3 *p, struct row *r, size_t got, struct err *e)
{
	size_t ahead = p->has_pipelining ? AHEAD : 1;
	struct buf line;
	int ret = 0;

	if (r->sent - got > ahead / 2)
		return 0;
	buf_init(&line, 32);
	for (; ret == 0 && r->sent < r->n && r->sent - got < ahead; r->sent++) {
		buf_reset(&line);
		buf_fmt(&line, "%s %lu%s", r->verb,
		    (unsigned long)r->numbers[r->sent], r->tail);
		ret = pop3wire_put(p, buf_view(&line), NULL, e);
	}
	buf_free(&line);
	return ret < 0 ? -1 : stream_flush(p->stream, e);
}

int
pop3_dele(struct pop3 *p, const uint32_t *numbers, size_t n, size_t *refused_r,
    struct err *e)
{
	struct row row = { "DELE", "", numbers, n, 0 };
	struct slice words;

	*refused_r = 0;
	for (size_t got = 0; got < n; got++) {
		int status = send_ahead(p, &row, got, e);

		if (status == 0)
			status = pop3wire_status(p, &words, e);
		if (status < 0)
			return -1;
		*refused_r += status == 0;
		p->deletes = true;
	}
	return 0;
}

/* "RETR" SP msg, "TOP" SP msg SP n (RFC 1939, 5 and 7) */
int
pop3_retr(struct pop3 *p, enum pop3_part part, const uint32_t *numbers,
    size_t n, const struct pop3_taker *taker, struct err *e)
{
	struct row row = { "RETR", "", numbers, n, 0 };

	if (part == POP3_HEADER) {
		if (p->has_capa && !p->has_top)
			return err_set(e, ERR_UNAVAILABLE,
			    "%s: the server gives no headers alone (TOP)",
			    stream_peer(p->stream));
		row.verb = "TOP";
		row.tail = " 0";
	}
	for (size_t got = 0; got < n; got++)
		if (send_ahead(p, &row, got, e) < 0 ||
		    take_message(p, numbers[got], taker, e) < 0)
			return -1;
	return 0;
}
