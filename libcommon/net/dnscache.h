/* Answers kept for their TTL (RFC 2308), and single flight: whoever asks first
 * answers for all threads that want the same.
 *
 *	entry = dnscache_claim(c, &name, type, now, &mine);
 *	if (mine)
 *		... ask ..., dnscache_fill(c, entry, status, message, until);
 *	status = dnscache_take(c, entry, a, &message);
 *
 * A thread that has claimed fills before it takes, so nobody waits for himself.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSCACHE_H
#define NET_DNSCACHE_H

#include "net/dnsanswer.h"
#include "net/dnsname.h"

#define DNS_CACHE_MAX (8u << 20) /* octets of answers kept */

struct dnscache;
struct dnscache_entry;

/* At most max octets of names, answers and what goes with them (0:
 * DNS_CACHE_MAX); the oldest go first. */
struct dnscache *dnscache_new(size_t max);
void dnscache_free(struct dnscache **c);

/* The entry for a question at the time now (clock_ms()); *mine_r: nobody has
 * it, fill it. Each claim is followed by one dnscache_take(). */
struct dnscache_entry *dnscache_claim(struct dnscache *c,
    const struct dnsname *name, enum dns_type type, int64_t now, bool *mine_r);

/* The answer: a status, and the message where there is one (copied); it is
 * good until the time `until`. */
void dnscache_fill(struct dnscache *c, struct dnscache_entry *entry,
    enum dns_status status, struct slice message, int64_t until);

/* It is filled, so that dnscache_take() does not wait. */
bool dnscache_ready(struct dnscache *c, const struct dnscache_entry *entry);

/* Waits for the answer, gives the claim back. The message is copied into the
 * arena. */
enum dns_status dnscache_take(struct dnscache *c, struct dnscache_entry *entry,
    struct arena *a, struct slice *message_r);

#endif
