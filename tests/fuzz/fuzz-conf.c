/* Fuzzes base/conf, and base/opt by the values it sets.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct settings {
	bool flag;
	unsigned count;
	const char *text, *choice;
	struct opt_list many;
	uint64_t number, size;
	int64_t wait;
};

static const struct opt options[] = {
	OPT_FLAG(0, "flag", struct settings, flag, "a"),
	OPT_COUNT(0, "count", struct settings, count, "a"),
	OPT_TEXT(0, "text", struct settings, text, "A", "a"),
	OPT_CHOICE(0, "choice", struct settings, choice, "a|b", "a"),
	OPT_MANY(0, "many", struct settings, many, "A", "a"),
	OPT_NUMBER(0, "number", struct settings, number, "N", "a"),
	OPT_SIZE(0, "size", struct settings, size, "SIZE", "a"),
	OPT_DURATION(0, "wait", struct settings, wait, "TIME", "a"),
	OPT_DONE,
};

static const char *const passed_over[] = { "user", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct conf_reader reader = { "tool", options, passed_over,
		false };
	struct settings s = { 0 };
	struct arena a = { 0 };
	struct conf c;
	struct err e;

	if (conf_parse(slice_of(data, size), "f", &a, &c, &e) == 0) {
		conf_apply(&c, "*", &reader, &s, &a, &e);
		conf_apply(&c, "work", &reader, &s, &a, &e);
		if (s.wait < 0 || s.count > 1000000)
			abort();
	} else if (e.kind != ERR_CONFIG) {
		abort();
	}
	arena_wipe(&a);
	return 0;
}
