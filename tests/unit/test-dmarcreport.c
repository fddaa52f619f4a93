/* Unit tests of report/dmarcreport and report/unpack.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/buf.h"

#include "report/dmarcreport.h"
#include "report/unpack.h"

#include "tap.h"

#define HEAD                                                                   \
	"<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">"                \
	"<report_metadata><org_name>X &amp; Y</org_name><report_id>7"          \
	"</report_id><date_range><begin>1764000000</begin><end>1764086399"     \
	"</end></date_range></report_metadata><policy_published><domain>"      \
	"e.org</domain><p>reject</p></policy_published>"
#define RECORD                                                                 \
	"<record><row><source_ip>192.0.2.1</source_ip><count>3</count>"        \
	"<policy_evaluated><disposition>none</disposition><dkim>pass</dkim>"   \
	"<spf>fail</spf><reason><type>local_policy</type></reason>"            \
	"</policy_evaluated></row><identifiers><header_from>e.org"             \
	"</header_from></identifiers><auth_results><dkim><domain>d.org"        \
	"</domain><result>pass</result></dkim><spf><domain>s.org</domain>"     \
	"<result>fail</result></spf></auth_results></record>"

static const struct {
	const char *name, *in;
	int ret;
	size_t records;
	const char *why;
} rows[] = {
	{ "one record", "<?xml version=\"1.0\"?>" HEAD RECORD "</feedback>", 0,
	    1, "" },
	{ "two", HEAD RECORD RECORD "</feedback>", 0, 2, "" },
	{ "none", HEAD "</feedback>", 0, 0, "" },
	{ "a prefix", "<d:feedback xmlns:d=\"x\"><d:record/></d:feedback>", 0,
	    1, "" },
	{ "cut", HEAD RECORD, -1, 0, "broken XML" },
	{ "no report", "<html></html>", -1, 0, "no DMARC report" },
	{ "a document type", "<!DOCTYPE x><feedback/>", -1, 0,
	    "document type" },
	{ "an entity",
	    "<!DOCTYPE x [<!ENTITY a \"b\">]><feedback>&a;</feedback>", -1, 0,
	    "document type" },
	{ "too deep",
	    "<feedback><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>", -1,
	    0, "too deep" },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena a = { 0 };
		struct dmarcreport r;
		struct err e = { .text = "" };

		is_int(dmarcreport_read(slice_str(rows[i].in), &a, &r, &e),
		    rows[i].ret, "%s", rows[i].name);
		if (rows[i].ret == 0)
			is_int((int64_t)r.n, (int64_t)rows[i].records,
			    "its records");
		else
			ok(strstr(e.text, rows[i].why) != NULL, "why: %s",
			    e.text);
		arena_free(&a);
	}
}

static void
test_fields(void)
{
	struct arena a = { 0 };
	struct dmarcreport r;
	struct err e;

	dmarcreport_read(slice_str(HEAD RECORD "</feedback>"), &a, &r, &e);
	is_slice(r.org, "X & Y", "org");
	is_slice(r.domain, "e.org", "domain");
	is_slice(r.p, "reject", "policy");
	is_int((int64_t)r.begin, 1764000000, "begin");
	is_slice(r.v[0].ip, "192.0.2.1", "ip");
	is_int((int64_t)r.v[0].count, 3, "count");
	is_slice(r.v[0].dkim, "pass", "dkim as evaluated");
	is_slice(r.v[0].auth_dkim->domain, "d.org", "whose signature");
	is_slice(r.v[0].auth_spf->result, "fail", "spf as seen");
	is_slice(r.v[0].reasons->type, "local_policy", "why");
	arena_free(&a);
}

/* gzip of "hello\n", stored. */
static const unsigned char gz[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 6, 0,
	0xf9, 0xff, 'h', 'e', 'l', 'l', 'o', '\n', 0x20, 0x30, 0x3a, 0x36, 6, 0,
	0, 0 };

static void
test_unpack(void)
{
	struct buf b;
	struct err e;

	buf_init(&b, 100);
	is_int(unpack(slice_of(gz, sizeof(gz)), &b, &e), 0, "gzip");
	is_str(buf_str(&b), "hello\n", "what is in it");
	buf_reset(&b);
	is_int(unpack(slice_str("plain"), &b, &e), 0, "not packed");
	is_str(buf_str(&b), "plain", "as it is");
	buf_reset(&b);
	is_int(unpack(slice_of(gz, 20), &b, &e), -1, "gzip that is cut");
	buf_free(&b);
	buf_init(&b, 3);
	is_int(unpack(slice_of(gz, sizeof(gz)), &b, &e), -1, "too large");
	ok(strstr(e.text, "more than 3") != NULL, "%s", e.text);
	buf_reset(&b);
	is_int(unpack(slice_str("PK\3\4nonsense"), &b, &e), -1, "broken zip");
	buf_free(&b);
}

int
main(void)
{
	test_rows();
	test_fields();
	test_unpack();
	return tap_done();
}
