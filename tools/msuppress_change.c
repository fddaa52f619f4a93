/* msuppress: what changes the list.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "base/mem.h"

#include "text/date.h"

#include "msuppress.h"

#define LINE_MAX_OCTETS (4u << 20) /* of one line of input */
#define BAD_TOLD        10         /* bad lines that are told one by one */

struct slice
msuppress_address(struct slice line)
{
	size_t open = slice_find(line, '<');

	if (open != SIZE_MAX) {
		line = slice_sub(line, open + 1, line.n);
		return slice_trim(slice_take_until(&line, '>', NULL));
	}
	line = slice_trim(line);
	for (size_t i = 0; i < line.n; i++)
		if (strchr(",;\t ", line.p[i]))
			return slice_trim(slice_sub(line, 0, i));
	return line;
}

struct slice
msuppress_keep(struct run *u, struct slice s)
{
	return slice_of(arena_copy(&u->events, s), s.n);
}

struct suppress_event *
msuppress_event(struct run *u)
{
	if (u->n == u->cap) {
		u->cap = u->cap ? 2 * u->cap : 64;
		u->v = mem_resize(u->v, u->cap * sizeof(*u->v));
	}
	memset(&u->v[u->n], 0, sizeof(*u->v));
	return &u->v[u->n++];
}

void
msuppress_forget(struct run *u)
{
	arena_free(&u->events);
	mem_free(u->v);
	u->v = NULL;
	u->n = u->cap = 0;
}

int
msuppress_merge(struct run *u, bool expire, struct err *e)
{
	struct suppress_change c;

	if (suppress_update(u->path, &u->hash, u->v, u->n,
		given_now(&u->tool->given), expire, &c, e) < 0)
		return -1;
	trace_say(&u->tool->trace,
	    "added %llu, counted %llu, released %llu, known %llu, expired %llu",
	    (unsigned long long)c.added, (unsigned long long)c.counted,
	    (unsigned long long)c.released, (unsigned long long)c.known,
	    (unsigned long long)c.expired);
	msuppress_forget(u);
	return 0;
}

static struct slice
member(const struct json *o, const char *key)
{
	struct slice s;

	return json_text(json_member(o, key), &s) ? s : slice_of(NULL, 0);
}

static bool
flag(const struct json *o, const char *key)
{
	bool v;

	return json_bool(json_member(o, key), &v) && v;
}

/* A tag of our key vouches for the recipient beside it, and for no other one
 * that the report names. */
static bool
verp_vouches(const struct json *o)
{
	const struct json *by = json_member(o, "ours_by");
	struct slice s;

	for (size_t i = 0; i < json_count(by); i++)
		if (json_text(json_item(by, i), &s) && slice_is(s, "verp-hmac"))
			return true;
	return false;
}

/* Whom a fact is about: the address that was written to. */
static struct slice
address_of(const struct json *o)
{
	struct slice a = member(o, "verp_rcpt");

	if (verp_vouches(o) && slice_find(a, '@') != SIZE_MAX)
		return a;
	a = member(o, "orig_rcpt");
	return slice_find(a, '@') != SIZE_MAX ? a : member(o, "rcpt");
}

/* A fact of mbounce-parse; what says nothing of an address is passed over. */
static void
add_fact(struct run *u, const struct json *o)
{
	struct slice kind = member(o, "kind"), address = address_of(o);
	struct slice reason = member(o, "reason"), ours = member(o, "ours");
	const struct suppress_rule *rule;
	struct suppress_event *v;
	int64_t t;
	size_t at = slice_find_last(address, '@');

	if (at == SIZE_MAX || flag(o, "forwarded") || slice_is(ours, "no") ||
	    (u->set->require_ours && !slice_is(ours, "yes")))
		return;
	if (!slice_is(kind, "bounce") && !slice_is(kind, "arf") &&
	    !slice_is(kind, "success") && !slice_is(kind, "esp-json"))
		return;
	rule = suppress_policy_of(&u->policy, reason, member(o, "class"));
	if (!rule || (!rule->count && !rule->release) ||
	    slice_is(member(o, "action"), "delayed"))
		return;
	if (slice_is(member(o, "scope"), "domain") && !rule->release)
		address = slice_sub(address, at, address.n);
	v = msuppress_event(u);
	v->address = msuppress_keep(u, address);
	v->reason = msuppress_keep(u, reason);
	v->scope = msuppress_keep(u, member(o, "scope"));
	v->source = msuppress_keep(u, member(o, "src"));
	v->digest = msuppress_keep(u, member(o, "msg_sha256"));
	v->time = date_parse_3339(member(o, "date"), &t, NULL)
	              ? t
	              : given_now(&u->tool->given);
	if (v->time > given_now(&u->tool->given))
		v->time = given_now(&u->tool->given);
	v->count = rule->count;
	v->window = rule->window;
	v->keep = rule->keep;
	v->release = rule->release;
}

/* An address by hand, for good. */
static void
add_address(
    struct run *u, struct slice address, const char *source, bool release)
{
	struct suppress_event *v = msuppress_event(u);

	v->address = msuppress_keep(u, address);
	v->reason = slice_str(u->set->reason);
	v->scope =
	    slice_str(slice_peek(address) == '@' ? "domain" : "recipient");
	v->source = slice_str(source);
	v->time = given_now(&u->tool->given);
	v->count = 1;
	v->keep = SUPPRESS_ALWAYS;
	v->release = release;
}

/* The facts of a report, or an entry as it was exported. */
static void
take_json(struct run *u, const struct json *o, const char *source, bool release)
{
	struct slice address = address_of(o);

	if (release && slice_find(address, '@') != SIZE_MAX)
		add_address(u, address, source, true);
	else if (!release && !msuppress_exported_json(u, o))
		add_fact(u, o);
}

static int
take_line(struct run *u, struct slice line, const char *source, bool release,
    struct err *e)
{
	struct slice address = msuppress_address(line);
	struct json *o;

	if (line.n > LINE_MAX_OCTETS)
		return err_set(
		    e, ERR_DATA, "longer than %u octets", LINE_MAX_OCTETS);
	if (slice_peek(line) == '{') {
		if (json_read(line, &o, e) < 0)
			return -1;
		take_json(u, o, source, release);
		json_free(&o);
		return 0;
	}
	if (!release && msuppress_exported(u, line, source))
		return 0;
	if (slice_find(address, '@') == SIZE_MAX)
		return err_set(e, ERR_DATA, "'%.*s' is no address",
		    SLICE_ARG(slice_sub(address, 0, 80)));
	add_address(u, address, source, release);
	return 0;
}

static void
tell_bad(struct run *u, const char *source, size_t n, struct err *e)
{
	err_in(e, "'%s', line %zu",
	    strcmp(source, "-") ? source : "standard input", n);
	tool_fail(u->tool, e);
}

/* A line that says nothing is told, and the others count. */
static int
take_all(struct run *u, struct slice all, const char *source, bool release,
    struct err *e)
{
	struct slice line;
	size_t bad = 0;

	for (size_t n = 1; slice_take_line(&all, &line, NULL); n++) {
		line = slice_trim(line);
		if (line.n && slice_peek(line) != '#' &&
		    take_line(u, line, source, release, e) < 0 &&
		    ++bad <= BAD_TOLD)
			tell_bad(u, source, n, e);
		if (u->n >= MSUPPRESS_AT_ONCE &&
		    msuppress_merge(u, false, e) < 0)
			return -1;
	}
	if (bad > BAD_TOLD)
		tool_warn(
		    u->tool, "%zu lines more are no addresses", bad - BAD_TOLD);
	return 0;
}

int
msuppress_take(struct run *u, const char *path, bool release, struct err *e)
{
	struct io_map map;
	int r;

	if (strcmp(path, "-") == 0)
		r = io_map_fd(
		    STDIN_FILENO, SUPPRESS_FILE_MAX, "standard input", &map, e);
	else
		r = io_map_file(path, SUPPRESS_FILE_MAX, &map, e);
	if (r < 0)
		return -1;
	r = take_all(u, map.bytes, path, release, e);
	io_unmap(&map);
	return r;
}

/* Operands are addresses; without any, lines of standard input. */
static int
take_operands(struct run *u, bool release, struct err *e)
{
	const struct opt_list *l = &u->tool->rest;
	bool any = false;

	for (size_t i = 1; i < l->n; i++) {
		if (strcmp(l->v[i], "-") == 0)
			continue;
		any = true;
		if (!strchr(l->v[i], '@'))
			return err_set(e, ERR_USAGE,
			    "'%s' is no address (files go in by standard "
			    "input)",
			    l->v[i]);
		add_address(u, msuppress_address(slice_str(l->v[i])), "command",
		    release);
	}
	if (!any && msuppress_take(u, "-", release, e) < 0)
		return -1;
	return msuppress_merge(u, false, e);
}

int
msuppress_add(struct run *u, struct err *e)
{
	return take_operands(u, false, e);
}

int
msuppress_del(struct run *u, struct err *e)
{
	return take_operands(u, true, e);
}

int
msuppress_expire(struct run *u, struct err *e)
{
	return msuppress_merge(u, true, e);
}
