/* What a trusted Received field tells (see hop.h).
 *
 *	Postfix   from HELO (NAME [ADDR]) by HOST ...
 *	Sendmail  from HELO (NAME [ADDR] (may be forged)) by HOST ...
 *	Exim      from NAME ([ADDR] helo=HELO) by HOST ... (envelope-from <A>)
 *	          from [ADDR] (helo=HELO) by HOST ...
 *	qmail     from NAME (HELO HELO) (ADDR) by HOST ...
 *	Exchange  from HELO (ADDR) by HOST ...
 *
 * What the client said in HELO is never taken for its address.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/date.h"
#include "text/token.h"

#include "auth/hop.h"
#include "auth/letter.h"

/* One field while it is read. */
struct reading {
	struct ip ip, literal; /* in a comment; of the first word */
	struct slice helo, by, sender;
	bool sender_known;
};

static bool
is_in_word(int c)
{
	return c > ' ' && c != '(' && c != ';';
}

static struct slice
take_word(struct slice *s)
{
	*s = slice_trim_start(*s);
	return slice_take_while(s, is_in_word);
}

/* "[192.0.2.1]", "name[192.0.2.1]", "[IPv6:2001:db8::1]", "192.0.2.1" */
static bool
read_address(struct slice word, struct ip *ip_r)
{
	size_t open = slice_find(word, '[');

	if (open != SIZE_MAX) {
		word = slice_sub(word, open + 1, word.n);
		word = slice_sub(word, 0, slice_find(word, ']'));
		slice_take_prefix_nocase(&word, "IPv6:");
	}
	return ip_read(word, ip_r);
}

static struct slice
without_angles(struct slice s)
{
	if (slice_take_prefix(&s, "<"))
		s = slice_sub(s, 0, slice_find(s, '>'));
	return s;
}

/* A comment of the from clause (client), or of any other. */
static void
read_comment(struct reading *r, struct slice inside, bool client)
{
	while (inside.n) {
		struct slice word = take_word(&inside);

		if (!word.n)
			slice_take(&inside, 1); /* "(" or ";" */
		else if (client && slice_take_prefix_nocase(&word, "helo="))
			r->helo = word;
		else if (client && (slice_is_nocase(word, "HELO") ||
				       slice_is_nocase(word, "EHLO")))
			r->helo = take_word(&inside);
		else if (slice_is_nocase(word, "envelope-from")) {
			r->sender = without_angles(take_word(&inside));
			r->sender_known = true;
		} else if (client && !r->ip.n) {
			read_address(word, &r->ip);
		}
	}
}

/* from, by and their comments, up to ";". */
static void
read_clauses(struct reading *r, struct slice s)
{
	enum { START, FROM, BY, OTHER } clause = START;
	struct slice word;

	for (;;) {
		s = slice_trim_start(s);
		if (slice_peek(s) == '(') {
			if (token_comment(&s, &word) <= 0)
				return;
			read_comment(r, word, clause == FROM);
			continue;
		}
		word = take_word(&s);
		if (!word.n)
			return;
		if (clause == START && slice_is_nocase(word, "from")) {
			clause = FROM;
			r->helo = take_word(&s);
			read_address(r->helo, &r->literal);
		} else if (clause <= FROM && slice_is_nocase(word, "by")) {
			clause = BY;
			r->by = take_word(&s);
		} else if (clause == BY) {
			clause = OTHER;
		}
	}
}

static bool
is_host(struct slice by, const char *host)
{
	if (by.n && by.p[by.n - 1] == '.')
		by.n--;
	return slice_is_nocase(by, host);
}

/* ";" date-time, behind everything else. */
static int64_t
read_date(struct slice field)
{
	size_t at = slice_find_last(field, ';');
	int64_t t;
	int zone;

	if (at == SIZE_MAX ||
	    !date_parse(
		slice_trim(slice_sub(field, at + 1, field.n)), &t, &zone))
		return -1;
	return t;
}

/* The address of Return-Path, if it is one. */
static const char *
return_path(struct slice value, struct arena *a)
{
	value = slice_trim(value);
	return slice_starts(value, "<") ? arena_copy(a, without_angles(value))
	                                : NULL;
}

bool
hop_read(const struct dkim_letter *m, const char *host, struct arena *a,
    struct hop *h_r)
{
	size_t seen = 0;

	*h_r = (struct hop){ .time = -1 };
	for (size_t i = 0; i < m->count && seen < HOP_FIELDS_MAX; i++) {
		struct slice value = m->fields[i];
		struct slice name = letter_field_name(value);
		struct reading r = { 0 };

		slice_take_until(&value, ':', NULL);
		if (slice_is_nocase(name, "Return-Path"))
			h_r->mailfrom = return_path(value, a);
		if (!slice_is_nocase(name, "Received"))
			continue;
		seen++;
		read_clauses(&r, value);
		if (!r.ip.n)
			r.ip = r.literal;
		if (!is_host(r.by, host) || !r.ip.n ||
		    slice_is(slice_str(ip_special(&r.ip)), "loopback"))
			continue;
		h_r->ip = r.ip;
		h_r->helo = r.helo.n ? arena_copy(a, r.helo) : NULL;
		if (r.sender_known)
			h_r->mailfrom = arena_copy(a, r.sender);
		h_r->time = read_date(value);
		return true;
	}
	*h_r = (struct hop){ .time = -1 };
	return false;
}
