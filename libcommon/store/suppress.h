/* The list of addresses not to write to: one sorted text file, replaced as a
 * whole or not at all. A line is
 *
 *	key  until  reason  scope  count  first  last  source  seen
 *
 * with TAB between: key is the address in small letters, "@domain" for a whole
 * domain, or an HMAC of either; until is "always", a date (RFC 3339), "-"
 * while only counting, or "released"; count, first and last are of the events;
 * seen are digests of those, so that the same report twice is one. The file is
 * mapped and searched by halves: millions of entries cost no memory.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_SUPPRESS_H
#define STORE_SUPPRESS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"

#define SUPPRESS_HEAD "# mailtoolkit suppressions 1" /* its first line */

#define SUPPRESS_KEY_MAX    400 /* octets of a key */
#define SUPPRESS_SEEN_MAX   16  /* digests kept of an entry */
#define SUPPRESS_SEEN_SIZE  12  /* octets of one, hexadecimal */
#define SUPPRESS_FILE_MAX   ((size_t)64 << 30)
#define SUPPRESS_ALWAYS     INT64_MAX
#define SUPPRESS_COUNTING   0
#define SUPPRESS_RELEASED   (-1)
#define SUPPRESS_POLICY_MAX 200 /* rows of a policy */

/* Views of the file, valid until suppress_close(). */
struct suppress_entry {
	struct slice key, reason, scope, source, seen;
	int64_t until; /* seconds since 1970, or one of the above */
	int64_t first, last;
	uint64_t count;
};

/* Keeps addresses out of the file: writes hex of a keyed digest of key. */
struct suppress_hash {
	int (*make)(
	    const struct suppress_hash *h, struct slice key, struct buf *out);
	struct slice secret;
	char name[17]; /* of the secret, in the file's first line; "" none */
};

struct suppress_list;

/* Maps a list. ERR_NOINPUT when there is none; ERR_DATA when it is no list;
 * ERR_CONFIG when it needs another key (hash may be null). hash is borrowed. */
int suppress_open(struct suppress_list **l_r, const char *path,
    const struct suppress_hash *hash, struct err *e);
void suppress_close(struct suppress_list **l);

/* True when nothing may be sent to the address now: it or its domain is on the
 * list; *e_r is the entry. */
bool suppress_blocks(const struct suppress_list *l, struct slice address,
    int64_t now, struct suppress_entry *e_r);

/* The entry of an address or "@domain", whatever it says. */
bool suppress_find(const struct suppress_list *l, struct slice address,
    struct suppress_entry *e_r);

/* One entry after another: *at starts as 0. 1 got one, 0 the end, -1 a broken
 * line (passed over). */
int suppress_next(
    const struct suppress_list *l, size_t *at, struct suppress_entry *e_r);

/* "always", or a date (RFC 3339), of an entry that suppresses; false when it is
 * neither. */
bool suppress_read_until(struct slice s, int64_t *until_r);

/* True when the entry suppresses at that time. */
bool suppress_is_live(const struct suppress_entry *e, int64_t now);

/* What a reason does: rows of "reason count window keep", the first that fits
 * decides; reason is a name of the taxonomy, "class:hard", or "*"; count 0:
 * nothing; window and keep as "14d", "always". "release" as count takes
 * entries back. */
struct suppress_rule {
	struct slice reason;
	uint64_t count;
	int64_t window, keep; /* seconds; SUPPRESS_ALWAYS */
	bool release;
};

struct suppress_policy {
	struct suppress_rule v[SUPPRESS_POLICY_MAX];
	size_t n;
};

extern const char suppress_policy_default[];

/* Appends the rows of a text, which is borrowed. ERR_CONFIG names the line. */
int suppress_policy_read(
    struct slice text, struct suppress_policy *p, struct err *e);
const struct suppress_rule *suppress_policy_of(
    const struct suppress_policy *p, struct slice reason, struct slice class);

/* Something that happened to an address. */
struct suppress_event {
	struct slice address; /* or "@domain" */
	struct slice reason, scope, source;
	struct slice digest; /* of the report, hexadecimal; empty: none */
	int64_t time;
	uint64_t count;       /* of the rule */
	int64_t window, keep; /* likewise */
	bool release;
	bool hashed;      /* the address is a key of this list already */
	struct slice key; /* private */
	size_t order;     /* private */
};

struct suppress_change {
	uint64_t added, counted, released, known, expired;
};

/* Merges the events into the list at path, made when there is none, under a
 * lock. now decides what has expired: such entries go when expire is set. The
 * array is sorted. */
int suppress_update(const char *path, const struct suppress_hash *hash,
    struct suppress_event *v, size_t n, int64_t now, bool expire,
    struct suppress_change *c_r, struct err *e);

/* Address to key: small letters, the domain alone behind "@". */
void suppress_key(struct slice address, struct buf *out);

#endif
