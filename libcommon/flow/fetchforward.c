/* Handing fetched messages on (see fetchforward.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"

#include "msg/header.h"

#include "proto/smtpaddr.h"

#include "flow/fetchforward.h"
#include "flow/send.h"

#define BLOCK      65536
#define HEADER_MAX 262144 /* octets in which Return-Path is looked for */

struct fetchforward {
	const struct fetchforward_plan *plan;
	struct account_server server;
	struct send_plan how;
	struct send *send;
	struct arena arena;
	struct slice *rcpts;
};

/* A message in a file, and what SMTP wants to know of it. */
struct text {
	int fd;
	char *block; /* BLOCK octets */
	uint64_t size, line;
	bool in_header, at_start;
	struct smtp_mail *mail;
};

static const char *const schemes[] = {
	"lmtp:", "smtp:", "smtp+tls:", "smtps:"
};

bool
fetchforward_is(const char *target)
{
	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		if (slice_starts_nocase(slice_str(target), schemes[i]))
			return true;
	return false;
}

static bool
is_address(struct slice address)
{
	struct buf b;
	bool utf8, good;

	buf_init(&b, SMTPADDR_MAX + 1);
	good = address.n > 0 && smtpaddr_write(address, &b, &utf8, NULL) == 0;
	buf_free(&b);
	return good;
}

static int
read_rcpts(struct fetchforward *f, struct err *e)
{
	const struct fetchforward_plan *plan = f->plan;

	if (plan->n == 0)
		return err_set(e, ERR_USAGE,
		    "to whom? --rcpt ADDR names the recipient at '%s'",
		    plan->server);
	f->rcpts = arena_array(&f->arena, plan->n, sizeof(*f->rcpts));
	for (size_t i = 0; i < plan->n; i++) {
		if (!is_address(slice_str(plan->rcpts[i])))
			return err_set(
			    e, ERR_USAGE, "'%s' is no address", plan->rcpts[i]);
		f->rcpts[i] = slice_str(plan->rcpts[i]);
	}
	return 0;
}

int
fetchforward_new(const struct fetchforward_plan *plan,
    struct fetchforward **f_r, struct err *e)
{
	struct fetchforward *f = mem_new(sizeof(*f));

	f->plan = plan;
	if (account_server(plan->server, plan->tls, &f->arena, &f->server, e) <
		0 ||
	    read_rcpts(f, e) < 0) {
		fetchforward_free(&f);
		return -1;
	}
	/* a delivery agent on this machine has no certificate that fits */
	if (!plan->tls && f->server.tls > SMTP_TLS_MAY &&
	    (slice_starts_nocase(slice_str(plan->server), "lmtp:") ||
		slice_starts_nocase(slice_str(plan->server), "smtp:")) &&
	    dial_is_here(&f->server.target))
		f->server.tls = SMTP_TLS_MAY;
	f->how = (struct send_plan){ .servers = &f->server,
		.n = 1,
		.connect = { .ca_file = plan->ca_file, .given = plan->given },
		.timeout = plan->timeout };
	f->send = send_new(&f->how);
	*f_r = f;
	return 0;
}

void
fetchforward_free(struct fetchforward **f)
{
	if (!*f)
		return;
	send_free(&(*f)->send);
	arena_free(&(*f)->arena);
	mem_free(*f);
	*f = NULL;
}

/* One octet more: size with CRLF, first lines beyond US-ASCII. */
static void
look_at(struct text *t, int c)
{
	if (t->at_start && c == '\n')
		t->in_header = false;
	t->at_start = c == '\n';
	t->mail->size += c == '\n' ? 2 : 1;
	if (c >= 0x80 && t->mail->eight_bit_line == 0)
		t->mail->eight_bit_line = t->line;
	if (c >= 0x80 && t->in_header && t->mail->utf8_line == 0)
		t->mail->utf8_line = t->line;
	t->line += c == '\n';
}

static ssize_t
read_block(const struct text *t, uint64_t at, struct err *e)
{
	ssize_t got;

	do
		got = pread(t->fd, t->block, BLOCK, (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(e, ERR_IO, "cannot read a temporary file");
	return got;
}

static int
scan(struct text *t, struct err *e)
{
	ssize_t got;

	t->line = 1;
	t->in_header = t->at_start = true;
	while ((got = read_block(t, t->size, e)) > 0) {
		for (ssize_t i = 0; i < got; i++)
			look_at(t, (unsigned char)t->block[i]);
		t->size += (uint64_t)got;
	}
	if (got == 0 && !t->at_start)
		t->mail->size += 2;
	return (int)got;
}

static int
content(void *arg, const struct writer *out, struct err *e)
{
	struct text *t = arg;
	uint64_t at = 0;
	ssize_t got;

	while ((got = read_block(t, at, e)) > 0) {
		if (writer_put(out, slice_of(t->block, (size_t)got), e) < 0)
			return -1;
		at += (uint64_t)got;
	}
	return (int)got;
}

/* "<a@b>" of Return-Path; empty for the null sender and without one. */
static struct slice
find_sender(const struct text *t, struct arena *a)
{
	char *start = arena_array(a, HEADER_MAX, 1);
	ssize_t got = pread(t->fd, start, HEADER_MAX, 0);
	struct slice value, address;
	struct header h;

	if (got <= 0 ||
	    header_read(slice_of(start, (size_t)got), a, &h, NULL) < 0)
		return slice_of(NULL, 0);
	value = header_value(&h, "Return-Path", a);
	if (!slice_take_prefix(&value, "<"))
		return slice_of(NULL, 0);
	address = slice_take_until(&value, '>', NULL);
	return is_address(address) ? address : slice_of(NULL, 0);
}

/* Before a message was looked at, the server said no, or nothing. */
static bool
is_down(const struct smtp_result *r)
{
	return r->outcome != SMTP_SENT && r->stage <= SMTP_AT_AUTH;
}

static int
judge(const struct fetchforward *f, const struct send_result *results,
    struct err *e)
{
	for (size_t i = 0; i < f->plan->n; i++) {
		const struct smtp_result *r = &results[i].smtp;

		if (r->outcome == SMTP_SENT || r->outcome == SMTP_UNCERTAIN)
			continue;
		err_set(e, r->kind, "%s: <%s>: %s", f->server.text,
		    f->plan->rcpts[i], r->text ? r->text : "not sent");
		return is_down(r) ? -1 : 0;
	}
	return 1;
}

int
fetchforward_send(void *arg, int fd, struct err *e)
{
	struct fetchforward *f = arg;
	struct arena a = { 0 };
	struct send_result *results =
	    arena_array(&a, f->plan->n, sizeof(*results));
	struct smtp_mail mail = {
		.rcpt = f->rcpts, .rcpts = f->plan->n, .content = content
	};
	struct text t = { .fd = fd, .mail = &mail, .block = mem_new(BLOCK) };
	int ret = scan(&t, e);

	if (ret == 0) {
		mail.arg = &t;
		mail.from = find_sender(&t, &a);
		send_message(f->send, &mail, results, &a);
		ret = judge(f, results, e);
	}
	mem_free(t.block);
	arena_free(&a);
	return ret;
}
