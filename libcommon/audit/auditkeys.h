/* The DKIM keys of a run against each other: one key that several holders
 * publish, and RSA moduli with a common factor. A holder is the organizational
 * domain where a record really is, behind CNAMEs: domains that lead to one
 * provider share nothing of their own.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDITKEYS_H
#define AUDIT_AUDITKEYS_H

#include "base/buf.h"

#include "audit/auditreport.h"

#define AUDIT_KEYS_MAX (1u << 16) /* of a run that are compared */

struct audit_keys;

/* What was found. */
struct audit_run {
	struct audit_report r; /* findings alone */
	size_t keys;           /* compared */
	size_t left_out;       /* not compared: too many, or too long */
	size_t untold;         /* findings beyond AUDIT_FINDINGS_MAX */
};

struct audit_keys *audit_keys_new(void);

/* Accepts null. */
void audit_keys_free(struct audit_keys **k);

/* The keys of a report, copied into the arena. */
struct audit_key *audit_keys_of(
    const struct audit_report *r, struct arena *a, size_t *n_r);

/* Keeps what is needed of a key: its digest, its modulus, its names. */
int audit_keys_add(
    struct audit_keys *k, const struct audit_key *key, struct err *e);

/* Once, after all were added. The findings are the arena's. */
void audit_keys_judge(
    struct audit_keys *k, struct arena *a, struct audit_run *run_r);

/* As audit_page() and audit_json() do it. */
void audit_run_page(const struct audit_run *run, enum audit_severity min,
    bool colour, struct buf *out);
void audit_run_json(
    const struct audit_run *run, enum audit_severity min, struct buf *out);

#endif
