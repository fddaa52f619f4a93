/* msend finds the server and sends.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

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
		if (account_server(list->v[i], w->set->route.tls,
			&w->run->arena, &servers[i], e) < 0)
			return -1;
	return 0;
}

int
msend_plan(struct msend_work *w, struct account_server *servers,
    struct send_plan *plan_r, struct err *e)
{
	*plan_r = (struct send_plan){ .servers = servers,
		.n = w->set->server.n,
		.timeout = w->run->common->timeout,
		.per_connection = (size_t)w->set->bulk.per_connection };
	if (find_servers(w, servers, e) < 0)
		return -1;
	return msend_route_plan(w, &plan_r->connect, e);
}

int
msend_send(struct msend_work *w, struct err *e)
{
	struct account_server servers[ACCOUNT_SERVERS_MAX];
	struct send_result *results;
	struct send_plan plan;
	struct send *s;

	if (msend_plan(w, servers, &plan, e) < 0)
		return -1;
	results = arena_array(w->arena, w->mail.rcpts, sizeof(*results));
	s = send_new(&plan);
	send_message(s, &w->mail, results, w->arena);
	msend_show(w, 1, results);
	send_free(&s);
	return 0;
}
