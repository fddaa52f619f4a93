/* Answers kept for their TTL, and single flight.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>

#include "base/mem.h"

#include "net/dnscache.h"

#define BUCKETS 16384 /* a power of two */
#define CROWDS  16    /* of threads, woken together */

struct dnscache_entry {
	struct dnscache_entry *next;          /* of its bucket */
	struct dnscache_entry *newer, *older; /* by age */
	enum dns_type type;
	enum dns_status status;
	char *message; /* owned; null: none */
	size_t n;
	int64_t until;
	unsigned claims, waiting; /* to be taken yet; threads that wait */
	bool filled, listed;
	uint8_t name_n;
	uint8_t name[]; /* small letters */
};

struct dnscache {
	pthread_mutex_t lock;
	pthread_cond_t filled[CROWDS];
	struct dnscache_entry *buckets[BUCKETS];
	struct dnscache_entry *newest, *oldest;
	size_t octets, max; /* of all that are listed */
};

struct dnscache *
dnscache_new(size_t max)
{
	struct dnscache *c = mem_new(sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	for (size_t i = 0; i < CROWDS; i++)
		pthread_cond_init(&c->filled[i], NULL);
	c->max = max ? max : DNS_CACHE_MAX;
	return c;
}

/* Who waits for the entry waits here. */
static pthread_cond_t *
crowd_of(struct dnscache *c, const struct dnscache_entry *entry)
{
	return &c->filled[(uintptr_t)entry / 64 % CROWDS];
}

static void
entry_free(struct dnscache_entry *entry)
{
	mem_free(entry->message);
	mem_free(entry);
}

void
dnscache_free(struct dnscache **c)
{
	if (!*c)
		return;
	while ((*c)->oldest) {
		struct dnscache_entry *entry = (*c)->oldest;

		(*c)->oldest = entry->newer;
		entry_free(entry);
	}
	for (size_t i = 0; i < CROWDS; i++)
		pthread_cond_destroy(&(*c)->filled[i]);
	pthread_mutex_destroy(&(*c)->lock);
	mem_free(*c);
	*c = NULL;
}

static size_t
size_of(const struct dnscache_entry *entry)
{
	return sizeof(*entry) + entry->name_n + entry->n;
}

static struct dnscache_entry **
bucket_of(struct dnscache *c, const uint8_t *name, size_t n, enum dns_type type)
{
	uint32_t h = 2166136261u ^ (uint32_t)type;

	for (size_t i = 0; i < n; i++)
		h = (h ^ name[i]) * 16777619u;
	return &c->buckets[h & (BUCKETS - 1)];
}

/* Out of bucket and list; freed once nobody has a claim any more. */
static void
unlist(struct dnscache *c, struct dnscache_entry *entry)
{
	struct dnscache_entry **at =
	    bucket_of(c, entry->name, entry->name_n, entry->type);

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	*(entry->newer ? &entry->newer->older : &c->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &c->oldest) = entry->newer;
	entry->listed = false;
	c->octets -= size_of(entry);
	if (entry->claims == 0)
		entry_free(entry);
}

/* One that is not filled yet lives on until it was taken, but nobody finds it
 * any more. */
static void
shrink(struct dnscache *c)
{
	while (c->octets > c->max && c->oldest != c->newest)
		unlist(c, c->oldest);
}

static struct dnscache_entry *
add(struct dnscache *c, const struct dnsname *name, enum dns_type type)
{
	struct dnscache_entry **at = bucket_of(c, name->b, name->n, type);
	struct dnscache_entry *entry = mem_new(sizeof(*entry) + name->n);

	entry->name_n = name->n;
	memcpy(entry->name, name->b, name->n);
	entry->type = type;
	entry->next = *at;
	*at = entry;
	entry->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = entry;
	c->newest = entry;
	entry->listed = true;
	c->octets += size_of(entry);
	shrink(c);
	return entry;
}

struct dnscache_entry *
dnscache_claim(struct dnscache *c, const struct dnsname *name,
    enum dns_type type, int64_t now, bool *mine_r)
{
	struct dnsname small = *name;
	struct dnscache_entry *entry;

	dnsname_lower(&small);
	pthread_mutex_lock(&c->lock);
	entry = *bucket_of(c, small.b, small.n, type);
	while (entry && (entry->type != type || entry->name_n != small.n ||
			    memcmp(entry->name, small.b, small.n) != 0))
		entry = entry->next;
	if (entry && entry->filled && entry->until <= now) {
		unlist(c, entry);
		entry = NULL;
	}
	*mine_r = !entry;
	if (!entry)
		entry = add(c, &small, type);
	entry->claims++;
	pthread_mutex_unlock(&c->lock);
	return entry;
}

void
dnscache_fill(struct dnscache *c, struct dnscache_entry *entry,
    enum dns_status status, struct slice message, int64_t until)
{
	char *copy = NULL;

	if (message.n) {
		copy = mem_new(message.n);
		memcpy(copy, message.p, message.n);
	}
	pthread_mutex_lock(&c->lock);
	entry->status = status;
	entry->message = copy;
	entry->n = message.n;
	entry->until = until;
	entry->filled = true;
	if (entry->listed)
		c->octets += message.n;
	if (entry->waiting)
		pthread_cond_broadcast(crowd_of(c, entry));
	pthread_mutex_unlock(&c->lock);
}

bool
dnscache_ready(struct dnscache *c, const struct dnscache_entry *entry)
{
	bool filled;

	pthread_mutex_lock(&c->lock);
	filled = entry->filled;
	pthread_mutex_unlock(&c->lock);
	return filled;
}

enum dns_status
dnscache_take(struct dnscache *c, struct dnscache_entry *entry, struct arena *a,
    struct slice *message_r)
{
	enum dns_status status;

	*message_r = slice_of(NULL, 0);
	pthread_mutex_lock(&c->lock);
	entry->waiting++;
	while (!entry->filled)
		pthread_cond_wait(crowd_of(c, entry), &c->lock);
	entry->waiting--;
	status = entry->status;
	if (entry->n)
		*message_r =
		    slice_of(arena_copy(a, slice_of(entry->message, entry->n)),
			entry->n);
	if (--entry->claims == 0 && !entry->listed)
		entry_free(entry);
	pthread_mutex_unlock(&c->lock);
	return status;
}
