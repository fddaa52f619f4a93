/* Unit tests of auth/dkim, auth/dkimkey and auth/letter: the examples of RFC
 * 6376 A.2 and RFC 8463 A.3, and a letter of our own, signed and then altered.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "auth/dkim.h"
#include "auth/letter.h"

#include "tap.h"

#define NOW 1795478400 /* 2026-11-24 */

#define RSA_P                                                                  \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3"         \
	"/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od"     \
	"+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBc"     \
	"WToIMmPSPDdQPNUYckcQ2QIDAQAB"
#define RSA_P_8463                                                             \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3"         \
	"idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ"     \
	"/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"     \
	"Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
#define ED_P "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

static const char zone_text[] =
    "$TTL 300\n"
    "brisbane._domainkey.example.com. TXT \"v=DKIM1; p=" RSA_P "\"\n"
    "test._domainkey.football.example.com. TXT \"v=DKIM1; k=rsa; p=" RSA_P_8463
    "\"\n"
    "brisbane._domainkey.football.example.com. TXT \"v=DKIM1; k=ed25519; "
    "p=" ED_P "\"\n"
    "$ORIGIN _domainkey.ex.test.\n"
    "ed TXT \"v=DKIM1; k=ed25519; p=" ED_P "\"\n"
    "rsa TXT \"v=DKIM1; p=" RSA_P "\"\n"
    "spf TXT \"v=spf1 -all\"\n"
    "spf TXT \"v=DKIM1; k=ed25519; p=" ED_P "\"\n"
    "both TXT \"v=DKIM1; p=" RSA_P "\"\n"
    "both TXT \"v=DKIM1; k=ed25519; p=" ED_P "\"\n"
    "revoked TXT \"v=DKIM1; k=ed25519; p=\"\n"
    "other TXT \"v=DKIM1; s=tlsrpt; k=ed25519; p=" ED_P "\"\n"
    "sha1 TXT \"v=DKIM1; h=sha1; k=ed25519; p=" ED_P "\"\n"
    "strict TXT \"v=DKIM1; t=y:s; k=ed25519; p=" ED_P "\"\n"
    "twice TXT \"v=DKIM1; k=ed25519; k=ed25519; p=" ED_P "\"\n"
    "later TXT \"k=ed25519; v=DKIM1; p=" ED_P "\"\n"
    "broken TXT \"v=DKIM1; k=ed25519; p=@@\"\n"
    "none TXT \"hello\"\n"
    ";@ SERVFAIL down._domainkey.ex.test.\n";

static const char football[] =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
    " date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n"
    "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

static const char dinner[] =
    "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
    "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
    "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
    "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"
    "        4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
    "        KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"
    "        4bmp/YzhwvcubU4=;\r\n"
    "Received: from client1.football.example.com  [192.0.2.1]\r\n"
    "      by submitserver.example.com with SUBMISSION;\r\n"
    "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n"
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n"
    "Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n";

static const char letter[] = "Received: from a by b\n"
			     "From: Ann <ann@ex.test>\n"
			     "To: bob@ex.test\n"
			     "Subject: one\n two  three\n"
			     "\n"
			     "Hello  Bob\n\nbye\n\n";

static struct dns *
open_zone(void)
{
	char path[] = "/tmp/test-dkim.XXXXXX";
	const char *zones[] = { path };
	static const struct given given = { 0 };
	struct dns_config c = {
		.zones = zones, .zone_count = 1, .given = &given
	};
	struct dns *dns = NULL;
	struct err e = { 0 };
	int fd = mkstemp(path);

	ok(fd >= 0 &&
		io_write(fd, zone_text, sizeof(zone_text) - 1, path, &e) == 0 &&
		dns_new(&dns, &c, &e) == 0,
	    "zone file %s", e.text);
	close(fd);
	unlink(path);
	return dns;
}

static struct key *
seed_key(void)
{
	struct key *k = NULL;
	struct err e;

	ok(key_read(&k,
	       slice_str("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="),
	       "seed", &e) == 0,
	    "the key of RFC 8463 A.2");
	return k;
}

static struct dkim_report
judge(struct dns *dns, struct slice message, int64_t now, struct arena *a)
{
	struct dkim_judge j = { .dns = dns, .now = now };
	struct dkim_letter m;
	struct dkim_report r = { 0 };
	struct err e = { 0 };

	ok(letter_read(message, a, &m, &e) == 0 &&
		dkim_verify(&m, &j, a, &r, &e) == 0,
	    "judged %s", e.text);
	return r;
}

static void
test_rfc(struct dns *dns)
{
	struct arena a = { 0 };
	struct dkim_report r = judge(dns, slice_str(football), NOW, &a);

	is_int((int64_t)r.count, 2, "RFC 8463 A.3: two signatures");
	for (size_t i = 0; i < r.count; i++) {
		is_str(r.sig[i].reason, "", "no reason to refuse %zu", i);
		is_int(r.sig[i].result, DKIM_PASS, "pass");
		is_slice(r.sig[i].d, "football.example.com", "d=");
	}
	is_int(r.sig[0].bits, 256, "bits of Ed25519");
	is_int(r.sig[1].bits, 1024, "bits of RSA");
	is_int(dkim_overall(&r), DKIM_PASS, "overall");
	r = judge(dns, slice_str(dinner), NOW, &a);
	is_int((int64_t)r.count, 1, "RFC 6376 A.2: one signature");
	is_str(r.sig[0].reason, "", "no reason to refuse it");
	is_int(r.sig[0].result, DKIM_PASS, "pass");
	arena_free(&a);
}

/* Signs the letter, with extra tags' worth of settings. */
static void
sign(const struct key *k, const char *selector, const struct dkim_plan *more,
    struct slice message, struct buf *out)
{
	struct dkim_signer s = { selector, k };
	struct dkim_plan p = *more;
	struct dkim_letter m;
	struct arena a = { 0 };
	struct err e = { 0 };

	p.domain = "ex.test";
	p.signers = &s;
	p.signer_count = 1;
	p.made = NOW;
	p.short_keys = true;
	buf_reset(out);
	ok(letter_read(message, &a, &m, &e) == 0 &&
		dkim_sign(&m, &p, letter_eol(message), out, &e) == 0,
	    "sign %s", e.text);
	buf_slice(out, message);
	arena_free(&a);
}

/* Replaces the first from with to. */
static void
change(struct buf *b, const char *from, const char *to)
{
	struct slice v = buf_view(b);
	size_t at = slice_search(v, slice_str(from));
	struct buf n;

	if (!ok(at != SIZE_MAX, "'%s' is there", from))
		return;
	buf_init(&n, b->max);
	buf_slice(&n, slice_sub(v, 0, at));
	buf_text(&n, to);
	buf_slice(&n, slice_sub(v, at + strlen(from), v.n));
	buf_reset(b);
	buf_slice(b, buf_view(&n));
	buf_free(&n);
}

static const struct {
	const char *name, *selector, *from, *to;
	enum dkim_code want;
} changes[] = {
	{ "as it is", "ed", "two", "two", DKIM_CODE_OK },
	{ "white space, relaxed", "ed", "two  three", "two\tthree",
	    DKIM_CODE_OK },
	{ "CRLF in the middle", "ed", "bye\n", "bye\r\n", DKIM_CODE_OK },
	{ "another trace field", "ed", "Received: from a", "X-A: b",
	    DKIM_CODE_OK },
	{ "subject", "ed", "one", "One", DKIM_CODE_SIGNATURE },
	{ "body", "ed", "bye", "buy", DKIM_CODE_BODY_HASH },
	{ "oversigned Subject on top", "ed",
	    "Received:", "Subject: x\nReceived:", DKIM_CODE_SIGNATURE },
	{ "oversigned Cc added", "ed",
	    "Received:", "Cc: x@y\nReceived:", DKIM_CODE_SIGNATURE },
	{ "no From", "ed", "From: Ann", "Frim: Ann", DKIM_CODE_FROM_UNSIGNED },
	{ "tag twice", "ed", "v=1;", "v=1; v=1;", DKIM_CODE_SYNTAX },
	{ "no v=, as drafts had it", "ed", "v=1;", "", DKIM_CODE_SIGNATURE },
	{ "no v=, in no draft", "ed", "v=1;", "q=dns/txt;",
	    DKIM_CODE_MISSING_TAG },
	{ "v=2", "ed", "v=1;", "v=2;", DKIM_CODE_VERSION },
	{ "unknown algorithm", "ed", "ed25519-sha256", "rsa-md5",
	    DKIM_CODE_ALGORITHM },
	{ "c=", "ed", "relaxed/relaxed", "relaxed/loose", DKIM_CODE_CANON },
	{ "d=", "ed", "d=ex.test", "d=ex..test", DKIM_CODE_DOMAIN },
	{ "h= without From", "ed",
	    "h=From:From:", "h=Fr:", DKIM_CODE_FROM_UNSIGNED },
	{ "i= elsewhere", "ed", "v=1;", "v=1; i=@test;", DKIM_CODE_IDENTITY },
	{ "i= on no label boundary", "ed", "v=1;", "v=1; i=a@nex.test;",
	    DKIM_CODE_IDENTITY },
	{ "i= quoted", "ed", "v=1;", "v=1; i=a=40nex.test;",
	    DKIM_CODE_IDENTITY },
	{ "t= empty", "ed", "v=1;", "v=1; x=;", DKIM_CODE_SYNTAX },
	{ "From without address", "ed", "From: Ann <ann@ex.test>", "From: Ann",
	    DKIM_CODE_FROM_UNSIGNED },
	{ "q=", "ed", "v=1;", "v=1; q=http;", DKIM_CODE_QUERY },
	{ "x= before t=", "ed", "v=1;", "v=1; x=5;", DKIM_CODE_TIME },
	{ "x= is no number", "ed", "v=1;", "v=1; x=-5;", DKIM_CODE_TIME },
	{ "l= beyond the body", "ed", "v=1;", "v=1; l=999;", DKIM_CODE_LENGTH },
	{ "bh= too short", "ed", "bh=", "bh=AAAA; zz=", DKIM_CODE_SYNTAX },
	{ "b= is no base64", "ed", "b=", "b=@", DKIM_CODE_SYNTAX },
	{ "RSA signature, Ed25519 key", "ed", "ed25519-sha256", "rsa-sha256",
	    DKIM_CODE_KEY_MISMATCH },
	{ "no record", "absent", "two", "two", DKIM_CODE_KEY_MISSING },
	{ "only other TXT", "none", "two", "two", DKIM_CODE_KEY_MISSING },
	{ "server down", "down", "two", "two", DKIM_CODE_KEY_UNKNOWN },
	{ "beside SPF", "spf", "two", "two", DKIM_CODE_OK },
	{ "two keys", "both", "two", "two", DKIM_CODE_OK },
	{ "revoked", "revoked", "two", "two", DKIM_CODE_KEY_REVOKED },
	{ "not for mail", "other", "two", "two", DKIM_CODE_KEY_MISMATCH },
	{ "only for SHA-1", "sha1", "two", "two", DKIM_CODE_KEY_MISMATCH },
	{ "t=s", "strict", "two", "two", DKIM_CODE_OK },
	{ "t=s and a subdomain", "strict", "v=1;", "v=1; i=@a.ex.test;",
	    DKIM_CODE_KEY_STRICT },
	{ "record: tag twice", "twice", "two", "two", DKIM_CODE_KEY_SYNTAX },
	{ "record: v= is not first", "later", "two", "two",
	    DKIM_CODE_KEY_SYNTAX },
	{ "record: p= is no base64", "broken", "two", "two",
	    DKIM_CODE_KEY_SYNTAX },
	{ "wrong key", "rsa", "ed25519-sha256", "rsa-sha256",
	    DKIM_CODE_SIGNATURE },
};

static void
test_changes(struct dns *dns, const struct key *k)
{
	const struct dkim_plan p = { .header_mode = CANON_RELAXED,
		.body_mode = CANON_RELAXED };
	struct buf b;

	buf_init(&b, 1u << 16);
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		struct arena a = { 0 };
		struct dkim_report r;

		sign(k, changes[i].selector, &p, slice_str(letter), &b);
		change(&b, changes[i].from, changes[i].to);
		r = judge(dns, buf_view(&b), NOW, &a);
		if (is_int(
			(int64_t)r.count, 1, "%s: listed", changes[i].name)) {
			is_str(dkim_code_name(r.sig[0].code),
			    dkim_code_name(changes[i].want), "%s: %s",
			    changes[i].name, r.sig[0].reason);
			is_int(r.sig[0].result,
			    dkim_code_result(changes[i].want),
			    "and its result");
		}
		arena_free(&a);
	}
	buf_free(&b);
}

/* A signature without v=, made by hand. */
static const char draft[] =
    "DKIM-Signature: a=ed25519-sha256; c=relaxed; d=ex.test; s=ed; h=From;\n"
    " bh=PJwLEZY3MVwf+rNJqh1AMF7JchWEkGK5kWrKVu7Eiw8=;\n"
    " b=61M9SPNfZESJ3HTsyJdWYJ2m9/53nF6rkQP1E1RlEcRbxZYLLtwuF4uDD/rN3v1nd4qW"
    "cyLr+Jb23R3ykbBTAA==\n"
    "From: Ann <ann@ex.test>\n"
    "\n"
    "Hello  Bob\n\nbye\n\n";

/* What does not match fails, however old it is; what matches passes with
 * legacy only. */
static void
test_draft(struct dns *dns)
{
	static const struct {
		enum dkim_policy policy;
		const char *from, *to;
		enum dkim_code want;
	} rows[] = {
		{ DKIM_POLICY_STRICT, "bye", "bye", DKIM_CODE_MISSING_TAG },
		{ DKIM_POLICY_RFC, "bye", "bye", DKIM_CODE_MISSING_TAG },
		{ DKIM_POLICY_LEGACY, "bye", "bye", DKIM_CODE_OK },
		{ DKIM_POLICY_STRICT, "bye", "buy", DKIM_CODE_BODY_HASH },
		{ DKIM_POLICY_STRICT, "Ann", "Bob", DKIM_CODE_SIGNATURE },
		{ DKIM_POLICY_LEGACY, "Ann", "Bob", DKIM_CODE_SIGNATURE },
		{ DKIM_POLICY_LEGACY,
		    "a=", "q=dns/txt; a=", DKIM_CODE_MISSING_TAG },
	};
	struct buf b;

	buf_init(&b, 1u << 16);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct dkim_judge j = {
			.dns = dns, .now = NOW, .policy = rows[i].policy
		};
		struct arena a = { 0 };
		struct dkim_letter m;
		struct dkim_report r = { 0 };
		struct err e = { 0 };

		buf_reset(&b);
		buf_text(&b, draft);
		change(&b, rows[i].from, rows[i].to);
		ok(letter_read(buf_view(&b), &a, &m, &e) == 0 &&
			dkim_verify(&m, &j, &a, &r, &e) == 0 && r.count == 1,
		    "draft %zu: judged %s", i, e.text);
		is_str(dkim_code_name(r.sig[0].code),
		    dkim_code_name(rows[i].want), "draft %zu: %s", i,
		    r.sig[0].reason);
		arena_free(&a);
	}
	buf_free(&b);
}

static void
test_time(struct dns *dns, const struct key *k)
{
	static const struct {
		int64_t at;
		enum dkim_code want;
	} rows[] = {
		{ NOW, DKIM_CODE_OK },
		{ NOW - DKIM_SKEW, DKIM_CODE_OK },
		{ NOW - DKIM_SKEW - 1, DKIM_CODE_FUTURE },
		{ NOW + 60, DKIM_CODE_OK },
		{ NOW + 61, DKIM_CODE_EXPIRED },
	};
	const struct dkim_plan p = { .lifetime = 60 };
	struct arena a = { 0 };
	struct buf b;

	buf_init(&b, 1u << 16);
	sign(k, "ed", &p, slice_str(letter), &b);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		is_str(
		    dkim_code_name(
			judge(dns, buf_view(&b), rows[i].at, &a).sig[0].code),
		    dkim_code_name(rows[i].want), "at %+lld",
		    (long long)(rows[i].at - NOW));
	arena_free(&a);
	buf_free(&b);
}

/* A field beside a signed one that is not oversigned is no pass (RFC 6376
 * 8.15); more signatures than we judge are listed, and say so. */
static void
test_policy(struct dns *dns, const struct key *k)
{
	const struct dkim_plan p = { .names = "From:Subject" };
	struct arena a = { 0 };
	struct dkim_report r;
	struct buf b, many;

	buf_init(&b, 1u << 16);
	buf_init(&many, 1u << 20);
	sign(k, "ed", &p, slice_str(letter), &b);
	r = judge(dns, buf_view(&b), NOW, &a);
	is_int(r.sig[0].code, DKIM_CODE_OK, "signed without oversigning");
	for (int i = 0; i < 105; i++)
		buf_slice(
		    &many, slice_sub(buf_view(&b), 0, b.n - strlen(letter)));
	buf_text(&many, letter);
	r = judge(dns, buf_view(&many), NOW, &a);
	is_int((int64_t)r.count, DKIM_LISTED_MAX, "listed");
	is_int((int64_t)r.beyond, 5, "beyond");
	is_int(r.sig[9].result, DKIM_PASS, "the tenth is judged");
	is_str(dkim_code_name(r.sig[10].code), "not-judged", "the next not");
	change(&b, "Received:", "Subject: buy\nReceived:");
	r = judge(dns, buf_view(&b), NOW, &a);
	is_str(dkim_code_name(r.sig[0].code), "field-added", "second Subject");
	is_int(dkim_overall(&r), DKIM_POLICY, "is no pass");
	arena_free(&a);
	buf_free(&b);
	buf_free(&many);
}

static void
test_refusals(const struct key *k)
{
	static const struct {
		const char *name, *message, *auid, *names, *error;
	} rows[] = {
		{ "no From", "To: x\n\nhi\n", NULL, NULL, "no From field" },
		{ "two From", "From: a@b\nTo: x\nFrom: c@d\n\nhi\n", NULL, NULL,
		    "line 3: a second From" },
		{ "folded before", "To: x,\n y\nFrom: a@b\nFrom: c@d\n\n", NULL,
		    NULL,
		    "line 4: a second From field, the first is in "
		    "line 3" },
		{ "i= elsewhere", letter, "a@b.test", NULL, "not within" },
		{ "i= is none", letter, "ann", NULL, "not within" },
		{ "h= without From", letter, NULL, "Subject",
		    "must name From" },
		{ "h= with a bad name", letter, NULL, "From:a b",
		    "'a b' is no name" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct dkim_signer s = { "ed", k };
		struct dkim_plan p = { .domain = "ex.test",
			.signers = &s,
			.signer_count = 1,
			.auid = rows[i].auid,
			.names = rows[i].names };
		struct arena a = { 0 };
		struct dkim_letter m;
		struct err e = { 0 };
		struct buf b;

		buf_init(&b, 1u << 16);
		letter_read(slice_str(rows[i].message), &a, &m, &e);
		is_int(dkim_sign(&m, &p, "\n", &b, &e), -1, "%s", rows[i].name);
		ok(strstr(e.text, rows[i].error) != NULL, "says: %s", e.text);
		arena_free(&a);
		buf_free(&b);
	}
}

int
main(void)
{
	struct dns *dns = open_zone();
	struct key *k = seed_key();

	if (dns && k) {
		test_rfc(dns);
		test_changes(dns, k);
		test_draft(dns);
		test_time(dns, k);
		test_policy(dns, k);
		test_refusals(k);
	}
	key_free(&k);
	dns_free(&dns);
	return tap_done();
}
