/* DNS messages: questions made, answers read (RFC 1035 section 4, RFC 2308,
 * RFC 6891, RFC 8914). The reader is our own and not libresolv's ns_parserr():
 * that one counts in int, escapes names in its own way and knows nothing of
 * the bounds of one record's data once a name in it is compressed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSWIRE_H
#define NET_DNSWIRE_H

#include "base/buf.h"

#include "net/dnsanswer.h"
#include "net/dnsname.h"

#define DNSWIRE_MESSAGE_MAX 65535 /* octets of a message */
#define DNSWIRE_HEADER      12    /* octets */

/* Response codes (RFC 1035 section 4.1.1, RFC 6891 section 9). */
enum dnswire_rcode {
	DNSWIRE_NOERROR = 0,
	DNSWIRE_FORMERR = 1,
	DNSWIRE_SERVFAIL = 2,
	DNSWIRE_NXDOMAIN = 3,
	DNSWIRE_NOTIMP = 4,
	DNSWIRE_REFUSED = 5,
	DNSWIRE_BADVERS = 16
};

struct dnswire_header {
	uint16_t id;
	bool response, truncated, authentic, recursive; /* QR TC AD RA */
	unsigned rcode;                                 /* its low four bits */
	unsigned counts[4]; /* questions, answers, authority, additional */
};

/* One record as it stands in a message. */
struct dnswire_rr {
	struct dnsname owner;
	unsigned section; /* 1 answer, 2 authority, 3 additional */
	unsigned type, class;
	uint32_t ttl;
	size_t at, n; /* its data */
};

struct dnswire_reader {
	struct slice msg;
	struct dnswire_header h;
	size_t at;
	unsigned section, left; /* records left of the section */
};

/* Appends a question for name and type in class IN, recursion and AD wanted;
 * with an OPT record of DNS_UDP_SIZE when edns. */
void dnswire_question(struct buf *out, uint16_t id, const struct dnsname *name,
    enum dns_type type, bool edns);

/* Reads the header and the question: true when msg is a response with that
 * id to that very question. */
bool dnswire_matches(struct slice msg, uint16_t id, const struct dnsname *name,
    enum dns_type type, struct dnswire_header *h_r);

/* Reads header and question section; false when they are broken. */
bool dnswire_start(struct dnswire_reader *r, struct slice msg);

/* The next record: 1 got one, 0 end, -1 broken. */
int dnswire_next(struct dnswire_reader *r, struct dnswire_rr *rr);

/* The data of a record of one of the types of net/dns: n octets at `at` of
 * msg. false when it is broken. Text stays a view into msg. */
bool dnswire_record(struct slice msg, size_t at, size_t n, unsigned type,
    struct arena *a, struct dns_record *r);

/* Keeps marks of enum dns_mark (DNS_BY_TCP, DNS_NO_EDNS, DNS_CLAIMED) in bits
 * of a whole response that mean nothing to dnswire_answer() otherwise: TC, CD
 * and Z. What the server had there goes. */
void dnswire_put_marks(struct buf *message, unsigned marks);

/* What a whole response says about name and type: follows the CNAMEs that
 * stand in it. When it ends in a CNAME whose target it says nothing about,
 * *open_r is true and r->name is what to ask next. Broken messages and
 * referrals are DNS_SERVFAIL. r->secure is the AD bit, r->marks what
 * dnswire_put_marks() left. Text stays a view into
 * msg; the rest is the arena's. */
void dnswire_answer(struct slice msg, const struct dnsname *name,
    enum dns_type type, struct arena *a, struct dns_answer *r, bool *open_r);

#endif
