/* What a server offers (RFC 5321 section 4.1.1.1).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpcap.h"

static struct slice
take_word(struct slice *s)
{
	*s = slice_trim_start(*s);
	return slice_take_until(s, ' ', NULL);
}

/* size-param ::= [1*DIGIT]       (RFC 1870, 4); 0 means no fixed maximum */
static void
read_size(struct slice params, struct smtp_caps *caps)
{
	caps->size = true;
	if (!slice_number(take_word(&params), UINT64_MAX, &caps->size_max))
		caps->size_max = 0;
}

static void
read_auth(struct slice params, struct smtp_caps *caps)
{
	size_t at = strlen(caps->mechanisms);
	struct slice word;

	caps->auth = true;
	while ((word = take_word(&params)).n > 0) {
		if (word.n + 2 > sizeof(caps->mechanisms) - at)
			continue;
		memcpy(caps->mechanisms + at, word.p, word.n);
		at += word.n;
		caps->mechanisms[at++] = ' ';
		caps->mechanisms[at] = '\0';
	}
}

/* LIMITS-param = NAME "=" value   (RFC 9422, 2) */
static void
read_limits(struct slice params, struct smtp_caps *caps)
{
	struct slice word, name;
	uint64_t n;

	while ((word = take_word(&params)).n > 0) {
		name = slice_take_until(&word, '=', NULL);
		if (!slice_number(word, 999999, &n))
			continue;
		if (slice_is_nocase(name, "MAILMAX"))
			caps->mail_max = n;
		else if (slice_is_nocase(name, "RCPTMAX"))
			caps->rcpt_max = n;
		else if (slice_is_nocase(name, "RCPTDOMAINMAX"))
			caps->rcpt_domain_max = n;
	}
}

/* A first number, 0 when there is none. */
static uint64_t
number_of(struct slice params)
{
	uint64_t n;

	return slice_number(take_word(&params), INT32_MAX, &n) ? n : 0;
}

/* What is offered by its word alone. */
static bool *
flag_of(struct slice word, struct smtp_caps *caps)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
		{ "STARTTLS", &caps->starttls },
		{ "PIPELINING", &caps->pipelining },
		{ "CHUNKING", &caps->chunking },
		{ "BINARYMIME", &caps->binary },
		{ "8BITMIME", &caps->eight_bit },
		{ "SMTPUTF8", &caps->utf8 },
		{ "SIZE", &caps->size },
		{ "DSN", &caps->dsn },
		{ "DELIVERBY", &caps->deliver_by },
		{ "FUTURERELEASE", &caps->future_release },
		{ "MT-PRIORITY", &caps->mt_priority },
		{ "REQUIRETLS", &caps->require_tls },
		{ "XCLIENT", &caps->xclient },
	};

	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if (slice_is_nocase(word, flags[i].word))
			return flags[i].flag;
	return NULL;
}

/* ehlo-line = ehlo-keyword *( SP ehlo-param ) */
static void
read_line(struct slice line, struct smtp_caps *caps)
{
	struct slice word = take_word(&line);
	bool *flag = flag_of(word, caps);

	if (flag)
		*flag = true;
	if (slice_is_nocase(word, "LIMITS"))
		read_limits(line, caps);
	else if (slice_is_nocase(word, "SIZE"))
		read_size(line, caps);
	else if (slice_is_nocase(word, "DELIVERBY"))
		caps->by_min = number_of(line);
	else if (slice_is_nocase(word, "FUTURERELEASE"))
		caps->hold_max = number_of(line);
	else if (slice_is_nocase(word, "AUTH"))
		read_auth(line, caps);
}

void
smtpcap_read(struct slice text, struct smtp_caps *caps_r)
{
	bool more;

	*caps_r = (struct smtp_caps){ 0 };
	slice_take_until(&text, '\n', &more);
	while (more)
		read_line(slice_take_until(&text, '\n', &more), caps_r);
}
