/* Fuzzes proto/smtppath: what is read as a path is read the same again.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/buf.h"

#include "proto/smtppath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(struct slice mailbox)
{
	struct smtppath p;
	struct buf b;
	struct slice s;

	buf_init(&b, SIZE_MAX);
	buf_char(&b, '<');
	buf_slice(&b, mailbox);
	buf_char(&b, '>');
	s = buf_view(&b);
	if (!smtppath_read(&s, true, &p) || s.n ||
	    !slice_equal(p.mailbox, mailbox))
		abort();
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_of(data, size), key, value;
	struct smtppath p;

	(void)smtppath_is_domain(s, true);
	if (smtppath_read(&s, true, &p)) {
		if (p.local.n > SMTPPATH_LOCAL_MAX ||
		    p.domain.n > SMTPPATH_DOMAIN_MAX)
			abort();
		again(p.mailbox);
		while (smtppath_param(&s, &key, &value) > 0)
			if (key.n == 0)
				abort();
	}
	return 0;
}
