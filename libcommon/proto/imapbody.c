/* What a BODYSTRUCTURE tells (see imapbody.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/imapbody.h"
#include "proto/imaplex.h"

/* body-fld-dsp = "(" string SP body-fld-param ")", wherever it stands:
 * ("attachment" ("filename" "x")), ("attachment" NIL). A parameter of that
 * name has a string behind it. */
bool
imapbody_attachments(struct slice structure, size_t *n_r)
{
	enum { ELSEWHERE, OPENED, NAMED } state = ELSEWHERE;
	struct imaplex_token t = { .kind = IMAPLEX_END };
	unsigned tokens = 0;
	struct imaplex l;
	int got;

	*n_r = 0;
	imaplex_begin(&l, structure);
	while ((got = imaplex_next(&l, &t, NULL)) > 0) {
		if (++tokens > IMAPBODY_TOKENS_MAX)
			return false;
		if (state == NAMED &&
		    (t.kind == IMAPLEX_OPEN || imaplex_is_nil(&t)))
			++*n_r;
		if (t.kind == IMAPLEX_OPEN)
			state = OPENED;
		else if (state == OPENED && t.kind == IMAPLEX_QUOTED &&
			 slice_is_nocase(t.text, "attachment"))
			state = NAMED;
		else
			state = ELSEWHERE;
	}
	return got == 0 && tokens > 1;
}
