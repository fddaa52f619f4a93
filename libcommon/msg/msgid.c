/* Message-IDs (see msgid.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>

#include "msg/msgid.h"

#define RANDOM_OCTETS 12

void
msgid_make(const struct given *g, struct slice domain, struct buf *out)
{
	unsigned char octets[RANDOM_OCTETS];

	if (!domain.n)
		domain = slice_str(g->hostname);
	if (!domain.n)
		domain = slice_str("localhost");
	g->random(octets, sizeof(octets));
	buf_fmt(out, "<%" PRIx64 ".", (uint64_t)given_now(g));
	for (size_t i = 0; i < sizeof(octets); i++)
		buf_fmt(out, "%02x", octets[i]);
	buf_fmt(out, "@%.*s>", SLICE_ARG(domain));
}

/* What may stand in an id as it is seen: anything but blanks and brackets. */
static bool
is_id_octet(int c)
{
	return c > ' ' && c != '<' && c != '>' && c != 127;
}

/*	msg-id  =  "<" id-left "@" id-right ">"
 *
 * Ids without "@" are seen, and count: they are only compared. */
static bool
take_id(struct slice *s, struct slice *id_r)
{
	struct slice rest = *s, inside;

	if (!slice_take_prefix(&rest, "<"))
		return false;
	inside = slice_take_while(&rest, is_id_octet);
	if (!inside.n || !slice_take_prefix(&rest, ">") ||
	    inside.n + 2 > MSGID_MAX)
		return false;
	*id_r = slice_of(s->p, inside.n + 2);
	*s = rest;
	return true;
}

bool
msgid_next(struct slice *value, struct slice *id_r)
{
	while (value->n) {
		slice_take(value, slice_find(*value, '<'));
		if (take_id(value, id_r))
			return true;
		slice_take(value, 1);
	}
	return false;
}

bool
msgid_first(struct slice value, struct slice *id_r)
{
	struct slice rest = value, bare = slice_trim(value), run = bare;

	if (msgid_next(&rest, id_r))
		return true;
	run = slice_take_while(&run, is_id_octet);
	if (!bare.n || run.n != bare.n || bare.n > MSGID_MAX ||
	    slice_find(bare, '@') == SIZE_MAX)
		return false;
	*id_r = bare;
	return true;
}
