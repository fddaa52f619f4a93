/* Where messages go (see sink.h): what all targets share.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "text/eol.h"

#include "store/sinkkind.h"

#define PIECE_MAX (256u << 10)

static const struct sink_kind *const kinds[] = { &sink_maildir, &sink_mbox,
	&sink_eml, &sink_command, &sink_stdout };

static const struct sink_kind *
find_kind(const char *target, struct slice *path_r)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		*path_r = slice_str(target);
		if (slice_take_prefix(path_r, kinds[i]->prefix) &&
		    (path_r->n > 0) == (kinds[i] != &sink_stdout))
			return kinds[i];
	}
	return NULL;
}

bool
sink_path(const char *target, struct slice *path_r)
{
	const struct sink_kind *kind = find_kind(target, path_r);

	return kind && kind->has_path;
}

bool
sink_knows(const char *target)
{
	struct slice path;

	return find_kind(target, &path) != NULL;
}

int
sink_open(const struct sink_plan *plan, struct sink **s_r, struct err *e)
{
	struct sink *s = mem_new(sizeof(*s));
	struct slice path;

	s->plan = *plan;
	buf_init(&s->lf, PIECE_MAX);
	s->kind = find_kind(plan->target, &path);
	if (plan->forward) {
		s->kind = &sink_forward;
		path = slice_str(plan->target);
	}
	if (!s->kind) {
		sink_free(&s);
		return err_set(e, ERR_USAGE,
		    "unknown target '%s': " SINK_TARGETS, plan->target);
	}
	s->path = path.p;
	if (s->kind->open(s, e) < 0) {
		sink_free(&s);
		return -1;
	}
	*s_r = s;
	return 0;
}

void
sink_free(struct sink **s)
{
	if (!*s)
		return;
	if ((*s)->kind) {
		sink_abort(*s);
		(*s)->kind->close(*s);
	}
	buf_free(&(*s)->lf);
	arena_free(&(*s)->arena);
	mem_free(*s);
	*s = NULL;
}

int
sink_begin(struct sink *s, struct err *e)
{
	sink_abort(s);
	s->held_cr = false;
	s->size = 0;
	if (s->kind->begin(s, e) < 0)
		return -1;
	s->inside = true;
	return 0;
}

/* A CR at the end of a piece waits for what follows. */
static int
write_lf(struct sink *s, struct slice part, struct err *e)
{
	buf_reset(&s->lf);
	if (s->held_cr && slice_peek(part) != '\n')
		buf_char(&s->lf, '\r');
	s->held_cr = part.n > 0 && part.p[part.n - 1] == '\r';
	if (s->held_cr)
		part.n--;
	eol_to_lf(part, &s->lf);
	s->size += s->lf.n;
	return s->kind->write(s, buf_view(&s->lf), e);
}

int
sink_write(struct sink *s, struct slice part, struct err *e)
{
	while (part.n > 0)
		if (write_lf(s, slice_take(&part, PIECE_MAX - 1), e) < 0)
			return -1;
	return 0;
}

void
sink_abort(struct sink *s)
{
	if (s->inside)
		s->kind->abort(s);
	s->inside = false;
}

int
sink_end(struct sink *s, const struct sink_note *note, const char **path_r,
    struct err *e)
{
	int ret;

	*path_r = NULL;
	if (s->held_cr && s->kind->write(s, slice_str("\r"), e) < 0)
		return -1;
	ret = s->kind->end(s, note, path_r, e);
	if (ret < 0)
		return -1;
	s->inside = false;
	if (ret == 0)
		return 0;
	s->messages++;
	s->octets += s->size;
	return 1;
}

bool
sink_full(const struct sink *s)
{
	return s->messages >= s->kind->group || s->octets >= SINK_GROUP_BYTES;
}

int
sink_commit(struct sink *s, struct err *e)
{
	if (s->messages > 0 && s->kind->commit(s, e) < 0)
		return -1;
	s->messages = 0;
	s->octets = 0;
	arena_free(&s->arena);
	return 0;
}

int
sink_mend_begin(struct sink *s, struct err *e)
{
	return s->kind->mend_begin ? s->kind->mend_begin(s, e) : 0;
}

/* What was on its way to a reader cannot be asked for: it comes again. */
int
sink_in_place(struct sink *s, const char *place, struct err *e)
{
	return s->kind->in_place ? s->kind->in_place(s, place, e) : 0;
}

int
sink_mend_end(struct sink *s, struct err *e)
{
	return s->kind->mend_end ? s->kind->mend_end(s, e) : 0;
}
