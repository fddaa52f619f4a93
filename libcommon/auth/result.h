/* What was found out about a letter, as one value, and its three faces: an
 * Authentication-Results field (RFC 8601), JSON, and text for people.
 *
 *	struct result r = { .authserv_id = "mx.example.org" };
 *	m = result_add(&r, a, "dkim", "pass");
 *	result_prop(m, a, "header", "d", slice_str("example.org"));
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_RESULT_H
#define AUTH_RESULT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

#define RESULT_METHODS_MAX 256 /* methods of one field */
#define RESULT_PROPS_MAX   32  /* properties of one method */
#define RESULT_LINE        78  /* octets of a line we write, where it can be */

struct result_prop {
	const char *type; /* "smtp", "header", "body", "policy" */
	const char *name; /* "mailfrom", "d", ... */
	struct slice value;
};

struct result_method {
	const char *method;   /* "dkim", "spf", "dmarc", "arc", ... */
	const char *result;   /* lower case: "pass", "fail", ... */
	struct slice reason;  /* reason="...", or empty */
	struct slice comment; /* "(...)" after the result, or empty */
	struct result_prop *props;
	size_t prop_count, prop_cap;
};

/* Zero but for the authserv_id: no result at all. */
struct result {
	const char *authserv_id;
	struct result_method **methods;
	size_t count, cap;
};

/* Appends; method and result must outlive the value. The caller may set
 * reason and comment. */
struct result_method *result_add(
    struct result *r, struct arena *a, const char *method, const char *result);
void result_prop(struct result_method *m, struct arena *a, const char *type,
    const char *name, struct slice value);

/* "Authentication-Results: ..." folded, each line ending in CRLF. Values are
 * quoted where they must be; control octets become "?". */
void result_field(const struct result *r, struct buf *out);

/* An array of {"method", "result", "reason", "properties": {"header.d": ...}}.
 * A property given twice keeps the first value. */
struct json *result_json(const struct result *r);

/* One line a method: "dkim=pass header.d=example.org". */
void result_text(const struct result *r, struct buf *out);

/* The authserv-id of an existing Authentication-Results field's body, for
 * removing those that claim to be ours (RFC 8601 section 5): 1 and the id
 * (unquoted), 0 when the body is empty, -1 when it has none that can be read.
 */
int result_authserv_id(struct slice body, struct arena *a, struct slice *id_r);

/* Reads a whole field body into r (made in the arena): 1 read, 0 empty, -1 it
 * does not follow RFC 8601 section 2.2 (what was read so far stands in r). */
int result_read(
    struct slice body, struct arena *a, struct result *r, struct err *e);

#endif
