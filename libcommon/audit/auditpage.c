/* An audit as a page for people.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/audit.h"

#define WIDTH 79

#define BOLD   "\033[1m"
#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define BLUE   "\033[34m"
#define GREEN  "\033[32m"
#define PLAIN  "\033[0m"

/* The areas in the order of the page: prefixes of the rules' ids. */
struct page;
static void put_servers(struct page *p);
static void put_mx(struct page *p);
static void put_spf(struct page *p);
static void put_dkim(struct page *p);
static void put_dmarc(struct page *p);
static void put_sts(struct page *p);
static void put_tlsrpt(struct page *p);
static void put_bimi(struct page *p);

static const struct area {
	const char *title;
	const char *prefixes;          /* each with a blank behind */
	unsigned part;                 /* whose facts are shown; 0: none */
	void (*facts)(struct page *p); /* with no part: where there are any */
} areas[] = {
	{ "Names", "dns- ", 0, put_servers },
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
	struct arena a;
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

/* Octets of the text for a line with that much room: up to a blank if it has
 * one. */
static size_t
fold_at(struct slice text, size_t room)
{
	size_t at = room;

	if (text.n <= room)
		return text.n;
	while (at > 0 && slice_at(text, at) != ' ')
		at--;
	if (at == 0)
		at = slice_find(text, ' ');
	return size_min(at, text.n);
}

/* Outside text in lines of WIDTH where its blanks allow that; what follows the
 * first stands further in. */
static void
put_folded(struct page *p, size_t indent, struct slice text)
{
	buf_fmt(p->out, "%*s", (int)indent, "");
	put_clean(p, slice_take(&text, fold_at(text, WIDTH - indent)));
	indent += 4;
	while ((text = slice_trim_start(text)).n) {
		buf_fmt(p->out, "\n%*s", (int)indent, "");
		put_clean(p, slice_take(&text, fold_at(text, WIDTH - indent)));
	}
	buf_char(p->out, '\n');
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
put_servers(struct page *p)
{
	const struct audit_report *r = p->r;

	for (size_t i = 0; i < r->server_count; i++) {
		const struct audit_server *s = &r->servers[i];
		char text[IP_TEXT_MAX];

		ip_write(&s->ip, text);
		buf_fmt(p->out, "  %s %s: ", s->name, text);
		if (s->has_zone)
			buf_fmt(p->out, "serial %u\n", (unsigned)s->serial);
		else
			buf_fmt(p->out, "%s\n", s->state);
	}
}

static void
put_probe(struct page *p, const struct audit_probe *probe)
{
	buf_fmt(p->out, "    %s",
	    !probe->reached ? "not reached"
	    : probe->tls    ? probe->tls
			    : "no STARTTLS");
	if (probe->subject) {
		buf_text(p->out, ", certificate of ");
		put_clean(p, slice_str(probe->subject));
	}
	if (probe->until)
		buf_fmt(p->out, " until %s", probe->until);
	buf_char(p->out, '\n');
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
		if (r->hosts[i].probe.asked)
			put_probe(p, &r->hosts[i].probe);
	}
}

static void
put_spf(struct page *p)
{
	const struct audit_report *r = p->r;

	put_folded(
	    p, 2, r->spf_record.n ? r->spf_record : slice_str(r->spf_state));
	if (r->spf_record.n)
		buf_fmt(p->out, "  %u of 10 lookups\n", r->spf_lookups);
}

static void
put_dkim(struct page *p)
{
	const struct audit_report *r = p->r;

	if (r->key_count == 0)
		buf_text(p->out, "  no selector known\n");
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

	put_folded(p, 2,
	    r->dmarc_record.n ? r->dmarc_record : slice_str(r->dmarc_state));
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

/* A word; what stands in quotes is one, to be copied whole. */
static struct slice
take_word(struct slice *text)
{
	struct slice all = *text;
	size_t n = 0;
	bool quoted = false;

	while (n < all.n && (quoted || slice_at(all, n) != ' ')) {
		if (slice_at(all, n) == '"')
			quoted = !quoted;
		n++;
	}
	slice_take(text, n);
	slice_take(text, 1);
	return slice_sub(all, 0, n);
}

/* Words in lines of WIDTH, each behind that many blanks; DOMAIN and HOST in
 * capitals stand for the domain and its first mail host. */
static void
put_wrapped(struct page *p, size_t indent, struct slice text)
{
	const struct audit_report *r = p->r;
	size_t at = 0;

	while (text.n) {
		struct slice word = take_word(&text);
		size_t domain = slice_search(word, slice_str("DOMAIN"));
		struct slice mid = slice_str(r->ascii), tail;

		if (word.n == 0)
			continue;
		if (domain == SIZE_MAX && r->host_count) {
			domain = slice_search(word, slice_str("HOST"));
			mid = slice_str(r->hosts[0].name);
		}
		tail = slice_sub(word, size_min(domain, word.n), word.n);
		word = slice_sub(word, 0, size_min(domain, word.n));
		if (tail.n)
			slice_take(&tail, slice_starts(tail, "HOST") ? 4 : 6);
		else
			mid.n = domain == SIZE_MAX ? 0 : mid.n;
		if (at && at + word.n + mid.n + tail.n >= WIDTH) {
			buf_char(p->out, '\n');
			at = 0;
		}
		if (at == 0)
			buf_fmt(p->out, "%*s", (int)indent, "");
		else
			buf_char(p->out, ' ');
		at = (at ? at + 1 : indent) + word.n + mid.n + tail.n;
		put_clean(p, word);
		put_clean(p, mid);
		put_clean(p, tail);
	}
	buf_char(p->out, '\n');
}

/* The next finding of the same rule; null behind the last. */
static const struct audit_finding *
next_alike(const struct page *p, const struct audit_finding *f)
{
	const struct audit_finding *end = p->r->findings + p->r->count;
	const struct audit_rule *rule = f->rule;

	for (f++; f < end; f++)
		if (f->rule == rule)
			return f;
	return NULL;
}

static bool
is_first(const struct page *p, const struct audit_finding *f)
{
	for (const struct audit_finding *o = p->r->findings; o < f; o++)
		if (o->rule == f->rule)
			return false;
	return true;
}

/* Where it is and what exactly, a line for each of the rule. */
static void
put_places(struct page *p, const struct audit_finding *f)
{
	bool one = !next_alike(p, f);

	for (; f; f = next_alike(p, f))
		if (one && *f->detail)
			put_folded(p, 8, slice_str(f->detail));
		else if (!one)
			put_folded(p, 8,
			    slice_str(arena_fmt(&p->a, "%s%s%s%s%s", f->owner,
				*f->type ? " " : "", f->type,
				*f->detail ? ": " : "", f->detail)));
}

/* All findings of one rule: what is wrong, where, what to do. */
static void
put_finding(struct page *p, const struct audit_finding *f)
{
	const struct audit_rule *rule = f->rule;

	buf_text(p->out, "    ");
	put_coloured(
	    p, colour_of(rule->severity), audit_severity_name(rule->severity));
	buf_fmt(p->out, " %s", rule->id);
	if (!next_alike(p, f)) {
		buf_text(p->out, " (");
		put_clean(p, slice_str(f->owner));
		buf_fmt(p->out, "%s%s)", *f->type ? " " : "", f->type);
	}
	buf_char(p->out, '\n');
	put_wrapped(p, 6, slice_str(rule->text));
	put_places(p, f);
	if (*rule->fix)
		put_wrapped(
		    p, 6, slice_str(arena_fmt(&p->a, "fix: %s", rule->fix)));
}

static void
put_text(struct page *p, struct slice record)
{
	put_folded(p, 2, record.n ? record : slice_str("none"));
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
			    belongs(f, area) && is_first(p, f))
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

static const struct {
	enum audit_severity severity;
	const char *one, *many;
} count_words[] = { { AUDIT_ERROR, "error", "errors" },
	{ AUDIT_WARN, "warning", "warnings" },
	{ AUDIT_NOTICE, "notice", "notices" },
	{ AUDIT_UNKNOWN, "unknown", "unknown" } };

static void
put_counts(struct page *p, const unsigned counts[AUDIT_UNKNOWN + 1], bool good)
{
	bool some = false;

	for (size_t i = 0; i < COUNT_OF(count_words); i++) {
		unsigned n = counts[count_words[i].severity];
		const char *text = arena_fmt(&p->a, "%u %s", n,
		    n == 1 ? count_words[i].one : count_words[i].many);

		if (n == 0)
			continue;
		buf_text(p->out, some ? ", " : ": ");
		put_coloured(p, colour_of(count_words[i].severity), text);
		some = true;
	}
	if (!some && good) {
		buf_text(p->out, ": ");
		put_coloured(p, GREEN, "good");
	}
	buf_char(p->out, '\n');
}

/* The last line: what a terminal still shows of a long page. */
static void
put_total(struct page *p)
{
	for (size_t i = 0; i < COUNT_OF(count_words); i++) {
		unsigned n = p->r->counts[count_words[i].severity];

		buf_fmt(p->out, "%s%u %s", i ? ", " : "", n,
		    n == 1 ? count_words[i].one : count_words[i].many);
	}
	buf_char(p->out, '\n');
}

/* There is nothing of it that could be good. */
static bool
is_empty(const struct audit_report *r, unsigned part)
{
	return (part == AUDIT_PART_DKIM && r->key_count == 0) ||
	       (part == AUDIT_PART_STS && strcmp(r->sts_state, "none") == 0) ||
	       (part == AUDIT_PART_TLSRPT && r->tlsrpt_record.n == 0) ||
	       (part == AUDIT_PART_BIMI && r->bimi_record.n == 0);
}

/* The title, and how things stand below it. */
static void
put_title(struct page *p, const struct area *area)
{
	unsigned counts[AUDIT_UNKNOWN + 1] = { 0 };

	for (size_t i = 0; i < p->r->count; i++)
		if (belongs(&p->r->findings[i], area))
			counts[p->r->findings[i].rule->severity]++;
	put_coloured(p, BOLD, area->title);
	put_counts(p, counts, !is_empty(p->r, area->part));
}

void
audit_page(const struct audit_report *r, enum audit_severity min, bool colour,
    struct buf *out)
{
	struct page p = { .r = r, .min = min, .colour = colour, .out = out };

	put_coloured(&p, BOLD, r->ascii);
	put_counts(&p, r->counts, true);
	for (size_t i = 0; i < COUNT_OF(areas); i++) {
		const struct area *area = &areas[i];
		bool facts = area->part & r->parts ||
		             (!area->part && area->facts && r->server_count);

		if (!facts && !has_findings(&p, area))
			continue;
		put_title(&p, area);
		if (facts)
			area->facts(&p);
		put_findings(&p, area);
	}
	put_total(&p);
	arena_free(&p.a);
}
