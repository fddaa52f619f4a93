/* msend --server-info: what a server is and offers, and what it can be known
 * by. Nothing is sent, nobody logs in.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include "text/base64.h"
#include "text/date.h"

#include "crypt/cert.h"
#include "crypt/digest.h"

#include "net/tls.h"

#include "msend.h"

#define NAME_MAX_N 512

/* Of a server's certificate. */
struct shown {
	char subject[NAME_MAX_N], issuer[NAME_MAX_N];
	char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
	char sha256[3 * DIGEST_SHA256_SIZE]; /* "01:23:..." */
	char spki[DIGEST_HEX_MAX];           /* base64 */
};

static int
read_digests(const struct cert *c, struct shown *s, struct err *e)
{
	unsigned char cert[DIGEST_SHA256_SIZE], key[DIGEST_SHA256_SIZE];
	static const char hex[] = "0123456789ABCDEF";
	char *at = s->sha256;
	struct buf b;

	if (digest_of(DIGEST_SHA256, cert_der(c), cert, e) < 0 ||
	    digest_of(DIGEST_SHA256, cert_key(c), key, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(cert); i++) {
		*at++ = hex[cert[i] >> 4];
		*at++ = hex[cert[i] & 15];
		*at++ = i + 1 < sizeof(cert) ? ':' : '\0';
	}
	buf_init(&b, sizeof(s->spki) - 1);
	base64_encode(slice_of(key, sizeof(key)), &b);
	memcpy(s->spki, buf_str(&b), b.n + 1);
	buf_free(&b);
	return 0;
}

/* 1, 0: it has shown none. */
static int
read_cert(const struct tls *tls, struct shown *s, struct err *e)
{
	struct slice der = tls ? tls_peer(tls) : slice_of(NULL, 0);
	struct cert *c;
	int64_t from, to;
	int r;

	*s = (struct shown){ .subject = "" };
	if (!der.n)
		return 0;
	if (cert_read(&c, der, e) < 0)
		return -1;
	cert_subject(c, s->subject, sizeof(s->subject));
	cert_issuer(c, s->issuer, sizeof(s->issuer));
	cert_dates(c, &from, &to);
	date_make_3339(from, 0, s->from);
	date_make_3339(to, 0, s->to);
	r = read_digests(c, s, e);
	cert_free(&c);
	return r < 0 ? -1 : 1;
}

static struct json *
cert_json(const struct shown *s)
{
	struct json *j = json_new_object();

	json_put_text(j, "subject", s->subject);
	json_put_text(j, "issuer", s->issuer);
	json_put_text(j, "not_before", s->from);
	json_put_text(j, "not_after", s->to);
	json_put_text(j, "sha256", s->sha256);
	json_put_text(j, "spki_sha256", s->spki);
	return j;
}

static void
tell_json(struct msend_work *w, const struct account_server *server,
    const struct connect_session *s, const struct shown *cert)
{
	const struct tls *tls = smtp_tls(s->smtp);
	struct slice rest = smtp_offers(s->smtp);
	struct json *j = json_new_object(), *offers = json_new_array(), *t;
	bool more;

	json_put_text(j, "server", server->text);
	json_put_text(j, "protocol", server->lmtp ? "lmtp" : "smtp");
	json_put_text(j, "ip", s->ip[0] ? s->ip : NULL);
	json_put_text(j, "greeting", smtp_greeting(s->smtp));
	if (tls) {
		t = json_new_object();
		json_put_text(t, "version", tls_version(tls));
		json_put_text(t, "cipher", tls_cipher(tls));
		json_put_text(t, "verified_by", s->verified_by);
		json_put(j, "tls", t);
	} else {
		json_put_null(j, "tls");
	}
	if (cert)
		json_put(j, "certificate", cert_json(cert));
	else
		json_put_null(j, "certificate");
	slice_take_until(&rest, '\n', &more);
	while (more)
		json_add_slice(offers, slice_take_until(&rest, '\n', &more));
	json_put(j, "offers", offers);
	tool_json(w->run, j);
}

static void
tell_cert(struct tool_run *run, const struct shown *cert)
{
	tool_print(run, "certificate of: %s\n", cert->subject);
	tool_print(run, "issued by: %s\n", cert->issuer);
	tool_print(run, "valid: %s to %s\n", cert->from, cert->to);
	tool_print(run, "fingerprint (SHA-256): %s\n", cert->sha256);
	tool_print(run, "pin of its key: spki:sha256:%s\n", cert->spki);
}

static void
tell(struct msend_work *w, const struct account_server *server,
    const struct connect_session *s, const struct shown *cert)
{
	const struct tls *tls = smtp_tls(s->smtp);
	struct slice rest = smtp_offers(s->smtp), line;
	struct tool_run *run = w->run;
	bool more;

	tool_print(run, "server: %s%s%s%s, %s\n", server->text,
	    s->ip[0] ? " (" : "", s->ip, s->ip[0] ? ")" : "",
	    server->lmtp ? "LMTP" : "SMTP");
	tool_print(run, "greeting: %s\n", smtp_greeting(s->smtp));
	if (tls)
		tool_print(run, "TLS: %s, %s, %s, %s%s\n", tls_version(tls),
		    tls_cipher(tls),
		    server->implicit_tls ? "from the first octet"
					 : "by STARTTLS",
		    s->verified_by ? "verified by " : "not verified",
		    s->verified_by ? s->verified_by : "");
	else
		tool_print(run, "TLS: none\n");
	if (cert)
		tell_cert(run, cert);
	slice_take_until(&rest, '\n', &more);
	tool_print(run, more ? "offers:\n" : "offers: nothing\n");
	while (more) {
		line = slice_take_until(&rest, '\n', &more);
		tool_print(run, "  %.*s\n", SLICE_ARG(line));
	}
}

static int
ask(struct msend_work *w, struct connect *c,
    const struct account_server *server, struct err *e)
{
	struct account_server alone = *server;
	struct connect_to to = { .server = &alone };
	struct connect_session s;
	enum smtp_stage stage;
	struct shown cert;
	int r;

	alone.user = NULL; /* nobody logs in */
	if (connect_open(c, &to, &s, &stage, e) < 0)
		return -1;
	r = read_cert(smtp_tls(s.smtp), &cert, e);
	if (r >= 0 && w->run->common->json)
		tell_json(w, server, &s, r > 0 ? &cert : NULL);
	else if (r >= 0)
		tell(w, server, &s, r > 0 ? &cert : NULL);
	connect_close(&s);
	return r < 0 ? -1 : 0;
}

static int
check(const struct msend_work *w, struct err *e)
{
	const struct msend_settings *set = w->set;

	if (set->route.mx)
		return err_set(e, ERR_USAGE,
		    "--server-info: a server is named, in place of --mx: "
		    "--server smtp://HOST");
	if (msend_composes(set) || set->print || set->dry_run ||
	    set->bulk.mail.n || w->run->rest.n)
		return err_set(e, ERR_USAGE,
		    "--server-info sends nothing: no message, no recipients, "
		    "no --print or --dry-run");
	return 0;
}

int
msend_info(struct msend_work *w, struct err *e)
{
	struct send_plan plan;
	struct connect *c;
	struct err why;

	if (check(w, e) < 0)
		return -1;
	w->from = slice_str(w->set->from); /* of --server=auto */
	if (msend_plan(w, &plan, e) < 0)
		return -1;
	plan.connect.login.user = NULL;
	plan.connect.deadline =
	    plan.timeout ? clock_deadline(plan.timeout) : INT64_MAX;
	c = connect_new(&plan.connect);
	for (size_t i = 0; i < plan.n && !tool_stopping(); i++)
		if (ask(w, c, &plan.servers[i], &why) < 0)
			tool_fail(w->run, &why);
	connect_free(&c);
	return 0;
}
