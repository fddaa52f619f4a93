/* A session with one server (see connect.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "text/idna.h"

#include "net/dial.h"

#include "flow/connect.h"

struct connect {
	const struct connect_plan *plan;
	struct tls_roots *roots;
	pthread_mutex_t lock;               /* of what follows */
	const struct account_server *known; /* whose login it is */
	struct sasl_login login;
	struct buf secret;
	struct tls_resume *resume;
	const struct account_server *resumed; /* whose it is */
};

struct connect *
connect_new(const struct connect_plan *plan)
{
	struct connect *c = mem_new(sizeof(*c));

	c->plan = plan;
	c->roots = tls_roots_new(plan->ca_file);
	tls_roots_crl(c->roots, plan->crl_file);
	pthread_mutex_init(&c->lock, NULL);
	buf_init(&c->secret, ACCOUNT_PASSWORD_MAX);
	buf_room(&c->secret, ACCOUNT_PASSWORD_MAX); /* stays in place */
	return c;
}

void
connect_free(struct connect **cp)
{
	struct connect *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	tls_roots_free(&c->roots);
	tls_resume_free(&c->resume);
	pthread_mutex_destroy(&c->lock);
	buf_wipe(&c->secret);
	mem_free(c);
}

const char *
connect_helo(const struct connect_plan *plan)
{
	const char *host = plan->given->hostname;

	if (plan->helo)
		return plan->helo;
	return host && idna_is_ldh(slice_str(host)) ? host : "localhost";
}

/* Asked for once, and again only when another server comes. */
static int
find_login(struct connect *c, const struct account_server *server,
    struct connect_session *s, struct err *e)
{
	int r = 0;

	pthread_mutex_lock(&c->lock);
	if (c->known != server)
		r = account_secret(
		    &c->plan->login, server, &c->secret, &c->login, e);
	c->known = r == 0 ? server : NULL;
	s->login = c->login;
	pthread_mutex_unlock(&c->lock);
	s->login.random = c->plan->given->random;
	return r;
}

/* Sessions are resumed with the server of the last one. */
static struct tls_resume *
find_resume(struct connect *c, const struct account_server *server)
{
	struct tls_resume *r = NULL;

	pthread_mutex_lock(&c->lock);
	if (!c->resume) {
		c->resume = tls_resume_new();
		c->resumed = server;
	}
	if (c->resumed == server)
		r = c->resume;
	pthread_mutex_unlock(&c->lock);
	return r;
}

const char *
connect_trust(
    const struct connect_plan *plan, const struct account_server *server)
{
	const struct connect_peer *peer = server->peer;

	if (server->tls == SMTP_TLS_OFF)
		return NULL;
	if (plan->pin_count)
		return "pin";
	if (peer && peer->check)
		return peer->policy;
	if (server->tls != SMTP_TLS_VERIFY)
		return NULL;
	return peer && peer->policy ? peer->policy : "pkix";
}

static void
plan_tls(struct connect *c, const struct account_server *server,
    struct connect_session *s)
{
	static const struct connect_peer nothing = { .policy = NULL };
	const struct connect_peer *peer =
	    server->peer ? server->peer : &nothing;
	const struct connect_plan *plan = c->plan;

	s->want = (struct tls_want){
		.host = plan->tls_host   ? plan->tls_host
		        : peer->tls_name ? peer->tls_name
		                         : server->target.host,
		.verify = server->tls == SMTP_TLS_VERIFY || peer->testing,
		.lenient = peer->testing && server->tls != SMTP_TLS_VERIFY,
		.roots = c->roots,
		.now = given_fixed(plan->given),
		.pins = plan->pins,
		.pin_count = plan->pin_count,
		.check = peer->check,
		.arg = peer->arg,
		.cert_file = plan->cert_file,
		.key_file = plan->key_file,
		.only_1_3 = plan->only_1_3,
		.resume = find_resume(c, server),
		.cause_r = &s->cause,
	};
	s->verified_by = connect_trust(plan, server);
}

static int
plan_session(struct connect *c, const struct connect_to *to,
    struct connect_session *s, struct err *e)
{
	const struct connect_plan *plan = c->plan;
	const struct account_server *server = to->server;
	const char *user = account_user(&plan->login, server);

	if (user && find_login(c, server, s, e) < 0)
		return -1;
	if (server->tls != SMTP_TLS_OFF)
		plan_tls(c, server, s);
	s->plan = (struct smtp_plan){
		.lmtp = server->lmtp,
		.implicit_tls = server->implicit_tls,
		.tls = server->tls,
		.want = &s->want,
		.helo = connect_helo(plan),
		.login = user ? &s->login : NULL,
		.deadline = plan->deadline,
		.no_pipelining = plan->no_pipelining || to->one_by_one,
		.no_chunking = plan->no_chunking,
		.xclient = plan->xclient,
		.proxy = plan->proxy,
		.trace = plan->given->trace,
	};
	return 0;
}

/* From --source-ip, which is an address literal. */
static int
reach_from(const char *source, const struct dial_addr *addr, size_t n,
    const char *name, int64_t deadline, struct err *e)
{
	struct dial_addr from[DIAL_ADDR_MAX];
	size_t k = 0;

	if (source && dial_resolve(source, 0, from, &k, e) < 0)
		return -1;
	return dial_from(k ? from : NULL, addr, n, name, deadline, NULL, e);
}

static int
reach_target(struct connect *c, const struct dial_target *t, int64_t deadline,
    struct err *e)
{
	struct dial_addr addr[DIAL_ADDR_MAX];
	char name[DIAL_TEXT_MAX];
	size_t n;

	if (t->local)
		return dial(t, deadline, e);
	dial_text(t, name);
	if (dial_resolve(t->host, t->port, addr, &n, e) < 0)
		return -1;
	return reach_from(c->plan->source_ip, addr, n, name, deadline, e);
}

/* The proxy is asked for the server by name. */
static int
reach_by(struct connect *c, const struct account_server *server,
    int64_t deadline, struct err *e)
{
	const struct proxy *by = c->plan->by;
	int fd = reach_target(c, &by->at, deadline, e);

	if (fd < 0)
		return err_in(e, "proxy");
	if (proxy_connect(fd, by, &server->target, deadline, e) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
reach(struct connect *c, const struct account_server *server, struct err *e)
{
	const struct connect_peer *peer = server->peer;
	int64_t deadline = clock_deadline(CONNECT_MS);

	if (c->plan->deadline < deadline)
		deadline = c->plan->deadline;
	trace_say(c->plan->given->trace, "connecting to %s", server->text);
	if (c->plan->by && !server->target.local)
		return reach_by(c, server, deadline, e);
	if (peer && peer->addr)
		return reach_from(c->plan->source_ip, peer->addr,
		    peer->addr_count, server->text, deadline, e);
	return reach_target(c, &server->target, deadline, e);
}

/* RFC 8460, 4.3.1 and 4.3.2. */
static const char *
failure_name(const struct connect_session *s, bool dane)
{
	switch (s->cause) {
	case TLS_CAUSE_NAME:
		return "certificate-host-mismatch";
	case TLS_CAUSE_EXPIRED:
		return "certificate-expired";
	case TLS_CAUSE_UNTRUSTED:
		return dane ? "validation-failure" : "certificate-not-trusted";
	case TLS_CAUSE_FAILED:
		return "validation-failure";
	case TLS_CAUSE_NONE:
		break;
	}
	return "starttls-not-supported";
}

static int
open_once(struct connect *c, const struct account_server *server,
    struct connect_session *s, enum smtp_stage *stage_r, struct err *e)
{
	const struct connect_peer *peer = server->peer;
	int fd = reach(c, server, e);

	if (fd < 0)
		return -1;
	if (!server->target.local)
		dial_peer(fd, s->ip);
	if (smtp_open(&s->plan, stream_new(fd, fd, server->text), &s->smtp,
		stage_r, e) == 0) {
		if (!smtp_tls(s->smtp))
			s->verified_by = NULL;
		if (peer && peer->testing &&
		    (!smtp_tls(s->smtp) || s->cause != TLS_CAUSE_NONE))
			s->failure = failure_name(s, false);
		return 0;
	}
	if (*stage_r != SMTP_AT_STARTTLS)
		return -1;
	s->failure = failure_name(s, peer && peer->check);
	if (peer && peer->policy && e && e->kind == ERR_PROTO)
		e->kind = ERR_TEMP;
	return -1;
}

int
connect_open(struct connect *c, const struct connect_to *to,
    struct connect_session *s, enum smtp_stage *stage_r, struct err *e)
{
	const struct account_server *server = to->server;
	const struct trace *trace = c->plan->given->trace;

	*s = (struct connect_session){ .smtp = NULL };
	if (server->peer)
		s->failure = server->peer->failure;
	*stage_r = SMTP_AT_CONNECT;
	if (plan_session(c, to, s, e) < 0)
		return -1;
	if (open_once(c, server, s, stage_r, e) == 0)
		return 0;
	if (*stage_r != SMTP_AT_STARTTLS || !server->peer ||
	    !server->peer->opportunistic)
		return -1;
	/* RFC 7435: some mail without TLS is better than none. */
	trace_say(trace, "%s: once more without TLS", e->text);
	s->plan.tls = SMTP_TLS_OFF;
	*stage_r = SMTP_AT_CONNECT;
	return open_once(c, server, s, stage_r, e);
}

void
connect_close(struct connect_session *s)
{
	smtp_close(&s->smtp);
}
