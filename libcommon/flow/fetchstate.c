/* What was fetched already (see fetchstate.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"

#include "text/url.h"

#include "crypt/digest.h"

#include "store/journal.h"

#include "flow/fetchkeys.h"
#include "flow/fetchsift.h"
#include "flow/fetchstate.h"

#define COMPACT_AT   512  /* records that are not put aside */
#define LINE_KEYS    100  /* UIDLs in one record, about */
#define SET_ROOM     3000 /* octets of a set in one record */
#define NAME_SHOWN   120  /* octets of a source in a file name */
#define VALIDITY_MAX UINT32_MAX

/* A record "next", waiting for "done". */
struct pending {
	const char *where, *fact; /* in the arena */
};

struct fetchstate {
	struct journal *journal;
	char *old;      /* owned: name of the file of older records */
	size_t records; /* in the journal */
	bool followed;  /* by a mirror, up to modseq */
	uint64_t modseq;
	uint32_t validity;
	struct imapset uids;
	struct fetchkeys uidls, contents;
	bool opened;        /* what is added from here on is new */
	bool listed;        /* all UIDLs of the mailbox were looked up */
	size_t settled;     /* contents that no void takes back */
	struct arena arena; /* of pending */
	struct pending *pending;
	size_t npending, pending_cap;
	bool open_group; /* next was added, done was not */
};

static void
add_key(struct fetchkeys *k, const struct fetchstate_key *key, uint64_t time,
    bool seen)
{
	struct fetchkeys_item item = { .time = (uint32_t)time, .seen = seen };

	memcpy(item.v, key->v, FETCHKEYS_SIZE);
	fetchkeys_add(k, &item);
}

static bool
read_key(struct slice hex, struct fetchstate_key *key_r)
{
	return slice_unhex(hex, key_r->v, FETCHSTATE_KEY);
}

static void
write_key(const struct fetchstate_key *key, char out[DIGEST_HEX_MAX])
{
	digest_hex(key->v, FETCHSTATE_KEY, out);
}

static bool
take_validity(struct fetchstate *s, struct slice *r)
{
	uint64_t v;

	if (!slice_take_number(r, VALIDITY_MAX, &v) || v == 0 ||
	    !slice_take_prefix(r, " "))
		return false;
	fetchstate_set_validity(s, (uint32_t)v);
	return true;
}

/* SIZE [TIME] DIGEST: older records have no time. */
static uint64_t
time_of(struct slice rest)
{
	uint64_t time;

	slice_take_until(&rest, ' ', NULL);
	return slice_number(
		   slice_take_until(&rest, ' ', NULL), UINT32_MAX, &time)
	           ? time
	           : 0;
}

static void
take_fact(struct fetchstate *s, struct slice r)
{
	struct fetchstate_key key;
	uint64_t uid;

	if (slice_take_prefix(&r, "uid ")) {
		if (take_validity(s, &r) &&
		    slice_take_number(&r, IMAPSET_UID_MAX, &uid))
			imapset_add(&s->uids, (uint32_t)uid, (uint32_t)uid);
	} else if (slice_take_prefix(&r, "have ")) {
		if (take_validity(s, &r))
			imapset_read(&s->uids, r, NULL);
	} else if (slice_take_prefix(&r, "modseq ")) {
		if (take_validity(s, &r))
			s->followed = slice_number(r, INT64_MAX, &s->modseq);
	} else if (slice_take_prefix(&r, "uidls ")) {
		fetchkeys_read(&s->uidls, r);
	} else if (slice_take_prefix(&r, "uidl ")) {
		if (read_key(slice_take_until(&r, ' ', NULL), &key))
			add_key(&s->uidls, &key, time_of(r), s->opened);
	}
}

static void
take_next(struct fetchstate *s, struct slice r)
{
	struct slice where = slice_take_until(&r, ' ', NULL);

	if (slice_starts(r, "next ") || slice_is(r, "done") ||
	    slice_is(r, "void"))
		return; /* no fact */
	s->pending = arena_grow(&s->arena, s->pending, s->npending,
	    s->npending + 1, sizeof(s->pending[0]), &s->pending_cap);
	s->pending[s->npending++] =
	    (struct pending){ arena_copy(&s->arena, where),
		    arena_copy(&s->arena, r) };
}

static void
end_pending(struct fetchstate *s)
{
	arena_free(&s->arena);
	s->pending = NULL;
	s->npending = s->pending_cap = 0;
}

/* A record of a kind that is not known here is of a newer version: it is
 * passed over. */
static int
take_record(void *arg, struct slice r, struct err *e)
{
	struct fetchstate *s = arg;

	(void)e;
	s->records++;
	if (slice_take_prefix(&r, "next ")) {
		take_next(s, r);
	} else if (slice_is(r, "done")) {
		for (size_t i = 0; i < s->npending; i++)
			take_fact(s, slice_str(s->pending[i].fact));
		end_pending(s);
	} else if (slice_is(r, "void")) {
		end_pending(s);
	} else {
		take_fact(s, r);
	}
	return 0;
}

/* The digest is the last word of every record that has one. */
static int
take_content(void *arg, struct slice r, struct err *e)
{
	struct fetchstate *s = arg;
	struct fetchstate_key key;
	size_t at = slice_find_last(r, ' ');

	(void)e;
	if (slice_is(r, "void"))
		s->contents.n = s->settled;
	if (at != SIZE_MAX && read_key(slice_sub(r, at + 1, SIZE_MAX), &key))
		add_key(&s->contents, &key, 0, false);
	if (!slice_starts(r, "next "))
		s->settled = s->contents.n;
	return 0;
}

int
fetchstate_open(const char *path, struct fetchstate **s_r, struct err *e)
{
	struct fetchstate *s = mem_new(sizeof(*s));
	struct journal_reader reader = { take_record, s };

	s->old = mem_new(strlen(path) + sizeof(".old"));
	memcpy(s->old, path, strlen(path) + 1);
	memcpy(s->old + strlen(path), ".old", sizeof(".old"));
	if (journal_open(path, "fetch", &reader, &s->journal, e) < 0) {
		fetchstate_free(&s);
		return -1;
	}
	s->opened = true;
	*s_r = s;
	return 0;
}

void
fetchstate_free(struct fetchstate **s)
{
	if (!*s)
		return;
	journal_free(&(*s)->journal);
	mem_free((*s)->old);
	imapset_free(&(*s)->uids);
	fetchkeys_free(&(*s)->uidls);
	fetchkeys_free(&(*s)->contents);
	arena_free(&(*s)->arena);
	mem_free(*s);
	*s = NULL;
}

size_t
fetchstate_damaged(const struct fetchstate *s)
{
	return journal_damaged(s->journal);
}

uint32_t
fetchstate_validity(const struct fetchstate *s)
{
	return s->validity;
}

void
fetchstate_set_validity(struct fetchstate *s, uint32_t validity)
{
	if (s->validity != validity) {
		imapset_free(&s->uids);
		s->modseq = 0;
		s->followed = false;
	}
	s->validity = validity;
}

const struct imapset *
fetchstate_uids(const struct fetchstate *s)
{
	return &s->uids;
}

bool
fetchstate_find_uidl(
    struct fetchstate *s, const struct fetchstate_key *key, int64_t *time_r)
{
	struct fetchkeys_item *item = fetchkeys_find(&s->uidls, key);

	*time_r = item ? item->time : 0;
	if (item)
		item->seen = 1;
	return item != NULL;
}

void
fetchstate_listed(struct fetchstate *s)
{
	s->listed = true;
}

bool
fetchstate_has_lost(const struct fetchstate *s)
{
	size_t lost = s->uidls.n - fetchkeys_count_seen(&s->uidls);

	return lost > 0 && lost >= s->uidls.n / 4;
}

int
fetchstate_read_contents(struct fetchstate *s, struct err *e)
{
	struct journal_reader reader = { take_content, s };

	fetchkeys_free(&s->contents);
	s->settled = 0;
	return fetchstate_read_all(s, &reader, e);
}

int
fetchstate_read_all(
    struct fetchstate *s, const struct journal_reader *reader, struct err *e)
{
	if (journal_read_old(s->old, reader, e) < 0)
		return -1;
	return journal_reread(s->journal, reader, e);
}

bool
fetchstate_parse(struct slice r, struct fetchstate_fact *f_r)
{
	size_t at = slice_find_last(r, ' ');
	uint64_t v = 0, uid = 0;

	*f_r = (struct fetchstate_fact){ 0 };
	if (at == SIZE_MAX ||
	    !read_key(slice_sub(r, at + 1, SIZE_MAX), &f_r->digest))
		return false;
	if (slice_take_prefix(&r, "next "))
		f_r->where = slice_take_until(&r, ' ', NULL);
	if (slice_take_prefix(&r, "uid ") &&
	    (!slice_take_number(&r, VALIDITY_MAX, &v) ||
		!slice_take_prefix(&r, " ") ||
		!slice_take_number(&r, IMAPSET_UID_MAX, &uid)))
		return false;
	f_r->validity = (uint32_t)v;
	f_r->uid = (uint32_t)uid;
	return true;
}

bool
fetchstate_followed(const struct fetchstate *s)
{
	return s->followed;
}

uint64_t
fetchstate_modseq(const struct fetchstate *s)
{
	return s->modseq;
}

void
fetchstate_set_modseq(struct fetchstate *s, uint64_t modseq)
{
	if ((s->followed && s->modseq == modseq) || s->validity == 0)
		return;
	s->modseq = modseq;
	s->followed = true;
	journal_fmt(
	    s->journal, "modseq %" PRIu32 " %" PRIu64, s->validity, modseq);
}

bool
fetchstate_has_content(
    struct fetchstate *s, const struct fetchstate_key *digest)
{
	return fetchkeys_find(&s->contents, digest) != NULL;
}

void
fetchstate_uid(const struct fetchstate *s, uint32_t uid, uint64_t size,
    const struct fetchstate_key *digest, struct buf *out)
{
	char hex[DIGEST_HEX_MAX];

	write_key(digest, hex);
	buf_fmt(out, "uid %" PRIu32 " %" PRIu32 " %" PRIu64 " %s", s->validity,
	    uid, size, hex);
}

void
fetchstate_uidl(const struct fetchstate_key *key, uint64_t size, int64_t now,
    const struct fetchstate_key *digest, struct buf *out)
{
	char hex[DIGEST_HEX_MAX], name[DIGEST_HEX_MAX];

	write_key(digest, hex);
	write_key(key, name);
	buf_fmt(
	    out, "uidl %s %" PRIu64 " %" PRId64 " %s", name, size, now, hex);
}

void
fetchstate_content(
    uint64_t size, const struct fetchstate_key *digest, struct buf *out)
{
	char hex[DIGEST_HEX_MAX];

	write_key(digest, hex);
	buf_fmt(out, "content %" PRIu64 " %s", size, hex);
}

void
fetchstate_add(struct fetchstate *s, const char *fact)
{
	journal_add(s->journal, slice_str(fact));
	s->records++;
	take_fact(s, slice_str(fact));
}

void
fetchstate_next(struct fetchstate *s, const char *where, const char *fact)
{
	journal_fmt(s->journal, "next %s %s", where, fact);
	s->records++;
	take_fact(s, slice_str(fact));
	s->open_group = true;
}

void
fetchstate_done(struct fetchstate *s)
{
	if (s->open_group)
		journal_add(s->journal, slice_str("done"));
	s->open_group = false;
}

bool
fetchstate_unsettled(const struct fetchstate *s)
{
	return s->npending > 0;
}

int
fetchstate_settle(
    struct fetchstate *s, const struct fetchstate_judge *judge, struct err *e)
{
	if (s->npending == 0)
		return 0;
	journal_add(s->journal, slice_str("void"));
	for (size_t i = 0; i < s->npending; i++) {
		const struct pending *p = &s->pending[i];
		int got = judge->in_place(judge->arg, p->where, e);

		if (got < 0)
			return -1;
		if (got > 0)
			fetchstate_add(s, p->fact);
	}
	end_pending(s);
	if (judge->mended(judge->arg, e) < 0)
		return -1;
	return journal_commit(s->journal, e);
}

static void
write_have(struct fetchstate *s, const struct imapset *set)
{
	struct buf text;
	uint64_t at = 0;

	buf_init(&text, SET_ROOM + 100);
	while (imapset_write(set, &at, SET_ROOM, &text)) {
		journal_fmt(s->journal, "have %" PRIu32 " %s", s->validity,
		    buf_str(&text));
		buf_reset(&text);
	}
	buf_free(&text);
}

/* They would take a quarter of the records, or most are of messages that are
 * gone. */
static bool
is_worth_it(struct fetchstate *s)
{
	size_t seen;

	if (s->records < COMPACT_AT || s->npending > 0 || s->open_group)
		return false;
	if (s->uidls.n == 0)
		return s->validity != 0 && s->uids.runs <= s->records / 4;
	if (s->validity != 0 || !s->listed)
		return false;
	seen = fetchkeys_count_seen(&s->uidls);
	return seen / LINE_KEYS < s->records / 4 || seen < s->uidls.n / 2;
}

void
fetchstate_compact(struct fetchstate *s)
{
	if (!is_worth_it(s) || journal_anew(s->journal, NULL) < 0)
		return;
	if (s->uidls.n > 0) {
		fetchkeys_keep_seen(&s->uidls);
		fetchkeys_write(&s->uidls, s->journal);
	}
	if (s->validity != 0)
		write_have(s, &s->uids);
	if (s->followed)
		journal_fmt(s->journal, "modseq %" PRIu32 " %" PRIu64,
		    s->validity, s->modseq);
	if (journal_rotate(s->journal, s->old, NULL) < 0)
		return;
	s->records = 0;
	if (s->validity == 0)
		fetchsift(s->old, &s->uidls, NULL);
}

void
fetchstate_add_set(struct fetchstate *s, const struct imapset *set)
{
	struct imapset fresh = { 0 };
	const struct imapset *add = set;

	if (imapset_covers(&s->uids, set))
		return;
	/* of holes there may be more than of what is around them */
	if (set->runs > s->uids.runs) {
		imapset_minus(set, &s->uids, &fresh);
		add = &fresh;
	}
	write_have(s, add);
	imapset_join(&s->uids, add);
	imapset_free(&fresh);
}

int
fetchstate_commit(struct fetchstate *s, struct err *e)
{
	return journal_commit(s->journal, e);
}

int
fetchstate_key_of(
    struct slice text, struct fetchstate_key *key_r, struct err *e)
{
	unsigned char whole[DIGEST_MAX];

	if (digest_of(DIGEST_SHA256, text, whole, e) < 0)
		return -1;
	memcpy(key_r->v, whole, FETCHSTATE_KEY);
	return 0;
}

int
fetchstate_name(
    const char *source, const char *target, struct buf *out, struct err *e)
{
	struct fetchstate_key key;
	char hex[DIGEST_HEX_MAX];
	struct buf b;
	int ret;

	buf_init(&b, 4 * URL_MAX);
	buf_fmt(&b, "%s\n%s", source, target);
	ret = fetchstate_key_of(buf_view(&b), &key, e);
	buf_reset(&b);
	url_escape(slice_str(source), "@", &b);
	buf_cut(&b, NAME_SHOWN);
	write_key(&key, hex);
	buf_fmt(out, "%s-%.16s", buf_str(&b), hex);
	buf_free(&b);
	return ret;
}
