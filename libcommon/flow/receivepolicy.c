/* Who may send, and to whom (see receivepolicy.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/io.h"

#include "text/idna.h"

#include "flow/receivepolicy.h"

void
receivepolicy_free(struct receivepolicy *p)
{
	buf_wipe(&p->users);
	arena_free(&p->arena);
	*p = (struct receivepolicy){ 0 };
}

/* class "." subject "." detail (RFC 3463, 2) */
static bool
is_enhanced(struct slice s)
{
	uint64_t v;
	int class = slice_get(&s);

	return (class == '4' || class == '5') && slice_take_prefix(&s, ".") &&
	       slice_take_number(&s, 999, &v) && slice_take_prefix(&s, ".") &&
	       slice_take_number(&s, 999, &v) && s.n == 0;
}

static int
read_answer(struct slice s, struct smtpd_answer *a, struct err *e)
{
	char enhanced[ERR_ENHANCED_MAX];
	struct slice rest = s, word;
	uint64_t code;

	if (!slice_take_number(&rest, 599, &code) || code < 400 ||
	    (rest.n && rest.p[0] != ' '))
		return err_set(e, ERR_USAGE,
		    "a refusal starts with a code from 400 to 599: '%.*s'",
		    SLICE_ARG(s));
	rest = slice_trim(rest);
	s = rest;
	word = slice_take_until(&rest, ' ', NULL);
	if (!is_enhanced(word)) {
		rest = s;
		word = slice_str(code == 550  ? "5.1.1"
				 : code < 500 ? "4.0.0"
					      : "5.0.0");
	}
	if ((uint64_t)(word.p[0] - '0') != code / 100)
		return err_set(e, ERR_USAGE,
		    "%.*s does not go with %u: both start with the same digit",
		    SLICE_ARG(word), (unsigned)code);
	snprintf(enhanced, sizeof(enhanced), "%.*s", SLICE_ARG(word));
	smtpd_answer(a, (int)code, enhanced, "%.*s", SLICE_ARG(rest));
	return 0;
}

int
receivepolicy_refuse(struct receivepolicy *p, const char *rule, struct err *e)
{
	struct slice s = slice_str(arena_string(&p->arena, rule));
	struct receivepolicy_rule *r;
	struct smtpd_answer a;
	/* A local part may have "=", a domain cannot. */
	size_t at = slice_find_last(s, '@'), eq;

	if (at == SIZE_MAX)
		return err_set(e, ERR_USAGE,
		    "no address in '%s': like nobody@example.org=550 gone",
		    rule);
	eq = slice_find(slice_sub(s, at, s.n), '=');
	smtpd_answer(&a, 550, "5.1.1", "no such recipient here");
	if (eq != SIZE_MAX &&
	    read_answer(slice_sub(s, at + eq + 1, s.n), &a, e) < 0)
		return -1;
	p->refuse = arena_grow(&p->arena, p->refuse, p->n_refuse,
	    p->n_refuse + 1, sizeof(*r), &p->cap_refuse);
	r = &p->refuse[p->n_refuse++];
	r->answer = a;
	r->address = eq == SIZE_MAX ? s : slice_sub(s, 0, at + eq);
	return 0;
}

int
receivepolicy_accept(struct receivepolicy *p, const char *domain, struct err *e)
{
	struct slice s = slice_str(arena_string(&p->arena, domain));
	struct slice name;

	if (!slice_is(s, "*") && s.n && s.p[0] != '[' &&
	    idna_to_ascii(s, &p->arena, &name, e) < 0) {
		e->kind = ERR_USAGE;
		return -1;
	}
	p->accept = arena_grow(&p->arena, p->accept, p->n_accept,
	    p->n_accept + 1, sizeof(*p->accept), &p->cap_accept);
	p->accept[p->n_accept++] = s;
	return 0;
}

int
receivepolicy_users(struct receivepolicy *p, const char *path, struct err *e)
{
	struct slice rest, line;
	struct stat st;
	size_t n = 0;

	buf_wipe(&p->users);
	buf_init(&p->users, RECEIVEPOLICY_USERS_MAX);
	/* Stays in place, to be wiped. */
	buf_room(&p->users, RECEIVEPOLICY_USERS_MAX);
	if (io_read_file(path, &p->users, e) < 0)
		return -1;
	if (stat(path, &st) == 0 && (st.st_mode & 077))
		return err_set(e, ERR_CONFIG,
		    "others can read the passwords in '%s': chmod 600 it",
		    path);
	rest = buf_view(&p->users);
	while (slice_take_line(&rest, &line, NULL)) {
		n++;
		if (line.n && line.p[0] != '#' &&
		    (slice_find(line, ':') == SIZE_MAX || line.p[0] == ':'))
			return err_set(e, ERR_CONFIG,
			    "line %zu of '%s' is not like user:password", n,
			    path);
	}
	return 0;
}

static bool
matches(struct slice rule, struct slice address, struct slice domain)
{
	size_t at = slice_find_last(rule, '@');

	if (!idna_equal(slice_sub(rule, at + 1, rule.n), domain))
		return false;
	/* Local parts are the receiver's to compare (RFC 5321, 2.4): here
	 * their case does not count. */
	return at == 0 || slice_equal_nocase(slice_sub(rule, 0, at),
			      slice_sub(address, 0, address.n - domain.n - 1));
}

static bool
is_ours(const struct receivepolicy *p, struct slice domain)
{
	for (size_t i = 0; i < p->n_accept; i++)
		if (slice_is(p->accept[i], "*") ||
		    idna_equal(p->accept[i], domain))
			return true;
	/* Without a domain it is <Postmaster>, who is always here. */
	return p->n_accept == 0 || domain.n == 0;
}

void
receivepolicy_check(
    const struct receivepolicy *p, const char *address, struct smtpd_answer *a)
{
	struct slice s = slice_str(address), domain = { 0 };
	size_t at = slice_find_last(s, '@');

	if (at != SIZE_MAX)
		domain = slice_sub(s, at + 1, s.n);
	for (size_t i = 0; i < p->n_refuse && domain.n; i++)
		if (matches(p->refuse[i].address, s, domain)) {
			*a = p->refuse[i].answer;
			return;
		}
	if (!is_ours(p, domain))
		smtpd_answer(a, 550, "5.7.1", "this server does not relay");
}

/* Equal, looking at every octet of a. */
static bool
equal(struct slice a, struct slice b)
{
	unsigned differ = a.n != b.n;

	for (size_t i = 0; i < a.n; i++)
		differ |= (unsigned char)a.p[i] ^ (unsigned)(slice_at(b, i));
	return differ == 0;
}

bool
receivepolicy_login(
    const struct receivepolicy *p, struct slice user, struct slice password)
{
	struct slice rest = buf_view(&p->users), line, name;
	int right = 0;

	while (slice_take_line(&rest, &line, NULL)) {
		if (slice_starts(line, "#"))
			continue;
		name = slice_take_until(&line, ':', NULL);
		right |= (int)equal(user, name) & (int)equal(password, line) &
		         (int)(line.n > 0);
	}
	return right != 0;
}
