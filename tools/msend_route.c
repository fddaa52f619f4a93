/* How msend reaches a server: names, TLS and login.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "msend.h"

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

const struct opt msend_route_options[] = {
	ROUTE(OPT_KIND_CHOICE, 0, "tls", tls, "off|may|must|verify",
	    "how sure it must be"),
	ROUTE(OPT_KIND_TEXT, 'u', "user", user, "NAME", "log in as NAME"),
	ROUTE(OPT_KIND_TEXT, 0, "password-command", password_command, "CMD",
	    "its first line is the password"),
	ROUTE(OPT_KIND_TEXT, 0, "token-command", token_command, "CMD",
	    "likewise an OAuth token"),
	OPT_HEAD("Details of it"),
	BRIEF(OPT_KIND_TEXT, "auth", auth, "MECH[,MECH]",
	    "log in by one of these"),
	BRIEF(OPT_KIND_TEXT, "helo", helo, "NAME", "this machine's name"),
	BRIEF(OPT_KIND_TEXT, "tls-ca", tls_ca, "FILE", "authorities to trust"),
	BRIEF(OPT_KIND_MANY, "tls-pin", tls_pin, "PIN",
	    "the server's key, in place of its certificate"),
	BRIEF(
	    OPT_KIND_TEXT, "tls-cert", tls_cert, "FILE", "certificate to show"),
	BRIEF(OPT_KIND_TEXT, "tls-key", tls_key, "FILE", "its private key"),
	BRIEF(OPT_KIND_CHOICE, "tls-min", tls_min, "1.2|1.3",
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

int
msend_route_plan(
    struct msend_work *w, struct connect_plan *plan_r, struct err *e)
{
	const struct msend_route *set = &w->set->route;

	*plan_r = (struct connect_plan){
		.login = { .user = set->user,
		    .password_command = set->password_command,
		    .token_command = set->token_command,
		    .mechanisms = set->auth,
		    .netrc = in_home(w, ".netrc") },
		.ca_file = set->tls_ca,
		.cert_file = set->tls_cert,
		.key_file = set->tls_key ? set->tls_key : set->tls_cert,
		.only_1_3 =
		    set->tls_min && slice_is(slice_str(set->tls_min), "1.3"),
		.helo = set->helo,
		.given = &w->run->given,
	};
	if (set->tls_key && !set->tls_cert)
		return err_set(e, ERR_USAGE,
		    "--tls-key without the certificate: --tls-cert FILE");
	if (set->tls_pin.n > 0 && set->tls &&
	    (slice_is(slice_str(set->tls), "off") ||
		slice_is(slice_str(set->tls), "may")))
		return err_set(
		    e, ERR_USAGE, "--tls=%s contradicts --tls-pin", set->tls);
	return read_pins(w, plan_r, e);
}
