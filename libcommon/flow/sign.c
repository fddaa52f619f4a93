/* Signs a message with DKIM on its way out (see sign.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/header.h"

#include "auth/letter.h"

#include "flow/sign.h"

#define BODY_LINE_MAX (64u << 10) /* octets of a line of the body */

/* The message as it comes by: the header is kept, the body hashed. */
struct reading {
	struct buf head; /* with the empty line, once it is whole */
	struct buf line; /* of the body, its end still to come */
	bool in_body;
	struct canon_body canon;
	struct digest digest;
};

static void
to_digest(void *to, const char *p, size_t n)
{
	digest_add(to, p, n);
}

/* Behind the header's empty line; SIZE_MAX: it has not come yet. */
static size_t
head_end(struct slice s)
{
	size_t lf = slice_search(s, (struct slice)SLICE_LIT("\n\n"));
	size_t crlf = slice_search(s, (struct slice)SLICE_LIT("\n\r\n"));

	if (crlf != SIZE_MAX && (lf == SIZE_MAX || crlf < lf))
		return crlf + 3;
	return lf == SIZE_MAX ? SIZE_MAX : lf + 2;
}

static int
take_body(struct reading *r, struct slice s, struct err *e)
{
	size_t last = slice_find_last(s, '\n');

	if (last != SIZE_MAX) {
		struct slice whole = slice_take(&s, last + 1), first;

		if (r->line.n) {
			first = slice_take(&whole, slice_find(whole, '\n') + 1);
			buf_slice(&r->line, first);
			canon_body_add(&r->canon, buf_view(&r->line));
			buf_reset(&r->line);
		}
		canon_body_add(&r->canon, whole);
	}
	buf_slice(&r->line, s);
	return buf_over(&r->line)
	           ? err_set(e, ERR_DATA, "a line is too long to be signed")
	           : 0;
}

static int
take(void *to, struct slice s, struct err *e)
{
	struct reading *r = to;
	struct slice all;
	size_t end;

	if (r->in_body)
		return take_body(r, s, e);
	buf_slice(&r->head, s);
	if (buf_over(&r->head))
		return err_set(e, ERR_DATA, "header is larger than %u octets",
		    HEADER_BLOCK_MAX);
	all = buf_view(&r->head);
	end = head_end(all);
	if (end == SIZE_MAX)
		return 0;
	r->in_body = true;
	if (take_body(r, slice_sub(all, end, all.n), e) < 0)
		return -1;
	buf_cut(&r->head, end);
	return 0;
}

static int
read_mail(const struct smtp_mail *mail, struct reading *r,
    unsigned char sum[DIGEST_MAX], struct err *e)
{
	struct writer w = { take, r };

	if (mail->content(mail->arg, &w, e) < 0)
		return -1;
	canon_body_add(&r->canon, buf_view(&r->line));
	canon_body_end(&r->canon);
	digest_end(&r->digest, sum);
	return 0;
}

static int
write_signed(void *arg, const struct writer *out, struct err *e)
{
	const struct sign *s = arg;

	if (writer_put(out, s->field, e) < 0)
		return -1;
	return s->content(s->arg, out, e);
}

static int
make_field(const struct reading *r, const struct dkim_plan *plan,
    struct sign *s, struct arena *a, struct err *e)
{
	struct dkim_letter letter;
	struct buf out;
	int ret;

	if (letter_read(buf_view(&r->head), a, &letter, e) < 0)
		return -1;
	buf_init(&out, DKIM_FIELD_MAX);
	ret = dkim_sign(&letter, plan, letter_eol(buf_view(&r->head)), &out, e);
	if (ret == 0)
		s->field = slice_of(arena_copy(a, buf_view(&out)), out.n);
	buf_free(&out);
	return ret;
}

static uint64_t
lines_of(struct slice s)
{
	uint64_t n = 0;
	struct slice line;
	size_t eol;

	while (slice_take_line(&s, &line, &eol))
		n += eol == 1;
	return n;
}

int
sign_mail(struct smtp_mail *mail, const struct dkim_plan *plan, struct sign *s,
    struct arena *a, struct err *e)
{
	struct reading *r = arena_new(a, sizeof(*r));
	unsigned char sum[DIGEST_MAX];
	struct dkim_plan own = *plan;
	int ret;

	if (mail->eight_bit_line && !mail->utf8_line)
		return err_set(e, ERR_DATA,
		    "line %llu is not ASCII: a server may change it, which "
		    "breaks the signature",
		    (unsigned long long)mail->eight_bit_line);
	*s = (struct sign){ .content = mail->content, .arg = mail->arg };
	buf_init(&r->head, HEADER_BLOCK_MAX);
	buf_init(&r->line, BODY_LINE_MAX);
	r->canon.mode = plan->body_mode;
	r->canon.put = to_digest;
	r->canon.to = &r->digest;
	own.body_sum = sum;
	ret = digest_begin(&r->digest, DIGEST_SHA256, e);
	if (ret == 0)
		ret = read_mail(mail, r, sum, e);
	if (ret == 0)
		ret = make_field(r, &own, s, a, e);
	digest_end(&r->digest, NULL);
	buf_free(&r->head);
	buf_free(&r->line);
	if (ret < 0)
		return -1;
	mail->content = write_signed;
	mail->arg = s;
	mail->to_7bit = NULL;
	mail->ascii = false;
	mail->size += s->field.n + lines_of(s->field);
	return 0;
}
