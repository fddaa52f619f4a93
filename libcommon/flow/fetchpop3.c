/* Fetching over POP3 (see fetch.h): messages are known by their UIDL; where
 * the server has none, gives the same one twice, or has given them others since
 * the last run, by their content.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/sort.h"

#include "flow/fetchnames.h"
#include "flow/fetchpop3.h"

struct mailbox {
	struct fetchrun *run;
	struct pop3 *pop3;
	struct fetchnames names; /* of all messages */
	struct fetchnames_item item;
	struct fetchstate_key key; /* of item's UIDL */
	struct imapset numbers;    /* of all messages */
	uint64_t *prints;          /* owned; of UIDLs, then of doubled ones */
	size_t nprints, prints_cap;
	uint32_t *wanted; /* owned; numbers in the order of names */
	size_t n, cap;
	struct imapset named; /* of those, whose UIDL is known */
	struct imapset due;   /* to be deleted */
	bool cut;             /* the limit leaves some for later */
	bool renamed;         /* UIDLs may be others than they were */
	uint64_t nrenamed;    /* that are known by content */
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
fetchpop3_open(const struct fetch_plan *plan, struct pop3 **p_r,
    uint32_t *delay_r, struct err *e)
{
	struct stream *s;
	int ret;

	if (fetchrun_connect(plan, &s, e) < 0)
		return -1;
	if (pop3_open(s, plan->timeout, plan->given->trace, p_r, e) < 0)
		return fetchrun_no_greeting(plan, e);
	ret = log_in(plan, *p_r, e);
	if (delay_r)
		*delay_r = pop3_login_delay(*p_r);
	if (ret < 0)
		pop3_free(p_r);
	return ret;
}

/* Enough of a key to tell whether there are two: those are looked at. */
static uint64_t
print_of(const struct fetchstate_key *key)
{
	uint64_t v;

	memcpy(&v, key->v, sizeof(v));
	return v;
}

static int
add_name(struct mailbox *box, uint32_t number, struct slice uidl, struct err *e)
{
	if (imapset_has(&box->numbers, number))
		return err_set(e, ERR_PROTO, "UIDL names message %lu twice",
		    (unsigned long)number);
	imapset_add(&box->numbers, number, number);
	return fetchnames_add(&box->names, number, uidl, e);
}

static int
take_uidl(void *arg, uint32_t number, struct slice uidl, struct err *e)
{
	struct mailbox *box = arg;
	struct fetchstate_key key;

	if (fetchstate_key_of(uidl, &key, e) < 0)
		return -1;
	if (box->nprints == box->prints_cap) {
		box->prints_cap += box->prints_cap / 4 + 256;
		box->prints = mem_resize(
		    box->prints, box->prints_cap * sizeof(box->prints[0]));
	}
	box->prints[box->nprints++] = print_of(&key);
	return add_name(box, number, uidl, e);
}

static int
compare_prints(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Keeps those that came more than once. */
static void
find_doubled(struct mailbox *box)
{
	uint64_t *v = box->prints;
	size_t n = 0;

	sort_in_place(v, box->nprints, sizeof(v[0]), compare_prints);
	for (size_t i = 1; i < box->nprints; i++)
		if (v[i] == v[i - 1] && (n == 0 || v[n - 1] != v[i]))
			v[n++] = v[i];
	box->nprints = box->prints_cap = n;
	box->prints = mem_resize(v, (n + 1) * sizeof(v[0]));
}

static int
list_names(struct mailbox *box, struct err *e)
{
	struct pop3_uidl_taker taker = { take_uidl, box };
	uint32_t count;
	int got = pop3_uidl(box->pop3, &taker, e);

	if (got < 0)
		return -1;
	if (got > 0) {
		find_doubled(box);
		return 0;
	}
	if (pop3_stat(box->pop3, &count, e) < 0)
		return -1;
	for (uint32_t i = 1; i <= count; i++)
		if (add_name(box, i, slice_of(NULL, 0), e) < 0)
			return -1;
	return 0;
}

/* The message has no UIDL of its own: only its content can tell. */
static bool
is_unsure(const struct mailbox *box)
{
	uint64_t print = print_of(&box->key);

	return box->item.uidl.n == 0 ||
	       (box->nprints > 0 && bsearch(&print, box->prints, box->nprints,
					sizeof(print), compare_prints));
}

/* Those that are durable here, of earlier runs too: what one left undone is
 * done by the next. Without a UIDL of its own none is sure to be. */
static bool
is_due(const struct mailbox *box, int64_t came)
{
	const struct fetch_plan *plan = box->run->plan;

	if (plan->after != FETCH_DELETE || plan->dry_run)
		return false;
	return plan->after_wait == 0 ||
	       (came > 0 && came + plan->after_wait <= given_now(plan->given));
}

static void
want(struct mailbox *box, bool unsure, bool known)
{
	uint64_t limit = box->run->plan->limit;

	if (limit > 0 && box->n == limit) {
		box->cut = true;
		return;
	}
	if (box->n == box->cap) {
		box->cap += box->cap / 4 + 256;
		box->wanted =
		    mem_resize(box->wanted, box->cap * sizeof(box->wanted[0]));
	}
	box->wanted[box->n++] = box->item.number;
	if (known)
		imapset_add(&box->named, box->item.number, box->item.number);
	box->run->match |= unsure;
}

static int
next_name(struct mailbox *box, struct err *e)
{
	int got = fetchnames_next(&box->names, &box->item, e);

	if (got > 0 && fetchstate_key_of(box->item.uidl, &box->key, e) < 0)
		return -1;
	return got;
}

/* Many of those that came before have gone, and there are new ones: a server
 * that was moved or repaired may have given all of them other names. Not where
 * they went because we had them deleted. */
static bool
is_renamed(const struct mailbox *box)
{
	const struct fetch_plan *plan = box->run->plan;

	return box->n > 0 && fetchstate_has_lost(box->run->state) &&
	       (plan->after != FETCH_DELETE || plan->after_wait > 0);
}

/* What is new, and what only its content can tell. An empty mailbox may be a
 * fault of the server's: it is no reason to forget anything. Nor are names that
 * may be others, until all that bear them have been compared. */
static int
find_wanted(struct mailbox *box, struct err *e)
{
	struct fetchrun *r = box->run;
	bool any = false;
	int got;

	if (fetchnames_rewind(&box->names, e) < 0)
		return -1;
	while ((got = next_name(box, e)) > 0) {
		int64_t came = 0;
		bool unsure = is_unsure(box);
		bool known = box->item.uidl.n > 0 &&
		             fetchstate_find_uidl(r->state, &box->key, &came);

		any = true;
		if (unsure || !known)
			want(box, unsure, known);
		else if (is_due(box, came))
			imapset_add(
			    &box->due, box->item.number, box->item.number);
	}
	if (got < 0)
		return -1;
	box->renamed = is_renamed(box);
	r->match |= box->renamed;
	if (any && !box->renamed)
		fetchstate_listed(r->state);
	imapset_free(&box->numbers);
	fetchrun_count(r, &r->common->totals->wanted, box->n);
	return r->match ? fetchstate_read_contents(r->state, e) : 0;
}

/* Goes on to the message that comes. */
static int
find_name(struct mailbox *box, uint32_t number, struct fetchrun_name *name_r,
    struct err *e)
{
	int got;

	do
		got = next_name(box, e);
	while (got > 0 && box->item.number != number);
	if (got <= 0)
		return got < 0 ? -1 : err_set(e, ERR_BUG, "a name is missing");
	*name_r = (struct fetchrun_name){ .uidl = box->item.uidl,
		.key = box->item.uidl.n ? &box->key : NULL,
		.key_known = imapset_has(&box->named, number) };
	return 0;
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
	uint64_t known = r->known;
	struct fetchrun_name name;
	int got;

	if (find_name(box, number, &name, e) < 0)
		return -1;
	if (body == POP3_BODY_WHOLE) {
		got = fetchrun_end(r, &name, e);
		if (got > 0 && !is_unsure(box) && is_due(box, 0))
			imapset_add(&box->due, number, number);
		if (r->known > known && !is_unsure(box))
			box->nrenamed++;
		return got < 0 ? -1 : 0;
	}
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
list_wanted(struct mailbox *box, struct err *e)
{
	for (size_t i = 0; i < box->n; i++) {
		struct fetchrun_name name;

		if (find_name(box, box->wanted[i], &name, e) < 0)
			return -1;
		fetchrun_pass(box->run, FETCH_NEW, &name, 0);
	}
	return 0;
}

static int
fetch_wanted(struct mailbox *box, struct err *e)
{
	struct fetchrun *r = box->run;
	struct pop3_taker taker = { fetchrun_max(r), body_begin, body_write,
		body_end, box };

	if (fetchnames_rewind(&box->names, e) < 0)
		return -1;
	if (r->plan->dry_run)
		return list_wanted(box, e);
	if (pop3_retr(box->pop3,
		r->plan->headers_only ? POP3_HEADER : POP3_MESSAGE, box->wanted,
		box->n, &taker, e) < 0)
		return -1;
	if (box->renamed && !box->cut)
		fetchstate_listed(r->state);
	if (box->nrenamed > 0)
		fetchrun_remark(r,
		    "the server has other UIDLs for %llu messages than before: "
		    "they are known by their content, and do not come again",
		    (unsigned long long)box->nrenamed);
	return fetchrun_commit(r, e);
}

static int
delete_due(struct mailbox *box, struct err *e)
{
	uint64_t at = 0, count = imapset_count(&box->due);
	struct imapset_range range;
	uint32_t *numbers = mem_array(count + 1, sizeof(numbers[0]));
	size_t n = 0, refused = 0;
	int ret;

	while (imapset_next(&box->due, &at, &range))
		for (uint64_t i = range.first; i <= range.last; i++)
			numbers[n++] = (uint32_t)i;
	ret = pop3_dele(box->pop3, numbers, n, &refused, e);
	mem_free(numbers);
	if (ret == 0 && refused > 0)
		fetchrun_remark(box->run,
		    "the server refuses to delete %zu messages", refused);
	return ret;
}

/* Deletions count once the server confirms QUIT (RFC 1939, 6). */
static int
finish(struct mailbox *box, struct err *e)
{
	if (box->run->plan->after != FETCH_DELETE || box->run->plan->dry_run) {
		pop3_quit(&box->pop3, NULL);
		return 0;
	}
	if (delete_due(box, e) == 0 && pop3_quit(&box->pop3, e) == 0)
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

	if (fetchpop3_open(r->plan, &box.pop3, &r->common->login_delay, e) < 0)
		return -1;
	fetchnames_init(&box.names);
	ret = list_names(&box, e);
	if (ret == 0)
		ret = find_wanted(&box, e);
	if (ret == 0)
		ret = fetch_wanted(&box, e);
	if (ret == 0)
		ret = finish(&box, e);
	pop3_free(&box.pop3);
	fetchnames_free(&box.names);
	imapset_free(&box.numbers);
	imapset_free(&box.named);
	imapset_free(&box.due);
	mem_free(box.prints);
	mem_free(box.wanted);
	return ret;
}
