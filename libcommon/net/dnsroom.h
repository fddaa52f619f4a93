/* How many questions may be on their way at once, all threads together. A
 * server reads them from one socket, whose buffer holds some 270 small
 * datagrams on Linux; what comes beyond is dropped without a word, and costs a
 * whole try each time.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSROOM_H
#define NET_DNSROOM_H

#include "base/def.h"

#define DNSROOM_MAX  128 /* questions on their way at once */
#define DNSROOM_HOLD 50  /* ms; by then one has been read, or was lost */

struct dnsroom;

struct dnsroom *dnsroom_new(void);
void dnsroom_free(struct dnsroom **r);

/* Waits until there is room for n questions, DNSROOM_MAX at most; who came
 * first goes first. Whoever holds room does not wait for more, and gives it
 * back within DNSROOM_HOLD, so nobody waits for ever. */
void dnsroom_take(struct dnsroom *r, size_t n);
void dnsroom_give(struct dnsroom *r, size_t n);

#endif
