/* RSA public keys that can be broken by looking at them: the door of GMP.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_GMP
#	include <gmp.h>
#endif

#include "base/mem.h"

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
#	define FERMAT_MAX 100        /* steps from the square root */
#	define LEVELS_MAX 18         /* of a tree of RSAWEAK_KEYS_MAX leaves */
#	define TRIES_MAX  (1u << 18) /* pairs looked at for a common factor */

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

/* One level of the tree: the moduli, products of two, of four, ... */
struct level {
	mpz_t *v;
	size_t n;
};

static struct level
level_new(size_t n)
{
	struct level l = { mem_array(n, sizeof(*l.v)), n };

	for (size_t i = 0; i < n; i++)
		mpz_init(l.v[i]);
	return l;
}

static void
level_free(struct level *l)
{
	for (size_t i = 0; i < l->n; i++)
		mpz_clear(l->v[i]);
	mem_free(l->v);
}

/* 0 becomes 1, which divides all and shares nothing. */
static void
read_modulus(mpz_t n, struct slice s)
{
	mpz_import(n, s.n, 1, 1, 1, 0, s.p);
	if (mpz_sgn(n) == 0)
		mpz_set_ui(n, 1);
}

/* Up to the product of all; returns its level. */
static size_t
multiply(struct level tree[LEVELS_MAX])
{
	size_t top = 0;

	for (; tree[top].n > 1; top++) {
		const struct level *low = &tree[top];
		struct level up = level_new((low->n + 1) / 2);

		for (size_t i = 0; i < low->n; i += 2)
			if (i + 1 < low->n)
				mpz_mul(up.v[i / 2], low->v[i], low->v[i + 1]);
			else
				mpz_set(up.v[i / 2], low->v[i]);
		tree[top + 1] = up;
	}
	return top;
}

/* Down again: what remains of the product of all modulo each one's square. */
static void
divide(struct level tree[LEVELS_MAX], size_t top)
{
	mpz_t square;

	mpz_init(square);
	for (; top > 0; top--) {
		struct level *low = &tree[top - 1];

		for (size_t i = 0; i < low->n; i++) {
			mpz_mul(square, low->v[i], low->v[i]);
			mpz_tdiv_r(low->v[i], tree[top].v[i / 2], square);
		}
		level_free(&tree[top]);
	}
	mpz_clear(square);
}

/* For one that shares a factor: the first that it shares it with. */
static size_t
find_other(const struct slice *moduli, size_t count, size_t i,
    const size_t *with, size_t *tries)
{
	size_t found = RSAWEAK_SOME;
	mpz_t a, b;

	mpz_inits(a, b, NULL);
	read_modulus(a, moduli[i]);
	for (size_t j = 0; j < count && found == RSAWEAK_SOME; j++) {
		if (j == i || with[j] == RSAWEAK_ALONE)
			continue;
		if (*tries == 0)
			break;
		--*tries;
		read_modulus(b, moduli[j]);
		mpz_gcd(b, a, b);
		if (mpz_cmp_ui(b, 1) > 0)
			found = j;
	}
	mpz_clears(a, b, NULL);
	return found;
}

bool
rsaweak_compares(void)
{
	return true;
}

void
rsaweak_common(const struct slice *moduli, size_t count, size_t *with)
{
	struct level tree[LEVELS_MAX] = { level_new(count) };
	size_t tries = TRIES_MAX;
	mpz_t n;

	for (size_t i = 0; i < count; i++)
		read_modulus(tree[0].v[i], moduli[i]);
	divide(tree, multiply(tree));
	mpz_init(n);
	for (size_t i = 0; i < count; i++) {
		read_modulus(n, moduli[i]);
		mpz_tdiv_q(tree[0].v[i], tree[0].v[i], n);
		mpz_gcd(n, tree[0].v[i], n);
		with[i] = mpz_cmp_ui(n, 1) > 0 ? RSAWEAK_SOME : RSAWEAK_ALONE;
	}
	mpz_clear(n);
	level_free(&tree[0]);
	for (size_t i = 0; i < count; i++)
		if (with[i] == RSAWEAK_SOME)
			with[i] = find_other(moduli, count, i, with, &tries);
}

#else

static const char *
judge(const struct rsaweak_key *k)
{
	(void)k;
	return NULL;
}

bool
rsaweak_compares(void)
{
	return false;
}

void
rsaweak_common(const struct slice *moduli, size_t count, size_t *with)
{
	(void)moduli;
	for (size_t i = 0; i < count; i++)
		with[i] = RSAWEAK_ALONE;
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
