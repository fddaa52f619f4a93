/* Unit tests of proto/sasl: the examples of RFC 5802, 7628 and 4616, the
 * choice among what is offered, and logins at libgsasl's servers.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#ifdef HAVE_GSASL
#	include <gsasl.h>
#endif

#include "base/clock.h"

#include "text/base64.h"

#include "net/stream.h"

#include "proto/sasl.h"

#include "tap.h"

/* The nonce of RFC 5802, 5: "fyko+d2lbbFgONRv9qkxdawL". */
static void
nonce(void *p, size_t n)
{
	struct buf b;

	buf_init(&b, 100);
	if (!base64_decode(slice_str("fyko+d2lbbFgONRv9qkxdawL"), &b) ||
	    b.n != n)
		abort();
	memcpy(p, b.p, n);
	buf_free(&b);
}

static struct sasl_login
user(const char *password)
{
	return (struct sasl_login){ .user = "user",
		.password = slice_str(password),
		.service = "smtp",
		.host = "server.example.com",
		.port = 587,
		.random = nonce };
}

/* Lines of base64 as they are seen inside. */
static struct slice
in64(const char *text, struct buf *b)
{
	buf_reset(b);
	base64_encode(slice_str(text), b);
	return buf_view(b);
}

static struct slice
out64(struct slice line, struct buf *b)
{
	buf_reset(b);
	ok(base64_decode(line, b), "a line of base64");
	return buf_view(b);
}

#define FIRST                                                                  \
	"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,"     \
	"i=4096"

static const struct {
	const char *name, *first, *final; /* of the server */
	const char *proof;                /* what goes between, null: none */
	bool done;
	const char *why;
} scram[] = {
	{ "RFC 5802, 5", FIRST, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
	    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	    "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	    true, NULL },
	{ "another signature", FIRST, "v=rmF9pqV8S7suAoZWja4dJRkFsKA=", "c=*",
	    false, "does not know the password" },
	{ "no signature", FIRST, "v=", "c=*", false, "does not know" },
	{ "an early end", FIRST, NULL, "c=*", false, "did not prove" },
	{ "a nonce of its own",
	    "r=3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096", NULL, NULL, false,
	    "another login" },
	{ "our nonce and no more",
	    "r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096", NULL, NULL,
	    false, "another login" },
	{ "too few rounds",
	    "r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4095", NULL, NULL,
	    false, "4095 rounds" },
	{ "too many rounds",
	    "r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4000000000", NULL,
	    NULL, false, "4000000000 rounds" },
	{ "rounds beyond all",
	    "r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=99999999999999",
	    NULL, NULL, false, "bad message" },
	{ "no salt", "r=fyko+d2lbbFgONRv9qkxdawLx,s=,i=4096", NULL, NULL, false,
	    "bad message" },
	{ "an extension we must know", "m=x," FIRST, NULL, NULL, false,
	    "bad message" },
	{ "nothing", "", NULL, NULL, false, "bad message" },
};

static void
test_scram(void)
{
	struct sasl_login login = user("pencil");
	struct buf b;

	buf_init(&b, 10000);
	login.mechanisms = "SCRAM-SHA-1";
	for (size_t i = 0; i < COUNT_OF(scram); i++) {
		struct slice line = slice_of(NULL, 0);
		struct sasl *s;
		struct err e = { 0 };
		int r;

		ok(sasl_new(&login, slice_str("PLAIN SCRAM-SHA-1"), &s, &e) ==
			    0 &&
			sasl_first(s, &line, &e) == 1,
		    "%s: starts", scram[i].name);
		is_slice(out64(line, &b),
		    "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "%s: first message",
		    scram[i].name);
		r = sasl_step(s, in64(scram[i].first, &b), &line, &e);
		is_int(r, scram[i].proof ? 0 : -1, "%s: answer", scram[i].name);
		if (r == 0 && scram[i].proof[2] != '*')
			is_slice(out64(line, &b), scram[i].proof, "%s: proof",
			    scram[i].name);
		if (r == 0 && scram[i].final)
			r = sasl_step(s, in64(scram[i].final, &b), &line, &e);
		if (r == 0)
			r = sasl_done(s, &e);
		is_int(r, scram[i].done ? 0 : -1, "%s: end", scram[i].name);
		if (scram[i].why)
			ok(strstr(e.text, scram[i].why) != NULL,
			    "%s: '%s' is in '%s'", scram[i].name, scram[i].why,
			    e.text);
		sasl_free(&s);
	}
	buf_free(&b);
}

/* What the client says first, without TLS but as if there were. */
static const struct {
	const char *mechanism, *user, *first;
	const char *challenge, *answer;
} simple[] = {
	{ "PLAIN", "tim", "AHRpbQB0YW5zdGFhZnRhbnN0YWFm", NULL, NULL },
	{ "LOGIN", "tim", NULL, "VXNlcm5hbWU6", "dGlt" },
	{ "LOGIN", "tim", NULL, "Username: is no base64", "dGlt" },
	{ "OAUTHBEARER", "user@example.com",
	    /* RFC 7628, 4.1 */
	    "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBv"
	    "cnQ9NTg3AWF1dGg9QmVhcmVyIHRhbnN0YWFmdGFuc3RhYWYBAQ==",
	    "eyJzdGF0dXMiOiI0MDEifQ==", "AQ==" },
	{ "XOAUTH2", "someuser@example.com",
	    "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB0YW5zdGFhZnRh"
	    "bnN0YWFmAQE=",
	    "eyJzdGF0dXMiOiI0MDEifQ==", "" },
	{ "EXTERNAL", "", "=", NULL, NULL },
	{ "EXTERNAL", "tim", "dGlt", NULL, NULL },
};

static void
test_simple(void)
{
	for (size_t i = 0; i < COUNT_OF(simple); i++) {
		struct sasl_login login = user("tanstaaftanstaaf");
		const char *name = simple[i].mechanism;
		struct slice line = slice_str("");
		struct err e = { 0 };
		struct sasl *s;
		int r;

		login.user = simple[i].user;
		login.token = login.password;
		login.mechanisms = name;
		login.clear = login.certificate = true;
		ok(sasl_new(&login, slice_str(name), &s, &e) == 0, "%s", name);
		r = sasl_first(s, &line, &e);
		is_int(r, simple[i].first ? 1 : 0, "%s: who is first", name);
		if (r == 1)
			is_slice(line, simple[i].first, "%s: first", name);
		if (simple[i].challenge) {
			is_int(sasl_step(s, slice_str(simple[i].challenge),
				   &line, &e),
			    0, "%s: a challenge", name);
			is_slice(line, simple[i].answer, "%s: answer", name);
		}
		for (int k = 0; k < 3 && r >= 0; k++)
			r = sasl_step(s, slice_str("AA=="), &line, &e);
		is_int(r, -1, "%s: no end of challenges", name);
		sasl_free(&s);
	}
}

#define ALL                                                                    \
	"GSSAPI EXTERNAL CRAM-MD5 LOGIN plain SCRAM-SHA-1 SCRAM-SHA-256 "      \
	"SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER NTLM"

static const struct {
	const char *offered, *wanted;
	bool password, token, clear;
	const char *got, *why;
} choices[] = {
	{ ALL, NULL, true, false, true, "SCRAM-SHA-256", NULL },
	{ ALL, NULL, true, false, false, "SCRAM-SHA-256", NULL },
	{ ALL, "PLAIN,LOGIN", true, false, true, "PLAIN", NULL },
	{ ALL, "login", true, false, true, "LOGIN", NULL },
	{ ALL, "PLAIN,LOGIN", true, false, false, NULL, "without TLS" },
	{ ALL, "CRAM-MD5", true, false, false, "CRAM-MD5", NULL },
	{ ALL, NULL, false, true, true, "OAUTHBEARER", NULL },
	{ ALL, NULL, false, true, false, NULL, "without TLS" },
	{ ALL, "XOAUTH2", false, true, true, "XOAUTH2", NULL },
	{ ALL, "SCRAM-SHA-256-PLUS", true, false, true, NULL, "none fits" },
	{ ALL, "EXTERNAL", true, false, true, NULL, "none fits" },
	{ ALL, "GSSAPI", false, false, true, "GSSAPI", NULL },
	{ "NTLM CRAM-MD5", NULL, true, false, true, NULL, "PLAIN, LOGIN" },
	{ "PLAIN LOGIN", "SCRAM-SHA-256", true, false, true, NULL,
	    "(SCRAM-SHA-256)" },
	{ "PLAINS", NULL, true, false, true, NULL, "it has PLAINS" },
	{ "", NULL, true, false, true, NULL, "offers no login" },
};

static void
test_choice(void)
{
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		struct sasl_login login = user("x");
		struct err e = { 0 };
		struct sasl *s = NULL;

		if (!choices[i].password)
			login.password.n = 0;
		if (choices[i].token)
			login.token = slice_str("t");
		login.mechanisms = choices[i].wanted;
		login.clear = choices[i].clear;
		is_int(sasl_new(&login, slice_str(choices[i].offered), &s, &e),
		    choices[i].got ? 0 : -1, "choice %zu", i);
		if (s)
			is_str(sasl_name(s), choices[i].got, "choice %zu", i);
		else
			ok(e.kind == ERR_NOPERM &&
				strstr(e.text, choices[i].why),
			    "choice %zu: '%s' is in '%s'", i, choices[i].why,
			    e.text);
		sasl_free(&s);
	}
	is_int(sasl_check("plain,SCRAM-SHA-1-PLUS", NULL), 0, "known names");
	is_int(sasl_check(NULL, NULL), 0, "none named");
	is_int(sasl_check("PLAIN,DIGEST-MD5", NULL), -1, "one nobody knows");
	ok(sasl_needs_secret(NULL) && sasl_needs_secret("GSSAPI,PLAIN") &&
		!sasl_needs_secret("EXTERNAL,GSSAPI"),
	    "who needs a secret");
}

#ifdef HAVE_GSASL

/* Both ends of one TLS session. */
struct pair {
	struct stream *client, *server;
	struct tls_cert *cert;
};

static void *
accept_tls(void *arg)
{
	struct pair *p = arg;
	struct err e;

	if (stream_tls_server(p->server, p->cert, &e) < 0)
		abort();
	return NULL;
}

static void
connect_pair(struct pair *p)
{
	static const char *const names[] = { "localhost" };
	struct tls_want want = { .host = "localhost" };
	struct slice line;
	pthread_t t;
	struct err e;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0 ||
	    tls_cert_make(names, 1, time(NULL), &p->cert, &e) < 0)
		abort();
	p->client = stream_new(fd[0], fd[0], "server");
	p->server = stream_new(fd[1], fd[1], "client");
	stream_deadline(p->client, clock_deadline(10000));
	stream_deadline(p->server, clock_deadline(10000));
	pthread_create(&t, NULL, accept_tls, p);
	if (stream_tls_client(p->client, &want, &e) < 0)
		abort();
	pthread_join(t, NULL);
	if (stream_text(p->server, "hi\n", &e) < 0 ||
	    stream_flush(p->server, &e) < 0 ||
	    stream_line(p->client, 9, &line, NULL, &e) != 1)
		abort();
}

/* The client's line to the server, which answers in base64: 1 it wants more,
 * 0 it is content, -1 it is not. */
static int
serve(Gsasl_session *server, struct slice line, struct buf *answer)
{
	struct buf in;
	char *out = NULL;
	int code;

	buf_init(&in, 10000);
	buf_slice(&in, line);
	code = gsasl_step64(server, buf_str(&in), &out);
	buf_free(&in);
	buf_reset(answer);
	if (code == GSASL_OK || code == GSASL_NEEDS_MORE)
		buf_text(answer, out);
	gsasl_free(out);
	return code == GSASL_NEEDS_MORE ? 1 : code == GSASL_OK ? 0 : -1;
}

/* A whole login: 0 when both sides are content. header_r gets the start of the
 * first message. */
static int
log_in(const struct sasl_login *login, const char *offered,
    const char *password, const struct tls *server_tls, char header_r[4])
{
	struct buf answer, binding, binding64, first;
	struct sasl *s = NULL;
	Gsasl *library;
	Gsasl_session *server;
	struct slice line = slice_str("");
	struct err e;
	int r, got = 1;

	if (sasl_new(login, slice_str(offered), &s, &e) < 0)
		return -1;
	buf_init(&answer, 10000);
	buf_init(&binding, 1000);
	buf_init(&binding64, 1000);
	buf_init(&first, 1000);
	if (gsasl_init(&library) ||
	    gsasl_server_start(library, sasl_name(s), &server))
		abort();
	gsasl_property_set(server, GSASL_PASSWORD, password);
	if (server_tls && tls_binding(server_tls, &binding, &e) == 0) {
		base64_encode(buf_view(&binding), &binding64);
		gsasl_property_set(
		    server, GSASL_CB_TLS_EXPORTER, buf_str(&binding64));
	}
	r = sasl_first(s, &line, &e);
	if (r == 1 && base64_decode(line, &first))
		memcpy(header_r, first.p, 3);
	for (int i = 0; r >= 0 && got == 1 && i < 9; i++) {
		got = serve(server, line, &answer);
		if (got < 0 || (got == 0 && answer.n == 0))
			break;
		r = sasl_step(s, buf_view(&answer), &line, &e);
	}
	if (r >= 0)
		r = got == 0 ? sasl_done(s, &e) : -1;
	gsasl_finish(server);
	gsasl_done(library);
	sasl_free(&s);
	buf_free(&answer);
	buf_free(&binding);
	buf_free(&binding64);
	buf_free(&first);
	return r;
}

static const struct {
	const char *offered, *wanted, *password;
	bool client_tls, server_bound;
	int want;
	const char *header;
} logins[] = {
	{ "SCRAM-SHA-256", NULL, "pencil", false, false, 0, "n,," },
	{ "SCRAM-SHA-1", NULL, "pencil", false, false, 0, "n,," },
	{ "SCRAM-SHA-256", NULL, "j\xC3\xBCrg \xE2\x82\xAC", false, false, 0,
	    "n,," },
	{ "SCRAM-SHA-256", NULL, "wrong", false, false, -1, "n,," },
	{ "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", NULL, "pencil", true, true, 0,
	    "p=t" },
	{ "SCRAM-SHA-1-PLUS PLAIN", NULL, "pencil", true, true, 0, "p=t" },
	/* The offer of -PLUS was taken away on the way: found out. */
	{ "SCRAM-SHA-256", NULL, "pencil", true, true, -1, "y,," },
	{ "SCRAM-SHA-256", NULL, "pencil", true, false, 0, "y,," },
	{ "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "pencil", true,
	    false, 0, "n,," },
	{ "CRAM-MD5", "CRAM-MD5", "pencil", false, false, 0, "" },
	{ "CRAM-MD5", "CRAM-MD5", "wrong", false, false, -1, "" },
};

static void
test_servers(void)
{
	struct pair p, other;

	connect_pair(&p);
	connect_pair(&other);
	is_str(tls_binding_name(stream_tls(p.client)), "tls-exporter",
	    "TLS 1.3 has tls-exporter");
	for (size_t i = 0; i < COUNT_OF(logins); i++) {
		const char *known = strcmp(logins[i].password, "wrong") == 0
		                        ? "pencil"
		                        : logins[i].password;
		struct sasl_login login = user(logins[i].password);
		char header[4] = "";
		int r;

		login.mechanisms = logins[i].wanted;
		if (logins[i].client_tls)
			login.tls = stream_tls(p.client);
		r = log_in(&login, logins[i].offered, known,
		    logins[i].server_bound ? stream_tls(p.server) : NULL,
		    header);
		is_int(r, logins[i].want, "login %zu at libgsasl: %s", i,
		    logins[i].offered);
		if (logins[i].header[0])
			is_str(header, logins[i].header, "login %zu", i);
		/* A man in the middle has another session with the server. */
		if (strcmp(logins[i].header, "p=t") == 0)
			is_int(log_in(&login, logins[i].offered, known,
				   stream_tls(other.server), header),
			    -1, "login %zu in another session", i);
	}
	stream_free(&p.client);
	stream_free(&p.server);
	tls_cert_free(&p.cert);
	stream_free(&other.client);
	stream_free(&other.server);
	tls_cert_free(&other.cert);
}

#else

static void
test_servers(void)
{
}

#endif

int
main(void)
{
	test_scram();
	test_simple();
	test_choice();
	test_servers();
	return tap_done();
}
