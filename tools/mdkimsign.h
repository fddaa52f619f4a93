/* What the two halves of mdkimsign share: signing, and the care of keys.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MDKIMSIGN_H
#define MDKIMSIGN_H

#include "tool.h"

struct mdkimsign_settings {
	struct tool_common common;
	const char *domain;
	struct opt_list selectors; /* SELECTOR:KEY; SELECTOR with --record */
	const char *canon;
	const char *headers;
	int64_t expire; /* ms */
	const char *identity;
	const char *time;
	const char *seal, *cv; /* ARC: authserv-id; chain's state */
	bool dkim2, experimental;
	const char *from; /* envelope, for --dkim2 */
	struct opt_list rcpt;
	bool plain, force;
	const char *genkey, *output;
	const char *record, *format;
};

/* --genkey: makes a key, into a new file or to standard output. */
void mdkimsign_genkey(
    struct tool_run *run, const struct mdkimsign_settings *set);

/* --record: prints what is to be published for a key. */
void mdkimsign_record(
    struct tool_run *run, const struct mdkimsign_settings *set);

/* Opens a key; warns when others than its owner may read it. */
struct key;
int mdkimsign_open(
    struct tool_run *run, const char *path, struct key **k_r, struct err *e);

#endif
