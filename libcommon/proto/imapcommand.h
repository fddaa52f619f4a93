/* Sending IMAP commands, and waiting for what becomes of them. Only the parts
 * of proto/imap include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPCOMMAND_H
#define PROTO_IMAPCOMMAND_H

#include "proto/imaplex.h"
#include "proto/imapread.h"
#include "proto/imaptake.h"

/* Sends "tag SP text CRLF"; shown (null: text itself) goes into the trace. */
int imapcommand_send(
    struct imap *m, struct slice text, const char *shown, struct err *e);

/* Reads until the last command sent completes. */
int imapcommand_finish(
    struct imap *m, struct imapparts_reply *r, struct err *e);

/* What came is no answer to anything. */
int imapcommand_unexpected(
    const struct imap *m, const struct imapparts_reply *r, struct err *e);

/* A command and its completion; kind is what a NO without a telling code
 * means. */
int imapcommand_run(struct imap *m, enum err_kind kind, struct err *e,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE; false for CR, LF and NUL, which it
 * cannot hold. */
bool imapcommand_quote(struct buf *out, struct slice s);

/* A mailbox name as it goes over the wire, quoted, in the arena, until the
 * next response; kept when it is no UTF-8 that could be encoded. Null with e
 * filled for one that cannot be. */
const char *imapcommand_name(struct imap *m, const char *name, struct err *e);

#endif
