/* What mverify found, shown: text, JSON, an Authentication-Results field.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MVERIFY_H
#define MVERIFY_H

#include "auth/verify.h"

#include "tool.h"

/* One letter judged. */
struct mverify_show {
	struct tool_run *run;
	const struct verify_plan *plan;
	const struct verify *v;
	struct slice message;
	const char *authserv_id;
	struct arena *arena;
};

/* For people: a line each for DKIM, SPF, DMARC, and the verdict. */
void mverify_text(const struct mverify_show *s);

/* The object of schemas/mverify.json. */
struct json *mverify_json(const struct mverify_show *s);

/* The field alone. */
void mverify_field(const struct mverify_show *s, struct buf *out);

/* The header without the Authentication-Results fields that claim to be ours
 * (RFC 8601 5), the new one on top; the rest of the message is returned. */
struct slice mverify_add(const struct mverify_show *s, struct buf *out);

#endif
