/* The words of DKIM results and codes (see dkim.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dkim.h"

static const struct {
	const char *name;
	enum dkim_result result;
} codes[] = {
	[DKIM_CODE_OK] = { "ok", DKIM_PASS },
	[DKIM_CODE_BODY_HASH] = { "body-hash", DKIM_FAIL },
	[DKIM_CODE_SIGNATURE] = { "signature", DKIM_FAIL },
	[DKIM_CODE_PARTIAL] = { "partial-body", DKIM_POLICY },
	[DKIM_CODE_ADDED] = { "field-added", DKIM_POLICY },
	[DKIM_CODE_NOT_JUDGED] = { "not-judged", DKIM_POLICY },
	[DKIM_CODE_SYNTAX] = { "syntax", DKIM_PERMERROR },
	[DKIM_CODE_MISSING_TAG] = { "missing-tag", DKIM_PERMERROR },
	[DKIM_CODE_VERSION] = { "version", DKIM_PERMERROR },
	[DKIM_CODE_ALGORITHM] = { "algorithm", DKIM_PERMERROR },
	[DKIM_CODE_CANON] = { "canonicalization", DKIM_PERMERROR },
	[DKIM_CODE_DOMAIN] = { "domain", DKIM_PERMERROR },
	[DKIM_CODE_IDENTITY] = { "identity", DKIM_PERMERROR },
	[DKIM_CODE_HEADER_LIST] = { "header-list", DKIM_PERMERROR },
	[DKIM_CODE_FROM_UNSIGNED] = { "from-unsigned", DKIM_PERMERROR },
	[DKIM_CODE_QUERY] = { "query-method", DKIM_PERMERROR },
	[DKIM_CODE_TIME] = { "time", DKIM_PERMERROR },
	[DKIM_CODE_FUTURE] = { "future", DKIM_PERMERROR },
	[DKIM_CODE_EXPIRED] = { "expired", DKIM_PERMERROR },
	[DKIM_CODE_LENGTH] = { "body-length", DKIM_PERMERROR },
	[DKIM_CODE_SHA1] = { "sha1", DKIM_PERMERROR },
	[DKIM_CODE_KEY_SHORT] = { "key-short", DKIM_PERMERROR },
	[DKIM_CODE_KEY_MISSING] = { "key-missing", DKIM_PERMERROR },
	[DKIM_CODE_KEY_SYNTAX] = { "key-syntax", DKIM_PERMERROR },
	[DKIM_CODE_KEY_REVOKED] = { "key-revoked", DKIM_PERMERROR },
	[DKIM_CODE_KEY_MISMATCH] = { "key-mismatch", DKIM_PERMERROR },
	[DKIM_CODE_KEY_STRICT] = { "key-strict", DKIM_PERMERROR },
	[DKIM_CODE_KEY_UNKNOWN] = { "key-unknown", DKIM_TEMPERROR },
};

const char *
dkim_result_name(enum dkim_result r)
{
	static const char *const names[] = { [DKIM_NONE] = "none",
		[DKIM_PASS] = "pass",
		[DKIM_FAIL] = "fail",
		[DKIM_POLICY] = "policy",
		[DKIM_NEUTRAL] = "neutral",
		[DKIM_TEMPERROR] = "temperror",
		[DKIM_PERMERROR] = "permerror" };

	return names[r];
}

const char *
dkim_code_name(enum dkim_code c)
{
	return codes[c].name;
}

enum dkim_result
dkim_code_result(enum dkim_code c)
{
	return codes[c].result;
}
