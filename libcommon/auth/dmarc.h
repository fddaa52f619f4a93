/* DMARC: does the author's domain vouch for the letter, and what does it ask
 * to be done otherwise? RFC 9989: policy discovery and organizational domains
 * by walking up the DNS tree, at most 8 queries a walk.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DMARC_H
#define AUTH_DMARC_H

#include "net/dns.h"

#define DMARC_QUERIES_MAX 8    /* of one tree walk (4.10) */
#define DMARC_RECORD_MAX  4096 /* octets of a record */
#define DMARC_TAGS_MAX    64   /* tags of a record */
#define DMARC_DKIM_MAX    64   /* DKIM passes looked at */

enum dmarc_policy {
	DMARC_POLICY_UNSET,
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT
};

enum dmarc_psd {
	DMARC_PSD_UNKNOWN, /* psd=u, or no psd */
	DMARC_PSD_YES,
	DMARC_PSD_NO
};

enum dmarc_result {
	DMARC_NONE, /* no policy applies */
	DMARC_PASS,
	DMARC_FAIL,
	DMARC_TEMPERROR,
	DMARC_PERMERROR /* the author domain is no domain */
};

/* A record as read (4.7); tags of a wrong value are as if absent. */
struct dmarc_record {
	struct slice text;
	enum dmarc_policy p, sp, np;
	enum dmarc_psd psd;
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
	bool testing;                 /* t=y */
	bool pct_zero;                /* pct=0 of RFC 7489 */
	struct slice rua, ruf, fo;    /* values as they stand, or empty */
};

/* Reads one TXT record's text: 1 a record that has effect (p is set: 4.10.1),
 * 0 no DMARC record at all, -1 one without effect (ERR_DATA says why). Views
 * into text. */
int dmarc_parse(struct slice text, struct dmarc_record *r, struct err *e);

/* A URI as rua= and ruf= hold them: of mailto:, an address too. */
bool dmarc_uri_ok(struct slice uri);

/* One name of a tree walk that was asked. */
struct dmarc_step {
	const char *domain; /* without "_dmarc." */
	enum dns_status status;
	bool outside;                /* see struct dns_answer */
	unsigned candidates;         /* v=DMARC1 records there */
	struct dmarc_record *record; /* the one that counts, or null */
};

struct dmarc_walk {
	struct dmarc_step step[DMARC_QUERIES_MAX];
	unsigned count;
	bool unknown;    /* a step failed: org is not certain */
	const char *org; /* organizational domain (4.10.2) */
};

/* Walks up from domain (4.10). */
int dmarc_walk(struct dns *d, const char *domain, struct arena *a,
    struct dmarc_walk *w_r, struct err *e);

/* The record whose policy applies to the walk's first domain: its own, the
 * organizational domain's, or the public suffix domain's (4.10.1); null when
 * there is none. */
const struct dmarc_step *dmarc_policy_step(const struct dmarc_walk *w);

struct dmarc_input {
	const char *from;                /* author domain, A-labels */
	const char *spf_domain;          /* that passed SPF, or null */
	const char *const *dkim_domains; /* d= of signatures that pass */
	size_t dkim_count;
	bool suffixes;  /* by the Public Suffix List too (RFC 7489 3.2) */
	bool temporary; /* SPF or DKIM ended in temperror: no alignment found
	                 * is then temperror and not fail */
};

struct dmarc_verdict {
	enum dmarc_result result;
	enum dmarc_policy policy;      /* that the domain asks for, before t */
	enum dmarc_policy disposition; /* that applies now: NONE on a pass, one
	                                * step down with t=y */
	bool spf_aligned, dkim_aligned;
	const char *dkim_domain; /* the d= that aligned, or null */
	const char *from;
	const char *record_at; /* domain whose record it is, or null */
	const char *org;       /* organizational domain of from, or null */
	const char *tag;       /* "p", "sp" or "np": what gave the policy */
	bool testing;
	unsigned queries;
	const char *problem; /* why temperror or permerror; else null */
	struct dmarc_record record;
};

/* The verdict's memory is the arena's. -1 only where the machine fails. */
int dmarc_check(struct dns *d, const struct dmarc_input *in, struct arena *a,
    struct dmarc_verdict *v_r, struct err *e);

/* "none", "pass", ... (RFC 8601); "none", "quarantine", "reject", "unset" */
const char *dmarc_result_name(enum dmarc_result r);
const char *dmarc_policy_name(enum dmarc_policy p);

#endif
