/* Content on its way to the wire: CRLF, dots doubled (RFC 5321 sections 2.3.8
 * and 4.5.2), and nothing let through that two servers could read in two ways:
 * a bare CR, a NUL, a line over EOL_LINE_MAX.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPDATA_H
#define PROTO_SMTPDATA_H

#include "base/writer.h"

#include "text/eol.h"

/* A filter in front of another writer; out and before are the caller's. */
struct smtpdata {
	const struct writer *out;
	void (*before)(void *arg); /* called before every write; may be null */
	void *arg;
	struct eol_walk walk; /* { .dots = true } */
	uint64_t line;        /* private: full lines so far */
	size_t line_octets;   /* private: of the line being written */
	bool cr;              /* private: the last octet was a CR */
};

void smtpdata_init(struct smtpdata *d, const struct writer *out);

/* The writer that content goes into; ERR_DATA, naming the line, for what does
 * not pass. */
struct writer smtpdata_writer(struct smtpdata *d);

/* Ends the last line; the dot is the caller's. */
int smtpdata_end(struct smtpdata *d, struct err *e);

#endif
