/* Fuzzes proto/sasl: the first octet picks a mechanism, the lines that follow
 * are a server's challenges. No server that does not know the password may
 * come to a good end with SCRAM.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "proto/sasl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(void *p, size_t n)
{
	memset(p, 0, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "PLAIN", "LOGIN", "XOAUTH2",
		"OAUTHBEARER", "SCRAM-SHA-1", "SCRAM-SHA-256", "CRAM-MD5" };
	struct slice in = slice_of(data, size), line, challenge;
	struct sasl_login login = { .user = "u=s,er",
		.password = slice_str("pencil"),
		.token = slice_str("token"),
		.service = "smtp",
		.host = "mx.example",
		.clear = true,
		.random = same };
	struct sasl *s;
	struct err e;
	int first = slice_get(&in), r;

	if (first < 0)
		return 0;
	login.mechanisms = names[(size_t)first % COUNT_OF(names)];
	if (sasl_new(&login, slice_str(login.mechanisms), &s, &e) < 0)
		return 0;
	r = sasl_first(s, &line, &e);
	while (r >= 0 && slice_take_line(&in, &challenge, NULL)) {
		/* Rounds cost time, not insight. */
		if (challenge.n > 200)
			break;
		r = sasl_step(s, challenge, &line, &e);
		for (size_t i = 0; r == 0 && i < line.n; i++)
			if (slice_at(line, i) <= ' ' || slice_at(line, i) > 126)
				abort();
	}
	if (r >= 0 && sasl_done(s, &e) == 0 &&
	    slice_starts(slice_str(login.mechanisms), "SCRAM"))
		abort();
	sasl_refused(s, &e);
	sasl_free(&s);
	return 0;
}
