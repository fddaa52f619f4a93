/* Fuzzes text/date: a date read and made again is the same time.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(int64_t t, int zone)
{
	char text[DATE_TEXT_MAX];
	int64_t back;
	int back_zone;

	date_make(t, zone, text);
	if (!date_parse(slice_str(text), &back, &back_zone) || back != t ||
	    back_zone != zone)
		abort();
	date_make_3339(t, zone, text);
	if (!date_parse_3339(slice_str(text), &back, &back_zone) || back != t ||
	    back_zone != zone)
		abort();
}

/* Away from the calendar's ends, where times are cut. */
static bool
is_inner(int64_t t)
{
	return t > -62167219200 + 400000 && t < 253402300799 - 400000;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	int64_t t;
	int zone;

	if (date_parse(in, &t, &zone) && is_inner(t))
		again(t, zone);
	if (date_parse_3339(in, &t, &zone) && is_inner(t))
		again(t, zone);
	return 0;
}
