/* The mailboxes that are meant (see fetchfolders.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "flow/fetchfolders.h"
#include "flow/fetchplace.h"

#define PREFIX_MAX 1024 /* octets of a namespace's */

struct finder {
	const struct fetch_plan *plan;
	struct fetchfolders *folders;
	bool all;
	size_t at; /* STATUS mostly comes right behind its LIST */
};

void
fetchfolders_free(struct fetchfolders *f)
{
	arena_free(&f->arena);
	*f = (struct fetchfolders){ 0 };
}

bool
fetchfolders_many(const struct fetch_plan *plan)
{
	return plan->nmailboxes > 1 ||
	       (plan->nmailboxes == 1 && strpbrk(plan->mailboxes[0], "*%"));
}

static bool
is_excluded(const struct fetch_plan *plan, const struct imap_folder *f)
{
	for (size_t i = 0; i < plan->nexcludes; i++)
		if (fetchplace_match(plan->excludes[i], f->name, f->separator))
			return true;
	return false;
}

/* From the last one on: a server gives each name once, and so do most
 * patterns. */
static struct fetchfolder *
find(struct finder *w, struct slice name)
{
	struct fetchfolders *f = w->folders;

	for (size_t i = 0; i < f->n; i++) {
		size_t at = (w->at + i) % f->n;

		if (slice_is(name, f->v[at].name)) {
			w->at = at;
			return &f->v[at];
		}
	}
	return NULL;
}

static int
take(void *arg, const struct imap_folder *folder, struct err *e)
{
	struct finder *w = arg;
	struct fetchfolders *f = w->folders;

	(void)e;
	if ((!folder->selectable && !w->all) || is_excluded(w->plan, folder))
		return 0;
	if (w->plan->nmailboxes > 1 && find(w, folder->name))
		return 0;
	f->v = arena_grow(
	    &f->arena, f->v, f->n, f->n + 1, sizeof(f->v[0]), &f->cap);
	w->at = f->n;
	f->v[f->n++] = (struct fetchfolder){
		.name = arena_copy(&f->arena, folder->name),
		.separator = folder->separator,
		.selectable = folder->selectable,
		.use = folder->use,
	};
	return 0;
}

static int
take_status(
    void *arg, struct slice name, const struct imap_mailbox *box, struct err *e)
{
	struct finder *w = arg;
	struct fetchfolder *folder = find(w, name);

	(void)e;
	if (!folder)
		return 0;
	folder->box = *box;
	folder->box.id =
	    slice_of(arena_copy(&w->folders->arena, box->id), box->id.n);
	return 0;
}

/* Servers without LIST-STATUS. */
static int
ask_status(struct imap *m, struct fetchfolders *f, struct err *e)
{
	const char **names = mem_new((f->n + 1) * sizeof(*names));
	struct imap_mailbox *boxes = mem_new((f->n + 1) * sizeof(*boxes));
	size_t n = 0;
	int ret;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].selectable && !f->v[i].box.told)
			names[n++] = f->v[i].name;
	ret = imap_status(m, names, n, boxes, &f->arena, e);
	n = 0;
	for (size_t i = 0; i < f->n && ret == 0; i++)
		if (f->v[i].selectable && !f->v[i].box.told)
			f->v[i].box = boxes[n++];
	mem_free(names);
	mem_free(boxes);
	return ret;
}

static int
find_all(const struct fetch_plan *plan, struct imap *m, struct finder *w,
    struct err *e)
{
	struct imap_folder_taker taker = { take, take_status, w };

	for (size_t i = 0; i < plan->nmailboxes; i++) {
		size_t before = w->folders->n;

		if (imap_list(m, plan->mailboxes[i], &taker, e) < 0)
			return -1;
		if (w->folders->n == before && plan->nmailboxes > 1)
			trace_say(plan->given->trace, "no mailbox is like '%s'",
			    plan->mailboxes[i]);
	}
	if (w->folders->n == 0)
		return err_set(e, ERR_NOINPUT, "no mailbox is like '%s'",
		    plan->mailboxes[0]);
	return ask_status(m, w->folders, e);
}

/* NAMESPACE: "INBOX." of Courier and Cyrus stands in front of all names. */
static int
find_prefix(struct imap *m, struct fetchfolders *f, struct err *e)
{
	struct buf prefix;
	int ret;

	buf_init(&prefix, PREFIX_MAX);
	ret = imap_namespace(m, &prefix, e);
	f->prefix = arena_copy(
	    &f->arena, buf_over(&prefix) ? slice_str("") : buf_view(&prefix));
	buf_free(&prefix);
	return ret;
}

struct slice
fetchfolders_own(const struct fetchfolders *f, const struct fetchfolder *folder)
{
	struct slice name = slice_str(folder->name), own = name;

	if (!f->prefix || !slice_take_prefix(&own, f->prefix) || own.n == 0 ||
	    slice_is_nocase(own, "INBOX"))
		return name;
	return own;
}

int
fetchfolders_find(const struct fetch_plan *plan, struct imap *m, bool all,
    struct fetchfolders *f, struct err *e)
{
	struct finder w = { plan, f, all, 0 };
	struct imap_folder one = { .separator = -1, .selectable = true };

	if (all || fetchfolders_many(plan))
		return !all && find_prefix(m, f, e) < 0
		           ? -1
		           : find_all(plan, m, &w, e);
	one.name = slice_str(plan->nmailboxes ? plan->mailboxes[0] : "INBOX");
	return take(&w, &one, e);
}

struct use {
	const char *use;
	struct arena *arena;
	const char *name;
};

static int
take_use(void *arg, const struct imap_folder *f, struct err *e)
{
	struct use *u = arg;

	(void)e;
	if (f->use && strcmp(f->use, u->use) == 0)
		u->name = arena_copy(u->arena, f->name);
	return 0;
}

int
fetchfolders_use(struct imap *m, const char *use, struct arena *a,
    const char **name_r, struct err *e)
{
	struct use u = { use, a, NULL };
	struct imap_folder_taker taker = { take_use, NULL, &u };
	int ret = imap_list(m, "*", &taker, e);

	*name_r = u.name;
	return ret;
}
