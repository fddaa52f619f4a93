/* URLs as the tools take them (RFC 3986): servers and mailboxes.
 *
 *	smtp://user@mail.example.org:587    imaps://host/INBOX
 *	smtps://[2001:db8::1]               lmtp:/run/lmtp.sock
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define URL_MAX 4096 /* octets */

/* Made texts live in the arena and end in NUL; null where the URL has none. */
struct url {
	const char *scheme; /* lower case: "smtp", "smtp+tls", "lmtp" */
	const char *user;   /* percent-decoded */
	const char *host;   /* A-labels or address, lower case, no brackets */
	const char *path;   /* percent-decoded: "INBOX", or with no host the
	                       path of a socket, "/run/lmtp.sock" */
	const char *query;  /* as it stands */
	uint16_t port;      /* 0: the scheme's own */
	bool ipv6;          /* the host was in brackets */
};

/* ERR_USAGE, naming the URL and the way out, on: no scheme, a password (it
 * would show in the process list: --password-command), a broken port, host or
 * %XX, control characters, over URL_MAX. With a host, path has no "/" in
 * front and is null when empty. */
int url_parse(
    struct slice text, struct arena *a, struct url *url_r, struct err *e);

/* One of the schemes listed, which end in null: true when url has it. */
bool url_has_scheme(const struct url *url, const char *const schemes[]);

/* Appends text percent-encoded but for unreserved characters and those in
 * keep (RFC 3986, 2.3). */
void url_escape(struct slice text, const char *keep, struct buf *out);

/* Appends text with %XX decoded; false when one is broken or gives NUL. */
bool url_unescape(struct slice text, struct buf *out);

#endif
