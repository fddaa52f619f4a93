/* Fuzzes net/proxy: the first octet picks the kind and a login, the rest is the
 * proxy's answer. It comes to an end, and says yes only to what says yes.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#include "net/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dial_target t = { .host = "mx.test", .port = 25 };
	struct proxy p = { .kind = PROXY_SOCKS5 };
	struct slice in = slice_of(data, size);
	size_t at;
	int fd[2], first = slice_get(&in), r;

	if (first < 0 || in.n > 2 * PROXY_REPLY_MAX)
		return 0;
	if (first & 1)
		p.kind = PROXY_HTTP;
	if (first & 2) {
		p.user = "me";
		p.password = slice_str("secret");
	}
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		return 0;
	if (in.n == 0 || write(fd[1], in.p, in.n) == (ssize_t)in.n) {
		shutdown(fd[1], SHUT_WR);
		r = proxy_connect(fd[0], &p, &t, clock_deadline(1000), NULL);
		at = p.user && slice_at(in, 1) == 2 ? 2 : 0;
		if (r == 0 && p.kind == PROXY_SOCKS5 &&
		    (slice_at(in, 0) != 5 || slice_at(in, at + 3) != 0))
			abort();
		if (r == 0 && p.kind == PROXY_HTTP &&
		    slice_find(in, '2') == SIZE_MAX)
			abort();
	}
	close(fd[0]);
	close(fd[1]);
	return 0;
}
