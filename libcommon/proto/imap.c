/* The client's side of an IMAP session (see imap.h): one function a command.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/mem.h"

#include "text/base64.h"

#include "proto/imapname.h"
#include "proto/imapread.h"

#define CAPS_MAX    65536
#define AT_ONCE     2    /* FETCH commands under way */
#define GOODBYE_MS  3000 /* for LOGOUT */
#define SET_ROOM    (IMAP_COMMAND_MAX - 200)
#define FETCH_ITEMS "(UID FLAGS INTERNALDATE BODY.PEEK[])"

int
imap_open(struct stream *s, int64_t timeout, const struct trace *trace,
    struct imap **m_r, struct err *e)
{
	struct imap *m = mem_new(sizeof(*m));

	m->stream = s;
	m->timeout = timeout;
	m->trace = trace;
	buf_init(&m->text, IMAP_RESPONSE_MAX);
	buf_init(&m->caps, CAPS_MAX);
	if (imapread_greeting(m, e) < 0) {
		imap_free(&m);
		return -1;
	}
	*m_r = m;
	return 0;
}

void
imap_free(struct imap **m)
{
	if (!*m)
		return;
	stream_free(&(*m)->stream);
	buf_free(&(*m)->text);
	buf_free(&(*m)->caps);
	arena_free(&(*m)->arena);
	mem_free(*m);
	*m = NULL;
}

/* Sends "tag SP text CRLF"; what shown is (null: text itself) goes into the
 * trace. */
static int
send_command(
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

/* Reads until the last command sent completes. */
static int
finish(struct imap *m, struct imapread_reply *r, struct err *e)
{
	if (imapread_reply(m, r, e) < 0)
		return -1;
	if (r->status == IMAPREAD_CONTINUE || r->tag != m->tag)
		return err_set(e, ERR_PROTO, "%s: unexpected response: '%.*s'",
		    stream_peer(m->stream),
		    SLICE_ARG(slice_sub(r->text, 0, 60)));
	return 0;
}

/* A command and its completion; kind is what a NO without a telling code
 * means. */
static int run(struct imap *m, enum err_kind kind, struct err *e,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

static int
run(struct imap *m, enum err_kind kind, struct err *e, const char *fmt, ...)
{
	struct imapread_reply r;
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
		ret = send_command(m, buf_view(&b), NULL, e);
	if (ret == 0)
		ret = finish(m, &r, e);
	if (ret == 0 && r.status != IMAPREAD_OK) {
		struct slice all = buf_view(&b), word;

		word = slice_take_until(&all, ' ', NULL);
		ret =
		    imapread_refused(&r, kind, arena_copy(&m->arena, word), e);
		err_in(e, "%s", stream_peer(m->stream));
	}
	buf_free(&b);
	return ret;
}

void
imap_close(struct imap **m)
{
	struct imapread_reply r;

	if (!*m)
		return;
	if ((*m)->timeout < 0 || (*m)->timeout > GOODBYE_MS)
		(*m)->timeout = GOODBYE_MS;
	(*m)->taker = NULL;
	if (send_command(*m, slice_str("LOGOUT"), NULL, NULL) == 0)
		finish(*m, &r, NULL);
	imap_free(m);
}

bool
imap_is_preauth(const struct imap *m)
{
	return m->preauth;
}

bool
imap_has(const struct imap *m, const char *capability)
{
	struct slice list = buf_view(&m->caps);

	while (list.n > 0)
		if (slice_is_nocase(
			slice_take_until(&list, ' ', NULL), capability))
			return true;
	return false;
}

int
imap_capability(struct imap *m, struct err *e)
{
	if (m->caps.n > 0)
		return 0;
	return run(m, ERR_PROTO, e, "CAPABILITY");
}

int
imap_starttls(struct imap *m, const struct tls_want *want, struct err *e)
{
	const char *peer = stream_peer(m->stream);

	if (m->preauth)
		return err_set(e, ERR_PROTO,
		    "%s: the server skips the login, so STARTTLS is impossible: "
		    "use imaps",
		    peer);
	if (imap_capability(m, e) < 0)
		return -1;
	if (!imap_has(m, "STARTTLS"))
		return err_set(e, ERR_PROTO,
		    "%s: the server offers no STARTTLS: use imaps", peer);
	if (run(m, ERR_PROTO, e, "STARTTLS") < 0 ||
	    stream_tls_client(m->stream, want, e) < 0)
		return -1;
	buf_reset(&m->caps);
	return imap_capability(m, e);
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE; false for CR, LF and NUL, which it
 * cannot hold. */
static bool
put_quoted(struct buf *out, struct slice s)
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

/* Sends a command with a secret in it: line is wiped by the caller. */
static int
login_with(struct imap *m, struct slice line, const char *shown, struct err *e)
{
	struct imapread_reply r;

	if (send_command(m, line, shown, e) < 0)
		return -1;
	buf_reset(&m->caps); /* they may be others from here on */
	if (finish(m, &r, e) < 0)
		return -1;
	if (r.status != IMAPREAD_OK)
		return imapread_refused(&r, ERR_NOPERM, "login", e);
	return 0;
}

static int
login_command(
    struct imap *m, struct slice user, struct slice password, struct err *e)
{
	struct buf line;
	int ret;

	buf_init(&line, IMAP_COMMAND_MAX);
	buf_room(&line, 2 * (user.n + password.n) + 16); /* stays in place */
	buf_text(&line, "LOGIN ");
	if (!put_quoted(&line, user) ||
	    (buf_char(&line, ' '), !put_quoted(&line, password)) ||
	    buf_over(&line))
		ret = err_set(e, ERR_CONFIG,
		    "user name or password cannot be sent: line end or too "
		    "long");
	else
		ret = login_with(m, buf_view(&line), "LOGIN *** ***", e);
	buf_wipe(&line);
	return ret;
}

/* The credentials of SASL PLAIN, asked for by "+". */
static int
send_credentials(struct imap *m, struct slice credentials, struct err *e)
{
	struct imapread_reply r;

	if (imapread_reply(m, &r, e) < 0)
		return -1;
	if (r.status != IMAPREAD_CONTINUE)
		return imapread_refused(&r, ERR_NOPERM, "login", e);
	buf_reset(&m->caps); /* they may be others from here on */
	trace_wire(m->trace, TRACE_SENT, slice_str("***"));
	stream_deadline(m->stream, clock_deadline(m->timeout));
	if (stream_put(m->stream, credentials, e) < 0 ||
	    stream_text(m->stream, "\r\n", e) < 0 ||
	    stream_flush(m->stream, e) < 0 || finish(m, &r, e) < 0)
		return -1;
	if (r.status != IMAPREAD_OK)
		return imapread_refused(&r, ERR_NOPERM, "login", e);
	return 0;
}

/* AUTHENTICATE PLAIN (RFC 4616): [authzid] NUL authcid NUL passwd */
static int
login_plain(
    struct imap *m, struct slice user, struct slice password, struct err *e)
{
	struct buf plain, line;
	int ret;

	buf_init(&plain, IMAP_COMMAND_MAX);
	buf_init(&line, IMAP_COMMAND_MAX);
	buf_room(&plain, user.n + password.n + 8); /* stays in place */
	buf_room(&line, 2 * (user.n + password.n) + 64);
	buf_char(&plain, 0);
	buf_slice(&plain, user);
	buf_char(&plain, 0);
	buf_slice(&plain, password);
	if (imap_has(m, "SASL-IR"))
		buf_text(&line, "AUTHENTICATE PLAIN ");
	base64_encode(buf_view(&plain), &line);
	if (buf_over(&plain) || buf_over(&line))
		ret = err_set(e, ERR_CONFIG, "user name or password too long");
	else if (imap_has(m, "SASL-IR"))
		ret =
		    login_with(m, buf_view(&line), "AUTHENTICATE PLAIN ***", e);
	else if (send_command(m, slice_str("AUTHENTICATE PLAIN"), NULL, e) < 0)
		ret = -1;
	else
		ret = send_credentials(m, buf_view(&line), e);
	buf_wipe(&plain);
	buf_wipe(&line);
	return ret;
}

int
imap_login(struct imap *m, const char *user, struct slice password, bool clear,
    struct err *e)
{
	const char *peer = stream_peer(m->stream);
	int ret;

	if (m->preauth)
		return 0;
	if (!stream_tls(m->stream) && !clear)
		return err_set(
		    e, ERR_NOPERM, "%s: no password is sent without TLS", peer);
	if (imap_capability(m, e) < 0)
		return -1;
	if (imap_has(m, "AUTH=PLAIN"))
		ret = login_plain(m, slice_str(user), password, e);
	else if (!imap_has(m, "LOGINDISABLED"))
		ret = login_command(m, slice_str(user), password, e);
	else
		ret = err_set(e, ERR_NOPERM,
		    "the server allows neither LOGIN nor AUTHENTICATE PLAIN");
	if (ret < 0)
		return err_in(e, "%s", peer);
	return 0;
}

int
imap_id(struct imap *m, const char *name, const char *version, struct err *e)
{
	if (!imap_has(m, "ID"))
		return 0;
	return run(m, ERR_PROTO, e, "ID (\"name\" \"%s\" \"version\" \"%s\")",
	    name, version);
}

/* A name as it goes over the wire, quoted; kept when it is no UTF-8 that
 * could be encoded. */
static const char *
wire_name(struct imap *m, const char *name, struct err *e)
{
	struct buf wire, quoted;
	const char *made = NULL;

	buf_init(&wire, IMAP_COMMAND_MAX);
	buf_init(&quoted, IMAP_COMMAND_MAX);
	if (!imapname_encode(slice_str(name), &wire)) {
		buf_reset(&wire);
		buf_text(&wire, name);
	}
	if (put_quoted(&quoted, buf_view(&wire)) && !buf_over(&quoted))
		made = arena_copy(&m->arena, buf_view(&quoted));
	else
		err_set(e, ERR_USAGE, "'%s' cannot be a mailbox name", name);
	buf_free(&wire);
	buf_free(&quoted);
	return made;
}

int
imap_list(struct imap *m, const char *pattern,
    const struct imap_folder_taker *taker, struct err *e)
{
	const char *name = wire_name(m, pattern, e);
	int ret;

	if (!name)
		return -1;
	m->folders = taker;
	m->nfolders = 0;
	ret = run(m, ERR_UNAVAILABLE, e, "LIST \"\" %s", name);
	m->folders = NULL;
	return ret;
}

int
imap_examine(
    struct imap *m, const char *name, struct imap_mailbox *box_r, struct err *e)
{
	const char *wire = wire_name(m, name, e);
	int ret;

	*box_r = (struct imap_mailbox){ 0 };
	if (!wire)
		return -1;
	m->mailbox = box_r;
	ret = run(m, ERR_NOINPUT, e, "EXAMINE %s", wire);
	m->mailbox = NULL;
	return ret;
}

int
imap_search(
    struct imap *m, const char *keys, struct imapset *found_r, struct err *e)
{
	int ret;

	m->found = found_r;
	ret = run(m, ERR_UNAVAILABLE, e, "UID SEARCH %s%s",
	    imap_has(m, "ESEARCH") ? "RETURN (ALL) " : "", keys);
	m->found = NULL;
	return ret;
}

static int
send_fetch(struct imap *m, const struct imapset *set, size_t *at, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, IMAP_COMMAND_MAX);
	buf_text(&b, "UID FETCH ");
	imapset_write(set, at, SET_ROOM, &b);
	buf_text(&b, " " FETCH_ITEMS);
	ret = send_command(m, buf_view(&b), NULL, e);
	buf_free(&b);
	return ret;
}

/* Commands go out AT_ONCE ahead of their completions, which may come in any
 * order. */
static int
fetch_all(struct imap *m, const struct imapset *set, struct err *refused,
    struct err *e)
{
	unsigned first = m->tag + 1, under_way = 0;
	struct imapread_reply r;
	size_t at = 0;

	while (at < set->n || under_way > 0) {
		while (at < set->n && under_way < AT_ONCE) {
			if (send_fetch(m, set, &at, e) < 0)
				return -1;
			under_way++;
		}
		if (imapread_reply(m, &r, e) < 0)
			return -1;
		if (r.status == IMAPREAD_CONTINUE || r.tag < first)
			return err_set(e, ERR_PROTO,
			    "%s: unexpected response: '%.*s'",
			    stream_peer(m->stream),
			    SLICE_ARG(slice_sub(r.text, 0, 60)));
		under_way--;
		if (r.status != IMAPREAD_OK)
			imapread_refused(
			    &r, ERR_TEMP, "FETCH of some messages", refused);
		if (r.status == IMAPREAD_BAD)
			return -1;
	}
	return 0;
}

int
imap_fetch(struct imap *m, const struct imapset *set,
    const struct imap_taker *taker, struct err *e)
{
	struct err refused = { 0 };
	int ret;

	m->taker = taker;
	m->unasked = 0;
	ret = fetch_all(m, set, &refused, e);
	m->taker = NULL;
	if (refused.kind == ERR_OK || (ret < 0 && refused.kind != ERR_PROTO))
		return ret;
	return err_set(
	    e, refused.kind, "%s: %s", stream_peer(m->stream), refused.text);
}
