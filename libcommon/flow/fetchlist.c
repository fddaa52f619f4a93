/* Looking without fetching: the folders of an account, the headers of a
 * mailbox (see fetch.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/imapbody.h"

#include "flow/fetch.h"
#include "flow/fetchimap.h"
#include "flow/fetchlook.h"
#include "flow/fetchpop3.h"

struct looker {
	struct fetchlook l; /* the first: what all takers share */
	const char *mailbox;
	const struct imapset *wanted;
};

int
fetch_folders(const struct fetch_plan *plan,
    void (*folder)(void *arg, const struct fetch_folder *f), struct err *e)
{
	static const char *const every[] = { "*" };
	struct fetch_plan all = *plan;
	struct fetchfolders folders = { 0 };
	struct fetchsession s;
	int ret;

	if (plan->protocol != FETCH_IMAP)
		return err_set(e, ERR_USAGE, "POP3 has no folders to list");
	if (plan->nmailboxes == 0) {
		all.mailboxes = every;
		all.nmailboxes = 1;
	}
	if (fetchsession_open(plan, &s, e) < 0)
		return -1;
	ret = fetchfolders_find(&all, s.imap, true, &folders, e);
	for (size_t i = 0; i < folders.n && ret == 0; i++) {
		const struct fetchfolder *f = &folders.v[i];
		struct fetch_folder what = { slice_str(f->name), f->separator,
			f->selectable, f->use, f->box.told, f->box.exists,
			f->box.unseen, f->box.has_size, f->box.size,
			f->box.id };

		folder(plan->arg, &what);
	}
	fetchfolders_free(&folders);
	if (ret == 0)
		fetchsession_close(&s);
	else
		fetchsession_drop(&s);
	return ret;
}

static int
end(void *arg, const struct imap_message *m, struct err *e)
{
	struct looker *w = arg;
	struct arena a = { 0 };
	struct fetch_look look = { .mailbox = w->mailbox,
		.uid = m->uid,
		.size = m->told_size,
		.flags = m->flags,
		.date = fetchimap_arrival(m->date) };
	int ret;

	if (m->body != IMAP_BODY_WHOLE || !imapset_has(w->wanted, m->uid))
		return fetchlook_end(&w->l, NULL, e);
	look.has_structure =
	    imapbody_attachments(m->structure, &look.attachments);
	if (m->id.n)
		look.id = arena_copy(&a, m->id);
	if (m->labels.n)
		look.labels = arena_copy(&a, m->labels);
	ret = fetchlook_end(&w->l, &look, e);
	arena_free(&a);
	return ret;
}

static int
look_at(struct looker *w, struct imap *m, struct err *e)
{
	const struct fetch_plan *plan = w->l.plan;
	struct imap_taker taker = { FETCHLOOK_MAX, NULL, NULL, fetchlook_write,
		end, w };
	struct imap_mailbox box;
	struct imapset found = { 0 };
	const char *keys = plan->search ? plan->search : "ALL";
	int ret = 0;

	if (imap_examine(m, w->mailbox, &box, e) < 0)
		return fetchrun_no_mailbox(e);
	if (box.exists > 0)
		ret = plan->limit > 0
		          ? imap_search_first(m, keys, plan->limit, &found, e)
		          : imap_search(m, keys, &found, e);
	if (plan->limit > 0)
		imapset_cut(&found, plan->limit);
	w->wanted = &found;
	if (ret == 0 && found.n > 0)
		ret = imap_fetch(m, &found, IMAP_PART_LOOK, 0, &taker, e);
	imapset_free(&found);
	return ret;
}

int
fetch_peek(const struct fetch_plan *plan,
    void (*look)(void *arg, const struct fetch_look *look), struct err *e)
{
	struct looker w = { .mailbox = NULL };
	struct fetchfolders folders = { 0 };
	struct fetchsession s;
	int ret;

	if (plan->protocol != FETCH_IMAP)
		return fetchpop3_peek(plan, look, e);
	if (fetchsession_open(plan, &s, e) < 0)
		return -1;
	fetchlook_init(&w.l, plan, look);
	ret = fetchfolders_find(plan, s.imap, false, &folders, e);
	for (size_t i = 0; i < folders.n && ret == 0; i++) {
		w.mailbox = folders.v[i].name;
		ret = look_at(&w, s.imap, e);
	}
	fetchlook_free(&w.l);
	fetchfolders_free(&folders);
	if (ret == 0)
		fetchsession_close(&s);
	else
		fetchsession_drop(&s);
	return ret;
}
