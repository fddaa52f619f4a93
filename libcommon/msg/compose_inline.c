/* Composes a message: pictures that its HTML names go with it (RFC 2392), and
 * a plain text made from it (see compose.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/html.h"
#include "text/htmltext.h"

#include "msg/compose_private.h"

/* Something like "https:", "cid:" or "data:", or "//host". */
static bool
is_elsewhere(struct slice src)
{
	struct slice scheme;
	bool found;

	if (slice_starts(src, "//") || slice_starts(src, "#") || !src.n)
		return true;
	scheme = slice_take_until(&src, ':', &found);
	return found && slice_find(scheme, '/') == SIZE_MAX;
}

/* "%20" and the like undone. */
static void
percent_decode(struct slice s, struct buf *out)
{
	while (s.n) {
		int high = ascii_hex(slice_at(s, 1));
		int low = ascii_hex(slice_at(s, 2));

		if (s.p[0] == '%' && high >= 0 && low >= 0) {
			buf_char(out, high << 4 | low);
			slice_take(&s, 3);
		} else {
			buf_slice(out, slice_take(&s, 1));
		}
	}
}

/* The file meant, beside the HTML's own or below it: a page from elsewhere must
 * not make other files of this machine go out. */
static int
make_path(
    struct compose *c, struct slice src, const char **path_r, struct err *e)
{
	const char *html = c->plan->html ? c->plan->html : "";
	size_t slash = slice_find_last(slice_str(html), '/');
	struct slice rest, part;
	struct buf b;
	int r = 0;

	buf_init(&b, COMPOSE_HEADER_MAX);
	percent_decode(src, &b);
	if (slash != SIZE_MAX && !slice_starts(buf_view(&b), "/"))
		*path_r = arena_fmt(
		    &c->arena, "%.*s%s", (int)slash + 1, html, buf_str(&b));
	else if (slice_is(buf_view(&b), "-"))
		*path_r = "./-"; /* a file of that name, not standard input */
	else
		*path_r = arena_string(&c->arena, buf_str(&b));
	rest = buf_view(&b);
	if (slice_starts(rest, "/") || slice_find(rest, 0) != SIZE_MAX)
		r = -1;
	while (rest.n) {
		part = slice_take_until(&rest, '/', NULL);
		if (slice_is(part, ".."))
			r = -1;
	}
	buf_free(&b);
	return r == 0 ? 0
	              : err_set(e, ERR_DATA,
			    "the picture '%s' is not beside its HTML: give it "
			    "with --inline, or write its URL",
			    *path_r);
}

static const char *
last_part(const char *path)
{
	size_t slash = slice_find_last(slice_str(path), '/');

	return slash == SIZE_MAX ? path : path + slash + 1;
}

/* One that was named with --inline, or is there already. */
static const struct compose_content *
find_inlined(const struct compose *c, struct slice src, const char *path)
{
	for (size_t i = 0; i < c->n_inlined; i++) {
		const struct compose_content *f = &c->inlined[i];

		if (slice_is(src, f->path) || slice_is(src, f->name) ||
		    slice_is(slice_str(path), f->path))
			return f;
	}
	for (size_t i = 0; i < c->named_inlined; i++)
		if (slice_is(slice_str(last_part(path)), c->inlined[i].name))
			return &c->inlined[i];
	return NULL;
}

/* The cid of the picture; null is an error, empty: it stays as it is. */
static const char *
picture(struct compose *c, struct slice value, struct err *e)
{
	const struct compose_content *f;
	const char *path = NULL, *cid = "";
	struct buf src;

	buf_init(&src, COMPOSE_HEADER_MAX);
	html_decode(slice_trim(value), &src);
	if (!is_elsewhere(buf_view(&src))) {
		f = find_inlined(c, buf_view(&src), buf_str(&src));
		if (!f && make_path(c, buf_view(&src), &path, e) < 0)
			cid = NULL;
		if (!f && path && cid)
			f = find_inlined(c, buf_view(&src), path);
		if (!f && cid)
			f = compose_add_inline(c, path, e);
		cid = f ? f->cid : NULL;
	}
	buf_free(&src);
	return cid;
}

/* "user@host" may hold what a URL cannot (RFC 2392). */
static void
put_cid(const char *cid, struct buf *out)
{
	buf_text(out, "cid:");
	for (; *cid; cid++) {
		int ch = (unsigned char)*cid;

		if (ch <= ' ' || ch >= 127 || strchr("\"<>%&'#?", ch))
			buf_fmt(out, "%%%02X", (unsigned)ch);
		else
			buf_char(out, ch);
	}
}

static int
inline_pictures(struct compose *c, struct err *e)
{
	struct slice rest = c->html.bytes, done = rest, value;
	struct html_token t;
	const char *cid;
	struct buf out;

	buf_init(&out, (size_t)2 * COMPOSE_TEXT_MAX);
	while (html_next(&rest, &t)) {
		if (t.kind != HTML_OPEN || !slice_is_nocase(t.name, "img"))
			continue;
		value = html_attr_get(t.attrs, "src");
		cid = value.n ? picture(c, value, e) : "";
		if (!cid) {
			buf_free(&out);
			return -1;
		}
		if (!*cid)
			continue;
		buf_slice(&out, slice_take(&done, (size_t)(value.p - done.p)));
		put_cid(cid, &out);
		slice_take(&done, value.n);
	}
	if (out.n) {
		buf_slice(&out, done);
		c->html.bytes =
		    slice_of(arena_copy(&c->arena, buf_view(&out)), out.n);
		c->html.octets = out.n;
	}
	buf_free(&out);
	return 0;
}

static void
make_text(struct compose *c)
{
	struct buf out;

	buf_init(&out, COMPOSE_TEXT_MAX);
	htmltext(c->html.bytes, &out);
	c->text.path = "text";
	c->text.bytes = slice_of(arena_copy(&c->arena, buf_view(&out)), out.n);
	c->text.octets = out.n;
	buf_free(&out);
}

int
compose_from_html(struct compose *c, struct err *e)
{
	if (!c->html.path)
		return 0;
	if (c->plan->text_from_html)
		make_text(c);
	return inline_pictures(c, e);
}
