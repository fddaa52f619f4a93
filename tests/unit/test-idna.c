/* Unit tests of text/idna.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"

#include "tap.h"

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
test_to_ascii(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *want; /* or what the error says */
	} rows[] = {
		{ "Example.ORG", 0, "example.org" },
		{ "example.org.", 0, "example.org" },
		{ "localhost", 0, "localhost" },
		{ "b\xc3\xbc"
		  "cher.example",
		    0, "xn--bcher-kva.example" },
		{ "B\xc3\x9c"
		  "CHER.example",
		    0, "xn--bcher-kva.example" },
		{ "bu\xcc\x88"
		  "cher.example",
		    0, "xn--bcher-kva.example" },
		{ "fa\xc3\x9f.de", 0, "xn--fa-hia.de" },
		{ "\xe4\xbe\x8b\xe3\x80\x82jp", 0, "xn--fsq.jp" },
		{ "XN--bcher-KVA.example", 0, "xn--bcher-kva.example" },
		{ A63 ".org", 0, A63 ".org" },
		{ "", -1, "empty label: '' in domain ''" },
		{ ".", -1, "empty label: '' in domain '.'" },
		{ "a..b", -1, "empty label: '' in domain 'a..b'" },
		{ "-a.b", -1,
		    "label starts or ends in '-': '-a' in domain "
		    "'-a.b'" },
		{ "a_b.c", -1,
		    "other octets than letters, digits and '-': "
		    "'a_b' in domain 'a_b.c'" },
		{ "a b.c", -1,
		    "other octets than letters, digits and '-': "
		    "'a b' in domain 'a b.c'" },
		{ A63 "a.org", -1,
		    "label over 63 octets: '" A63 "a' in domain '" A63
		    "a.org'" },
		{ "\xff.org", -1, "domain is not UTF-8: '\xff.org'" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice name = { 0 };
		struct err e = { 0 };

		is_int(idna_to_ascii(slice_str(rows[i].in), &a, &name, &e),
		    rows[i].ret, "to ascii '%s'", rows[i].in);
		if (rows[i].ret)
			is_str(e.text, rows[i].want, "the fault");
		else
			is_slice(name, rows[i].want, "the name");
	}
	arena_free(&a);
}

static void
test_forms(void)
{
	struct arena a = { 0 };
	struct slice name = { 0 };
	struct err e = { 0 };
	char dots[600];

	is_int(idna_to_dns(slice_str("_DMARC.a.b"), &a, &name, &e), 0, "dns");
	is_slice(name, "_dmarc.a.b", "underscore passes");
	ok(idna_to_ascii(
	       slice_str("a.\xe2\x98\x83\xe2\x80\xae.b"), &a, &name, &e) < 0 &&
		slice_search(slice_str(e.text),
		    slice_str("'\xe2\x98\x83\xe2\x80\xae' in domain")) !=
		    SIZE_MAX,
	    "the label is named: %s", e.text);
	for (size_t i = 0; i < sizeof(dots); i++)
		dots[i] = i % 2 ? '.' : 'a';
	is_int(idna_to_ascii(slice_of(dots, 253), &a, &name, &e), 0, "253");
	is_int(idna_to_ascii(slice_of(dots, 255), &a, &name, &e), -1, "255");
	ok(!idna_is_ldh(slice_of(dots, 254)), "final dot is not LDH");
	ok(idna_is_ldh(slice_str("a-1.B")), "LDH");
	is_slice(idna_to_display(slice_str("www.xn--bcher-kva.example"), &a),
	    "www.b\xc3\xbc"
	    "cher.example",
	    "display");
	is_slice(idna_to_display(slice_str("xn--a.xn--"), &a), "xn--a.xn--",
	    "what is broken stays");
	is_slice(idna_to_display(slice_str("a.b"), &a), "a.b", "plain stays");
	ok(idna_equal(slice_str("B\xc3\xbc"
				"cher.Example."),
	       slice_str("xn--bcher-kva.example")),
	    "equal");
	ok(!idna_equal(slice_str("a.b"), slice_str("a.c")), "not equal");
	ok(idna_equal(slice_str("[::A]"), slice_str("[::a]")), "as text");
	arena_free(&a);
}

int
main(void)
{
	test_to_ascii();
	test_forms();
	return tap_done();
}
