/* The fields of MTA-STS and TLS-RPT records (RFC 8461 section 3.1, RFC 8460
 * section 3): no white space around "=", extensions with names of their own.
 *
 *	text-record = version 1*(field-delim field) [field-delim]
 *	field-delim = *WSP ";" *WSP
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_TXTFIELDS_H
#define AUTH_TXTFIELDS_H

#include "base/slice.h"

#define TXTFIELDS_MAX      64 /* fields of one record that are read */
#define TXTFIELDS_NAME_MAX 32 /* octets of a name */

enum txtfield_wrong {
	TXTFIELD_GOOD,
	TXTFIELD_EMPTY, /* nothing between two ";" */
	TXTFIELD_SHAPE, /* no "=", or blanks around it */
	TXTFIELD_NAME,
	TXTFIELD_VALUE, /* empty, or an octet that may not stand there */
	TXTFIELD_TWICE  /* the name came before */
};

struct txtfield {
	struct slice name, value;
	enum txtfield_wrong wrong;
	size_t span[2]; /* octets of the record: first, one behind */
};

struct txtfields {
	struct txtfield field[TXTFIELDS_MAX];
	size_t n;
};

/* True when text is version ("v=STSv1"), and behind it blanks and ";", or
 * nothing; then all fields are read. A value's "=" is let pass when
 * value_equals (URIs). */
bool txtfields_read(struct slice text, const char *version, bool value_equals,
    struct txtfields *r);

/* The first field of the name that is good, or null. */
const struct txtfield *txtfields_find(
    const struct txtfields *f, const char *name);

#endif
