/* What an audit found: the facts of a domain's mail DNS, and the findings.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDITREPORT_H
#define AUDIT_AUDITREPORT_H

#include "net/ip.h"

#include "auth/dmarc.h"
#include "auth/dmarcview.h"
#include "auth/mtasts.h"

#include "audit/rule.h"

#define AUDIT_FINDINGS_MAX  1024 /* of one domain */
#define AUDIT_SELECTORS_MAX 64   /* selectors looked at */
#define AUDIT_RECORDS_MAX   64   /* SPF records of one tree */
#define AUDIT_DEPTH_MAX     16   /* includes within includes */
#define AUDIT_HOSTS_MAX     64   /* MX hosts looked at */
#define AUDIT_BELOW_MAX     4096 /* names below a domain looked at */
#define AUDIT_URIS_MAX      16   /* report addresses looked at */

struct audit_finding {
	const struct audit_rule *rule;
	const char *owner;  /* name of the record */
	const char *type;   /* of the record, "TXT" */
	bool placed;        /* span tells where in the record */
	size_t span[2];     /* octets: first, one behind */
	const char *detail; /* what exactly, or "" */
};

/* What an MX host said over SMTP. */
struct audit_probe {
	bool asked;
	bool reached;        /* it answered EHLO, and STARTTLS if offered */
	const char *problem; /* why it was not, or null */
	const char *tls;     /* "TLSv1.3"; null: it offers none */
	const char *subject; /* first name of its certificate, or null */
	const char *until;   /* its last day, "2027-01-31" */
	struct slice *chain; /* in DER, the leaf first */
	size_t chain_n;
};

struct audit_host {
	const char *name;
	unsigned preference;
	struct ip *addresses;
	size_t count;
	bool alias, secure; /* of its addresses: through a CNAME, validated */
	struct audit_probe probe;
};

struct audit_key {
	const char *selector;
	const char *state; /* "key", "revoked", "missing", "bad", "unknown" */
	const char *kind;  /* "rsa", "ed25519", or null */
	unsigned bits;
	struct slice octets; /* of the key, as in the record */
	const char *owner;   /* name of the record */
	const char *at;      /* the same behind CNAMEs, where it really is */
};

/* An authoritative server of the zone, one for each address. */
struct audit_server {
	const char *name;
	struct ip ip;
	const char *state; /* of its SOA: "ok", "timeout", ... */
	bool has_zone;     /* then: */
	uint32_t serial;
};

struct audit_report {
	const char *domain; /* as given */
	const char *ascii;  /* as asked */
	struct audit_finding *findings;
	size_t count, cap;
	unsigned counts[AUDIT_UNKNOWN + 1]; /* by severity */

	const char *mx_state; /* "hosts", "null", "implicit", "none",
	                       * "unknown" */
	struct audit_host *hosts;
	size_t host_count;
	bool probed; /* they were spoken to */

	struct audit_server *servers; /* that were asked for themselves */
	size_t server_count;

	const char *spf_state; /* "record", "none", "bad", "unknown" */
	struct slice spf_record;
	int spf_all; /* qualifier that ends it, redirect included; 0: none */
	unsigned spf_lookups, spf_voids; /* when every term is evaluated */

	struct audit_key *keys;
	size_t key_count;

	const char *dmarc_state; /* "record", "none", "bad", "unknown" */
	struct slice dmarc_record;
	const char *dmarc_at; /* domain whose record applies */
	struct dmarc_view dmarc_view, dmarc_old; /* RFC 9989, RFC 7489 */
	const char *dmarc_org; /* organizational domain, or null */
	enum dmarc_policy dmarc_policy;

	unsigned parts;        /* that were looked at */
	const char *sts_state; /* "record", "none", "bad", "unknown" */
	const char *sts_id;    /* or null */
	const char *sts_mode;  /* of the policy, or null */
	const struct mtasts_policy *sts_policy; /* that was read, or null */
	struct slice tlsrpt_record, bimi_record;
	bool signed_;      /* the MX answer was validated */
	size_t tlsa_hosts; /* MX hosts with TLSA records that count */
};

#endif
