/* Composes a message: header fields, text, HTML, files inline and attached
 * (RFC 5322, 2045-2049, 2183, 2231, 2387, 2392, 6532), written as a stream
 * with memory flat. Its size is known before the first octet is written.
 *
 *	struct compose *c = NULL;
 *
 *	if (compose_new(&plan, &given, &c, e) < 0)
 *		return -1;
 *	r = compose_write(c, &writer, e);     compose_size(c) octets, CRLF
 *	compose_free(&c);
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_COMPOSE_H
#define MSG_COMPOSE_H

#include "base/given.h"
#include "base/writer.h"

#include "msg/compose_plan.h"

struct compose;

/* Checks everything, opens the files and makes the header; nothing is written
 * yet. Refuses: a file that cannot be read (ERR_NOINPUT), CR, LF or NUL in any
 * value, a header field that is no "Name: value" or that the message makes
 * itself (Bcc is never written: ERR_USAGE), an address that does not parse
 * (ERR_USAGE, naming field and address), no From. The clock and the random
 * octets of Message-ID and boundaries come from given.
 *
 * Text goes as 7bit where it can, else as quoted-printable or base64,
 * whichever is shorter; attachments as base64, with the type of their name's
 * ending and charset=utf-8 when they are text and valid UTF-8. Text and HTML
 * make multipart/alternative, inline files with HTML multipart/related,
 * attachments multipart/mixed. A picture that the HTML names by a relative
 * path goes inline and is named by its Content-ID instead; one that is not
 * there is ERR_NOINPUT, one not beside or below the HTML ERR_DATA. */
int compose_new(const struct compose_plan *plan, const struct given *given,
    struct compose **c_r, struct err *e);

/* Octets that compose_write() writes. */
uint64_t compose_size(const struct compose *c);

/* True when the header has UTF-8 addresses: SMTPUTF8 is needed. The message is
 * 7bit otherwise, with no line over 78 characters in what is made here and
 * none over 998 anywhere. */
bool compose_is_utf8(const struct compose *c);

/* Writes the message, CRLF, in pieces of at most 64 KiB. May be called again
 * (a second server is tried). A file that has changed its size meanwhile is
 * ERR_IO. */
int compose_write(struct compose *c, const struct writer *out, struct err *e);

void compose_free(struct compose **c);

#endif
