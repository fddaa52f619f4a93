/* Certificates of a server: from files, or made in memory.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

#include "crypt/ready.h"

#include "net/tlsparts.h"

#define VALID_DAYS 30
#define DAY        86400

struct tls_cert {
	gnutls_certificate_credentials_t cred;
	gnutls_datum_t pem; /* of a made one */
};

gnutls_certificate_credentials_t
tlsparts_server(const struct tls_cert *c)
{
	return c->cred;
}

struct slice
tls_cert_pem(const struct tls_cert *c)
{
	return slice_of(c->pem.data, c->pem.size);
}

void
tls_cert_free(struct tls_cert **cp)
{
	struct tls_cert *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	if (c->cred)
		gnutls_certificate_free_credentials(c->cred);
	free(c->pem.data);
	mem_free(c);
}

static struct tls_cert *
cert_new(struct err *e)
{
	struct tls_cert *c = mem_new(sizeof(*c));

	crypt_ready();
	if (gnutls_certificate_allocate_credentials(&c->cred) == 0)
		return c;
	mem_free(c);
	err_set(e, ERR_OS, "no memory for a certificate");
	return NULL;
}

int
tlsparts_load(gnutls_certificate_credentials_t cred, const char *cert_file,
    const char *key_file, struct err *e)
{
	int code = gnutls_certificate_set_x509_key_file(
	    cred, cert_file, key_file, GNUTLS_X509_FMT_PEM);

	if (code >= 0)
		return 0;
	if (code == GNUTLS_E_FILE_ERROR)
		return err_set(e, ERR_NOINPUT,
		    "cannot read certificate '%s' or its key '%s'", cert_file,
		    key_file);
	if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		return err_set(e, ERR_CONFIG,
		    "key '%s' does not belong to certificate '%s'", key_file,
		    cert_file);
	return err_set(e, ERR_CONFIG,
	    "certificate '%s' with key '%s' is not usable: %s", cert_file,
	    key_file, gnutls_strerror(code));
}

int
tls_cert_load(const char *cert_file, const char *key_file,
    struct tls_cert **c_r, struct err *e)
{
	struct tls_cert *c = cert_new(e);

	if (!c)
		return -1;
	if (tlsparts_load(c->cred, cert_file, key_file, e) < 0) {
		tls_cert_free(&c);
		return -1;
	}
	*c_r = c;
	return 0;
}

static int
add_name(gnutls_x509_crt_t crt, const char *name)
{
	unsigned char ip[16];
	unsigned n = 0;

	if (inet_pton(AF_INET, name, ip) == 1)
		n = 4;
	else if (inet_pton(AF_INET6, name, ip) == 1)
		n = 16;
	if (n)
		return gnutls_x509_crt_set_subject_alt_name(
		    crt, GNUTLS_SAN_IPADDRESS, ip, n, GNUTLS_FSAN_APPEND);
	return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME,
	    name, (unsigned)strlen(name), GNUTLS_FSAN_APPEND);
}

/* The identifiers by which certificates of one issuer's name are told apart
 * (RFC 5280, 4.2.1.1 and 4.2.1.2). */
static int
add_key_id(gnutls_x509_crt_t crt)
{
	unsigned char id[32];
	size_t n = sizeof(id);
	int code = gnutls_x509_crt_get_key_id(crt, 0, id, &n);

	if (code >= 0)
		code = gnutls_x509_crt_set_subject_key_id(crt, id, n);
	if (code >= 0)
		code = gnutls_x509_crt_set_authority_key_id(crt, id, n);
	return code;
}

/* The fields of the certificate; a negative code of GnuTLS, or 0. */
static int
describe(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key,
    const char *const *names, size_t n, int64_t now)
{
	static const char owner[] = "self-made.mailtoolkit.invalid";
	unsigned char serial[16];
	int code = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));

	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive */
	for (size_t i = 0; code >= 0 && i < n; i++)
		code = add_name(crt, names[i]);
	if (code < 0 || (code = gnutls_x509_crt_set_version(crt, 3)) < 0 ||
	    (code = gnutls_x509_crt_set_serial(crt, serial, 16)) < 0 ||
	    (code = gnutls_x509_crt_set_dn_by_oid(crt,
		 GNUTLS_OID_X520_COMMON_NAME, 0, owner, sizeof(owner) - 1)) <
		0 ||
	    (code = gnutls_x509_crt_set_activation_time(
		 crt, (time_t)(now - DAY))) < 0 ||
	    (code = gnutls_x509_crt_set_expiration_time(
		 crt, (time_t)(now + VALID_DAYS * DAY))) < 0 ||
	    (code = gnutls_x509_crt_set_basic_constraints(crt, 0, -1)) < 0 ||
	    (code = gnutls_x509_crt_set_key_usage(
		 crt, GNUTLS_KEY_DIGITAL_SIGNATURE)) < 0 ||
	    (code = gnutls_x509_crt_set_key_purpose_oid(
		 crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0 ||
	    (code = gnutls_x509_crt_set_key(crt, key)) < 0 ||
	    (code = add_key_id(crt)) < 0)
		return code;
	return gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
}

static int
make(struct tls_cert *c, gnutls_x509_crt_t crt, gnutls_x509_privkey_t key,
    const char *const *names, size_t n, int64_t now)
{
	int code = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);

	if (code >= 0)
		code = describe(crt, key, names, n, now);
	if (code >= 0)
		code =
		    gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &c->pem);
	if (code >= 0)
		code = gnutls_certificate_set_x509_key(c->cred, &crt, 1, key);
	return code;
}

int
tls_cert_make(const char *const *names, size_t n, int64_t now,
    struct tls_cert **c_r, struct err *e)
{
	struct tls_cert *c = cert_new(e);
	gnutls_x509_crt_t crt = NULL;
	gnutls_x509_privkey_t key = NULL;
	int code;

	if (!c)
		return -1;
	code = gnutls_x509_crt_init(&crt);
	if (code >= 0)
		code = gnutls_x509_privkey_init(&key);
	if (code >= 0)
		code = make(c, crt, key, names, n, now);
	if (key)
		gnutls_x509_privkey_deinit(key);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	if (code < 0) {
		tls_cert_free(&c);
		return err_set(e, ERR_OS, "cannot make a certificate: %s",
		    gnutls_strerror(code));
	}
	*c_r = c;
	return 0;
}
