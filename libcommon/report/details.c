/* What the words of a server tell besides (see details.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/details.h"

const char *
details_blocklist(struct slice text)
{
	/* what stands in names and links, and the list */
	static const struct {
		const char *words, *name;
	} rows[] = { { "spamhaus", "spamhaus" }, { "spamcop", "spamcop" },
		{ "barracuda", "barracuda" }, { "sorbs.net", "sorbs" },
		{ "uceprotect", "uceprotect" }, { "abuseat.org", "cbl" },
		{ "invaluement", "invaluement" }, { "surbl", "surbl" },
		{ "uribl", "uribl" }, { "mailspike", "mailspike" },
		{ "psbl", "psbl" }, { "spamrats", "spamrats" },
		{ "senderscore", "senderscore" }, { "dnswl", "dnswl" },
		{ "trendmicro", "trendmicro" }, { "cloudmark", "cloudmark" },
		{ "proofpoint", "proofpoint" },
		{ "sender.office", "microsoft" }, { "manitu.net", "nixspam" },
		{ "nixspam", "nixspam" }, { "backscatterer", "backscatterer" },
		{ "dronebl", "dronebl" }, { "spfbl", "spfbl" },
		{ "gbudb", "gbudb" }, { "0spam", "0spam" },
		{ "abusix", "abusix" } };

	text = slice_sub(text, 0, DETAILS_LOOK);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (slice_search_nocase(text, slice_str(rows[i].words)) !=
		    SIZE_MAX)
			return rows[i].name;
	return NULL;
}

static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A number with its unit: "5 minutes", "300 sec", "1 hour". */
static unsigned
take_time(struct slice s)
{
	static const struct {
		const char *name;
		unsigned seconds;
	} units[] = { { "sec", 1 }, { "min", 60 }, { "hour", 3600 },
		{ "day", 86400 } };
	uint64_t n;

	if (!slice_take_number(&s, DETAILS_RETRY_MAX, &n))
		return 0;
	slice_take_while(&s, is_space);
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (slice_starts_nocase(s, units[i].name) &&
		    n * units[i].seconds <= DETAILS_RETRY_MAX)
			return (unsigned)(n * units[i].seconds);
	return 0;
}

unsigned
details_retry(struct slice text)
{
	static const char *const words[] = { "again in ", "again after ",
		"retry in ", "retry after ", "wait ", "greylisted for ",
		"greylisting for ", "delay ", "come back in ", "at least " };

	text = slice_sub(text, 0, DETAILS_LOOK);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct slice rest = text;
		size_t at;

		while ((at = slice_search_nocase(rest, slice_str(words[i]))) !=
		       SIZE_MAX) {
			unsigned seconds;

			slice_take(&rest, at + strlen(words[i]));
			seconds = take_time(slice_trim_start(rest));
			if (seconds)
				return seconds;
		}
	}
	return 0;
}

static bool
in_ip(int c)
{
	return ascii_hex(c) >= 0 || c == '.' || c == ':';
}

/* Four numbers and three dots, or colons: close enough for a report. */
static bool
is_ip(struct slice s)
{
	size_t dots = 0, colons = 0, letters = 0;

	for (size_t i = 0; i < s.n; i++) {
		dots += s.p[i] == '.';
		colons += s.p[i] == ':';
		letters += ascii_is_alpha((unsigned char)s.p[i]);
	}
	if (s.n < 3 || s.n > 45 || slice_peek(s) == '.' || s.p[s.n - 1] == '.')
		return false;
	return (dots == 3 && !colons && !letters && s.n >= 7) || colons >= 2;
}

struct slice
details_ip(struct slice text)
{
	struct slice rest = slice_sub(text, 0, DETAILS_LOOK);

	while (rest.n) {
		int c = slice_get(&rest);
		struct slice inside = rest, ip;

		if (c != '[' && c != '(')
			continue;
		slice_take_prefix_nocase(&inside, "IPv6:");
		ip = slice_take_while(&inside, in_ip);
		if (is_ip(ip) &&
		    (slice_peek(inside) == ']' || slice_peek(inside) == ')' ||
			slice_peek(inside) == ','))
			return ip;
	}
	return slice_of(NULL, 0);
}
