/* One body part (see part.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/charset.h"
#include "text/qp.h"
#include "text/token.h"

#include "msg/part.h"

/*	content := "Content-Type" ":" type "/" subtype *(";" parameter)
 * with CFWS between all of them. */
static bool
read_type(struct slice value, struct arena *a, struct part *p)
{
	if (token_skip_cfws(&value) < 0 || token_token(&value, &p->type) <= 0 ||
	    token_skip_cfws(&value) < 0 || slice_get(&value) != '/' ||
	    token_skip_cfws(&value) < 0 ||
	    token_token(&value, &p->subtype) <= 0)
		return false;
	param_parse(value, a, &p->params);
	return true;
}

static void
set_type(struct part *p, bool in_digest, struct arena *a)
{
	struct slice value = header_value(&p->header, "Content-Type", a);

	if (value.n && read_type(value, a, p))
		return;
	p->flawed = value.n > 0;
	in_digest = in_digest && !value.n;
	p->type = slice_str(in_digest ? "message" : "text");
	p->subtype = slice_str(in_digest ? "rfc822" : "plain");
}

static enum part_encoding
encoding_of(const struct part *p, struct arena *a)
{
	static const struct {
		const char *name;
		enum part_encoding value;
	} names[] = { { "7bit", PART_7BIT }, { "8bit", PART_8BIT },
		{ "binary", PART_BINARY }, { "quoted-printable", PART_QP },
		{ "base64", PART_BASE64 } };
	struct slice value =
	    header_value(&p->header, "Content-Transfer-Encoding", a);
	struct slice name;

	if (token_skip_cfws(&value) < 0 || token_token(&value, &name) <= 0)
		return PART_7BIT;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (slice_is_nocase(name, names[i].name))
			return names[i].value;
	return PART_UNKNOWN;
}

/*	disposition := "Content-Disposition" ":" type *(";" parameter) */
static void
set_disposition(struct part *p, struct arena *a)
{
	struct slice value = header_value(&p->header, "Content-Disposition", a);

	if (token_skip_cfws(&value) < 0 ||
	    token_token(&value, &p->disposition) <= 0)
		return;
	param_parse(value, a, &p->disposition_params);
}

int
part_parse(struct slice bytes, bool in_digest, struct arena *a,
    struct part *p_r, struct err *e)
{
	memset(p_r, 0, sizeof(*p_r));
	p_r->bytes = bytes;
	if (header_read(bytes, a, &p_r->header, e) < 0)
		return -1;
	set_type(p_r, in_digest, a);
	set_disposition(p_r, a);
	p_r->encoding = encoding_of(p_r, a);
	return 0;
}

bool
part_is(const struct part *p, const char *type, const char *subtype)
{
	return slice_is_nocase(p->type, type) &&
	       (!subtype || slice_is_nocase(p->subtype, subtype));
}

struct slice
part_filename(const struct part *p)
{
	const struct slice *name =
	    param_get(&p->disposition_params, "filename");

	if (!name)
		name = param_get(&p->params, "name");
	return name ? *name : slice_of(NULL, 0);
}

bool
part_decode(const struct part *p, struct buf *out)
{
	struct base64_decoder decoder = { 0 };

	switch (p->encoding) {
	case PART_QP:
		return qp_decode(p->header.body, out);
	case PART_BASE64:
		base64_decode_add(&decoder, p->header.body, out);
		base64_decode_finish(&decoder, out);
		return !decoder.flawed;
	default:
		buf_slice(out, p->header.body);
		return p->encoding != PART_UNKNOWN;
	}
}

struct slice
part_content(const struct part *p, struct arena *a)
{
	struct slice made;
	struct buf out;

	if (p->encoding != PART_QP && p->encoding != PART_BASE64)
		return p->header.body;
	buf_init(&out, p->header.body.n + 8);
	part_decode(p, &out);
	made = slice_of(arena_copy(a, buf_view(&out)), out.n);
	buf_free(&out);
	return made;
}

void
part_text(const struct part *p, struct buf *out)
{
	const struct slice *charset = param_get(&p->params, "charset");
	struct slice label = charset ? *charset : slice_of(NULL, 0);
	struct buf raw;

	if (p->encoding != PART_QP && p->encoding != PART_BASE64) {
		charset_to_utf8(label, p->header.body, out);
		return;
	}
	buf_init(&raw, p->header.body.n + 8);
	part_decode(p, &raw);
	charset_to_utf8(label, buf_view(&raw), out);
	buf_free(&raw);
}
