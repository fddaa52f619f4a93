/* The rules of DKIM keys.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/ruletables.h"

const struct audit_rule audit_rules_dkim[] = {
	[AUDIT_DKIM_UNKNOWN - AUDIT_DKIM_UNKNOWN] = { "dkim-unknown",
	    AUDIT_INFO, "RFC 6376, 3.6.2.1",
	    "no selector was given: whether there are keys is unknown",
	    "name the selectors with --selectors" },
	[AUDIT_DKIM_SELECTOR_MISSING -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-selector-missing", AUDIT_WARN,
	    "RFC 6376, 3.6.2.1", "named selector has no TXT record",
	    "publish the key, or stop signing with this selector" },
	[AUDIT_DKIM_MULTIPLE - AUDIT_DKIM_UNKNOWN] = { "dkim-multiple",
	    AUDIT_ERROR, "RFC 6376, 3.6.2.2",
	    "several TXT records at one selector",
	    "keep one key record at the name" },
	[AUDIT_DKIM_SYNTAX - AUDIT_DKIM_UNKNOWN] = { "dkim-syntax", AUDIT_ERROR,
	    "RFC 6376, 3.2", "not a tag=value list",
	    "publish the record as \"mdkimsign --record\" prints it" },
	[AUDIT_DKIM_VERSION - AUDIT_DKIM_UNKNOWN] = { "dkim-version",
	    AUDIT_ERROR, "RFC 6376, 3.6.1", "v= is not DKIM1",
	    "write \"v=DKIM1\" first" },
	[AUDIT_DKIM_VERSION_NOT_FIRST -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-version-not-first", AUDIT_ERROR,
	    "RFC 6376, 3.6.1", "v= present but not first",
	    "move \"v=DKIM1\" to the front" },
	[AUDIT_DKIM_NO_P - AUDIT_DKIM_UNKNOWN] = { "dkim-no-p", AUDIT_ERROR,
	    "RFC 6376, 3.6.1", "p= missing", "add p= with the public key" },
	[AUDIT_DKIM_REVOKED - AUDIT_DKIM_UNKNOWN] = { "dkim-revoked",
	    AUDIT_INFO, "RFC 6376, 3.6.1", "p= empty: revoked", "" },
	[AUDIT_DKIM_KEY_BASE64 - AUDIT_DKIM_UNKNOWN] = { "dkim-key-base64",
	    AUDIT_ERROR, "RFC 6376, 3.6.1", "p= is not base64",
	    "publish the key again, without quotes and blanks inside" },
	[AUDIT_DKIM_KEY_UNDECODABLE -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-key-undecodable", AUDIT_ERROR,
	    "RFC 6376, 3.6.1", "key does not decode",
	    "publish the key again: base64 of a SubjectPublicKeyInfo" },
	[AUDIT_DKIM_KEY_UNDER_1024 -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-key-under-1024", AUDIT_ERROR,
	    "RFC 8301, 3.2", "RSA under 1024 bits",
	    "make a new key of 2048 bits" },
	[AUDIT_DKIM_KEY_UNDER_2048 -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-key-under-2048", AUDIT_WARN,
	    "RFC 8301, 3.2", "RSA under 2048 bits",
	    "make a new key of 2048 bits" },
	[AUDIT_DKIM_KEY_OVER_4096 -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-key-over-4096", AUDIT_NOTICE,
	    "RFC 8301, 3.2", "RSA over 4096 bits: verifiers may refuse",
	    "make a new key of 2048 bits" },
	[AUDIT_DKIM_ALG_UNKNOWN - AUDIT_DKIM_UNKNOWN] = { "dkim-alg-unknown",
	    AUDIT_WARN, "RFC 6376, 3.6.1", "k= unknown",
	    "use k=rsa or k=ed25519" },
	[AUDIT_DKIM_HASH_SHA1_ONLY -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-hash-sha1-only", AUDIT_ERROR,
	    "RFC 8301, 3.1", "h= allows only sha1",
	    "remove h=, or write h=sha256" },
	[AUDIT_DKIM_SERVICE - AUDIT_DKIM_UNKNOWN] = { "dkim-service",
	    AUDIT_WARN, "RFC 6376, 3.6.1", "s= excludes email",
	    "remove s=, or write s=*" },
	[AUDIT_DKIM_TESTING - AUDIT_DKIM_UNKNOWN] = { "dkim-testing",
	    AUDIT_WARN, "RFC 6376, 3.6.1", "t=y",
	    "remove t=y once signing works" },
	[AUDIT_DKIM_STRICT - AUDIT_DKIM_UNKNOWN] = { "dkim-strict", AUDIT_INFO,
	    "RFC 6376, 3.6.1", "t=s: subdomains may not use the key", "" },
	[AUDIT_DKIM_TAG_DUPLICATE -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-tag-duplicate", AUDIT_ERROR,
	    "RFC 6376, 3.2", "duplicate tag", "keep one of the tags" },
	[AUDIT_DKIM_TAG_UNKNOWN - AUDIT_DKIM_UNKNOWN] = { "dkim-tag-unknown",
	    AUDIT_INFO, "RFC 6376, 3.2", "unknown tag", "" },
	[AUDIT_DKIM_G_TAG - AUDIT_DKIM_UNKNOWN] = { "dkim-g-tag", AUDIT_NOTICE,
	    "RFC 6376", "g= from RFC 4870 present", "remove g=" },
	[AUDIT_DKIM_ESCAPED - AUDIT_DKIM_UNKNOWN] = { "dkim-escaped",
	    AUDIT_ERROR, "RFC 1035, 5.1",
	    "literal backslash-semicolon or quotes inside the key record",
	    "remove backslashes and quotes from the value" },
	[AUDIT_DKIM_CNAME - AUDIT_DKIM_UNKNOWN] = { "dkim-cname", AUDIT_INFO,
	    "RFC 6376, 3.6.2.2",
	    "selector is a CNAME (delegated to a provider)", "" },
	[AUDIT_DKIM_CNAME_DANGLING -
	    AUDIT_DKIM_UNKNOWN] = { "dkim-cname-dangling", AUDIT_ERROR,
	    "RFC 6376, 3.6.2.2", "selector CNAME target has no key",
	    "create the key at the CNAME's target" },
};
