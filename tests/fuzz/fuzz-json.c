/* Fuzzes base/json: what is read is written as JSON that reads back the same,
 * and any octets are written as JSON.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_and_read(const struct json *j, struct buf *out)
{
	struct json *again;

	buf_reset(out);
	json_write(j, false, out);
	if (json_read(buf_view(out), &again, NULL) < 0)
		abort();
	json_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_of(data, size), text;
	struct json *j;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	if (json_read(s, &j, NULL) == 0)
		write_and_read(j, &b);
	json_free(&j);

	j = json_new_object();
	json_put_slice(j, "k", s);
	write_and_read(j, &b);
	if (!json_text(json_member(j, "k"), &text) || text.n < size)
		abort();
	json_free(&j);
	buf_free(&b);
	return 0;
}
