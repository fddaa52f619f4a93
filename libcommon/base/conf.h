/* The accounts file, mailtoolkit.conf(5): sections of keys and values, where
 * a key is a long option. The door of inih.
 *
 *	[*]                       ; for every account
 *	timeout = 30s
 *	[work]                    ; --account work
 *	user = me
 *	msend.host = smtp.example.org
 *	mfetch.host = imap.example.org
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/arena.h"
#include "base/err.h"
#include "base/opt.h"

#define CONF_FILE_MAX    (256u << 10) /* octets of the file */
#define CONF_LINE_MAX    190          /* octets of a line: inih's limit */
#define CONF_SECTION_MAX 48           /* octets of a section's name: as well */

struct conf_pair {
	const char *section, *key, *value;
	unsigned line; /* from 1 */
};

struct conf {
	const char *path;
	struct conf_pair *v; /* in the order of the file */
	size_t n, cap;
};

/* Reads the text; path names it in errors, which are ERR_CONFIG and say the
 * line. Everything is copied into the arena, secrets with it: arena_wipe(). */
int conf_parse(struct slice text, const char *path, struct arena *a,
    struct conf *c_r, struct err *e);

/* Reads the file: 1 done, 0 it is not there or out of reach (e says why), -1
 * bad. Refuses one that others may write to, and one that holds a password
 * which others may read. */
int conf_read(
    const char *path, struct arena *a, struct conf *c_r, struct err *e);

/* Who reads a section. */
struct conf_reader {
	const char *tool; /* takes the keys "tool.key" too, which win */
	const struct opt *table;
	const char *const *passed_over; /* keys that describe an account, which
	                                 * it may lack; ends in null */
	bool no_login; /* it has no use for those even where it has an option
	                * of that name: a server's --tls is another thing */
};

/* Sets what the section has for this tool: 1 done, 0 no such section, -1 a
 * key or value that is wrong (ERR_CONFIG: file, line and key). */
int conf_apply(const struct conf *c, const char *section,
    const struct conf_reader *reader, void *settings, struct arena *a,
    struct err *e);

/* The password that the section keeps for this tool, or null. Borrowed. */
const char *conf_password(
    const struct conf *c, const char *section, const char *tool);

#endif
