/* Unknown is never missing: every name that the audit of a domain of the tests
 * asks for fails in turn, by a timeout and by SERVFAIL. No error comes up that
 * was not there, and nothing is missing that was.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/io.h"
#include "base/mem.h"

#include "audit/audit.h"

#include "tap.h"

#define NAMES_MAX  512
#define DOMAIN_MAX 256
#define FILE_MAX   (1u << 20)

static const char *const selectors[] = { "s1", "s2" };

/* Files that are read together; the domains stand in their ";=" lines. */
static const struct set {
	const char *files[2];
	size_t n;
	const char *policies;
	bool parked;
} sets[] = {
	{ { "fixtures/zones/findings.zone" }, 1, NULL, false },
	{ { "fixtures/zones/more.zone", "fixtures/zones/signed.zone" }, 2,
	    "fixtures/zones/policies", true },
	{ { "fixtures/zones/more.zone", "fixtures/zones/signed.zone" }, 2, NULL,
	    false },
	{ { "fixtures/zones/late.zone" }, 1, NULL, false },
	{ { "fixtures/zones/dnssec.zone" }, 1, NULL, false },
	{ { "fixtures/zones/claimed.zone" }, 1, NULL, false },
};

/* What one run works with. */
struct bench {
	struct dns *dns;
	struct audit_want want;
	struct given given;
	struct trace trace;
	struct arena asked; /* the names */
	const char *names[NAMES_MAX];
	size_t n;
	bool listening;
	size_t audits;
};

static void
keep(struct bench *b, struct slice text)
{
	const char *name = arena_copy(&b->asked, text);

	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->names[i], name) == 0)
			return;
	if (b->n < NAMES_MAX)
		b->names[b->n++] = name;
}

/* "dns: TYPE NAME: status, COUNT at END-OF-CHAIN" */
static void
hear(void *to, enum trace_way way, struct slice text)
{
	struct bench *b = to;
	size_t at;

	(void)way;
	if (!b->listening || !slice_take_prefix(&text, "dns: "))
		return;
	slice_take_until(&text, ' ', NULL);
	keep(b, slice_take_until(&text, ':', NULL));
	at = slice_search(text, slice_str(" at "));
	if (at != SIZE_MAX)
		keep(b, slice_sub(text, at + 4, text.n));
}

static bool
is_gone(const struct audit_report *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->findings[i].rule->id, "dns-nxdomain") == 0)
			return true;
	return false;
}

/* Of an error, or of something that is not there. A TLSA lookup that fails is
 * itself what dane-tlsa-servfail tells: senders defer. */
static bool
counts(const struct audit_finding *f, const struct audit_report *before)
{
	const struct audit_rule *r = f->rule;

	/* Of a domain that is not there nothing is said to be missing, until
	 * nobody knows that any more. */
	if (is_gone(before) && r->severity != AUDIT_ERROR)
		return false;
	return strcmp(r->id, "dane-tlsa-servfail") != 0 &&
	       (r->severity == AUDIT_ERROR ||
		   slice_ends_nocase(slice_str(r->id), "-missing"));
}

static bool
has(const struct audit_report *r, const struct audit_finding *f)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->findings[i].rule == f->rule &&
		    strcmp(r->findings[i].owner, f->owner) == 0)
			return true;
	return false;
}

static bool
audit(struct bench *b, const char *domain, struct arena *a,
    struct audit_report *r)
{
	struct err e;

	b->audits++;
	return audit_domain(b->dns, domain, &b->want, a, r, &e) == 0;
}

/* One fault at one name: true when nothing new is found. */
static bool
stays(struct bench *b, const char *domain, const struct audit_report *before,
    const char *fault, const char *name)
{
	struct arena a = { 0 };
	const char *line = arena_fmt(&a, ";@ %s %s\n", fault, name);
	struct audit_report after;
	bool good;
	struct err e;

	good = dns_overlay(b->dns, slice_str(line), "fault", &e) == 0 &&
	       audit(b, domain, &a, &after);
	for (size_t i = 0; good && i < after.count; i++) {
		const struct audit_finding *f = &after.findings[i];

		if (counts(f, before) && !has(before, f)) {
			good = false;
			printf("# %s, %s at %s: %s (%s)\n", domain, fault, name,
			    f->rule->id, f->owner);
		}
	}
	dns_overlay_clear(b->dns);
	arena_free(&a);
	return good;
}

static void
test_domain(struct bench *b, const char *domain)
{
	struct arena a = { 0 };
	struct audit_report before;
	bool good;

	b->n = 0;
	b->listening = true;
	good = audit(b, domain, &a, &before);
	b->listening = false;
	for (size_t i = 0; i < b->n && good; i++) {
		/* Escapes of a name are no pragma's. */
		if (strchr(b->names[i], '\\') || !dns_name_ok(b->names[i]))
			continue;
		good &= stays(b, domain, &before, "TIMEOUT", b->names[i]);
		good &= stays(b, domain, &before, "SERVFAIL", b->names[i]);
	}
	ok(good && b->n > 0, "%s", domain);
	arena_free(&a);
	arena_free(&b->asked);
}

static void
test_file(struct bench *b, const char *file)
{
	struct buf text;
	struct slice rest, line;
	struct err e;

	buf_init(&text, FILE_MAX);
	if (io_read_file(tap_file(file), &text, &e) < 0)
		ok(false, "%s", e.text);
	rest = buf_view(&text);
	while (rest.n) {
		char domain[DOMAIN_MAX];

		slice_take_line(&rest, &line, NULL);
		if (!slice_take_prefix(&line, ";= "))
			continue;
		line = slice_take_until(&line, ' ', NULL);
		if (line.n >= sizeof(domain))
			continue;
		memcpy(domain, line.p, line.n);
		domain[line.n] = '\0';
		test_domain(b, domain);
	}
	buf_free(&text);
}

static int64_t
midday(const struct given *g)
{
	(void)g;
	return 1795521600; /* 2026-11-24T12:00:00Z */
}

static void
test_set(const struct set *set)
{
	struct bench b = { 0 };
	struct arena a = { 0 };
	const char *files[2];
	struct dns_config c = { .zones = files, .zone_count = set->n };
	struct err e;

	for (size_t i = 0; i < set->n; i++)
		files[i] = arena_string(&a, tap_file(set->files[i]));
	b.trace = (struct trace){ TRACE_DECISION, hear, &b };
	b.given = (struct given){ .now = midday, .trace = &b.trace };
	c.given = &b.given;
	b.want = (struct audit_want){ .selectors = selectors,
		.selector_count = COUNT_OF(selectors),
		.parked = set->parked,
		.now = midday(NULL) };
	if (set->policies)
		b.want.sts_policies = arena_string(&a, tap_file(set->policies));
	if (!ok(dns_new(&b.dns, &c, &e) == 0, "the zones load"))
		return;
	for (size_t i = 0; i < set->n; i++)
		test_file(&b, set->files[i]);
	printf("# %zu audits\n", b.audits);
	dns_free(&b.dns);
	arena_free(&a);
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(sets); i++)
		test_set(&sets[i]);
	return tap_done();
}
