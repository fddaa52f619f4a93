/* What a server can do, and does its own way (see imap.h): told by what it says
 * of itself.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/imapparts.h"

static const struct {
	const char *name;
	const char *capability; /* or null */
	const char *said;       /* in greeting or ID, or null */
	unsigned quirks;
} servers[] = {
	/* \Deleted and EXPUNGE take the folder's label off; the message stays
	 * in All Mail. IDLE is ended after ten minutes. */
	{ "Gmail", "X-GM-EXT-1", NULL, IMAP_DELETE_MOVES | IMAP_SHORT_IDLE },
	/* RFC822.SIZE is a guess everywhere here and never relied on; IDLE
	 * tells of new mail late or not at all. */
	{ "Exchange", NULL, "Microsoft Exchange", IMAP_FRESH_LOOK },
	{ "Exchange", NULL, "Outlook", IMAP_FRESH_LOOK },
	/* Its HIGHESTMODSEQ is 0 or stands still. */
	{ "Yahoo", NULL, "Yahoo", IMAP_NO_MODSEQ | IMAP_SHORT_IDLE },
	/* Confirms ENABLE with an empty list and keeps modseqs all the same:
	 * judged by HIGHESTMODSEQ alone. */
	{ "iCloud", "XAPPLEPUSHSERVICE", NULL, IMAP_NO_COMPRESS },
	/* Reads a command at a time, shows new mail after a NOOP, and forgets
	 * UIDs and UIDVALIDITY that it made up for an EXAMINE. */
	{ "Courier", NULL, "Courier-IMAP",
	    IMAP_ONE_AT_ONCE | IMAP_FRESH_LOOK | IMAP_SELECT_ONLY },
	{ "Dovecot", NULL, "Dovecot", 0 },
	/* 3.6 takes the MAILBOXID of LIST-STATUS out of freed memory. */
	{ "Cyrus", NULL, "Cyrus", IMAP_NO_LIST_ID },
};

static bool
has_word(const struct buf *words, const char *word)
{
	struct slice list = buf_view(words);

	while (list.n > 0)
		if (slice_is_nocase(slice_take_until(&list, ' ', NULL), word))
			return true;
	return false;
}

bool
imap_has(const struct imap *m, const char *capability)
{
	return has_word(&m->caps, capability);
}

bool
imap_enabled(const struct imap *m, const char *capability)
{
	return has_word(&m->enabled, capability);
}

unsigned
imap_quirks(const struct imap *m, const char **name_r)
{
	if (name_r)
		*name_r = NULL;
	for (size_t i = 0; i < COUNT_OF(servers); i++) {
		if (servers[i].capability &&
		    !imap_has(m, servers[i].capability))
			continue;
		if (servers[i].said &&
		    slice_search_nocase(buf_view(&m->said),
			slice_str(servers[i].said)) == SIZE_MAX)
			continue;
		if (name_r)
			*name_r = servers[i].name;
		return servers[i].quirks;
	}
	return 0;
}
