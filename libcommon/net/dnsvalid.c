/* Answers validated by libunbound.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_UNBOUND
#	include <unbound.h>
#endif

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"

#include "net/dnsvalid.h"

#ifdef HAVE_UNBOUND

#	include <arpa/inet.h>
#	include <netinet/in.h>
#	include <poll.h>
#	include <pthread.h>

#	define CLASS_IN  1
#	define AD        0x20 /* of the header's octet 3 */
#	define EDE       15   /* RFC 8914 */
#	define EDE_BOGUS 6
#	define MOMENT    20                     /* ms */
#	define NAME_TEXT (INET6_ADDRSTRLEN + 8) /* "ADDR@PORT" */

struct dnsvalid {
	struct ub_ctx *ub;
	const struct given *given;
	int64_t timeout;
	pthread_mutex_t lock; /* of what follows, and of questions' done */
	pthread_cond_t more;
	bool led; /* a thread takes answers for all */
};

/* One question that libunbound is asked. */
struct asked {
	struct dnsvalid *v;
	struct dnsask_question *q;
	int id;
	bool done;
};

/* What a file of keys has at least. */
static int
check_anchors(const char *path, struct err *e)
{
	struct buf text;
	int ret;

	buf_init(&text, DNSVALID_FILE_MAX);
	ret = io_read_file(path, &text, e);
	if (ret == 0 &&
	    slice_search(buf_view(&text), slice_str("DS")) == SIZE_MAX &&
	    slice_search(buf_view(&text), slice_str("DNSKEY")) == SIZE_MAX)
		ret = err_set(e, ERR_DATA,
		    "'%s' has no keys to trust: give DS or DNSKEY records, as "
		    "root.key has them",
		    path);
	buf_free(&text);
	return ret;
}

static int
add_server(struct ub_ctx *ub, const struct dnsask_server *s)
{
	const struct sockaddr_in *in4 = (const void *)&s->addr;
	const struct sockaddr_in6 *in6 = (const void *)&s->addr;
	bool is4 = s->addr.ss_family == AF_INET;
	char ip[INET6_ADDRSTRLEN] = "";
	struct buf text;
	int ret;

	inet_ntop(s->addr.ss_family,
	    is4 ? (const void *)&in4->sin_addr : (const void *)&in6->sin6_addr,
	    ip, sizeof(ip));
	buf_init(&text, NAME_TEXT);
	buf_fmt(&text, "%s@%u", ip,
	    (unsigned)ntohs(is4 ? in4->sin_port : in6->sin6_port));
	ret = ub_ctx_set_fwd(ub, buf_str(&text));
	buf_free(&text);
	return ret;
}

/* Names that the library would answer by itself are asked for, too. */
static int
set_up(struct dnsvalid *v, const char *anchors, const struct dnsask_plan *plan)
{
	static const char *const options[][2] = {
		{ "do-not-query-localhost:", "no" },
		{ "unblock-lan-zones:", "yes" },
		{ "qname-minimisation:", "no" },
		{ "val-log-level:", "0" },
	};
	struct ub_result *r = NULL;
	int bad = 0;

	ub_ctx_debugout(v->ub, NULL);
	bad = ub_ctx_async(v->ub, true);
	for (size_t i = 0; i < COUNT_OF(options) && !bad; i++)
		bad = ub_ctx_set_option(v->ub, options[i][0], options[i][1]);
	for (size_t i = 0; i < plan->count && !bad; i++)
		bad = add_server(v->ub, &plan->servers[i]);
	if (!bad)
		bad = ub_ctx_add_ta_file(v->ub, anchors);
	/* It reads the file with the first question: one that asks nobody. */
	if (!bad)
		bad = ub_resolve(v->ub, "localhost", DNS_A, CLASS_IN, &r);
	ub_resolve_free(r);
	return bad;
}

int
dnsvalid_new(struct dnsvalid **v_r, const char *anchors,
    const struct dnsask_plan *plan, struct err *e)
{
	struct dnsvalid *v;
	int bad;

	*v_r = NULL;
	if (check_anchors(anchors, e) < 0)
		return -1;
	v = mem_new(sizeof(*v));
	v->given = plan->given;
	v->timeout = plan->timeout;
	pthread_mutex_init(&v->lock, NULL);
	pthread_cond_init(&v->more, NULL);
	v->ub = ub_ctx_create();
	bad = v->ub ? set_up(v, anchors, plan) : UB_NOMEM;
	if (!bad) {
		*v_r = v;
		return 0;
	}
	dnsvalid_free(&v);
	return err_set(e, ERR_DATA, "cannot validate with the keys in '%s': %s",
	    anchors,
	    bad == UB_INITFAIL ? "libunbound cannot read them"
			       : ub_strerror(bad));
}

void
dnsvalid_free(struct dnsvalid **v)
{
	if (!*v)
		return;
	if ((*v)->ub)
		ub_ctx_delete((*v)->ub);
	pthread_cond_destroy(&(*v)->more);
	pthread_mutex_destroy(&(*v)->lock);
	mem_free(*v);
	*v = NULL;
}

/* A failure as a message (RFC 1035 section 4.1, RFC 8914). */
static void
put_failure(struct dnsask_question *q, bool bogus)
{
	struct buf *m = &q->message;
	static const char option[] = { 0, EDE, 0, 2, 0, EDE_BOGUS };

	dnswire_question(m, 0, &q->name, q->type, true);
	m->p[2] = (char)(m->p[2] | 0x80); /* QR */
	m->p[3] = DNSWIRE_SERVFAIL;
	if (!bogus)
		return;
	m->p[m->n - 1] = sizeof(option); /* of the OPT record's data */
	buf_add(m, option, sizeof(option));
}

static void
put_answer(struct dnsask_question *q, const struct ub_result *r)
{
	struct buf *m = &q->message;

	buf_add(m, r->answer_packet, (size_t)r->answer_len);
	m->p[3] = (char)(m->p[3] & ~AD);
	if (r->secure)
		m->p[3] = (char)(m->p[3] | AD);
}

/* Called on the thread that leads. */
static void
answered(void *arg, int bad, struct ub_result *r)
{
	struct asked *a = arg;
	struct dnsvalid *v = a->v;

	if (bad || r->bogus || !r->answer_packet ||
	    r->answer_len < DNSWIRE_HEADER)
		put_failure(a->q, !bad && r->bogus);
	else
		put_answer(a->q, r);
	if (!bad && r->bogus && v->given)
		trace_say(v->given->trace, "dns: %s %s: bogus: %s",
		    dns_type_name(a->q->type), r->qname,
		    r->why_bogus ? r->why_bogus : "");
	a->q->status = DNS_OK;
	if (!bad)
		ub_resolve_free(r);
	pthread_mutex_lock(&v->lock);
	a->done = true;
	pthread_mutex_unlock(&v->lock);
}

/* Takes answers for all threads, for a moment; the lock is held. */
static void
lead(struct dnsvalid *v)
{
	struct pollfd f = { ub_fd(v->ub), POLLIN, 0 };

	v->led = true;
	pthread_mutex_unlock(&v->lock);
	if (poll(&f, 1, MOMENT) > 0)
		ub_process(v->ub);
	pthread_mutex_lock(&v->lock);
	v->led = false;
	pthread_cond_broadcast(&v->more);
}

static size_t
not_done(const struct asked *a, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		left += !a[i].done;
	return left;
}

void
dnsvalid_ask(struct dnsvalid *v, struct dnsask_question *q, size_t n)
{
	struct asked *all = mem_array(n, sizeof(*all));
	int64_t deadline = clock_deadline(v->timeout);
	struct arena a = { 0 };

	for (size_t i = 0; i < n; i++) {
		all[i] = (struct asked){ .v = v, .q = &q[i] };
		buf_init(&q[i].message, DNSWIRE_MESSAGE_MAX);
		q[i].status = DNS_TIMEOUT;
		all[i].done = ub_resolve_async(v->ub,
				  dnsname_text(&q[i].name, &a), (int)q[i].type,
				  CLASS_IN, &all[i], answered, &all[i].id) != 0;
	}
	pthread_mutex_lock(&v->lock);
	/* While another leads, an answer may be at hand: no end then. */
	while (v->led || (not_done(all, n) && clock_left(deadline)))
		if (v->led)
			pthread_cond_wait(&v->more, &v->lock);
		else
			lead(v);
	for (size_t i = 0; i < n; i++)
		if (!all[i].done)
			ub_cancel(v->ub, all[i].id);
	pthread_mutex_unlock(&v->lock);
	arena_free(&a);
	mem_free(all);
}

#else

int
dnsvalid_new(struct dnsvalid **v_r, const char *anchors UNUSED,
    const struct dnsask_plan *plan UNUSED, struct err *e)
{
	*v_r = NULL;
	return err_set(e, ERR_UNAVAILABLE,
	    "cannot validate: this build lacks libunbound (install "
	    "libunbound-dev and libevent-dev, and build again)");
}

void
dnsvalid_free(struct dnsvalid **v UNUSED)
{
}

void
dnsvalid_ask(struct dnsvalid *v UNUSED, struct dnsask_question *q UNUSED,
    size_t n UNUSED)
{
}

#endif
