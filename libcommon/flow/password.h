/* Where a password comes from: a command's first line, the Secret Service, a
 * netrc file, or a person at a terminal.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_PASSWORD_H
#define FLOW_PASSWORD_H

#include "base/buf.h"
#include "base/err.h"

#define PASSWORD_MAX (64u << 10) /* octets of either */

/* What to say of a user and a host that have none. */
#define PASSWORD_NONE                                                          \
	"no password for %s at %s: --password-command CMD, or an entry in "    \
	"~/.netrc"

/* The first line of what the shell command prints, appended to password: a
 * buffer that the caller wipes. A command that fails or prints nothing is
 * ERR_CONFIG. */
int password_command(const char *command, struct buf *password, struct err *e);

/* The password of the machine and, where user is not null, login in a netrc
 * file; user_r gets the login. 1; 0 when there is no such entry or no file;
 * -1 for one that others may read. */
int password_netrc(const char *path, const char *host, const char *user,
    struct buf *user_r, struct buf *password, struct err *e);

/* The password that the Secret Service keeps for these, as secret-tool(1)
 * finds it: 1; 0 when there is none, no such service or no such tool. */
int password_keyring(const char *service, const char *host, const char *user,
    struct buf *password, struct err *e);

/* All of them, asked in the order of this struct; null: not asked. */
struct password_sources {
	const char *command;
	const char *kept;    /* it, as the accounts file has it */
	const char *service; /* "smtp", "imap", "pop3" in the Secret Service */
	const char *netrc;   /* path */
	/* A person: 1 got it, 0 there is none, -1. */
	int (*ask)(void *arg, const char *user, const char *host,
	    struct buf *password, struct err *e);
	void *arg;
};

/* user may be null, user_r gets what a netrc file has then. 1 found; 0 not. */
int password_find(const struct password_sources *from, const char *host,
    const char *user, struct buf *user_r, struct buf *password, struct err *e);

#endif
