/* Fetching over POP3 (see fetch.h): messages are known by their UIDL; where
 * the server has none, or gives the same one twice, by their content.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"

#include "flow/fetchpop3.h"

struct item {
	struct fetchstate_key key;
	uint32_t number;
	struct slice uidl; /* in the arena; empty: none */
	bool doubled;      /* another message has the same */
};

struct mailbox {
	struct fetchrun *run;
	struct pop3 *pop3;
	struct arena arena;
	struct item *items; /* owned; by number, from 1, once wanted */
	size_t n, cap;
	struct item *all; /* owned; to delete: all that are there */
	size_t nall;
	size_t at; /* of the message that comes next */
};

static int
log_in(const struct fetch_plan *plan, struct pop3 *p, struct err *e)
{
	struct sasl_login login = plan->login;
	bool encrypt = plan->tls == FETCH_TLS_START ||
	               (plan->tls == FETCH_TLS_MAY && pop3_has_stls(p));

	login.clear = fetchrun_clear(plan);
	if (encrypt && pop3_starttls(p, &plan->want, e) < 0)
		return -1;
	return pop3_login(p, &login, plan->apop, e);
}

int
fetchpop3_open(const struct fetch_plan *plan, struct pop3 **p_r, struct err *e)
{
	struct stream *s;

	if (fetchrun_connect(plan, &s, e) < 0 ||
	    pop3_open(s, plan->timeout, plan->given->trace, p_r, e) < 0)
		return -1;
	if (log_in(plan, *p_r, e) == 0)
		return 0;
	pop3_free(p_r);
	return -1;
}

static struct item *
add_item(struct mailbox *box, uint32_t number)
{
	if (box->n == box->cap) {
		box->cap = box->cap ? 2 * box->cap : 256;
		box->items =
		    mem_resize(box->items, box->cap * sizeof(box->items[0]));
	}
	box->items[box->n] = (struct item){ .number = number };
	return &box->items[box->n++];
}

static int
take_uidl(void *arg, uint32_t number, struct slice uidl, struct err *e)
{
	struct mailbox *box = arg;
	struct item *item = add_item(box, number);

	item->uidl = slice_of(arena_copy(&box->arena, uidl), uidl.n);
	return fetchstate_key_of(uidl, &item->key, e);
}

static int
by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int c = memcmp(&x->key, &y->key, sizeof(x->key));

	return c ? c : (x->number > y->number) - (x->number < y->number);
}

static int
by_number(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void
mark_doubled(struct mailbox *box)
{
	if (box->n < 2)
		return;
	qsort(box->items, box->n, sizeof(box->items[0]), by_key);
	for (size_t i = 1; i < box->n; i++)
		if (memcmp(&box->items[i - 1].key, &box->items[i].key,
			sizeof(box->items[i].key)) == 0)
			box->items[i - 1].doubled = box->items[i].doubled =
			    true;
	qsort(box->items, box->n, sizeof(box->items[0]), by_number);
}

static int
list_items(struct mailbox *box, struct err *e)
{
	struct pop3_uidl_taker taker = { take_uidl, box };
	uint32_t count;
	int got = pop3_uidl(box->pop3, &taker, e);

	if (got < 0)
		return -1;
	if (got > 0) {
		mark_doubled(box);
		return 0;
	}
	if (pop3_stat(box->pop3, &count, e) < 0)
		return -1;
	for (uint32_t i = 1; i <= count; i++)
		add_item(box, i);
	return 0;
}

/* Keeps what is new, and what only its content can tell. */
static int
keep_wanted(struct mailbox *box, struct err *e)
{
	struct fetchrun *r = box->run;
	size_t n = 0;

	for (size_t i = 0; i < box->n; i++) {
		const struct item *item = &box->items[i];
		bool unsure = item->doubled || item->uidl.n == 0;

		if (i > 0 && item->number == box->items[i - 1].number)
			return err_set(e, ERR_PROTO,
			    "UIDL names message %lu twice",
			    (unsigned long)item->number);
		if (!unsure && fetchstate_has_uidl(r->state, &item->key))
			continue;
		r->match |= unsure;
		box->items[n++] = *item;
		if (r->plan->limit > 0 && n == r->plan->limit)
			break;
	}
	box->n = n;
	fetchrun_count(r, &r->common->totals->wanted, n);
	return r->match ? fetchstate_read_contents(r->state, e) : 0;
}

static struct fetchrun_name
name_of(const struct item *item)
{
	return (struct fetchrun_name){ .uidl = item->uidl,
		.key = item->uidl.n ? &item->key : NULL };
}

static int
body_begin(void *arg, uint32_t number, struct err *e)
{
	struct mailbox *box = arg;

	(void)number;
	return fetchrun_begin(box->run, e);
}

static int
body_write(void *arg, struct slice part, struct err *e)
{
	struct mailbox *box = arg;

	return fetchrun_write(box->run, part, e);
}

static int
body_end(void *arg, uint32_t number, enum pop3_body body, struct slice words,
    struct err *e)
{
	struct mailbox *box = arg;
	struct fetchrun *r = box->run;
	struct fetchrun_name name = name_of(&box->items[box->at++]);

	if (body == POP3_BODY_WHOLE)
		return fetchrun_end(r, &name, e) < 0 ? -1 : 0;
	fetchrun_abort(r);
	if (body == POP3_BODY_TOO_LARGE) {
		fetchrun_pass(r, FETCH_TOO_LARGE, &name, r->size);
		return 0;
	}
	words = slice_sub(words, 0, 200);
	fetchrun_remark(r, "the server refuses message %lu: '%.*s'",
	    (unsigned long)number, SLICE_ARG(words));
	fetchrun_pass(r, FETCH_REFUSED, &name, 0);
	return 0;
}

static int
fetch_wanted(struct mailbox *box, struct err *e)
{
	struct fetchrun *r = box->run;
	struct pop3_taker taker = { fetchrun_max(r), body_begin, body_write,
		body_end, box };
	uint32_t *numbers;
	int ret;

	if (r->plan->dry_run) {
		for (size_t i = 0; i < box->n; i++) {
			struct fetchrun_name name = name_of(&box->items[i]);

			fetchrun_pass(r, FETCH_NEW, &name, 0);
		}
		return 0;
	}
	numbers = mem_array(box->n + 1, sizeof(numbers[0]));
	for (size_t i = 0; i < box->n; i++)
		numbers[i] = box->items[i].number;
	ret = pop3_retr(box->pop3,
	    r->plan->headers_only ? POP3_HEADER : POP3_MESSAGE, numbers, box->n,
	    &taker, e);
	mem_free(numbers);
	return ret < 0 ? -1 : fetchrun_commit(r, e);
}

static void
keep_all(struct mailbox *box)
{
	if (box->run->plan->after != FETCH_DELETE || box->run->plan->dry_run)
		return;
	box->all = mem_array(box->n + 1, sizeof(box->all[0]));
	if (box->n > 0)
		memcpy(box->all, box->items, box->n * sizeof(box->all[0]));
	box->nall = box->n;
}

/* Those that are durable here, of earlier runs too: what one left undone is
 * done by the next. Without a UIDL of its own none is sure to be. */
static bool
is_due(const struct mailbox *box, const struct item *item)
{
	const struct fetch_plan *plan = box->run->plan;
	int64_t came;

	if (item->uidl.n == 0 || item->doubled ||
	    !fetchstate_uidl_time(box->run->state, &item->key, &came))
		return false;
	return plan->after_wait == 0 ||
	       (came > 0 && came + plan->after_wait <= given_now(plan->given));
}

static int
delete_known(struct mailbox *box, struct err *e)
{
	struct fetchrun *r = box->run;
	uint32_t *numbers = mem_array(box->nall + 1, sizeof(numbers[0]));
	size_t n = 0, refused = 0;
	int ret;

	for (size_t i = 0; i < box->nall; i++)
		if (is_due(box, &box->all[i]))
			numbers[n++] = box->all[i].number;
	ret = pop3_dele(box->pop3, numbers, n, &refused, e);
	mem_free(numbers);
	if (ret == 0 && refused > 0)
		fetchrun_remark(
		    r, "the server refuses to delete %zu messages", refused);
	return ret;
}

/* Deletions count once the server confirms QUIT (RFC 1939, 6). */
static int
finish(struct mailbox *box, struct err *e)
{
	if (!box->all) {
		pop3_quit(&box->pop3, NULL);
		return 0;
	}
	if (delete_known(box, e) == 0 && pop3_quit(&box->pop3, e) == 0)
		return 0;
	err_in(e, "messages are here, but not deleted there");
	e->kind = ERR_TEMP;
	return -1;
}

int
fetchpop3_box(struct fetchrun *r, struct err *e)
{
	struct mailbox box = { .run = r };
	int ret;

	if (fetchpop3_open(r->plan, &box.pop3, e) < 0)
		return -1;
	ret = list_items(&box, e);
	if (ret == 0)
		keep_all(&box);
	if (ret == 0)
		ret = keep_wanted(&box, e);
	if (ret == 0)
		ret = fetch_wanted(&box, e);
	if (ret == 0)
		ret = finish(&box, e);
	pop3_free(&box.pop3);
	mem_free(box.items);
	mem_free(box.all);
	arena_free(&box.arena);
	return ret;
}
