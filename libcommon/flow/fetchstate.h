/* What was fetched from one source into one target: the records of mfetch's
 * journal (store/journal.h) and what they add up to. A fact is
 *
 *	uid V UID SIZE DIGEST     a message of a mailbox with UIDVALIDITY V
 *	uidl KEY SIZE TIME DIGEST a message of a POP3 mailbox, and when it came
 *	uidls KEY TIME KEY TIME   many of those, with the first 11 octets of KEY
 *	content SIZE DIGEST       a message that had neither
 *	have V SET                these UIDs are here or are no more
 *	modseq V N                a mirror has followed the mailbox so far
 *
 * KEY and DIGEST are the first 16 octets of SHA-256, of the UIDL and of the
 * message as it came, in hexadecimal. A group of messages is moved into place
 * between two records, so that a cut in the middle is mended by the next run:
 *
 *	next WHERE FACT           will be true once WHERE is in its place
 *	done                      everything since the last done is in place
 *	void                      nothing since the last done counts
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHSTATE_H
#define FLOW_FETCHSTATE_H

#include "base/buf.h"
#include "base/err.h"

#include "store/journal.h"

#include "proto/imapset.h"

#define FETCHSTATE_KEY 16 /* octets of a key or digest */

struct fetchstate_key {
	unsigned char v[FETCHSTATE_KEY];
};

struct fetchstate;

/* Opens and locks the file; another run that has it is ERR_TEMP. */
int fetchstate_open(const char *path, struct fetchstate **s_r, struct err *e);

/* Closes; what was not committed is dropped. Null is fine. */
void fetchstate_free(struct fetchstate **s);

/* Damaged records that were passed over. */
size_t fetchstate_damaged(const struct fetchstate *s);

/* UIDVALIDITY of the last record; 0: none yet. */
uint32_t fetchstate_validity(const struct fetchstate *s);

/* From here on UIDs are of this validity: those of another are forgotten. */
void fetchstate_set_validity(struct fetchstate *s, uint32_t validity);

/* UIDs known under the current validity. Borrowed. */
const struct imapset *fetchstate_uids(const struct fetchstate *s);

/* The message with that UIDL is here: and when it came, seconds since 1970; 0:
 * not known. Asked of all that are on the server, before any is added; once
 * they are, and that is said, those that were not asked for may be forgotten
 * (fetchstate_compact). */
bool fetchstate_find_uidl(
    struct fetchstate *s, const struct fetchstate_key *key, int64_t *time_r);
void fetchstate_listed(struct fetchstate *s);

/* A quarter or more of the UIDLs that are known were not asked for. */
bool fetchstate_has_lost(const struct fetchstate *s);

/* Reads the digests of all messages that came before: once, when they are
 * needed. */
int fetchstate_read_contents(struct fetchstate *s, struct err *e);

/* A message of that content came before fetchstate_read_contents(). */
bool fetchstate_has_content(
    struct fetchstate *s, const struct fetchstate_key *digest);

/* Facts as text, appended to out. */
void fetchstate_uid(const struct fetchstate *s, uint32_t uid, uint64_t size,
    const struct fetchstate_key *digest, struct buf *out);
void fetchstate_uidl(const struct fetchstate_key *key, uint64_t size,
    int64_t now, const struct fetchstate_key *digest, struct buf *out);
void fetchstate_content(
    uint64_t size, const struct fetchstate_key *digest, struct buf *out);

/* Records to add; they count after fetchstate_commit(). A fact; a fact that
 * will be; that all those are true now. where has no space in it. */
void fetchstate_add(struct fetchstate *s, const char *fact);
void fetchstate_next(struct fetchstate *s, const char *where, const char *fact);
void fetchstate_done(struct fetchstate *s);

/* A cut run left something between next and done. */
bool fetchstate_unsettled(const struct fetchstate *s);

/* Mends it: asks of each place in turn whether its message is there (1; 0 it
 * is not, -1 cannot tell), then, once, to make that durable, and keeps those
 * facts and forgets the others. Nothing left: nothing asked. */
struct fetchstate_judge {
	int (*in_place)(void *arg, const char *where, struct err *e);
	int (*mended)(void *arg, struct err *e);
	void *arg;
};

int fetchstate_settle(
    struct fetchstate *s, const struct fetchstate_judge *judge, struct err *e);

/* A mirror has been through, under the current validity, up to this
 * HIGHESTMODSEQ; 0: the server keeps none. */
bool fetchstate_followed(const struct fetchstate *s);
uint64_t fetchstate_modseq(const struct fetchstate *s);
void fetchstate_set_modseq(struct fetchstate *s, uint64_t modseq);

/* A record taken apart: false when it tells of no message. */
struct fetchstate_fact {
	struct slice where; /* of "next", or empty */
	uint32_t validity;
	uint32_t uid; /* 0: none */
	struct fetchstate_key digest;
};

bool fetchstate_parse(struct slice record, struct fetchstate_fact *f_r);

/* Gives every record there is, of all times. */
int fetchstate_read_all(
    struct fetchstate *s, const struct journal_reader *reader, struct err *e);

/* When there are many records, puts them aside in FILE.old, and what they say
 * of UIDs, or of UIDLs that are still on the server, into a few: whoever has
 * nothing new to do reads little. Of a POP3 mailbox FILE.old keeps what is
 * still on the server, too. All is settled and committed. A failure costs
 * nothing but the next run's time. */
void fetchstate_compact(struct fetchstate *s);

/* All of the set is here or is no more; adds only what is new. */
void fetchstate_add_set(struct fetchstate *s, const struct imapset *set);

/* Makes them durable. */
int fetchstate_commit(struct fetchstate *s, struct err *e);

/* The key of a UIDL. */
int fetchstate_key_of(
    struct slice text, struct fetchstate_key *key_r, struct err *e);

/* The name of a source's and target's file: readable, safe, their own. */
int fetchstate_name(
    const char *source, const char *target, struct buf *out, struct err *e);

#endif
