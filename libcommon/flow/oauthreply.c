/* The answers of a server of tokens (RFC 6749, 5; RFC 8628, 3.2).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/json.h"

#include "flow/oauth.h"

/* A string member; what has control characters is as good as none. */
static struct slice
text(const struct json *o, const char *key, struct arena *a)
{
	struct slice s;

	if (!json_text(json_member(o, key), &s))
		return slice_str("");
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_control(slice_at(s, i)))
			return slice_str("");
	return slice_of(arena_copy(a, s), s.n);
}

/* Servers write numbers as strings, too. */
static int64_t
seconds(const struct json *o, const char *key)
{
	const struct json *j = json_member(o, key);
	struct slice s;
	uint64_t n;
	int64_t v;

	if (json_number(j, &v))
		return v < 0 ? -1 : v > INT32_MAX ? INT32_MAX : v;
	if (json_text(j, &s) && slice_number(s, INT32_MAX, &n))
		return (int64_t)n;
	return -1;
}

int
oauth_reply_read(
    struct slice body, struct arena *a, struct oauth_reply *r, struct err *e)
{
	struct json *o;

	*r = (struct oauth_reply){ .expires_in = -1, .interval = -1 };
	if (json_read(body, &o, e) < 0) {
		if (e)
			e->kind = ERR_PROTO;
		return err_in(e, "not an answer of OAuth");
	}
	r->access = text(o, "access_token", a);
	r->refresh = text(o, "refresh_token", a);
	r->error = text(o, "error", a);
	r->words = text(o, "error_description", a);
	r->device_code = text(o, "device_code", a);
	r->user_code = text(o, "user_code", a);
	r->url = text(o, "verification_uri", a);
	if (r->url.n == 0) /* as it was in drafts, and is with some */
		r->url = text(o, "verification_url", a);
	r->expires_in = seconds(o, "expires_in");
	r->interval = seconds(o, "interval");
	json_free(&o);
	return 0;
}
