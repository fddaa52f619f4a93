/* What a sender may want (see smtpwish.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "proto/smtpwish.h"

void
smtpwish_notify(unsigned notify, char text_r[SMTPWISH_NOTIFY_MAX])
{
	static const char *const words[] = { "NEVER", "SUCCESS", "FAILURE",
		"DELAY" };
	int at = 0;

	text_r[0] = '\0';
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (notify & 1u << i)
			at += snprintf(text_r + at,
			    SMTPWISH_NOTIFY_MAX - (size_t)at, "%s%s",
			    at ? "," : "", words[i]);
}
