/* The mail DNS of a domain, looked at as a whole: facts and findings. What
 * could not be asked is unknown and never reported as missing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/buf.h"

#include "net/dns.h"

#include "audit/auditreport.h"

struct cert;

/* The parts of an audit. */
enum audit_part {
	AUDIT_PART_MX = 1 << 0,
	AUDIT_PART_SPF = 1 << 1,
	AUDIT_PART_DKIM = 1 << 2,
	AUDIT_PART_DMARC = 1 << 3,
	AUDIT_PART_STS = 1 << 4,
	AUDIT_PART_TLSRPT = 1 << 5,
	AUDIT_PART_DANE = 1 << 6,
	AUDIT_PART_BIMI = 1 << 7,
	AUDIT_PART_PTR = 1 << 8,
	AUDIT_PART_CAA = 1 << 9,
	AUDIT_PART_SRV = 1 << 10
};

#define AUDIT_PARTS_ALL ((1u << 11) - 1)

/* "mx", "spf", ...; null behind the last. */
const char *audit_part_name(size_t i);

/* The part of that name, 0 when there is none. */
unsigned audit_part_named(struct slice name);

/* What is looked at, and what should be. */
struct audit_want {
	unsigned parts;               /* of enum audit_part; 0: all */
	const char *const *selectors; /* DKIM keys that should be there */
	size_t selector_count;
	bool probe;                       /* try selectors that many use, too */
	const char *const *arc_selectors; /* keys of ARC seals */
	size_t arc_count;
	bool parked;              /* the domain should have no mail */
	const char *expect_mx;    /* pattern of MX hosts, "*.example.net" */
	const char *expect_ns;    /* the same for name servers */
	const char *expect_ca;    /* that CAA should allow */
	const char *sts_policies; /* folder of policies, a file a domain */
	bool fetch;               /* policies over HTTPS */
	const char *ca_file;      /* authorities for that, null: the system's */
	const char *helo;         /* name a client greets with, or null */
	const struct ip *client;  /* its address, or null */
	const struct cert *const *chain; /* that MX hosts show, leaf first */
	size_t chain_n;                  /* 0: it is not known */
	int64_t now;                     /* seconds since 1970 */
	unsigned https_port; /* to connect to instead of 443, 0: that */
	bool probe_hosts;    /* speak SMTP to the MX hosts */
	unsigned probe_port; /* there, instead of 25 */
	int64_t probe_time;  /* ms for one host, 0: 20 seconds */
	const char *greet;   /* name to say EHLO with */
	bool all_ns;         /* ask each server of the zone for itself */
	unsigned ns_port;    /* there, instead of 53 */
};

/* Looks at one domain. The report is the arena's. ERR_DATA: it is no
 * domain. */
int audit_domain(struct dns *d, const char *domain,
    const struct audit_want *want, struct arena *a, struct audit_report *r,
    struct err *e);

/* What differs from an earlier run, whose line of JSON is before: each fact
 * that both know and that is another becomes a finding; so do a policy that
 * changed under the same id, and an SPF record whose includes of then became
 * networks that now are others. ERR_DATA: it is no such line. */
int audit_drift(struct dns *d, struct audit_report *r, struct slice before,
    struct arena *a, struct err *e);

/* A page for people; colour with escape sequences. Findings under min are left
 * out, unknowns never. */
void audit_page(const struct audit_report *r, enum audit_severity min,
    bool colour, struct buf *out);

/* A line for each finding, the worst first, with a TAB between domain,
 * severity, id, owner, type, span ("3-9", or empty) and detail; a line with
 * "good" and nothing behind when there is none from min on. */
void audit_tsv(
    const struct audit_report *r, enum audit_severity min, struct buf *out);

/* One object and a line end (schemas/mcheckdns.json). */
void audit_json(
    const struct audit_report *r, enum audit_severity min, struct buf *out);

#endif
