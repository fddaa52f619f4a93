/* msend writes a message from its options.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/utf8.h"

#include "msg/addr.h"

#include "msend.h"

bool
msend_composes(const struct msend_settings *set)
{
	return set->subject || set->text || set->html || set->to.n ||
	       set->cc.n || set->bcc.n || set->reply_to.n || set->header.n ||
	       set->attach.n || set->inlined.n;
}

/* "Name <a@b>, c@d" and more: addresses of the envelope. */
static int
add_recipients(struct msend_work *w, const char *option,
    const struct opt_list *list, struct err *e)
{
	struct arena *a = &w->run->arena;
	struct addr_list addrs;

	for (size_t i = 0; i < list->n; i++) {
		if (addr_parse(slice_str(list->v[i]), a, &addrs, e) < 0) {
			e->kind = ERR_USAGE;
			return err_in(e, "%s", option);
		}
		for (size_t k = 0; k < addrs.n; k++)
			submit_add_rcpt(
			    &w->submit, addr_text(&addrs.v[k], a), a);
	}
	return 0;
}

static struct compose_list
list_of(const struct opt_list *l)
{
	return (struct compose_list){ l->v, l->n };
}

static int
write_composed(void *arg, const struct writer *out, struct err *e)
{
	return compose_write(arg, out, e);
}

/* An address that only UTF-8 can write makes the message a SMTPUTF8 one. */
static int
make_message(struct msend_work *w, struct compose_plan *plan, struct err *e)
{
	const struct given *given = &w->run->given;
	bool ascii = utf8_is_ascii(slice_str(plan->from));

	for (size_t i = 0; i < w->submit.rcpts; i++)
		ascii = ascii && utf8_is_ascii(w->submit.rcpt[i]);
	if (compose_new(plan, given, &w->compose, e) == 0)
		return 0;
	if (ascii || e->kind != ERR_USAGE)
		return -1;
	plan->smtputf8 = true;
	return compose_new(plan, given, &w->compose, e);
}

int
msend_compose(struct msend_work *w, struct err *e)
{
	const struct msend_settings *set = w->set;
	struct opt_list to = { 0 }, header = { 0 };
	struct compose_plan plan = { .from = set->from,
		.subject = set->subject,
		.text = set->text || set->html ? set->text : "-",
		.html = set->html,
		.cc = list_of(&set->cc),
		.reply_to = list_of(&set->reply_to),
		.attach = list_of(&set->attach),
		.inlined = list_of(&set->inlined),
		.text_from_html = set->text_from_html,
		.flowed = set->flowed };
	struct addr_list from;

	if (set->take)
		return err_set(e, ERR_USAGE,
		    "-t takes a message from standard input; it cannot be "
		    "composed as well");
	if (set->text_from_html && (!set->html || set->text))
		return err_set(e, ERR_USAGE,
		    "--text-from-html goes with --html, without --text");
	if (!set->from)
		return err_set(e, ERR_USAGE, "no sender: --from ADDR");
	for (size_t i = 0; i < set->to.n; i++)
		opt_list_add(&to, set->to.v[i], &w->run->arena);
	for (size_t i = 0; i < w->run->rest.n; i++)
		opt_list_add(&to, w->run->rest.v[i], &w->run->arena);
	plan.to = list_of(&to);
	for (size_t i = 0; i < set->header.n; i++)
		opt_list_add(&header, set->header.v[i], w->arena);
	if (msend_list_compose(w, &header, e) < 0)
		return -1;
	msend_tls_compose(w, &header);
	plan.more = list_of(&header);
	if (add_recipients(w, "--to", &to, e) < 0 ||
	    add_recipients(w, "--cc", &set->cc, e) < 0 ||
	    add_recipients(w, "--bcc", &set->bcc, e) < 0 ||
	    make_message(w, &plan, e) < 0)
		return -1;
	if (addr_parse(slice_str(set->from), &w->run->arena, &from, e) < 0)
		return -1;
	if (from.n > 0)
		w->from = addr_text(&from.v[0], &w->run->arena);
	w->mail.content = write_composed;
	w->mail.arg = w->compose;
	w->mail.size = compose_size(w->compose);
	w->mail.utf8_line = w->mail.eight_bit_line =
	    compose_is_utf8(w->compose) ? 1 : 0;
	return msend_sign(w, e);
}
