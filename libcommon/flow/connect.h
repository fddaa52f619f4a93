/* A session with one server, ready for mail: connected, encrypted as the
 * policy wants, logged in.
 *
 *	c = connect_new(&plan);
 *	if (connect_open(c, &to, &session, &stage, e) == 0) ...
 *	connect_close(&session);
 *	connect_free(&c);
 *
 * Authorities, a password that a command gave, and TLS sessions to resume are
 * kept from one session to the next. For any thread.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_CONNECT_H
#define FLOW_CONNECT_H

#include "base/given.h"

#include "net/proxy.h"

#include "proto/smtp.h"

#include "flow/account.h"

#define CONNECT_MS       60000 /* for one server to answer */
#define CONNECT_PINS_MAX 16

/* Borrowed until connect_free(). */
struct connect_plan {
	struct account_login login;
	const char *ca_file;  /* null: the system's roots */
	const char *crl_file; /* what they have revoked, or null */
	const char *tls_host; /* SNI and name to check; null: each server's */
	const char *cert_file, *key_file; /* to show to servers, or null */
	const char *source_ip;            /* address of this machine, or null */
	const struct proxy *by;           /* by way of a proxy, or null */
	const struct tls_pin *pins;
	size_t pin_count;
	bool only_1_3;
	const char *helo; /* null: given's host name where it is one */
	int64_t deadline; /* for all (base/clock.h); INT64_MAX: none but those
	                   * of RFC 5321, 4.5.3.2 */
	bool no_pipelining, no_chunking;
	const char *xclient, *proxy; /* proto/smtp.h */
	const struct given *given;
};

/* Where to, when more is known than the server. */
struct connect_to {
	const struct account_server *server;
	bool one_by_one; /* nothing is sent ahead */
};

/* What is known of a server from DNS and policies. */
struct connect_peer {
	const struct dial_addr *addr; /* null: the system's resolver knows */
	size_t addr_count;
	const char *tls_name; /* SNI and name to check; null: the host */
	/* Judges its chain; null: by server->tls. */
	int (*check)(
	    void *arg, const struct slice *chain, size_t n, struct err *e);
	void *arg;
	const char *policy;  /* "dane", "sts": who demands it; null: nobody. TLS
	                      * that fails is ERR_TEMP then */
	bool opportunistic;  /* without TLS where TLS fails */
	const char *testing; /* a policy that is only tried, or null */
	const char *failure; /* what is known to fail it, as below, or null */
	bool unread;         /* there is a policy, and nobody has read it */
};

/* Stays where it is while it is open. */
struct connect_session {
	struct smtp *smtp; /* null: not open */
	/* Who says that the server is the one meant: "pkix" (its certificate),
	 * "pin", "dane", "sts"; null: nobody. */
	const char *verified_by;
	char ip[DIAL_TEXT_MAX]; /* of the server; "" for a path, and before a
	                         * connection */
	/* What a report on TLS would call it (RFC 8460, 4.3): of a failure at
	 * SMTP_AT_STARTTLS, or of one that did not count. Null: none. */
	const char *failure;
	enum tls_cause cause; /* likewise, of the handshake */
	/* private */
	struct smtp_plan plan;
	struct sasl_login login;
	struct tls_want want;
};

/* How this machine calls itself. */
const char *connect_helo(const struct connect_plan *plan);

/* Who will have to say that the server is the one meant, as verified_by. */
const char *connect_trust(
    const struct connect_plan *plan, const struct account_server *server);

struct connect;

struct connect *connect_new(const struct connect_plan *plan);
void connect_free(struct connect **c);

/* Fills *s_r in any case; *stage_r is how far it came. */
int connect_open(struct connect *c, const struct connect_to *to,
    struct connect_session *s_r, enum smtp_stage *stage_r, struct err *e);

void connect_close(struct connect_session *s);

#endif
