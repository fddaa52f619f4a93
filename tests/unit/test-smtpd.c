/* Unit tests of proto/smtpd: a client's whole side in, the codes out.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#include "proto/smtpd.h"
#include "proto/smtppath.h"

#include "tap.h"

/* What the embedding code saw. */
struct seen {
	struct buf body; /* of the messages that were committed, "|" between */
	struct buf now;
	unsigned begun, ended; /* each begin is committed or aborted */
	bool patient;          /* any number of errors */
};

static void
on_recipient(void *arg, const struct smtpd_envelope *env, const char *address,
    struct smtpd_answer *a)
{
	(void)arg;
	(void)env;
	if (slice_starts(slice_str(address), "no"))
		smtpd_answer(a, 550, "5.1.1", "no such user");
}

static void
on_begin(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct seen *seen = arg;

	(void)a;
	seen->begun++;
	buf_reset(&seen->now);
	buf_fmt(&seen->now, "%s>", env->sender);
	for (size_t i = 0; i < env->n; i++) {
		buf_fmt(&seen->now, "%s", env->recipients[i]);
		if (env->ret)
			buf_fmt(&seen->now, "[%s %s %u %s]", env->ret,
			    env->envid, env->dsn[i].notify, env->dsn[i].orcpt);
		buf_char(&seen->now, ';');
	}
}

static void
on_write(void *arg, struct slice octets)
{
	struct seen *seen = arg;

	buf_slice(&seen->now, octets);
}

static void
on_commit(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct seen *seen = arg;

	seen->ended++;
	buf_slice(&seen->body, buf_view(&seen->now));
	buf_char(&seen->body, '|');
	for (size_t i = 0; env->lmtp && i < env->n; i++)
		if (slice_starts(slice_str(env->recipients[i]), "full"))
			smtpd_answer(&a[i], 452, "4.2.2", "full");
}

static void
on_abort(void *arg)
{
	struct seen *seen = arg;

	seen->ended++;
}

static const struct smtpd_calls calls = { .recipient = on_recipient,
	.begin = on_begin,
	.write = on_write,
	.commit = on_commit,
	.abort = on_abort };

static int
memory(void)
{
	int fd = memfd_create("smtpd", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	return fd;
}

/* The codes of the replies: "220 250 250-"... continuation lines left out. */
static void
codes(int fd, struct buf *out)
{
	struct buf text;
	struct slice rest, line;
	struct err e;

	buf_init(&text, 1u << 20);
	lseek(fd, 0, SEEK_SET);
	if (io_slurp(fd, &text, "replies", &e) < 0)
		abort();
	rest = buf_view(&text);
	while (slice_take_line(&rest, &line, NULL))
		if (line.n > 3 && line.p[3] == ' ')
			buf_fmt(out, "%s%.3s", out->n ? " " : "", line.p);
	buf_free(&text);
}

static void
serve(struct slice script, bool lmtp, struct seen *seen, struct buf *out)
{
	struct smtpd_plan plan = { .calls = &calls,
		.arg = seen,
		.hostname = "mx.example.org",
		.lmtp = lmtp,
		.binary = true,
		.dsn = true,
		.size_max = 100,
		.recipients_max = 3,
		.errors_max = seen->patient ? UINT_MAX : 5,
		.stop = -1,
		.break_off = -1 };
	int in = memory(), back = memory(), keep = dup(back);
	struct stream *s;
	struct err e;

	if (io_write(in, script.p, script.n, "script", &e) < 0)
		abort();
	lseek(in, 0, SEEK_SET);
	s = stream_new(in, back, "client");
	(void)smtpd_serve(s, &plan, &e);
	stream_close(&s, &e);
	codes(keep, out);
	close(keep);
}

struct row {
	const char *name, *in, *replies, *body;
};

#define HI    "EHLO c\r\n"
#define MAIL  HI "MAIL FROM:<a@b>\r\n"
#define RCPT  MAIL "RCPT TO:<c@d>\r\n"
#define DATA  RCPT "DATA\r\n"
#define QUIT  "QUIT\r\n"
#define SAID  "220 250 250 250 354 "
#define AGAIN "MAIL FROM:<evil@x>\r\nRCPT TO:<c@d>\r\nDATA\r\ny\r\n.\r\n"

static const struct row smtp[] = {
	{ "a message", DATA "x\r\n.\r\n" QUIT, SAID "250 221",
	    "a@b>c@d;x\r\n|" },
	{ "two messages", DATA "x\r\n.\r\n" AGAIN QUIT,
	    SAID "250 250 250 354 250 221", "a@b>c@d;x\r\n|evil@x>c@d;y\r\n|" },
	{ "an empty one", DATA ".\r\n" QUIT, SAID "250 221", "a@b>c@d;|" },
	{ "dots", DATA "..\r\n..x\r\n.y\r\n.\r\n" QUIT, SAID "250 221",
	    "a@b>c@d;.\r\n.x\r\ny\r\n|" },
	{ "null sender", HI "MAIL FROM:<>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n",
	    "220 250 250 250 354 250", ">c@d;|" },
	{ "HELO", "HELO c\r\nMAIL FROM:<a@b>\r\n", "220 250 250", "" },
	{ "postmaster alone", MAIL "RCPT TO:<Postmaster>\r\n",
	    "220 250 250 250", "" },
	{ "lower case", "ehlo c\r\nmail from:<a@b>\r\nrcpt to:<c@d>\r\n",
	    "220 250 250 250", "" },
	{ "a source route", MAIL "RCPT TO:<@x.y,@z:c@d>\r\nDATA\r\n.\r\n",
	    "220 250 250 250 354 250", "a@b>c@d;|" },

	/* order */
	{ "MAIL before EHLO", "MAIL FROM:<a@b>\r\n", "220 503", "" },
	{ "RCPT before MAIL", HI "RCPT TO:<a@b>\r\n", "220 250 503", "" },
	{ "DATA before RCPT", MAIL "DATA\r\n", "220 250 250 503", "" },
	{ "MAIL twice", MAIL "MAIL FROM:<a@b>\r\n", "220 250 250 503", "" },
	{ "RSET forgets", RCPT "RSET\r\nDATA\r\n", "220 250 250 250 250 503",
	    "" },
	{ "EHLO forgets", RCPT "EHLO c\r\nDATA\r\n", "220 250 250 250 250 503",
	    "" },
	{ "no valid recipient", MAIL "RCPT TO:<no@d>\r\nDATA\r\nQUIT\r\n",
	    "220 250 250 550 554 221", "" },
	{ "one of two refused",
	    MAIL "RCPT TO:<no@d>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\n",
	    "220 250 250 550 250 354 250", "a@b>c@d;x\r\n|" },
	{ "too many recipients",
	    RCPT "RCPT TO:<c@d>\r\nRCPT TO:<c@d>\r\nRCPT TO:<c@d>\r\n",
	    "220 250 250 250 250 250 452", "" },
	{ "LHLO", "LHLO c\r\n", "220 500", "" },
	{ "unknown", "XYZ 1 LAST\r\n", "220 500", "" },
	{ "HTTP", "POST / HTTP/1.1\r\nEHLO c\r\n", "220 521", "" },
	{ "too many errors", "A\r\nB\r\nC\r\nD\r\nE\r\nEHLO c\r\n",
	    "220 500 500 500 500 500 421", "" },
	{ "guessing recipients",
	    MAIL "RCPT TO:<no@d>\r\nRCPT TO:<no@d>\r\nRCPT TO:<no@d>\r\n"
		 "RCPT TO:<no@d>\r\nRCPT TO:<no@d>\r\nRCPT TO:<c@d>\r\n",
	    "220 250 250 550 550 550 550 550 421", "" },
	{ "no TLS", HI "STARTTLS\r\n", "220 250 502", "" },
	{ "no logins", HI "AUTH PLAIN AAA=\r\n", "220 250 502", "" },
	{ "small talk", "NOOP x\r\nVRFY a\r\nVRFY\r\nRSET x\r\n",
	    "220 250 252 501 501", "" },

	/* size */
	{ "declared too big", HI "MAIL FROM:<a@b> SIZE=101\r\n", "220 250 552",
	    "" },
	{ "declared right", HI "MAIL FROM:<a@b> SIZE=100 BODY=8BITMIME\r\n",
	    "220 250 250", "" },
	{ "is too big",
	    DATA "0123456789012345678901234567890123456789012345678901234567"
		 "8901234567890123456789012345678901234567\r\n9\r\n.\r\n" QUIT,
	    SAID "552 221", "" },
	{ "parameter twice", HI "MAIL FROM:<a@b> SIZE=1 SIZE=1\r\n",
	    "220 250 501", "" },
	{ "unknown parameter", HI "MAIL FROM:<a@b> BY=1;R\r\n", "220 250 555",
	    "" },
	{ "malformed parameters", HI "MAIL FROM:<a@b>  SIZE=1\r\n",
	    "220 250 501", "" },
	{ "parameter after HELO", "HELO c\r\nMAIL FROM:<a@b> SIZE=1\r\n",
	    "220 250 555", "" },

	/* BDAT (RFC 3030) */
	{ "one chunk", RCPT "BDAT 3 LAST\r\nx\r\nQUIT\r\n",
	    "220 250 250 250 250 221", "a@b>c@d;x\r\n|" },
	{ "several chunks, the last one empty",
	    RCPT "BDAT 2\r\nx\rBDAT 1\r\n\nBDAT 0 last\r\n" QUIT,
	    "220 250 250 250 250 250 250 221", "a@b>c@d;x\r\n|" },
	{ "dots are text", RCPT "BDAT 9 LAST\r\n..\r\n.\r\n.x" QUIT,
	    "220 250 250 250 250 221", "a@b>c@d;..\r\n.\r\n.x\r\n|" },
	{ "an open line is ended", RCPT "BDAT 1 LAST\r\nx" QUIT,
	    "220 250 250 250 250 221", "a@b>c@d;x\r\n|" },
	{ "nothing at all", RCPT "BDAT 0 LAST\r\n" QUIT,
	    "220 250 250 250 250 221", "a@b>c@d;|" },
	{ "two messages",
	    RCPT "BDAT 3 LAST\r\nx\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		 "BDAT 3 LAST\r\ny\r\n" QUIT,
	    "220 250 250 250 250 250 250 250 221",
	    "a@b>c@d;x\r\n|a@b>c@d;y\r\n|" },
	{ "a bare LF", RCPT "BDAT 4 LAST\r\nx\ny\nNOOP\r\n",
	    "220 250 250 250 550 250", "" },
	{ "a bare CR over two chunks",
	    RCPT "BDAT 2\r\nx\rBDAT 2 LAST\r\ny\nNOOP\r\n",
	    "220 250 250 250 250 550 250", "" },
	{ "a CR at the end", RCPT "BDAT 2 LAST\r\nx\rNOOP\r\n",
	    "220 250 250 250 550 250", "" },
	{ "behind a refused chunk nothing counts, all is read over",
	    RCPT "BDAT 2\r\n\nxBDAT 5\r\nQUIT\rBDAT 1 LAST\r\nyNOOP\r\n",
	    "220 250 250 250 550 503 503 250", "" },
	{ "too big",
	    RCPT
	    "BDAT 60\r\n"
	    "012345678901234567890123456789012345678901234567890123456789"
	    "BDAT 60 LAST\r\n"
	    "012345678901234567890123456789012345678901234567890123456789" QUIT,
	    "220 250 250 250 250 552 221", "" },
	{ "nobody to send to",
	    MAIL "RCPT TO:<no@d>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
	    "220 250 250 550 554 250", "" },
	{ "before MAIL", HI "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
	    "220 250 503 250", "" },
	{ "a size that is none", RCPT "BDAT x LAST\r\nNOOP\r\n",
	    "220 250 250 250 501", "" },
	{ "a size beyond all", RCPT "BDAT 99999999999999999999\r\nNOOP\r\n",
	    "220 250 250 250 501", "" },
	{ "a word that is not LAST", RCPT "BDAT 1 LASTLY\r\nNOOP\r\n",
	    "220 250 250 250 501", "" },
	{ "no other command within",
	    RCPT "BDAT 1\r\nxMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
		 "NOOP\r\nBDAT 2 LAST\r\n\r\n" QUIT,
	    "220 250 250 250 250 503 503 503 250 250 221", "a@b>c@d;x\r\n|" },
	{ "RSET within", RCPT "BDAT 1\r\nxRSET\r\nBDAT 1 LAST\r\nx" QUIT,
	    "220 250 250 250 250 250 503 221", "" },
	{ "EHLO within", RCPT "BDAT 1\r\nxEHLO c\r\n" QUIT,
	    "220 250 250 250 250 250 221", "" },
	{ "cut off in a chunk", RCPT "BDAT 10 LAST\r\nx", "220 250 250 250",
	    "" },
	{ "cut off between chunks", RCPT "BDAT 1\r\nx", "220 250 250 250 250",
	    "" },
	{ "octets of any kind",
	    HI "MAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<c@d>\r\n"
	       "BDAT 5\r\n\r\r\n.\nBDAT 2 LAST\r\n\nx" QUIT,
	    "220 250 250 250 250 250 221", "a@b>c@d;\r\r\n.\n\nx|" },
	{ "which DATA cannot bring",
	    HI "MAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<c@d>\r\nDATA\r\n",
	    "220 250 250 250 503", "" },

	/* DSN (RFC 3461) */
	{ "what a sender wants to be told",
	    HI "MAIL FROM:<a@b> RET=hdrs ENVID=QQ+2B314159\r\n"
	       "RCPT TO:<c@d> NOTIFY=success,DELAY ORCPT=rfc822;c+2B@d\r\n"
	       "DATA\r\n.\r\n",
	    "220 250 250 250 354 250",
	    "a@b>c@d[HDRS QQ+314159 10 rfc822;c+@d];|" },
	{ "RET of another kind", HI "MAIL FROM:<a@b> RET=ALL\r\n",
	    "220 250 501", "" },
	{ "ENVID that is not xtext", HI "MAIL FROM:<a@b> ENVID=a=b\r\n",
	    "220 250 501", "" },
	{ "ENVID with a control octet", HI "MAIL FROM:<a@b> ENVID=a+0Ab\r\n",
	    "220 250 501", "" },
	{ "ENVID of nothing", HI "MAIL FROM:<a@b> ENVID\r\n", "220 250 501",
	    "" },
	{ "NEVER and more", MAIL "RCPT TO:<c@d> NOTIFY=NEVER,DELAY\r\n",
	    "220 250 250 501", "" },
	{ "the same twice", MAIL "RCPT TO:<c@d> NOTIFY=DELAY,DELAY\r\n",
	    "220 250 250 501", "" },
	{ "NOTIFY of nothing", MAIL "RCPT TO:<c@d> NOTIFY=\r\n",
	    "220 250 250 501", "" },
	{ "ORCPT without a type", MAIL "RCPT TO:<c@d> ORCPT=c@d\r\n",
	    "220 250 250 501", "" },
	{ "ORCPT twice", MAIL "RCPT TO:<c@d> ORCPT=a;b ORCPT=a;b\r\n",
	    "220 250 250 501", "" },
	{ "no such parameter of RCPT", MAIL "RCPT TO:<c@d> SIZE=1\r\n",
	    "220 250 250 555", "" },

	/* UTF-8 */
	{ "UTF-8 without SMTPUTF8", HI "MAIL FROM:<\xc3\xa4@b>\r\n",
	    "220 250 550", "" },
	{ "UTF-8", HI "MAIL FROM:<\xc3\xa4@\xc3\xb6> SMTPUTF8\r\n",
	    "220 250 250", "" },
	{ "no UTF-8", HI "MAIL FROM:<\xe4@b> SMTPUTF8\r\n", "220 250 501", "" },
	{ "UTF-8 recipient", MAIL "RCPT TO:<\xc3\xa4@b>\r\n", "220 250 250 553",
	    "" },

	/* Smuggling: only CRLF "." CRLF ends a message, and whatever else
	 * looks like it ends the session behind the true end. */
	{ "LF . LF", DATA "x\n.\n" AGAIN, SAID "550", "" },
	{ "LF . CRLF", DATA "x\n.\r\n" AGAIN, SAID "550", "" },
	{ "CRLF . LF", DATA "x\r\n.\n" AGAIN, SAID "550", "" },
	{ "CR . CR", DATA "x\r.\r" AGAIN, SAID "550", "" },
	{ "CR . CRLF", DATA "x\r.\r\n" AGAIN, SAID "550", "" },
	{ "CRLF . CR", DATA "x\r\n.\r" AGAIN, SAID "550", "" },
	{ "CRLF . CR CRLF", DATA "x\r\n.\r\r\n" AGAIN, SAID "550", "" },
	{ "CR LF LF . LF", DATA "x\r\n\n.\n" AGAIN, SAID "550", "" },
	{ "a dot and more", DATA "x\r\n. \r\n.\r\n" QUIT, SAID "250 221",
	    "a@b>c@d;x\r\n \r\n|" },
	{ "bare LF in a command", HI "MAIL FROM:<a@b>\nRCPT TO:<c@d>\r\n",
	    "220 250 521", "" },
	{ "bare CR in a command", HI "NOOP\rMAIL FROM:<a@b>\r\nNOOP\r\n",
	    "220 250 521", "" },
	{ "tab for space", "EHLO\tc\r\n", "220 500", "" },
	{ "cut off in a message", DATA "x\r\n.", "220 250 250 250 354", "" },
	{ "cut off in a command", "EHLO", "220", "" },
};

static const struct row lmtp[] = {
	{ "one reply a recipient",
	    "LHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<full@d>\r\n"
	    "RCPT TO:<no@d>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n",
	    "220 250 250 250 250 550 354 250 452 221",
	    "a@b>c@d;full@d;x\r\n|" },
	{ "all refused",
	    "LHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<no@d>\r\nDATA\r\n",
	    "220 250 250 550 503", "" },
	{ "smuggling",
	    "LHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@d>\r\n"
	    "DATA\r\nx\n.\n\r\n.\r\nQUIT\r\n",
	    "220 250 250 250 250 354 550 550", "" },
	{ "a chunk has one reply, the message one a recipient",
	    "LHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<full@d>\r\n"
	    "BDAT 1\r\nxBDAT 2 LAST\r\n\r\nQUIT\r\n",
	    "220 250 250 250 250 250 250 452 221", "a@b>c@d;full@d;x\r\n|" },
	{ "EHLO", "EHLO c\r\n", "220 500", "" },
};

static void
test_rows(const struct row *rows, size_t n, bool is_lmtp)
{
	for (size_t i = 0; i < n; i++) {
		struct seen seen = { 0 };
		struct buf out;

		buf_init(&seen.body, 10000);
		buf_init(&seen.now, 10000);
		buf_init(&out, 10000);
		serve(slice_str(rows[i].in), is_lmtp, &seen, &out);
		is_str(buf_str(&out), rows[i].replies, "%s", rows[i].name);
		is_str(buf_str(&seen.body), rows[i].body, "what was taken");
		is_int(seen.ended, seen.begun, "nothing left begun");
		buf_free(&seen.body);
		buf_free(&seen.now);
		buf_free(&out);
	}
}

static void
test_long_line(void)
{
	struct seen seen = { 0 };
	struct buf in, out;

	buf_init(&in, 10000);
	buf_init(&out, 10000);
	for (size_t i = 0; i < 5000; i++)
		buf_char(&in, 'x');
	buf_text(&in, "\r\nNOOP\r\n");
	serve(buf_view(&in), false, &seen, &out);
	is_str(buf_str(&out), "220 500 250", "a long line is skipped whole");
	buf_free(&in);
	buf_free(&out);
}

static long
most_memory(void)
{
	struct rusage used;

	return getrusage(RUSAGE_SELF, &used) < 0 ? 0 : used.ru_maxrss;
}

/* What is refused is not kept. */
static void
test_many_refused(void)
{
	enum { REFUSED = 40000, KIB = 1024 };
	struct seen seen = { .patient = true };
	struct buf in, out;
	long before;

	buf_init(&in, SIZE_MAX);
	buf_init(&out, SIZE_MAX);
	buf_text(&in, MAIL);
	for (size_t i = 0; i < REFUSED; i++)
		buf_fmt(&in, "RCPT TO:<no%050d@%060d.%060d>\r\n", 0, 0, 0);
	before = most_memory();
	serve(buf_view(&in), false, &seen, &out);
	ok(out.n > REFUSED * 4, "%d recipients are refused", REFUSED);
	ok(most_memory() - before < 4 * KIB, "in the same memory");
	buf_free(&in);
	buf_free(&out);
}

static void
test_paths(void)
{
	static const struct {
		const char *in;
		const char *mailbox; /* null: refused */
	} rows[] = {
		{ "<>", "" },
		{ "<a@b>", "a@b" },
		{ "<a.b+c=d@e-f.g>", "a.b+c=d@e-f.g" },
		{ "<\"a b\"@c>", "\"a b\"@c" },
		{ "<\"a\\\"@\\\\b\"@c>", "\"a\\\"@\\\\b\"@c" },
		{ "<a@[192.0.2.1]>", "a@[192.0.2.1]" },
		{ "<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]" },
		{ "<a@[x-tag:any]>", "a@[x-tag:any]" },
		{ "<@a,@b:c@d>", "c@d" },
		{ "<Postmaster>", "Postmaster" },
		{ "a@b", NULL },
		{ "<a@b", NULL },
		{ "<a>", NULL },
		{ "<@b>", NULL },
		{ "<a@>", NULL },
		{ "<.a@b>", NULL },
		{ "<a.@b>", NULL },
		{ "<a..b@c>", NULL },
		{ "<a b@c>", NULL },
		{ "<a@b c>", NULL },
		{ "<a@-b>", NULL },
		{ "<a@b->", NULL },
		{ "<a@b..c>", NULL },
		{ "<a@b.>", NULL },
		{ "<a@b_c>", NULL },
		{ "< a@b>", NULL },
		{ "<a@b >", NULL },
		{ "<a@b@c>", NULL },
		{ "<\"a@b>", NULL },
		{ "<a@[192.0.2.256]>", NULL },
		{ "<a@[IPv6:1::2::3]>", NULL },
		{ "<a@[]>", NULL },
		{ "<a@[x>", NULL },
		{ "<\"a\x01\"@b>", NULL },
		{ "<a@b,c@d>", NULL },
		{ "<@a:c@d", NULL },
		{ "<01234567890123456789012345678901234567890123456789012345"
		  "678901234@b>",
		    NULL },
	};
	struct smtppath p;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice s = slice_str(rows[i].in);
		bool fine = smtppath_read(&s, false, &p);

		is_int(fine, rows[i].mailbox != NULL, "%s", rows[i].in);
		if (fine && rows[i].mailbox)
			is_slice(p.mailbox, rows[i].mailbox, "its mailbox");
	}
}

int
main(void)
{
	test_rows(smtp, COUNT_OF(smtp), false);
	test_rows(lmtp, COUNT_OF(lmtp), true);
	test_long_line();
	test_many_refused();
	test_paths();
	return tap_done();
}
