/* Fuzzes text/taglist: offsets point at what they name.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/taglist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), item;
	struct taglist l;
	struct err e;

	taglist_parse(in, &l, &e);
	if (l.n > TAGLIST_MAX)
		abort();
	for (size_t i = 0; i < l.n; i++) {
		const struct tag *t = &l.tag[i];
		struct slice value = t->value;

		if (!slice_equal(t->name,
			slice_sub(in, t->name_at, t->name_at + t->name.n)) ||
		    !slice_equal(t->value,
			slice_sub(in, t->value_at, t->value_at + t->value.n)))
			abort();
		while (taglist_item(&value, ':', &item))
			if (item.n > size)
				abort();
	}
	return 0;
}
