/* The names of a POP3 mailbox's messages (see fetchnames.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "base/io.h"

#include "flow/fetchnames.h"

/* How each begins in the file, which nobody else reads. */
struct head {
	uint32_t number;
	uint32_t length;
};

static const char what[] = "the list of messages";

void
fetchnames_init(struct fetchnames *n)
{
	*n = (struct fetchnames){ .fd = -1 };
	buf_init(&n->b, FETCHNAMES_BLOCK);
}

void
fetchnames_free(struct fetchnames *n)
{
	io_close(&n->fd, what, NULL);
	buf_free(&n->b);
}

static int
spill(struct fetchnames *n, struct err *e)
{
	if (n->fd < 0)
		n->fd = io_temp(NULL, e);
	if (n->fd < 0 || io_write(n->fd, n->b.p, n->b.n, what, e) < 0)
		return -1;
	buf_reset(&n->b);
	return 0;
}

int
fetchnames_add(
    struct fetchnames *n, uint32_t number, struct slice uidl, struct err *e)
{
	struct head head = { number, (uint32_t)uidl.n };

	if (n->b.n + sizeof(head) + uidl.n > FETCHNAMES_BLOCK &&
	    spill(n, e) < 0)
		return -1;
	buf_add(&n->b, &head, sizeof(head));
	buf_slice(&n->b, uidl);
	return 0;
}

int
fetchnames_rewind(struct fetchnames *n, struct err *e)
{
	n->at = 0;
	if (n->fd < 0)
		return 0;
	if (!n->written && spill(n, e) < 0)
		return -1;
	n->written = true;
	buf_reset(&n->b);
	if (lseek(n->fd, 0, SEEK_SET) < 0)
		return err_sys(e, ERR_IO, "cannot read %s", what);
	return 0;
}

/* At least need octets from at on, of what there is. */
static int
fill(struct fetchnames *n, size_t need, struct err *e)
{
	while (n->fd >= 0 && n->b.n - n->at < need) {
		size_t room;
		ssize_t got;

		buf_drop(&n->b, n->at);
		n->at = 0;
		room = FETCHNAMES_BLOCK - n->b.n;
		got = io_read(n->fd, buf_room(&n->b, room), room, what, e);
		if (got <= 0)
			return (int)got;
		buf_grown(&n->b, (size_t)got);
	}
	return 0;
}

int
fetchnames_next(
    struct fetchnames *n, struct fetchnames_item *item_r, struct err *e)
{
	struct head head;

	if (fill(n, sizeof(head) + UINT16_MAX, e) < 0)
		return -1;
	if (n->b.n - n->at < sizeof(head))
		return 0;
	memcpy(&head, n->b.p + n->at, sizeof(head));
	n->at += sizeof(head);
	item_r->number = head.number;
	item_r->uidl = slice_sub(buf_view(&n->b), n->at, n->at + head.length);
	n->at += head.length;
	return 1;
}
