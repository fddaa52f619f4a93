/* Addresses: lists of mailboxes and groups in header fields (RFC 5322 section
 * 3.4 with the obsolete forms of 4.4, UTF-8 of RFC 6532), and the strict
 * address of the envelope (RFC 5321 section 4.1.2, RFC 6531).
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_ADDR_H
#define MSG_ADDR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define ADDR_LIST_MAX   10000 /* mailboxes of one list */
#define ADDR_LOCAL_MAX  64    /* octets of the local part (4.5.3.1.1) */
#define ADDR_DOMAIN_MAX 255   /* octets of the domain (4.5.3.1.2) */
#define ADDR_PATH_MAX   254   /* octets of both and the "@" (4.5.3.1.3) */

struct addr {
	struct slice name;   /* display name, decoded: UTF-8; may be empty */
	struct slice local;  /* local part, quotes and backslashes undone */
	struct slice domain; /* as written, blanks and comments dropped; a
	                      * literal with its brackets */
	struct slice group;  /* name of the group it stands in; p null: none */
};

struct addr_list {
	struct addr *v; /* in the arena, in order */
	size_t n;
	size_t groups; /* empty ones included */
	bool flawed;   /* something was broken and was skipped */
};

/* Reads an address-list. The first refuses what is broken: ERR_DATA with the
 * place. The second is for mail as it comes: what is broken is skipped up to
 * the next comma, what lies beyond ADDR_LIST_MAX too, and the list is flawed;
 * it never fails; ";" separates there as well. A mailbox without "@" is broken
 * in both, and so is "<>". */
int addr_parse(
    struct slice in, struct arena *a, struct addr_list *list_r, struct err *e);
void addr_parse_lax(struct slice in, struct arena *a, struct addr_list *list_r);

/* As addr_parse(), and a name of this machine is an address without a domain:
 * "root", "root (Cron Daemon)", "Charlie <root>". */
int addr_parse_local(
    struct slice in, struct arena *a, struct addr_list *list_r, struct err *e);

/* Reads one address of the envelope, without "<" and ">":
 * Local-part "@" ( Domain / address-literal ), within the limits above.
 * Control octets, CR, LF and NUL among them, are refused everywhere, and UTF-8
 * unless utf8 is set, when it must be valid. ERR_DATA says why. The views
 * borrow from in; local_r keeps its quotes. */
int addr_envelope(struct slice in, bool utf8, struct slice *local_r,
    struct slice *domain_r, struct err *e);

/* What stands behind the last "@"; empty when there is none. */
struct slice addr_domain(struct slice address);

/* Appends local@domain, local alone when there is no domain, the local part
 * quoted where it must be; the second with the display name in front: Name
 * <local@domain>. */
void addr_format(const struct addr *ad, struct buf *out);
void addr_format_named(const struct addr *ad, struct buf *out);

/* local@domain as addr_format() gives it, in the arena. */
struct slice addr_text(const struct addr *ad, struct arena *a);

/* Two addresses mean the same mailbox: domains compare without case, local
 * parts exactly. */
bool addr_equal(struct slice a, struct slice b);

#endif
