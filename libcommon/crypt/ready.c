/* Starts GnuTLS (see ready.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/gnutls.h>

#include "crypt/ready.h"

void
crypt_ready(void)
{
	/* It counts and is done when it has been; an error comes again from
	 * whatever is called next. */
	(void)gnutls_global_init();
}
