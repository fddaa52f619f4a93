/* mbounce-parse: what its files share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MBOUNCE_H
#define MBOUNCE_H

#include "text/date.h"

#include "crypt/digest.h"

#include "store/source.h"

#include "report/report.h"
#include "report/rulesread.h"

#include "tool.h"

struct settings {
	struct tool_common common;
	bool quiet, tsv, explain, rule_stats, check_rules, classify;
	const char *kinds, *fields;
	struct opt_list rules;
	uint64_t inflate;
};

/* One message on its way to output. */
struct item {
	struct tool_run *run;
	const struct settings *set;
	const struct source_message *m;
	struct arena *arena;
	struct report r;
	struct buf *out;          /* kept from message to message */
	char date[DATE_TEXT_MAX]; /* of the message, or "" */
	char sha256[DIGEST_HEX_MAX];
	size_t shown;
};

/* Prints what the message told, in the form that was asked for. */
void show_item(struct item *i);

#endif
