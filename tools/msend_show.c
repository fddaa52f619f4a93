/* What became of each recipient, told.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend.h"

static struct json *
tls_json(const struct send_result *r)
{
	struct json *j = json_new_object();

	json_put_text(j, "version", r->tls);
	json_put_text(j, "cipher", r->cipher);
	json_put_text(j, "verified_by", r->verified);
	return j;
}

static void
show_json(struct tool_run *run, uint64_t n, struct slice rcpt,
    const char *outcome, const char *stage, const struct send_result *r)
{
	struct json *j = json_new_object();

	json_put_number(j, "message", (int64_t)n);
	json_put_slice(j, "rcpt", rcpt);
	json_put_text(j, "outcome", outcome);
	json_put_text(j, "stage", stage);
	if (r->smtp.code)
		json_put_number(j, "code", r->smtp.code);
	else
		json_put_null(j, "code");
	json_put_text(
	    j, "enhanced", r->smtp.enhanced[0] ? r->smtp.enhanced : NULL);
	json_put_text(j, "text", r->smtp.text);
	json_put_text(j, "queue_id", r->queue_id);
	json_put_text(j, "mx", r->server);
	json_put_text(j, "ip", r->ip);
	if (r->tls)
		json_put(j, "tls", tls_json(r));
	else
		json_put_null(j, "tls");
	json_put_text(j, "tls_failure", r->failure);
	json_put_number(j, "ms", r->ms);
	tool_json(run, j);
	tool_status(run, r->smtp.kind);
}

/* The result as an error: the server's words with code and place in front,
 * ours as they are. */
static void
make_error(struct slice rcpt, const struct send_result *r, struct err *e)
{
	const struct smtp_result *s = &r->smtp;
	struct slice text = slice_str(s->text), line;

	line = slice_take_until(&text, '\n', NULL);
	if (s->code == 0 || s->stage < SMTP_AT_MAIL)
		err_set(e, s->kind, "%.*s", SLICE_ARG(line));
	else
		err_set(e, s->kind, "%s: %u%s%s %.*s", r->server, s->code,
		    s->enhanced[0] ? " " : "", s->enhanced, SLICE_ARG(line));
	if (s->outcome == SMTP_UNCERTAIN)
		err_in(e, "uncertain, it may have arrived: look before sending "
			  "it again");
	if (s->stage == SMTP_AT_RCPT || s->stage == SMTP_AT_CONTENT)
		err_in(e, "%.*s", SLICE_ARG(rcpt));
}

static void
show_text(struct tool_run *run, const struct smtp_mail *mail,
    const struct send_result *results, bool dry)
{
	const char *said = NULL;
	struct err e;

	for (size_t i = 0; i < mail->rcpts; i++) {
		const struct smtp_result *r = &results[i].smtp;

		if (dry && r->outcome == SMTP_SENT)
			continue;
		if (r->outcome == SMTP_SENT) {
			trace_say(&run->trace, "sent to %.*s by %s: %u %s %s",
			    SLICE_ARG(mail->rcpt[i]), results[i].server,
			    r->code, r->enhanced, r->text);
			continue;
		}
		make_error(mail->rcpt[i], &results[i], &e);
		/* What befell all of them is said once. */
		if (r->stage < SMTP_AT_RCPT && said == r->text)
			continue;
		said = r->text;
		tool_fail(run, &e);
	}
}

void
msend_show(struct msend_work *w, uint64_t n, const struct send_result *results)
{
	if (!w->run->common->json) {
		show_text(w->run, &w->mail, results, w->set->dry_run);
		return;
	}
	for (size_t i = 0; i < w->mail.rcpts; i++) {
		if (w->set->dry_run && results[i].smtp.outcome == SMTP_SENT)
			continue;
		show_json(w->run, n, w->mail.rcpt[i],
		    smtp_outcome_name(results[i].smtp.outcome),
		    smtp_stage_name(results[i].smtp.stage), &results[i]);
	}
}

void
msend_show_suppressed(
    struct msend_work *w, uint64_t n, struct slice rcpt, struct slice reason)
{
	struct send_result r = { .smtp.text = arena_fmt(w->arena,
				     "suppressed: %.*s", SLICE_ARG(reason)) };

	if (w->run->common->json && !w->set->local.smtp)
		show_json(w->run, n, rcpt, "suppressed", NULL, &r);
	else
		tool_warn(w->run, "%.*s: %s", SLICE_ARG(rcpt), r.smtp.text);
}
