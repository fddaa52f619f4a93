/* Messages in (see source.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"

#include "text/eol.h"

#include "store/mboxread.h"
#include "store/source.h"
#include "store/sourcedir.h"

struct source {
	const char *const *paths;
	size_t n, at; /* at: the next one */
	uint64_t count, in_path;

	struct io_map map;  /* the file at hand */
	struct slice rest;  /* of an mbox */
	const char *path;   /* of the file */
	char *unquoted;     /* a copy of the message, or null */
	struct io_map copy; /* the same of a large one */
	struct sourcedir d; /* files of the directory at hand */
	bool open;          /* an mbox or a directory is at hand */
	enum source_kind kind;
};

static const char *const standard_input[] = { "-" };

void
source_open(struct source **s_r, const char *const *paths, size_t n)
{
	struct source *s = mem_new(sizeof(*s));

	s->paths = n ? paths : standard_input;
	s->n = n ? n : 1;
	*s_r = s;
}

static void
drop_message(struct source *s)
{
	mem_free(s->unquoted);
	s->unquoted = NULL;
	io_unmap(&s->copy);
}

static void
drop_path(struct source *s)
{
	drop_message(s);
	io_unmap(&s->map);
	sourcedir_free(&s->d);
	s->open = false;
}

void
source_free(struct source **s)
{
	if (!*s)
		return;
	drop_path(*s);
	mem_free(*s);
	*s = NULL;
}

static uint64_t
count_lines(const struct io_map *map, struct slice s)
{
	struct eol_facts f = { 0 };

	while (s.n) {
		struct slice piece = eol_take_lines(&s, IO_STRIDE);

		eol_scan_more(piece, &f);
		io_map_done(map, piece);
	}
	return f.lines;
}

int
source_check(const struct io_map *map, struct slice bytes, struct err *e)
{
	size_t at = eol_long_line(bytes, SOURCE_LINE_MAX, map);

	if (at == SIZE_MAX)
		return 0;
	return err_set(e, ERR_DATA,
	    "line %llu is longer than %zu octets: this is no mail",
	    (unsigned long long)count_lines(map, slice_sub(bytes, 0, at)) + 1,
	    SOURCE_LINE_MAX);
}

/* Line 1 is that behind an mbox's From_ line. */
static int
give(struct source *s, struct slice bytes, const struct io_map *map,
    struct source_message *m_r, struct err *e)
{
	m_r->bytes = bytes;
	m_r->map = map;
	m_r->path = s->path;
	m_r->kind = s->kind;
	m_r->n = ++s->count;
	m_r->in_path = ++s->in_path;
	if (source_check(map, bytes, e) == 0)
		return 1;
	return err_in(
	    e, "'%s', message %llu", s->path, (unsigned long long)s->in_path);
}

/* The message at hand without the quotes of the mbox, in a file: it is large.
 */
static int
unquote_into_file(struct source *s, struct slice bytes, struct err *e)
{
	const size_t size = bytes.n;
	int temp = io_temp(NULL, e), r = temp < 0 ? -1 : 0;
	struct buf b;

	buf_init(&b, SOURCE_LINE_MAX + IO_STRIDE + 1);
	while (r == 0 && bytes.n) {
		struct slice piece = eol_take_lines(&bytes, IO_STRIDE);
		char *room;

		buf_reset(&b);
		room = buf_room(&b, piece.n);
		r = room ? io_write(temp, room, mboxread_unquote(piece, room),
			       "temporary file", e)
		         : err_set(e, ERR_DATA, "a line is too long");
		io_map_done(&s->map, piece);
	}
	buf_free(&b);
	if (r == 0 && lseek(temp, 0, SEEK_SET) < 0)
		r = err_sys(e, ERR_IO, "cannot read the temporary file");
	if (r == 0)
		r = io_map_fd(temp, size, "temporary file", &s->copy, e);
	if (temp >= 0)
		close(temp);
	return r;
}

/* The next message of the mbox at hand: 1, or 0 when it is used up. */
static int
next_of_mbox(struct source *s, struct source_message *m_r, struct err *e)
{
	struct mboxread_message m;

	io_map_passed(&s->map, s->rest.p);
	if (!mboxread_take(&s->rest, &s->map, &m))
		return 0;
	m_r->from_ = m.from_;
	if (!m.quoted)
		return give(s, m.bytes, &s->map, m_r, e);
	/* Before it is copied: unquoted, a line is no longer than quoted. */
	if (m.bytes.n > SOURCE_COPY_MAX)
		return source_check(&s->map, m.bytes, e) < 0 ||
		               unquote_into_file(s, m.bytes, e) < 0
		           ? -1
		           : give(s, s->copy.bytes, &s->copy, m_r, e);
	s->unquoted = mem_new(m.bytes.n);
	m.bytes = slice_of(s->unquoted, mboxread_unquote(m.bytes, s->unquoted));
	return give(s, m.bytes, NULL, m_r, e);
}

static int
next_of_dir(struct source *s, struct source_message *m_r, struct err *e)
{
	io_unmap(&s->map);
	for (;;) {
		s->path = sourcedir_next(&s->d, &m_r->flags);
		if (!s->path)
			return 0;
		if (io_map_file(s->path, SOURCE_MAX, &s->map, e) == 0)
			return give(s, s->map.bytes, &s->map, m_r, e);
		/* Somebody may have read and moved it meanwhile. */
		if (!e || e->sys != ENOENT)
			return -1;
	}
}

static int
map_path(struct source *s, struct err *e)
{
	if (slice_is(slice_str(s->path), "-"))
		return io_map_fd(
		    STDIN_FILENO, SOURCE_MAX, "standard input", &s->map, e);
	return io_map_file(s->path, SOURCE_MAX, &s->map, e);
}

static int
open_file(struct source *s, struct source_message *m_r, struct err *e)
{
	if (map_path(s, e) < 0)
		return -1;
	if (!s->map.bytes.n)
		return err_set(e, ERR_NOINPUT, "'%s' is empty", s->path);
	s->kind = mboxread_is(s->map.bytes) ? SOURCE_MBOX : SOURCE_FILE;
	if (s->kind == SOURCE_FILE)
		return give(s, s->map.bytes, &s->map, m_r, e);
	s->open = true;
	s->rest = s->map.bytes;
	return next_of_mbox(s, m_r, e);
}

static int
open_path(struct source *s, struct source_message *m_r, struct err *e)
{
	struct stat st;

	s->path = s->paths[s->at++];
	s->in_path = 0;
	if (slice_is(slice_str(s->path), "-") || stat(s->path, &st) < 0 ||
	    !S_ISDIR(st.st_mode))
		return open_file(s, m_r, e);
	s->kind = sourcedir_is_maildir(s->path) ? SOURCE_MAILDIR : SOURCE_DIR;
	if (sourcedir_open(&s->d, s->path, s->kind == SOURCE_MAILDIR, e) < 0)
		return -1;
	s->open = true;
	return next_of_dir(s, m_r, e);
}

int
source_next(struct source *s, struct source_message *m_r, struct err *e)
{
	int r = 0;

	*m_r = (struct source_message){ .flags = "" };
	drop_message(s);
	if (s->open)
		r = s->kind == SOURCE_MBOX ? next_of_mbox(s, m_r, e)
		                           : next_of_dir(s, m_r, e);
	while (!r) {
		drop_path(s);
		if (s->at == s->n)
			return 0;
		r = open_path(s, m_r, e);
	}
	return r;
}
