/* What the files of net/dns share: where answers come from, and questions
 * while they are being answered.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSPARTS_H
#define NET_DNSPARTS_H

#include "net/dns.h"
#include "net/dnsask.h"
#include "net/dnscache.h"
#include "net/dnstape.h"
#include "net/dnsvalid.h"
#include "net/zone.h"

struct dns {
	struct dnsask_plan servers;
	struct dnsrate rate; /* of the run, where it has one */
	struct dnsask *ask;
	struct dnscache *cache;
	struct dnstape *tape; /* all answers go there; or null */
	bool replay;          /* all answers are in the cache */
	bool trusted;         /* then: as they were */
	struct zone *zone;    /* then those above are not used */
	struct zone *overlay; /* asked first; or null */
	bool trust_ad;
	struct dnsvalid *valid; /* asks the network in place of ask; or null */
	const struct given *given;
};

/* A question while it is being answered: one step for each CNAME that the
 * server leaves to us. */
struct dns_way {
	struct dns_question *q;
	struct dnsname at;
	struct dnscache_entry *entry;
	struct dns_answer got; /* all steps so far */
	struct arena *a;
	bool done, overlaid;
};

/* At its beginning; done when the name is none. The answer's memory is the
 * arena's. */
void dnsway_start(struct dns_way *w, struct dns_question *q, struct arena *a);

/* Takes what the overlay has of the question: RRsets and faults; true when it
 * had something. */
bool dnsway_overlay(struct dns *d, struct dns_way *w);

/* To its end in the master files. */
void dnsway_zone(struct dns *d, struct dns_way *w);

/* A step that the network, or nobody, has answered: kept for all who have
 * claimed the entry, and taped. */
void dnsway_keep(struct dns *d, struct dnsask_question *q,
    struct dnscache_entry *entry, struct arena *a, bool asked);

/* Takes the entry's answer as the next step; waits for it. */
void dnsway_take(struct dns *d, struct dns_way *w);

/* The end: into the question, and the trace. */
void dnsway_end(const struct dns *d, struct dns_way *w);

#endif
