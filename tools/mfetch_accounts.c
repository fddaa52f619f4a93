/* mfetch --all-accounts: itself, once for each account that names a server,
 * all at the same time.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/mem.h"

#include "mfetch.h"
#include "tool_private.h"

#define ACCOUNTS_MAX 64 /* at the same time */
#define LOOK_MS      20 /* between looks whether one has ended */

struct account {
	const char *name;
	pid_t pid;
};

/* Sections but "*" that say where mfetch gets mail. */
static size_t
find_accounts(const struct conf *c, struct account accounts[ACCOUNTS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < c->n && n < ACCOUNTS_MAX; i++) {
		const struct conf_pair *p = &c->v[i];

		if (strcmp(p->section, "*") == 0 ||
		    (strcmp(p->key, "mfetch.server") != 0 &&
			strcmp(p->key, "mfetch.tunnel") != 0))
			continue;
		if (n == 0 || strcmp(accounts[n - 1].name, p->section) != 0)
			accounts[n++].name = p->section;
	}
	return n;
}

/* The same command line for one account; an option given twice is its last. */
static int
start(struct account *a, char **argv, int argc, struct err *e)
{
	char **args = mem_new(((size_t)argc + 4) * sizeof(*args));
	char option[] = "--account", *name = mem_string(a->name);
	char no[] = "--all-accounts=no";
	int n = 0, ret;

	args[n++] = argv[0];
	args[n++] = option;
	args[n++] = name;
	for (int i = 1; i < argc; i++)
		args[n++] = strncmp(argv[i], "--all-", 6) == 0 ? no : argv[i];
	ret = posix_spawn(&a->pid, "/proc/self/exe", NULL, NULL, args, environ);
	mem_free(args);
	mem_free(name);
	if (ret == 0)
		return 0;
	errno = ret;
	return err_sys(e, ERR_OS, "cannot start mfetch for '%s'", a->name);
}

/* Its status counts into ours: the worst of all. A signal to stop is handed
 * on, one that came between looking and waiting as well. */
static void
wait_for(struct tool_run *run, const struct account *a)
{
	struct pollfd stop = { tool_stop_fd(), POLLIN, 0 };
	bool told = false;
	int status = 0;

	while (waitpid(a->pid, &status, WNOHANG) == 0) {
		if (tool_stopping() && !told)
			told = kill(a->pid, SIGTERM) == 0;
		poll(&stop, told ? 0 : 1, LOOK_MS);
	}
	if (WIFEXITED(status)) {
		tool_status(run, (enum err_kind)WEXITSTATUS(status));
		return;
	}
	tool_warn(run, "account '%s': ended by a signal", a->name);
	tool_status(run, ERR_TEMP);
}

int
mfetch_all_accounts(struct tool_run *run, int argc, char **argv, struct err *e)
{
	struct account accounts[ACCOUNTS_MAX] = { 0 };
	struct conf conf = { 0 };
	size_t n, started = 0;
	int ret = 0;

	if (run->rest.n > 0)
		return err_set(e, ERR_USAGE, "--all-accounts needs no URL");
	if (run->common->account)
		return err_set(e, ERR_USAGE,
		    "--account and --all-accounts contradict each other");
	if (tool_find_accounts(run, &conf, e) <= 0)
		return -1;
	n = find_accounts(&conf, accounts);
	if (n == 0)
		return err_set(e, ERR_CONFIG,
		    "no account in '%s' has a line \"mfetch.server = URL\"",
		    conf.path);
	while (started < n && ret == 0) {
		ret = start(&accounts[started], argv, argc, e);
		started += ret == 0;
	}
	for (size_t i = 0; i < started; i++)
		wait_for(run, &accounts[i]);
	return ret;
}
