/* The smallest steps on a connected socket or pipe: they never wait, never
 * raise SIGPIPE, and leave the blocking mode of a descriptor that others may
 * share alone. Waiting is one function with a deadline (base/clock.h).
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <sys/types.h>
#include <sys/uio.h>

#include "base/def.h"

#define SOCK_READ  1u /* rfd has octets, or its end */
#define SOCK_WRITE 2u /* wfd takes octets, or has failed */
#define SOCK_STOP  4u /* the stop descriptor became readable */

/* Two ends that are the same descriptor for a socket, and standard input and
 * output under inetd. */
struct sock {
	int rfd, wfd;
	int stop; /* -1, or readable once waiting for input shall end */
};

/* Waits for any of what (SOCK_READ, SOCK_WRITE, or both) until the deadline.
 * The events that came; 0 when the deadline passed; -1 with errno. The stop
 * descriptor is watched only when what has SOCK_STOP. */
int sock_wait(const struct sock *s, unsigned what, int64_t deadline);

/* recv(): octets, 0 at the end, -1 with errno (EAGAIN: nothing there now). */
ssize_t sock_recv(const struct sock *s, void *p, size_t n);

/* sendmsg(): octets taken, -1 with errno (EAGAIN: no room now). */
ssize_t sock_send(const struct sock *s, const struct iovec *v, int n);

#endif
