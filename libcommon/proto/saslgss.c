/* Mechanisms of libgsasl (its door): CRAM-MD5, and GSSAPI for Kerberos. The
 * library is started at the first use only.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_GSASL
#	include <gsasl.h>
#endif

#include "base/mem.h"

#include "proto/saslparts.h"

#ifdef HAVE_GSASL

struct saslgss {
	Gsasl *library;
	Gsasl_session *session;
};

static int
failed(struct sasl *s, int code, struct err *e)
{
	if (code == GSASL_GSSAPI_INIT_SEC_CONTEXT_ERROR)
		return err_set(e, ERR_NOPERM,
		    "%s: no Kerberos ticket for %s@%s: kinit gets one, klist "
		    "shows them, unless the realm does not know this host",
		    s->mechanism->name, s->login->service, s->login->host);
	return err_set(
	    e, ERR_NOPERM, "%s: %s", s->mechanism->name, gsasl_strerror(code));
}

static int
start(struct sasl *s, struct err *e)
{
	const struct sasl_login *l = s->login;
	struct saslgss *g = s->gss = mem_new(sizeof(*g));
	struct buf password;
	int code = gsasl_init(&g->library);

	if (code == GSASL_OK)
		code = gsasl_client_start(
		    g->library, s->mechanism->name, &g->session);
	if (code != GSASL_OK)
		return failed(s, code, e);
	gsasl_property_set(g->session, GSASL_AUTHID, l->user);
	gsasl_property_set(g->session, GSASL_SERVICE, l->service);
	gsasl_property_set(g->session, GSASL_HOSTNAME, l->host);
	if (s->mechanism->flags & SASLPARTS_PASSWORD) {
		buf_init(&password, SASLPARTS_SECRET_MAX);
		buf_room(&password, SASLPARTS_SECRET_MAX);
		buf_slice(&password, l->password);
		gsasl_property_set(
		    g->session, GSASL_PASSWORD, buf_str(&password));
		buf_wipe(&password);
	} else { /* somebody else's ticket must not pass for this user */
		gsasl_property_set(g->session, GSASL_AUTHZID, l->user);
	}
	return 0;
}

int
saslgss_step(struct sasl *s, struct slice challenge, struct err *e)
{
	char *out = NULL;
	size_t n = 0;
	int code;

	if (!s->gss && start(s, e) < 0)
		return -1;
	code = gsasl_step(s->gss->session, challenge.n ? challenge.p : "",
	    challenge.n, &out, &n);
	if (code == GSASL_OK || code == GSASL_NEEDS_MORE)
		buf_add(&s->out, out, n);
	gsasl_free(out);
	s->proven = code == GSASL_OK;
	if (code != GSASL_OK && code != GSASL_NEEDS_MORE)
		return failed(s, code, e);
	return 0;
}

void
saslgss_free(struct saslgss **gp)
{
	struct saslgss *g = *gp;

	if (!g)
		return;
	*gp = NULL;
	if (g->session)
		gsasl_finish(g->session);
	if (g->library)
		gsasl_done(g->library);
	mem_free(g);
}

#else

int
saslgss_step(struct sasl *s, struct slice challenge UNUSED, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE,
	    "%s is not built in: this build lacks libgsasl",
	    s->mechanism->name);
}

void
saslgss_free(struct saslgss **g)
{
	*g = NULL;
}

#endif
