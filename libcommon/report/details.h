/* What the words of a server tell besides the reason: whose blocklist it was,
 * how long to wait, and the address of the server that refused.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_DETAILS_H
#define REPORT_DETAILS_H

#include "base/slice.h"

#define DETAILS_LOOK      2000             /* octets of a text that are read */
#define DETAILS_RETRY_MAX (7u * 24 * 3600) /* seconds; more is no such time */

/* The blocklist a text names ("zen.spamhaus.org" is "spamhaus"), or null. */
const char *details_blocklist(struct slice text);

/* Seconds of "try again in 5 minutes", "greylisted for 300 seconds"; 0: none.
 */
unsigned details_retry(struct slice text);

/* The IP address in "mx.example[192.0.2.1]", "mx.example (2001:db8::1)" or
 * "host mx.example [192.0.2.1]:25", the first in brackets; empty: none. */
struct slice details_ip(struct slice text);

#endif
