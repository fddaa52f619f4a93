/* Keys of what came before, each with the time it came: sorted once they are
 * looked up, 16 octets each.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHKEYS_H
#define FLOW_FETCHKEYS_H

#include "flow/fetchstate.h"

#define FETCHKEYS_SIZE 11 /* octets of a key that are kept: 88 bits */

struct fetchkeys_item {
	unsigned char v[FETCHKEYS_SIZE];
	unsigned char seen; /* on the server, in this run */
	uint32_t time;      /* seconds since 1970, up to 2106; 0: not known */
};

/* Zero has none. */
struct fetchkeys {
	struct fetchkeys_item *v; /* owned */
	size_t n, cap;
	bool unsorted;
};

void fetchkeys_free(struct fetchkeys *k);

void fetchkeys_add(struct fetchkeys *k, const struct fetchkeys_item *item);

/* That key, or null; of several the one with the latest time. Holds until the
 * next is added. */
struct fetchkeys_item *fetchkeys_find(
    struct fetchkeys *k, const struct fetchstate_key *key);

/* Those that were seen, each once; the others are gone after that. */
void fetchkeys_keep_seen(struct fetchkeys *k);

/* How many those would be, but for doubles. */
size_t fetchkeys_count_seen(const struct fetchkeys *k);

/* Records of the state: "uidls KEY TIME KEY TIME ...", and back. */
void fetchkeys_write(const struct fetchkeys *k, struct journal *j);
void fetchkeys_read(struct fetchkeys *k, struct slice list);

#endif
