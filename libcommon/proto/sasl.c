/* Login by SASL (see sasl.h): which mechanism, and the simple ones.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "text/base64.h"

#include "proto/saslparts.h"

static int
too_many(struct err *e)
{
	return err_set(e, ERR_PROTO, "one challenge too many");
}

/* message = [authzid] UTF8NUL authcid UTF8NUL passwd        (RFC 4616, 2) */
static int
plain(struct sasl *s, struct slice challenge UNUSED, struct err *e)
{
	if (s->turn > 0)
		return too_many(e);
	buf_char(&s->out, '\0');
	buf_text(&s->out, s->login->user);
	buf_char(&s->out, '\0');
	buf_slice(&s->out, s->login->password);
	return 0;
}

static int
login(struct sasl *s, struct slice challenge UNUSED, struct err *e)
{
	if (s->turn > 1)
		return too_many(e);
	if (s->turn == 0)
		buf_text(&s->out, s->login->user);
	else
		buf_slice(&s->out, s->login->password);
	return 0;
}

/* The certificate says who we are, the user as whom we want to act
 * (RFC 4422, A.1). */
static int
external(struct sasl *s, struct slice challenge UNUSED, struct err *e)
{
	if (s->turn > 0)
		return too_many(e);
	buf_text(&s->out, s->login->user);
	return 0;
}

/* gs2-header %x01 "host=" ... "auth=Bearer " token %x01 %x01  (RFC 7628, 3.1).
 * A second challenge is the error, answered with one %x01 (3.2.3). */
static int
oauthbearer(struct sasl *s, struct slice challenge, struct err *e)
{
	if (s->turn > 1)
		return too_many(e);
	if (s->turn == 1) {
		saslparts_said(s, challenge);
		buf_char(&s->out, 1);
		return 0;
	}
	buf_text(&s->out, "n,a=");
	saslparts_name(slice_str(s->login->user), &s->out);
	buf_fmt(&s->out, ",\1host=%s\1port=%u\1auth=Bearer ", s->login->host,
	    s->login->port);
	buf_slice(&s->out, s->login->token);
	buf_text(&s->out, "\1\1");
	return 0;
}

/* Older than the RFC, without its frame; an error is answered with nothing. */
static int
xoauth2(struct sasl *s, struct slice challenge, struct err *e)
{
	if (s->turn > 1)
		return too_many(e);
	if (s->turn == 1) {
		saslparts_said(s, challenge);
		return 0;
	}
	buf_fmt(&s->out, "user=%s\1auth=Bearer ", s->login->user);
	buf_slice(&s->out, s->login->token);
	buf_text(&s->out, "\1\1");
	return 0;
}

#define SCRAM SASLPARTS_PASSWORD | SASLPARTS_PROVES

/* The better ones first. */
static const struct saslparts_mechanism mechanisms[] = {
	{ "EXTERNAL", SASLPARTS_CERTIFICATE, 0, external },
	{ "OAUTHBEARER", SASLPARTS_TOKEN | SASLPARTS_SHOWS, 0, oauthbearer },
	{ "XOAUTH2", SASLPARTS_TOKEN | SASLPARTS_SHOWS, 0, xoauth2 },
	{ "SCRAM-SHA-256-PLUS", SCRAM | SASLPARTS_BOUND, DIGEST_SHA256,
	    saslscram_step },
	{ "SCRAM-SHA-1-PLUS", SCRAM | SASLPARTS_BOUND, DIGEST_SHA1,
	    saslscram_step },
	{ "SCRAM-SHA-256", SCRAM, DIGEST_SHA256, saslscram_step },
	{ "SCRAM-SHA-1", SCRAM, DIGEST_SHA1, saslscram_step },
	{ "PLAIN", SASLPARTS_PASSWORD | SASLPARTS_SHOWS, 0, plain },
	{ "LOGIN",
	    SASLPARTS_PASSWORD | SASLPARTS_SHOWS | SASLPARTS_SERVER_FIRST, 0,
	    login },
	{ "GSSAPI", SASLPARTS_NAMED | SASLPARTS_PROVES, 0, saslgss_step },
	{ "CRAM-MD5",
	    SASLPARTS_NAMED | SASLPARTS_PASSWORD | SASLPARTS_SERVER_FIRST, 0,
	    saslgss_step },
};

static bool
has_word(struct slice list, int separator, const char *word)
{
	for (size_t i = 0; i < SASL_OFFERED_MAX && list.n > 0; i++)
		if (slice_is_nocase(
			slice_trim(slice_take_until(&list, separator, NULL)),
			word))
			return true;
	return false;
}

int
sasl_check(const char *names, struct err *e)
{
	struct slice list = slice_str(names), name;
	struct buf known;
	bool is;

	while (list.n > 0) {
		name = slice_trim(slice_take_until(&list, ',', NULL));
		is = false;
		for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
			is = is || slice_is_nocase(name, mechanisms[i].name);
		if (is)
			continue;
		buf_init(&known, ERR_TEXT_MAX);
		for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
			buf_fmt(
			    &known, "%s%s", i ? ", " : "", mechanisms[i].name);
		err_set(e, ERR_USAGE, "--auth: '%.*s' is none of %s",
		    SLICE_ARG(name), buf_str(&known));
		buf_free(&known);
		return -1;
	}
	return 0;
}

bool
sasl_needs_secret(const char *names)
{
	if (!names)
		return true;
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		if (has_word(slice_str(names), ',', mechanisms[i].name) &&
		    mechanisms[i].flags &
			(SASLPARTS_PASSWORD | SASLPARTS_TOKEN))
			return true;
	return false;
}

static bool
is_wanted(const struct sasl_login *l, const struct saslparts_mechanism *m)
{
	if (l->mechanisms)
		return has_word(slice_str(l->mechanisms), ',', m->name);
	return !(m->flags & SASLPARTS_NAMED);
}

/* We have what it takes. */
static bool
is_held(const struct sasl_login *l, const struct saslparts_mechanism *m)
{
	return !(m->flags & SASLPARTS_PASSWORD && l->password.n == 0) &&
	       !(m->flags & SASLPARTS_TOKEN && l->token.n == 0) &&
	       !(m->flags & SASLPARTS_CERTIFICATE && !l->certificate);
}

static bool
is_usable(const struct sasl_login *l, const struct saslparts_mechanism *m)
{
	return is_held(l, m) && (!(m->flags & SASLPARTS_BOUND) ||
				    (l->tls && tls_binding_name(l->tls)));
}

void
sasl_order(const struct sasl_login *l, bool encrypted, struct buf *out)
{
	const unsigned tls = SASLPARTS_BOUND | SASLPARTS_SHOWS;
	size_t start = out->n;

	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		if (is_wanted(l, &mechanisms[i]) &&
		    is_held(l, &mechanisms[i]) &&
		    (encrypted || !(mechanisms[i].flags & tls)))
			buf_fmt(out, "%s%s", out->n > start ? " " : "",
			    mechanisms[i].name);
}

static bool
is_safe(const struct sasl_login *l, const struct saslparts_mechanism *m)
{
	return l->tls || l->clear || !(m->flags & SASLPARTS_SHOWS);
}

/* Names of what would have been used, for the error. */
static int
none(const struct sasl_login *l, struct slice offered, bool unsafe,
    struct err *e)
{
	struct buf ours;
	size_t n = 0;

	if (unsafe)
		return err_set(e, ERR_NOPERM,
		    "no password goes out without TLS: leave --user away, or "
		    "use --tls=verify");
	if (slice_trim(offered).n == 0)
		return err_set(e, ERR_NOPERM, "the server offers no login");
	buf_init(&ours, ERR_TEXT_MAX);
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		if (is_wanted(l, &mechanisms[i]) &&
		    is_usable(l, &mechanisms[i]))
			buf_fmt(
			    &ours, "%s%s", n++ ? ", " : "", mechanisms[i].name);
	err_set(e, ERR_NOPERM,
	    "the server offers no login that can be used here (%s): it has "
	    "%.*s",
	    n ? buf_str(&ours) : "none fits what was given",
	    SLICE_ARG(offered));
	buf_free(&ours);
	return -1;
}

static const struct saslparts_mechanism *
choose(const struct sasl_login *l, struct slice offered, bool *unsafe_r)
{
	*unsafe_r = false;
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
		const struct saslparts_mechanism *m = &mechanisms[i];

		if (!has_word(offered, ' ', m->name) || !is_wanted(l, m) ||
		    !is_usable(l, m))
			continue;
		if (is_safe(l, m))
			return m;
		*unsafe_r = true;
	}
	return NULL;
}

int
sasl_new(const struct sasl_login *l, struct slice offered, struct sasl **s_r,
    struct err *e)
{
	const struct saslparts_mechanism *m;
	bool unsafe;
	struct sasl *s;

	m = choose(l, offered, &unsafe);
	if (!m)
		return none(l, offered, unsafe, e);
	s = mem_new(sizeof(*s));
	s->login = l;
	s->mechanism = m;
	s->plus_offered = has_word(offered, ' ', "SCRAM-SHA-256-PLUS") ||
	                  has_word(offered, ' ', "SCRAM-SHA-1-PLUS");
	buf_init(&s->in, SASL_LINE_MAX);
	buf_init(&s->out, SASLPARTS_SECRET_MAX);
	buf_room(&s->out, SASLPARTS_SECRET_MAX); /* stays, to be wiped */
	buf_init(&s->line, SASL_LINE_MAX);
	buf_room(&s->line, SASL_LINE_MAX);
	buf_init(&s->header, SASL_LINE_MAX);
	buf_init(&s->bare, SASL_LINE_MAX);
	buf_init(&s->auth, 3 * SASL_LINE_MAX);
	*s_r = s;
	return 0;
}

const char *
sasl_name(const struct sasl *s)
{
	return s->mechanism->name;
}

static int
step(
    struct sasl *s, struct slice challenge, struct slice *line_r, struct err *e)
{
	buf_reset(&s->out);
	buf_reset(&s->line);
	if (s->mechanism->step(s, challenge, e) < 0)
		return -1;
	s->turn++;
	base64_encode(buf_view(&s->out), &s->line);
	if (buf_over(&s->out) || buf_over(&s->line))
		return err_set(
		    e, ERR_CONFIG, "user name, password or token too long");
	*line_r = buf_view(&s->line);
	return 0;
}

int
sasl_first(struct sasl *s, struct slice *line_r, struct err *e)
{
	if (s->mechanism->flags & SASLPARTS_SERVER_FIRST)
		return 0;
	if (step(s, slice_str(""), line_r, e) < 0)
		return -1;
	if (line_r->n == 0)
		*line_r = slice_str("=");
	return 1;
}

int
sasl_step(
    struct sasl *s, struct slice challenge, struct slice *line_r, struct err *e)
{
	buf_reset(&s->in);
	/* What LOGIN asks is words, not always base64. */
	if (!base64_decode(slice_trim(challenge), &s->in)) {
		if (s->mechanism->step != login)
			return err_set(
			    e, ERR_PROTO, "a challenge that is no base64");
		buf_reset(&s->in);
	}
	return step(s, buf_view(&s->in), line_r, e);
}

int
sasl_done(struct sasl *s, struct err *e)
{
	if (s->proven || !(s->mechanism->flags & SASLPARTS_PROVES))
		return 0;
	return err_set(e, ERR_PROTO,
	    "the server did not prove that it knows the password (%s): it may "
	    "be an impostor",
	    s->mechanism->name);
}

void
saslparts_said(struct sasl *s, struct slice words)
{
	words = slice_sub(words, 0, SASLPARTS_SAID_MAX);
	if (words.n)
		memcpy(s->said, words.p, words.n);
	s->said[words.n] = '\0';
}

void
sasl_refused(const struct sasl *s, struct err *e)
{
	if (s->said[0])
		err_in(e, "%s: '%s'", s->mechanism->name, s->said);
}

void
saslparts_name(struct slice name, struct buf *out)
{
	int c;

	while ((c = slice_get(&name)) >= 0)
		if (c == ',')
			buf_text(out, "=2C");
		else if (c == '=')
			buf_text(out, "=3D");
		else
			buf_char(out, c);
}

void
sasl_free(struct sasl **sp)
{
	struct sasl *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	saslgss_free(&s->gss);
	buf_free(&s->in);
	buf_wipe(&s->out);
	buf_wipe(&s->line);
	buf_free(&s->header);
	buf_free(&s->bare);
	buf_free(&s->auth);
	explicit_bzero(s, sizeof(*s));
	mem_free(s);
}
