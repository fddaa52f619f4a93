/* From options to the plan of a fetch.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#include "text/date.h"

#include "store/sink.h"

#include "proto/imap.h"

#include "flow/password.h"

#include "mfetch.h"

#define TIMEOUT_MS   60000
#define LOGIN_MAX    4096
#define SEARCH_MAX   4000
#define PATH_MAX_LEN 4096
#define PINS_MAX     16
#define DAY          86400
#define DAYS_MAX     100000

static const struct scheme {
	const char *name;
	enum fetch_protocol protocol;
	bool implicit;
	uint16_t port;
} schemes[] = {
	{ "imaps", FETCH_IMAP, true, 993 },
	{ "imap", FETCH_IMAP, false, 143 },
	{ "imap+tls", FETCH_IMAP, false, 143 },
	{ "pop3s", FETCH_POP3, true, 995 },
	{ "pop3", FETCH_POP3, false, 110 },
	{ "pop3+tls", FETCH_POP3, false, 110 },
};

static const struct scheme *
find_scheme(const struct url *url)
{
	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		if (slice_is(slice_str(url->scheme), schemes[i].name))
			return &schemes[i];
	return NULL;
}

static int
read_pins(struct mfetch_session *s, struct err *e)
{
	const struct opt_list *list = &s->set->tls_pin;
	struct tls_pin *pins;

	if (list->n > PINS_MAX)
		return err_set(e, ERR_USAGE, "more than %d pins", PINS_MAX);
	pins = arena_array(&s->run->arena, list->n + 1, sizeof(*pins));
	for (size_t i = 0; i < list->n; i++)
		if (tls_pin_read(list->v[i], &pins[i], e) < 0)
			return err_in(e, "--tls-pin");
	s->plan.want.pins = pins;
	s->plan.want.pin_count = list->n;
	return 0;
}

static int
set_tls(struct mfetch_session *s, const struct scheme *scheme, struct err *e)
{
	struct slice tls = slice_str(s->set->tls);

	s->plan.want = (struct tls_want){ .host = s->url.host,
		.verify = true,
		.cert_file = s->set->tls_cert,
		.key_file = s->set->tls_key };
	if (read_pins(s, e) < 0)
		return -1;
	s->plan.tls = scheme->implicit ? FETCH_TLS_IMPLICIT : FETCH_TLS_START;
	if (s->plan.server.local && tls.n == 0) {
		s->plan.tls = FETCH_TLS_OFF;
		return 0;
	}
	if (tls.n == 0 || slice_is(tls, "verify"))
		return 0;
	if (scheme->implicit ||
	    slice_ends_nocase(slice_str(s->url.scheme), "+tls"))
		return err_set(e, ERR_USAGE,
		    "--tls=%s and %s:// contradict each other: use %s://",
		    s->set->tls, s->url.scheme,
		    scheme->protocol == FETCH_IMAP ? "imap" : "pop3");
	s->plan.tls = slice_is(tls, "may") ? FETCH_TLS_MAY : FETCH_TLS_OFF;
	return 0;
}

/* Only IMAP can do these. */
static int
check_pop3(const struct mfetch_session *s, const char *text, struct err *e)
{
	const struct mfetch_settings *set = s->set;
	const char *option = set->exclude.n   ? "--exclude"
	                     : set->search    ? "--search"
	                     : set->since     ? "--since"
	                     : set->unseen    ? "--unseen"
	                     : set->larger    ? "--larger"
	                     : set->move_to   ? "--move-to"
	                     : set->mark_seen ? "--mark-seen"
	                     : set->tunnel    ? "--tunnel"
	                                      : NULL;

	if (s->url.path || set->mailbox.n)
		return err_set(e, ERR_USAGE, "POP3 has no folders: '%s'", text);
	if (option)
		return err_set(e, ERR_USAGE, "%s is for IMAP", option);
	return 0;
}

/* The mailboxes of the options, the URL's, or INBOX. */
static void
set_mailboxes(struct mfetch_session *s)
{
	const struct mfetch_settings *set = s->set;
	struct fetch_plan *p = &s->plan;

	p->mailboxes = set->mailbox.v;
	p->nmailboxes = set->mailbox.n;
	if (p->nmailboxes == 0 && s->url.path) {
		p->mailboxes = (const char *const *)&s->url.path;
		p->nmailboxes = 1;
	}
	p->excludes = set->exclude.v;
	p->nexcludes = set->exclude.n;
}

/* "imap:/path/of/a/socket" has no host. */
static int
set_host(struct mfetch_session *s, const char *text, struct err *e)
{
	struct dial_target *t = &s->plan.server;
	const char *host = s->url.host;

	t->local = !host && s->url.path && s->url.path[0] == '/';
	if (t->local) {
		host = s->url.path;
		s->url.path = NULL;
	}
	if (!host)
		return err_set(e, ERR_USAGE, "no host in '%s'", text);
	if ((size_t)snprintf(t->host, sizeof(t->host), "%s", host) >=
	    sizeof(t->host))
		return err_set(e, ERR_USAGE, "host is too long in '%s'", text);
	return 0;
}

void
mfetch_plan_free(struct mfetch_session *s)
{
	tls_roots_free(&s->plan.want.roots);
	fetchforward_free(&s->forward);
	buf_free(&s->user);
	buf_wipe(&s->password);
	buf_free(&s->search);
}

static int
read_url(struct mfetch_session *s, const char *text, struct err *e)
{
	const struct scheme *scheme;
	const char *user;

	if (mfetch_auto(s, &text, &user, e) < 0 ||
	    url_parse(slice_str(text), &s->run->arena, &s->url, e) < 0)
		return -1;
	if (user)
		s->url.user = user;
	scheme = find_scheme(&s->url);
	if (!scheme)
		return err_set(e, ERR_USAGE,
		    "unknown scheme in '%s': imaps, imap, pop3s or pop3", text);
	if (set_host(s, text, e) < 0)
		return -1;
	s->plan.server.port = s->url.port ? s->url.port : scheme->port;
	s->plan.protocol = scheme->protocol;
	if (scheme->protocol == FETCH_POP3 && check_pop3(s, text, e) < 0)
		return -1;
	set_mailboxes(s);
	return set_tls(s, scheme, e);
}

/* What the tunnel leads to is encrypted by itself, or not our business. */
static int
set_tunnel(struct mfetch_session *s, struct err *e)
{
	if (s->run->rest.n > 0 || s->set->server)
		return err_set(e, ERR_USAGE, "--tunnel needs no URL");
	s->plan.tunnel = s->set->tunnel;
	s->plan.protocol = FETCH_IMAP;
	s->plan.tls = FETCH_TLS_OFF;
	set_mailboxes(s);
	return 0;
}

static const char *
in_home(struct mfetch_session *s, const char *name)
{
	const char *home = getenv("HOME");

	if (!home || !home[0])
		return NULL;
	return arena_fmt(&s->run->arena, "%s/%s", home, name);
}

static int
find_secret(struct mfetch_session *s, const char *user, struct err *e)
{
	const struct mfetch_settings *set = s->set;
	struct password_sources from = { .command = set->password_command,
		.kept = s->run->password,
		.service = s->plan.protocol == FETCH_IMAP ? "imap" : "pop3",
		.netrc = in_home(s, ".netrc"),
		.ask = tool_ask,
		.arg = s->run };

	if (set->token_command)
		return password_command(set->token_command, &s->password, e);
	if (!sasl_needs_secret(s->mechanisms))
		return 0;
	if (!s->url.host && !from.command && !from.kept)
		return 0;
	return password_find(
	    &from, s->url.host, user, &s->user, &s->password, e);
}

/* APOP is none of SASL's mechanisms, and stands alone. */
static int
read_auth(struct mfetch_session *s, struct err *e)
{
	struct slice auth = slice_str(s->set->auth);

	s->mechanisms = s->set->auth;
	s->plan.apop = slice_is_nocase(slice_trim(auth), "APOP");
	if (!s->plan.apop)
		return sasl_check(s->mechanisms, e);
	s->mechanisms = NULL;
	if (s->plan.protocol != FETCH_POP3)
		return err_set(e, ERR_USAGE, "--auth APOP is for POP3");
	return 0;
}

/* --user or the URL's; a tunnel may have logged in already. */
static int
find_login(struct mfetch_session *s, struct err *e)
{
	const struct mfetch_settings *set = s->set;
	const char *user = set->user ? set->user : s->url.user;
	const char *host = s->url.host ? s->url.host : s->plan.server.host;
	struct fetch_plan *p = &s->plan;

	if (read_auth(s, e) < 0 || find_secret(s, user, e) < 0)
		return -1;
	p->user = user ? user : buf_str(&s->user);
	p->login = (struct sasl_login){ .user = p->user,
		.mechanisms = s->mechanisms,
		.service = p->protocol == FETCH_IMAP ? "imap" : "pop",
		.host = host,
		.port = p->server.port,
		.certificate = set->tls_cert != NULL,
		.random = s->run->given.random };
	if (set->token_command)
		p->login.token = buf_view(&s->password);
	else
		p->login.password = buf_view(&s->password);
	if (p->tunnel)
		return 0;
	if (!p->user[0])
		return err_set(e, ERR_USAGE,
		    "no user: --user NAME, or %s://NAME@%s", s->url.scheme,
		    host);
	if (s->password.n == 0 && sasl_needs_secret(s->mechanisms))
		return err_set(e, ERR_CONFIG, PASSWORD_NONE, p->user, host);
	return 0;
}

/* Folders down to the file, which are ours alone. */
static int
make_folders(const char *path, struct err *e)
{
	char part[PATH_MAX_LEN];
	size_t n = strlen(path);

	if (n >= sizeof(part))
		return err_set(e, ERR_USAGE, "path is too long: '%s'", path);
	memcpy(part, path, n + 1);
	for (size_t i = 1; i < n; i++) {
		if (part[i] != '/')
			continue;
		part[i] = '\0';
		if (access(part, F_OK) < 0 && io_mkdir(part, 0700, e) < 0)
			return -1;
		part[i] = '/';
	}
	return 0;
}

/* The same folder by another name is the same target. */
static const char *
whole_target(struct mfetch_session *s, const char *target)
{
	char here[PATH_MAX_LEN];
	struct slice path;

	if (!sink_path(target, &path) || path.n == 0 || path.p[0] == '/' ||
	    !getcwd(here, sizeof(here)))
		return target;
	return arena_fmt(&s->run->arena, "%.*s%s/%.*s", (int)(path.p - target),
	    target, here, SLICE_ARG(path));
}

/* One file for each source and target, unless --state names another. */
static int
find_state(struct mfetch_session *s, struct err *e)
{
	const char *dir = getenv("XDG_STATE_HOME");
	struct fetch_plan *p = &s->plan;
	char port[8] = "";

	p->state = s->set->state;
	if (p->state)
		return 0;
	dir = dir && dir[0] == '/' ? dir : in_home(s, ".local/state");
	if (!dir)
		return err_set(
		    e, ERR_CONFIG, "HOME is not set: --state names the file");
	if (s->url.port)
		snprintf(port, sizeof(port), ":%u", s->url.port);
	p->target = whole_target(s, p->target);
	if (p->tunnel)
		p->source =
		    arena_fmt(&s->run->arena, "imap tunnel %s", p->tunnel);
	else if (s->found) /* whichever of them it is */
		p->source = arena_fmt(&s->run->arena, "%s auto %s",
		    p->protocol == FETCH_IMAP ? "imap" : "pop3", s->address);
	else
		p->source = arena_fmt(&s->run->arena, "%s %s@%s%s",
		    p->protocol == FETCH_IMAP ? "imap" : "pop3", p->user,
		    p->server.host, port);
	p->state_dir = arena_fmt(&s->run->arena, "%s/mailtoolkit/fetch", dir);
	return make_folders(arena_fmt(&s->run->arena, "%s/x", p->state_dir), e);
}

/* Of a day, or of so many days ago. */
static int
add_since(struct mfetch_session *s, const char *since, struct err *e)
{
	struct slice days = slice_str(since);
	uint64_t n;
	int64_t t;

	if (slice_take_number(&days, DAYS_MAX, &n) && slice_is(days, "d"))
		t = given_now(&s->run->given) - (int64_t)n * DAY;
	else if (!date_parse_3339(slice_str(since), &t, NULL))
		return err_set(e, ERR_USAGE,
		    "'%s' is no date: --since 2026-11-24, or --since 7d",
		    since);
	buf_text(&s->search, " SINCE ");
	imap_date(t, &s->search);
	return 0;
}

/* The keys of a SEARCH, all of which must hold. */
static int
make_search(struct mfetch_session *s, struct err *e)
{
	const struct mfetch_settings *set = s->set;

	if (set->search)
		buf_fmt(&s->search, " %s", set->search);
	if (set->since && add_since(s, set->since, e) < 0)
		return -1;
	if (set->unseen)
		buf_text(&s->search, " UNSEEN");
	if (set->larger)
		buf_fmt(&s->search, " LARGER %llu",
		    (unsigned long long)set->larger);
	if (buf_over(&s->search))
		return err_set(e, ERR_USAGE, "--search is too long");
	if (s->search.n > 0)
		s->plan.search = buf_str(&s->search) + 1;
	return 0;
}

/* What becomes of messages there: one thing. */
static int
set_after(struct mfetch_session *s, struct err *e)
{
	const struct mfetch_settings *set = s->set;
	struct fetch_plan *p = &s->plan;

	bool remove = set->remove || set->delete_after;

	if (set->keep + set->remove + (set->delete_after > 0) +
		(set->move_to != NULL) + set->mark_seen >
	    1)
		return err_set(e, ERR_USAGE,
		    "only one of --keep, --delete, --delete-after, --move-to "
		    "and --mark-seen");
	if (set->delete_after > DAYS_MAX)
		return err_set(
		    e, ERR_USAGE, "--delete-after: at most %d days", DAYS_MAX);
	p->mirror = set->mirror;
	if (set->mirror && !slice_starts(slice_str(p->target), "maildir:"))
		return err_set(
		    e, ERR_USAGE, "--mirror needs a Maildir: --to maildir:DIR");
	if (set->mirror && (remove || set->move_to))
		return err_set(e, ERR_USAGE,
		    "--mirror would remove here what is deleted there");
	if (remove && set->headers)
		return err_set(e, ERR_USAGE,
		    "--headers and --delete would lose the messages");
	p->after_wait = (int64_t)set->delete_after * DAY;
	if (set->move_to) {
		p->after = FETCH_MOVE;
		p->move_to = set->move_to;
	} else if (remove) {
		p->after = FETCH_DELETE;
	} else if (set->mark_seen) {
		p->after = FETCH_SEEN;
	}
	return 0;
}

static bool
on_stopping(void *arg)
{
	(void)arg;
	return tool_stopping();
}

/* Over a network, unless told; on one machine it only costs. */
static bool
wants_compression(const struct mfetch_session *s)
{
	const char *when = s->set->compress;

	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return !s->plan.tunnel && !dial_is_here(&s->plan.server);
}

static void
set_rest(struct mfetch_session *s)
{
	const struct mfetch_settings *set = s->set;
	struct fetch_plan *p = &s->plan;

	p->environ = environ;
	p->command_out = set->common.json ? STDERR_FILENO : STDOUT_FILENO;
	p->headers_only = set->headers;
	p->plain_folders = set->plain_folders;
	p->compress = wants_compression(s);
	p->limit = set->limit;
	p->size_max = set->max_size;
	p->dry_run = set->dry_run;
	p->timeout = set->common.timeout ? set->common.timeout : TIMEOUT_MS;
	p->jobs = set->common.jobs;
	p->stop = set->idle || set->retry ? tool_stop_fd() : -1;
	p->given = &s->run->given;
	p->result = mfetch_on_result;
	p->progress = mfetch_on_progress;
	p->remark = mfetch_on_remark;
	p->stopping = on_stopping;
	p->arg = s;
	s->begun = clock_ms();
}

/* --to lmtp://HOST, smtp://HOST */
static int
set_forward(struct mfetch_session *s, struct err *e)
{
	const struct mfetch_settings *set = s->set;

	if (!fetchforward_is(s->plan.target)) {
		if (set->rcpt.n > 0 || set->to_tls)
			return err_set(e, ERR_USAGE,
			    "--rcpt and --to-tls are for --to lmtp: and smtp:");
		if (!sink_knows(s->plan.target))
			return err_set(e, ERR_USAGE,
			    "--to: unknown target '%s': " SINK_TARGETS
			    ", lmtp://HOST or smtp://HOST",
			    s->plan.target);
		return 0;
	}
	s->onward = (struct fetchforward_plan){ .server = s->plan.target,
		.tls = set->to_tls,
		.ca_file = set->tls_ca,
		.rcpts = set->rcpt.v,
		.n = set->rcpt.n,
		.timeout = set->common.timeout,
		.given = &s->run->given };
	if (fetchforward_new(&s->onward, &s->forward, e) < 0)
		return -1;
	s->plan.forward = fetchforward_send;
	s->plan.forward_arg = s->forward;
	return 0;
}

static int
find_server(struct mfetch_session *s, struct err *e)
{
	const struct opt_list *rest = &s->run->rest;

	if (s->set->tunnel)
		return set_tunnel(s, e);
	if (rest->n > 1 || (rest->n == 0 && !s->set->server))
		return err_set(e, ERR_USAGE,
		    "one URL is wanted: imaps://USER@HOST/MAILBOX");
	return read_url(s, rest->n ? rest->v[0] : s->set->server, e);
}

int
mfetch_plan(struct mfetch_session *s, struct err *e)
{
	const struct mfetch_settings *set = s->set;
	struct fetch_plan *p = &s->plan;
	bool looks = set->list || set->peek;

	buf_init(&s->user, LOGIN_MAX);
	buf_init(&s->password, LOGIN_MAX);
	buf_init(&s->search, SEARCH_MAX);
	if (find_server(s, e) < 0)
		return -1;
	p->target = set->to ? set->to : "-";
	if (set->common.json && !looks && !set->dry_run &&
	    slice_is(slice_str(p->target), "-"))
		return err_set(e, ERR_USAGE,
		    "--json and messages cannot both go to standard output: "
		    "--to maildir:DIR, mbox:FILE, eml:DIR, exec:CMD or lmtp://HOST");
	if (set->idle && (looks || set->dry_run))
		return err_set(e, ERR_USAGE,
		    "--idle fetches: no --list, --peek or --dry-run");
	if ((set->on_new || set->interval) && !set->idle)
		return err_set(
		    e, ERR_USAGE, "--on-new and --interval are for --idle");
	if (set_forward(s, e) < 0 || set_after(s, e) < 0 ||
	    make_search(s, e) < 0 || find_login(s, e) < 0)
		return -1;
	if (p->tunnel)
		s->source = "tunnel:";
	else if (p->server.local)
		s->source = arena_fmt(
		    &s->run->arena, "%s:%s", s->url.scheme, p->server.host);
	else
		s->source = arena_fmt(&s->run->arena, "%s://%s@%s:%u",
		    s->url.scheme, p->user, s->url.host, p->server.port);
	set_rest(s);
	return looks ? 0 : find_state(s, e);
}
