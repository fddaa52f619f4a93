/* Domain names: presentation form and the octets of a message (RFC 1035
 * sections 3.1, 4.1.4 and 5.1).
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSNAME_H
#define NET_DNSNAME_H

#include "base/arena.h"

#define DNSNAME_MAX      255 /* octets, lengths and the root included */
#define DNSNAME_LABEL    63  /* octets of a label */
#define DNSNAME_TEXT_MAX 1024
#define DNSNAME_JUMPS    64 /* compression pointers of one name */

struct dnsname {
	uint8_t n; /* octets, at least 1: the root's empty label ends it */
	uint8_t b[DNSNAME_MAX];
};

/* From presentation form, a last dot is fine, "." and "" are the root; false
 * when it is no name. */
bool dnsname_read(const char *text, struct dnsname *r);

/* Presentation form without the last dot, "." for the root. */
char *dnsname_text(const struct dnsname *name, struct arena *a);

/* Octets as presentation form, dots kept as the ends of labels. */
char *dnsname_escape(struct slice raw, struct arena *a);

/* Reads a name at *at of msg, following compression pointers, which may only
 * point backwards; *at then stands behind it. */
bool dnsname_expand(struct slice msg, size_t *at, struct dnsname *r);

/* ASCII letters made small. */
void dnsname_lower(struct dnsname *name);

/* ASCII case ignored. */
bool dnsname_equal(const struct dnsname *a, const struct dnsname *b);

/* Takes the leftmost label off; false at the root. */
bool dnsname_parent(struct dnsname *name);

#endif
