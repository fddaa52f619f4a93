/* RSA public keys that can be broken by looking at them: the door of GMP.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_GMP
#	include <gmp.h>
#endif

#include "crypt/rsaweak.h"

#define SEQUENCE   0x30
#define INTEGER    0x02
#define BIT_STRING 0x03
#define KNOWN_SIZE 16

/* The first octets of moduli whose private keys stand in RFCs 6376 (appendix
 * C) and 8463 (appendix A). */
static const unsigned char known[][KNOWN_SIZE] = {
	{ 0xf0, 0x21, 0x13, 0xff, 0x50, 0x2d, 0xd2, 0x06, 0xc1, 0x26, 0x1a,
	    0xa6, 0x7d, 0x64, 0x95, 0xb7 },
	{ 0xe4, 0x1e, 0x53, 0x90, 0xa0, 0x14, 0xf3, 0x59, 0x18, 0x86, 0xb3,
	    0x95, 0x7a, 0x36, 0x93, 0xf7 },
};

/* Takes one DER value of that type (X.690 section 8.1). */
static bool
take(struct slice *s, int type, struct slice *value_r)
{
	size_t n, more;

	if (slice_get(s) != type || s->n == 0)
		return false;
	n = (size_t)slice_get(s);
	if (n == 0x80 || n > 0x84)
		return false;
	if (n > 0x80)
		for (more = n - 0x80, n = 0; more > 0; more--) {
			if (s->n == 0)
				return false;
			n = n << 8 | (size_t)slice_get(s);
		}
	if (n > s->n)
		return false;
	*value_r = slice_take(s, n);
	return true;
}

static bool
take_integer(struct slice *s, struct slice *value_r)
{
	if (!take(s, INTEGER, value_r))
		return false;
	while (slice_peek(*value_r) == 0)
		slice_get(value_r);
	return value_r->n > 0;
}

/*	SubjectPublicKeyInfo  ::=  SEQUENCE { algorithm SEQUENCE, BIT STRING }
 *	RSAPublicKey          ::=  SEQUENCE { n INTEGER, e INTEGER }	*/
bool
rsaweak_read(struct slice der, struct rsaweak_key *k)
{
	struct slice body, inner, algorithm;

	*k = (struct rsaweak_key){ 0 };
	if (!take(&der, SEQUENCE, &body))
		return false;
	k->bare = slice_peek(body) == INTEGER;
	if (!k->bare) {
		if (!take(&body, SEQUENCE, &algorithm) ||
		    !take(&body, BIT_STRING, &inner) ||
		    slice_get(&inner) != 0 || !take(&inner, SEQUENCE, &body))
			return false;
	}
	return take_integer(&body, &k->n) && take_integer(&body, &k->e);
}

bool
rsaweak_bad_exponent(const struct rsaweak_key *k)
{
	int last = slice_at(k->e, k->e.n - 1);

	return k->e.n > 8 || last % 2 == 0 || (k->e.n == 1 && last < 3);
}

#ifdef HAVE_GMP

#	define SMALL_MAX  2000 /* factors tried one by one */
#	define ROCA_MAX   167  /* primes of the fingerprint go up to here */
#	define ROCA_BASE  65537
#	define FERMAT_MAX 100 /* steps from the square root */

static bool
is_prime(unsigned n)
{
	for (unsigned i = 2; i * i <= n; i++)
		if (n % i == 0)
			return false;
	return n > 1;
}

static bool
has_small_factor(const mpz_t n)
{
	for (unsigned p = 2; p < SMALL_MAX; p++)
		if (is_prime(p) && mpz_divisible_ui_p(n, p))
			return true;
	return false;
}

/* Is r a power of 65537 modulo p? */
static bool
is_power(unsigned long r, unsigned p)
{
	unsigned long x = 1;

	for (unsigned i = 0; i < p; i++) {
		if (x == r)
			return true;
		x = x * (ROCA_BASE % p) % p;
	}
	return false;
}

/* Keys of the flawed library are powers of 65537 modulo every small prime. */
static bool
is_roca(const mpz_t n)
{
	for (unsigned p = 3; p <= ROCA_MAX; p++)
		if (is_prime(p) && !is_power(mpz_fdiv_ui(n, p), p))
			return false;
	return true;
}

/* Factors so close that their mean is next to the square root. */
static bool
is_fermat(const mpz_t n)
{
	mpz_t a, b;
	bool found = false;

	mpz_inits(a, b, NULL);
	mpz_sqrt(a, n);
	for (unsigned i = 0; i < FERMAT_MAX && !found; i++) {
		mpz_mul(b, a, a);
		mpz_sub(b, b, n);
		found = mpz_sgn(b) >= 0 && mpz_perfect_square_p(b);
		mpz_add_ui(a, a, 1);
	}
	mpz_clears(a, b, NULL);
	return found;
}

static const char *
judge(const struct rsaweak_key *k)
{
	const char *why = NULL;
	mpz_t n;

	mpz_init(n);
	mpz_import(n, k->n.n, 1, 1, 1, 0, k->n.p);
	if (has_small_factor(n))
		why = "its modulus has a small factor";
	else if (is_roca(n))
		why = "it was made by a flawed library (ROCA)";
	else if (is_fermat(n))
		why = "its factors are too close together (Fermat)";
	mpz_clear(n);
	return why;
}

#else

static const char *
judge(const struct rsaweak_key *k)
{
	(void)k;
	return NULL;
}

#endif

const char *
rsaweak_why(const struct rsaweak_key *k)
{
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (k->n.n > KNOWN_SIZE &&
		    memcmp(k->n.p, known[i], KNOWN_SIZE) == 0)
			return "its private key is public: it stands in an RFC";
	return judge(k);
}
