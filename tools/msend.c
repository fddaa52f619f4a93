/* msend: composes a message, or takes one, and sends it over SMTP or LMTP.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "text/utf8.h"

#include "msg/addr.h"
#include "msg/compose.h"

#include "proto/smtpaddr.h"

#include "flow/submit.h"

#include "msend.h"

#define MESSAGE_MAX (4ull << 30) /* octets of a message that is taken */

const struct opt msend_options[] = {
	OPT_HEAD("Compose a message"),
	OPT_TEXT('s', "subject", struct msend_settings, subject, "TEXT",
	    "its subject"),
	OPT_MANY(0, "to", struct msend_settings, to, "ADDR", "to whom"),
	OPT_MANY(0, "cc", struct msend_settings, cc, "ADDR", "copy to whom"),
	OPT_MANY(0, "bcc", struct msend_settings, bcc, "ADDR",
	    "likewise, nobody sees it"),
	OPT_MANY(0, "reply-to", struct msend_settings, reply_to, "ADDR",
	    "where answers go"),
	OPT_MANY('H', "header", struct msend_settings, header, "FIELD",
	    "'Name: value' as well"),
	OPT_TEXT(0, "text", struct msend_settings, text, "FILE",
	    "its text, - is standard input"),
	OPT_TEXT(
	    0, "html", struct msend_settings, html, "FILE", "its text as HTML"),
	OPT_MANY(0, "attach", struct msend_settings, attach,
	    "FILE[;type=T][;name=N]", "attach a file"),
	OPT_HEAD("Take one from standard input"),
	OPT_FLAG('t', "read-recipients", struct msend_settings, take,
	    "recipients are those in its header"),
	OPT_FLAG('i', "ignore-dots", struct msend_settings, dots,
	    "nothing: a line with a dot is text"),
	OPT_FLAG(0, "print", struct msend_settings, print,
	    "write the message, send nothing"),
	OPT_HEAD("Send it"),
	OPT_TEXT('f', "from", struct msend_settings, from, "ADDR",
	    "from whom; '<>' is nobody"),
	OPT_MANY(0, "server", struct msend_settings, server, "URL",
	    "smtp, smtp+tls, smtps, lmtp; may be several"),
	OPT_CHOICE(0, "tls", struct msend_settings, tls, "off|may|must|verify",
	    "how sure it must be"),
	OPT_TEXT(0, "tls-ca", struct msend_settings, tls_ca, "FILE",
	    "authorities to trust"),
	OPT_TEXT(0, "helo", struct msend_settings, helo, "NAME",
	    "this machine's name"),
	OPT_TEXT(
	    'u', "user", struct msend_settings, user, "NAME", "log in as NAME"),
	OPT_TEXT(0, "password-command", struct msend_settings, password_command,
	    "CMD", "its first line is the password"),
	OPT_MORE(tool_common_options, struct msend_settings, common),
	OPT_DONE,
};

/* The message at hand, from wherever. */
struct work {
	struct tool_run *run;
	const struct msend_settings *set;
	struct io_map map;       /* the message that was taken */
	struct submit submit;    /* likewise; recipients of both kinds */
	struct compose *compose; /* or the one that was made */
	struct slice from;
	struct smtp_mail mail;
};

static bool
composes(const struct msend_settings *set)
{
	return set->subject || set->text || set->html || set->to.n ||
	       set->cc.n || set->bcc.n || set->reply_to.n || set->header.n ||
	       set->attach.n;
}

/* "Name <a@b>, c@d" and more: addresses of the envelope. */
static int
add_recipients(struct work *w, const char *option, const struct opt_list *list,
    struct err *e)
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
make_message(struct work *w, struct compose_plan *plan, struct err *e)
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

/* Operands are recipients like those of --to. */
static int
compose(struct work *w, struct err *e)
{
	const struct msend_settings *set = w->set;
	struct opt_list to = { 0 };
	struct compose_plan plan = { .from = set->from,
		.subject = set->subject,
		.text = set->text || set->html ? set->text : "-",
		.html = set->html,
		.cc = list_of(&set->cc),
		.reply_to = list_of(&set->reply_to),
		.more = list_of(&set->header),
		.attach = list_of(&set->attach) };
	struct addr_list from;

	if (set->take)
		return err_set(e, ERR_USAGE,
		    "-t takes a message from standard input; it cannot be "
		    "composed as well");
	if (!set->from)
		return err_set(e, ERR_USAGE, "no sender: --from ADDR");
	for (size_t i = 0; i < set->to.n; i++)
		opt_list_add(&to, set->to.v[i], &w->run->arena);
	for (size_t i = 0; i < w->run->rest.n; i++)
		opt_list_add(&to, w->run->rest.v[i], &w->run->arena);
	plan.to = list_of(&to);
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
	return 0;
}

/* -f ADDR, "<ADDR>", "Name <ADDR>" or "<>". */
static int
read_sender(struct work *w, struct err *e)
{
	const char *from = w->set->from;
	struct addr_list list;
	struct slice text;

	if (!from) {
		w->from = w->submit.sender;
		if (w->from.n == 0)
			return err_set(e, ERR_DATA,
			    "no sender: the message has no From; --from ADDR");
		return 0;
	}
	text = slice_trim(slice_str(from));
	if (text.n == 0 || slice_is(text, "<>"))
		return 0;
	w->from = text;
	if (slice_find(text, '@') == SIZE_MAX)
		return 0;
	if (addr_parse(text, &w->run->arena, &list, e) < 0 || list.n != 1)
		return err_set(e, ERR_USAGE, "--from: no address: '%s'", from);
	w->from = addr_text(&list.v[0], &w->run->arena);
	return 0;
}

static int
take(struct work *w, struct err *e)
{
	struct arena *a = &w->run->arena;

	if (io_map_fd(STDIN_FILENO, MESSAGE_MAX, "standard input", &w->map, e) <
		0 ||
	    submit_read(w->map.bytes, w->set->take, &w->run->given, a,
		&w->submit, e) < 0)
		return -1;
	for (size_t i = 0; i < w->run->rest.n; i++)
		submit_add_rcpt(&w->submit, slice_str(w->run->rest.v[i]), a);
	w->mail.content = submit_write;
	w->mail.arg = &w->submit;
	w->mail.size = w->submit.size;
	w->mail.eight_bit_line = w->submit.eight_bit_line;
	w->mail.utf8_line = w->submit.utf8_line;
	return read_sender(w, e);
}

static int
print_piece(void *to, struct slice s, struct err *e)
{
	if (tool_output(to, s) == 0)
		return 0;
	return err_set(e, ERR_IO, "cannot write the message");
}

static int
print_message(struct work *w, struct err *e)
{
	struct writer out = { print_piece, w->run };

	return w->mail.content(w->mail.arg, &out, e);
}

/* All addresses are good ones before anything is sent. */
static int
check_envelope(struct work *w, struct err *e)
{
	struct buf b;
	bool utf8;
	int r;

	w->mail.from = w->from;
	w->mail.rcpt = w->submit.rcpt;
	w->mail.rcpts = w->submit.rcpts;
	if (w->mail.rcpts == 0)
		return err_set(
		    e, ERR_USAGE, "no recipient: name one, or use -t or --to");
	buf_init(&b, SMTPADDR_MAX * 2);
	r = smtpaddr_write(w->from, &b, &utf8, e);
	for (size_t i = 0; i < w->mail.rcpts && r == 0; i++) {
		buf_reset(&b);
		r = smtpaddr_write(w->mail.rcpt[i], &b, &utf8, e);
	}
	buf_free(&b);
	return r;
}

static int
find_servers(struct work *w, struct account_server *servers, struct err *e)
{
	const struct opt_list *list = &w->set->server;

	if (list->n == 0)
		return err_set(e, ERR_USAGE,
		    "no server: --server smtp://HOST, or a line \"server = "
		    "...\" in the accounts file");
	if (list->n > ACCOUNT_SERVERS_MAX)
		return err_set(
		    e, ERR_USAGE, "more than %d servers", ACCOUNT_SERVERS_MAX);
	for (size_t i = 0; i < list->n; i++)
		if (account_server(list->v[i], w->set->tls, &w->run->arena,
			&servers[i], e) < 0)
			return -1;
	return 0;
}

static const char *
in_home(struct work *w, const char *name)
{
	const char *home = getenv("HOME");

	return home && home[0] ? arena_fmt(&w->run->arena, "%s/%s", home, name)
	                       : NULL;
}

static int
send_it(struct work *w, struct err *e)
{
	struct account_server servers[ACCOUNT_SERVERS_MAX];
	struct send_plan plan = { .servers = servers,
		.n = w->set->server.n,
		.login = { w->set->user, w->set->password_command,
		    in_home(w, ".netrc") },
		.tls_ca = w->set->tls_ca,
		.helo = w->set->helo,
		.timeout = w->run->common->timeout,
		.given = &w->run->given };
	struct send_result *results;
	struct send *s;

	if (check_envelope(w, e) < 0 || find_servers(w, servers, e) < 0)
		return -1;
	results = arena_array(&w->run->arena, w->mail.rcpts, sizeof(*results));
	s = send_new(&plan);
	send_message(s, &w->mail, results, &w->run->arena);
	msend_show(w->run, &w->mail, results);
	send_free(&s);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct tool tool = { .name = "msend",
		.synopsis = "[option ...] [recipient ...]",
		.purpose = "composes a message, or takes one from standard "
			   "input, and sends it",
		.options = msend_options,
		.settings_size = sizeof(struct msend_settings) };
	struct msend_settings set = { 0 };
	struct tool_run run;
	struct work w = { .run = &run, .set = &set };
	struct err e;
	int r;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	r = composes(&set) ? compose(&w, &e) : take(&w, &e);
	if (r == 0)
		r = set.print ? print_message(&w, &e) : send_it(&w, &e);
	if (r < 0)
		tool_fail(&run, &e);
	compose_free(&w.compose);
	io_unmap(&w.map);
	return tool_end(&run);
}
