/* What the files behind net/tls.h share: certificates as credentials, and the
 * check of a peer's certificate. Nobody else includes this.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_TLSPARTS_H
#define NET_TLSPARTS_H

#include "net/tls.h"

struct gnutls_certificate_credentials_st;
struct gnutls_session_int;
struct gnutls_x509_crl_int;
struct gnutls_x509_crt_int;

/* The credentials of a server; borrowed. */
struct gnutls_certificate_credentials_st *tlsparts_server(
    const struct tls_cert *c);

#define TLSPARTS_CHAIN_MAX 16 /* certificates of a chain, looked at */

/* Reads the authorities at the first call; then, once the peer has shown its
 * chain, makes those trusted that have to do with it. */
int tlsparts_roots_load(struct tls_roots *r, struct err *e);
int tlsparts_roots_trust(const struct tls_roots *r,
    struct gnutls_session_int *session,
    struct gnutls_certificate_credentials_st *cred, struct err *e);

/* There is an authority with this name (DER). */
bool tlsparts_roots_have(const struct tls_roots *r, struct slice name);

/* Lists of revoked certificates, from a PEM file; made to count in a
 * session. */
struct tlsparts_crls {
	struct gnutls_x509_crl_int **list;
	unsigned n;
};
int tlsparts_crls_load(
    struct tlsparts_crls *l, const char *file, struct err *e);
int tlsparts_crls_use(const struct tlsparts_crls *l,
    struct gnutls_certificate_credentials_st *cred, struct err *e);
void tlsparts_crls_free(struct tlsparts_crls *l);

/* Loads a certificate and its key from PEM files. */
int tlsparts_load(struct gnutls_certificate_credentials_st *cred,
    const char *cert_file, const char *key_file, struct err *e);

/* What is wrong with a peer, by want->verify, pins and check: 0, or -1 with
 * what is wrong and the way out. */
int tlsparts_check(struct gnutls_session_int *session,
    struct gnutls_certificate_credentials_st *cred, const struct tls_want *want,
    enum tls_cause *cause_r, struct err *e);

int tlsparts_check_pin(struct gnutls_x509_crt_int *crt,
    const struct tls_want *want, struct err *e);

#endif
