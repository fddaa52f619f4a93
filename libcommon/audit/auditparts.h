/* What the parts of an audit share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDITPARTS_H
#define AUDIT_AUDITPARTS_H

#include "base/arena.h"

#include "text/taglist.h"

#include "crypt/cert.h"

#include "net/dns.h"

#include "audit/auditreport.h"

struct audit {
	struct dns *dns;
	const struct audit_want *want;
	struct arena *a;
	struct audit_report *r;
	struct err *e;
	bool nxdomain; /* the domain does not exist: nothing is missing */
	uint64_t took; /* ms of all questions so far */
	bool broken;   /* the machine failed; e says how */
};

/* Adds a finding; span may be null. The same rule at the same place and with
 * the same detail counts once. */
void audit_add(struct audit *au, enum audit_id id, const char *owner,
    const char *type, const size_t *span, const char *fmt, ...)
    PRINTF_LIKE(6, 7);

/* The same for a tag of the record's text; it is the place and the detail. t
 * may be null. */
void audit_add_tag(struct audit *au, enum audit_id id, const char *owner,
    const struct tag *t, struct slice text);

/* Asks; a failure, a name outside the zone files, and a CNAME that leads
 * nowhere become findings here. A name that is none does not exist. */
void audit_ask(struct audit *au, const char *name, enum dns_type type,
    struct dns_answer *r);

/* The answer says no: it is neither unknown nor outside the files. */
bool audit_says_no(const struct dns_answer *r);

/* What TXT records at one name may be: the one wanted, and others. */
struct audit_txt {
	const char *version; /* "v=STSv1" */
	enum audit_id at_apex, leading_space, wrong_version, unrelated,
	    multiple;
};

/* Looks at owner, and at the apex for strays: the text of the only record
 * that starts with the version, or an empty slice; *count_r is the number of
 * those. */
struct slice audit_txt_find(struct audit *au, const char *owner,
    const struct audit_txt *kind, struct dns_answer *r, size_t *count_r);

/* The name does not exist, nor the domain that would have to be registered for
 * it: whoever registers that has a say. */
bool audit_is_unregistered(struct audit *au, const char *name);

/* Can mail get to the domain? 0: it has no MX and no address, or a null MX; -1
 * nobody knows. */
int audit_takes_mail(struct audit *au, const char *domain);

/* Asks the network what the parts will ask, so that they need not wait. */
int audit_ask_ahead(struct audit *au);

/* Below _domainkey: what is old, and what nobody has. */
#define AUDIT_DKIM_LABELS 3
extern const char *const audit_dkim_labels[AUDIT_DKIM_LABELS];

/* The parts, one after another. */
void audit_mx(struct audit *au);
void audit_spf(struct audit *au);
void audit_dkim(struct audit *au);
void audit_dmarc(struct audit *au);
void audit_sts(struct audit *au);
void audit_tlsrpt(struct audit *au);
void audit_dane(struct audit *au);
void audit_bimi(struct audit *au);
void audit_ptr(struct audit *au);
void audit_caa(struct audit *au);
void audit_srv(struct audit *au);
void audit_cross(struct audit *au);

/* DNSSEC of the domain; with the DANE part. */
void audit_dnssec(struct audit *au);

/* Speaks to the MX hosts over SMTP. */
void audit_probe(struct audit *au);

/* The chain that a host showed; the caller frees each. */
size_t audit_probe_chain(
    const struct audit_host *h, struct cert *chain[CERT_CHAIN_MAX]);

/* A host that a policy names: would its senders believe what it showed? */
void audit_probe_policy(struct audit *au, const struct audit_host *h);

/* The zone's servers, each asked for itself. */
void audit_servers(struct audit *au);

/* What the master files have below the domain. */
void audit_below(struct audit *au);

#define AUDIT_PROBES_MAX 16 /* selectors found by trying */

/* Selectors many use, those that are there: how many. */
size_t audit_probe_selectors(
    struct audit *au, const char *found[AUDIT_PROBES_MAX]);

/* The files that a BIMI record names, where they may be fetched. */
void audit_bimi_files(
    struct audit *au, const char *owner, struct slice logo, struct slice cert);

/* The MTA-STS policy of the domain against its MX hosts. */
void audit_sts_policy(struct audit *au);

#endif
