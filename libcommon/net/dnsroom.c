/* Room for questions on their way.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/dnsroom.h"

#define ONE   1000 /* credit for one question */
#define BURST 10   /* ms: credit kept for as much */
#define FAR   2    /* ms */
#define CALM  1000 /* ms between two cuts */

void
dnsroom_init(struct dnsroom *r, uint64_t rate, int64_t now)
{
	*r = (struct dnsroom){ .size = DNSROOM_LEAST,
		.now = now,
		.best = INT64_MAX,
		.fastest = INT64_MAX,
		.shrunk = now - CALM,
		.rate = rate,
		.credit = ONE };
}

/* Goes on in time: what was sent long ago holds no room any more. */
static void
go_on(struct dnsroom *r, int64_t now)
{
	int64_t past = now - r->now;
	int64_t most = (int64_t)(r->rate / 1000) * BURST;

	if (past <= 0)
		return;
	for (int64_t i = 1; i <= past && i <= DNSROOM_HOLD; i++) {
		unsigned *old = &r->sent[(r->now + i) % DNSROOM_HOLD];

		r->busy -= *old;
		*old = 0;
	}
	r->now = now;
	/* A question a second is one thousandth of one a millisecond. */
	most = most ? most * ONE : ONE;
	r->credit += (past < 1000 ? past : 1000) * (int64_t)r->rate;
	r->credit = r->credit < most ? r->credit : most;
}

size_t
dnsroom_left(struct dnsroom *r, int64_t now)
{
	size_t left;

	go_on(r, now);
	left = r->size > r->busy ? r->size - r->busy : 0;
	return r->rate ? size_min(left, (size_t)(r->credit / ONE)) : left;
}

int
dnsroom_wait(const struct dnsroom *r)
{
	if (r->rate && r->credit < ONE)
		return (int)((ONE - r->credit) / (int64_t)r->rate) + 1;
	return 1;
}

void
dnsroom_sent(struct dnsroom *r, int64_t now)
{
	go_on(r, now);
	r->sent[r->now % DNSROOM_HOLD]++;
	r->busy++;
	if (r->rate)
		r->credit -= ONE;
}

void
dnsroom_answered(struct dnsroom *r, int64_t sent, int64_t now)
{
	int64_t took = now - sent;

	go_on(r, now);
	if (r->now - sent < DNSROOM_HOLD && r->sent[sent % DNSROOM_HOLD]) {
		r->sent[sent % DNSROOM_HOLD]--;
		r->busy--;
	}
	r->best = took < r->best ? took : r->best;
	if (++r->answers < r->size)
		return;
	r->fastest = r->best < r->fastest ? r->best : r->fastest;
	/* Slower than that means that they wait in line. A server next door
	 * gains nothing from more. */
	if (r->fastest >= FAR && r->best <= r->fastest + r->fastest / 2)
		r->size += r->careful ? r->size / 16 : r->size;
	r->size = size_min(r->size, DNSROOM_MOST);
	r->answers = 0;
	r->best = INT64_MAX;
}

void
dnsroom_lost(struct dnsroom *r, int64_t now)
{
	if (now - r->shrunk < CALM)
		return;
	r->shrunk = now;
	r->careful = true;
	r->size = r->size / 2 > DNSROOM_LEAST ? r->size / 2 : DNSROOM_LEAST;
}
