/* mcheckdns: an earlier run, to find its lines by their domains.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"

#include "mcheckdns.h"

#define BASELINE_MAX (1u << 31) /* octets */
#define MARK         "{\"domain\":\""
#define RUN_MARK     "{\"run\":" /* the last line of --keys */

/* One line of the run. */
struct line {
	struct slice domain, text;
};

struct baseline {
	struct io_map map;
	struct line *lines;
	size_t n;
};

static int
compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return slice_compare_nocase(x->domain, y->domain);
}

void
mcheckdns_baseline_free(struct baseline **b)
{
	if (!*b)
		return;
	io_unmap(&(*b)->map);
	mem_free((*b)->lines);
	mem_free(*b);
	*b = NULL;
}

/* Domains as --json writes them have no escape: they are names. */
static int
read_lines(struct baseline *b, struct err *e)
{
	struct slice rest = b->map.bytes, text;
	size_t cap = 0, number = 0;

	while (slice_take_line(&rest, &text, NULL)) {
		struct slice s = text;
		bool ended = false;

		number++;
		if (slice_trim(text).n == 0 || slice_starts(text, RUN_MARK))
			continue;
		if (!slice_take_prefix(&s, MARK))
			return err_set(e, ERR_DATA,
			    "line %zu: not of a run with --json", number);
		if (b->n == cap) {
			cap = cap ? 2 * cap : 64;
			b->lines =
			    mem_resize(b->lines, cap * sizeof(*b->lines));
		}
		b->lines[b->n++] =
		    (struct line){ slice_take_until(&s, '"', &ended), text };
		if (!ended)
			return err_set(e, ERR_DATA,
			    "line %zu: not of a run with --json", number);
	}
	return 0;
}

int
mcheckdns_baseline(struct baseline **b_r, const char *path, struct err *e)
{
	struct baseline *b = mem_new(sizeof(*b));

	*b_r = NULL;
	if (slice_is(slice_str(path), "-")) {
		mem_free(b);
		return err_set(e, ERR_USAGE,
		    "--baseline '-': it is a FILE, what an earlier run has "
		    "said with --json");
	}
	if (io_map_file(path, BASELINE_MAX, &b->map, e) < 0) {
		mem_free(b);
		return -1;
	}
	if (read_lines(b, e) < 0) {
		err_in(e, "%s", path);
		mcheckdns_baseline_free(&b);
		return -1;
	}
	if (b->n)
		qsort(b->lines, b->n, sizeof(*b->lines), compare_lines);
	*b_r = b;
	return 0;
}

int
mcheckdns_drift(const struct session *s, struct audit_report *r,
    struct arena *a, struct err *e)
{
	const struct baseline *b = s->baseline;
	struct line key = { .domain = slice_str(r->domain) };
	const struct line *found =
	    b->n ? bsearch(&key, b->lines, b->n, sizeof(key), compare_lines)
		 : NULL;

	return found ? audit_drift(s->dns, r, found->text, a, e) : 0;
}
