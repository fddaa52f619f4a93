/* Fetching into a Maildir: tmp, one sync for the group, the journal, new or
 * cur, the directory (see fetchbox.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "store/maildir.h"

#include "proto/imaplex.h"

#include "flow/fetchboxkind.h"

#define BUFFERED  (64u << 10)
#define NAME_ROOM 512
#define TRY_NAMES 100

struct file {
	const char *tmp;   /* "tmp/NAME" */
	const char *where; /* "new/NAME" or "cur/NAME:2,S" */
	const char *fact;
};

struct maildir {
	int dir; /* descriptor */
	int fd;  /* of the message being written */
	char tmp[NAME_ROOM];
	struct buf out;
	uint64_t count; /* names made */
	char host[80];  /* as file names may have it */
	struct file files[FETCHBOX_GROUP + 1];
	bool in_new, in_cur; /* the group has files for */
};

static struct maildir *
own(const struct fetchbox *b)
{
	return b->own;
}

/* "/" and ":" of a host's name as \057 and \072 (maildir(5)). */
static void
set_host(struct maildir *m, const char *host)
{
	size_t n = 0;

	for (; *host && n + 5 < sizeof(m->host); host++) {
		if (*host == '/' || *host == ':' || *host == ' ') {
			snprintf(
			    m->host + n, 5, "\\%03o", (unsigned char)*host);
			n += 4;
		} else {
			m->host[n++] = *host;
		}
	}
	m->host[n] = '\0';
}

/* The message at where ("new/NAME", "cur/NAME:2,S") is there: as it was meant
 * to be, or with other flags by now; else it is moved there now. */
static int
find_flagged(const struct maildir *m, const char *name, struct err *e)
{
	int fd = openat(m->dir, "cur", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	size_t n = strcspn(name, ":");
	int found = 0;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return err_sys(e, ERR_IO, "cannot read 'cur' of the Maildir");
	}
	while (!found && (entry = readdir(d)))
		found = strncmp(entry->d_name, name, n) == 0 &&
		        (entry->d_name[n] == '\0' || entry->d_name[n] == ':');
	closedir(d);
	return found;
}

static int
in_place(void *arg, const char *where, struct err *e)
{
	struct fetchbox *b = arg;
	struct maildir *m = own(b);
	const char *slash = strchr(where, '/');
	char tmp[NAME_ROOM];

	if (!slash || strstr(where, "../"))
		return 0;
	snprintf(tmp, sizeof(tmp), "tmp/%.*s", (int)strcspn(slash + 1, ":"),
	    slash + 1);
	if (renameat(m->dir, tmp, m->dir, where) == 0) {
		m->in_new |= where[0] == 'n';
		m->in_cur |= where[0] == 'c';
		return 1;
	}
	if (errno != ENOENT)
		return err_sys(e, ERR_IO, "cannot rename '%s'", tmp);
	if (faccessat(m->dir, where, F_OK, 0) == 0)
		return 1;
	return find_flagged(m, slash + 1, e);
}

static int
sync_folder(const struct fetchbox *b, const char *name, struct err *e)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", b->path, name);
	return io_sync_dir(path, e);
}

static int
sync_folders(struct fetchbox *b, struct err *e)
{
	struct maildir *m = own(b);

	if ((m->in_new && sync_folder(b, "new", e) < 0) ||
	    (m->in_cur && sync_folder(b, "cur", e) < 0))
		return -1;
	m->in_new = m->in_cur = false;
	return 0;
}

static int
box_start(struct fetchbox *b, struct err *e)
{
	struct maildir *m = b->own = mem_new(sizeof(*m));
	struct fetchstate_judge judge = { in_place, b };

	m->fd = m->dir = -1;
	buf_init(&m->out, BUFFERED);
	set_host(m, b->given->hostname);
	if (maildir_make(b->path, e) < 0)
		return -1;
	m->dir = open(b->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->dir < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", b->path);
	if (fetchstate_settle(b->state, &judge, e) < 0)
		return -1;
	return sync_folders(b, e);
}

/* Files of a group that was not committed go; those of one whose commit was
 * begun stay for the next run. */
static void
box_close(struct fetchbox *b)
{
	struct maildir *m = own(b);

	for (size_t i = 0; i < b->messages; i++)
		unlinkat(m->dir, m->files[i].tmp, 0);
	buf_free(&m->out);
	if (m->dir >= 0)
		close(m->dir);
	mem_free(m);
}

/* A name nobody has: seconds, random octets and a count, host. */
static int
box_begin(struct fetchbox *b, struct err *e)
{
	struct maildir *m = own(b);
	int64_t now = given_now(b->given);
	uint64_t noise;

	buf_reset(&m->out);
	for (int i = 0; i < TRY_NAMES; i++) {
		b->given->random(&noise, sizeof(noise));
		snprintf(m->tmp, sizeof(m->tmp),
		    "tmp/%" PRId64 ".R%016" PRIx64 "Q%" PRIu64 ".%s", now,
		    noise, ++m->count, m->host);
		m->fd = openat(m->dir, m->tmp,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (m->fd >= 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return err_sys(
	    e, ERR_CANTCREAT, "cannot create '%s/%s'", b->path, m->tmp);
}

static int
flush(struct fetchbox *b, struct err *e)
{
	struct maildir *m = own(b);
	int ret = io_write(m->fd, buf_str(&m->out), m->out.n, m->tmp, e);

	buf_reset(&m->out);
	return ret;
}

static int
box_write(struct fetchbox *b, struct slice lf, struct err *e)
{
	struct maildir *m = own(b);

	if (m->out.n + lf.n > BUFFERED && flush(b, e) < 0)
		return -1;
	if (lf.n > BUFFERED)
		return io_write(m->fd, lf.p, lf.n, m->tmp, e);
	buf_slice(&m->out, lf);
	return 0;
}

static void
box_abort(struct fetchbox *b)
{
	struct maildir *m = own(b);

	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
	unlinkat(m->dir, m->tmp, 0);
}

/* Flags in the order of the alphabet, as ":2,FLAGS". */
static void
flag_letters(unsigned flags, char out[8])
{
	static const struct {
		unsigned bit;
		char letter;
	} letters[] = {
		{ IMAPLEX_DRAFT, 'D' },
		{ IMAPLEX_FLAGGED, 'F' },
		{ IMAPLEX_ANSWERED, 'R' },
		{ IMAPLEX_SEEN, 'S' },
		{ IMAPLEX_DELETED, 'T' },
	};
	size_t n = 0;

	for (size_t i = 0; i < COUNT_OF(letters); i++)
		if (flags & letters[i].bit)
			out[n++] = letters[i].letter;
	out[n] = '\0';
}

static int
box_end(struct fetchbox *b, const struct fetchbox_note *note,
    const char **path_r, struct err *e)
{
	struct maildir *m = own(b);
	struct file *f = &m->files[b->messages];
	const char *name = m->tmp + 4;
	char letters[8];

	if (flush(b, e) < 0)
		return -1;
	if (note->date > 0) {
		struct timespec when[2] = { { 0, UTIME_OMIT },
			{ note->date, 0 } };

		futimens(m->fd, when); /* only for people who look */
	}
	if (io_close(&m->fd, m->tmp, e) < 0)
		return -1;
	flag_letters(note->flags, letters);
	f->tmp = arena_string(&b->arena, m->tmp);
	if (letters[0])
		f->where = arena_fmt(&b->arena, "cur/%s:2,%s", name, letters);
	else
		f->where = arena_fmt(&b->arena, "new/%s", name);
	f->fact = arena_string(&b->arena, note->fact);
	*path_r = arena_fmt(&b->arena, "%s/%s", b->path, f->where);
	return 0;
}

/* All files of the group at once: the file system's own sync is one round for
 * any number of them, and waits for what else is being written there; so a
 * few files are synced one by one. */
static int
sync_files(struct fetchbox *b, struct err *e)
{
	struct maildir *m = own(b);

	if (b->messages > 8) {
		if (syncfs(m->dir) < 0)
			return err_sys(e, ERR_IO, "cannot sync '%s'", b->path);
		return 0;
	}
	for (size_t i = 0; i < b->messages; i++) {
		const char *tmp = m->files[i].tmp;
		int fd = openat(m->dir, tmp, O_RDONLY | O_CLOEXEC);
		int ret;

		if (fd < 0)
			return err_sys(e, ERR_IO, "cannot open '%s'", tmp);
		ret = io_sync(fd, tmp, e);
		close(fd);
		if (ret < 0)
			return -1;
	}
	return sync_folder(b, "tmp", e);
}

static int
box_commit(struct fetchbox *b, struct err *e)
{
	struct maildir *m = own(b);
	size_t n = b->messages;

	if (sync_files(b, e) < 0)
		return -1;
	fetchstate_done(b->state); /* of the group before */
	for (size_t i = 0; i < n; i++)
		fetchstate_next(b->state, m->files[i].where, m->files[i].fact);
	if (fetchstate_commit(b->state, e) < 0)
		return -1;
	b->messages = 0; /* from here on the next run would finish it */
	for (size_t i = 0; i < n; i++) {
		const struct file *f = &m->files[i];

		if (renameat(m->dir, f->tmp, m->dir, f->where) < 0)
			return err_sys(e, ERR_IO, "cannot rename '%s/%s'",
			    b->path, f->tmp);
		m->in_new |= f->where[0] == 'n';
		m->in_cur |= f->where[0] == 'c';
	}
	return sync_folders(b, e);
}

const struct fetchbox_kind fetchbox_maildir = {
	.prefix = "maildir:",
	.open = box_start,
	.close = box_close,
	.begin = box_begin,
	.write = box_write,
	.abort = box_abort,
	.end = box_end,
	.commit = box_commit,
};
