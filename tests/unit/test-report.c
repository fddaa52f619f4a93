/* Unit tests of report/report: whole messages.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/buf.h"

#include "report/report.h"

#include "tap.h"

#define DAEMON                                                                 \
	"From: MAILER-DAEMON@mx.example.net (Mail Delivery System)\n"          \
	"To: me@example.org\nSubject: Undelivered Mail Returned to Sender\n"
#define DSN                                                                    \
	DAEMON "Content-Type: multipart/report; boundary=b\n\n--b\n"           \
	       "Content-Type: message/delivery-status\n\n"

/* want: "kind rcpt action status reason" for each, ";" between */
static const struct {
	const char *name, *in, *want;
} rows[] = {
	{ "a DSN",
	    DSN "Reporting-MTA: dns; m\n\nFinal-Recipient: rfc822; a@b.cd\n"
		"Action: failed\nStatus: 5.1.1\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "Postfix",
	    DAEMON "\nThis is the mail system at host mx.example.net.\n\n"
		   "I'm sorry to have to inform you that your message could\n"
		   "not be delivered.\n\n<a@b.cd>: host mx.b.cd[192.0.2.1] "
		   "said: 552 5.2.2\n    Mailbox full (in reply to RCPT TO "
		   "command)\n",
	    "bounce a@b.cd failed 5.2.2 mailbox-full" },
	{ "qmail, two",
	    DAEMON "\nHi. This is the qmail-send program at x.\nI'm afraid I "
		   "wasn't able to deliver your message to the following "
		   "addresses.\n\n<a@b.cd>:\nSorry, no mailbox here by that "
		   "name. (#5.1.1)\n\n<e@f.gh>:\nUser is over quota. (#5.2.2)\n"
		   "\n--- Below this line is a copy of the message.\n\n"
		   "Received: x\nTo: no@body.org\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown;bounce e@f.gh failed "
	    "5.2.2 mailbox-full" },
	{ "Exim",
	    "X-Failed-Recipients: a@b.cd\n" DAEMON
	    "\nThis message was created automatically by mail delivery "
	    "software.\n\nA message that you sent could not be delivered to "
	    "one or more of its\nrecipients. The following address(es) "
	    "failed:\n\n  a@b.cd\n    (ultimately generated from x@y.zz)\n"
	    "    host mx.b.cd [192.0.2.1]: 550 5.7.1 blocked using "
	    "zen.spamhaus.org\n\n------ This is a copy of the message ------\n",
	    "bounce a@b.cd failed 5.7.1 ip-listed" },
	{ "Exchange, with the message's fields first",
	    DAEMON "\nYour message\n\n  To:      x@y.zz\n  Subject: hi\n\n"
		   "did not reach the following recipient(s):\n\na@b.cd on "
		   "Thu, 1 Jan 2026\n    The recipient name is not "
		   "recognized\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "the message's own fields, set in, before its recipient",
	    DAEMON "\nThis report relates to a message you sent with the "
		   "following header fields:\n\n  Return-path: <me@example.org>"
		   "\n  Message-id: <1@example.org>\n  To: x@y.zz\n\nYour "
		   "message cannot be delivered to the following recipients:"
		   "\n\n  Recipient address: a@b.cd\n  Original address: "
		   "l@y.zz\n  Reason: No such local user\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "recipients with commas between",
	    DAEMON "\nYour message could not be delivered to the following "
		   "recipients:\na@b.cd, e@f.gh\n\nno such mailbox\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown;bounce e@f.gh failed 5.1.1 "
	    "user-unknown" },
	{ "of addresses that only stand there, the one it went to",
	    DAEMON "\nYour mail has failed: mailbox unavailable.\n\nAsk "
		   "help@h.elp about a@b.cd here.\n\n--- Original message "
		   "follows.\n\nFrom: me@example.org\nTo: a@b.cd\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "a warning",
	    DAEMON "\nTHIS IS A WARNING MESSAGE ONLY.\nDelivery to the "
		   "following recipient has been delayed:\n\n     a@b.cd\n\n"
		   "Message will be retried for 2 more day(s)\n",
	    "delay a@b.cd delayed  delayed" },
	{ "a report whose boundary is another one",
	    DAEMON "Content-Type: multipart/report; boundary=other\n\n--b\n"
		   "Content-Type: message/delivery-status\n\n"
		   "Final-Recipient: rfc822; a@b.cd\nAction: failed\n"
		   "Status: 5.1.1\n\n--b--\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "a list's member, and one in the words of the server",
	    DAEMON "\nI'm sorry to have to inform you that your message could "
		   "not\nbe delivered.\n\n<a@b.cd> (expanded from <l@y.zz>): "
		   "host mx[192.0.2.1] said: 550 5.1.1\n    <c@in.b.cd>: user "
		   "unknown (in reply to RCPT TO command)\n\n<e@f.gh>: mail "
		   "for f.gh loops back to myself\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown;bounce e@f.gh failed 5.4.6 "
	    "routing-loop" },
	{ "who signs it is no recipient",
	    DAEMON "\nYour message could not be delivered.\n\nAddress: "
		   "a@b.cd\nReason: mailbox full\n\nRegards,\n"
		   "postmaster@b.cd\n",
	    "bounce a@b.cd failed 5.2.2 mailbox-full" },
	{ "details of the message, then the error",
	    DAEMON "\nYour message to a@b.cd couldn't be delivered.\n\n"
		   "Original Message Details\nSender: x@y.zz\n\nError "
		   "Details\nReported error: 550 5.1.10 not found\n",
	    "bounce a@b.cd failed 5.1.10 user-unknown" },
	{ "given up, by the last reply",
	    DSN "Final-Recipient: rfc822; a@b.cd\nAction: failed\n"
		"Status: 5.0.0\nDiagnostic-Code: smtp; 452 4.2.2 full\n",
	    "bounce a@b.cd failed 4.2.2 mailbox-full" },
	{ "words that only this one says, of one whose name says what it is",
	    "From: MAILER-DAEMON@mx.example.net\nSubject: Your letter\n\n"
	    "We regret that the mailbox a@b.cd does not exist here.\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "the same by a person",
	    "From: Ann <ann@example.org>\nSubject: Returned mail\n\n"
	    "Your message could not be delivered.\n\n<a@b.cd>: user unknown\n",
	    "none" },
	{ "a mailbox's owner is told of it",
	    "From: postmaster@example.org\nTo: me@example.org\nReturn-Path: <>\n"
	    "Subject: Mail delivery problem\n\nYour mailbox is full: delete "
	    "some mail.\n",
	    "none" },
	{ "of two that stand there, the first",
	    DAEMON
	    "\nIt did not go to a@b.cd, whose mailbox is full. You may ask\n"
	    "at our help@h.elp for more.\n",
	    "bounce a@b.cd failed 5.2.2 mailbox-full" },
	{ "a server that asks the sender to confirm",
	    DSN "Final-Recipient: rfc822; a@b.cd\nAction: failed\n"
		"Status: 4.7.0\nDiagnostic-Code: x; sender not pre-approved\n",
	    "challenge a@b.cd failed 4.7.0 challenge" },
	{ "told twice; with a prefix, a dot",
	    DSN "Final-Recipient: rfc822; SMTP:a@b.cd.\nAction: failed\n"
		"Status: 5.1.1\n\nFinal-Recipient: rfc822; a@b.cd\n"
		"Action: failed\nStatus: 5.1.1\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "East Asian words around it",
	    DAEMON "Content-Type: text/plain; charset=utf-8\n\n"
		   "\xe9\x80\x80\xe4\xbf\xa1\xef\xbc\x9a"
		   "a@b.cd\xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8\n550 5.1.1\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "a version is no status",
	    DAEMON "\nThis is SuperMail version 5.1.2.\n\nCould not deliver to "
		   "<a@b.cd>: mailbox full\n",
	    "bounce a@b.cd failed 5.2.2 mailbox-full" },
	{ "quoted by a person",
	    "From: Ann <ann@example.org>\nSubject: Fwd: Undelivered Mail\n\n"
	    "Look:\n> <a@b.cd>: host mx said: 550 5.1.1 user unknown\n",
	    "none" },
	{ "sent on in French, whose colon has a blank before it",
	    "From: Ann <ann@example.org>\nSubject: TR : Undelivered Mail "
	    "Returned to Sender\n\nYour message could not be delivered.\n\n"
	    "<a@b.cd>: host mx said: 550 5.1.1 user unknown\n",
	    "none" },
	{ "attached by a person",
	    "From: Ann <ann@example.org>\nSubject: help\n"
	    "Content-Type: multipart/mixed; boundary=o\n\n--o\n"
	    "Content-Type: message/rfc822\n\n" DSN
	    "Final-Recipient: rfc822; a@b.cd\nAction: failed\n"
	    "Status: 5.1.1\n\n--b--\n\n--o--\n",
	    "none forwarded" },
	{ "ordinary mail",
	    "From: Ann <ann@example.org>\nSubject: mailbox full?\n\n"
	    "Is bob@example.com over quota? I could not reach him.\n",
	    "none" },
	{ "a complaint",
	    "From: fbl@example.net\nContent-Type: multipart/report; "
	    "boundary=b\n\n--b\nContent-Type: message/feedback-report\n\n"
	    "Feedback-Type: abuse\nOriginal-Rcpt-To: a@b.cd\n\n--b--\n",
	    "arf a@b.cd none  complaint" },
	{ "not spam",
	    "From: fbl@example.net\nContent-Type: multipart/report; "
	    "boundary=b\n\n--b\nContent-Type: message/feedback-report\n\n"
	    "Feedback-Type: not-spam\nOriginal-Rcpt-To: <a@b.cd>\n\n--b--\n",
	    "arf a@b.cd none  not-spam" },
	{ "a complaint without its part",
	    "From: staff@example.net\nSubject: complaint about message from "
	    "192.0.2.1\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
	    "Content-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: a@b.cd\n"
	    "To: x@y.zz\n\nhi\n--b--\n",
	    "arf a@b.cd none  complaint" },
	{ "a receipt",
	    "From: a@b.cd\nContent-Type: multipart/report; boundary=b\n\n--b\n"
	    "Content-Type: message/disposition-notification\n\n"
	    "Final-Recipient: rfc822; a@b.cd\nDisposition: manual-action/"
	    "MDN-sent-manually; displayed\n\n--b--\n",
	    "mdn a@b.cd none  mdn-displayed" },
	{ "out of office",
	    "From: Bob <a@b.cd>\nSubject: Automatic reply: hi\n"
	    "Auto-Submitted: auto-replied\n\nI am away.\n",
	    "autoreply a@b.cd none  auto-reply" },
	{ "a challenge",
	    "From: Bob <a@b.cd>\nSubject: Re: hi [please verify]\n"
	    "Auto-Submitted: auto-replied\n\nClick to verify that you are a "
	    "person.\n",
	    "challenge a@b.cd none  challenge" },
	{ "SES",
	    "{\"notificationType\":\"Bounce\",\"mail\":{},\"bounce\":"
	    "{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{"
	    "\"emailAddress\":\"a@b.cd\",\"action\":\"failed\",\"status\":"
	    "\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 user unknown\"}]}}",
	    "esp-json a@b.cd failed 5.1.1 user-unknown" },
	{ "SendGrid",
	    "[{\"email\":\"a@b.cd\",\"event\":\"bounce\",\"status\":\"5.2.2\","
	    "\"reason\":\"552 5.2.2 full\"}]",
	    "esp-json a@b.cd failed 5.2.2 mailbox-full" },
	{ "nothing", "", "none" },
	{ "UTF-8 mark in front",
	    "\xef\xbb\xbf" DAEMON "\n<a@b.cd>: no such "
	    "user\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "a style that never ends",
	    DAEMON "Content-Type: text/html\n\n<p>could not be delivered to "
		   "a@b.cd: user unknown<style>x <a@e.fg>\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
	{ "HTML alone",
	    DAEMON "Content-Type: text/html\n\n<html><style>x</style><p>Your "
		   "message could not be delivered to:<br>&lt;a@b.cd&gt;:<br>"
		   "550 5.1.1 user unknown</p></html>\n",
	    "bounce a@b.cd failed 5.1.1 user-unknown" },
};

static void
show(const struct report *r, struct buf *out)
{
	if (!r->d.n)
		buf_fmt(out, "%s%s", report_kind_name(r->kind),
		    r->forwarded ? " forwarded" : "");
	for (size_t i = 0; i < r->d.n; i++) {
		const struct dsn_recipient *v = &r->d.v[i];

		buf_fmt(out, "%s%s %.*s %s %.*s %s", i ? ";" : "",
		    report_kind_name(report_kind_of(r, v)), SLICE_ARG(v->final),
		    reason_action_name(v->action), SLICE_ARG(v->status),
		    v->reason->name);
	}
}

static void
test_messages(void)
{
	struct buf out;

	buf_init(&out, 1u << 16);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena a = { 0 };
		struct report r;
		struct err e;

		buf_reset(&out);
		is_int(report_read(slice_str(rows[i].in), NULL, &a, &r, &e), 0,
		    "%s", rows[i].name);
		show(&r, &out);
		is_str(buf_str(&out), rows[i].want, "what it tells");
		ok(r.d.n || r.why, "or why not");
		arena_free(&a);
	}
	buf_free(&out);
}

static void
test_tls(void)
{
	static const char in[] =
	    "{\"organization-name\":\"X\",\"report-id\":\"1\",\"policies\":[{"
	    "\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"e.org\"},"
	    "\"summary\":{\"total-successful-session-count\":5,"
	    "\"total-failure-session-count\":2},\"failure-details\":[{"
	    "\"result-type\":\"starttls-not-supported\","
	    "\"failed-session-count\":2}]}]}";
	struct arena a = { 0 };
	struct report r;
	struct err e;

	report_read(slice_str(in), NULL, &a, &r, &e);
	is_int((int)r.kind, REPORT_TLSRPT, "a TLS report");
	is_int(r.tls.v[0].success, 5, "its successes");
	is_int(r.tls.v[0].v[0].count, 2, "and failures");
	is_slice(r.tls.v[0].v[0].type, "starttls-not-supported", "of a kind");
	arena_free(&a);
}

#define MANY 1234

/* All recipients of a report, DSN_AT_ONCE at a time: each once, in order. */
static void
check_many(struct slice in, const char *name)
{
	struct arena a = { 0 };
	struct report r;
	struct err e;
	size_t n = 0, bad = 0, batches = 0;
	struct arena_mark mark;

	is_int(report_read(in, NULL, &a, &r, &e), 0, "%s", name);
	is_int((int64_t)r.d.all, MANY, "%s: are counted", name);
	mark = arena_mark(&a);
	do {
		bad += r.d.first != n || r.d.n > DSN_AT_ONCE;
		for (size_t i = 0; i < r.d.n; i++) {
			char want[32];

			snprintf(want, sizeof(want), "u%zu@e.org", n++);
			bad += !slice_is(r.d.v[i].final, want) ||
			       !slice_is(r.d.v[i].status, "5.1.1") ||
			       strcmp(r.d.v[i].reason->name, "user-unknown");
		}
		batches++;
		arena_release(&a, mark);
	} while (report_more(&r, &a));
	is_int((int64_t)n, MANY, "%s: are all there", name);
	is_int((int64_t)bad, 0, "%s: in order, each with its facts", name);
	is_int((int64_t)batches, 3, "%s: not all at once", name);
	ok(!report_more(&r, &a), "%s: the end stays", name);
	arena_free(&a);
}

static void
test_many(void)
{
	struct buf fields, text;

	buf_init(&fields, 1 << 20);
	buf_init(&text, 1 << 20);
	buf_text(&fields, DSN "Reporting-MTA: dns; m\n\n");
	buf_text(&text, DAEMON "\nThe following recipients failed:\n\n");
	for (int i = 0; i < MANY; i++) {
		/* some without an empty line between them */
		buf_fmt(&fields,
		    "Final-Recipient: rfc822; u%d@e.org\nAction: failed\n"
		    "Status: 5.1.1\n%s",
		    i, i % 7 ? "\n" : "");
		buf_fmt(&text, "<u%d@e.org>: 550 5.1.1 no such user\n", i);
	}
	check_many(buf_view(&fields), "fields");
	check_many(buf_view(&text), "a text");
	buf_free(&fields);
	buf_free(&text);
}

int
main(void)
{
	test_messages();
	test_many();
	test_tls();
	return tap_done();
}
