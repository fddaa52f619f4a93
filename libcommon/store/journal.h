/* A small append-only file of true facts: records of one line, each with a
 * checksum, appended in groups with one write and one sync.
 *
 *	mailtoolkit-journal 1 fetch
 *	9ae0daaf uid 17 1201 ...
 *
 * A record is written after what it tells is durable, so each one that can be
 * read is true whatever stands around it: damaged lines are passed over and
 * counted, a last line without its end (a run that was cut short) is removed.
 *
 * The file is locked as long as it is open: one writer at a time.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "base/buf.h"
#include "base/err.h"

#define JOURNAL_RECORD_MAX 4096        /* octets of one record */
#define JOURNAL_GROUP_MAX  (16u << 20) /* octets added before a commit */

struct journal;

/* Given each record; -1 (with e filled) stops the reading. */
struct journal_reader {
	int (*take)(void *arg, struct slice record, struct err *e);
	void *arg;
};

/* Opens or makes the file, locks it, reads it. what names the kind of the
 * records in the heading ("fetch"). Another process that has it open is
 * ERR_TEMP; a file that is no journal of that kind is ERR_CONFIG. */
int journal_open(const char *path, const char *what,
    const struct journal_reader *reader, struct journal **j_r, struct err *e);

/* Gives all committed records once more. */
int journal_reread(
    struct journal *j, const struct journal_reader *reader, struct err *e);

/* Damaged lines that were passed over. */
size_t journal_damaged(const struct journal *j);

/* Adds a record to the group at hand. A line feed in it or more than
 * JOURNAL_RECORD_MAX octets is a bug of the caller: ERR_BUG at the commit. */
void journal_add(struct journal *j, struct slice record);
void journal_fmt(struct journal *j, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Makes the group durable. On failure the group is dropped and nothing of it
 * stays in the file. Nothing added: nothing done. */
int journal_commit(struct journal *j, struct err *e);

/* Writes the group without making it durable: it outlives this process, but
 * not a loss of power. The next commit makes up for it. */
int journal_write(struct journal *j, struct err *e);

/* What is added from here on goes into a new file, however much it is, and
 * takes the place of all records at journal_rotate(), or never. */
int journal_anew(struct journal *j, struct err *e);

/* Moves all records behind those of the file old, which is made if need be,
 * and leaves what was added since journal_anew() in their place: small again,
 * and old is read only by who needs all. Cut in the middle, some stand in
 * both. */
int journal_rotate(struct journal *j, const char *old, struct err *e);

/* Rewrites the file old: take() is given each record of it in turn, and adds to
 * out what shall stand there instead. It is replaced at once or, on failure,
 * not at all. */
struct journal_sifter {
	int (*take)(
	    void *arg, struct slice record, struct journal *out, struct err *e);
	void *arg;
};

int journal_sift(
    const char *old, const struct journal_sifter *sifter, struct err *e);

/* Gives the records of a file that somebody rotated into; one that is not
 * there has none. */
int journal_read_old(
    const char *old, const struct journal_reader *reader, struct err *e);

/* Closes and unlocks; what was not committed is dropped. */
void journal_free(struct journal **j);

/* Reads the records of a text (heading not included) up to its last line end;
 * returns the octets that whole lines take, or -1 when take() stopped. */
ptrdiff_t journal_scan(struct slice text, const struct journal_reader *reader,
    size_t *damaged, struct err *e);

#endif
