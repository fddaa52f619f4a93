/* The syntax of SPF records (RFC 7208 sections 4.5, 4.6.1, 5, 6, 7.1 and 12).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_SPFRECORD_H
#define AUTH_SPFRECORD_H

#include "base/arena.h"

#include "net/ip.h"

#define SPFRECORD_MAX       65535 /* octets: what a TXT record can hold */
#define SPFRECORD_TERMS_MAX 4096
#define SPFRECORD_WHY_MAX   160

enum spfrecord_kind {
	SPFRECORD_ALL,
	SPFRECORD_INCLUDE,
	SPFRECORD_A,
	SPFRECORD_MX,
	SPFRECORD_PTR,
	SPFRECORD_IP4,
	SPFRECORD_IP6,
	SPFRECORD_EXISTS,
	SPFRECORD_REDIRECT, /* from here on: modifiers */
	SPFRECORD_EXP,
	SPFRECORD_UNKNOWN
};

struct spfrecord_term {
	enum spfrecord_kind kind;
	int qualifier;       /* '+', '-', '~', '?' */
	struct slice text;   /* as it stands, qualifier included */
	size_t span[2];      /* where it stands: first octet, one behind */
	struct slice domain; /* domain-spec, macros and all; empty: none */
	struct ip ip;        /* ip4, ip6 */
	unsigned prefix4,
	    prefix6; /* prefix lengths; 32 and 128 when not given */
};

struct spfrecord {
	struct slice text;
	struct spfrecord_term *terms; /* in order, modifiers among them */
	size_t count;
	const struct spfrecord_term *redirect, *exp; /* or null */
};

enum spfrecord_wrong {
	SPFRECORD_WRONG_SYNTAX,
	SPFRECORD_WRONG_OCTET, /* not printable ASCII */
	SPFRECORD_WRONG_MECHANISM,
	SPFRECORD_WRONG_IP4,
	SPFRECORD_WRONG_IP6,
	SPFRECORD_WRONG_FAMILY, /* ip4 with IPv6, or the reverse */
	SPFRECORD_WRONG_CIDR,
	SPFRECORD_WRONG_MACRO,
	SPFRECORD_WRONG_DOMAIN,
	SPFRECORD_WRONG_REDIRECT, /* the second one */
	SPFRECORD_WRONG_EXP       /* the second one */
};

/* What is wrong, where, and why. */
struct spfrecord_fault {
	enum spfrecord_wrong wrong;
	struct slice term;
	size_t span[2];
	char why[SPFRECORD_WHY_MAX];
};

/* The text claims to be a record: "v=spf1", then SP or the end. */
bool spfrecord_is(struct slice text);

/* Reads a whole record: 0, or -1 at the first term that is wrong. Slices are
 * views into text. */
int spfrecord_read(struct slice text, struct arena *a, struct spfrecord *r,
    struct spfrecord_fault *fault);

/* As above, but goes on behind a wrong term: all faults, as many as fit into
 * max; returns how many there are. */
size_t spfrecord_lint(struct slice text, struct arena *a, struct spfrecord *r,
    struct spfrecord_fault *faults, size_t max);

/* macro-string; with spaces where the text is an explanation (6.2), and then
 * with the letters c, r and t too. */
bool spfrecord_macros_ok(struct slice text, bool explanation);

#endif
