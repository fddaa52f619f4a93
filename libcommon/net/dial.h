/* Connecting and listening: TCP by name or address, unix sockets, with a
 * deadline (base/clock.h). Errors name host, port and reason: ERR_NOHOST for
 * a name that is not there, ERR_TEMP for what may pass (refused, timed out, a
 * name server that does not answer).
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <sys/socket.h>

#include "base/err.h"
#include "base/slice.h"

#include "net/ip.h"

#define DIAL_HOST_MAX 255
#define DIAL_TEXT_MAX 300 /* host, brackets, colon, port, NUL */
#define DIAL_ADDR_MAX 32  /* addresses of one name that are tried */

/* Where to: a host and a port, or the path of a unix socket. */
struct dial_target {
	char host[DIAL_HOST_MAX + 1]; /* without brackets; or the path */
	uint16_t port;
	bool local; /* host is a path */
};

/* Reads "host", "host:port", "[2001:db8::1]:port", "2001:db8::1",
 * "unix:/path" or "/path". Without a port it is default_port. ERR_USAGE says
 * what is wrong with the text. */
int dial_parse(const char *text, uint16_t default_port, struct dial_target *t_r,
    struct err *e);

/* "host:port", "[address]:port" or the path, cut to DIAL_TEXT_MAX - 1. */
void dial_text(const struct dial_target *t, char text_r[DIAL_TEXT_MAX]);

/* On this machine, where nobody else listens: a unix socket, "localhost" or a
 * loopback address. */
bool dial_is_here(const struct dial_target *t);

struct dial_addr {
	struct sockaddr_storage sa;
	socklen_t len;
};

/* An address and a port. */
void dial_addr_of(struct dial_addr *d, const struct ip *ip, uint16_t port);

/* The addresses of a host in the order to try: an address literal, "localhost"
 * and what ends in it (RFC 6761) without asking anybody, all else as the
 * system's resolver says (which knows no deadline). U-labels are accepted.
 * *n_r is at most DIAL_ADDR_MAX and at least 1. */
int dial_resolve(const char *host, uint16_t port,
    struct dial_addr addr_r[DIAL_ADDR_MAX], size_t *n_r, struct err *e);

/* Connects to the first of the addresses that answers: each has a quarter of a
 * second before the next one is tried as well (RFC 8305). Callers who resolve
 * by other means (net/dns, a zone) come in here. Gives the descriptor,
 * TCP_NODELAY set; *which_r (may be null) is the index that answered. name
 * stands in errors. */
int dial_addresses(const struct dial_addr *addr, size_t n, const char *name,
    int64_t deadline, size_t *which_r, struct err *e);

/* The same from an address of this machine (its port 0); null: any. */
int dial_from(const struct dial_addr *source, const struct dial_addr *addr,
    size_t n, const char *name, int64_t deadline, size_t *which_r,
    struct err *e);

/* Resolves and connects. Gives the descriptor, or -1. */
int dial(const struct dial_target *t, int64_t deadline, struct err *e);

/* Listens; port 0 takes a free one. *port_r (may be null) is the port. A
 * unix socket that nobody listens on any more is replaced. Gives the
 * descriptor, or -1. */
int dial_listen(const struct dial_target *t, uint16_t *port_r, struct err *e);

/* The next connection on a listening descriptor, TCP_NODELAY set; peer_r is
 * its address as text ("192.0.2.1", "2001:db8::1", "unix"). */
int dial_accept(int fd, char peer_r[DIAL_TEXT_MAX], struct err *e);

/* The address text of fd's peer; "unknown" for what is no socket. */
void dial_peer(int fd, char peer_r[DIAL_TEXT_MAX]);

#endif
