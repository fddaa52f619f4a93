/* What becomes of messages on the server once they are durable here (see
 * fetchbox.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "flow/fetchbox.h"

/* Those of the mailbox that are known to be here, of earlier runs too: what
 * one left undone is done by the next. Where it shall wait, from the day they
 * arrived there. */
static int
find_here(struct fetchbox *b, struct imapset *here, struct err *e)
{
	const struct fetch_plan *plan = b->run->plan;
	struct imapset there = { 0 }, rest = { 0 };
	struct buf keys;
	int ret = 0;

	buf_init(&keys, 100);
	buf_text(&keys, "UNDELETED");
	if (plan->after_wait > 0) {
		buf_text(&keys, " BEFORE ");
		imap_date(given_now(plan->given) - plan->after_wait, &keys);
	}
	if (b->box.exists > 0 && fetchstate_uids(b->run->state)->n > 0)
		ret = imap_search(b->imap, buf_str(&keys), &there, e);
	buf_free(&keys);
	imapset_minus(&there, fetchstate_uids(b->run->state), &rest);
	imapset_minus(&there, &rest, here);
	imapset_free(&there);
	imapset_free(&rest);
	return ret;
}

/* STORE, then UID EXPUNGE: never a plain EXPUNGE, which takes what others
 * have marked. */
static int delete (
    struct fetchbox *b, const struct imapset *here, struct err *e)
{
	struct err why;

	if (imap_store(b->imap, here, "+FLAGS.SILENT (\\Deleted)", e) < 0)
		return -1;
	if (imap_expunge(b->imap, here, &why) == 0)
		return 0;
	if (why.kind != ERR_UNAVAILABLE) {
		*e = why;
		return -1;
	}
	fetchrun_remark(b->run, "%s", why.text);
	return 0;
}

/* Where \Deleted only takes a label off, the way out is the trash. */
static int
delete_by_move(struct fetchbox *b, const struct imapset *here, struct err *e)
{
	struct arena a = { 0 };
	const char *trash;
	int ret = fetchfolders_use(b->imap, "\\Trash", &a, &trash, e);

	if (ret == 0 && trash)
		ret = imap_move(b->imap, here, trash, e);
	else if (ret == 0)
		ret = delete (b, here, e);
	arena_free(&a);
	return ret;
}

static int
delete_here(struct fetchbox *b, struct err *e)
{
	const struct fetch_plan *plan = b->run->plan;
	struct imapset here = { 0 };
	int ret = find_here(b, &here, e);

	if (ret == 0 && here.n > 0) {
		if (plan->after == FETCH_MOVE)
			ret = imap_move(b->imap, &here, plan->move_to, e);
		else if (imap_quirks(b->imap, NULL) & IMAP_DELETE_MOVES)
			ret = delete_by_move(b, &here, e);
		else
			ret = delete (b, &here, e);
	}
	imapset_free(&here);
	return ret;
}

int
fetchafter_apply(struct fetchbox *b, struct err *e)
{
	switch (b->run->plan->after) {
	case FETCH_KEEP:
		return 0;
	case FETCH_SEEN:
		return imap_store(
		    b->imap, &b->run->durable, "+FLAGS.SILENT (\\Seen)", e);
	default:
		return delete_here(b, e);
	}
}
