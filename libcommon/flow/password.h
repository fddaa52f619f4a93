/* Where a password comes from: a command's first line, or a netrc file.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_PASSWORD_H
#define FLOW_PASSWORD_H

#include "base/buf.h"
#include "base/err.h"

#define PASSWORD_MAX (64u << 10) /* octets of either */

/* The first line of what the shell command prints, appended to password: a
 * buffer that the caller wipes. A command that fails or prints nothing is
 * ERR_CONFIG. */
int password_command(const char *command, struct buf *password, struct err *e);

/* The password of the machine and, where user is not null, login in a netrc
 * file; user_r gets the login. 1; 0 when there is no such entry or no file;
 * -1 for one that others may read. */
int password_netrc(const char *path, const char *host, const char *user,
    struct buf *user_r, struct buf *password, struct err *e);

#endif
