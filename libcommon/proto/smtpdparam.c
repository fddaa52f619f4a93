/* Parameters of MAIL and RCPT (see smtpd.h; RFC 5321 section 4.1.1.11).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpdparts.h"
#include "proto/smtppath.h"
#include "proto/smtpwish.h"

#define ORCPT_MAX 500 /* octets, its type too (RFC 3461, 4.2) */

/* What a command's parameters are read into. */
struct params {
	unsigned seen;         /* a bit for each that was there */
	struct smtpd_dsn *dsn; /* of RCPT */
};

int
smtpd_bad_argument(struct smtpd *d, struct err *e, const char *text)
{
	return smtpd_reply(d, e, 501, "5.5.4", "%s", text);
}

/* RFC 1870: SIZE=1*20DIGIT */
static int
on_size(struct smtpd *d, struct params *p, struct slice value, struct err *e)
{
	(void)p;
	if (!slice_number(value, UINT64_MAX, &d->env.size))
		return smtpd_bad_argument(d, e, "SIZE is no number");
	if (d->plan->size_max && d->env.size > d->plan->size_max)
		return smtpd_reply(d, e, 552, "5.3.4",
		    "message over %llu octets",
		    (unsigned long long)d->plan->size_max);
	return 1;
}

/* RFC 6152, RFC 3030: BODY=7BIT / BODY=8BITMIME / BODY=BINARYMIME */
static int
on_body(struct smtpd *d, struct params *p, struct slice value, struct err *e)
{
	bool binary = d->plan->binary && slice_is_nocase(value, "BINARYMIME");

	(void)p;
	if (!binary && !slice_is_nocase(value, "7BIT") &&
	    !slice_is_nocase(value, "8BITMIME"))
		return smtpd_bad_argument(d, e, "BODY is no such thing here");
	d->env.binary = binary;
	d->env.eight_bit = slice_is_nocase(value, "8BITMIME");
	return 1;
}

/* RFC 6531, 3.4: SMTPUTF8 has no value */
static int
on_utf8(struct smtpd *d, struct params *p, struct slice value, struct err *e)
{
	(void)p;
	if (value.p)
		return smtpd_bad_argument(d, e, "SMTPUTF8 has no value");
	d->env.utf8 = true;
	return 1;
}

/*	xtext = *( xchar / "+" 2(HEXDIG) )
 *	xchar = printable ASCII but SP, "+" and "="    (RFC 3461, 4)
 *
 * UTF-8 stands as it is (RFC 6533, 3). Null when it is none, or has control
 * octets, which nobody should meet again in a report. */
static const char *
read_xtext(struct smtpd *d, struct slice s)
{
	char *text = arena_array(&d->mail, s.n + 1, 1);
	size_t n = 0;
	int c, high, low;

	while ((c = slice_get(&s)) >= 0) {
		if (c == '+') {
			high = ascii_hex(slice_get(&s));
			low = ascii_hex(slice_get(&s));
			if (high < 0 || low < 0)
				return NULL;
			c = high << 4 | low;
		} else if (c == '=' || c == ' ') {
			return NULL;
		}
		if (ascii_is_control(c) || (c > 127 && !d->env.utf8))
			return NULL;
		text[n++] = (char)c;
	}
	text[n] = '\0';
	return text;
}

/* RFC 4954, 5: the submitter as xtext. Nothing here trusts it, which is as if
 * it said "<>". */
static int
on_auth(struct smtpd *d, struct params *p, struct slice value, struct err *e)
{
	int c;

	(void)p;
	while ((c = slice_get(&value)) >= 0)
		if (c > 127 ||
		    (c == '+' && (ascii_hex(slice_get(&value)) < 0 ||
				     ascii_hex(slice_get(&value)) < 0)))
			return smtpd_bad_argument(d, e, "AUTH is not xtext");
	return 1;
}

/* RFC 3461, 4.3: RET=FULL / RET=HDRS */
static int
on_ret(struct smtpd *d, struct params *p, struct slice value, struct err *e)
{
	(void)p;
	if (slice_is_nocase(value, "FULL"))
		d->env.ret = "FULL";
	else if (slice_is_nocase(value, "HDRS"))
		d->env.ret = "HDRS";
	else
		return smtpd_bad_argument(d, e, "RET is FULL or HDRS");
	return 1;
}

/* RFC 3461, 4.4: ENVID=xtext */
static int
on_envid(struct smtpd *d, struct params *p, struct slice value, struct err *e)
{
	(void)p;
	if (value.n > 0 && value.n <= SMTPWISH_ENVID_MAX)
		d->env.envid = read_xtext(d, value);
	if (!d->env.envid)
		return smtpd_bad_argument(d, e, "ENVID is not xtext");
	return 1;
}

/* RFC 3461, 4.1: NOTIFY="NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" ) */
static int
on_notify(struct smtpd *d, struct params *p, struct slice value, struct err *e)
{
	bool more = true;

	while (more) {
		struct slice word = slice_take_until(&value, ',', &more);
		unsigned bit =
		    slice_is_nocase(word, "NEVER")     ? SMTPWISH_NEVER
		    : slice_is_nocase(word, "SUCCESS") ? SMTPWISH_SUCCESS
		    : slice_is_nocase(word, "FAILURE") ? SMTPWISH_FAILURE
		    : slice_is_nocase(word, "DELAY")   ? SMTPWISH_DELAY
						       : 0;

		if (!bit || p->dsn->notify & bit)
			return smtpd_bad_argument(
			    d, e, "NOTIFY is no such thing");
		p->dsn->notify |= bit;
	}
	if (p->dsn->notify & SMTPWISH_NEVER && p->dsn->notify != SMTPWISH_NEVER)
		return smtpd_bad_argument(d, e, "NOTIFY=NEVER stands alone");
	return 1;
}

/* RFC 3461, 4.2: ORCPT=addr-type ";" xtext */
static int
on_orcpt(struct smtpd *d, struct params *p, struct slice value, struct err *e)
{
	const char *address;
	struct slice type;
	bool found;

	if (value.n > ORCPT_MAX)
		return smtpd_bad_argument(d, e, "ORCPT is too long");
	type = slice_take_until(&value, ';', &found);
	for (size_t i = 0; i < type.n; i++)
		found = found && (ascii_is_alpha((unsigned char)type.p[i]) ||
				     ascii_is_digit((unsigned char)type.p[i]) ||
				     type.p[i] == '-');
	address = found && type.n && value.n ? read_xtext(d, value) : NULL;
	if (!address)
		return smtpd_bad_argument(
		    d, e, "ORCPT is a type, \";\" and xtext");
	p->dsn->orcpt =
	    arena_fmt(&d->mail, "%.*s;%s", SLICE_ARG(type), address);
	return 1;
}

struct known {
	const char *name;
	bool dsn; /* only where notices are offered */
	int (*read)(struct smtpd *d, struct params *p, struct slice value,
	    struct err *e);
};

static const struct known mail_known[] = {
	{ "AUTH", false, on_auth },
	{ "BODY", false, on_body },
	{ "ENVID", true, on_envid },
	{ "RET", true, on_ret },
	{ "SIZE", false, on_size },
	{ "SMTPUTF8", false, on_utf8 },
};
static const struct known rcpt_known[] = {
	{ "NOTIFY", true, on_notify },
	{ "ORCPT", true, on_orcpt },
};

/* One parameter; 1, or 0 when it was refused. */
static int
read_param(struct smtpd *d, const struct known *known, size_t n,
    struct params *p, struct slice key, struct slice value, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (!slice_is_nocase(key, known[i].name) ||
		    (known[i].dsn && !d->plan->dsn))
			continue;
		if (p->seen & 1u << i)
			return smtpd_bad_argument(
			    d, e, "a parameter stands twice");
		p->seen |= 1u << i;
		return known[i].read(d, p, value, e);
	}
	return smtpd_reply(d, e, 555, "5.5.4", "there is no such parameter");
}

static int
read_params(struct smtpd *d, const struct known *known, size_t n,
    struct slice arg, struct params *p, struct err *e)
{
	struct slice key, value;
	int r;

	while ((r = smtppath_param(&arg, &key, &value)) > 0) {
		if (!d->env.esmtp)
			return smtpd_reply(
			    d, e, 555, "5.5.4", "parameters need EHLO");
		r = read_param(d, known, n, p, key, value, e);
		if (r <= 0)
			return r;
	}
	return r < 0 ? smtpd_bad_argument(d, e, "malformed parameter") : 1;
}

int
smtpd_mail_params(struct smtpd *d, struct slice arg, struct err *e)
{
	struct params p = { 0 };

	return read_params(d, mail_known, COUNT_OF(mail_known), arg, &p, e);
}

int
smtpd_rcpt_params(
    struct smtpd *d, struct slice arg, struct smtpd_dsn *dsn_r, struct err *e)
{
	struct params p = { .dsn = dsn_r };

	return read_params(d, rcpt_known, COUNT_OF(rcpt_known), arg, &p, e);
}
