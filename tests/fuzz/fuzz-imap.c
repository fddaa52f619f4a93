/* Fuzzes proto/imap: the input is what a server says; the client goes through
 * a whole session with it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "proto/imap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX 100000

static void
zeros(void *p, size_t n)
{
	memset(p, 0, n);
}

static int
take_folder(void *arg, const struct imap_folder *f, struct err *e)
{
	size_t *octets = arg;

	(void)e;
	*octets += f->name.n;
	return 0;
}

static int
take_status(
    void *arg, struct slice name, const struct imap_mailbox *box, struct err *e)
{
	size_t *octets = arg;

	(void)e;
	*octets += name.n + box->told;
	return 0;
}

static int
take_flags(void *arg, uint32_t uid, unsigned flags, struct err *e)
{
	size_t *octets = arg;

	(void)e;
	if (uid == 0)
		abort();
	*octets += flags;
	return 0;
}

static int
begin(void *arg, uint64_t size, struct err *e)
{
	size_t *left = arg;

	(void)e;
	if (size > BODY_MAX)
		abort();
	*left = (size_t)size;
	return 0;
}

static int
put(void *arg, struct slice part, struct err *e)
{
	size_t *left = arg;

	(void)e;
	if (part.n > *left)
		abort();
	*left -= part.n;
	return 0;
}

static int
end(void *arg, const struct imap_message *m, struct err *e)
{
	size_t *left = arg;

	(void)e;
	if (m->body == IMAP_BODY_WHOLE && *left > 0)
		abort();
	return 0;
}

static void
session(struct imap *m)
{
	size_t octets = 0, left = 0;
	struct imap_folder_taker folders = { take_folder, take_status,
		&octets };
	struct imapset vanished = { 0 };
	struct imap_changes changes = { &vanished, take_flags, &octets };
	struct imap_select how = { .validity = 1, .modseq = 1 };
	struct sasl_login login = { .user = "user",
		.password = slice_str("pass"),
		.service = "imap",
		.host = "localhost",
		.clear = true,
		.random = zeros };
	struct buf prefix;
	struct imap_taker taker = { BODY_MAX, begin, NULL, put, end, &left };
	struct imap_mailbox box;
	struct imapset found = { 0 };

	buf_init(&prefix, 4096);
	if (imap_login(m, &login, NULL) == 0 && imap_enable(m, NULL) == 0 &&
	    imap_namespace(m, &prefix, NULL) == 0 &&
	    imap_list(m, "*", &folders, NULL) == 0 &&
	    imap_select(m, "INBOX", &how, &changes, &box, NULL) == 0 &&
	    imap_search(m, "ALL", &found, NULL) == 0 &&
	    imap_fetch(m, &found, IMAP_PART_WHOLE, 0, &taker, NULL) == 0 &&
	    imap_fetch(m, &found, IMAP_PART_LOOK, 0, &taker, NULL) == 0)
		imap_idle(m, 10, -1, NULL);
	buf_free(&prefix);
	imapset_free(&vanished);
	imapset_free(&found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int in = io_temp(NULL, NULL);
	int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct imap *m = NULL;

	if (in < 0 || out < 0 || io_write(in, data, size, "input", NULL) < 0)
		abort();
	lseek(in, 0, SEEK_SET);
	if (imap_open(stream_new(in, out, "peer"), 1000, NULL, &m, NULL) == 0)
		session(m);
	imap_free(&m);
	return 0;
}
