/* XML, read element by element: the door of expat. A document type, an entity
 * and a depth beyond XML_DEPTH_MAX are refused, prefixes of namespaces taken
 * off.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_XML_H
#define TEXT_XML_H

#include "base/err.h"
#include "base/slice.h"

#define XML_DEPTH_MAX 16

/* Each gives null, or why the document is refused. Names and attributes
 * (name and value in turn, then null) hold during the call. */
struct xml_calls {
	const char *(*start)(void *arg, const char *name, const char **atts);
	const char *(*text)(void *arg, struct slice text); /* a piece of it */
	const char *(*end)(void *arg, const char *name);
};

/* Reads a document, which may have a byte order mark and blanks in front.
 * ERR_DATA: "refused: " and why, or what is broken and where; ERR_UNAVAILABLE:
 * this build has no expat. */
int xml_read(
    struct slice in, const struct xml_calls *calls, void *arg, struct err *e);

#endif
