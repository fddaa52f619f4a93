/* Fuzzes proto/reply, proto/smtpcap and proto/queueid: lines from a server.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "proto/queueid.h"
#include "proto/reply.h"
#include "proto/smtpcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), line;
	struct smtp_caps caps;
	struct arena a = { 0 };
	const char *id;
	struct reply r;
	struct err e;
	int ret = 0;

	reply_init(&r);
	while (ret >= 0 && slice_take_line(&in, &line, NULL)) {
		ret = reply_add(&r, line, &e);
		if (ret < 1)
			continue;
		if (r.code < 200 || r.code > 599 ||
		    slice_find(buf_view(&r.text), '\0') != SIZE_MAX)
			abort();
		smtpcap_read(buf_view(&r.text), &caps);
		id = queueid_find(arena_copy(&a, buf_view(&r.text)), &a);
		if (id && (!id[0] || strlen(id) > QUEUEID_MAX))
			abort();
		if (reply_refusal(&r, &e) != -1 || e.kind == ERR_OK)
			abort();
	}
	arena_free(&a);
	reply_free(&r);
	return 0;
}
