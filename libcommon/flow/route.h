/* Where a domain's mail goes, and how sure of the servers one has to be: MX
 * (RFC 5321, 5.1; RFC 7505), DANE (RFC 7672), MTA-STS (RFC 8461).
 *
 *	route_find(&plan, "example.org", &arena, &route, e);
 *	... route.servers[0 .. route.n - 1], in the order to try
 *
 * A failure is the answer for all recipients there: null MX is ERR_NOUSER with
 * 5.1.10, a domain that is not there ERR_NOHOST with 5.1.2, what may be better
 * later ERR_TEMP.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_ROUTE_H
#define FLOW_ROUTE_H

#include "auth/dane.h"
#include "auth/mtasts.h"

#include "flow/connect.h"

#define ROUTE_PORT      25
#define ROUTE_HOSTS_MAX ACCOUNT_SERVERS_MAX /* of one domain, tried */
#define ROUTE_STS_WAIT  15000               /* ms for a policy */

/* Borrowed as long as its routes are used. */
struct route_plan {
	struct dns *dns;
	const char *tls; /* off, may, must, verify; dane, sts: only so; null or
	                  * auto: DANE, else MTA-STS, else may */
	uint16_t port;   /* 0: ROUTE_PORT */
	const char *sts_cache; /* folder of policies; null: none are kept */
	const char *sts_ca; /* authorities for policy hosts; null: system's */
	unsigned sts_port;  /* of policy hosts; 0: that of HTTPS */
	bool no_fetch;      /* only those policies that are kept */
	const struct given *given;
};

/* The policy of MTA-STS that holds for a domain now. */
struct route_sts {
	bool found;
	bool unread; /* there is one that was not to be fetched (no_fetch) */
	struct mtasts_policy policy;
	const char *failure; /* as in RFC 8460, 4.3.2.2: why there is none; or
	                      * null */
};

struct route_host {
	struct connect_peer peer;
	struct dane_set dane;
	const char *names[3]; /* that its certificate may have, for DANE */
	size_t name_count;
	int64_t now;
};

struct route {
	const char *domain; /* A-labels */
	struct account_server servers[ROUTE_HOSTS_MAX];
	struct route_host hosts[ROUTE_HOSTS_MAX]; /* beside each */
	size_t n;
	const char *failure; /* as in RFC 8460, 4.3: why the last host that
	                      * was passed over was; or null */
	struct route_sts sts;
};

/* The arena has to live as long as the route, which stays where it is. domain
 * may have U-labels, or be an address literal ("[192.0.2.1]"). */
int route_find(const struct route_plan *plan, struct slice domain,
    struct arena *a, struct route *r_r, struct err *e);

/* DANE for a server that was named (--tls=dane): its records, or ERR_TEMP. */
int route_dane(const struct route_plan *plan, struct account_server *server,
    struct arena *a, struct err *e);

/* The policy of a domain: from the cache while it holds (and its id is the one
 * in DNS), else fetched and kept. Trouble is never an error: without a policy
 * mail goes as it would (RFC 8461, 5.1). */
void route_sts(const struct route_plan *plan, const char *domain,
    struct arena *a, struct route_sts *sts_r);

#endif
