/* msend on this machine: what its names mean, and what a message of its users
 * lacks.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/date.h"
#include "text/encword.h"
#include "text/fold.h"

#include "msg/addr.h"
#include "msg/msgid.h"

#include "flow/aliases.h"

#include "msend.h"

#define MAILNAME_MAX 1024
#define FIELD_MAX    (64u << 10)

/* The domain of names without one: what the configuration says, what Debian
 * keeps for all mail programs, or the host's name. */
static struct slice
local_domain(struct msend_work *w)
{
	struct slice domain = slice_str(w->set->maildomain), text;
	struct buf b;

	if (!domain.n)
		domain = slice_str(w->set->local.domain);
	if (domain.n)
		return domain;
	buf_init(&b, MAILNAME_MAX);
	if (io_read_file("/etc/mailname", &b, NULL) == 0) {
		text = buf_view(&b);
		text = slice_trim(slice_take_until(&text, '\n', NULL));
		domain = slice_of(arena_copy(w->arena, text), text.n);
	}
	buf_free(&b);
	return domain.n ? domain : slice_str(w->run->given.hostname);
}

bool
msend_local_names(const struct msend_work *w)
{
	return w->set->local.is || w->set->take || w->set->maildomain;
}

struct slice
msend_local_address(struct msend_work *w, struct slice name)
{
	struct slice domain = local_domain(w);

	return slice_str(arena_fmt(
	    w->arena, "%.*s@%.*s", SLICE_ARG(name), SLICE_ARG(domain)));
}

static void
add(void *arg, struct slice address)
{
	struct msend_work *w = arg;

	if (msend_local_names(w) && slice_find(address, '@') == SIZE_MAX)
		address = msend_local_address(w, address);
	submit_add_rcpt(&w->submit, address, w->arena);
}

int
msend_local_recipients(struct msend_work *w, struct err *e)
{
	const char *path = w->set->aliases;
	struct slice *rcpt = w->submit.rcpt;
	size_t n = w->submit.rcpts;
	struct buf text;
	int r = 0;

	if (!path && !msend_local_names(w))
		return 0;
	buf_init(&text, ALIASES_MAX);
	if (path)
		r = io_read_file(path, &text, e);
	w->submit.rcpt = NULL;
	w->submit.rcpts = w->submit.rcpts_cap = 0;
	for (size_t i = 0; i < n && r == 0; i++)
		if (slice_find(rcpt[i], '@') != SIZE_MAX)
			add(w, rcpt[i]);
		else
			r = aliases_resolve(
			    buf_view(&text), rcpt[i], add, w, w->arena, e);
	/* The views of the file end with it. */
	for (size_t i = 0; i < w->submit.rcpts; i++)
		w->submit.rcpt[i] =
		    slice_of(arena_copy(w->arena, w->submit.rcpt[i]),
			w->submit.rcpt[i].n);
	buf_free(&text);
	return r < 0 && path ? err_in(e, "'%s'", path) : r;
}

/* "From: Full Name <address>". */
static int
put_from(struct msend_work *w, struct err *e)
{
	static const char *const names[] = { "From", NULL };
	const char *name = w->set->local.full_name;
	struct buf value, field;
	struct addr_list list;
	struct addr author;
	int r;

	if (w->from.n == 0)
		return 0;
	if (addr_parse(w->from, w->arena, &list, e) < 0 || list.n != 1)
		return err_in(e, "the sender");
	author = list.v[0];
	buf_init(&value, FIELD_MAX);
	buf_init(&field, FIELD_MAX);
	if (name)
		author.name = slice_str(name);
	addr_format_named(&author, &value);
	r = fold_field("From", buf_view(&value), &field)
	        ? submit_replace(&w->submit, names, buf_str(&field), e)
	        : err_set(e, ERR_USAGE, "-F: the name is too long");
	buf_free(&value);
	buf_free(&field);
	return r;
}

static int
put_date(struct msend_work *w, struct err *e)
{
	static const char *const names[] = { "Date", NULL };
	char date[DATE_TEXT_MAX];

	date_make(given_now(&w->run->given), 0, date);
	return submit_replace(
	    &w->submit, names, arena_fmt(w->arena, "Date: %s\n", date), e);
}

static int
put_id(struct msend_work *w, struct err *e)
{
	static const char *const names[] = { "Message-ID", NULL };
	struct buf b;
	int r;

	buf_init(&b, MSGID_MAX * 2);
	buf_text(&b, "Message-ID: ");
	msgid_make(&w->run->given, addr_domain(w->from), &b);
	buf_char(&b, '\n');
	r = submit_replace(&w->submit, names, buf_str(&b), e);
	buf_free(&b);
	return r;
}

int
msend_local_header(struct msend_work *w, struct err *e)
{
	static const char *const to[] = { "To", "Cc", NULL };
	const struct msend_local *l = &w->set->local;

	if (!msend_local_names(w) || submit_has(&w->submit, "DKIM-Signature"))
		return 0;
	if (submit_qualify(&w->submit, local_domain(w), e) < 0)
		return -1;
	if (!l->is)
		return 0;
	if ((l->set_from ||
		(!l->keep_from && !submit_has(&w->submit, "From"))) &&
	    put_from(w, e) < 0)
		return -1;
	if ((l->set_date || (!l->keep_date && !w->set->take &&
				!submit_has(&w->submit, "Date"))) &&
	    put_date(w, e) < 0)
		return -1;
	if ((l->set_id ||
		(!w->set->take && !submit_has(&w->submit, "Message-ID"))) &&
	    put_id(w, e) < 0)
		return -1;
	return l->undisclosed ? submit_replace(&w->submit, to,
				    "To: undisclosed-recipients:;\n", e)
	                      : 0;
}

void
msend_local_queue(struct tool_run *run)
{
	tool_print(run, "Mail queue is empty\n");
}
