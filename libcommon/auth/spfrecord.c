/* The syntax of SPF records.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "auth/spfrecord.h"

static bool
is_alphanum(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static bool
is_name(int c)
{
	return is_alphanum(c) || c == '-' || c == '_' || c == '.';
}

static bool
is_term(int c)
{
	return c != ' ';
}

static bool
is_delimiter(int c)
{
	return c > 0 && strchr(".-+,/_=", c);
}

bool
spfrecord_is(struct slice text)
{
	return slice_take_prefix_nocase(&text, "v=spf1") &&
	       (text.n == 0 || slice_peek(text) == ' ');
}

/*	macro-expand = ( "%{" macro-letter transformers *delimiter "}" )
 *	               / "%%" / "%_" / "%-"
 *	macro-letter = "s" / "l" / "o" / "d" / "i" / "p" / "h" /
 *	               "c" / "r" / "t" / "v"
 *	transformers = *DIGIT [ "r" ]
 *
 * Takes what stands behind the "%".
 */
static bool
take_macro(struct slice *s, bool explanation)
{
	int c = slice_get(s);
	uint64_t digits;

	if (c == '%' || c == '_' || c == '-')
		return true;
	if (c != '{')
		return false;
	c = ascii_lower(slice_get(s));
	if (c <= 0 || !strchr(explanation ? "slodiphvcrt" : "slodiphv", c))
		return false;
	/* 7.3: a number of parts is not zero. */
	if (ascii_is_digit(slice_peek(*s)) &&
	    (!slice_take_number(s, 1000000, &digits) || digits == 0))
		return false;
	slice_take_prefix_nocase(s, "r");
	slice_take_while(s, is_delimiter);
	return slice_get(s) == '}';
}

/*	macro-string  = *( macro-expand / macro-literal )
 *	macro-literal = %x21-24 / %x26-7E
 *
 * *literal_r is what stands behind the last macro-expand. */
static bool
read_macros(struct slice text, bool explanation, struct slice *literal_r)
{
	*literal_r = text;
	while (text.n) {
		int c = slice_get(&text);

		if (c == '%') {
			if (!take_macro(&text, explanation))
				return false;
			*literal_r = text;
		} else if (c > 0x7e || c < (explanation ? 0x20 : 0x21)) {
			return false;
		}
	}
	return true;
}

bool
spfrecord_macros_ok(struct slice text, bool explanation)
{
	struct slice literal;

	return read_macros(text, explanation, &literal);
}

/*	toplabel = ( *alphanum ALPHA *alphanum ) /
 *	           ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
 */
static bool
is_toplabel(struct slice s)
{
	bool letter = false;

	if (!s.n || !is_alphanum(slice_at(s, 0)) ||
	    !is_alphanum(slice_at(s, s.n - 1)))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		if (!is_alphanum(c) && c != '-')
			return false;
		letter |= ascii_is_alpha(c) || c == '-';
	}
	return letter;
}

/*	domain-spec = macro-string domain-end
 *	domain-end  = ( "." toplabel [ "." ] ) / macro-expand
 */
static bool
is_domain_spec(struct slice s)
{
	struct slice end;
	size_t dot;

	if (!s.n || !read_macros(s, false, &end))
		return false;
	if (end.n == 0)
		return true;
	if (slice_at(end, end.n - 1) == '.')
		end.n--;
	dot = slice_find_last(end, '.');
	return dot != SIZE_MAX && is_toplabel(slice_sub(end, dot + 1, end.n));
}

/* The fault of the term at hand; always -1. */
static int fault_set(struct spfrecord_fault *f, enum spfrecord_wrong wrong,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

static int
fault_set(
    struct spfrecord_fault *f, enum spfrecord_wrong wrong, const char *fmt, ...)
{
	va_list ap;

	f->wrong = wrong;
	va_start(ap, fmt);
	vsnprintf(f->why, sizeof(f->why), fmt, ap);
	va_end(ap);
	return -1;
}

static int
check_domain(struct slice s, struct spfrecord_fault *f)
{
	if (is_domain_spec(s))
		return 0;
	return fault_set(f,
	    spfrecord_macros_ok(s, false) ? SPFRECORD_WRONG_DOMAIN
					  : SPFRECORD_WRONG_MACRO,
	    "'%.*s' is no domain", (int)size_min(s.n, 80), s.p ? s.p : "");
}

/*	ip4-cidr-length = "/" ( "0" / %x31-39 0*1DIGIT )     ; 0-32
 *	ip6-cidr-length = "/" ( "0" / %x31-39 0*2DIGIT )     ; 0-128
 *
 * The digits at the end of *s behind mark, taken off: 1 there were some, 0
 * none, -1 wrong. */
static int
take_cidr(struct slice *s, const char *mark, unsigned max, unsigned *r)
{
	size_t digits = 0, n = strlen(mark);
	struct slice number;
	uint64_t v;

	while (digits < s->n && ascii_is_digit(slice_at(*s, s->n - digits - 1)))
		digits++;
	number = slice_sub(*s, s->n - digits, s->n);
	if (digits == 0 || s->n - digits < n ||
	    memcmp(number.p - n, mark, n) != 0)
		return 0;
	if (!slice_number(number, max, &v) ||
	    (slice_at(number, 0) == '0' && number.n > 1))
		return -1;
	*r = (unsigned)v;
	s->n -= digits + n;
	return 1;
}

/*	dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]	*/
static int
take_dual_cidr(
    struct slice *s, struct spfrecord_term *t, struct spfrecord_fault *f)
{
	if (take_cidr(s, "//", 128, &t->prefix6) < 0)
		return fault_set(f, SPFRECORD_WRONG_CIDR,
		    "IPv6 prefix length is not 0 to 128");
	if (take_cidr(s, "/", 32, &t->prefix4) < 0)
		return fault_set(f, SPFRECORD_WRONG_CIDR,
		    "IPv4 prefix length is not 0 to 32");
	return 0;
}

/*	ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ]
 *	ip6 = "ip6" ":" ip6-network [ ip6-cidr-length ]
 */
static int
read_network(
    struct slice s, struct spfrecord_term *t, struct spfrecord_fault *f)
{
	bool v4 = t->kind == SPFRECORD_IP4;
	const char *family = v4 ? "IPv4" : "IPv6";

	if (take_cidr(&s, "/", v4 ? 32 : 128, v4 ? &t->prefix4 : &t->prefix6) <
	    0)
		return fault_set(f, SPFRECORD_WRONG_CIDR,
		    "prefix length is not 0 to %d", v4 ? 32 : 128);
	if (!ip_read(s, &t->ip))
		return fault_set(f,
		    v4 ? SPFRECORD_WRONG_IP4 : SPFRECORD_WRONG_IP6,
		    "'%.*s' is no %s address", (int)size_min(s.n, 60),
		    s.p ? s.p : "", family);
	if (t->ip.n != (v4 ? 4 : 16))
		return fault_set(f, SPFRECORD_WRONG_FAMILY,
		    "'%.*s' is no %s address", (int)size_min(s.n, 60), s.p,
		    family);
	return 0;
}

enum argument {
	NOTHING,
	DOMAIN,       /* ":" domain-spec */
	MAYBE_DOMAIN, /* [ ":" domain-spec ] */
	DUAL,         /* [ ":" domain-spec ] [ dual-cidr-length ] */
	NETWORK
};

static const struct mechanism {
	const char *name;
	enum spfrecord_kind kind;
	enum argument argument;
} mechanisms[] = {
	{ "all", SPFRECORD_ALL, NOTHING },
	{ "include", SPFRECORD_INCLUDE, DOMAIN },
	{ "a", SPFRECORD_A, DUAL },
	{ "mx", SPFRECORD_MX, DUAL },
	{ "ptr", SPFRECORD_PTR, MAYBE_DOMAIN },
	{ "ip4", SPFRECORD_IP4, NETWORK },
	{ "ip6", SPFRECORD_IP6, NETWORK },
	{ "exists", SPFRECORD_EXISTS, DOMAIN },
};

/* What stands behind the name of a mechanism. */
static int
read_argument(enum argument argument, struct slice s, struct spfrecord_term *t,
    struct spfrecord_fault *f)
{
	if (argument == DUAL && take_dual_cidr(&s, t, f) < 0)
		return -1;
	if (s.n == 0 && argument != DOMAIN && argument != NETWORK)
		return 0;
	if (argument == NOTHING)
		return fault_set(
		    f, SPFRECORD_WRONG_SYNTAX, "takes no argument");
	if (slice_get(&s) != ':')
		return fault_set(
		    f, SPFRECORD_WRONG_SYNTAX, "needs ':' and its argument");
	if (argument == NETWORK)
		return read_network(s, t, f);
	t->domain = s;
	return check_domain(s, f);
}

/*	redirect         = "redirect" "=" domain-spec
 *	explanation      = "exp" "=" domain-spec
 *	unknown-modifier = name "=" macro-string
 */
static int
read_modifier(struct slice name, struct slice value, struct spfrecord_term *t,
    struct spfrecord_fault *f)
{
	if (!ascii_is_alpha(slice_peek(name)))
		return fault_set(f, SPFRECORD_WRONG_SYNTAX,
		    "a modifier's name starts with a letter");
	t->domain = value;
	if (slice_is_nocase(name, "redirect"))
		t->kind = SPFRECORD_REDIRECT;
	else if (slice_is_nocase(name, "exp"))
		t->kind = SPFRECORD_EXP;
	else
		t->kind = SPFRECORD_UNKNOWN;
	if (t->kind != SPFRECORD_UNKNOWN)
		return check_domain(value, f);
	if (!spfrecord_macros_ok(value, true))
		return fault_set(f, SPFRECORD_WRONG_MACRO,
		    "'%.*s' is no macro string", (int)size_min(value.n, 80),
		    value.p ? value.p : "");
	return 0;
}

/*	directive = [ qualifier ] mechanism
 *	qualifier = "+" / "-" / "?" / "~"
 */
static int
read_term(struct spfrecord_term *t, struct spfrecord_fault *f)
{
	struct slice s = t->text, name;
	int c = slice_peek(s);
	bool qualified = c == '+' || c == '-' || c == '?' || c == '~';

	t->qualifier = qualified ? c : '+';
	t->prefix4 = 32;
	t->prefix6 = 128;
	for (size_t i = 0; i < s.n; i++)
		if (slice_at(s, i) < 0x21 || slice_at(s, i) > 0x7e)
			return fault_set(f, SPFRECORD_WRONG_OCTET,
			    "octet %d is not printable ASCII", slice_at(s, i));
	if (qualified)
		slice_get(&s);
	name = slice_take_while(&s, is_name);
	if (slice_peek(s) == '=' && !qualified) {
		slice_get(&s);
		return read_modifier(name, s, t, f);
	}
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		if (slice_is_nocase(name, mechanisms[i].name)) {
			t->kind = mechanisms[i].kind;
			return read_argument(mechanisms[i].argument, s, t, f);
		}
	return fault_set(f, SPFRECORD_WRONG_MECHANISM,
	    "unknown mechanism '%.*s'", (int)size_min(name.n, 60),
	    name.p ? name.p : "");
}

/* 6: each of them at most once. */
static int
keep_modifier(struct spfrecord *r, const struct spfrecord_term *t,
    struct spfrecord_fault *f)
{
	const struct spfrecord_term **at = t->kind == SPFRECORD_REDIRECT
	                                       ? &r->redirect
	                                   : t->kind == SPFRECORD_EXP ? &r->exp
	                                                              : NULL;

	if (at && *at)
		return t->kind == SPFRECORD_EXP
		           ? fault_set(
				 f, SPFRECORD_WRONG_EXP, "a second 'exp='")
		           : fault_set(f, SPFRECORD_WRONG_REDIRECT,
				 "a second 'redirect='");
	if (at)
		*at = t;
	return 0;
}

static size_t
count_terms(struct slice s)
{
	size_t count = 0;

	while (s.n) {
		count += slice_take_while(&s, is_term).n > 0;
		slice_take_prefix(&s, " ");
	}
	return count;
}

/*	record = version terms *SP
 *	terms  = *( 1*SP ( directive / modifier ) )
 */
size_t
spfrecord_lint(struct slice text, struct arena *a, struct spfrecord *r,
    struct spfrecord_fault *faults, size_t max)
{
	struct slice s = slice_sub(text, strlen("v=spf1"), text.n), term;
	size_t found = 0, terms = count_terms(s);

	*r = (struct spfrecord){ .text = text };
	r->terms = arena_array(
	    a, size_min(terms, SPFRECORD_TERMS_MAX), sizeof(*r->terms));
	while (s.n) {
		struct spfrecord_term *t = &r->terms[r->count];
		struct spfrecord_fault f = { 0 };

		slice_take_prefix(&s, " ");
		term = slice_take_while(&s, is_term);
		if (term.n == 0)
			continue;
		f.span[0] = (size_t)(term.p - text.p);
		f.span[1] = f.span[0] + term.n;
		f.term = term;
		if (r->count == SPFRECORD_TERMS_MAX)
			break;
		*t = (struct spfrecord_term){ .text = term,
			.span = { f.span[0], f.span[1] } };
		if (read_term(t, &f) == 0 && keep_modifier(r, t, &f) == 0) {
			r->count++;
			continue;
		}
		if (found < max)
			faults[found] = f;
		found++;
	}
	return found;
}

int
spfrecord_read(struct slice text, struct arena *a, struct spfrecord *r,
    struct spfrecord_fault *fault)
{
	return spfrecord_lint(text, a, r, fault, 1) ? -1 : 0;
}
