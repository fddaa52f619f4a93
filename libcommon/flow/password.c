/* Passwords from elsewhere (see password.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "flow/password.h"

/* Runs file with its output in a pipe; quiet: what it complains of is not
 * for the user. ERR_OS, with sys ENOENT when there is no such file. */
static int
start(const char *file, char *const *argv, bool quiet, int *fd_r, pid_t *pid_r,
    struct err *e)
{
	posix_spawn_file_actions_t actions;
	int ends[2], ret;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, ERR_OS, "cannot make a pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	if (quiet)
		posix_spawn_file_actions_addopen(
		    &actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	ret = posix_spawnp(pid_r, file, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (ret != 0) {
		close(ends[0]);
		errno = ret;
		return err_sys(e, ERR_OS, "cannot run '%s'", file);
	}
	*fd_r = ends[0];
	return 0;
}

/* All that it prints; its exit status, -1 for a signal or a failure of ours,
 * which e tells. */
static int
read_output(int fd, pid_t pid, struct buf *out, struct err *e)
{
	int status = 0, ret;

	buf_init(out, PASSWORD_MAX);
	buf_room(out, PASSWORD_MAX); /* stays in place, to be wiped */
	ret = io_slurp(fd, out, "password command", e);
	close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ret < 0)
		return -1;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return err_set(e, ERR_CONFIG, "password command was killed");
}

int
password_command(const char *command, struct buf *password, struct err *e)
{
	char shell[] = "sh", option[] = "-c", *text = mem_string(command);
	char *const argv[] = { shell, option, text, NULL };
	struct slice all, line;
	struct buf out;
	int fd, ret;
	pid_t pid;

	ret = start("/bin/sh", argv, false, &fd, &pid, e);
	mem_free(text);
	if (ret < 0)
		return -1;
	ret = read_output(fd, pid, &out, e);
	all = buf_view(&out);
	if (ret > 0)
		ret = err_set(
		    e, ERR_CONFIG, "password command failed: '%s'", command);
	else if (ret == 0 && (!slice_take_line(&all, &line, NULL) || !line.n))
		ret = err_set(e, ERR_CONFIG,
		    "password command printed nothing: '%s'", command);
	else if (ret == 0)
		buf_slice(password, line);
	buf_wipe(&out);
	return ret;
}

int
password_keyring(const char *service, const char *host, const char *user,
    struct buf *password, struct err *e)
{
	const char *words[] = { "secret-tool", "lookup", "service", service,
		"host", host, "user", user };
	char *argv[COUNT_OF(words) + 1] = { NULL };
	struct buf out;
	int fd, ret;
	pid_t pid;

	for (size_t i = 0; i < COUNT_OF(words); i++)
		argv[i] = mem_string(words[i]);
	ret = start(argv[0], argv, true, &fd, &pid, e);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		mem_free(argv[i]);
	if (ret < 0)
		return 0;
	ret = read_output(fd, pid, &out, e);
	if (ret == 0)
		buf_slice(password, slice_trim_end(buf_view(&out)));
	ret = ret == 0 && out.n > 0;
	buf_wipe(&out);
	return ret;
}

static bool
is_word(int c)
{
	return c > ' ';
}

static struct slice
word(struct slice *s)
{
	*s = slice_trim_start(*s);
	return slice_take_while(s, is_word);
}

/* *("machine" name / "default" / "login" name / "password" word / ...);
 * the first entry that fits counts. */
static int
find_entry(struct slice s, const char *host, const char *user,
    struct buf *user_r, struct buf *password)
{
	struct slice login = slice_str(user), w;
	bool here = false;

	while ((w = word(&s)).n > 0) {
		if (slice_is(w, "machine")) {
			here = slice_is_nocase(word(&s), host);
			login = slice_str(user);
		} else if (slice_is(w, "default")) {
			here = true;
			login = slice_str(user);
		} else if (slice_is(w, "login")) {
			login = word(&s);
		} else if (slice_is(w, "password")) {
			w = word(&s);
			if (!here || (user && !slice_is(login, user)))
				continue;
			buf_slice(user_r, login);
			buf_slice(password, w);
			return 1;
		}
	}
	return 0;
}

int
password_netrc(const char *path, const char *host, const char *user,
    struct buf *user_r, struct buf *password, struct err *e)
{
	struct stat st;
	struct buf text;
	int ret;

	if (stat(path, &st) < 0)
		return 0;
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(
		    e, ERR_CONFIG, "others may read '%s': chmod 600 it", path);
	buf_init(&text, PASSWORD_MAX);
	buf_room(&text, PASSWORD_MAX); /* stays in place, to be wiped */
	ret = io_read_file(path, &text, e);
	if (ret == 0)
		ret = find_entry(buf_view(&text), host, user, user_r, password);
	buf_wipe(&text);
	return ret;
}

int
password_find(const struct password_sources *from, const char *host,
    const char *user, struct buf *user_r, struct buf *password, struct err *e)
{
	int got = 0;

	if (from->command)
		return password_command(from->command, password, e) < 0 ? -1
		                                                        : 1;
	if (from->kept) {
		buf_text(password, from->kept);
		return 1;
	}
	if (from->service && user)
		got = password_keyring(from->service, host, user, password, e);
	if (got == 0 && from->netrc)
		got = password_netrc(
		    from->netrc, host, user, user_r, password, e);
	if (got == 0 && from->ask && user)
		got = from->ask(from->arg, user, host, password, e);
	return got;
}
