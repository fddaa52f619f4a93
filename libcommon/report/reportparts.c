/* The parts of a message that may tell something (see reportparts.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/utf8.h"

#include "msg/addr.h"
#include "msg/mime.h"
#include "msg/msgid.h"

#include "report/format.h"
#include "report/reportparts.h"
#include "report/striphtml.h"

#define SUBJECT_LOOK 2000 /* octets of it that are looked at */
#define MINE_MAX     8    /* addresses of the bounce's own header */

/* What the media type of a part says that it is for a report. */
enum role {
	ROLE_FILE, /* none of these */
	ROLE_TEXT,
	ROLE_REPORT,
	ROLE_MULTIPART,
	ROLE_STATUS,
	ROLE_GLOBAL,
	ROLE_FEEDBACK,
	ROLE_MDN,
	ROLE_RETURNED
};

static enum role
role_of(const struct part *p)
{
	static const struct {
		struct slice type, subtype;
		enum role role;
	} rows[] = {
		{ SLICE_LIT("text"), SLICE_LIT("plain"), ROLE_TEXT },
		{ SLICE_LIT("text"), SLICE_LIT("html"), ROLE_TEXT },
		{ SLICE_LIT("text"), SLICE_LIT("rfc822-headers"),
		    ROLE_RETURNED },
		{ SLICE_LIT("text"), SLICE_LIT("rfc822-header"),
		    ROLE_RETURNED },
		{ SLICE_LIT("text"), SLICE_LIT("rfc822"), ROLE_RETURNED },
		{ SLICE_LIT("text"), SLICE_LIT("delivery-status"),
		    ROLE_STATUS },
		{ SLICE_LIT("message"), SLICE_LIT("rfc822"), ROLE_RETURNED },
		{ SLICE_LIT("message"), SLICE_LIT("delivery-status"),
		    ROLE_STATUS },
		{ SLICE_LIT("message"), SLICE_LIT("global-delivery-status"),
		    ROLE_GLOBAL },
		{ SLICE_LIT("message"), SLICE_LIT("feedback-report"),
		    ROLE_FEEDBACK },
		{ SLICE_LIT("message"), SLICE_LIT("disposition-notification"),
		    ROLE_MDN },
		{ SLICE_LIT("message"),
		    SLICE_LIT("global-disposition-notification"), ROLE_MDN },
		{ SLICE_LIT("message"), SLICE_LIT("global"), ROLE_RETURNED },
		{ SLICE_LIT("message"), SLICE_LIT("rfc822-headers"),
		    ROLE_RETURNED },
		{ SLICE_LIT("message"), SLICE_LIT("global-headers"),
		    ROLE_RETURNED },
		{ SLICE_LIT("multipart"), SLICE_LIT("report"), ROLE_REPORT },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (slice_equal_nocase(p->subtype, rows[i].subtype) &&
		    slice_equal_nocase(p->type, rows[i].type))
			return rows[i].role;
	return part_is(p, "multipart", NULL) ? ROLE_MULTIPART : ROLE_FILE;
}

static void
note_report(struct reportparts *p, const struct part *part)
{
	const struct slice *type = param_get(&part->params, "report-type");

	p->in_report = true;
	if (type && !p->report_type.n)
		p->report_type = *type;
}

static void
keep(struct part *into, bool *has, const struct part *part)
{
	if (!*has)
		*into = *part;
	*has = true;
}

static void
add_text(struct reportparts *p, const struct part *part)
{
	if (p->text_count < REPORT_TEXTS_MAX)
		p->texts[p->text_count++] = *part;
}

static void
visit(struct reportparts *p, const struct part *part, enum role role)
{
	switch (role) {
	case ROLE_REPORT:
		note_report(p, part);
		break;
	case ROLE_MULTIPART:
		if (!param_get(&part->params, "boundary"))
			add_text(p, part);
		break;
	case ROLE_STATUS:
		keep(&p->status, &p->has_status, part);
		break;
	case ROLE_GLOBAL:
		keep(&p->global, &p->has_global, part);
		break;
	case ROLE_FEEDBACK:
		keep(&p->feedback, &p->has_feedback, part);
		break;
	case ROLE_MDN:
		keep(&p->mdn, &p->has_mdn, part);
		break;
	case ROLE_RETURNED:
		p->attached = true;
		keep(&p->returned, &p->has_returned, part);
		break;
	case ROLE_TEXT:
		add_text(p, part);
		break;
	case ROLE_FILE:
		if (p->file_count < REPORT_FILES_MAX)
			p->files[p->file_count++] = *part;
		break;
	}
}

/* A multipart whose boundary is not the one that stands in it: the first line
 * "--x" before a field of a part names it. Gives a message that can be walked,
 * or an empty view. */
static struct slice
mended(struct reportparts *p)
{
	struct slice rest = slice_sub(p->top.header.body, 0, 20000), line, next;
	const char *report = p->in_report ? "report; report-type="
	                                    "delivery-status"
	                                  : "mixed";

	for (int n = 0; n < 100 && slice_take_line(&rest, &line, NULL); n++) {
		next = rest;
		slice_take_line(&next, &next, NULL);
		line = slice_trim_end(line);
		if (!slice_starts(line, "--") || line.n < 4 || line.n > 200 ||
		    slice_find(line, '"') != SIZE_MAX ||
		    !slice_starts_nocase(slice_trim_start(rest), "content-"))
			continue;
		return slice_str(arena_fmt(p->arena,
		    "Content-Type: multipart/%s; boundary=\"%.*s\"\n\n%.*s",
		    report, SLICE_ARG(slice_sub(line, 2, line.n)),
		    SLICE_ARG(p->top.header.body)));
	}
	return slice_of(NULL, 0);
}

/* Parts inside an attached message are looked at for one thing only. */
static int
walk(struct reportparts *p, struct slice message, bool again, struct err *e)
{
	size_t attached = SIZE_MAX; /* depth of the message around us */
	NOT_ZEROED struct mime m;
	NOT_ZEROED struct mime_part part;
	enum role role;
	int r;

	mime_begin(&m, message, p->arena);
	while ((r = mime_next(&m, &part, e)) != 0) {
		if (r < 0 && m.parts == 1)
			return -1;
		if (r < 0)
			continue;
		if (!part.depth && !again)
			p->top = part.part;
		role = role_of(&part.part);
		if (part.depth > attached) {
			if (role == ROLE_REPORT ||
			    part_is(&part.part, "message", "delivery-status"))
				p->attached_report = true;
			continue;
		}
		attached =
		    part.depth && role == ROLE_RETURNED ? part.depth : SIZE_MAX;
		visit(p, &part.part, role);
		/* what came back with a report need not be walked */
		if (attached != SIZE_MAX &&
		    (p->has_status || p->has_global || p->has_feedback))
			m.skip = true;
	}
	p->cut = m.cut;
	if (!again && m.parts == 1 && part_is(&p->top, "multipart", NULL)) {
		message = mended(p);
		if (message.n)
			return walk(p, message, true, e);
		/* one text, then */
		if (!p->text_count)
			p->texts[p->text_count++] = p->top;
	}
	return 0;
}

static bool
starts_with_any(struct slice s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_starts_nocase(s, words[i]))
			return true;
	return false;
}

static void
read_subject(struct reportparts *p)
{
	static const char *const forward[] = { "fwd:", "fw:", "wg:", "tr:",
		"rv:", "enc:", "i:", "doorst:", "pd:", "vs:", "tr :", "fwd :" };
	static const char *const reply[] = {
		"re:", "aw:", "sv:", "antw:", "res:", "odp:"
	};
	NOT_ZEROED char flat[RULES_TEXT_MAX];
	char *anchored;
	struct slice s;

	s = header_value(&p->top.header, "Subject", p->arena);
	p->subject = header_decode(slice_sub(s, 0, SUBJECT_LOOK), p->arena);
	p->subject_forward =
	    starts_with_any(p->subject, forward, COUNT_OF(forward));
	p->subject_reply = starts_with_any(p->subject, reply, COUNT_OF(reply));
	s = rules_flatten(slice_sub(p->subject, 0, 500), flat);
	anchored = flat;
	anchored[0] = '^';
	p->subject_signs = format_signs(s);
}

static void
read_header(struct reportparts *p)
{
	const struct header *h = &p->top.header;
	NOT_ZEROED char flat[RULES_TEXT_MAX];

	p->from = header_value(h, "From", p->arena);
	p->from_signs =
	    format_signs(rules_flatten(slice_sub(p->from, 0, 500), flat));
	p->to = header_value(h, "To", p->arena);
	p->return_path = header_value(h, "Return-Path", p->arena);
	p->auto_submitted = header_value(h, "Auto-Submitted", p->arena);
	p->from_empty_path =
	    slice_is(p->return_path, "<>") ||
	    slice_starts_nocase(p->return_path, "<mailer-daemon") ||
	    slice_starts_nocase(p->return_path, "<null>") ||
	    slice_starts_nocase(h->from_, "From MAILER-DAEMON ") ||
	    slice_starts_nocase(h->from_, "From <> ");
	read_subject(p);
}

int
reportparts_read(struct slice message, struct arena *a, struct reportparts *p_r,
    struct err *e)
{
	/* the arrays are behind, and have their counts */
	memset(p_r, 0, offsetof(struct reportparts, texts));
	p_r->message = message;
	p_r->arena = a;
	if (walk(p_r, message, false, e) < 0)
		return -1;
	read_header(p_r);
	return 0;
}

/* US-ASCII octets mean themselves but in a few charsets. */
static bool
is_as_it_is(const struct slice *charset, struct slice text)
{
	static const char *const shifting[] = { "iso-2022", "utf-7",
		"unicode-1-1-utf-7", "utf-16", "utf-32", "hz", "csiso2022" };

	if (!charset || slice_is_nocase(*charset, "us-ascii") ||
	    slice_is_nocase(*charset, "utf-8"))
		return true;
	for (size_t i = 0; i < COUNT_OF(shifting); i++)
		if (slice_starts_nocase(*charset, shifting[i]))
			return false;
	return utf8_is_ascii(text);
}

/* Where nothing is encoded and all is ASCII or UTF-8, the view itself. */
static struct slice
plain_text(struct reportparts *p, const struct part *part)
{
	const struct slice *charset = param_get(&part->params, "charset");
	struct slice made;
	struct buf b;

	if ((part->encoding == PART_7BIT || part->encoding == PART_8BIT ||
		part->encoding == PART_BINARY) &&
	    !slice_is_nocase(part->subtype, "html") &&
	    is_as_it_is(charset, part->header.body))
		return part->header.body;
	buf_init(&b, NOTICE_TEXT_MAX);
	part_text(part, &b);
	if (charset && slice_ends_nocase(*charset, "utf-7"))
		striphtml_utf7(&b);
	if (slice_is_nocase(part->subtype, "html"))
		striphtml(&b);
	made = slice_of(arena_copy(p->arena, buf_view(&b)), b.n);
	buf_free(&b);
	return made;
}

/* All plain parts; HTML only where there is none, or for what came without
 * parts. */
static struct slice
read_text(struct reportparts *p)
{
	struct slice first = { NULL, 0 };
	size_t plain = 0, used = 0;
	struct buf all;

	for (size_t i = 0; i < p->text_count; i++)
		plain += !part_is(&p->texts[i], "text", "html") &&
		         slice_trim(p->texts[i].header.body).n > 0;
	buf_init(&all, NOTICE_TEXT_MAX);
	for (size_t i = 0; i < p->text_count; i++) {
		struct slice s;

		if (plain && part_is(&p->texts[i], "text", "html"))
			continue;
		s = plain_text(p, &p->texts[i]);
		if (!used++) {
			first = s;
			continue;
		}
		if (used == 2)
			buf_slice(&all, first);
		buf_text(&all, "\n\n");
		buf_slice(&all, s);
	}
	if (used > 1)
		first = slice_of(arena_copy(p->arena, buf_view(&all)), all.n);
	buf_free(&all);
	return slice_sub(first, 0, NOTICE_TEXT_MAX);
}

struct slice
reportparts_text(struct reportparts *p)
{
	if (!p->text_known)
		p->text = read_text(p);
	p->text_known = true;
	return p->text;
}

static bool
in_plain(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' ||
	       c == '_' || c == '+' || c == '=';
}

/* Words, or one string between quotes. */
static bool
plain_name(struct slice s)
{
	bool quoted = slice_peek(s) == '"';

	if (quoted) {
		slice_get(&s);
		s = slice_trim_end(s);
		if (!s.n || s.p[--s.n] != '"')
			return false;
	}
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (quoted ? c < 32 || c == '"' || c == '\\' || c > 126
			   : !in_plain(c) && c != ' ')
			return false;
	}
	return true;
}

/* "a@b", "<a@b>", "Some Name <a@b>" and with quotes around the name, which most
 * addresses are; false: more has to be looked at. */
static bool
plain_address(struct slice value, struct slice *address_r)
{
	struct slice s = slice_trim(value), rest;
	size_t open = slice_find(s, '<'), at;

	if (open != SIZE_MAX) {
		if (s.p[s.n - 1] != '>')
			return false;
		if (!plain_name(slice_sub(s, 0, open)))
			return false;
		s = slice_sub(s, open + 1, s.n - 1);
	}
	rest = s;
	at = slice_take_while(&rest, in_plain).n;
	if (!at || slice_get(&rest) != '@' || s.p[0] == '.' ||
	    s.p[at - 1] == '.' || slice_search(s, slice_str("..")) != SIZE_MAX)
		return false;
	if (!slice_take_while(&rest, in_plain).n || rest.n ||
	    slice_at(s, at + 1) == '.' || s.p[s.n - 1] == '.')
		return false;
	*address_r = s;
	return true;
}

size_t
reportparts_addresses(
    struct slice value, struct arena *a, struct slice *v, size_t max)
{
	struct addr_list list;
	size_t n = 0;

	if (!value.n)
		return 0;
	if (max && plain_address(value, &v[0]))
		return 1;
	addr_parse_lax(slice_sub(value, 0, 20000), a, &list);
	for (size_t i = 0; i < list.n && n < max; i++)
		v[n++] = addr_text(&list.v[i], a);
	return n;
}

/* What stands in its own From and To names no recipient. */
const struct notice *
reportparts_notice(struct reportparts *p)
{
	struct slice mine[MINE_MAX];
	size_t n;

	if (!p->notice_known) {
		n = reportparts_addresses(p->from, p->arena, mine, 2);
		n += reportparts_addresses(
		    p->to, p->arena, mine + n, MINE_MAX - n);
		notice_read(reportparts_text(p), mine, n, p->arena, &p->notice);
	}
	p->notice_known = true;
	return &p->notice;
}

/*	list-id-header = "List-ID:" [phrase] "<" list-id ">" (RFC 2919, 2) */
static struct slice
list_name(struct slice value)
{
	size_t open = slice_find_last(value, '<');
	struct slice name = slice_sub(value, open + 1, value.n);

	if (open == SIZE_MAX)
		return slice_of(NULL, 0);
	return slice_trim(slice_sub(name, 0, slice_find(name, '>')));
}

void
reportparts_returned(
    struct slice header, struct arena *a, struct dsn *d, struct slice *to_r)
{
	struct slice v[2], id;
	struct header h;

	*to_r = slice_of(NULL, 0);
	header = slice_sub(header, 0, 256u << 10);
	while (header.n && (header.p[0] == '\n' || header.p[0] == '\r'))
		slice_get(&header);
	if (!header.n || header_read(header, a, &h, NULL) < 0)
		return;
	if (!d->orig_msgid.n &&
	    msgid_first(header_value(&h, "Message-ID", a), &id))
		d->orig_msgid = id;
	if (reportparts_addresses(header_value(&h, "From", a), a, v, 1))
		d->orig_from = v[0];
	d->returned_header = h.block;
	d->list_id = list_name(header_value(&h, "List-Id", a));
	if (reportparts_addresses(header_value(&h, "To", a), a, v, 2) == 1 &&
	    !header_get(&h, "Cc"))
		*to_r = v[0];
}
