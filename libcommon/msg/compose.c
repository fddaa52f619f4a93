/* Composes a message: from the plan to segments, and their writing (see
 * compose.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"

#include "text/base64.h"
#include "text/eol.h"
#include "text/qp.h"

#include "msg/compose.h"
#include "msg/compose_private.h"

static void
make_random(struct compose *c)
{
	unsigned char octets[12];

	c->given->random(octets, sizeof(octets));
	for (size_t i = 0; i < sizeof(octets); i++) {
		c->random[2 * i] = "0123456789abcdef"[octets[i] >> 4];
		c->random[2 * i + 1] = "0123456789abcdef"[octets[i] & 15];
	}
}

int
compose_new(const struct compose_plan *plan, const struct given *given,
    struct compose **c_r, struct err *e)
{
	struct compose *c = mem_new(sizeof(*c));

	c->plan = plan;
	c->given = given;
	c->text.fd = c->html.fd = -1;
	buf_init(&c->made, COMPOSE_HEADER_MAX);
	make_random(c);
	if (compose_head(c, e) < 0 || compose_open_all(c, e) < 0 ||
	    compose_from_html(c, e) < 0 || compose_body(c, e) < 0) {
		compose_free(&c);
		return -1;
	}
	*c_r = c;
	return 0;
}

uint64_t
compose_size(const struct compose *c)
{
	return c->size;
}

bool
compose_is_utf8(const struct compose *c)
{
	return c->is_utf8;
}

int
compose_write(struct compose *c, const struct writer *out, struct err *e)
{
	struct buf b;
	int r = 0;

	buf_init(&b, 2 * COMPOSE_PIECE_MAX);
	for (size_t i = 0; i < c->n_segments && r == 0; i++)
		r = compose_write_segment(&c->segments[i], &b, out, e);
	buf_free(&b);
	return r;
}

void
compose_free(struct compose **c_r)
{
	struct compose *c = *c_r;

	if (!c)
		return;
	compose_close(&c->text);
	compose_close(&c->html);
	for (size_t i = 0; i < c->n_attach; i++)
		compose_close(&c->attach[i]);
	for (size_t i = 0; i < c->n_inlined; i++)
		compose_close(&c->inlined[i]);
	buf_free(&c->made);
	arena_free(&c->arena);
	mem_free(c);
	*c_r = NULL;
}
