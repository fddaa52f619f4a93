/* Where fetched messages go (see fetchbox.h): what all targets share.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/arena.h"
#include "base/mem.h"

#include "text/eol.h"

#include "flow/fetchboxkind.h"

#define PIECE_MAX (256u << 10)

static const struct fetchbox_kind *const kinds[] = { &fetchbox_maildir,
	&fetchbox_mbox, &fetchbox_stdout };

int
fetchbox_open(const char *target, struct fetchstate *state,
    const struct given *given, struct fetchbox **b_r, struct err *e)
{
	struct fetchbox *b = mem_new(sizeof(*b));
	struct slice t = slice_str(target);

	b->state = state;
	b->given = given;
	buf_init(&b->lf, PIECE_MAX);
	for (size_t i = 0; i < COUNT_OF(kinds) && !b->kind; i++) {
		struct slice path = t;

		if (!slice_take_prefix(&path, kinds[i]->prefix))
			continue;
		b->kind = kinds[i];
		b->path = mem_string(target + (t.n - path.n));
	}
	if (!b->kind) {
		fetchbox_free(&b);
		return err_set(e, ERR_USAGE,
		    "unknown target '%s': maildir:DIR, mbox:FILE or -", target);
	}
	if (b->kind->open(b, e) < 0) {
		fetchbox_free(&b);
		return -1;
	}
	*b_r = b;
	return 0;
}

void
fetchbox_free(struct fetchbox **b)
{
	if (!*b)
		return;
	if ((*b)->kind) {
		fetchbox_abort(*b);
		(*b)->kind->close(*b);
	}
	mem_free((*b)->path);
	buf_free(&(*b)->lf);
	arena_free(&(*b)->arena);
	mem_free(*b);
	*b = NULL;
}

int
fetchbox_begin(struct fetchbox *b, struct err *e)
{
	fetchbox_abort(b);
	b->held_cr = false;
	b->size = 0;
	if (b->kind->begin(b, e) < 0)
		return -1;
	b->inside = true;
	return 0;
}

/* A CR at the end of a piece waits for what follows. */
static int
write_lf(struct fetchbox *b, struct slice part, struct err *e)
{
	buf_reset(&b->lf);
	if (b->held_cr && slice_peek(part) != '\n')
		buf_char(&b->lf, '\r');
	b->held_cr = part.n > 0 && part.p[part.n - 1] == '\r';
	if (b->held_cr)
		part.n--;
	eol_to_lf(part, &b->lf);
	b->size += b->lf.n;
	return b->kind->write(b, buf_view(&b->lf), e);
}

int
fetchbox_write(struct fetchbox *b, struct slice part, struct err *e)
{
	while (part.n > 0)
		if (write_lf(b, slice_take(&part, PIECE_MAX - 1), e) < 0)
			return -1;
	return 0;
}

void
fetchbox_abort(struct fetchbox *b)
{
	if (b->inside)
		b->kind->abort(b);
	b->inside = false;
}

int
fetchbox_end(struct fetchbox *b, const struct fetchbox_note *note,
    const char **path_r, struct err *e)
{
	*path_r = NULL;
	if (b->held_cr && b->kind->write(b, slice_str("\r"), e) < 0)
		return -1;
	if (b->kind->end(b, note, path_r, e) < 0)
		return -1;
	b->inside = false;
	b->messages++;
	b->octets += b->size;
	return 0;
}

bool
fetchbox_full(const struct fetchbox *b)
{
	return b->messages >= FETCHBOX_GROUP ||
	       b->octets >= FETCHBOX_GROUP_BYTES;
}

int
fetchbox_commit(struct fetchbox *b, struct err *e)
{
	if (b->messages > 0 && b->kind->commit(b, e) < 0)
		return -1;
	b->messages = 0;
	b->octets = 0;
	arena_free(&b->arena);
	return 0;
}
