/* Composes a message: the files it is made of (see compose.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#include "text/token.h"
#include "text/utf8.h"

#include "msg/compose_private.h"
#include "msg/compose_type.h"
#include "msg/msgid.h"

#define CHUNK (64 * 1024)

/* Of a text, or of a file with its options: "-;type=image/png". */
static bool
is_stdin(const char *name)
{
	struct slice s = slice_str(name ? name : "");

	return slice_is(slice_take_until(&s, ';', NULL), "-");
}

static size_t
count_stdin(const struct compose_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += is_stdin(l->v[i]);
	return n;
}

/* Before anything of it is read: at a terminal someone would have to type. */
static int
check_stdin(const struct compose_plan *plan, struct err *e)
{
	size_t n = (size_t)is_stdin(plan->text) + is_stdin(plan->html) +
	           count_stdin(&plan->attach) + count_stdin(&plan->inlined);

	if (n > 1)
		return err_set(
		    e, ERR_USAGE, "'-' (standard input) is used twice");
	return 0;
}

/* The whole of a text: a mapping, since it is looked at and may be written
 * more than once. */
static int
open_text(const char *path, struct slice bytes, struct compose_content *t,
    struct err *e)
{
	if (!path && !bytes.p)
		return 0;
	t->path = path ? path : "text";
	if (!path) {
		t->bytes = bytes;
	} else if (slice_is(slice_str(path), "-")) {
		if (io_map_fd(STDIN_FILENO, COMPOSE_TEXT_MAX, "standard input",
			&t->map, e) < 0)
			return -1;
		t->bytes = t->map.bytes;
	} else {
		if (io_map_file(path, COMPOSE_TEXT_MAX, &t->map, e) < 0)
			return -1;
		t->bytes = t->map.bytes;
	}
	t->octets = t->bytes.n;
	if (slice_find(t->bytes, 0) != SIZE_MAX)
		return err_set(e, ERR_DATA,
		    "NUL in text '%s': attach it instead", t->path);
	if (!utf8_valid(t->bytes))
		return err_set(e, ERR_DATA,
		    "text '%s' is not UTF-8: convert it with iconv, or attach it",
		    t->path);
	return 0;
}

/* Reads the whole file in chunks; a character may be split over two. */
static bool
file_is_utf8(int fd)
{
	char *chunk = mem_new(CHUNK);
	bool valid = true;
	size_t kept = 0;
	off_t at = 0;

	for (;;) {
		ssize_t got = pread(fd, chunk + kept, CHUNK - kept, at);
		struct slice all, head;

		if (got <= 0)
			break;
		at += got;
		all = slice_of(chunk, kept + (size_t)got);
		head = utf8_cut(all, all.n > 4 ? all.n - 4 : 0);
		valid = utf8_valid(head);
		if (!valid)
			break;
		kept = all.n - head.n;
		memmove(chunk, chunk + head.n, kept);
	}
	valid = valid && utf8_valid(slice_of(chunk, kept));
	mem_free(chunk);
	return valid;
}

static int
open_path(struct compose_content *f, struct err *e)
{
	if (slice_is(slice_str(f->path), "-"))
		return STDIN_FILENO;
	f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return err_sys(e, ERR_NOINPUT, "cannot open '%s'", f->path);
	return f->fd;
}

/* A regular file stays open and is read when it is written; anything else is
 * copied now, so that its size is known. */
static int
open_content(struct compose_content *f, struct err *e)
{
	bool text = slice_starts_nocase(slice_str(f->type), "text/");
	int fd = open_path(f, e);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_sys(e, ERR_NOINPUT, "cannot open '%s'", f->path);
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_NOINPUT,
		    "cannot attach '%s': is a directory", f->path);
	if (S_ISREG(st.st_mode) && fd != STDIN_FILENO) {
		f->octets = (uint64_t)st.st_size;
		f->is_utf8 = text && file_is_utf8(fd);
		return 0;
	}
	if (io_map_fd(fd, SIZE_MAX / 2, f->path, &f->map, e) < 0)
		return -1;
	if (f->fd >= 0)
		io_close(&f->fd, f->path, NULL);
	f->bytes = f->map.bytes;
	f->octets = f->bytes.n;
	f->is_utf8 = text && utf8_valid(f->bytes);
	return 0;
}

/* Takes the last ";key=value" off spec when key is one of ours. */
static bool
take_option(struct slice *spec, struct slice *key_r, struct slice *value_r)
{
	static const char *const keys[] = { "type", "name", "cid" };
	size_t at = slice_find_last(*spec, ';');
	struct slice value, key;
	bool found;

	if (at == SIZE_MAX)
		return false;
	value = slice_sub(*spec, at + 1, spec->n);
	key = slice_take_until(&value, '=', &found);
	for (size_t i = 0; i < COUNT_OF(keys) && found; i++)
		if (slice_is_nocase(key, keys[i])) {
			*spec = slice_sub(*spec, 0, at);
			*key_r = slice_str(keys[i]);
			*value_r = value;
			return true;
		}
	return false;
}

static const char *
base_name(const char *path)
{
	size_t slash = slice_find_last(slice_str(path), '/');

	return slash == SIZE_MAX ? path : path + slash + 1;
}

/*	type "/" subtype; those of messages and multiparts must not be encoded
 *	(RFC 2045, 6.4) and are no attachments */
static int
check_type(const struct compose_content *f, struct err *e)
{
	struct slice s = slice_str(f->type), part;

	if (token_token(&s, &part) <= 0 || !slice_take_prefix(&s, "/") ||
	    token_token(&s, &part) <= 0 || s.n)
		return err_set(e, ERR_USAGE,
		    "'%s' is no media type: write type/subtype", f->type);
	s = slice_str(f->type);
	if (slice_starts_nocase(s, "multipart/") ||
	    slice_starts_nocase(s, "message/"))
		return err_set(e, ERR_USAGE,
		    "'%s' cannot be attached as %s: leave the type out",
		    f->path, f->type);
	return 0;
}

static int
check_content(const struct compose_content *f, struct err *e)
{
	if (!*f->path)
		return err_set(e, ERR_USAGE, "a file to attach has no name");
	if (compose_refuse_controls("file name", slice_str(f->name), e) < 0)
		return -1;
	if (f->cid && !token_is_dot_atom(slice_str(f->cid)) &&
	    slice_find(slice_str(f->cid), '@') == SIZE_MAX)
		return err_set(e, ERR_USAGE, "'%s' is no Content-ID", f->cid);
	return check_type(f, e);
}

/* FILE[;type=T/S][;name=NAME][;cid=ID] */
static int
read_spec(struct compose *c, const char *text, struct compose_content *f,
    struct err *e)
{
	struct slice spec = slice_str(text), key, value;

	f->fd = -1;
	while (take_option(&spec, &key, &value)) {
		const char *made = arena_copy(&c->arena, value);

		if (slice_is(key, "type"))
			f->type = made;
		else if (slice_is(key, "name"))
			f->name = made;
		else
			f->cid = made;
	}
	f->path = arena_copy(&c->arena, spec);
	if (!f->name)
		f->name = base_name(f->path);
	if (!f->type)
		f->type = compose_type_of(f->name);
	return check_content(f, e);
}

static int
open_list(struct compose *c, const struct compose_list *list,
    struct compose_content **v_r, size_t *n_r, struct err *e)
{
	if (list->n > COMPOSE_FILES_MAX)
		return err_set(
		    e, ERR_USAGE, "more than %d files", COMPOSE_FILES_MAX);
	*v_r = arena_array(&c->arena, COMPOSE_FILES_MAX, sizeof(**v_r));
	for (size_t i = 0; i < list->n; i++) {
		struct compose_content *f = &(*v_r)[(*n_r)++];

		if (read_spec(c, list->v[i], f, e) < 0 ||
		    open_content(f, e) < 0)
			return -1;
	}
	return 0;
}

/* Every inline part can be pointed at. */
static void
give_id(struct compose *c, struct compose_content *f)
{
	struct buf id;

	if (f->cid)
		return;
	buf_init(&id, MSGID_MAX);
	msgid_make(c->given, slice_str(c->id_domain), &id);
	f->cid = arena_copy(&c->arena, slice_sub(buf_view(&id), 1, id.n - 1));
	buf_free(&id);
}

const struct compose_content *
compose_add_inline(struct compose *c, const char *path, struct err *e)
{
	struct compose_content *f;

	if (c->n_inlined == COMPOSE_FILES_MAX) {
		err_set(e, ERR_USAGE, "more than %d files", COMPOSE_FILES_MAX);
		return NULL;
	}
	f = &c->inlined[c->n_inlined++];
	f->fd = -1;
	f->path = path;
	f->name = base_name(path);
	f->type = compose_type_of(f->name);
	if (check_content(f, e) < 0 || open_content(f, e) < 0)
		return NULL;
	give_id(c, f);
	return f;
}

int
compose_open_all(struct compose *c, struct err *e)
{
	const struct compose_plan *plan = c->plan;

	if (check_stdin(plan, e) < 0 ||
	    open_text(plan->text, plan->text_bytes, &c->text, e) < 0 ||
	    open_text(plan->html, plan->html_bytes, &c->html, e) < 0 ||
	    open_list(c, &plan->attach, &c->attach, &c->n_attach, e) < 0 ||
	    open_list(c, &plan->inlined, &c->inlined, &c->n_inlined, e) < 0)
		return -1;
	for (size_t i = 0; i < c->n_inlined; i++)
		give_id(c, &c->inlined[i]);
	c->named_inlined = c->n_inlined;
	return 0;
}

void
compose_close(struct compose_content *content)
{
	io_unmap(&content->map);
	if (content->fd >= 0)
		io_close(&content->fd, content->path, NULL);
}
