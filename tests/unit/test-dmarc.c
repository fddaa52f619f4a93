/* Unit tests of auth/dmarc: records, tree walks, verdicts (RFC 9989).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "auth/dmarc.h"

#include "tap.h"

static void
test_records(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *p, *sp;
	} rows[] = {
		{ "v=DMARC1; p=reject", 1, "reject", "unset" },
		{ "v=DMARC1;p=NONE;sp=Quarantine", 1, "none", "quarantine" },
		{ "v = DMARC1 ; p = none ;", 1, "none", "unset" },
		{ "v=DMARC1; unknown=1; p=reject; p", 1, "reject", "unset" },
		{ "v=DMARC1", -1, "unset", "unset" },
		{ "v=DMARC1; rua=mailto:a@b.example", 1, "none", "unset" },
		{ "v=DMARC1; p=reject; sp=x", -1, "unset", "unset" },
		{ "v=DMARC1; p=reject; sp=x; rua=mailto:a@b", 1, "none",
		    "unset" },
		{ "v=DMARC1; p=x; rua=mailto:", -1, "unset", "unset" },
		{ "v=dmarc1; p=reject", 0, "unset", "unset" },
		{ "v=DMARC11; p=reject", 0, "unset", "unset" },
		{ " v=DMARC1; p=reject", 0, "unset", "unset" },
		{ "p=reject; v=DMARC1", 0, "unset", "unset" },
		{ "", 0, "unset", "unset" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct dmarc_record r;

		is_int(dmarc_parse(slice_str(rows[i].in), &r, NULL),
		    rows[i].ret, "'%s'", rows[i].in);
		is_str(dmarc_policy_name(r.p), rows[i].p, "its p");
		is_str(dmarc_policy_name(r.sp), rows[i].sp, "its sp");
	}
}

static const char zone[] =
    "$TTL 60\n"
    "_dmarc.org.example. TXT \"v=DMARC1; p=reject; sp=quarantine; np=none\"\n"
    "there.org.example. A 192.0.2.1\n"
    "_dmarc.own.org.example. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.t.example. TXT \"v=DMARC1; p=reject; t=y\"\n"
    "_dmarc.two.example. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.two.example. TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.bank. TXT \"v=DMARC1; p=reject; psd=y\"\n"
    "_dmarc.mid.strict.example. TXT \"v=DMARC1; p=none; psd=n\"\n"
    "_dmarc.strict.example. TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
    "_dmarc.h.example. TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.c.d.e.f.g.h.example. TXT \"v=DMARC1; p=none\"\n"
    ";@ TIMEOUT _dmarc.slow.example.\n"
    "_dmarc.sub.slow.example. TXT \"v=DMARC1; p=reject\"\n";

static const struct {
	const char *from, *spf, *dkim;
	const char *result, *policy, *disposition, *at, *org;
	unsigned queries;
} rows[] = {
	{ "org.example", NULL, "org.example", "pass", "reject", "none",
	    "org.example", "org.example", 2 },
	{ "org.example", NULL, NULL, "fail", "reject", "reject", "org.example",
	    "org.example", 2 },
	{ "there.org.example", NULL, NULL, "fail", "quarantine", "quarantine",
	    "org.example", "org.example", 3 },
	{ "gone.org.example", NULL, NULL, "fail", "none", "none", "org.example",
	    "org.example", 3 },
	{ "own.org.example", NULL, "other.org.example", "pass", "none", "none",
	    "own.org.example", "org.example", 6 },
	{ "org.example", "there.org.example", NULL, "pass", "reject", "none",
	    "org.example", "org.example", 5 },
	{ "strict.example", "a.strict.example", NULL, "fail", "reject",
	    "reject", "strict.example", "strict.example", 2 },
	{ "strict.example", "STRICT.example.", NULL, "pass", "reject", "none",
	    "strict.example", "strict.example", 2 },
	{ "a.mid.strict.example", NULL, NULL, "fail", "none", "none",
	    "mid.strict.example", "mid.strict.example", 2 },
	{ "t.example", NULL, NULL, "fail", "reject", "quarantine", "t.example",
	    "t.example", 2 },
	{ "two.example", NULL, NULL, "none", "unset", "none", NULL,
	    "two.example", 2 },
	{ "a.one.bank", NULL, "one.bank", "pass", "reject", "none", "bank",
	    "one.bank", 5 },
	{ "a.one.bank", NULL, "two.bank", "fail", "reject", "reject", "bank",
	    "one.bank", 5 },
	{ "none.test", NULL, "none.test", "none", "unset", "none", NULL,
	    "none.test", 2 },
	{ "sub.slow.example", NULL, "sub.slow.example", "pass", "reject",
	    "none", "sub.slow.example", NULL, 2 },
	{ "sub.slow.example", NULL, "slow.example", "temperror", "reject",
	    "none", "sub.slow.example", NULL, 3 },
	{ "slow.example", NULL, "slow.example", "temperror", "unset", "none",
	    NULL, NULL, 1 },
	{ "..", NULL, NULL, "permerror", "unset", "none", NULL, NULL, 0 },
	/* 13 labels: the name, then the 7 rightmost and so on: 8 queries. */
	{ "1.2.3.4.5.a.b.d.e.f.g.h.example", NULL, NULL, "fail", "reject",
	    "reject", "h.example", "h.example", 8 },
};

static void
test_row(struct dns *d, size_t i, struct arena *a)
{
	struct dmarc_input in = { .from = rows[i].from,
		.spf_domain = rows[i].spf,
		.dkim_domains = &rows[i].dkim,
		.dkim_count = rows[i].dkim != NULL };
	struct dmarc_verdict v;

	if (!ok(dmarc_check(d, &in, a, &v, NULL) == 0, "%s, %s, %s",
		rows[i].from, rows[i].spf ? rows[i].spf : "-",
		rows[i].dkim ? rows[i].dkim : "-"))
		return;
	is_str(dmarc_result_name(v.result), rows[i].result, "result");
	is_str(dmarc_policy_name(v.policy), rows[i].policy, "policy");
	is_str(dmarc_policy_name(v.disposition), rows[i].disposition,
	    "disposition");
	is_str(v.record_at, rows[i].at, "record at");
	is_str(v.org, rows[i].org, "organizational domain");
	is_int(v.queries, rows[i].queries, "queries");
}

int
main(void)
{
	char path[] = "/tmp/test-dmarc-XXXXXX";
	const char *files[] = { path };
	struct given given = { 0 };
	struct dns_config c = {
		.zones = files, .zone_count = 1, .given = &given
	};
	struct arena a = { 0 };
	struct dns *d;
	struct err e;
	int fd = mkstemp(path);

	test_records();
	if (!ok(fd >= 0 && io_write(fd, zone, strlen(zone), path, &e) == 0 &&
		    dns_new(&d, &c, &e) == 0,
		"the zone loads"))
		return tap_done();
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		test_row(d, i, &a);
	dns_free(&d);
	arena_free(&a);
	close(fd);
	unlink(path);
	return tap_done();
}
