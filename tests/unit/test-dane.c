/* Unit tests of auth/dane: records read, judged, found; digest agility.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "crypt/digest.h"

#include "net/tls.h"

#include "auth/dane.h"

#include "tap.h"

#define NOW 1795000000

static void
test_read(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *fault, *smtp;
	} rows[] = {
		{ "3 1 1 00112233445566778899aabbccddeeff"
		  "00112233445566778899AABBCCDDEEFF",
		    0, NULL, NULL },
		{ "3 1 1 (0011 2233445566778899aabbccddeeff "
		  "00112233445566778899AABBCCDDEEFF )",
		    0, NULL, NULL },
		{ "1 0 0 30", 0, NULL, "PKIX usages are not for SMTP" },
		{ "3 1 1 00", 0, "SHA2-256 digest does not have 32 octets",
		    "SHA2-256 digest does not have 32 octets" },
		{ "2 0 2 00", 0, "SHA2-512 digest does not have 64 octets",
		    "SHA2-512 digest does not have 64 octets" },
		{ "4 0 0 30", 0, "certificate usage is not known",
		    "certificate usage is not known" },
		{ "3 2 0 30", 0, "selector is not known",
		    "selector is not known" },
		{ "3 1 3 30", 0, "matching type is not known",
		    "matching type is not known" },
		{ "256 1 1 00", -1, NULL, NULL },
		{ "3 1 1", -1, NULL, NULL },
		{ "3 1 1 0", -1, NULL, NULL },
		{ "3 1 1 0g", -1, NULL, NULL },
		{ "3 1 1x 00", -1, NULL, NULL },
		{ "", -1, NULL, NULL },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct dane_record r;

		is_int(dane_read(slice_str(rows[i].in), &a, &r, NULL),
		    rows[i].ret, "'%s'", rows[i].in);
		if (rows[i].ret < 0)
			continue;
		is_str(dane_fault(&r, false), rows[i].fault, "its fault");
		is_str(dane_fault(&r, true), rows[i].smtp, "for SMTP");
	}
	arena_free(&a);
}

/* A record of a certificate's key. */
static struct dane_record
record_of(
    const struct cert *c, unsigned usage, unsigned matching, struct arena *a)
{
	struct dane_record r = { usage, 1, matching, cert_key(c) };
	char *wrong = arena_new(a, 64);

	if (matching == CERT_MATCH_SHA512)
		r.data = slice_of(wrong, 64);
	return r;
}

/* A stronger digest that does not match hides a weaker one that would. */
static void
test_verify(void)
{
	static const char *const name = "mx.example.org", *other = "x.example";
	struct arena a = { 0 };
	struct dane_record records[2];
	struct cert *list[CERT_CHAIN_MAX];
	struct dane_verdict v;
	struct dane_set set;
	struct tls_cert *made;
	struct dane_check c = { .chain_n = 1, .at = NOW };
	size_t n;

	if (!ok(tls_cert_make(&name, 1, NOW - 400 * 86400, &made, NULL) == 0 &&
		    cert_read_pem(tls_cert_pem(made), list, &n, NULL) == 0,
		"a certificate"))
		return;
	c.chain = (const struct cert *const *)list;
	c.names = &other;
	c.name_count = 1;
	records[0] = record_of(list[0], DANE_EE, CERT_MATCH_FULL, &a);
	dane_set_of(records, 1, true, &set);
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "verified",
	    "DANE-EE: neither name nor date counts");
	c.ee_names = true;
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "wrong-name",
	    "unless it is asked for");
	c.names = &name;
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "verified", "the right name");
	records[0].usage = DANE_PKIX_EE;
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "untrusted",
	    "PKIX-EE without authorities");
	c.smtp = true;
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "no-record", "PKIX-EE for SMTP");
	cert_free(&list[0]);
	tls_cert_free(&made);
	arena_free(&a);
}

static void
test_agility(void)
{
	static const char *const name = "mx.example.org";
	struct arena a = { 0 };
	struct dane_record records[2];
	struct cert *list[CERT_CHAIN_MAX];
	struct dane_verdict v;
	struct dane_set set;
	struct tls_cert *made;
	struct dane_check c = { .chain_n = 1, .at = NOW };
	unsigned char digest[DIGEST_SHA256_SIZE];
	size_t n;

	if (!ok(tls_cert_make(&name, 1, NOW, &made, NULL) == 0 &&
		    cert_read_pem(tls_cert_pem(made), list, &n, NULL) == 0,
		"a certificate"))
		return;
	c.chain = (const struct cert *const *)list;
	digest_of(DIGEST_SHA256, cert_key(list[0]), digest, NULL);
	records[0] = (struct dane_record){ DANE_EE, 1, CERT_MATCH_SHA256,
		slice_of(digest, sizeof(digest)) };
	records[1] = record_of(list[0], DANE_EE, CERT_MATCH_SHA512, &a);
	dane_set_of(records, 1, true, &set);
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "verified", "SHA2-256 alone");
	is_int(v.depth, 0, "at the leaf");
	dane_set_of(records, 2, true, &set);
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "no-match",
	    "a SHA2-512 that does not match hides it");
	records[1].usage = DANE_TA;
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "verified",
	    "of another usage it does not");
	records[1].data.n = 5;
	records[1].usage = DANE_EE;
	dane_verify(&set, &c, &v);
	is_str(dane_outcome_name(v.outcome), "verified",
	    "nor one that cannot be used");
	cert_free(&list[0]);
	tls_cert_free(&made);
	arena_free(&a);
}

#define D "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char zone[] = ";@ SECURE\n"
			   "mx.example. A 192.0.2.1\n"
			   "_25._tcp.mx.example. TLSA 3 1 1 " D "\n"
			   "pkix.example. A 192.0.2.1\n"
			   "_25._tcp.pkix.example. TLSA 1 1 1 " D "\n"
			   "plain.example. A 192.0.2.1\n"
			   "alias.example. CNAME mx.example.\n"
			   "own.example. CNAME plain.example.\n"
			   "_25._tcp.own.example. TLSA 3 1 1 " D "\n"
			   "slow.example. A 192.0.2.1\n"
			   ";@ TIMEOUT _25._tcp.slow.example.\n"
			   ";@ SERVFAIL bad.example.\n";

static const struct {
	const char *host;
	enum dane_state state;
	const char *base;
} found[] = {
	{ "mx.example", DANE_USABLE, "mx.example" },
	{ "pkix.example", DANE_UNUSABLE, "pkix.example" },
	{ "plain.example", DANE_ABSENT, "plain.example" },
	{ "alias.example", DANE_USABLE, "mx.example" },
	{ "own.example", DANE_USABLE, "own.example" },
	{ "slow.example", DANE_DEFER, "slow.example" },
	{ "bad.example", DANE_DEFER, "bad.example" },
	{ "gone.example", DANE_ABSENT, "gone.example" },
};

/* The zone, with or without the line that makes it validated. */
static void
test_find(const char *text, bool secure)
{
	char path[] = "/tmp/test-dane-XXXXXX";
	const char *files[] = { path };
	struct given given = { 0 };
	struct dns_config c = {
		.zones = files, .zone_count = 1, .given = &given
	};
	struct arena a = { 0 };
	struct dane_set set;
	struct dns *d;
	struct err e;
	int fd = mkstemp(path);

	if (!ok(fd >= 0 && io_write(fd, text, strlen(text), path, &e) == 0 &&
		    dns_new(&d, &c, &e) == 0,
		"the zone loads"))
		return;
	for (size_t i = 0; i < COUNT_OF(found); i++) {
		bool asked = secure || found[i].state != DANE_DEFER ||
		             strcmp(found[i].host, "bad.example") == 0;
		enum dane_state want = secure ? found[i].state : DANE_ABSENT;

		if (!secure && asked && found[i].state == DANE_DEFER)
			want = DANE_DEFER;
		dane_find(d, found[i].host, 25, true, &a, &set, &e);
		is_int(set.state, want, "%s%s", found[i].host,
		    secure ? "" : ", not signed");
		if (secure)
			is_str(set.base, found[i].base, "its base");
	}
	dns_free(&d);
	arena_free(&a);
	close(fd);
	unlink(path);
}

int
main(void)
{
	test_read();
	test_verify();
	test_agility();
	test_find(zone, true);
	test_find(strchr(zone, '\n') + 1, false);
	return tap_done();
}
