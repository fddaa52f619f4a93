/* Adding a set to an ARC chain (see arc.h; RFC 8617 section 5.1).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/token.h"

#include "auth/arc.h"
#include "auth/dkimsig.h"
#include "auth/letter.h"
#include "auth/result.h"

#define LONG     900        /* the same of a signature that is sealed */
#define LINE     72         /* characters of a line of base64 and of h= */
#define TEXT_MAX (1u << 20) /* octets of a field we write */

/* What is at hand while one letter is sealed. */
struct sealing {
	const struct dkim_letter *m;
	const struct arc_plan *p;
	const char *eol;
	struct arena *a;
	struct slice *field_names;
	struct slice *names; /* h= */
	size_t name_count;
	size_t instance;
	enum arc_cv cv;
	struct arc_report chain;
	struct canon_hash body;
	struct buf results, message, seal;
};

/* What stands behind "authserv-id [version];", without blanks around it; empty
 * when the field is not ours, or says "none". */
static struct slice
results_of(struct sealing *g, struct slice field)
{
	struct slice id, body, none;

	slice_take_until(&field, ':', NULL);
	body = field;
	if (result_authserv_id(body, g->a, &id) != 1 ||
	    !slice_is_nocase(id, g->p->authserv_id))
		return slice_of(NULL, 0);
	slice_take_until(&body, ';', NULL);
	body = slice_trim(body);
	while (slice_ends_nocase(body, ";"))
		body = slice_trim_end(slice_sub(body, 0, body.n - 1));
	none = body;
	return slice_take_prefix_nocase(&none, "none") && !none.n ? none : body;
}

/* Line ends of the source become ours. */
static void
put_lines(struct sealing *g, struct slice text, struct buf *out)
{
	struct slice line;

	for (bool first = true; slice_take_line(&text, &line, NULL);
	     first = false) {
		if (!first)
			buf_text(out, g->eol);
		buf_slice(out, line);
	}
}

/*	arc-authres-header = "ARC-Authentication-Results:" [CFWS] arc-info
 *	arc-info = instance [CFWS] ";" authres-payload   (4.1.1) */
static void
put_results(struct sealing *g)
{
	struct buf *out = &g->results;
	bool any = false;

	buf_fmt(out, "ARC-Authentication-Results: i=%zu; %s;", g->instance,
	    g->p->authserv_id);
	for (size_t i = 0; i < g->m->count; i++) {
		struct slice r;

		if (!slice_is_nocase(
			g->field_names[i], "Authentication-Results"))
			continue;
		r = results_of(g, g->m->fields[i]);
		if (!r.n)
			continue;
		if (any)
			buf_fmt(out, ";%s   ", g->eol);
		buf_char(out, ' ');
		put_lines(g, r, out);
		any = true;
	}
	buf_fmt(out, "%s%s", any ? "" : " none", g->eol);
}

/* "b=", and base64 in lines of `line` characters. That of the message is one
 * line where it can be: the seal covers it, and blanks inside count there, so
 * that a forwarder who folds otherwise would break it. */
static void
put_signature(
    struct sealing *g, struct slice octets, size_t line, struct buf *out)
{
	struct buf text;
	struct slice rest;
	size_t room = line - 2;

	buf_init(&text, 2 * KEY_SIGNATURE_MAX);
	base64_encode(octets, &text);
	rest = buf_view(&text);
	buf_text(out, "b=");
	while (rest.n) {
		buf_slice(out, slice_take(&rest, room));
		if (rest.n)
			buf_fmt(out, "%s    ", g->eol);
		room = line;
	}
	buf_char(out, ';');
	buf_free(&text);
}

static void
put_names(struct sealing *g, struct buf *out)
{
	size_t column = 20 + strlen(g->p->sign.domain);

	buf_text(out, "h=");
	for (size_t i = 0; i < g->name_count; i++) {
		if (i)
			buf_char(out, ':');
		if (i && column + g->names[i].n > LINE) {
			buf_fmt(out, "%s    ", g->eol);
			column = 4;
		}
		buf_slice(out, g->names[i]);
		column += g->names[i].n + 1;
	}
	buf_char(out, ';');
}

static void
put_message(struct sealing *g, struct slice signature)
{
	const struct dkim_plan *p = &g->p->sign;
	struct buf *out = &g->message;

	buf_reset(out);
	buf_fmt(out, "ARC-Message-Signature: a=%s-sha256;%s    ",
	    key_kind_name(key_kind(p->signers->key)), g->eol);
	put_signature(g, signature, LONG, out);
	buf_fmt(out, "%s    bh=", g->eol);
	base64_encode(slice_of(g->body.sum, DIGEST_SHA256_SIZE), out);
	buf_fmt(out, "; c=%s/%s;%s    d=%s; ", canon_name(p->header_mode),
	    canon_name(p->body_mode), g->eol, p->domain);
	put_names(g, out);
	buf_fmt(out, "%s    i=%zu; s=%s; t=%lld%s", g->eol, g->instance,
	    p->signers->selector, (long long)p->made, g->eol);
}

static void
put_seal(struct sealing *g, struct slice signature)
{
	const struct dkim_plan *p = &g->p->sign;
	struct buf *out = &g->seal;

	buf_reset(out);
	buf_fmt(out, "ARC-Seal: a=%s-sha256;%s    ",
	    key_kind_name(key_kind(p->signers->key)), g->eol);
	put_signature(g, signature, LINE, out);
	buf_fmt(out, " cv=%s; d=%s; i=%zu; s=%s;%s    t=%lld%s",
	    arc_cv_name(g->cv), p->domain, g->instance, p->signers->selector,
	    g->eol, (long long)p->made, g->eol);
}

static int
sign(
    struct sealing *g, const unsigned char *sum, struct buf *out, struct err *e)
{
	buf_reset(out);
	return key_sign(g->p->sign.signers->key, sum, out, e);
}

static int
sign_message(struct sealing *g, struct buf *octets, struct err *e)
{
	struct dkimsig_cover cover = { .m = g->m,
		.field_names = g->field_names,
		.names = g->names,
		.name_count = g->name_count,
		.own = SIZE_MAX,
		.mode = g->p->sign.header_mode };
	unsigned char sum[DIGEST_MAX];

	put_message(g, slice_of(NULL, 0));
	cover.signature = buf_view(&g->message);
	if (dkimsig_hash(&cover, DIGEST_SHA256, sum, e) < 0 ||
	    sign(g, sum, octets, e) < 0)
		return -1;
	put_message(g, buf_view(octets));
	return 0;
}

static int
sign_seal(struct sealing *g, struct buf *octets, struct err *e)
{
	struct arc_cover cover = { .m = g->m,
		.sets = g->chain.sets,
		.count = g->instance - 1,
		.alone = g->cv == ARC_FAIL,
		.results = buf_view(&g->results),
		.message = buf_view(&g->message) };
	unsigned char sum[DIGEST_MAX];

	put_seal(g, slice_of(NULL, 0));
	cover.last = buf_view(&g->seal);
	if (arc_seal_hash(&cover, DIGEST_SHA256, sum, e) < 0 ||
	    sign(g, sum, octets, e) < 0)
		return -1;
	put_seal(g, buf_view(octets));
	return 0;
}

/* What a field of ours says about the chain (RFC 8617 10.2). */
static enum arc_cv
cv_in(struct sealing *g, struct slice field)
{
	struct result r;
	struct err e;

	slice_take_until(&field, ':', NULL);
	if (result_read(field, g->a, &r, &e) != 1 ||
	    !slice_is_nocase(slice_str(r.authserv_id), g->p->authserv_id))
		return ARC_UNKNOWN;
	for (size_t i = 0; i < r.count; i++) {
		if (strcmp(r.methods[i]->method, "arc") != 0)
			continue;
		for (enum arc_cv cv = ARC_NONE; cv < ARC_UNKNOWN; cv++)
			if (strcmp(r.methods[i]->result, arc_cv_name(cv)) == 0)
				return cv;
	}
	return ARC_UNKNOWN;
}

static int
find_cv(struct sealing *g, struct err *e)
{
	g->cv = g->p->cv;
	for (size_t i = 0; i < g->m->count && g->cv == ARC_UNKNOWN; i++)
		if (slice_is_nocase(
			g->field_names[i], "Authentication-Results"))
			g->cv = cv_in(g, g->m->fields[i]);
	if (g->cv == ARC_UNKNOWN && !g->chain.count)
		g->cv = ARC_NONE;
	if (g->cv == ARC_UNKNOWN)
		return err_set(e, ERR_DATA,
		    "its chain was not judged: run mverify --add %s first, or "
		    "give --cv",
		    g->p->authserv_id);
	return 0;
}

/* The next instance, or 0: this chain takes no more sets (5.1). */
static int
next_instance(struct sealing *g, struct err *e)
{
	int r = arc_collect(g->m, g->a, &g->chain);
	const struct arc_report *c = &g->chain;

	if (r > 0 && slice_is(c->sets[c->count - 1].cv, "fail"))
		return 0;
	if (find_cv(g, e) < 0)
		return -1;
	if (r < 0 && g->cv != ARC_FAIL)
		return err_set(e, ERR_DATA,
		    "its chain is broken, which calls for cv=fail: %s",
		    c->reason);
	if ((c->count == 0) != (g->cv == ARC_NONE))
		return err_set(e, ERR_DATA, "cv=%s, and it has %s chain",
		    arc_cv_name(g->cv), c->count ? "a" : "no");
	if (c->count >= ARC_SETS_MAX)
		return err_set(
		    e, ERR_DATA, "its chain has %d sets", ARC_SETS_MAX);
	g->instance = c->count + 1;
	return 1;
}

static int
seal(struct sealing *g, struct buf *out, struct err *e)
{
	struct buf octets;
	int r;

	g->field_names = arena_array(g->a, g->m->count, sizeof(*g->names));
	for (size_t i = 0; i < g->m->count; i++)
		g->field_names[i] = letter_field_name(g->m->fields[i]);
	r = next_instance(g, e);
	if (r <= 0)
		return r;
	g->body.mode = g->p->sign.body_mode;
	g->body.limit = CANON_ALL;
	if (dkimsig_names(
		g->m, &g->p->sign, g->a, &g->names, &g->name_count, e) < 0 ||
	    canon_hash_body(g->m->map, g->m->body, &g->body, 1, e) < 0)
		return -1;
	put_results(g);
	buf_init(&octets, KEY_SIGNATURE_MAX);
	r = sign_message(g, &octets, e);
	if (r == 0)
		r = sign_seal(g, &octets, e);
	buf_free(&octets);
	if (r == 0) {
		buf_slice(out, buf_view(&g->seal));
		buf_slice(out, buf_view(&g->message));
		buf_slice(out, buf_view(&g->results));
	}
	if (r == 0 && (buf_over(out) || buf_over(&g->results)))
		r = err_set(e, ERR_DATA, "the set is over %u octets", TEXT_MAX);
	return r;
}

int
arc_seal(const struct dkim_letter *m, const struct arc_plan *p, const char *eol,
    struct buf *out, struct err *e)
{
	struct arena a = { 0 };
	struct sealing g = { .m = m, .p = p, .eol = eol, .a = &a };
	int r;

	buf_init(&g.results, TEXT_MAX);
	buf_init(&g.message, TEXT_MAX);
	buf_init(&g.seal, TEXT_MAX);
	r = seal(&g, out, e);
	buf_free(&g.results);
	buf_free(&g.message);
	buf_free(&g.seal);
	arena_free(&a);
	return r;
}
