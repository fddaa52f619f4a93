/* TLS sessions of both sides over a socket (RFC 8446, 5246): the door of
 * GnuTLS for the wire. TLS 1.2 is the least (RFC 9325). A client checks the
 * chain against the system's roots or a CA file, and the name as RFC 9525
 * says: subjectAltName only, the common name is never looked at. Whether TLS
 * is off, tried, demanded or verified is the caller's decision.
 *
 * A session belongs to one thread at a time; struct tls_roots and struct
 * tls_cert may be shared by all. Every failure is ERR_PROTO and says what is
 * wrong and the way out; a deadline that passes is ERR_TEMP.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#include "net/sock.h"

/* The authorities a client trusts. Nothing is read before the first session
 * that verifies, and only those that have to do with a server's chain are
 * looked into. */
struct tls_roots;

/* From the PEM file ca_file, or the system's when it is null. */
struct tls_roots *tls_roots_new(const char *ca_file);

/* What stands on the authorities' lists of revoked certificates in this PEM
 * file is not believed (RFC 5280, 5); a list counts past its date, too. Said
 * before the first session; kept. */
void tls_roots_crl(struct tls_roots *r, const char *crl_file);

void tls_roots_free(struct tls_roots **r);

/* A certificate chain with its private key, for a server. */
struct tls_cert;

/* From PEM files: the leaf first. A missing file is ERR_NOINPUT, a key that
 * does not belong to the certificate ERR_CONFIG. */
int tls_cert_load(const char *cert_file, const char *key_file,
    struct tls_cert **c_r, struct err *e);

/* A new ECDSA P-256 key and a self-signed certificate for the names (DNS
 * names and address literals), valid from a day before now for 30 days. */
int tls_cert_make(const char *const *names, size_t n, int64_t now,
    struct tls_cert **c_r, struct err *e);

/* The certificate of tls_cert_make() as PEM: what a client takes as CA file.
 * Empty for a loaded one. */
struct slice tls_cert_pem(const struct tls_cert *c);

void tls_cert_free(struct tls_cert **c);

/* The digest (SHA-256) of a public key's SubjectPublicKeyInfo, or of a whole
 * certificate. */
#define TLS_PIN_SIZE 32
struct tls_pin {
	bool cert;
	unsigned char sha256[TLS_PIN_SIZE];
};

/* Reads "spki:sha256:DIGEST" or "cert:sha256:DIGEST", the digest in
 * hexadecimal, with colons between octets or not, or in base64; ERR_USAGE says
 * what is wrong. */
int tls_pin_read(const char *text, struct tls_pin *pin_r, struct err *e);

/* Why a peer was not believed, coarsely, as reports want it (RFC 8460, 4.3). */
enum tls_cause {
	TLS_CAUSE_NONE,
	TLS_CAUSE_FAILED,    /* no TLS came about */
	TLS_CAUSE_UNTRUSTED, /* chain, revocation, algorithms, a pin */
	TLS_CAUSE_EXPIRED,   /* dates */
	TLS_CAUSE_NAME       /* another's certificate */
};

/* What a client wants; zero means the default of each field. All that it
 * points to is borrowed for the handshake only. */
struct tls_want {
	const char *host; /* the name to check, and SNI unless an address */
	bool verify;      /* chain and name */
	struct tls_roots *roots; /* of whom; needed to verify */
	int64_t now; /* when certificates have to be valid; 0: the clock */
	/* The server is known by one of these, in place of chain and name. */
	const struct tls_pin *pins;
	size_t pin_count;
	/* Or by whatever the caller knows; chain in DER, the server first. */
	int (*check)(
	    void *arg, const struct slice *chain, size_t n, struct err *e);
	void *arg;
	bool lenient; /* what is wrong is told in cause_r only */
	/* What to show to a server that asks; PEM, null: nothing. */
	const char *cert_file, *key_file;
	bool only_1_3;             /* not TLS 1.2 */
	struct tls_resume *resume; /* of sessions with this server, or null */
	enum tls_cause *cause_r;   /* on failure; may be null */
};

/* What is remembered of the last session with one server, to make the next
 * handshake a short one (RFC 8446, 2.2). Whoever uses it wants the same of the
 * server each time. For any thread. */
struct tls_resume;
struct tls_resume *tls_resume_new(void);
void tls_resume_free(struct tls_resume **r);

struct tls;

/* Handshake as client, as server. s is borrowed until tls_free(). */
int tls_connect(const struct sock *s, const struct tls_want *want,
    int64_t deadline, struct tls **t_r, struct err *e);
int tls_accept(const struct sock *s, const struct tls_cert *c, int64_t deadline,
    struct tls **t_r, struct err *e);

/* One step without waiting: octets, 0 at the peer's end (announced or not:
 * the protocol above has ends of its own), -1, or TLS_WAIT. After TLS_WAIT
 * the same call is to be made again with the same octets once
 * tls_wants() (SOCK_READ or SOCK_WRITE) holds. */
#define TLS_WAIT (-2)
ssize_t tls_recv(struct tls *t, void *p, size_t n, struct err *e);
ssize_t tls_send(struct tls *t, const void *p, size_t n, struct err *e);
unsigned tls_wants(const struct tls *t);

/* "TLSv1.3", and "TLS_AES_256_GCM_SHA384"-like: for Received: and traces. */
const char *tls_version(const struct tls *t);
const char *tls_cipher(const struct tls *t);

/* The certificate that the peer showed, DER, for as long as the session;
 * empty: none. */
struct slice tls_peer(const struct tls *t);

/* The certificate was shown to a server that asked for one. */
bool tls_certified(const struct tls *t);

/* The handshake was a short one. */
bool tls_resumed(const struct tls *t);

/* What ties a login inside the session to it (RFC 5056): "tls-exporter"
 * (RFC 9266) with TLS 1.3 or the extended master secret, otherwise
 * "tls-server-end-point" (RFC 5929); null when there is neither. And its
 * octets, appended. */
const char *tls_binding_name(const struct tls *t);
int tls_binding(const struct tls *t, struct buf *out, struct err *e);

/* Says goodbye (close_notify) as far as that needs no waiting, and frees. */
void tls_free(struct tls **t);

#endif
