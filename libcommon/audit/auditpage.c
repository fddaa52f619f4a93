/* An audit as a page for people.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/audit.h"

#define BOLD   "\033[1m"
#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define BLUE   "\033[34m"
#define GREEN  "\033[32m"
#define PLAIN  "\033[0m"

/* The areas in the order of the page: prefixes of the rules' ids. */
struct page;
static void put_mx(struct page *p);
static void put_spf(struct page *p);
static void put_dkim(struct page *p);
static void put_dmarc(struct page *p);
static void put_sts(struct page *p);
static void put_tlsrpt(struct page *p);
static void put_bimi(struct page *p);

static const struct area {
	const char *title;
	const char *prefixes; /* each with a blank behind */
	unsigned part;        /* whose facts are shown; 0: none */
	void (*facts)(struct page *p);
} areas[] = {
	{ "Names", "dns- ", 0, NULL },
	{ "MX", "mx- ", AUDIT_PART_MX, put_mx },
	{ "SPF", "spf- ", AUDIT_PART_SPF, put_spf },
	{ "DKIM", "dkim- arc- ", AUDIT_PART_DKIM, put_dkim },
	{ "DMARC", "dmarc- ", AUDIT_PART_DMARC, put_dmarc },
	{ "MTA-STS", "sts- ", AUDIT_PART_STS, put_sts },
	{ "TLS-RPT", "tlsrpt- ", AUDIT_PART_TLSRPT, put_tlsrpt },
	{ "DANE and DNSSEC", "dane- dnssec- ", 0, NULL },
	{ "BIMI", "bimi- ", AUDIT_PART_BIMI, put_bimi },
	{ "Hosts", "ptr- helo- caa- dnsbl- dnswl- ", 0, NULL },
	{ "Mail programs", "srv- autoconfig- autodiscover- sieve- ", 0, NULL },
	{ "All together", "x- ", 0, NULL },
};

struct page {
	const struct audit_report *r;
	enum audit_severity min;
	bool colour;
	struct buf *out;
};

/* Bytes of others on a page: octets that are not text for a person are "?". */
static void
put_clean(struct page *p, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		buf_char(p->out, ascii_is_control(c) || c > 126 ? '?' : c);
	}
}

static void
put_coloured(struct page *p, const char *colour, const char *text)
{
	if (p->colour)
		buf_fmt(p->out, "%s%s" PLAIN, colour, text);
	else
		buf_text(p->out, text);
}

static const char *
colour_of(enum audit_severity s)
{
	static const char *const colours[] = { GREEN, BLUE, YELLOW, RED,
		YELLOW };

	return colours[s];
}

static void
put_mx(struct page *p)
{
	const struct audit_report *r = p->r;

	if (r->host_count == 0)
		buf_fmt(p->out, "  %s\n", r->mx_state);
	for (size_t i = 0; i < r->host_count; i++) {
		buf_fmt(p->out, "  %u %s", r->hosts[i].preference,
		    r->hosts[i].name);
		for (size_t j = 0; j < r->hosts[i].count; j++) {
			char text[IP_TEXT_MAX];

			ip_write(&r->hosts[i].addresses[j], text);
			buf_fmt(p->out, " %s", text);
		}
		buf_char(p->out, '\n');
	}
}

static void
put_spf(struct page *p)
{
	const struct audit_report *r = p->r;

	buf_text(p->out, "  ");
	if (r->spf_record.n)
		put_clean(p, r->spf_record);
	else
		buf_text(p->out, r->spf_state);
	buf_char(p->out, '\n');
	if (r->spf_record.n)
		buf_fmt(p->out, "  %u of 10 lookups\n", r->spf_lookups);
}

static void
put_dkim(struct page *p)
{
	const struct audit_report *r = p->r;

	if (r->key_count == 0)
		buf_text(p->out, "  no selector given\n");
	for (size_t i = 0; i < r->key_count; i++) {
		const struct audit_key *k = &r->keys[i];

		buf_text(p->out, "  ");
		put_clean(p, slice_str(k->selector));
		buf_fmt(p->out, ": %s", k->state);
		if (k->kind)
			buf_fmt(p->out, ", %s %u bits", k->kind, k->bits);
		buf_char(p->out, '\n');
	}
}

static void
put_dmarc(struct page *p)
{
	const struct audit_report *r = p->r;

	buf_text(p->out, "  ");
	if (r->dmarc_record.n)
		put_clean(p, r->dmarc_record);
	else
		buf_text(p->out, r->dmarc_state);
	buf_char(p->out, '\n');
	if (r->dmarc_at && strcmp(r->dmarc_at, r->ascii) != 0)
		buf_fmt(p->out, "  at _dmarc.%s\n", r->dmarc_at);
	if (r->dmarc_view.known && r->dmarc_view.record)
		buf_fmt(p->out,
		    "  in force: %s; subdomains: %s; names that do not exist: "
		    "%s\n",
		    dmarc_policy_name(r->dmarc_view.domain),
		    dmarc_policy_name(r->dmarc_view.subdomain),
		    dmarc_policy_name(r->dmarc_view.nonexistent));
}

static void
put_finding(struct page *p, const struct audit_finding *f)
{
	const struct audit_rule *rule = f->rule;

	buf_text(p->out, "    ");
	put_coloured(
	    p, colour_of(rule->severity), audit_severity_name(rule->severity));
	buf_fmt(p->out, " %s (", rule->id);
	put_clean(p, slice_str(f->owner));
	buf_fmt(p->out, "%s%s)\n        %s", *f->type ? " " : "", f->type,
	    rule->text);
	if (*f->detail) {
		buf_text(p->out, ": ");
		put_clean(p, slice_str(f->detail));
	}
	buf_char(p->out, '\n');
	if (*rule->fix)
		buf_fmt(p->out, "        fix: %s\n", rule->fix);
}

static void
put_text(struct page *p, struct slice record)
{
	if (record.n == 0)
		return;
	buf_text(p->out, "  ");
	put_clean(p, record);
	buf_char(p->out, '\n');
}

static void
put_sts(struct page *p)
{
	const struct audit_report *r = p->r;

	buf_fmt(p->out, "  %s", r->sts_state);
	if (r->sts_id)
		buf_fmt(p->out, ", id %s", r->sts_id);
	if (r->sts_mode)
		buf_fmt(p->out, ", mode %s", r->sts_mode);
	buf_char(p->out, '\n');
}

static void
put_tlsrpt(struct page *p)
{
	put_text(p, p->r->tlsrpt_record);
}

static void
put_bimi(struct page *p)
{
	put_text(p, p->r->bimi_record);
}

/* Is the finding of one of the areas? */
static bool
belongs(const struct audit_finding *f, const struct area *area)
{
	struct slice list = slice_str(area->prefixes);

	while (list.n) {
		struct slice prefix = slice_take_until(&list, ' ', NULL);

		if (slice_equal(
			slice_sub(slice_str(f->rule->id), 0, prefix.n), prefix))
			return true;
	}
	return false;
}

/* The worst first. */
static void
put_findings(struct page *p, const struct area *area)
{
	for (unsigned s = AUDIT_UNKNOWN + 1; s-- > 0;)
		for (size_t i = 0; i < p->r->count; i++) {
			const struct audit_finding *f = &p->r->findings[i];

			if (f->rule->severity == s && s >= p->min &&
			    belongs(f, area))
				put_finding(p, f);
		}
}

static bool
has_findings(const struct page *p, const struct area *area)
{
	for (size_t i = 0; i < p->r->count; i++)
		if (p->r->findings[i].rule->severity >= p->min &&
		    belongs(&p->r->findings[i], area))
			return true;
	return false;
}

void
audit_page(const struct audit_report *r, enum audit_severity min, bool colour,
    struct buf *out)
{
	struct page p = { r, min, colour, out };

	put_coloured(&p, BOLD, r->ascii);
	buf_char(out, '\n');
	for (size_t i = 0; i < COUNT_OF(areas); i++) {
		const struct area *area = &areas[i];
		bool facts = area->part & r->parts;

		if (!facts && !has_findings(&p, area))
			continue;
		put_coloured(&p, BOLD, area->title);
		buf_char(out, '\n');
		if (facts)
			area->facts(&p);
		put_findings(&p, area);
	}
	buf_fmt(out, "%u errors, %u warnings, %u notices, %u unknown\n",
	    r->counts[AUDIT_ERROR], r->counts[AUDIT_WARN],
	    r->counts[AUDIT_NOTICE], r->counts[AUDIT_UNKNOWN]);
}
