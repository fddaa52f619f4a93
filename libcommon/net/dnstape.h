/* Recordings of DNS: every answer of a run, each in a line, from which the run
 * can be played again without the network. To readers of master files the
 * lines are comments.
 *
 *	head   = ";@ RECORDING" SP ( "trusted" / "untrusted" )
 *	answer = ";@ ANSWER" SP status SP type SP name SP message
 *
 * status and type are numbers (enum dns_status, enum dns_type), message is
 * base64 of RFC 1035's form, "-" for none.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSTAPE_H
#define NET_DNSTAPE_H

#include "base/err.h"

#include "net/dnsanswer.h"
#include "net/dnsname.h"

#define DNSTAPE_LINE_MAX 98304 /* octets */

struct dnstape;

/* Starts a recording in the file, which is made or emptied; the path is
 * borrowed. trusted: what resolvers say about DNSSEC counts. */
int dnstape_new(
    struct dnstape **t_r, const char *path, bool trusted, struct err *e);

/* Adds an answer; safe from many threads. A failed write is told at the end. */
void dnstape_add(struct dnstape *t, const struct dnsname *name,
    enum dns_type type, enum dns_status status, struct slice message);

/* Ends it: -1 when the file is not whole. Null is fine. */
int dnstape_end(struct dnstape **t, struct err *e);

/* The text is a recording. */
bool dnstape_is(struct slice text);

/* Calls add for each answer: 0, or ERR_DATA "line N: why". */
int dnstape_read(struct slice text, bool *trusted_r,
    void (*add)(const struct dnsname *name, enum dns_type type,
	enum dns_status status, struct slice message, void *arg),
    void *arg, struct err *e);

#endif
