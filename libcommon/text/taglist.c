/* tag=value lists (see taglist.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/taglist.h"

/*	tag-name  =  ALPHA *ALNUMPUNC
 *	ALNUMPUNC =  ALPHA / DIGIT / "_" */
static bool
is_name(struct slice s)
{
	if (!ascii_is_alpha(slice_peek(s)))
		return false;
	for (size_t i = 1; i < s.n; i++) {
		int c = slice_at(s, i);

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '_')
			return false;
	}
	return true;
}

/*	tag-value =  [ tval *( 1*(WSP / FWS) tval ) ]
 *	tval      =  1*VALCHAR
 *	VALCHAR   =  %x21-3A / %x3C-7E */
static bool
is_value(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		if (ascii_is_control(c) && c != '\t' && c != '\r' && c != '\n')
			return false;
	}
	return true;
}

static int
add(struct taglist *list, const struct tag *tag, struct err *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (slice_equal(list->tag[i].name, tag->name))
			return err_set(e, ERR_DATA,
			    "tag '%.*s' stands twice, at offset %zu and %zu",
			    SLICE_ARG(tag->name), list->tag[i].name_at,
			    tag->name_at);
	if (list->n == TAGLIST_MAX)
		return err_set(e, ERR_DATA, "more than %d tags", TAGLIST_MAX);
	list->tag[list->n++] = *tag;
	return 0;
}

static size_t
offset(struct slice record, struct slice part)
{
	return part.p ? (size_t)(part.p - record.p) : 0;
}

static int
read_tag(
    struct slice record, struct slice spec, struct taglist *list, struct err *e)
{
	struct tag tag = { .value = spec };
	bool found;

	tag.name = slice_trim(slice_take_until(&tag.value, '=', &found));
	tag.value = slice_trim(tag.value);
	tag.name_at = offset(record, tag.name);
	tag.value_at = offset(record, tag.value);
	if (!found)
		return err_set(e, ERR_DATA, "no '=' after '%.*s' at offset %zu",
		    SLICE_ARG(tag.name), tag.name_at);
	if (!is_name(tag.name))
		return err_set(e, ERR_DATA,
		    "'%.*s' at offset %zu is no tag name", SLICE_ARG(tag.name),
		    tag.name_at);
	if (!is_value(tag.value))
		return err_set(e, ERR_DATA,
		    "control character in the value of tag '%.*s' at offset %zu",
		    SLICE_ARG(tag.name), tag.value_at);
	return add(list, &tag, e);
}

int
taglist_parse(struct slice record, struct taglist *list_r, struct err *e)
{
	struct slice rest = record;
	bool more;

	list_r->n = 0;
	if (!slice_trim(record).n)
		return err_set(e, ERR_DATA, "no tags");
	do {
		struct slice spec = slice_take_until(&rest, ';', &more);

		if (slice_trim(spec).n) {
			if (read_tag(record, spec, list_r, e) < 0)
				return -1;
		} else if (more) {
			return err_set(e, ERR_DATA, "empty tag at offset %zu",
			    offset(record, spec));
		}
	} while (more);
	return 0;
}

const struct tag *
taglist_find(const struct taglist *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (slice_is(list->tag[i].name, name))
			return &list->tag[i];
	return NULL;
}

struct slice
taglist_get(const struct taglist *list, const char *name, const char *absent)
{
	const struct tag *tag = taglist_find(list, name);

	return tag ? tag->value : slice_str(absent);
}

bool
taglist_item(struct slice *value, int separator, struct slice *item_r)
{
	if (!value->p)
		return false;
	bool found;

	*item_r = slice_trim(slice_take_until(value, separator, &found));
	if (!found)
		value->p = NULL;
	return true;
}
