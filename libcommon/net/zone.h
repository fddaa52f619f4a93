/* Master files as DNS (RFC 1035 section 5): the door of libzscanner. Several
 * files make one read-only tree of names with wildcards (RFC 4592), empty
 * non-terminals and CNAMEs as an authoritative server has them. The origin is
 * the root until $ORIGIN says otherwise, the TTL 3600; SOA and NS are not
 * needed. $INCLUDE is refused. Lines that are comments to every other reader:
 *
 *	;@ TIMEOUT name [TYPE]    every query for the name fails so
 *	;@ SERVFAIL name [TYPE]   and so; also REFUSED, BOGUS and NXDOMAIN
 *	;@ SLOW name [TYPE]       the answer takes ten seconds, it says
 *	;@ SECURE                 the file's answers count as validated
 *	;@ CLAIMED                somebody on the way says they are
 *
 * A string over 255 octets is split (DNS_TOO_LONG tells of it).
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_ZONE_H
#define NET_ZONE_H

#include "base/arena.h"
#include "base/err.h"

#include "net/dnsanswer.h"
#include "net/dnsname.h"

#define ZONE_FILE_MAX    (1u << 30) /* octets of one file */
#define ZONE_RECORDS_MAX 16777216   /* of all files */

struct zone;

/* An empty tree. ERR_UNAVAILABLE when this build lacks libzscanner. */
int zone_new(struct zone **z_r, struct err *e);
void zone_free(struct zone **z);

/* Adds one file; the first fault ends it: ERR_DATA, "FILE:LINE: why". */
int zone_load(struct zone *z, const char *path, struct err *e);

/* Adds master-file text; name stands for it in errors. */
int zone_read(
    struct zone *z, struct slice text, const char *name, struct err *e);

/* The same for a name that was read; r->name is left null. */
void zone_find(const struct zone *z, const struct dnsname *name,
    enum dns_type type, struct arena *a, struct dns_answer *r);

/* Names below top as dns_names_below() has them. */
size_t zone_names_below(const struct zone *z, const struct dnsname *top,
    size_t max, struct arena *a, const struct dns_below **names_r);

/* A file with ";@ SECURE" was read. */
bool zone_is_signed(const struct zone *z);

/* One step: the records of the type at the name; or, status DNS_OK with count
 * 0 and chain_count 1, the CNAME that stands there. Safe from many threads. */
int zone_lookup(const struct zone *z, const char *name, enum dns_type type,
    struct arena *a, struct dns_answer *r, struct err *e);

#endif
