/* msend takes many messages, and sends them over as few connections as it is
 * told.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "base/mem.h"

#include "store/source.h"

#include "flow/bulk.h"
#include "flow/sendlog.h"

#include "msend.h"

/* Smaller ones are copied, since a source lets go of a message before the
 * server has an answer; a larger one has the wire for itself. */
#define COPY_MAX (1u << 20)

#define BRIEF(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = OPT_KIND_##k, .name = (n), .arg = (a), .help = (h),    \
		.at = offsetof(struct msend_bulk, field), .flags = OPT_BRIEF   \
	}

const struct opt msend_bulk_options[] = {
	BRIEF(MANY, "mail", mail, "PATH",
	    "the messages in it: file, mbox, Maildir, folder"),
	{ .kind = OPT_KIND_NUMBER,
	    .name = "connections",
	    .arg = "N",
	    .help = "at one time",
	    .at = offsetof(struct msend_bulk, connections),
	    .flags = OPT_BRIEF | OPT_FROM_1 },
	BRIEF(TEXT, "journal", journal, "FILE",
	    "where it is noted what was done"),
	BRIEF(FLAG, "resume", resume, NULL, "go on where a run has ended"),
	BRIEF(TEXT, "rate", rate, "N/UNIT", "20/min, 5/s: no faster"),
	BRIEF(TEXT, "suppress", suppress, "FILE",
	    "msuppress's list: nothing goes to these"),
	{ .kind = OPT_KIND_NUMBER,
	    .name = "per-connection",
	    .arg = "N",
	    .help = "messages of one connection",
	    .at = offsetof(struct msend_bulk, per_connection),
	    .flags = OPT_HIDDEN | OPT_FROM_1 },
	{ .kind = OPT_KIND_TEXT,
	    .name = "list-unsubscribe",
	    .arg = "URL",
	    .help = "where a recipient leaves the list",
	    .at = offsetof(struct msend_bulk, list_unsubscribe),
	    .flags = OPT_HIDDEN },
	{ .kind = OPT_KIND_CHOICE,
	    .name = "verp",
	    .arg = "+|-",
	    .help = "a sender for each recipient, parted by this",
	    .at = offsetof(struct msend_bulk, verp),
	    .flags = OPT_HIDDEN },
	{ .kind = OPT_KIND_TEXT,
	    .name = "verp-key",
	    .arg = "FILE",
	    .help = "key of a tag in it that mbounce-parse checks",
	    .at = offsetof(struct msend_bulk, verp_key),
	    .flags = OPT_HIDDEN },
	{ .kind = OPT_KIND_TEXT,
	    .name = "batv-key",
	    .arg = "FILE",
	    .help = "key that signs senders (prvs=), for mbounce-parse",
	    .at = offsetof(struct msend_bulk, batv_key),
	    .flags = OPT_HIDDEN },
	{ .kind = OPT_KIND_TEXT,
	    .name = "rate-file",
	    .arg = "FILE",
	    .help = "who shares it shares the rate",
	    .at = offsetof(struct msend_bulk, rate_file),
	    .flags = OPT_HIDDEN },
	OPT_DONE,
};

/* A run. */
struct many {
	struct msend_work *work;
	struct bulk *bulk;
	struct sendlog *log; /* null: none */
	struct pace pace;    /* with fd -1 none */
	bool tried;          /* something was to be sent */
	bool suppressed;     /* some had no recipient left */
};

/* A message on its way. */
struct letter {
	struct many *many;
	struct bulk_job job;
	struct msend_work work;
	struct arena arena;
	struct sendlog_key *keys; /* of its recipients */
	uint64_t n;               /* 1, 2, ... of all */
	size_t which;             /* with --verp: the recipient */
	size_t *rcpts;            /* likewise: how many there are */
};

static void
letter_free(struct letter *l)
{
	arena_free(&l->arena);
	mem_free(l);
}

static void
on_settled(struct bulk_job *job)
{
	struct letter *l = job->arg;
	struct sendlog *log = l->many->log;
	struct err e;

	for (size_t i = 0; log && i < l->work.mail.rcpts; i++)
		if (sendlog_outcome(log, &l->keys[i],
			job->send.results[i].smtp.outcome, &e) < 0)
			tool_fail(l->work.run, &e);
	msend_show(&l->work, l->n, job->send.results);
	letter_free(l);
}

/* The message leaves: this is known before. */
static int
write_noted(void *arg, const struct writer *out, struct err *e)
{
	struct letter *l = arg;

	if (sendlog_begin(l->many->log, l->keys, l->work.mail.rcpts, e) < 0)
		return -1;
	return submit_write(&l->work.submit, out, e);
}

static int
to_7bit_noted(void *arg, bool seven, uint64_t *size_r, struct err *e)
{
	struct letter *l = arg;

	return submit_to_7bit(&l->work.submit, seven, size_r, e);
}

/* Tells what an earlier run left of these recipients. */
static void
show_earlier(
    struct letter *l, struct slice *rcpt, size_t n, struct send_result *results)
{
	struct msend_work earlier = l->work;

	earlier.mail.rcpt = rcpt;
	earlier.mail.rcpts = n;
	msend_show(&earlier, l->n, results);
}

static struct send_result
earlier_result(enum sendlog_state state)
{
	struct send_result r = { .smtp = { .stage = SMTP_AT_CONTENT } };

	if (state == SENDLOG_PERMANENT) {
		r.smtp.outcome = SMTP_PERMANENT;
		r.smtp.kind = ERR_UNAVAILABLE;
		r.smtp.text = "refused in an earlier run";
	} else {
		r.smtp.outcome = SMTP_UNCERTAIN;
		r.smtp.kind = ERR_PROTO;
		r.smtp.text = "an earlier run has no answer to it";
	}
	return r;
}

/* Takes off the recipients that have had it, or may have. */
static int
skip_done(struct letter *l, struct slice bytes, struct err *e)
{
	struct smtp_mail *mail = &l->work.mail;
	struct slice *open, *done;
	struct send_result *results;
	size_t n = 0, shown = 0;

	if (sendlog_keys(l->many->log, bytes, mail->from, mail->rcpt,
		mail->rcpts, &l->arena, &l->keys, e) < 0)
		return -1;
	open = arena_array(&l->arena, mail->rcpts, sizeof(*open));
	done = arena_array(&l->arena, mail->rcpts, sizeof(*done));
	results = arena_array(&l->arena, mail->rcpts, sizeof(*results));
	for (size_t i = 0; i < mail->rcpts; i++) {
		enum sendlog_state state =
		    sendlog_state(l->many->log, &l->keys[i]);

		if (state == SENDLOG_NEW || state == SENDLOG_TEMPORARY) {
			if (msend_is_suppressed(&l->work, l->n, mail->rcpt[i]))
				continue;
			l->keys[n] = l->keys[i];
			open[n++] = mail->rcpt[i];
		} else if (state != SENDLOG_SENT) {
			results[shown] = earlier_result(state);
			done[shown++] = mail->rcpt[i];
		}
	}
	show_earlier(l, done, shown, results);
	mail->rcpt = open;
	mail->rcpts = n;
	mail->content = write_noted;
	mail->to_7bit = to_7bit_noted;
	mail->arg = l;
	return 0;
}

/* Takes off the recipients that shall not, or not again, have it. */
static int
take_off(struct letter *l, struct slice bytes, struct err *e)
{
	if (l->many->log)
		return skip_done(l, bytes, e);
	msend_suppress(&l->work, l->n);
	return 0;
}

static int
pick(struct letter *l, struct err *e)
{
	if (l->work.set->bulk.verp)
		*l->rcpts = l->work.mail.rcpts;
	return msend_verp_one(&l->work, l->which, e);
}

static int
read_letter(struct letter *l, const struct source_message *m, struct err *e)
{
	struct slice bytes = m->bytes;

	if (bytes.n <= COPY_MAX)
		bytes = slice_of(arena_copy(&l->arena, bytes), bytes.n);
	if (msend_read(&l->work, bytes, m->map, e) == 0 &&
	    msend_envelope(&l->work, e) == 0 && pick(l, e) == 0 &&
	    take_off(l, bytes, e) == 0 && msend_batv(&l->work, e) == 0)
		return 0;
	if (m->kind == SOURCE_FILE || m->kind == SOURCE_DIR)
		return err_in(e, "%s", m->path);
	return err_in(
	    e, "%s, message %llu", m->path, (unsigned long long)m->in_path);
}

/* The message, or with --verp that of one of its recipients. */
static void
send_letter(struct many *many, const struct source_message *m, size_t which,
    size_t *rcpts_r)
{
	struct letter *l = mem_new(sizeof(*l));
	struct msend_work *w = many->work;
	int64_t wait = 0;
	struct err e;
	int r;

	l->many = many;
	l->n = m->n;
	l->which = which;
	l->rcpts = rcpts_r;
	l->work = (struct msend_work){ .run = w->run,
		.set = w->set,
		.arena = &l->arena,
		.wish = w->wish,
		.keys = w->keys,
		.suppress = w->suppress };
	if (read_letter(l, m, &e) < 0) {
		tool_fail(w->run, &e);
		letter_free(l);
		return;
	}
	if (l->work.mail.rcpts == 0) {
		many->suppressed |= l->work.suppressed > 0;
		letter_free(l);
		return;
	}
	many->tried = true;
	l->job = (struct bulk_job){ .settled = on_settled, .arg = l };
	l->job.send.mail = l->work.mail;
	l->job.send.a = &l->arena;
	l->job.send.number = l->n;
	l->job.send.results = arena_array(
	    &l->arena, l->work.mail.rcpts, sizeof(*l->job.send.results));
	r = msend_pace_take(&many->pace, &wait, &e);
	if (r == 0 && wait > 0) {
		bulk_finish(many->bulk);
		msend_pace_wait(wait);
	}
	if (r < 0)
		tool_fail(w->run, &e);
	if (r < 0 || tool_stopping()) {
		letter_free(l);
		return;
	}
	bulk_put(many->bulk, &l->job);
	if (m->bytes.n > COPY_MAX)
		bulk_finish(many->bulk);
}

static void
send_each(struct many *many, const struct source_message *m)
{
	size_t rcpts = 1;

	for (size_t i = 0; i < rcpts && !tool_stopping(); i++)
		send_letter(many, m, i, &rcpts);
}

static int
send_all(struct many *many, struct err *e)
{
	struct msend_work *w = many->work;
	struct source_message m;
	struct source *source;
	int r;

	source_open(&source, w->set->bulk.mail.v, w->set->bulk.mail.n);
	while (!tool_stopping() && (r = source_next(source, &m, e)) != 0)
		if (r < 0)
			tool_fail(w->run, e);
		else
			send_each(many, &m);
	if (many->suppressed && !many->tried)
		msend_all_suppressed(w);
	bulk_free(&many->bulk);
	source_free(&source);
	return 0;
}

int
msend_many(struct msend_work *w, struct err *e)
{
	const struct msend_bulk *set = &w->set->bulk;
	struct many many = { .work = w, .pace.fd = -1 };
	struct send_plan plan;
	size_t connections;
	int r;

	w->from = slice_str(w->set->from);
	if (msend_plan(w, &plan, e) < 0)
		return -1;
	/* What would be done is told in order. */
	connections = plan.instead ? 1 : (size_t)set->connections;
	if (msend_pace_open(w, &many.pace, e) < 0)
		return -1;
	if (set->resume && !set->journal)
		return err_set(e, ERR_USAGE, "--resume: of which --journal?");
	if (set->journal &&
	    sendlog_open(set->journal, set->resume, &many.log, e) < 0)
		return -1;
	r = bulk_new(&plan, connections, &many.bulk, e);
	if (r == 0)
		r = send_all(&many, e);
	if (r < 0)
		sendlog_close(&many.log, NULL);
	pace_close(&many.pace);
	return r < 0 ? -1 : sendlog_close(&many.log, e);
}
