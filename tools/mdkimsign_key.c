/* mdkimsign's care of keys: making one, printing its record.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"

#include "auth/dkim.h"

#include "mdkimsign.h"

#define STRING_MAX 255  /* octets of a character-string (RFC 1035 3.3) */
#define RECORD_TTL 3600 /* s */

int
mdkimsign_open(
    struct tool_run *run, const char *path, struct key **k_r, struct err *e)
{
	bool exposed = false;

	if (key_open(k_r, path, &exposed, e) < 0)
		return -1;
	if (exposed)
		tool_warn(
		    run, "key '%s' can be read by others: chmod 600 it", path);
	return 0;
}

/* "rsa:2048", "rsa", "ed25519" */
static int
read_kind(
    const char *text, enum key_kind *kind_r, unsigned *bits_r, struct err *e)
{
	struct slice s = slice_str(text);
	uint64_t bits = DKIM_BITS_SIGN;

	if (slice_is(s, "ed25519")) {
		*kind_r = KEY_ED25519;
		return 0;
	}
	if (!slice_take_prefix(&s, "rsa") ||
	    (s.n && (!slice_take_prefix(&s, ":") ||
			!slice_number(s, KEY_BITS_MAX, &bits))))
		return err_set(e, ERR_USAGE,
		    "--genkey: '%s' is none of rsa:2048, rsa:4096, ed25519",
		    text);
	if (bits < DKIM_BITS_SIGN)
		return err_set(e, ERR_USAGE,
		    "--genkey: RFC 8301 wants at least rsa:%d", DKIM_BITS_SIGN);
	*kind_r = KEY_RSA;
	*bits_r = (unsigned)bits;
	return 0;
}

/* A new file of mode 0600, whole and on the disk, or none at all. */
static int
write_new(const char *path, struct slice text, struct err *e)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r;

	if (fd < 0)
		return errno == EEXIST
		           ? err_set(e, ERR_CANTCREAT,
				 "'%s' is there already: a key is never "
				 "overwritten",
				 path)
		           : err_sys(
				 e, ERR_CANTCREAT, "cannot create '%s'", path);
	r = io_write(fd, text.p, text.n, path, e);
	if (r == 0)
		r = io_sync(fd, path, e);
	if (r < 0)
		unlink(path);
	if (io_close(&fd, path, r < 0 ? NULL : e) < 0 && r == 0) {
		unlink(path);
		r = -1;
	}
	return r;
}

static int
put_key(struct tool_run *run, const char *path, struct slice pem, struct err *e)
{
	if (path)
		return write_new(path, pem, e);
	tool_output(run, pem);
	tool_flush(run);
	return 0;
}

void
mdkimsign_genkey(struct tool_run *run, const struct mdkimsign_settings *set)
{
	enum key_kind kind;
	unsigned bits = 0;
	struct key *k = NULL;
	struct buf pem;
	struct err e;

	buf_init(&pem, KEY_FILE_MAX);
	buf_room(&pem, KEY_FILE_MAX); /* never moved, so the wipe finds it */
	if (read_kind(set->genkey, &kind, &bits, &e) < 0 ||
	    key_generate(&k, kind, bits, &e) < 0 ||
	    key_write_pem(k, &pem, &e) < 0 ||
	    put_key(run, set->output, buf_view(&pem), &e) < 0)
		tool_fail(run, &e);
	buf_wipe(&pem);
	key_free(&k);
}

/* name TTL IN TXT ( "..." "..." ), a string a line. Neither a name in
 * A-labels nor a record has anything to escape. */
static void
print_zone(struct tool_run *run, const char *name, struct slice record)
{
	tool_print(run, "%s. %d IN TXT (", name, RECORD_TTL);
	while (record.n) {
		struct slice string = slice_take(&record, STRING_MAX);

		tool_print(run, "\n\t\"%.*s\"", SLICE_ARG(string));
	}
	tool_print(run, " )\n");
}

static void
print_json(struct tool_run *run, const char *name, struct slice record,
    const struct key *k)
{
	struct json *j = json_new_object(), *strings = json_new_array();

	json_put_text(j, "name", name);
	json_put_text(j, "type", "TXT");
	json_put_number(j, "ttl", RECORD_TTL);
	json_put_text(j, "key_type", key_kind_name(key_kind(k)));
	json_put_number(j, "bits", key_bits(k));
	while (record.n)
		json_add_slice(strings, slice_take(&record, STRING_MAX));
	json_put(j, "strings", strings);
	tool_json(run, j);
}

static int
record(struct tool_run *run, const struct mdkimsign_settings *set,
    struct buf *text, struct key **k, struct err *e)
{
	const char *format = set->common.json ? "json" : set->format;
	const char *name = NULL;
	struct slice s = slice_str(format ? format : "zone");

	if (!set->domain || set->selectors.n != 1)
		return err_set(e, ERR_USAGE,
		    "--record needs the domain (-d) and one selector (-s)");
	if (dkimkey_name(slice_str(set->selectors.v[0]), slice_str(set->domain),
		&run->arena, &name, e) < 0) {
		e->kind = ERR_USAGE;
		return -1;
	}
	if (mdkimsign_open(run, set->record, k, e) < 0 ||
	    dkimkey_write(*k, text, e) < 0)
		return -1;
	if (slice_is(s, "text"))
		tool_print(run, "%s\n", buf_str(text));
	else if (slice_is(s, "json"))
		print_json(run, name, buf_view(text), *k);
	else
		print_zone(run, name, buf_view(text));
	return 0;
}

void
mdkimsign_record(struct tool_run *run, const struct mdkimsign_settings *set)
{
	struct key *k = NULL;
	struct buf text;
	struct err e;

	buf_init(&text, DKIMKEY_RECORD_MAX);
	if (record(run, set, &text, &k, &e) < 0)
		tool_fail(run, &e);
	buf_free(&text);
	key_free(&k);
}
