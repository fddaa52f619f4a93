/* The configuration of msmtp, as it is (msmtp(1), version 1.8): "defaults",
 * accounts that inherit, "eval".
 *
 *	defaults
 *	tls on
 *	account work
 *	host smtp.example.org
 *	account default : work
 *
 * What is read is text; what each command means is the caller's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_MSMTPRC_H
#define FLOW_MSMTPRC_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define MSMTPRC_MAX          (1u << 20) /* octets of a file */
#define MSMTPRC_ACCOUNTS_MAX 1000

enum msmtprc_key {
	MSMTPRC_HOST,
	MSMTPRC_PORT,
	MSMTPRC_SOURCE_IP,
	MSMTPRC_PROXY_HOST,
	MSMTPRC_PROXY_PORT,
	MSMTPRC_SOCKET,
	MSMTPRC_TIMEOUT,
	MSMTPRC_PROTOCOL,
	MSMTPRC_DOMAIN,
	MSMTPRC_ALLOW_FROM_OVERRIDE,
	MSMTPRC_AUTO_FROM,
	MSMTPRC_FROM,
	MSMTPRC_FROM_FULL_NAME,
	MSMTPRC_MAILDOMAIN,
	MSMTPRC_SET_FROM_HEADER,
	MSMTPRC_SET_DATE_HEADER,
	MSMTPRC_SET_MSGID_HEADER,
	MSMTPRC_REMOVE_BCC_HEADERS,
	MSMTPRC_UNDISCLOSED_RECIPIENTS,
	MSMTPRC_ADD_MISSING_FROM_HEADER,
	MSMTPRC_ADD_MISSING_DATE_HEADER,
	MSMTPRC_DSN_NOTIFY,
	MSMTPRC_DSN_RETURN,
	MSMTPRC_AUTH,
	MSMTPRC_USER,
	MSMTPRC_PASSWORD,
	MSMTPRC_PASSWORDEVAL,
	MSMTPRC_NTLMDOMAIN,
	MSMTPRC_TLS,
	MSMTPRC_TLS_STARTTLS,
	MSMTPRC_TLS_TRUST_FILE,
	MSMTPRC_TLS_CRL_FILE,
	MSMTPRC_TLS_FINGERPRINT,
	MSMTPRC_TLS_KEY_FILE,
	MSMTPRC_TLS_CERT_FILE,
	MSMTPRC_TLS_CERTCHECK,
	MSMTPRC_TLS_MIN_DH_PRIME_BITS,
	MSMTPRC_TLS_PRIORITIES,
	MSMTPRC_TLS_HOST_OVERRIDE,
	MSMTPRC_LOGFILE,
	MSMTPRC_LOGFILE_TIME_FORMAT,
	MSMTPRC_SYSLOG,
	MSMTPRC_ALIASES,
	MSMTPRC_KEYS
};

struct msmtprc_account {
	const char *name;
	const char *value[MSMTPRC_KEYS]; /* null: not said, or taken back */
	bool said[MSMTPRC_KEYS];         /* which of them */
};

struct msmtprc {
	struct msmtprc_account *v; /* in the order of the file; in the arena */
	size_t n, cap;
	bool secret; /* a password stands in it */
};

/* Adds the accounts of a file to r, which starts as zero; of two with one name
 * the later counts. what names the file in errors. eval runs a command and
 * appends the first line it prints. ERR_CONFIG, naming file and line, for
 * what is no command of msmtp, a value that is none of its, or an account
 * that is not there to inherit from. */
int msmtprc_read(struct slice text, const char *what,
    int (*eval)(const char *command, struct buf *line, struct err *e),
    struct arena *a, struct msmtprc *r, struct err *e);

/* The account of that name; null: none. */
const struct msmtprc_account *msmtprc_find(
    const struct msmtprc *r, const char *name);

/* Sets one command's value as a line of the file does; "tls_host_override" or
 * "tls-host-override". ERR_CONFIG as above. */
int msmtprc_set(struct msmtprc_account *account, struct slice name,
    struct slice value, struct arena *a, struct err *e);

/* What from says, also that something is taken back, counts in account. */
void msmtprc_inherit(
    struct msmtprc_account *account, const struct msmtprc_account *from);

/* Does it make no sense without a value? False for what is no command. */
bool msmtprc_wants_value(struct slice name);

/* "on"; not said is no. */
bool msmtprc_is_on(const struct msmtprc_account *account, enum msmtprc_key key);

/* The command's name as in the file. */
const char *msmtprc_name(enum msmtprc_key key);

/* Octets from outside as a file's text are matched: "*" and "?" stand for
 * any; ASCII case is ignored. */
bool msmtprc_match(struct slice pattern, struct slice text);

#endif
