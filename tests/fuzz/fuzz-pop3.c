/* Fuzzes proto/pop3: the input is what a server says; the client goes through
 * a whole session with it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

#include "proto/pop3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX 1000

static int
take(void *arg, uint32_t number, struct slice uidl, struct err *e)
{
	(void)arg;
	(void)e;
	if (number == 0 || uidl.n == 0 || uidl.n > POP3_UIDL_MAX)
		abort();
	return 0;
}

static int
begin(void *arg, uint32_t number, struct err *e)
{
	size_t *got = arg;

	(void)number;
	(void)e;
	*got = 0;
	return 0;
}

static int
put(void *arg, struct slice part, struct err *e)
{
	size_t *got = arg;

	(void)e;
	*got += part.n;
	if (*got > BODY_MAX)
		abort();
	return 0;
}

static int
end(void *arg, uint32_t number, enum pop3_body body, struct slice words,
    struct err *e)
{
	(void)arg;
	(void)number;
	(void)e;
	if (body == POP3_BODY_WHOLE && words.n > 0)
		abort();
	return 0;
}

static int
take_size(void *arg, uint32_t number, uint64_t size, struct err *e)
{
	(void)arg;
	(void)e;
	if (number == 0 || size > INT64_MAX)
		abort();
	return 0;
}

static void
fill(void *p, size_t n)
{
	memset(p, 7, n);
}

static void
session(struct pop3 *p)
{
	static const uint32_t numbers[] = { 1, 2, 3 };
	struct sasl_login login = { .user = "user",
		.password = slice_str("pass"),
		.service = "pop",
		.host = "peer",
		.clear = true,
		.random = fill };
	size_t got = 0;
	struct pop3_uidl_taker uidls = { take, NULL };
	struct pop3_size_taker sizes = { take_size, NULL };
	struct pop3_taker taker = { BODY_MAX, begin, put, end, &got };
	uint32_t count;

	if (pop3_login(p, &login, false, NULL) == 0 &&
	    pop3_uidl(p, &uidls, NULL) >= 0 &&
	    pop3_stat(p, &count, NULL) == 0 &&
	    pop3_sizes(p, &sizes, NULL) == 0 &&
	    pop3_retr(p, POP3_HEADER, numbers, 1, &taker, NULL) == 0)
		pop3_retr(
		    p, POP3_MESSAGE, numbers, COUNT_OF(numbers), &taker, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int in = io_temp(NULL, NULL);
	int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct pop3 *p = NULL;

	if (in < 0 || out < 0 || io_write(in, data, size, "input", NULL) < 0)
		abort();
	lseek(in, 0, SEEK_SET);
	if (pop3_open(stream_new(in, out, "peer"), 1000, NULL, &p, NULL) < 0)
		return 0;
	session(p);
	pop3_free(&p);
	return 0;
}
