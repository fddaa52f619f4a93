/* A UDP socket that many questions share: its port is random, the system's
 * choice, and each question has an id of its own on it (RFC 5452). After some
 * questions it is left for another.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSPORT_H
#define NET_DNSPORT_H

#include <sys/socket.h>

#include "base/slice.h"

#define DNSPORT_QUESTIONS 128  /* asked from one port */
#define DNSPORT_BATCH     32   /* datagrams of one system call */
#define DNSPORT_UDP_MAX   4096 /* octets of one; a longer one is cut */
#define DNSPORT_SEND_MAX  320  /* octets of a question */

struct dnsport {
	int fd;
	size_t server;
	size_t used, flying; /* questions asked, without an answer */
	uint16_t ids[DNSPORT_QUESTIONS];
	void *owners[DNSPORT_QUESTIONS]; /* null: answered */
};

/* Questions on their way out; datagrams that came, with the octets of each,
 * cut or not. */
struct dnsport_out {
	size_t count;
	size_t n[DNSPORT_BATCH];
	char text[DNSPORT_BATCH][DNSPORT_SEND_MAX];
};

struct dnsport_in {
	size_t count;
	size_t n[DNSPORT_BATCH];
	char text[DNSPORT_BATCH][DNSPORT_UDP_MAX];
};

/* Null when the system gives no socket. */
struct dnsport *dnsport_new(const struct sockaddr *addr, socklen_t n);
void dnsport_free(struct dnsport **p);

/* A question of owner's: its id, near the random number; the port is not full.
 */
uint16_t dnsport_add(struct dnsport *p, void *owner, uint16_t random);

/* Whose id it is, or null. */
void *dnsport_owner(const struct dnsport *p, uint16_t id);

/* It was answered, or is given up. */
void dnsport_drop(struct dnsport *p, const void *owner);

/* Sends and empties it: 0, or -1 when nobody listens there. What the system has
 * no room for counts as sent, and lost. */
int dnsport_send(struct dnsport *p, struct dnsport_out *out);

/* Takes what has come: 1 and some, 0 nothing, -1 nobody listens there. */
int dnsport_receive(struct dnsport *p, struct dnsport_in *in);

#endif
