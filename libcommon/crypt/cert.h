/* X.509 certificates as things to compare and to check (RFC 5280), apart from
 * any TLS session: what DANE needs. A door of GnuTLS.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_CERT_H
#define CRYPT_CERT_H

#include "base/err.h"
#include "base/slice.h"

#define CERT_DER_MAX   65536 /* octets of one certificate */
#define CERT_CHAIN_MAX 16    /* certificates of one chain */

struct cert;

/* The kinds of a TLSA record's data (RFC 6698 section 2.1.3). */
enum cert_match { CERT_MATCH_FULL, CERT_MATCH_SHA256, CERT_MATCH_SHA512 };

/* One certificate in DER; what is none is ERR_DATA. */
int cert_read(struct cert **c_r, struct slice der, struct err *e);

/* All certificates of a PEM text, as they stand: at least one, at most
 * CERT_CHAIN_MAX, else ERR_DATA. */
int cert_read_pem(struct slice pem, struct cert *list_r[CERT_CHAIN_MAX],
    size_t *n_r, struct err *e);

void cert_free(struct cert **c);

/* DER of the whole, and of its SubjectPublicKeyInfo. */
struct slice cert_der(const struct cert *c);
struct slice cert_key(const struct cert *c);

/* The data is that of the certificate, or of its key. */
bool cert_matches(const struct cert *c, bool key_only, enum cert_match match,
    struct slice data);

/* The certificate's signature was made with the key (SubjectPublicKeyInfo). */
bool cert_signed_with(const struct cert *c, struct slice key);

/* issuer has the name that c gives as its issuer's, and the key that signed
 * it. */
bool cert_issued_by(const struct cert *c, const struct cert *issuer);

/* The certificate is made out to the DNS name; wildcards as RFC 9525 has
 * them, the common name only where there is no subjectAltName. */
bool cert_has_name(const struct cert *c, const char *name);

/* Its first name, for messages. */
void cert_name(const struct cert *c, char *text_r, size_t size);

/* Its subject's or its issuer's whole name (RFC 4514), cut to size. */
void cert_subject(const struct cert *c, char *text_r, size_t size);
void cert_issuer(const struct cert *c, char *text_r, size_t size);

/* Validity, seconds since 1970. */
void cert_dates(const struct cert *c, int64_t *from_r, int64_t *to_r);

/* Does the last of the path vouch for the first? Each signature, that those
 * between are authorities, constraints, algorithms of today (RFC 5280 section
 * 6), and all dates at the time `at`. ERR_PROTO says what is wrong. */
int cert_check_path(
    const struct cert *const *path, size_t n, int64_t at, struct err *e);

/* Trusted authorities. */
struct cert_roots;

/* From a PEM file, or the system's when it is null. */
int cert_roots_open(
    struct cert_roots **r_r, const char *ca_file, struct err *e);
void cert_roots_free(struct cert_roots **r);

/* The authority that issued c: a new certificate, or null. */
struct cert *cert_roots_issuer(
    const struct cert_roots *r, const struct cert *c);

#endif
