/* Unit tests of crypt/rsaweak: moduli with a common factor.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "crypt/rsaweak.h"

#include "tap.h"

#define MANY 1000

/* Each modulus one octet; with has "-" for alone, else the other's index. */
static const struct {
	const char *name;
	struct slice moduli;
	const char *with;
} rows[] = {
	{ "none", SLICE_LIT(""), "" },
	{ "one", SLICE_LIT("\x0f"), "-" },
	{ "0 alone", SLICE_LIT("\x00"), "-" },
	{ "1 alone", SLICE_LIT("\x01"), "-" },
	{ "2 alone", SLICE_LIT("\x02"), "-" },
	{ "0, 1 and 2", SLICE_LIT("\x00\x01\x02"), "---" },
	{ "0 does not hide others", SLICE_LIT("\x00\x0f\x15\x00"), "-21-" },
	{ "two, strangers", SLICE_LIT("\x0f\x4d"), "--" },
	{ "two with a factor", SLICE_LIT("\x0f\x15"), "10" },
	{ "two alike", SLICE_LIT("\x0f\x0f"), "10" },
	{ "three, the odd one last", SLICE_LIT("\xdd\x0f\x15"), "-21" },
	{ "three, in a chain", SLICE_LIT("\x06\x0f\x23"), "101" },
	{ "both factors, of two others", SLICE_LIT("\x0f\x15\x37\xbb"),
	    "1002" },
	{ "five, the last with two", SLICE_LIT("\x0f\x4d\xdd\x01\x21"),
	    "44--0" },
};

static char
shown(size_t with)
{
	return with == RSAWEAK_ALONE  ? '-'
	       : with == RSAWEAK_SOME ? '?'
	                              : (char)('0' + with);
}

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice all = rows[i].moduli, v[8];
		size_t with[8];
		char got[9] = "";

		for (size_t j = 0; j < all.n; j++)
			v[j] = slice_sub(all, j, j + 1);
		rsaweak_common(v, all.n, with);
		for (size_t j = 0; j < all.n; j++)
			got[j] = shown(with[j]);
		is_str(got, rows[i].with, "%s", rows[i].name);
	}
}

static uint64_t
next_prime(uint64_t n)
{
	for (n += 2;; n += 2) {
		uint64_t d = 3;

		while (d * d <= n && n % d != 0)
			d += 2;
		if (d * d > n)
			return n;
	}
}

static void
put(unsigned char out[8], uint64_t n)
{
	for (int i = 7; i >= 0; i--, n >>= 8)
		out[i] = (unsigned char)(n & 0xff);
}

/* Products of two primes each, all of them different; then two that are of
 * another's. */
static void
test_many(void)
{
	static unsigned char octets[MANY][8];
	static struct slice v[MANY];
	static size_t with[MANY];
	uint64_t p = 1000001, q, first = 0, last = 0;
	size_t alone = 0;

	for (size_t i = 0; i < MANY; i++) {
		p = next_prime(p);
		q = next_prime(p);
		first = first ? first : p;
		last = q;
		put(octets[i], p * q);
		v[i] = slice_of((const char *)octets[i], 8);
		p = q;
	}
	rsaweak_common(v, MANY, with);
	for (size_t i = 0; i < MANY; i++)
		alone += with[i] == RSAWEAK_ALONE;
	is_int((int64_t)alone, MANY, "a thousand strangers");
	put(octets[500], first * last);
	rsaweak_common(v, MANY, with);
	alone = 0;
	for (size_t i = 0; i < MANY; i++)
		alone += with[i] == RSAWEAK_ALONE;
	is_int((int64_t)alone, MANY - 3, "all but three of a thousand");
	is_int((int64_t)with[0], 500, "the first, with the planted one");
	is_int((int64_t)with[500], 0, "that, with the first");
	is_int((int64_t)with[MANY - 1], 500, "the last, with the planted one");
}

int
main(void)
{
	if (!rsaweak_compares()) {
		ok(true, "built without GMP");
		return tap_done();
	}
	test_rows();
	test_many();
	return tap_done();
}
