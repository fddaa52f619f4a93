/* What a POP3 mailbox needs of older records (see fetchsift.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/stat.h>

#include "base/arena.h"

#include "store/journal.h"

#include "flow/fetchsift.h"

#define ROOM      (64u << 10) /* octets that are never too many */
#define ROOM_EACH 256         /* for a message; it takes about 100 */

/* The records of a group that was not done yet, without their "next". */
struct sift {
	struct fetchkeys *keep;
	struct arena arena;
	struct slice *pending; /* in the arena */
	size_t n, cap;
};

static void
put(struct sift *s, struct slice fact, struct journal *out)
{
	struct fetchstate_key key;
	struct slice rest = fact;
	bool stays = slice_starts(fact, "content ");

	if (slice_take_prefix(&rest, "uidl "))
		stays = slice_unhex(slice_take_until(&rest, ' ', NULL), key.v,
			    FETCHSTATE_KEY) &&
		        fetchkeys_find(s->keep, &key);
	if (stays)
		journal_add(out, fact);
}

static void
drop_pending(struct sift *s)
{
	arena_free(&s->arena);
	s->pending = NULL;
	s->n = s->cap = 0;
}

static void
put_pending(struct sift *s, struct journal *out)
{
	for (size_t i = 0; i < s->n; i++)
		put(s, s->pending[i], out);
	drop_pending(s);
}

static int
take(void *arg, struct slice record, struct journal *out, struct err *e)
{
	struct sift *s = arg;

	(void)e;
	if (slice_take_prefix(&record, "next ")) {
		slice_take_until(&record, ' ', NULL);
		s->pending = arena_grow(&s->arena, s->pending, s->n, s->n + 1,
		    sizeof(s->pending[0]), &s->cap);
		s->pending[s->n++] =
		    slice_of(arena_copy(&s->arena, record), record.n);
	} else if (slice_is(record, "done")) {
		put_pending(s, out);
	} else if (slice_is(record, "void")) {
		drop_pending(s);
	} else {
		put(s, record, out);
	}
	return 0;
}

int
fetchsift(const char *old, struct fetchkeys *keep, struct err *e)
{
	struct sift s = { .keep = keep };
	struct journal_sifter sifter = { take, &s };
	struct stat st;
	int ret;

	if (stat(old, &st) < 0)
		return err_sys(e, ERR_IO, "cannot stat '%s'", old);
	if ((uint64_t)st.st_size < ROOM + (uint64_t)ROOM_EACH * keep->n)
		return 0;
	ret = journal_sift(old, &sifter, e);
	drop_pending(&s);
	return ret;
}
