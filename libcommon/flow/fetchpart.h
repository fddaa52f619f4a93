/* The beginning of a large message whose session or run was cut: kept beside
 * the state, so that the next run asks for the rest only.
 *
 * What comes of a message of at least FETCHPART_MIN octets is written to
 * FILE.part as well, behind a line that says how many of its octets are sure,
 * and their digest: that is written anew every FETCHPART_STEP octets. Nothing
 * is synced; what is not on the disk after all has another digest, and counts
 * for nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHPART_H
#define FLOW_FETCHPART_H

#include "crypt/digest.h"

#define FETCHPART_MIN  (4u << 20) /* octets of a message */
#define FETCHPART_STEP (1u << 20)

/* What the octets are. */
struct fetchpart_name {
	uint32_t validity, uid;
	uint64_t size; /* of the whole message */
};

struct fetchpart {
	int fd;          /* -1: none */
	char *path;      /* owned */
	uint64_t at;     /* octets there */
	uint64_t marked; /* of those, sure */
	struct fetchpart_name name;
	unsigned char digest[DIGEST_MAX]; /* of those, as the file says */
};

void fetchpart_init(struct fetchpart *p, const char *state_file);
void fetchpart_free(struct fetchpart *p);

/* A message begins, of which the octets are kept as they come; sum has all of
 * them up to these. A failure costs no more than the resuming: then they are
 * not kept. */
void fetchpart_begin(struct fetchpart *p, const struct fetchpart_name *name);
void fetchpart_write(
    struct fetchpart *p, struct slice octets, const struct digest *sum);

/* It is whole, or of no use: the file goes. */
void fetchpart_drop(struct fetchpart *p);

/* It was cut: the file stays, up to the octets that sum has, if those are all
 * there. */
void fetchpart_keep(
    struct fetchpart *p, const struct digest *sum, uint64_t octets);

/* 1: there is a beginning, of that name, open for fetchpart_read(); 0: none. */
int fetchpart_open(struct fetchpart *p, struct fetchpart_name *name_r);

/* Gives its octets to write(), block by block, and goes on keeping behind
 * them. */
int fetchpart_read(struct fetchpart *p,
    int (*write)(void *arg, struct slice octets, struct err *e), void *arg,
    struct err *e);

/* What was read is what was written: sum is of all that fetchpart_read()
 * gave. */
bool fetchpart_is(const struct fetchpart *p, const struct digest *sum);

#endif
