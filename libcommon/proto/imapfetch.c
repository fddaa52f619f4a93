/* Finding and fetching messages (see imap.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

#include "proto/imapcommand.h"

#define AT_ONCE  2 /* FETCH commands under way */
#define SET_ROOM (IMAP_COMMAND_MAX - 300)

/* Puts the keys up to the next quoted string that US-ASCII cannot hold into
 * out, and that string, escapes undone, into literal: true. False: there was
 * none, out has all the rest. */
static bool
next_literal(struct slice *keys, struct buf *out, struct buf *literal)
{
	while (keys->n > 0) {
		struct slice from = *keys;
		bool wide = false;
		int c = slice_get(keys);

		if (c != '"') {
			buf_char(out, c);
			continue;
		}
		buf_reset(literal);
		while (keys->n > 0 && (c = slice_get(keys)) != '"') {
			if (c == '\\' && keys->n > 0)
				c = slice_get(keys);
			wide = wide || c >= 0x80;
			buf_char(literal, c);
		}
		if (wide)
			return true;
		buf_slice(out, slice_sub(from, 0, from.n - keys->n));
	}
	return false;
}

/* A literal in the middle of a command (RFC 9051, 4.3; RFC 7888). */
static int
send_literal(struct imap *m, const struct buf *line, const struct buf *literal,
    struct err *e)
{
	bool plus = imap_has(m, "LITERAL+") ||
	            ((imap_has(m, "LITERAL-") || imap_has(m, "IMAP4rev2")) &&
			literal->n <= 4096);
	struct imapparts_reply r;

	if (stream_put(m->stream, buf_view(line), e) < 0 ||
	    stream_fmt(
		m->stream, e, "{%zu%s}\r\n", literal->n, plus ? "+" : "") < 0)
		return -1;
	if (!plus) {
		if (stream_flush(m->stream, e) < 0 ||
		    imapread_reply(m, &r, e) < 0)
			return -1;
		if (r.status == IMAPPARTS_NO || r.status == IMAPPARTS_BAD)
			return imaptake_refused(
			    &r, ERR_UNAVAILABLE, "SEARCH", e);
		if (r.status != IMAPPARTS_CONTINUE)
			return imapcommand_unexpected(m, &r, e);
	}
	return stream_put(m->stream, buf_view(literal), e);
}

/* "UID SEARCH ..." with literals. */
static int
send_search(struct imap *m, const char *start, struct slice keys, struct err *e)
{
	struct buf line, literal;
	int ret = 0;

	buf_init(&line, IMAP_COMMAND_MAX);
	buf_init(&literal, IMAP_COMMAND_MAX);
	m->tag++;
	stream_deadline(m->stream, clock_deadline(m->timeout));
	buf_fmt(&line, "A%u %s", m->tag, start);
	while (ret == 0 && next_literal(&keys, &line, &literal)) {
		trace_wire(m->trace, TRACE_SENT, buf_view(&line));
		ret = send_literal(m, &line, &literal, e);
		buf_reset(&line);
	}
	if (ret == 0) {
		trace_wire(m->trace, TRACE_SENT, buf_view(&line));
		buf_text(&line, "\r\n");
		if (stream_put(m->stream, buf_view(&line), e) < 0 ||
		    stream_flush(m->stream, e) < 0)
			ret = -1;
	}
	buf_free(&line);
	buf_free(&literal);
	return ret;
}

static bool
is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static int
search(struct imap *m, const char *options, const char *keys,
    struct imapset *found_r, struct err *e)
{
	struct imapparts_reply r;
	char start[100];
	int ret;

	if (strpbrk(keys, "\r\n"))
		return err_set(
		    e, ERR_USAGE, "a line end cannot be searched for");
	if (strlen(keys) > IMAP_COMMAND_MAX / 2)
		return err_set(e, ERR_USAGE, "the search is too long");
	m->found = found_r;
	if (is_ascii(keys)) {
		ret = imapcommand_run(
		    m, ERR_UNAVAILABLE, e, "UID SEARCH %s%s", options, keys);
	} else {
		m->unasked = 0;
		snprintf(start, sizeof(start), "UID SEARCH %s%s", options,
		    m->utf8 ? "" : "CHARSET UTF-8 ");
		ret = send_search(m, start, slice_str(keys), e);
		if (ret == 0)
			ret = imapcommand_finish(m, &r, e);
		if (ret == 0 && r.status != IMAPPARTS_OK)
			ret =
			    imaptake_refused(&r, ERR_UNAVAILABLE, "SEARCH", e);
	}
	m->found = NULL;
	return ret;
}

int
imap_search(
    struct imap *m, const char *keys, struct imapset *found_r, struct err *e)
{
	bool all = imap_has(m, "ESEARCH") || imap_has(m, "IMAP4rev2");

	return search(m, all ? "RETURN (ALL) " : "", keys, found_r, e);
}

int
imap_search_first(struct imap *m, const char *keys, uint64_t n,
    struct imapset *found_r, struct err *e)
{
	char options[64];
	int ret;

	if (!imap_has(m, "PARTIAL") && !imap_has(m, "CONTEXT=SEARCH")) {
		ret = imap_search(m, keys, found_r, e);
		imapset_cut(found_r, n);
		return ret;
	}
	snprintf(options, sizeof(options), "RETURN (PARTIAL 1:%" PRIu64 ") ",
	    n > IMAPSET_UID_MAX ? IMAPSET_UID_MAX : n);
	ret = search(m, options, keys, found_r, e);
	imapset_cut(found_r, n);
	return ret;
}

/* Sends "UID FETCH set what" from *at on, as much as fits. */
static int
send_fetch(struct imap *m, const struct imapset *set, uint64_t *at,
    const char *what, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, IMAP_COMMAND_MAX);
	buf_text(&b, "UID FETCH ");
	imapset_write(set, at, SET_ROOM, &b);
	buf_char(&b, ' ');
	buf_text(&b, what);
	ret = imapcommand_send(m, buf_view(&b), NULL, e);
	buf_free(&b);
	return ret;
}

/* Commands go out ahead of their completions, which may come in any order. */
static int
fetch_all(struct imap *m, const struct imapset *set, const char *what,
    struct err *refused, struct err *e)
{
	unsigned first = m->tag + 1, under_way = 0;
	unsigned most = imap_quirks(m, NULL) & IMAP_ONE_AT_ONCE ? 1 : AT_ONCE;
	struct imapparts_reply r;
	uint32_t last = imapset_last(set);
	uint64_t at = 0;

	while (at <= last || under_way > 0) {
		while (at <= last && under_way < most) {
			if (send_fetch(m, set, &at, what, e) < 0)
				return -1;
			under_way++;
		}
		if (imapread_reply(m, &r, e) < 0)
			return -1;
		if (r.status == IMAPPARTS_CONTINUE || r.tag < first)
			return imapcommand_unexpected(m, &r, e);
		under_way--;
		if (r.status != IMAPPARTS_OK)
			imaptake_refused(
			    &r, ERR_TEMP, "FETCH of some messages", refused);
		if (r.status == IMAPPARTS_BAD)
			return -1;
	}
	return 0;
}

static int
fetch(
    struct imap *m, const struct imapset *set, const char *what, struct err *e)
{
	struct err refused = { 0 };
	int ret;

	m->unasked = 0;
	ret = fetch_all(m, set, what, &refused, e);
	if (refused.kind == ERR_OK || (ret < 0 && refused.kind != ERR_PROTO))
		return ret;
	return err_set(
	    e, refused.kind, "%s: %s", stream_peer(m->stream), refused.text);
}

int
imap_fetch(struct imap *m, const struct imapset *set, enum imap_part part,
    uint64_t from, const struct imap_taker *taker, struct err *e)
{
	const char *id = imap_has(m, "OBJECTID") ? " EMAILID" : "";
	const char *gmail =
	    imap_has(m, "X-GM-EXT-1") ? " X-GM-MSGID X-GM-LABELS" : "";
	const char *look =
	    part == IMAP_PART_LOOK ? " RFC822.SIZE BODYSTRUCTURE" : "";
	const char *section = part == IMAP_PART_WHOLE ? "" : "HEADER";
	char what[256];
	int ret;

	snprintf(m->body, sizeof(m->body), "BODY[%s]", section);
	snprintf(what, sizeof(what),
	    "(UID FLAGS INTERNALDATE%s%s%s BODY.PEEK[%s])", id, gmail, look,
	    section);
	if (from > 0) {
		snprintf(m->body, sizeof(m->body), "BODY[]<%" PRIu64 ">", from);
		snprintf(what, sizeof(what),
		    "(UID FLAGS INTERNALDATE%s%s BODY.PEEK[]<%" PRIu64
		    ".2147483647>)",
		    id, gmail, from);
	}
	m->taker = taker;
	ret = fetch(m, set, what, e);
	m->taker = NULL;
	return ret;
}

int
imap_flags(struct imap *m, const struct imapset *set, uint64_t modseq,
    const struct imap_changes *changes, struct err *e)
{
	char what[80];
	int ret;

	snprintf(what, sizeof(what), "(UID FLAGS)");
	if (modseq)
		snprintf(what, sizeof(what),
		    "(UID FLAGS) (CHANGEDSINCE %" PRIu64 ")", modseq);
	m->changes = changes;
	ret = fetch(m, set, what, e);
	m->changes = NULL;
	return ret;
}
