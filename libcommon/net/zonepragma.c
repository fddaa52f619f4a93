/* The lines of master files that are comments to every other reader.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/zoneparts.h"

#define SLOW 10000 /* ms */

static bool
fault_named(struct slice word, struct zone_fault *f)
{
	static const struct {
		const char *name;
		enum dns_status status;
		uint32_t took;
	} faults[] = { { "TIMEOUT", DNS_TIMEOUT, 0 },
		{ "SERVFAIL", DNS_SERVFAIL, 0 }, { "REFUSED", DNS_REFUSED, 0 },
		{ "BOGUS", DNS_BOGUS, 0 }, { "NXDOMAIN", DNS_NXDOMAIN, 0 },
		{ "SLOW", DNS_OK, SLOW } };

	*f = (struct zone_fault){ .type = ZONE_ANY };
	for (size_t i = 0; i < COUNT_OF(faults); i++)
		if (slice_is(word, faults[i].name)) {
			f->status = faults[i].status;
			f->took = faults[i].took;
			return true;
		}
	return false;
}

void
zone_add_fault(
    struct zone *z, struct zone_node *node, const struct zone_fault *fault)
{
	struct zone_fault *f = arena_new(&z->arena, sizeof(*f));

	*f = *fault;
	f->next = node->faults;
	node->faults = f;
}

/*	fault  = ";@" SP ( "TIMEOUT" / "SERVFAIL" / "REFUSED" / "BOGUS" /
 *	         "NXDOMAIN" / "SLOW" ) SP name [ SP type ]
 *	path   = ";@" SP ( "SECURE" / "CLAIMED" )
 */
static int
read_pragma(struct zone *z, struct slice line, bool *secure, struct arena *a,
    struct err *e)
{
	struct slice word = slice_take_until(&line, ' ', NULL), name, type;
	struct zone_fault f;
	struct dnsname n;

	if (slice_is(slice_trim_end(word), "SECURE")) {
		*secure = true;
		return 0;
	}
	if (slice_is(slice_trim_end(word), "CLAIMED")) {
		z->claimed = true;
		return 0;
	}
	if (!fault_named(word, &f))
		return err_set(e, ERR_DATA,
		    "';@ %.*s' is none of TIMEOUT, SERVFAIL, REFUSED, BOGUS, "
		    "NXDOMAIN, SLOW, SECURE, CLAIMED",
		    SLICE_ARG(word));
	line = slice_trim(line);
	name = slice_take_until(&line, ' ', NULL);
	type = slice_trim(line);
	if (!name.n || !dnsname_read(arena_copy(a, name), &n))
		return err_set(
		    e, ERR_DATA, "'%.*s' is no name", SLICE_ARG(name));
	if (type.n && (f.type = dns_type_number(type)) == 0)
		return err_set(
		    e, ERR_DATA, "'%.*s' is no type we know", SLICE_ARG(type));
	dnsname_lower(&n);
	zone_add_fault(z, zone_node_for(z, &n), &f);
	return 0;
}

int
zone_read_pragmas(struct zone *z, struct slice text, const char *file,
    bool *secure, struct err *e)
{
	static const struct slice mark = SLICE_LIT("\n;@ ");
	struct slice rest = text, line;
	struct arena a = { 0 };
	int ret = 0;

	if (!slice_take_prefix(&rest, ";@ ")) {
		size_t at = slice_search(rest, mark);

		slice_take(&rest, at == SIZE_MAX ? rest.n : at + mark.n);
	}
	while (ret == 0 && rest.n) {
		const char *start = rest.p;
		size_t at;

		slice_take_line(&rest, &line, NULL);
		ret = read_pragma(z, slice_trim(line), secure, &a, e);
		if (ret < 0) {
			size_t number = 1;

			for (const char *p = text.p; p < start; p++)
				number += *p == '\n';
			ret = err_in(e, "%s:%zu", file, number);
			break;
		}
		/* The line feed before the next mark was taken. */
		if (slice_take_prefix(&rest, ";@ "))
			continue;
		at = slice_search(rest, mark);
		slice_take(&rest, at == SIZE_MAX ? rest.n : at + mark.n);
	}
	arena_free(&a);
	return ret;
}
