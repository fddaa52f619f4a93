/* The client's side of a POP3 session (see pop3.h): one function a command.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/mem.h"

#include "text/base64.h"
#include "text/eol.h"

#include "proto/pop3.h"

#define PIECE      65536 /* octets asked of the stream at once */
#define AHEAD      64    /* RETR under way */
#define GOODBYE_MS 10000 /* for QUIT */
#define SECRET_MAX 4096

struct pop3 {
	struct stream *stream; /* owned */
	int64_t timeout;
	const struct trace *trace;
	bool has_stls, has_pipelining, has_plain;
	bool deletes; /* something is marked */
};

/* One line; -1 at the end of the connection too. */
static int
read_line(struct pop3 *p, struct slice *line_r, struct err *e)
{
	int got;

	stream_deadline(p->stream, clock_deadline(p->timeout));
	got = stream_line(p->stream, POP3_LINE_MAX, line_r, NULL, e);
	if (got == 0)
		return err_set(e, ERR_TEMP,
		    "%s: the server closed the connection",
		    stream_peer(p->stream));
	if (got > 0)
		trace_wire(p->trace, TRACE_GOT, *line_r);
	return got;
}

/* resp-code = "[" level *("/" level) "]" (RFC 2449, 8; RFC 3206) */
static int
refused(const struct pop3 *p, struct slice text, enum err_kind kind,
    const char *command, struct err *e)
{
	static const struct {
		const char *code;
		enum err_kind kind;
	} codes[] = {
		{ "[IN-USE]", ERR_TEMP },
		{ "[LOGIN-DELAY", ERR_TEMP },
		{ "[SYS/TEMP]", ERR_TEMP },
		{ "[SYS/PERM]", ERR_UNAVAILABLE },
		{ "[AUTH]", ERR_NOPERM },
	};

	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (slice_starts_nocase(text, codes[i].code))
			kind = codes[i].kind;
	text = slice_sub(text, 0, 300);
	return err_set(e, kind, "%s: %s refused: '%.*s'",
	    stream_peer(p->stream), command, SLICE_ARG(text));
}

/* A status line: 1 for +OK, 0 for -ERR, its text in text_r. */
static int
read_status(struct pop3 *p, struct slice *text_r, struct err *e)
{
	struct slice line;

	if (read_line(p, &line, e) < 0)
		return -1;
	*text_r = line;
	if (slice_take_prefix_nocase(text_r, "+OK")) {
		*text_r = slice_trim(*text_r);
		return 1;
	}
	if (slice_take_prefix_nocase(text_r, "-ERR")) {
		*text_r = slice_trim(*text_r);
		return 0;
	}
	line = slice_sub(line, 0, 60);
	return err_set(e, ERR_PROTO, "%s: no POP3 reply: '%.*s'",
	    stream_peer(p->stream), SLICE_ARG(line));
}

/* Puts a command into the stream's buffer; shown (null: the command) goes
 * into the trace. */
static int
put_command(
    struct pop3 *p, struct slice command, const char *shown, struct err *e)
{
	trace_wire(p->trace, TRACE_SENT, shown ? slice_str(shown) : command);
	stream_deadline(p->stream, clock_deadline(p->timeout));
	if (stream_put(p->stream, command, e) < 0 ||
	    stream_text(p->stream, "\r\n", e) < 0)
		return -1;
	return 0;
}

/* A command and its status line. */
static int
ask(struct pop3 *p, const char *command, struct slice *text_r, struct err *e)
{
	if (put_command(p, slice_str(command), NULL, e) < 0 ||
	    stream_flush(p->stream, e) < 0)
		return -1;
	return read_status(p, text_r, e);
}

/* One line of a listing, dot undone: 1, 0 at ".", -1. */
static int
read_listing(struct pop3 *p, struct slice *line_r, struct err *e)
{
	if (read_line(p, line_r, e) < 0)
		return -1;
	if (slice_is(*line_r, "."))
		return 0;
	slice_take_prefix(line_r, ".");
	return 1;
}

static void
take_capability(struct pop3 *p, struct slice line)
{
	struct slice word = slice_take_until(&line, ' ', NULL);

	if (slice_is_nocase(word, "STLS"))
		p->has_stls = true;
	else if (slice_is_nocase(word, "PIPELINING"))
		p->has_pipelining = true;
	else if (slice_is_nocase(word, "SASL"))
		while (line.n > 0)
			p->has_plain |= slice_is_nocase(
			    slice_take_until(&line, ' ', NULL), "PLAIN");
}

/* CAPA; a server that has none is an old one, not a broken one. */
static int
ask_capabilities(struct pop3 *p, struct err *e)
{
	struct slice line;
	int got;

	p->has_stls = p->has_pipelining = p->has_plain = false;
	got = ask(p, "CAPA", &line, e);
	if (got <= 0)
		return got;
	for (unsigned i = 0; (got = read_listing(p, &line, e)) > 0; i++) {
		if (i == POP3_CAPAS_MAX)
			return err_set(e, ERR_PROTO, "%s: CAPA without an end",
			    stream_peer(p->stream));
		take_capability(p, line);
	}
	return got;
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
	got = read_status(p, &text, e);
	if (got == 0)
		got = refused(p, text, ERR_TEMP, "session", e);
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
	got = ask(*p, "QUIT", &text, e);
	if (got == 0)
		got = refused(*p, text, ERR_TEMP, "QUIT", e);
	pop3_free(p);
	return got < 0 ? -1 : 0;
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
	got = ask(p, "STLS", &text, e);
	if (got == 0)
		return refused(p, text, ERR_PROTO, "STLS", e);
	if (got < 0 || stream_tls_client(p->stream, want, e) < 0)
		return -1;
	return ask_capabilities(p, e);
}

static bool
is_sendable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_control(slice_at(s, i)))
			return false;
	return s.n > 0 && s.n < POP3_LINE_MAX;
}

/* Sends a line with a secret in it and reads the status. */
static int
ask_secret(struct pop3 *p, const char *verb, struct slice secret,
    const char *shown, struct err *e)
{
	struct slice text;
	int got;

	trace_wire(p->trace, TRACE_SENT, slice_str(shown));
	stream_deadline(p->stream, clock_deadline(p->timeout));
	if (stream_text(p->stream, verb, e) < 0 ||
	    stream_put(p->stream, secret, e) < 0 ||
	    stream_text(p->stream, "\r\n", e) < 0 ||
	    stream_flush(p->stream, e) < 0)
		return -1;
	got = read_status(p, &text, e);
	if (got == 0)
		return refused(p, text, ERR_NOPERM, "login", e);
	return got < 0 ? -1 : 0;
}

/* AUTH PLAIN with an initial response (RFC 5034, RFC 4616). */
static int
login_plain(
    struct pop3 *p, struct slice user, struct slice password, struct err *e)
{
	struct buf plain, line;
	int ret;

	buf_init(&plain, SECRET_MAX);
	buf_init(&line, 2 * SECRET_MAX);
	buf_room(&plain, user.n + password.n + 8); /* stays in place */
	buf_room(&line, 2 * (user.n + password.n) + 16);
	buf_char(&plain, 0);
	buf_slice(&plain, user);
	buf_char(&plain, 0);
	buf_slice(&plain, password);
	base64_encode(buf_view(&plain), &line);
	if (buf_over(&plain) || buf_over(&line))
		ret = err_set(e, ERR_CONFIG, "user name or password too long");
	else
		ret = ask_secret(
		    p, "AUTH PLAIN ", buf_view(&line), "AUTH PLAIN ***", e);
	buf_wipe(&plain);
	buf_wipe(&line);
	return ret;
}

int
pop3_login(struct pop3 *p, const char *user, struct slice password, bool clear,
    struct err *e)
{
	if (!stream_tls(p->stream) && !clear)
		return err_set(e, ERR_NOPERM,
		    "%s: no password is sent without TLS",
		    stream_peer(p->stream));
	if (!is_sendable(slice_str(user)) || !is_sendable(password))
		return err_set(e, ERR_CONFIG,
		    "user name or password cannot be sent: empty, too long or "
		    "with control characters");
	if (p->has_plain)
		return login_plain(p, slice_str(user), password, e);
	if (ask_secret(p, "USER ", slice_str(user), "USER ***", e) < 0)
		return -1;
	return ask_secret(p, "PASS ", password, "PASS ***", e);
}

/* "+OK" SP count SP octets */
int
pop3_stat(struct pop3 *p, uint32_t *count_r, struct err *e)
{
	struct slice text;
	uint64_t n;
	int got = ask(p, "STAT", &text, e);

	if (got < 0)
		return -1;
	if (got == 0)
		return refused(p, text, ERR_TEMP, "STAT", e);
	if (!slice_take_number(&text, POP3_MESSAGES_MAX, &n))
		return err_set(e, ERR_PROTO, "%s: bad answer to STAT: '%.*s'",
		    stream_peer(p->stream), SLICE_ARG(text));
	*count_r = (uint32_t)n;
	return 0;
}

/* unique-id listing: number SP unique-id */
static int
take_uidl(struct pop3 *p, struct slice line,
    const struct pop3_uidl_taker *taker, struct err *e)
{
	struct slice shown = slice_sub(line, 0, 60);
	uint64_t number;

	if (!slice_take_number(&line, POP3_MESSAGES_MAX, &number) ||
	    number == 0 || slice_get(&line) != ' ')
		return err_set(e, ERR_PROTO, "%s: bad line of UIDL: '%.*s'",
		    stream_peer(p->stream), SLICE_ARG(shown));
	line = slice_trim(line);
	if (line.n == 0 || line.n > POP3_UIDL_MAX)
		return err_set(e, ERR_PROTO, "%s: bad UIDL of %zu octets",
		    stream_peer(p->stream), line.n);
	return taker->take(taker->arg, (uint32_t)number, line, e);
}

int
pop3_uidl(struct pop3 *p, const struct pop3_uidl_taker *taker, struct err *e)
{
	struct slice line;
	int got = ask(p, "UIDL", &line, e);

	if (got <= 0)
		return got;
	for (unsigned i = 0; (got = read_listing(p, &line, e)) > 0; i++) {
		if (i == POP3_MESSAGES_MAX)
			return err_set(e, ERR_PROTO, "%s: UIDL without an end",
			    stream_peer(p->stream));
		if (take_uidl(p, line, taker, e) < 0)
			return -1;
	}
	return got < 0 ? -1 : 1;
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
	int got = read_status(p, &words, e);

	if (got < 0)
		return -1;
	if (got == 0)
		return taker->end(taker->arg, number, body, words, e);
	if (taker->begin(taker->arg, number, e) < 0 ||
	    read_text(p, taker, &body, e) < 0)
		return -1;
	return taker->end(taker->arg, number, body, slice_of(NULL, 0), e);
}

/* Fills the window of commands up once it is half empty, in one write. */
static int
send_ahead(struct pop3 *p, const char *verb, const uint32_t *numbers, size_t n,
    size_t got, size_t *sent, struct err *e)
{
	size_t ahead = p->has_pipelining ? AHEAD : 1;
	struct buf line;
	int ret = 0;

	if (*sent - got > ahead / 2)
		return 0;
	buf_init(&line, 32);
	for (; ret == 0 && *sent < n && *sent - got < ahead; ++*sent) {
		buf_reset(&line);
		buf_fmt(&line, "%s %lu", verb, (unsigned long)numbers[*sent]);
		ret = put_command(p, buf_view(&line), NULL, e);
	}
	buf_free(&line);
	return ret < 0 ? -1 : stream_flush(p->stream, e);
}

int
pop3_dele(struct pop3 *p, const uint32_t *numbers, size_t n, size_t *refused_r,
    struct err *e)
{
	struct slice words;
	size_t sent = 0;

	*refused_r = 0;
	for (size_t got = 0; got < n; got++) {
		int status = send_ahead(p, "DELE", numbers, n, got, &sent, e);

		if (status == 0)
			status = read_status(p, &words, e);
		if (status < 0)
			return -1;
		*refused_r += status == 0;
		p->deletes = true;
	}
	return 0;
}

int
pop3_retr(struct pop3 *p, const uint32_t *numbers, size_t n,
    const struct pop3_taker *taker, struct err *e)
{
	size_t sent = 0;

	for (size_t got = 0; got < n; got++)
		if (send_ahead(p, "RETR", numbers, n, got, &sent, e) < 0 ||
		    take_message(p, numbers[got], taker, e) < 0)
			return -1;
	return 0;
}
