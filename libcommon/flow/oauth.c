/* Access tokens of OAuth 2.0 (see oauth.h).
 *
 *	cache = { "access_token": ..., "refresh_token": ..., "expires": SECONDS
 *}
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"

#include "net/https.h"

#include "flow/oauth.h"

#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"

const struct opt oauth_options[] = {
	OPT_TEXT(0, "client-id", struct oauth_profile, client_id, "ID",
	    "of this program"),
	OPT_TEXT(0, "client-secret", struct oauth_profile, client_secret,
	    "TEXT", "likewise"),
	OPT_TEXT(0, "token-url", struct oauth_profile, token_url, "URL",
	    "where tokens are had"),
	OPT_TEXT(0, "device-url", struct oauth_profile, device_url, "URL",
	    "where a person's consent is asked for"),
	OPT_TEXT(
	    0, "scope", struct oauth_profile, scope, "WORDS", "what it is for"),
	OPT_DONE,
};

struct work {
	const struct oauth_plan *plan;
	struct arena arena; /* full of secrets */
	struct slice access, refresh;
	int64_t expires; /* of access */
};

/* application/x-www-form-urlencoded */
static void
put(struct buf *form, const char *key, struct slice value)
{
	int c;

	if (form->n)
		buf_char(form, '&');
	buf_fmt(form, "%s=", key);
	while ((c = slice_get(&value)) >= 0)
		if (ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' ||
		    c == '.' || c == '_' || c == '~')
			buf_char(form, c);
		else
			buf_fmt(form, "%%%02X", (unsigned)c);
}

static void
put_client(struct buf *form, const struct oauth_profile *p)
{
	put(form, "client_id", slice_str(p->client_id));
	if (p->client_secret)
		put(form, "client_secret", slice_str(p->client_secret));
}

/* Posts the form, which is wiped: 0 and the reply, an error of OAuth
 * included. */
static int
post(struct work *w, const char *url, struct buf *form, struct oauth_reply *r,
    struct err *e)
{
	struct https_want want = { .url = url,
		.ca_file = w->plan->ca_file,
		.max = OAUTH_REPLY_MAX,
		.post = buf_view(form) };
	struct https_reply reply;
	int ret = https_get(w->plan->dns, &want, &w->arena, &reply, e);

	buf_wipe(form);
	if (ret < 0)
		return err_in(e, "OAuth");
	if (reply.outcome != HTTPS_GOT && reply.body.n == 0)
		return err_set(e, ERR_TEMP, "OAuth: '%s': %s", url, reply.why);
	if (oauth_reply_read(reply.body, &w->arena, r, e) < 0)
		return err_in(e, "OAuth: '%s'", url);
	return 0;
}

static void
form_init(struct buf *form)
{
	buf_init(form, OAUTH_REPLY_MAX);
	buf_room(form, OAUTH_REPLY_MAX); /* stays in place, to be wiped */
}

static void
recall(struct work *w)
{
	struct buf text;
	struct json *o;

	buf_init(&text, OAUTH_REPLY_MAX);
	buf_room(&text, OAUTH_REPLY_MAX);
	if (io_read_file(w->plan->cache, &text, NULL) == 0 &&
	    json_read(buf_view(&text), &o, NULL) == 0) {
		struct slice s;

		if (json_text(json_member(o, "access_token"), &s))
			w->access = slice_of(arena_copy(&w->arena, s), s.n);
		if (json_text(json_member(o, "refresh_token"), &s))
			w->refresh = slice_of(arena_copy(&w->arena, s), s.n);
		if (!json_number(json_member(o, "expires"), &w->expires))
			w->expires = 0;
		json_free(&o);
	}
	buf_wipe(&text);
}

static int
keep(struct work *w, struct err *e)
{
	struct json *o = json_new_object();
	struct buf text;
	int r;

	json_put_slice(o, "access_token", w->access);
	json_put_slice(o, "refresh_token", w->refresh);
	json_put_number(o, "expires", w->expires);
	buf_init(&text, OAUTH_REPLY_MAX);
	buf_room(&text, OAUTH_REPLY_MAX);
	json_write(o, false, &text);
	json_free(&o);
	r = io_replace(w->plan->cache, text.p, text.n, 0600, e);
	buf_wipe(&text);
	return r;
}

/* Tokens have come. Without a new refresh token the old one stays. */
static int
accept_tokens(struct work *w, const struct oauth_reply *r, struct err *e)
{
	if (r->access.n == 0)
		return err_set(
		    e, ERR_PROTO, "OAuth: an answer without a token");
	w->access = r->access;
	if (r->refresh.n)
		w->refresh = r->refresh;
	w->expires = given_now(w->plan->given) +
	             (r->expires_in >= 0 ? r->expires_in : 0);
	return keep(w, e);
}

static int
refused(const struct work *w, const struct oauth_reply *r, struct err *e)
{
	return err_set(e,
	    slice_is(r->error, "temporarily_unavailable") ||
		    slice_is(r->error, "server_error")
		? ERR_TEMP
		: ERR_NOPERM,
	    "OAuth: '%s' refused: %.*s%s%.*s", w->plan->name,
	    SLICE_ARG(r->error), r->words.n ? ": " : "", SLICE_ARG(r->words));
}

/* RFC 6749, 6: 1 done; 0 the refresh token holds no more; -1. */
static int
refresh(struct work *w, struct err *e)
{
	const struct oauth_profile *p = &w->plan->profile;
	struct oauth_reply r;
	struct buf form;

	form_init(&form);
	put(&form, "grant_type", slice_str("refresh_token"));
	put(&form, "refresh_token", w->refresh);
	put_client(&form, p);
	if (post(w, p->token_url, &form, &r, e) < 0)
		return -1;
	if (slice_is(r.error, "invalid_grant"))
		return 0;
	if (r.error.n)
		return refused(w, &r, e);
	return accept_tokens(w, &r, e) < 0 ? -1 : 1;
}

/* RFC 8628, 3.5: 1 a token came, 0 not yet, -1. */
static int
ask_again(
    struct work *w, struct slice device_code, int64_t *interval, struct err *e)
{
	const struct oauth_profile *p = &w->plan->profile;
	struct oauth_reply r;
	struct buf form;

	form_init(&form);
	put(&form, "grant_type", slice_str(DEVICE_GRANT));
	put(&form, "device_code", device_code);
	put_client(&form, p);
	if (post(w, p->token_url, &form, &r, e) < 0)
		return -1;
	if (slice_is(r.error, "slow_down"))
		*interval += OAUTH_INTERVAL;
	else if (r.error.n && !slice_is(r.error, "authorization_pending"))
		return refused(w, &r, e);
	if (r.error.n)
		return 0;
	return accept_tokens(w, &r, e) < 0 ? -1 : 1;
}

static int
wait_for_person(struct work *w, const struct oauth_reply *device, struct err *e)
{
	int64_t interval =
	    device->interval > 0 ? device->interval : OAUTH_INTERVAL;
	int64_t left =
	    device->expires_in > 0 ? device->expires_in : OAUTH_WAIT_MAX;
	int r;

	if (left > OAUTH_WAIT_MAX)
		left = OAUTH_WAIT_MAX;
	while (left > 0) {
		struct timespec pause;

		if (interval > OAUTH_INTERVAL_MAX)
			interval = OAUTH_INTERVAL_MAX;
		if (interval > left)
			interval = left;
		pause = (struct timespec){ .tv_sec = (time_t)interval };
		(void)nanosleep(&pause, NULL);
		left -= interval;
		r = ask_again(w, device->device_code, &interval, e);
		if (r != 0)
			return r < 0 ? -1 : 0;
	}
	return err_set(e, ERR_NOPERM, "OAuth: nobody agreed in time");
}

static int
device_flow(struct work *w, struct err *e)
{
	const struct oauth_plan *plan = w->plan;
	const struct oauth_profile *p = &plan->profile;
	struct oauth_reply r;
	struct buf form;

	if (!p->device_url)
		return err_set(e, ERR_CONFIG,
		    "OAuth: no refresh token for '%s', and no device-url to "
		    "get one",
		    plan->name);
	if (!plan->show)
		return err_set(e, ERR_NOPERM,
		    "OAuth: '%s' needs a person's consent: run this once at a "
		    "terminal",
		    plan->name);
	form_init(&form);
	put(&form, "client_id", slice_str(p->client_id));
	if (p->scope)
		put(&form, "scope", slice_str(p->scope));
	if (post(w, p->device_url, &form, &r, e) < 0)
		return -1;
	if (r.error.n)
		return refused(w, &r, e);
	if (r.device_code.n == 0 || r.user_code.n == 0 || r.url.n == 0)
		return err_set(
		    e, ERR_PROTO, "OAuth: '%s' gave no code", p->device_url);
	plan->show(plan->arg, arena_copy(&w->arena, r.url),
	    arena_copy(&w->arena, r.user_code));
	return wait_for_person(w, &r, e);
}

static int
find_token(struct work *w, struct err *e)
{
	int r;

	recall(w);
	if (w->access.n && w->expires > given_now(w->plan->given) + OAUTH_SPARE)
		return 0;
	if (w->refresh.n) {
		r = refresh(w, e);
		if (r != 0)
			return r < 0 ? -1 : 0;
	}
	return device_flow(w, e);
}

static int
check_profile(const struct oauth_plan *plan, struct err *e)
{
	if (plan->profile.client_id && plan->profile.token_url)
		return 0;
	return err_set(e, ERR_CONFIG,
	    "OAuth: profile '%s' has no %s: see mailtoolkit.conf(5)",
	    plan->name, plan->profile.client_id ? "token-url" : "client-id");
}

int
oauth_token(const struct oauth_plan *plan, struct buf *token, struct err *e)
{
	struct work w = { .plan = plan };
	const char *lock;
	int fd, r;

	if (check_profile(plan, e) < 0)
		return -1;
	lock = arena_fmt(&w.arena, "%s.lock", plan->cache);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		r = err_sys(e, ERR_CANTCREAT, "cannot lock '%s'", lock);
	} else {
		r = find_token(&w, e);
		if (r == 0)
			buf_slice(token, w.access);
	}
	if (fd >= 0)
		close(fd);
	arena_wipe(&w.arena);
	return r;
}
