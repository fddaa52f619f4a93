/* What shall be fetched from where, and what is told about it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHPLAN_H
#define FLOW_FETCHPLAN_H

#include "base/given.h"

#include "net/dial.h"
#include "net/tls.h"

#define FETCH_SIZE_MAX (1ull << 30) /* octets of a message, unless told */

enum fetch_protocol { FETCH_IMAP, FETCH_POP3 };

enum fetch_tls {
	FETCH_TLS_IMPLICIT, /* from the first octet */
	FETCH_TLS_START,    /* STARTTLS or STLS, demanded */
	FETCH_TLS_MAY,      /* the same, if it is offered */
	FETCH_TLS_OFF
};

enum fetch_outcome {
	FETCH_NEW,       /* would be fetched (dry run) */
	FETCH_FETCHED,   /* is here, durably */
	FETCH_KNOWN,     /* the same content came before under another name */
	FETCH_TOO_LARGE, /* over the maximum, passed over */
	FETCH_REFUSED,   /* the server would not give it */
	FETCH_NOT_TAKEN  /* the command did not take it */
};

struct fetch_result {
	enum fetch_outcome outcome;
	uint32_t uid;      /* IMAP; 0: none */
	struct slice uidl; /* POP3; empty: none */
	uint64_t size;     /* octets on the wire */
	const char *path;  /* or null */
};

struct fetch_totals {
	uint64_t wanted;  /* messages that were new to us */
	uint64_t fetched; /* of those, by now */
	uint64_t octets;  /* on the wire */
	uint64_t known, passed_over;
};

struct fetch_plan {
	enum fetch_protocol protocol;
	enum fetch_tls tls;
	struct dial_target server;
	struct tls_want want;
	const char *user;
	struct slice password;
	const char *mailbox;  /* IMAP, UTF-8 */
	const char *target;   /* see store/sink.h */
	char *const *environ; /* of its command, */
	int command_out;      /* and that one's standard output */
	const char *state;    /* file */
	uint64_t size_max;    /* octets of a message; 0: FETCH_SIZE_MAX */
	uint64_t limit;       /* messages of this run; 0: all */
	bool dry_run;         /* say what is new, and change nothing */
	int64_t timeout;      /* ms that the server may stay silent */
	const struct given *given;

	/* One message at a time, after it is durable. */
	void (*result)(void *arg, const struct fetch_result *r);
	/* Now and then. May be null. */
	void (*progress)(void *arg, const struct fetch_totals *t);
	/* Something a person should know. */
	void (*remark)(void *arg, const char *text);
	/* Asked between messages; true ends the run. May be null. */
	bool (*stopping)(void *arg);
	void *arg;
};

/* A folder of an IMAP account. */
struct fetch_folder {
	struct slice name; /* UTF-8 where it can be */
	int separator;     /* -1: none */
	bool selectable;
};

#endif
