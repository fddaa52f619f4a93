/* Pins: a server that is known by its key (RFC 7469 has the form of it).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "text/base64.h"

#include "net/tlsparts.h"

static bool
read_hex(struct slice s, struct tls_pin *pin)
{
	if (s.n != sizeof(pin->sha256) * 2)
		return false;
	for (size_t i = 0; i < sizeof(pin->sha256); i++) {
		int high = ascii_hex(slice_at(s, 2 * i));
		int low = ascii_hex(slice_at(s, 2 * i + 1));

		if (high < 0 || low < 0)
			return false;
		pin->sha256[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool
read_base64(struct slice s, struct tls_pin *pin)
{
	struct buf b;
	bool is;

	buf_init(&b, sizeof(pin->sha256));
	is = base64_decode(s, &b) && b.n == sizeof(pin->sha256);
	if (is)
		memcpy(pin->sha256, b.p, b.n);
	buf_free(&b);
	return is;
}

int
tls_pin_read(const char *text, struct tls_pin *pin_r, struct err *e)
{
	struct slice s = slice_str(text);

	if (slice_take_prefix_nocase(&s, "spki:sha256:") &&
	    (read_hex(s, pin_r) || read_base64(s, pin_r)))
		return 0;
	return err_set(e, ERR_USAGE,
	    "'%s' is no pin: it is \"spki:sha256:\" and the SHA-256 of the "
	    "server's public key, in hexadecimal or base64",
	    text);
}

int
tlsparts_check_pin(
    gnutls_x509_crt_t crt, const struct tls_want *want, struct err *e)
{
	struct tls_pin got;
	size_t n = sizeof(got.sha256);
	struct buf text;

	if (gnutls_x509_crt_get_key_id(
		crt, GNUTLS_KEYID_USE_SHA256, got.sha256, &n) < 0)
		return err_set(e, ERR_PROTO, "'%s' has a key of no known kind",
		    want->host);
	for (size_t i = 0; i < want->pin_count; i++)
		if (memcmp(got.sha256, want->pins[i].sha256, n) == 0)
			return 0;
	buf_init(&text, 100);
	base64_encode(slice_of(got.sha256, n), &text);
	err_set(e, ERR_PROTO,
	    "'%s' has another key than the one pinned: spki:sha256:%s",
	    want->host, buf_str(&text));
	buf_free(&text);
	return -1;
}
