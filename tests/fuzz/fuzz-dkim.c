/* Fuzzes auth/dkimsig, auth/arc and auth/dkim2: reading the
 * signatures, ARC sets and DKIM2 hops of a message, and hashing what they
 * cover.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/arc.h"
#include "auth/dkim2parts.h"
#include "auth/dkimsig.h"
#include "auth/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge(const struct dkim_letter *m, const struct slice *field_names, size_t i,
    struct arena *a)
{
	struct dkim_signature s = { 0 };
	struct dkimsig_cover cover = {
		.m = m, .field_names = field_names, .own = i
	};
	unsigned char sum[DIGEST_MAX];

	if (dkimsig_read(DKIMSIG_DKIM, m->fields[i], a, &s) < 0 &&
	    s.result == DKIM_PASS)
		abort();
	cover.names = s.names;
	cover.name_count = s.name_count;
	cover.mode = s.header_mode;
	cover.signature = dkimsig_without_b(m->fields[i], a);
	if (cover.signature.n > m->fields[i].n)
		abort();
	dkimsig_hash(&cover, DIGEST_SHA256, sum, NULL);
}

static void
chain(const struct dkim_letter *m, struct arena *a)
{
	struct arc_report r;
	int got = arc_collect(m, a, &r);

	for (size_t i = 0; got > 0 && i < r.count; i++) {
		struct dkim_signature s = { 0 }, t = { 0 };

		dkimsig_read(DKIMSIG_ARC, m->fields[r.sets[i].message], a, &s);
		dkimsig_read(
		    DKIMSIG_ARC_SEAL, m->fields[r.sets[i].seal], a, &t);
	}
}

static void
hops(const struct dkim_letter *m, struct arena *a)
{
	unsigned char header[DIGEST_MAX], body[DIGEST_MAX];
	struct dkim2_chain c;

	dkim2_collect(m, a, &c);
	for (size_t i = 0; !c.bad && i < c.hop_count; i++)
		dkim2_hop_hash(
		    &c, c.instance_count, i + 1, &c.hops[i], header, a, NULL);
	dkim2_message_hash(m, header, body, a, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct dkim_letter m = { 0 };
	struct slice *names;
	size_t judged = 0;

	letter_read(slice_of(data, size), &a, &m, NULL);
	names = arena_array(&a, m.count, sizeof(*names));
	for (size_t i = 0; i < m.count; i++)
		names[i] = letter_field_name(m.fields[i]);
	for (size_t i = 0; i < m.count && judged < DKIM_JUDGED_MAX; i++)
		if (slice_is_nocase(names[i], "DKIM-Signature")) {
			judge(&m, names, i, &a);
			judged++;
		}
	chain(&m, &a);
	hops(&m, &a);
	arena_free(&a);
	return 0;
}
