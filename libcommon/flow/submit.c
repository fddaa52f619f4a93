/* A finished message that is handed in to be sent (see submit.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/date.h"
#include "text/eol.h"
#include "text/fold.h"
#include "text/utf8.h"

#include "msg/addr.h"
#include "msg/header.h"
#include "msg/msgid.h"
#include "msg/reencode.h"

#include "flow/submit.h"

static int
check_lines(const struct eol_facts *f, struct err *e)
{
	static const char way_out[] =
	    "servers read this in different ways; mend it, or attach it";

	if (f->nul_line)
		return err_set(e, ERR_DATA, "line %llu has a NUL: %s",
		    (unsigned long long)f->nul_line, way_out);
	if (f->bare_cr_line)
		return err_set(e, ERR_DATA, "line %llu has a bare CR: %s",
		    (unsigned long long)f->bare_cr_line, way_out);
	if (f->long_line)
		return err_set(e, ERR_DATA,
		    "line %llu is longer than %d octets: encode the text as "
		    "quoted-printable or base64",
		    (unsigned long long)f->long_line, EOL_LINE_MAX);
	return 0;
}

static int
check_header(const struct header *h, struct submit *s, struct err *e)
{
	struct eol_facts f;

	if (h->count == 0)
		return err_set(
		    e, ERR_DATA, "this is no message: it has no header");
	if (h->broken.n > 0)
		return err_set(e, ERR_DATA,
		    "this is no header field: '%.*s'; an empty line ends the "
		    "header",
		    SLICE_ARG(slice_sub(h->broken, 0, 60)));
	if (utf8_is_ascii(h->block))
		return 0;
	eol_scan(h->block, &f);
	s->utf8_line = f.eight_bit_line;
	if (!utf8_valid(h->block))
		return err_set(e, ERR_DATA,
		    "line %llu of the header is neither ASCII nor UTF-8: "
		    "encode it (RFC 2047)",
		    (unsigned long long)s->utf8_line);
	return 0;
}

static bool
is_hidden(const struct header_field *f)
{
	return slice_is_nocase(f->name, "Bcc") ||
	       slice_is_nocase(f->name, "Resent-Bcc");
}

static void
leave_out(struct submit *s, struct slice octets)
{
	size_t from = (size_t)(octets.p - s->edits.message.p);

	edit_add(&s->edits,
	    &(struct edit){ .from = from, .to = from + octets.n }, s->arena);
}

/* What nobody else shall see, and the mbox line. */
static void
hide(struct submit *s, const struct header *h)
{
	struct slice message = s->edits.message;
	size_t start = (size_t)(h->block.p - message.p);

	if (start > 0)
		leave_out(s, slice_sub(message, 0, start));
	for (size_t i = 0; i < h->count; i++)
		if (is_hidden(&h->fields[i]))
			leave_out(s, h->fields[i].raw);
}

/* RFC 6409, 8.4 and 8.5. A signature may cover that they are not there. */
static void
add_missing(const struct header *h, const struct given *given, struct submit *s)
{
	size_t start = (size_t)(h->block.p - s->edits.message.p);
	char date[DATE_TEXT_MAX];
	struct buf b;

	if (header_get(h, "DKIM-Signature"))
		return;
	buf_init(&b, MSGID_MAX * 2);
	if (!header_get(h, "Date")) {
		date_make(given_now(given), 0, date);
		buf_fmt(&b, "Date: %s%s", date, h->eol);
	}
	if (!header_get(h, "Message-ID")) {
		buf_text(&b, "Message-ID: ");
		msgid_make(given, addr_domain(s->sender), &b);
		buf_text(&b, h->eol);
	}
	if (b.n > 0)
		edit_add(&s->edits,
		    &(struct edit){ .from = start,
			.to = start,
			.bytes =
			    slice_of(arena_copy(s->arena, buf_view(&b)), b.n) },
		    s->arena);
	buf_free(&b);
}

static int
read_list(const struct submit *s, const struct header *h, const char *name,
    size_t nth, struct addr_list *list_r, struct err *e)
{
	int (*parse)(struct slice in, struct arena * a,
	    struct addr_list * list_r, struct err * e) =
	    s->names ? addr_parse_local : addr_parse;
	const struct header_field *f = header_nth(h, name, nth);

	if (!f)
		return 0;
	if (parse(header_unfold(f->value, s->arena), s->arena, list_r, e) < 0)
		return err_in(e, "%s", name);
	return 1;
}

static int
find_sender(
    const struct header *h, struct submit *s, struct arena *a, struct err *e)
{
	static const char *const names[] = { "Resent-Sender", "Resent-From",
		"Sender", "From" };
	struct addr_list list;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		int r = read_list(s, h, names[i], 0, &list, e);

		/* Who resends is known, whatever the rest is worth. */
		if (r < 0 && !s->sender.n)
			return -1;
		if (r <= 0 || list.n == 0)
			continue;
		if (!s->sender.n)
			s->sender = addr_text(&list.v[0], a);
		if (i == COUNT_OF(names) - 1)
			s->author = addr_text(&list.v[0], a);
	}
	return 0;
}

static int
find_recipients(
    const struct header *h, struct submit *s, struct arena *a, struct err *e)
{
	static const char *const names[2][3] = { { "To", "Cc", "Bcc" },
		{ "Resent-To", "Resent-Cc", "Resent-Bcc" } };
	bool resent = header_get(h, names[1][0]) ||
	              header_get(h, names[1][1]) || header_get(h, names[1][2]);
	struct addr_list list;
	int r;

	for (size_t k = 0; k < 3; k++)
		for (size_t nth = 0;; nth++) {
			r = read_list(s, h, names[resent][k], nth, &list, e);
			if (r < 0)
				return -1;
			if (r == 0)
				break;
			for (size_t i = 0; i < list.n; i++)
				submit_add_rcpt(s, addr_text(&list.v[i], a), a);
		}
	return 0;
}

/* What was to be done with those octets is of no use any more. */
static void
forget(struct edits *s, size_t from, size_t to)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].from < from || s->v[i].to > to ||
		    s->v[i].from == s->v[i].to)
			s->v[kept++] = s->v[i];
	s->n = kept;
}

static void
replace(struct submit *s, struct edits *edits, const struct header *h,
    const char *const *names, const char *text)
{
	size_t start = (size_t)(h->block.p - edits->message.p);
	struct slice made = slice_str(text);

	for (size_t i = 0; i < h->count; i++) {
		struct slice raw = h->fields[i].raw;
		size_t from = (size_t)(raw.p - edits->message.p);

		for (size_t k = 0; names[k]; k++) {
			if (!slice_is_nocase(h->fields[i].name, names[k]))
				continue;
			forget(edits, from, from + raw.n);
			edit_add(edits,
			    &(struct edit){ .from = from, .to = from + raw.n },
			    s->arena);
		}
	}
	if (text)
		edit_add(edits,
		    &(struct edit){ .from = start, .to = start, .bytes = made },
		    s->arena);
}

/* edits and plain are two lists from here on. */
static void
part_edits(struct submit *s)
{
	struct edits plain = s->plain;

	s->plain.v = arena_array(s->arena, plain.n + 1, sizeof(*plain.v));
	s->plain.cap = plain.n;
	if (plain.n)
		memcpy(s->plain.v, plain.v, plain.n * sizeof(*plain.v));
}

/* The field with the domain where one is missing; false: none is. */
static bool
qualified(const struct submit *s, const struct header_field *f,
    struct slice domain, struct buf *out)
{
	struct addr_list list;
	bool missing = false;
	struct buf value;

	if (addr_parse_local(
		header_unfold(f->value, s->arena), s->arena, &list, NULL) < 0)
		return false;
	buf_init(&value, HEADER_BLOCK_MAX);
	for (size_t i = 0; i < list.n; i++) {
		struct addr *ad = &list.v[i];

		if (ad->group.p) { /* it would be lost */
			missing = false;
			break;
		}
		missing |= !ad->domain.n;
		if (!ad->domain.n)
			ad->domain = domain;
		buf_text(&value, i ? ", " : "");
		addr_format_named(ad, &value);
	}
	missing = missing && fold_field(arena_copy(s->arena, f->name),
				 buf_view(&value), out);
	buf_free(&value);
	return missing;
}

static bool
has_addresses(const struct header_field *f)
{
	static const char *const names[] = { "From", "Sender", "Reply-To", "To",
		"Cc" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (slice_is_nocase(f->name, names[i]))
			return true;
	return false;
}

static uint64_t
size_of(const struct submit *s)
{
	struct writer count;
	uint64_t n = 0;

	if (!s->binary)
		return edit_size(&s->edits, s->bare_lf);
	count = writer_to_count(&n);
	edit_write_wire(&s->edits, &count, NULL);
	return n;
}

int
submit_qualify(struct submit *s, struct slice domain, struct err *e)
{
	struct header h;
	struct buf made;

	if (header_read(s->edits.message, s->arena, &h, e) < 0)
		return -1;
	part_edits(s);
	buf_init(&made, HEADER_BLOCK_MAX);
	for (size_t i = 0; i < h.count; i++) {
		struct slice raw = h.fields[i].raw;
		struct edit one = { 0 };

		buf_reset(&made);
		if (!has_addresses(&h.fields[i]) ||
		    !qualified(s, &h.fields[i], domain, &made))
			continue;
		one.from = (size_t)(raw.p - s->edits.message.p);
		one.to = one.from + raw.n;
		one.bytes =
		    slice_of(arena_copy(s->arena, buf_view(&made)), made.n);
		forget(&s->plain, one.from, one.to);
		forget(&s->edits, one.from, one.to);
		edit_add(&s->plain, &one, s->arena);
		edit_add(&s->edits, &one, s->arena);
	}
	buf_free(&made);
	s->size = size_of(s);
	return 0;
}

int
submit_replace(
    struct submit *s, const char *const *names, const char *text, struct err *e)
{
	struct header h;

	if (header_read(s->edits.message, s->arena, &h, e) < 0)
		return -1;
	text = text ? arena_string(s->arena, text) : NULL;
	part_edits(s);
	replace(s, &s->plain, &h, names, text);
	replace(s, &s->edits, &h, names, text);
	s->size = size_of(s);
	return 0;
}

bool
submit_has(const struct submit *s, const char *name)
{
	struct arena a = { 0 };
	struct header h;
	bool has;

	has = header_read(s->edits.message, &a, &h, NULL) == 0 &&
	      header_get(&h, name);
	arena_free(&a);
	return has;
}

void
submit_add_rcpt(struct submit *s, struct slice address, struct arena *a)
{
	for (size_t i = 0; i < s->rcpts; i++)
		if (addr_equal(s->rcpt[i], address))
			return;
	s->rcpt = arena_grow(a, s->rcpt, s->rcpts, s->rcpts + 1,
	    sizeof(*s->rcpt), &s->rcpts_cap);
	s->rcpt[s->rcpts++] = address;
}

static int
mend(struct submit *s, const struct eol_facts *f, struct err *e)
{
	if (!f->nul_line && !f->bare_cr_line && !f->long_line)
		return 0;
	return reencode(&s->edits, REENCODE_LINES | REENCODE_CR, s->arena, e);
}

static int
read_all(struct submit *s, unsigned how, const struct header *h,
    const struct given *given, struct err *e)
{
	if (check_header(h, s, e) < 0 || find_sender(h, s, s->arena, e) < 0)
		return -1;
	hide(s, h);
	if (!(how & SUBMIT_TAKE))
		return 0;
	add_missing(h, given, s);
	return find_recipients(h, s, s->arena, e);
}

int
submit_read(struct slice message, const struct io_map *map, unsigned how,
    const struct given *given, struct arena *a, struct submit *s_r,
    struct err *e)
{
	struct eol_facts facts;
	struct header h;

	*s_r = (struct submit){ .edits = { .message = message, .map = map },
		.arena = a,
		.names = how & SUBMIT_NAMES };
	if (message.n == 0)
		return err_set(e, ERR_DATA, "the message is empty");
	eol_scan_map(message, map, &facts);
	if (!(how & SUBMIT_FIX) && check_lines(&facts, e) < 0) {
		if (reencode_binary(&s_r->edits, a, NULL) < 0)
			return -1;
		s_r->edits = (struct edits){ .message = message, .map = map };
		s_r->binary = true;
	}
	if (header_read(message, a, &h, e) < 0 ||
	    read_all(s_r, how, &h, given, e) < 0)
		return -1;
	s_r->bare_lf = facts.bare_lf;
	s_r->eight_bit_line = facts.eight_bit_line;
	s_r->plain = s_r->edits;
	if ((how & SUBMIT_FIX) && mend(s_r, &facts, e) < 0)
		return -1;
	if (s_r->binary && reencode_binary(&s_r->edits, a, e) < 0)
		return -1;
	s_r->size = size_of(s_r);
	return 0;
}

int
submit_to_7bit(void *arg, bool seven, uint64_t *size_r, struct err *e)
{
	struct submit *s = arg;

	if (seven && !s->ascii_size) {
		s->ascii = s->plain;
		if (reencode(&s->ascii,
			REENCODE_8BIT | REENCODE_LINES | REENCODE_CR, s->arena,
			e) < 0)
			return -1;
		s->ascii_size = edit_size(&s->ascii, s->bare_lf);
	}
	s->ascii_now = seven;
	*size_r = seven ? s->ascii_size : s->size;
	return 0;
}

int
submit_write(void *arg, const struct writer *out, struct err *e)
{
	const struct submit *s = arg;

	if (s->ascii_now)
		return edit_write(&s->ascii, out, e);
	return s->binary ? edit_write_wire(&s->edits, out, e)
	                 : edit_write(&s->edits, out, e);
}
