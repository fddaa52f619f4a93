/* msend called as sendmail or msmtp: their flags and msmtp's configuration
 * become options of msend.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSEND_FRONT_H
#define MSEND_FRONT_H

#include "flow/msmtprc.h"

#include "msend.h"

/* Between the two halves. */
struct msend_front {
	struct arena *a;
	struct msend_settings *set;
	bool msmtp;                 /* called so, else sendmail */
	struct opt_list args;       /* for msend */
	struct opt_list rcpts;      /* operands */
	const char *config;         /* -C */
	const char *account;        /* -a */
	const char *from;           /* -f */
	bool host;                  /* an account of the command line: --host */
	struct msmtprc_account cli; /* commands given as options */
	const char *envid;
	const char *configure; /* --configure: no account is needed */
};

/* Called as sendmail, mailq, newaliases or msmtp? Then argv becomes that of
 * msend, and what no option says goes to set->local. 1: there is nothing to
 * do (an empty queue was told), 0 go on, -1 usage or configuration. */
int msend_front(struct msend_settings *set, int *argc, char ***argv,
    struct arena *a, struct err *e);

/* msend_msmtp.c: the account's commands as options; one more option. */
int msend_front_account(struct msend_front *f, struct err *e);
void msend_front_add(struct msend_front *f, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

#endif
