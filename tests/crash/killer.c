/* Preloaded into a program: counts its calls that change the disk for good, or
 * with KILL_ANY also those that move octets, and kills it before the one with
 * the number KILL_AT. With KILL_LOG it kills nothing and writes their names
 * there, one a line.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long count, at = -1;
static int any, list = -1;

static long
number(const char *text)
{
	long n = 0;

	for (; *text >= '0' && *text <= '9' && n < 100000000; text++)
		n = 10 * n + (*text - '0');
	return n;
}

static void
begin(void)
{
	const char *n = getenv("KILL_AT"), *file = getenv("KILL_LOG");

	at = n ? number(n) : 0;
	any = getenv("KILL_ANY") != NULL;
	if (file)
		list =
		    open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	/* what the program runs is not to be killed */
	unsetenv("LD_PRELOAD");
}

static void
step(const char *name, int moves)
{
	if (at < 0)
		begin();
	if (moves && !any)
		return;
	if (++count == at)
		kill(getpid(), SIGKILL);
	if (list >= 0) {
		syscall(SYS_write, list, name, strlen(name));
		syscall(SYS_write, list, "\n", (size_t)1);
	}
}

#define CHANGES(name, params, args)                                            \
	int name params                                                        \
	{                                                                      \
		int(*real) params = (int(*) params)dlsym(RTLD_NEXT, #name);    \
                                                                               \
		step(#name, 0);                                                \
		return real args;                                              \
	}

CHANGES(fsync, (int fd), (fd))
CHANGES(fdatasync, (int fd), (fd))
CHANGES(syncfs, (int fd), (fd))
CHANGES(renameat, (int a, const char *b, int c, const char *d), (a, b, c, d))
CHANGES(rename, (const char *a, const char *b), (a, b))
CHANGES(ftruncate, (int fd, off_t n), (fd, n))
CHANGES(ftruncate64, (int fd, off_t n), (fd, n))
CHANGES(unlink, (const char *a), (a))
CHANGES(unlinkat, (int a, const char *b, int c), (a, b, c))

ssize_t
write(int fd, const void *p, size_t n)
{
	step("write", 1);
	return syscall(SYS_write, fd, p, n);
}

ssize_t
read(int fd, void *p, size_t n)
{
	step("read", 1);
	return syscall(SYS_read, fd, p, n);
}
