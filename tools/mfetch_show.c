/* How mfetch tells what happens: lines for people, JSON, a progress line.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/io.h"

#include "text/date.h"

#include "msg/header.h"

#include "proto/imaplex.h"

#include "mfetch.h"

#define ON_NEW_MS 600000 /* longest run of --on-new */

void
mfetch_clear(struct mfetch_session *s)
{
	if (s->drawn)
		fputs("\r\033[K", stderr);
	s->drawn = false;
}

/* Messages, octets, rate, and the time that the rest will take. */
void
mfetch_on_progress(void *arg, const struct fetch_totals *t)
{
	struct mfetch_session *s = arg;
	uint64_t done = t->fetched + t->known + t->passed_over;
	double seconds = (double)(clock_ms() - s->begun) / 1000 + 0.001;
	uint64_t left = done > 0 && t->wanted > done
	                    ? (uint64_t)(seconds / (double)done *
					 (double)(t->wanted - done))
	                    : 0;

	if (!s->run->progress)
		return;
	fprintf(stderr,
	    "\r\033[K%" PRIu64 " of %" PRIu64 " messages, %" PRIu64
	    " KiB, %.0f KiB/s, %" PRIu64 ":%02" PRIu64 " left",
	    done, t->wanted, t->octets / 1024,
	    (double)t->octets / 1024 / seconds, left / 60, left % 60);
	s->drawn = true;
}

void
mfetch_on_remark(void *arg, const char *text)
{
	struct mfetch_session *s = arg;

	mfetch_clear(s);
	tool_warn(s->run, "%s", text);
}

static const char *const outcomes[] = { "new", "fetched", "known", "too-large",
	"refused", "not-taken", "flags", "expunged" };

static void
put_flags(struct json *j, unsigned flags)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ IMAPLEX_SEEN, "\\Seen" },
		{ IMAPLEX_ANSWERED, "\\Answered" },
		{ IMAPLEX_FLAGGED, "\\Flagged" },
		{ IMAPLEX_DELETED, "\\Deleted" },
		{ IMAPLEX_DRAFT, "\\Draft" },
	};
	struct json *list = json_new_array();

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (flags & names[i].bit)
			json_add_text(list, names[i].name);
	json_put(j, "flags", list);
}

static void
show_text(struct mfetch_session *s, const struct fetch_result *r)
{
	if (r->outcome != FETCH_NEW)
		return;
	if (r->uid && s->plan.nmailboxes > 1)
		tool_print(s->run, "%s %" PRIu32 "\n", r->mailbox, r->uid);
	else if (r->uid)
		tool_print(s->run, "%" PRIu32 "\n", r->uid);
	else
		tool_print(s->run, "%.*s\n", SLICE_ARG(r->uidl));
}

void
mfetch_on_result(void *arg, const struct fetch_result *r)
{
	struct mfetch_session *s = arg;
	struct json *j;

	if (r->outcome == FETCH_TOO_LARGE)
		mfetch_on_remark(
		    s, "a message is larger than --max-size: passed over");
	if (!s->set->common.json) {
		show_text(s, r);
		return;
	}
	j = json_new_object();
	json_put_text(j, "source", s->source);
	json_put_text(j, "mailbox", r->mailbox ? r->mailbox : "INBOX");
	if (r->uid)
		json_put_number(j, "uid", r->uid);
	else
		json_put_null(j, "uid");
	json_put_slice(j, "uidl", r->uidl.n ? r->uidl : slice_of(NULL, 0));
	if (r->size == 0 && r->outcome != FETCH_FETCHED)
		json_put_null(j, "size");
	else
		json_put_number(j, "size", (int64_t)r->size);
	json_put_text(j, "path", r->path);
	if (r->has_flags)
		put_flags(j, r->flags);
	else
		json_put_null(j, "flags");
	if (r->id)
		json_put_text(j, "id", r->id);
	if (r->labels)
		json_put_text(j, "labels", r->labels);
	json_put_text(j, "outcome", outcomes[r->outcome]);
	tool_json(s->run, j);
}

static void
folder_text(struct mfetch_session *s, const struct fetch_folder *f)
{
	if (!f->told) {
		tool_print(s->run, "%.*s\n", SLICE_ARG(f->name));
		return;
	}
	tool_print(s->run, "%.*s\t%" PRIu64 "\t%" PRIu64, SLICE_ARG(f->name),
	    f->messages, f->unseen);
	if (f->has_size)
		tool_print(s->run, "\t%" PRIu64, f->size);
	tool_print(s->run, "\n");
}

void
mfetch_on_folder(void *arg, const struct fetch_folder *f)
{
	struct mfetch_session *s = arg;
	char separator[2] = { f->separator > 0 ? (char)f->separator : '\0',
		'\0' };
	struct json *j;

	if (!s->set->common.json) {
		folder_text(s, f);
		return;
	}
	j = json_new_object();
	json_put_text(j, "source", s->source);
	json_put_slice(j, "mailbox", f->name);
	json_put_text(j, "separator", separator[0] ? separator : NULL);
	json_put_bool(j, "selectable", f->selectable);
	json_put_text(j, "use", f->use);
	if (f->told) {
		json_put_number(j, "messages", (int64_t)f->messages);
		json_put_number(j, "unseen", (int64_t)f->unseen);
	}
	if (f->has_size)
		json_put_number(j, "size", (int64_t)f->size);
	if (f->id.n)
		json_put_slice(j, "id", f->id);
	tool_json(s->run, j);
}

static void
put_decoded(struct json *j, const char *key, const struct header *h,
    const char *name, struct arena *a)
{
	struct slice value = header_decoded(h, name, a);

	json_put_slice(j, key, header_get(h, name) ? value : slice_of(NULL, 0));
}

static void
look_json(struct mfetch_session *s, const struct fetch_look *look,
    const struct header *h, struct arena *a)
{
	struct json *j = json_new_object();
	char date[DATE_TEXT_MAX];

	json_put_text(j, "source", s->source);
	json_put_text(j, "mailbox", look->mailbox ? look->mailbox : "INBOX");
	if (look->uid) {
		json_put_number(j, "uid", look->uid);
	} else {
		json_put_null(j, "uid");
		json_put_slice(j, "uidl", look->uidl);
	}
	json_put_number(j, "size", (int64_t)look->size);
	if (look->uid)
		put_flags(j, look->flags);
	else
		json_put_null(j, "flags");
	if (look->date)
		date_make_3339(look->date, 0, date);
	json_put_text(j, "received", look->date ? date : NULL);
	put_decoded(j, "date", h, "Date", a);
	put_decoded(j, "from", h, "From", a);
	put_decoded(j, "to", h, "To", a);
	put_decoded(j, "cc", h, "Cc", a);
	put_decoded(j, "subject", h, "Subject", a);
	put_decoded(j, "message_id", h, "Message-ID", a);
	if (look->has_structure)
		json_put_number(j, "attachments", (int64_t)look->attachments);
	else
		json_put_null(j, "attachments");
	if (look->id)
		json_put_text(j, "id", look->id);
	if (look->labels)
		json_put_text(j, "labels", look->labels);
	tool_json(s->run, j);
}

void
mfetch_on_look(void *arg, const struct fetch_look *look)
{
	struct mfetch_session *s = arg;
	struct arena a = { 0 };
	struct header h;
	struct slice from, subject;

	if (header_read(look->header, &a, &h, NULL) < 0)
		return;
	if (s->set->common.json) {
		look_json(s, look, &h, &a);
	} else {
		from = header_decoded(&h, "From", &a);
		subject = header_decoded(&h, "Subject", &a);
		if (look->uid)
			tool_print(s->run, "%" PRIu32, look->uid);
		else
			tool_print(s->run, "%.*s", SLICE_ARG(look->uidl));
		tool_print(s->run, "\t%" PRIu64 "\t%.*s\t%.*s\n", look->size,
		    SLICE_ARG(from), SLICE_ARG(subject));
	}
	arena_free(&a);
}

void
mfetch_on_news(void *arg, const struct fetch_totals *round)
{
	struct mfetch_session *s = arg;
	struct command c = { .text = s->set->on_new,
		.out = s->set->common.json ? STDERR_FILENO : STDOUT_FILENO,
		.environ = environ,
		.limit = ON_NEW_MS,
		.break_off = -1 };
	struct err e;
	int status;

	mfetch_clear(s);
	trace_say(&s->run->trace, "%" PRIu64 " new", round->fetched);
	if (!s->set->on_new)
		return;
	tool_flush(s->run);
	c.in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (command_run(&c, &status, &e) < 0)
		tool_warn(s->run, "--on-new: %s", e.text);
	else if (status != 0)
		tool_warn(s->run, "--on-new ended with status %d", status);
	io_close(&c.in, "/dev/null", NULL);
}
