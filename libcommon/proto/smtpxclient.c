/* What a client says of a client behind it: XCLIENT (Postfix), and the PROXY
 * header of haproxy, versions 1 and 2. Tests of servers need them.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include "net/ip.h"

#include "proto/smtpwire.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

/* "NAME=VALUE ..." as they are: the values are xtext of the caller. */
int
smtpxclient_say(struct smtp *c, struct err *e)
{
	if (!c->caps.xclient)
		return err_set(e, ERR_UNAVAILABLE, "%s does not offer XCLIENT",
		    stream_peer(c->stream));
	if (smtpwire_ask(c, SMTP_AT_EHLO, e, "XCLIENT %s", c->plan->xclient) <
	    0)
		return -1;
	if (reply_is_good(&c->reply))
		return 0;
	reply_refusal(&c->reply, e);
	return err_in(e, "%s: XCLIENT", stream_peer(c->stream));
}

/* "SOURCE SPORT DESTINATION DPORT" */
struct ends {
	struct ip src, dst;
	uint64_t sport, dport;
};

static bool
read_ends(struct slice s, struct ends *p_r)
{
	struct slice sp, dp;
	bool ok = ip_read(slice_take_until(&s, ',', NULL), &p_r->src);

	sp = slice_take_until(&s, ',', NULL);
	ok = ok && ip_read(slice_take_until(&s, ',', NULL), &p_r->dst);
	dp = s;
	return ok && slice_number(sp, UINT16_MAX, &p_r->sport) &&
	       slice_number(dp, UINT16_MAX, &p_r->dport) &&
	       p_r->src.n == p_r->dst.n;
}

static void
put_port(struct buf *b, uint64_t port)
{
	buf_char(b, (char)(port >> 8));
	buf_char(b, (char)(port & 255));
}

/* TCP over IPv4 is 0x11, over IPv6 0x21; PROXY is 0x21, LOCAL 0x20. */
static void
put_v2(struct buf *b, const struct ends *p)
{
	buf_slice(b, slice_of(SIGNATURE, 12));
	buf_char(b, p ? 0x21 : 0x20);
	buf_char(b, !p ? 0 : p->src.n == 4 ? 0x11 : 0x21);
	buf_char(b, 0);
	buf_char(b, (char)(p ? 2 * p->src.n + 4 : 0));
	if (!p)
		return;
	buf_slice(b, slice_of(p->src.b, p->src.n));
	buf_slice(b, slice_of(p->dst.b, p->dst.n));
	put_port(b, p->sport);
	put_port(b, p->dport);
}

static void
put_v1(struct buf *b, const struct ends *p)
{
	char src[IP_TEXT_MAX], dst[IP_TEXT_MAX];

	if (!p) {
		buf_text(b, "PROXY UNKNOWN\r\n");
		return;
	}
	ip_write(&p->src, src);
	ip_write(&p->dst, dst);
	buf_fmt(b, "PROXY TCP%c %s %s %u %u\r\n", p->src.n == 4 ? '4' : '6',
	    src, dst, (unsigned)p->sport, (unsigned)p->dport);
}

int
smtpxclient_proxy(struct smtp *c, struct err *e)
{
	struct slice s = slice_str(c->plan->proxy), version;
	struct ends ends;
	bool named;
	struct buf b;
	int r;

	version = slice_take_until(&s, ':', &named);
	if ((!slice_is(version, "v1") && !slice_is(version, "v2")) ||
	    (named && !read_ends(s, &ends)))
		return err_set(e, ERR_USAGE,
		    "no header of the PROXY protocol: '%s'; like v2, or "
		    "v1:192.0.2.1,4000,192.0.2.2,25",
		    c->plan->proxy);
	buf_init(&b, 256);
	if (slice_is(version, "v1"))
		put_v1(&b, named ? &ends : NULL);
	else
		put_v2(&b, named ? &ends : NULL);
	r = stream_put(c->stream, buf_view(&b), e);
	buf_free(&b);
	return r < 0 ? -1 : stream_flush(c->stream, e);
}
