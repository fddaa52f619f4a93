/* GnuTLS costs start-up time, which a tool that may not need it can put off:
 * it defines _gnutls_global_init_skip() (gnutls_global_init(3)), and whatever
 * needs GnuTLS calls crypt_ready() first.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_READY_H
#define CRYPT_READY_H

/* Any number of times, from any thread; meant for what happens now and then, as
 * opening a key or a session, or a digest. */
void crypt_ready(void);

#endif
