/* tag=value lists (RFC 6376 section 3.2) of DKIM, DMARC, ARC, MTA-STS and
 * TLS-RPT records.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_TAGLIST_H
#define TEXT_TAGLIST_H

#include "base/err.h"
#include "base/slice.h"

#define TAGLIST_MAX 64 /* tags in one list */

/* Both are trimmed views into the record; the offsets count from its start. */
struct tag {
	struct slice name;
	struct slice value; /* FWS inside stays */
	size_t name_at;
	size_t value_at;
};

struct taglist {
	size_t n;
	struct tag tag[TAGLIST_MAX];
};

/*	tag-list  =  tag-spec *( ";" tag-spec ) [ ";" ]
 *	tag-spec  =  [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 *
 * ERR_DATA, naming tag and offset, on: no "=", a name that is no
 * ALPHA *ALNUMPUNC, a value with other octets than VALCHAR and FWS (UTF-8
 * passes), an empty tag-spec between two ";", a name that came before (case
 * counts), more than TAGLIST_MAX. On failure the tags read so far stay. */
int taglist_parse(struct slice record, struct taglist *list_r, struct err *e);

/* Null when there is no such tag; case counts. */
const struct tag *taglist_find(const struct taglist *list, const char *name);

/* The value of a tag, or absent. */
struct slice taglist_get(
    const struct taglist *list, const char *name, const char *absent);

/* Takes the next item of a list inside a value ("a:b:c", "a,b"), trimmed;
 * false at the end. */
bool taglist_item(struct slice *value, int separator, struct slice *item_r);

#endif
