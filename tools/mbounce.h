/* mbounce-parse: what its files share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MBOUNCE_H
#define MBOUNCE_H

#include "text/date.h"

#include "crypt/digest.h"

#include "store/source.h"

#include "report/ours.h"
#include "report/rulesread.h"

#include "net/dns.h"

#include "tagkey.h"
#include "tool.h"

struct settings {
	struct tool_common common;
	bool quiet, tsv, explain, rule_stats, check_rules, classify;
	bool require_ours;
	const char *kinds, *fields;
	struct opt_list rules, my_domains, my_relays, verp_keys, envid_keys,
	    batv_keys, verp, zones;
	uint64_t inflate;
};

/* One message on its way to output. */
struct item {
	struct tool_run *run;
	const struct settings *set;
	const struct ourskey *keys; /* or null */
	struct dns *dns;            /* with keys of signatures, or null */
	const struct source_message *m;
	struct arena *arena;
	struct report r;
	struct buf *out;          /* kept from message to message */
	char date[DATE_TEXT_MAX]; /* of the message, or "" */
	char sha256[DIGEST_HEX_MAX];
	size_t shown;
	enum ours ours;
	const char *ours_by; /* its evidence, or null */
};

/* --zone: opens it; null without it. */
int signed_open(struct tool_run *run, const struct settings *set,
    struct dns **d_r, struct err *e);

/* Whether a key of ours made a signature of what came back. */
enum ours_signed signed_by_us(const struct item *i);

/* How often each rule decided. */
struct counts {
	uint64_t *builtin, *own;
};

/* Rules of the user: reads and checks the files; 0 when there are none. */
int rules_load(const struct settings *set, struct rules_made *m,
    struct buf *text, struct err *e);

/* --classify: lines of standard input, as replies of a server. */
void classify_lines(
    struct tool_run *run, const struct settings *set, const struct rules *own);

/* One line, with the tallies of a run: "count id". */
void stats_count(const struct item *i, struct counts *c);
void stats_show(
    struct tool_run *run, const struct counts *c, const struct rules *own);

/* The columns of --tsv: an unknown one is an error. */
int show_check_fields(const char *fields, struct err *e);

/* Prints what the message told, in the form that was asked for. */
void show_item(struct item *i);

#endif
