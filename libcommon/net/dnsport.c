/* A UDP socket that many questions share.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"

#include "net/dnsport.h"

struct dnsport *
dnsport_new(const struct sockaddr *addr, socklen_t n)
{
	struct dnsport *p = mem_new(sizeof(*p));

	p->fd = socket(
	    addr->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0 || connect(p->fd, addr, n) < 0)
		dnsport_free(&p);
	return p;
}

void
dnsport_free(struct dnsport **p)
{
	if (!*p)
		return;
	if ((*p)->fd >= 0)
		close((*p)->fd);
	mem_free(*p);
	*p = NULL;
}

void *
dnsport_owner(const struct dnsport *p, uint16_t id)
{
	for (size_t i = 0; i < p->used; i++)
		if (p->ids[i] == id && p->owners[i])
			return p->owners[i];
	return NULL;
}

uint16_t
dnsport_add(struct dnsport *p, void *owner, uint16_t random)
{
	while (dnsport_owner(p, random))
		random++;
	p->ids[p->used] = random;
	p->owners[p->used++] = owner;
	p->flying++;
	return random;
}

void
dnsport_drop(struct dnsport *p, const void *owner)
{
	for (size_t i = 0; i < p->used; i++)
		if (p->owners[i] == owner) {
			p->owners[i] = NULL;
			p->flying--;
			return;
		}
}

int
dnsport_send(struct dnsport *p, struct dnsport_out *out)
{
	struct mmsghdr h[DNSPORT_BATCH] = { 0 };
	struct iovec v[DNSPORT_BATCH];
	size_t count = out->count;
	int n = 0;

	out->count = 0;
	for (size_t i = 0; i < count; i++) {
		v[i] = (struct iovec){ out->text[i], out->n[i] };
		h[i].msg_hdr.msg_iov = &v[i];
		h[i].msg_hdr.msg_iovlen = 1;
	}
	for (size_t i = 0; i < count; i += (size_t)n) {
		n = sendmmsg(p->fd, h + i, (unsigned)(count - i), MSG_NOSIGNAL);
		if (n <= 0 && errno != EINTR && errno != EAGAIN &&
		    errno != ENOBUFS)
			return -1;
		if (n <= 0)
			break;
	}
	return 0;
}

int
dnsport_receive(struct dnsport *p, struct dnsport_in *in)
{
	struct mmsghdr h[DNSPORT_BATCH] = { 0 };
	struct iovec v[DNSPORT_BATCH];
	int n;

	in->count = 0;
	for (size_t i = 0; i < DNSPORT_BATCH; i++) {
		v[i] = (struct iovec){ in->text[i], DNSPORT_UDP_MAX };
		h[i].msg_hdr.msg_iov = &v[i];
		h[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(p->fd, h, DNSPORT_BATCH, MSG_TRUNC, NULL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	in->count = (size_t)n;
	for (size_t i = 0; i < in->count; i++)
		in->n[i] = h[i].msg_len;
	return n > 0;
}
