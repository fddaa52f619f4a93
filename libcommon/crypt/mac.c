/* Keyed digests (see mac.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "crypt/mac.h"
#include "crypt/ready.h"

static gnutls_mac_algorithm_t
algorithm(enum digest_kind kind)
{
	return kind == DIGEST_SHA1 ? GNUTLS_MAC_SHA1 : GNUTLS_MAC_SHA256;
}

static int
refused(int ret, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE,
	    "the crypto library refuses the keyed digest: %s",
	    gnutls_strerror(ret));
}

int
mac_of(enum digest_kind kind, struct slice key, struct slice text,
    unsigned char *out, struct err *e)
{
	int ret;

	crypt_ready();
	ret = gnutls_hmac_fast(algorithm(kind), key.n ? key.p : "", key.n,
	    text.n ? text.p : "", text.n, out);

	return ret < 0 ? refused(ret, e) : 0;
}

/* GnuTLS does not write to what it is given here. */
static gnutls_datum_t
datum(struct slice s)
{
	static const char nothing[] = "";

	return (gnutls_datum_t){
		(unsigned char *)(uintptr_t)(s.n ? s.p : nothing), (unsigned)s.n
	};
}

int
mac_derive(enum digest_kind kind, struct slice password, struct slice salt,
    uint32_t rounds, unsigned char *out, struct err *e)
{
	gnutls_datum_t key = datum(password), with = datum(salt);
	int ret;

	crypt_ready();
	ret = gnutls_pbkdf2(
	    algorithm(kind), &key, &with, rounds, out, digest_size(kind));

	return ret < 0 ? refused(ret, e) : 0;
}

int
mac_password(struct slice password, struct buf *out, struct err *e)
{
	gnutls_datum_t got = { 0 };
	int ret = gnutls_utf8_password_normalize(
	    (const unsigned char *)(password.n ? password.p : ""),
	    (unsigned)password.n, &got, 0);

	if (ret < 0)
		return err_set(e, ERR_CONFIG,
		    "the password cannot be used here: empty, no UTF-8, or "
		    "with control characters");
	buf_add(out, got.data, got.size);
	explicit_bzero(got.data, got.size);
	free(got.data);
	return 0;
}
