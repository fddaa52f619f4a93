/* The reading half of proto/imap: one response after the other, literals
 * streamed, untagged data put where the command at hand wants it. Only
 * proto/imap.c and the fuzzer include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPREAD_H
#define PROTO_IMAPREAD_H

#include "proto/imapparts.h"

/* The first response: 0 for OK and PREAUTH. */
int imapread_greeting(struct imap *m, struct err *e);

/* Reads until a command completes or the server wants more from us. A tag we
 * have not sent and a BYE are errors. */
int imapread_reply(struct imap *m, struct imapparts_reply *r, struct err *e);

/* Reads one untagged response: 1 when it is news of a mailbox, else 0. */
int imapread_news(struct imap *m, struct err *e);

#endif
