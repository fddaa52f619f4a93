/* What DNS answers: types, statuses and records, the same whether a resolver
 * or a master file gave them (RFC 1035, 2782, 3596, 6698, 8659).
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSANSWER_H
#define NET_DNSANSWER_H

#include "base/slice.h"

#include "net/ip.h"

#define DNS_CHAIN_MAX   10   /* CNAMEs followed; more is DNS_SERVFAIL */
#define DNS_RECORDS_MAX 4096 /* records of one answer that are read */
#define DNS_STRINGS_MAX 512  /* character-strings of one TXT record */
#define DNS_UDP_SIZE    1232 /* EDNS buffer size we advertise */
#define DNS_NAME_TEXT   1024 /* longest name in presentation form and NUL */

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DS = 43,
	DNS_RRSIG = 46,
	DNS_DNSKEY = 48,
	DNS_NSEC3PARAM = 51,
	DNS_TLSA = 52,
	DNS_SPF = 99,
	DNS_CAA = 257,
	/* Added to a type: the signatures over its records instead, as raw
	 * RRSIG. Asked so, a resolver passes on what it finds bogus (RFC 4035
	 * section 3.2.2, 3.2.1: DO and CD). */
	DNS_SIGS = 1 << 16
};

#define DNS_SIGS_OF(type) ((enum dns_type)((type) | DNS_SIGS))
#define DNS_PLAIN(type)   ((enum dns_type)((type) & ~(unsigned)DNS_SIGS))

enum dns_status {
	DNS_OK,       /* at least one record of the type */
	DNS_NXDOMAIN, /* the name does not exist, nor anything below it */
	DNS_NODATA,   /* the name exists without records of the type */
	DNS_SERVFAIL, /* the server failed, or answered nonsense */
	DNS_REFUSED,
	DNS_TIMEOUT,
	DNS_BOGUS /* DNSSEC validation failed (RFC 8914 says so) */
};

/* What happened on the way to an answer. */
enum dns_mark {
	DNS_BY_TCP = 1 << 0,     /* it did not fit into a datagram */
	DNS_TCP_FAILED = 1 << 1, /* nor could it be had by TCP */
	DNS_NO_EDNS = 1 << 2,    /* the server takes no EDNS */
	DNS_CLAIMED = 1 << 3,    /* said to be validated, by who knows whom */
	/* Of master files only: */
	DNS_BESIDE_CNAME = 1 << 4, /* a CNAME stands at the same name */
	DNS_TWICE = 1 << 5,        /* equal records stand there twice */
	DNS_TOO_LONG = 1 << 6      /* a string of the file is over 255 octets:
	                            * some servers refuse it */
};

struct dns_record {
	union {
		struct ip ip;     /* A, AAAA */
		const char *name; /* NS, CNAME, PTR */
		struct {
			const char *name;
			unsigned preference;
		} mx;
		struct {
			struct slice text;     /* the strings, joined */
			struct slice *strings; /* as they stand */
			size_t n;
		} txt; /* TXT, SPF */
		struct {
			const char *mname, *rname;
			uint32_t serial, refresh, retry, expire, minimum;
		} soa;
		struct {
			unsigned priority, weight, port;
			const char *target;
		} srv;
		struct {
			unsigned usage, selector, matching;
			struct slice data;
		} tlsa;
		struct {
			unsigned flags;
			struct slice tag, value;
		} caa;
		struct slice raw; /* DS, RRSIG, DNSKEY, NSEC3PARAM */
	};
};

struct dns_answer {
	enum dns_status status;
	bool secure;      /* all of it validated, over a path that is trusted */
	bool outside;     /* master files only: NXDOMAIN, but none of the files
	                   * speaks for this name (they have SOAs, none above it) */
	bool wildcard;    /* master files only: made from a wildcard */
	unsigned marks;   /* of enum dns_mark, of all steps */
	uint32_t took;    /* ms until it was there, when asked alone */
	uint32_t ttl;     /* smallest of all records used, seconds */
	const char *name; /* where the records stand: the end of the chain */
	const char **chain; /* targets of the CNAMEs followed, in order */
	size_t chain_count;
	struct dns_record *records;
	size_t count; /* 0 unless status is DNS_OK */
};

/* A name of master files. */
struct dns_below {
	const char *name;
	bool host; /* it has records of hosts: A, AAAA, MX */
};

/* Neither yes nor no: ask again later. */
bool dns_unknown(enum dns_status s);

/* "ok", "nxdomain", "nodata", "servfail", "refused", "timeout", "bogus" */
const char *dns_status_name(enum dns_status s);

/* "A", "MX", ..., with DNS_SIGS or not; "TYPE123" is not made: null for what
 * we do not know. */
const char *dns_type_name(enum dns_type t);

/* The number of "TXT", any case; 0 for what we do not know. */
unsigned dns_type_number(struct slice name);

#endif
