/* What a tool says, on standard output and stderr (see tool.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "tool_private.h"

#define OUT_BLOCK   65536 /* octets that wait for more */
#define STDERR_LINE 2048  /* octets of a line on stderr; longer ones are cut */

/* Guards standard output and the exit status. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
tool_open_std(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null",
			    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Control characters of ASCII and Latin-1, and those that turn the direction
 * of what a reader sees (U+202A to U+202E, U+2066 to U+2069). */
static bool
is_harmful(uint32_t c)
{
	return c < 32 || (c >= 0x7f && c < 0xa0) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Masks in place: what is harmful or not UTF-8 becomes '?'; TAB and LF stay
 * when they may. Returns the new length, which is never larger. */
static size_t
mask(char *p, size_t n, bool lines)
{
	struct slice s = slice_of(p, n);
	size_t to = 0;

	while (s.n) {
		uint32_t c;
		size_t width = slice_peek_utf8(s, &c);
		struct slice octets = slice_take(&s, width ? width : 1);
		bool keep = width && (!is_harmful(c) ||
					 (lines && (c == '\t' || c == '\n')));

		if (keep)
			memmove(p + to, octets.p, octets.n);
		else
			p[to] = '?';
		to += keep ? octets.n : 1;
	}
	return to;
}

/* "name: label text" in one write; nobody is told when stderr fails. */
static void
say(const char *name, const char *label, struct slice text)
{
	char line[STDERR_LINE];
	int head = snprintf(line, sizeof(line) / 2, "%s: %s", name, label);
	size_t n = (size_t)head;

	text = slice_sub(text, 0, sizeof(line) - n - 1);
	if (text.n)
		memcpy(line + n, text.p, text.n);
	n = mask(line, n + text.n, false);
	line[n++] = '\n';
	io_write(STDERR_FILENO, line, n, "stderr", NULL);
}

void
tool_tell(void *to, enum trace_way way, struct slice text)
{
	const struct tool_run *run = to;

	say(run->tool->name,
	    way == TRACE_SENT  ? "> "
	    : way == TRACE_GOT ? "< "
			       : "",
	    text);
}

void
tool_status(struct tool_run *run, enum err_kind kind)
{
	pthread_mutex_lock(&lock);
	run->worst = err_worse(run->worst, kind);
	pthread_mutex_unlock(&lock);
}

void
tool_fail(struct tool_run *run, const struct err *e)
{
	say(run->tool->name, "", slice_str(e->text));
	tool_status(run, e->kind);
}

void
tool_warn(struct tool_run *run, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(run->tool->name, "warning: ", slice_str(text));
}

void
tool_note(struct tool_run *run, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(run->tool->name, "", slice_str(text));
}

/* Standard output fails once: it is said once, and the rest is dropped. Called
 * with the lock held. */
static int
write_out(struct tool_run *run, struct slice s)
{
	struct err e;

	if (!run->out_bad &&
	    io_write(STDOUT_FILENO, s.p, s.n, "standard output", &e) < 0) {
		run->out_bad = true;
		say(run->tool->name, "", slice_str(e.text));
		run->worst = err_worse(run->worst, e.kind);
		tool_stop();
	}
	return run->out_bad ? -1 : 0;
}

static int
flush(struct tool_run *run)
{
	int r = write_out(run, buf_view(&run->out));

	buf_reset(&run->out);
	return r;
}

static int
add(struct tool_run *run, struct slice bytes)
{
	if (run->out_bad)
		return -1;
	if (run->out.n + bytes.n > OUT_BLOCK && flush(run) < 0)
		return -1;
	if (bytes.n > OUT_BLOCK)
		return write_out(run, bytes);
	buf_slice(&run->out, bytes);
	return 0;
}

/* A regular file can wait; who reads a terminal or pipe cannot. */
static void
add_line(struct tool_run *run, struct slice text)
{
	struct stat st;

	pthread_mutex_lock(&lock);
	if (add(run, text) == 0 && text.n && text.p[text.n - 1] == '\n' &&
	    fstat(STDOUT_FILENO, &st) == 0 && !S_ISREG(st.st_mode))
		flush(run);
	pthread_mutex_unlock(&lock);
}

int
tool_output(struct tool_run *run, struct slice bytes)
{
	int r;

	pthread_mutex_lock(&lock);
	r = add(run, bytes);
	pthread_mutex_unlock(&lock);
	return r;
}

int
tool_flush(struct tool_run *run)
{
	int r;

	pthread_mutex_lock(&lock);
	r = flush(run);
	pthread_mutex_unlock(&lock);
	return r;
}

void
tool_print(struct tool_run *run, const char *fmt, ...)
{
	struct buf text;
	va_list ap;

	buf_init(&text, SIZE_MAX);
	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	if (text.n)
		buf_cut(&text, mask(text.p, text.n, true));
	add_line(run, buf_view(&text));
	buf_free(&text);
}

void
tool_json(struct tool_run *run, struct json *j)
{
	struct buf text;

	buf_init(&text, SIZE_MAX);
	json_write(j, false, &text);
	buf_char(&text, '\n');
	add_line(run, buf_view(&text));
	buf_free(&text);
	json_free(&j);
}

int
tool_end(struct tool_run *run)
{
	int fd = STDOUT_FILENO;
	struct err e;

	if (tool_flush(run) == 0 && io_close(&fd, "standard output", &e) < 0)
		tool_fail(run, &e);
	buf_free(&run->out);
	arena_wipe(&run->arena);
	return (int)run->worst;
}
