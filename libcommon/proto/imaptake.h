/* What responses mean (proto/imap's own): what an untagged one does, what its
 * code tells, what a refusal is.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPTAKE_H
#define PROTO_IMAPTAKE_H

#include "proto/imapparts.h"

int imaptake_untagged(struct imap *m, struct err *e);
int imaptake_bye(struct imap *m, struct slice text);
void imaptake_code(struct imap *m, struct slice text);

/* NO and BAD as an error: kind is for a NO whose code tells nothing. */
int imaptake_refused(const struct imapparts_reply *r, enum err_kind kind,
    const char *command, struct err *e);

#endif
