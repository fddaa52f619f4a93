/* What the two halves of mdkimsign share: signing, and the care of keys.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MDKIMSIGN_H
#define MDKIMSIGN_H

#include "tool.h"

struct key;

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
	const char *record, *format, *check;
	const char *table;
	uint64_t pin_fd; /* 0: none */
	bool replace, header_only;
	const char *rotate; /* the state's file */
	bool step;
	int64_t lag, keep, every; /* ms */
};

/* --genkey: makes a key, into a new file or to standard output. */
void mdkimsign_genkey(
    struct tool_run *run, const struct mdkimsign_settings *set);

/* --record: prints what is to be published for a key. */
void mdkimsign_record(
    struct tool_run *run, const struct mdkimsign_settings *set);

/* --check-pair: is the record on standard input that of the key? */
void mdkimsign_check(
    struct tool_run *run, const struct mdkimsign_settings *set);

/* Opens a key, with the PIN of --pin-fd; warns when others than its owner may
 * read it. */
int mdkimsign_open(struct tool_run *run, const struct mdkimsign_settings *set,
    const char *path, struct key **k_r, struct err *e);

/* --rotate: shows the records of a rotation; --step moves it on. */
void mdkimsign_rotate(
    struct tool_run *run, const struct mdkimsign_settings *set);

/* What --genkey, --record and --check-pair do, for --rotate: a new key in a new
 * file (ERR_CANTCREAT with errno EEXIST when there is one); a record, in the
 * format wanted, with the state of a rotation or null; what stands on standard
 * input; does it have the record? */
int mdkimsign_make(const char *type, const char *path, struct err *e);
void mdkimsign_print(struct tool_run *run, const struct mdkimsign_settings *set,
    const char *name, struct slice record, const struct key *k,
    const char *state);
int mdkimsign_take_input(struct buf *input, struct err *e);
bool mdkimsign_shows(struct slice input, struct slice record);

/* --keys: a table of lines "domain selector key". */
#define MDKIMSIGN_ROWS_MAX 10000 /* lines */
struct mdkimsign_table;
struct dkim_plan;
struct dkim_letter;
struct dkim_signer;

int mdkimsign_table_open(struct tool_run *run,
    const struct mdkimsign_settings *set, struct mdkimsign_table **t_r,
    struct err *e);
void mdkimsign_table_free(struct mdkimsign_table **t);

/* Sets domain and signers (at most DKIM_SIGNERS_MAX, into room) of the plan by
 * the best match on the domain of From: itself, then its parents, then ".".
 * ERR_DATA: none fits. */
int mdkimsign_table_plan(const struct mdkimsign_table *t,
    const struct dkim_letter *m, struct dkim_plan *p, struct dkim_signer *room,
    struct arena *a, struct err *e);

#endif
