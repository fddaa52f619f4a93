/* What changes a mailbox on the server, and waiting for others to change it
 * (see imap.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>

#include "base/clock.h"

#include "proto/imapcommand.h"

#define SET_ROOM (IMAP_COMMAND_MAX / 2)

/* "UID VERB set rest", in as many commands as the set takes. */
static int
each_part(struct imap *m, const struct imapset *set, const char *verb,
    const char *rest, struct err *e)
{
	struct buf b;
	uint64_t at = 0;
	int ret = 0;

	buf_init(&b, SET_ROOM + 100);
	while (ret == 0 && imapset_write(set, &at, SET_ROOM, &b)) {
		ret = imapcommand_run(m, ERR_UNAVAILABLE, e, "UID %s %s%s%s",
		    verb, buf_str(&b), rest[0] ? " " : "", rest);
		buf_reset(&b);
	}
	buf_free(&b);
	return ret;
}

int
imap_store(
    struct imap *m, const struct imapset *set, const char *what, struct err *e)
{
	return each_part(m, set, "STORE", what, e);
}

int
imap_expunge(struct imap *m, const struct imapset *set, struct err *e)
{
	if (!imap_has(m, "UIDPLUS") && !imap_has(m, "IMAP4rev2"))
		return err_set(e, ERR_UNAVAILABLE,
		    "%s: the server has no UIDPLUS: messages are marked as "
		    "deleted, and stay until another program expunges them",
		    stream_peer(m->stream));
	return each_part(m, set, "EXPUNGE", "", e);
}

/* A set of one kind of command; a target that is not there is made, once. */
static int
with_target(struct imap *m, const struct imapset *set, const char *verb,
    const char *to, struct err *e)
{
	const char *name = imapcommand_name(m, to, e);
	struct buf keep;
	int ret;

	if (!name)
		return -1;
	buf_init(&keep, IMAP_COMMAND_MAX); /* the arena goes with responses */
	buf_text(&keep, name);
	ret = each_part(m, set, verb, buf_str(&keep), e);
	if (ret < 0 && e->kind == ERR_NOINPUT) {
		ret = imapcommand_run(
		    m, ERR_UNAVAILABLE, e, "CREATE %s", buf_str(&keep));
		if (ret == 0)
			ret = each_part(m, set, verb, buf_str(&keep), e);
	}
	buf_free(&keep);
	return ret;
}

int
imap_move(
    struct imap *m, const struct imapset *set, const char *to, struct err *e)
{
	if (imap_has(m, "MOVE") || imap_has(m, "IMAP4rev2"))
		return with_target(m, set, "MOVE", to, e);
	if (!imap_has(m, "UIDPLUS"))
		return err_set(e, ERR_UNAVAILABLE,
		    "%s: the server has neither MOVE nor UIDPLUS: nothing is "
		    "moved",
		    stream_peer(m->stream));
	if (with_target(m, set, "COPY", to, e) < 0 ||
	    imap_store(m, set, "+FLAGS.SILENT (\\Deleted)", e) < 0)
		return -1;
	return imap_expunge(m, set, e);
}

int
imap_noop(struct imap *m, struct err *e)
{
	return imapcommand_run(m, ERR_UNAVAILABLE, e, "NOOP");
}

int
imap_notify(struct imap *m, struct err *e)
{
	if (!imap_has(m, "NOTIFY"))
		return err_set(e, ERR_UNAVAILABLE,
		    "%s: the server has no NOTIFY", stream_peer(m->stream));
	return imapcommand_run(m, ERR_UNAVAILABLE, e,
	    "NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge "
	    "FlagChange)) (PERSONAL (MessageNew MessageExpunge FlagChange))");
}

/* Until something that is news comes, the time is over, or stop wakes. */
static int
wait_for_news(struct imap *m, int64_t deadline, struct err *e)
{
	for (;;) {
		struct err why;
		int got;

		stream_deadline(m->stream, deadline);
		got = stream_await(m->stream, &why);
		if (got < 0 && why.kind == ERR_TEMP &&
		    clock_left(deadline) == 0)
			return 0;
		if (got < 0)
			return err_set(e, why.kind, "%s", why.text);
		got = imapread_news(m, e);
		if (got != 0)
			return got;
	}
}

int
imap_idle(struct imap *m, int64_t ms, int stop, struct err *e)
{
	struct imapparts_reply r;
	int news, ret;

	if (!imap_has(m, "IDLE") && !imap_has(m, "IMAP4rev2"))
		return err_set(e, ERR_UNAVAILABLE, "%s: the server has no IDLE",
		    stream_peer(m->stream));
	if (m->news > 0) { /* came in the meantime */
		m->news = 0;
		return 1;
	}
	if (imapcommand_send(m, slice_str("IDLE"), NULL, e) < 0 ||
	    imapread_reply(m, &r, e) < 0)
		return -1;
	if (r.status != IMAPPARTS_CONTINUE)
		return imaptake_refused(&r, ERR_UNAVAILABLE, "IDLE", e);
	stream_stop(m->stream, stop);
	news = m->news > 0 ? 1 : wait_for_news(m, clock_deadline(ms), e);
	stream_stop(m->stream, -1);
	if (news < 0 && (!e || e->kind != ERR_NO))
		return -1;
	trace_wire(m->trace, TRACE_SENT, slice_str("DONE"));
	stream_deadline(m->stream, clock_deadline(m->timeout));
	ret = stream_text(m->stream, "DONE\r\n", NULL) == 0 &&
	              stream_flush(m->stream, NULL) == 0
	          ? 0
	          : -1;
	if (news < 0)
		return -1;
	if (ret < 0 || imapcommand_finish(m, &r, e) < 0)
		return ret < 0 ? err_set(e, ERR_TEMP, "%s: connection lost",
				     stream_peer(m->stream))
		               : -1;
	news |= m->news > 0;
	m->news = 0;
	return news;
}
