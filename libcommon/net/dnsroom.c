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
dnsrate_init(struct dnsrate *r, uint64_t rate, int64_t now)
{
	*r = (struct dnsrate){ .rate = rate, .now = now, .credit = ONE };
	pthread_mutex_init(&r->lock, NULL);
}

void
dnsrate_free(struct dnsrate *r)
{
	if (r->rate)
		pthread_mutex_destroy(&r->lock);
}

/* Its credit at that time. */
static int64_t
credit_at(struct dnsrate *r, int64_t now)
{
	int64_t most = (int64_t)(r->rate / 1000) * BURST, past, credit;

	pthread_mutex_lock(&r->lock);
	past = now - r->now;
	/* A question a second is one thousandth of one a millisecond. */
	most = most ? most * ONE : ONE;
	if (past > 0) {
		r->credit += (past < 1000 ? past : 1000) * (int64_t)r->rate;
		r->credit = r->credit < most ? r->credit : most;
		r->now = now;
	}
	credit = r->credit;
	pthread_mutex_unlock(&r->lock);
	return credit;
}

static void
spend(struct dnsrate *r)
{
	pthread_mutex_lock(&r->lock);
	r->credit -= ONE;
	pthread_mutex_unlock(&r->lock);
}

void
dnsroom_init(struct dnsroom *r, struct dnsrate *rate, int64_t now)
{
	*r = (struct dnsroom){ .size = DNSROOM_LEAST,
		.now = now,
		.heard = now,
		.best = INT64_MAX,
		.fastest = INT64_MAX,
		.shrunk = now - CALM,
		.rate = rate };
}

/* Goes on in time: what was sent long ago holds no room any more. */
static void
go_on(struct dnsroom *r, int64_t now)
{
	int64_t past = now - r->now;

	if (past <= 0)
		return;
	for (int64_t i = 1; i <= past && i <= DNSROOM_HOLD; i++) {
		unsigned *old = &r->sent[(r->now + i) % DNSROOM_HOLD];

		r->busy -= *old;
		*old = 0;
	}
	r->now = now;
}

size_t
dnsroom_left(struct dnsroom *r, int64_t now)
{
	size_t left;
	int64_t credit;

	go_on(r, now);
	left = r->size > r->busy ? r->size - r->busy : 0;
	if (r->unheard >= r->size) {
		if (now - r->heard < DNSROOM_CALM)
			return 0;
		r->unheard = 0;
		r->heard = now;
	}
	if (!r->rate)
		return left;
	credit = credit_at(r->rate, now);
	return credit < ONE ? 0 : size_min(left, (size_t)(credit / ONE));
}

int
dnsroom_wait(const struct dnsroom *r)
{
	int64_t credit = r->rate ? credit_at(r->rate, r->now) : ONE;

	return credit < ONE ? (int)((ONE - credit) / (int64_t)r->rate->rate) + 1
	                    : 1;
}

void
dnsroom_sent(struct dnsroom *r, int64_t now)
{
	go_on(r, now);
	if (r->unheard++ == 0)
		r->heard = now;
	r->sent[r->now % DNSROOM_HOLD]++;
	r->busy++;
	if (r->rate)
		spend(r->rate);
}

void
dnsroom_answered(struct dnsroom *r, int64_t sent, int64_t now)
{
	int64_t took = now - sent;

	go_on(r, now);
	r->unheard = 0;
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
