/* How many questions may be on their way at once, and how many a second. A
 * server reads them from one socket, whose buffer holds some 270 small
 * datagrams on Linux; what comes beyond is dropped without a word, and costs a
 * whole try each time. So the room starts small, grows while answers of a
 * server that is not next door come as fast as the fastest did, and shrinks
 * when one is lost. A server that says nothing at all reads nothing either:
 * it gets no more for a while.
 *
 * Nothing here waits; times are those of clock_ms().
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSROOM_H
#define NET_DNSROOM_H

#include <pthread.h>

#include "base/def.h"

#define DNSROOM_LEAST 128  /* questions on their way at once, to begin with */
#define DNSROOM_MOST  1024 /* and where they come back fast */
#define DNSROOM_HOLD  50   /* ms; by then one has been read, or was lost */
#define DNSROOM_CALM  250  /* ms without an answer: so much again is sent */

/* Questions a second, all rooms together. */
struct dnsrate {
	pthread_mutex_t lock;
	uint64_t rate;
	int64_t now, credit; /* thousandths of questions */
};

struct dnsroom {
	size_t size;
	unsigned sent[DNSROOM_HOLD]; /* without an answer, by their ms */
	size_t busy;                 /* sum of these */
	int64_t now;                 /* the last of them */
	size_t unheard;              /* sent since an answer came */
	int64_t heard;               /* when that was */
	size_t answers;              /* of this round */
	int64_t best, fastest;       /* ms: of this round's answers, of all */
	int64_t shrunk;              /* when one was lost */
	bool careful;                /* since then */
	struct dnsrate *rate;        /* borrowed; null: as they come */
};

void dnsrate_init(struct dnsrate *r, uint64_t rate, int64_t now);
void dnsrate_free(struct dnsrate *r);

void dnsroom_init(struct dnsroom *r, struct dnsrate *rate, int64_t now);

/* How many may be sent now. */
size_t dnsroom_left(struct dnsroom *r, int64_t now);

/* Milliseconds until more may be sent, when there is no room now. */
int dnsroom_wait(const struct dnsroom *r);

void dnsroom_sent(struct dnsroom *r, int64_t now);

/* One that was sent at that time was answered; has timed out. */
void dnsroom_answered(struct dnsroom *r, int64_t sent, int64_t now);
void dnsroom_lost(struct dnsroom *r, int64_t now);

#endif
