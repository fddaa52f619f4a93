/* msend says that a message is to be delivered even where TLS fails (RFC 8689,
 * section 3).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend.h"

#define NAME "TLS-Required"

void
msend_tls_compose(struct msend_work *w, struct opt_list *header)
{
	if (!w->set->esmtp.tls_not_required)
		return;
	for (size_t i = 0; i < header->n; i++) {
		struct slice rest = slice_str(header->v[i]), name;

		name = slice_take_until(&rest, ':', NULL);
		if (slice_is_nocase(slice_trim(name), NAME))
			return;
	}
	opt_list_add(header, NAME ": No", w->arena);
}

int
msend_tls_take(struct msend_work *w, struct err *e)
{
	static const char *const none[] = { NULL };

	if (!w->set->esmtp.tls_not_required || submit_has(&w->submit, NAME))
		return 0;
	return submit_replace(&w->submit, none, NAME ": No\n", e);
}
