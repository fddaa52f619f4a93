/* Fuzzes flow/fetchstate: the lines of the input are records, of a state file
 * and of the older ones beside it. What was read is settled, put aside and
 * read again, and is the same.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "flow/fetchkeys.h"
#include "flow/fetchstate.h"

#define RECORDS_MAX 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
in_place(void *arg, const char *where, struct err *e)
{
	(void)arg;
	(void)e;
	return where[0] & 1;
}

static int
mended(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	return 0;
}

static int
take(void *arg, struct slice record, struct err *e)
{
	struct fetchstate_fact fact;

	(void)arg;
	(void)e;
	if (fetchstate_parse(record, &fact) && fact.uid > IMAPSET_UID_MAX)
		abort();
	return 0;
}

/* The records as a file of their own. */
static void
write_state(const char *path, struct slice text)
{
	struct journal_reader reader = { take, NULL };
	struct journal *j;

	unlink(path);
	if (journal_open(path, "fetch", &reader, &j, NULL) < 0)
		abort();
	for (int i = 0; text.n > 0 && i < RECORDS_MAX; i++) {
		struct slice line = slice_take_until(&text, '\n', NULL);

		if (line.n <= JOURNAL_RECORD_MAX)
			journal_add(j, line);
	}
	if (journal_write(j, NULL) < 0)
		abort();
	journal_free(&j);
}

static void
check_keys(struct slice text)
{
	struct fetchkeys k = { 0 };
	size_t n;

	fetchkeys_read(&k, text);
	n = k.n;
	if (n > text.n / (2 * FETCHKEYS_SIZE + 2))
		abort();
	for (size_t i = 0; i < n; i++) {
		struct fetchstate_key key = { { 0 } };

		memcpy(key.v, k.v[i].v, FETCHKEYS_SIZE);
		if (!fetchkeys_find(&k, &key))
			abort();
	}
	fetchkeys_keep_seen(&k);
	if (k.n != 0)
		abort();
	fetchkeys_free(&k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct fetchstate_judge judge = { in_place, mended, NULL };
	struct journal_reader reader = { take, NULL };
	struct fetchstate_key key = { "key" };
	struct fetchstate *s;
	uint32_t validity;
	uint64_t n;
	char path[80];
	int64_t came;

	/* in memory where there is some: it syncs */
	snprintf(path, sizeof(path), "%s/fuzz-fetchstate-%ld",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
	    (long)getpid());
	check_keys(text);
	write_state(path, text);
	if (fetchstate_open(path, &s, NULL) < 0 ||
	    fetchstate_settle(s, &judge, NULL) < 0 ||
	    fetchstate_read_contents(s, NULL) < 0 ||
	    fetchstate_read_all(s, &reader, NULL) < 0)
		abort();
	fetchstate_find_uidl(s, &key, &came);
	fetchstate_listed(s);
	fetchstate_has_lost(s);
	fetchstate_compact(s);
	validity = fetchstate_validity(s);
	n = imapset_count(fetchstate_uids(s));
	fetchstate_free(&s);

	if (fetchstate_open(path, &s, NULL) < 0 || fetchstate_unsettled(s) ||
	    (n > 0 && fetchstate_validity(s) != validity) ||
	    imapset_count(fetchstate_uids(s)) != n)
		abort();
	fetchstate_free(&s);
	unlink(path);
	snprintf(path + strlen(path), sizeof(path) - strlen(path), ".old");
	unlink(path);
	return 0;
}
