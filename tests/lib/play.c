/* A scripted peer for tests of clients: listens on a free loopback port, runs
 * a command against it, plays the server's side of one dialogue, and holds
 * every octet of the client against it.
 *
 *	play FILE.play [--tls CERT KEY] -- COMMAND ARGUMENT...
 *
 * {PORT} in the arguments is the port, {CA} a file with the certificate that
 * the peer shows (self-made for localhost and 127.0.0.1 unless --tls). The
 * file has one step a line; "#" starts a comment line:
 *
 *	S: TEXT        sends TEXT CRLF
 *	S-RAW: TEXT    sends TEXT as it is: \r \n \t \0 \\ \xHH
 *	S-MANY: N TEXT sends TEXT CRLF N times, or until the client is gone
 *	S-LONG: N TEXT the same without CRLF: one long line
 *	C: GLOB        the client's next line is like this and ends in CRLF
 *	C-RAW: TEXT    the client's next octets are exactly these
 *	DATA [GLOB]    the client's lines up to the dot, as they came; the text
 *	               of all of them (LF, dots still doubled) is like GLOB
 *	STARTTLS       TLS handshake, also for implicit TLS as first step
 *	STARTTLS-FAILS a handshake that the client breaks off
 *	WAIT MS        does nothing for a while
 *	EOF            the client closes without another octet
 *	CLOSE, RESET   ends the connection: in order, or with a TCP reset
 *	ACCEPT         the next connection (the first needs none)
 *
 *	ARGS A B C     more arguments, behind those of the command line
 *	STDIN: TEXT    a line (LF) of the command's standard input
 *	STDIN-RAW: TEXT  octets of it, escaped as above
 *	EXIT N         how the command shall end, 0 unless said
 *	STDOUT GLOB, STDERR GLOB, STDERR-NOT GLOB   all it wrote there
 *
 * A bare CR or LF from the client, an octet or a connection that the script
 * does not have, or half a minute, is a failure. The status is 0 or 1.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#include "net/dial.h"
#include "net/stream.h"
#include "net/tls.h"

#include "play.h"

/* The one thing the alarm needs to know. */
static struct play *playing;

static void
on_alarm(int sig)
{
	(void)sig;
	play_fail(playing, "timed out");
	if (playing->child > 0)
		kill(playing->child, SIGKILL);
	_exit(1);
}

/* Reads the end of the command and what it wrote: after this all is known. */
static int
finish(struct play *p)
{
	int64_t deadline = clock_deadline(PLAY_GRACE_MS * 5);
	struct slice got;
	struct pollfd poller = { p->listener, POLLIN, 0 };
	int r = 0;

	if (p->stream) {
		stream_deadline(p->stream, clock_deadline(PLAY_GRACE_MS));
		if (stream_some(p->stream, 100, &got, NULL) == 1)
			r = play_fail(p,
			    "the script has ended, the client sent "
			    "'%.*s'",
			    SLICE_ARG(got));
		stream_free(&p->stream);
	}
	while (p->child > 0) {
		if (waitpid(p->child, &p->status, WNOHANG) == p->child)
			p->child = 0;
		else if (poll(&poller, 1, 5) == 1)
			break;
		else if (clock_left(deadline) == 0)
			return play_fail(p, "the command does not end");
	}
	if (poll(&poller, 1, 0) == 1)
		return play_fail(
		    p, "a connection that the script does not have");
	return r;
}

static int
play_exit(struct play *p, struct slice arg)
{
	uint64_t want;
	int got;

	if (!slice_number(arg, 255, &want))
		return play_fail(p, "which exit status?");
	got = WIFEXITED(p->status) ? WEXITSTATUS(p->status)
	                           : 1000 + WTERMSIG(p->status);
	if (got != (int)want)
		return play_fail(
		    p, "exit status %d, wanted %u", got, (unsigned)want);
	return 0;
}

static int
check_output(struct play *p, int fd, struct slice glob, bool want)
{
	struct buf b;
	int r = 0;

	buf_init(&b, PLAY_TEXT_MAX);
	lseek(fd, 0, SEEK_SET);
	io_slurp(fd, &b, "output", NULL);
	if ((fnmatch(arena_copy(&p->arena, glob), buf_str(&b), 0) == 0) != want)
		r = play_fail(p, "%s '%.*s', got '%s'",
		    want ? "wanted" : "did not want", SLICE_ARG(glob),
		    buf_str(&b));
	buf_free(&b);
	return r;
}

static int
play_stdout(struct play *p, struct slice arg)
{
	return check_output(p, p->out, arg, true);
}

static int
play_stderr(struct play *p, struct slice arg)
{
	return check_output(p, p->err, arg, true);
}

static int
play_stderr_not(struct play *p, struct slice arg)
{
	return check_output(p, p->err, arg, false);
}

static int
play_args(struct play *p, struct slice arg)
{
	struct slice word;

	while (arg.n > 0) {
		word = slice_take_until(&arg, ' ', NULL);
		if (word.n > 0 && p->n_args < PLAY_ARGS_MAX)
			p->args[p->n_args++] = arena_copy(&p->arena, word);
	}
	return 0;
}

static int
play_stdin(struct play *p, struct slice arg)
{
	buf_slice(&p->stdin_text, arg);
	buf_char(&p->stdin_text, '\n');
	return 0;
}

static int
play_stdin_raw(struct play *p, struct slice arg)
{
	buf_slice(&p->stdin_text, play_unescape(p, arg));
	return 0;
}

/* Steps before the command starts, while it runs, after it ended. */
enum phase { BEFORE, DURING, AFTER };

static const struct {
	const char *verb;
	enum phase phase;
	int (*step)(struct play *p, struct slice arg);
} verbs[] = {
	{ "ARGS", BEFORE, play_args },
	{ "STDIN", BEFORE, play_stdin },
	{ "STDIN-RAW", BEFORE, play_stdin_raw },
	{ "S", DURING, play_send },
	{ "S-RAW", DURING, play_send_raw },
	{ "S-MANY", DURING, play_send_many },
	{ "S-LONG", DURING, play_send_long },
	{ "C", DURING, play_expect },
	{ "C-RAW", DURING, play_expect_raw },
	{ "DATA", DURING, play_data },
	{ "STARTTLS", DURING, play_tls },
	{ "STARTTLS-FAILS", DURING, play_tls_fails },
	{ "WAIT", DURING, play_wait },
	{ "EOF", DURING, play_eof },
	{ "CLOSE", DURING, play_close },
	{ "RESET", DURING, play_reset },
	{ "ACCEPT", DURING, play_accept },
	{ "EXIT", AFTER, play_exit },
	{ "STDOUT", AFTER, play_stdout },
	{ "STDERR", AFTER, play_stderr },
	{ "STDERR-NOT", AFTER, play_stderr_not },
};

static bool
verb_char(int c)
{
	return (c >= 'A' && c <= 'Z') || c == '-';
}

/* Plays one line if it belongs to the phase. */
static int
play_line(struct play *p, struct slice line, enum phase phase)
{
	struct slice verb = slice_take_while(&line, verb_char);

	slice_take_prefix(&line, ":");
	slice_take_prefix(&line, " ");
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (slice_is(verb, verbs[i].verb))
			return verbs[i].phase == phase ? verbs[i].step(p, line)
			                               : 0;
	return play_fail(p, "no such step");
}

/* All lines of one phase, in order. */
static int
play_phase(struct play *p, enum phase phase)
{
	struct slice rest = buf_view(&p->script), line;

	p->line = 0;
	while (slice_take_line(&rest, &line, NULL)) {
		p->line++;
		if (line.n > 0 && line.p[0] != '#' &&
		    play_line(p, line, phase) < 0)
			return -1;
	}
	return 0;
}

/* {PORT} and {CA} filled in. */
static char *
fill_in(struct play *p, const char *arg)
{
	struct slice rest = slice_str(arg);
	struct buf b;
	char *text;

	buf_init(&b, PLAY_LINE_MAX);
	while (rest.n > 0) {
		if (slice_take_prefix(&rest, "{PORT}"))
			buf_fmt(&b, "%u", p->port);
		else if (slice_take_prefix(&rest, "{CA}"))
			buf_text(&b, p->ca);
		else
			buf_char(&b, slice_get(&rest));
	}
	text = arena_copy(&p->arena, buf_view(&b));
	buf_free(&b);
	return text;
}

/* A certificate for the peer: made when none was given. */
static int
certificate(struct play *p, char *name, struct err *e)
{
	static const char *const names[] = { "localhost", "127.0.0.1" };
	struct slice pem;
	int fd;

	if (p->cert)
		return 0;
	if (tls_cert_make(names, COUNT_OF(names), time(NULL), &p->cert, e) < 0)
		return -1;
	fd = mkstemp(name);
	if (fd < 0)
		return err_sys(e, ERR_CANTCREAT, "mkstemp");
	p->ca = name;
	pem = tls_cert_pem(p->cert);
	if (io_write(fd, pem.p, pem.n, name, e) < 0)
		return -1;
	return io_close(&fd, name, e);
}

static void
run_command(struct play *p, int in)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	dup2(in, 0);
	dup2(p->out, 1);
	dup2(p->err, 2);
	close(p->listener);
	execvp(p->args[0], p->args);
	perror(p->args[0]);
	_exit(127);
}

/* Listens and starts the command. */
static int
start(struct play *p, struct err *e)
{
	static const struct dial_target loopback = { .host = "127.0.0.1" };
	int in;

	p->listener = dial_listen(&loopback, &p->port, e);
	in = io_temp(NULL, e);
	p->out = io_temp(NULL, e);
	p->err = io_temp(NULL, e);
	if (p->listener < 0 || in < 0 || p->out < 0 || p->err < 0)
		return -1;
	if (io_write(in, buf_str(&p->stdin_text), p->stdin_text.n, "stdin", e) <
	    0)
		return -1;
	lseek(in, 0, SEEK_SET);
	for (size_t i = 0; i < p->n_args; i++)
		p->args[i] = fill_in(p, p->args[i]);
	p->child = fork();
	if (p->child == 0)
		run_command(p, in);
	close(in);
	return p->child < 0 ? err_sys(e, ERR_OS, "fork") : 0;
}

/* Says what the command said when something went wrong. */
static void
tell_output(struct play *p)
{
	struct buf b;

	buf_init(&b, PLAY_TEXT_MAX);
	lseek(p->out, 0, SEEK_SET);
	lseek(p->err, 0, SEEK_SET);
	io_slurp(p->out, &b, "stdout", NULL);
	io_slurp(p->err, &b, "stderr", NULL);
	fprintf(stderr, "the command said:\n%s\n", buf_str(&b));
	buf_free(&b);
}

static int
play(struct play *p)
{
	bool wants_exit;
	int r;

	r = play_phase(p, DURING);
	if (r == 0)
		r = finish(p);
	if (p->child > 0) {
		kill(p->child, SIGKILL);
		waitpid(p->child, &p->status, 0);
	}
	if (r == 0)
		r = play_phase(p, AFTER);
	wants_exit = slice_search(buf_view(&p->script), slice_str("\nEXIT ")) !=
	             SIZE_MAX;
	if (r == 0 && !wants_exit)
		r = play_exit(p, slice_str("0"));
	if (r < 0)
		tell_output(p);
	return r;
}

/* FILE [--tls CERT KEY] -- COMMAND ...; the command's start in argv, 0 when
 * that is not what there is. */
static int
read_argv(struct play *p, int argc, char **argv, struct err *e)
{
	int i = 2;

	if (argc >= 6 && strcmp(argv[2], "--tls") == 0) {
		if (tls_cert_load(argv[3], argv[4], &p->cert, e) < 0)
			return -1;
		p->ca = argv[3];
		i = 5;
	}
	if (argc < i + 2 || strcmp(argv[i], "--") != 0)
		return err_set(e, ERR_USAGE,
		    "usage: play FILE [--tls CERT KEY] -- COMMAND ...");
	for (i++; i < argc && p->n_args < PLAY_ARGS_MAX; i++)
		p->args[p->n_args++] = argv[i];
	p->file = argv[1];
	return io_read_file(p->file, &p->script, e);
}

int
main(int argc, char **argv)
{
	char ca[] = "/tmp/play-XXXXXX";
	struct play p = { .fd = -1, .file = "play" };
	struct err e;
	int r = -1;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, on_alarm);
	playing = &p;
	alarm(play_seconds());
	buf_init(&p.script, PLAY_TEXT_MAX);
	buf_init(&p.stdin_text, PLAY_TEXT_MAX);
	if (read_argv(&p, argc, argv, &e) < 0 || certificate(&p, ca, &e) < 0 ||
	    play_phase(&p, BEFORE) < 0 || start(&p, &e) < 0)
		fprintf(stderr, "%s: %s\n", p.file, e.text);
	else
		r = play(&p);
	if (p.ca == ca)
		unlink(ca);
	tls_cert_free(&p.cert);
	buf_free(&p.script);
	buf_free(&p.stdin_text);
	arena_free(&p.arena);
	return r < 0 ? 1 : 0;
}
