/* msend writes a line for each message to a log, with msmtp's words.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "text/date.h"

#include "msend.h"

#define LOG_LINE_MAX (64u << 10)
#define STAMP_MAX    256

static const char *
exit_name(enum err_kind kind)
{
	static const struct {
		enum err_kind kind;
		const char *name;
	} names[] = {
		{ ERR_OK, "EX_OK" },
		{ ERR_USAGE, "EX_USAGE" },
		{ ERR_DATA, "EX_DATAERR" },
		{ ERR_NOINPUT, "EX_NOINPUT" },
		{ ERR_NOUSER, "EX_NOUSER" },
		{ ERR_NOHOST, "EX_NOHOST" },
		{ ERR_UNAVAILABLE, "EX_UNAVAILABLE" },
		{ ERR_IO, "EX_IOERR" },
		{ ERR_TEMP, "EX_TEMPFAIL" },
		{ ERR_PROTO, "EX_PROTOCOL" },
		{ ERR_NOPERM, "EX_NOPERM" },
		{ ERR_CONFIG, "EX_CONFIG" },
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].kind == kind)
			return names[i].name;
	return "EX_SOFTWARE";
}

static void
make_line(const struct msend_work *w, const struct send_result *results,
    struct buf *b)
{
	const struct msend_local *l = &w->set->local;
	enum err_kind worst = ERR_OK;
	const struct smtp_result *r = &results[0].smtp;

	for (size_t i = 0; i < w->mail.rcpts; i++) {
		if (results[i].smtp.kind != ERR_OK)
			r = &results[i].smtp;
		worst = err_worse(worst, results[i].smtp.kind);
	}
	buf_fmt(b, "host=%s tls=%s auth=%s", l->host ? l->host : "-",
	    results[0].tls ? "on" : "off", w->set->route.user ? "on" : "off");
	if (w->set->route.user)
		buf_fmt(b, " user=%s", w->set->route.user);
	buf_fmt(b, " from=%.*s recipients=", SLICE_ARG(w->mail.from));
	for (size_t i = 0; i < w->mail.rcpts; i++)
		buf_fmt(b, "%s%.*s", i ? "," : "", SLICE_ARG(w->mail.rcpt[i]));
	buf_fmt(b, " mailsize=%llu", (unsigned long long)w->mail.size);
	if (r->code)
		buf_fmt(b, " smtpstatus=%u smtpmsg='%u %s'", r->code, r->code,
		    r->text);
	else if (r->text)
		buf_fmt(b, " errormsg='%s'", r->text);
	buf_fmt(b, " exitcode=%s", exit_name(worst));
	for (size_t i = 0; i < b->n; i++)
		if (ascii_is_control((unsigned char)b->p[i]))
			b->p[i] = ' ';
}

/* The format is the user's own: the compiler cannot look at it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
put_time(const struct msend_work *w, struct buf *b)
{
	const char *format = w->set->local.log_time;
	int64_t now = given_now(&w->run->given);
	char stamp[STAMP_MAX];
	time_t t = (time_t)now;
	struct tm tm;

	if (format && gmtime_r(&t, &tm) &&
	    strftime(stamp, sizeof(stamp), format, &tm) > 0) {
		buf_text(b, stamp);
		return;
	}
	date_make_3339(now, 0, stamp);
	buf_text(b, stamp);
}
#pragma GCC diagnostic pop

static int
to_file(const struct msend_work *w, struct slice line, struct err *e)
{
	const char *path = w->set->local.logfile;
	struct buf b;
	int fd, r;

	buf_init(&b, LOG_LINE_MAX);
	put_time(w, &b);
	buf_fmt(&b, " %.*s\n", SLICE_ARG(line));
	if (slice_is(slice_str(path), "-")) {
		r = tool_output(w->run, buf_view(&b));
	} else {
		fd =
		    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		r = fd < 0 ? err_sys(e, ERR_CANTCREAT, "cannot open '%s'", path)
		           : io_write(fd, b.p, b.n, path, e);
		if (fd >= 0)
			io_close(&fd, path, NULL);
	}
	buf_free(&b);
	return r;
}

static int
facility_of(const char *name)
{
	static const struct {
		const char *name;
		int facility;
	} names[] = {
		{ "LOG_USER", LOG_USER },
		{ "LOG_LOCAL0", LOG_LOCAL0 },
		{ "LOG_LOCAL1", LOG_LOCAL1 },
		{ "LOG_LOCAL2", LOG_LOCAL2 },
		{ "LOG_LOCAL3", LOG_LOCAL3 },
		{ "LOG_LOCAL4", LOG_LOCAL4 },
		{ "LOG_LOCAL5", LOG_LOCAL5 },
		{ "LOG_LOCAL6", LOG_LOCAL6 },
		{ "LOG_LOCAL7", LOG_LOCAL7 },
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (slice_is(slice_str(name), names[i].name))
			return names[i].facility;
	return LOG_MAIL;
}

void
msend_log(struct msend_work *w, const struct send_result *results)
{
	const struct msend_local *l = &w->set->local;
	struct buf line;
	struct err e;

	if ((!l->logfile && !l->syslog) || w->set->dry_run)
		return;
	buf_init(&line, LOG_LINE_MAX);
	make_line(w, results, &line);
	/* The message is on its way: a log that fails is no failure of it. */
	if (l->logfile && to_file(w, buf_view(&line), &e) < 0)
		tool_warn(w->run, "%s", e.text);
	if (l->syslog) {
		openlog("msend", 0, facility_of(l->syslog));
		syslog(LOG_INFO, "%s", buf_str(&line));
		closelog();
	}
	buf_free(&line);
}
