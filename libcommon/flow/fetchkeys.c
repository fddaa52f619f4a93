/* Keys of what came before (see fetchkeys.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>

#include "base/mem.h"
#include "base/sort.h"

#include "crypt/digest.h"

#include "flow/fetchkeys.h"

#define RECORD_KEYS 100 /* in one record */

void
fetchkeys_free(struct fetchkeys *k)
{
	mem_free(k->v);
	*k = (struct fetchkeys){ 0 };
}

static int
compare(const void *a, const void *b)
{
	const struct fetchkeys_item *x = a, *y = b;
	int c = memcmp(x->v, y->v, sizeof(x->v));

	return c ? c : (x->time < y->time) - (x->time > y->time);
}

/* A quarter more each time: there may be millions. */
void
fetchkeys_add(struct fetchkeys *k, const struct fetchkeys_item *item)
{
	if (k->n == k->cap) {
		k->cap += k->cap / 4 + 64;
		k->v = mem_resize(k->v, k->cap * sizeof(k->v[0]));
	}
	if (k->n > 0 && compare(&k->v[k->n - 1], item) > 0)
		k->unsorted = true;
	k->v[k->n++] = *item;
}

static void
sort(struct fetchkeys *k)
{
	if (k->unsorted)
		sort_in_place(k->v, k->n, sizeof(k->v[0]), compare);
	k->unsorted = false;
}

struct fetchkeys_item *
fetchkeys_find(struct fetchkeys *k, const struct fetchstate_key *key)
{
	size_t from = 0, to = k->n;

	sort(k);
	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (memcmp(k->v[mid].v, key->v, FETCHKEYS_SIZE) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	if (from == k->n || memcmp(k->v[from].v, key->v, FETCHKEYS_SIZE) != 0)
		return NULL;
	return &k->v[from];
}

void
fetchkeys_keep_seen(struct fetchkeys *k)
{
	size_t n = 0;

	sort(k);
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].seen && (n == 0 || memcmp(k->v[n - 1].v, k->v[i].v,
						   FETCHKEYS_SIZE) != 0))
			k->v[n++] = k->v[i];
	k->n = n;
}

size_t
fetchkeys_count_seen(const struct fetchkeys *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		n += k->v[i].seen;
	return n;
}

void
fetchkeys_write(const struct fetchkeys *k, struct journal *j)
{
	char hex[DIGEST_HEX_MAX];
	struct buf b;

	buf_init(&b, JOURNAL_RECORD_MAX);
	for (size_t i = 0; i < k->n; i++) {
		if (b.n == 0)
			buf_text(&b, "uidls");
		digest_hex(k->v[i].v, FETCHKEYS_SIZE, hex);
		buf_fmt(&b, " %s %" PRIu32, hex, k->v[i].time);
		if ((i + 1) % RECORD_KEYS == 0 || i + 1 == k->n) {
			journal_add(j, buf_view(&b));
			buf_reset(&b);
		}
	}
	buf_free(&b);
}

void
fetchkeys_read(struct fetchkeys *k, struct slice list)
{
	while (list.n > 0) {
		struct fetchkeys_item item = { .seen = 0 };
		struct slice key = slice_take_until(&list, ' ', NULL);
		uint64_t time;

		if (!slice_unhex(key, item.v, FETCHKEYS_SIZE) ||
		    !slice_number(
			slice_take_until(&list, ' ', NULL), UINT32_MAX, &time))
			return;
		item.time = (uint32_t)time;
		fetchkeys_add(k, &item);
	}
}
