/* The way of a question to a server and back: UDP with EDNS, TCP where the
 * answer is cut (RFC 7766), tries and their time. All threads share a few
 * sockets (net/dnsport) and the room there is (net/dnsroom); names go out with
 * letters in random case, which must come back the same, beside a random id
 * and port (RFC 5452). No thread of its own: of those that wait, one receives
 * for all.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSASK_H
#define NET_DNSASK_H

#include <sys/socket.h>

#include "base/err.h"
#include "base/given.h"

#include "net/dnsroom.h"
#include "net/dnswire.h"

#define DNSASK_SERVERS_MAX 16   /* known at once */
#define DNSASK_TRIES       4    /* for one question, all servers together */
#define DNSASK_FLIGHT_MAX  4096 /* questions without an answer at once */

struct dnsask_server {
	struct sockaddr_storage addr;
	socklen_t n;
	bool loopback;
};

struct dnsask_plan {
	struct dnsask_server servers[DNSASK_SERVERS_MAX];
	size_t count;
	int64_t timeout;      /* ms for one question, all its tries */
	struct dnsrate *rate; /* borrowed; null: as they come */
	const struct given *given;
};

struct dnsask_question {
	struct dnsname name;
	enum dns_type type;
	size_t only; /* place of the one server to ask and 1; 0: all in turn */
	/* The answer: DNS_OK and a message that matches the question, whatever
	 * it says; or DNS_TIMEOUT. */
	enum dns_status status;
	unsigned marks;     /* of enum dns_mark */
	struct buf message; /* owned: dnsask_clear() */
	const struct dnsask_server *server;
	struct dnsask_question *next; /* the engine's */
};

struct dnsask;

void dnsask_server_set(
    struct dnsask_server *s, const struct ip *ip, unsigned port);

/* The plan is borrowed. Opens no socket yet. */
struct dnsask *dnsask_new(const struct dnsask_plan *plan);
void dnsask_free(struct dnsask **a);

/* Asks all of them and waits until each has its answer. -1 when the system
 * gives no means to wait. */
int dnsask_all(
    struct dnsask *a, struct dnsask_question *q, size_t n, struct err *e);

/* The same a few at a time, for one thread that has more to do. */
struct dnsask_call;

struct dnsask_call *dnsask_open(void);

/* Nothing of it may be on its way. */
void dnsask_close(struct dnsask_call **c);

/* To be asked with the next dnsask_some(); borrowed until that gives it back.
 */
void dnsask_add(struct dnsask_call *c, struct dnsask_question *q);

/* Asks what was added, waits until something of the call is answered, and
 * gives that back as a list (->next); null when nothing is on its way. -1 as
 * above: then everything comes back, as DNS_TIMEOUT. */
int dnsask_some(struct dnsask *a, struct dnsask_call *c,
    struct dnsask_question **list_r, struct err *e);

void dnsask_clear(struct dnsask_question *q);

#endif
