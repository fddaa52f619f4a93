/* What the files of mcheckdns share: one file a subcommand.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MCHECKDNS_H
#define MCHECKDNS_H

#include "base/lines.h"
#include "base/pool.h"

#include "crypt/cert.h"

#include "net/dns.h"

#include "audit/audit.h"
#include "audit/auditkeys.h"

#include "tool.h"

#define MCHECKDNS_LINE 2000 /* octets of a list of domains, or of checks */

struct settings {
	struct tool_common common;
	struct opt_list zones, overlays;
	const char *resolver, *selectors;
	const char *min_severity, *fail_on;
	const char *expect_mx, *expect_ns, *expect_ca, *sts_policy, *checks;
	const char *arc_selectors;
	bool parked, fetch, unordered, keys;
	uint64_t https_port, qps;
	const char *ip, *helo, *mailfrom;
	const char *from, *spf, *reader, *record, *batch, *type;
	struct opt_list dkim, lists, allow_lists;
	struct opt_list tlsa, names;
	const char *chain, *ca;
	const char *baseline, *format, *trust_anchor;
	uint64_t ns_port, probe_port;
	bool trust_ad, list_findings, smtp, all_ns, probe;
};

/* One run. */
struct session {
	struct tool_run *run;
	const struct settings *set;
	struct dns *dns; /* of mcheckdns_dns() */
	struct opt_list selectors, arc_selectors;
	struct ip client;                   /* --ip */
	struct cert *chain[CERT_CHAIN_MAX]; /* --chain */
	struct audit_want want;
	enum audit_severity min, fail_on;
	bool found, unknown; /* a finding at fail_on; something unknown */
	bool tsv, printed;
	bool offline;              /* nothing is asked of anybody */
	struct baseline *baseline; /* an earlier run, or null */
	struct audit_keys *keys;   /* of --keys, or null */
	bool audits;               /* --record is a file */
	bool ready;                /* mcheckdns_settings() was there */
};

/* An earlier run. */
struct baseline;

/* The words behind the subcommand. */
struct words {
	const char *const *v;
	size_t n;
};

/* Opens s->dns as the options say. */
int mcheckdns_dns(struct session *s, struct err *e);

/* ERR_USAGE when --record is there, where it has no meaning. */
int mcheckdns_no_record(
    const struct session *s, const char *what, struct err *e);

/* [domain ...] */
int mcheckdns_audit(struct session *s, struct words w, struct err *e);

/* spf */
int mcheckdns_spf(struct session *s, struct words w, struct err *e);

/* An object with "spf"; takes the steps, which may be null. ip: of a batch, or
 * null. */
struct spf_verdict;
struct json *mcheckdns_spf_json(
    const struct spf_verdict *v, struct json *steps, const char *ip);

/* spf --batch FILE */
int mcheckdns_batch(struct session *s, struct err *e);

/* spf set|diff|flatten|cost DOMAIN */
int mcheckdns_spfset(struct session *s, struct words w, struct err *e);

/* dmarc --from, dmarc walk; psl */
int mcheckdns_dmarc(struct session *s, struct words w, struct err *e);
int mcheckdns_psl(struct session *s, struct words w, struct err *e);

/* ptr IP; dnsbl IP|DOMAIN --list ZONE */
int mcheckdns_ptr(struct session *s, struct words w, struct err *e);
int mcheckdns_dnsbl(struct session *s, struct words w, struct err *e);

/* --format, as far as the word behind it can do that: ERR_USAGE. */
int mcheckdns_format(struct session *s, struct err *e);

/* Prints a report and counts its findings into the exit status. */
void mcheckdns_report(struct session *s, const struct audit_report *r);
void mcheckdns_status(struct session *s);
/* Threads to work with. */
size_t mcheckdns_jobs(const struct session *s);

/* What is idle() of the pools here: standard output is written out. */
void mcheckdns_idle(void *session);

/* Gives each line to put() (-1: no more), while the pool's results are handed
 * out as they are ready. */
int mcheckdns_lines(struct session *s, struct pool *p, struct lines *l,
    int (*put)(struct session *s, struct pool *p, struct slice line,
	uint64_t number, struct err *e),
    struct err *e);

/* Reads what --json printed: ERR_DATA "PATH: line N: why". */
int mcheckdns_baseline(struct baseline **b_r, const char *path, struct err *e);
void mcheckdns_baseline_free(struct baseline **b);

/* Adds what differs from s->baseline to the report; a domain of no line has
 * nothing. */
int mcheckdns_drift(const struct session *s, struct audit_report *r,
    struct arena *a, struct err *e);

int mcheckdns_settings(struct session *s, struct err *e);

/* lint --type T --record TEXT [DOMAIN]: a record not yet published */
int mcheckdns_lint(struct session *s, struct words w, struct err *e);

/* Reads --chain for an audit; frees it. */
int mcheckdns_chain(struct session *s, struct err *e);
void mcheckdns_chain_free(struct session *s);

/* dane verify: from files alone */
int mcheckdns_dane(struct session *s, struct words w, struct err *e);

/* explain ID, --list-findings */
int mcheckdns_explain(struct session *s, struct words w, struct err *e);
void mcheckdns_list(struct tool_run *run);

#endif
