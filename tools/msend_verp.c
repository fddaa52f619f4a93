/* msend makes senders that bounces bring back: one of its own for each
 * recipient, so that it tells who bounced (VERP), local+user=domain@our.domain;
 * or one that is signed (BATV), prvs=KDDDSSSSSS=local@our.domain. mbounce-parse
 * reads both.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"

#include "msg/addr.h"

#include "report/ours.h"

#include "proto/smtpaddr.h"

#include "msend.h"

static struct slice
local_of(struct slice address)
{
	return slice_sub(address, 0, slice_find_last(address, '@'));
}

static int
refuse(struct slice from, struct slice rcpt, const char *why, struct err *e)
{
	return err_set(e, ERR_DATA,
	    "--verp: sender '%.*s' for '%.*s' %s: leave --verp away",
	    SLICE_ARG(from), SLICE_ARG(rcpt), why);
}

static int
make(struct msend_work *w, struct slice rcpt, struct slice *from_r,
    struct err *e)
{
	struct buf b;
	bool utf8;
	int r;
	const char *separator = w->set->bulk.verp, *tag;
	struct slice from = w->from, local = local_of(from), domain, verp, back;

	if (local.n == from.n || from.n == 0)
		return err_set(e, ERR_USAGE,
		    "--verp: no sender to put recipients into: --from ADDR");
	if (addr_domain(rcpt).n == 0)
		return refuse(from, rcpt, "lacks a domain", e);
	if (idna_to_dns(addr_domain(rcpt), w->arena, &domain, e) < 0)
		return err_in(e, "--verp");
	tag = ourskey_verp_tag(&w->keys.of,
	    slice_str(arena_fmt(w->arena, "%.*s@%.*s",
		SLICE_ARG(local_of(rcpt)), SLICE_ARG(domain))),
	    w->arena);
	verp = slice_str(arena_fmt(w->arena, "%.*s%s%.*s=%.*s%s%s",
	    SLICE_ARG(local), separator, SLICE_ARG(local_of(rcpt)),
	    SLICE_ARG(domain), tag ? "=" : "", tag ? tag : ""));
	if (verp.n > SMTPADDR_LOCAL_MAX)
		return refuse(
		    from, rcpt, "gets longer than 64 octets before the '@'", e);
	*from_r = slice_str(arena_fmt(w->arena, "%.*s@%.*s", SLICE_ARG(verp),
	    SLICE_ARG(addr_domain(from))));
	back = ours_verp(*from_r, w->arena);
	if (slice_find(verp, '"') != SIZE_MAX ||
	    !slice_equal(
		back, slice_str(arena_fmt(w->arena, "%.*s@%.*s",
			  SLICE_ARG(local_of(rcpt)), SLICE_ARG(domain)))))
		return refuse(
		    from, rcpt, "would not be read back from a bounce", e);
	buf_init(&b, SMTPADDR_MAX * 2);
	r = smtpaddr_write(*from_r, &b, &utf8, e);
	buf_free(&b);
	return r < 0 ? err_in(e, "--verp") : 0;
}

static int
load(struct msend_work *w, const char *option, const char *path,
    struct slice *keys, size_t *n_r, struct err *e)
{
	struct opt_list files = { &path, 1, 1 };

	return path ? tagkeys_load(&w->keys, option, &files, keys, n_r, e) : 0;
}

int
msend_verp_open(struct msend_work *w, struct err *e)
{
	const struct msend_bulk *b = &w->set->bulk;
	struct ourskey *k = &w->keys.of;

	if (b->verp_key && !b->verp)
		return err_set(e, ERR_USAGE,
		    "--verp-key makes tags for --verp: give it, too");
	if (b->verp && b->batv_key)
		return err_set(e, ERR_USAGE,
		    "--batv-key does not go with --verp: --verp-key signs "
		    "those senders");
	k->now = given_now(&w->run->given);
	if (load(w, "verp-key", b->verp_key, k->verp, &k->verp_count, e) < 0)
		return -1;
	return load(w, "batv-key", b->batv_key, k->batv, &k->batv_count, e);
}

int
msend_batv(struct msend_work *w, struct err *e)
{
	const char *from;

	if (!w->set->bulk.batv_key || !w->mail.from.n)
		return 0;
	from = ourskey_batv_sign(&w->keys.of, w->mail.from, w->arena);
	if (!from)
		return err_set(e, ERR_DATA,
		    "--batv-key: sender '%.*s' cannot be signed",
		    SLICE_ARG(w->mail.from));
	if (local_of(slice_str(from)).n > SMTPADDR_LOCAL_MAX)
		return err_set(e, ERR_DATA,
		    "--batv-key: sender '%s' gets longer than 64 octets before "
		    "the '@'",
		    from);
	w->mail.from = slice_str(from);
	return 0;
}

int
msend_verp_all(struct msend_work *w, struct err *e)
{
	struct smtp_mail *mail = &w->mail;

	if (!w->set->bulk.verp)
		return 0;
	w->verp = arena_array(w->arena, mail->rcpts + 1, sizeof(*w->verp));
	for (size_t i = 0; i < mail->rcpts; i++)
		if (make(w, mail->rcpt[i], &w->verp[i], e) < 0)
			return -1;
	return 0;
}

int
msend_verp_one(struct msend_work *w, size_t which, struct err *e)
{
	struct smtp_mail *mail = &w->mail;

	if (!w->set->bulk.verp || which >= mail->rcpts)
		return 0;
	mail->rcpt += which;
	mail->rcpts = 1;
	return make(w, mail->rcpt[0], &mail->from, e);
}
