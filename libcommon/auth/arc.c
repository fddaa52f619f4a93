/* Judging ARC chains (see arc.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/taglist.h"
#include "text/token.h"

#include "auth/arc.h"
#include "auth/dkimsig.h"
#include "auth/dkimtry.h"
#include "auth/letter.h"

#define INSTANCE_MAX 999 /* a number in i= that is looked at */

const char *
arc_cv_name(enum arc_cv cv)
{
	return cv == ARC_NONE ? "none" : cv == ARC_PASS ? "pass" : "fail";
}

static int fail(struct arc_report *r, struct arena *a, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static int
fail(struct arc_report *r, struct arena *a, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->cv = ARC_FAIL;
	r->reason = arena_string(a, text);
	return -1;
}

static struct slice
body_of(struct slice field)
{
	slice_take_until(&field, ':', NULL);
	return field;
}

/*	position = 1*2DIGIT ; 1 - 50     (4.2.1) */
static size_t
read_instance(struct slice text)
{
	uint64_t i;

	return slice_number(text, INSTANCE_MAX, &i) ? (size_t)i : 0;
}

/* instance = [CFWS] "i" [CFWS] "=" [CFWS] position, in front of ";" (4.1.1) */
static size_t
results_instance(struct slice body)
{
	struct slice digits;

	if (token_skip_cfws(&body) < 0 || slice_get(&body) != 'i' ||
	    token_skip_cfws(&body) < 0 || slice_get(&body) != '=' ||
	    token_skip_cfws(&body) < 0)
		return 0;
	digits = slice_take_while(&body, ascii_is_digit);
	if (token_skip_cfws(&body) < 0 || slice_peek(body) != ';')
		return 0;
	return read_instance(digits);
}

static size_t
tag_instance(struct slice body)
{
	struct taglist tags;

	taglist_parse(body, &tags, NULL);
	return read_instance(taglist_get(&tags, "i", ""));
}

/* The three fields of a set. */
static const char *const names[] = { "ARC-Authentication-Results",
	"ARC-Message-Signature", "ARC-Seal" };

static size_t *
slot(struct arc_set *s, size_t which)
{
	return which == 0 ? &s->results : which == 1 ? &s->message : &s->seal;
}

/* Puts field k into its set; fails when it has no instance, or it is there. */
static int
place(struct arc_report *r, const struct dkim_letter *m, struct arena *a,
    size_t k, size_t which)
{
	struct slice body = body_of(m->fields[k]);
	size_t i = which ? tag_instance(body) : results_instance(body);
	size_t *at;

	if (i < 1 || i > ARC_SETS_MAX)
		return fail(r, a, "%s without an instance of 1 to %d",
		    names[which], ARC_SETS_MAX);
	at = slot(&r->sets[i - 1], which);
	if (*at != SIZE_MAX)
		return fail(r, a, "two %s of instance %zu", names[which], i);
	*at = k;
	r->count = r->count > i ? r->count : i;
	return 0;
}

int
arc_collect(
    const struct dkim_letter *m, struct arena *a, struct arc_report *r_r)
{
	*r_r = (struct arc_report){ .reason = "" };
	r_r->sets = arena_array(a, ARC_SETS_MAX, sizeof(*r_r->sets));
	for (size_t i = 0; i < ARC_SETS_MAX; i++)
		r_r->sets[i].results = r_r->sets[i].message =
		    r_r->sets[i].seal = SIZE_MAX;
	for (size_t k = 0; k < m->count; k++)
		for (size_t w = 0; w < COUNT_OF(names); w++)
			if (slice_is_nocase(
				letter_field_name(m->fields[k]), names[w]) &&
			    place(r_r, m, a, k, w) < 0)
				return -1;
	for (size_t i = 0; i < r_r->count; i++)
		for (size_t w = 0; w < COUNT_OF(names); w++)
			if (*slot(&r_r->sets[i], w) == SIZE_MAX)
				return fail(r_r, a, "no %s of instance %zu",
				    names[w], i + 1);
	for (size_t i = 0; i < r_r->count; i++) {
		struct taglist tags;

		taglist_parse(
		    body_of(m->fields[r_r->sets[i].seal]), &tags, NULL);
		r_r->sets[i].cv = taglist_get(&tags, "cv", "");
	}
	return r_r->count > 0;
}

/* 5.2 step 3 C: cv=none in the first seal, cv=pass in the others. */
static int
check_cv(struct arc_report *r, struct arena *a)
{
	if (slice_is(r->sets[r->count - 1].cv, "fail"))
		return fail(r, a, "seal %zu says cv=fail", r->count);
	for (size_t i = 0; i < r->count; i++)
		if (!slice_is(r->sets[i].cv, i ? "pass" : "none"))
			return fail(r, a, "seal %zu has cv=%.*s", i + 1,
			    SLICE_ARG(r->sets[i].cv));
	return 0;
}

static void
put(struct digest *d, struct slice field, bool last, struct buf *b)
{
	buf_reset(b);
	canon_field(CANON_RELAXED, field, b);
	digest_add(d, b->p, last ? b->n - 2 : b->n);
}

int
arc_seal_hash(const struct arc_cover *c, enum digest_kind kind,
    unsigned char sum[DIGEST_MAX], struct err *e)
{
	struct digest d;
	struct buf b;
	bool over;

	if (digest_begin(&d, kind, e) < 0)
		return -1;
	buf_init(&b, DKIM_CANON_MAX);
	for (size_t i = 0; !c->alone && i < c->count; i++) {
		put(&d, c->m->fields[c->sets[i].results], false, &b);
		put(&d, c->m->fields[c->sets[i].message], false, &b);
		put(&d, c->m->fields[c->sets[i].seal], false, &b);
	}
	put(&d, c->results, false, &b);
	put(&d, c->message, false, &b);
	put(&d, c->last, true, &b);
	over = buf_over(&b);
	buf_free(&b);
	digest_end(&d, sum);
	return over ? err_set(e, ERR_DATA, "a header field is over %u octets",
			  DKIM_CANON_MAX)
	            : 0;
}

/* What makes a signature that is good no pass. */
static int
check_good(struct arc_report *r, const struct dkim_judge *j, struct arena *a,
    const struct dkim_signature *s, const char *what)
{
	bool weak = s->digest == DIGEST_SHA1 ||
	            (s->kind == KEY_RSA && s->bits < DKIM_BITS_MIN);

	if (s->code == DKIM_CODE_OK &&
	    !(weak && j->policy != DKIM_POLICY_LEGACY))
		return 0;
	r->temporary = s->result == DKIM_TEMPERROR;
	return fail(r, a, "%s: %s", what,
	    s->code == DKIM_CODE_OK ? "SHA-1, or a key too short (RFC 8301)"
				    : s->reason);
}

/* The newest ARC-Message-Signature, as DKIM has it (5.2 step 4). */
static int
check_message(struct arc_report *r, const struct dkim_letter *m,
    const struct dkim_judge *j, struct arena *a, struct err *e)
{
	struct dkim_signature *s = &r->message_sig;
	struct slice *field_names =
	    arena_array(a, m->count, sizeof(*m->fields));
	struct dkimsig_cover cover = { .m = m,
		.field_names = field_names,
		.names = s->names,
		.name_count = s->name_count,
		.own = r->sets[r->count - 1].message,
		.mode = s->header_mode };
	struct canon_hash h = {
		.mode = s->body_mode, .kind = s->digest, .limit = s->limit
	};
	struct dkimkey_set set;
	unsigned char sum[DIGEST_MAX];

	cover.signature = dkimsig_without_b(m->fields[cover.own], a);
	for (size_t i = 0; i < m->count; i++)
		field_names[i] = letter_field_name(m->fields[i]);
	if (dkimtry_look_up(s, 1, &set, j, a, e) < 0)
		return -1;
	if (s->code == DKIM_CODE_OK) {
		if (dkimsig_hash(&cover, s->digest, sum, e) < 0 ||
		    canon_hash_body(m->map, m->body, &h, 1, e) < 0)
			return -1;
		dkimtry_keys(s, &set, sum, j, a);
		dkimsig_body(s, &h, a);
	}
	return check_good(r, j, a, s, "message signature");
}

/* Every seal, from the newest down (5.2 step 6). */
static int
check_seals(struct arc_report *r, const struct dkim_letter *m,
    const struct dkim_judge *j, struct arena *a, struct err *e)
{
	struct dkim_signature *sig = arena_array(a, r->count, sizeof(*sig));
	struct dkimkey_set *keys = arena_array(a, r->count, sizeof(*keys));

	for (size_t i = 0; i < r->count; i++)
		dkimsig_read(
		    DKIMSIG_ARC_SEAL, m->fields[r->sets[i].seal], a, &sig[i]);
	if (dkimtry_look_up(sig, r->count, keys, j, a, e) < 0)
		return -1;
	for (size_t i = r->count; i--;) {
		const struct arc_set *set = &r->sets[i];
		struct arc_cover cover = { .m = m,
			.sets = r->sets,
			.count = i,
			.results = m->fields[set->results],
			.message = m->fields[set->message],
			.last = dkimsig_without_b(m->fields[set->seal], a) };
		unsigned char sum[DIGEST_MAX];

		if (sig[i].code == DKIM_CODE_OK) {
			if (arc_seal_hash(&cover, sig[i].digest, sum, e) < 0)
				return -1;
			dkimtry_keys(&sig[i], &keys[i], sum, j, a);
		}
		r->sets[i].seal_sig = sig[i];
		if (r->cv != ARC_FAIL)
			check_good(
			    r, j, a, &sig[i], arena_fmt(a, "seal %zu", i + 1));
	}
	return 0;
}

int
arc_verify(const struct dkim_letter *m, const struct dkim_judge *j,
    struct arena *a, struct arc_report *r_r, struct err *e)
{
	struct dkim_signature *s = &r_r->message_sig;

	if (arc_collect(m, a, r_r) <= 0 || check_cv(r_r, a) < 0)
		return 0;
	dkimsig_read(
	    DKIMSIG_ARC, m->fields[r_r->sets[r_r->count - 1].message], a, s);
	if (check_message(r_r, m, j, a, e) < 0)
		return r_r->cv == ARC_FAIL ? 0 : -1;
	if (check_seals(r_r, m, j, a, e) < 0)
		return -1;
	if (r_r->cv != ARC_FAIL)
		r_r->cv = ARC_PASS;
	return 0;
}
