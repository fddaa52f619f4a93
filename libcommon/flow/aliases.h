/* An aliases file, as sendmail and msmtp have it (aliases(5)): names of this
 * machine and the addresses meant.
 *
 *	root: admin@example.org
 *	ops: root, joe@example.org
 *	default: me@example.org
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_ALIASES_H
#define FLOW_ALIASES_H

#include "base/arena.h"
#include "base/err.h"

#define ALIASES_MAX       (16u << 20) /* octets of the file */
#define ALIASES_DEPTH_MAX 16          /* names in names */
#define ALIASES_RCPT_MAX  10000       /* addresses of one name */

/* Calls add for each address that name stands for: what its line says, its
 * names looked up in turn; else what "default" says; else itself. Case does
 * not matter. text is the file; commands, files and ":include:" are ERR_CONFIG,
 * and so is a name that means itself through others. */
int aliases_resolve(struct slice text, struct slice name,
    void (*add)(void *arg, struct slice address), void *arg, struct arena *a,
    struct err *e);

#endif
