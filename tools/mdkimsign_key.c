/* mdkimsign's care of keys: making one, printing its record.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

#include "auth/dkim.h"

#include "mdkimsign.h"

#define STRING_MAX 255        /* octets of a character-string (RFC 1035 3.3) */
#define RECORD_TTL 3600       /* s */
#define PIN_MAX    256        /* octets of a password or PIN */
#define INPUT_MAX  (1u << 20) /* octets of a record to check */

/* The first line that the descriptor gives. */
static int
read_pin(int fd, char *pin, size_t max, size_t *n_r, struct err *e)
{
	ssize_t got = 1;
	size_t n = 0;

	while (n < max && got > 0 && !memchr(pin, '\n', n)) {
		got = io_read(fd, pin + n, max - n, "--pin-fd", e);
		if (got < 0)
			return -1;
		n += (size_t)got;
	}
	*n_r = slice_trim_end(
	    slice_sub(slice_of(pin, n), 0, slice_find(slice_of(pin, n), '\n')))
	           .n;
	return 0;
}

/* Read anew for every key: a descriptor of a file is read from its start, and a
 * pipe has it once, for the first key. */
int
mdkimsign_open(struct tool_run *run, const struct mdkimsign_settings *set,
    const char *path, struct key **k_r, struct err *e)
{
	char pin[PIN_MAX];
	size_t n = 0;
	bool exposed = false;
	int r = 0;

	if (set->pin_fd)
		r = read_pin((int)set->pin_fd, pin, sizeof(pin), &n, e);
	if (r == 0)
		r = key_open_pin(k_r, path, slice_of(pin, n), &exposed, e);
	explicit_bzero(pin, sizeof(pin));
	if (r < 0)
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

	if (fd < 0 && errno == EEXIST) {
		err_set(e, ERR_CANTCREAT,
		    "'%s' is there already: a key is never overwritten", path);
		e->sys = EEXIST;
		return -1;
	}
	if (fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot create '%s'", path);
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
make_pem(const char *type, struct buf *pem, struct err *e)
{
	enum key_kind kind;
	unsigned bits = 0;
	struct key *k = NULL;
	int r = -1;

	buf_init(pem, KEY_FILE_MAX);
	buf_room(pem, KEY_FILE_MAX); /* never moved, so the wipe finds it */
	if (read_kind(type, &kind, &bits, e) == 0 &&
	    key_generate(&k, kind, bits, e) == 0)
		r = key_write_pem(k, pem, e);
	key_free(&k);
	return r;
}

int
mdkimsign_make(const char *type, const char *path, struct err *e)
{
	struct buf pem;
	int r = make_pem(type, &pem, e);

	if (r == 0)
		r = write_new(path, buf_view(&pem), e);
	buf_wipe(&pem);
	return r;
}

void
mdkimsign_genkey(struct tool_run *run, const struct mdkimsign_settings *set)
{
	struct buf pem;
	struct err e;

	if (set->output) {
		if (mdkimsign_make(set->genkey, set->output, &e) < 0)
			tool_fail(run, &e);
		return;
	}
	if (make_pem(set->genkey, &pem, &e) < 0)
		tool_fail(run, &e);
	else
		tool_output(run, buf_view(&pem));
	tool_flush(run);
	buf_wipe(&pem);
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

/* For nsupdate(1) of BIND and knsupdate(1): one line, then send. */
static void
print_nsupdate(struct tool_run *run, const char *name, struct slice record)
{
	tool_print(run, "update delete %s. IN TXT\n", name);
	tool_print(run, "update add %s. %d IN TXT", name, RECORD_TTL);
	while (record.n) {
		struct slice string = slice_take(&record, STRING_MAX);

		tool_print(run, " \"%.*s\"", SLICE_ARG(string));
	}
	tool_print(run, "\nsend\n");
}

static void
print_json(struct tool_run *run, const char *name, struct slice record,
    const struct key *k, const char *state)
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
	if (state)
		json_put_text(j, "state", state);
	tool_json(run, j);
}

void
mdkimsign_print(struct tool_run *run, const struct mdkimsign_settings *set,
    const char *name, struct slice record, const struct key *k,
    const char *state)
{
	struct slice format = slice_str(set->format);

	if (set->common.json || slice_is(format, "json"))
		print_json(run, name, record, k, state);
	else if (slice_is(format, "text"))
		tool_print(run, "%.*s\n", SLICE_ARG(record));
	else if (slice_is(format, "nsupdate"))
		print_nsupdate(run, name, record);
	else
		print_zone(run, name, record);
}

static int
record(struct tool_run *run, const struct mdkimsign_settings *set,
    struct buf *text, struct key **k, struct err *e)
{
	const char *name = NULL;

	if (!set->domain || set->selectors.n != 1)
		return err_set(e, ERR_USAGE,
		    "--record needs the domain (-d) and one selector (-s)");
	if (dkimkey_name(slice_str(set->selectors.v[0]), slice_str(set->domain),
		&run->arena, &name, e) < 0) {
		e->kind = ERR_USAGE;
		return -1;
	}
	if (mdkimsign_open(run, set, set->record, k, e) < 0 ||
	    dkimkey_write(*k, text, e) < 0)
		return -1;
	mdkimsign_print(run, set, name, buf_view(text), *k, NULL);
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

/* What quotes, parentheses, line ends and backslashes of a master file, or of
 * dig(1), part is one record. What stands behind a string without quotes is
 * none of it: ";" parts them. */
static void
squeeze(struct buf *b)
{
	size_t n = 0;
	bool quoted = false, was = false;

	for (size_t i = 0; i < b->n; i++) {
		int c = (unsigned char)b->p[i];

		if (c == '"')
			quoted = !quoted;
		if (c <= ' ' || strchr("\"()\\,", c))
			continue;
		b->p[n++] = was && !quoted ? ';' : (char)c;
		was = quoted;
	}
	b->n = n;
}

int
mdkimsign_take_input(struct buf *input, struct err *e)
{
	ssize_t got;
	char *room;

	buf_init(input, INPUT_MAX);
	do {
		room = buf_room(input, STRING_MAX);
		if (!room)
			return err_set(e, ERR_DATA,
			    "standard input is over %u octets", INPUT_MAX);
		got = io_read(
		    STDIN_FILENO, room, STRING_MAX, "standard input", e);
		if (got < 0)
			return -1;
		buf_grown(input, (size_t)got);
	} while (got);
	squeeze(input);
	return 0;
}

bool
mdkimsign_shows(struct slice input, struct slice record)
{
	struct slice rest, next = input;

	rest =
	    slice_sub(record, slice_search(record, slice_str("p=")), record.n);
	if (slice_search(input, rest) == SIZE_MAX)
		return false;
	slice_take(&next, slice_search(next, rest));
	slice_take(&next, rest.n);
	return !ascii_is_alpha(slice_peek(next)) || !rest.n ||
	       rest.p[rest.n - 1] == '=';
}

/* 1 the key's record, 0 another key's or none. */
static int
compare(struct tool_run *run, const struct mdkimsign_settings *set,
    struct key **k, struct buf *input, struct buf *own, struct err *e)
{
	if (mdkimsign_open(run, set, set->check, k, e) < 0 ||
	    dkimkey_write(*k, own, e) < 0 || mdkimsign_take_input(input, e) < 0)
		return -1;
	if (slice_search(buf_view(input), slice_str("p=")) == SIZE_MAX)
		return err_set(e, ERR_DATA, "no key record on standard input");
	return mdkimsign_shows(buf_view(input), buf_view(own));
}

void
mdkimsign_check(struct tool_run *run, const struct mdkimsign_settings *set)
{
	struct key *k = NULL;
	struct buf input, own;
	struct err e;
	int r;

	buf_init(&input, INPUT_MAX);
	buf_init(&own, DKIMKEY_RECORD_MAX);
	r = compare(run, set, &k, &input, &own, &e);
	if (r == 0)
		err_set(&e, ERR_NO, "the record is not that of key '%s'",
		    set->check);
	if (r <= 0)
		tool_fail(run, &e);
	buf_free(&input);
	buf_free(&own);
	key_free(&k);
}
