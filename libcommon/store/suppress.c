/* The list of addresses not to write to: reading it (see suppress.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "text/date.h"

#include "store/suppress.h"
#include "store/suppress_private.h"

struct suppress_list {
	struct io_map map;
	struct slice lines; /* behind the first line */
	const struct suppress_hash *hash;
};

void
suppress_key(struct slice address, struct buf *out)
{
	address = slice_trim(slice_sub(address, 0, SUPPRESS_KEY_MAX));
	for (size_t i = 0; i < address.n; i++) {
		int c = ascii_lower((unsigned char)address.p[i]);

		buf_char(out, c == '\t' || c == '\n' || c == '\r' ? '?' : c);
	}
}

int
suppress_key_of(
    const struct suppress_hash *h, struct slice address, struct buf *out)
{
	struct buf plain;
	int r;

	if (!h || !h->make) {
		suppress_key(address, out);
		return 0;
	}
	buf_init(&plain, SUPPRESS_KEY_MAX + 1);
	suppress_key(address, &plain);
	r = h->make(h, buf_view(&plain), out);
	buf_free(&plain);
	return r;
}

bool
suppress_read_until(struct slice s, int64_t *until_r)
{
	if (slice_is(s, "always")) {
		*until_r = SUPPRESS_ALWAYS;
		return true;
	}
	return date_parse_3339(s, until_r, NULL);
}

static int64_t
time_of(struct slice s)
{
	int64_t t;

	if (slice_is(s, "released"))
		return SUPPRESS_RELEASED;
	return suppress_read_until(s, &t) ? t : SUPPRESS_COUNTING;
}

bool
suppress_parse_line(struct slice line, struct suppress_entry *e_r)
{
	struct slice c[9];
	bool more = true;

	for (size_t i = 0; i < COUNT_OF(c); i++) {
		if (!more)
			return false;
		c[i] = slice_take_until(&line, '\t', &more);
	}
	memset(e_r, 0, sizeof(*e_r));
	if (!c[0].n || !slice_number(c[4], UINT32_MAX, &e_r->count))
		return false;
	e_r->key = c[0];
	e_r->until = time_of(c[1]);
	e_r->reason = c[2];
	e_r->scope = c[3];
	e_r->first = time_of(c[5]);
	e_r->last = time_of(c[6]);
	e_r->source = c[7];
	e_r->seen = slice_is(c[8], "-") ? slice_of(NULL, 0) : c[8];
	return true;
}

/* Takes the first line: what the file is, and by which key. */
int
suppress_take_head(struct slice *text, const struct suppress_hash *hash,
    const char *path, struct err *e)
{
	struct slice line;
	const char *name = hash && hash->make ? hash->name : "";

	if (!slice_take_line(text, &line, NULL) ||
	    !slice_take_prefix(&line, SUPPRESS_HEAD))
		return err_set(e, ERR_DATA,
		    "'%s' is no suppression list (its first line)", path);
	line = slice_trim(line);
	if (slice_take_prefix(&line, "hmac "))
		line = slice_trim(line);
	if (slice_is(line, name))
		return 0;
	if (!line.n)
		return err_set(e, ERR_CONFIG,
		    "'%s' holds plain addresses: leave --hash out", path);
	return err_set(e, ERR_CONFIG,
	    "'%s' was made with %s key: give it with --hash", path,
	    *name ? "another" : "a");
}

int
suppress_open(struct suppress_list **l_r, const char *path,
    const struct suppress_hash *hash, struct err *e)
{
	struct suppress_list *l = mem_new(sizeof(*l));

	*l_r = NULL;
	l->hash = hash;
	if (io_map_file(path, SUPPRESS_FILE_MAX, &l->map, e) < 0) {
		mem_free(l);
		return -1;
	}
	l->lines = l->map.bytes;
	if (suppress_take_head(&l->lines, hash, path, e) < 0) {
		suppress_close(&l);
		return -1;
	}
	*l_r = l;
	return 0;
}

void
suppress_close(struct suppress_list **l)
{
	if (!*l)
		return;
	io_unmap(&(*l)->map);
	mem_free(*l);
	*l = NULL;
}

/* Where the line around octet at starts. */
static size_t
line_start(struct slice s, size_t at)
{
	while (at && s.p[at - 1] != '\n')
		at--;
	return at;
}

static struct slice
key_at(struct slice s, size_t at)
{
	struct slice line = slice_sub(s, at, at + SUPPRESS_KEY_MAX + 1);

	return slice_take_until(&line, '\t', NULL);
}

/* The file is sorted by the octets of its keys. */
static bool
search(
    const struct suppress_list *l, struct slice key, struct suppress_entry *e_r)
{
	size_t low = 0, high = l->lines.n;

	while (low < high) {
		size_t at = line_start(l->lines, low + (high - low) / 2);
		struct slice rest = slice_sub(l->lines, at, l->lines.n), line;
		int order = slice_compare(key_at(l->lines, at), key);

		slice_take_line(&rest, &line, NULL);
		if (!order)
			return suppress_parse_line(line, e_r);
		if (order < 0)
			low = l->lines.n - rest.n;
		else
			high = at;
	}
	return false;
}

bool
suppress_find(const struct suppress_list *l, struct slice address,
    struct suppress_entry *e_r)
{
	struct buf key;
	bool found;

	buf_init(&key, SUPPRESS_KEY_MAX + 1);
	found = suppress_key_of(l->hash, address, &key) == 0 &&
	        search(l, buf_view(&key), e_r);
	buf_free(&key);
	return found;
}

bool
suppress_is_live(const struct suppress_entry *e, int64_t now)
{
	return e->until > 0 && e->until > now;
}

bool
suppress_blocks(const struct suppress_list *l, struct slice address,
    int64_t now, struct suppress_entry *e_r)
{
	size_t at = slice_find_last(address, '@');

	if (suppress_find(l, address, e_r) && suppress_is_live(e_r, now))
		return true;
	return at != SIZE_MAX && at > 0 &&
	       suppress_find(l, slice_sub(address, at, address.n), e_r) &&
	       suppress_is_live(e_r, now);
}

int
suppress_next(
    const struct suppress_list *l, size_t *at, struct suppress_entry *e_r)
{
	struct slice rest = slice_sub(l->lines, *at, l->lines.n), line;

	if (!slice_take_line(&rest, &line, NULL))
		return 0;
	*at = l->lines.n - rest.n;
	return suppress_parse_line(line, e_r) ? 1 : -1;
}
