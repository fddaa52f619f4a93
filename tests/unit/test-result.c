/* Unit tests of auth/result.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/result.h"

#include "tap.h"

static void
test_write(void)
{
	struct arena a = { 0 };
	struct result r = { .authserv_id = "mx.example.org" };
	struct result_method *m;
	struct buf out;

	buf_init(&out, 10000);
	result_field(&r, &out);
	is_str(buf_str(&out),
	    "Authentication-Results: mx.example.org; none\r\n", "no result");
	m = result_add(&r, &a, "dkim", "pass");
	result_prop(m, &a, "header", "d", slice_str("example.org"));
	result_prop(m, &a, "header", "s", slice_str("s 1"));
	m = result_add(&r, &a, "spf", "fail");
	m->reason = slice_str("not \"ours\"");
	m->comment = slice_str("a (b");
	result_prop(m, &a, "smtp", "mailfrom", slice_str("a@b.example"));
	result_prop(m, &a, "smtp", "helo", slice_str("x\r\nInjected: y"));
	buf_reset(&out);
	result_field(&r, &out);
	is_str(buf_str(&out),
	    "Authentication-Results: mx.example.org;\r\n"
	    "        dkim=pass header.d=example.org header.s=\"s 1\";\r\n"
	    "        spf=fail (a \\(b) reason=\"not \\\"ours\\\"\" "
	    "smtp.mailfrom=a@b.example\r\n"
	    "        smtp.helo=\"x??Injected: y\"\r\n",
	    "folded, quoted, and nothing gets in");
	buf_free(&out);
	arena_free(&a);
}

static void
test_read(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *id;
		size_t methods;
		const char *last; /* "method=result" of the last, or null */
	} rows[] = {
		{ " mx.example.org; dkim=pass header.d=a.example", 1,
		    "mx.example.org", 1, "dkim=pass" },
		{ " mx 1; none", 1, "mx", 0, NULL },
		{ "mx;\r\n SPF = Pass smtp.mailfrom=\"a b\"@c; dmarc=fail", 1,
		    "mx", 2, "dmarc=fail" },
		{ "(c (d)) \"m x\"; arc/1=none;", 1, "m x", 1, "arc=none" },
		{ "mx; dkim=pass reason=\"good (x)\" (a) header.i=@a.b", 1,
		    "mx", 1, "dkim=pass" },
		{ "", 0, NULL, 0, NULL },
		{ "(only)", 0, NULL, 0, NULL },
		{ "(open", -1, NULL, 0, NULL },
		{ "mx 2; none", -1, NULL, 0, NULL },
		{ "mx; dkim", -1, "mx", 0, NULL },
		{ "mx; dkim=pass; spf=", -1, "mx", 1, "dkim=pass" },
		{ "mx dkim=pass", -1, "mx", 0, NULL },
		{ ";", -1, NULL, 0, NULL },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct result r;
		struct err e;

		is_int(result_read(slice_str(rows[i].in), &a, &r, &e),
		    rows[i].ret, "'%s'", rows[i].in);
		is_str(r.authserv_id, rows[i].id, "authserv-id");
		is_int((int64_t)r.count, (int64_t)rows[i].methods, "methods");
		if (rows[i].last && r.count)
			is_str(arena_fmt(&a, "%s=%s",
				   r.methods[r.count - 1]->method,
				   r.methods[r.count - 1]->result),
			    rows[i].last, "the last");
	}
	arena_free(&a);
}

static void
test_id(void)
{
	struct arena a = { 0 };
	struct slice id;

	is_int(result_authserv_id(
		   slice_str(" (x) Mx.Example.org (y) ; broken =="), &a, &id),
	    1, "an id before what cannot be read");
	is_slice(id, "Mx.Example.org", "its text");
	is_int(result_authserv_id(slice_str(" ; none"), &a, &id), -1, "none");
	arena_free(&a);
}

int
main(void)
{
	test_write();
	test_read();
	test_id();
	return tap_done();
}
