/* Unit tests of crypt/digest.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "crypt/digest.h"

#include "tap.h"

static const struct {
	const char *name;
	enum digest_kind kind;
	const char *in, *want;
} rows[] = {
	{ "sha256 of nothing", DIGEST_SHA256, "",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "sha256 of abc", DIGEST_SHA256, "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "sha1 of abc", DIGEST_SHA1, "abc",
	    "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "md5 of abc", DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
};

int
main(void)
{
	unsigned char sum[DIGEST_MAX];
	char hex[DIGEST_HEX_MAX];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice in = slice_str(rows[i].in);
		struct digest d;

		ok(digest_of(rows[i].kind, in, sum, NULL) == 0, "whole");
		digest_hex(sum, digest_size(rows[i].kind), hex);
		is_str(hex, rows[i].want, "%s", rows[i].name);
		ok(digest_begin(&d, rows[i].kind, NULL) == 0, "begin");
		for (size_t at = 0; at < in.n; at++)
			digest_add(&d, in.p + at, 1);
		digest_end(&d, sum);
		digest_hex(sum, digest_size(rows[i].kind), hex);
		is_str(hex, rows[i].want, "%s, octet by octet", rows[i].name);
		digest_end(&d, NULL);
	}
	return tap_done();
}
