/* Questions asked through libunbound, which validates the answers itself
 * (RFC 4035) from keys in a file, instead of believing a resolver's AD bit.
 * Door of libunbound; a build without it refuses dnsvalid_new().
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSVALID_H
#define NET_DNSVALID_H

#include "net/dnsask.h"

#define DNSVALID_FILE_MAX (1u << 20) /* octets of a file of keys */

struct dnsvalid;

/* anchors: DS or DNSKEY records as in a master file, "root.key". The servers
 * of the plan are asked; they must hand signatures out. ERR_UNAVAILABLE: the
 * build lacks the library; ERR_NOINPUT, ERR_DATA: the file. Asks nobody yet. */
int dnsvalid_new(struct dnsvalid **v_r, const char *anchors,
    const struct dnsask_plan *plan, struct err *e);
void dnsvalid_free(struct dnsvalid **v);

/* Waits for all answers, as long as the plan says: an AD bit says that one was
 * validated; of one that does not validate nothing is left but DNS_BOGUS. Many
 * threads may ask. */
void dnsvalid_ask(struct dnsvalid *v, struct dnsask_question *q, size_t n);

#endif
