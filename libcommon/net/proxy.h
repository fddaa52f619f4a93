/* Connections by way of another host: SOCKS5 (RFC 1928) and HTTP CONNECT
 * (RFC 9110, 9.3.6), with or without a login there (RFC 1929; Basic, RFC 7617).
 * The proxy resolves names.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "base/arena.h"

#include "net/dial.h"

#define PROXY_REPLY_MAX 8192 /* octets of an HTTP reply's head */
#define PROXY_LOGIN_MAX 255  /* octets of a user name, of a password */

enum proxy_kind { PROXY_SOCKS5, PROXY_HTTP };

struct proxy {
	enum proxy_kind kind;
	struct dial_target at;
	const char *user;      /* null: no login */
	struct slice password; /* whoever has it puts it here */
};

/* "socks5://[user@]host[:1080]", "http://[user@]host[:8080]"; the user is the
 * arena's. ERR_USAGE says what is wrong. */
int proxy_read(
    const char *url, struct arena *a, struct proxy *p_r, struct err *e);

/* On a connection to the proxy: asks for one to the target, a name or an
 * address. Nothing behind the proxy's answer is taken. ERR_TEMP when the proxy
 * could not reach it, ERR_PROTO for what is no such proxy, ERR_NOPERM when it
 * does not want to, or wants another login. */
int proxy_connect(int fd, const struct proxy *p, const struct dial_target *t,
    int64_t deadline, struct err *e);

#endif
