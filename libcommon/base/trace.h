/* What happens, told to whoever asked (-v decisions, -vv the wire). libcommon
 * never prints: it calls the function the tool handed down. Whoever traces a
 * secret masks it first; the tool masks control bytes.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include "base/slice.h"

enum trace_level {
	TRACE_NONE,
	TRACE_DECISION, /* -v */
	TRACE_WIRE      /* -vv */
};

enum trace_way {
	TRACE_SAY,  /* a decision or remark */
	TRACE_SENT, /* to the peer */
	TRACE_GOT   /* from the peer */
};

struct trace {
	enum trace_level level;
	void (*tell)(void *to, enum trace_way way, struct slice text);
	void *to;
};

/* True when somebody listens at that level; a null trace listens to nothing.
 * Ask before making costly text. */
static inline bool
trace_on(const struct trace *t, enum trace_level level)
{
	return t && t->tell && t->level >= level;
}

/* A decision, as printf. */
void trace_say(const struct trace *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* One line of the wire, without its line end. */
void trace_wire(const struct trace *t, enum trace_way way, struct slice line);

#endif
