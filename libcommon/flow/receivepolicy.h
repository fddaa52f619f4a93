/* Who may send here, and to whom: rules and a file of users.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_RECEIVEPOLICY_H
#define FLOW_RECEIVEPOLICY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include "proto/smtpd.h"

#define RECEIVEPOLICY_USERS_MAX (1u << 20) /* octets of the file */

struct receivepolicy_rule {
	struct slice address; /* local@domain, or @domain for all of it */
	struct smtpd_answer answer;
};

struct receivepolicy {
	struct receivepolicy_rule *refuse; /* first match counts */
	size_t n_refuse, cap_refuse;
	struct slice *accept; /* domains; none: all */
	size_t n_accept, cap_accept;
	struct buf users; /* the file, to be wiped */
	struct arena arena;
};

/* Starts as zero. All of it is freed, and the passwords wiped, here. */
void receivepolicy_free(struct receivepolicy *p);

/* "ADDRESS" or "ADDRESS=CODE [ENHANCED] TEXT"; an address "@example.org" is
 * all of that domain. Without a code: 550 5.1.1. ERR_USAGE says what is
 * wrong. */
int receivepolicy_refuse(
    struct receivepolicy *p, const char *rule, struct err *e);

/* Mail for this domain is taken, in either form of it; "*" is any. */
int receivepolicy_accept(
    struct receivepolicy *p, const char *domain, struct err *e);

/* Lines of "user:password"; empty lines and those that start with "#" are
 * skipped. A file that others than its owner can read is ERR_CONFIG. */
int receivepolicy_users(
    struct receivepolicy *p, const char *path, struct err *e);

/* Fills in a refusal where there is one. */
void receivepolicy_check(
    const struct receivepolicy *p, const char *address, struct smtpd_answer *a);

/* In a time that does not depend on how much of the password is right. */
bool receivepolicy_login(
    const struct receivepolicy *p, struct slice user, struct slice password);

#endif
