/* Pins: a server that is known by its key (RFC 7469 has the form of it) or by
 * its certificate.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "text/base64.h"

#include "net/tlsparts.h"

/* "0123..." or "01:23:...", as others print it. */
static bool
read_hex(struct slice s, struct tls_pin *pin)
{
	bool colons = slice_at(s, 2) == ':';

	for (size_t i = 0; i < sizeof(pin->sha256); i++) {
		int high, low;

		if (colons && i > 0 && slice_get(&s) != ':')
			return false;
		high = ascii_hex(slice_get(&s));
		low = ascii_hex(slice_get(&s));
		if (high < 0 || low < 0)
			return false;
		pin->sha256[i] = (unsigned char)(high << 4 | low);
	}
	return s.n == 0;
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

	pin_r->cert = slice_take_prefix_nocase(&s, "cert:sha256:");
	if ((pin_r->cert || slice_take_prefix_nocase(&s, "spki:sha256:")) &&
	    (read_hex(s, pin_r) || read_base64(s, pin_r)))
		return 0;
	return err_set(e, ERR_USAGE,
	    "'%s' is no pin: it is \"spki:sha256:\" and the SHA-256 of the "
	    "server's public key, or \"cert:sha256:\" and that of its "
	    "certificate, in hexadecimal or base64",
	    text);
}

/* The pin that the certificate fits. */
static bool
pin_of(gnutls_x509_crt_t crt, bool cert, struct tls_pin *pin_r)
{
	size_t n = sizeof(pin_r->sha256);

	pin_r->cert = cert;
	if (cert)
		return gnutls_x509_crt_get_fingerprint(
			   crt, GNUTLS_DIG_SHA256, pin_r->sha256, &n) == 0;
	return gnutls_x509_crt_get_key_id(
		   crt, GNUTLS_KEYID_USE_SHA256, pin_r->sha256, &n) == 0;
}

static int
other(const struct tls_pin *got, const char *host, struct err *e)
{
	struct slice digest = slice_of(got->sha256, sizeof(got->sha256));
	struct buf text;

	buf_init(&text, 100);
	base64_encode(digest, &text);
	err_set(e, ERR_PROTO,
	    "'%s' has another %s than the one pinned: %s:sha256:%s", host,
	    got->cert ? "certificate" : "key", got->cert ? "cert" : "spki",
	    buf_str(&text));
	buf_free(&text);
	return -1;
}

int
tlsparts_check_pin(
    gnutls_x509_crt_t crt, const struct tls_want *want, struct err *e)
{
	const struct tls_pin *pin = want->pins;
	struct tls_pin key, cert;

	if (!pin_of(crt, false, &key) || !pin_of(crt, true, &cert))
		return err_set(e, ERR_PROTO, "'%s' has a key of no known kind",
		    want->host);
	for (size_t i = 0; i < want->pin_count; i++)
		if (memcmp(pin[i].cert ? cert.sha256 : key.sha256,
			pin[i].sha256, sizeof(key.sha256)) == 0)
			return 0;
	return other(pin[0].cert ? &cert : &key, want->host, e);
}
