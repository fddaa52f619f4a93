/* Encodes the bodies of a finished message anew (see reencode.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/eol.h"
#include "text/fold.h"
#include "text/qp.h"
#include "text/utf8.h"

#include "msg/mime.h"
#include "msg/reencode.h"

struct work {
	struct edits *edits;
	unsigned what;
	bool binary; /* what is declared so stays */
	struct arena *a;
	struct slice *signed_parts; /* not to be touched */
	size_t n, cap;
	struct part composite; /* the part before this, its children unseen */
	size_t number;         /* of it; SIZE_MAX: none */
	struct slice body;     /* of the message */
};

/* The first line with what is to go, 0 when there is none. */
static uint64_t
bad_line(unsigned what, struct slice s)
{
	uint64_t line = 0, candidates[4] = { 0 };
	struct eol_facts f;

	eol_scan(s, &f);
	if (what & REENCODE_8BIT)
		candidates[0] = f.eight_bit_line;
	if (what & REENCODE_LINES)
		candidates[1] = f.long_line;
	if (what & REENCODE_CR) {
		candidates[2] = f.bare_cr_line;
		candidates[3] = f.nul_line;
	}
	for (size_t i = 0; i < COUNT_OF(candidates); i++)
		if (candidates[i] && (!line || candidates[i] < line))
			line = candidates[i];
	return line;
}

static size_t
place(const struct work *w, const char *p)
{
	return (size_t)(p - w->edits->message.p);
}

static void
replace(struct work *w, struct slice old, enum edit_way way, struct slice bytes)
{
	size_t from = place(w, old.p);

	edit_add(
	    w->edits, &(struct edit){ from, from + old.n, way, bytes }, w->a);
}

/* Fields put in at the end of a part's header. */
static void
put_fields(struct work *w, const struct part *p, const char *text)
{
	const struct header *h = &p->header;
	struct slice at = slice_sub(h->block, h->block.n, h->block.n);

	if (!h->block.n)
		at = slice_of(h->from_.n ? h->body.p : p->bytes.p, 0);
	if (h->broken.n)
		text = arena_fmt(w->a, "%s%s", text, h->eol);
	replace(w, at, EDIT_BYTES, slice_str(text));
}

/* The one Content-Transfer-Encoding; and the type, where encoded text has
 * none. */
static void
set_encoding(struct work *w, const struct part *p, const char *encoding)
{
	const struct header *h = &p->header;
	const char *line = arena_fmt(
	    w->a, "Content-Transfer-Encoding: %s%s", encoding, h->eol);
	const struct header_field *f;
	const char *charset;

	for (size_t i = 0; (f = header_nth(h, "Content-Transfer-Encoding", i));
	     i++) {
		replace(w, f->raw, EDIT_BYTES, slice_str(line));
		line = "";
	}
	if (!header_get(h, "Content-Type")) {
		charset = utf8_is_ascii(h->body) ? "us-ascii"
		          : utf8_valid(h->body)  ? "utf-8"
		                                 : "unknown-8bit";
		line =
		    arena_fmt(w->a, "Content-Type: text/plain; charset=%s%s%s",
			charset, h->eol, line);
	}
	if (place(w, p->bytes.p) == 0 && !header_get(h, "MIME-Version"))
		line = arena_fmt(w->a, "MIME-Version: 1.0%s%s", h->eol, line);
	if (*line)
		put_fields(w, p, line);
}

/* Octets of text as quoted-printable, about. */
static uint64_t
qp_size(struct slice text)
{
	uint64_t n = text.n + text.n / QP_LINE * 3;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		n += c > 126 || c == '=' || (c < 32 && c != '\t' && c != '\n')
		         ? 2
		         : 0;
	}
	return n;
}

static void
encode_leaf(struct work *w, const struct part *p)
{
	struct slice body = p->header.body, content = body;
	enum edit_way way = EDIT_BASE64;
	bool again = p->encoding == PART_QP || p->encoding == PART_BASE64;

	if (again)
		content = part_content(p, w->a);
	if (p->encoding == PART_QP)
		way = EDIT_QP;
	else if (!again && p->encoding != PART_BINARY)
		way = EDIT_BASE64_TEXT;
	if (!again && part_is(p, "text", NULL) &&
	    slice_find(body, 0) == SIZE_MAX &&
	    qp_size(body) <= base64_size_lines(body.n))
		way = EDIT_QP;
	set_encoding(w, p, way == EDIT_QP ? "quoted-printable" : "base64");
	/* The line end before a boundary is the boundary's, and base64 brings
	 * one of its own: both may stand. */
	replace(w, body, way, content);
}

static void
keep_out(struct work *w, struct slice bytes)
{
	w->signed_parts = arena_grow(w->a, w->signed_parts, w->n, w->n + 1,
	    sizeof(*w->signed_parts), &w->cap);
	w->signed_parts[w->n++] = bytes;
}

static bool
is_signed_header(const struct header *h)
{
	return header_get(h, "DKIM-Signature") ||
	       header_get(h, "ARC-Message-Signature");
}

static bool
is_signed(const struct part *p)
{
	return part_is(p, "multipart", "signed") ||
	       is_signed_header(&p->header);
}

/* What holds other parts says 7bit once they are. */
static void
settle_composite(struct work *w, size_t parent)
{
	const struct part *p = &w->composite;

	if (!w->binary && w->number == parent &&
	    (p->encoding == PART_8BIT || p->encoding == PART_BINARY))
		set_encoding(w, p, "7bit");
	w->number = SIZE_MAX;
}

/* False: not into it. */
static bool
visit(struct work *w, const struct mime_part *m)
{
	const struct part *p = &m->part;
	bool encoded = p->encoding == PART_QP || p->encoding == PART_BASE64;
	bool message =
	    part_is(p, "message", "rfc822") || part_is(p, "message", "global");
	bool multipart = part_is(p, "multipart", NULL);

	if (m->number > 0)
		settle_composite(w, m->parent);
	if (!p->header.body.n || !bad_line(w->what, p->bytes))
		return false;
	if (!w->binary && is_signed(p)) {
		keep_out(w, p->bytes);
		return false;
	}
	if ((message || multipart) && !encoded) {
		w->composite = *p;
		w->number = m->number;
		return true;
	}
	if (w->binary && p->encoding != PART_BINARY)
		return false;
	if (w->binary)
		replace(w, p->header.body,
		    part_is(p, "text", NULL) ? EDIT_BYTES : EDIT_BINARY,
		    p->header.body);
	else if (bad_line(w->what, p->header.body) && !multipart &&
		 (message || !part_is(p, "message", NULL)))
		encode_leaf(w, p);
	return false;
}

static int
walk(struct work *w, struct err *e)
{
	struct mime *m = arena_new(w->a, sizeof(*m));
	struct mime_part part;
	int r;

	mime_begin(m, w->edits->message, w->a);
	while ((r = mime_next(m, &part, e)) > 0) {
		if (part.number == 0)
			w->body = part.part.header.body;
		m->skip = !visit(w, &part);
	}
	return r;
}

/* Is something done to that field already? */
static bool
is_edited(const struct edits *s, size_t from)
{
	for (size_t i = 0; i < s->n && s->v[i].from <= from; i++)
		if (s->v[i].to > from)
			return true;
	return false;
}

/* Overlong lines of the header, folded anew. */
static void
fold_header(struct work *w, const struct header *h)
{
	struct buf made;

	buf_init(&made, HEADER_BLOCK_MAX);
	for (size_t i = 0; i < h->count; i++) {
		const struct header_field *f = &h->fields[i];

		buf_reset(&made);
		if (!bad_line(REENCODE_LINES, f->raw) ||
		    is_edited(w->edits, place(w, f->raw.p)) ||
		    slice_find(f->raw, '\0') != SIZE_MAX || /* refused */
		    !fold_field(arena_copy(w->a, f->name),
			header_unfold(f->value, w->a), &made))
			continue;
		replace(w, f->raw, EDIT_BYTES,
		    slice_of(arena_copy(w->a, buf_view(&made)), made.n));
	}
	buf_free(&made);
}

static int
refuse(struct work *w, struct slice kept, uint64_t line, struct err *e)
{
	struct slice message = w->edits->message, rest = kept;
	const char *why = "is outside of every body";
	struct eol_facts f;

	for (uint64_t i = 1; i < line; i++)
		slice_take_until(&rest, '\n', NULL);
	eol_scan(slice_sub(message, 0, place(w, rest.p)), &f);
	for (size_t i = 0; i < w->n; i++)
		if (rest.p >= w->signed_parts[i].p &&
		    rest.p < w->signed_parts[i].p + w->signed_parts[i].n)
			why = "is signed, encoding it would break the "
			      "signature";
	return err_set(e, ERR_DATA, "line %llu %s: it cannot be mended",
	    (unsigned long long)f.lines + 1, why);
}

struct look {
	struct work *w;
	struct err *e;
};

/* What stays as it is must be as it shall. 8-bit header fields are another
 * matter (SMTPUTF8). */
static int
look_at(void *arg, struct slice kept)
{
	struct look *l = arg;
	size_t from = place(l->w, kept.p);
	size_t body = place(l->w, l->w->body.p);
	unsigned what = l->w->what & ~REENCODE_8BIT;
	struct slice head = slice_sub(kept, 0, from < body ? body - from : 0);
	struct slice rest = slice_sub(kept, head.n, kept.n);
	uint64_t line = bad_line(what, head);

	if (line)
		return refuse(l->w, head, line, l->e);
	line = bad_line(l->w->what, rest);
	return line ? refuse(l->w, rest, line, l->e) : 0;
}

static int
run(struct edits *s, unsigned what, bool binary, struct arena *a, struct err *e)
{
	struct edits was = *s;
	struct work w = { .edits = s,
		.what = what,
		.binary = binary,
		.a = a,
		.number = SIZE_MAX,
		.body = slice_sub(s->message, s->message.n, s->message.n) };
	struct look look = { &w, e };
	struct header h;

	/* Kept whole, to go back to. */
	s->v = arena_array(a, s->n + 1, sizeof(*s->v));
	if (s->n > 0)
		memcpy(s->v, was.v, s->n * sizeof(*s->v));
	s->cap = s->n;
	if (walk(&w, e) < 0 || header_read(s->message, a, &h, e) < 0)
		goto failed;
	if (!binary && (what & REENCODE_LINES) && !is_signed_header(&h))
		fold_header(&w, &h);
	if (edit_kept(s, look_at, &look) == 0)
		return 0;
failed:
	*s = was;
	return -1;
}

int
reencode(struct edits *s, unsigned what, struct arena *a, struct err *e)
{
	return run(s, what, false, a, e);
}

int
reencode_binary(struct edits *s, struct arena *a, struct err *e)
{
	return run(s, REENCODE_LINES | REENCODE_CR, true, a, e);
}
