/* Organizational domains as the Public Suffix List has them.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_PSL
#	include <libpsl.h>
#endif

#include "auth/orgdomain.h"

#ifdef HAVE_PSL

bool
orgdomain_known(void)
{
	return psl_builtin() != NULL;
}

const char *
orgdomain_of(const char *domain, struct arena *a)
{
	const psl_ctx_t *list = psl_builtin();
	const char *org;

	if (!list)
		return NULL;
	org = psl_registrable_domain(list, domain);
	return arena_string(a, org ? org : domain);
}

bool
orgdomain_is_suffix(const char *domain)
{
	const psl_ctx_t *list = psl_builtin();

	return list && psl_is_public_suffix(list, domain);
}

#else

bool
orgdomain_known(void)
{
	return false;
}

const char *
orgdomain_of(const char *domain, struct arena *a)
{
	(void)domain;
	(void)a;
	return NULL;
}

bool
orgdomain_is_suffix(const char *domain)
{
	(void)domain;
	return false;
}

#endif
