/* msend finds the server and sends.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "msend.h"

static int
find_servers(
    struct msend_work *w, struct account_server *servers, struct err *e)
{
	const struct opt_list *list = &w->set->server;

	if (list->n == 0)
		return err_set(e, ERR_USAGE,
		    "no server: --server smtp://HOST, or a line \"server = "
		    "...\" in the accounts file");
	if (list->n > ACCOUNT_SERVERS_MAX)
		return err_set(
		    e, ERR_USAGE, "more than %d servers", ACCOUNT_SERVERS_MAX);
	for (size_t i = 0; i < list->n; i++)
		if (account_server(list->v[i], w->set->tls, &w->run->arena,
			&servers[i], e) < 0)
			return -1;
	return 0;
}

static const char *
in_home(struct msend_work *w, const char *name)
{
	const char *home = getenv("HOME");

	return home && home[0] ? arena_fmt(&w->run->arena, "%s/%s", home, name)
	                       : NULL;
}

int
msend_send(struct msend_work *w, struct err *e)
{
	struct account_server servers[ACCOUNT_SERVERS_MAX];
	struct send_plan plan = { .servers = servers,
		.n = w->set->server.n,
		.login = { .user = w->set->user,
		    .password_command = w->set->password_command,
		    .token_command = w->set->token_command,
		    .mechanisms = w->set->auth,
		    .netrc = in_home(w, ".netrc") },
		.tls_ca = w->set->tls_ca,
		.helo = w->set->helo,
		.timeout = w->run->common->timeout,
		.given = &w->run->given };
	struct send_result *results;
	struct send *s;

	if (find_servers(w, servers, e) < 0)
		return -1;
	results = arena_array(&w->run->arena, w->mail.rcpts, sizeof(*results));
	s = send_new(&plan);
	send_message(s, &w->mail, results, &w->run->arena);
	msend_show(w->run, &w->mail, results);
	send_free(&s);
	return 0;
}
