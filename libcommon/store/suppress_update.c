/* The list of addresses not to write to: changing it (see suppress.h). The old
 * file and the sorted events are merged into a new one beside it, which takes
 * its place when it is whole and on the disk.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/date.h"

#include "store/suppress_private.h"

#define BLOCK 262144
#define LOCK_TRY                                                               \
	1000 /* times that the file may change while we wait for it            \
	      */
#define TOMB (365 * 86400) /* seconds that a release is remembered */

struct merge {
	const struct suppress_hash *hash;
	struct suppress_change *c;
	int64_t now;
	bool expire;
	int out;
	struct buf block;
	struct io_map *map; /* of the old list */
	const char *path;
};

/* An entry on its way into the new file. */
struct state {
	struct suppress_entry e;
	char seen[SUPPRESS_SEEN_MAX * (SUPPRESS_SEEN_SIZE + 1) + 1];
	int64_t times[SUPPRESS_SEEN_MAX];
	size_t n; /* digests in seen */
	bool known;
};

static void
put_time(struct buf *b, int64_t t)
{
	char text[DATE_TEXT_MAX];

	if (t == SUPPRESS_ALWAYS)
		buf_text(b, "always");
	else if (t == SUPPRESS_RELEASED)
		buf_text(b, "released");
	else if (t == SUPPRESS_COUNTING)
		buf_char(b, '-');
	else {
		date_make_3339(t, 0, text);
		buf_text(b, text);
	}
}

static void
put_word(struct buf *b, struct slice s)
{
	if (!s.n)
		buf_char(b, '-');
	for (size_t i = 0; i < s.n && i < 200; i++)
		buf_char(b, (unsigned char)s.p[i] < 32 ? '?' : s.p[i]);
}

static int
flush(struct merge *m, size_t least, struct err *e)
{
	if (m->block.n < least)
		return 0;
	if (io_write(m->out, m->block.p, m->block.n, m->path, e) < 0)
		return -1;
	buf_reset(&m->block);
	return 0;
}

static int
put_entry(struct merge *m, const struct suppress_entry *v, struct err *e)
{
	struct buf *b = &m->block;

	if (m->expire && ((v->until > 0 && v->until <= m->now) ||
			     (v->until <= 0 && v->last < m->now - TOMB))) {
		m->c->expired++;
		return 0;
	}
	buf_slice(b, v->key);
	buf_char(b, '\t');
	put_time(b, v->until);
	buf_char(b, '\t');
	put_word(b, v->reason);
	buf_char(b, '\t');
	put_word(b, v->scope);
	buf_fmt(b, "\t%llu\t", (unsigned long long)v->count);
	put_time(b, v->first);
	buf_char(b, '\t');
	put_time(b, v->last);
	buf_char(b, '\t');
	put_word(b, v->source);
	buf_char(b, '\t');
	buf_slice(b, v->seen.n ? v->seen : slice_str("-"));
	buf_char(b, '\n');
	return flush(m, BLOCK, e);
}

static struct slice
short_digest(struct slice digest)
{
	return slice_sub(digest, 0, SUPPRESS_SEEN_SIZE);
}

/* Digests as "a,b,c". */
static bool
has_seen(const struct state *s, struct slice digest)
{
	struct slice all = s->e.seen, one;

	while (all.n) {
		one = slice_take_until(&all, ',', NULL);
		if (slice_equal(one, digest))
			return true;
	}
	return false;
}

/* The newest digest last; the oldest goes when there are too many. */
static void
add_seen(struct state *s, struct slice digest)
{
	char made[sizeof(s->seen)];
	struct slice old = s->e.seen;
	int n;

	if (!digest.n)
		return;
	while (old.n + digest.n + 2 > sizeof(made))
		slice_take_until(&old, ',', NULL);
	n = snprintf(made, sizeof(made), "%.*s%s%.*s", SLICE_ARG(old),
	    old.n ? "," : "", SLICE_ARG(digest));
	memcpy(s->seen, made, (size_t)n);
	s->e.seen = slice_of(s->seen, (size_t)n);
}

static void
release(struct merge *m, struct state *s, const struct suppress_event *v)
{
	if (!s->known || s->e.until == SUPPRESS_RELEASED || v->time < s->e.last)
		return;
	s->e.until = SUPPRESS_RELEASED;
	s->e.count = 0;
	s->e.last = v->time;
	add_seen(s, short_digest(v->digest));
	m->c->released++;
}

static void
start_over(struct state *s, const struct suppress_event *v)
{
	s->e.count = 0;
	s->e.first = v->time;
	s->e.until = SUPPRESS_COUNTING;
}

static int64_t
until_of(const struct suppress_event *v)
{
	return v->keep == SUPPRESS_ALWAYS ? SUPPRESS_ALWAYS : v->time + v->keep;
}

/* One event; what was seen before changes nothing. */
static void
apply(struct merge *m, struct state *s, const struct suppress_event *v)
{
	struct slice digest = short_digest(v->digest);

	if (digest.n && has_seen(s, digest)) {
		m->c->known++;
		return;
	}
	if (v->release) {
		release(m, s, v);
		return;
	}
	/* too old to matter: a list that forgot it stays as it is */
	if (v->keep != SUPPRESS_ALWAYS && v->time + v->keep < m->now &&
	    v->time + v->window < m->now) {
		m->c->known++;
		return;
	}
	/* of before it was taken off the list */
	if (s->known && s->e.until == SUPPRESS_RELEASED) {
		if (v->time <= s->e.last) {
			m->c->known++;
			return;
		}
		start_over(s, v);
	}
	if (s->known && s->e.until > 0 &&
	    (s->e.until > v->time || v->time <= s->e.last)) {
		/* a graver reason makes it longer, nothing else does */
		if (v->count == 1 && until_of(v) > s->e.until) {
			s->e.until = until_of(v);
			s->e.reason = v->reason;
			s->e.scope = v->scope;
			add_seen(s, digest);
			m->c->added++;
			return;
		}
		m->c->known++;
		return;
	}
	if (!s->known || s->e.until > 0 ||
	    (v->window && v->time - s->e.first > v->window))
		start_over(s, v);
	s->known = true;
	s->e.count++;
	if (v->time < s->e.first)
		s->e.first = v->time;
	if (v->time > s->e.last)
		s->e.last = v->time;
	s->e.reason = v->reason;
	s->e.scope = v->scope;
	s->e.source = v->source;
	add_seen(s, digest);
	if (s->e.count >= v->count) {
		s->e.until = until_of(v);
		m->c->added++;
	} else {
		m->c->counted++;
	}
}

static int
by_key(const void *a, const void *b)
{
	const struct suppress_event *x = a, *y = b;
	int order = slice_compare(x->key, y->key);

	if (order)
		return order;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* All events of one key, onto its entry (null: it is new). */
static int
merge_key(struct merge *m, const struct suppress_entry *old,
    const struct suppress_event *v, size_t n, struct err *e)
{
	struct state s;

	memset(&s, 0, sizeof(s));
	s.e.key = v[0].key;
	if (old) {
		s.e = *old;
		s.known = true;
	}
	for (size_t i = 0; i < n; i++)
		apply(m, &s, &v[i]);
	return s.known ? put_entry(m, &s.e, e) : 0;
}

static size_t
run_of(const struct suppress_event *v, size_t n)
{
	size_t k = 1;

	while (k < n && slice_equal(v[k].key, v[0].key))
		k++;
	return k;
}

/* The line around the octet at decides: what is looked for is behind it or not
 * behind its start. */
static void
narrow(struct slice s, struct slice key, size_t at, size_t *low, size_t *high)
{
	size_t eol = slice_find_last(slice_sub(s, *low, at), '\n');
	size_t start = eol == SIZE_MAX ? *low : *low + eol + 1;
	struct slice rest = slice_sub(s, start, s.n), line;

	slice_take_line(&rest, &line, NULL);
	if (slice_compare(slice_take_until(&line, '\t', NULL), key) < 0)
		*low = s.n - rest.n;
	else
		*high = start;
}

/* The first line whose key is not before key: of many it is near, so that the
 * steps grow from the front before they shrink. */
static size_t
lower_bound(struct slice s, struct slice key)
{
	size_t low = 0, high = s.n;

	for (size_t step = 4096; low + step < high; step *= 2)
		narrow(s, key, low + step, &low, &high);
	while (low < high)
		narrow(s, key, low + (high - low) / 2, &low, &high);
	return low;
}

/* Lines that nothing happened to. */
static int
keep(struct merge *m, struct slice lines, struct err *e)
{
	struct slice line;

	while (!m->expire && lines.n) {
		struct slice piece = slice_take(&lines, BLOCK);

		buf_slice(&m->block, piece);
		if (!lines.n && piece.p[piece.n - 1] != '\n')
			buf_char(&m->block, '\n');
		if (flush(m, BLOCK, e) < 0)
			return -1;
		io_map_passed(m->map, piece.p + piece.n);
	}
	while (slice_take_line(&lines, &line, NULL)) {
		struct suppress_entry have;

		if (suppress_parse_line(line, &have) &&
		    put_entry(m, &have, e) < 0)
			return -1;
		io_map_passed(m->map, lines.p);
	}
	return 0;
}

static int
merge_all(struct merge *m, struct slice old, const struct suppress_event *v,
    size_t n, struct err *e)
{
	while (n) {
		size_t k = run_of(v, n);
		struct suppress_entry have;
		struct slice line, rest;
		bool known;

		if (keep(m, slice_take(&old, lower_bound(old, v->key)), e) < 0)
			return -1;
		rest = old;
		known = slice_take_line(&rest, &line, NULL) &&
		        suppress_parse_line(line, &have) &&
		        slice_equal(have.key, v->key);
		if (known)
			old = rest;
		if (merge_key(m, known ? &have : NULL, v, k, e) < 0)
			return -1;
		v += k;
		n -= k;
	}
	if (keep(m, old, e) < 0)
		return -1;
	return flush(m, 1, e);
}

static int
make_keys(const struct suppress_hash *hash, struct suppress_event *v, size_t n,
    struct arena *a, struct err *e)
{
	struct buf key;
	int r = 0;

	buf_init(&key, SUPPRESS_KEY_MAX + 1);
	for (size_t i = 0; i < n && r == 0; i++) {
		buf_reset(&key);
		v[i].key = v[i].address;
		r = suppress_key_of(
		    v[i].hashed ? NULL : hash, v[i].address, &key);
		if (!slice_equal(buf_view(&key), v[i].address))
			v[i].key =
			    slice_of(arena_copy(a, buf_view(&key)), key.n);
		v[i].order = i;
	}
	buf_free(&key);
	if (r < 0)
		return err_set(e, ERR_UNAVAILABLE, "cannot make the keys");
	if (n)
		qsort(v, n, sizeof(*v), by_key);
	return 0;
}

/* Opens the list and holds its lock: the file that is there, not one that was
 * replaced while we waited. */
static int
lock_list(const char *path, struct err *e)
{
	for (int i = 0; i < LOCK_TRY; i++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		struct stat here, there;

		if (fd < 0)
			return err_sys(e, ERR_IO, "cannot open '%s'", path);
		if (flock(fd, LOCK_EX) < 0 || fstat(fd, &here) < 0) {
			close(fd);
			return err_sys(e, ERR_IO, "cannot lock '%s'", path);
		}
		if (stat(path, &there) == 0 && here.st_ino == there.st_ino &&
		    here.st_dev == there.st_dev)
			return fd;
		close(fd);
	}
	return err_set(e, ERR_TEMP, "'%s' is always replaced", path);
}

static int
write_new(struct merge *m, const char *temp, struct slice old,
    const struct suppress_event *v, size_t n, struct err *e)
{
	int r;

	m->out = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (m->out < 0)
		return err_sys(e, ERR_IO, "cannot create '%s'", temp);
	buf_init(&m->block, 3 * BLOCK);
	buf_fmt(&m->block, "%s%s%s\n", SUPPRESS_HEAD,
	    m->hash && m->hash->make ? " hmac " : "",
	    m->hash && m->hash->make ? m->hash->name : "");
	r = merge_all(m, old, v, n, e);
	buf_free(&m->block);
	if (r == 0)
		r = io_sync(m->out, temp, e);
	if (io_close(&m->out, temp, r == 0 ? e : NULL) < 0)
		r = -1;
	return r;
}

static int
replace(const char *path, const char *temp, struct arena *a, struct err *e)
{
	char *dir = arena_string(a, path);
	char *slash = strrchr(dir, '/');
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, ERR_CANTCREAT, "'%s' is no file", path);
	if (rename(temp, path) < 0)
		return err_sys(e, ERR_IO, "cannot replace '%s'", path);
	if (slash)
		slash[slash == dir] = '\0';
	return io_sync_dir(slash ? dir : ".", e);
}

int
suppress_update(const char *path, const struct suppress_hash *hash,
    struct suppress_event *v, size_t n, int64_t now, bool expire,
    struct suppress_change *c_r, struct err *e)
{
	struct merge m = {
		.hash = hash, .c = c_r, .now = now, .expire = expire
	};
	struct io_map map = { .base = NULL };
	struct arena a = { 0 };
	char *temp = arena_fmt(&a, "%s.new", path);
	int lock = -1, r = -1;
	struct slice old;

	memset(c_r, 0, sizeof(*c_r));
	m.path = path;
	m.map = &map;
	if (make_keys(hash, v, n, &a, e) < 0 || (lock = lock_list(path, e)) < 0)
		goto out;
	if (io_map_fd(lock, SUPPRESS_FILE_MAX, path, &map, e) < 0)
		goto out;
	old = map.bytes;
	if (old.n && suppress_take_head(&old, hash, path, e) < 0)
		goto out;
	r = write_new(&m, temp, old, v, n, e);
	if (r == 0)
		r = replace(path, temp, &a, e);
	if (r < 0)
		unlink(temp);
out:
	io_unmap(&map);
	if (lock >= 0)
		close(lock);
	arena_free(&a);
	return r;
}
