/* MTA-STS: the record in DNS.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/mtasts.h"

/*	sts-id = %s"id=" 1*32(ALPHA / DIGIT)	*/
static bool
is_id(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(slice_at(s, i)) &&
		    !ascii_is_digit(slice_at(s, i)))
			return false;
	return s.n > 0 && s.n <= MTASTS_ID_MAX;
}

int
mtasts_record_read(struct slice text, struct mtasts_record *r)
{
	const struct txtfield *id;

	r->id = slice_of(NULL, 0);
	if (!txtfields_read(text, MTASTS_VERSION, false, &r->fields))
		return 0;
	id = txtfields_find(&r->fields, "id");
	if (!id || !is_id(id->value))
		return -1;
	for (size_t i = 0; i < r->fields.n; i++)
		if (r->fields.field[i].wrong != TXTFIELD_GOOD)
			return -1;
	r->id = id->value;
	return 1;
}

int
mtasts_find(struct dns *d, const char *domain, struct arena *a,
    struct mtasts_found *r, struct err *e)
{
	const char *name = arena_fmt(a, "_mta-sts.%s", domain);
	struct dns_answer got = { .status = DNS_NXDOMAIN };
	struct mtasts_record record;
	size_t count = 0;
	bool good = false;

	*r = (struct mtasts_found){ .state = MTASTS_ABSENT };
	if (dns_name_ok(name) && dns_query(d, name, DNS_TXT, a, &got, e) < 0)
		return -1;
	r->status = got.status;
	r->outside = got.outside;
	for (size_t i = 0; i < got.count; i++) {
		int n = mtasts_record_read(got.records[i].txt.text, &record);

		if (n == 0)
			continue;
		count++;
		good = n > 0;
		r->id = good ? arena_copy(a, record.id) : NULL;
	}
	if (dns_unknown(got.status))
		r->state = MTASTS_UNKNOWN;
	else if (count)
		r->state = count == 1 && good ? MTASTS_FOUND : MTASTS_BROKEN;
	return 0;
}

const char *
mtasts_url(const char *domain, struct arena *a)
{
	return arena_fmt(
	    a, "https://mta-sts.%s/.well-known/mta-sts.txt", domain);
}
