/* Public keys as DKIM publishes them (see key.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "base/mem.h"

#include "crypt/key.h"
#include "crypt/ready.h"
#include "crypt/rsaopen.h"

#define ED25519_SIZE 32

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BITS = 0x03,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30
};

struct key_public {
	gnutls_pubkey_t handle;
	enum key_kind kind;
	unsigned bits;
	size_t exponent; /* octets of RSA's */
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

/* Takes one DER value (X.690 8.1) of that tag: definite length, at most 64 KiB;
 * its content goes to *in_r. */
static bool
take_der(struct slice *s, int tag, struct slice *in_r)
{
	size_t n;
	int octets;

	if (slice_get(s) != tag || slice_peek(*s) < 0)
		return false;
	n = (size_t)slice_get(s);
	if (n & 0x80) {
		octets = (int)(n & 0x7f);
		if (octets < 1 || octets > 2)
			return false;
		for (n = 0; octets; octets--) {
			if (slice_peek(*s) < 0)
				return false;
			n = n << 8 | (size_t)slice_get(s);
		}
	}
	if (n > s->n)
		return false;
	*in_r = slice_take(s, n);
	return true;
}

/* SubjectPublicKeyInfo ::= SEQUENCE {
 *     algorithm SEQUENCE { OBJECT IDENTIFIER, parameters ANY OPTIONAL },
 *     subjectPublicKey BIT STRING }   (RFC 5280 4.1) */
static bool
open_spki(struct slice octets, struct slice oid, struct slice *key_r)
{
	struct slice all, algorithm, id;

	return take_der(&octets, DER_SEQUENCE, &all) &&
	       take_der(&all, DER_SEQUENCE, &algorithm) &&
	       take_der(&algorithm, DER_OID, &id) && slice_equal(id, oid) &&
	       take_der(&all, DER_BITS, key_r) && slice_get(key_r) == 0;
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
 * (RFC 8017 A.1.1) */
static bool
open_rsa(struct slice octets, struct slice *n_r, struct slice *e_r)
{
	struct slice all;

	return take_der(&octets, DER_SEQUENCE, &all) &&
	       take_der(&all, DER_INTEGER, n_r) &&
	       take_der(&all, DER_INTEGER, e_r);
}

static struct slice
without_zeros(struct slice s)
{
	while (slice_peek(s) == 0)
		slice_get(&s);
	return s;
}

static unsigned
count_bits(struct slice number)
{
	unsigned bits = (unsigned)number.n * 8;

	for (int top = slice_peek(number); top > 0 && top < 0x80; top <<= 1)
		bits--;
	return bits;
}

static int
read_rsa(struct key_public *k, struct slice octets, struct err *e)
{
	/* 1.2.840.113549.1.1.1 */
	static const struct slice oid = SLICE_LIT("\x2a\x86\x48\x86\xf7\x0d"
						  "\x01\x01\x01");
	struct slice inner, n, exp;
	gnutls_datum_t n_datum, exp_datum;
	int ret;

	if (!open_spki(octets, oid, &inner))
		inner = octets;
	if (!open_rsa(inner, &n, &exp))
		return err_set(e, ERR_DATA, "is no RSA public key");
	n = without_zeros(n);
	exp = without_zeros(exp);
	k->bits = count_bits(n);
	k->exponent = exp.n;
	if (!n.n || !exp.n || exp.n > 8 || !(n.p[n.n - 1] & 1) ||
	    !(exp.p[exp.n - 1] & 1))
		return err_set(e, ERR_DATA, "is no usable RSA public key");
	if (k->bits > KEY_BITS_MAX)
		return err_set(e, ERR_DATA, "has %u bits, more than %d",
		    k->bits, KEY_BITS_MAX);
	n_datum = datum(n);
	exp_datum = datum(exp);
	ret = gnutls_pubkey_import_rsa_raw(k->handle, &n_datum, &exp_datum);
	return ret < 0 ? err_set(e, ERR_DATA, "is no RSA public key: %s",
			     gnutls_strerror(ret))
	               : 0;
}

static int
read_ed25519(struct key_public *k, struct slice octets, struct err *e)
{
	/* 1.3.101.112 (RFC 8410 3) */
	static const struct slice oid = SLICE_LIT("\x2b\x65\x70");
	struct slice point;
	gnutls_datum_t x;
	int ret;

	if (octets.n == ED25519_SIZE || !open_spki(octets, oid, &point))
		point = octets;
	if (point.n != ED25519_SIZE)
		return err_set(e, ERR_DATA,
		    "is no Ed25519 public key: %zu octets instead of %d",
		    point.n, ED25519_SIZE);
	k->bits = 256;
	x = datum(point);
	ret = gnutls_pubkey_import_ecc_raw(
	    k->handle, GNUTLS_ECC_CURVE_ED25519, &x, NULL);
	return ret < 0 ? err_set(e, ERR_DATA, "is no Ed25519 public key: %s",
			     gnutls_strerror(ret))
	               : 0;
}

int
key_public_read(struct key_public **k_r, enum key_kind kind,
    struct slice octets, struct err *e)
{
	struct key_public *k = mem_new(sizeof(*k));
	int ret;

	crypt_ready();
	ret = gnutls_pubkey_init(&k->handle);

	*k_r = NULL;
	k->kind = kind;
	if (ret < 0) {
		mem_free(k);
		return err_set(e, ERR_TEMP, "cannot set up a key: %s",
		    gnutls_strerror(ret));
	}
	if ((kind == KEY_RSA ? read_rsa : read_ed25519)(k, octets, e) < 0) {
		key_public_free(&k);
		return -1;
	}
	*k_r = k;
	return 0;
}

void
key_public_free(struct key_public **k)
{
	if (!*k)
		return;
	gnutls_pubkey_deinit((*k)->handle);
	mem_free(*k);
	*k = NULL;
}

unsigned
key_public_bits(const struct key_public *k)
{
	return k->bits;
}

bool
key_public_verify(const struct key_public *k, enum digest_kind kind,
    const unsigned char *digest, struct slice signature)
{
	/* Short keys and SHA-1 are the caller's to refuse, with a reason. */
	const unsigned flags =
	    GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1;
	gnutls_datum_t d = datum(slice_of(digest, digest_size(kind)));
	gnutls_datum_t sig = datum(signature);

	if (!signature.n || signature.n > KEY_SIGNATURE_MAX)
		return false;
	if (k->kind == KEY_ED25519)
		return gnutls_pubkey_verify_data2(k->handle,
			   GNUTLS_SIGN_EDDSA_ED25519, flags, &d, &sig) >= 0;
	return gnutls_pubkey_verify_hash2(k->handle,
		   kind == DIGEST_SHA1     ? GNUTLS_SIGN_RSA_SHA1
		   : kind == DIGEST_SHA512 ? GNUTLS_SIGN_RSA_SHA512
					   : GNUTLS_SIGN_RSA_SHA256,
		   flags, &d, &sig) >= 0;
}

/* EM = 00 01 ff ... ff 00 DigestInfo (RFC 8017 9.2), digest last. */
static bool
take_padding(struct slice em, enum digest_kind kind, unsigned char *digest)
{
	static const struct slice info[] = {
		[DIGEST_SHA256] = SLICE_LIT("\x00\x30\x31\x30\x0d\x06\x09\x60"
					    "\x86\x48\x01\x65\x03\x04\x02\x01"
					    "\x05\x00\x04\x20"),
		[DIGEST_SHA1] = SLICE_LIT("\x00\x30\x21\x30\x09\x06\x05\x2b"
					  "\x0e\x03\x02\x1a\x05\x00\x04\x14"),
		[DIGEST_SHA512] = SLICE_LIT("\x00\x30\x51\x30\x0d\x06\x09\x60"
					    "\x86\x48\x01\x65\x03\x04\x02\x03"
					    "\x05\x00\x04\x40")
	};
	size_t ones = 0;

	if (kind == DIGEST_MD5)
		return false;
	if (slice_get(&em) != 0 || slice_get(&em) != 1)
		return false;
	for (; slice_peek(em) == 0xff; ones++)
		slice_get(&em);
	if (ones < 8 || em.n != info[kind].n + digest_size(kind) ||
	    !slice_equal(slice_take(&em, info[kind].n), info[kind]))
		return false;
	memcpy(digest, em.p, em.n);
	return true;
}

bool
key_public_opens(const struct key_public *k)
{
	return k->kind == KEY_RSA && k->bits <= KEY_OPEN_BITS &&
	       k->exponent <= 4;
}

bool
key_public_open(const struct key_public *k, enum digest_kind kind,
    struct slice signature, unsigned char digest[DIGEST_MAX])
{
	unsigned char em[RSAOPEN_MAX];
	gnutls_datum_t n, e;
	struct slice modulus;
	bool good;

	if (!key_public_opens(k) ||
	    gnutls_pubkey_export_rsa_raw(k->handle, &n, &e) < 0)
		return false;
	modulus = without_zeros(slice_of(n.data, n.size));
	good = rsaopen(modulus, without_zeros(slice_of(e.data, e.size)),
		   signature, em) &&
	       take_padding(slice_of(em, modulus.n), kind, digest);
	free(n.data);
	free(e.data);
	return good;
}
