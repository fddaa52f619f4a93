/* The kinds of flow/fetchbox; only its parts include this.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHBOXKIND_H
#define FLOW_FETCHBOXKIND_H

#include "base/arena.h"
#include "base/buf.h"

#include "flow/fetchbox.h"

struct fetchbox_kind {
	const char *prefix; /* of the target */
	int (*open)(struct fetchbox *b, struct err *e);
	void (*close)(struct fetchbox *b);
	int (*begin)(struct fetchbox *b, struct err *e);
	int (*write)(struct fetchbox *b, struct slice lf, struct err *e);
	void (*abort)(struct fetchbox *b);
	int (*end)(struct fetchbox *b, const struct fetchbox_note *note,
	    const char **path_r, struct err *e);
	int (*commit)(struct fetchbox *b, struct err *e);
};

extern const struct fetchbox_kind fetchbox_maildir, fetchbox_mbox,
    fetchbox_stdout;

struct fetchbox {
	const struct fetchbox_kind *kind;
	struct fetchstate *state;
	const struct given *given;
	char *path;  /* owned */
	void *own;   /* of the kind */
	bool inside; /* a message has begun */

	struct arena arena; /* of the group */
	size_t messages;    /* in the group */
	uint64_t octets;

	struct buf lf; /* a piece with its line ends undone */
	bool held_cr;
	uint64_t size; /* of the message so far */
};

#endif
