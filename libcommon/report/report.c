/* What a machine-made message tells (see report.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/arf.h"
#include "report/autoreply.h"
#include "report/espjson.h"
#include "report/format.h"
#include "report/ours.h"
#include "report/reportbounce.h"
#include "report/reportwhy.h"
#include "report/unpack.h"
#include "report/verp.h"

const char *
report_kind_name(enum report_kind kind)
{
	static const char *const names[] = { "none", "bounce", "delay",
		"success", "arf", "mdn", "autoreply", "challenge", "dmarc",
		"tlsrpt", "esp-json" };

	return names[kind];
}

enum report_kind
report_kind_of(const struct report *r, const struct dsn_recipient *v)
{
	if (r->kind != REPORT_BOUNCE)
		return r->kind;
	if (v->action == REASON_DELAYED)
		return REPORT_DELAY;
	return v->action > REASON_DELAYED ? REPORT_SUCCESS : REPORT_BOUNCE;
}

/* Reads a file as DMARC or TLS report: 1 it was one, 0 none, -1 it claims to
 * be one and is broken. */
static int
read_file(struct slice bytes, size_t max, bool claimed, struct arena *a,
    struct report *r, struct err *e)
{
	struct slice text = bytes;
	struct buf b;
	int ret = 0;

	buf_init(&b, max);
	if (unpack_is_packed(bytes)) {
		if (unpack(bytes, &b, e) < 0)
			ret = claimed ? -1 : 0;
		text = buf_view(&b);
	}
	if (ret == 0 && dmarcreport_looks(text)) {
		if (dmarcreport_read(text, a, &r->dmarc, e) == 0) {
			r->kind = REPORT_DMARC;
			r->format = r->dmarc.version.n || r->dmarc.testing.n
			                ? "dmarc-xml"
			                : "rfc7489";
			ret = 1;
		} else if (claimed || slice_search(slice_sub(text, 0, 4000),
					  slice_str("<feedback")) != SIZE_MAX) {
			r->kind = REPORT_DMARC;
			ret = -1;
		}
	} else if (ret == 0 && slice_peek(slice_trim_start(text)) == '{' &&
		   slice_search(text, slice_str("\"policies\"")) != SIZE_MAX) {
		ret = tlsreport_read(text, a, &r->tls, e);
		r->kind = ret ? REPORT_TLSRPT : r->kind;
		r->format = "rfc8460";
	}
	buf_free(&b);
	return ret;
}

/* Octets that are no message at all: a report somebody saved. */
static bool
by_bytes(struct slice message, size_t max, struct arena *a, struct report *r)
{
	struct slice s = message;
	struct err e;
	int ret;

	if (slice_starts(s, "\xef\xbb\xbf"))
		slice_take(&s, 3);
	s = slice_trim_start(s);
	if (!unpack_is_packed(message) && slice_peek(s) != '{' &&
	    slice_peek(s) != '[' && slice_peek(s) != '<')
		return false;
	ret = read_file(
	    unpack_is_packed(message) ? message : s, max, true, a, r, &e);
	if (ret < 0) {
		r->kind = r->kind == REPORT_NONE ? REPORT_NONE : r->kind;
		r->why = arena_string(a, e.text);
		return true;
	}
	if (ret > 0)
		return true;
	if (!espjson_read(s, a, r))
		return false;
	r->kind = REPORT_ESP;
	return true;
}

/* Its subject or the name of a file says that it is a report. */
static enum report_kind
claims(const struct reportparts *p)
{
	if (slice_starts_nocase(p->report_type, "tlsrpt"))
		return REPORT_TLSRPT;
	if (slice_starts_nocase(p->subject, "report domain:"))
		return slice_search_nocase(p->message, slice_str("tlsrpt")) !=
		               SIZE_MAX
		           ? REPORT_TLSRPT
		           : REPORT_DMARC;
	for (size_t i = 0; i < p->file_count; i++) {
		struct slice name = part_filename(&p->files[i]);

		if (part_is(&p->files[i], "application", "tlsrpt+gzip") ||
		    part_is(&p->files[i], "application", "tlsrpt+json"))
			return REPORT_TLSRPT;
		if (slice_find(name, '!') != SIZE_MAX)
			return REPORT_DMARC;
	}
	return REPORT_NONE;
}

/* What an attachment starts with, encoded or not, that may be a report. */
static bool
may_be_report(const struct part *part)
{
	static const char *const starts[] = { "H4sI", "UEsDB", "PD94", "PGZlZW",
		"77u/PD", "ew", "eyJ", "PCEt", "<", "{", "\x1f\x8b", "PK",
		"\xef\xbb\xbf<" };
	struct slice head =
	    slice_trim_start(slice_sub(part->header.body, 0, 400));

	for (size_t i = 0; i < COUNT_OF(starts); i++)
		if (slice_starts(head, starts[i]))
			return true;
	return false;
}

static bool
by_files(struct reportparts *p, size_t max, struct report *r)
{
	enum report_kind claimed = claims(p);
	size_t n = p->file_count + p->text_count;
	struct err e = { .text = "" };
	bool bad = false;

	if (p->subject_forward && claimed == REPORT_NONE)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct part *part = i < p->file_count
		                              ? &p->files[i]
		                              : &p->texts[i - p->file_count];
		int ret;

		if (claimed == REPORT_NONE &&
		    (!may_be_report(part) || part_is(part, "text", "html")))
			continue;
		ret = read_file(part_content(part, p->arena), max,
		    claimed != REPORT_NONE && i < p->file_count, p->arena, r,
		    &e);
		if (ret > 0)
			return true;
		bad = bad || ret < 0;
	}
	if (!bad || claimed == REPORT_NONE) {
		r->kind = REPORT_NONE;
		return false;
	}
	r->kind = claimed;
	r->why = arena_string(p->arena, e.text);
	return true;
}

/* Messages of old systems have CR alone as their line end. */
static struct slice
with_lf(struct slice message, struct arena *a)
{
	char *made;

	if (slice_find(slice_sub(message, 0, 100000), '\n') != SIZE_MAX ||
	    slice_find(message, '\r') == SIZE_MAX)
		return message;
	made = arena_copy(a, message);
	for (size_t i = 0; i < message.n; i++)
		if (made[i] == '\r')
			made[i] = '\n';
	return slice_of(made, message.n);
}

static const char *
why_not(const struct reportparts *p, struct report *r)
{
	if (p->attached_report || p->subject_forward) {
		r->forwarded = p->attached_report;
		if (p->attached_report)
			return "a report is attached: somebody forwarded it";
	}
	if (p->report_type.n &&
	    !slice_is_nocase(p->report_type, "delivery-status"))
		return arena_fmt(p->arena, "a report of type '%.*s'",
		    SLICE_ARG(slice_sub(p->report_type, 0, 64)));
	if (p->in_report)
		return "a report that names no recipient";
	return "no sign of a report";
}

/* What is in a mail's parts and text, the surest first. */
static void
by_parts(struct reportparts *p, size_t max, const struct rules *own,
    struct report *r)
{
	bool daemon = p->from_signs & (1u << FORMAT_FROM);

	if (arf_read(p, r) || autoreply_mdn(p, r)) {
		if (r->kind == REPORT_BOUNCE)
			reportwhy_finish(p, r, own);
		return;
	}
	if (!daemon && autoreply_challenge(p, r))
		return;
	if (reportbounce_by_fields(p, r)) {
		if (autoreply_asks(r))
			return;
		r->kind = REPORT_BOUNCE;
		reportwhy_finish(p, r, own);
		return;
	}
	if (by_files(p, max, r))
		return;
	if (espjson_read(
		p->text_count ? p->texts[0].header.body : p->top.header.body,
		p->arena, r)) {
		reportwhy_reasons(r, own, p->arena);
		return;
	}
	if (!daemon &&
	    !(p->from_empty_path &&
		!(p->subject_signs & (1u << FORMAT_AUTO))) &&
	    autoreply_read(p, r))
		return;
	if (reportbounce_by_text(p, r)) {
		r->kind = REPORT_BOUNCE;
		reportwhy_finish(p, r, own);
		return;
	}
	if (autoreply_challenge(p, r) || autoreply_read(p, r))
		return;
	r->why = why_not(p, r);
}

/* Some archives put lines of blanks in front. */
static struct slice
without_blank_lines(struct slice s)
{
	size_t n = 0;

	while (n < s.n && strchr(" \t\r\n", s.p[n]) && s.p[n])
		n++;
	while (n && s.p[n - 1] != '\n')
		n--;
	return slice_sub(s, n, s.n);
}

static struct slice
verp_of(struct slice address, const struct report_options *o, struct arena *a)
{
	struct slice rcpt = { NULL, 0 };

	if (!o || !o->verp_count)
		return ours_verp(address, a);
	for (size_t i = 0; i < o->verp_count && !rcpt.n; i++)
		rcpt = verp_match(o->verp[i], address, a);
	return rcpt;
}

/* Whom the address that it came to tells of: as delivery wrote it down, or as
 * it stands in To. */
static void
read_verp(
    struct reportparts *p, const struct report_options *o, struct report *r)
{
	static const char *const names[] = { "Delivered-To", "X-Original-To",
		"Envelope-To", "To" };

	for (size_t i = 0; i < COUNT_OF(names) && !r->verp_rcpt.n; i++) {
		struct slice value =
		    header_value(&p->top.header, names[i], p->arena);
		struct slice to[1];

		if ((!(o && o->verp_count) &&
			slice_find(value, '=') == SIZE_MAX) ||
		    !reportparts_addresses(value, p->arena, to, 1))
			continue;
		r->verp_rcpt = verp_of(to[0], o, p->arena);
		if (r->verp_rcpt.n || !r->verp_to.n)
			r->verp_to = to[0];
	}
}

/* What is needed for the recipients that are not at hand. */
struct report_rest {
	struct reportparts parts;
	const struct rules *own;
	enum reason_action action; /* of those that a text names */
};

/* The text was read before, and lives as long as the rest. */
static void
keep_rest(struct reportparts *p, const struct rules *own, struct report *r)
{
	if (!r->d.all)
		r->d.all = r->d.n;
	if (r->d.n == r->d.all)
		return;
	reportparts_notice(p);
	r->rest = arena_new(p->arena, sizeof(*r->rest));
	r->rest->parts = *p;
	r->rest->own = own;
	r->rest->action = r->d.v[0].action;
}

bool
report_more(struct report *r, struct arena *a)
{
	if (!r->rest)
		return false;
	r->rest->parts.arena = a;
	if (!reportbounce_more(&r->rest->parts, r, r->rest->action))
		return false;
	reportwhy_recipients(&r->rest->parts, r, r->rest->own);
	return true;
}

int
report_read(struct slice message, const struct report_options *options,
    struct arena *a, struct report *r_r, struct err *e)
{
	size_t max =
	    options && options->inflate ? options->inflate : REPORT_INFLATE_MAX;
	const struct rules *own = options ? options->own : NULL;
	NOT_ZEROED struct reportparts p;

	memset(r_r, 0, sizeof(*r_r));
	if (by_bytes(message, max, a, r_r)) {
		reportwhy_reasons(r_r, own, a);
		r_r->d.all = r_r->d.n;
		return 0;
	}
	if (slice_starts(message, "\xef\xbb\xbf"))
		slice_take(&message, 3);
	message = without_blank_lines(message);
	if (reportparts_read(with_lf(message, a), a, &p, e) < 0)
		return -1;
	r_r->auto_submitted = p.auto_submitted;
	r_r->date = header_value(&p.top.header, "Date", a);
	r_r->d.cut = p.cut;
	read_verp(&p, options, r_r);
	by_parts(&p, max, own, r_r);
	keep_rest(&p, own, r_r);
	return 0;
}
