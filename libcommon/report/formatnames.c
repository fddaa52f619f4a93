/* The names of the signs of rules/format.tsv (see format.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/format.h"

int
format_sign_named(struct slice name)
{
	static const char *const names[FORMAT_SIGNS] = {
		[FORMAT_FROM] = "from",
		[FORMAT_SENDER] = "sender",
		[FORMAT_SUBJECT] = "subject",
		[FORMAT_STOP] = "stop",
		[FORMAT_SAID] = "said",
		[FORMAT_DELAY] = "delay",
		[FORMAT_LIST] = "list",
		[FORMAT_RCPT] = "rcpt",
		[FORMAT_NOT] = "not",
		[FORMAT_ORIGIN] = "origin",
		[FORMAT_HEAD] = "head",
		[FORMAT_SKIP] = "skip",
		[FORMAT_AUTO] = "auto",
		[FORMAT_CHALLENGE] = "challenge",
		[FORMAT_FORWARD] = "forward",
		[FORMAT_COMPLAINT] = "complaint",
		[FORMAT_ASKS] = "asks",
		[FORMAT_OWNER] = "owner",
	};

	for (int i = 0; i < FORMAT_SIGNS; i++)
		if (slice_is(name, names[i]))
			return i;
	return -1;
}
