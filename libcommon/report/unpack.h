/* A file that may be packed: gzip (RFC 1952), zip, or as it is, told by its
 * first octets, never by what somebody calls it. The door of zlib and libzip.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_UNPACK_H
#define REPORT_UNPACK_H

#include "base/buf.h"
#include "base/err.h"

#define UNPACK_MEMBERS_MAX                                                     \
	10 /* of a zip; the first of XML or JSON is taken                      \
	    */

/* Appends the content to out, whose maximum bounds it. ERR_DATA: broken, or
 * larger than that; ERR_UNAVAILABLE: a zip, and this build has no libzip. */
int unpack(struct slice in, struct buf *out, struct err *e);

/* True when the first octets are those of gzip or zip. */
bool unpack_is_packed(struct slice in);

#endif
