/* The configuration of msmtp (see msmtprc.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "flow/msmtprc.h"

#define LINE_MAX_OCTETS (64u << 10)

enum kind {
	TEXT,   /* nothing: taken back */
	ON_OFF, /* nothing is on */
	AUTO,   /* auto, on, off; nothing is on */
	NUMBER  /* nothing: taken back */
};

static const struct {
	const char *name;
	enum kind kind;
} keys[MSMTPRC_KEYS] = {
	[MSMTPRC_HOST] = { "host", TEXT },
	[MSMTPRC_PORT] = { "port", NUMBER },
	[MSMTPRC_SOURCE_IP] = { "source_ip", TEXT },
	[MSMTPRC_PROXY_HOST] = { "proxy_host", TEXT },
	[MSMTPRC_PROXY_PORT] = { "proxy_port", NUMBER },
	[MSMTPRC_SOCKET] = { "socket", TEXT },
	[MSMTPRC_TIMEOUT] = { "timeout", TEXT },
	[MSMTPRC_PROTOCOL] = { "protocol", TEXT },
	[MSMTPRC_DOMAIN] = { "domain", TEXT },
	[MSMTPRC_ALLOW_FROM_OVERRIDE] = { "allow_from_override", ON_OFF },
	[MSMTPRC_AUTO_FROM] = { "auto_from", ON_OFF },
	[MSMTPRC_FROM] = { "from", TEXT },
	[MSMTPRC_FROM_FULL_NAME] = { "from_full_name", TEXT },
	[MSMTPRC_MAILDOMAIN] = { "maildomain", TEXT },
	[MSMTPRC_SET_FROM_HEADER] = { "set_from_header", AUTO },
	[MSMTPRC_SET_DATE_HEADER] = { "set_date_header", AUTO },
	[MSMTPRC_SET_MSGID_HEADER] = { "set_msgid_header", AUTO },
	[MSMTPRC_REMOVE_BCC_HEADERS] = { "remove_bcc_headers", ON_OFF },
	[MSMTPRC_UNDISCLOSED_RECIPIENTS] = { "undisclosed_recipients", ON_OFF },
	[MSMTPRC_ADD_MISSING_FROM_HEADER] = { "add_missing_from_header",
	    ON_OFF },
	[MSMTPRC_ADD_MISSING_DATE_HEADER] = { "add_missing_date_header",
	    ON_OFF },
	[MSMTPRC_DSN_NOTIFY] = { "dsn_notify", TEXT },
	[MSMTPRC_DSN_RETURN] = { "dsn_return", TEXT },
	[MSMTPRC_AUTH] = { "auth", TEXT },
	[MSMTPRC_USER] = { "user", TEXT },
	[MSMTPRC_PASSWORD] = { "password", TEXT },
	[MSMTPRC_PASSWORDEVAL] = { "passwordeval", TEXT },
	[MSMTPRC_NTLMDOMAIN] = { "ntlmdomain", TEXT },
	[MSMTPRC_TLS] = { "tls", ON_OFF },
	[MSMTPRC_TLS_STARTTLS] = { "tls_starttls", ON_OFF },
	[MSMTPRC_TLS_TRUST_FILE] = { "tls_trust_file", TEXT },
	[MSMTPRC_TLS_CRL_FILE] = { "tls_crl_file", TEXT },
	[MSMTPRC_TLS_FINGERPRINT] = { "tls_fingerprint", TEXT },
	[MSMTPRC_TLS_KEY_FILE] = { "tls_key_file", TEXT },
	[MSMTPRC_TLS_CERT_FILE] = { "tls_cert_file", TEXT },
	[MSMTPRC_TLS_CERTCHECK] = { "tls_certcheck", ON_OFF },
	[MSMTPRC_TLS_MIN_DH_PRIME_BITS] = { "tls_min_dh_prime_bits", NUMBER },
	[MSMTPRC_TLS_PRIORITIES] = { "tls_priorities", TEXT },
	[MSMTPRC_TLS_HOST_OVERRIDE] = { "tls_host_override", TEXT },
	[MSMTPRC_LOGFILE] = { "logfile", TEXT },
	[MSMTPRC_LOGFILE_TIME_FORMAT] = { "logfile_time_format", TEXT },
	[MSMTPRC_SYSLOG] = { "syslog", TEXT },
	[MSMTPRC_ALIASES] = { "aliases", TEXT },
};

const char *
msmtprc_name(enum msmtprc_key key)
{
	return keys[key].name;
}

static int
find_key(struct slice name)
{
	for (int i = 0; i < MSMTPRC_KEYS; i++) {
		struct slice key = slice_str(keys[i].name);
		size_t k = 0;

		while (k < key.n && k < name.n &&
		       (key.p[k] == name.p[k] ||
			   (key.p[k] == '_' && name.p[k] == '-')))
			k++;
		if (k == key.n && k == name.n)
			return i;
	}
	return -1;
}

static bool
is_good(enum kind kind, struct slice value)
{
	uint64_t n;

	switch (kind) {
	case ON_OFF:
		return slice_is(value, "on") || slice_is(value, "off");
	case AUTO:
		return slice_is(value, "on") || slice_is(value, "off") ||
		       slice_is(value, "auto");
	case NUMBER:
		return !value.n || slice_number(value, 65535, &n);
	case TEXT:
		break;
	}
	return true;
}

int
msmtprc_set(struct msmtprc_account *account, struct slice name,
    struct slice value, struct arena *a, struct err *e)
{
	int key = find_key(name);
	enum kind kind;

	if (key < 0)
		return err_set(e, ERR_CONFIG, "'%.*s' is no command of msmtp",
		    SLICE_ARG(name));
	kind = keys[key].kind;
	if (!value.n && (kind == ON_OFF || kind == AUTO || key == MSMTPRC_AUTH))
		value = slice_str("on");
	if (!is_good(kind, value))
		return err_set(e, ERR_CONFIG, "'%s %.*s': it takes %s",
		    keys[key].name, SLICE_ARG(value),
		    kind == NUMBER   ? "a number"
		    : kind == ON_OFF ? "on or off"
				     : "auto, on or off");
	account->value[key] = value.n ? arena_copy(a, value) : NULL;
	account->said[key] = true;
	return 0;
}

void
msmtprc_inherit(
    struct msmtprc_account *account, const struct msmtprc_account *from)
{
	for (size_t i = 0; i < MSMTPRC_KEYS; i++) {
		if (!from->said[i])
			continue;
		account->value[i] = from->value[i];
		account->said[i] = true;
	}
}

bool
msmtprc_wants_value(struct slice name)
{
	int key = find_key(name);

	return key >= 0 && key != MSMTPRC_AUTH &&
	       (keys[key].kind == TEXT || keys[key].kind == NUMBER);
}

const struct msmtprc_account *
msmtprc_find(const struct msmtprc *r, const char *name)
{
	for (size_t i = r->n; i-- > 0;)
		if (slice_is(slice_str(name), r->v[i].name))
			return &r->v[i];
	return NULL;
}

bool
msmtprc_is_on(const struct msmtprc_account *account, enum msmtprc_key key)
{
	return slice_is(slice_str(account->value[key]), "on");
}

bool
msmtprc_match(struct slice pattern, struct slice text)
{
	size_t star = SIZE_MAX, again = 0, i = 0, k = 0;

	while (k < text.n) {
		if (i < pattern.n &&
		    (pattern.p[i] == '?' ||
			(pattern.p[i] != '*' && ascii_lower(pattern.p[i]) ==
						    ascii_lower(text.p[k])))) {
			i++;
			k++;
		} else if (i < pattern.n && pattern.p[i] == '*') {
			star = i++;
			again = k;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			k = ++again;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.p[i] == '*')
		i++;
	return i == pattern.n;
}

/* A file while it is read. */
struct reading {
	struct msmtprc *rc;
	struct arena *a;
	struct msmtprc_account defaults;
	struct msmtprc_account *account; /* null: none has begun */
	int (*eval)(const char *command, struct buf *line, struct err *e);
	bool evaluating;
};

/*	"account" name [ ":" name *( "," name ) ] */
static int
begin_account(struct reading *r, struct slice text, struct err *e)
{
	bool more;
	struct slice name = slice_trim(slice_take_until(&text, ':', &more));
	struct msmtprc_account made = r->defaults;
	const struct msmtprc_account *from;

	if (!name.n || slice_find(name, ' ') != SIZE_MAX)
		return err_set(e, ERR_CONFIG, "an account has one name");
	if (r->rc->n == MSMTPRC_ACCOUNTS_MAX)
		return err_set(e, ERR_CONFIG, "more than %d accounts",
		    MSMTPRC_ACCOUNTS_MAX);
	made.name = arena_copy(r->a, name);
	while (more) {
		name = slice_trim(slice_take_until(&text, ',', &more));
		from = msmtprc_find(r->rc, arena_copy(r->a, name));
		if (!from)
			return err_set(e, ERR_CONFIG,
			    "no account '%.*s' is above", SLICE_ARG(name));
		msmtprc_inherit(&made, from);
	}
	r->rc->v = arena_grow(r->a, r->rc->v, r->rc->n, r->rc->n + 1,
	    sizeof(*r->rc->v), &r->rc->cap);
	r->account = &r->rc->v[r->rc->n++];
	*r->account = made;
	return 0;
}

static int read_line(struct reading *r, struct slice line, struct err *e);

static int
evaluate(struct reading *r, struct slice command, struct err *e)
{
	struct buf line;
	int ret;

	if (r->evaluating)
		return err_set(e, ERR_CONFIG, "eval in eval");
	buf_init(&line, LINE_MAX_OCTETS);
	ret = r->eval(arena_copy(r->a, command), &line, e);
	if (ret == 0) {
		r->evaluating = true;
		ret = read_line(r, buf_view(&line), e);
		r->evaluating = false;
	}
	buf_wipe(&line);
	return ret;
}

static bool
is_not_blank(int c)
{
	return !ascii_is_blank(c);
}

/*	command [ value ], the value in quotes or not */
static int
read_line(struct reading *r, struct slice line, struct err *e)
{
	struct slice name, value = slice_trim(line);

	if (!value.n || value.p[0] == '#')
		return 0;
	name = slice_take_while(&value, is_not_blank);
	value = slice_trim(value);
	if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = slice_sub(value, 1, value.n - 1);
	if (slice_find(value, 0) != SIZE_MAX)
		return err_set(e, ERR_CONFIG, "a NUL is in it");
	if (slice_is(name, "eval"))
		return evaluate(r, value, e);
	if (slice_is(name, "account"))
		return begin_account(r, value, e);
	if (slice_is(name, "defaults")) {
		r->account = &r->defaults;
		r->defaults = (struct msmtprc_account){ .name = "defaults" };
		return 0;
	}
	if (!r->account)
		return err_set(e, ERR_CONFIG,
		    "'%.*s' stands before any account", SLICE_ARG(name));
	if (slice_is(name, "password"))
		r->rc->secret = true;
	return msmtprc_set(r->account, name, value, r->a, e);
}

int
msmtprc_read(struct slice text, const char *what,
    int (*eval)(const char *command, struct buf *line, struct err *e),
    struct arena *a, struct msmtprc *rc, struct err *e)
{
	struct reading r = { .rc = rc, .a = a, .eval = eval };
	unsigned number = 0;
	struct slice line;

	if (text.n > MSMTPRC_MAX)
		return err_set(e, ERR_CONFIG, "'%s' is larger than %u octets",
		    what, MSMTPRC_MAX);
	while (slice_take_line(&text, &line, NULL)) {
		number++;
		if (read_line(&r, line, e) < 0) {
			if (e)
				e->kind = ERR_CONFIG;
			return err_in(e, "'%s', line %u", what, number);
		}
	}
	return 0;
}
