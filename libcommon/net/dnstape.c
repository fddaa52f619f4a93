/* Recordings of DNS.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"

#include "text/base64.h"

#include "net/dnstape.h"
#include "net/dnswire.h"

#define HEAD  ";@ RECORDING "
#define LINE  ";@ ANSWER "
#define FLUSH 65536 /* octets that wait to be written */

struct dnstape {
	const char *path;
	pthread_mutex_t lock;
	struct buf out;
	int fd;
	bool failed;
	struct err e; /* why */
};

int
dnstape_new(struct dnstape **t_r, const char *path, bool trusted, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct dnstape *t;

	*t_r = NULL;
	if (fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot create '%s'", path);
	t = mem_new(sizeof(*t));
	t->path = path;
	t->fd = fd;
	pthread_mutex_init(&t->lock, NULL);
	buf_init(&t->out, (size_t)FLUSH + DNSTAPE_LINE_MAX);
	buf_fmt(&t->out, HEAD "%s\n", trusted ? "trusted" : "untrusted");
	*t_r = t;
	return 0;
}

static void
flush(struct dnstape *t)
{
	if (!t->failed)
		t->failed =
		    io_write(t->fd, t->out.p, t->out.n, t->path, &t->e) < 0;
	buf_reset(&t->out);
}

void
dnstape_add(struct dnstape *t, const struct dnsname *name, enum dns_type type,
    enum dns_status status, struct slice message)
{
	struct arena a = { 0 };

	pthread_mutex_lock(&t->lock);
	buf_fmt(&t->out, LINE "%d %d %s ", (int)status, (int)type,
	    dnsname_text(name, &a));
	if (message.n)
		base64_encode(message, &t->out);
	else
		buf_char(&t->out, '-');
	buf_char(&t->out, '\n');
	if (t->out.n >= FLUSH)
		flush(t);
	pthread_mutex_unlock(&t->lock);
	arena_free(&a);
}

int
dnstape_end(struct dnstape **tape, struct err *e)
{
	struct dnstape *t = *tape;
	int ret = 0;

	if (!t)
		return 0;
	flush(t);
	if (io_close(&t->fd, t->path, &t->e) < 0)
		t->failed = true;
	if (t->failed) {
		*e = t->e;
		ret = -1;
	}
	buf_free(&t->out);
	pthread_mutex_destroy(&t->lock);
	mem_free(t);
	*tape = NULL;
	return ret;
}

bool
dnstape_is(struct slice text)
{
	return slice_starts(text, HEAD);
}

/* One line: false when it is none. */
static bool
read_answer(struct slice line, struct arena *a, struct buf *message,
    struct dnsname *name, uint64_t *status, uint64_t *type)
{
	struct slice word;

	buf_reset(message);
	if (!slice_take_prefix(&line, LINE))
		return false;
	if (!slice_number(
		slice_take_until(&line, ' ', NULL), DNS_BOGUS, status) ||
	    !slice_number(slice_take_until(&line, ' ', NULL),
		DNS_SIGS | UINT16_MAX, type) ||
	    *type == DNS_SIGS)
		return false;
	word = slice_take_until(&line, ' ', NULL);
	if (!word.n || !dnsname_read(arena_copy(a, word), name))
		return false;
	if (slice_is(line, "-"))
		return *status != DNS_OK;
	return line.n && base64_decode(line, message) && !buf_over(message);
}

int
dnstape_read(struct slice text, bool *trusted_r,
    void (*add)(const struct dnsname *name, enum dns_type type,
	enum dns_status status, struct slice message, void *arg),
    void *arg, struct err *e)
{
	struct slice line;
	struct arena a = { 0 };
	struct buf message;
	size_t number = 1;
	int ret = 0;

	buf_init(&message, DNSWIRE_MESSAGE_MAX);
	if (!slice_take_line(&text, &line, NULL) ||
	    !slice_take_prefix(&line, HEAD))
		return err_set(e, ERR_DATA, "line 1: this is no recording");
	*trusted_r = slice_is(line, "trusted");
	while (ret == 0 && slice_take_line(&text, &line, NULL)) {
		struct arena_mark mark = arena_mark(&a);
		uint64_t status, type;
		struct dnsname name;

		number++;
		if (line.n == 0 || !slice_starts(line, ";@"))
			continue;
		if (line.n <= DNSTAPE_LINE_MAX &&
		    read_answer(line, &a, &message, &name, &status, &type))
			add(&name, (enum dns_type)type, (enum dns_status)status,
			    buf_view(&message), arg);
		else
			ret = err_set(e, ERR_DATA,
			    "line %zu: no answer of a recording", number);
		arena_release(&a, mark);
	}
	buf_free(&message);
	arena_free(&a);
	return ret;
}
