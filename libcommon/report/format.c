/* Signs of machine-made mail (see format.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/format.h"

static void
note(void *signs, const struct rules_hit *hit)
{
	*(unsigned *)signs |= 1u << hit->row->what;
}

unsigned
format_signs(struct slice flat)
{
	unsigned signs = 0;

	rules_scan(&format_rules, flat, note, &signs);
	return signs;
}
