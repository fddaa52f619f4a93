/* Fuzzes flow/msmtprc and flow/aliases: a configuration that was read has only
 * values that a second reading takes, and an alias ends.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/buf.h"

#include "flow/aliases.h"
#include "flow/msmtprc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
eval(const char *command, struct buf *line, struct err *e UNUSED)
{
	buf_text(line, command);
	return 0;
}

static void
check(const struct msmtprc *rc, struct arena *a)
{
	struct msmtprc_account again = { .name = "again" };

	for (size_t i = 0; i < rc->n; i++)
		for (int k = 0; k < MSMTPRC_KEYS; k++)
			if (rc->v[i].value[k] &&
			    msmtprc_set(&again,
				slice_str(msmtprc_name((enum msmtprc_key)k)),
				slice_str(rc->v[i].value[k]), a, NULL) < 0)
				abort();
}

static void
add(void *arg, struct slice address UNUSED)
{
	if (++*(size_t *)arg > ALIASES_RCPT_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), rest = in, name;
	struct msmtprc rc = { 0 };
	struct arena a = { 0 };
	size_t n = 0;

	if (msmtprc_read(in, "f", eval, &a, &rc, NULL) == 0)
		check(&rc, &a);
	name = slice_trim(slice_take_until(&rest, ':', NULL));
	aliases_resolve(in, name, add, &n, &a, NULL);
	msmtprc_match(name, in);
	arena_free(&a);
	return 0;
}
