/* Fuzzes auth/explain: guessing at what a letter was, from whatever it is, with
 * keys of both kinds; one in sixteen with the full limits, which takes long.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/base64.h"

#include "auth/dkimsig.h"
#include "auth/explainparts.h"
#include "auth/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 6376 C, RFC 8463 A.2. */
static const char rsa[] =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fW"
    "n7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rca"
    "c2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
static const char ed25519[] = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

static struct key_public *
open_key(enum key_kind kind)
{
	struct key_public *k = NULL;
	struct buf b;

	buf_init(&b, KEY_PUBLIC_MAX);
	base64_decode_fws(slice_str(kind == KEY_RSA ? rsa : ed25519), &b);
	if (key_public_read(&k, kind, buf_view(&b), NULL) < 0)
		abort();
	buf_free(&b);
	return k;
}

static void
check(const struct explain *x)
{
	if (x->count > EXPLAIN_HITS)
		abort();
	for (size_t i = 0; i < x->count; i++)
		if (!x->hit[i].what || !x->hit[i].text)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct dkim_letter m = { 0 };
	struct explain x = { .hurried = size % 16 != 0 };

	letter_read(slice_of(data, size), &a, &m, NULL);
	for (size_t i = 0; i < m.count; i++) {
		struct dkim_signature s = { .field = i };
		struct key_public *k;

		if (!slice_is_nocase(
			letter_field_name(m.fields[i]), "DKIM-Signature"))
			continue;
		if (dkimsig_read(DKIMSIG_DKIM, m.fields[i], &a, &s) < 0)
			break;
		k = open_key(s.kind);
		explain_body(&m, &s, &a, &x);
		explain_header(&m, &s, k, &a, &x);
		key_public_free(&k);
		check(&x);
		break;
	}
	arena_free(&a);
	return 0;
}
