/* The parts of mfetch: its options, what they mean, and how results are told.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MFETCH_H
#define MFETCH_H

#include "text/url.h"

#include "flow/discover.h"
#include "flow/fetch.h"
#include "flow/fetchforward.h"
#include "flow/fetchwatch.h"

#include "tool.h"

struct mfetch_settings {
	struct tool_common common;
	/* from where */
	const char *server, *user, *password_command, *token_command, *auth,
	    *tls, *tls_ca, *tls_crl, *tls_cert, *tls_key, *tunnel, *compress;
	struct opt_list tls_pin, zones;
	const char *resolver;
	uint64_t https_port; /* of autoconfig; 0: the usual one */
	bool all_accounts;
	/* what */
	struct opt_list mailbox, exclude;
	const char *search, *since;
	bool unseen, headers;
	uint64_t larger, limit, max_size, delete_after;
	/* where to, and what becomes of it there */
	const char *to, *state, *move_to, *to_tls;
	struct opt_list rcpt;
	bool plain_folders, keep, remove, mark_seen, mirror;
	/* how often */
	bool idle;
	int64_t interval;
	const char *on_new;
	uint64_t retry;
	/* instead */
	bool list, peek, dry_run;
};

extern const struct opt mfetch_options[];

/* What the callbacks need. */
struct mfetch_session {
	struct tool_run *run;
	const struct mfetch_settings *set;
	struct fetch_plan plan;
	struct discover *found; /* of auto:, in their order; null */
	size_t at;              /* which of them it is */
	const char *address;    /* whose they are */
	struct url url;
	const char *mechanisms; /* of SASL, or null */
	struct buf user, password, search;
	struct fetchforward_plan onward;
	struct fetchforward *forward; /* or null */
	const char *source;           /* for people and JSON */
	bool drawn;                   /* a progress line stands */
	int64_t begun;                /* clock_ms(), for the rate */
};

/* The plan that the options and the operand make. */
int mfetch_plan(struct mfetch_session *s, struct err *e);

/* In place of "auto" the server whose turn it is, as URL and user; user_r is
 * null for any other text. */
int mfetch_auto(struct mfetch_session *s, const char **text,
    const char **user_r, struct err *e);

/* Forgets it: the next one is that of the next server of auto:, by the same
 * protocol. False: there is none. */
bool mfetch_plan_next(struct mfetch_session *s);
void mfetch_plan_free(struct mfetch_session *s);

/* --all-accounts: this command line for each account of the accounts file. */
int mfetch_all_accounts(
    struct tool_run *run, int argc, char **argv, struct err *e);

/* The callbacks of the plan. */
void mfetch_on_progress(void *arg, const struct fetch_totals *t);
void mfetch_on_remark(void *arg, const char *text);
void mfetch_on_result(void *arg, const struct fetch_result *r);
void mfetch_on_folder(void *arg, const struct fetch_folder *f);
void mfetch_on_look(void *arg, const struct fetch_look *look);

/* A round of the watch brought something: --on-new is run. */
void mfetch_on_news(void *arg, const struct fetch_totals *round);

/* The progress line goes, before something else is written. */
void mfetch_clear(struct mfetch_session *s);

#endif
