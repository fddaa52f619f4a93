/* DKIM key records: the TXT at SELECTOR._domainkey.DOMAIN (RFC 6376 section
 * 3.6, RFC 8301, RFC 8463 section 4, RFC 8616).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DKIMKEY_H
#define AUTH_DKIMKEY_H

#include "base/arena.h"
#include "base/err.h"

#include "crypt/key.h"

#include "net/dns.h"

#define DKIMKEY_RECORD_MAX 8192 /* octets of a record */
#define DKIMKEY_MAX        8    /* key records looked at of one name */

/* A record as read (3.6.1). Slices are views into its text. */
struct dkimkey {
	struct slice text;
	struct slice notes;  /* n= as it stands, or empty */
	enum key_kind kind;  /* k=, "rsa" when it is absent */
	struct slice octets; /* p= decoded (in the arena); empty: revoked */
	bool sha1, sha256, sha512; /* h= allows it */
	bool email;                /* s= allows it: "*" or "email" */
	bool tlsrpt;               /* "*" or "tlsrpt" (RFC 8460 3) */
	bool testing;              /* t=y */
	bool strict;               /* t=s: i= must be in d= itself */
	struct slice granularity;  /* g= of RFC 4871, "*" when absent */
};

/* Reads one TXT record's text: 1 a key, perhaps revoked; 0 nothing of DKIM;
 * -1 a key record that cannot be used, ERR_DATA with the reason. */
int dkimkey_parse(
    struct slice text, struct arena *a, struct dkimkey *k_r, struct err *e);

/* True when g= lets this local part of i= sign: the same text, or with one
 * "*" for any part of it (RFC 4871 3.6.1; RFC 6376 dropped it). */
bool dkimkey_grants(const struct dkimkey *k, struct slice local_part);

/* The public key of a record that is not revoked; free with
 * key_public_free(). */
int dkimkey_open(
    const struct dkimkey *k, struct key_public **p_r, struct err *e);

/* The name to ask, in A-labels (RFC 8616). ERR_DATA: selector or domain is
 * none. */
int dkimkey_name(struct slice selector, struct slice domain, struct arena *a,
    const char **name_r, struct err *e);

/* What an answer holds. */
struct dkimkey_set {
	struct dkimkey key[DKIMKEY_MAX]; /* in the order of the answer */
	size_t count;
	size_t bad;         /* key records that cannot be used, besides */
	size_t other;       /* TXT records that are none of DKIM */
	struct err problem; /* of the first bad one */
};

void dkimkey_collect(
    const struct dns_answer *answer, struct arena *a, struct dkimkey_set *s_r);

/* Appends the record for a key: "v=DKIM1; k=rsa; p=...". */
int dkimkey_write(const struct key *k, struct buf *out, struct err *e);

#endif
