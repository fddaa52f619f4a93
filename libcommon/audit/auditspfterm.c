/* What one SPF record says, term by term.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/auditspf.h"

#define FAULTS_MAX 16 /* of one record that are told */
#define WIDE_BITS  15 /* an IPv4 network of over 2^17 addresses */

static const enum audit_id faults[] = {
	[SPFRECORD_WRONG_SYNTAX] = AUDIT_SPF_SYNTAX,
	[SPFRECORD_WRONG_OCTET] = AUDIT_SPF_NON_ASCII,
	[SPFRECORD_WRONG_MECHANISM] = AUDIT_SPF_UNKNOWN_MECHANISM,
	[SPFRECORD_WRONG_IP4] = AUDIT_SPF_IP4_INVALID,
	[SPFRECORD_WRONG_IP6] = AUDIT_SPF_IP6_INVALID,
	[SPFRECORD_WRONG_FAMILY] = AUDIT_SPF_IP_FAMILY,
	[SPFRECORD_WRONG_CIDR] = AUDIT_SPF_CIDR_INVALID,
	[SPFRECORD_WRONG_MACRO] = AUDIT_SPF_MACRO_SYNTAX,
	[SPFRECORD_WRONG_DOMAIN] = AUDIT_SPF_DOMAIN_SPEC,
	[SPFRECORD_WRONG_REDIRECT] = AUDIT_SPF_REDIRECT_TWICE,
	[SPFRECORD_WRONG_EXP] = AUDIT_SPF_EXP_TWICE,
};

static void
add(struct spf_walk *w, enum audit_id id, const char *owner,
    const struct spfrecord_term *t)
{
	audit_add(
	    w->au, id, owner, "TXT", t->span, "'%.*s'", SLICE_ARG(t->text));
}

/* Does the term run over the end of one of the TXT's strings? */
static bool
is_glued(const struct dns_record *found, const size_t *span)
{
	size_t at = 0;

	for (size_t i = 0; i + 1 < found->txt.n; i++) {
		at += found->txt.strings[i].n;
		if (at > span[0] && at < span[1])
			return true;
	}
	return false;
}

static void
report_fault(struct spf_walk *w, const char *owner,
    const struct dns_record *found, const struct spfrecord_fault *f)
{
	enum audit_id id = faults[f->wrong];

	if (is_glued(found, f->span))
		id = AUDIT_SPF_STRINGS_GLUED;
	else if (slice_find(f->term, '"') != SIZE_MAX ||
		 slice_find(f->term, '\\') != SIZE_MAX)
		id = AUDIT_SPF_QUOTE_IN_DATA;
	else if (id == AUDIT_SPF_IP4_INVALID || id == AUDIT_SPF_IP6_INVALID)
		id = slice_find(f->term, '%') != SIZE_MAX
		         ? AUDIT_SPF_MACRO_IN_IP
		         : id;
	audit_add(w->au, id, owner, "TXT", f->span, "'%.*s': %s",
	    (int)size_min(f->term.n, 100), f->term.p, f->why);
}

/* Any bit behind the prefix is set. */
static bool
has_host_bits(const struct ip *ip, unsigned bits)
{
	struct ip net = *ip;

	for (unsigned i = bits; i < ip->n * 8; i++)
		net.b[i / 8] = (uint8_t)(net.b[i / 8] & ~(0x80 >> i % 8));
	return memcmp(&net, ip, sizeof(net)) != 0;
}

static void
check_network(
    struct spf_walk *w, const char *owner, const struct spfrecord_term *t)
{
	bool v4 = t->ip.n == 4;
	unsigned bits = v4 ? t->prefix4 : t->prefix6;
	const char *kind = ip_special(&t->ip);

	if (bits == 0)
		add(w, AUDIT_SPF_CIDR_ZERO, owner, t);
	else if (v4 && bits < WIDE_BITS)
		add(w, AUDIT_SPF_CIDR_WIDE, owner, t);
	if (has_host_bits(&t->ip, bits))
		add(w, AUDIT_SPF_CIDR_HOSTBITS, owner, t);
	if (bits && kind)
		audit_add(w->au, AUDIT_SPF_IP_PRIVATE, owner, "TXT", t->span,
		    "'%.*s': %s", SLICE_ARG(t->text), kind);
}

static bool
has_letter(struct slice spec, int letter)
{
	for (size_t i = 0; i + 2 < spec.n; i++)
		if (slice_at(spec, i) == '%' && slice_at(spec, i + 1) == '{' &&
		    ascii_lower(slice_at(spec, i + 2)) == letter)
			return true;
	return false;
}

static void
check_macros(
    struct spf_walk *w, const char *owner, const struct spfrecord_term *t)
{
	bool macro = slice_search(t->domain, slice_str("%{")) != SIZE_MAX;

	if (has_letter(t->domain, 'l') || has_letter(t->domain, 's'))
		add(w, AUDIT_SPF_MACRO_EAI, owner, t);
	if (has_letter(t->domain, 'p'))
		add(w, AUDIT_SPF_P_MACRO, owner, t);
	if (macro && t->kind != SPFRECORD_UNKNOWN)
		add(w, AUDIT_SPF_MACRO_DYNAMIC, owner, t);
	if (t->kind == SPFRECORD_EXISTS && !macro)
		add(w, AUDIT_SPF_EXISTS_CONSTANT, owner, t);
}

/* RFC 6652 section 3 */
static bool
is_report(struct slice text)
{
	return slice_starts_nocase(text, "ra=") ||
	       slice_starts_nocase(text, "rp=") ||
	       slice_starts_nocase(text, "rr=");
}

/* "include:x.example-all" */
static bool
all_is_glued(struct slice term)
{
	static const char *const ends[] = { "-all", "~all", "?all", "+all" };

	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (term.n > 4 && slice_ends_nocase(term, ends[i]))
			return true;
	return false;
}

static void
check_term(
    struct spf_walk *w, const char *owner, const struct spfrecord_term *t)
{
	switch (t->kind) {
	case SPFRECORD_IP4:
	case SPFRECORD_IP6:
		check_network(w, owner, t);
		return;
	case SPFRECORD_PTR:
		add(w, AUDIT_SPF_PTR, owner, t);
		break;
	case SPFRECORD_INCLUDE:
		if (t->qualifier != '+')
			add(w, AUDIT_SPF_INCLUDE_QUALIFIED, owner, t);
		break;
	case SPFRECORD_UNKNOWN:
		add(w,
		    is_report(t->text) ? AUDIT_SPF_REPORT_MODIFIERS
				       : AUDIT_SPF_UNKNOWN_MODIFIER,
		    owner, t);
		break;
	case SPFRECORD_MX:
		add(w, AUDIT_SPF_MX_TERM, owner, t);
		break;
	default:
		break;
	}
	if (all_is_glued(t->text))
		add(w, AUDIT_SPF_ALL_GLUED, owner, t);
	check_macros(w, owner, t);
}

/* An earlier term with the same outcome covers the network of this one. */
static bool
is_covered(const struct spfrecord *r, size_t i)
{
	const struct spfrecord_term *t = &r->terms[i];

	if (t->kind != SPFRECORD_IP4 && t->kind != SPFRECORD_IP6)
		return false;
	for (size_t j = 0; j < i; j++) {
		const struct spfrecord_term *o = &r->terms[j];
		unsigned bits = o->ip.n == 4 ? o->prefix4 : o->prefix6;
		unsigned mine = t->ip.n == 4 ? t->prefix4 : t->prefix6;

		if (o->kind == t->kind && bits <= mine &&
		    ip_in_net(&t->ip, &o->ip, bits) &&
		    !slice_equal_nocase(t->text, o->text))
			return true;
	}
	return false;
}

/* How the terms stand together. */
static void
check_order(struct spf_walk *w, const char *owner, const struct spfrecord *r)
{
	const struct spfrecord_term *all = NULL, *early = NULL;

	for (size_t i = 0; i < r->count; i++) {
		const struct spfrecord_term *t = &r->terms[i];

		if (is_covered(r, i))
			add(w, AUDIT_SPF_IP_COVERED, owner, t);
		if (t->kind >= SPFRECORD_REDIRECT && !early)
			early = t;
		else if (t->kind < SPFRECORD_REDIRECT && early) {
			add(w, AUDIT_SPF_MODIFIER_EARLY, owner, early);
			early = NULL;
		}

		for (size_t j = 0; j < i; j++)
			if (t->kind != SPFRECORD_ALL &&
			    slice_equal_nocase(t->text, r->terms[j].text)) {
				add(w, AUDIT_SPF_TERM_DUPLICATE, owner, t);
				break;
			}
		if (t->kind == SPFRECORD_ALL && all)
			add(w, AUDIT_SPF_ALL_TWICE, owner, t);
		else if (t->kind < SPFRECORD_REDIRECT && all)
			add(w, AUDIT_SPF_AFTER_ALL, owner, t);
		if (t->kind == SPFRECORD_ALL && !all)
			all = t;
	}
	if (all && r->redirect)
		add(w, AUDIT_SPF_REDIRECT_AND_ALL, owner, r->redirect);
	if (!all && !r->redirect && w->depth == 1)
		audit_add(
		    w->au, AUDIT_SPF_ALL_MISSING, owner, "TXT", NULL, "%s", "");
}

bool
audit_spf_record(struct spf_walk *w, const char *owner,
    const struct dns_record *found, struct spfrecord *r)
{
	struct spfrecord_fault bad[FAULTS_MAX];
	size_t n =
	    spfrecord_lint(found->txt.text, w->au->a, r, bad, FAULTS_MAX);

	for (size_t i = 0; i < size_min(n, FAULTS_MAX); i++)
		report_fault(w, owner, found, &bad[i]);
	for (size_t i = 0; i < r->count; i++)
		check_term(w, owner, &r->terms[i]);
	check_order(w, owner, r);
	return n == 0;
}
