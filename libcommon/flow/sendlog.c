/* The journal of a run of many messages (see sendlog.h):
 *
 *	begun KEY
 *	sent KEY            (or temporary, permanent, uncertain)
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>

#include "base/mem.h"

#include "crypt/digest.h"

#include "store/journal.h"

#include "flow/sendlog.h"

#define TABLE_MIN 1024

struct entry {
	struct sendlog_key key;
	uint8_t state; /* enum sendlog_state */
	bool used;     /* the place in the table */
	bool met;      /* in this run */
};

struct sendlog {
	struct journal *journal;
	pthread_mutex_t lock;
	struct entry *table; /* open addressing, at most half full */
	size_t n, size;
};

static const char *const words[] = {
	[SENDLOG_BEGUN] = "begun",
	[SENDLOG_SENT] = "sent",
	[SENDLOG_TEMPORARY] = "temporary",
	[SENDLOG_PERMANENT] = "permanent",
	[SENDLOG_UNCERTAIN] = "uncertain",
};

static const enum sendlog_state states[] = {
	[SMTP_SENT] = SENDLOG_SENT,
	[SMTP_TEMPORARY] = SENDLOG_TEMPORARY,
	[SMTP_PERMANENT] = SENDLOG_PERMANENT,
	[SMTP_UNCERTAIN] = SENDLOG_UNCERTAIN,
};

/* Where the key is, or would be. The keys are digests: their first octets
 * spread well. */
static struct entry *
place_of(const struct sendlog *l, const struct sendlog_key *key)
{
	uint64_t at;
	struct entry *p;

	memcpy(&at, key->octets, sizeof(at));
	for (;; at++) {
		p = &l->table[at & (l->size - 1)];
		if (!p->used || memcmp(&p->key, key, sizeof(*key)) == 0)
			return p;
	}
}

static void
grow(struct sendlog *l)
{
	struct entry *old = l->table;
	size_t size = l->size;

	l->size = size ? size * 2 : TABLE_MIN;
	l->table = mem_array(l->size, sizeof(*l->table));
	for (size_t i = 0; i < size; i++)
		if (old[i].used)
			*place_of(l, &old[i].key) = old[i];
	mem_free(old);
}

static struct entry *
entry_of(struct sendlog *l, const struct sendlog_key *key)
{
	struct entry *p;

	if (2 * (l->n + 1) > l->size)
		grow(l);
	p = place_of(l, key);
	if (!p->used) {
		*p = (struct entry){ .key = *key, .used = true };
		l->n++;
	}
	return p;
}

/* One record of the journal; what is none of ours is passed over. */
static int
take_record(void *arg, struct slice record, struct err *e)
{
	struct sendlog *l = arg;
	struct slice word = slice_take_until(&record, ' ', NULL);
	struct sendlog_key key;

	for (size_t i = SENDLOG_BEGUN; i < COUNT_OF(words); i++)
		if (slice_is(word, words[i]) &&
		    slice_unhex(record, key.octets, SENDLOG_KEY_SIZE)) {
			if (l->n >= SENDLOG_ENTRIES_MAX)
				return err_set(e, ERR_CONFIG,
				    "more than %d entries",
				    SENDLOG_ENTRIES_MAX);
			entry_of(l, &key)->state = (uint8_t)i;
		}
	return 0;
}

int
sendlog_open(const char *path, bool resume, struct sendlog **l_r, struct err *e)
{
	struct sendlog *l = mem_new(sizeof(*l));
	struct journal_reader reader = { take_record, l };
	int r;

	pthread_mutex_init(&l->lock, NULL);
	grow(l);
	r = journal_open(path, "send", &reader, &l->journal, e);
	if (r == 0 && !resume && l->n > 0)
		r = err_set(e, ERR_CANTCREAT,
		    "'%s' tells of an earlier run: go on with --resume, or "
		    "name another file",
		    path);
	if (r < 0)
		sendlog_close(&l, NULL);
	*l_r = l;
	return r;
}

/* SHA-256 of what, and a number, and s, cut to the length of a key. */
static int
make_key(const struct sendlog_key *what, uint64_t number, struct slice s,
    struct sendlog_key *key_r, struct err *e)
{
	struct digest d = { 0 };
	unsigned char out[DIGEST_MAX], n[8];

	for (size_t i = 0; i < sizeof(n); i++)
		n[i] = (unsigned char)(number >> 8 * i);
	if (digest_begin(&d, DIGEST_SHA256, e) < 0)
		return -1;
	if (what)
		digest_add(&d, what->octets, sizeof(what->octets));
	digest_add(&d, n, sizeof(n));
	digest_add(&d, s.p, s.n);
	digest_end(&d, out);
	memcpy(key_r->octets, out, sizeof(key_r->octets));
	return 0;
}

/* Marks the first of its likes that this run has not met. */
static int
meet(struct sendlog *l, const struct sendlog_key *base, struct slice rcpt,
    struct sendlog_key *key_r, struct err *e)
{
	struct entry *p;

	for (uint64_t nth = 0; nth < SENDLOG_ENTRIES_MAX; nth++) {
		if (make_key(base, nth, rcpt, key_r, e) < 0)
			return -1;
		p = entry_of(l, key_r);
		if (!p->met) {
			p->met = true;
			return 0;
		}
	}
	return err_set(e, ERR_DATA, "the same message again and again");
}

int
sendlog_keys(struct sendlog *l, struct slice message, struct slice from,
    const struct slice *rcpt, size_t n, struct arena *a,
    struct sendlog_key **keys_r, struct err *e)
{
	struct sendlog_key *keys = arena_array(a, n, sizeof(*keys)), base;
	int r;

	*keys_r = keys;
	if (make_key(NULL, 0, message, &base, e) < 0 ||
	    make_key(&base, from.n, from, &base, e) < 0)
		return -1;
	pthread_mutex_lock(&l->lock);
	r = 0;
	for (size_t i = 0; i < n && r == 0; i++)
		r = meet(l, &base, rcpt[i], &keys[i], e);
	pthread_mutex_unlock(&l->lock);
	return r;
}

enum sendlog_state
sendlog_state(struct sendlog *l, const struct sendlog_key *key)
{
	enum sendlog_state state;

	pthread_mutex_lock(&l->lock);
	state = (enum sendlog_state)entry_of(l, key)->state;
	pthread_mutex_unlock(&l->lock);
	return state;
}

static void
note(struct sendlog *l, const struct sendlog_key *key, enum sendlog_state state)
{
	char hex[DIGEST_HEX_MAX];

	digest_hex(key->octets, sizeof(key->octets), hex);
	journal_fmt(l->journal, "%s %s", words[state], hex);
	entry_of(l, key)->state = (uint8_t)state;
}

int
sendlog_begin(
    struct sendlog *l, const struct sendlog_key *keys, size_t n, struct err *e)
{
	int r;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < n; i++)
		note(l, &keys[i], SENDLOG_BEGUN);
	r = journal_commit(l->journal, e);
	pthread_mutex_unlock(&l->lock);
	return r;
}

int
sendlog_outcome(struct sendlog *l, const struct sendlog_key *key,
    enum smtp_outcome outcome, struct err *e)
{
	int r;

	pthread_mutex_lock(&l->lock);
	note(l, key, states[outcome]);
	r = journal_write(l->journal, e);
	pthread_mutex_unlock(&l->lock);
	return r;
}

int
sendlog_close(struct sendlog **lp, struct err *e)
{
	struct sendlog *l = *lp;
	int r = 0;

	if (!l)
		return 0;
	*lp = NULL;
	if (l->journal)
		r = journal_commit(l->journal, e);
	journal_free(&l->journal);
	pthread_mutex_destroy(&l->lock);
	mem_free(l->table);
	mem_free(l);
	return r;
}
