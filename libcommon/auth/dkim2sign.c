/* Adding a hop to a DKIM2 chain (see dkim2.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#include "auth/dkim2parts.h"

#define TEXT_MAX (256u << 10) /* octets of the fields we write */
#define LINE     72           /* characters of a line of base64 */

/* Base64 over as many lines as it takes: white space does not count. */
static void
put_base64(struct slice octets, const char *eol, struct buf *out)
{
	struct buf text;
	struct slice rest;

	buf_init(&text, TEXT_MAX);
	base64_encode(octets, &text);
	rest = buf_view(&text);
	while (rest.n) {
		buf_slice(out, slice_take(&rest, LINE));
		if (rest.n)
			buf_fmt(out, "%s\t", eol);
	}
	buf_free(&text);
}

static void
put_path(const char *path, const char *eol, struct buf *out)
{
	struct buf b;
	bool whole = *path == '<';

	buf_init(&b, TEXT_MAX);
	buf_fmt(&b, whole ? "%s" : "<%s>", path);
	put_base64(buf_view(&b), eol, out);
	buf_free(&b);
}

/* Message-Instance: m=1; h=sha256:header:body */
static int
put_instance(const struct dkim_letter *m, struct arena *a, const char *eol,
    struct buf *out, struct err *e)
{
	unsigned char header[DIGEST_MAX], body[DIGEST_MAX];

	if (dkim2_message_hash(m, header, body, a, e) < 0)
		return -1;
	buf_fmt(out, "Message-Instance: m=1;%s\th=sha256:", eol);
	base64_encode(slice_of(header, DIGEST_SHA256_SIZE), out);
	buf_fmt(out, ":%s\t", eol);
	base64_encode(slice_of(body, DIGEST_SHA256_SIZE), out);
	buf_text(out, eol);
	return 0;
}

/* The field up to and with the signatures, which are empty without a sum. */
static int
put_hop(const struct dkim_plan *p, const struct dkim2_envelope *env, size_t i,
    size_t m, const unsigned char *sum, const char *eol, struct buf *out,
    struct err *e)
{
	struct buf raw;
	int r = 0;

	buf_fmt(out, "DKIM2-Signature: i=%zu; m=%zu; t=%lld; d=%s;%s\tmf=", i,
	    m, (long long)p->made, p->domain, eol);
	put_path(env->sender, eol, out);
	buf_fmt(out, ";%s\trt=", eol);
	for (size_t k = 0; k < env->recipient_count; k++) {
		if (k)
			buf_fmt(out, ",%s\t", eol);
		put_path(env->recipients[k], eol, out);
	}
	buf_fmt(out, ";%s\ts=", eol);
	buf_init(&raw, KEY_SIGNATURE_MAX);
	for (size_t k = 0; k < p->signer_count && r == 0; k++) {
		const struct dkim_signer *s = &p->signers[k];

		buf_reset(&raw);
		if (sum)
			r = key_sign(s->key, sum, &raw, e);
		buf_fmt(out, "%s%s:%s-sha256:%s\t", k ? "," : "", s->selector,
		    key_kind_name(key_kind(s->key)), eol);
		put_base64(buf_view(&raw), eol, out);
	}
	buf_text(out, eol);
	buf_free(&raw);
	return r;
}

/* The message is still the one of the newest instance. */
static int
check_unchanged(const struct dkim_letter *m, const struct dkim2_chain *c,
    struct arena *a, struct err *e)
{
	struct slice list =
	    dkim2_tag(&c->instances[c->instance_count - 1], "h");
	unsigned char header[DIGEST_MAX], body[DIGEST_MAX];
	struct buf want;
	bool same;

	if (dkim2_message_hash(m, header, body, a, e) < 0)
		return -1;
	buf_init(&want, TEXT_MAX);
	buf_text(&want, "sha256:");
	base64_encode(slice_of(header, DIGEST_SHA256_SIZE), &want);
	buf_char(&want, ':');
	base64_encode(slice_of(body, DIGEST_SHA256_SIZE), &want);
	same = slice_equal(slice_take_until(&list, ',', NULL), buf_view(&want));
	buf_free(&want);
	return same ? 0
	            : err_set(e, ERR_DATA,
			  "the message was changed since instance %zu, which "
			  "would call for a recipe: not made yet",
			  c->instance_count);
}

static int
sign(const struct dkim_letter *m, const struct dkim_plan *p,
    const struct dkim2_envelope *env, const char *eol, struct arena *a,
    struct buf *out, struct err *e)
{
	struct dkim2_chain c;
	struct dkim2_field last;
	unsigned char sum[DIGEST_MAX];
	struct buf text;
	size_t i, start = out->n;
	int r;

	dkim2_collect(m, a, &c);
	if (c.bad || (c.hop_count && !c.instance_count))
		return err_set(e, ERR_DATA, "its chain is broken: %s",
		    c.bad ? c.bad : "no Message-Instance");
	if (c.hop_count == DKIM2_HOPS_MAX)
		return err_set(
		    e, ERR_DATA, "its chain has %d hops", DKIM2_HOPS_MAX);
	i = c.hop_count + 1;
	r = c.instance_count ? check_unchanged(m, &c, a, e)
	                     : put_instance(m, a, eol, out, e);
	if (r < 0)
		return -1;
	if (!c.instance_count) {
		dkim2_read(slice_sub(buf_view(out), start, out->n), a,
		    &c.instances[0]);
		c.instance_count = 1;
	}
	buf_init(&text, TEXT_MAX);
	r = put_hop(p, env, i, c.instance_count, NULL, eol, &text, e);
	dkim2_read(buf_view(&text), a, &last);
	buf_free(&text);
	if (r == 0)
		r = dkim2_hop_hash(&c, c.instance_count, i, &last, sum, a, e);
	return r < 0 ? -1
	             : put_hop(p, env, i, c.instance_count, sum, eol, out, e);
}

int
dkim2_sign(const struct dkim_letter *m, const struct dkim_plan *p,
    const struct dkim2_envelope *env, const char *eol, struct buf *out,
    struct err *e)
{
	struct arena a = { 0 };
	int r = sign(m, p, env, eol, &a, out, e);

	if (r == 0 && buf_over(out))
		r = err_set(
		    e, ERR_DATA, "the fields are over %zu octets", out->max);
	arena_free(&a);
	return r;
}
