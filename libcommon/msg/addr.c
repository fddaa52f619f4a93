/* Addresses of header fields (see addr.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/encword.h"
#include "text/token.h"

#include "msg/addr.h"

#define NAME_MAX_OCTETS (1u << 20) /* of a display name; more is cut off */

struct reader {
	struct slice rest;
	struct arena *arena;
	struct addr_list *list;
	size_t cap;
	struct slice group;   /* p null: outside */
	struct slice comment; /* the last one of this element */
	bool lax;
	bool local; /* "@" and domain may be missing */
};

/* What stands before "<", "@" or ":": a display name, a local part or the name
 * of a group, which is known only at its end. */
struct words {
	struct buf phrase; /* with one SP between */
	struct buf local;  /* with nothing between */
	size_t n;
	bool dots_astray; /* "a..b", ".a" */
	bool apart;       /* two words without a dot between */
	bool ends_in_word;
};

static void
words_init(struct words *w)
{
	*w = (struct words){ 0 };
	buf_init(&w->phrase, NAME_MAX_OCTETS);
	buf_init(&w->local, NAME_MAX_OCTETS);
}

static void
words_free(struct words *w)
{
	buf_free(&w->phrase);
	buf_free(&w->local);
}

static void
words_add(struct words *w, struct slice word, bool quoted)
{
	bool dot = !quoted && slice_is(word, ".");

	if (w->n && !dot)
		buf_char(&w->phrase, ' ');
	if (dot && !w->ends_in_word)
		w->dots_astray = true;
	if (!dot && w->ends_in_word)
		w->apart = true;
	w->ends_in_word = !dot;
	if (quoted) {
		token_unquote(word, &w->phrase);
		token_unquote(word, &w->local);
	} else {
		buf_slice(&w->phrase, word);
		buf_slice(&w->local, word);
	}
	w->n++;
}

static int
skip_cfws(struct reader *r)
{
	return token_skip_cfws_comment(&r->rest, &r->comment);
}

/* 1*word, with CFWS around each. 0, or -1 broken. */
static int
read_words(struct reader *r, struct words *w)
{
	struct slice word;
	bool quoted;
	int got;

	for (;;) {
		if (skip_cfws(r) < 0)
			return -1;
		got = token_word(&r->rest, &word, &quoted);
		if (got <= 0)
			return got;
		words_add(w, word, quoted);
	}
}

static struct slice
kept(const struct buf *b, struct arena *a)
{
	return slice_of(arena_copy(a, buf_view(b)), b->n);
}

static struct slice
decoded(struct slice text, struct arena *a)
{
	struct slice made;
	struct buf out;

	buf_init(&out, 4 * (size_t)NAME_MAX_OCTETS);
	encword_decode(text, &out);
	made = kept(&out, a);
	buf_free(&out);
	return made;
}

/* A comment's inside as text. */
static struct slice
said(struct slice inside, struct arena *a)
{
	struct slice made;
	struct buf out;

	buf_init(&out, NAME_MAX_OCTETS);
	token_unquote(inside, &out);
	made = decoded(buf_view(&out), a);
	buf_free(&out);
	return made;
}

/* domain = dot-atom / domain-literal / obs-domain
 * obs-domain = atom *("." atom), CFWS around each */
static int
read_domain(struct reader *r, struct slice *domain_r)
{
	struct slice atom, literal;
	struct buf b;
	int got;

	if (skip_cfws(r) < 0)
		return -1;
	got = token_domain_literal(&r->rest, &literal);
	if (got) {
		*domain_r = literal;
		return got > 0 ? skip_cfws(r) : -1;
	}
	buf_init(&b, ADDR_DOMAIN_MAX + 1);
	for (;;) {
		got = token_atom(&r->rest, &atom);
		if (got <= 0)
			break;
		buf_slice(&b, atom);
		got = skip_cfws(r);
		if (got < 0 || slice_peek(r->rest) != '.')
			break;
		slice_get(&r->rest);
		buf_char(&b, '.');
		got = skip_cfws(r);
		if (got < 0)
			break;
	}
	*domain_r = kept(&b, r->arena);
	got = got > 0 && !buf_over(&b) && b.n ? 1 : -1;
	buf_free(&b);
	return got;
}

/* Octets that no header field may have come back in what is formatted. */
static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_control(slice_at(s, i)))
			return true;
	return false;
}

/* "@" domain, behind the local part in w. */
static int
read_at(struct reader *r, const struct words *w, struct addr *ad)
{
	bool name = r->local && slice_peek(r->rest) != '@';

	if (!name && slice_get(&r->rest) != '@')
		return -1;
	if (!w->n || w->apart)
		return -1;
	if (!r->lax && (w->dots_astray || !w->ends_in_word))
		return -1;
	if (has_control(buf_view(&w->local)))
		return -1;
	ad->local = kept(&w->local, r->arena);
	if (name)
		return 0;
	return read_domain(r, &ad->domain) < 0 || has_control(ad->domain) ? -1
	                                                                  : 0;
}

/* obs-route = "@" domain *("," "@" domain) ":", whose places are empty or
 * comments too; nothing of it is kept. */
static int
skip_route(struct reader *r)
{
	struct slice domain;

	while (slice_peek(r->rest) == '@') {
		slice_get(&r->rest);
		if (read_domain(r, &domain) < 0)
			return -1;
		while (slice_peek(r->rest) == ',') {
			slice_get(&r->rest);
			if (skip_cfws(r) < 0)
				return -1;
		}
		if (slice_peek(r->rest) == ':') {
			slice_get(&r->rest);
			return 0;
		}
	}
	return 0;
}

/* angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS] */
static int
read_angle(struct reader *r, struct addr *ad)
{
	struct words w;
	int got;

	slice_get(&r->rest);
	if (skip_cfws(r) < 0 || skip_route(r) < 0)
		return -1;
	words_init(&w);
	got = read_words(r, &w);
	if (got == 0)
		got = read_at(r, &w, ad);
	words_free(&w);
	if (got < 0 || slice_get(&r->rest) != '>')
		return -1;
	return skip_cfws(r);
}

static void
add(struct reader *r, const struct addr *ad)
{
	struct addr_list *list = r->list;

	list->v = arena_grow(
	    r->arena, list->v, list->n, list->n + 1, sizeof(*ad), &r->cap);
	list->v[list->n] = *ad;
	list->v[list->n++].group = r->group;
}

static bool
at_separator(const struct reader *r)
{
	int c = slice_peek(r->rest);

	return c < 0 || c == ',' || (c == ';' && (r->group.p || r->lax));
}

/* The rest of a mailbox whose first words are in w. */
static int
read_mailbox(struct reader *r, const struct words *w)
{
	struct addr ad = { 0 };

	if (slice_peek(r->rest) == '<') {
		if (read_angle(r, &ad) < 0)
			return -1;
		ad.name = decoded(buf_view(&w->phrase), r->arena);
	} else {
		if (read_at(r, w, &ad) < 0)
			return -1;
		ad.name = said(r->comment, r->arena);
	}
	if (!at_separator(r))
		return -1;
	add(r, &ad);
	return 0;
}

/* mailbox / group: mailbox-list / display-name ":" */
static int
read_element(struct reader *r)
{
	struct words w;
	int got;

	r->comment = slice_of(NULL, 0);
	words_init(&w);
	got = read_words(r, &w);
	if (got == 0 && slice_peek(r->rest) == ':' && w.n && !r->group.p) {
		slice_get(&r->rest);
		r->group = decoded(buf_view(&w.phrase), r->arena);
		r->list->groups++;
	} else if (got == 0 && (w.n || !at_separator(r))) {
		got = read_mailbox(r, &w);
	}
	words_free(&w);
	return got;
}

/* Goes on to the next separator outside quotes and comments; to the end where
 * one of these is not closed. */
static void
skip_element(struct reader *r)
{
	struct slice any;

	while (!at_separator(r)) {
		int got = token_quoted(&r->rest, &any);

		if (!got)
			got = token_comment(&r->rest, &any);
		if (got < 0)
			r->rest.n = 0;
		else if (!got)
			slice_get(&r->rest);
	}
}

static void
take_separator(struct reader *r)
{
	if (slice_get(&r->rest) == ';')
		r->group = slice_of(NULL, 0);
}

/* address-list = *( element ( "," / ";" ) ) element; empty elements are
 * obs-addr-list. Where it is broken: the start of that element. */
static int
read_list(struct reader *r, struct slice *broken_r)
{
	while (r->rest.n) {
		struct slice from = r->rest;
		bool was_group = r->group.p != NULL;

		if (r->list->n == ADDR_LIST_MAX) {
			*broken_r = slice_of(NULL, 0);
			return -1;
		}
		if (read_element(r) < 0) {
			*broken_r = from;
			if (!r->lax)
				return -1;
			r->list->flawed = true;
			r->rest = from;
			skip_element(r);
		}
		if (!was_group && r->group.p)
			continue;
		take_separator(r);
	}
	if (!r->group.p)
		return 0;
	*broken_r = slice_str("group without \";\"");
	return -1;
}

static int
parse(struct slice in, bool local, struct arena *a, struct addr_list *list_r,
    struct err *e)
{
	struct reader r = {
		.rest = in, .arena = a, .list = list_r, .local = local
	};
	struct slice broken = { NULL, 0 };

	*list_r = (struct addr_list){ 0 };
	if (read_list(&r, &broken) == 0)
		return 0;
	if (!broken.p)
		return err_set(
		    e, ERR_DATA, "more than %d addresses", ADDR_LIST_MAX);
	return err_set(e, ERR_DATA, "no address: '%.*s'",
	    SLICE_ARG(slice_sub(slice_trim(broken), 0, 80)));
}

int
addr_parse(
    struct slice in, struct arena *a, struct addr_list *list_r, struct err *e)
{
	return parse(in, false, a, list_r, e);
}

int
addr_parse_local(
    struct slice in, struct arena *a, struct addr_list *list_r, struct err *e)
{
	return parse(in, true, a, list_r, e);
}

void
addr_parse_lax(struct slice in, struct arena *a, struct addr_list *list_r)
{
	struct reader r = {
		.rest = in, .arena = a, .list = list_r, .lax = true
	};
	struct slice broken;

	*list_r = (struct addr_list){ 0 };
	if (read_list(&r, &broken) < 0)
		list_r->flawed = true;
}

void
addr_format(const struct addr *ad, struct buf *out)
{
	if (token_is_dot_atom(ad->local))
		buf_slice(out, ad->local);
	else
		token_quote(ad->local, out);
	if (!ad->domain.n)
		return;
	buf_char(out, '@');
	buf_slice(out, ad->domain);
}

void
addr_format_named(const struct addr *ad, struct buf *out)
{
	if (!ad->name.n) {
		addr_format(ad, out);
		return;
	}
	encword_phrase(ad->name, out);
	buf_text(out, " <");
	addr_format(ad, out);
	buf_char(out, '>');
}

struct slice
addr_text(const struct addr *ad, struct arena *a)
{
	struct slice made;
	struct buf out;

	buf_init(&out, 2 * (size_t)NAME_MAX_OCTETS + 8);
	addr_format(ad, &out);
	made = kept(&out, a);
	buf_free(&out);
	return made;
}
