/* What the IMAP and the POP3 half of a fetch share (see fetchrun.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

#include "net/stream.h"

#include "flow/fetchrun.h"

#define REMARK_MAX  512
#define KNOWN_GROUP 1024 /* facts committed together */
#define FACT_MAX    256

int
fetchrun_connect(
    const struct fetch_plan *plan, struct stream **s_r, struct err *e)
{
	int64_t deadline = clock_deadline(plan->timeout);
	char name[DIAL_TEXT_MAX];
	struct stream *s;
	int fd = dial(&plan->server, deadline, e);

	if (fd < 0)
		return -1;
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

/* A unix socket, "localhost" or a loopback address. */
bool
fetchrun_clear(const struct fetch_plan *plan)
{
	const char *host = plan->server.host;

	if (plan->tls != FETCH_TLS_OFF && plan->tls != FETCH_TLS_MAY)
		return false;
	return plan->server.local || strcmp(host, "localhost") == 0 ||
	       strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
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
	return fetchbox_begin(r->box, e);
}

int
fetchrun_write(struct fetchrun *r, struct slice part, struct err *e)
{
	digest_add(&r->digest, part.p, part.n);
	r->size += part.n;
	return fetchbox_write(r->box, part, e);
}

void
fetchrun_abort(struct fetchrun *r)
{
	fetchbox_abort(r->box);
}

static void
tell(struct fetchrun *r, enum fetch_outcome outcome, uint32_t uid,
    struct slice uidl, uint64_t size, const char *path)
{
	struct fetch_result result = { outcome, uid, uidl, size, path };

	if (r->plan->result)
		r->plan->result(r->plan->arg, &result);
}

void
fetchrun_pass(struct fetchrun *r, enum fetch_outcome outcome,
    const struct fetchrun_name *name, uint64_t size)
{
	if (outcome == FETCH_KNOWN)
		r->totals->known++;
	else if (outcome != FETCH_NEW)
		r->totals->passed_over++;
	tell(r, outcome, name->uid, name->uidl, size, NULL);
}

static void
make_fact(const struct fetchrun *r, const struct fetchrun_name *name,
    const struct fetchstate_key *digest, struct buf *fact)
{
	if (name->uid && fetchstate_validity(r->state))
		fetchstate_uid(r->state, name->uid, r->size, digest, fact);
	else if (name->key)
		fetchstate_uidl(name->key, r->size, digest, fact);
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
	    (name->key && !fetchstate_has_uidl(r->state, name->key)))
		fetchstate_add(r->state, fact);
	if (r->totals->known % KNOWN_GROUP > 0)
		return 0;
	return fetchstate_commit(r->state, e);
}

static int
take(struct fetchrun *r, const struct fetchrun_name *name, const char *fact,
    struct err *e)
{
	struct fetchbox_note note = { name->flags, name->date, fact };
	struct fetchrun_taken *t = &r->taken[r->ntaken];
	const char *path;

	if (fetchbox_end(r->box, &note, &path, e) < 0)
		return -1;
	t->uid = name->uid;
	t->uidl = slice_of(arena_copy(&r->arena, name->uidl), name->uidl.n);
	t->size = r->size;
	t->path = path ? arena_string(&r->arena, path) : NULL;
	r->ntaken++;
	return 0;
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
	if (ret == 0 && (r->ntaken == FETCHBOX_GROUP || fetchbox_full(r->box)))
		ret = fetchrun_commit(r, e);
	if (ret == 0 && r->plan->stopping && r->plan->stopping(r->plan->arg))
		return err_set(e, ERR_TEMP,
		    "stopped as asked; the next run goes on from here");
	return ret;
}

int
fetchrun_commit(struct fetchrun *r, struct err *e)
{
	if (!r->box)
		return 0;
	r->broken = fetchbox_commit(r->box, e) < 0;
	if (r->broken)
		return -1;
	for (size_t i = 0; i < r->ntaken; i++) {
		const struct fetchrun_taken *t = &r->taken[i];

		r->totals->fetched++;
		r->totals->octets += t->size;
		tell(r, FETCH_FETCHED, t->uid, t->uidl, t->size, t->path);
	}
	r->ntaken = 0;
	arena_free(&r->arena);
	if (r->plan->progress)
		r->plan->progress(r->plan->arg, r->totals);
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
	if (r->plan->remark)
		r->plan->remark(r->plan->arg, text);
}
