/* What would be said to a server, without one: proto/smtp talks to a peer in
 * this process, which offers what most servers do and whatever the message asks
 * for, and takes everything. No address is looked up, no connection opened, no
 * password asked for.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_REHEARSE_H
#define FLOW_REHEARSE_H

#include "base/writer.h"

#include "proto/smtp.h"

#include "flow/connect.h"

/* What the peer offers, words with blanks between. */
#define REHEARSE_OFFERS                                                        \
	"PIPELINING SIZE 8BITMIME SMTPUTF8 ENHANCEDSTATUSCODES CHUNKING DSN "  \
	"DELIVERBY FUTURERELEASE MT-PRIORITY REQUIRETLS XCLIENT"

/* Writes to out each octet that the client would send from its EHLO (behind
 * TLS) to QUIT, but for the login and a PROXY header. results has one for each
 * recipient; -1 when the session came to nothing. */
int rehearse(const struct connect_plan *plan,
    const struct account_server *server, const struct smtp_mail *mail,
    const struct writer *out, struct smtp_result *results, struct arena *a,
    struct err *e);

#endif
