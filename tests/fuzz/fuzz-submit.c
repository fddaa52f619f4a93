/* Fuzzes flow/submit: what is sent has no Bcc field and the size it says.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/eol.h"

#include "msg/header.h"

#include "flow/submit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t
now(const struct given *g)
{
	return g->fixed_now;
}

static void
no_random(void *p, size_t n)
{
	memset(p, 0, n);
}

static void
check(struct submit *s, struct arena *a)
{
	struct writer w;
	struct buf out;
	struct eol_facts f;
	struct header h;

	buf_init(&out, 8u << 20);
	w = writer_to_buf(&out);
	if (submit_write(s, &w, NULL) < 0)
		abort();
	eol_scan(buf_view(&out), &f);
	if ((s->binary ? f.size : f.crlf_size) != s->size)
		abort();
	if (header_read(buf_view(&out), a, &h, NULL) < 0 ||
	    header_get(&h, "Bcc") || header_get(&h, "Resent-Bcc"))
		abort();
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct given given = {
		.now = now, .random = no_random, .hostname = "localhost"
	};
	struct arena a = { 0 };
	struct submit s;

	for (unsigned how = 0; how < 4; how++)
		if (submit_read(slice_of(data, size), NULL, how, &given, &a, &s,
			NULL) == 0)
			check(&s, &a);
	arena_free(&a);
	return 0;
}
