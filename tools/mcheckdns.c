/* mcheckdns: audits the mail DNS of domains; evaluates SPF and DANE.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mcheckdns.h"

/* Options that --help only names; the first may stand in the accounts file. */
#define BRIEF(k, n, field, a, h, f)                                            \
	{                                                                      \
		.kind = (k), .name = (n), .arg = (a), .help = (h),             \
		.at = offsetof(struct settings, field),                        \
		.flags = OPT_BRIEF | (f)                                       \
	}
#define KEPT(k, n, field, a, h) BRIEF(k, n, field, a, h, 0)
#define ONE(k, n, field, a, h)  BRIEF(k, n, field, a, h, OPT_NO_CONF)

static const struct opt options[] = {
	OPT_HEAD("Source"),
	OPT_MANY(0, "zone", struct settings, zones, "FILE",
	    "master file to read instead of asking"),
	OPT_MANY(0, "overlay", struct settings, overlays, "FILE",
	    "records that stand before all others"),
	OPT_TEXT(0, "resolver", struct settings, resolver, "ADDR[:PORT]",
	    "ask this resolver"),
	OPT_FLAG(0, "trust-ad", struct settings, trust_ad,
	    "believe the resolver's AD bit"),
	OPT_HEAD("Audit"),
	OPT_TEXT(0, "selectors", struct settings, selectors, "A,B",
	    "DKIM selectors that should be there"),
	ONE(OPT_KIND_FLAG, "list-findings", list_findings, NULL,
	    "list all that can be found"),
	ONE(OPT_KIND_TEXT, "arc-selectors", arc_selectors, "A,B",
	    "selectors of its ARC seals"),
	KEPT(OPT_KIND_CHOICE, "min-severity", min_severity,
	    "info|notice|warn|error", "leave out what is below"),
	KEPT(OPT_KIND_CHOICE, "fail-on", fail_on,
	    "info|notice|warn|error|never", "exit 1 at this severity"),
	ONE(OPT_KIND_FLAG, "keys", keys, NULL,
	    "compare the DKIM keys of all domains at the end"),
	ONE(OPT_KIND_TEXT, "checks", checks, "A,B", "only these parts"),
	ONE(OPT_KIND_TEXT, "baseline", baseline, "FILE",
	    "earlier run: say what has changed since"),
	{ .kind = OPT_KIND_NUMBER,
	    .name = "qps",
	    .arg = "N",
	    .help = "questions a second at most",
	    .at = offsetof(struct settings, qps),
	    .max = 1000000,
	    .flags = OPT_BRIEF | OPT_FROM_1 },
	KEPT(OPT_KIND_CHOICE, "format", format, "text|json|tsv",
	    "a page, as --json, or a line each finding"),
	ONE(OPT_KIND_FLAG, "unordered", unordered, NULL,
	    "results as they come"),
	ONE(OPT_KIND_FLAG, "parked", parked, NULL, "it should have no mail"),
	ONE(OPT_KIND_TEXT, "expect-mx", expect_mx, "PATTERN,...",
	    "MX hosts it may have"),
	ONE(OPT_KIND_TEXT, "expect-ns", expect_ns, "PATTERN,...",
	    "name servers it may have"),
	ONE(OPT_KIND_TEXT, "expect-ca", expect_ca, "CA",
	    "authority that CAA should allow"),
	ONE(OPT_KIND_FLAG, "fetch", fetch, NULL,
	    "fetch MTA-STS and BIMI files over HTTPS"),
	ONE(OPT_KIND_TEXT, "sts-policy", sts_policy, "DIR",
	    "MTA-STS policies as files, each named as its domain"),
	ONE(OPT_KIND_FLAG, "all-ns", all_ns, NULL,
	    "ask each name server of the zone for itself"),
	ONE(OPT_KIND_FLAG, "probe", probe, NULL,
	    "speak to the MX hosts: TLS and certificates"),
	KEPT(OPT_KIND_TEXT, "trust-anchor", trust_anchor, "FILE",
	    "validate DNSSEC here, from these keys"),
	{ .kind = OPT_KIND_NUMBER,
	    .name = "probe-port",
	    .arg = "N",
	    .help = "connect there instead of to 25",
	    .at = offsetof(struct settings, probe_port),
	    .max = 65535,
	    .flags = OPT_HIDDEN | OPT_NO_CONF },
	{ .kind = OPT_KIND_NUMBER,
	    .name = "ns-port",
	    .arg = "N",
	    .help = "ask them there instead of at 53",
	    .at = offsetof(struct settings, ns_port),
	    .max = 65535,
	    .flags = OPT_HIDDEN | OPT_NO_CONF },
	{ .kind = OPT_KIND_NUMBER,
	    .name = "https-port",
	    .arg = "N",
	    .help = "connect there instead of 443",
	    .at = offsetof(struct settings, https_port),
	    .max = 65535,
	    .flags = OPT_HIDDEN | OPT_NO_CONF },
	OPT_HEAD("mcheckdns spf, dmarc, dnsbl, dane verify"),
	ONE(OPT_KIND_TEXT, "ip", ip, "IP", "address of the client"),
	ONE(OPT_KIND_TEXT, "helo", helo, "NAME", "its HELO name"),
	BRIEF(OPT_KIND_TEXT, "mailfrom", mailfrom, "ADDR", "envelope sender",
	    OPT_NO_CONF | OPT_EMPTY),
	ONE(OPT_KIND_TEXT, "batch", batch, "FILE",
	    "checks, a line each: IP SENDER HELO"),
	ONE(OPT_KIND_TEXT, "record", record, "TEXT|FILE",
	    "instead of the domain's; of an audit: keep all answers there"),
	ONE(OPT_KIND_CHOICE, "type", type,
	    "spf|dkim|dmarc|sts|tlsrpt|bimi|mx|caa", "what --record is"),
	ONE(OPT_KIND_TEXT, "from", from, "ADDR", "author"),
	ONE(OPT_KIND_TEXT, "spf", spf, "RESULT:DOMAIN", "what SPF said"),
	ONE(OPT_KIND_MANY, "dkim", dkim, "RESULT:DOMAIN",
	    "what a signature said"),
	ONE(OPT_KIND_CHOICE, "reader", reader, "9989|7489|both", "whose DMARC"),
	ONE(OPT_KIND_MANY, "list", lists, "ZONE", "block list"),
	ONE(OPT_KIND_MANY, "allow-list", allow_lists, "ZONE",
	    "list of good senders"),
	ONE(OPT_KIND_MANY, "tlsa", tlsa, "RECORD", "TLSA record: U S M HEX"),
	ONE(OPT_KIND_TEXT, "chain", chain, "FILE", "PEM, the leaf first"),
	ONE(OPT_KIND_MANY, "name", names, "HOST",
	    "name the certificate should have"),
	ONE(OPT_KIND_TEXT, "ca", ca, "FILE", "authorities to trust"),
	ONE(OPT_KIND_FLAG, "smtp", smtp, NULL, "DANE as RFC 7672 has it"),
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

static const struct tool tool = {
	.name = "mcheckdns",
	.synopsis = "[option ...] [command] domain ... | explain id",
	.purpose = "audits the mail DNS of domains",
	.options = options,
	.settings_size = sizeof(struct settings),
};

static const struct {
	const char *name;
	int (*run)(struct session *s, struct words w, struct err *e);
	bool no_record; /* --record has no meaning */
} commands[] = {
	{ "spf", mcheckdns_spf, false },
	{ "dane", mcheckdns_dane, false },
	{ "dmarc", mcheckdns_dmarc, false },
	{ "dnsbl", mcheckdns_dnsbl, true },
	{ "lint", mcheckdns_lint, false },
	{ "psl", mcheckdns_psl, true },
	{ "ptr", mcheckdns_ptr, true },
	{ "explain", mcheckdns_explain, true },
};

int
mcheckdns_no_record(const struct session *s, const char *what, struct err *e)
{
	if (!s->set->record)
		return 0;
	return err_set(e, ERR_USAGE,
	    "%s takes no --record: leave it away (an audit keeps its answers "
	    "there; lint, spf cost, flatten, set and diff read a record)",
	    what);
}

static int
run_command(struct session *s, struct err *e)
{
	const struct opt_list *rest = &s->run->rest;
	struct words w = { rest->v, rest->n };

	for (size_t i = 0; i < COUNT_OF(commands) && w.n; i++) {
		if (strcmp(w.v[0], commands[i].name) != 0)
			continue;
		if (commands[i].no_record &&
		    mcheckdns_no_record(s, w.v[0], e) < 0)
			return -1;
		return commands[i].run(
		    s, (struct words){ w.v + 1, w.n - 1 }, e);
	}
	/* "mcheckdns sts DOMAIN" looks at that part. */
	if (w.n > 1 && (s->want.parts = audit_part_named(slice_str(w.v[0]))))
		w = (struct words){ w.v + 1, w.n - 1 };
	return mcheckdns_audit(s, w, e);
}

int
main(int argc, char **argv)
{
	struct settings set = { 0 };
	struct tool_run run;
	struct session s = { .run = &run, .set = &set };
	struct err e;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	if (mcheckdns_format(&s, &e) < 0)
		tool_fail(&run, &e);
	else if (set.list_findings)
		mcheckdns_list(&run);
	else if (run_command(&s, &e) < 0)
		tool_fail(&run, &e);
	mcheckdns_chain_free(&s);
	audit_keys_free(&s.keys);
	dns_free(&s.dns);
	return tool_end(&run);
}
