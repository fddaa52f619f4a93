/* Unit tests of text/date.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <time.h>

#include "text/date.h"

#include "tap.h"

static void
test_parse(void)
{
	static const struct {
		const char *in;
		bool ret;
		int64_t t;
		int zone;
	} rows[] = {
		{ "Thu, 1 Jan 1970 00:00:00 +0000", true, 0, 0 },
		{ "Tue, 24 Nov 2026 00:09:32 +0100", true, 1795475372, 60 },
		{ "Fri, 21 Nov 1997 09:55:06 -0600", true, 880127706, -360 },
		{ "24 Nov 2026 00:09 -0000", true, 1795478940, 0 },
		{ " Tue , 24 Nov 2026 00 : 09 : 32 +0100 (CET)", true,
		    1795475372, 60 },
		{ "Tue, 24 (a (b)) Nov 2026\r\n 00:09:32 +0100", true,
		    1795475372, 60 },
		{ "21 Nov 97 09:55:06 GMT", true, 880106106, 0 },
		{ "21 Nov 49 00:00:00 Z", true, 2521065600, 0 },
		{ "21 Nov 101 00:00:00 Z", true, 1006300800, 0 },
		{ "Fri, 21 Nov 97 09:55:06 EST", true, 880124106, -300 },
		{ "Fri, 21 Nov 97 09:55:06 XYZ", true, 880106106, 0 },
		{ "Friday 21-Nov-97 09:55:06", true, 880106106, 0 },
		{ "Fri. 21 November 1997 9:5:6 +01:00", true, 880099506, 60 },
		{ "29 Feb 2024 00:00:00 +0000", true, 1709164800, 0 },
		{ "31 Dec 2016 23:59:60 +0000", true, 1483228800, 0 },
		{ "29 Feb 2023 00:00:00 +0000", false, 0, 0 },
		{ "32 Jan 2023 00:00:00 +0000", false, 0, 0 },
		{ "1 Foo 2023 00:00:00 +0000", false, 0, 0 },
		{ "1 Jan 2023 24:00:00 +0000", false, 0, 0 },
		{ "1 Jan 2023 00:00:00 +0060", false, 0, 0 },
		{ "1 Jan 2023 00:00:00 +000", false, 0, 0 },
		{ "1 Jan 2023 00:00:00 +0000 x", false, 0, 0 },
		{ "1 Jan 99999 00:00:00 +0000", false, 0, 0 },
		{ "Foo, 1 Jan 2023 00:00:00 +0000", false, 0, 0 },
		{ "1 Jan 2023 00:00:00 +0000 (open", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t t = 0;
		int zone = 0;

		ok(date_parse(slice_str(rows[i].in), &t, &zone) == rows[i].ret,
		    "date '%s'", rows[i].in);
		is_int(t, rows[i].t, "its seconds");
		is_int(zone, rows[i].zone, "its zone");
	}
}

static void
test_parse_3339(void)
{
	static const struct {
		const char *in;
		bool ret;
		int64_t t;
		int zone;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", true, 0, 0 },
		{ "2026-11-24t00:09:32.25+01:00", true, 1795475372, 60 },
		{ "2026-11-23 23:09:32z", true, 1795475372, 0 },
		{ "2026-11-24", true, 1795478400, 0 },
		{ "2026-11-24T00:09:32", false, 0, 0 },
		{ "2026-11-24T00:09:32.Z", false, 0, 0 },
		{ "2026-13-24T00:09:32Z", false, 0, 0 },
		{ "2026-11-24T00:09:32Zx", false, 0, 0 },
		{ "26-11-24", false, 0, 0 },
		{ "2026-11-24T", false, 0, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t t = 0;
		int zone = 0;

		ok(date_parse_3339(slice_str(rows[i].in), &t, &zone) ==
			rows[i].ret,
		    "RFC 3339 '%s'", rows[i].in);
		is_int(t, rows[i].t, "its seconds");
		is_int(zone, rows[i].zone, "its zone");
	}
}

static void
test_make(void)
{
	static const struct {
		int64_t t;
		int zone;
		const char *mail, *internet;
	} rows[] = {
		{ 0, 0, "Thu, 1 Jan 1970 00:00:00 +0000",
		    "1970-01-01T00:00:00Z" },
		{ 1795475372, 60, "Tue, 24 Nov 2026 00:09:32 +0100",
		    "2026-11-24T00:09:32+01:00" },
		{ 1795475372, -210, "Mon, 23 Nov 2026 19:39:32 -0330",
		    "2026-11-23T19:39:32-03:30" },
		{ -1, 0, "Wed, 31 Dec 1969 23:59:59 +0000",
		    "1969-12-31T23:59:59Z" },
		{ INT64_MAX, 60, "Fri, 31 Dec 9999 23:59:59 +0100",
		    "9999-12-31T23:59:59+01:00" },
		{ INT64_MIN, 0, "Sat, 1 Jan 0000 00:00:00 +0000",
		    "0000-01-01T00:00:00Z" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[DATE_TEXT_MAX];

		date_make(rows[i].t, rows[i].zone, text);
		is_str(text, rows[i].mail, "date %zu", i);
		date_make_3339(rows[i].t, rows[i].zone, text);
		is_str(text, rows[i].internet, "as RFC 3339");
	}
}

/* The C library's calendar agrees, a day in every fortnight of 600 years. */
static void
test_calendar(void)
{
	int wrong = 0;

	for (int64_t t = -11676096000; t < 7258118400; t += 13 * 86400 + 4567) {
		time_t as_time = (time_t)t;
		struct date d;
		struct tm tm;

		date_split(t, 0, &d);
		gmtime_r(&as_time, &tm);
		wrong += d.year != tm.tm_year + 1900 ||
		         d.month != tm.tm_mon + 1 || d.day != tm.tm_mday ||
		         d.hour != tm.tm_hour || d.minute != tm.tm_min ||
		         d.second != tm.tm_sec || d.weekday != tm.tm_wday ||
		         date_join(&d) != t;
	}
	is_int(wrong, 0, "the calendar is the C library's");
}

int
main(void)
{
	test_parse();
	test_parse_3339();
	test_make();
	test_calendar();
	return tap_done();
}
