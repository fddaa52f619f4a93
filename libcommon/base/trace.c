/* What happens, told (see trace.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/trace.h"

#define TRACE_LINE 1024 /* octets of a remark; longer ones are cut */

void
trace_say(const struct trace *t, const char *fmt, ...)
{
	char line[TRACE_LINE];
	va_list ap;

	if (!trace_on(t, TRACE_DECISION))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	t->tell(t->to, TRACE_SAY, slice_str(line));
}

void
trace_wire(const struct trace *t, enum trace_way way, struct slice line)
{
	if (trace_on(t, TRACE_WIRE))
		t->tell(t->to, way, line);
}
