/* Unit tests of net/dnstape: what is written is read again, and what is no
 * recording is refused.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "net/dnstape.h"

#include "tap.h"

struct seen {
	size_t count, octets;
	char last[64];
	enum dns_type type;
	enum dns_status status;
};

static void
add(const struct dnsname *name, enum dns_type type, enum dns_status status,
    struct slice message, void *arg)
{
	struct seen *s = arg;
	struct arena a = { 0 };

	s->count++;
	s->octets += message.n;
	snprintf(s->last, sizeof(s->last), "%s", dnsname_text(name, &a));
	s->type = type;
	s->status = status;
	arena_free(&a);
}

static void
test_read(void)
{
	static const struct {
		const char *name, *text;
		int want;
		size_t count, octets;
		const char *why;
	} rows[] = {
		{ "two answers",
		    ";@ RECORDING trusted\n; said by someone\n"
		    ";@ ANSWER 0 16 a.example AAECAw==\n"
		    ";@ ANSWER 5 1 b.example -\n",
		    0, 2, 4, "" },
		{ "CRLF and no end", ";@ RECORDING x\r\n;@ ANSWER 5 1 . -", 0,
		    1, 0, "" },
		{ "nothing asked", ";@ RECORDING trusted\n", 0, 0, 0, "" },
		{ "a master file", "$TTL 3\na A 192.0.2.1\n", -1, 0, 0,
		    "line 1: this is no recording" },
		{ "empty", "", -1, 0, 0, "line 1: this is no recording" },
		{ "an answer that is not there",
		    ";@ RECORDING trusted\n;@ ANSWER 0 16 a.example -\n", -1, 0,
		    0, "line 2: no answer of a recording" },
		{ "no such status",
		    ";@ RECORDING trusted\n;@ ANSWER 9 16 a.example -\n", -1, 0,
		    0, "line 2: no answer of a recording" },
		{ "no such type",
		    ";@ RECORDING trusted\n;@ ANSWER 5 65536 a.example -\n", -1,
		    0, 0, "line 2: no answer of a recording" },
		{ "no name", ";@ RECORDING trusted\n\n;@ ANSWER 5 1 a..b -\n",
		    -1, 0, 0, "line 3: no answer of a recording" },
		{ "no base64", ";@ RECORDING trusted\n;@ ANSWER 0 1 a AAE\n",
		    -1, 0, 0, "line 2: no answer of a recording" },
		{ "another pragma",
		    ";@ RECORDING trusted\n;@ TIMEOUT a.example\n", -1, 0, 0,
		    "line 2: no answer of a recording" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct seen seen = { 0 };
		struct err e = { 0 };
		bool trusted;

		is_int(dnstape_read(
			   slice_str(rows[i].text), &trusted, add, &seen, &e),
		    rows[i].want, "%s", rows[i].name);
		is_int((int64_t)seen.count, (int64_t)rows[i].count,
		    "%s: answers", rows[i].name);
		is_int((int64_t)seen.octets, (int64_t)rows[i].octets,
		    "%s: octets", rows[i].name);
		if (rows[i].want < 0)
			is_str(e.text, rows[i].why, "%s: why", rows[i].name);
	}
}

static void
test_round(void)
{
	char path[] = "/tmp/test-dnstape.XXXXXX";
	int fd = mkstemp(path);
	struct dnstape *t;
	struct dnsname name;
	struct seen seen = { 0 };
	struct buf text;
	struct err e;
	bool trusted = false;

	ok(fd >= 0 && dnstape_new(&t, path, true, &e) == 0, "started");
	dnsname_read("a\\.b.\\001.Example", &name);
	for (int i = 0; i < 2000; i++)
		dnstape_add(t, &name, DNS_MX, DNS_OK,
		    slice_str("as many octets as it takes to be written"));
	dnstape_add(t, &name, DNS_TXT, DNS_TIMEOUT, slice_str(""));
	is_int(dnstape_end(&t, &e), 0, "ended");
	ok(!t && dnstape_end(&t, &e) == 0, "once");
	buf_init(&text, 1 << 20);
	ok(io_read_file(path, &text, &e) == 0 && dnstape_is(buf_view(&text)),
	    "it is a recording");
	is_int(dnstape_read(buf_view(&text), &trusted, add, &seen, &e), 0,
	    "read again");
	is_int((int64_t)seen.count, 2001, "all of it");
	ok(trusted && seen.type == DNS_TXT && seen.status == DNS_TIMEOUT,
	    "as it was");
	is_str(seen.last, "a\\.b.\\001.Example", "the name too");
	buf_free(&text);
	close(fd);
	unlink(path);
	is_int(dnstape_new(&t, "/nonexistent/tape", true, &e), -1,
	    "a file that cannot be made");
	is_int(e.kind, ERR_CANTCREAT, "is told so");
	ok(dnstape_new(&t, "/dev/full", true, &e) == 0 &&
		dnstape_end(&t, &e) < 0 && e.kind == ERR_IO,
	    "a full disk is told at the end");
}

int
main(void)
{
	test_read();
	test_round();
	return tap_done();
}
