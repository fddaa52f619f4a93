/* Composes a message: the fields of its header (see compose.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/date.h"
#include "text/encword.h"
#include "text/fold.h"
#include "text/idna.h"
#include "text/token.h"
#include "text/utf8.h"

#include "msg/addr.h"
#include "msg/compose_private.h"
#include "msg/msgid.h"

#define VALUE_MAX COMPOSE_HEADER_MAX

int
compose_refuse_controls(const char *field, struct slice value, struct err *e)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (ascii_is_control(c) && c != '\t')
			return err_set(e, ERR_USAGE, "%s in %s: '%.*s'",
			    c == '\r' || c == '\n' ? "line break"
						   : "control character",
			    field, SLICE_ARG(value));
	}
	return 0;
}

/* Folded, and small enough with all that stands before it. */
static int
put_folded(
    struct compose *c, const char *name, struct slice value, struct err *e)
{
	if (!fold_field(name, value, &c->made))
		return err_set(e, ERR_USAGE,
		    "a word in %s is too long for a line of %d octets", name,
		    FOLD_MAX);
	if (buf_over(&c->made))
		return err_set(
		    e, ERR_DATA, "header over %u octets", COMPOSE_HEADER_MAX);
	return 0;
}

/* A field of text. */
static int
put_text(struct compose *c, const char *name, struct slice value, struct err *e)
{
	struct buf made;
	int r;

	if (compose_refuse_controls(name, value, e) < 0)
		return -1;
	buf_init(&made, VALUE_MAX);
	encword_encode(value, ENCWORD_TEXT, &made);
	r = put_folded(c, name, buf_view(&made), e);
	buf_free(&made);
	return r;
}

/* Appends one address as it goes on the wire: A-labels, unless the local part
 * is UTF-8 and that is wanted. */
static int
put_address(struct compose *c, struct addr *ad, struct buf *out, struct err *e)
{
	bool utf8 = !utf8_is_ascii(ad->local);
	struct slice local, domain;

	if (utf8 && !c->plan->smtputf8)
		return err_set(e, ERR_USAGE,
		    "'%.*s@%.*s' is not ASCII: it needs SMTPUTF8",
		    SLICE_ARG(ad->local), SLICE_ARG(ad->domain));
	if (!utf8 && !slice_starts(ad->domain, "[") &&
	    idna_to_ascii(ad->domain, &c->arena, &ad->domain, e) < 0)
		return -1;
	if (addr_envelope(addr_text(ad, &c->arena), utf8, &local, &domain, e) <
	    0)
		return -1;
	c->is_utf8 |= utf8;
	if (out->n)
		buf_text(out, ", ");
	addr_format_named(ad, out);
	return 0;
}

/* Appends what one option gave; the first address is the author for ids. */
static int
put_option(struct compose *c, const char *name, const char *text,
    struct buf *out, struct err *e)
{
	struct addr_list list;
	int r;

	if (compose_refuse_controls(name, slice_str(text), e) < 0)
		return -1;
	r = addr_parse(slice_str(text), &c->arena, &list, e);
	for (size_t i = 0; i < list.n && r == 0; i++)
		r = put_address(c, &list.v[i], out, e);
	if (r == 0 && !list.n)
		r = err_set(e, ERR_USAGE, "no address");
	if (r < 0) {
		if (e)
			e->kind = ERR_USAGE;
		return err_in(e, "%s '%s'", name, text);
	}
	if (!c->id_domain)
		c->id_domain = arena_copy(&c->arena, list.v[0].domain);
	return 0;
}

static int
put_addresses(struct compose *c, const char *name,
    const struct compose_list *texts, struct err *e)
{
	struct buf made;
	int r = 0;

	buf_init(&made, VALUE_MAX);
	for (size_t i = 0; i < texts->n && r == 0; i++)
		r = put_option(c, name, texts->v[i], &made, e);
	if (r == 0 && texts->n)
		r = put_folded(c, name, buf_view(&made), e);
	buf_free(&made);
	return r;
}

static int
put_author(struct compose *c, const char *name, const char *text, struct err *e)
{
	struct compose_list one = { &text, text ? 1 : 0 };

	return put_addresses(c, name, &one, e);
}

static int
put_recipients(struct compose *c, struct err *e)
{
	const struct compose_plan *plan = c->plan;

	if (put_addresses(c, "Reply-To", &plan->reply_to, e) < 0 ||
	    put_addresses(c, "To", &plan->to, e) < 0 ||
	    put_addresses(c, "Cc", &plan->cc, e) < 0)
		return -1;
	/* All are blind copies (RFC 5322, A.1.3). */
	if (!plan->to.n && !plan->cc.n)
		buf_text(&c->made, "To: undisclosed-recipients:;\r\n");
	return 0;
}

static int
put_date(struct compose *c, struct err *e)
{
	const char *given = c->plan->date;
	char text[DATE_TEXT_MAX];
	int64_t t;

	if (given && compose_refuse_controls("Date", slice_str(given), e) < 0)
		return -1;
	if (given && !date_parse(slice_str(given), &t, NULL))
		return err_set(e, ERR_USAGE,
		    "'%s' is no date as in 'Tue, 24 Nov 2026 00:09:32 +0100'",
		    given);
	if (!given)
		date_make(given_now(c->given), 0, text);
	buf_fmt(&c->made, "Date: %s\r\n", given ? given : text);
	return 0;
}

static int
put_id(struct compose *c, struct err *e)
{
	struct slice given = slice_str(c->plan->message_id), rest = given, id;

	if (given.p && (!msgid_next(&rest, &id) || id.n != given.n))
		return err_set(e, ERR_USAGE,
		    "'%s' is no Message-ID as in '<id@example.org>'", given.p);
	buf_text(&c->made, "Message-ID: ");
	if (given.p)
		buf_slice(&c->made, given);
	else
		msgid_make(c->given, slice_str(c->id_domain), &c->made);
	buf_text(&c->made, "\r\n");
	return 0;
}

/* Null when name may be a further field; else what to do. */
static const char *
own_field(struct slice name)
{
	static const struct {
		const char *name, *way;
	} own[] = {
		{ "Bcc", "a blind copy is never written: use --bcc" },
		{ "Resent-Bcc", "a blind copy is never written: use --bcc" },
		{ "From", "use --from" },
		{ "Sender", "it is made from the plan" },
		{ "Reply-To", "use --reply-to" },
		{ "To", "use --to" },
		{ "Cc", "use --cc" },
		{ "Subject", "use --subject" },
		{ "Date", "it is made" },
		{ "Message-ID", "it is made" },
		{ "MIME-Version", "it is made" },
		{ "Content-Type", "it is made" },
		{ "Content-Transfer-Encoding", "it is made" },
		{ "Content-Disposition", "it is made" },
	};

	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (slice_is_nocase(name, own[i].name))
			return own[i].way;
	return NULL;
}

/*	field-name  =  1*ftext		; printable, but ":" */
static bool
is_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return false;
	return name.n && name.n <= FOLD_WANT - 2;
}

static int
put_more(struct compose *c, const char *text, struct err *e)
{
	struct slice value = slice_str(text), name;
	const char *way;
	bool found;

	if (compose_refuse_controls("a header field", value, e) < 0)
		return -1;
	name = slice_take_until(&value, ':', &found);
	if (!found || !is_name(name))
		return err_set(e, ERR_USAGE,
		    "'%s' is no header field: write 'Name: value'", text);
	way = own_field(name);
	if (way)
		return err_set(e, ERR_USAGE, "header field '%.*s': %s",
		    SLICE_ARG(name), way);
	return put_text(c, arena_copy(&c->arena, name), slice_trim(value), e);
}

int
compose_head(struct compose *c, struct err *e)
{
	const struct compose_plan *plan = c->plan;

	if (!plan->from)
		return err_set(e, ERR_USAGE, "no author: use --from");
	if (put_date(c, e) < 0 || put_author(c, "From", plan->from, e) < 0 ||
	    put_author(c, "Sender", plan->sender, e) < 0 ||
	    put_recipients(c, e) < 0)
		return -1;
	if (plan->subject &&
	    put_text(c, "Subject", slice_str(plan->subject), e) < 0)
		return -1;
	if (put_id(c, e) < 0)
		return -1;
	for (size_t i = 0; i < plan->more.n; i++)
		if (put_more(c, plan->more.v[i], e) < 0)
			return -1;
	return 0;
}
