/* Login (RFC 4954): PLAIN (RFC 4616) and LOGIN, over TLS only.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#include "proto/smtpwire.h"

#define SECRET_MAX 12288 /* octets of a line (RFC 4954, 4) */

/* Sends the octets in base64 behind a word, shown as "word ***". */
static int
put_encoded(
    struct smtp *c, const char *word, struct slice octets, struct err *e)
{
	struct buf line;
	int r;

	buf_init(&line, SECRET_MAX);
	buf_room(&line, SECRET_MAX); /* stays in place, to be wiped */
	buf_text(&line, word);
	base64_encode(octets, &line);
	if (buf_over(&line))
		r = err_set(e, ERR_DATA, "the password is too long");
	else
		r = smtpwire_put_secret(
		    c, buf_view(&line), word[0] ? "AUTH PLAIN ***" : "***", e);
	buf_wipe(&line);
	return r;
}

/* An answer to a challenge; 334 has to have been the reply. */
static int
answer(struct smtp *c, struct slice octets, struct err *e)
{
	if (c->reply.code != 334)
		return 0;
	if (put_encoded(c, "", octets, e) < 0)
		return -1;
	return smtpwire_reply(c, SMTP_AT_AUTH, e);
}

/* message = [authzid] UTF8NUL authcid UTF8NUL passwd        (RFC 4616, 2)
 * It goes with the command where that stays within a command's limit. */
static int
plain(struct smtp *c, struct err *e)
{
	static const char word[] = "AUTH PLAIN ";
	struct buf message;
	struct slice octets;
	int r;

	buf_init(&message, SECRET_MAX);
	buf_room(&message, SECRET_MAX);
	buf_char(&message, '\0');
	buf_text(&message, c->plan->user);
	buf_char(&message, '\0');
	buf_slice(&message, c->plan->password);
	octets = buf_view(&message);
	if (sizeof(word) + 2 + base64_size(octets.n) <= SMTP_COMMAND_MAX) {
		r = put_encoded(c, word, octets, e);
		if (r == 0)
			r = smtpwire_reply(c, SMTP_AT_AUTH, e);
	} else {
		r = smtpwire_ask(c, SMTP_AT_AUTH, e, "AUTH PLAIN");
		if (r == 0)
			r = answer(c, octets, e);
	}
	buf_wipe(&message);
	return r;
}

static int
login(struct smtp *c, struct err *e)
{
	if (smtpwire_ask(c, SMTP_AT_AUTH, e, "AUTH LOGIN") < 0 ||
	    answer(c, slice_str(c->plan->user), e) < 0)
		return -1;
	return answer(c, c->plan->password, e);
}

int
smtpauth_login(struct smtp *c, struct err *e)
{
	const char *peer = stream_peer(c->stream);
	int r;

	if (!stream_tls(c->stream))
		return err_set(e, ERR_NOPERM,
		    "%s: no password goes out without TLS: leave --user away, "
		    "or use --tls=verify",
		    peer);
	if (!(c->caps.mechanisms & (SMTPCAP_PLAIN | SMTPCAP_LOGIN)))
		return err_set(e, ERR_NOPERM,
		    c->caps.auth
			? "%s offers no login that is known here (PLAIN, LOGIN)"
			: "%s offers no login: leave --user away, or use the "
			  "submission port",
		    peer);
	if (c->caps.mechanisms & SMTPCAP_PLAIN)
		r = plain(c, e);
	else
		r = login(c, e);
	if (r < 0)
		return -1;
	if (c->reply.code == 235)
		return 0;
	reply_refusal(&c->reply, e);
	if (e && e->kind == ERR_UNAVAILABLE)
		e->kind = ERR_NOPERM;
	return err_in(e, "%s: login as '%s' refused", peer, c->plan->user);
}
