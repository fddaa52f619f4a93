/* X.509 certificates as things to compare and to check.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

#include "base/mem.h"

#include "crypt/cert.h"

#define SIGNATURE_MAX 4096 /* octets */
#define DIGEST_MAX_N  64
#define SEQUENCE      0x30

struct cert {
	gnutls_x509_crt_t crt;
	gnutls_datum_t der, key;    /* owned, GnuTLS's memory */
	size_t signed_at, signed_n; /* the part that is signed, of der */
};

struct cert_roots {
	gnutls_x509_trust_list_t list;
};

/* The header of a DER SEQUENCE (X.690 section 8.1): octets before and of the
 * content; false when it does not fit. */
static bool
sequence(struct slice s, size_t *head_r, size_t *n_r)
{
	struct slice at = s;
	size_t n, more;

	if (slice_get(&at) != SEQUENCE || at.n == 0)
		return false;
	n = (size_t)slice_get(&at);
	if (n > 0x80) {
		more = n - 0x80;
		if (more > 4)
			return false;
		for (n = 0; more > 0; more--) {
			if (at.n == 0)
				return false;
			n = n << 8 | (size_t)slice_get(&at);
		}
	} else if (n == 0x80) {
		return false;
	}
	*head_r = s.n - at.n;
	*n_r = n;
	return n <= at.n;
}

/* Certificate ::= SEQUENCE { tbsCertificate SEQUENCE ... } (RFC 5280, 4.1) */
static bool
find_signed(struct cert *c)
{
	size_t outer, inner, n;
	struct slice s = cert_der(c);

	if (!sequence(s, &outer, &n) ||
	    !sequence(slice_sub(s, outer, s.n), &inner, &n))
		return false;
	c->signed_at = outer;
	c->signed_n = inner + n;
	return true;
}

static int
read_key(struct cert *c)
{
	gnutls_pubkey_t key;
	int code = gnutls_pubkey_init(&key);

	if (code < 0)
		return code;
	code = gnutls_pubkey_import_x509(key, c->crt, 0);
	if (code >= 0)
		code = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &c->key);
	gnutls_pubkey_deinit(key);
	return code;
}

/* Takes the certificate, whatever happens. */
static int
wrap(gnutls_x509_crt_t crt, struct cert **c_r, struct err *e)
{
	struct cert *c = mem_new(sizeof(*c));
	int code;

	c->crt = crt;
	code = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &c->der);
	if (code >= 0)
		code = read_key(c);
	if (code >= 0 && find_signed(c)) {
		*c_r = c;
		return 0;
	}
	cert_free(&c);
	*c_r = NULL;
	return err_set(e, ERR_DATA, "certificate is not usable: %s",
	    code < 0 ? gnutls_strerror(code) : "it has no signed part");
}

int
cert_read(struct cert **c_r, struct slice der, struct err *e)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)der.p,
		(unsigned)size_min(der.n, CERT_DER_MAX + 1) };
	gnutls_x509_crt_t crt;
	int code;

	*c_r = NULL;
	if (der.n > CERT_DER_MAX)
		return err_set(
		    e, ERR_DATA, "certificate of over %d octets", CERT_DER_MAX);
	if (gnutls_x509_crt_init(&crt) < 0)
		mem_fail();
	code = gnutls_x509_crt_import(crt, &in, GNUTLS_X509_FMT_DER);
	if (code >= 0)
		return wrap(crt, c_r, e);
	gnutls_x509_crt_deinit(crt);
	return err_set(
	    e, ERR_DATA, "it is no certificate: %s", gnutls_strerror(code));
}

int
cert_read_pem(struct slice pem, struct cert *list_r[CERT_CHAIN_MAX],
    size_t *n_r, struct err *e)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)pem.p,
		(unsigned)size_min(pem.n, INT32_MAX) };
	gnutls_x509_crt_t crts[CERT_CHAIN_MAX];
	unsigned n = CERT_CHAIN_MAX;
	int code, ret = 0;

	*n_r = 0;
	code = gnutls_x509_crt_list_import(crts, &n, &in, GNUTLS_X509_FMT_PEM,
	    GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
	if (code == GNUTLS_E_SHORT_MEMORY_BUFFER)
		return err_set(
		    e, ERR_DATA, "more than %d certificates", CERT_CHAIN_MAX);
	if (code <= 0)
		return err_set(e, ERR_DATA, "no certificate in PEM: %s",
		    gnutls_strerror(code));
	for (int i = 0; i < code; i++) {
		if (ret < 0) {
			gnutls_x509_crt_deinit(crts[i]);
			continue;
		}
		ret = wrap(crts[i], &list_r[*n_r], e);
		*n_r += ret == 0;
	}
	for (size_t i = 0; ret < 0 && i < *n_r; i++)
		cert_free(&list_r[i]);
	return ret;
}

void
cert_free(struct cert **cp)
{
	struct cert *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	gnutls_x509_crt_deinit(c->crt);
	free(c->der.data);
	free(c->key.data);
	mem_free(c);
}

struct slice
cert_der(const struct cert *c)
{
	return slice_of(c->der.data, c->der.size);
}

struct slice
cert_key(const struct cert *c)
{
	return slice_of(c->key.data, c->key.size);
}

bool
cert_matches(const struct cert *c, bool key_only, enum cert_match match,
    struct slice data)
{
	gnutls_digest_algorithm_t kind =
	    match == CERT_MATCH_SHA256 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA512;
	struct slice of = key_only ? cert_key(c) : cert_der(c);
	unsigned char digest[DIGEST_MAX_N];

	if (match == CERT_MATCH_FULL)
		return slice_equal(of, data);
	return gnutls_hash_fast(kind, of.p, of.n, digest) == 0 &&
	       slice_equal(slice_of(digest, gnutls_hash_get_len(kind)), data);
}

bool
cert_signed_with(const struct cert *c, struct slice key)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)key.p,
		(unsigned)size_min(key.n, CERT_DER_MAX) };
	gnutls_datum_t part = { c->der.data + c->signed_at,
		(unsigned)c->signed_n };
	char octets[SIGNATURE_MAX];
	gnutls_datum_t signature = { (unsigned char *)octets, 0 };
	size_t n = sizeof(octets);
	gnutls_pubkey_t pub;
	int kind = gnutls_x509_crt_get_signature_algorithm(c->crt);
	bool good;

	if (kind <= 0 || gnutls_x509_crt_get_signature(c->crt, octets, &n) < 0)
		return false;
	signature.size = (unsigned)n;
	if (gnutls_pubkey_init(&pub) < 0)
		mem_fail();
	good = gnutls_pubkey_import(pub, &in, GNUTLS_X509_FMT_DER) >= 0 &&
	       gnutls_pubkey_verify_data2(pub, (gnutls_sign_algorithm_t)kind, 0,
		   &part, &signature) >= 0;
	gnutls_pubkey_deinit(pub);
	return good;
}

bool
cert_issued_by(const struct cert *c, const struct cert *issuer)
{
	return gnutls_x509_crt_check_issuer(c->crt, issuer->crt) == 1 &&
	       cert_signed_with(c, cert_key(issuer));
}

bool
cert_has_name(const struct cert *c, const char *name)
{
	return gnutls_x509_crt_check_hostname2(c->crt, name, 0) != 0;
}

void
cert_name(const struct cert *c, char *text_r, size_t size)
{
	size_t n = size;

	if (gnutls_x509_crt_get_subject_alt_name(c->crt, 0, text_r, &n, NULL) >=
		0 &&
	    n < size) {
		text_r[n] = '\0';
		return;
	}
	n = size;
	if (gnutls_x509_crt_get_dn_by_oid(
		c->crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, text_r, &n) < 0)
		*text_r = '\0';
}

static void
whole_name(int (*get)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned),
    const struct cert *c, char *text_r, size_t size)
{
	gnutls_datum_t d = { 0 };
	size_t n = 0;

	if (get(c->crt, &d, 0) >= 0) {
		n = size_min(d.size, size - 1);
		memcpy(text_r, d.data, n);
		free(d.data); /* crypt/ready.h */
	}
	text_r[n] = '\0';
}

void
cert_subject(const struct cert *c, char *text_r, size_t size)
{
	whole_name(gnutls_x509_crt_get_dn3, c, text_r, size);
}

void
cert_issuer(const struct cert *c, char *text_r, size_t size)
{
	whole_name(gnutls_x509_crt_get_issuer_dn3, c, text_r, size);
}

void
cert_dates(const struct cert *c, int64_t *from_r, int64_t *to_r)
{
	*from_r = gnutls_x509_crt_get_activation_time(c->crt);
	*to_r = gnutls_x509_crt_get_expiration_time(c->crt);
}

static int
check_dates(const struct cert *c, int64_t at, struct err *e)
{
	char name[256];
	int64_t from, to;

	cert_dates(c, &from, &to);
	if (at >= from && at <= to)
		return 0;
	cert_name(c, name, sizeof(name));
	return err_set(e, ERR_PROTO, "certificate of '%s' %s", name,
	    at < from ? "is not valid yet" : "has expired");
}

static const char *
why(unsigned status)
{
	if (status & GNUTLS_CERT_INSECURE_ALGORITHM)
		return "its signature or key is too weak";
	if (status & GNUTLS_CERT_SIGNER_NOT_CA)
		return "a certificate between is no authority";
	if (status & GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE)
		return "a constraint of an authority forbids it";
	if (status & GNUTLS_CERT_SIGNATURE_FAILURE)
		return "a signature does not verify";
	return "the chain does not lead to the anchor";
}

int
cert_check_path(
    const struct cert *const *path, size_t n, int64_t at, struct err *e)
{
	gnutls_x509_crt_t crts[CERT_CHAIN_MAX];
	unsigned status = 0;
	int code;

	if (n == 0 || n > CERT_CHAIN_MAX)
		return err_set(e, ERR_PROTO, "chain of %zu certificates", n);
	for (size_t i = 0; i < n; i++) {
		if (check_dates(path[i], at, e) < 0)
			return -1;
		crts[i] = path[i]->crt;
	}
	if (n == 1)
		return 0;
	code = gnutls_x509_crt_list_verify(crts, (unsigned)n - 1, &crts[n - 1],
	    1, NULL, 0,
	    GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
		GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS,
	    &status);
	if (code >= 0 && status == 0)
		return 0;
	return err_set(e, ERR_PROTO, "certificate is not trusted: %s",
	    code < 0 ? gnutls_strerror(code) : why(status));
}

int
cert_roots_open(struct cert_roots **r_r, const char *ca_file, struct err *e)
{
	struct cert_roots *r = mem_new(sizeof(*r));
	int n;

	if (gnutls_x509_trust_list_init(&r->list, 0) < 0)
		mem_fail();
	n = ca_file ? gnutls_x509_trust_list_add_trust_file(
			  r->list, ca_file, NULL, GNUTLS_X509_FMT_PEM, 0, 0)
	            : gnutls_x509_trust_list_add_system_trust(r->list, 0, 0);
	if (n > 0) {
		*r_r = r;
		return 0;
	}
	cert_roots_free(&r);
	*r_r = NULL;
	if (!ca_file)
		return err_set(e, ERR_CONFIG,
		    "this system trusts no certificate authority: install "
		    "ca-certificates, or give a CA file");
	return err_set(e, n == GNUTLS_E_FILE_ERROR ? ERR_NOINPUT : ERR_CONFIG,
	    "no certificate in CA file '%s'%s%s", ca_file, n < 0 ? ": " : "",
	    n < 0 ? gnutls_strerror(n) : "");
}

void
cert_roots_free(struct cert_roots **r)
{
	if (!*r)
		return;
	gnutls_x509_trust_list_deinit((*r)->list, 1);
	mem_free(*r);
	*r = NULL;
}

struct cert *
cert_roots_issuer(const struct cert_roots *r, const struct cert *c)
{
	gnutls_x509_crt_t crt = NULL;
	struct cert *issuer = NULL;

	if (gnutls_x509_trust_list_get_issuer(
		r->list, c->crt, &crt, GNUTLS_TL_GET_COPY) < 0)
		return NULL;
	wrap(crt, &issuer, NULL);
	return issuer;
}
