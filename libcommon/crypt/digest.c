/* Digests (see digest.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "crypt/digest.h"
#include "crypt/ready.h"

static const struct {
	gnutls_digest_algorithm_t algorithm;
	size_t size;
} digests[] = {
	[DIGEST_SHA256] = { GNUTLS_DIG_SHA256, DIGEST_SHA256_SIZE },
	[DIGEST_SHA1] = { GNUTLS_DIG_SHA1, DIGEST_SHA1_SIZE },
	[DIGEST_SHA512] = { GNUTLS_DIG_SHA512, DIGEST_SHA512_SIZE },
	[DIGEST_MD5] = { GNUTLS_DIG_MD5, DIGEST_MD5_SIZE },
};

static int
refused(int ret, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE,
	    "the crypto library refuses the digest: %s", gnutls_strerror(ret));
}

size_t
digest_size(enum digest_kind kind)
{
	return digests[kind].size;
}

int
digest_begin(struct digest *d, enum digest_kind kind, struct err *e)
{
	gnutls_hash_hd_t state;
	int ret;

	/* Before it is ready, GnuTLS refuses and loses what it took. */
	crypt_ready();
	ret = gnutls_hash_init(&state, digests[kind].algorithm);
	d->state = NULL;
	d->kind = kind;
	if (ret < 0)
		return refused(ret, e);
	d->state = state;
	return 0;
}

void
digest_add(struct digest *d, const void *p, size_t n)
{
	if (n)
		gnutls_hash(d->state, p, n);
}

void
digest_end(struct digest *d, unsigned char *out)
{
	if (d->state)
		gnutls_hash_deinit(d->state, out);
	d->state = NULL;
}

bool
digest_peek(const struct digest *d, unsigned char *out)
{
	gnutls_hash_hd_t copy = gnutls_hash_copy(d->state);

	if (copy)
		gnutls_hash_deinit(copy, out);
	return copy != NULL;
}

int
digest_of(
    enum digest_kind kind, struct slice s, unsigned char *out, struct err *e)
{
	const char *p = s.n ? s.p : "";
	int ret = gnutls_hash_fast(digests[kind].algorithm, p, s.n, out);

	if (ret == GNUTLS_E_LIB_IN_ERROR_STATE) {
		crypt_ready();
		ret = gnutls_hash_fast(digests[kind].algorithm, p, s.n, out);
	}
	return ret < 0 ? refused(ret, e) : 0;
}

void
digest_hex(const unsigned char *p, size_t n, char out[DIGEST_HEX_MAX])
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < size_min(n, DIGEST_SHA256_SIZE); i++) {
		out[at++] = hex[p[i] >> 4];
		out[at++] = hex[p[i] & 15];
	}
	out[at] = '\0';
}
