/* The author's domain (see author.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/token.h"

#include "auth/author.h"

/* Where the reader is in the list. */
struct reading {
	struct slice rest;
	struct slice *domains;
	size_t n;
	size_t mailbox; /* n where the mailbox at hand began */
	bool angle;     /* inside "<...>" */
	bool closed;    /* behind it: nothing more until "," */
};

/*	obs-route = obs-domain-list ":"   (RFC 5322 4.4) */
static void
skip_route(struct reading *r)
{
	size_t colon = slice_find(r->rest, ':');
	size_t end = slice_find(r->rest, '>');

	if (slice_peek(r->rest) == '@' && colon < end)
		slice_take(&r->rest, colon + 1);
}

static void
take_domain(struct reading *r)
{
	struct slice domain;

	token_skip_cfws(&r->rest);
	if (token_domain_literal(&r->rest, &domain) != 1 &&
	    token_dot_atom_lax(&r->rest, &domain) != 1)
		return;
	if (!r->closed && r->n < AUTHOR_MAX)
		r->domains[r->n++] = domain;
}

static void
take_special(struct reading *r)
{
	switch (slice_get(&r->rest)) {
	case '@':
		take_domain(r);
		break;
	case '<':
		r->n = r->mailbox;
		r->angle = true;
		r->closed = false;
		token_skip_cfws(&r->rest);
		skip_route(r);
		break;
	case '>':
		r->closed = r->angle;
		r->angle = false;
		break;
	case ',':
	case ':':
	case ';':
		r->mailbox = r->n;
		r->angle = r->closed = false;
		break;
	default:
		break;
	}
}

size_t
author_domains(struct slice value, struct arena *a, struct slice **domains_r)
{
	struct reading r = { .rest = value };
	struct slice skipped;

	r.domains = arena_array(a, AUTHOR_MAX, sizeof(*r.domains));
	while (r.rest.n) {
		if (token_skip_cfws(&r.rest) < 0) {
			slice_get(&r.rest);
			continue;
		}
		if (token_quoted(&r.rest, &skipped) == 1 ||
		    token_dot_atom_lax(&r.rest, &skipped) == 1)
			continue;
		take_special(&r);
	}
	*domains_r = r.domains;
	return r.n;
}
