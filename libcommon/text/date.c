/* Dates of mail and of the Internet (see date.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/date.h"
#include "text/token.h"

#define DAY_SECONDS  86400
#define YEAR_MAX     9999
#define ZONE_MAX     (99 * 60 + 59) /* minutes; RFC 5322, 3.3 */
#define ERA_DAYS     146097         /* 400 years */
#define EPOCH_OFFSET 719468         /* days from 1 March 0000 to 1970 */

static const char weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Days since 1970 of a day of the Gregorian calendar. Years are counted from
 * March, so that the leap day is the last of its year. */
static int64_t
days_of(int64_t year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t from_march = (month + 9) % 12;
	int64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;

	return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - EPOCH_OFFSET;
}

/* The way back. */
static void
day_split(int64_t days, struct date *d)
{
	int64_t z = days + EPOCH_OFFSET;
	int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
	int64_t of_era = z - era * ERA_DAYS;
	int64_t year_of_era =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t day_of_year =
	    of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;

	d->day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
	d->month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	d->year = year_of_era + era * 400 + (d->month <= 2);
}

static int64_t
clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

void
date_split(int64_t t, int zone, struct date *d_r)
{
	int64_t first = days_of(0, 1, 1) * DAY_SECONDS;
	int64_t last = (days_of(YEAR_MAX, 12, 31) + 1) * DAY_SECONDS - 1;
	int64_t days, rest;

	zone = (int)clamp(zone, -ZONE_MAX, ZONE_MAX);
	t = clamp(clamp(t, first, last) + (int64_t)zone * 60, first, last);
	days = (t - first) / DAY_SECONDS + first / DAY_SECONDS;
	rest = t - days * DAY_SECONDS;
	day_split(days, d_r);
	d_r->hour = (int)(rest / 3600);
	d_r->minute = (int)(rest / 60 % 60);
	d_r->second = (int)(rest % 60);
	d_r->weekday = (int)(((days + 4) % 7 + 7) % 7);
	d_r->zone = zone;
}

int64_t
date_join(const struct date *d)
{
	return days_of(d->year, d->month, d->day) * DAY_SECONDS +
	       (int64_t)d->hour * 3600 + (int64_t)d->minute * 60 + d->second -
	       (int64_t)d->zone * 60;
}

static int
positive(int v)
{
	return v < 0 ? -v : v;
}

void
date_make(int64_t t, int zone, char text_r[DATE_TEXT_MAX])
{
	struct date d;
	int away;

	date_split(t, zone, &d);
	away = positive(d.zone);
	snprintf(text_r, DATE_TEXT_MAX,
	    "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", weekdays[d.weekday],
	    d.day, months[d.month - 1], (int)d.year, d.hour, d.minute, d.second,
	    d.zone < 0 ? '-' : '+', away / 60, away % 60);
}

/* Two digits and what follows them. */
static char *
put_two(char *to, int v, char behind)
{
	to[0] = (char)('0' + v / 10 % 10);
	to[1] = (char)('0' + v % 10);
	to[2] = behind;
	return to + 3;
}

void
date_make_3339(int64_t t, int zone, char text_r[DATE_TEXT_MAX])
{
	struct date d;
	char *to = text_r;
	int away;

	date_split(t, zone, &d);
	away = positive(d.zone);
	if (d.year >= 0 && d.year <= 9999) {
		put_two(to, (int)d.year / 100, 0);
		to = put_two(to + 2, (int)d.year % 100, '-');
	} else {
		int n = snprintf(to, DATE_TEXT_MAX / 2, "%04d-", (int)d.year);

		to += n > 0 && n < DATE_TEXT_MAX / 2 ? n : 0;
	}
	to = put_two(to, d.month, '-');
	to = put_two(to, d.day, 'T');
	to = put_two(to, d.hour, ':');
	to = put_two(to, d.minute, ':');
	to = put_two(to, d.second, zone ? d.zone < 0 ? '-' : '+' : 'Z');
	if (zone) {
		to = put_two(to, away / 60, ':');
		to = put_two(to, away % 60, 0) - 1;
	}
	*to = 0;
}

static int
days_in(int64_t year, int month)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
is_possible(const struct date *d)
{
	return d->year >= 0 && d->year <= YEAR_MAX && d->month >= 1 &&
	       d->month <= 12 && d->day >= 1 &&
	       d->day <= days_in(d->year, d->month) && d->hour <= 23 &&
	       d->minute <= 59 && d->second <= 60;
}

static bool
answer(const struct date *d, int64_t *t_r, int *zone_r)
{
	if (!is_possible(d))
		return false;
	*t_r = date_join(d);
	if (zone_r)
		*zone_r = d->zone;
	return true;
}

/* Takes min..max digits. */
static bool
take_digits(struct slice *s, size_t min, size_t max, int *r, size_t *n_r)
{
	struct slice digits = slice_take_while(s, ascii_is_digit);
	uint64_t v;

	if (digits.n < min || digits.n > max || !slice_number(digits, 9999, &v))
		return false;
	*r = (int)v;
	if (n_r)
		*n_r = digits.n;
	return true;
}

static bool
take_char(struct slice *s, int c)
{
	if (slice_peek(*s) != c)
		return false;
	slice_take(s, 1);
	return true;
}

/* The index of the name that word starts with ("Sept", "Tuesday"), or -1. */
static int
name_index(struct slice word, const char (*names)[4], int n)
{
	for (int i = 0; i < n; i++)
		if (slice_equal_nocase(
			slice_sub(word, 0, 3), slice_of(names[i], 3)))
			return i;
	return -1;
}

/*	[ day-name [ "." ] [ "," ] ] */
static bool
take_weekday(struct slice *s)
{
	struct slice word = slice_take_while(s, ascii_is_alpha);

	if (word.n && name_index(word, weekdays, 7) < 0)
		return false;
	take_char(s, '.');
	return token_skip_cfws(s) >= 0 &&
	       (!take_char(s, ',') || token_skip_cfws(s) >= 0);
}

/* RFC 5322, 4.3: 00..49 are 2000..2049, other years of two or three digits
 * count from 1900. */
static int
full_year(int year, size_t digits)
{
	if (digits == 2 && year < 50)
		return year + 2000;
	return digits < 4 ? year + 1900 : year;
}

/*	day month year, with blanks or "-" between */
static bool
take_day(struct slice *s, struct date *d)
{
	size_t digits;
	int year;

	if (!take_digits(s, 1, 2, &d->day, NULL) || token_skip_cfws(s) < 0)
		return false;
	take_char(s, '-');
	d->month =
	    name_index(slice_take_while(s, ascii_is_alpha), months, 12) + 1;
	if (!d->month || token_skip_cfws(s) < 0)
		return false;
	take_char(s, '-');
	if (!take_digits(s, 2, 4, &year, &digits))
		return false;
	d->year = full_year(year, digits);
	return token_skip_cfws(s) >= 0;
}

/*	hour ":" minute [ ":" second ] */
static bool
take_time(struct slice *s, struct date *d)
{
	if (!take_digits(s, 1, 2, &d->hour, NULL) || token_skip_cfws(s) < 0 ||
	    !take_char(s, ':') || token_skip_cfws(s) < 0 ||
	    !take_digits(s, 1, 2, &d->minute, NULL) || token_skip_cfws(s) < 0)
		return false;
	if (!take_char(s, ':'))
		return true;
	return token_skip_cfws(s) >= 0 &&
	       take_digits(s, 1, 2, &d->second, NULL) &&
	       token_skip_cfws(s) >= 0;
}

/* ( "+" / "-" ) 4DIGIT, also with ":" in the middle. */
static bool
take_offset(struct slice *s, int *zone_r)
{
	bool west = slice_get(s) == '-';
	int hours, minutes = 0;
	size_t digits;

	if (!take_digits(s, 2, 4, &hours, &digits) || digits == 3)
		return false;
	if (digits == 4) {
		minutes = hours % 100;
		hours /= 100;
	} else if (take_char(s, ':') && !take_digits(s, 2, 2, &minutes, NULL)) {
		return false;
	}
	*zone_r = (hours * 60 + minutes) * (west ? -1 : 1);
	return minutes < 60;
}

/* RFC 5322, 4.3: what is no North American name counts as UTC. */
static int
named_zone(struct slice name)
{
	static const struct {
		char name[4];
		int zone;
	} zones[] = {
		{ "EST", -300 },
		{ "EDT", -240 },
		{ "CST", -360 },
		{ "CDT", -300 },
		{ "MST", -420 },
		{ "MDT", -360 },
		{ "PST", -480 },
		{ "PDT", -420 },
	};

	for (size_t i = 0; i < COUNT_OF(zones); i++)
		if (slice_is_nocase(name, zones[i].name))
			return zones[i].zone;
	return 0;
}

bool
date_parse(struct slice in, int64_t *t_r, int *zone_r)
{
	struct date d = { 0 };
	int c;

	if (token_skip_cfws(&in) < 0 || !take_weekday(&in) ||
	    !take_day(&in, &d) || !take_time(&in, &d))
		return false;
	c = slice_peek(in);
	if ((c == '+' || c == '-') && !take_offset(&in, &d.zone))
		return false;
	if (ascii_is_alpha(c))
		d.zone = named_zone(slice_take_while(&in, ascii_is_alpha));
	return token_skip_cfws(&in) >= 0 && !in.n && answer(&d, t_r, zone_r);
}

/*	full-date = 4DIGIT "-" 2DIGIT "-" 2DIGIT */
static bool
take_full_date(struct slice *s, struct date *d)
{
	int year;

	if (!take_digits(s, 4, 4, &year, NULL) || !take_char(s, '-') ||
	    !take_digits(s, 2, 2, &d->month, NULL) || !take_char(s, '-') ||
	    !take_digits(s, 2, 2, &d->day, NULL))
		return false;
	d->year = year;
	return true;
}

/*	full-time = 2DIGIT ":" 2DIGIT ":" 2DIGIT [ "." 1*DIGIT ] time-offset */
static bool
take_full_time(struct slice *s, struct date *d)
{
	int c = slice_get(s);

	if (c != 'T' && c != 't' && c != ' ')
		return false;
	if (!take_digits(s, 2, 2, &d->hour, NULL) || !take_char(s, ':') ||
	    !take_digits(s, 2, 2, &d->minute, NULL) || !take_char(s, ':') ||
	    !take_digits(s, 2, 2, &d->second, NULL))
		return false;
	if (take_char(s, '.') && !slice_take_while(s, ascii_is_digit).n)
		return false;
	c = slice_peek(*s);
	if (c == 'Z' || c == 'z')
		return slice_get(s) == c;
	return (c == '+' || c == '-') && take_offset(s, &d->zone);
}

bool
date_parse_3339(struct slice in, int64_t *t_r, int *zone_r)
{
	struct date d = { 0 };

	if (!take_full_date(&in, &d) || (in.n && !take_full_time(&in, &d)))
		return false;
	return !in.n && answer(&d, t_r, zone_r);
}
