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
#include "net/zoneparts.h"

#define CLASS_IN    1
#define DEFAULT_TTL 3600
#define BUCKETS     64  /* to begin with */
#define STRING_MAX  255 /* octets (RFC 1035 section 3.3) */

/* A name and the hashes of all that it lies below, made in one go from its
 * end. */
struct path {
	const struct dnsname *name; /* small letters */
	size_t count; /* the name itself, its parent ... the root */
	uint8_t at[DNSNAME_MAX];
	uint32_t hash[DNSNAME_MAX];
};

static void
path_of(const struct dnsname *name, struct path *p)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	size_t end = name->n;

	p->name = name;
	p->count = 0;
	for (size_t at = 0; at < name->n; at += name->b[at] + 1u)
		p->at[p->count++] = (uint8_t)at;
	for (size_t i = p->count; i-- > 0; end = p->at[i]) {
		for (size_t k = end; k-- > p->at[i];)
			h = (h ^ name->b[k]) * 16777619u;
		p->hash[i] = h;
	}
}

/* The node of the path's i-th name. */
static struct zone_node *
find(const struct zone *z, const struct path *p, size_t i)
{
	struct zone_node *node = z->buckets[p->hash[i] & (z->bucket_count - 1)];
	const uint8_t *name = p->name->b + p->at[i];
	size_t n = p->name->n - p->at[i];

	while (node && (node->hash != p->hash[i] || node->n != n ||
			   memcmp(node->name, name, n) != 0))
		node = node->next;
	return node;
}

static void
spread(struct zone *z)
{
	size_t count = z->bucket_count * 4;
	struct zone_node **fresh = mem_array(count, sizeof(*fresh));

	for (size_t i = 0; i < z->bucket_count; i++) {
		struct zone_node *node = z->buckets[i], *next;

		for (; node; node = next) {
			struct zone_node **to =
			    &fresh[node->hash & (count - 1)];

			next = node->next;
			node->next = *to;
			*to = node;
		}
	}
	mem_free(z->buckets);
	z->buckets = fresh;
	z->bucket_count = count;
}

static struct zone_node *
add_node(
    struct zone *z, const struct path *p, size_t i, struct zone_node *parent)
{
	size_t n = p->name->n - p->at[i];
	struct zone_node *node = arena_new(&z->arena, sizeof(*node) + n), **to;

	node->n = (uint8_t)n;
	memcpy(node->name, p->name->b + p->at[i], n);
	node->hash = p->hash[i];
	if (parent) {
		node->parent = parent;
		node->sibling = parent->child;
		parent->child = node;
		if (n > 2 && memcmp(node->name, "\1*", 2) == 0)
			parent->wildcard = node;
	}
	if (++z->node_count > z->bucket_count)
		spread(z);
	to = &z->buckets[node->hash & (z->bucket_count - 1)];
	node->next = *to;
	*to = node;
	return node;
}

struct zone_node *
zone_node_for(struct zone *z, const struct dnsname *name)
{
	struct zone_node *node = NULL;
	struct path p;
	size_t i = 0;

	path_of(name, &p);
	while (i < p.count && !(node = find(z, &p, i)))
		i++;
	while (i-- > 0)
		node = add_node(z, &p, i, node);
	return node;
}

int
zone_new(struct zone **z_r, struct err *e)
{
#ifdef HAVE_ZSCANNER
	struct zone *z = mem_new(sizeof(*z));

	(void)e;
	z->bucket_count = BUCKETS;
	z->buckets = mem_array(BUCKETS, sizeof(struct zone_node *));
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

#ifdef HAVE_ZSCANNER
/* A string over 255 octets stands in the line: the scanner splits it, other
 * servers refuse it. `from` starts where the line does, or before. */
static bool
is_too_long(const zs_scanner_t *s, struct slice from)
{
	struct slice line = from;
	bool quoted = false;
	size_t n = 0;

	if (s->r_type != DNS_TXT || s->r_data_length <= STRING_MAX ||
	    s->r_data[0] != STRING_MAX)
		return false;
	while (line.n && n <= STRING_MAX) {
		int c = slice_get(&line);

		if (c == '\\' && ascii_is_digit(slice_peek(line)))
			slice_take(&line, 3);
		else if (c == '\\')
			slice_get(&line);
		else if (c == '"')
			quoted = !quoted;
		n = c != '"' && (quoted || !ascii_is_blank(c)) ? n + 1 : 0;
	}
	return n > STRING_MAX;
}

static int
add_record(struct zone *z, const zs_scanner_t *s, struct slice from,
    bool secure, struct err *e)
{
	struct dnsname owner = { .n = (uint8_t)s->r_owner_length };
	struct zone_record *r;
	struct zone_node *node;

	if (s->r_class != CLASS_IN)
		return err_set(e, ERR_DATA, "class %u is not IN", s->r_class);
	if (z->record_count++ == ZONE_RECORDS_MAX)
		return err_set(
		    e, ERR_DATA, "more than %d records", ZONE_RECORDS_MAX);
	memcpy(owner.b, s->r_owner, owner.n);
	dnsname_lower(&owner);
	node = zone_node_for(z, &owner);
	r = arena_new(&z->arena, sizeof(*r) + s->r_data_length);
	r->ttl = s->r_ttl;
	r->type = s->r_type;
	r->n = (uint16_t)s->r_data_length;
	r->secure = secure;
	r->too_long = is_too_long(s, from);
	memcpy(r->data, s->r_data, r->n);
	z->soa |= r->type == DNS_SOA;
	node->soa |= r->type == DNS_SOA;
	if (node->last)
		node->last->next = r;
	else
		node->first = r;
	node->last = r;
	return 0;
}

/* What the scanner has read goes off the text; for the end of it it has a
 * buffer of its own. Returns what is left. */
static size_t
take_read(struct slice *text, const zs_scanner_t *s)
{
	uintptr_t at = (uintptr_t)s->input.current;
	uintptr_t start = (uintptr_t)text->p;
	bool within = at >= start && at - start <= text->n;

	slice_take(text, within ? at - start : text->n);
	return text->n;
}

static int
scan(struct zone *z, struct slice text, zs_scanner_t *s, bool secure,
    struct err *e)
{
	for (;;) {
		struct slice from = text;

		if (zs_parse_record(s) != 0)
			break;
		from.n -= take_read(&text, s);
		switch (s->state) {
		case ZS_STATE_DATA:
			if (add_record(z, s, from, secure, e) < 0)
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

	if (zone_read_pragmas(z, text, name, &secure, e) < 0)
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
		ret = scan(z, text, s, secure, e);
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
has_fault(const struct zone_node *node, unsigned type, struct dns_answer *r)
{
	for (const struct zone_fault *f = node->faults; f; f = f->next) {
		if (f->type != ZONE_ANY && f->type != type)
			continue;
		r->took += f->took;
		if (f->status != DNS_OK) {
			r->status = f->status;
			return true;
		}
	}
	return false;
}

/* Equal records count once (RFC 2181 section 5). */
static bool
seen_before(const struct zone_node *node, const struct zone_record *r)
{
	for (const struct zone_record *o = node->first; o != r; o = o->next)
		if (o->type == r->type && o->n == r->n &&
		    memcmp(o->data, r->data, r->n) == 0)
			return true;
	return false;
}

static int
take_records(const struct zone_node *node, unsigned type, struct arena *a,
    struct dns_answer *r)
{
	size_t cap = 0;

	for (const struct zone_record *o = node->first; o; o = o->next) {
		if (o->type == DNS_CNAME)
			r->marks |= DNS_BESIDE_CNAME;
		if (o->type != type || r->count == DNS_RECORDS_MAX)
			continue;
		if (seen_before(node, o)) {
			r->marks |= DNS_TWICE;
			continue;
		}
		if (r->count == cap)
			r->records = arena_grow(a, r->records, r->count,
			    r->count + 1, sizeof(*r->records), &cap);
		if (!dnswire_record(slice_of(o->data, o->n), 0, o->n, type, a,
			&r->records[r->count]))
			return -1;
		r->count++;
		r->ttl = o->ttl < r->ttl ? o->ttl : r->ttl;
		r->secure = o->secure;
		r->marks |= o->too_long ? DNS_TOO_LONG : 0;
	}
	return 0;
}

/* What the node answers: its records, its CNAME, or that it has none. */
static void
answer_from(const struct zone_node *node, unsigned type, struct arena *a,
    struct dns_answer *r)
{
	struct dns_answer cname = { .ttl = r->ttl };

	if (has_fault(node, type, r))
		return;
	if (take_records(node, type, a, r) < 0) {
		r->status = DNS_SERVFAIL;
		r->count = 0;
		return;
	}
	r->status = r->count ? DNS_OK : DNS_NODATA;
	/* Beside a CNAME only DNSSEC's records may stand. */
	if (r->count == 0 || type == DNS_CNAME || type == DNS_RRSIG)
		r->marks &= ~(unsigned)DNS_BESIDE_CNAME;
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

/* Something below the name has records. */
static bool
has_below(const struct zone_node *node)
{
	for (const struct zone_node *c = node->child; c; c = c->sibling)
		if (c->first || has_below(c))
			return true;
	return false;
}

/* Names that are there only because something below them has a fault are
 * not. */
static bool
exists(const struct zone_node *node)
{
	return node && (node->first || node->faults || has_below(node));
}

/* Does a zone of the files reach down to what lies below the node? */
static bool
spoken_for(const struct zone *z, const struct zone_node *node)
{
	while (node && !node->soa)
		node = node->parent;
	return node || !z->soa;
}

/* Of the signatures at a name those over one type (RFC 4034 section 3.1.1). */
static void
keep_sigs(struct dns_answer *r, enum dns_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct slice sig = r->records[i].raw;

		if (sig.n > 2 && ((unsigned)slice_at(sig, 0) << 8 |
				     (unsigned)slice_at(sig, 1)) ==
				     (unsigned)DNS_PLAIN(type))
			r->records[n++] = r->records[i];
	}
	if (r->count && n == 0)
		r->status = DNS_NODATA;
	r->count = n;
}

void
zone_find(const struct zone *z, const struct dnsname *name, enum dns_type type,
    struct arena *a, struct dns_answer *r)
{
	struct dnsname n = *name;
	const struct zone_node *node = NULL;
	struct path p;
	size_t i = 0;

	*r = (struct dns_answer){ .status = DNS_NXDOMAIN,
		.ttl = INT32_MAX,
		.secure = !z->insecure,
		.marks = z->claimed ? DNS_CLAIMED : 0 };
	dnsname_lower(&n);
	path_of(&n, &p);
	while (i < p.count && !exists(node = find(z, &p, i)))
		i++;
	if (i == p.count)
		node = NULL;
	/* The wildcard right below the closest name that exists counts, no
	 * other (RFC 4592 section 3.3.1). */
	r->wildcard = i > 0 && node && node->wildcard;
	if (i == 0 || r->wildcard)
		answer_from(i ? node->wildcard : node,
		    type & DNS_SIGS ? DNS_RRSIG : type, a, r);
	else
		r->outside = !spoken_for(z, node);
	if (type & DNS_SIGS)
		keep_sigs(r, type);
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

/* Names below one, as many as there is room for. */
struct below {
	struct arena *a;
	struct dns_below *names;
	size_t n, cap, max;
};

static bool
has_host(const struct zone_node *node)
{
	for (const struct zone_record *r = node->first; r; r = r->next)
		if (r->type == DNS_A || r->type == DNS_AAAA ||
		    r->type == DNS_MX)
			return true;
	return false;
}

/* As deep as a name has labels. */
static void
add_below(struct below *b, const struct zone_node *top)
{
	static const char dmarc[] = "\6_dmarc";

	for (const struct zone_node *c = top->child; c; c = c->sibling) {
		bool host = has_host(c);
		struct dnsname name = { .n = c->n };

		if (b->n == b->max)
			return;
		memcpy(name.b, c->name, c->n);
		if (host || (c->first &&
				slice_starts(slice_of(c->name, c->n), dmarc))) {
			if (b->n == b->cap)
				b->names = arena_grow(b->a, b->names, b->n,
				    b->n + 1, sizeof(*b->names), &b->cap);
			b->names[b->n].name = dnsname_text(&name, b->a);
			b->names[b->n++].host = host;
		}
		add_below(b, c);
	}
}

size_t
zone_names_below(const struct zone *z, const struct dnsname *top, size_t max,
    struct arena *a, const struct dns_below **names_r)
{
	struct below b = { .a = a, .max = max };
	struct dnsname n = *top;
	const struct zone_node *node;
	struct path p;

	dnsname_lower(&n);
	path_of(&n, &p);
	node = find(z, &p, 0);
	if (node)
		add_below(&b, node);
	*names_r = b.names;
	return b.n;
}

bool
zone_is_signed(const struct zone *z)
{
	return z->signed_;
}
