/* The file that tells mail programs a domain's servers (see discover.h).
 *
 *	<clientConfig><emailProvider>
 *	  <incomingServer type="imap"> or <outgoingServer type="smtp">
 *	    <hostname> <port> <socketType> <username>
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"
#include "text/xml.h"

#include "msg/addr.h"

#include "flow/discover.h"

/* Values of a server. */
enum value { HOSTNAME, PORT, SOCKET, USERNAME, VALUES };

static const char *const value_names[] = { "hostname", "port", "socketType",
	"username" };

struct reading {
	struct arena *arena;
	struct discover *r;
	struct slice address;
	unsigned kinds;
	bool config;   /* the outermost element was there */
	unsigned kind; /* of the server we are in; 0: none that is wanted */
	struct slice value[VALUES];
	struct buf text;
};

static const struct {
	const char *element, *type;
	unsigned kind;
} kinds[] = {
	{ "outgoingServer", "smtp", DISCOVER_SMTP },
	{ "incomingServer", "imap", DISCOVER_IMAP },
	{ "incomingServer", "pop3", DISCOVER_POP3 },
};

static unsigned
kind_of(const char *element, const char **atts)
{
	for (size_t i = 0; atts[i]; i += 2)
		for (size_t k = 0; k < COUNT_OF(kinds); k++)
			if (strcmp(atts[i], "type") == 0 &&
			    strcmp(atts[i + 1], kinds[k].type) == 0 &&
			    strcmp(element, kinds[k].element) == 0)
				return kinds[k].kind;
	return 0;
}

static const char *
start(void *arg, const char *name, const char **atts)
{
	struct reading *x = arg;
	unsigned kind = kind_of(name, atts);

	if (strcmp(name, "clientConfig") == 0)
		x->config = true;
	if (kind) {
		x->kind = kind & x->kinds;
		memset(x->value, 0, sizeof(x->value));
	}
	buf_reset(&x->text);
	return NULL;
}

static const char *
text(void *arg, struct slice s)
{
	struct reading *x = arg;

	buf_slice(&x->text, s);
	return buf_over(&x->text) && x->kind ? "a value is too long" : NULL;
}

/* %EMAILADDRESS% and its halves. */
static struct slice
filled_in(const struct reading *x, struct slice in)
{
	struct slice domain = addr_domain(x->address), made;
	const struct {
		const char *word;
		struct slice value;
	} words[] = {
		{ "%EMAILADDRESS%", x->address },
		{ "%EMAILLOCALPART%",
		    slice_sub(x->address, 0, x->address.n - domain.n - 1) },
		{ "%EMAILDOMAIN%", domain },
	};
	struct buf b;

	buf_init(&b, DISCOVER_VALUE_MAX * 4);
	while (in.n > 0) {
		size_t i = 0;

		while (i < COUNT_OF(words) &&
		       !slice_take_prefix(&in, words[i].word))
			i++;
		if (i < COUNT_OF(words))
			buf_slice(&b, words[i].value);
		else
			buf_char(&b, (char)slice_get(&in));
	}
	made = slice_of(arena_copy(x->arena, buf_view(&b)), b.n);
	buf_free(&b);
	return made;
}

static bool
is_user(struct slice s)
{
	int c;

	if (s.n > DISCOVER_VALUE_MAX)
		return false;
	while ((c = slice_get(&s)) >= 0)
		if (ascii_is_control(c))
			return false;
	return true;
}

/* One that can be used: TLS, a host that is one, a port. */
static void
add(struct reading *x)
{
	struct slice socket = x->value[SOCKET], host, user;
	struct discover_server s = { .kind = x->kind };
	uint64_t port;

	host = filled_in(x, x->value[HOSTNAME]);
	user = filled_in(x, x->value[USERNAME]);
	s.implicit_tls = slice_is(socket, "SSL");
	if ((!s.implicit_tls && !slice_is(socket, "STARTTLS")) ||
	    !slice_number(x->value[PORT], UINT16_MAX, &port) || port == 0 ||
	    idna_to_ascii(host, x->arena, &host, NULL) < 0 ||
	    !idna_is_ldh(host) || !is_user(user) || x->r->n == DISCOVER_MAX)
		return;
	s.host = arena_copy(x->arena, host);
	s.port = (uint16_t)port;
	s.user = arena_copy(x->arena, user.n ? user : x->address);
	x->r->v[x->r->n++] = s;
}

static const char *
end(void *arg, const char *name)
{
	struct reading *x = arg;
	struct slice value = slice_trim(buf_view(&x->text));

	for (size_t i = 0; i < VALUES && x->kind; i++)
		if (strcmp(name, value_names[i]) == 0 && !x->value[i].n)
			x->value[i] =
			    slice_of(arena_copy(x->arena, value), value.n);
	if (strcmp(name, "outgoingServer") == 0 ||
	    strcmp(name, "incomingServer") == 0) {
		if (x->kind)
			add(x);
		x->kind = 0;
	}
	buf_reset(&x->text);
	return NULL;
}

int
discover_read(struct slice in, unsigned wanted, const char *address,
    struct arena *a, struct discover *r, struct err *e)
{
	static const struct xml_calls calls = { start, text, end };
	struct reading x = { .arena = a,
		.r = r,
		.kinds = wanted,
		.address = slice_str(address) };
	int ret;

	*r = (struct discover){ .by = "autoconfig" };
	if (addr_domain(x.address).n == 0)
		return err_set(
		    e, ERR_USAGE, "'%s' has no domain to look at", address);
	buf_init(&x.text, DISCOVER_VALUE_MAX);
	ret = xml_read(in, &calls, &x, e);
	buf_free(&x.text);
	if (ret == 0 && !x.config)
		return err_set(e, ERR_DATA, "XML, but no autoconfig");
	return ret;
}
