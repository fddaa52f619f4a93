/* TLS sessions (see tls.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

#include "crypt/ready.h"

#include "net/tls.h"
#include "net/tlsparts.h"

/* RFC 9325: nothing below 1.2, no key below 112 bits of strength (RSA 2048);
 * a server picks by its own order. */
#define PRIORITY                                                               \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE:"       \
	"%PROFILE_MEDIUM"
#define PRIORITY_1_3                                                           \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:%SERVER_PRECEDENCE:%PROFILE_MEDIUM"
#define VECTORS 16 /* pieces of one send */

struct tls {
	gnutls_session_t session;
	const struct sock *sock;
	int64_t deadline; /* of the handshake; then CLOCK_NEVER */
	gnutls_certificate_credentials_t cred; /* of a client */
	const struct tls_want *want;           /* during a handshake */
	struct err why;       /* what the check of the peer found */
	enum tls_cause cause; /* likewise */
	struct tls_resume *resume;
	bool up; /* the handshake is done */
};

static ssize_t
pull(gnutls_transport_ptr_t p, void *data, size_t n)
{
	struct tls *t = p;
	ssize_t got = -1;

	if (clock_left(t->deadline) == 0) /* a peer that never pauses */
		errno = ETIMEDOUT;
	else
		got = sock_recv(t->sock, data, n);
	if (got < 0)
		gnutls_transport_set_errno(t->session, errno);
	return got;
}

static int
pull_timeout(gnutls_transport_ptr_t p, unsigned ms)
{
	struct tls *t = p;

	return sock_wait(t->sock, SOCK_READ, clock_deadline(ms));
}

static ssize_t
push(gnutls_transport_ptr_t p, const giovec_t *iov, int n)
{
	struct tls *t = p;
	ssize_t put = sock_send(t->sock, iov, n < VECTORS ? n : VECTORS);

	if (put < 0)
		gnutls_transport_set_errno(t->session, errno);
	return put;
}

unsigned
tls_wants(const struct tls *t)
{
	return gnutls_record_get_direction(t->session) ? SOCK_WRITE : SOCK_READ;
}

const char *
tls_version(const struct tls *t)
{
	switch (gnutls_protocol_get_version(t->session)) {
	case GNUTLS_TLS1_2:
		return "TLSv1.2";
	case GNUTLS_TLS1_3:
		return "TLSv1.3";
	default:
		return "TLS";
	}
}

const char *
tls_cipher(const struct tls *t)
{
	const char *name = gnutls_ciphersuite_get(t->session);

	return name ? name : "unknown";
}

/* Without the extended master secret two sessions of TLS 1.2 can be made to
 * have the same keys (RFC 7627), and so the same tls-exporter. */
static gnutls_channel_binding_t
binding(const struct tls *t)
{
	if (gnutls_protocol_get_version(t->session) >= GNUTLS_TLS1_3 ||
	    gnutls_session_ext_master_secret_status(t->session))
		return GNUTLS_CB_TLS_EXPORTER;
	return GNUTLS_CB_TLS_SERVER_END_POINT;
}

const char *
tls_binding_name(const struct tls *t)
{
	gnutls_datum_t data = { 0 };
	gnutls_channel_binding_t kind = binding(t);

	if (gnutls_session_channel_binding(t->session, kind, &data) < 0)
		return NULL;
	free(data.data);
	return kind == GNUTLS_CB_TLS_EXPORTER ? "tls-exporter"
	                                      : "tls-server-end-point";
}

int
tls_binding(const struct tls *t, struct buf *out, struct err *e)
{
	gnutls_datum_t data = { 0 };
	int code =
	    gnutls_session_channel_binding(t->session, binding(t), &data);

	if (code < 0)
		return err_set(e, ERR_PROTO,
		    "this TLS session cannot be bound to a login: %s",
		    gnutls_strerror(code));
	buf_add(out, data.data, data.size);
	free(data.data);
	return 0;
}

struct slice
tls_peer(const struct tls *t)
{
	unsigned n = 0;
	const gnutls_datum_t *der =
	    gnutls_certificate_get_peers(t->session, &n);

	return der && n > 0 ? slice_of(der[0].data, der[0].size)
	                    : slice_of(NULL, 0);
}

bool
tls_certified(const struct tls *t)
{
	return t->cred && gnutls_certificate_get_ours(t->session) != NULL &&
	       gnutls_certificate_client_get_request_status(t->session) > 0;
}

bool
tls_resumed(const struct tls *t)
{
	return gnutls_session_is_resumed(t->session) != 0;
}

struct tls_resume {
	pthread_mutex_t lock;
	gnutls_datum_t data;
};

struct tls_resume *
tls_resume_new(void)
{
	struct tls_resume *r = mem_new(sizeof(*r));

	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void
tls_resume_free(struct tls_resume **rp)
{
	struct tls_resume *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	pthread_mutex_destroy(&r->lock);
	if (r->data.data)
		explicit_bzero(r->data.data, r->data.size);
	free(r->data.data);
	mem_free(r);
}

static void
recall(struct tls *t, struct tls_resume *r)
{
	t->resume = r;
	pthread_mutex_lock(&r->lock);
	if (r->data.data)
		(void)gnutls_session_set_data(
		    t->session, r->data.data, r->data.size);
	pthread_mutex_unlock(&r->lock);
}

/* At the end of a session that came to be: by then its ticket has come. */
static void
remember(struct tls *t)
{
	struct tls_resume *r = t->resume;
	gnutls_datum_t data = { 0 };

	if (!(gnutls_session_get_flags(t->session) &
		GNUTLS_SFLAGS_SESSION_TICKET) ||
	    gnutls_session_get_data2(t->session, &data) < 0)
		return;
	pthread_mutex_lock(&r->lock);
	free(r->data.data);
	r->data = data;
	pthread_mutex_unlock(&r->lock);
}

static struct tls *
begin(const struct sock *s, unsigned side)
{
	struct tls *t = mem_new(sizeof(*t));

	crypt_ready();
	t->sock = s;
	if (gnutls_init(&t->session, side | GNUTLS_NONBLOCK) < 0) {
		mem_free(t);
		return NULL;
	}
	gnutls_transport_set_ptr(t->session, t);
	gnutls_transport_set_pull_function(t->session, pull);
	gnutls_transport_set_pull_timeout_function(t->session, pull_timeout);
	gnutls_transport_set_vec_push_function(t->session, push);
	return t;
}

static int
no_session(struct err *e)
{
	return err_set(e, ERR_OS, "cannot start a TLS session: no resources");
}

/* Whatever GnuTLS said, as cause and way out. */
static int
fail(const struct tls *t, int code, const char *doing, struct err *e)
{
	int alert;

	switch (code) {
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PUSH_ERROR:
		return err_set(e, ERR_TEMP, "connection lost %s", doing);
	case GNUTLS_E_PREMATURE_TERMINATION:
		return err_set(e, ERR_PROTO,
		    "peer closed the connection %s: it may not speak TLS here",
		    doing);
	case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
	case GNUTLS_E_RECORD_OVERFLOW:
	case GNUTLS_E_UNEXPECTED_PACKET:
	case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
		return err_set(e, ERR_PROTO,
		    "peer does not speak TLS %s (%s): is this a port for "
		    "plain text or STARTTLS, or a peer without TLS 1.2?",
		    doing, gnutls_strerror(code));
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		alert = (int)gnutls_alert_get(t->session);
		return err_set(e, ERR_PROTO, "peer refused TLS %s: %s", doing,
		    gnutls_alert_get_name((gnutls_alert_description_t)alert));
	default:
		return err_set(e, ERR_PROTO, "TLS failed %s: %s", doing,
		    gnutls_strerror(code));
	}
}

static bool
again(int code)
{
	return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED;
}

static int
handshake(struct tls *t, int64_t deadline, struct err *e)
{
	int code, came;

	t->deadline = deadline;
	while ((code = gnutls_handshake(t->session)) < 0) {
		if (clock_left(deadline) == 0)
			return err_set(e, ERR_TEMP, "no TLS handshake in time");
		if (!again(code) && gnutls_error_is_fatal(code)) {
			if (t->why.kind)
				*e = t->why;
			else
				fail(t, code, "in the handshake", e);
			/* Tells the peer why, as far as that can be sent. */
			(void)gnutls_alert_send_appropriate(t->session, code);
			return -1;
		}
		if (!again(code))
			continue; /* a warning */
		came = sock_wait(t->sock, tls_wants(t) | SOCK_STOP, deadline);
		if (came == 0)
			return err_set(e, ERR_TEMP, "no TLS handshake in time");
		if (came < 0)
			return err_sys(e, ERR_TEMP, "TLS handshake");
		if (came == SOCK_STOP)
			return err_set(e, ERR_NO, "stopped");
	}
	t->up = true;
	t->deadline = CLOCK_NEVER;
	if (t->cause == TLS_CAUSE_FAILED)
		t->cause = TLS_CAUSE_NONE;
	return 0;
}

/* Called within the handshake, so that a peer that is not who it should be
 * gets an alert and nothing else. */
static int
check_peer(gnutls_session_t session)
{
	struct tls *t = gnutls_session_get_ptr(session);

	struct err why;

	if (tlsparts_check(session, t->cred, t->want, &t->cause, &why) == 0)
		t->cause = TLS_CAUSE_NONE;
	else if (!t->want->lenient) {
		t->why = why;
		return GNUTLS_E_CERTIFICATE_ERROR;
	}
	return 0;
}

static bool
is_address(const char *host)
{
	struct in6_addr any;

	return inet_pton(AF_INET, host, &any) == 1 ||
	       inet_pton(AF_INET6, host, &any) == 1;
}

static int
prepare_trust(struct tls *t, const struct tls_want *want, struct err *e)
{
	if (gnutls_certificate_allocate_credentials(&t->cred) < 0)
		return no_session(e);
	if (want->cert_file &&
	    tlsparts_load(t->cred, want->cert_file, want->key_file, e) < 0)
		return -1;
	if (!want->verify && !want->pin_count && !want->check)
		return 0;
	if (want->verify && !want->pin_count && !want->check &&
	    tlsparts_roots_load(want->roots, e) < 0)
		return -1;
	gnutls_session_set_ptr(t->session, t);
	gnutls_session_set_verify_function(t->session, check_peer);
	return 0;
}

static int
prepare_client(struct tls *t, const struct tls_want *want, struct err *e)
{
	t->want = want;
	if (prepare_trust(t, want, e) < 0)
		return -1;
	/* SNI has no address literals (RFC 6066, 3). A name IDNA refuses is
	 * left out, and found wanting by the check. */
	if (want->host && !is_address(want->host))
		(void)gnutls_server_name_set(t->session, GNUTLS_NAME_DNS,
		    want->host, strlen(want->host));
	if (gnutls_priority_set_direct(t->session,
		want->only_1_3 ? PRIORITY_1_3 : PRIORITY, NULL) < 0 ||
	    gnutls_credentials_set(
		t->session, GNUTLS_CRD_CERTIFICATE, t->cred) < 0)
		return no_session(e);
	if (want->resume)
		recall(t, want->resume);
	return 0;
}

int
tls_connect(const struct sock *s, const struct tls_want *want, int64_t deadline,
    struct tls **t_r, struct err *e)
{
	struct tls *t = begin(s, GNUTLS_CLIENT);
	int r;

	if (!t)
		return no_session(e);
	r = prepare_client(t, want, e);
	if (r == 0) {
		t->cause = TLS_CAUSE_FAILED;
		r = handshake(t, deadline, e);
	}
	t->want = NULL;
	if (want->cause_r)
		*want->cause_r = t->cause;
	if (r < 0)
		tls_free(&t);
	*t_r = t;
	return r;
}

int
tls_accept(const struct sock *s, const struct tls_cert *c, int64_t deadline,
    struct tls **t_r, struct err *e)
{
	struct tls *t = begin(s, GNUTLS_SERVER);

	if (!t)
		return no_session(e);
	if (gnutls_priority_set_direct(t->session, PRIORITY, NULL) < 0 ||
	    gnutls_credentials_set(
		t->session, GNUTLS_CRD_CERTIFICATE, tlsparts_server(c)) < 0) {
		no_session(e);
		goto bad;
	}
	if (handshake(t, deadline, e) < 0)
		goto bad;
	*t_r = t;
	return 0;
bad:
	tls_free(&t);
	return -1;
}

ssize_t
tls_recv(struct tls *t, void *p, size_t n, struct err *e)
{
	ssize_t got = gnutls_record_recv(t->session, p, n);

	if (got >= 0)
		return got;
	if (again((int)got))
		return TLS_WAIT;
	if (got == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	return fail(t, (int)got, "while reading", e);
}

ssize_t
tls_send(struct tls *t, const void *p, size_t n, struct err *e)
{
	ssize_t put = gnutls_record_send(t->session, p, n);

	if (put >= 0)
		return put;
	if (again((int)put))
		return TLS_WAIT;
	return fail(t, (int)put, "while writing", e);
}

void
tls_free(struct tls **tp)
{
	struct tls *t = *tp;

	if (!t)
		return;
	*tp = NULL;
	if (t->up && t->resume)
		remember(t);
	if (t->up)
		(void)gnutls_bye(t->session, GNUTLS_SHUT_WR);
	gnutls_deinit(t->session);
	if (t->cred)
		gnutls_certificate_free_credentials(t->cred);
	mem_free(t);
}
