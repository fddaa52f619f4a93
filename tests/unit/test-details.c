/* Unit tests of report/details.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/details.h"

#include "tap.h"

static const struct {
	const char *in, *list, *ip;
	unsigned retry;
} rows[] = {
	{ "", NULL, "", 0 },
	{ "host mx.b.cd[192.0.2.1] said: 554 blocked using ZEN.Spamhaus.org",
	    "spamhaus", "192.0.2.1", 0 },
	{ "host mx.b.cd [IPv6:2001:db8::1]: 451 try again in 5 minutes", NULL,
	    "2001:db8::1", 300 },
	{ "mx.b.cd. (2001:db8::2, the server)", NULL, "2001:db8::2", 0 },
	{ "450 4.7.1 you have been greylisted for 300 seconds", NULL, "", 300 },
	{ "421 wait  2 hours", NULL, "", 7200 },
	{ "451 please retry after some time, then wait 10 min", NULL, "", 600 },
	{ "try again in 99999999999999999999 seconds", NULL, "", 0 },
	{ "try again in 400 days", NULL, "", 0 },
	{ "try again in", NULL, "", 0 },
	{ "(#5.1.1) [1.2.3] (1.2.3.) [a.b.c.d] (in 1.2.3.4)", NULL, "", 0 },
	{ "[[192.0.2.7]:25", NULL, "192.0.2.7", 0 },
	{ "[192.0.2.1", NULL, "", 0 },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice in = slice_str(rows[i].in);
		const char *list = details_blocklist(in);

		ok(rows[i].list ? list && !strcmp(list, rows[i].list) : !list,
		    "blocklist of '%s'", rows[i].in);
		is_slice(details_ip(in), rows[i].ip, "its address");
		is_int(details_retry(in), rows[i].retry, "its time");
	}
}

int
main(void)
{
	test_rows();
	return tap_done();
}
