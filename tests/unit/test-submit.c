/* Unit tests of flow/submit and flow/account.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "flow/account.h"
#include "flow/submit.h"

#include "tap.h"

static int64_t
now(const struct given *g)
{
	return g->fixed_now;
}

static void
no_random(void *p, size_t n)
{
	memset(p, 0, n);
}

static const struct given given = {
	.now = now, .random = no_random, .hostname = "localhost"
};

/* rcpt and sender as text; out null: refused. */
static const struct {
	const char *in;
	bool take;
	const char *sender, *rcpt, *out;
} messages[] = {
	{ "From: a@b.example\n\nx\n", false, "a@b.example", "",
	    "From: a@b.example\n\nx\n" },
	{ "From: A <a@b.example>\nBcc: c@d.example\nTo: e@f.example\n\nx",
	    false, "a@b.example", "",
	    "From: A <a@b.example>\nTo: e@f.example\n\nx" },
	{ "Bcc: c@d.example,\n e@f.example\nFrom: a@b.example\n", false,
	    "a@b.example", "", "From: a@b.example\n" },
	{ "From: a@b.example\nSender: s@b.example\nDKIM-Signature: x\n"
	  "To: x@y.example, Z <z@y.example>\nCc: x@Y.example\nBcc: h@y.example\n"
	  "\nBcc: text\n",
	    true, "s@b.example", "x@y.example z@y.example h@y.example",
	    "From: a@b.example\nSender: s@b.example\nDKIM-Signature: x\n"
	    "To: x@y.example, Z <z@y.example>\nCc: x@Y.example\n\nBcc: text\n" },
	{ "DKIM-Signature: x\nTo: gone:;\n\n", true, "", "",
	    "DKIM-Signature: x\nTo: gone:;\n\n" },
	{ "Date: x\nMessage-ID: <x@y>\nResent-From: r@b.example\n"
	  "Resent-To: x@y.example\nTo: z@y.example\nResent-Bcc: h@y.example\n\n",
	    true, "r@b.example", "x@y.example h@y.example",
	    "Date: x\nMessage-ID: <x@y>\nResent-From: r@b.example\n"
	    "Resent-To: x@y.example\nTo: z@y.example\n\n" },
	{ "Date: x\nMessage-ID: <x@y>\nTo: not an address\n\n", true, "", "",
	    NULL },
	{ "", false, "", "", NULL },
	{ "no header here\n", false, "", "", NULL },
	{ "From: a@b.example\nno field\n\nx\n", false, "", "", NULL },
	{ "From: a@b.example\n\nx\ry\n", false, "", "", NULL },
	{ "From: a@b.example\nSubject: \xFC\n\nx\n", false, "", "", NULL },
};

static void
test_message(size_t i)
{
	struct arena a = { 0 };
	struct buf out, rcpt;
	struct writer w = writer_to_buf(&out);
	struct submit s;
	int r;

	buf_init(&out, 65536);
	buf_init(&rcpt, 65536);
	r = submit_read(slice_str(messages[i].in), NULL, messages[i].take,
	    &given, &a, &s, NULL);
	is_int(r, messages[i].out ? 0 : -1, "message %zu", i);
	if (r == 0) {
		submit_write(&s, &w, NULL);
		is_slice(buf_view(&out), messages[i].out, "what is sent");
		is_slice(s.sender, messages[i].sender, "sender");
		for (size_t k = 0; k < s.rcpts; k++)
			buf_fmt(&rcpt, "%s%.*s", k ? " " : "",
			    SLICE_ARG(s.rcpt[k]));
		is_slice(buf_view(&rcpt), messages[i].rcpt, "recipients");
	}
	buf_free(&out);
	buf_free(&rcpt);
	arena_free(&a);
}

static void
test_size(void)
{
	struct arena a = { 0 };
	struct submit s;

	submit_read(
	    slice_str("From: a@b.example\nBcc: c@d.example\n\n\xC3\xBC"), NULL,
	    false, &given, &a, &s, NULL);
	is_int((int64_t)s.size, 25, "size on the wire");
	is_int((int64_t)s.eight_bit_line, 4, "line of 8-bit text");
	is_int((int64_t)s.utf8_line, 0, "none in the header");
	submit_read(slice_str("From: a@b.example\nTo: x@y.example\n\nx\n"),
	    NULL, true, &given, &a, &s, NULL);
	ok(s.size > 39 + 70, "what is put in counts");
	arena_free(&a);
}

static void
test_mend(void)
{
	struct arena a = { 0 };
	struct buf out;
	struct writer w = writer_to_buf(&out);
	struct submit s;
	uint64_t size;

	buf_init(&out, 65536);
	is_int(submit_read(slice_str("From: a@b.example\nBcc: c@d.example\n\n"
				     "abc \xC3\xBC\rabc\n"),
		   NULL, SUBMIT_FIX, &given, &a, &s, NULL),
	    0, "a stray CR is mended");
	is_int(submit_to_7bit(&s, true, &size, NULL), 0,
	    "for a server without 8BIT");
	submit_write(&s, &w, NULL);
	is_slice(buf_view(&out),
	    "From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/plain; "
	    "charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
	    "abc =C3=BC=0Dabc\r\n",
	    "what is sent");
	is_int((int64_t)size, (int64_t)out.n + 5, "its size on the wire");
	is_int(submit_read(slice_str("DKIM-Signature: x\n\n\xFC\n"), NULL, 0,
		   &given, &a, &s, NULL),
	    0, "8-bit text that is signed");
	is_int(submit_to_7bit(&s, true, &size, NULL), -1, "is not encoded");
	buf_free(&out);
	arena_free(&a);
}

/* Bodies that are declared binary: as they are, or in base64. */
static void
test_binary(void)
{
	static const char in[] =
	    "From: a@b.example\nBcc: c@d.example\n"
	    "Content-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x\n"
	    "Content-Type: image/png\nContent-Transfer-Encoding: binary\n\n"
	    "\r\n\0\n\n--x--\n";
	static const char wire[] =
	    "From: a@b.example\r\n"
	    "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext"
	    "\r\n--x\r\nContent-Type: image/png\r\n"
	    "Content-Transfer-Encoding: binary\r\n\r\n"
	    "\r\n\0\n\r\n--x--\r\n";
	struct arena a = { 0 };
	struct buf out;
	struct writer w = writer_to_buf(&out);
	struct submit s;
	uint64_t size;

	buf_init(&out, 65536);
	is_int(submit_read(
		   slice_of(in, sizeof(in) - 1), NULL, 0, &given, &a, &s, NULL),
	    0, "a binary message");
	ok(s.binary, "is one");
	submit_write(&s, &w, NULL);
	ok(slice_equal(buf_view(&out), slice_of(wire, sizeof(wire) - 1)),
	    "goes as it is");
	is_int((int64_t)s.size, sizeof(wire) - 1, "with its size");
	buf_reset(&out);
	is_int(submit_to_7bit(&s, true, &size, NULL), 0, "elsewhere");
	submit_write(&s, &w, NULL);
	ok(slice_search(buf_view(&out), slice_str("DQoACg==")) != SIZE_MAX,
	    "as base64");
	is_int(submit_to_7bit(&s, false, &size, NULL), 0, "and again");
	is_int((int64_t)size, sizeof(wire) - 1, "as it is");
	is_int(submit_read(slice_str("From: a@b.example\n"
				     "Content-Transfer-Encoding: 8bit\n\na\rb"),
		   NULL, 0, &given, &a, &s, NULL),
	    -1, "a CR in what is not declared binary");
	is_int(
	    submit_read(slice_str("From: a@b.example\nX: a\rb\n"
				  "Content-Transfer-Encoding: binary\n\na\rb"),
		NULL, 0, &given, &a, &s, NULL),
	    -1, "a CR in the header");
	buf_free(&out);
	arena_free(&a);
}

static void
test_header(void)
{
	static const char *const names[] = { "To", "X", NULL };
	struct arena a = { 0 };
	struct buf out;
	struct writer w = writer_to_buf(&out);
	struct submit s;

	buf_init(&out, 65536);
	submit_read(slice_str("Bcc: x@y.example\nFrom: root (Cron)\n"
			      "To: a, b@c.example\nCc: g:d;\nX: 1\n\n"),
	    NULL, SUBMIT_NAMES, &given, &a, &s, NULL);
	is_slice(s.sender, "root", "a name of this machine sends");
	is_int(submit_qualify(&s, slice_str("h.example"), NULL), 0, "qualify");
	submit_write(&s, &w, NULL);
	is_slice(buf_view(&out),
	    "From: Cron <root@h.example>\r\n"
	    "To: a@h.example, b@c.example\r\nCc: g:d;\nX: 1\n\n",
	    "names have a domain");
	is_int(submit_replace(&s, names, "Y: 2\n", NULL), 0, "replace");
	buf_reset(&out);
	submit_write(&s, &w, NULL);
	is_slice(buf_view(&out),
	    "Y: 2\nFrom: Cron <root@h.example>\r\nCc: g:d;\n\n",
	    "fields are replaced");
	is_int((int64_t)s.size, 6 + 29 + 10 + 2, "size");
	ok(submit_has(&s, "x") && !submit_has(&s, "y"), "as it came");
	buf_free(&out);
	arena_free(&a);
}

/* host null: refused. */
static const struct {
	const char *url, *tls, *host;
	int port;
	bool lmtp, implicit_tls;
	enum smtp_tls level;
} servers[] = {
	{ "smtp://h.example", NULL, "h.example", 25, false, false,
	    SMTP_TLS_VERIFY },
	{ "smtp://h.example:2525", "off", "h.example", 2525, false, false,
	    SMTP_TLS_OFF },
	{ "smtp+tls://h.example", "must", "h.example", 587, false, false,
	    SMTP_TLS_MUST },
	{ "smtps://[2001:db8::1]", NULL, "2001:db8::1", 465, false, true,
	    SMTP_TLS_VERIFY },
	{ "lmtp://127.0.0.1", "may", "127.0.0.1", 24, true, false,
	    SMTP_TLS_MAY },
	{ "lmtp:/run/l.sock", NULL, "/run/l.sock", 24, true, false,
	    SMTP_TLS_OFF },
	{ "smtp+tls://h.example", "may", NULL, 0, false, false, 0 },
	{ "smtps://h.example", "off", NULL, 0, false, false, 0 },
	{ "smtp:/run/l.sock", NULL, NULL, 0, false, false, 0 },
	{ "http://h.example", NULL, NULL, 0, false, false, 0 },
	{ "smtp://h.example/x", NULL, NULL, 0, false, false, 0 },
	{ "smtp://u:p@h.example", NULL, NULL, 0, false, false, 0 },
	{ "h.example", NULL, NULL, 0, false, false, 0 },
};

static void
test_servers(void)
{
	struct arena a = { 0 };
	struct account_server s;

	for (size_t i = 0; i < COUNT_OF(servers); i++) {
		is_int(account_server(
			   servers[i].url, servers[i].tls, &a, &s, NULL),
		    servers[i].host ? 0 : -1, "server '%s'", servers[i].url);
		if (!servers[i].host)
			continue;
		is_str(s.target.host, servers[i].host, "host");
		is_int(s.target.port, servers[i].port, "port");
		is_int(s.tls, servers[i].level, "TLS");
		ok(s.lmtp == servers[i].lmtp &&
			s.implicit_tls == servers[i].implicit_tls,
		    "protocol");
	}
	arena_free(&a);
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(messages); i++)
		test_message(i);
	test_size();
	test_mend();
	test_binary();
	test_header();
	test_servers();
	return tap_done();
}
