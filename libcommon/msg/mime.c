/* A walk over the parts of a message (see mime.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/mime.h"

/* A delimiter line: where it starts, where the next line starts. */
struct delimiter {
	size_t from, to;
	bool close; /* "--" behind the boundary */
};

void
mime_begin(struct mime *m, struct slice message, struct arena *a)
{
	/* levels are written when they are entered */
	m->arena = a;
	m->level[0] = (struct mime_level){ .rest = message };
	m->depth = 1;
	m->parts = 0;
	m->skip = m->cut = m->unclosed = m->pending = false;
}

/* What follows the boundary: [ "--" ] *LWSP line-end. The octets it takes, 0
 * when it is another, longer boundary. */
static bool
ends_line(struct slice s, size_t at, struct delimiter *d)
{
	d->close = slice_at(s, at) == '-' && slice_at(s, at + 1) == '-';
	if (d->close)
		at += 2;
	while (ascii_is_blank(slice_at(s, at)))
		at++;
	if (slice_at(s, at) == '\r')
		at++;
	if (at < s.n && s.p[at] != '\n')
		return false;
	d->to = size_min(at + 1, s.n);
	return true;
}

/*	delimiter = line-end "--" boundary
 * where the line end belongs to the delimiter (RFC 2046 section 5.1.1), or
 * the start of the text stands for it. */
static bool
find_delimiter(struct slice s, struct slice needle, struct delimiter *d_r)
{
	size_t at = 0;

	for (;; at++) {
		size_t hit = slice_search(slice_sub(s, at, s.n), needle);

		if (hit == SIZE_MAX)
			return false;
		at += hit;
		if ((at == 0 || s.p[at - 1] == '\n') &&
		    ends_line(s, at + needle.n, d_r))
			break;
	}
	d_r->from = at;
	return true;
}

static struct slice
without_eol(struct slice s)
{
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static bool
push(struct mime *m, const struct mime_level *level)
{
	if (m->depth == MIME_DEPTH_MAX) {
		m->cut = true;
		return false;
	}
	m->level[m->depth] = *level;
	m->level[m->depth++].parent = m->last.number;
	return true;
}

/* The content of a composite part. Each decoding copies all of it, so that
 * their number in each other is what bounds the memory. */
static bool
open_content(struct mime *m, const struct part *p, struct mime_level *level)
{
	bool encoded = p->encoding == PART_QP || p->encoding == PART_BASE64;

	level->decoded = m->level[m->depth - 1].decoded;
	if (encoded && level->decoded++ == MIME_DECODED_MAX) {
		m->cut = true;
		return false;
	}
	level->rest = part_content(p, m->arena);
	return true;
}

static void
enter_multipart(struct mime *m, const struct part *p)
{
	const struct slice *boundary = param_get(&p->params, "boundary");
	struct mime_level level = { .digest =
					part_is(p, "multipart", "digest") };
	struct delimiter first;
	struct slice name;

	if (!boundary)
		return;
	name = slice_trim_end(*boundary);
	if (!name.n || name.n > MIME_BOUNDARY_MAX)
		return;
	level.delimiter =
	    slice_str(arena_fmt(m->arena, "--%.*s", SLICE_ARG(name)));
	if (!open_content(m, p, &level) ||
	    !find_delimiter(level.rest, level.delimiter, &first) || first.close)
		return;
	slice_take(&level.rest, first.to);
	push(m, &level);
}

static void
enter(struct mime *m)
{
	const struct part *p = &m->last.part;
	struct mime_level level = { .digest = false };

	m->pending = false;
	if (m->skip) {
		m->skip = false;
		return;
	}
	if (part_is(p, "multipart", NULL)) {
		enter_multipart(m, p);
	} else if (part_is(p, "message", "rfc822") ||
		   part_is(p, "message", "global")) {
		if (open_content(m, p, &level))
			push(m, &level);
	}
}

/* Takes the next part's octets from the innermost level; false: it is used
 * up. */
static bool
take(struct mime *m, struct mime_level *level, struct slice *bytes_r)
{
	struct delimiter d;

	if (!level->rest.n)
		return false;
	if (!level->delimiter.n) {
		*bytes_r = slice_take(&level->rest, level->rest.n);
		return true;
	}
	if (!find_delimiter(level->rest, level->delimiter, &d)) {
		m->unclosed = true;
		*bytes_r = slice_take(&level->rest, level->rest.n);
		return true;
	}
	*bytes_r = without_eol(slice_sub(level->rest, 0, d.from));
	slice_take(&level->rest, d.to);
	if (d.close)
		level->rest.n = 0;
	else if (!level->rest.n)
		m->unclosed = true;
	return true;
}

int
mime_next(struct mime *m, struct mime_part *p_r, struct err *e)
{
	struct mime_level *level;
	struct slice bytes;

	if (m->pending)
		enter(m);
	for (;;) {
		if (!m->depth)
			return 0;
		level = &m->level[m->depth - 1];
		if (take(m, level, &bytes))
			break;
		m->depth--;
	}
	if (m->parts == MIME_PARTS_MAX) {
		m->cut = true;
		m->depth = 0;
		return 0;
	}
	m->last.number = m->parts++;
	m->last.parent = level->parent;
	m->last.depth = m->depth - 1;
	if (part_parse(bytes, level->digest, m->arena, &m->last.part, e) < 0)
		return -1;
	m->pending = true;
	*p_r = m->last;
	return 1;
}
