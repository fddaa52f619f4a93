/* DNS, one face: from the system's resolvers, from a resolver named, or from
 * master files, which never touch the network (net/zone).
 *
 *	struct dns_config c = { .given = &run.given };
 *	dns_new(&dns, &c, e);
 *	dns_query(dns, "_dmarc.example.org", DNS_TXT, &arena, &answer, e);
 *	if (dns_unknown(answer.status)) ... else if (answer.count) ...
 *
 * Names go in and come out in presentation form (RFC 1035 section 5.1) without
 * the last dot, "." for the root; "\." is a dot within a label, "\DDD" any
 * octet. A failed lookup is an answer with its status, not an error: unknown
 * and missing are never the same. A struct dns is used by many threads at
 * once; equal questions in flight are asked once and answers kept for their
 * TTL. Built on RFC 1034, 1035, 2181, 2308, 6891 and 7766.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/given.h"

#include "net/dnsanswer.h"

#define DNS_WAIT 8000 /* ms for one question with all its tries */

struct dns_config {
	const char *const *zones; /* master files; then nothing is asked of
	                           * the network. One alone may be a recording
	                           */
	size_t zone_count;
	const char *const *overlays; /* master files whose records stand before
	                              * all others, whatever answers the rest */
	size_t overlay_count;
	const char *resolver; /* ADDR, ADDR:PORT, [ADDR]:PORT; null: those of
	                       * resolv.conf */
	bool offline;         /* nobody is asked: all names but those of the
	                       * overlays are outside */
	int64_t timeout;      /* ms for one question, 0: DNS_WAIT */
	uint64_t rate;        /* questions a second at most, 0: as they come */
	const char *record;   /* file that all answers of the network go to;
	                       * borrowed */
	bool trust_ad;        /* the path to the resolver is trusted: loopback
	                       * is anyway (RFC 6840 section 5.7) */
	const char *anchors;  /* file of keys that libunbound validates the
	                       * network's answers from; null: nobody does */
	const struct given *given; /* randomness and trace; outlives the dns */
};

struct dns;

/* ERR_DATA or ERR_NOINPUT: a master file ("FILE:LINE: why"); ERR_USAGE: the
 * resolver's address; ERR_CONFIG: no resolver known. Opens no socket yet. */
int dns_new(struct dns **d_r, const struct dns_config *c, struct err *e);
void dns_free(struct dns **d);

/* Ends the recording: -1 when the file is not whole. Without one, nothing. */
int dns_record_end(struct dns *d, struct err *e);

/* Asks and waits. The answer's memory is the arena's. -1 only when the
 * question cannot be asked: a name that is none (ERR_DATA), or the system
 * gives no socket. */
int dns_query(struct dns *d, const char *name, enum dns_type type,
    struct arena *a, struct dns_answer *r, struct err *e);

/* Adds master-file text to the overlays; before the first question. name
 * stands for it in errors. */
int dns_overlay(
    struct dns *d, struct slice text, const char *name, struct err *e);

/* Forgets them all; while nobody asks. */
void dns_overlay_clear(struct dns *d);

/* Answers come from master files: no question costs anything. */
bool dns_is_offline(const struct dns *d);

/* That an answer is not secure means something: its path is trusted, or one of
 * the master files is signed. */
bool dns_is_trusted(const struct dns *d);

struct dns_question {
	const char *name;
	enum dns_type type;
	struct dns_answer answer; /* filled in */
};

/* The same for many at once: all are in flight together, and it returns when
 * the last is answered. A name that is none is DNS_NXDOMAIN here. */
int dns_query_all(struct dns *d, struct dns_question *q, size_t n,
    struct arena *a, struct err *e);

#define DNS_EACH_MAX 16 /* servers asked for themselves */

/* Asks each of the servers for itself, all at once, and keeps nothing: q has
 * count times n questions, those of the first server first; names must be
 * names. port: 0 is 53. CNAMEs are followed only as far as the answer does.
 * count is at most DNS_EACH_MAX. */
int dns_query_each(struct dns *d, const struct ip *servers, size_t count,
    unsigned port, struct dns_question *q, size_t n, struct arena *a,
    struct err *e);

/* This machine has a way there at all: not so to IPv6 without a route. */
bool dns_has_way(const struct ip *server);

/* Names below one that have hosts' records, and those whose first label is
 * "_dmarc", at most max, in no order that means anything; none of them is the
 * network's: 0 then. */
size_t dns_names_below(struct dns *d, const char *top, size_t max,
    struct arena *a, const struct dns_below **names_r);

/* True when the text can be asked as a name: labels of 1..63 octets, 255 in
 * all, escapes in order. */
bool dns_name_ok(const char *name);

/* Both names are the same, ASCII case ignored, a last dot too. */
bool dns_name_equal(const char *a, const char *b);

/* child is parent or lies below it. */
bool dns_name_under(const char *child, const char *parent);

/* Octets that are to be a name, dots between labels, as presentation form:
 * everything but printable ASCII, and the backslash, is escaped. */
char *dns_name_escape(struct slice raw, struct arena *a);

/* The name for a PTR query: "4.3.2.1.in-addr.arpa" (RFC 1035 section 3.5),
 * nibbles under ip6.arpa (RFC 3596 section 2.5). */
char *dns_reverse_name(const struct ip *ip, struct arena *a);

#endif
