/* Signs a message with DKIM on its way out: it is written once to see what is
 * signed, then with the signature before it. Memory is flat, however large the
 * message.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_SIGN_H
#define FLOW_SIGN_H

#include "proto/smtp.h"

#include "auth/dkim.h"

struct sign {
	int (*content)(void *arg, const struct writer *out, struct err *e);
	void *arg;
	struct slice field; /* DKIM-Signature, in the arena */
};

/* Signs the mail as it is: content and size are those of the signed one
 * afterwards, and to_7bit is null. ERR_DATA
 * for a message that dkim_sign() refuses or that has 8-bit text, which a
 * server may have to change. s lives as long as the mail. */
int sign_mail(struct smtp_mail *mail, const struct dkim_plan *plan,
    struct sign *s, struct arena *a, struct err *e);

#endif
