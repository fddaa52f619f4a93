/* Unit tests of flow/receivepolicy.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "flow/receivepolicy.h"

#include "tap.h"

static void
test_rules(void)
{
	static const struct {
		const char *address, *want;
	} rows[] = {
		{ "nobody@example.org", "550 5.1.1 no such recipient here" },
		{ "NoBody@EXAMPLE.org", "550 5.1.1 no such recipient here" },
		{ "a=b@example.org", "452 4.2.2 full" },
		{ "x@bad.example.org", "554 5.0.0 go away" },
		{ "late@example.org", "450 4.0.0 " },
		{ "x@xn--bcher-kva.example", "250 2.1.5 ok" },
		{ "x@b\xc3\xbc"
		  "cher.example",
		    "250 2.1.5 ok" },
		{ "fine@example.org", "250 2.1.5 ok" },
		{ "\"nobody@example.org\"@example.org", "250 2.1.5 ok" },
		{ "postmaster", "250 2.1.5 ok" },
		{ "x@example.com", "550 5.7.1 this server does not relay" },
		{ "x@sub.example.org", "550 5.7.1 this server does not relay" },
		{ "x@[192.0.2.1]", "250 2.1.5 ok" },
	};
	static const char *const refuse[] = { "nobody@example.org",
		"a=b@example.org=452 4.2.2 full",
		"@bad.example.org=554 go away", "late@example.org=450" };
	static const char *const accept[] = { "example.org", "bad.example.org",
		("b\xc3\xbc"
		 "cher.example"),
		"[192.0.2.1]" };
	struct receivepolicy p = { 0 };
	char got[500];
	struct err e;

	for (size_t i = 0; i < COUNT_OF(refuse); i++)
		is_int(receivepolicy_refuse(&p, refuse[i], &e), 0, "%s",
		    refuse[i]);
	for (size_t i = 0; i < COUNT_OF(accept); i++)
		is_int(receivepolicy_accept(&p, accept[i], &e), 0, "%s",
		    accept[i]);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct smtpd_answer a;

		smtpd_answer(&a, 250, "2.1.5", "ok");
		receivepolicy_check(&p, rows[i].address, &a);
		snprintf(
		    got, sizeof(got), "%d %s %s", a.code, a.enhanced, a.text);
		is_str(got, rows[i].want, "%s", rows[i].address);
	}
	receivepolicy_free(&p);
}

static void
test_bad_rules(void)
{
	static const char *const rows[] = { "nobody", "a@b=", "a@b=250 ok",
		"a@b=600", "a@b=55", "a@b=550x", "a@b=450 5.1.1 x" };
	struct receivepolicy p = { 0 };
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		is_int(
		    receivepolicy_refuse(&p, rows[i], &e), -1, "%s", rows[i]);
		is_int(e.kind, ERR_USAGE, "is a usage error");
	}
	is_int(receivepolicy_accept(&p, "a..b", &e), -1, "no domain");
	receivepolicy_free(&p);
}

static void
write_users(const char *path, const char *text, mode_t mode)
{
	struct err e;

	if (io_replace(path, text, strlen(text), mode, &e) < 0 ||
	    chmod(path, mode) < 0)
		abort();
}

static void
test_users(void)
{
	static const struct {
		const char *user, *password;
		bool right;
	} rows[] = {
		{ "alice", "secret", true },
		{ "bob", "with:colon and space ", true },
		{ "alice", "secre", false },
		{ "alice", "secret2", false },
		{ "alice", "", false },
		{ "", "", false },
		{ "#carol", "x", false },
		{ "empty", "", false },
		{ "alice", "with:colon and space ", false },
	};
	char path[] = "/tmp/test-receivepolicy-XXXXXX";
	struct receivepolicy p = { 0 };
	struct err e;
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	write_users(path,
	    "alice:secret\r\n\n#carol:x\nbob:with:colon and space \nempty:\n",
	    0600);
	is_int(receivepolicy_users(&p, path, &e), 0, "users are read");
	ok(p.users.cap > RECEIVEPOLICY_USERS_MAX,
	    "in memory that never moves, so that a wipe finds it all");
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		is_int(receivepolicy_login(&p, slice_str(rows[i].user),
			   slice_str(rows[i].password)),
		    rows[i].right, "%s:%s", rows[i].user, rows[i].password);
	write_users(path, "alice:secret\n", 0640);
	is_int(receivepolicy_users(&p, path, &e), -1, "open to a group");
	is_int(e.kind, ERR_CONFIG, "is refused");
	write_users(path, "alice:x\nbob\n", 0600);
	is_int(receivepolicy_users(&p, path, &e), -1, "no colon");
	ok(strstr(e.text, "line 2") != NULL, "%s", e.text);
	receivepolicy_free(&p);
	unlink(path);
}

int
main(void)
{
	test_rules();
	test_bad_rules();
	test_users();
	return tap_done();
}
