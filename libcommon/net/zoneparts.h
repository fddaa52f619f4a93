/* What the files of net/zone share: the tree of names.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_ZONEPARTS_H
#define NET_ZONEPARTS_H

#include "net/zone.h"

#define ZONE_ANY 0 /* of a fault: every type */

struct zone_record {
	struct zone_record *next;
	uint32_t ttl;
	uint16_t type, n;
	bool secure, too_long;
	uint8_t data[];
};

struct zone_fault {
	struct zone_fault *next;
	enum dns_status status; /* DNS_OK: only what follows */
	unsigned type;
	uint32_t took;
};

/* A name that exists: with records, with a fault, or as an empty non-terminal
 * because something below it does. */
struct zone_node {
	struct zone_node *next;              /* of its bucket */
	struct zone_node *parent, *wildcard; /* "*" right below it */
	struct zone_node *child,
	    *sibling; /* names one label below; another one */
	struct zone_record *first, *last;
	struct zone_fault *faults;
	uint32_t hash;
	bool soa;
	uint8_t n;
	uint8_t name[]; /* small letters */
};

struct zone {
	struct arena arena;
	struct zone_node **buckets;
	size_t bucket_count, node_count, record_count;
	bool soa;      /* some file has an SOA */
	bool insecure; /* some file lacks ";@ SECURE" */
	bool signed_;  /* some file has it */
	bool claimed;  /* some file has ";@ CLAIMED" */
};

/* The node of a name, made where there is none, its ancestors with it. */
struct zone_node *zone_node_for(struct zone *z, const struct dnsname *name);

/* Adds a copy of the fault. */
void zone_add_fault(
    struct zone *z, struct zone_node *node, const struct zone_fault *fault);

/* Lines that start with ";@ "; *secure is set where one says so. */
int zone_read_pragmas(struct zone *z, struct slice text, const char *file,
    bool *secure, struct err *e);

#endif
