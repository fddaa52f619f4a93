/* Authentication-Results written (RFC 8601 section 2.2), and the other two
 * faces.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/token.h"

#include "auth/result.h"

#define WORD_MAX 8192 /* octets of one word we write; a longer one is cut */

struct result_method *
result_add(
    struct result *r, struct arena *a, const char *method, const char *result)
{
	struct result_method *m = arena_new(a, sizeof(*m));

	m->method = method;
	m->result = result;
	if (r->count == r->cap)
		r->methods = arena_grow(a, r->methods, r->count, r->count + 1,
		    sizeof(struct result_method *), &r->cap);
	r->methods[r->count++] = m;
	return m;
}

void
result_prop(struct result_method *m, struct arena *a, const char *type,
    const char *name, struct slice value)
{
	if (m->prop_count == m->prop_cap)
		m->props = arena_grow(a, m->props, m->prop_count,
		    m->prop_count + 1, sizeof(*m->props), &m->prop_cap);
	m->props[m->prop_count++] = (struct result_prop){ type, name, value };
}

/* A line being written: words go onto it while they fit. */
struct line {
	struct buf *out;
	size_t start; /* of the line, in out */
};

static void
put_word(struct line *l, struct slice word)
{
	bool fits = l->out->n - l->start + 1 + word.n <= RESULT_LINE;

	if (!fits && l->out->n > l->start + 8) {
		buf_text(l->out, "\r\n       ");
		l->start = l->out->n - 7;
	}
	buf_char(l->out, ' ');
	buf_slice(l->out, word);
}

/* pvalue = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) ) [CFWS]
 *
 * Bare where the grammar lets it be, quoted elsewhere. */
static bool
is_bare(struct slice v)
{
	size_t at = slice_find(v, '@');
	struct slice local = slice_sub(v, 0, at);

	if (token_is_token(v))
		return true;
	/* Of the octets of a local part, "=" and "?" would not read back. */
	return at != SIZE_MAX && (at == 0 || token_is_token(local)) &&
	       token_is_token(slice_sub(v, at + 1, v.n));
}

/* Nothing that could end the line or the terminal's patience. */
static void
put_clean(struct slice v, struct buf *out)
{
	for (size_t i = 0; i < v.n && out->n < WORD_MAX; i++) {
		int c = slice_at(v, i);

		buf_char(out, ascii_is_control(c) ? '?' : c);
	}
}

static void
put_value(struct slice v, bool always, struct buf *word)
{
	struct buf clean;

	buf_init(&clean, WORD_MAX + 1);
	put_clean(v, &clean);
	if (!always && is_bare(buf_view(&clean)))
		buf_slice(word, buf_view(&clean));
	else
		token_quote(buf_view(&clean), word);
	buf_free(&clean);
}

static void
put_comment(struct slice v, struct buf *word)
{
	struct buf clean;

	buf_init(&clean, WORD_MAX + 1);
	put_clean(v, &clean);
	buf_char(word, '(');
	for (size_t i = 0; i < clean.n; i++) {
		if (strchr("()\\", clean.p[i]))
			buf_char(word, '\\');
		buf_char(word, clean.p[i]);
	}
	buf_char(word, ')');
	buf_free(&clean);
}

/*	resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ]
 *	          [ CFWS 1*propspec ]
 */
static void
put_method(struct line *l, const struct result_method *m, bool last)
{
	struct buf word;

	buf_init(&word, 3 * WORD_MAX);
	buf_fmt(&word, "%s=%s", m->method, m->result);
	if (m->comment.n) {
		put_word(l, buf_view(&word));
		buf_reset(&word);
		put_comment(m->comment, &word);
	}
	if (m->reason.n) {
		put_word(l, buf_view(&word));
		buf_reset(&word);
		buf_text(&word, "reason=");
		put_value(m->reason, true, &word);
	}
	for (size_t i = 0; i < m->prop_count; i++) {
		const struct result_prop *p = &m->props[i];

		put_word(l, buf_view(&word));
		buf_reset(&word);
		buf_fmt(&word, "%s.%s=", p->type, p->name);
		put_value(p->value, false, &word);
	}
	if (!last)
		buf_char(&word, ';');
	put_word(l, buf_view(&word));
	buf_free(&word);
}

/*	authres-header-field = "Authentication-Results:" authres-payload
 *	authres-payload = [CFWS] authserv-id [ CFWS authres-version ]
 *	                  ( no-result / 1*resinfo ) [CFWS] CRLF
 *	no-result       = [CFWS] ";" [CFWS] "none"
 */
void
result_field(const struct result *r, struct buf *out)
{
	struct line l = { out, out->n };
	struct buf word;

	buf_init(&word, 3 * WORD_MAX);
	buf_text(out, "Authentication-Results:");
	put_value(slice_str(r->authserv_id ? r->authserv_id : "localhost"),
	    false, &word);
	buf_char(&word, ';');
	put_word(&l, buf_view(&word));
	buf_free(&word);
	if (r->count == 0)
		put_word(&l, slice_str("none"));
	for (size_t i = 0; i < r->count; i++) {
		buf_text(out, "\r\n       ");
		l.start = out->n - 7;
		put_method(&l, r->methods[i], i + 1 == r->count);
	}
	buf_text(out, "\r\n");
}

static struct json *
properties(const struct result_method *m)
{
	struct json *o = json_new_object();

	for (size_t i = 0; i < m->prop_count; i++) {
		const struct result_prop *p = &m->props[i];
		struct buf key;

		buf_init(&key, WORD_MAX);
		buf_fmt(&key, "%s.%s", p->type, p->name);
		if (!json_member(o, buf_str(&key)))
			json_put_slice(o, buf_str(&key), p->value);
		buf_free(&key);
	}
	return o;
}

struct json *
result_json(const struct result *r)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < r->count; i++) {
		const struct result_method *m = r->methods[i];
		struct json *o = json_new_object();

		json_put_text(o, "method", m->method);
		json_put_text(o, "result", m->result);
		json_put_slice(o, "reason", m->reason);
		json_put(o, "properties", properties(m));
		json_add(array, o);
	}
	return array;
}

void
result_text(const struct result *r, struct buf *out)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct result_method *m = r->methods[i];

		buf_fmt(out, "%s=%s", m->method, m->result);
		for (size_t j = 0; j < m->prop_count; j++) {
			buf_fmt(
			    out, " %s.%s=", m->props[j].type, m->props[j].name);
			put_value(m->props[j].value, false, out);
		}
		if (m->reason.n)
			buf_fmt(out, " (%.*s)", SLICE_ARG(m->reason));
		buf_char(out, '\n');
	}
}
