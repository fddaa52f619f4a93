/* What the files of proto/sasl share: a login under way and its mechanisms.
 * Nobody else includes this.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SASLPARTS_H
#define PROTO_SASLPARTS_H

#include "crypt/digest.h"

#include "proto/sasl.h"

#define SASLPARTS_SAID_MAX   200  /* octets of a server's own words, kept */
#define SASLPARTS_NONCE      18   /* octets of SCRAM's */
#define SASLPARTS_SECRET_MAX 9000 /* octets of a message */

struct saslparts_mechanism;
struct saslgss;

struct sasl {
	const struct sasl_login *login;
	const struct saslparts_mechanism *mechanism;
	unsigned turn; /* answers given */
	bool proven;   /* the server has shown what it had to */
	struct buf in, out, line;
	char said[SASLPARTS_SAID_MAX + 1];
	/* SCRAM */
	bool plus_offered;
	struct buf header, bare, auth; /* of its messages */
	unsigned char server_signature[DIGEST_MAX];
	/* libgsasl */
	struct saslgss *gss;
};

/* Mechanisms differ in what they need and what they show. */
enum saslparts_flag {
	SASLPARTS_PASSWORD = 1,    /* needs one */
	SASLPARTS_TOKEN = 2,       /* likewise */
	SASLPARTS_CERTIFICATE = 4, /* likewise */
	SASLPARTS_SHOWS = 8,       /* the secret goes over the wire */
	SASLPARTS_BOUND = 16,      /* to the TLS session */
	SASLPARTS_NAMED = 32,      /* only when asked for by name */
	SASLPARTS_SERVER_FIRST = 64,
	SASLPARTS_PROVES = 128 /* the server has to show that it knows, too */
};

struct saslparts_mechanism {
	const char *name;
	unsigned flags;
	enum digest_kind digest;
	/* Appends the answer to a challenge to s->out. */
	int (*step)(struct sasl *s, struct slice challenge, struct err *e);
};

/* RFC 5802, 5: name with "," and "=" escaped, appended. */
void saslparts_name(struct slice name, struct buf *out);

/* The server's words within its challenge are kept for the error. */
void saslparts_said(struct sasl *s, struct slice words);

int saslscram_step(struct sasl *s, struct slice challenge, struct err *e);

/* CRAM-MD5 and GSSAPI; ERR_UNAVAILABLE in a build without libgsasl. */
int saslgss_step(struct sasl *s, struct slice challenge, struct err *e);
void saslgss_free(struct saslgss **g);

#endif
