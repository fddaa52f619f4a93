/* Making DKIM signatures (see dkim.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/idna.h"
#include "text/taglist.h"

#include "auth/dkimsig.h"
#include "auth/letter.h"

#define LINE 76 /* characters of a line we write, where it can be */

/* What is signed when nobody says otherwise (RFC 6376 5.4.1). Of those that a
 * reader sees or that say how the body is read, one more is signed than there
 * are, so that none can be added (oversigning). Lists add the others. */
static const struct {
	const char *name;
	bool over;
} choice[] = {
	{ "From", true },
	{ "Sender", false },
	{ "Reply-To", true },
	{ "To", true },
	{ "Cc", true },
	{ "Subject", true },
	{ "Date", true },
	{ "Message-ID", true },
	{ "In-Reply-To", true },
	{ "References", true },
	{ "MIME-Version", true },
	{ "Content-Type", true },
	{ "Content-Transfer-Encoding", false },
	{ "Content-Disposition", false },
	{ "Content-Language", false },
	{ "Resent-Date", false },
	{ "Resent-From", false },
	{ "Resent-Sender", false },
	{ "Resent-To", false },
	{ "Resent-Cc", false },
	{ "Resent-Message-ID", false },
	{ "List-Id", false },
	{ "List-Help", false },
	{ "List-Subscribe", false },
	{ "List-Unsubscribe", false },
	{ "List-Unsubscribe-Post", false },
	{ "List-Owner", false },
	{ "List-Post", false },
	{ "List-Archive", false },
	{ "Feedback-ID", false },
};

/* What is at hand while one letter is signed. */
struct signing {
	const struct dkim_letter *m;
	const struct dkim_plan *p;
	const char *eol;
	struct arena arena;
	struct slice *field_names;
	struct slice names[DKIM_NAMES_MAX];
	size_t name_count;
	struct canon_hash body;
};

/* A signature field while it is written. */
struct line {
	struct buf *out;
	const char *eol;
	size_t column;
};

/* Puts a word behind what is there, on a new line when it does not fit. */
static void
put_word(struct line *l, const char *word)
{
	size_t n = strlen(word);

	if (l->column > 1 && l->column + n + 1 > LINE) {
		buf_fmt(l->out, "%s\t", l->eol);
		l->column = 1;
	} else if (l->column > 1) {
		buf_char(l->out, ' ');
		l->column++;
	}
	buf_text(l->out, word);
	l->column += n;
}

/* Puts text that may break after any character (base64), or after ':'. */
static void
put_breaking(struct line *l, struct slice text, bool at_colon)
{
	while (text.n) {
		struct slice piece;

		if (at_colon) {
			size_t colon = slice_find(text, ':');

			piece = slice_take(
			    &text, colon == SIZE_MAX ? text.n : colon + 1);
		} else {
			piece = slice_take(
			    &text, l->column < LINE ? LINE - l->column : 1);
		}
		if (l->column > 1 && l->column + piece.n > LINE) {
			buf_fmt(l->out, "%s\t", l->eol);
			l->column = 1;
		}
		buf_slice(l->out, piece);
		l->column += piece.n;
		if (!at_colon && text.n) {
			buf_fmt(l->out, "%s\t", l->eol);
			l->column = 1;
		}
	}
}

/* A header that all read alike, with exactly one From (RFC 5322 3.6): with none
 * or two nobody can tell whose letter it is. */
static int
check_header(const struct signing *g, struct err *e)
{
	size_t first = SIZE_MAX;

	if (g->m->broken.n)
		return err_set(e, ERR_DATA,
		    "line %zu is no header field: '%.*s'",
		    letter_line(g->m, g->m->count), SLICE_ARG(g->m->broken));
	for (size_t i = 0; i < g->m->count; i++) {
		if (!slice_is_nocase(g->field_names[i], "From"))
			continue;
		if (first != SIZE_MAX)
			return err_set(e, ERR_DATA,
			    "line %zu: a second From field, the first is in "
			    "line %zu: it must have one",
			    letter_line(g->m, i), letter_line(g->m, first));
		first = i;
	}
	return first != SIZE_MAX
	           ? 0
	           : err_set(e, ERR_DATA,
			 "no From field in the header (lines 1 to %zu)",
			 letter_line(g->m, g->m->count));
}

static int
add_name(struct signing *g, struct slice name, struct err *e)
{
	if (g->name_count == DKIM_NAMES_MAX)
		return err_set(e, ERR_DATA,
		    "more than %d fields to sign, the last is '%.*s'",
		    DKIM_NAMES_MAX, SLICE_ARG(name));
	g->names[g->name_count++] = name;
	return 0;
}

static int
choose_names(struct signing *g, struct err *e)
{
	for (size_t i = 0; i < COUNT_OF(choice); i++) {
		size_t n = choice[i].over && !g->p->plain;

		for (size_t k = 0; k < g->m->count; k++)
			n += slice_is_nocase(g->field_names[k], choice[i].name);
		for (; n; n--)
			if (add_name(g, slice_str(choice[i].name), e) < 0)
				return -1;
	}
	return 0;
}

/* field-name = 1*ftext, without ";" which would end the tag (6376 2.10) */
static bool
is_field_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		int c = (unsigned char)name.p[i];

		if (c <= ' ' || c >= 127 || c == ':' || c == ';')
			return false;
	}
	return name.n > 0;
}

static int
read_names(struct signing *g, struct err *e)
{
	struct slice rest = slice_str(g->p->names), name;
	bool from = false;

	while (taglist_item(&rest, ':', &name)) {
		if (!is_field_name(name))
			return err_set(e, ERR_USAGE,
			    "'%.*s' is no name of a field", SLICE_ARG(name));
		from = from || slice_is_nocase(name, "From");
		if (add_name(g, name, e) < 0)
			return -1;
	}
	return from ? 0
	            : err_set(e, ERR_USAGE,
			  "the fields to sign must name From: '%s'",
			  g->p->names);
}

static int
check_plan(struct signing *g, struct err *e)
{
	const struct dkim_plan *p = g->p;
	struct slice domain;
	const char *at = p->auid ? strrchr(p->auid, '@') : NULL;
	const unsigned least = p->short_keys ? DKIM_BITS_MIN : DKIM_BITS_SIGN;

	for (size_t i = 0; i < p->signer_count; i++) {
		const struct key *k = p->signers[i].key;
		const char *name;

		if (dkimkey_name(slice_str(p->signers[i].selector),
			slice_str(p->domain), &g->arena, &name, e) < 0)
			return err_in(e, "cannot sign");
		if (key_kind(k) == KEY_RSA && key_bits(k) < least)
			return err_set(e, ERR_DATA,
			    "the key of selector '%s' has %u bits, RFC 8301 "
			    "wants %u: make one with --genkey rsa:2048",
			    p->signers[i].selector, key_bits(k), least);
	}
	if (!p->auid)
		return 0;
	if (!at || idna_to_dns(slice_str(at + 1), &g->arena, &domain, e) < 0 ||
	    !dns_name_under(arena_copy(&g->arena, domain), p->domain))
		return err_set(e, ERR_USAGE,
		    "identity '%s' is not within the domain '%s'", p->auid,
		    p->domain);
	return 0;
}

/* dkim-quoted-printable (2.11) of an identity: what is not dkim-safe-char. */
static void
quote_identity(const char *auid, struct buf *out)
{
	for (; *auid; auid++) {
		int c = (unsigned char)*auid;

		if (c > ' ' && c < 127 && c != ';' && c != '=')
			buf_char(out, c);
		else
			buf_fmt(out, "=%02X", (unsigned)c);
	}
}

static void
put_tags(struct signing *g, struct line *l, const struct dkim_signer *s)
{
	const struct dkim_plan *p = g->p;
	struct arena *a = &g->arena;
	struct buf auid;

	put_word(
	    l, arena_fmt(a, "a=%s-sha256;", key_kind_name(key_kind(s->key))));
	put_word(l, arena_fmt(a, "c=%s/%s;", canon_name(p->header_mode),
			canon_name(p->body_mode)));
	put_word(l, arena_fmt(a, "d=%s;", p->domain));
	put_word(l, arena_fmt(a, "s=%s;", s->selector));
	put_word(l, arena_fmt(a, "t=%lld;", (long long)p->made));
	if (p->lifetime)
		put_word(l, arena_fmt(a, "x=%lld;",
				(long long)(p->made + p->lifetime)));
	if (!p->auid)
		return;
	buf_init(&auid, DKIM_FIELD_MAX);
	quote_identity(p->auid, &auid);
	put_word(l, arena_fmt(a, "i=%s;", buf_str(&auid)));
	buf_free(&auid);
}

/* The field up to "b=". */
static void
put_unsigned(struct signing *g, struct line *l, const struct dkim_signer *s)
{
	struct buf b;

	buf_text(l->out, "DKIM-Signature: v=1;");
	l->column = 20;
	put_tags(g, l, s);
	buf_init(&b, DKIM_FIELD_MAX);
	buf_text(&b, "h=");
	for (size_t i = 0; i < g->name_count; i++)
		buf_fmt(&b, "%s%.*s", i ? ":" : "", SLICE_ARG(g->names[i]));
	buf_char(&b, ';');
	buf_fmt(l->out, "%s\t", l->eol);
	l->column = 1;
	put_breaking(l, buf_view(&b), true);
	buf_reset(&b);
	base64_encode(slice_of(g->body.sum, digest_size(DIGEST_SHA256)), &b);
	put_word(l, arena_fmt(&g->arena, "bh=%s;", buf_str(&b)));
	buf_free(&b);
	put_word(l, "b=");
}

static int
sign_one(struct signing *g, const struct dkim_signer *s, struct buf *out,
    struct err *e)
{
	size_t start = out->n;
	struct line l = { .out = out, .eol = g->eol };
	struct dkimsig_cover cover = { .m = g->m,
		.field_names = g->field_names,
		.names = g->names,
		.name_count = g->name_count,
		.own = SIZE_MAX,
		.mode = g->p->header_mode };
	unsigned char sum[DIGEST_MAX];
	struct buf raw, text;
	int r;

	put_unsigned(g, &l, s);
	cover.signature = slice_sub(buf_view(out), start, out->n);
	buf_init(&raw, KEY_SIGNATURE_MAX);
	buf_init(&text, 2 * KEY_SIGNATURE_MAX);
	r = dkimsig_hash(&cover, DIGEST_SHA256, sum, e);
	if (r == 0)
		r = key_sign(s->key, sum, &raw, e);
	if (r == 0) {
		base64_encode(buf_view(&raw), &text);
		put_breaking(&l, buf_view(&text), false);
		buf_text(out, g->eol);
	}
	buf_free(&raw);
	buf_free(&text);
	return r;
}

/* What is the same for all signatures of a letter. */
static int
prepare(struct signing *g, struct err *e)
{
	const struct dkim_letter *m = g->m;

	g->field_names =
	    arena_array(&g->arena, m->count, sizeof(*g->field_names));
	for (size_t i = 0; i < m->count; i++)
		g->field_names[i] = letter_field_name(m->fields[i]);
	if (check_plan(g, e) < 0 || check_header(g, e) < 0)
		return -1;
	return g->p->names ? read_names(g, e) : choose_names(g, e);
}

int
dkimsig_names(const struct dkim_letter *m, const struct dkim_plan *p,
    struct arena *a, struct slice **names_r, size_t *count_r, struct err *e)
{
	struct signing g = { .m = m, .p = p };
	int r = prepare(&g, e);

	*count_r = g.name_count;
	*names_r = arena_array(a, g.name_count, sizeof(**names_r));
	memcpy(*names_r, g.names, g.name_count * sizeof(**names_r));
	arena_free(&g.arena);
	return r;
}

int
dkim_sign(const struct dkim_letter *m, const struct dkim_plan *p,
    const char *eol, struct buf *out, struct err *e)
{
	struct signing g = { .m = m, .p = p, .eol = eol };
	int r;

	g.body.mode = p->body_mode;
	g.body.limit = CANON_ALL;
	r = prepare(&g, e);
	if (r == 0 && p->body_sum)
		memcpy(g.body.sum, p->body_sum, digest_size(DIGEST_SHA256));
	else if (r == 0)
		r = canon_hash_body(m->map, m->body, &g.body, 1, e);
	for (size_t i = 0; r == 0 && i < p->signer_count; i++)
		r = sign_one(&g, &p->signers[i], out, e);
	if (r == 0 && buf_over(out))
		r = err_set(e, ERR_DATA, "the signatures are over %zu octets",
		    out->max);
	arena_free(&g.arena);
	return r;
}
