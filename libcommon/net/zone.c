/* Master files as DNS.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_ZSCANNER
#	include <libzscanner/scanner.h>
#endif

#include "base/io.h"
#include "base/mem.h"

#include "net/dnswire.h"
#include "net/zone.h"

#define CLASS_IN    1
#define DEFAULT_TTL 3600
#define BUCKETS     64 /* to begin with */
#define TYPE_ANY    0  /* of a fault: every type */

struct record {
	struct record *next;
	uint32_t ttl;
	uint16_t type, n;
	bool secure;
	uint8_t data[];
};

struct fault {
	struct fault *next;
	enum dns_status status;
	unsigned type;
};

/* A name that exists: with records, with a fault, or as an empty non-terminal
 * because something below it does. */
struct node {
	struct node *next; /* of its bucket */
	struct record *first, *last;
	struct fault *faults;
	uint32_t hash;
	uint8_t n;
	uint8_t name[]; /* small letters */
};

struct zone {
	struct arena arena;
	struct node **buckets;
	size_t bucket_count, node_count, record_count;
	bool soa;      /* some file has an SOA */
	bool insecure; /* some file lacks ";@ SECURE" */
	bool signed_;  /* some file has it */
};

/* FNV-1a */
static uint32_t
hash_of(const uint8_t *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static struct node *
find(const struct zone *z, const uint8_t *name, size_t n)
{
	uint32_t hash = hash_of(name, n);
	struct node *node = z->buckets[hash & (z->bucket_count - 1)];

	while (node && (node->hash != hash || node->n != n ||
			   memcmp(node->name, name, n) != 0))
		node = node->next;
	return node;
}

static void
spread(struct zone *z)
{
	size_t count = z->bucket_count * 4;
	struct node **fresh = mem_array(count, sizeof(*fresh));

	for (size_t i = 0; i < z->bucket_count; i++) {
		struct node *node = z->buckets[i], *next;

		for (; node; node = next) {
			struct node **to = &fresh[node->hash & (count - 1)];

			next = node->next;
			node->next = *to;
			*to = node;
		}
	}
	mem_free(z->buckets);
	z->buckets = fresh;
	z->bucket_count = count;
}

/* The node of a name, made where there is none, its ancestors with it. */
static struct node *
node_for(struct zone *z, const struct dnsname *name)
{
	struct node *made = NULL;

	for (size_t at = 0; at < name->n; at += name->b[at] + 1u) {
		struct node *node = find(z, name->b + at, name->n - at), **to;

		if (node)
			return made ? made : node;
		node = arena_new(&z->arena, sizeof(*node) + name->n - at);
		node->n = (uint8_t)(name->n - at);
		memcpy(node->name, name->b + at, node->n);
		node->hash = hash_of(node->name, node->n);
		if (++z->node_count > z->bucket_count)
			spread(z);
		to = &z->buckets[node->hash & (z->bucket_count - 1)];
		node->next = *to;
		*to = node;
		if (!made)
			made = node;
	}
	return made;
}

int
zone_new(struct zone **z_r, struct err *e)
{
#ifdef HAVE_ZSCANNER
	struct zone *z = mem_new(sizeof(*z));

	(void)e;
	z->bucket_count = BUCKETS;
	z->buckets = mem_array(BUCKETS, sizeof(struct node *));
	*z_r = z;
	return 0;
#else
	*z_r = NULL;
	return err_set(e, ERR_UNAVAILABLE,
	    "cannot read master files: this build lacks libzscanner (install "
	    "libknot-dev and build again)");
#endif
}

void
zone_free(struct zone **z)
{
	if (!*z)
		return;
	arena_free(&(*z)->arena);
	mem_free((*z)->buckets);
	mem_free(*z);
	*z = NULL;
}

static enum dns_status
fault_named(struct slice word)
{
	static const struct {
		const char *name;
		enum dns_status status;
	} faults[] = { { "TIMEOUT", DNS_TIMEOUT }, { "SERVFAIL", DNS_SERVFAIL },
		{ "REFUSED", DNS_REFUSED }, { "BOGUS", DNS_BOGUS } };

	for (size_t i = 0; i < COUNT_OF(faults); i++)
		if (slice_is(word, faults[i].name))
			return faults[i].status;
	return DNS_OK;
}

/*	fault  = ";@" SP ( "TIMEOUT" / "SERVFAIL" / "REFUSED" / "BOGUS" )
 *	         SP name [ SP type ]
 *	secure = ";@" SP "SECURE"
 */
static int
read_pragma(struct zone *z, struct slice line, bool *secure, struct arena *a,
    struct err *e)
{
	struct slice word = slice_take_until(&line, ' ', NULL), name, type;
	struct fault *f;
	enum dns_status status;
	struct dnsname n;
	struct node *node;

	if (slice_is(slice_trim_end(word), "SECURE")) {
		*secure = true;
		return 0;
	}
	status = fault_named(word);
	if (status == DNS_OK)
		return err_set(e, ERR_DATA,
		    "';@ %.*s' is none of TIMEOUT, SERVFAIL, REFUSED, BOGUS, "
		    "SECURE",
		    SLICE_ARG(word));
	line = slice_trim(line);
	name = slice_take_until(&line, ' ', NULL);
	type = slice_trim(line);
	if (!name.n || !dnsname_read(arena_copy(a, name), &n))
		return err_set(
		    e, ERR_DATA, "'%.*s' is no name", SLICE_ARG(name));
	f = arena_new(&z->arena, sizeof(*f));
	f->status = status;
	f->type = TYPE_ANY;
	if (type.n && (f->type = dns_type_number(type)) == 0)
		return err_set(
		    e, ERR_DATA, "'%.*s' is no type we know", SLICE_ARG(type));
	dnsname_lower(&n);
	node = node_for(z, &n);
	f->next = node->faults;
	node->faults = f;
	return 0;
}

/* Lines that start with ";@ ". */
static int
read_pragmas(struct zone *z, struct slice text, const char *file, bool *secure,
    struct err *e)
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

#ifdef HAVE_ZSCANNER
static int
add_record(struct zone *z, const zs_scanner_t *s, bool secure, struct err *e)
{
	struct dnsname owner = { .n = (uint8_t)s->r_owner_length };
	struct record *r;
	struct node *node;

	if (s->r_class != CLASS_IN)
		return err_set(e, ERR_DATA, "class %u is not IN", s->r_class);
	if (z->record_count++ == ZONE_RECORDS_MAX)
		return err_set(
		    e, ERR_DATA, "more than %d records", ZONE_RECORDS_MAX);
	memcpy(owner.b, s->r_owner, owner.n);
	dnsname_lower(&owner);
	node = node_for(z, &owner);
	r = arena_new(&z->arena, sizeof(*r) + s->r_data_length);
	r->ttl = s->r_ttl;
	r->type = s->r_type;
	r->n = (uint16_t)s->r_data_length;
	r->secure = secure;
	memcpy(r->data, s->r_data, r->n);
	z->soa |= r->type == DNS_SOA;
	if (node->last)
		node->last->next = r;
	else
		node->first = r;
	node->last = r;
	return 0;
}

static int
scan(struct zone *z, zs_scanner_t *s, bool secure, struct err *e)
{
	while (zs_parse_record(s) == 0) {
		switch (s->state) {
		case ZS_STATE_DATA:
			if (add_record(z, s, secure, e) < 0)
				return -1;
			break;
		case ZS_STATE_ERROR:
			return err_set(
			    e, ERR_DATA, "%s", zs_strerror(s->error.code));
		case ZS_STATE_INCLUDE:
			return err_set(e, ERR_DATA,
			    "$INCLUDE is not followed: name the file itself");
		case ZS_STATE_NONE:
			break;
		case ZS_STATE_EOF:
		case ZS_STATE_STOP:
			return 0;
		}
	}
	return err_set(e, ERR_DATA, "%s", zs_strerror(s->error.code));
}

int
zone_read(struct zone *z, struct slice text, const char *name, struct err *e)
{
	zs_scanner_t *s;
	bool secure = false;
	int ret;

	if (read_pragmas(z, text, name, &secure, e) < 0)
		return -1;
	z->insecure |= !secure;
	z->signed_ |= secure;
	if (slice_trim(text).n == 0)
		return 0;
	s = mem_new(sizeof(*s));
	if (zs_init(s, ".", CLASS_IN, DEFAULT_TTL) < 0 ||
	    zs_set_input_string(s, text.p, text.n) < 0) {
		ret = err_set(
		    e, ERR_BUG, "%s: %s", name, zs_strerror(s->error.code));
	} else {
		ret = scan(z, s, secure, e);
		if (ret < 0)
			err_in(e, "%s:%llu", name,
			    (unsigned long long)s->line_counter);
	}
	zs_deinit(s);
	mem_free(s);
	return ret;
}
#else
int
zone_read(struct zone *z, struct slice text, const char *name, struct err *e)
{
	(void)z, (void)text, (void)name;
	return err_set(e, ERR_UNAVAILABLE, "this build lacks libzscanner");
}
#endif

int
zone_load(struct zone *z, const char *path, struct err *e)
{
	struct io_map map;
	int ret;

	if (io_map_file(path, ZONE_FILE_MAX, &map, e) < 0)
		return -1;
	ret = zone_read(z, map.bytes, path, e);
	io_unmap(&map);
	return ret;
}

static bool
has_fault(const struct node *node, unsigned type, enum dns_status *r)
{
	for (const struct fault *f = node->faults; f; f = f->next)
		if (f->type == TYPE_ANY || f->type == type) {
			*r = f->status;
			return true;
		}
	return false;
}

/* Equal records count once (RFC 2181 section 5). */
static bool
seen_before(const struct node *node, const struct record *r)
{
	for (const struct record *o = node->first; o != r; o = o->next)
		if (o->type == r->type && o->n == r->n &&
		    memcmp(o->data, r->data, r->n) == 0)
			return true;
	return false;
}

static int
take_records(const struct node *node, unsigned type, struct arena *a,
    struct dns_answer *r)
{
	size_t cap = 0;

	for (const struct record *o = node->first; o; o = o->next) {
		if (o->type != type || r->count == DNS_RECORDS_MAX ||
		    seen_before(node, o))
			continue;
		if (r->count == cap)
			r->records = arena_grow(a, r->records, r->count,
			    r->count + 1, sizeof(*r->records), &cap);
		if (!dnswire_record(slice_of(o->data, o->n), 0, o->n, type, a,
			&r->records[r->count]))
			return -1;
		r->count++;
		r->ttl = o->ttl < r->ttl ? o->ttl : r->ttl;
		r->secure = o->secure;
	}
	return 0;
}

/* What the node answers: its records, its CNAME, or that it has none. */
static void
answer_from(const struct node *node, unsigned type, struct arena *a,
    struct dns_answer *r)
{
	struct dns_answer cname = { .ttl = r->ttl };

	if (has_fault(node, type, &r->status))
		return;
	if (take_records(node, type, a, r) < 0) {
		r->status = DNS_SERVFAIL;
		r->count = 0;
		return;
	}
	r->status = r->count ? DNS_OK : DNS_NODATA;
	if (r->count || type == DNS_CNAME ||
	    take_records(node, DNS_CNAME, a, &cname) < 0 || cname.count == 0)
		return;
	r->status = DNS_OK;
	r->chain = arena_array(a, 1, sizeof(*r->chain));
	r->chain[0] = cname.records[0].name;
	r->chain_count = 1;
	r->ttl = cname.ttl;
	r->secure = cname.secure;
}

/* Does a zone of the files reach down to the name? */
static bool
spoken_for(const struct zone *z, struct dnsname name)
{
	if (!z->soa)
		return true;
	do {
		const struct node *node = find(z, name.b, name.n);

		for (const struct record *r = node ? node->first : NULL; r;
		     r = r->next)
			if (r->type == DNS_SOA)
				return true;
	} while (dnsname_parent(&name));
	return false;
}

/* The wildcard right below the closest name that exists (RFC 4592 section
 * 3.3.1), or null. */
static const struct node *
find_wildcard(const struct zone *z, struct dnsname name)
{
	while (dnsname_parent(&name)) {
		uint8_t star[DNSNAME_MAX + 2] = { 1, '*' };

		if (!find(z, name.b, name.n))
			continue;
		memcpy(star + 2, name.b, name.n);
		return find(z, star, name.n + 2u);
	}
	return NULL;
}

void
zone_find(const struct zone *z, const struct dnsname *name, enum dns_type type,
    struct arena *a, struct dns_answer *r)
{
	struct dnsname n = *name;
	const struct node *node;

	*r = (struct dns_answer){
		.status = DNS_NXDOMAIN, .ttl = INT32_MAX, .secure = !z->insecure
	};
	dnsname_lower(&n);
	node = find(z, n.b, n.n);
	if (!node) {
		node = find_wildcard(z, n);
		r->wildcard = node != NULL;
	}
	if (node)
		answer_from(node, type, a, r);
	else
		r->outside = !spoken_for(z, n);
}

int
zone_lookup(const struct zone *z, const char *name, enum dns_type type,
    struct arena *a, struct dns_answer *r, struct err *e)
{
	struct dnsname n;

	*r = (struct dns_answer){ .status = DNS_NXDOMAIN, .ttl = INT32_MAX };
	if (!dnsname_read(name, &n))
		return err_set(e, ERR_DATA, "'%s' is no domain name", name);
	zone_find(z, &n, type, a, r);
	r->name = dnsname_text(&n, a);
	return 0;
}

bool
zone_is_signed(const struct zone *z)
{
	return z->signed_;
}
