/* mfetch: brings a mailbox here over IMAP or POP3, once each message.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"

#include "text/url.h"

#include "store/sink.h"

#include "flow/fetch.h"
#include "flow/fetchstate.h"
#include "flow/password.h"

#include "tool.h"

#define TIMEOUT_MS   60000
#define LOGIN_MAX    4096
#define PATH_MAX_LEN 4096

struct settings {
	struct tool_common common;
	const char *user, *password_command, *mailbox, *tls, *tls_ca;
	const char *to, *state;
	uint64_t limit, max_size;
	bool keep, list, dry_run;
};

static const struct opt options[] = {
	OPT_HEAD("Source"),
	OPT_TEXT('u', "user", struct settings, user, "NAME", "login name"),
	OPT_TEXT(0, "password-command", struct settings, password_command,
	    "CMD", "its first line is the password"),
	OPT_TEXT(
	    0, "mailbox", struct settings, mailbox, "NAME", "folder (INBOX)"),
	OPT_CHOICE(0, "tls", struct settings, tls, "off|may|verify",
	    "not used, tried, demanded"),
	OPT_TEXT(0, "tls-ca", struct settings, tls_ca, "FILE",
	    "trust these authorities instead"),
	OPT_HEAD("Target"),
	OPT_TEXT(0, "to", struct settings, to, "TARGET",
	    "maildir: mbox: eml: exec: or - (mboxrd on stdout)"),
	OPT_TEXT(0, "state", struct settings, state, "FILE",
	    "what was fetched already"),
	OPT_FLAG(0, "keep", struct settings, keep,
	    "leave messages on the server (always so)"),
	OPT_HEAD("What"),
	OPT_NUMBER(0, "limit", struct settings, limit, "N",
	    "at most so many messages, the oldest first"),
	OPT_SIZE(0, "max-size", struct settings, max_size, "SIZE",
	    "pass over larger messages (1G)"),
	OPT_FLAG(0, "list", struct settings, list, "list the folders, end"),
	OPT_FLAG(0, "dry-run", struct settings, dry_run,
	    "say what is new, fetch nothing"),
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

static const struct tool tool = {
	.name = "mfetch",
	.synopsis = "[option ...] URL",
	.purpose = "brings a mailbox here over IMAP or POP3, once each message",
	.options = options,
	.settings_size = sizeof(struct settings),
};

/* What the callbacks need. */
struct session {
	struct tool_run *run;
	const struct settings *set;
	struct fetch_plan plan;
	struct url url;
	struct buf user, password;
	const char *source; /* for people and JSON */
	bool drawn;         /* a progress line stands */
};

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
set_tls(struct session *s, const struct scheme *scheme, struct err *e)
{
	struct slice tls = slice_str(s->set->tls);

	s->plan.want = (struct tls_want){ .host = s->url.host, .verify = true };
	s->plan.tls = scheme->implicit ? FETCH_TLS_IMPLICIT : FETCH_TLS_START;
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

static int
read_url(struct session *s, const char *text, struct err *e)
{
	struct dial_target *t = &s->plan.server;
	const struct scheme *scheme;

	if (url_parse(slice_str(text), &s->run->arena, &s->url, e) < 0)
		return -1;
	scheme = find_scheme(&s->url);
	if (!scheme)
		return err_set(e, ERR_USAGE,
		    "unknown scheme in '%s': imaps, imap, pop3s or pop3", text);
	if (!s->url.host)
		return err_set(e, ERR_USAGE, "no host in '%s'", text);
	if ((size_t)snprintf(t->host, sizeof(t->host), "%s", s->url.host) >=
	    sizeof(t->host))
		return err_set(e, ERR_USAGE, "host is too long in '%s'", text);
	t->port = s->url.port ? s->url.port : scheme->port;
	s->plan.protocol = scheme->protocol;
	if (scheme->protocol == FETCH_POP3 && (s->url.path || s->set->mailbox))
		return err_set(e, ERR_USAGE, "POP3 has no folders: '%s'", text);
	s->plan.mailbox = s->set->mailbox ? s->set->mailbox
	                  : s->url.path   ? s->url.path
	                                  : "INBOX";
	return set_tls(s, scheme, e);
}

static const char *
in_home(struct session *s, const char *name)
{
	const char *home = getenv("HOME");

	if (!home || !home[0])
		return NULL;
	return arena_fmt(&s->run->arena, "%s/%s", home, name);
}

/* --user or the URL's; --password-command or ~/.netrc. */
static int
find_login(struct session *s, struct err *e)
{
	const struct settings *set = s->set;
	const char *user = set->user ? set->user : s->url.user;
	const char *netrc = in_home(s, ".netrc");
	int got = 0;

	if (set->password_command) {
		got = password_command(set->password_command, &s->password, e);
		if (got < 0)
			return -1;
	} else if (netrc) {
		got = password_netrc(
		    netrc, s->url.host, user, &s->user, &s->password, e);
		if (got < 0)
			return -1;
	}
	s->plan.user = user ? user : buf_str(&s->user);
	if (!s->plan.user[0])
		return err_set(e, ERR_USAGE,
		    "no user: --user NAME, or %s://NAME@%s", s->url.scheme,
		    s->url.host);
	if (s->password.n == 0)
		return err_set(e, ERR_CONFIG,
		    "no password for %s at %s: --password-command CMD, or an "
		    "entry in ~/.netrc",
		    s->plan.user, s->url.host);
	s->plan.password = buf_view(&s->password);
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

/* One file for each source and target, unless --state names another. */
static int
find_state(struct session *s, struct err *e)
{
	const char *dir = getenv("XDG_STATE_HOME");
	const char *target = s->plan.target;
	struct slice path;
	char real[PATH_MAX_LEN], port[8];
	const char *source;
	struct buf name;
	int ret;

	s->plan.state = s->set->state;
	if (s->set->state)
		return 0;
	dir = dir && dir[0] == '/' ? dir : in_home(s, ".local/state");
	if (!dir)
		return err_set(
		    e, ERR_CONFIG, "HOME is not set: --state names the file");
	/* the same folder by another name is the same target */
	if (sink_path(target, &path) && path.p[0] != '/' &&
	    getcwd(real, sizeof(real)))
		target = arena_fmt(&s->run->arena, "%.*s%s/%.*s",
		    (int)(path.p - target), target, real, SLICE_ARG(path));
	port[0] = '\0';
	if (s->url.port)
		snprintf(port, sizeof(port), ":%u", s->url.port);
	source = arena_fmt(&s->run->arena, "%s %s@%s%s/%s",
	    s->plan.protocol == FETCH_IMAP ? "imap" : "pop3", s->plan.user,
	    s->url.host, port, s->plan.mailbox);
	buf_init(&name, PATH_MAX_LEN);
	ret = fetchstate_name(source, target, &name, e);
	s->plan.state = arena_fmt(
	    &s->run->arena, "%s/mailtoolkit/fetch/%s", dir, buf_str(&name));
	buf_free(&name);
	return ret < 0 ? -1 : make_folders(s->plan.state, e);
}

static void
clear_progress(struct session *s)
{
	if (s->drawn)
		fputs("\r\033[K", stderr);
	s->drawn = false;
}

static void
on_progress(void *arg, const struct fetch_totals *t)
{
	struct session *s = arg;

	if (!s->run->progress)
		return;
	fprintf(stderr,
	    "\r\033[K%" PRIu64 " of %" PRIu64 " messages, %" PRIu64 " KiB",
	    t->fetched + t->known + t->passed_over, t->wanted,
	    t->octets / 1024);
	s->drawn = true;
}

static void
on_remark(void *arg, const char *text)
{
	struct session *s = arg;

	clear_progress(s);
	tool_warn(s->run, "%s", text);
}

static bool
on_stopping(void *arg)
{
	(void)arg;
	return tool_stopping();
}

static const char *const outcomes[] = { "new", "fetched", "known", "too-large",
	"refused", "not-taken" };

static void
on_result(void *arg, const struct fetch_result *r)
{
	struct session *s = arg;
	struct json *j;

	if (r->outcome == FETCH_TOO_LARGE)
		on_remark(
		    s, "a message is larger than --max-size: passed over");
	if (!s->set->common.json) {
		if (r->outcome == FETCH_NEW && r->uid)
			tool_print(s->run, "%" PRIu32 "\n", r->uid);
		else if (r->outcome == FETCH_NEW)
			tool_print(s->run, "%.*s\n", SLICE_ARG(r->uidl));
		return;
	}
	j = json_new_object();
	json_put_text(j, "source", s->source);
	json_put_text(j, "mailbox", s->plan.mailbox);
	if (r->uid)
		json_put_number(j, "uid", r->uid);
	else
		json_put_null(j, "uid");
	json_put_slice(j, "uidl", r->uidl.n ? r->uidl : slice_of(NULL, 0));
	if (r->outcome == FETCH_NEW || r->outcome == FETCH_REFUSED)
		json_put_null(j, "size");
	else
		json_put_number(j, "size", (int64_t)r->size);
	json_put_text(j, "path", r->path);
	json_put_text(j, "outcome", outcomes[r->outcome]);
	tool_json(s->run, j);
}

static void
on_folder(void *arg, const struct fetch_folder *f)
{
	struct session *s = arg;
	char separator[2] = { f->separator > 0 ? (char)f->separator : '\0',
		'\0' };
	struct json *j;

	if (!s->set->common.json) {
		tool_print(s->run, "%.*s\n", SLICE_ARG(f->name));
		return;
	}
	j = json_new_object();
	json_put_text(j, "source", s->source);
	json_put_slice(j, "mailbox", f->name);
	json_put_text(j, "separator", separator[0] ? separator : NULL);
	json_put_bool(j, "selectable", f->selectable);
	tool_json(s->run, j);
}

static int
make_plan(struct session *s, struct err *e)
{
	const struct settings *set = s->set;
	struct fetch_plan *p = &s->plan;

	if (s->run->rest.n != 1)
		return err_set(e, ERR_USAGE,
		    "one URL is wanted: imaps://USER@HOST/MAILBOX");
	if (read_url(s, s->run->rest.v[0], e) < 0)
		return -1;
	p->target = set->to ? set->to : "-";
	p->environ = environ;
	p->command_out = set->common.json ? STDERR_FILENO : STDOUT_FILENO;
	if (set->common.json && !set->list && !set->dry_run &&
	    slice_is(slice_str(p->target), "-"))
		return err_set(e, ERR_USAGE,
		    "--json and messages cannot both go to standard output: "
		    "--to maildir:DIR, mbox:FILE, eml:DIR or exec:CMD");
	if (find_login(s, e) < 0)
		return -1;
	s->source = arena_fmt(&s->run->arena, "%s://%s@%s:%u", s->url.scheme,
	    p->user, s->url.host, p->server.port);
	p->limit = set->limit;
	p->size_max = set->max_size;
	p->dry_run = set->dry_run;
	p->timeout = set->common.timeout ? set->common.timeout : TIMEOUT_MS;
	p->given = &s->run->given;
	p->result = on_result;
	p->progress = on_progress;
	p->remark = on_remark;
	p->stopping = on_stopping;
	p->arg = s;
	return set->list ? 0 : find_state(s, e);
}

static int
run(struct session *s, struct err *e)
{
	struct fetch_totals totals = { 0 };
	int ret;

	buf_init(&s->user, LOGIN_MAX);
	buf_init(&s->password, LOGIN_MAX);
	if (make_plan(s, e) < 0)
		return -1;
	s->plan.want.roots = tls_roots_new(s->set->tls_ca);
	if (s->set->list)
		ret = fetch_folders(&s->plan, on_folder, e);
	else
		ret = fetch_run(&s->plan, &totals, e);
	clear_progress(s);
	trace_say(&s->run->trace,
	    "%" PRIu64 " fetched of %" PRIu64 ", %" PRIu64 " octets",
	    totals.fetched, totals.wanted, totals.octets);
	return ret;
}

int
main(int argc, char **argv)
{
	struct settings set = { 0 };
	struct tool_run tool_run;
	struct session s = { .run = &tool_run, .set = &set };
	struct err e;

	if (tool_begin(&tool_run, &tool, argc, argv, &set) < 0)
		return tool_end(&tool_run);
	if (run(&s, &e) < 0)
		tool_fail(&tool_run, &e);
	tls_roots_free(&s.plan.want.roots);
	buf_free(&s.user);
	buf_wipe(&s.password);
	return tool_end(&tool_run);
}
