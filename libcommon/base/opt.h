/* One table of options per tool: it parses argv, prints --help, generates the
 * completions, is held against the manual page by a test, and gives the keys
 * of the accounts file. Long options are GNU's: --name=value, --name value,
 * unambiguous prefixes; letters may be grouped; "--" ends the options;
 * options and operands may be mixed.
 *
 *	struct settings { bool quiet; const char *from; struct opt_list to; };
 *	static const struct opt options[] = {
 *		OPT_HEAD("Envelope"),
 *		OPT_TEXT('f', "from", struct settings, from, "ADDR",
 *		    "envelope sender"),
 *		OPT_MANY(0, "to", struct settings, to, "ADDR", "recipient"),
 *		OPT_FLAG('q', "quiet", struct settings, quiet, "say nothing"),
 *		OPT_DONE,
 *	};
 *
 * A tool's table may end in OPT_MORE(another table, offset of its struct in
 * this one): how tools share the options of mailtoolkit(7).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum opt_kind {
	OPT_KIND_DONE,
	OPT_KIND_HEAD,     /* a heading of --help */
	OPT_KIND_MORE,     /* another table follows here */
	OPT_KIND_FLAG,     /* bool */
	OPT_KIND_COUNT,    /* unsigned, + 1 each time: -vv */
	OPT_KIND_TEXT,     /* const char *, borrowed from argv or the arena */
	OPT_KIND_MANY,     /* struct opt_list, in the order given */
	OPT_KIND_NUMBER,   /* uint64_t, 0..max */
	OPT_KIND_SIZE,     /* uint64_t octets; suffixes k, M, G (1024) */
	OPT_KIND_DURATION, /* int64_t milliseconds; 30s (default), 500ms, 5m,
	                    * 2h, 14d */
	OPT_KIND_CHOICE    /* const char *, one of arg, "a|b|c" */
};

#define OPT_HIDDEN                                                             \
	1u /* not in --help (but in the manual and the completions); not       \
	    * abbreviated */
#define OPT_NO_CONF 2u /* not a key of the accounts file */
#define OPT_SECRET                                                             \
	4u           /* a key of the accounts file, never on a command line    \
	              */
#define OPT_BRIEF 8u /* --help only names it: the manual explains it */
#define OPT_EMPTY                                                              \
	16u /* of texts: '' means something, and is not a value forgotten */
#define OPT_FROM_1 32u /* of numbers and sizes: 0 is refused */

struct opt_list {
	const char **v;
	size_t n, cap;
};

struct opt {
	enum opt_kind kind;
	int letter;       /* 0: none */
	const char *name; /* of the long option, or the heading */
	const char *arg;  /* how --help calls the value: FILE and DIR complete
	                   * as such, "a|b|c" to those words */
	const char *help; /* a few words, small, no full stop */
	size_t at;        /* offset of the field in the tool's struct */
	uint64_t max;     /* for numbers and sizes; 0: no maximum */
	unsigned flags;
	const struct opt *more;
};

#define OPT_DONE                                                               \
	{                                                                      \
		.kind = OPT_KIND_DONE                                          \
	}
#define OPT_HEAD(title)                                                        \
	{                                                                      \
		.kind = OPT_KIND_HEAD, .name = (title)                         \
	}
#define OPT_MORE(table, type, field)                                           \
	{                                                                      \
		.kind = OPT_KIND_MORE, .more = (table),                        \
		.at = offsetof(type, field)                                    \
	}
#define OPT_ROW(k, l, n, type, field, a, h)                                    \
	{                                                                      \
		.kind = (k), .letter = (l), .name = (n), .arg = (a),           \
		.help = (h), .at = offsetof(type, field)                       \
	}
#define OPT_FLAG(l, n, type, field, h)                                         \
	OPT_ROW(OPT_KIND_FLAG, l, n, type, field, NULL, h)
#define OPT_COUNT(l, n, type, field, h)                                        \
	OPT_ROW(OPT_KIND_COUNT, l, n, type, field, NULL, h)
#define OPT_TEXT(l, n, type, field, a, h)                                      \
	OPT_ROW(OPT_KIND_TEXT, l, n, type, field, a, h)
#define OPT_MANY(l, n, type, field, a, h)                                      \
	OPT_ROW(OPT_KIND_MANY, l, n, type, field, a, h)
#define OPT_NUMBER(l, n, type, field, a, h)                                    \
	OPT_ROW(OPT_KIND_NUMBER, l, n, type, field, a, h)
#define OPT_SIZE(l, n, type, field, a, h)                                      \
	OPT_ROW(OPT_KIND_SIZE, l, n, type, field, a, h)
#define OPT_DURATION(l, n, type, field, a, h)                                  \
	OPT_ROW(OPT_KIND_DURATION, l, n, type, field, a, h)
#define OPT_CHOICE(l, n, type, field, a, h)                                    \
	OPT_ROW(OPT_KIND_CHOICE, l, n, type, field, a, h)

/* Fills the tool's struct from argv, which ends in a null and is borrowed.
 * Operands go to rest_r, in order; of an option that was given more than once
 * the last one wins. A flag may be turned off by "--name=no". Anything wrong
 * is ERR_USAGE and names the option. */
int opt_parse(const struct opt *table, int argc, char **argv, void *settings,
    struct opt_list *rest_r, struct arena *a, struct err *e);

/* One key and value of the accounts file: ERR_CONFIG when the table has no
 * such long option, or it is OPT_NO_CONF. Flags take yes, no, true, false. */
int opt_set(const struct opt *table, const char *name, const char *value,
    void *settings, struct arena *a, struct err *e);

/* True when opt_set() would know the key. */
bool opt_has(const struct opt *table, const char *name);

/* Appends to a list that lives in the arena. */
void opt_list_add(struct opt_list *l, const char *s, struct arena *a);

/* The option part of --help, a screen of 80 columns. */
void opt_help(const struct opt *table, struct buf *out);

/* A completion script for shell "bash", "zsh" or "fish"; ERR_USAGE for any
 * other. */
int opt_completion(const struct opt *table, const char *tool, const char *shell,
    struct buf *out, struct err *e);

/* One line an option: "-l<TAB>--name<TAB>ARG<TAB>hidden" ("-" for what is not
 * there): what tests/lint/options reads. */
void opt_list_all(const struct opt *table, struct buf *out);

#endif
