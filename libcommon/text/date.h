/* Dates of mail (RFC 5322 sections 3.3 and 4.3) and of the Internet (RFC
 * 3339). Own calendar: no locale, no time zone of the system.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include "base/buf.h"

#define DATE_TEXT_MAX 40 /* octets any date made here needs, NUL included */

/* A broken-down time in its zone. */
struct date {
	int64_t year;
	int month;   /* 1..12 */
	int day;     /* 1..31 */
	int hour;    /* 0..23 */
	int minute;  /* 0..59 */
	int second;  /* 0..60 */
	int weekday; /* 0 = Sunday */
	int zone;    /* minutes east of UTC */
};

/* Seconds since 1970 UTC to the calendar of a zone and back. Years outside
 * 0..9999 are cut to them. */
void date_split(int64_t t, int zone, struct date *d_r);
int64_t date_join(const struct date *d);

/* "Tue, 24 Nov 2026 00:09:32 +0000" */
void date_make(int64_t t, int zone, char text_r[DATE_TEXT_MAX]);

/* "2026-11-24T00:09:32Z", or with the offset when zone is not 0. */
void date_make_3339(int64_t t, int zone, char text_r[DATE_TEXT_MAX]);

/* A date field's value: comments, obsolete two- and three-digit years (RFC
 * 5322, 4.3), named and military zones, missing seconds, weekday or zone,
 * single digits, "." or missing "," behind the weekday. False when there is no
 * such day or time. zone_r may be null. */
bool date_parse(struct slice in, int64_t *t_r, int *zone_r);

/* RFC 3339 date-time with "T", "t" or SP, "Z" or offset; fractions are read
 * and dropped. A date alone is its midnight UTC. */
bool date_parse_3339(struct slice in, int64_t *t_r, int *zone_r);

#endif
