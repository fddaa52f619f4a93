/* Parameters of MAIL and RCPT (see smtpparam.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpparam.h"

int
smtpparam_check(const struct smtp_mail *mail, bool utf8,
    const struct smtp_caps *caps, const char *peer, struct err *e)
{
	const char *status = "5.6.3";

	if (caps->size && caps->size_max && mail->size > caps->size_max) {
		err_set(e, ERR_UNAVAILABLE,
		    "%s takes messages of at most %llu octets, this one has "
		    "%llu",
		    peer, (unsigned long long)caps->size_max,
		    (unsigned long long)mail->size);
		status = "5.3.4";
	} else if (mail->utf8_line && !caps->utf8) {
		err_set(e, ERR_DATA,
		    "line %llu of the header is not ASCII and %s does not "
		    "offer SMTPUTF8: encode it (RFC 2047)",
		    (unsigned long long)mail->utf8_line, peer);
		status = "5.6.7";
	} else if (utf8 && !caps->utf8) {
		err_set(e, ERR_DATA,
		    "an address is not ASCII and %s does not offer SMTPUTF8: "
		    "there is no other way to write it",
		    peer);
		status = "5.6.7";
	} else if (mail->eight_bit_line && !caps->eight_bit) {
		err_set(e, ERR_DATA,
		    "line %llu is not ASCII and %s does not offer 8BITMIME: "
		    "encode the text as quoted-printable or base64",
		    (unsigned long long)mail->eight_bit_line, peer);
	} else {
		return 0;
	}
	memcpy(e->enhanced, status, sizeof("5.x.x"));
	return -1;
}

/* SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531) */
const char *
smtpparam_mail(const struct smtp_mail *mail, const struct smtp_caps *caps,
    bool utf8, struct arena *a)
{
	const char *size = "";

	utf8 = utf8 || mail->utf8_line;
	if (caps->size)
		size =
		    arena_fmt(a, " SIZE=%llu", (unsigned long long)mail->size);
	return arena_fmt(a, "%s%s%s", size,
	    mail->eight_bit_line ? " BODY=8BITMIME" : "",
	    utf8 ? " SMTPUTF8" : "");
}

const char *
smtpparam_rcpt(const struct smtp_mail *mail, size_t rcpt,
    const struct smtp_caps *caps, struct arena *a)
{
	(void)mail;
	(void)rcpt;
	(void)caps;
	(void)a;
	return "";
}
