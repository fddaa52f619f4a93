/* Fetching over IMAP (see fetch.h): what is missing is found by ranges of
 * UIDs, asked for in one go, and taken as it comes.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/date.h"

#include "proto/imap.h"

#include "flow/fetchrun.h"

#define DATE_LENGTH 26 /* of INTERNALDATE */

struct mailbox {
	struct fetchrun *run;
	struct imap *imap;
	struct imap_mailbox box;
	struct imapset wanted; /* new, and asked for */
	struct imapset taken;  /* came */
	struct imapset failed; /* of those, passed over */
};

/* TLS, then login, then mail. */
static int
log_in(const struct fetch_plan *plan, struct imap *m, struct err *e)
{
	bool encrypt = plan->tls == FETCH_TLS_START;

	if (plan->tls == FETCH_TLS_MAY) {
		if (imap_capability(m, e) < 0)
			return -1;
		encrypt = imap_has(m, "STARTTLS");
	}
	if (encrypt && imap_starttls(m, &plan->want, e) < 0)
		return -1;
	if (imap_login(m, plan->user, plan->password, fetchrun_clear(plan), e) <
	    0)
		return -1;
	if (imap_capability(m, e) < 0)
		return -1;
	return imap_id(m, PACKAGE_NAME, PACKAGE_VERSION, e);
}

static int
open_session(const struct fetch_plan *plan, struct imap **m_r, struct err *e)
{
	struct stream *s;

	if (fetchrun_connect(plan, &s, e) < 0 ||
	    imap_open(s, plan->timeout, plan->given->trace, m_r, e) < 0)
		return -1;
	if (log_in(plan, *m_r, e) == 0)
		return 0;
	imap_free(m_r);
	return -1;
}

/* "17-Jul-1996 02:44:25 -0700" is a date of mail but for its dashes. */
static int64_t
arrival(struct slice date)
{
	char text[DATE_LENGTH];
	int64_t t;

	if (date.n != DATE_LENGTH)
		return 0;
	memcpy(text, date.p, DATE_LENGTH);
	text[2] = text[6] = ' ';
	return date_parse(slice_of(text, DATE_LENGTH), &t, NULL) ? t : 0;
}

static int
body_begin(void *arg, uint64_t size, struct err *e)
{
	struct mailbox *box = arg;

	(void)size;
	return fetchrun_begin(box->run, e);
}

static int
body_write(void *arg, struct slice part, struct err *e)
{
	struct mailbox *box = arg;

	return fetchrun_write(box->run, part, e);
}

/* A body nobody asked for (no UID, one not in the set, one that came before)
 * is dropped. */
static int
body_end(void *arg, const struct imap_message *m, struct err *e)
{
	struct mailbox *box = arg;
	struct fetchrun_name name = {
		.uid = m->uid, .flags = m->flags, .date = arrival(m->date)
	};
	int got;

	if (m->body == IMAP_BODY_NONE)
		return 0;
	if (!imapset_has(&box->wanted, m->uid) ||
	    imapset_has(&box->taken, m->uid)) {
		fetchrun_abort(box->run);
		return 0;
	}
	imapset_add(&box->taken, m->uid, m->uid);
	if (m->body == IMAP_BODY_TOO_LARGE) {
		imapset_add(&box->failed, m->uid, m->uid);
		fetchrun_pass(box->run, FETCH_TOO_LARGE, &name, m->size);
		return 0;
	}
	got = fetchrun_end(box->run, &name, e);
	if (got == 0)
		imapset_add(&box->failed, m->uid, m->uid);
	return got < 0 ? -1 : 0;
}

/* UIDs count only under the UIDVALIDITY they were given under (RFC 9051,
 * 2.3.1.1). After a change, and where there is none, messages are known by
 * their content. */
static int
check_validity(struct mailbox *box, struct err *e)
{
	struct fetchrun *r = box->run;
	uint32_t was = fetchstate_validity(r->state);

	if (was != 0 && box->box.validity == was)
		return 0;
	if (was != 0)
		fetchrun_remark(r,
		    "'%s': the server renumbered its messages (UIDVALIDITY "
		    "%lu, was %lu): all are read again, those that are here "
		    "already are told by their content",
		    r->plan->mailbox, (unsigned long)box->box.validity,
		    (unsigned long)was);
	fetchstate_set_validity(r->state, box->box.validity);
	r->match = true;
	return fetchstate_read_contents(r->state, e);
}

/* The UIDs that could be there and are not known. */
static void
find_missing(struct mailbox *box, struct imapset *missing)
{
	struct imapset all = { 0 };
	uint32_t last = box->box.next ? box->box.next - 1 : IMAPSET_UID_MAX;

	if (last > 0 && box->box.exists > 0)
		imapset_add(&all, 1, last);
	imapset_minus(&all, fetchstate_uids(box->run->state), missing);
	imapset_free(&all);
}

/* Asks which of the missing are there. The range goes from the first to the
 * last of them: a number for "*", since "n:*" is never empty. */
static int
find_wanted(struct mailbox *box, struct err *e)
{
	struct imapset missing = { 0 }, found = { 0 };
	char keys[64];
	int ret = 0;

	find_missing(box, &missing);
	if (missing.n > 0) {
		snprintf(keys, sizeof(keys), "UID %lu:%lu",
		    (unsigned long)missing.v[0].first,
		    (unsigned long)missing.v[missing.n - 1].last);
		ret = imap_search(box->imap, keys, &found, e);
	}
	imapset_minus(&found, fetchstate_uids(box->run->state), &box->wanted);
	imapset_free(&missing);
	imapset_free(&found);
	return ret;
}

/* After a whole run: every UID up to the last is here or is no more, but
 * those that were found and did not come. */
static void
remember(struct mailbox *box, const struct imapset *found)
{
	struct fetchrun *r = box->run;
	struct imapset all = { 0 }, open = { 0 }, here = { 0 };
	uint32_t last = box->box.next ? box->box.next - 1 : 0;

	if (last == 0 && found->n > 0)
		last = found->v[found->n - 1].last;
	if (last == 0 || fetchstate_validity(r->state) == 0)
		return;
	imapset_add(&all, 1, last);
	imapset_minus(found, &box->taken, &open);
	for (size_t i = 0; i < box->failed.n; i++)
		imapset_add(
		    &open, box->failed.v[i].first, box->failed.v[i].last);
	imapset_minus(&all, &open, &here);
	fetchstate_add_set(r->state, &here);
	imapset_free(&all);
	imapset_free(&open);
	imapset_free(&here);
}

static void
list_wanted(struct mailbox *box)
{
	for (size_t i = 0; i < box->wanted.n; i++)
		for (uint64_t u = box->wanted.v[i].first;
		     u <= box->wanted.v[i].last; u++) {
			struct fetchrun_name name = { .uid = (uint32_t)u };

			fetchrun_pass(box->run, FETCH_NEW, &name, 0);
		}
}

static int
fetch_wanted(struct mailbox *box, struct err *e)
{
	struct fetchrun *r = box->run;
	struct imapset found = { 0 }, none = { 0 };
	struct imap_taker taker = { fetchrun_max(r), body_begin, body_write,
		body_end, box };
	int ret;

	imapset_minus(&box->wanted, &none, &found);
	if (r->plan->limit > 0)
		imapset_cut(&box->wanted, r->plan->limit);
	r->totals->wanted = imapset_count(&box->wanted);
	if (r->plan->dry_run) {
		list_wanted(box);
		ret = 0;
	} else {
		ret = box->wanted.n == 0 ? 0
		                         : imap_fetch(box->imap, &box->wanted,
					       IMAP_PART_WHOLE, 0, &taker, e);
		if (ret == 0)
			ret = fetchrun_commit(r, e);
		if (ret == 0)
			remember(box, &found);
	}
	imapset_free(&found);
	return ret;
}

int
fetchrun_imap(struct fetchrun *r, struct err *e)
{
	struct mailbox box = { .run = r };
	int ret;

	if (open_session(r->plan, &box.imap, e) < 0)
		return -1;
	ret = imap_examine(box.imap, r->plan->mailbox, &box.box, e);
	if (ret == 0)
		ret = check_validity(&box, e);
	if (ret == 0)
		ret = find_wanted(&box, e);
	if (ret == 0)
		ret = fetch_wanted(&box, e);
	if (ret == 0)
		imap_close(&box.imap);
	imap_free(&box.imap);
	imapset_free(&box.wanted);
	imapset_free(&box.taken);
	imapset_free(&box.failed);
	return ret;
}

struct lister {
	void (*folder)(void *arg, const struct fetch_folder *f);
	void *arg;
};

static int
take_folder(void *arg, const struct imap_folder *f, struct err *e)
{
	const struct lister *l = arg;
	struct fetch_folder folder = { f->name, f->separator, f->selectable };

	(void)e;
	l->folder(l->arg, &folder);
	return 0;
}

int
fetchrun_folders(const struct fetch_plan *plan,
    void (*folder)(void *arg, const struct fetch_folder *f), struct err *e)
{
	struct lister l = { folder, plan->arg };
	struct imap_folder_taker taker = { .take = take_folder, .arg = &l };
	struct imap *m;
	int ret;

	if (plan->protocol != FETCH_IMAP)
		return err_set(e, ERR_USAGE, "POP3 has no folders to list");
	if (open_session(plan, &m, e) < 0)
		return -1;
	ret = imap_list(m, "*", &taker, e);
	if (ret == 0)
		imap_close(&m);
	imap_free(&m);
	return ret;
}
