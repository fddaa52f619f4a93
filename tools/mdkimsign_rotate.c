/* mdkimsign's rotation of keys: a state in one file, moved on by one step at a
 * time. No key signs before its record was seen, and none of its records goes
 * while mail it signed may be on the way.
 *
 *	new --record shown--> published --lag, shown again--> active
 *	    --a newer one is active--> retired --keep--> revoked --keep--> gone
 *
 * The state is a table for --keys: only active keys stand in it, the others
 * in comments.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"

#include "text/date.h"

#include "auth/dkim.h"

#include "mdkimsign.h"

#define STATE_MAX (64u << 10) /* octets of the file */
#define ROWS_MAX  32          /* keys in it */
#define DAY       86400       /* s */

enum state { NEW, PUBLISHED, ACTIVE, RETIRED, REVOKED, GONE };

static const char *const names[] = { "new", "published", "active", "retired",
	"revoked", "gone" };

struct row {
	enum state state;
	int64_t since;
	const char *domain, *selector, *path;
};

struct rotation {
	struct tool_run *run;
	const struct mdkimsign_settings *set;
	struct row rows[ROWS_MAX];
	size_t count;
	int64_t now, lag, keep, every; /* s */
	struct buf input;              /* records that were shown */
	char folder[PATH_MAX];         /* of the state and its keys */
	int lock;                      /* the folder, while a step is made */
};

static struct slice
take_word(struct slice *line)
{
	struct slice word = slice_take_until(line, ' ', NULL);

	*line = slice_trim_start(*line);
	return word;
}

/* Two steps at once would each make a key, and one of them be forgotten: the
 * folder is locked, since the state is replaced. Whoever comes second is told
 * so, not held up: the first may be waiting for its standard input. */
static int
lock(struct rotation *r, struct err *e)
{
	const char *path = r->set->rotate;
	const char *slash = strrchr(path, '/');
	char *dir = arena_copy(&r->run->arena,
	    slice_of(path, slash ? (size_t)(slash - path) + 1 : 0));

	if (!realpath(*dir ? dir : ".", r->folder))
		return err_sys(
		    e, ERR_CANTCREAT, "cannot find the folder of '%s'", path);
	r->lock = open(r->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->lock >= 0 && flock(r->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (r->lock >= 0 && errno == EWOULDBLOCK)
		return err_set(e, ERR_TEMP,
		    "another step is under way in '%s': try again at its end",
		    r->folder);
	return err_sys(e, ERR_CANTCREAT, "cannot lock '%s'", r->folder);
}

/* "#rotate" STATE SINCE DOMAIN SELECTOR PATH; other lines are for --keys. */
static int
read_row(struct rotation *r, struct slice line, struct err *e)
{
	struct row *row = &r->rows[r->count];
	struct arena *a = &r->run->arena;
	struct slice state;

	if (!slice_take_prefix(&line, "#rotate "))
		return 0;
	if (r->count == ROWS_MAX)
		return err_set(e, ERR_CONFIG, "more than %d keys", ROWS_MAX);
	state = take_word(&line);
	for (row->state = NEW; row->state < GONE; row->state++)
		if (slice_is(state, names[row->state]))
			break;
	if (row->state == GONE ||
	    !date_parse_3339(take_word(&line), &row->since, NULL))
		return err_set(e, ERR_CONFIG, "no state, or no time");
	row->domain = arena_copy(a, take_word(&line));
	row->selector = arena_copy(a, take_word(&line));
	row->path = arena_copy(a, line);
	if (!line.n)
		return err_set(e, ERR_CONFIG, "no key");
	r->count++;
	return 0;
}

/* Whether it is what save() wrote: nothing else may be written over. */
static bool
is_rotation(struct slice text)
{
	return slice_take_prefix(&text, "# mdkimsign --rotate;") ||
	       slice_take_prefix(&text, "#rotate ");
}

/* No file is a rotation that has not begun. */
static int
load(struct rotation *r, struct err *e)
{
	const char *path = r->set->rotate;
	struct slice text, line;
	struct buf b;
	int ret;

	buf_init(&b, STATE_MAX);
	if (!*path)
		ret = err_set(e, ERR_USAGE, "--rotate wants a file");
	else
		ret = io_read_file(path, &b, e);
	text = buf_view(&b);
	if (ret < 0 && *path && e->sys == ENOENT)
		ret = 0;
	else if (ret == 0 && !is_rotation(text))
		ret = err_set(e, ERR_CONFIG,
		    "'%s' is no rotation: name a file that is not there to "
		    "begin one",
		    path);
	for (size_t n = 1; ret == 0 && slice_take_line(&text, &line, NULL);
	     n++) {
		ret = read_row(r, slice_trim(line), e);
		if (ret < 0)
			err_in(e, "%s:%zu", path, n);
	}
	buf_free(&b);
	return ret;
}

static int
save(const struct rotation *r, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, STATE_MAX);
	buf_text(&b, "# mdkimsign --rotate; for --keys. Do not edit.\n");
	for (size_t i = 0; i < r->count; i++) {
		const struct row *row = &r->rows[i];
		char since[DATE_TEXT_MAX];

		if (row->state == GONE)
			continue;
		date_make_3339(row->since, 0, since);
		buf_fmt(&b, "#rotate %s %s %s %s %s\n", names[row->state],
		    since, row->domain, row->selector, row->path);
		if (row->state == ACTIVE)
			buf_fmt(&b, "%s %s %s\n", row->domain, row->selector,
			    row->path);
	}
	ret = buf_over(&b)
	          ? err_set(e, ERR_DATA, "the state is too large")
	          : io_replace(r->set->rotate, buf_str(&b), b.n, 0600, e);
	buf_free(&b);
	return ret;
}

static void
move(struct rotation *r, struct row *row, enum state to, const char *what)
{
	row->state = to;
	row->since = r->now;
	tool_note(r->run, "%s: %s: %s", row->selector, names[to], what);
}

static struct row *
find(struct rotation *r, enum state state)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].state == state)
			return &r->rows[i];
	return NULL;
}

static int
record_of(struct rotation *r, const struct row *row, struct key **k_r,
    struct buf *text, struct err *e)
{
	if (mdkimsign_open(r->run, r->set, row->path, k_r, e) < 0)
		return -1;
	return dkimkey_write(*k_r, text, e);
}

/* 1 the row's record is on standard input, 0 it is not. */
static int
is_shown(struct rotation *r, const struct row *row, struct err *e)
{
	struct key *k = NULL;
	struct buf text;
	int ret;

	buf_init(&text, DKIMKEY_RECORD_MAX);
	ret = record_of(r, row, &k, &text, e);
	if (ret == 0)
		ret = mdkimsign_take_input(&r->input, e);
	if (ret == 0)
		ret = mdkimsign_shows(buf_view(&r->input), buf_view(&text));
	buf_free(&text);
	key_free(&k);
	if (ret == 0)
		err_set(e, ERR_NO,
		    "the record of selector '%s' is not on standard input: "
		    "publish it, and show what the DNS says; until then "
		    "nothing is signed with it",
		    row->selector);
	return ret;
}

/* A key beside the state, with a selector of today's date and a letter. */
static int
add_key(struct rotation *r, const char *domain, struct err *e)
{
	const char *type = r->set->genkey ? r->set->genkey : "rsa:2048";
	struct arena *a = &r->run->arena;
	struct row *row = &r->rows[r->count];
	char day[DATE_TEXT_MAX];
	const char *slash = strrchr(r->set->rotate, '/');
	const char *base = slash ? slash + 1 : r->set->rotate;

	if (r->count == ROWS_MAX)
		return err_set(e, ERR_DATA, "more than %d keys", ROWS_MAX);
	date_make_3339(r->now, 0, day);
	*row = (struct row){ .state = NEW, .since = r->now, .domain = domain };
	for (int c = 'a'; c <= 'z'; c++) {
		row->selector =
		    arena_fmt(a, "%.4s%.2s%.2s%c", day, day + 5, day + 8, c);
		row->path = arena_fmt(
		    a, "%s/%s.%s.pem", r->folder, base, row->selector);
		if (mdkimsign_make(type, row->path, e) == 0) {
			r->count++;
			move(r, row, NEW, "publish its record");
			return 1;
		}
		if (e->sys != EEXIST)
			return -1;
	}
	return -1;
}

/* The next key to come is on its way to sign: 1 it moved, 0 it has to wait. */
static int
step_next(struct rotation *r, struct row *next, struct err *e)
{
	int shown;

	if (next->state == PUBLISHED && r->now - next->since < r->lag) {
		tool_note(r->run, "%s: published: signs in %lld h",
		    next->selector,
		    (long long)(next->since + r->lag - r->now + 3599) / 3600);
		return 0;
	}
	shown = is_shown(r, next, e);
	if (shown <= 0)
		return -1;
	if (next->state == NEW) {
		move(r, next, PUBLISHED, "its record is out");
		return 1;
	}
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].state == ACTIVE)
			move(r, &r->rows[i], RETIRED,
			    "signs no more, its record stays");
	move(r, next, ACTIVE, "signs from now on");
	return 1;
}

/* One move, if any is due: 1 there was one. */
static int
step(struct rotation *r, const char *domain, struct err *e)
{
	struct row *row = find(r, REVOKED), *next;

	if (row && r->now - row->since >= r->keep) {
		move(r, row, GONE, "its record and its key may go");
		return 1;
	}
	row = find(r, RETIRED);
	if (row && r->now - row->since >= r->keep) {
		move(r, row, REVOKED, "publish its record, which is empty now");
		return 1;
	}
	next = find(r, NEW);
	next = next ? next : find(r, PUBLISHED);
	if (next)
		return step_next(r, next, e);
	row = find(r, ACTIVE);
	if (row && r->now - row->since < r->every)
		return 0;
	return add_key(r, domain, e);
}

/* What has to stand in the DNS now. */
static int
show(struct rotation *r, const struct row *row, struct err *e)
{
	struct key *k = NULL;
	struct buf text;
	const char *name;
	int ret;

	buf_init(&text, DKIMKEY_RECORD_MAX);
	ret = record_of(r, row, &k, &text, e);
	if (ret == 0)
		ret = dkimkey_name(slice_str(row->selector),
		    slice_str(row->domain), &r->run->arena, &name, e);
	if (ret == 0 && row->state == REVOKED)
		buf_cut(
		    &text, slice_search(buf_view(&text), slice_str("p=")) + 2);
	if (ret == 0)
		mdkimsign_print(r->run, r->set, name, buf_view(&text), k,
		    names[row->state]);
	buf_free(&text);
	key_free(&k);
	return ret;
}

/* Of --every, --lag and --keep. */
static int64_t
seconds(int64_t given, int64_t usual)
{
	return given ? given / 1000 : usual;
}

/* The domain, of the state or of -d; both are one. */
static int
find_domain(struct rotation *r, const char **domain_r, struct err *e)
{
	const char *given = r->set->domain, *name;

	*domain_r = r->count ? r->rows[0].domain : given;
	if (!*domain_r)
		return r->set->step ? err_set(e, ERR_USAGE,
					  "--rotate begins with -d DOMAIN")
		                    : 0;
	if (given && !slice_is_nocase(slice_str(given), *domain_r))
		return err_set(e, ERR_USAGE, "'%s' is a rotation of '%s'",
		    r->set->rotate, *domain_r);
	if (dkimkey_name(slice_str("x"), slice_str(*domain_r), &r->run->arena,
		&name, e) < 0) {
		e->kind = ERR_USAGE;
		return -1;
	}
	return 0;
}

void
mdkimsign_rotate(struct tool_run *run, const struct mdkimsign_settings *set)
{
	struct rotation r = { .run = run,
		.set = set,
		.now = given_now(&run->given),
		.lag = seconds(set->lag, DAY),
		.keep = seconds(set->keep, 7 * DAY),
		.every = seconds(set->every, 90 * DAY),
		.lock = -1 };
	const char *domain;
	struct err e;
	int ret = 0;

	if (set->step && *set->rotate)
		ret = lock(&r, &e);
	if (ret == 0)
		ret = load(&r, &e);
	if (ret == 0)
		ret = find_domain(&r, &domain, &e);
	if (ret == 0 && set->step)
		ret = step(&r, domain, &e);
	if (ret > 0)
		ret = save(&r, &e);
	if (ret < 0)
		tool_fail(run, &e);
	for (size_t i = 0; i < r.count; i++)
		if (r.rows[i].state != GONE && show(&r, &r.rows[i], &e) < 0)
			tool_fail(run, &e);
	buf_free(&r.input);
	if (r.lock >= 0)
		close(r.lock);
}
