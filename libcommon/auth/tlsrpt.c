/* TLS-RPT records.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/tlsrpt.h"

bool
tlsrpt_uri_ok(struct slice uri)
{
	struct slice s = uri;
	size_t at;

	if (slice_take_prefix_nocase(&s, "mailto:")) {
		at = slice_find_last(s, '@');
		return at != SIZE_MAX && at > 0 && at + 1 < s.n;
	}
	return slice_take_prefix_nocase(&s, "https://") && s.n > 0 &&
	       slice_peek(s) != '/';
}

/*	tlsrpt-rua = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)	*/
int
tlsrpt_read(struct slice text, struct tlsrpt_record *r)
{
	const struct txtfield *rua;
	struct slice list;
	size_t good = 0;

	r->count = 0;
	if (!txtfields_read(text, TLSRPT_VERSION, true, &r->fields))
		return 0;
	rua = txtfields_find(&r->fields, "rua");
	list = rua ? rua->value : slice_of(NULL, 0);
	while (list.n && r->count < TLSRPT_URIS_MAX) {
		struct slice one =
		    slice_trim(slice_take_until(&list, ',', NULL));

		r->uri[r->count++] = one;
		good += tlsrpt_uri_ok(one);
	}
	return good ? 1 : -1;
}
