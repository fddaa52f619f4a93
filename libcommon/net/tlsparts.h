/* What the files behind net/tls.h share: certificates as credentials, and the
 * check of a peer's certificate. Nobody else includes this.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_TLSPARTS_H
#define NET_TLSPARTS_H

#include "net/tls.h"

struct gnutls_certificate_credentials_st;
struct gnutls_session_int;

/* The credentials of a server; borrowed. */
struct gnutls_certificate_credentials_st *tlsparts_server(
    const struct tls_cert *c);

/* The credentials that hold the trusted authorities, read from disk at the
 * first call; borrowed. Null when they cannot be read. */
struct gnutls_certificate_credentials_st *tlsparts_trust(
    struct tls_roots *r, struct err *e);

/* Whether the peer's chain is trusted and has the name of host (RFC 9525):
 * 0, or -1 with what is wrong and the way out. */
int tlsparts_check(
    struct gnutls_session_int *session, const char *host, struct err *e);

#endif
