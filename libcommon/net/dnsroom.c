/* Room for questions on their way.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>

#include "base/mem.h"

#include "net/dnsroom.h"

struct dnsroom {
	pthread_mutex_t turn; /* only one waits below, the rest here */
	pthread_mutex_t lock;
	pthread_cond_t given;
	size_t left;
};

struct dnsroom *
dnsroom_new(void)
{
	struct dnsroom *r = mem_new(sizeof(*r));

	pthread_mutex_init(&r->turn, NULL);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->given, NULL);
	r->left = DNSROOM_MAX;
	return r;
}

void
dnsroom_free(struct dnsroom **r)
{
	if (!*r)
		return;
	pthread_cond_destroy(&(*r)->given);
	pthread_mutex_destroy(&(*r)->lock);
	pthread_mutex_destroy(&(*r)->turn);
	mem_free(*r);
	*r = NULL;
}

void
dnsroom_take(struct dnsroom *r, size_t n)
{
	pthread_mutex_lock(&r->turn);
	pthread_mutex_lock(&r->lock);
	while (r->left < n)
		pthread_cond_wait(&r->given, &r->lock);
	r->left -= n;
	pthread_mutex_unlock(&r->lock);
	pthread_mutex_unlock(&r->turn);
}

void
dnsroom_give(struct dnsroom *r, size_t n)
{
	if (n == 0)
		return;
	pthread_mutex_lock(&r->lock);
	r->left += n;
	pthread_cond_signal(&r->given);
	pthread_mutex_unlock(&r->lock);
}
