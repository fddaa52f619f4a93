/* Connections by way of another host: SOCKS5 (RFC 1928) and HTTP CONNECT
 * (RFC 9110, 9.3.6), without logins at the proxy. The proxy resolves names.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "net/dial.h"

#define PROXY_REPLY_MAX 8192 /* octets of an HTTP reply's head */

enum proxy_kind { PROXY_SOCKS5, PROXY_HTTP };

struct proxy {
	enum proxy_kind kind;
	struct dial_target at;
};

/* "socks5://host[:1080]", "http://host[:8080]"; ERR_USAGE says what is wrong.
 */
int proxy_read(const char *url, struct proxy *p_r, struct err *e);

/* On a connection to the proxy: asks for one to the target, a name or an
 * address. Nothing behind the proxy's answer is taken. ERR_TEMP when the proxy
 * could not reach it, ERR_PROTO for what is no such proxy, ERR_NOPERM when it
 * does not want to. */
int proxy_connect(int fd, const struct proxy *p, const struct dial_target *t,
    int64_t deadline, struct err *e);

#endif
