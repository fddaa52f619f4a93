/* What only we can have written and a bounce brings back: a tag, 12 digits of
 * the hexadecimal HMAC-SHA256 (RFC 2104) by a key of ours, at the end of the
 * sender's local part or of the envelope id (RFC 3461 4.4):
 *
 *	local "+" user "=" domain "=" tag "@" our domain
 *	    tag of "verp:" user "@" domain, in small letters
 *	text "." tag
 *	    tag of "envid:" text
 *
 * or a sender signed as draft-levine-smtp-batv has it:
 *
 *	"prvs=" K DDD SSSSSS "=" local "@" domain
 *	    SSSSSS: 6 digits of the HMAC-SHA1 of K DDD local "@" domain,
 *	    DDD: the day it ends, since 1970, modulo 1000; K: a digit
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_OURSKEY_H
#define REPORT_OURSKEY_H

#include "base/arena.h"
#include "base/slice.h"

#define OURSKEY_TAG      12  /* digits */
#define OURSKEY_HEX      65  /* of a whole digest, and NUL */
#define OURSKEY_KEYS_MAX 8   /* of either kind: the one in use, and old ones */
#define OURSKEY_TEXT_MAX 500 /* octets of what is signed */

#define OURSKEY_BATV_DAYS 30 /* at most that a signed sender lives */
#define OURSKEY_BATV_KEPT 7  /* that one of ours does, as the draft has it */

struct ourskey {
	struct slice verp[OURSKEY_KEYS_MAX], envid[OURSKEY_KEYS_MAX];
	struct slice batv[OURSKEY_KEYS_MAX];
	size_t verp_count, envid_count, batv_count;
	int64_t now; /* seconds since 1970 */
	/* Hexadecimal HMAC-SHA256 in small letters: 0, -1 for no such thing. */
	int (*mac)(
	    struct slice key, struct slice text, char hex_r[OURSKEY_HEX]);
	int (*mac_sha1)(/* likewise, HMAC-SHA1 */
	    struct slice key, struct slice text, char hex_r[OURSKEY_HEX]);
};

enum ourskey_found {
	OURSKEY_NONE, /* no tag there, or no key for it */
	OURSKEY_GOOD,
	OURSKEY_BAD, /* a tag of no key of ours */
	OURSKEY_LATE /* a good one whose time is over */
};

/* Takes "=tag" off a local part, ".tag" off an envelope id: the tag, or
 * nothing where there is none. mark is '=' or '.'. */
struct slice ourskey_take_tag(struct slice *s, int mark);

/* The tag in an address a bounce came to, of the recipient it tells. */
enum ourskey_found ourskey_verp(const struct ourskey *k, struct slice address,
    struct slice rcpt, struct arena *a);

/* The tag for mail to rcpt, by the first of the keys: null when there is none,
 * or the recipient is too long. */
const char *ourskey_verp_tag(
    const struct ourskey *k, struct slice rcpt, struct arena *a);

enum ourskey_found ourskey_batv(
    const struct ourskey *k, struct slice address, struct arena *a);

/* A sender signed by the first of the keys, as key number 0, until
 * OURSKEY_BATV_KEPT days from now: null when there is no key, or the sender has
 * no "@", has quotes, or is too long. */
const char *ourskey_batv_sign(
    const struct ourskey *k, struct slice address, struct arena *a);

enum ourskey_found ourskey_envid(
    const struct ourskey *k, struct slice envid, struct arena *a);

#endif
