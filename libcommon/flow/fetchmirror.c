/* A Maildir that follows a mailbox one way: messages that are gone there go
 * here, flags become what they are there (see fetchbox.h).
 *
 * Files are found by the records of the state: each says which UID, or which
 * content, was put under which name. Whoever changes only flags keeps the
 * name, so one look through the folder finds them all.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

#include "store/maildir.h"

#include "flow/fetchbox.h"

#define NAME_ROOM   600     /* octets of a file's name and folder */
#define LETTERS_MAX 64      /* flags of a file */
#define OWN_LETTERS "DFRST" /* those that are the server's */

/* What is to happen to a file. */
struct target {
	const char *base; /* its name without flags */
	uint32_t uid;
	unsigned flags;
	bool gone;
};

struct wanted_key {
	struct fetchstate_key key;
	uint32_t uid;
};

struct search {
	struct fetchbox *b;
	struct arena arena;
	struct target *v;
	size_t n, cap;
	struct wanted_key *keys; /* of messages without a place of their own */
	size_t nkeys, keys_cap;
	bool anew; /* keys are those of all that is there */
	int dir;
	bool in_new, in_cur; /* changed */
};

void
fetchmirror_flags(struct fetchbox *b, uint32_t uid, unsigned flags)
{
	if (b->nchanged == b->changed_cap) {
		b->changed_cap = b->changed_cap ? 2 * b->changed_cap : 64;
		b->changed = mem_resize(
		    b->changed, b->changed_cap * sizeof(b->changed[0]));
	}
	b->changed[b->nchanged++] = (struct fetchbox_change){ uid, flags };
}

static int
take_flags(void *arg, uint32_t uid, unsigned flags, struct err *e)
{
	struct fetchbox *b = arg;

	(void)e;
	if (imapset_has(fetchstate_uids(b->run->state), uid))
		fetchmirror_flags(b, uid, flags);
	return 0;
}

void
fetchmirror_watch(struct fetchbox *b, struct imap_changes *changes)
{
	*changes = (struct imap_changes){ &b->gone, take_flags, b };
}

/* Without QRESYNC: what is known and not there any more. */
static int
find_gone(struct fetchbox *b, struct err *e)
{
	struct imapset there = { 0 };
	int ret = 0;

	if (b->box.exists > 0)
		ret = imap_search(b->imap, "ALL", &there, e);
	if (ret == 0)
		imapset_minus(fetchstate_uids(b->run->state), &there, &b->gone);
	imapset_free(&there);
	return ret;
}

int
fetchmirror_find(struct fetchbox *b, bool resynced, struct err *e)
{
	const struct imapset *known = fetchstate_uids(b->run->state);
	struct imap_changes changes;
	uint64_t since = fetchstate_modseq(b->run->state);

	if (resynced || known->n == 0)
		return 0;
	fetchmirror_watch(b, &changes);
	if (b->box.modseq == 0)
		since = 0;
	if (b->box.exists > 0 &&
	    imap_flags(b->imap, known, since, &changes, e) < 0)
		return -1;
	return find_gone(b, e);
}

static int
compare_changes(const void *a, const void *b)
{
	const struct fetchbox_change *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static const struct fetchbox_change *
find_change(const struct fetchbox *b, uint32_t uid)
{
	struct fetchbox_change key = { .uid = uid };

	return b->nchanged == 0 ? NULL
	                        : bsearch(&key, b->changed, b->nchanged,
				      sizeof(key), compare_changes);
}

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, FETCHSTATE_KEY);
}

/* The same content may be here several times: the message with a place of its
 * own has it. */
static const struct wanted_key *
find_key(const struct search *w, const struct fetchstate_key *key)
{
	return w->nkeys == 0 ? NULL
	                     : bsearch(key, w->keys, w->nkeys,
				   sizeof(w->keys[0]), compare_keys);
}

static void
add_target(struct search *w, struct slice where, uint32_t uid)
{
	const struct fetchbox_change *change = find_change(w->b, uid);
	bool gone = uid == 0 || imapset_has(&w->b->gone, uid);
	size_t slash = slice_find(where, '/');
	struct slice base = slice_sub(where, slash + 1, SIZE_MAX);

	if (slash == SIZE_MAX || (!gone && !change))
		return;
	base = slice_take_until(&base, ':', NULL);
	w->v = arena_grow(
	    &w->arena, w->v, w->n, w->n + 1, sizeof(w->v[0]), &w->cap);
	w->v[w->n++] = (struct target){ arena_copy(&w->arena, base), uid,
		gone ? 0 : change->flags, gone };
}

static void
add_key(struct search *w, const struct fetchstate_key *key, uint32_t uid)
{
	w->keys = arena_grow(&w->arena, w->keys, w->nkeys, w->nkeys + 1,
	    sizeof(w->keys[0]), &w->keys_cap);
	w->keys[w->nkeys++] = (struct wanted_key){ *key, uid };
}

/* First round: places of the UIDs that matter, contents of those that have
 * none; anew, contents of all that is there. */
static int
take_uid(void *arg, struct slice record, struct err *e)
{
	struct search *w = arg;
	struct fetchstate_fact f;

	(void)e;
	if (!fetchstate_parse(record, &f) || f.uid == 0 ||
	    f.validity != fetchstate_validity(w->b->run->state))
		return 0;
	if (w->anew)
		add_key(w, &f.digest, f.uid);
	if (f.where.n > 0)
		add_target(w, f.where, f.uid);
	else if (!w->anew &&
		 (imapset_has(&w->b->gone, f.uid) || find_change(w->b, f.uid)))
		add_key(w, &f.digest, f.uid);
	return 0;
}

/* Second round: places of contents. */
static int
take_place(void *arg, struct slice record, struct err *e)
{
	struct search *w = arg;
	struct fetchstate_fact f;
	const struct wanted_key *key;

	(void)e;
	if (!fetchstate_parse(record, &f) || f.where.n == 0)
		return 0;
	key = find_key(w, &f.digest);
	if (w->anew && !key)
		add_target(w, f.where, 0);
	else if (key && f.validity != fetchstate_validity(w->b->run->state))
		add_target(w, f.where, key->uid);
	return 0;
}

static int
compare_targets(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return strcmp(x->base, y->base);
}

static int
find_targets(struct search *w, struct err *e)
{
	struct journal_reader uids = { take_uid, w };
	struct journal_reader places = { take_place, w };

	if (w->b->nchanged > 0)
		qsort(w->b->changed, w->b->nchanged, sizeof(w->b->changed[0]),
		    compare_changes);
	if (fetchstate_read_all(w->b->run->state, &uids, e) < 0)
		return -1;
	if (w->nkeys > 0)
		qsort(w->keys, w->nkeys, sizeof(w->keys[0]), compare_keys);
	if ((w->anew || w->nkeys > 0) &&
	    fetchstate_read_all(w->b->run->state, &places, e) < 0)
		return -1;
	if (w->n > 0)
		qsort(w->v, w->n, sizeof(w->v[0]), compare_targets);
	return 0;
}

/* The server's flags, and those letters that are ours alone. */
static void
make_letters(const char *old, unsigned flags, char out[LETTERS_MAX])
{
	char theirs[8];
	size_t n = 0;

	fetchrun_letters(flags, theirs);
	for (int c = 'A'; c <= 'z' && n + 1 < LETTERS_MAX; c++)
		if (strchr(OWN_LETTERS, c) ? strchr(theirs, c) != NULL
					   : strchr(old, c) != NULL)
			out[n++] = (char)c;
	out[n] = '\0';
}

static void
tell(struct search *w, const struct target *t, const char *name)
{
	struct fetchrun *r = w->b->run;
	struct slice dir = slice_str(r->target);
	struct fetch_result what = {
		.outcome = t->gone ? FETCH_EXPUNGED : FETCH_FLAGS,
		.mailbox = r->mailbox,
		.uid = t->uid,
		.flags = t->flags,
		.has_flags = !t->gone,
	};

	slice_take_prefix(&dir, "maildir:");
	what.path = arena_fmt(&w->arena, "%.*s/%s", SLICE_ARG(dir), name);
	fetchrun_tell(r, &what);
}

/* One file, "cur" or "new" and its name. */
static int
change_file(struct search *w, const struct target *t, const char *folder,
    const char *name, struct err *e)
{
	const char *info = strstr(name, ":2,");
	char letters[LETTERS_MAX], from[NAME_ROOM], to[NAME_ROOM];

	snprintf(from, sizeof(from), "%s/%s", folder, name);
	if (t->gone) {
		if (unlinkat(w->dir, from, 0) < 0 && errno != ENOENT)
			return err_sys(e, ERR_IO, "cannot remove '%s'", from);
		w->in_new |= folder[0] == 'n';
		w->in_cur |= folder[0] == 'c';
		tell(w, t, from);
		return 0;
	}
	make_letters(info ? info + 3 : "", t->flags, letters);
	if (folder[0] == 'n' && letters[0] == '\0')
		return 0;
	snprintf(to, sizeof(to), "cur/%s:2,%s", t->base, letters);
	if (strcmp(from, to) == 0)
		return 0;
	if (renameat(w->dir, from, w->dir, to) < 0 && errno != ENOENT)
		return err_sys(e, ERR_IO, "cannot rename '%s'", from);
	w->in_new |= folder[0] == 'n';
	w->in_cur = true;
	tell(w, t, to);
	return 0;
}

static int
change_folder(struct search *w, const char *folder, struct err *e)
{
	int fd = openat(w->dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return err_sys(
		    e, ERR_IO, "cannot read the Maildir's '%s'", folder);
	}
	while (ret == 0 && (entry = readdir(d))) {
		char base[NAME_ROOM];
		struct target key = { .base = base };
		const struct target *t;

		if ((size_t)snprintf(base, sizeof(base), "%s", entry->d_name) >=
		    sizeof(base) - 4)
			continue;
		base[strcspn(base, ":")] = '\0';
		t = bsearch(&key, w->v, w->n, sizeof(w->v[0]), compare_targets);
		if (t)
			ret = change_file(w, t, folder, entry->d_name, e);
	}
	closedir(d);
	return ret;
}

static int
change_files(struct search *w, struct err *e)
{
	const char *path = strchr(w->b->run->target, ':') + 1;
	int ret;

	w->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dir < 0)
		return err_sys(e, ERR_IO, "cannot open '%s'", path);
	ret = change_folder(w, "new", e);
	if (ret == 0)
		ret = change_folder(w, "cur", e);
	if (ret == 0 && w->in_new)
		ret = maildir_sync(w->dir, "new", e);
	if (ret == 0 && w->in_cur)
		ret = maildir_sync(w->dir, "cur", e);
	close(w->dir);
	return ret;
}

/* Nothing is left to come, so that what is not there is gone for good. */
static bool
is_all_here(const struct fetchbox *b)
{
	return b->failed.n == 0 && !b->run->plan->search &&
	       imapset_count(&b->taken) == imapset_count(&b->found);
}

int
fetchmirror_apply(struct fetchbox *b, bool anew, struct err *e)
{
	struct search w = { .b = b, .anew = anew, .dir = -1 };
	bool all = is_all_here(b);
	int ret = 0;

	w.anew = anew && all;
	/* the records of what just came are read, too */
	if (fetchstate_commit(b->run->state, e) < 0)
		return -1;
	if (b->gone.n > 0 || b->nchanged > 0 || w.anew) {
		ret = find_targets(&w, e);
		if (ret == 0 && w.n > 0)
			ret = change_files(&w, e);
	}
	arena_free(&w.arena);
	if (ret == 0 && (all || !anew))
		fetchstate_set_modseq(b->run->state, b->box.modseq);
	return ret;
}
