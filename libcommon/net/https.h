/* One document over HTTPS: the door of libcurl. The host's addresses come from
 * net/dns, so that a resolver named or master files are honoured; nothing else
 * is asked of the system. Redirects are not followed, the certificate is
 * checked, the size is capped. Whoever wants it asks for it: nothing here runs
 * by itself.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_HTTPS_H
#define NET_HTTPS_H

#include "net/dns.h"

#define HTTPS_ADDRESSES_MAX 16
#define HTTPS_WAIT          20000 /* ms for a document */

enum https_outcome {
	HTTPS_GOT,      /* status 200 and a body */
	HTTPS_NO_HOST,  /* its name has no address */
	HTTPS_UNKNOWN,  /* its name could not be asked */
	HTTPS_NO_REPLY, /* no connection, or none in time */
	HTTPS_CERT,     /* certificate not valid for the host */
	HTTPS_REDIRECT, /* status 3xx */
	HTTPS_STATUS,   /* any other status */
	HTTPS_TOO_BIG,
	HTTPS_BROKEN /* the peer spoke no proper TLS or HTTP */
};

struct https_want {
	const char *url;     /* https:// */
	const char *ca_file; /* null: the system's authorities */
	unsigned port;       /* to connect to instead of the URL's; 0: that */
	size_t max;          /* octets of the body */
	int64_t timeout;     /* ms, 0: HTTPS_WAIT */
	struct slice post;   /* a form to post, with p set; else GET */
};

struct https_reply {
	enum https_outcome outcome;
	long status;              /* of HTTP, 0: none */
	const char *content_type; /* or "" */
	struct slice body;        /* also that of HTTPS_STATUS */
	const char *why;          /* in words, "" when got */
};

/* Fetches; the reply is the arena's. -1: ERR_UNAVAILABLE when this build
 * lacks libcurl, ERR_DATA when it is no https URL. */
int https_get(struct dns *d, const struct https_want *want, struct arena *a,
    struct https_reply *r, struct err *e);

/* "got", "no-host", "unknown", "no-reply", "cert", "redirect", "status",
 * "too-big", "broken" */
const char *https_outcome_name(enum https_outcome o);

#endif
