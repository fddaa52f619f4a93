/* Fetching an IMAP mailbox (see fetch.h): what is missing is found by ranges
 * of UIDs, asked for in one go, and taken as it comes.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>

#include "base/mem.h"

#include "text/date.h"

#include "flow/fetchbox.h"
#include "flow/fetchimap.h"

#define DATE_LENGTH 26 /* of INTERNALDATE */

/* "17-Jul-1996 02:44:25 -0700" is a date of mail but for its dashes. */
int64_t
fetchimap_arrival(struct slice date)
{
	char text[DATE_LENGTH];
	int64_t t;

	if (date.n != DATE_LENGTH)
		return 0;
	memcpy(text, date.p, DATE_LENGTH);
	text[2] = text[6] = ' ';
	return date_parse(slice_of(text, DATE_LENGTH), &t, NULL) ? t : 0;
}

static void
body_named(void *arg, uint32_t uid)
{
	struct fetchbox *b = arg;

	b->name.uid = uid;
}

/* The rest of a message goes on where its beginning ends. */
static int
body_begin(void *arg, uint64_t size, struct err *e)
{
	struct fetchbox *b = arg;

	if (b->resumed > 0)
		return 0;
	fetchpart_drop(&b->part);
	b->name.validity = b->box.validity;
	b->name.size = size;
	if (b->name.uid > 0 && size >= FETCHPART_MIN &&
	    !b->run->plan->headers_only)
		fetchpart_begin(&b->part, &b->name);
	return fetchrun_begin(b->run, e);
}

static int
body_write(void *arg, struct slice part, struct err *e)
{
	struct fetchbox *b = arg;

	if (fetchrun_write(b->run, part, e) < 0)
		return -1;
	fetchpart_write(&b->part, part, &b->run->digest);
	return 0;
}

/* A body nobody asked for (no UID, one not in the set, one that came before)
 * is dropped. */
static int
body_end(void *arg, const struct imap_message *m, struct err *e)
{
	struct fetchbox *b = arg;
	struct fetchrun_name name = { .uid = m->uid,
		.flags = m->flags,
		.has_flags = true,
		.date = fetchimap_arrival(m->date),
		.id = m->id,
		.labels = m->labels };
	int got;

	b->name.uid = 0;
	if (m->body == IMAP_BODY_NONE)
		return 0;
	fetchpart_drop(&b->part);
	if (b->resumed > 0 && (b->resumed + m->size != b->name.size ||
				  m->uid != b->resumed_uid)) {
		fetchrun_abort(b->run); /* it is another one by now */
		return 0;
	}
	if (!imapset_has(b->wanted, m->uid) || imapset_has(&b->taken, m->uid)) {
		fetchrun_abort(b->run);
		return 0;
	}
	imapset_add(&b->taken, m->uid, m->uid);
	if (m->body == IMAP_BODY_TOO_LARGE) {
		imapset_add(&b->failed, m->uid, m->uid);
		fetchrun_pass(b->run, FETCH_TOO_LARGE, &name, m->size);
		return 0;
	}
	/* one whose content is here already may have other flags there */
	if (b->run->plan->mirror && b->run->match)
		fetchmirror_flags(b, m->uid, m->flags);
	got = fetchrun_end(b->run, &name, e);
	if (got == 0)
		imapset_add(&b->failed, m->uid, m->uid);
	return got < 0 ? -1 : 0;
}

/* UIDs count only under the UIDVALIDITY they were given under (RFC 9051,
 * 2.3.1.1). After a change, and where there is none, messages are known by
 * their content. */
static int
check_validity(struct fetchbox *b, struct err *e)
{
	struct fetchrun *r = b->run;
	uint32_t was = fetchstate_validity(r->state);

	if (was != 0 && b->box.validity == was)
		return 0;
	if (was != 0)
		fetchrun_remark(r,
		    "'%s': the server renumbered its messages (UIDVALIDITY "
		    "%" PRIu32 ", was %" PRIu32 "): all are read again, those "
		    "that are here already are told by their content",
		    r->mailbox, b->box.validity, was);
	fetchstate_set_validity(r->state, b->box.validity);
	r->match = true;
	return fetchstate_read_contents(r->state, e);
}

/* The UIDs that could be there and are not known. */
static void
find_missing(struct fetchbox *b, struct imapset *missing)
{
	struct imapset all = { 0 };
	uint32_t last = b->box.next ? b->box.next - 1 : IMAPSET_UID_MAX;

	if (last > 0 && b->box.exists > 0)
		imapset_add(&all, 1, last);
	imapset_minus(&all, fetchstate_uids(b->run->state), missing);
	imapset_free(&all);
}

/* Asks which of the missing are there, and are what the plan searches. The
 * range goes from the first to the last of them: a number for "*", since "n:*"
 * is never empty. */
static int
find_wanted(struct fetchbox *b, struct err *e)
{
	const char *search = b->run->plan->search;
	struct imapset missing = { 0 }, found = { 0 };
	struct imapset_range first;
	uint64_t at = 0;
	struct buf keys;
	int ret = 0;

	buf_init(&keys, IMAP_COMMAND_MAX);
	find_missing(b, &missing);
	if (imapset_next(&missing, &at, &first)) {
		buf_fmt(&keys, "UID %" PRIu32 ":%" PRIu32 "%s%s", first.first,
		    imapset_last(&missing), search ? " " : "",
		    search ? search : "");
		ret = buf_over(&keys)
		          ? err_set(e, ERR_USAGE, "the search is too long")
		          : imap_search(b->imap, buf_str(&keys), &found, e);
	}
	imapset_minus(&found, fetchstate_uids(b->run->state), &b->found);
	imapset_free(&missing);
	imapset_free(&found);
	buf_free(&keys);
	return ret;
}

/* After a whole run: every UID up to the last is here or is no more, but
 * those that were found and did not come. A search tells nothing of those it
 * did not name. */
static void
remember(struct fetchbox *b)
{
	struct fetchrun *r = b->run;
	const struct imapset *found = &b->found;
	struct imapset all = { 0 }, open = { 0 }, here = { 0 };
	uint32_t last = b->box.next ? b->box.next - 1 : 0;

	if (last == 0 && found->n > 0)
		last = imapset_last(found);
	if (last == 0 || fetchstate_validity(r->state) == 0 || r->plan->search)
		return;
	imapset_add(&all, 1, last);
	imapset_minus(found, &b->taken, &open);
	imapset_join(&open, &b->failed);
	imapset_minus(&all, &open, &here);
	fetchstate_add_set(r->state, &here);
	imapset_free(&all);
	imapset_free(&open);
	imapset_free(&here);
}

static void
list_wanted(struct fetchbox *b)
{
	struct imapset_range r;
	uint64_t at = 0;

	while (imapset_next(b->wanted, &at, &r))
		for (uint64_t u = r.first; u <= r.last; u++) {
			struct fetchrun_name name = { .uid = (uint32_t)u };

			fetchrun_pass(b->run, FETCH_NEW, &name, 0);
		}
}

static int
read_part(void *arg, struct slice octets, struct err *e)
{
	struct fetchbox *b = arg;

	return fetchrun_write(b->run, octets, e);
}

/* What a run before this one got of a large message is here: it is asked for
 * from there on. */
static int
resume(struct fetchbox *b, const struct imap_taker *taker, struct err *e)
{
	struct imapset one = { 0 };
	int ret;

	if (fetchpart_open(&b->part, &b->name) == 0)
		return 0;
	if (b->name.validity != b->box.validity ||
	    !imapset_has(b->wanted, b->name.uid) ||
	    b->name.size > fetchrun_max(b->run)) {
		fetchpart_drop(&b->part);
		return 0;
	}
	trace_say(b->run->plan->given->trace,
	    "UID %" PRIu32 " goes on at octet %" PRIu64, b->name.uid,
	    b->part.at);
	imapset_add(&one, b->name.uid, b->name.uid);
	b->resumed = b->part.at;
	b->resumed_uid = b->name.uid;
	ret = fetchrun_begin(b->run, e);
	if (ret == 0)
		ret = fetchpart_read(&b->part, read_part, b, e);
	if (ret == 0 && !fetchpart_is(&b->part, &b->run->digest)) {
		fetchrun_abort(b->run);
		fetchpart_drop(&b->part);
		goto out;
	}
	if (ret == 0)
		ret = imap_fetch(
		    b->imap, &one, IMAP_PART_WHOLE, b->resumed, taker, e);
out:
	imapset_free(&one);
	if (ret == 0)
		b->resumed = 0;
	return ret;
}

static int
fetch_rest(struct fetchbox *b, enum imap_part part,
    const struct imap_taker *taker, struct err *e)
{
	struct imapset rest = { 0 };
	int ret = 0;

	if (b->taken.n == 0)
		return imap_fetch(b->imap, b->wanted, part, 0, taker, e);
	imapset_minus(b->wanted, &b->taken, &rest);
	if (rest.n > 0)
		ret = imap_fetch(b->imap, &rest, part, 0, taker, e);
	imapset_free(&rest);
	return ret;
}

static int
fetch_all(struct fetchbox *b, enum imap_part part,
    const struct imap_taker *taker, struct err *e)
{
	int ret = 0;

	fetchpart_init(&b->part, b->run->state_file);
	if (part == IMAP_PART_WHOLE)
		ret = resume(b, taker, e);
	if (ret == 0)
		ret = fetch_rest(b, part, taker, e);
	fetchpart_keep(&b->part, &b->run->digest, b->run->size);
	fetchpart_free(&b->part);
	return ret;
}

static int
fetch_wanted(struct fetchbox *b, struct err *e)
{
	struct fetchrun *r = b->run;
	struct imap_taker taker = { fetchrun_max(r), body_begin, body_named,
		body_write, body_end, b };
	enum imap_part part =
	    r->plan->headers_only ? IMAP_PART_HEADER : IMAP_PART_WHOLE;
	struct imapset none = { 0 };

	b->wanted = &b->found;
	if (r->plan->limit > 0) {
		imapset_minus(&b->found, &none, &b->few);
		imapset_cut(&b->few, r->plan->limit);
		b->wanted = &b->few;
	}
	fetchrun_count(r, &r->common->totals->wanted, imapset_count(b->wanted));
	if (r->plan->dry_run) {
		list_wanted(b);
		return 0;
	}
	if (b->wanted->n > 0 && fetch_all(b, part, &taker, e) < 0)
		return -1;
	if (fetchrun_commit(r, e) < 0)
		return -1;
	remember(b);
	return 0;
}

/* What changed since comes along with the mailbox where the server can
 * (QRESYNC). */
static int
open_box(struct fetchbox *b, bool *resynced_r, struct err *e)
{
	const struct fetch_plan *plan = b->run->plan;
	struct imap_select how = {
		.write = plan->after != FETCH_KEEP && !plan->dry_run,
		.validity = fetchstate_validity(b->run->state),
		.modseq = plan->mirror ? fetchstate_modseq(b->run->state) : 0,
	};
	struct imap_changes changes;

	fetchmirror_watch(b, &changes);
	*resynced_r = how.modseq > 0 && imap_enabled(b->imap, "QRESYNC");
	if (imap_select(b->imap, b->run->mailbox, &how,
		*resynced_r ? &changes : NULL, &b->box, e) < 0)
		return fetchrun_no_mailbox(e);
	return 0;
}

static int
fetch_box(struct fetchbox *b, struct err *e)
{
	const struct fetch_plan *plan = b->run->plan;
	bool anew = fetchstate_validity(b->run->state) != 0;
	bool resynced;

	if (open_box(b, &resynced, e) < 0 || check_validity(b, e) < 0)
		return -1;
	anew = anew && !fetchstate_followed(b->run->state);
	if (plan->mirror && !plan->dry_run &&
	    fetchmirror_find(b, resynced, e) < 0)
		return -1;
	if (find_wanted(b, e) < 0 || fetch_wanted(b, e) < 0)
		return -1;
	if (plan->dry_run)
		return 0;
	if (plan->mirror && fetchmirror_apply(b, anew, e) < 0)
		return -1;
	return fetchafter_apply(b, e);
}

/* The counts of STATUS say that there is nothing to do. */
static bool
is_settled(const struct fetchrun *r, const struct imap *m,
    const struct imap_mailbox *box)
{
	struct imapset all = { 0 }, missing = { 0 };
	bool settled = false;

	if (box->told && box->exists == 0 && fetchstate_uids(r->state)->n == 0)
		return true;
	if (r->plan->after == FETCH_DELETE || r->plan->after == FETCH_MOVE ||
	    !box->told || box->validity == 0 || box->next == 0 ||
	    box->validity != fetchstate_validity(r->state))
		return false;
	if (r->plan->mirror &&
	    (box->modseq == 0 || box->modseq != fetchstate_modseq(r->state) ||
		!imap_enabled(m, "QRESYNC")))
		return false;
	if (box->next > 1)
		imapset_add(&all, 1, box->next - 1);
	imapset_minus(&all, fetchstate_uids(r->state), &missing);
	settled = missing.n == 0 || box->exists == 0;
	imapset_free(&all);
	imapset_free(&missing);
	return settled;
}

int
fetchimap_box(struct fetchrun *r, struct imap *m,
    const struct imap_mailbox *status, struct err *e)
{
	struct fetchbox b = { .run = r, .imap = m };
	int ret = 0;

	if (!is_settled(r, m, status))
		ret = fetch_box(&b, e);
	imapset_free(&b.found);
	imapset_free(&b.few);
	imapset_free(&b.taken);
	imapset_free(&b.failed);
	imapset_free(&b.gone);
	mem_free(b.changed);
	return ret;
}
