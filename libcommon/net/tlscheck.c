/* Is the peer who it should be? Its chain against the trusted authorities
 * (RFC 5280), its name as RFC 9525 says, and what is wrong in plain words.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"

#include "crypt/certname.h"

#include "net/tlsparts.h"

#define NAMES_SHOWN 6    /* of a certificate, in an error */
#define NAMES_MAX   1000 /* of a certificate, looked at */
#define NAME_MAX_N  256  /* octets of one */
#define TEXT_MAX    300

/* The earliest end of validity in the chain, as a date. */
static void
expiry(gnutls_session_t session, char text_r[TEXT_MAX])
{
	unsigned n = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &n);
	gnutls_x509_crt_t crt;
	time_t first = 0, end;
	struct tm tm;

	for (unsigned i = 0; i < n && i < TLSPARTS_CHAIN_MAX; i++) {
		if (gnutls_x509_crt_init(&crt) < 0)
			break;
		if (gnutls_x509_crt_import(crt, &der[i], GNUTLS_X509_FMT_DER) ==
		    0) {
			end = gnutls_x509_crt_get_expiration_time(crt);
			if (i == 0 || end < first)
				first = end;
		}
		gnutls_x509_crt_deinit(crt);
	}
	if (!gmtime_r(&first, &tm) ||
	    strftime(text_r, TEXT_MAX, "%Y-%m-%d", &tm) == 0)
		text_r[0] = '\0';
}

static void
issuer(gnutls_x509_crt_t crt, char text_r[TEXT_MAX])
{
	size_t n = TEXT_MAX;

	text_r[0] = '\0';
	if (gnutls_x509_crt_get_issuer_dn(crt, text_r, &n) < 0)
		text_r[0] = '\0';
}

/* The chain failed: the first cause that a person can act on. */
static int
bad_chain(gnutls_session_t session, gnutls_x509_crt_t crt, unsigned status,
    const char *host, struct err *e)
{
	char text[TEXT_MAX];
	gnutls_datum_t words = { 0 };

	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND) {
		issuer(crt, text);
		return err_set(e, ERR_PROTO,
		    "certificate of '%s' comes from an unknown issuer '%s': "
		    "if you trust it, give its certificate as CA file",
		    host, text);
	}
	if (status & GNUTLS_CERT_EXPIRED) {
		expiry(session, text);
		return err_set(e, ERR_PROTO,
		    "certificate of '%s' expired on %s: its owner must renew "
		    "it (or the clock here is wrong)",
		    host, text);
	}
	if (status & GNUTLS_CERT_NOT_ACTIVATED)
		return err_set(e, ERR_PROTO,
		    "certificate of '%s' is not valid yet: is the clock here "
		    "right?",
		    host);
	if (status & GNUTLS_CERT_REVOKED)
		return err_set(e, ERR_PROTO,
		    "certificate of '%s' was revoked by its issuer", host);
	if (status & GNUTLS_CERT_INSECURE_ALGORITHM)
		return err_set(e, ERR_PROTO,
		    "certificate of '%s' is signed with a broken algorithm: "
		    "its owner must renew it",
		    host);
	(void)gnutls_certificate_verification_status_print(
	    status, GNUTLS_CRT_X509, &words, 0);
	err_set(e, ERR_PROTO, "certificate of '%s' is not trusted: %s", host,
	    words.data ? (const char *)words.data : "no reason known");
	free(words.data);
	return -1;
}

/* One subjectAltName as text: its type, or -1 behind the last. Addresses are
 * octets in the certificate. */
static int
alt_name(gnutls_x509_crt_t crt, unsigned i, char text_r[NAME_MAX_N])
{
	char raw[NAME_MAX_N];
	size_t n = sizeof(raw) - 1;
	int type = gnutls_x509_crt_get_subject_alt_name(crt, i, raw, &n, NULL);

	text_r[0] = '\0';
	if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return -1;
	if (type == GNUTLS_SAN_IPADDRESS) {
		if (n == 4)
			inet_ntop(AF_INET, raw, text_r, NAME_MAX_N);
		else if (n == 16)
			inet_ntop(AF_INET6, raw, text_r, NAME_MAX_N);
	} else if (type == GNUTLS_SAN_DNSNAME) {
		memcpy(text_r, raw, n);
		text_r[n] = '\0';
	}
	return type < 0 ? GNUTLS_SAN_OTHERNAME : type;
}

static bool
has_dns_name(gnutls_x509_crt_t crt)
{
	char text[NAME_MAX_N];
	int type;

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		type = alt_name(crt, i, text);
		if (type < 0)
			break;
		if (type == GNUTLS_SAN_DNSNAME)
			return true;
	}
	return false;
}

/* RFC 9525, 6.3 and 6.4. Without a dNSName GnuTLS would look at the common
 * name, which says nothing. */
static bool
name_matches(gnutls_x509_crt_t crt, const char *host)
{
	unsigned char ip[16];

	if (inet_pton(AF_INET, host, ip) == 1)
		return gnutls_x509_crt_check_ip(crt, ip, 4, 0) != 0;
	if (inet_pton(AF_INET6, host, ip) == 1)
		return gnutls_x509_crt_check_ip(crt, ip, 16, 0) != 0;
	return has_dns_name(crt) &&
	       gnutls_x509_crt_check_hostname2(
		   crt, host, GNUTLS_VERIFY_DO_NOT_ALLOW_IP_MATCHES) != 0;
}

static int
bad_name(gnutls_x509_crt_t crt, const char *host, struct err *e)
{
	char text[NAME_MAX_N];
	struct buf names;
	unsigned n = 0;

	buf_init(&names, ERR_TEXT_MAX);
	for (unsigned i = 0; i < NAMES_MAX && n < NAMES_SHOWN; i++) {
		if (alt_name(crt, i, text) < 0)
			break;
		if (text[0])
			buf_fmt(&names, "%s'%s'", n++ ? ", " : "", text);
	}
	if (n == 0)
		err_set(e, ERR_PROTO,
		    "certificate of '%s' names no host at all "
		    "(subjectAltName): its owner must renew it",
		    host);
	else
		err_set(e, ERR_PROTO,
		    "certificate is not for '%s' but for %s%s: connect to "
		    "a name it has",
		    host, buf_str(&names), n == NAMES_SHOWN ? ", ..." : "");
	buf_free(&names);
	return -1;
}

static enum tls_cause
cause(unsigned status)
{
	return status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED) &&
	               !(status &
			   (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_REVOKED))
	           ? TLS_CAUSE_EXPIRED
	           : TLS_CAUSE_UNTRUSTED;
}

/* The dates of one certificate as a status. */
static unsigned
dates(const gnutls_datum_t *der, int64_t now)
{
	gnutls_x509_crt_t crt;
	unsigned status = 0;

	if (gnutls_x509_crt_init(&crt) < 0)
		return GNUTLS_CERT_EXPIRED;
	if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) < 0 ||
	    now > gnutls_x509_crt_get_expiration_time(crt))
		status = GNUTLS_CERT_EXPIRED;
	else if (now < gnutls_x509_crt_get_activation_time(crt))
		status = GNUTLS_CERT_NOT_ACTIVATED;
	gnutls_x509_crt_deinit(crt);
	return status;
}

/* GnuTLS knows the system's clock only: with another time the dates are judged
 * here, from the server's certificate up to one whose issuer is trusted. What
 * else the server sent does not count. */
static unsigned
path_dates(gnutls_session_t session, const struct tls_roots *roots, int64_t now)
{
	unsigned n = 0, at = 0, status, next;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &n);
	struct slice issuer, subject, above;

	for (unsigned steps = 0; steps < TLSPARTS_CHAIN_MAX; steps++) {
		status = dates(&der[at], now);
		if (status ||
		    !certname_read(slice_of(der[at].data, der[at].size),
			&issuer, &subject) ||
		    tlsparts_roots_have(roots, issuer))
			return status;
		for (next = 0; next < n && next < TLSPARTS_CHAIN_MAX; next++)
			if (next != at &&
			    certname_read(
				slice_of(der[next].data, der[next].size),
				&above, &subject) &&
			    slice_equal(subject, issuer))
				break;
		if (next == n || next == TLSPARTS_CHAIN_MAX)
			return 0;
		at = next;
	}
	return 0;
}

/* The dates of the status that the server has stapled, likewise. */
static unsigned
staple_dates(gnutls_session_t session, int64_t now)
{
	unsigned status = 0;
	time_t made, next;
	gnutls_datum_t der;
	gnutls_ocsp_resp_t resp;

	if (gnutls_ocsp_status_request_get(session, &der) < 0 ||
	    gnutls_ocsp_resp_init(&resp) < 0)
		return 0;
	if (gnutls_ocsp_resp_import(resp, &der) == 0 &&
	    gnutls_ocsp_resp_get_single(resp, 0, NULL, NULL, NULL, NULL, NULL,
		&made, &next, NULL, NULL) == 0) {
		if (now < made)
			status = GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
		else if (next != (time_t)-1 && now > next)
			status = GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED;
	}
	gnutls_ocsp_resp_deinit(resp);
	return status;
}

/* What GnuTLS says of dates is the system clock's. */
static void
judge_staple(gnutls_session_t session, int64_t now, unsigned *status_r)
{
	const unsigned of_dates = GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
	                          GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;

	if (*status_r & of_dates) {
		*status_r &= ~of_dates;
		if (*status_r == GNUTLS_CERT_INVALID)
			*status_r = 0;
	}
	*status_r |= staple_dates(session, now);
}

static int
check_chain(gnutls_session_t session, gnutls_certificate_credentials_t cred,
    const struct tls_want *want, unsigned *status_r, struct err *e)
{
	int code;

	if (tlsparts_roots_trust(want->roots, session, cred, e) < 0)
		return -1;
	if (want->now)
		gnutls_certificate_set_verify_flags(
		    cred, GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
			      GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS);
	code = gnutls_certificate_verify_peers2(session, status_r);
	if (code < 0)
		return err_set(e, ERR_PROTO, "certificate of '%s': %s",
		    want->host, gnutls_strerror(code));
	if (want->now)
		judge_staple(session, want->now, status_r);
	if (want->now && !*status_r)
		*status_r = path_dates(session, want->roots, want->now);
	return 0;
}

static int
check(gnutls_session_t session, gnutls_certificate_credentials_t cred,
    gnutls_x509_crt_t crt, const struct tls_want *want, enum tls_cause *cause_r,
    struct err *e)
{
	unsigned status = 0;

	*cause_r = TLS_CAUSE_UNTRUSTED;
	if (check_chain(session, cred, want, &status, e) < 0)
		return -1;
	if (status) {
		*cause_r = cause(status);
		return bad_chain(session, crt, status, want->host, e);
	}
	*cause_r = TLS_CAUSE_NAME;
	if (!name_matches(crt, want->host))
		return bad_name(crt, want->host, e);
	return 0;
}

static int
ask_caller(gnutls_session_t session, const struct tls_want *want, struct err *e)
{
	struct slice chain[TLSPARTS_CHAIN_MAX];
	unsigned n = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &n);

	if (n > TLSPARTS_CHAIN_MAX)
		n = TLSPARTS_CHAIN_MAX;
	for (unsigned i = 0; i < n; i++)
		chain[i] = slice_of(der[i].data, der[i].size);
	return want->check(want->arg, chain, n, e);
}

int
tlsparts_check(gnutls_session_t session, gnutls_certificate_credentials_t cred,
    const struct tls_want *want, enum tls_cause *cause_r, struct err *e)
{
	unsigned n = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &n);
	gnutls_x509_crt_t crt;
	int r;

	*cause_r = TLS_CAUSE_UNTRUSTED;
	if (!der || n == 0)
		return err_set(e, ERR_PROTO, "'%s' showed no certificate",
		    want->host ? want->host : "the server");
	if (want->check && !want->pin_count)
		return ask_caller(session, want, e);
	if (gnutls_x509_crt_init(&crt) < 0)
		return err_set(e, ERR_OS, "no memory for a certificate");
	if (gnutls_x509_crt_import(crt, &der[0], GNUTLS_X509_FMT_DER) < 0)
		r = err_set(e, ERR_PROTO, "certificate of '%s' is malformed",
		    want->host);
	else if (want->pin_count)
		r = tlsparts_check_pin(crt, want, e);
	else
		r = check(session, cred, crt, want, cause_r, e);
	gnutls_x509_crt_deinit(crt);
	return r;
}
