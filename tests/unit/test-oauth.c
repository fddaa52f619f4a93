/* Unit tests of flow/oauth: what a server of tokens says.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "flow/oauth.h"

#include "tap.h"

static const struct {
	const char *in, *access, *refresh, *error;
	int64_t expires_in;
	int ret;
} rows[] = {
	/* RFC 6749, 5.1 and 5.2 */
	{ "{\"access_token\":\"2YotnFZFEjr1zCsicMWpAA\",\"expires_in\":3600,"
	  "\"refresh_token\":\"tGzv3JOkF0XG5Qx2TlKWIA\"}",
	    "2YotnFZFEjr1zCsicMWpAA", "tGzv3JOkF0XG5Qx2TlKWIA", "", 3600, 0 },
	{ "{\"error\":\"invalid_request\"}", "", "", "invalid_request", -1, 0 },
	{ "{\"access_token\":\"a\",\"expires_in\":\"3599\"}", "a", "", "", 3599,
	    0 },
	{ "{\"access_token\":\"a\",\"expires_in\":-5}", "a", "", "", -1, 0 },
	{ "{\"access_token\":\"a\",\"expires_in\":99999999999999}", "a", "", "",
	    INT32_MAX, 0 },
	{ "{\"access_token\":\"a\\r\\nb\"}", "", "", "", -1, 0 },
	{ "{\"access_token\":5}", "", "", "", -1, 0 },
	{ "{}", "", "", "", -1, 0 },
	{ "[]", "", "", "", -1, 0 },
	{ "<html>", "", "", "", -1, -1 },
	{ "", "", "", "", -1, -1 },
};

int
main(void)
{
	struct arena a = { 0 };
	struct oauth_reply r;
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		is_int(oauth_reply_read(slice_str(rows[i].in), &a, &r, &e),
		    rows[i].ret, "'%s'", rows[i].in);
		is_slice(r.access, rows[i].access, "access token");
		is_slice(r.refresh, rows[i].refresh, "refresh token");
		is_slice(r.error, rows[i].error, "error");
		is_int(r.expires_in, rows[i].expires_in, "its time");
	}
	is_int(e.kind, ERR_PROTO, "what is no JSON");
	arena_wipe(&a);
	return tap_done();
}
