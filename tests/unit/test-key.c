/* Unit tests of crypt/key. The RSA key is RFC 6376 C's, the Ed25519 key RFC
 * 8463 A.2's.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "crypt/key.h"

#include "tap.h"

static const char rsa_pem[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC\n"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb\n"
    "to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n"
    "AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX\n"
    "/1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ\n"
    "gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO\n"
    "n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m\n"
    "3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/\n"
    "eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj\n"
    "7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA\n"
    "qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf\n"
    "eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX\n"
    "GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=\n"
    "-----END RSA PRIVATE KEY-----\n";

static const unsigned char seed[32] = { 0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd,
	0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
	0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae,
	0x7f, 0x60 };
static const char seed_base64[] =
    "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
static const char point_hex[] =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

static bool
signs(const struct key *k)
{
	unsigned char digest[DIGEST_SHA256_SIZE] = { 1, 2, 3 };
	struct buf sig, der;
	struct key_public *p;
	bool good, bad;

	buf_init(&sig, KEY_SIGNATURE_MAX);
	buf_init(&der, KEY_PUBLIC_MAX);
	if (!ok(key_sign(k, digest, &sig, NULL) == 0, "sign") ||
	    !ok(key_write_public(k, &der, NULL) == 0, "public") ||
	    !ok(key_public_read(&p, key_kind(k), buf_view(&der), NULL) == 0,
		"read public"))
		return false;
	unsigned char opened[DIGEST_MAX] = { 0 };

	is_int(key_public_open(p, DIGEST_SHA256, buf_view(&sig), opened),
	    key_kind(k) == KEY_RSA, "only RSA tells what was signed");
	if (key_kind(k) == KEY_RSA) {
		ok(memcmp(opened, digest, sizeof(digest)) == 0, "this digest");
		ok(!key_public_open(p, DIGEST_SHA1, buf_view(&sig), opened),
		    "and no other kind");
		sig.p[sig.n - 1] ^= 1;
		ok(!key_public_open(p, DIGEST_SHA256, buf_view(&sig), opened),
		    "a broken one tells nothing");
		sig.p[sig.n - 1] ^= 1;
		ok(!key_public_open(p, DIGEST_SHA256,
		       slice_sub(buf_view(&sig), 1, sig.n), opened),
		    "nor a short one");
	}
	is_int(key_public_bits(p), key_bits(k), "bits");
	good = key_public_verify(p, DIGEST_SHA256, digest, buf_view(&sig));
	digest[0] ^= 1;
	bad = key_public_verify(p, DIGEST_SHA256, digest, buf_view(&sig));
	key_public_free(&p);
	buf_free(&sig);
	buf_free(&der);
	return good && !bad;
}

static void
test_private(void)
{
	static const struct {
		const char *name;
		struct slice in;
		int ret;
		enum key_kind kind;
		const char *error;
	} rows[] = {
		{ "PKCS#1 PEM", { rsa_pem, sizeof(rsa_pem) - 1 }, 0, KEY_RSA,
		    NULL },
		{ "raw seed", { (const char *)seed, 32 }, 0, KEY_ED25519,
		    NULL },
		{ "base64 seed", { seed_base64, sizeof(seed_base64) - 1 }, 0,
		    KEY_ED25519, NULL },
		{ "empty", { "", 0 }, -1, KEY_RSA, "no private key" },
		{ "garbage", { "garbage", 7 }, -1, KEY_RSA, "no private key" },
		{ "cut PEM", { rsa_pem, 300 }, -1, KEY_RSA, "key 'k': " },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct key *k;
		struct err e = { 0 };

		is_int(key_read(&k, rows[i].in, "k", &e), rows[i].ret, "%s",
		    rows[i].name);
		if (!k) {
			ok(strstr(e.text, rows[i].error) != NULL,
			    "says why: %s", e.text);
			is_int(e.kind, ERR_DATA, "kind");
			continue;
		}
		is_int(key_kind(k), rows[i].kind, "kind");
		ok(signs(k), "%s: signs and verifies", rows[i].name);
		key_free(&k);
	}
}

static void
test_ed25519_public(void)
{
	struct key *k;
	struct buf p;
	char hex[DIGEST_HEX_MAX];

	if (!ok(key_read(&k, slice_of(seed, 32), "k", NULL) == 0, "seed"))
		return;
	buf_init(&p, KEY_PUBLIC_MAX);
	key_write_public(k, &p, NULL);
	digest_hex((const unsigned char *)buf_str(&p), p.n, hex);
	is_str(hex, point_hex, "RFC 8463 A.2 public key");
	buf_free(&p);
	key_free(&k);
}

static void
test_generate(void)
{
	struct key *k, *again;
	struct buf pem;

	ok(key_generate(&k, KEY_RSA, 2048, NULL) == 0, "rsa:2048");
	is_int(key_bits(k), 2048, "bits");
	ok(signs(k), "signs");
	buf_init(&pem, KEY_FILE_MAX);
	ok(key_write_pem(k, &pem, NULL) == 0, "as PEM");
	ok(slice_starts(buf_view(&pem), "-----BEGIN PRIVATE KEY-----"),
	    "PKCS#8");
	ok(key_read(&again, buf_view(&pem), "k", NULL) == 0, "and back");
	key_free(&again);
	key_free(&k);
	buf_wipe(&pem);
	ok(key_generate(&k, KEY_ED25519, 0, NULL) == 0, "ed25519");
	ok(signs(k), "signs");
	key_free(&k);
	key_free(&k);
}

static void
test_public(void)
{
	static const struct {
		const char *name;
		enum key_kind kind;
		struct slice in;
		const char *error;
	} rows[] = {
		{ "empty", KEY_RSA, SLICE_LIT(""), "no RSA" },
		{ "cut sequence", KEY_RSA, SLICE_LIT("\x30\x82\x01"),
		    "no RSA" },
		{ "no modulus", KEY_RSA, SLICE_LIT("\x30\x04\x02\x00\x02\x00"),
		    "no usable" },
		{ "even modulus", KEY_RSA,
		    SLICE_LIT("\x30\x06\x02\x01\x04\x02\x01\x03"),
		    "no usable" },
		{ "31 octets", KEY_ED25519,
		    SLICE_LIT("0123456789012345678901234567890"),
		    "31 octets instead of 32" },
	};
	static unsigned char big[1200];
	struct key_public *k;
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		is_int(key_public_read(&k, rows[i].kind, rows[i].in, &e), -1,
		    "%s", rows[i].name);
		ok(strstr(e.text, rows[i].error) != NULL, "why: %s", e.text);
	}
	/* SEQUENCE { INTEGER of 1100 octets, INTEGER 3 } */
	memset(big, 0xff, sizeof(big));
	memcpy(big, "\x30\x82\x04\x53\x02\x82\x04\x4c", 8);
	memcpy(big + 1108, "\x02\x01\x03", 3);
	is_int(key_public_read(&k, KEY_RSA, slice_of(big, 1111), &e), -1,
	    "8800 bits");
	ok(strstr(e.text, "more than 8192") != NULL, "why: %s", e.text);
}

static void
test_open(void)
{
	char path[] = "/tmp/test-key.XXXXXX";
	int fd = mkstemp(path);
	struct key *k;
	struct err e;
	bool exposed = true;

	ok(fd >= 0 && io_write(fd, seed, 32, path, NULL) == 0, "write a key");
	ok(key_open(&k, path, &exposed, &e) == 0 && !exposed, "0600 is fine");
	key_free(&k);
	chmod(path, 0644);
	ok(key_open(&k, path, &exposed, &e) == 0 && exposed, "0644 is told");
	key_free(&k);
	unlink(path);
	close(fd);
	is_int(key_open(&k, path, NULL, &e), -1, "missing");
	is_int(e.kind, ERR_NOINPUT, "kind");
	ok(strstr(e.text, path) != NULL, "names it: %s", e.text);
	is_int(key_open(&k, "/", NULL, &e), -1, "a directory");
	is_int(e.kind, ERR_NOINPUT, "kind: %s", e.text);
}

int
main(void)
{
	test_private();
	test_ed25519_public();
	test_generate();
	test_public();
	test_open();
	return tap_done();
}
