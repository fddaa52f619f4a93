/* Composes a message: MIME parts (see compose.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/eol.h"
#include "text/flowed.h"
#include "text/param.h"
#include "text/qp.h"

#include "msg/compose_private.h"

#define BOUNDARY_MAX 40

/* A 7bit text that has a line like "From " or a bare CR would be changed on
 * its way. */
static bool
is_safe_7bit(struct slice text, const struct eol_facts *f)
{
	return !f->eight_bit_line && !f->bare_cr_line && !f->long_line &&
	       !slice_starts(text, "From ") &&
	       slice_search(text, slice_str("\nFrom ")) == SIZE_MAX;
}

/* Octets of text as quoted-printable, about: what is encoded has three. */
static uint64_t
qp_size(struct slice text)
{
	uint64_t n = text.n + text.n / QP_LINE * 3;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		n += c > 126 || c == '=' ? 2 : 0;
	}
	return n;
}

static enum compose_way
choose_way(struct slice text)
{
	struct eol_facts f;

	eol_scan(text, &f);
	if (is_safe_7bit(text, &f))
		return COMPOSE_7BIT;
	return qp_size(text) <= base64_size_lines(text.n) ? COMPOSE_QP
	                                                  : COMPOSE_BASE64;
}

static const char *
way_name(enum compose_way way)
{
	switch (way) {
	case COMPOSE_QP:
		return "quoted-printable";
	case COMPOSE_BASE64:
		return "base64";
	default:
		return "7bit";
	}
}

/* Where text is a part, the line end before the boundary is not its own (RFC
 * 2046, 5.1.1), but base64's is none of the text's. A message as a whole ends
 * in a line end. */
static bool
needs_line_end(const struct compose *c, struct slice text, enum compose_way way)
{
	if (way == COMPOSE_BASE64)
		return false;
	return c->depth ? true : text.n && text.p[text.n - 1] != '\n';
}

/* Text in another form, in the arena. */
static void
convert(struct compose *c, struct compose_content *text,
    void (*form)(struct slice text, struct buf *out))
{
	struct buf out;

	buf_init(&out, (size_t)3 * COMPOSE_TEXT_MAX);
	form(text->bytes, &out);
	text->bytes = slice_of(arena_copy(&c->arena, buf_view(&out)), out.n);
	buf_free(&out);
}

static void
put_text(struct compose *c, struct compose_content *text, const char *subtype)
{
	bool flowed = c->plan->flowed && text == &c->text;
	enum compose_way way;

	if (flowed)
		convert(c, text, flowed_encode);
	way = choose_way(text->bytes);
	/* Lines of text end in CRLF before they become base64 (RFC 2049, 4). */
	if (way == COMPOSE_BASE64)
		convert(c, text, eol_to_crlf);
	buf_fmt(&c->made,
	    "Content-Type: text/%s; charset=utf-8%s\r\n"
	    "Content-Transfer-Encoding: %s\r\n"
	    "\r\n",
	    subtype, flowed ? "; format=flowed" : "", way_name(way));
	compose_add(c, way, text);
	if (needs_line_end(c, text->bytes, way))
		buf_text(&c->made, "\r\n");
}

static void
put_field(struct compose *c, const char *field, const char *value,
    const char *param, const char *param_value)
{
	size_t column = strlen(field) + 2 + strlen(value);

	buf_fmt(&c->made, "%s: %s", field, value);
	if (param)
		param_put(param, slice_str(param_value), &column, &c->made);
	buf_text(&c->made, "\r\n");
}

static void
put_file(struct compose *c, const struct compose_content *f, bool inlined)
{
	put_field(
	    c, "Content-Type", f->type, f->is_utf8 ? "charset" : NULL, "utf-8");
	put_field(c, "Content-Disposition", inlined ? "inline" : "attachment",
	    "filename", f->name);
	if (f->cid)
		buf_fmt(&c->made, "Content-ID: <%s>\r\n", f->cid);
	buf_text(&c->made, "Content-Transfer-Encoding: base64\r\n\r\n");
	compose_add(c, COMPOSE_BASE64, f);
}

/* Base64 and quoted-printable never have "=_"; a 7bit text may, whoever wrote
 * it. */
static bool
is_in_texts(const struct compose *c, const char *boundary)
{
	struct slice s = slice_str(boundary);

	return slice_search(c->text.bytes, s) != SIZE_MAX ||
	       slice_search(c->html.bytes, s) != SIZE_MAX;
}

static void
begin_multipart(struct compose *c, const char *subtype, const char *params,
    char boundary_r[BOUNDARY_MAX])
{
	struct buf b;

	buf_init(&b, BOUNDARY_MAX - 1);
	do {
		buf_reset(&b);
		buf_fmt(&b, "=_%s_%03u", c->random, ++c->boundaries % 1000);
	} while (is_in_texts(c, buf_str(&b)) && c->boundaries < 999);
	memcpy(boundary_r, buf_str(&b), b.n + 1);
	buf_free(&b);
	c->depth++;
	buf_fmt(&c->made,
	    "Content-Type: multipart/%s;%s\r\n boundary=\"%s\"\r\n\r\n",
	    subtype, params, boundary_r);
}

static void
begin_part(struct compose *c, const char *boundary)
{
	buf_fmt(&c->made, "--%s\r\n", boundary);
}

static void
end_multipart(struct compose *c, const char *boundary)
{
	buf_fmt(&c->made, "--%s--\r\n", boundary);
	c->depth--;
}

/* HTML, with its pictures (RFC 2387). */
static void
put_html(struct compose *c)
{
	char boundary[BOUNDARY_MAX];

	if (!c->n_inlined) {
		put_text(c, &c->html, "html");
		return;
	}
	begin_multipart(c, "related", " type=\"text/html\";", boundary);
	begin_part(c, boundary);
	put_text(c, &c->html, "html");
	for (size_t i = 0; i < c->n_inlined; i++) {
		begin_part(c, boundary);
		put_file(c, &c->inlined[i], true);
	}
	end_multipart(c, boundary);
}

/* What is read first: text, HTML, or both as alternatives, the best last. */
static void
put_letter(struct compose *c)
{
	char boundary[BOUNDARY_MAX];

	if (!c->html.path) {
		put_text(c, &c->text, "plain");
		return;
	}
	if (!c->text.path) {
		put_html(c);
		return;
	}
	begin_multipart(c, "alternative", "", boundary);
	begin_part(c, boundary);
	put_text(c, &c->text, "plain");
	begin_part(c, boundary);
	put_html(c);
	end_multipart(c, boundary);
}

int
compose_body(struct compose *c, struct err *e)
{
	bool loose = c->n_inlined && !c->html.path;
	char boundary[BOUNDARY_MAX];

	buf_text(&c->made, "MIME-Version: 1.0\r\n");
	if (!c->n_attach && !loose) {
		put_letter(c);
	} else {
		begin_multipart(c, "mixed", "", boundary);
		if (c->text.path || c->html.path) {
			begin_part(c, boundary);
			put_letter(c);
		}
		for (size_t i = 0; i < c->n_inlined && loose; i++) {
			begin_part(c, boundary);
			put_file(c, &c->inlined[i], true);
		}
		for (size_t i = 0; i < c->n_attach; i++) {
			begin_part(c, boundary);
			put_file(c, &c->attach[i], false);
		}
		end_multipart(c, boundary);
	}
	compose_end_made(c);
	if (c->over)
		return err_set(
		    e, ERR_DATA, "header over %u octets", COMPOSE_HEADER_MAX);
	return 0;
}
