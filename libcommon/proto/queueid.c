/* Names of messages in replies (see queueid.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/queueid.h"

static bool
is_id_char(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '.' ||
	       c == '_' || c == '@' || c == '$' || c == '=' || c == '/' ||
	       c == '+';
}

/* The word at the start of s, a "<" in front of it aside. */
static const char *
id_at(struct slice s, struct arena *a)
{
	struct slice id = slice_trim_start(s);

	(void)slice_take_prefix(&id, "<");
	s = id;
	while (is_id_char(slice_peek(s)))
		(void)slice_get(&s);
	id.n -= s.n;
	while (id.n > 0 && id.p[id.n - 1] == '.')
		id.n--;
	return id.n > 0 && id.n <= QUEUEID_MAX ? arena_copy(a, id) : NULL;
}

const char *
queueid_find(const char *text, struct arena *a)
{
	static const char *const before[] = { "queued as ",
		"id=", "Message-Id: ", "queue id " };
	struct slice s = slice_str(text), rest, word;

	for (rest = s; rest.n > 0; (void)slice_get(&rest))
		for (size_t i = 0; i < COUNT_OF(before); i++) {
			struct slice at = rest;

			if (slice_take_prefix_nocase(&at, before[i]))
				return id_at(at, a);
		}
	rest = s;
	word = slice_take_until(&rest, ' ', NULL);
	if (word.n > 0 && slice_take_prefix_nocase(&rest, "Message accepted"))
		return id_at(word, a);
	return NULL;
}
