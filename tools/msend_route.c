/* How msend reaches a server: names, TLS and login.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "msend.h"
#include "tool_discover.h"
#include "tool_oauth.h"

#define ROUTE(k, l, n, field, a, h)                                            \
	{                                                                      \
		.kind = (k), .letter = (l), .name = (n), .arg = (a),           \
		.help = (h), .at = offsetof(struct msend_route, field)         \
	}
#define BRIEF(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = (k), .name = (n), .arg = (a), .help = (h),             \
		.at = offsetof(struct msend_route, field), .flags = OPT_BRIEF  \
	}
/* And one that it does not. */
#define HIDDEN(k, n, field, a, h)                                              \
	{                                                                      \
		.kind = (k), .name = (n), .arg = (a), .help = (h),             \
		.at = offsetof(struct msend_route, field), .flags = OPT_HIDDEN \
	}

const struct opt msend_route_options[] = {
	ROUTE(OPT_KIND_MANY, 0, "server", server, "URL",
	    "smtp, smtp+tls, smtps, lmtp, or auto; may be several"),
	ROUTE(OPT_KIND_TEXT, 'u', "user", user, "NAME", "log in as NAME"),
	BRIEF(OPT_KIND_FLAG, "mx", mx, NULL,
	    "straight to the recipients' servers"),
	BRIEF(OPT_KIND_CHOICE, "tls", tls, "off|may|must|verify|dane|sts|auto",
	    "how sure it must be"),
	BRIEF(OPT_KIND_TEXT, "password-command", password_command, "CMD",
	    "its first line is the password"),
	BRIEF(OPT_KIND_TEXT, "token-command", token_command, "CMD",
	    "likewise an OAuth token"),
	BRIEF(OPT_KIND_TEXT, "oauth", oauth, "PROFILE", "get and refresh one"),
	BRIEF(OPT_KIND_TEXT, "auth", auth, "MECH[,MECH]",
	    "log in by one of these"),
	BRIEF(OPT_KIND_TEXT, "helo", helo, "NAME", "this machine's name"),
	BRIEF(OPT_KIND_TEXT, "tls-ca", tls_ca, "FILE", "authorities to trust"),
	HIDDEN(OPT_KIND_TEXT, "tls-crl", tls_crl, "FILE",
	    "certificates that they have revoked"),
	HIDDEN(OPT_KIND_TEXT, "tls-host", tls_host, "NAME",
	    "whose certificate the server has to show"),
	BRIEF(OPT_KIND_MANY, "tls-pin", tls_pin, "PIN",
	    "the server's key or certificate, in place of authorities"),
	BRIEF(
	    OPT_KIND_TEXT, "tls-cert", tls_cert, "FILE", "certificate to show"),
	BRIEF(OPT_KIND_TEXT, "tls-key", tls_key, "FILE", "its private key"),
	{ .kind = OPT_KIND_NUMBER,
	    .name = "port",
	    .arg = "N",
	    .help = "with --mx, not 25",
	    .at = offsetof(struct msend_route, port),
	    .max = 65535,
	    .flags = OPT_HIDDEN },
	HIDDEN(OPT_KIND_MANY, "zone", zones, "FILE",
	    "master files in place of DNS"),
	BRIEF(OPT_KIND_TEXT, "proxy", proxy, "URL", "socks5 or http"),
	HIDDEN(OPT_KIND_TEXT, "proxy-password-command", proxy_command, "CMD",
	    "its first line is the password of the user there"),
	HIDDEN(OPT_KIND_TEXT, "source-ip", source_ip, "IP",
	    "address of this machine"),
	HIDDEN(OPT_KIND_TEXT, "resolver", resolver, "ADDR[:PORT]",
	    "ask this resolver"),
	{ .kind = OPT_KIND_NUMBER,
	    .name = "https-port",
	    .arg = "N",
	    .help = "where policies are fetched",
	    .at = offsetof(struct msend_route, https_port),
	    .max = 65535,
	    .flags = OPT_HIDDEN },
	HIDDEN(OPT_KIND_CHOICE, "tls-min", tls_min, "1.2|1.3",
	    "least version of TLS"),
	OPT_DONE,
};

static const char *
in_home(struct msend_work *w, const char *name)
{
	const char *home = getenv("HOME");

	return home && home[0] ? arena_fmt(&w->run->arena, "%s/%s", home, name)
	                       : NULL;
}

static int
read_pins(struct msend_work *w, struct connect_plan *plan, struct err *e)
{
	const struct opt_list *list = &w->set->route.tls_pin;
	struct tls_pin *pins;

	if (list->n > CONNECT_PINS_MAX)
		return err_set(
		    e, ERR_USAGE, "more than %d pins", CONNECT_PINS_MAX);
	pins = arena_array(&w->run->arena, list->n + 1, sizeof(*pins));
	for (size_t i = 0; i < list->n; i++)
		if (tls_pin_read(list->v[i], &pins[i], e) < 0)
			return err_in(e, "--tls-pin");
	plan->pins = pins;
	plan->pin_count = list->n;
	return 0;
}

/* $XDG_CACHE_HOME/mailtoolkit/mta-sts, made as far as can be. */
static const char *
cache(struct msend_work *w)
{
	const char *dir = getenv("XDG_CACHE_HOME");

	if (!dir || dir[0] != '/')
		dir = in_home(w, ".cache");
	if (!dir)
		return NULL;
	(void)io_mkdir(dir, 0700, NULL);
	dir = arena_fmt(&w->run->arena, "%s/mailtoolkit", dir);
	(void)io_mkdir(dir, 0700, NULL);
	return arena_fmt(&w->run->arena, "%s/mta-sts", dir);
}

int
msend_plan_dns(struct msend_work *w, struct err *e)
{
	const struct msend_route *set = &w->set->route;
	struct dns_config c = { .zones = set->zones.v,
		.zone_count = set->zones.n,
		.resolver = set->resolver,
		.given = &w->run->given };

	if (!w->dns && dns_new(&w->dns, &c, e) < 0)
		return -1;
	w->mx = arena_new(&w->run->arena, sizeof(*w->mx));
	*w->mx = (struct route_plan){ .dns = w->dns,
		.tls = w->set->esmtp.tls_not_required ? "may" : set->tls,
		.port = (uint16_t)set->port,
		.sts_cache = cache(w),
		.sts_ca = set->tls_ca,
		.sts_port = (unsigned)set->https_port,
		.no_fetch = w->set->dry_run,
		.given = &w->run->given };
	return 0;
}

static int
get_token(void *arg, struct buf *secret, struct err *e)
{
	struct msend_work *w = arg;
	const struct msend_route *set = &w->set->route;

	if (msend_plan_dns(w, e) < 0)
		return -1;
	return tool_oauth(w->run, set->oauth, w->dns, set->tls_ca, secret, e);
}

static void
plan_connect(struct msend_work *w, struct connect_plan *plan_r)
{
	const struct msend_route *set = &w->set->route;

	*plan_r = (struct connect_plan){
		.login = { .user = set->mx ? NULL : set->user,
		    .sources = { .command = set->password_command,
			.service = "smtp",
			.netrc = in_home(w, ".netrc"),
			.ask = tool_ask,
			.arg = w->run },
		    .token_command = set->token_command,
		    .password = w->set->local.password ? w->set->local.password
		                                       : w->run->password,
		    .token = set->oauth ? get_token : NULL,
		    .token_arg = w,
		    .mechanisms = set->auth },
		.ca_file = set->tls_ca,
		.crl_file = set->tls_crl,
		.tls_host = set->mx ? NULL : set->tls_host,
		.cert_file = set->tls_cert,
		.key_file = set->tls_key ? set->tls_key : set->tls_cert,
		.only_1_3 =
		    set->tls_min && slice_is(slice_str(set->tls_min), "1.3"),
		.helo = set->helo,
		.source_ip = set->source_ip,
		.no_pipelining = w->set->esmtp.no_pipelining,
		.no_chunking = w->set->esmtp.no_chunking,
		.xclient = w->set->esmtp.xclient,
		.proxy = w->set->esmtp.proxy,
		.given = &w->run->given,
	};
}

/* As those of servers are found. */
static int
find_proxy_password(struct msend_work *w, struct proxy *by, struct err *e)
{
	struct password_sources from = { .command = w->set->route.proxy_command,
		.service = "proxy",
		.netrc = in_home(w, ".netrc"),
		.ask = tool_ask,
		.arg = w->run };
	struct buf same;
	int r;

	if (w->proxy_password.max == 0) {
		buf_init(&w->proxy_password, ACCOUNT_PASSWORD_MAX);
		buf_room(&w->proxy_password, ACCOUNT_PASSWORD_MAX);
		buf_init(&same, ACCOUNT_PASSWORD_MAX);
		r = password_find(
		    &from, by->at.host, by->user, &same, &w->proxy_password, e);
		buf_free(&same);
		if (r < 0)
			return -1;
	}
	by->password = buf_view(&w->proxy_password);
	if (by->password.n > 0)
		return 0;
	return err_set(e, ERR_CONFIG,
	    "no password for %s at %s: --proxy-password-command CMD, or an "
	    "entry in ~/.netrc",
	    by->user, by->at.host);
}

static int
read_ways(struct msend_work *w, struct connect_plan *plan, struct err *e)
{
	const struct msend_route *set = &w->set->route;
	struct proxy *by;
	struct ip ip;

	if (set->source_ip && !ip_read(slice_str(set->source_ip), &ip))
		return err_set(e, ERR_USAGE, "--source-ip: '%s' is no address",
		    set->source_ip);
	if (!set->proxy)
		return 0;
	by = arena_new(&w->run->arena, sizeof(*by));
	if (proxy_read(set->proxy, &w->run->arena, by, e) < 0 ||
	    (by->user && !w->set->dry_run && find_proxy_password(w, by, e) < 0))
		return err_in(e, "--proxy");
	plan->by = by;
	return 0;
}

static bool
is_level(const struct msend_work *w, const char *level)
{
	return w->set->route.tls &&
	       slice_is(slice_str(w->set->route.tls), level);
}

/* The servers that a URL names, with TLS at that level, behind *n others. */
static int
add_servers(struct msend_work *w, const char *url, const char *tls,
    struct account_server *servers, size_t *n, struct err *e)
{
	struct arena *a = &w->run->arena;
	struct discover_plan plan = { .kinds = DISCOVER_SMTP,
		.ca_file = w->set->route.tls_ca,
		.https_port = (unsigned)w->set->route.https_port,
		.no_fetch = w->set->dry_run };
	struct discover found;

	if (!tool_is_auto(url))
		return account_server(url, tls, a, &servers[(*n)++], e);
	if (msend_plan_dns(w, e) < 0)
		return -1;
	plan.dns = w->dns;
	if (tool_discover(w->run, url, arena_copy(a, w->from),
		", or --from ADDRESS", &plan, &found, e) < 0)
		return -1;
	for (size_t i = 0; i < found.n && *n < ACCOUNT_SERVERS_MAX; i++) {
		struct account_server *s = &servers[(*n)++];

		if (account_server(discover_url(&found.v[i], a), tls, a, s, e) <
		    0)
			return -1;
		s->user = found.v[i].user;
	}
	return 0;
}

static int
find_servers(struct msend_work *w, struct send_plan *plan, struct err *e)
{
	const struct opt_list *list = &w->set->route.server;
	const char *tls = w->set->route.tls;
	struct arena *a = &w->run->arena;
	struct account_server *servers;
	size_t n = 0;

	if (list->n == 0)
		return err_set(e, ERR_USAGE,
		    "no server: --server smtp://HOST or --mx, or a line "
		    "\"server = ...\" in the accounts file");
	if (list->n > ACCOUNT_SERVERS_MAX)
		return err_set(
		    e, ERR_USAGE, "more than %d servers", ACCOUNT_SERVERS_MAX);
	if (is_level(w, "sts"))
		return err_set(e, ERR_USAGE, "--tls=sts goes with --mx");
	if (is_level(w, "auto"))
		tls = NULL;
	if (is_level(w, "dane")) {
		tls = "must";
		if (msend_plan_dns(w, e) < 0)
			return -1;
	}
	servers = arena_array(a, ACCOUNT_SERVERS_MAX, sizeof(*servers));
	for (size_t i = 0; i < list->n && n < ACCOUNT_SERVERS_MAX; i++)
		if (add_servers(w, list->v[i], tls, servers, &n, e) < 0)
			return -1;
	for (size_t i = 0; i < n && is_level(w, "dane"); i++)
		if (route_dane(w->mx, &servers[i], a, e) < 0)
			return -1;
	plan->servers = servers;
	plan->n = n;
	return 0;
}

/* --tls-not-required lets policies be, so that none may be asked for. */
static int
check_not_required(const struct msend_work *w, struct err *e)
{
	const struct msend_route *set = &w->set->route;
	const char *other = NULL;

	if (!w->set->esmtp.tls_not_required)
		return 0;
	if (w->set->esmtp.require_tls)
		other = "--require-tls";
	else if (set->mx && set->tls_pin.n > 0)
		other = "--tls-pin";
	else if (set->mx && set->tls && !is_level(w, "may") &&
		 !is_level(w, "auto"))
		other = "--tls";
	return other ? err_set(e, ERR_USAGE,
			   "--tls-not-required contradicts %s", other)
	             : 0;
}

int
msend_route_check(const struct msend_work *w, struct err *e)
{
	const struct msend_route *set = &w->set->route;

	if (set->auth && sasl_check(set->auth, e) < 0)
		return -1;
	if (set->proxy_command && !set->proxy)
		return err_set(e, ERR_USAGE,
		    "--proxy-password-command without a proxy: --proxy "
		    "socks5://USER@HOST");
	if (set->tls_key && !set->tls_cert)
		return err_set(e, ERR_USAGE,
		    "--tls-key without the certificate: --tls-cert FILE");
	if (set->tls_pin.n > 0 && (is_level(w, "off") || is_level(w, "may")))
		return err_set(
		    e, ERR_USAGE, "--tls=%s contradicts --tls-pin", set->tls);
	return check_not_required(w, e);
}

int
msend_plan(struct msend_work *w, struct send_plan *plan_r, struct err *e)
{
	*plan_r = (struct send_plan){ .timeout = w->run->common->timeout,
		.per_connection = (size_t)w->set->bulk.per_connection,
		.instead = w->set->dry_run ? msend_dry : NULL,
		.instead_arg = w };
	plan_connect(w, &plan_r->connect);
	if (read_pins(w, &plan_r->connect, e) < 0 ||
	    read_ways(w, &plan_r->connect, e) < 0)
		return -1;
	if (!w->set->route.mx)
		return find_servers(w, plan_r, e);
	if (msend_plan_dns(w, e) < 0)
		return -1;
	plan_r->mx = w->mx;
	return 0;
}

void
msend_plan_free(struct msend_work *w)
{
	dns_free(&w->dns);
	buf_wipe(&w->proxy_password);
}
