/* The public operation of RSA (see rsaopen.h), by GMP.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_GMP
#	include <gmp.h>
#endif

#include "crypt/rsaopen.h"

#ifdef HAVE_GMP

static void
read_number(mpz_t n, struct slice s)
{
	mpz_init(n);
	mpz_import(n, s.n, 1, 1, 1, 0, s.p);
}

/* As many octets as n has, zeros in front. */
static void
write_number(const mpz_t m, unsigned char *out, size_t n)
{
	size_t used = (mpz_sizeinbase(m, 2) + 7) / 8;

	memset(out, 0, n);
	mpz_export(out + n - used, NULL, 1, 1, 1, 0, m);
}

bool
rsaopen(
    struct slice n, struct slice e, struct slice signature, unsigned char *out)
{
	mpz_t modulus, exponent, s;
	bool good;

	if (n.n < RSAOPEN_MIN || n.n > RSAOPEN_MAX || !n.p[0] ||
	    !(n.p[n.n - 1] & 1) || !e.n || e.n > RSAOPEN_E_MAX ||
	    signature.n != n.n)
		return false;
	read_number(modulus, n);
	read_number(exponent, e);
	read_number(s, signature);
	good = mpz_sgn(exponent) > 0 && mpz_cmp(s, modulus) < 0;
	if (good) {
		mpz_powm(s, s, exponent, modulus);
		write_number(s, out, n.n);
	}
	mpz_clears(modulus, exponent, s, NULL);
	return good;
}

#else

bool
rsaopen(struct slice n UNUSED, struct slice e UNUSED,
    struct slice signature UNUSED, unsigned char *out UNUSED)
{
	return false;
}

#endif
