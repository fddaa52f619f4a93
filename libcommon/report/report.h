/* What a machine-made message tells, of whatever kind it is: one value for
 * bounces and delays (RFC 3464, 6533 and the texts of all others), complaints
 * (RFC 5965, 6591), receipts (RFC 8098), automatic replies (RFC 3834),
 * challenges, DMARC and TLS reports, and notices of sending services.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "report/dmarcreport.h"
#include "report/dsn.h"
#include "report/tlsreport.h"

#define REPORT_TEXTS_MAX   16          /* parts of text that are read */
#define REPORT_FILES_MAX   8           /* attachments that may be a report */
#define REPORT_INFLATE_MAX (25u << 20) /* octets of one, unpacked */

enum report_kind {
	REPORT_NONE,
	REPORT_BOUNCE,
	REPORT_DELAY,
	REPORT_SUCCESS,
	REPORT_ARF,
	REPORT_MDN,
	REPORT_AUTOREPLY,
	REPORT_CHALLENGE,
	REPORT_DMARC,
	REPORT_TLSRPT,
	REPORT_ESP
};

struct report {
	enum report_kind kind; /* a bounce's recipients may differ: see
	                        * report_kind_of() */
	const char *format;    /* "rfc3464", "text", ... */
	struct dsn d;          /* recipients and what is told of all */
	struct slice returned; /* header of the message that came back */
	bool forwarded;        /* a person sent it on: it counts for nothing */
	const char *why;       /* none, or what is wrong with it */

	struct slice feedback_type, source_ip; /* complaints */
	struct slice disposition;              /* receipts */
	struct slice auto_submitted;           /* as the header says */
	struct slice date;                     /* the same, of a mail */
	struct slice verp_to;   /* the address that the bounce came to, if it
	                         * tells something */
	struct slice verp_rcpt; /* the recipient in it */
	struct dmarcreport dmarc;
	struct tlsreport tls;
	struct report_rest *rest; /* private: report_more() */
};

struct report_options {
	size_t inflate;          /* octets; 0: REPORT_INFLATE_MAX */
	const struct rules *own; /* the user's, asked first, or null */
	const char *const *verp; /* patterns of report/verp, in order */
	size_t verp_count;       /* 0: the usual forms */
};

/* 0, or -1 for a header over the limits of msg/header. Everything lives in the
 * arena or is a view of the message. */
int report_read(struct slice message, const struct report_options *options,
    struct arena *a, struct report *r_r, struct err *e);

/* Of very many recipients DSN_AT_ONCE are there at a time: the next ones, in
 * place of those in r->d, with all that is made for them in a; false when there
 * are no more. */
bool report_more(struct report *r, struct arena *a);

/* What a recipient's line is: a delay or a success within a bounce. */
enum report_kind report_kind_of(
    const struct report *r, const struct dsn_recipient *v);
const char *report_kind_name(enum report_kind kind);

#endif
