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

#define COMPOSE_FILES_MAX  500         /* attached; inline */
#define COMPOSE_HEADER_MAX (1u << 20)  /* octets of the message's header */
#define COMPOSE_TEXT_MAX   (64u << 20) /* octets of text, of HTML */

struct compose_list {
	const char *const *v;
	size_t n;
};

/* What the message shall be; texts are UTF-8, borrowed until compose_free().
 * Zero means: is not there. */
struct compose_plan {
	const char *from;                     /* "Name <a@b>", one or more */
	const char *sender;                   /* one; for several authors */
	struct compose_list to, cc, reply_to; /* "Name <a@b>, c@d" each */
	const char *subject;
	const char *date;         /* as it stands; else made */
	const char *message_id;   /* as it stands; else made */
	struct compose_list more; /* "Name: value" each */
	const char *text;         /* path, "-" is standard input */
	const char *html;         /* path, "-" likewise */
	struct slice text_bytes;  /* or the text itself, when text is null */
	struct slice html_bytes;
	struct compose_list attach;  /* "FILE[;type=T/S][;name=NAME]" each */
	struct compose_list inlined; /* "FILE[;cid=ID][;type=..][;name=..]" */
	bool smtputf8; /* addresses whose local part is UTF-8 stay as they
	                * are (RFC 6532); otherwise they are refused. The
	                * domains of all others become A-labels */
};

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
 * attachments multipart/mixed. */
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

/* The media type of a file's name by its ending; "application/octet-stream"
 * when it is not known. */
const char *compose_type_of(const char *name);

#endif
