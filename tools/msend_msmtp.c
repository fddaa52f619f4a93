/* msend called as sendmail or msmtp: msmtp's configuration becomes options of
 * msend, or is refused with what to do.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "flow/password.h"

#include "msend_front.h"

#define VALUE(key) (account->value[MSMTPRC_##key])

void
msend_front_add(struct msend_front *f, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, MSMTPRC_MAX);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	opt_list_add(&f->args, arena_copy(f->a, buf_view(&b)), f->a);
	buf_free(&b);
}

static bool
is_off(const struct msmtprc_account *account, enum msmtprc_key key)
{
	return slice_is(slice_str(account->value[key]), "off");
}

/* "~/x" */
static const char *
path_of(struct msend_front *f, const char *value)
{
	const char *home = getenv("HOME");

	if (value[0] == '~' && value[1] == '/' && home)
		return arena_fmt(f->a, "%s%s", home, value + 1);
	return value;
}

/* What there is no way to do is not passed over in silence. */
static int
check_refused(const struct msmtprc_account *account, struct err *e)
{
	static const struct {
		enum msmtprc_key key;
		const char *way;
	} refused[] = {
		{ MSMTPRC_TLS_PRIORITIES,
		    "the library's choice is a good one: remove it" },
		{ MSMTPRC_TLS_MIN_DH_PRIME_BITS,
		    "the library's choice is a good one: remove it" },
	};

	for (size_t i = 0; i < COUNT_OF(refused); i++)
		if (account->value[refused[i].key])
			return err_set(e, ERR_CONFIG, "'%s %s': %s",
			    msmtprc_name(refused[i].key),
			    account->value[refused[i].key], refused[i].way);
	if (is_off(account, MSMTPRC_REMOVE_BCC_HEADERS))
		return err_set(e, ERR_CONFIG,
		    "'remove_bcc_headers off': Bcc never leaves");
	return 0;
}

static int
add_server(
    struct msend_front *f, const struct msmtprc_account *account, struct err *e)
{
	bool lmtp = slice_is(slice_str(VALUE(PROTOCOL)), "lmtp");
	bool tls = msmtprc_is_on(account, MSMTPRC_TLS);
	bool starttls = !is_off(account, MSMTPRC_TLS_STARTTLS);
	const char *host = VALUE(HOST), *port = VALUE(PORT);
	bool v6;

	if (VALUE(PROTOCOL) && !lmtp &&
	    !slice_is(slice_str(VALUE(PROTOCOL)), "smtp"))
		return err_set(e, ERR_CONFIG, "'protocol %s': smtp or lmtp",
		    VALUE(PROTOCOL));
	if (VALUE(SOCKET)) {
		if (!lmtp)
			return err_set(e, ERR_CONFIG,
			    "'socket %s' goes with 'protocol lmtp'",
			    VALUE(SOCKET));
		msend_front_add(
		    f, "--server=lmtp:%s", path_of(f, VALUE(SOCKET)));
		return 0;
	}
	if (!host)
		return err_set(
		    e, ERR_CONFIG, "account '%s' has no host", account->name);
	v6 = slice_find(slice_str(host), ':') != SIZE_MAX;
	msend_front_add(f, "--server=%s://%s%s%s%s%s",
	    lmtp               ? "lmtp"
	    : tls && !starttls ? "smtps"
	    : tls              ? "smtp+tls"
			       : "smtp",
	    v6 ? "[" : "", host, v6 ? "]" : "", port ? ":" : "",
	    port                       ? port
	    : tls && starttls && !lmtp ? ":25"
				       : "");
	msend_front_add(f, "--tls=%s",
	    !tls                                     ? "off"
	    : is_off(account, MSMTPRC_TLS_CERTCHECK) ? "must"
						     : "verify");
	return 0;
}

/* "01:23:...", of SHA-256; msmtp knows older digests by their length. */
static int
add_fingerprint(struct msend_front *f, const char *text, struct err *e)
{
	struct slice s = slice_str(text);
	const char *pin = arena_fmt(f->a, "cert:sha256:%s", text);
	struct tls_pin read;

	if (s.n == 3 * 20 - 1 || s.n == 3 * 16 - 1)
		return err_set(e, ERR_CONFIG,
		    "'tls_fingerprint %s' is of %s, which can be forged: "
		    "'msmtp --serverinfo --tls --tls-certcheck=off' prints the "
		    "one of SHA-256",
		    text, s.n == 3 * 20 - 1 ? "SHA-1" : "MD5");
	if (s.n != 3 * TLS_PIN_SIZE - 1 || tls_pin_read(pin, &read, NULL) < 0)
		return err_set(e, ERR_CONFIG,
		    "'tls_fingerprint %s': it is a SHA-256 in hexadecimal, "
		    "01:23:45:...",
		    text);
	msend_front_add(f, "--tls-pin=%s", pin);
	return 0;
}

static int
add_tls(
    struct msend_front *f, const struct msmtprc_account *account, struct err *e)
{
	const char *trust = VALUE(TLS_TRUST_FILE);

	if (!msmtprc_is_on(account, MSMTPRC_TLS))
		return 0;
	if (VALUE(TLS_FINGERPRINT) &&
	    add_fingerprint(f, VALUE(TLS_FINGERPRINT), e) < 0)
		return -1;
	if (VALUE(TLS_HOST_OVERRIDE))
		msend_front_add(f, "--tls-host=%s", VALUE(TLS_HOST_OVERRIDE));
	if (VALUE(TLS_CRL_FILE))
		msend_front_add(
		    f, "--tls-crl=%s", path_of(f, VALUE(TLS_CRL_FILE)));

	if (trust && !slice_is(slice_str(trust), "system"))
		msend_front_add(f, "--tls-ca=%s", path_of(f, trust));
	if (VALUE(TLS_CERT_FILE))
		msend_front_add(
		    f, "--tls-cert=%s", path_of(f, VALUE(TLS_CERT_FILE)));
	if (VALUE(TLS_KEY_FILE))
		msend_front_add(
		    f, "--tls-key=%s", path_of(f, VALUE(TLS_KEY_FILE)));
	return 0;
}

static int
add_login(
    struct msend_front *f, const struct msmtprc_account *account, struct err *e)
{
	struct slice auth = slice_str(VALUE(AUTH));
	bool token = slice_is_nocase(auth, "oauthbearer") ||
	             slice_is_nocase(auth, "xoauth2");

	if (!auth.n || slice_is(auth, "off"))
		return 0;
	if (slice_is_nocase(auth, "ntlm") ||
	    slice_is_nocase(auth, "digest-md5"))
		return err_set(e, ERR_CONFIG,
		    "'auth %s' is not spoken: it protects nothing", auth.p);
	if (!slice_is(auth, "on"))
		msend_front_add(f, "--auth=%s", auth.p);
	if (VALUE(USER))
		msend_front_add(f, "--user=%s", VALUE(USER));
	else if (!slice_is_nocase(auth, "external"))
		return err_set(e, ERR_CONFIG,
		    "account '%s' logs in but has no user", account->name);
	if (VALUE(PASSWORDEVAL))
		msend_front_add(f, "--%s-command=%s",
		    token ? "token" : "password", VALUE(PASSWORDEVAL));
	else if (VALUE(PASSWORD) && token)
		return err_set(e, ERR_CONFIG,
		    "a token comes from a command: passwordeval");
	f->set->local.password = VALUE(PASSWORD);
	return 0;
}

/* Notices are a wish. */
static void
add_dsn(struct msend_front *f, const char *option, const char *value)
{
	if (value && !slice_is(slice_str(value), "off") &&
	    opt_has(msend_options, option))
		msend_front_add(f, "--%s=%s", option, value);
}

/* "off" or seconds. */
static int
add_rest(
    struct msend_front *f, const struct msmtprc_account *account, struct err *e)
{
	struct slice timeout = slice_str(VALUE(TIMEOUT));
	uint64_t n;

	if (timeout.n && !slice_is(timeout, "off")) {
		if (!slice_number(timeout, 86400, &n))
			return err_set(e, ERR_CONFIG,
			    "'timeout %s': off or seconds", timeout.p);
		msend_front_add(f, "--timeout=%s", timeout.p);
	}
	if (VALUE(SOURCE_IP))
		msend_front_add(f, "--source-ip=%s", VALUE(SOURCE_IP));
	if (VALUE(PROXY_HOST))
		msend_front_add(f, "--proxy=socks5://%s:%s", VALUE(PROXY_HOST),
		    VALUE(PROXY_PORT) ? VALUE(PROXY_PORT) : "1080");
	if (VALUE(DOMAIN) && !slice_is(slice_str(VALUE(DOMAIN)), "localhost"))
		msend_front_add(f, "--helo=%s", VALUE(DOMAIN));
	add_dsn(f, "dsn", VALUE(DSN_NOTIFY));
	add_dsn(f, "ret", VALUE(DSN_RETURN));
	add_dsn(f, "envid", f->envid);
	if (VALUE(ALIASES))
		msend_front_add(f, "--aliases=%s", path_of(f, VALUE(ALIASES)));
	return 0;
}

static void
set_local(struct msend_front *f, const struct msmtprc_account *account)
{
	struct msend_local *l = &f->set->local;

	l->domain = VALUE(MAILDOMAIN);
	if (VALUE(LOGFILE))
		l->logfile = path_of(f, VALUE(LOGFILE));
	l->log_time = VALUE(LOGFILE_TIME_FORMAT);
	if (VALUE(SYSLOG) && !is_off(account, MSMTPRC_SYSLOG))
		l->syslog = VALUE(SYSLOG);
	if (!l->full_name)
		l->full_name = VALUE(FROM_FULL_NAME);
	l->set_from = msmtprc_is_on(account, MSMTPRC_SET_FROM_HEADER);
	l->set_date = msmtprc_is_on(account, MSMTPRC_SET_DATE_HEADER);
	l->set_id = msmtprc_is_on(account, MSMTPRC_SET_MSGID_HEADER);
	l->keep_from = is_off(account, MSMTPRC_ADD_MISSING_FROM_HEADER) ||
	               is_off(account, MSMTPRC_SET_FROM_HEADER);
	l->keep_date = is_off(account, MSMTPRC_ADD_MISSING_DATE_HEADER) ||
	               is_off(account, MSMTPRC_SET_DATE_HEADER);
	l->undisclosed = msmtprc_is_on(account, MSMTPRC_UNDISCLOSED_RECIPIENTS);
	l->account = account->name;
	l->host = VALUE(HOST) ? VALUE(HOST) : VALUE(SOCKET);
}

/* The envelope's sender: -f, unless the account forbids it; "from", which may
 * be a pattern that only chooses accounts; user@maildomain. */
static void
set_from(struct msend_front *f, const struct msmtprc_account *account)
{
	const char *from = VALUE(FROM);
	bool pattern = from && strpbrk(from, "*?");

	if (f->from && !is_off(account, MSMTPRC_ALLOW_FROM_OVERRIDE))
		return;
	if (f->from && from && !pattern) {
		f->set->local.set_from |=
		    !is_off(account, MSMTPRC_SET_FROM_HEADER);
		f->from = from;
		return;
	}
	if (from && !pattern)
		f->from = from;
	else if (msmtprc_is_on(account, MSMTPRC_AUTO_FROM))
		f->from = arena_fmt(f->a, "%s%s%s", f->set->local.user,
		    VALUE(MAILDOMAIN) ? "@" : "",
		    VALUE(MAILDOMAIN) ? VALUE(MAILDOMAIN) : "");
}

static int
read_file(
    struct msend_front *f, const char *path, struct msmtprc *rc, struct err *e)
{
	struct stat st;
	struct buf text;
	int r;

	buf_init(&text, MSMTPRC_MAX);
	r = io_read_file(path, &text, e);
	if (r == 0)
		r = msmtprc_read(
		    buf_view(&text), path, password_command, f->a, rc, e);
	buf_wipe(&text);
	if (r == 0 && rc->secret && stat(path, &st) == 0 &&
	    (st.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)))
		return err_set(e, ERR_CONFIG,
		    "'%s' holds a password and others may read it: chmod 600",
		    path);
	return r;
}

static const char *
in_dir(struct msend_front *f, const char *variable, const char *name)
{
	const char *dir = getenv(variable);

	return dir && dir[0] == '/' ? arena_fmt(f->a, "%s/%s", dir, name)
	                            : NULL;
}

static bool
is_there(const char *path)
{
	return path && access(path, R_OK) == 0;
}

/* 1 read some, 0 there is none. */
static int
read_files(struct msend_front *f, struct msmtprc *rc, struct err *e)
{
	const char *places[] = { in_dir(f, "HOME", ".msmtprc"),
		in_dir(f, "XDG_CONFIG_HOME", "msmtp/config"),
		in_dir(f, "HOME", ".config/msmtp/config") };
	int found = 0;

	if (f->config)
		return read_file(f, f->config, rc, e) < 0 ? -1 : 1;
	/* Called as sendmail, the toolkit's own accounts come first. */
	if (!f->msmtp &&
	    (is_there(in_dir(f, "XDG_CONFIG_HOME", "mailtoolkit/accounts")) ||
		is_there(in_dir(f, "HOME", ".config/mailtoolkit/accounts"))))
		return 0;
	if (is_there("/etc/msmtprc")) {
		if (read_file(f, "/etc/msmtprc", rc, e) < 0)
			return -1;
		found = 1;
	}
	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (is_there(places[i]))
			return read_file(f, places[i], rc, e) < 0 ? -1 : 1;
	return found;
}

/* -a NAME; the first whose "from" fits the sender; "default". */
static const struct msmtprc_account *
choose(const struct msend_front *f, const struct msmtprc *rc)
{
	if (f->account)
		return msmtprc_find(rc, f->account);
	for (size_t i = 0; i < rc->n && f->from; i++) {
		const char *from = rc->v[i].value[MSMTPRC_FROM];

		if (from && msmtprc_match(slice_str(from), slice_str(f->from)))
			return &rc->v[i];
	}
	return msmtprc_find(rc, "default");
}

/* The command line's commands win. */
static struct msmtprc_account
with_cli(const struct msend_front *f, const struct msmtprc_account *found)
{
	struct msmtprc_account made = { .name = "command line" };

	if (found)
		made = *found;
	msmtprc_inherit(&made, &f->cli);
	return made;
}

int
msend_front_account(struct msend_front *f, struct err *e)
{
	const struct msmtprc_account *found = NULL;
	struct msmtprc_account account;
	struct msmtprc rc = { 0 };
	int r = f->host ? 0 : read_files(f, &rc, e);

	if (r < 0)
		return -1;
	if (r > 0)
		found = choose(f, &rc);
	if (r > 0 && !found)
		return err_set(e, ERR_CONFIG,
		    "no account '%s' in msmtp's configuration",
		    f->account ? f->account : "default");
	account = with_cli(f, found);
	set_local(f, &account);
	set_from(f, &account);
	if (!found && !f->host) {
		if (f->account)
			msend_front_add(f, "--account=%s", f->account);
		return add_rest(f, &account, e);
	}
	/* The accounts file has no say in this. */
	msend_front_add(f, "--config=");
	if (check_refused(&account, e) < 0 || add_server(f, &account, e) < 0 ||
	    add_login(f, &account, e) < 0 || add_tls(f, &account, e) < 0)
		return -1;
	return add_rest(f, &account, e);
}
