/* What shall be fetched from where, and what is told about it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHPLAN_H
#define FLOW_FETCHPLAN_H

#include "base/given.h"

#include "net/dial.h"
#include "net/tls.h"

#include "proto/sasl.h"

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
	FETCH_NOT_TAKEN, /* the command did not take it */
	FETCH_FLAGS,     /* mirror: other flags than before */
	FETCH_EXPUNGED   /* mirror: gone there, and now here */
};

/* What becomes of a message on the server once it is durable here. */
enum fetch_after {
	FETCH_KEEP,
	FETCH_DELETE,
	FETCH_MOVE, /* to another mailbox there */
	FETCH_SEEN  /* is marked as read */
};

struct fetch_result {
	enum fetch_outcome outcome;
	const char *mailbox; /* IMAP, or null */
	uint32_t uid;        /* IMAP; 0: none */
	struct slice uidl;   /* POP3; empty: none */
	uint64_t size;       /* octets on the wire */
	const char *path;    /* or null */
	unsigned flags;      /* IMAPLEX_SEEN ..., with has_flags */
	bool has_flags;
	const char *id;     /* of the server (RFC 8474, Gmail's), or null */
	const char *labels; /* Gmail's, as they came, or null */
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
	const char *tunnel; /* instead: a shell command that speaks IMAP */
	struct tls_want want;
	struct sasl_login login;
	const char *user; /* of login */
	bool apop;        /* by that alone */
	bool compress;    /* where offered */

	/* IMAP mailboxes in UTF-8; "*" and "%" are wild (RFC 9051, 6.3.9). None
	 * is INBOX. Those that an exclude names are left out. */
	const char *const *mailboxes, *const *excludes;
	size_t nmailboxes, nexcludes;
	const char *search; /* SEARCH keys (RFC 9051, 6.4.4), or null */
	bool headers_only;
	enum fetch_after after;
	int64_t after_wait;  /* FETCH_DELETE: so many seconds later */
	const char *move_to; /* UTF-8 */
	bool mirror;         /* what is gone there goes here, flags follow */
	bool plain_folders;  /* DIR/A/B instead of DIR/.A.B (Maildir++) */

	const char *target;                               /* see store/sink.h */
	int (*forward)(void *arg, int fd, struct err *e); /* likewise, or */
	void *forward_arg;                                /* null */
	char *const *environ;                             /* of its command, */
	int command_out;   /* and that one's standard output */
	const char *state; /* file; null: of each mailbox its own, in */
	const char *state_dir;
	const char *source; /* "imap user@host", for the names of those */
	uint64_t size_max;  /* octets of a message; 0: FETCH_SIZE_MAX */
	uint64_t limit;     /* messages of this run and mailbox; 0: all */
	bool dry_run;       /* say what is new, and change nothing */
	int64_t timeout;    /* ms that the server may stay silent */
	size_t jobs;        /* connections, for many mailboxes; 0: 1 */
	int stop;           /* descriptor that is readable to stop; -1 */
	const struct given *given;

	/* One message at a time, after it is durable. What follows is called
	 * by one thread at a time. */
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
	const char *use; /* "\\Sent", ... or null */
	bool told;       /* what follows is known */
	uint64_t messages, unseen;
	bool has_size;
	uint64_t size;   /* octets */
	struct slice id; /* of the server (RFC 8474), or empty */
};

/* A message that is only looked at. */
struct fetch_look {
	const char *mailbox; /* IMAP, or null */
	uint32_t uid;        /* IMAP; 0: none */
	struct slice uidl;   /* POP3; empty: none */
	uint64_t size;       /* as the server says */
	unsigned flags;
	int64_t date; /* arrival */
	struct slice header;
	size_t attachments; /* parts that are meant to be files */
	bool has_structure;
	const char *id, *labels; /* or null */
};

#endif
