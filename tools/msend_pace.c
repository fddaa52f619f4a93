/* msend waits for its turn, and keeps a transcript.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "msend.h"

#define PIECE_MS 60000 /* of a long wait */
#define LINE     4096  /* octets of a line of the transcript */

/* The file that runs with this account share: rate-NAME. */
static const char *
usual_file(struct msend_work *w, struct err *e)
{
	const char *account = w->run->common->account;
	char *name =
	    arena_fmt(&w->run->arena, "rate-%s", account ? account : "default");

	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '_';
	return tool_state_file(w->run, name, e);
}

int
msend_pace_open(struct msend_work *w, struct pace *p_r, struct err *e)
{
	const struct msend_bulk *set = &w->set->bulk;
	const char *file;
	int64_t step;

	p_r->fd = -1;
	if (w->set->dry_run)
		return 0;
	if (set->rate_file && !set->rate)
		return err_set(
		    e, ERR_USAGE, "--rate-file goes with --rate N/UNIT");
	if (!set->rate)
		return 0;
	if (pace_read(set->rate, &step, e) < 0)
		return err_in(e, "--rate");
	file = set->rate_file ? set->rate_file : usual_file(w, e);
	return file ? pace_open(file, step, p_r, e) : -1;
}

int
msend_pace_take(struct pace *p, int64_t *wait_r, struct err *e)
{
	*wait_r = 0;
	return p->fd < 0 ? 0 : pace_take(p, wait_r, e);
}

void
msend_pace_wait(int64_t ns)
{
	struct pollfd stop = { tool_stop_fd(), POLLIN, 0 };
	int64_t ms = (ns + 999999) / 1000000;

	for (; ms > 0 && !tool_stopping(); ms -= PIECE_MS)
		(void)poll(&stop, 1, ms > PIECE_MS ? PIECE_MS : (int)ms);
}

struct msend_transcript {
	struct trace trace;       /* what is handed down */
	const struct trace *next; /* of the run */
	int fd;
};

/* One line in one write; what could harm a terminal is masked. */
static void
tell(void *to, enum trace_way way, struct slice text)
{
	static const char *const marks[] = { "*** ", "C: ", "S: " };
	struct msend_transcript *t = to;
	struct buf b;
	int c;

	buf_init(&b, LINE);
	buf_text(&b, marks[way]);
	for (struct slice s = slice_sub(text, 0, LINE - 8);
	     (c = slice_get(&s)) >= 0;)
		buf_char(&b, ascii_is_control(c) && c != '\t' ? '?' : (char)c);
	buf_char(&b, '\n');
	(void)io_write(t->fd, b.p, b.n, "transcript", NULL);
	buf_free(&b);
	if (trace_on(t->next, way == TRACE_SAY ? TRACE_DECISION : TRACE_WIRE))
		t->next->tell(t->next->to, way, text);
}

int
msend_transcript_open(struct msend_work *w, struct err *e)
{
	const char *path = w->set->esmtp.transcript;
	struct msend_transcript *t;
	int fd;

	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", path);
	t = mem_new(sizeof(*t));
	t->fd = fd;
	t->next = w->run->given.trace;
	t->trace = (struct trace){ .level = TRACE_WIRE, .tell = tell, .to = t };
	w->run->given.trace = &t->trace;
	w->transcript = t;
	return 0;
}

void
msend_transcript_close(struct msend_work *w)
{
	struct msend_transcript *t = w->transcript;
	struct err e;

	if (!t)
		return;
	w->run->given.trace = t->next;
	if (io_close(&t->fd, w->set->esmtp.transcript, &e) < 0)
		tool_fail(w->run, &e);
	mem_free(t);
	w->transcript = NULL;
}
