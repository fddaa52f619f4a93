/* What the IMAP and the POP3 half of a fetch share (see fetchrun.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/clock.h"

#include "net/stream.h"

#include "proto/imaplex.h"

#include "flow/fetchrun.h"

#define REMARK_MAX  512
#define KNOWN_GROUP 1024 /* facts committed together */
#define FACT_MAX    256
#define KEEPALIVE_S 60

/* The group comes next: what stood before it is done. */
static int
log_next(void *arg, const char *const *places, size_t n, struct err *e)
{
	struct fetchrun *r = arg;

	fetchstate_done(r->state);
	for (size_t i = 0; i < n; i++)
		fetchstate_next(r->state, places[i], r->taken[i].fact);
	return fetchstate_commit(r->state, e);
}

static int
log_gone(void *arg, size_t n, struct err *e)
{
	struct fetchrun *r = arg;

	for (size_t i = 0; i < n; i++)
		fetchstate_add(r->state, r->taken[i].fact);
	return fetchstate_commit(r->state, e);
}

static int
in_place(void *arg, const char *where, struct err *e)
{
	struct fetchrun *r = arg;

	return sink_in_place(r->sink, where, e);
}

static int
mended(void *arg, struct err *e)
{
	struct fetchrun *r = arg;

	return sink_mend_end(r->sink, e);
}

static int
open_sink(struct fetchrun *r, struct err *e)
{
	const struct fetch_plan *plan = r->plan;
	struct sink_plan want = { .target = r->target,
		.given = plan->given,
		.log = { log_next, log_gone, r },
		.forward = plan->forward,
		.forward_arg = plan->forward_arg,
		.environ = plan->environ,
		.command_out = plan->command_out };
	struct fetchstate_judge judge = { in_place, mended, r };

	if (sink_open(&want, &r->sink, e) < 0)
		return -1;
	if (!fetchstate_unsettled(r->state))
		return 0;
	if (sink_mend_begin(r->sink, e) < 0)
		return -1;
	return fetchstate_settle(r->state, &judge, e);
}

int
fetchrun_begin_box(struct fetchrun *r, struct err *e)
{
	size_t damaged;

	if (fetchstate_open(r->state_file, &r->state, e) < 0)
		return -1;
	damaged = fetchstate_damaged(r->state);
	if (damaged > 0)
		fetchrun_remark(r,
		    "'%s' has %zu damaged records: some messages may come "
		    "again",
		    r->state_file, damaged);
	return r->plan->dry_run ? 0 : open_sink(r, e);
}

/* Whatever ended it: what came whole stays. A commit that failed is the next
 * run's to mend, so nothing is called done after it. */
static int
finish(struct fetchrun *r, int ret, struct err *e)
{
	struct err after;

	sink_abort(r->sink);
	if (!r->broken && fetchrun_commit(r, &after) == 0) {
		fetchstate_done(r->state);
		if (fetchstate_commit(r->state, &after) == 0) {
			fetchstate_compact(r->state);
			return ret;
		}
	}
	if (ret == 0)
		*e = after;
	return -1;
}

int
fetchrun_end_box(struct fetchrun *r, int ret, struct err *e)
{
	if (r->sink)
		ret = finish(r, ret, e);
	digest_end(&r->digest, NULL);
	sink_free(&r->sink);
	fetchstate_free(&r->state);
	arena_free(&r->arena);
	imapset_free(&r->durable);
	return ret;
}

/* Who waits for a greeting in the clear may be at a port for TLS. */
int
fetchrun_no_greeting(const struct fetch_plan *plan, struct err *e)
{
	if (e && e->sys == ETIMEDOUT && !plan->tunnel &&
	    plan->tls != FETCH_TLS_IMPLICIT)
		err_in(e, "no greeting: is this a port for %s://?",
		    plan->protocol == FETCH_IMAP ? "imaps" : "pop3s");
	return -1;
}

int
fetchrun_no_mailbox(struct err *e)
{
	struct err why;

	if (!e || e->kind != ERR_NOINPUT)
		return -1;
	why = *e;
	return err_set(
	    e, why.kind, "%s: --list shows those that are there", why.text);
}

int
fetchrun_connect(
    const struct fetch_plan *plan, struct stream **s_r, struct err *e)
{
	int64_t deadline = clock_deadline(plan->timeout);
	char name[DIAL_TEXT_MAX];
	int on = 1, idle = KEEPALIVE_S;
	struct stream *s;
	int fd = dial(&plan->server, deadline, e);

	if (fd < 0)
		return -1;
	/* a peer that is gone without a word is noticed while we wait */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	dial_text(&plan->server, name);
	s = stream_new(fd, fd, name);
	stream_deadline(s, deadline);
	if (plan->tls == FETCH_TLS_IMPLICIT &&
	    stream_tls_client(s, &plan->want, e) < 0) {
		stream_free(&s);
		return -1;
	}
	*s_r = s;
	return 0;
}

bool
fetchrun_clear(const struct fetch_plan *plan)
{
	return (plan->tls == FETCH_TLS_OFF || plan->tls == FETCH_TLS_MAY) &&
	       dial_is_here(&plan->server);
}

uint64_t
fetchrun_max(const struct fetchrun *r)
{
	return r->plan->size_max ? r->plan->size_max : FETCH_SIZE_MAX;
}

int
fetchrun_begin(struct fetchrun *r, struct err *e)
{
	digest_end(&r->digest, NULL);
	r->digest = (struct digest){ 0 };
	r->size = 0;
	if (digest_begin(&r->digest, DIGEST_SHA256, e) < 0)
		return -1;
	return sink_begin(r->sink, e);
}

int
fetchrun_write(struct fetchrun *r, struct slice part, struct err *e)
{
	digest_add(&r->digest, part.p, part.n);
	r->size += part.n;
	return sink_write(r->sink, part, e);
}

void
fetchrun_abort(struct fetchrun *r)
{
	sink_abort(r->sink);
}

static void
lock(const struct fetchrun *r)
{
	pthread_mutex_lock(&r->common->lock);
}

static void
unlock(const struct fetchrun *r)
{
	pthread_mutex_unlock(&r->common->lock);
}

void
fetchrun_tell(const struct fetchrun *r, const struct fetch_result *what)
{
	lock(r);
	if (r->plan->result)
		r->plan->result(r->plan->arg, what);
	unlock(r);
}

void
fetchrun_count(const struct fetchrun *r, uint64_t *total, uint64_t n)
{
	lock(r);
	*total += n;
	unlock(r);
}

void
fetchrun_pass(struct fetchrun *r, enum fetch_outcome outcome,
    const struct fetchrun_name *name, uint64_t size)
{
	struct fetch_totals *totals = r->common->totals;
	struct fetch_result what = { .outcome = outcome,
		.mailbox = r->mailbox,
		.uid = name->uid,
		.uidl = name->uidl,
		.size = size,
		.flags = name->flags,
		.has_flags = name->has_flags };

	if (outcome == FETCH_KNOWN)
		fetchrun_count(r, &totals->known, 1);
	else if (outcome != FETCH_NEW)
		fetchrun_count(r, &totals->passed_over, 1);
	fetchrun_tell(r, &what);
}

static void
make_fact(const struct fetchrun *r, const struct fetchrun_name *name,
    const struct fetchstate_key *digest, struct buf *fact)
{
	if (name->uid && fetchstate_validity(r->state))
		fetchstate_uid(r->state, name->uid, r->size, digest, fact);
	else if (name->key)
		fetchstate_uidl(name->key, r->size, given_now(r->plan->given),
		    digest, fact);
	else
		fetchstate_content(r->size, digest, fact);
}

/* A known content under a new name: the fact is new, the message is not. */
static int
drop_known(struct fetchrun *r, const struct fetchrun_name *name,
    const char *fact, struct err *e)
{
	fetchrun_abort(r);
	fetchrun_pass(r, FETCH_KNOWN, name, r->size);
	if ((name->uid && fetchstate_validity(r->state)) ||
	    (name->key && !name->key_known))
		fetchstate_add(r->state, fact);
	if (r->plan->after == FETCH_SEEN)
		imapset_add(&r->durable, name->uid, name->uid);
	if (++r->known % KNOWN_GROUP > 0)
		return 1;
	return fetchstate_commit(r->state, e) < 0 ? -1 : 1;
}

/* Flags as the letters of a Maildir, in the order of the alphabet. */
void
fetchrun_letters(unsigned flags, char out[8])
{
	static const struct {
		unsigned bit;
		char letter;
	} letters[] = {
		{ IMAPLEX_DRAFT, 'D' },
		{ IMAPLEX_FLAGGED, 'F' },
		{ IMAPLEX_ANSWERED, 'R' },
		{ IMAPLEX_SEEN, 'S' },
		{ IMAPLEX_DELETED, 'T' },
	};
	size_t n = 0;

	for (size_t i = 0; i < COUNT_OF(letters); i++)
		if (flags & letters[i].bit)
			out[n++] = letters[i].letter;
	out[n] = '\0';
}

/* The worst of what commands said ends the run, once it is through: the
 * message stays new, and comes again. */
static int
not_taken(
    struct fetchrun *r, const struct fetchrun_name *name, const struct err *e)
{
	struct err *worst = &r->common->not_taken;

	lock(r);
	if (err_worse(worst->kind, e->kind) != worst->kind)
		*worst = *e;
	unlock(r);
	fetchrun_pass(r, FETCH_NOT_TAKEN, name, r->size);
	return 0;
}

static int
take(struct fetchrun *r, const struct fetchrun_name *name, const char *fact,
    struct err *e)
{
	struct fetchrun_taken *t = &r->taken[r->ntaken];
	char letters[8];
	struct sink_note note = { .flags = letters, .date = name->date };
	const char *path;
	int got;

	fetchrun_letters(name->flags, letters);
	got = sink_end(r->sink, &note, &path, e);
	if (got <= 0)
		return got < 0 ? -1 : not_taken(r, name, e);
	t->uid = name->uid;
	t->uidl = slice_of(arena_copy(&r->arena, name->uidl), name->uidl.n);
	t->size = r->size;
	t->path = path ? arena_string(&r->arena, path) : NULL;
	t->fact = arena_string(&r->arena, fact);
	t->flags = name->has_flags ? name->flags : 0;
	t->id = name->id.n ? arena_copy(&r->arena, name->id) : NULL;
	t->labels = name->labels.n ? arena_copy(&r->arena, name->labels) : NULL;
	r->ntaken++;
	return 1;
}

int
fetchrun_end(
    struct fetchrun *r, const struct fetchrun_name *name, struct err *e)
{
	unsigned char whole[DIGEST_MAX];
	struct fetchstate_key digest;
	struct buf fact;
	int ret;

	digest_end(&r->digest, whole);
	r->digest = (struct digest){ 0 };
	memcpy(digest.v, whole, FETCHSTATE_KEY);
	buf_init(&fact, FACT_MAX);
	make_fact(r, name, &digest, &fact);
	if (r->match && fetchstate_has_content(r->state, &digest))
		ret = drop_known(r, name, buf_str(&fact), e);
	else
		ret = take(r, name, buf_str(&fact), e);
	buf_free(&fact);
	if (ret < 0)
		return -1;
	if ((r->ntaken == SINK_GROUP || sink_full(r->sink)) &&
	    fetchrun_commit(r, e) < 0)
		return -1;
	if (r->plan->stopping && r->plan->stopping(r->plan->arg))
		return err_set(e, ERR_TEMP,
		    "stopped as asked; the next run goes on from here");
	return ret;
}

int
fetchrun_commit(struct fetchrun *r, struct err *e)
{
	if (!r->sink)
		return 0;
	r->broken = sink_commit(r->sink, e) < 0;
	if (r->broken)
		return -1;
	for (size_t i = 0; i < r->ntaken; i++) {
		const struct fetchrun_taken *t = &r->taken[i];

		struct fetch_result what = { FETCH_FETCHED, r->mailbox, t->uid,
			t->uidl, t->size, t->path, t->flags, t->uid != 0, t->id,
			t->labels };

		fetchrun_count(r, &r->common->totals->fetched, 1);
		fetchrun_count(r, &r->common->totals->octets, t->size);
		fetchrun_tell(r, &what);
		if (r->plan->after == FETCH_SEEN)
			imapset_add(&r->durable, t->uid, t->uid);
	}
	r->ntaken = 0;
	arena_free(&r->arena);
	lock(r);
	if (r->plan->progress)
		r->plan->progress(r->plan->arg, r->common->totals);
	unlock(r);
	return 0;
}

void
fetchrun_remark(const struct fetchrun *r, const char *fmt, ...)
{
	char text[REMARK_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	lock(r);
	if (r->plan->remark)
		r->plan->remark(r->plan->arg, text);
	unlock(r);
}
