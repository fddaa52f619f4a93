/* mverify's output (see mverify.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/eol.h"

#include "msg/header.h"

#include "auth/letter.h"

#include "mverify.h"

#define FIELD_MAX (1u << 20) /* octets of an Authentication-Results field */

static void
explain_text(const struct mverify_show *s, const struct explain *x)
{
	for (size_t i = 0; i < x->count; i++) {
		const struct explain_hit *h = &x->hit[i];

		tool_print(s->run, "  proven: %s%s%.*s: %s",
		    h->header ? "header" : "body", h->name.n ? ", " : "",
		    SLICE_ARG(h->name), h->text);
		if (h->line)
			tool_print(s->run,
			    " (line %zu, %zu line%s, %zu octets)", h->line,
			    h->count, h->count == 1 ? "" : "s", h->octets);
		if (h->before.n)
			tool_print(s->run, ", signed was '%.*s'",
			    SLICE_ARG(header_unfold(h->before, s->arena)));
		tool_print(s->run, "\n");
	}
	if (x->body_open)
		tool_print(s->run, "  body: altered in a way not found out\n");
	if (x->header_open)
		tool_print(
		    s->run, "  header: altered in a way not found out\n");
}

static void
dkim_text(const struct mverify_show *s)
{
	const struct dkim_report *r = &s->v->dkim;

	for (size_t i = 0; i < r->count && i < DKIM_JUDGED_MAX; i++) {
		const struct dkim_signature *g = &r->sig[i];

		tool_print(s->run, "dkim:    %s, %.*s (selector %.*s, %.*s",
		    dkim_result_name(g->result),
		    SLICE_ARG(g->domain ? slice_str(g->domain) : g->d),
		    SLICE_ARG(g->s), SLICE_ARG(g->a));
		if (g->bits)
			tool_print(s->run, ", %u bits", g->bits);
		tool_print(s->run, ")%s%s%s\n", *g->reason ? ": " : "",
		    g->reason, g->testing ? " [testing]" : "");
		if (s->v->explain)
			explain_text(s, &s->v->explain[i]);
	}
	if (!r->count)
		tool_print(s->run, "dkim:    none, no signature\n");
	else if (r->count + r->beyond > DKIM_JUDGED_MAX)
		tool_print(s->run, "dkim:    %zu more signatures not judged\n",
		    r->count + r->beyond - DKIM_JUDGED_MAX);
}

static void
spf_text(const struct mverify_show *s)
{
	const struct spf_verdict *f = &s->v->spf;

	tool_print(s->run, "spf:     %s", spf_result_name(f->result));
	if (f->domain)
		tool_print(s->run, ", %s (%s)", f->domain, f->identity);
	if (s->v->spf_reason)
		tool_print(s->run, ": %s", s->v->spf_reason);
	else if (f->term.n)
		tool_print(s->run, ": by \"%.*s\"", SLICE_ARG(f->term));
	if (f->explanation)
		tool_print(s->run, ": %s", f->explanation);
	tool_print(s->run, "\n");
}

static void
dmarc_text(const struct mverify_show *s)
{
	const struct dmarc_verdict *d = &s->v->dmarc;

	tool_print(s->run, "dmarc:   %s", dmarc_result_name(d->result));
	if (d->from)
		tool_print(s->run, ", %s", d->from);
	if (d->record_at)
		tool_print(s->run, " (%s=%s at %s%s)", d->tag ? d->tag : "p",
		    dmarc_policy_name(d->policy), d->record_at,
		    d->testing ? ", testing" : "");
	if (d->problem)
		tool_print(s->run, ": %s", d->problem);
	else if (d->result == DMARC_PASS)
		tool_print(s->run, ": aligned by %s%s%s",
		    d->dkim_aligned ? "DKIM" : "",
		    d->dkim_aligned && d->spf_aligned ? " and " : "",
		    d->spf_aligned ? "SPF" : "");
	else if (d->result == DMARC_FAIL)
		tool_print(s->run, ": nothing aligned, it asks for %s",
		    dmarc_policy_name(d->disposition));
	else if (d->result == DMARC_NONE)
		tool_print(s->run, ": no policy");
	tool_print(s->run, "\n");
}

static void
arc_text(const struct mverify_show *s)
{
	const struct arc_report *r = &s->v->arc;

	if (r->cv == ARC_NONE)
		return;
	tool_print(s->run, "arc:     %s, %zu set%s%s%s\n", arc_cv_name(r->cv),
	    r->count, r->count == 1 ? "" : "s", *r->reason ? ": " : "",
	    r->reason);
}

static void
dkim2_text(const struct mverify_show *s)
{
	const struct dkim2_report *r = &s->v->dkim2;

	if (r->result == DKIM_NONE)
		return;
	tool_print(s->run, "dkim2:   %s, %zu hop%s%s%s",
	    dkim_result_name(r->result), r->count, r->count == 1 ? "" : "s",
	    *r->reason ? ": " : "", r->reason);
	if (r->instances > 1 && r->restored)
		tool_print(s->run,
		    ", changes undone back to instance %zu of %zu", r->restored,
		    r->instances);
	tool_print(s->run, "\n");
}

void
mverify_text(const struct mverify_show *s)
{
	if (s->plan->dkim)
		dkim_text(s);
	if (s->plan->spf)
		spf_text(s);
	if (s->plan->dmarc)
		dmarc_text(s);
	if (s->plan->arc)
		arc_text(s);
	if (s->plan->dkim2)
		dkim2_text(s);
	tool_print(s->run, "verdict: %s%s%s\n",
	    verify_answer_name(s->v->answer), s->v->by ? ", by " : "",
	    s->v->by ? s->v->by : "");
}

static struct slice
base64(const struct mverify_show *s, const unsigned char *p, size_t n)
{
	struct buf b;
	char *text;

	buf_init(&b, 2 * DIGEST_MAX);
	base64_encode(slice_of(p, n), &b);
	text = arena_copy(s->arena, buf_view(&b));
	buf_free(&b);
	return slice_str(text);
}

/* A slice as a member, null when it is empty. */
static void
put_slice(struct json *o, const char *key, struct slice v)
{
	if (v.n)
		json_put_slice(o, key, v);
	else
		json_put_null(o, key);
}

static void
put_time(struct json *o, const char *key, int64_t t)
{
	if (t < 0)
		json_put_null(o, key);
	else
		json_put_number(o, key, t);
}

static size_t
count_in(const struct slice *names, size_t n, struct slice name)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += slice_equal_nocase(names[i], name);
	return found;
}

static size_t
count_fields(const struct dkim_letter *m, struct slice name)
{
	size_t found = 0;

	for (size_t i = 0; i < m->count; i++)
		found +=
		    slice_equal_nocase(letter_field_name(m->fields[i]), name);
	return found;
}

/* covered: names in h= that are there; oversigned: more often in h= than
 * there; uncovered: fields a reader sees that h= leaves out. */
static void
put_cover(struct json *o, const struct mverify_show *s,
    const struct dkim_signature *g)
{
	static const char *const seen[] = { "From", "To", "Cc", "Subject",
		"Date", "Reply-To", "Sender", "Message-ID", "MIME-Version",
		"Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post" };
	struct json *covered = json_new_array(), *over = json_new_array();
	struct json *uncovered = json_new_array();

	for (size_t i = 0; i < g->name_count; i++) {
		size_t there = count_fields(&s->v->letter, g->names[i]);

		if (count_in(g->names, i, g->names[i]))
			continue;
		if (there)
			json_add_slice(covered, g->names[i]);
		if (count_in(g->names, g->name_count, g->names[i]) > there)
			json_add_slice(over, g->names[i]);
	}
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		if (count_fields(&s->v->letter, slice_str(seen[i])) >
		    count_in(g->names, g->name_count, slice_str(seen[i])))
			json_add_text(uncovered, seen[i]);
	json_put(o, "covered", covered);
	json_put(o, "oversigned", over);
	json_put(o, "uncovered", uncovered);
}

static const char *
state(enum dkim_state s, const char *bad)
{
	return s == DKIM_GOOD ? "good" : s == DKIM_BAD ? bad : "unknown";
}

static struct json *
key_json(const struct dkim_signature *g)
{
	struct json *k = json_new_object();

	json_put_text(k, "name", g->key_name);
	if (g->bits)
		json_put_number(k, "bits", g->bits);
	else
		json_put_null(k, "bits");
	json_put_bool(k, "testing", g->testing);
	json_put_bool(k, "dnssec", g->secure);
	return k;
}

static struct json *
explain_json(const struct explain *x)
{
	struct json *all = json_new_array();

	for (size_t i = 0; i < x->count; i++) {
		const struct explain_hit *h = &x->hit[i];
		struct json *o = json_new_object();

		json_put_text(o, "what", h->what);
		json_put_text(o, "part", h->header ? "header" : "body");
		json_put_text(o, "text", h->text);
		json_put_number(o, "line", (int64_t)h->line);
		json_put_number(o, "lines", (int64_t)h->count);
		json_put_number(o, "octets", (int64_t)h->octets);
		put_slice(o, "field", h->name);
		put_slice(o, "before", h->before);
		json_put_text(
		    o, "proof", h->header ? "signature" : "body-hash");
		json_add(all, o);
	}
	return all;
}

static struct json *
signature_json(const struct mverify_show *s, size_t i)
{
	const struct dkim_signature *g = &s->v->dkim.sig[i];
	struct json *o = json_new_object(), *bh = json_new_object();

	json_put_number(o, "i", (int64_t)i);
	json_put_text(o, "result", dkim_result_name(g->result));
	json_put_text(o, "code", dkim_code_name(g->code));
	json_put_text(o, "reason", g->reason);
	put_slice(o, "d", g->domain ? slice_str(g->domain) : g->d);
	put_slice(o, "s", g->s);
	put_slice(o, "a", g->a);
	put_slice(o, "c", g->c);
	put_slice(o, "auid", g->i);
	put_time(o, "t", g->made);
	put_time(o, "x", g->expiry);
	put_slice(bh, "want", g->bh);
	put_slice(bh, "got",
	    g->body_known ? base64(s, g->body_sum, digest_size(g->digest))
			  : slice_of(NULL, 0));
	json_put(o, "bh", bh);
	json_put_text(o, "header", state(g->header, "altered"));
	json_put_text(o, "body", state(g->body, "altered"));
	json_put_number(o, "unsigned_octets", (int64_t)g->unsigned_octets);
	put_cover(o, s, g);
	if (s->v->explain)
		json_put(o, "explain", explain_json(&s->v->explain[i]));
	else
		json_put_null(o, "explain");
	json_put(o, "key", key_json(g));
	return o;
}

static struct json *
message_json(const struct mverify_show *s)
{
	struct json *o = json_new_object(), *from = json_new_array();

	for (size_t i = 0; i < s->v->from_count; i++)
		json_add_slice(from, s->v->from[i]);
	json_put_number(o, "bytes", (int64_t)s->message.n);
	json_put_number(o, "fields", (int64_t)s->v->letter.count);
	json_put_text(
	    o, "eol", *letter_eol(s->message) == '\n' ? "lf" : "crlf");
	json_put(o, "from_domains", from);
	return o;
}

static struct json *
spf_json(const struct mverify_show *s)
{
	const struct spf_verdict *f = &s->v->spf;
	struct json *o = json_new_object();

	json_put_text(o, "result", spf_result_name(f->result));
	json_put_text(o, "reason", s->v->spf_reason);
	json_put_text(o, "identity", f->identity);
	json_put_text(o, "domain", f->domain);
	put_slice(o, "term", f->term);
	json_put_text(o, "explanation", f->explanation);
	json_put_number(o, "lookups", f->lookups);
	return o;
}

static struct json *
dmarc_json(const struct mverify_show *s)
{
	const struct dmarc_verdict *d = &s->v->dmarc;
	struct json *o = json_new_object(), *aligned = json_new_object();

	json_put_text(o, "result", dmarc_result_name(d->result));
	json_put_text(o, "reason", d->problem);
	json_put_text(o, "from", d->from);
	json_put_text(o, "record_at", d->record_at);
	json_put_text(o, "org_domain", d->org);
	json_put_text(
	    o, "policy", d->record_at ? dmarc_policy_name(d->policy) : NULL);
	json_put_text(o, "disposition",
	    d->record_at ? dmarc_policy_name(d->disposition) : NULL);
	json_put_text(o, "tag", d->tag);
	json_put_bool(o, "testing", d->testing);
	json_put_bool(aligned, "dkim", d->dkim_aligned);
	json_put_bool(aligned, "spf", d->spf_aligned);
	json_put(o, "aligned", aligned);
	json_put_text(o, "dkim_domain", d->dkim_domain);
	json_put_number(o, "queries", d->queries);
	return o;
}

static struct json *
arc_json(const struct mverify_show *s)
{
	const struct arc_report *r = &s->v->arc;
	struct json *o = json_new_object(), *sets = json_new_array();

	json_put_text(o, "cv", arc_cv_name(r->cv));
	json_put_text(o, "reason", r->reason);
	for (size_t i = 0; i < r->count; i++) {
		const struct dkim_signature *g = &r->sets[i].seal_sig;
		struct json *set = json_new_object();

		json_put_number(set, "i", (int64_t)i + 1);
		put_slice(set, "cv", r->sets[i].cv);
		put_slice(set, "d", g->domain ? slice_str(g->domain) : g->d);
		put_slice(set, "s", g->s);
		json_put_text(set, "seal", state(g->header, "altered"));
		json_add(sets, set);
	}
	json_put(o, "sets", sets);
	return o;
}

static struct json *
dkim2_json(const struct mverify_show *s)
{
	const struct dkim2_report *r = &s->v->dkim2;
	struct json *o = json_new_object(), *hops = json_new_array();

	json_put_text(o, "result", dkim_result_name(r->result));
	json_put_text(o, "reason", r->reason);
	json_put_text(o, "draft", DKIM2_DRAFT);
	json_put_number(o, "instances", (int64_t)r->instances);
	json_put_number(o, "restored", (int64_t)r->restored);
	for (size_t i = 0; i < r->count; i++) {
		struct json *hop = json_new_object();

		json_put_number(hop, "i", (int64_t)i + 1);
		json_put_number(hop, "m", (int64_t)r->hops[i].m);
		json_put_text(hop, "d", r->hops[i].domain);
		json_put_number(hop, "t", r->hops[i].made);
		json_put_bool(hop, "good", r->hops[i].good);
		json_add(hops, hop);
	}
	json_put(o, "hops", hops);
	return o;
}

struct json *
mverify_json(const struct mverify_show *s)
{
	struct json *o = json_new_object(), *dkim = json_new_array();
	struct buf field;

	json_put_number(o, "v", 1);
	json_put(o, "message", message_json(s));
	json_put_text(o, "verdict", verify_answer_name(s->v->answer));
	json_put_text(o, "by", s->v->by);
	for (size_t i = 0; s->plan->dkim && i < s->v->dkim.count; i++)
		json_add(dkim, signature_json(s, i));
	json_put(o, "dkim", dkim);
	json_put_number(o, "dkim_beyond", (int64_t)s->v->dkim.beyond);
	if (s->plan->spf)
		json_put(o, "spf", spf_json(s));
	else
		json_put_null(o, "spf");
	if (s->plan->dmarc)
		json_put(o, "dmarc", dmarc_json(s));
	else
		json_put_null(o, "dmarc");
	if (s->plan->arc)
		json_put(o, "arc", arc_json(s));
	else
		json_put_null(o, "arc");
	if (s->plan->dkim2 && s->v->dkim2.result != DKIM_NONE)
		json_put(o, "dkim2", dkim2_json(s));
	else
		json_put_null(o, "dkim2");
	buf_init(&field, FIELD_MAX);
	mverify_field(s, &field);
	json_put_slice(o, "ar", slice_trim_end(buf_view(&field)));
	buf_free(&field);
	return o;
}

void
mverify_field(const struct mverify_show *s, struct buf *out)
{
	struct result r;

	verify_result(s->plan, s->v, s->authserv_id, s->arena, &r);
	result_field(&r, out);
}

/* Claims our name, or cannot be read: RFC 8601 5 wants it gone before ours
 * goes on top. */
static bool
is_forged(const struct mverify_show *s, struct slice field)
{
	struct slice id;
	int r;

	if (!slice_is_nocase(
		letter_field_name(field), "Authentication-Results"))
		return false;
	slice_take_until(&field, ':', NULL);
	r = result_authserv_id(field, s->arena, &id);
	return r < 0 || (r > 0 && slice_is_nocase(id, s->authserv_id));
}

struct slice
mverify_add(const struct mverify_show *s, struct buf *out)
{
	const struct dkim_letter *m = &s->v->letter;
	const char *end = s->message.p;
	struct buf field;

	buf_init(&field, FIELD_MAX);
	mverify_field(s, &field);
	if (*letter_eol(s->message) == '\n')
		eol_to_lf(buf_view(&field), out);
	else
		buf_slice(out, buf_view(&field));
	buf_free(&field);
	for (size_t i = 0; i < m->count; i++) {
		if (!is_forged(s, m->fields[i]))
			buf_slice(out, m->fields[i]);
		end = m->fields[i].p + m->fields[i].n;
	}
	return slice_sub(
	    s->message, (size_t)(end - s->message.p), s->message.n);
}
