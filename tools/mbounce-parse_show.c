/* mbounce-parse: facts as JSON, TSV and text.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/jsonline.h"

#include "mbounce.h"

static bool
wanted(const struct item *i, enum report_kind kind)
{
	struct slice list = slice_str(i->set->kinds), one;

	if (i->set->quiet && kind == REPORT_NONE)
		return false;
	if (!i->set->kinds)
		return true;
	while (list.n) {
		one = slice_take_until(&list, ',', NULL);
		if (slice_is(slice_trim(one), report_kind_name(kind)))
			return true;
	}
	return false;
}

static void
put(struct buf *o, const char *key, struct slice s)
{
	if (s.n)
		jsonline_slice(o, key, s);
}

static void
begin(const struct item *i, size_t n, size_t of, enum report_kind kind)
{
	struct buf *o = i->out;

	buf_reset(o);
	jsonline_begin(o);
	jsonline_text(o, "src", i->m->path);
	jsonline_number(o, "msg", (int64_t)i->m->in_path);
	jsonline_number(o, "n", (int64_t)n);
	jsonline_number(o, "of", (int64_t)of);
	put(o, "msg_sha256", slice_str(i->sha256));
	put(o, "date", slice_str(i->date));
	jsonline_text(o, "kind", report_kind_name(kind));
	if (i->r.format)
		jsonline_text(o, "format", i->r.format);
}

static void
finish(struct item *i)
{
	jsonline_end(i->out);
	tool_output(i->run, buf_view(i->out));
	i->shown++;
}

static void
put_derived(struct buf *o, unsigned derived)
{
	static const char *const names[] = { "rcpt", "action", "status", "diag",
		"rmta", "status-by-reason" };

	if (!derived)
		return;
	jsonline_array(o, "derived");
	for (size_t k = 0; k < COUNT_OF(names); k++)
		if (derived & (1u << k))
			jsonline_element(o, slice_str(names[k]));
	jsonline_array_end(o);
}

static void
put_reason(struct buf *o, const struct dsn_recipient *r)
{
	jsonline_text(o, "class", reason_class_name(r->reason->class));
	jsonline_text(o, "reason", r->reason->name);
	jsonline_text(o, "scope", reason_scope_name(r->reason->scope));
	jsonline_text(o, "act", reason_act_name(r->reason->act));
}

static void
put_message(struct buf *o, const struct report *r)
{
	put(o, "lmta", r->d.reporting_mta);
	put(o, "arrival", r->d.arrival);
	put(o, "envid", r->d.envid);
	put(o, "orig_msgid", r->d.orig_msgid);
	put(o, "orig_from", r->d.orig_from);
	put(o, "list_id", r->d.list_id);
	put(o, "feedback_type", r->feedback_type);
	put(o, "source_ip", r->source_ip);
	put(o, "disposition", r->disposition);
	put(o, "auto_submitted", r->auto_submitted);
	put(o, "verp_rcpt", r->verp_rcpt);
}

static void
json_recipient(struct item *i, size_t k)
{
	static const char *const confidence[] = { "rule", "code", "field",
		"guess" };
	static const char *const ours[] = { "yes", "no", "unknown" };
	const struct dsn_recipient *r = &i->r.d.v[k];
	struct buf *o = i->out;

	begin(i, i->r.d.first + k + 1, i->r.d.all, report_kind_of(&i->r, r));
	put(o, "rcpt", r->final);
	put(o, "orig_rcpt", r->original);
	if (r->action)
		jsonline_text(o, "action", reason_action_name(r->action));
	put(o, "status", r->status);
	if (r->reply)
		jsonline_number(o, "reply", r->reply);
	put_reason(o, r);
	if (r->blocklist)
		jsonline_text(o, "blocklist", r->blocklist);
	if (r->retry_after)
		jsonline_number(o, "retry_after", r->retry_after);
	if (r->diag.n)
		jsonline_flat(o, "diag", r->diag);
	put(o, "diag_type", r->diag_type);
	put(o, "rmta", r->remote_mta);
	put(o, "rmta_ip", r->remote_ip);
	put(o, "command", r->command);
	put(o, "last_try", r->last_attempt);
	put(o, "will_retry_until", r->will_retry_until);
	put_message(o, &i->r);
	jsonline_bool(o, "forwarded", i->r.forwarded);
	if (i->ours)
		jsonline_text(o, "ours", ours[i->ours - 1]);
	if (i->ours_by) {
		jsonline_array(o, "ours_by");
		jsonline_element(o, slice_str(i->ours_by));
		jsonline_array_end(o);
	}
	jsonline_text(o, "rule", r->rule);
	if (i->set->explain && r->words.n)
		jsonline_slice(o, "words", r->words);
	jsonline_text(o, "confidence", confidence[r->confidence]);
	put_derived(o, r->derived);
	finish(i);
}

static void
put_time(struct buf *o, const char *key, uint64_t t)
{
	char text[DATE_TEXT_MAX];

	if (!t)
		return;
	date_make_3339((int64_t)t, 0, text);
	jsonline_text(o, key, text);
}

static void
put_auth(struct buf *o, const char *key, const struct dmarcreport_auth *v)
{
	if (!v)
		return;
	jsonline_array(o, key);
	for (; v; v = v->next) {
		jsonline_object(o);
		put(o, "domain", v->domain);
		put(o, "selector", v->selector);
		put(o, "scope", v->scope);
		put(o, "result", v->result);
		jsonline_object_end(o);
	}
	jsonline_array_end(o);
}

static void
put_reasons(struct buf *o, const struct dmarcreport_reason *v)
{
	if (!v)
		return;
	jsonline_array(o, "reasons");
	for (; v; v = v->next) {
		jsonline_object(o);
		put(o, "type", v->type);
		put(o, "comment", v->comment);
		jsonline_object_end(o);
	}
	jsonline_array_end(o);
}

static void
json_dmarc(struct item *i, size_t k)
{
	const struct dmarcreport *d = &i->r.dmarc;
	const struct dmarcreport_record *v = &d->v[k];
	struct buf *o = i->out;

	begin(i, k + 1, d->n, REPORT_DMARC);
	put(o, "org", d->org);
	put(o, "email", d->email);
	put(o, "report_id", d->report_id);
	put_time(o, "begin", d->begin);
	put_time(o, "end", d->end);
	put(o, "domain", d->domain);
	put(o, "p", d->p);
	put(o, "sp", d->sp);
	put(o, "np", d->np);
	put(o, "pct", d->pct);
	put(o, "adkim", d->adkim);
	put(o, "aspf", d->aspf);
	put(o, "ip", v->ip);
	jsonline_number(o, "count", (int64_t)v->count);
	put(o, "disposition", v->disposition);
	put(o, "dkim", v->dkim);
	put(o, "spf", v->spf);
	put_reasons(o, v->reasons);
	put(o, "header_from", v->header_from);
	put(o, "envelope_from", v->envelope_from);
	put(o, "envelope_to", v->envelope_to);
	put_auth(o, "auth_dkim", v->auth_dkim);
	put_auth(o, "auth_spf", v->auth_spf);
	finish(i);
}

static void
begin_tls(struct item *i, size_t n, size_t of, size_t policy)
{
	const struct tlsreport *t = &i->r.tls;
	struct buf *o = i->out;

	begin(i, n, of, REPORT_TLSRPT);
	put(o, "org", t->org);
	put(o, "contact", t->contact);
	put(o, "report_id", t->report_id);
	put(o, "begin", t->begin);
	put(o, "end", t->end);
	jsonline_number(o, "policy_index", (int64_t)policy + 1);
	put(o, "policy_type", t->v[policy].type);
	put(o, "domain", t->v[policy].domain);
}

static void
json_tls(struct item *i)
{
	const struct tlsreport *t = &i->r.tls;
	size_t n = 0, of = t->n;

	for (size_t k = 0; k < t->n; k++)
		of += t->v[k].n;
	for (size_t k = 0; k < t->n; k++) {
		begin_tls(i, ++n, of, k);
		jsonline_number(i->out, "success", t->v[k].success);
		jsonline_number(i->out, "failure", t->v[k].failure);
		finish(i);
		for (size_t f = 0; f < t->v[k].n; f++) {
			const struct tlsreport_failure *v = &t->v[k].v[f];

			begin_tls(i, ++n, of, k);
			put(i->out, "failure_type", v->type);
			put(i->out, "sending_ip", v->sending_ip);
			put(i->out, "receiving_mx", v->receiving_mx);
			put(i->out, "receiving_ip", v->receiving_ip);
			put(i->out, "failure_reason", v->reason);
			jsonline_number(i->out, "count", v->count);
			finish(i);
		}
	}
}

static void
json_none(struct item *i)
{
	begin(i, 1, 1, i->r.kind);
	if (i->r.forwarded)
		jsonline_bool(i->out, "forwarded", true);
	jsonline_text(i->out, "why", i->r.why ? i->r.why : "nothing in it");
	finish(i);
}

static void
text_recipient(struct item *i, size_t k)
{
	const struct dsn_recipient *r = &i->r.d.v[k];
	struct slice rcpt = r->final.n ? r->final : slice_str("-");
	struct slice status = r->status.n ? r->status : slice_str("-");

	tool_print(i->run, "%s %.*s %.*s %s (%s)%s%.*s\n",
	    report_kind_name(report_kind_of(&i->r, r)), SLICE_ARG(rcpt),
	    SLICE_ARG(status), r->reason->name,
	    reason_class_name(r->reason->class), r->diag.n ? ": " : "",
	    SLICE_ARG(r->diag));
	if (i->set->explain)
		tool_print(i->run, "    rule %s: %.*s\n", r->rule,
		    SLICE_ARG(r->words));
	i->shown++;
}

static void
text_dmarc(struct item *i, size_t k)
{
	const struct dmarcreport *d = &i->r.dmarc;
	const struct dmarcreport_record *v = &d->v[k];

	tool_print(i->run,
	    "dmarc %.*s from %.*s: %.*s %llu disposition=%.*s dkim=%.*s "
	    "spf=%.*s\n",
	    SLICE_ARG(d->domain), SLICE_ARG(d->org), SLICE_ARG(v->ip),
	    (unsigned long long)v->count, SLICE_ARG(v->disposition),
	    SLICE_ARG(v->dkim), SLICE_ARG(v->spf));
	i->shown++;
}

static void
text_tls(struct item *i)
{
	const struct tlsreport *t = &i->r.tls;

	for (size_t k = 0; k < t->n; k++)
		tool_print(i->run,
		    "tlsrpt %.*s from %.*s: %lld sessions, %lld failed\n",
		    SLICE_ARG(t->v[k].domain), SLICE_ARG(t->org),
		    (long long)(t->v[k].success + t->v[k].failure),
		    (long long)t->v[k].failure);
	i->shown++;
}

/* Columns of --tsv; what an escape is needed for gets one. */
static void
cell(struct buf *o, struct slice s)
{
	for (size_t k = 0; k < s.n; k++) {
		char c = s.p[k];

		if (c == '\t' || c == '\n' || c == '\\') {
			buf_char(o, '\\');
			buf_char(o, c == '\t' ? 't' : c == '\n' ? 'n' : '\\');
		} else {
			buf_char(o, (unsigned char)c < 32 ? ' ' : c);
		}
	}
}

int
show_check_fields(const char *fields, struct err *e)
{
	static const char *const known[] = { "src", "kind", "date", "rcpt",
		"orig_rcpt", "status", "class", "reason", "scope", "act",
		"rmta", "orig_msgid", "diag", "rule", "why" };
	struct slice rest = slice_str(fields), one;
	bool more = true;
	size_t i;

	while (more) {
		one = slice_take_until(&rest, ',', &more);
		for (i = 0; i < COUNT_OF(known); i++)
			if (slice_is(one, known[i]))
				break;
		if (i == COUNT_OF(known))
			return err_set(e, ERR_USAGE, "--fields knows no '%.*s'",
			    SLICE_ARG(one));
	}
	return 0;
}

static void
tsv_line(struct item *i, enum report_kind kind, const struct dsn_recipient *r)
{
	struct slice fields = slice_str(i->set->fields), one;
	struct buf *o = i->out;
	bool more = true;

	buf_reset(o);
	while (more) {
		one = slice_take_until(&fields, ',', &more);
		if (slice_is(one, "src"))
			cell(o, slice_str(i->m->path));
		else if (slice_is(one, "kind"))
			cell(o, slice_str(report_kind_name(kind)));
		else if (slice_is(one, "date"))
			cell(o, slice_str(i->date));
		else if (slice_is(one, "orig_msgid"))
			cell(o, i->r.d.orig_msgid);
		else if (slice_is(one, "why"))
			cell(o, slice_str(i->r.why));
		else if (!r)
			;
		else if (slice_is(one, "rcpt"))
			cell(o, r->final);
		else if (slice_is(one, "orig_rcpt"))
			cell(o, r->original);
		else if (slice_is(one, "status"))
			cell(o, r->status);
		else if (slice_is(one, "class"))
			cell(o, slice_str(reason_class_name(r->reason->class)));
		else if (slice_is(one, "reason"))
			cell(o, slice_str(r->reason->name));
		else if (slice_is(one, "scope"))
			cell(o, slice_str(reason_scope_name(r->reason->scope)));
		else if (slice_is(one, "act"))
			cell(o, slice_str(reason_act_name(r->reason->act)));
		else if (slice_is(one, "rmta"))
			cell(o, r->remote_mta);
		else if (slice_is(one, "diag"))
			cell(o, r->diag);
		else if (slice_is(one, "rule"))
			cell(o, slice_str(r->rule));
		buf_char(o, more ? '\t' : '\n');
	}
	tool_output(i->run, buf_view(o));
	i->shown++;
}

static void
show_one(struct item *i, size_t k)
{
	const struct dsn_recipient *r = &i->r.d.v[k];

	if (!wanted(i, report_kind_of(&i->r, r)) || i->set->rule_stats ||
	    (i->set->require_ours && i->ours != OURS_YES))
		return;
	if (i->set->tsv)
		tsv_line(i, report_kind_of(&i->r, r), r);
	else if (i->set->common.json)
		json_recipient(i, k);
	else
		text_recipient(i, k);
}

static void
show_without(struct item *i)
{
	if (!wanted(i, i->r.kind))
		return;
	if (i->set->tsv) {
		tsv_line(i, i->r.kind, NULL);
	} else if (i->set->common.json) {
		json_none(i);
	} else {
		tool_print(i->run, "%s %s %llu: %s\n",
		    report_kind_name(i->r.kind), i->m->path,
		    (unsigned long long)i->m->in_path,
		    i->r.why ? i->r.why : "nothing in it");
		i->shown++;
	}
}

static void
show_report(struct item *i)
{
	if (i->r.kind == REPORT_DMARC)
		for (size_t k = 0; k < i->r.dmarc.n && !i->run->out_bad; k++)
			(i->set->common.json ? json_dmarc : text_dmarc)(i, k);
	else
		(i->set->common.json ? json_tls : text_tls)(i);
}

void
show_item(struct item *i)
{
	if ((i->r.kind == REPORT_DMARC && i->r.dmarc.n && !i->r.why) ||
	    (i->r.kind == REPORT_TLSRPT && i->r.tls.n)) {
		if (!wanted(i, i->r.kind))
			return;
		if (i->set->tsv)
			tsv_line(i, i->r.kind, NULL);
		else
			show_report(i);
		return;
	}
	if (!i->r.d.n)
		show_without(i);
	for (size_t k = 0; k < i->r.d.n && !i->run->out_bad; k++)
		show_one(i, k);
}
