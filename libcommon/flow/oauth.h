/* Access tokens of OAuth 2.0: from the cache while they hold, else refreshed
 * (RFC 6749, 6), else by the device flow, in which a person agrees in a browser
 * anywhere (RFC 8628). Of several processes one asks, the others wait for it
 * and find the new token.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_OAUTH_H
#define FLOW_OAUTH_H

#include "base/arena.h"
#include "base/given.h"
#include "base/opt.h"

#include "net/dns.h"

#define OAUTH_REPLY_MAX    65536 /* octets of a server's answer */
#define OAUTH_SPARE        60    /* seconds that a token must still hold */
#define OAUTH_INTERVAL     5     /* seconds between questions (8628, 3.2) */
#define OAUTH_INTERVAL_MAX 60
#define OAUTH_WAIT_MAX     1800 /* seconds for a person, at most */

/* A section "[oauth:NAME]" of the accounts file. */
struct oauth_profile {
	const char *client_id, *client_secret; /* the secret may be null */
	const char *token_url, *device_url;    /* the second may be null */
	const char *scope;                     /* likewise */
};

extern const struct opt oauth_options[];

struct oauth_plan {
	const char *name; /* of the profile */
	struct oauth_profile profile;
	const char *cache; /* file of the tokens, mode 600 */
	struct dns *dns;
	const char *ca_file; /* null: the system's authorities */
	const struct given *given;
	/* Tells a person where to agree, and with which code; null: nobody is
	 * there, the device flow is not tried. */
	void (*show)(void *arg, const char *url, const char *code);
	void *arg;
};

/* Appends an access token to the buffer, which the caller wipes. ERR_CONFIG for
 * a profile that lacks something, ERR_NOPERM when it was refused or a person
 * is needed, ERR_TEMP when the server cannot be asked. */
int oauth_token(
    const struct oauth_plan *plan, struct buf *token, struct err *e);

/* What a server of tokens says (RFC 6749, 5; RFC 8628, 3.2). Views into the
 * arena, empty when they are not there. */
struct oauth_reply {
	struct slice access, refresh, error, words;
	struct slice device_code, user_code, url;
	int64_t expires_in, interval; /* seconds; -1: not there */
};

/* ERR_PROTO for what is no JSON object, or has control characters in what goes
 * on the wire. */
int oauth_reply_read(
    struct slice body, struct arena *a, struct oauth_reply *r_r, struct err *e);

#endif
