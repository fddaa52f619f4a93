/* Private keys (see key.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/mem.h"

#include "text/base64.h"

#include "crypt/key.h"
#include "crypt/ready.h"

#define KEY_SEED 32 /* octets of an Ed25519 seed (RFC 8032 5.1.5) */

struct key {
	gnutls_privkey_t handle;
	gnutls_pubkey_t public;
	enum key_kind kind;
	unsigned bits;
	char *pin; /* of the token, or null */
};

static gnutls_datum_t
datum(struct slice s)
{
	union {
		const void *in;
		unsigned char *out;
	} drop_const = { .in = s.p };

	return (gnutls_datum_t){ drop_const.out, (unsigned)s.n };
}

static int
failed(int ret, enum err_kind kind, const char *doing, struct err *e)
{
	return err_set(e, kind, "cannot %s: %s", doing, gnutls_strerror(ret));
}

const char *
key_kind_name(enum key_kind kind)
{
	return kind == KEY_RSA ? "rsa" : "ed25519";
}

/* Fills in kind, bits and the public half of a key that has its handle. */
static int
know(struct key *k, struct err *e)
{
	int ret = gnutls_privkey_get_pk_algorithm(k->handle, &k->bits);

	if (ret == GNUTLS_PK_RSA)
		k->kind = KEY_RSA;
	else if (ret == GNUTLS_PK_EDDSA_ED25519)
		k->kind = KEY_ED25519;
	else
		return err_set(e, ERR_DATA,
		    "is a %s key: DKIM knows RSA and Ed25519",
		    ret < 0 ? "strange"
			    : gnutls_pk_get_name((gnutls_pk_algorithm_t)ret));
	ret = gnutls_pubkey_init(&k->public);
	if (ret >= 0)
		ret = gnutls_pubkey_import_privkey(k->public, k->handle, 0, 0);
	return ret < 0 ? failed(ret, ERR_DATA, "find its public half", e) : 0;
}

static int
import(
    struct key *k, struct slice bytes, gnutls_x509_crt_fmt_t fmt, struct err *e)
{
	gnutls_datum_t d = datum(bytes);
	int ret = gnutls_privkey_import_x509_raw(k->handle, &d, fmt, NULL, 0);

	/* Given a password, GnuTLS reads no DER that needs none. */
	if (ret < 0 && k->pin)
		ret = gnutls_privkey_import_x509_raw(
		    k->handle, &d, fmt, k->pin, 0);
	if (ret == GNUTLS_E_DECRYPTION_FAILED)
		return err_set(e, ERR_DATA,
		    k->pin ? "is encrypted with another password"
			   : "is encrypted: it needs its password (--pin-fd)");
	if (ret < 0)
		return failed(ret, ERR_DATA, "read a private key from it", e);
	return 0;
}

/* PrivateKeyInfo of RFC 8410 7: everything before the seed is constant. */
static int
import_seed(struct key *k, struct slice seed, struct err *e)
{
	static const unsigned char head[16] = { 0x30, 0x2e, 0x02, 0x01, 0x00,
		0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
		0x20 };
	unsigned char der[sizeof(head) + KEY_SEED];
	int r;

	memcpy(der, head, sizeof(head));
	memcpy(der + sizeof(head), seed.p, KEY_SEED);
	r = import(k, slice_of(der, sizeof(der)), GNUTLS_X509_FMT_DER, e);
	explicit_bzero(der, sizeof(der));
	return r;
}

static int
import_octets(struct key *k, struct slice bytes, struct err *e)
{
	if (bytes.n == KEY_SEED || bytes.n == 2 * KEY_SEED)
		return import_seed(k, bytes, e);
	if (slice_peek(bytes) == 0x30)
		return import(k, bytes, GNUTLS_X509_FMT_DER, e);
	return err_set(
	    e, ERR_DATA, "is no private key: neither PEM, DER nor a seed");
}

/* The base64 of a PEM file without its markers, or of a seed (and, with
 * rspamd, the public half behind it). */
static int
import_any(struct key *k, struct slice bytes, struct err *e)
{
	struct buf b;
	int r;

	if (slice_search(bytes, slice_str("-----BEGIN ")) != SIZE_MAX)
		return import(k, bytes, GNUTLS_X509_FMT_PEM, e);
	buf_init(&b, KEY_FILE_MAX);
	buf_room(&b, KEY_FILE_MAX); /* never moved, so the wipe finds it all */
	r = base64_decode_fws(bytes, &b) && b.n
	        ? import_octets(k, buf_view(&b), e)
	        : import_octets(k, bytes, e);
	buf_wipe(&b);
	return r;
}

static struct key *
key_new(struct err *e)
{
	struct key *k = mem_new(sizeof(*k));
	int ret;

	crypt_ready();
	ret = gnutls_privkey_init(&k->handle);
	if (ret < 0) {
		failed(ret, ERR_TEMP, "set up a key", e);
		mem_free(k);
		return NULL;
	}
	return k;
}

static void
keep_pin(struct key *k, struct slice pin)
{
	if (!pin.n)
		return;
	k->pin = mem_new(pin.n + 1);
	memcpy(k->pin, pin.p, pin.n);
}

int
key_read(struct key **k_r, struct slice bytes, const char *what, struct err *e)
{
	return key_read_pin(k_r, bytes, slice_of(NULL, 0), what, e);
}

int
key_read_pin(struct key **k_r, struct slice bytes, struct slice pin,
    const char *what, struct err *e)
{
	struct key *k = key_new(e);

	*k_r = NULL;
	if (!k)
		return -1;
	keep_pin(k, pin);
	if (bytes.n > KEY_FILE_MAX)
		err_set(e, ERR_DATA, "is larger than %u octets", KEY_FILE_MAX);
	else if (import_any(k, bytes, e) == 0 && know(k, e) == 0)
		*k_r = k;
	if (*k_r)
		return 0;
	key_free(&k);
	return err_in(e, "key '%s'", what);
}

/* GnuTLS asks for the PIN of a token; a wrong one is not tried again, since
 * tokens lock themselves. */
static int
tell_pin(void *arg, int attempt, const char *url, const char *label,
    unsigned flags, char *pin, size_t max)
{
	const struct key *k = arg;
	size_t n = k->pin ? strlen(k->pin) : 0;

	(void)url;
	(void)label;
	if (!n || n >= max || attempt > 0 || (flags & GNUTLS_PIN_WRONG))
		return -1;
	memcpy(pin, k->pin, n + 1);
	return 0;
}

static int
open_token(struct key **k_r, const char *url, struct slice pin, struct err *e)
{
	struct key *k = key_new(e);
	int ret;

	*k_r = NULL;
	if (!k)
		return -1;
	keep_pin(k, pin);
	gnutls_privkey_set_pin_function(k->handle, tell_pin, k);
	ret = gnutls_privkey_import_url(k->handle, url, 0);
	if (ret == GNUTLS_E_PKCS11_PIN_ERROR ||
	    ret == GNUTLS_E_PKCS11_PIN_LOCKED)
		err_set(e, ERR_DATA, "%s",
		    k->pin ? "the token refuses this PIN"
			   : "the token needs its PIN (--pin-fd)");
	else if (ret < 0)
		err_set(e, ERR_NOINPUT,
		    "cannot open it: %s (p11tool --list-tokens shows what "
		    "there is)",
		    gnutls_strerror(ret));
	else if (know(k, e) == 0)
		*k_r = k;
	if (*k_r)
		return 0;
	key_free(&k);
	return err_in(e, "key '%s'", url);
}

int
key_open(struct key **k_r, const char *path, bool *exposed_r, struct err *e)
{
	return key_open_pin(k_r, path, slice_of(NULL, 0), exposed_r, e);
}

int
key_open_pin(struct key **k_r, const char *path, struct slice pin,
    bool *exposed_r, struct err *e)
{
	struct buf b;
	struct stat st;
	int r;

	if (slice_starts(slice_str(path), "pkcs11:"))
		return open_token(k_r, path, pin, e);
	*k_r = NULL;
	buf_init(&b, KEY_FILE_MAX);
	buf_room(&b, KEY_FILE_MAX); /* never moved, so the wipe finds it all */
	r = io_read_file(path, &b, e);
	if (r < 0)
		err_in(e, "key");
	else
		r = key_read_pin(k_r, buf_view(&b), pin, path, e);
	buf_wipe(&b);
	if (r == 0 && exposed_r)
		*exposed_r = stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		             (st.st_mode & (S_IRGRP | S_IROTH));
	return r;
}

int
key_generate(struct key **k_r, enum key_kind kind, unsigned bits, struct err *e)
{
	struct key *k = key_new(e);
	bool rsa = kind == KEY_RSA;
	int ret;

	*k_r = NULL;
	if (!k)
		return -1;
	ret = gnutls_privkey_generate(k->handle,
	    rsa ? GNUTLS_PK_RSA : GNUTLS_PK_EDDSA_ED25519,
	    rsa ? bits : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), 0);
	if (ret < 0)
		failed(ret, ERR_UNAVAILABLE, "make a key", e);
	else if (know(k, e) == 0)
		*k_r = k;
	if (!*k_r)
		key_free(&k);
	return *k_r ? 0 : -1;
}

void
key_free(struct key **k)
{
	if (!*k)
		return;
	gnutls_privkey_deinit((*k)->handle);
	gnutls_pubkey_deinit((*k)->public);
	if ((*k)->pin)
		explicit_bzero((*k)->pin, strlen((*k)->pin));
	mem_free((*k)->pin);
	mem_free(*k);
	*k = NULL;
}

enum key_kind
key_kind(const struct key *k)
{
	return k->kind;
}

unsigned
key_bits(const struct key *k)
{
	return k->bits;
}

int
key_sign(const struct key *k, const unsigned char digest[DIGEST_SHA256_SIZE],
    struct buf *out, struct err *e)
{
	gnutls_datum_t d = datum(slice_of(digest, DIGEST_SHA256_SIZE));
	gnutls_datum_t sig;
	int ret;

	if (k->kind == KEY_RSA)
		ret = gnutls_privkey_sign_hash2(
		    k->handle, GNUTLS_SIGN_RSA_SHA256, 0, &d, &sig);
	else
		ret = gnutls_privkey_sign_data2(
		    k->handle, GNUTLS_SIGN_EDDSA_ED25519, 0, &d, &sig);
	if (ret < 0)
		return failed(ret, ERR_UNAVAILABLE, "sign", e);
	buf_add(out, sig.data, sig.size);
	free(sig.data);
	return 0;
}

int
key_write_pem(const struct key *k, struct buf *out, struct err *e)
{
	gnutls_x509_privkey_t x;
	gnutls_datum_t d;
	int ret = gnutls_privkey_export_x509(k->handle, &x);

	if (ret < 0)
		return failed(ret, ERR_UNAVAILABLE, "export the key", e);
	ret = gnutls_x509_privkey_export2_pkcs8(
	    x, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &d);
	gnutls_x509_privkey_deinit(x);
	if (ret < 0)
		return failed(ret, ERR_UNAVAILABLE, "export the key", e);
	buf_add(out, d.data, d.size);
	gnutls_memset(d.data, 0, d.size);
	free(d.data);
	return 0;
}

int
key_write_public(const struct key *k, struct buf *out, struct err *e)
{
	gnutls_datum_t d;
	int ret;

	if (k->kind == KEY_RSA)
		ret = gnutls_pubkey_export2(k->public, GNUTLS_X509_FMT_DER, &d);
	else
		ret =
		    gnutls_pubkey_export_ecc_raw2(k->public, NULL, &d, NULL, 0);
	if (ret < 0)
		return failed(ret, ERR_UNAVAILABLE, "export the key", e);
	buf_add(out, d.data, d.size);
	free(d.data);
	return 0;
}
