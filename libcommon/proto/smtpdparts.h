/* What the files behind proto/smtpd.h share. Nobody else includes this.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPDPARTS_H
#define PROTO_SMTPDPARTS_H

#include "text/eol.h"

#include "proto/smtpd.h"

/* What became of a message as it came in. */
struct smtpd_intake {
	struct eol_undot lines;
	uint64_t size;
	bool dropped; /* nothing more is written: it is refused already */
};

struct smtpd {
	struct stream *s;
	const struct smtpd_plan *plan;
	struct arena helo, user; /* of env */
	struct arena mail;       /* the transaction */
	int64_t end;             /* of the session */
	struct smtpd_envelope env;
	struct smtpd_intake intake; /* of BDAT */
	size_t cap, dsn_cap;        /* of env.recipients, env.dsn */
	bool in_mail;               /* MAIL was accepted */
	bool any_rcpt;              /* RCPT was given since, accepted or not */
	bool chunks;                /* a message has begun with BDAT */
	bool behind; /* or was refused, and there are more chunks of it */
	bool done;   /* the session ends after what is said */
	unsigned errors;
};

/* Every command: its argument, without the SP in front. -1 only when the
 * connection is beyond use. */
int smtpd_mail(struct smtpd *d, struct slice arg, struct err *e);
int smtpd_rcpt(struct smtpd *d, struct slice arg, struct err *e);
int smtpd_data(struct smtpd *d, struct slice arg, struct err *e);
int smtpd_bdat(struct smtpd *d, struct slice arg, struct err *e);
int smtpd_starttls(struct smtpd *d, struct slice arg, struct err *e);
int smtpd_auth(struct smtpd *d, struct slice arg, struct err *e);

/* Parameters of MAIL and RCPT: 1, or 0 when the command was refused, or -1. */
int smtpd_mail_params(struct smtpd *d, struct slice arg, struct err *e);
int smtpd_rcpt_params(
    struct smtpd *d, struct slice arg, struct smtpd_dsn *dsn_r, struct err *e);

/* 501, and 0 or -1. */
int smtpd_bad_argument(struct smtpd *d, struct err *e, const char *text);

/* The call's answer goes to the client: 1 when it is positive, 0, -1. */
int smtpd_answered(
    struct smtpd *d, const struct smtpd_answer *a, struct err *e);

/* One reply; a code of 500 and more counts as an error of the client, too
 * many of which end the session; the embedding code's do not. 0 or -1. */
int smtpd_reply(struct smtpd *d, struct err *e, int code, const char *enhanced,
    const char *fmt, ...) PRINTF_LIKE(5, 6);
int smtpd_send(struct smtpd *d, const struct smtpd_answer *a, struct err *e);

/* The next line of at most SMTPD_LINE_MAX octets that a strict reader lets
 * pass: 1, 0 the session is over (told to the client), -1. A line that is too
 * long was read to its end and comes back empty with *long_r set. */
int smtpd_line(
    struct smtpd *d, struct slice *line_r, bool *long_r, struct err *e);

/* The deadline ms from now, or the end of the session before that. */
int64_t smtpd_by(const struct smtpd *d, int64_t ms);

/* Forgets the transaction (RSET, and after each message). */
void smtpd_reset(struct smtpd *d);

/* May mail be sent now, as far as TLS and login go? 1, or 0 after saying why
 * not, or -1. */
int smtpd_may_send(struct smtpd *d, struct err *e);

#endif
