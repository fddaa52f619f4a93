/* Unit tests of base/clock and base/trace.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/given.h"
#include "base/trace.h"

#include "tap.h"

static void
test_clock(void)
{
	int64_t before = clock_ms(), soon = clock_deadline(60000);

	ok(soon >= before + 60000, "a deadline to come");
	ok(clock_left(soon) > 50000 && clock_left(soon) <= 60000, "is near");
	is_int(clock_left(clock_deadline(0)), 0, "one that has come");
	is_int(clock_left(before - 10), 0, "one that has passed");
	ok(clock_deadline(-1) == CLOCK_NEVER, "never");
	ok(clock_deadline(INT64_MAX) == CLOCK_NEVER, "too far is never");
	is_int(clock_left(CLOCK_NEVER), -1, "never, as poll() calls it");
	is_int(clock_left(clock_deadline(INT64_MAX / 2)), INT32_MAX,
	    "far away is cut");
}

/* What was told, as "WAY:text;". */
static void
tell(void *to, enum trace_way way, struct slice text)
{
	buf_fmt(to, "%d:%.*s;", (int)way, SLICE_ARG(text));
}

static void
test_trace(void)
{
	static const struct {
		enum trace_level level;
		const char *want;
	} rows[] = {
		{ TRACE_NONE, "" },
		{ TRACE_DECISION, "0:said 1;" },
		{ TRACE_WIRE, "0:said 1;1:EHLO x;2:250;" },
	};
	struct buf b;

	buf_init(&b, 100);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct trace t = { rows[i].level, tell, &b };

		buf_reset(&b);
		trace_say(&t, "said %d", 1);
		trace_wire(&t, TRACE_SENT, slice_str("EHLO x"));
		trace_wire(&t, TRACE_GOT, slice_str("250"));
		is_str(buf_str(&b), rows[i].want, "level %zu", i);
	}
	trace_say(NULL, "x");
	trace_wire(&(struct trace){ 0 }, TRACE_GOT, slice_str("x"));
	ok(!trace_on(NULL, TRACE_DECISION), "nobody listens");
	buf_free(&b);
}

static int64_t
now(const struct given *g)
{
	return g->fixed_now;
}

int
main(void)
{
	test_clock();
	test_trace();
	is_int(given_now(&(struct given){ .now = now, .fixed_now = 7 }), 7,
	    "the clock that was handed down");
	return tap_done();
}
