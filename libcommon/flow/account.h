/* Where mail is handed in: servers as URLs, and the login for them.
 *
 *	smtp://host[:25]       STARTTLS as --tls says     lmtp://host[:24]
 *	smtp+tls://host[:587]  STARTTLS demanded          lmtp:/unix/path
 *	smtps://host[:465]     TLS from the first octet   (user@host anywhere)
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_ACCOUNT_H
#define FLOW_ACCOUNT_H

#include "base/arena.h"
#include "base/err.h"

#include "net/dial.h"

#include "proto/smtp.h"

#include "flow/password.h"

#define ACCOUNT_SERVERS_MAX  16
#define ACCOUNT_PASSWORD_MAX 8192 /* octets */

struct connect_peer;

struct account_server {
	struct dial_target target;
	char text[DIAL_TEXT_MAX]; /* host:port, or the path */
	const char *user;         /* of the URL, or null; in the arena */
	bool lmtp, implicit_tls;
	enum smtp_tls tls;
	const struct connect_peer *peer; /* what else is known, or null */
};

/* Reads one URL. tls is "off", "may", "must", "verify", or null: verify, and
 * off for unix sockets. ERR_USAGE says what is wrong with the URL, or that it
 * and tls contradict each other. */
int account_server(const char *url, const char *tls, struct arena *a,
    struct account_server *s_r, struct err *e);

/* Who logs in, and where the password comes from: never argv. */
struct account_login {
	const char *user;                /* null: the URL's user, if any */
	struct password_sources sources; /* of the password */
	const char *token_command;       /* an OAuth access token */
	/* Or whoever gets one; null: nobody. */
	int (*token)(void *arg, struct buf *secret, struct err *e);
	void *token_arg;
	const char *mechanisms; /* as in proto/sasl.h */
	const char *password;   /* of a configuration file, or null */
};

/* The user for that server, null for no login. */
const char *account_user(
    const struct account_login *l, const struct account_server *s);

/* Fills in who logs in at that server, which has a user, but for tls and
 * random. The password or token comes into the buffer, which the caller wipes
 * and *login_r borrows: a token where a command for it is given, nothing when
 * the mechanisms need nothing. ERR_CONFIG when there is none. */
int account_secret(const struct account_login *l,
    const struct account_server *s, struct buf *secret,
    struct sasl_login *login_r, struct err *e);

#endif
