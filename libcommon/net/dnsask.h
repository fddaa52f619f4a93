/* The way of a question to a server and back: UDP with EDNS, TCP where the
 * answer is cut (RFC 7766), tries and their time. Each try has a socket of its
 * own, whose port the system picks at random, and a random id (RFC 5452).
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSASK_H
#define NET_DNSASK_H

#include <sys/socket.h>

#include "base/err.h"
#include "base/given.h"

#include "net/dnsroom.h"
#include "net/dnswire.h"

#define DNSASK_SERVERS_MAX 8 /* resolvers known at once */
#define DNSASK_TRIES       4 /* for one question, all servers together */
#define DNSASK_FLIGHT_MAX  DNSROOM_MAX /* of one call in flight at once */

struct dnsask_server {
	struct sockaddr_storage addr;
	socklen_t n;
	bool loopback;
};

struct dnsask {
	struct dnsask_server servers[DNSASK_SERVERS_MAX];
	size_t count;
	int64_t timeout; /* ms for one question, all its tries */
	struct dnsroom *room;
	const struct given *given;
};

struct dnsask_question {
	struct dnsname name;
	enum dns_type type;
	/* The answer: DNS_OK and a message that matches the question, whatever
	 * it says; or DNS_TIMEOUT. */
	enum dns_status status;
	unsigned marks;     /* of enum dns_mark */
	struct buf message; /* owned: dnsask_clear() */
	const struct dnsask_server *server;
};

/* Asks all of them and waits until each has its answer. -1 when the system
 * gives no socket at all. */
int dnsask_all(const struct dnsask *ask, struct dnsask_question *q, size_t n,
    struct err *e);

void dnsask_clear(struct dnsask_question *q);

#endif
