/* Parameters of MAIL and RCPT (see smtpparam.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/utf8.h"

#include "proto/smtpparam.h"

static const struct smtp_wish no_wish;

static const struct smtp_wish *
wish_of(const struct smtp_mail *mail)
{
	return mail->wish ? mail->wish : &no_wish;
}

static int
check_size(const struct smtp_mail *mail, const struct smtp_caps *caps,
    const char *peer, struct err *e)
{
	if (!caps->size || !caps->size_max || mail->size <= caps->size_max)
		return 0;
	err_set(e, ERR_UNAVAILABLE,
	    "%s takes messages of at most %llu octets, this one has %llu", peer,
	    (unsigned long long)caps->size_max, (unsigned long long)mail->size);
	memcpy(e->enhanced, "5.3.4", sizeof("5.3.4"));
	return -1;
}

static int
check_letters(const struct smtp_mail *mail, bool utf8,
    const struct smtp_caps *caps, const char *peer, struct err *e)
{
	const char *status = "5.6.7";

	if (mail->utf8_line && !caps->utf8) {
		err_set(e, ERR_DATA,
		    "line %llu of the header is not ASCII and %s does not "
		    "offer SMTPUTF8: encode it (RFC 2047)",
		    (unsigned long long)mail->utf8_line, peer);
	} else if (utf8 && !caps->utf8) {
		err_set(e, ERR_DATA,
		    "an address is not ASCII and %s does not offer SMTPUTF8: "
		    "there is no other way to write it",
		    peer);
	} else if (mail->eight_bit_line && !mail->ascii && !mail->binary &&
		   !caps->eight_bit) {
		err_set(e, ERR_DATA,
		    "line %llu is not ASCII and %s does not offer 8BITMIME: "
		    "encode the text as quoted-printable or base64",
		    (unsigned long long)mail->eight_bit_line, peer);
		status = "5.6.3";
	} else {
		return 0;
	}
	memcpy(e->enhanced, status, sizeof("5.x.x"));
	return -1;
}

/* What would not be as the sender wants it to be is not sent. */
static int
check_wish(const struct smtp_wish *wish, const struct smtp_caps *caps,
    const char *peer, struct err *e)
{
	const char *what = NULL, *status = "5.7.0";
	uint64_t hold = wish->hold_for;

	if (wish->require_tls && !caps->require_tls) {
		what = "REQUIRETLS (--require-tls)";
		status = "5.7.30";
	} else if (wish->deliver_by && !caps->deliver_by) {
		what = "DELIVERBY (--deliver-by)";
	} else if ((hold || wish->hold_until) && !caps->future_release) {
		what = "FUTURERELEASE (--hold-for, --hold-until)";
	} else if (wish->dsn_must && !caps->dsn) {
		what = "DSN (--dsn-must)";
	} else if (wish->deliver_by && wish->by_mode == 'R' &&
		   wish->by_seconds < (int64_t)caps->by_min) {
		return err_set(e, ERR_UNAVAILABLE,
		    "%s delivers within %llu seconds at best (--deliver-by)",
		    peer, (unsigned long long)caps->by_min);
	} else if (hold && caps->hold_max && hold > caps->hold_max) {
		return err_set(e, ERR_UNAVAILABLE,
		    "%s holds messages for at most %llu seconds (--hold-for)",
		    peer, (unsigned long long)caps->hold_max);
	} else {
		return 0;
	}
	err_set(e, ERR_UNAVAILABLE, "%s does not offer %s", peer, what);
	memcpy(e->enhanced, status, strlen(status) + 1);
	return -1;
}

int
smtpparam_check(const struct smtp_mail *mail, bool utf8,
    const struct smtp_caps *caps, const char *peer, struct err *e)
{
	if (check_size(mail, caps, peer, e) < 0 ||
	    check_letters(mail, utf8, caps, peer, e) < 0)
		return -1;
	return check_wish(wish_of(mail), caps, peer, e);
}

/* xtext (RFC 3461, 4): "+" and "=" and what is no printable ASCII as +HH;
 * UTF-8 stays where it may (RFC 6533, 3). */
static void
put_xtext(struct buf *b, struct slice s)
{
	int c;

	while ((c = slice_get(&s)) >= 0)
		if ((c > 32 && c < 127 && c != '+' && c != '=') || c > 127)
			buf_char(b, (char)c);
		else
			buf_fmt(b, "+%02X", (unsigned)c);
}

/* DSN (RFC 3461), DELIVERBY (2852), FUTURERELEASE (4865), MT-PRIORITY (6710),
 * REQUIRETLS (8689). DSN and priority are left away where they are not
 * offered: nothing goes wrong without. */
static void
put_wish(struct buf *b, const struct smtp_wish *w, const struct smtp_caps *caps)
{
	if (caps->dsn && w->ret)
		buf_fmt(b, " RET=%s", w->ret);
	if (caps->dsn && w->envid.n) {
		buf_text(b, " ENVID=");
		put_xtext(b, w->envid);
	}
	if (w->deliver_by)
		buf_fmt(b, " BY=%lld;%c", (long long)w->by_seconds, w->by_mode);
	if (w->hold_for)
		buf_fmt(b, " HOLDFOR=%llu", (unsigned long long)w->hold_for);
	if (w->hold_until)
		buf_fmt(b, " HOLDUNTIL=%s", w->hold_until);
	if (caps->mt_priority && w->has_priority)
		buf_fmt(b, " MT-PRIORITY=%d", w->priority);
	if (w->require_tls)
		buf_text(b, " REQUIRETLS");
}

static const char *
finish(struct buf *b, struct arena *a)
{
	const char *text = arena_copy(a, buf_view(b));

	buf_free(b);
	return text;
}

/* SIZE (RFC 1870), BODY (RFC 6152, RFC 3030), SMTPUTF8 (RFC 6531) */
const char *
smtpparam_mail(const struct smtp_mail *mail, const struct smtp_caps *caps,
    bool utf8, struct arena *a)
{
	struct buf b;

	buf_init(&b, SMTPPARAM_MAX);
	if (caps->size)
		buf_fmt(&b, " SIZE=%llu", (unsigned long long)mail->size);
	if (mail->binary && !mail->ascii)
		buf_text(&b, " BODY=BINARYMIME");
	else if (mail->eight_bit_line && (!mail->ascii || mail->utf8_line))
		buf_text(&b, " BODY=8BITMIME");
	if (utf8 || mail->utf8_line)
		buf_text(&b, " SMTPUTF8");
	put_wish(&b, wish_of(mail), caps);
	return finish(&b, a);
}

const char *
smtpparam_rcpt(const struct smtp_mail *mail, size_t rcpt,
    const struct smtp_caps *caps, struct arena *a)
{
	unsigned notify = wish_of(mail)->notify;
	char words[SMTPWISH_NOTIFY_MAX];
	struct buf b;

	if (!caps->dsn || !notify)
		return "";
	smtpwish_notify(notify, words);
	buf_init(&b, SMTPPARAM_MAX);
	buf_fmt(&b, " NOTIFY=%s", words);
	if (!utf8_is_ascii(mail->rcpt[rcpt]))
		buf_text(&b, " ORCPT=utf-8;");
	else
		buf_text(&b, " ORCPT=rfc822;");
	put_xtext(&b, mail->rcpt[rcpt]);
	return finish(&b, a);
}
