/* Fuzzes auth/dkim2undo: the first line is a recipe, the rest the letter that
 * it is for; the way back is gone twice.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/base64.h"

#include "auth/dkim2undo.h"
#include "auth/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct dkim_letter *m, struct arena *a)
{
	unsigned char header[DIGEST_MAX], body[DIGEST_MAX];

	for (size_t i = 0; i < m->count; i++)
		if (!letter_field_name(m->fields[i]).n)
			abort();
	if (m->count > DKIM2_FIELDS_MAX)
		abort();
	dkim2_message_hash(m, header, body, a, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), recipe = { 0 };
	struct arena a = { 0 };
	struct dkim_letter m = { 0 }, one, two;
	struct dkim2_field instance;
	struct dkim2_undo u;
	struct buf field;
	struct err e;

	slice_take_line(&rest, &recipe, NULL);
	buf_init(&field, 1u << 20);
	buf_text(&field, "Message-Instance: m=2; r=");
	base64_encode(recipe, &field);
	dkim2_read(buf_view(&field), &a, &instance);
	letter_read(rest, &a, &m, NULL);
	dkim2_undo_begin(&u, &a);
	u.from_top = size % 2;
	if (m.count <= DKIM2_FIELDS_MAX &&
	    dkim2_undo(&u, &instance, &m, &one, &e) > 0) {
		check(&one, &a);
		if (dkim2_undo(&u, &instance, &one, &two, &e) > 0)
			check(&two, &a);
	}
	dkim2_undo_end(&u);
	buf_free(&field);
	arena_free(&a);
	return 0;
}
