/* The accounts file (see conf.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/io.h"

struct reading {
	struct slice rest;
	struct conf *conf;
	struct arena *arena;
	unsigned line;
	bool bad; /* err is filled in */
	struct err err;
};

/* The first thing wrong is told. */
static void
complain(struct reading *r, const char *what)
{
	if (r->bad)
		return;
	r->bad = true;
	err_set(&r->err, ERR_CONFIG, "%s:%u: %s", r->conf->path, r->line, what);
}

/* Hands one line to inih. Blanks in front would make it the continuation of
 * the line before, which no key here needs. */
static char *
take_line(char *to, int room, void *from)
{
	struct reading *r = from;
	struct slice line;

	if (r->bad || !slice_take_line(&r->rest, &line, NULL))
		return NULL;
	r->line++;
	line = slice_trim(line);
	if (line.n > CONF_LINE_MAX || line.n + 2 > (size_t)room)
		complain(r, "line is too long");
	else if (slice_find(line, '\0') != SIZE_MAX)
		complain(r, "line has a NUL octet");
	else if (slice_peek(line) == '[' &&
		 size_min(slice_find(line, ']'), line.n) > CONF_SECTION_MAX)
		complain(r, "name of section is too long");
	if (r->bad)
		return NULL;
	if (line.n)
		memcpy(to, line.p, line.n);
	memcpy(to + line.n, "\n", 2);
	return to;
}

/* inih's handler: 1 fine, 0 bad. */
static int
take_pair(void *to, const char *section, const char *key, const char *value)
{
	struct reading *r = to;
	struct conf *c = r->conf;

	if (!section[0])
		complain(r, "key before the first [section]");
	c->v =
	    arena_grow(r->arena, c->v, c->n, c->n + 1, sizeof(*c->v), &c->cap);
	c->v[c->n++] = (struct conf_pair){ arena_string(r->arena, section),
		arena_string(r->arena, key), arena_string(r->arena, value),
		r->line };
	return 1;
}

int
conf_parse(struct slice text, const char *path, struct arena *a,
    struct conf *c_r, struct err *e)
{
	struct reading r = { .rest = text, .conf = c_r, .arena = a };
	int bad;

	*c_r = (struct conf){ .path = arena_string(a, path) };
	bad = ini_parse_stream(take_line, &r, take_pair, &r);
	if (r.bad && e)
		*e = r.err;
	if (r.bad)
		return -1;
	if (bad)
		return err_set(e, ERR_CONFIG,
		    "%s:%d: neither [section] nor key = value", path, bad);
	return 0;
}

/* "password", "msend.password", the secret of an OAuth client */
static bool
is_secret(const char *key)
{
	const char *dot = strrchr(key, '.');
	struct slice name = slice_str(dot ? dot + 1 : key);

	return slice_is(name, "password") || slice_is(name, "client-secret");
}

/* What others could do with the file: read a password, plant a command. */
static int
check_mode(const struct conf *c, mode_t mode, struct err *e)
{
	if (mode & (S_IWGRP | S_IWOTH))
		return err_set(e, ERR_CONFIG,
		    "others can write to '%s': chmod go-w '%s'", c->path,
		    c->path);
	if (!(mode & (S_IRGRP | S_IROTH)))
		return 0;
	for (size_t i = 0; i < c->n; i++)
		if (is_secret(c->v[i].key))
			return err_set(e, ERR_CONFIG,
			    "%s:%u: others can read this password: chmod 600 "
			    "'%s'",
			    c->path, c->v[i].line, c->path);
	return 0;
}

int
conf_read(const char *path, struct arena *a, struct conf *c_r, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	struct buf text;
	int r;

	if (fd < 0) {
		bool absent =
		    errno == ENOENT || errno == ENOTDIR || errno == EACCES;

		err_sys(e, ERR_CONFIG, "cannot open '%s'", path);
		return absent ? 0 : -1;
	}
	buf_init(&text, CONF_FILE_MAX);
	buf_room(&text, CONF_FILE_MAX); /* no copy of a secret stays behind */
	r = io_slurp(fd, &text, path, e);
	if (r == 0)
		r = conf_parse(buf_view(&text), path, a, c_r, e);
	if (r == 0)
		r = fstat(fd, &st) < 0
		        ? err_sys(e, ERR_CONFIG, "cannot read '%s'", path)
		        : check_mode(c_r, st.st_mode, e);
	if (r < 0 && e)
		e->kind = ERR_CONFIG;
	buf_wipe(&text);
	close(fd);
	return r < 0 ? -1 : 1;
}

static bool
is_passed_over(const char *key, const struct conf_reader *reader)
{
	const char *const *other = reader->passed_over;

	for (; other && *other; other++)
		if (slice_is(slice_str(key), *other))
			return reader->no_login || !opt_has(reader->table, key);
	return false;
}

/* The key as this tool knows it; null when the pair is none of its own. */
static const char *
own_key(const struct conf_pair *p, const struct conf_reader *reader)
{
	const char *dot = strchr(p->key, '.');

	if (!dot)
		return is_passed_over(p->key, reader) ? NULL : p->key;
	if (!slice_is(slice_of(p->key, (size_t)(dot - p->key)), reader->tool))
		return NULL;
	/* no option, but conf_password()'s */
	return slice_is(slice_str(dot + 1), "password") && !reader->no_login
	           ? NULL
	           : dot + 1;
}

static int
apply(const struct conf *c, const struct conf_pair *p,
    const struct conf_reader *reader, void *settings, struct arena *a,
    struct err *e)
{
	const char *key = own_key(p, reader);

	if (!key || opt_set(reader->table, key, p->value, settings, a, e) == 0)
		return 0;
	return err_in(e, "%s:%u", c->path, p->line);
}

int
conf_apply(const struct conf *c, const char *section,
    const struct conf_reader *reader, void *settings, struct arena *a,
    struct err *e)
{
	bool found = false;

	/* Those of all tools first, so that the tool's own win. */
	for (int own = 0; own <= 1; own++) {
		for (size_t i = 0; i < c->n; i++) {
			const struct conf_pair *p = &c->v[i];

			if (!slice_is(slice_str(p->section), section))
				continue;
			found = true;
			if (own == (strchr(p->key, '.') != NULL) &&
			    apply(c, p, reader, settings, a, e) < 0)
				return -1;
		}
	}
	return found;
}

const char *
conf_password(const struct conf *c, const char *section, const char *tool)
{
	const char *plain = NULL, *own = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct conf_pair *p = &c->v[i];
		struct slice key = slice_str(p->key);

		if (!slice_is(slice_str(p->section), section))
			continue;
		if (slice_is(key, "password"))
			plain = p->value;
		else if (slice_take_prefix(&key, tool) &&
			 slice_is(key, ".password"))
			own = p->value;
	}
	return own ? own : plain;
}
