/* GnuTLS costs start-up time, which a tool that may not need it can put off:
 * it defines _gnutls_global_init_skip() (gnutls_global_init(3)), and whatever
 * needs GnuTLS calls crypt_ready() first. (Tools that load it at its first
 * call, tools/lazy/lazy.c, have it started by then.)
 *
 * What GnuTLS allocated is released by free(), its own and only allocator since
 * 3.3 (gnutls_global_set_mem_functions(3)): its variable gnutls_free could not
 * be loaded late.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_READY_H
#define CRYPT_READY_H

/* Any number of times, from any thread; meant for what happens now and then, as
 * opening a key or a session, or a digest. */
void crypt_ready(void);

#endif
