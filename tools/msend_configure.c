/* msend --configure: the servers that a domain names for its users, as an
 * account: of the accounts file, or of msmtp's configuration when called so.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "flow/discover.h"

#include "msend.h"

static void
for_msmtp(struct tool_run *run, const char *address, const struct discover *by)
{
	const struct discover_server *s = &by->v[0];

	tool_print(run,
	    "# %s, found by %s: for ~/.msmtprc\n"
	    "# The password: passwordeval with a command that prints it, or "
	    "~/.netrc\n",
	    address, by->by);
	tool_print(run, "account %s\nhost %s\nport %u\ntls on\n", address,
	    s->host, s->port);
	tool_print(run, "tls_starttls %s\nauth on\nuser %s\nfrom %s\n",
	    s->implicit_tls ? "off" : "on", s->user, address);
	tool_print(run, "\naccount default : %s\n", address);
}

static void
for_tools(struct msend_work *w, const char *address, const struct discover *out,
    const struct discover *in)
{
	struct tool_run *run = w->run;

	tool_print(run,
	    "# %s, found by %s: for ~/.config/mailtoolkit/accounts\n"
	    "[%s]\nfrom = %s\nuser = %s\n",
	    address, out->by, address, address, out->v[0].user);
	for (size_t i = 0; i < out->n; i++)
		tool_print(run, "msend.server = %s\n",
		    discover_url(&out->v[i], &run->arena));
	if (in->n > 0)
		tool_print(run, "mfetch.server = %s\n",
		    discover_url(&in->v[0], &run->arena));
	if (in->n > 0 && !slice_is(slice_str(in->v[0].user), out->v[0].user))
		tool_print(run, "mfetch.user = %s\n", in->v[0].user);
	tool_print(run,
	    "# Its first line is the password; without it the Secret Service "
	    "and ~/.netrc\n# are asked, and then you:\n"
	    "# password-command = CMD\n");
}

int
msend_configure(struct msend_work *w, struct err *e)
{
	const struct msend_route *set = &w->set->route;
	const char *address = w->set->configure;
	struct discover_plan plan = { .kinds = DISCOVER_SMTP,
		.ca_file = set->tls_ca,
		.https_port = (unsigned)set->https_port,
		.given = &w->run->given };
	struct discover out, in = { .n = 0 };

	if (msend_composes(w->set) || w->run->rest.n)
		return err_set(e, ERR_USAGE,
		    "--configure sends nothing: no message, no recipients");
	if (msend_plan_dns(w, e) < 0)
		return -1;
	plan.dns = w->dns;
	if (discover(&plan, address, &w->run->arena, &out, e) < 0)
		return err_in(e, "--configure");
	if (w->set->local.msmtp) {
		for_msmtp(w->run, address, &out);
		return 0;
	}
	plan.kinds = DISCOVER_IMAP | DISCOVER_POP3;
	if (discover(&plan, address, &w->run->arena, &in, NULL) < 0)
		in.n = 0;
	for_tools(w, address, &out, &in);
	return 0;
}
