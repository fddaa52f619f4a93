/* Canonicalization of fields and bodies (RFC 6376 section 3.4), and the body
 * hash in one pass for any number of signatures. Line ends LF and CRLF, mixed
 * too, are read as CRLF; a bare CR is data.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_CANON_H
#define AUTH_CANON_H

#include "base/buf.h"
#include "base/io.h"

#include "crypt/digest.h"

#define CANON_BLOCK 8192       /* octets given on at once, about */
#define CANON_ALL   UINT64_MAX /* no limit to a body hash */
#define CANON_TEXT  sizeof("relaxed")

enum canon_mode { CANON_SIMPLE, CANON_RELAXED };

/* "simple", "relaxed". */
const char *canon_name(enum canon_mode mode);

/* Appends one whole field ("Name: value" with its folding, with or without its
 * line end) in canonical form, CRLF included (3.4.1, 3.4.2). */
void canon_field(enum canon_mode mode, struct slice field, struct buf *out);

/* A body (3.4.3, 3.4.4) given in pieces that end where a line ends, but for
 * the last; put() gets its canonical form in order. Set mode, put and to, the
 * rest zero. */
struct canon_body {
	enum canon_mode mode;
	void (*put)(void *to, const char *p, size_t n);
	void *to;
	uint64_t blank;          /* private: empty lines held back */
	bool started;            /* private: something was given on */
	size_t n;                /* private: octets in block */
	char block[CANON_BLOCK]; /* private */
};

void canon_body_add(struct canon_body *c, struct slice piece);
void canon_body_end(struct canon_body *c);

/* One body hash that somebody wants to know. */
struct canon_hash {
	enum canon_mode mode;
	enum digest_kind kind;
	uint64_t limit; /* hash only so many canonical octets: l=; CANON_ALL */
	uint64_t size;  /* out: octets of the whole canonical body */
	unsigned char sum[DIGEST_MAX]; /* out */
	struct digest digest;          /* private */
};

/* Fills in n hashes reading the body once. What was read of map, which may be
 * null, is taken out of memory on the way. */
int canon_hash_body(const struct io_map *map, struct slice body,
    struct canon_hash *h, size_t n, struct err *e);

#endif
