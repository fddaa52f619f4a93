/* BIMI: the files that a record names.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "crypt/cert.h"

#include "auth/bimi.h"

#define NAME_MAX_ 300 /* octets of a selector's name */

static void
add(struct bimi_svg *r, const char *fault)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->fault[i], fault) == 0)
			return;
	if (r->n < BIMI_FAULTS_MAX)
		r->fault[r->n++] = fault;
}

static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_name(int c)
{
	return c >= 0 && !is_space(c) && !strchr("=/><\"'", c);
}

static void
skip_space(struct slice *s)
{
	while (is_space(slice_peek(*s)))
		slice_get(s);
}

/* "svg:title" is a title. */
static struct slice
take_name(struct slice *s)
{
	struct slice name = slice_take_while(s, is_name);
	size_t colon = slice_find_last(name, ':');

	return colon == SIZE_MAX ? name : slice_sub(name, colon + 1, name.n);
}

/*	Attribute = Name S? "=" S? ( '"' value '"' / "'" value "'" )	*/
static bool
take_attribute(struct slice *s, struct slice *name_r, struct slice *value_r)
{
	int quote;

	skip_space(s);
	*name_r = take_name(s);
	if (name_r->n == 0)
		return false;
	skip_space(s);
	if (slice_peek(*s) != '=')
		return false;
	slice_get(s);
	skip_space(s);
	quote = slice_get(s);
	if (quote != '"' && quote != '\'')
		return false;
	*value_r = slice_take_until(s, (char)quote, NULL);
	return true;
}

/* Takes all up to the mark, and the mark. */
static void
skip_past(struct slice *s, const char *mark)
{
	size_t at = slice_search(*s, slice_str(mark));

	slice_take(s, at == SIZE_MAX ? s->n : at + strlen(mark));
}

/* What moves, acts, or comes from elsewhere. */
static void
check_element(struct bimi_svg *r, struct slice name)
{
	static const struct {
		const char *name, *fault;
	} banned[] = {
		{ "script", "it has a script" },
		{ "animate", "it moves" },
		{ "animateMotion", "it moves" },
		{ "animateTransform", "it moves" },
		{ "animateColor", "it moves" },
		{ "set", "it moves" },
		{ "image", "it has a picture within" },
		{ "foreignObject", "it has foreign content" },
		{ "a", "it has links" },
		{ "audio", "it plays something" },
		{ "video", "it plays something" },
	};

	for (size_t i = 0; i < COUNT_OF(banned); i++)
		if (slice_is(name, banned[i].name))
			add(r, banned[i].fault);
}

static void
check_attribute(struct bimi_svg *r, struct slice name, struct slice value)
{
	if (slice_is(name, "href") && slice_peek(value) != '#')
		add(r, "it refers to something outside of it");
	if (slice_starts(name, "on"))
		add(r, "it has a script");
}

/*	viewBox = x S y S width S height	*/
static bool
is_square(struct slice box)
{
	struct slice part[4];

	for (size_t i = 0; i < COUNT_OF(part); i++) {
		while (is_space(slice_peek(box)) || slice_peek(box) == ',')
			slice_get(&box);
		part[i] = box;
		part[i].n = 0;
		while (box.n && !is_space(slice_peek(box)) &&
		       slice_peek(box) != ',') {
			slice_get(&box);
			part[i].n++;
		}
	}
	return part[3].n && slice_equal(part[2], part[3]);
}

/* The root element. */
static void
check_root(struct bimi_svg *r, struct slice s)
{
	bool version = false, profile = false, square = false;
	struct slice name, value;

	while (take_attribute(&s, &name, &value)) {
		version |= slice_is(name, "version") && slice_is(value, "1.2");
		profile |=
		    slice_is(name, "baseProfile") && slice_is(value, "tiny-ps");
		square |= slice_is(name, "viewBox") && is_square(value);
		if (slice_is(name, "x") || slice_is(name, "y"))
			add(r, "the svg element has x or y");
	}
	if (!version)
		add(r, "the svg element lacks version=\"1.2\"");
	if (!profile)
		add(r, "the svg element lacks baseProfile=\"tiny-ps\"");
	if (!square)
		add(r, "its viewBox is no square");
}

/* One tag, behind its "<". */
static void
take_tag(struct bimi_svg *r, struct slice *s, bool *root, bool *title)
{
	struct slice name = take_name(s), attribute, value;

	if (!*root && !slice_is(name, "svg"))
		add(r, "its first element is not svg");
	if (!*root)
		check_root(r, *s);
	*root = true;
	check_element(r, name);
	while (take_attribute(s, &attribute, &value))
		check_attribute(r, attribute, value);
	skip_past(s, ">");
	if (!slice_is(name, "title"))
		return;
	*title = slice_peek(*s) != '<' && s->n > 0;
	if (*title && slice_find(*s, '<') > BIMI_TITLE_MAX)
		add(r, "its title is longer than 65 octets");
}

void
bimi_svg_check(struct slice svg, struct bimi_svg *r)
{
	bool root = false, title = false;

	*r = (struct bimi_svg){ 0 };
	if (svg.n > BIMI_SVG_MAX)
		add(r, "it has more than 32 KiB");
	svg = slice_sub(svg, 0, BIMI_SVG_MAX);
	while (svg.n) {
		skip_past(&svg, "<");
		if (svg.n == 0)
			break;
		if (slice_starts(svg, "!--"))
			skip_past(&svg, "-->");
		else if (slice_starts(svg, "![CDATA["))
			skip_past(&svg, "]]>");
		else if (slice_starts(svg, "!ENTITY"))
			add(r, "it declares entities");
		else if (slice_peek(svg) == '?' || slice_peek(svg) == '!' ||
			 slice_peek(svg) == '/')
			slice_get(&svg);
		else
			take_tag(r, &svg, &root, &title);
	}
	if (!root)
		add(r, "it is no SVG");
	else if (!title)
		add(r, "it has no title");
}

bool
bimi_cert_fault(
    struct slice pem, const char *domain, int64_t now, char *why_r, size_t n)
{
	struct cert *chain[CERT_CHAIN_MAX] = { 0 };
	char selector[NAME_MAX_];
	int64_t from, to;
	size_t count = 0;
	struct err e;

	*why_r = '\0';
	if (cert_read_pem(pem, chain, &count, &e) < 0) {
		snprintf(why_r, n, "%s", e.text);
		return true;
	}
	snprintf(selector, sizeof(selector), "default._bimi.%s", domain);
	cert_dates(chain[0], &from, &to);
	if (now < from || now > to)
		snprintf(why_r, n, "%s",
		    now < from ? "it is not valid yet" : "it has run out");
	else if (!cert_has_name(chain[0], domain) &&
		 !cert_has_name(chain[0], selector))
		snprintf(why_r, n, "it is not made out to '%s'", domain);
	for (size_t i = 0; i < count; i++)
		cert_free(&chain[i]);
	return *why_r != '\0';
}
