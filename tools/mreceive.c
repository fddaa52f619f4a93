/* mreceive: accepts messages over SMTP or LMTP, into a Maildir or a command.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "proto/smtpwish.h"

#include "flow/receive.h"

#include "tool.h"

#define SIZE_DEFAULT (50u << 20)

struct settings {
	struct tool_common common;
	const char *listen;
	bool print_port, inetd, lmtp;
	const char *maildir, *exec;
	const char *tls, *tls_cert, *tls_key, *tls_cert_out;
	bool tls_self_signed;
	const char *auth;
	bool auth_required, dsn;
	struct opt_list refuse, accept;
	uint64_t size, max_sessions, max_recipients, once;
	const char *hostname;
};

#define BRIEF(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = OPT_KIND_##k, .name = (n), .arg = (a), .help = (h),    \
		.at = offsetof(struct settings, field), .flags = OPT_BRIEF     \
	}
/* A number that is not 0. */
#define COUNT(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = OPT_KIND_##k, .name = (n), .arg = (a), .help = (h),    \
		.at = offsetof(struct settings, field),                        \
		.flags = OPT_BRIEF | OPT_FROM_1                                \
	}

static const struct opt options[] = {
	OPT_HEAD("Where from"),
	OPT_TEXT('l', "listen", struct settings, listen, "ADDR:PORT",
	    "or a path; default 127.0.0.1:0"),
	OPT_FLAG(0, "print-port", struct settings, print_port,
	    "say on which port, first"),
	OPT_FLAG(0, "inetd", struct settings, inetd,
	    "one session on standard input and output"),
	OPT_FLAG(0, "lmtp", struct settings, lmtp, "speak LMTP, not SMTP"),
	OPT_HEAD("Where to"),
	OPT_TEXT('d', "maildir", struct settings, maildir, "DIR",
	    "made when it is not there"),
	OPT_TEXT('x', "exec", struct settings, exec, "COMMAND",
	    "0 accepts, 75 puts off, else refuses"),
	OPT_HEAD("TLS, logins and rules"),
	OPT_TEXT(0, "tls-cert", struct settings, tls_cert, "FILE",
	    "certificate chain, PEM"),
	OPT_FLAG(0, "tls-self-signed", struct settings, tls_self_signed,
	    "make a certificate for localhost"),
	OPT_TEXT(0, "auth", struct settings, auth, "FILE",
	    "user:password lines; logins over TLS"),
	OPT_MANY(0, "accept", struct settings, accept, "DOMAIN",
	    "only for this one (repeatable)"),
	OPT_MANY(0, "refuse", struct settings, refuse, "ADDR[=REPLY]",
	    "like a@b.org='550 5.1.1 gone'"),
	OPT_HEAD("More"),
	BRIEF(TEXT, "hostname", hostname, "NAME", "of this server"),
	BRIEF(CHOICE, "tls", tls, "implicit|starttls|off",
	    "default starttls with a certificate"),
	BRIEF(TEXT, "tls-key", tls_key, "FILE", "its private key, PEM"),
	BRIEF(TEXT, "tls-cert-out", tls_cert_out, "FILE",
	    "where to write it, for clients"),
	BRIEF(FLAG, "auth-required", auth_required, NULL,
	    "no mail without a login"),
	BRIEF(FLAG, "dsn", dsn, NULL,
	    "offer DSN: who takes it keeps the promise"),
	COUNT(SIZE, "size", size, "SIZE", "of a message at most; default 50M"),
	COUNT(
	    NUMBER, "max-sessions", max_sessions, "N", "at once; default 200"),
	COUNT(NUMBER, "max-recipients", max_recipients, "N",
	    "of a message; default 1000"),
	COUNT(NUMBER, "once", once, "N", "end after N messages"),
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

static int
check(const struct settings *set, const struct tool_run *run, struct err *e)
{
	bool off = set->tls && slice_is(slice_str(set->tls), "off");

	if (run->rest.n)
		return err_set(e, ERR_USAGE, "no operands are taken: '%s'",
		    run->rest.v[0]);
	if (!set->maildir == !set->exec)
		return err_set(e, ERR_USAGE,
		    "give one of --maildir DIR and --exec COMMAND");
	if (set->inetd && (set->listen || set->print_port || set->once))
		return err_set(e, ERR_USAGE,
		    "--inetd goes without --listen, --print-port and --once");
	if (set->inetd && set->common.json)
		return err_set(e, ERR_USAGE,
		    "--inetd and --json both want standard output");
	if (!set->tls_cert != !set->tls_key)
		return err_set(
		    e, ERR_USAGE, "--tls-cert and --tls-key go together");
	if (set->tls_cert && set->tls_self_signed)
		return err_set(e, ERR_USAGE,
		    "give one of --tls-cert and --tls-self-signed");
	if (set->tls_cert_out && !set->tls_self_signed)
		return err_set(
		    e, ERR_USAGE, "--tls-cert-out needs --tls-self-signed");
	if (set->tls && !off && !set->tls_cert && !set->tls_self_signed)
		return err_set(e, ERR_USAGE,
		    "--tls=%s needs --tls-self-signed, or --tls-cert and "
		    "--tls-key",
		    set->tls);
	if (set->auth && (off || (!set->tls_cert && !set->tls_self_signed)))
		return err_set(e, ERR_USAGE,
		    "--auth needs TLS: --tls-self-signed, or --tls-cert and "
		    "--tls-key");
	if (set->auth_required && !set->auth)
		return err_set(
		    e, ERR_USAGE, "--auth-required needs --auth FILE");
	return 0;
}

/* The session's name is in the certificate too, so that clients who know the
 * server by it can verify. */
static int
make_cert(const struct settings *set, const struct tool_run *run,
    const char *hostname, struct tls_cert **cert_r, struct err *e)
{
	const char *const names[] = { "localhost", "127.0.0.1", "::1",
		hostname };
	struct slice pem;

	if (tls_cert_make(
		names, COUNT_OF(names), given_now(&run->given), cert_r, e) < 0)
		return -1;
	pem = tls_cert_pem(*cert_r);
	if (!set->tls_cert_out)
		return 0;
	return io_replace(set->tls_cert_out, pem.p, pem.n, 0644, e);
}

static int
prepare_tls(const struct settings *set, const struct tool_run *run,
    struct smtpd_plan *plan, struct tls_cert **cert_r, struct err *e)
{
	struct slice tls = slice_str(set->tls);
	int r = 0;

	if (slice_is(tls, "off"))
		return 0;
	if (set->tls_self_signed)
		r = make_cert(set, run, plan->hostname, cert_r, e);
	else if (set->tls_cert)
		r = tls_cert_load(set->tls_cert, set->tls_key, cert_r, e);
	plan->cert = *cert_r;
	plan->tls_at_once = slice_is(tls, "implicit");
	return r;
}

static int
read_policy(const struct settings *set, struct receivepolicy *p, struct err *e)
{
	for (size_t i = 0; i < set->refuse.n; i++)
		if (receivepolicy_refuse(p, set->refuse.v[i], e) < 0)
			return err_in(e, "--refuse");
	for (size_t i = 0; i < set->accept.n; i++)
		if (receivepolicy_accept(p, set->accept.v[i], e) < 0)
			return err_in(e, "--accept");
	return set->auth ? receivepolicy_users(p, set->auth, e) : 0;
}

static bool
wants_dsn(const struct smtpd_envelope *env)
{
	for (size_t i = 0; i < env->n; i++)
		if (env->dsn[i].notify || env->dsn[i].orcpt)
			return true;
	return env->envid || env->ret;
}

/* What the sender wants to be told. */
static struct json *
dsn_json(const struct smtpd_envelope *env)
{
	struct json *o = json_new_object(), *rcpt = json_new_array(), *one;
	char words[SMTPWISH_NOTIFY_MAX];

	for (size_t i = 0; i < env->n; i++) {
		one = json_new_object();
		smtpwish_notify(env->dsn[i].notify, words);
		json_put_text(one, "notify", words[0] ? words : NULL);
		json_put_text(one, "orcpt", env->dsn[i].orcpt);
		json_add(rcpt, one);
	}
	json_put_text(o, "envid", env->envid);
	json_put_text(o, "ret", env->ret);
	json_put(o, "recipients", rcpt);
	return o;
}

static void
print_kept(void *arg, const struct receive_message *m)
{
	struct tool_run *run = arg;
	struct json *o, *to;

	trace_say(&run->trace, "kept %llu octets from <%s> by %s of %s%s%s",
	    (unsigned long long)m->size, m->env->sender, m->with, m->peer,
	    m->path ? " as " : "", m->path ? m->path : "");
	if (!run->common->json)
		return;
	o = json_new_object();
	to = json_new_array();
	for (size_t i = 0; i < m->env->n; i++)
		json_add_text(to, m->env->recipients[i]);
	json_put_text(o, "sender", m->env->sender);
	json_put(o, "recipients", to);
	json_put_number(o, "size", (int64_t)m->size);
	json_put_text(o, "path", m->path);
	json_put_text(o, "peer", m->peer);
	json_put_text(o, "helo", m->env->helo);
	json_put_text(o, "with", m->with);
	json_put_text(o, "body",
	    m->env->binary      ? "BINARYMIME"
	    : m->env->eight_bit ? "8BITMIME"
				: "7BIT");
	if (wants_dsn(m->env))
		json_put(o, "dsn", dsn_json(m->env));
	else
		json_put_null(o, "dsn");
	json_put_text(o, "user", m->env->user);
	json_put_text(o, "tls", m->env->tls ? tls_version(m->env->tls) : NULL);
	json_put_text(
	    o, "cipher", m->env->tls ? tls_cipher(m->env->tls) : NULL);
	tool_json(run, o);
	tool_flush(run);
}

/* That a client left is its own affair; that a message could not be kept is
 * not. */
static void
print_failed(void *arg, const char *peer, const struct err *e)
{
	struct tool_run *run = arg;

	if (e->kind == ERR_TEMP || e->kind == ERR_PROTO)
		trace_say(&run->trace, "session broken off: %s", e->text);
	else
		tool_warn(run, "%s%s%s", peer, peer[0] ? ": " : "", e->text);
}

/* tool_begin() puts something in place of a closed descriptor that refuses to
 * be read, or written. */
static int
check_inetd(struct err *e)
{
	struct stat st;

	if (fstat(STDIN_FILENO, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(
		    e, ERR_NOINPUT, "'standard input' is a directory");
	if ((fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_WRONLY)
		return err_set(e, ERR_NOINPUT,
		    "'standard input' is closed: the session is read there");
	if ((fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return err_set(e, ERR_IO,
		    "'standard output' is closed: the session is answered "
		    "there");
	return 0;
}

static int
serve(const struct settings *set, struct tool_run *run,
    const struct receive_plan *plan, struct err *e)
{
	struct dial_target at;
	uint16_t port = 0;
	int fd, r;

	if (set->inetd)
		return check_inetd(e) < 0
		           ? -1
		           : receive_session(plan,
				 fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3),
				 fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), e);
	if (dial_parse(set->listen ? set->listen : "127.0.0.1:0", 0, &at, e) <
	    0)
		return -1;
	fd = dial_listen(&at, &port, e);
	if (fd < 0)
		return -1;
	if (set->print_port)
		tool_print(run, "%u\n", (unsigned)port);
	r = tool_flush(run) < 0 ? 0 : receive_listen(plan, fd, e);
	close(fd);
	if (at.local)
		unlink(at.host);
	return r;
}

static int
receive(const struct settings *set, struct tool_run *run,
    struct receivepolicy *policy, struct tls_cert **cert, struct err *e)
{
	struct receive_plan plan = { .policy = policy,
		.sessions_max = set->max_sessions,
		.messages = set->once,
		.stopping = tool_stopping,
		.kept = print_kept,
		.failed = print_failed,
		.arg = run };

	plan.session = (struct smtpd_plan){ .lmtp = set->lmtp,
		.hostname = set->hostname ? set->hostname : run->given.hostname,
		.auth = set->auth != NULL,
		.auth_required = set->auth_required,
		.binary = true,
		.dsn = set->dsn,
		.size_max = set->size,
		.recipients_max = set->max_recipients,
		.command_ms = set->common.timeout,
		.data_ms = set->common.timeout,
		.trace = &run->trace };
	plan.keep = (struct receivekeep_plan){ .maildir = set->maildir,
		.command = set->exec,
		.environ = environ,
		.dsn = set->dsn,
		.hostname = plan.session.hostname,
		.given = &run->given };
	if (read_policy(set, policy, e) < 0 ||
	    prepare_tls(set, run, &plan.session, cert, e) < 0)
		return -1;
	if (set->maildir && maildir_make(set->maildir, e) < 0)
		return -1;
	return serve(set, run, &plan, e);
}

int
main(int argc, char **argv)
{
	static const struct tool tool = { .name = "mreceive",
		.synopsis = "(--maildir DIR | --exec COMMAND) [option ...]",
		.purpose = "Accepts messages over SMTP or LMTP.",
		.options = options,
		.settings_size = sizeof(struct settings) };
	struct settings set = { .size = SIZE_DEFAULT };
	struct receivepolicy policy = { 0 };
	struct tls_cert *cert = NULL;
	struct tool_run run;
	struct err e;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	if (check(&set, &run, &e) < 0 ||
	    receive(&set, &run, &policy, &cert, &e) < 0)
		tool_fail(&run, &e);
	receivepolicy_free(&policy);
	tls_cert_free(&cert);
	return tool_end(&run);
}
