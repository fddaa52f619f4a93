/* The public operation of RSA (see rsaopen.h): Montgomery multiplication, word
 * by word.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "crypt/rsaopen.h"

#define WORDS_MAX (RSAOPEN_MAX / 4)

/* Words are little-endian; k of them count. */
struct modulus {
	uint32_t n[WORDS_MAX];
	uint32_t inverse; /* -1/n mod 2^32 */
	size_t k;
};

static void
read_number(struct slice s, uint32_t *r, size_t k)
{
	memset(r, 0, k * sizeof(*r));
	for (size_t i = 0; i < s.n && i < 4 * k; i++)
		r[i / 4] |= (uint32_t)(unsigned char)s.p[s.n - 1 - i]
		            << 8 * (i % 4);
}

static bool
is_less(const uint32_t *a, const uint32_t *b, size_t k)
{
	while (k--)
		if (a[k] != b[k])
			return a[k] < b[k];
	return false;
}

static void
subtract(uint32_t *a, const uint32_t *b, size_t k)
{
	uint64_t borrow = 0;

	for (size_t i = 0; i < k; i++) {
		uint64_t d = (uint64_t)a[i] - b[i] - borrow;

		a[i] = (uint32_t)d;
		borrow = d >> 63;
	}
}

/* r = a * b / 2^(32k) mod n; r may be a or b. */
static void
multiply(
    const struct modulus *m, const uint32_t *a, const uint32_t *b, uint32_t *r)
{
	uint32_t t[WORDS_MAX + 2] = { 0 };
	const size_t k = m->k;

	for (size_t i = 0; i < k; i++) {
		uint64_t carry = 0, q;

		for (size_t j = 0; j < k; j++) {
			carry += (uint64_t)a[j] * b[i] + t[j];
			t[j] = (uint32_t)carry;
			carry >>= 32;
		}
		carry += t[k];
		t[k] = (uint32_t)carry;
		t[k + 1] = (uint32_t)(carry >> 32);
		q = (uint32_t)(t[0] * m->inverse);
		carry = (q * m->n[0] + t[0]) >> 32;
		for (size_t j = 1; j < k; j++) {
			carry += q * m->n[j] + t[j];
			t[j - 1] = (uint32_t)carry;
			carry >>= 32;
		}
		carry += t[k];
		t[k - 1] = (uint32_t)carry;
		t[k] = t[k + 1] + (uint32_t)(carry >> 32);
	}
	if (t[k] || !is_less(t, m->n, k))
		subtract(t, m->n, k);
	memcpy(r, t, k * sizeof(*r));
}

/* 2^bits mod n: one, doubled. */
static void
power_of_two(const struct modulus *m, size_t bits, uint32_t *r)
{
	memset(r, 0, m->k * sizeof(*r));
	r[0] = 1;
	while (bits--) {
		uint32_t carry = 0;

		for (size_t i = 0; i < m->k; i++) {
			uint32_t high = r[i] >> 31;

			r[i] = r[i] << 1 | carry;
			carry = high;
		}
		if (carry || !is_less(r, m->n, m->k))
			subtract(r, m->n, m->k);
	}
}

bool
rsaopen(
    struct slice n, struct slice e, struct slice signature, unsigned char *out)
{
	struct modulus m = { .k = (n.n + 3) / 4 };
	uint32_t s[WORDS_MAX], r[WORDS_MAX];
	bool begun = false;

	if (n.n < 16 || n.n > RSAOPEN_MAX || !n.p[0] || !(n.p[n.n - 1] & 1) ||
	    !e.n || e.n > 8 || signature.n != n.n)
		return false;
	read_number(n, m.n, m.k);
	read_number(signature, s, m.k);
	if (!is_less(s, m.n, m.k))
		return false;
	/* Each step doubles the bits that are right (Newton). */
	m.inverse = m.n[0];
	for (int i = 0; i < 5; i++)
		m.inverse *= 2 - m.n[0] * m.inverse;
	m.inverse = -m.inverse;
	power_of_two(&m, 64 * m.k, r);
	multiply(&m, s, r, s);
	for (size_t i = 0; i < 8 * e.n; i++) {
		bool set = e.p[i / 8] >> (7 - i % 8) & 1;

		if (begun)
			multiply(&m, r, r, r);
		if (set && begun)
			multiply(&m, r, s, r);
		else if (set)
			memcpy(r, s, sizeof(r));
		begun = begun || set;
	}
	if (!begun)
		return false;
	memset(s, 0, sizeof(s));
	s[0] = 1;
	multiply(&m, r, s, r);
	for (size_t i = 0; i < n.n; i++)
		out[n.n - 1 - i] = (unsigned char)(r[i / 4] >> 8 * (i % 4));
	return true;
}
