/* Where the users of a domain hand in and fetch their mail: by SRV records
 * (RFC 2782, 6186, 8314), else by the file that Thunderbird reads
 * (autoconfig.DOMAIN, or .well-known/autoconfig of the domain).
 *
 * Only servers with TLS are taken. A server that SRV names has to be of the
 * domain itself, unless DNSSEC vouches for the records (RFC 6186, 6): otherwise
 * who forges DNS gets the password. What the domain's own web server says, its
 * certificate checked, counts wherever it leads.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_DISCOVER_H
#define FLOW_DISCOVER_H

#include "net/dns.h"

#define DISCOVER_MAX       16    /* servers */
#define DISCOVER_FILE_MAX  65536 /* octets of a file of autoconfig */
#define DISCOVER_VALUE_MAX 320   /* octets of a value in it */
#define DISCOVER_WAIT      15000 /* ms for such a file */

/* Of which kind a server may be. */
#define DISCOVER_SMTP 1u
#define DISCOVER_IMAP 2u
#define DISCOVER_POP3 4u

struct discover_server {
	unsigned kind;
	const char *host; /* A-labels */
	uint16_t port;
	bool implicit_tls; /* else STARTTLS, which is demanded */
	const char *user;  /* to log in as */
};

struct discover {
	struct discover_server v[DISCOVER_MAX]; /* in the order to try */
	size_t n;
	const char *by; /* "SRV", or the URL of the file */
};

struct discover_plan {
	struct dns *dns;
	unsigned kinds;
	const char *ca_file; /* for the file's server; null: the system's */
	unsigned https_port; /* likewise; 0: the usual one */
	bool no_fetch;       /* SRV only: no connection is opened */
	const struct given *given;
};

/* Everything found is the arena's. ERR_NOHOST: nothing was found, or the
 * domain says that there is no such service; ERR_CONFIG: a server that is not
 * to be trusted, with the way to name it; ERR_TEMP: nobody could be asked. */
int discover(const struct discover_plan *plan, const char *address,
    struct arena *a, struct discover *r, struct err *e);

/* The text of such a file: the servers of those kinds in it, in its order;
 * what of it cannot be used is passed over. ERR_DATA: it is none. */
int discover_read(struct slice text, unsigned kinds, const char *address,
    struct arena *a, struct discover *r, struct err *e);

/* "smtps://HOST:PORT", "imap+tls://HOST:PORT", ... */
const char *discover_url(const struct discover_server *s, struct arena *a);

#endif
