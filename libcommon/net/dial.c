/* Connecting (see dial.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#include "text/idna.h"

#include "net/dial.h"
#include "net/dialrace.h"

static bool
is_literal(const char *host)
{
	struct in6_addr any;

	return inet_pton(AF_INET, host, &any) == 1 ||
	       inet_pton(AF_INET6, host, &any) == 1;
}

static int
parse_local(struct slice path, struct dial_target *t_r, struct err *e)
{
	/* sun_path is the shorter of the two. */
	if (path.n == 0 ||
	    path.n >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(e, ERR_USAGE,
		    "path of a unix socket must have 1 to %zu octets: '%.*s'",
		    sizeof(((struct sockaddr_un *)0)->sun_path) - 1,
		    SLICE_ARG(path));
	memcpy(t_r->host, path.p, path.n);
	t_r->host[path.n] = '\0';
	t_r->local = true;
	return 0;
}

static int
parse_port(struct slice s, uint16_t *port_r, struct err *e)
{
	uint64_t v;

	if (!slice_number(s, UINT16_MAX, &v))
		return err_set(e, ERR_USAGE,
		    "port '%.*s' is no number from 0 to 65535", SLICE_ARG(s));
	*port_r = (uint16_t)v;
	return 0;
}

int
dial_parse(const char *text, uint16_t default_port, struct dial_target *t_r,
    struct err *e)
{
	struct slice s = slice_str(text), host;
	bool found = false;

	memset(t_r, 0, sizeof(*t_r));
	t_r->port = default_port;
	if (slice_starts(s, "/") || slice_take_prefix(&s, "unix:"))
		return parse_local(s, t_r, e);
	if (slice_take_prefix(&s, "[")) {
		host = slice_take_until(&s, ']', &found);
		if (!found || (s.n && !slice_starts(s, ":")))
			return err_set(e, ERR_USAGE,
			    "'%s' is not like [ADDRESS]:PORT", text);
		found = slice_take_prefix(&s, ":");
	} else if (is_literal(text)) {
		host = slice_take(&s, s.n);
	} else {
		host = slice_take_until(&s, ':', &found);
	}
	if (host.n == 0 || host.n > DIAL_HOST_MAX ||
	    slice_find(host, '\0') != SIZE_MAX)
		return err_set(e, ERR_USAGE,
		    "no host name in '%s': give HOST or HOST:PORT", text);
	memcpy(t_r->host, host.p, host.n);
	return found ? parse_port(s, &t_r->port, e) : 0;
}

bool
dial_is_here(const struct dial_target *t)
{
	return t->local || strcmp(t->host, "localhost") == 0 ||
	       strncmp(t->host, "127.", 4) == 0 || strcmp(t->host, "::1") == 0;
}

void
dial_text(const struct dial_target *t, char text_r[DIAL_TEXT_MAX])
{
	bool six = strchr(t->host, ':') != NULL;

	if (t->local)
		snprintf(text_r, DIAL_TEXT_MAX, "%s", t->host);
	else
		snprintf(text_r, DIAL_TEXT_MAX, "%s%s%s:%u", six ? "[" : "",
		    t->host, six ? "]" : "", (unsigned)t->port);
}

/* RFC 6761, 6.3: never a question to the DNS. IPv4 first, since a server on
 * the loopback address of only one family mostly has that one. */
static size_t
localhost(uint16_t port, struct dial_addr *addr_r)
{
	struct sockaddr_in four = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };

	memcpy(&addr_r[0].sa, &four, sizeof(four));
	addr_r[0].len = sizeof(four);
	memcpy(&addr_r[1].sa, &six, sizeof(six));
	addr_r[1].len = sizeof(six);
	return 2;
}

static int
resolve_failed(int code, const char *host, struct err *e)
{
	switch (code) {
	case EAI_AGAIN:
	case EAI_MEMORY:
		return err_set(e, ERR_TEMP,
		    "cannot resolve '%s' now: no name server answered", host);
	case EAI_SYSTEM:
		return err_sys(e, ERR_TEMP, "cannot resolve '%s'", host);
	default:
		return err_set(e, ERR_NOHOST, "no such host: '%s'", host);
	}
}

static int
ask_system(
    const char *host, uint16_t port, struct addrinfo **list_r, struct err *e)
{
	struct addrinfo hint = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM };
	struct arena a = { 0 };
	struct slice name = slice_str(host);
	char service[8];
	int code;

	snprintf(service, sizeof(service), "%u", (unsigned)port);
	if (is_literal(host))
		hint.ai_flags = AI_NUMERICHOST;
	else if (idna_to_ascii(name, &a, &name, e) < 0)
		goto bad;
	code = getaddrinfo(name.p, service, &hint, list_r);
	arena_free(&a);
	return code ? resolve_failed(code, host, e) : 0;
bad:
	arena_free(&a);
	e->kind = ERR_NOHOST;
	return -1;
}

void
dial_addr_of(struct dial_addr *d, const struct ip *ip, uint16_t port)
{
	struct sockaddr_in four = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };

	if (ip->n == 4) {
		memcpy(&four.sin_addr, ip->b, 4);
		memcpy(&d->sa, &four, sizeof(four));
		d->len = sizeof(four);
	} else {
		memcpy(&six.sin6_addr, ip->b, 16);
		memcpy(&d->sa, &six, sizeof(six));
		d->len = sizeof(six);
	}
}

int
dial_resolve(const char *host, uint16_t port,
    struct dial_addr addr_r[DIAL_ADDR_MAX], size_t *n_r, struct err *e)
{
	struct slice name = slice_str(host);
	struct addrinfo *list;

	if (slice_is_nocase(name, "localhost") ||
	    slice_ends_nocase(name, ".localhost")) {
		*n_r = localhost(port, addr_r);
		return 0;
	}
	if (ask_system(host, port, &list, e) < 0)
		return -1;
	*n_r = 0;
	for (struct addrinfo *i = list; i && *n_r < DIAL_ADDR_MAX;
	     i = i->ai_next) {
		if (i->ai_addrlen > sizeof(addr_r[0].sa))
			continue;
		memcpy(&addr_r[*n_r].sa, i->ai_addr, i->ai_addrlen);
		addr_r[*n_r].len = i->ai_addrlen;
		(*n_r)++;
	}
	freeaddrinfo(list);
	if (*n_r == 0)
		return err_set(e, ERR_NOHOST, "no address for host '%s'", host);
	return 0;
}

/* 0 when the connection stands, else -1 with errno. */
static int
wait_connected(int fd, int64_t deadline)
{
	struct pollfd p = { fd, POLLOUT, 0 };
	socklen_t len = sizeof(int);
	int n, why = 0;

	do
		n = poll(&p, 1, clock_left(deadline));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	if (n <= 0)
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) < 0)
		return -1;
	errno = why;
	return why ? -1 : 0;
}

static void
no_delay(int fd)
{
	int on = 1;

	/* Fails on unix sockets, which need it not. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* The descriptor in blocking mode, or -1 with errno. */
static int
connect_one(const struct dial_addr *a, int64_t deadline)
{
	int fd = socket(
	    a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int why, flags;

	if (fd < 0)
		return -1;
	no_delay(fd);
	if (connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0 ||
	    ((errno == EINPROGRESS || errno == EINTR) &&
		wait_connected(fd, deadline) == 0)) {
		flags = fcntl(fd, F_GETFL);
		if (flags >= 0)
			(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
		return fd;
	}
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

int
dial_addresses(const struct dial_addr *addr, size_t n, const char *name,
    int64_t deadline, size_t *which_r, struct err *e)
{
	return dial_from(NULL, addr, n, name, deadline, which_r, e);
}

int
dial_from(const struct dial_addr *source, const struct dial_addr *addr,
    size_t n, const char *name, int64_t deadline, size_t *which_r,
    struct err *e)
{
	int fd = dialrace_connect(addr, n, source, deadline, which_r);

	if (fd >= 0)
		return fd;
	return err_sys(e, ERR_TEMP, "cannot connect to %s", name);
}

static int
local_addr(const char *path, struct dial_addr *a_r)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t n = strlen(path);

	if (n >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(un.sun_path, path, n + 1);
	memcpy(&a_r->sa, &un, sizeof(un));
	a_r->len = sizeof(un);
	return 0;
}

int
dial(const struct dial_target *t, int64_t deadline, struct err *e)
{
	struct dial_addr addr[DIAL_ADDR_MAX];
	char name[DIAL_TEXT_MAX];
	size_t n = 1;

	dial_text(t, name);
	if (t->local) {
		if (local_addr(t->host, &addr[0]) < 0)
			return err_sys(e, ERR_USAGE, "'%s'", t->host);
	} else if (dial_resolve(t->host, t->port, addr, &n, e) < 0) {
		return -1;
	}
	return dial_addresses(addr, n, name, deadline, NULL, e);
}

/* A path that nobody listens on is what a killed server left. */
static void
remove_stale(const struct dial_addr *a, const char *path)
{
	int fd = connect_one(a, clock_deadline(100));

	if (fd >= 0)
		close(fd);
	else if (errno == ECONNREFUSED)
		unlink(path);
}

static uint16_t
bound_port(int fd)
{
	struct sockaddr_storage sa = { 0 };
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return 0;
	memcpy(&four, &sa, sizeof(four));
	memcpy(&six, &sa, sizeof(six));
	if (sa.ss_family == AF_INET)
		return ntohs(four.sin_port);
	return sa.ss_family == AF_INET6 ? ntohs(six.sin6_port) : 0;
}

int
dial_listen(const struct dial_target *t, uint16_t *port_r, struct err *e)
{
	struct dial_addr addr[DIAL_ADDR_MAX];
	char name[DIAL_TEXT_MAX];
	size_t n = 1;
	int fd, on = 1;

	dial_text(t, name);
	if (t->local) {
		if (local_addr(t->host, &addr[0]) < 0)
			return err_sys(e, ERR_USAGE, "'%s'", t->host);
		remove_stale(&addr[0], t->host);
	} else if (dial_resolve(t->host, t->port, addr, &n, e) < 0) {
		return -1;
	}
	fd = socket(addr[0].sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, ERR_OS, "cannot make a socket for %s", name);
	if (!t->local)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&addr[0].sa, addr[0].len) < 0 ||
	    listen(fd, SOMAXCONN) < 0) {
		err_sys(e, ERR_CANTCREAT, "cannot listen on %s", name);
		close(fd);
		return -1;
	}
	if (port_r)
		*port_r = bound_port(fd);
	return fd;
}

static void
peer_text(const struct sockaddr_storage *sa, char peer_r[DIAL_TEXT_MAX])
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	memcpy(&four, sa, sizeof(four));
	memcpy(&six, sa, sizeof(six));
	if (sa->ss_family == AF_INET)
		inet_ntop(AF_INET, &four.sin_addr, peer_r, DIAL_TEXT_MAX);
	else if (sa->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &six.sin6_addr, peer_r, DIAL_TEXT_MAX);
	else
		snprintf(peer_r, DIAL_TEXT_MAX, "%s",
		    sa->ss_family == AF_UNIX ? "unix" : "unknown");
}

int
dial_accept(int fd, char peer_r[DIAL_TEXT_MAX], struct err *e)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	int got;

	do
		got = accept4(fd, (struct sockaddr *)&sa, &len, SOCK_CLOEXEC);
	while (got < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (got < 0)
		return err_sys(e, ERR_OS, "cannot accept a connection");
	no_delay(got);
	peer_text(&sa, peer_r);
	return got;
}

void
dial_peer(int fd, char peer_r[DIAL_TEXT_MAX])
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);

	if (getpeername(fd, (struct sockaddr *)&sa, &len) < 0)
		sa.ss_family = AF_UNSPEC;
	peer_text(&sa, peer_r);
}
