/* DNS messages.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/dnswire.h"

#define CLASS_IN     1
#define TYPE_OPT     41
#define OPTION_EDE   15 /* RFC 8914 section 2 */
#define NEGATIVE_TTL 10800

static unsigned
get16(struct slice msg, size_t at)
{
	return at + 2 > msg.n ? 0
	                      : ((unsigned)(unsigned char)msg.p[at] << 8 |
				    (unsigned char)msg.p[at + 1]);
}

static uint32_t
get32(struct slice msg, size_t at)
{
	return (uint32_t)get16(msg, at) << 16 | get16(msg, at + 2);
}

static void
put16(struct buf *out, unsigned v)
{
	buf_char(out, (int)(v >> 8 & 0xff));
	buf_char(out, (int)(v & 0xff));
}

void
dnswire_question(struct buf *out, uint16_t id, const struct dnsname *name,
    enum dns_type type, bool edns)
{
	put16(out, id);
	/* RD, AD (RFC 6840 section 5.7); CD */
	put16(out, type & DNS_SIGS ? 0x0130 : 0x0120);
	put16(out, 1);
	put16(out, 0);
	put16(out, 0);
	put16(out, edns);
	buf_add(out, name->b, name->n);
	put16(out, DNS_PLAIN(type));
	put16(out, CLASS_IN);
	if (!edns)
		return;
	buf_char(out, 0);
	put16(out, TYPE_OPT);
	put16(out, DNS_UDP_SIZE);
	put16(out, 0);                            /* extended rcode, version */
	put16(out, type & DNS_SIGS ? 0x8000 : 0); /* DO */
	put16(out, 0);
}

static bool
read_header(struct slice msg, struct dnswire_header *h)
{
	unsigned flags = get16(msg, 2);

	*h = (struct dnswire_header){ 0 };
	if (msg.n < DNSWIRE_HEADER)
		return false;
	h->id = (uint16_t)get16(msg, 0);
	h->response = flags & 0x8000;
	h->truncated = flags & 0x0200;
	h->recursive = flags & 0x0080;
	h->authentic = flags & 0x0020;
	h->rcode = flags & 0x000f;
	for (size_t i = 0; i < 4; i++)
		h->counts[i] = get16(msg, 4 + 2 * i);
	return true;
}

/* Bits of the header's octets 2 and 3. */
static const struct {
	unsigned at, bit;
	enum dns_mark mark;
} marks[] = {
	{ 2, 0x02, DNS_BY_TCP },
	{ 3, 0x10, DNS_NO_EDNS },
	{ 3, 0x40, DNS_CLAIMED },
};

void
dnswire_put_marks(struct buf *message, unsigned given)
{
	for (size_t i = 0; i < COUNT_OF(marks) && message->n > 3; i++) {
		char *p = message->p + marks[i].at;
		unsigned octet = (unsigned char)*p & ~marks[i].bit;

		if (given & marks[i].mark)
			octet |= marks[i].bit;
		*p = (char)octet;
	}
}

static unsigned
read_marks(struct slice msg)
{
	unsigned given = 0;

	for (size_t i = 0; i < COUNT_OF(marks) && msg.n > 3; i++)
		if ((unsigned)slice_at(msg, marks[i].at) & marks[i].bit)
			given |= marks[i].mark;
	return given;
}

bool
dnswire_matches(struct slice msg, uint16_t id, const struct dnsname *name,
    enum dns_type type, struct dnswire_header *h)
{
	struct dnsname asked;
	size_t at = DNSWIRE_HEADER;

	if (!read_header(msg, h) || !h->response || h->id != id)
		return false;
	/* A server that cannot read the question may not repeat it. */
	if (h->counts[0] == 0)
		return h->rcode == DNSWIRE_FORMERR ||
		       h->rcode == DNSWIRE_NOTIMP;
	return h->counts[0] == 1 && dnsname_expand(msg, &at, &asked) &&
	       at + 4 <= msg.n && dnsname_equal(&asked, name) &&
	       get16(msg, at) == (unsigned)DNS_PLAIN(type) &&
	       get16(msg, at + 2) == CLASS_IN;
}

bool
dnswire_start(struct dnswire_reader *r, struct slice msg)
{
	struct dnsname name;

	*r = (struct dnswire_reader){ .msg = msg, .at = DNSWIRE_HEADER };
	if (!read_header(msg, &r->h))
		return false;
	for (unsigned i = 0; i < r->h.counts[0]; i++) {
		if (!dnsname_expand(msg, &r->at, &name) || r->at + 4 > msg.n)
			return false;
		r->at += 4;
	}
	r->section = 1;
	r->left = r->h.counts[1];
	return true;
}

int
dnswire_next(struct dnswire_reader *r, struct dnswire_rr *rr)
{
	while (r->left == 0) {
		if (r->section == 3)
			return 0;
		r->left = r->h.counts[++r->section];
	}
	if (!dnsname_expand(r->msg, &r->at, &rr->owner) ||
	    r->at + 10 > r->msg.n)
		return -1;
	rr->section = r->section;
	rr->type = get16(r->msg, r->at);
	rr->class = get16(r->msg, r->at + 2);
	rr->ttl = get32(r->msg, r->at + 4);
	if (rr->ttl > INT32_MAX)
		rr->ttl = 0; /* RFC 2181 section 8 */
	rr->n = get16(r->msg, r->at + 8);
	rr->at = r->at + 10;
	if (rr->n > r->msg.n - rr->at)
		return -1;
	r->at = rr->at + rr->n;
	r->left--;
	return 1;
}

/* One name at *at, which may not run beyond end. */
static const char *
take_name(struct slice msg, size_t *at, size_t end, struct arena *a)
{
	struct dnsname name;

	if (*at >= end || !dnsname_expand(msg, at, &name) || *at > end)
		return NULL;
	return dnsname_text(&name, a);
}

/* TXT-DATA = 1*character-string (RFC 1035 section 3.3.14) */
static bool
read_strings(struct slice data, struct arena *a, struct dns_record *r)
{
	size_t count = 0, total = 0;
	char *joined;

	for (struct slice s = data; s.n; count++) {
		size_t n = (size_t)slice_get(&s);

		if (n > s.n || count == DNS_STRINGS_MAX)
			return false;
		slice_take(&s, n);
	}
	if (count == 0)
		return false;
	r->txt.strings = arena_array(a, count, sizeof(*r->txt.strings));
	joined = arena_new(a, data.n);
	while (data.n) {
		size_t n = (size_t)slice_get(&data);
		struct slice s = slice_take(&data, n);

		r->txt.strings[r->txt.n++] = s;
		if (s.n)
			memcpy(joined + total, s.p, s.n);
		total += s.n;
	}
	r->txt.text = slice_of(joined, total);
	return true;
}

static bool
read_soa(struct slice msg, size_t at, size_t end, struct arena *a,
    struct dns_record *r)
{
	r->soa.mname = take_name(msg, &at, end, a);
	if (!r->soa.mname)
		return false;
	r->soa.rname = take_name(msg, &at, end, a);
	if (!r->soa.rname || end - at != 20)
		return false;
	r->soa.serial = get32(msg, at);
	r->soa.refresh = get32(msg, at + 4);
	r->soa.retry = get32(msg, at + 8);
	r->soa.expire = get32(msg, at + 12);
	r->soa.minimum = get32(msg, at + 16);
	return true;
}

/* Flags, tag length, tag, value (RFC 8659 section 4.1). */
static bool
read_caa(struct slice data, struct dns_record *r)
{
	size_t n;

	if (data.n < 2)
		return false;
	r->caa.flags = (unsigned)slice_get(&data);
	n = (size_t)slice_get(&data);
	if (n == 0 || n > data.n)
		return false;
	r->caa.tag = slice_take(&data, n);
	r->caa.value = data;
	return true;
}

bool
dnswire_record(struct slice msg, size_t at, size_t n, unsigned type,
    struct arena *a, struct dns_record *r)
{
	size_t end = at + n;
	struct slice data = slice_sub(msg, at, end);

	*r = (struct dns_record){ 0 };
	if (end > msg.n)
		return false;
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		if (n != (type == DNS_A ? 4 : 16))
			return false;
		r->ip = ip_of(data.p, (unsigned)n);
		return true;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		r->name = take_name(msg, &at, end, a);
		return r->name && at == end;
	case DNS_MX:
		r->mx.preference = get16(msg, at);
		at += 2;
		r->mx.name = take_name(msg, &at, end, a);
		return r->mx.name && at == end;
	case DNS_TXT:
	case DNS_SPF:
		return read_strings(data, a, r);
	case DNS_SOA:
		return read_soa(msg, at, end, a, r);
	case DNS_SRV:
		r->srv.priority = get16(msg, at);
		r->srv.weight = get16(msg, at + 2);
		r->srv.port = get16(msg, at + 4);
		at += 6;
		r->srv.target = take_name(msg, &at, end, a);
		return r->srv.target && at == end;
	case DNS_TLSA:
		if (n < 3)
			return false;
		r->tlsa.usage = (unsigned)slice_get(&data);
		r->tlsa.selector = (unsigned)slice_get(&data);
		r->tlsa.matching = (unsigned)slice_get(&data);
		r->tlsa.data = data;
		return true;
	case DNS_CAA:
		return read_caa(data, r);
	case DNS_DS:
	case DNS_RRSIG:
	case DNS_DNSKEY:
	case DNS_NSEC3PARAM:
		r->raw = data;
		return true;
	default:
		return false;
	}
}

/* Validation failed, says one of the extended errors 6..12 (RFC 8914 section
 * 4): DNSSEC Bogus, Signature Expired, ... NSEC Missing. */
static bool
says_bogus(struct slice options)
{
	while (options.n >= 4) {
		unsigned code = get16(options, 0), info = get16(options, 4);
		size_t n = get16(options, 2);

		slice_take(&options, 4);
		if (code == OPTION_EDE && n >= 2 && info >= 6 && info <= 12)
			return true;
		slice_take(&options, n);
	}
	return false;
}

/* All that an answer is made from. */
struct reading {
	struct slice msg;
	struct dnswire_rr *rrs; /* of the answer section */
	size_t count;
	unsigned rcode; /* with the extended bits */
	bool bogus, soa, referral, secure;
	uint32_t negative_ttl;
};

static void
read_authority(struct reading *in, const struct dnswire_rr *rr)
{
	if (rr->type == DNS_NS) {
		in->referral = true;
	} else if (rr->type == DNS_SOA && rr->n >= 20) {
		/* RFC 2308 section 5 */
		uint32_t minimum = get32(in->msg, rr->at + rr->n - 4);

		in->soa = true;
		in->negative_ttl = minimum < rr->ttl ? minimum : rr->ttl;
		if (in->negative_ttl > NEGATIVE_TTL)
			in->negative_ttl = NEGATIVE_TTL;
	}
}

static bool
read_all(struct slice msg, struct arena *a, struct reading *in)
{
	struct dnswire_reader reader;
	struct dnswire_rr rr;
	size_t cap = 0;
	int got;

	*in = (struct reading){ .msg = msg };
	if (!dnswire_start(&reader, msg))
		return false;
	in->rcode = reader.h.rcode;
	in->secure = reader.h.authentic;
	while ((got = dnswire_next(&reader, &rr)) > 0) {
		if (rr.type == TYPE_OPT && rr.section == 3) {
			in->rcode |= (unsigned)(rr.ttl >> 24) << 4;
			in->bogus =
			    says_bogus(slice_sub(msg, rr.at, rr.at + rr.n));
		} else if (rr.section == 1 && rr.class == CLASS_IN) {
			if (in->count == DNS_RECORDS_MAX)
				return false;
			if (in->count == cap)
				in->rrs = arena_grow(a, in->rrs, in->count,
				    in->count + 1, sizeof(rr), &cap);
			in->rrs[in->count++] = rr;
		} else if (rr.section == 2) {
			read_authority(in, &rr);
		}
	}
	if (in->soa || reader.h.recursive)
		in->referral = false;
	return got == 0;
}

/* Of the type, or a signature over it (RFC 4034 section 3.1.1). */
static bool
is_wanted(const struct reading *in, const struct dnswire_rr *rr, unsigned type)
{
	if (type & DNS_SIGS)
		return rr->type == DNS_RRSIG && rr->n > 2 &&
		       get16(in->msg, rr->at) == (unsigned)DNS_PLAIN(type);
	return rr->type == type;
}

/* The records of type at name into r: how many, or -1 when one is broken. */
static int
take_records(const struct reading *in, const struct dnsname *name,
    unsigned type, struct arena *a, struct dns_answer *r)
{
	size_t count = 0;

	for (size_t i = 0; i < in->count; i++)
		count += is_wanted(in, &in->rrs[i], type) &&
		         dnsname_equal(&in->rrs[i].owner, name);
	if (count == 0)
		return 0;
	r->records = arena_array(a, count, sizeof(*r->records));
	for (size_t i = 0; i < in->count; i++) {
		const struct dnswire_rr *rr = &in->rrs[i];

		if (!is_wanted(in, rr, type) ||
		    !dnsname_equal(&rr->owner, name))
			continue;
		if (!dnswire_record(in->msg, rr->at, rr->n, rr->type, a,
			&r->records[r->count++]))
			return -1;
		r->ttl = rr->ttl < r->ttl ? rr->ttl : r->ttl;
	}
	return (int)count;
}

static const struct dnswire_rr *
find_cname(const struct reading *in, const struct dnsname *name)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->rrs[i].type == DNS_CNAME &&
		    dnsname_equal(&in->rrs[i].owner, name))
			return &in->rrs[i];
	return NULL;
}

static enum dns_status
failed(const struct reading *in)
{
	if (in->rcode == DNSWIRE_REFUSED)
		return DNS_REFUSED;
	return in->bogus ? DNS_BOGUS : DNS_SERVFAIL;
}

/* From the name asked for along the CNAMEs to the records, if there are any. */
static void
follow(const struct reading *in, struct dnsname at, enum dns_type type,
    struct arena *a, struct dns_answer *r, bool *open_r)
{
	r->chain = arena_array(a, DNS_CHAIN_MAX, sizeof(*r->chain));
	for (;;) {
		int got = take_records(in, &at, type, a, r);
		const struct dnswire_rr *cname = find_cname(in, &at);
		size_t pos;

		if (got != 0 || !cname) {
			r->status = got < 0     ? DNS_SERVFAIL
			            : got       ? DNS_OK
			            : in->rcode ? DNS_NXDOMAIN
			                        : DNS_NODATA;
			break;
		}
		pos = cname->at;
		if (r->chain_count == DNS_CHAIN_MAX ||
		    !dnsname_expand(in->msg, &pos, &at)) {
			r->status = DNS_SERVFAIL;
			return;
		}
		r->ttl = cname->ttl < r->ttl ? cname->ttl : r->ttl;
		r->name = dnsname_text(&at, a);
		r->chain[r->chain_count++] = r->name;
	}
	if (r->status == DNS_OK || r->status == DNS_SERVFAIL)
		return;
	*open_r = r->chain_count && !in->soa && !in->rcode;
	if (!*open_r && in->negative_ttl < r->ttl)
		r->ttl = in->negative_ttl;
}

void
dnswire_answer(struct slice msg, const struct dnsname *name, enum dns_type type,
    struct arena *a, struct dns_answer *r, bool *open_r)
{
	struct reading in;

	*r = (struct dns_answer){ .status = DNS_SERVFAIL,
		.ttl = INT32_MAX,
		.marks = read_marks(msg),
		.name = dnsname_text(name, a) };
	*open_r = false;
	if (!read_all(msg, a, &in)) {
		r->ttl = 0;
		return;
	}
	if (in.rcode != DNSWIRE_NOERROR && in.rcode != DNSWIRE_NXDOMAIN) {
		r->status = failed(&in);
		r->ttl = 0;
		return;
	}
	r->secure = in.secure;
	follow(&in, *name, type, a, r, open_r);
	/* A server that sends us on to others does not know (RFC 1034 section
	 * 4.3.1); we ask resolvers, not them. */
	if (r->status == DNS_NODATA && in.referral && !*open_r) {
		r->status = DNS_SERVFAIL;
		r->ttl = 0;
	}
	if (r->status != DNS_OK) {
		r->records = NULL;
		r->count = 0;
	}
}
