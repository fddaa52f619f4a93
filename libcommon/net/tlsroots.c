/* Trusted authorities: hundreds are read, as octets; only those that issued
 * something in the chain at hand become certificates.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "text/base64.h"

#include "crypt/certname.h"

#include "net/tlsparts.h"

#define ROOTS_MAX   2000        /* authorities */
#define ROOTS_BYTES (16u << 20) /* octets of the file, and of them all */
#define ADDED_MAX   32          /* authorities that a chain brings in */

struct root {
	size_t at, n; /* DER in bytes */
	struct slice subject;
};

struct tls_roots {
	char *ca_file;  /* null: the system's */
	char *crl_file; /* null: none */
	pthread_mutex_t lock;
	bool loaded;     /* what follows is there, and stays */
	bool by_library; /* GnuTLS knows where the system's are */
	struct buf bytes;
	struct root *root;
	size_t n;
	struct tlsparts_crls crls;
};

struct tls_roots *
tls_roots_new(const char *ca_file)
{
	struct tls_roots *r = mem_new(sizeof(*r));

	r->ca_file = ca_file ? mem_string(ca_file) : NULL;
	buf_init(&r->bytes, ROOTS_BYTES);
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void
tls_roots_crl(struct tls_roots *r, const char *crl_file)
{
	mem_free(r->crl_file);
	r->crl_file = crl_file ? mem_string(crl_file) : NULL;
}

void
tls_roots_free(struct tls_roots **rp)
{
	struct tls_roots *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	pthread_mutex_destroy(&r->lock);
	buf_free(&r->bytes);
	if (r->crls.n > 0)
		tlsparts_crls_free(&r->crls);
	mem_free(r->root);
	mem_free(r->ca_file);
	mem_free(r->crl_file);
	mem_free(r);
}

/* Where systems keep theirs in one file; null when it is none of these. */
static const char *
system_file(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
	};

	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* Decodes all of a PEM text; one that is none is passed over. */
static void
read_text(struct tls_roots *r, struct slice text)
{
	struct slice base64, issuer, count = text;
	struct root *root;
	size_t all = 0;

	while (all < ROOTS_MAX && certname_take_pem(&count, &base64))
		all++;
	mem_free(r->root); /* of a try that failed */
	r->root = mem_array(all + 1, sizeof(*r->root));
	buf_room(&r->bytes, text.n); /* so that slices into it hold */
	while (r->n < all && certname_take_pem(&text, &base64)) {
		root = &r->root[r->n];
		root->at = r->bytes.n;
		if (!base64_decode_fws(base64, &r->bytes)) {
			buf_cut(&r->bytes, root->at);
			continue;
		}
		root->n = r->bytes.n - root->at;
		if (certname_read(slice_sub(buf_view(&r->bytes), root->at,
				      root->at + root->n),
			&issuer, &root->subject))
			r->n++;
		else
			buf_cut(&r->bytes, root->at);
	}
}

static int
load_authorities(struct tls_roots *r, struct err *e)
{
	const char *file = r->ca_file ? r->ca_file : system_file();
	struct io_map map = { 0 };
	struct err why;

	if (!file) {
		r->by_library = true;
		return 0;
	}
	if (io_map_file(file, ROOTS_BYTES, &map, &why) < 0)
		return err_set(e, r->ca_file ? ERR_NOINPUT : ERR_CONFIG,
		    "cannot read CA file '%s'", file);
	read_text(r, map.bytes);
	io_unmap(&map);
	if (r->n == 0)
		return err_set(
		    e, ERR_CONFIG, "no certificate in CA file '%s'", file);
	return 0;
}

static int
load(struct tls_roots *r, struct err *e)
{
	if (r->crl_file && r->crls.n == 0 &&
	    tlsparts_crls_load(&r->crls, r->crl_file, e) < 0)
		return -1;
	if (load_authorities(r, e) < 0)
		return -1;
	r->loaded = true;
	return 0;
}

int
tlsparts_roots_load(struct tls_roots *r, struct err *e)
{
	int ret = 0;

	pthread_mutex_lock(&r->lock);
	if (!r->loaded)
		ret = load(r, e);
	pthread_mutex_unlock(&r->lock);
	return ret;
}

bool
tlsparts_roots_have(const struct tls_roots *r, struct slice name)
{
	for (size_t i = 0; i < r->n; i++)
		if (slice_equal(r->root[i].subject, name))
			return true;
	return false;
}

static int
add(gnutls_certificate_credentials_t cred, const struct tls_roots *r,
    const struct root *root)
{
	struct slice der =
	    slice_sub(buf_view(&r->bytes), root->at, root->at + root->n);
	union {
		const void *in;
		unsigned char *out;
	} drop_const = { .in = der.p };
	gnutls_datum_t d = { drop_const.out, (unsigned)der.n };

	return gnutls_certificate_set_x509_trust_mem(
	    cred, &d, GNUTLS_X509_FMT_DER);
}

int
tlsparts_roots_trust(const struct tls_roots *r, gnutls_session_t session,
    gnutls_certificate_credentials_t cred, struct err *e)
{
	unsigned n = 0, added = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &n);
	struct slice issuer, subject;

	if (tlsparts_crls_use(&r->crls, cred, e) < 0)
		return -1;
	if (r->by_library) {
		if (gnutls_certificate_set_x509_system_trust(cred) > 0)
			return 0;
		return err_set(e, ERR_CONFIG,
		    "this system trusts no certificate authority: install "
		    "ca-certificates, or give a CA file");
	}
	for (size_t k = 0; k < r->n && added < ADDED_MAX; k++)
		for (unsigned i = 0; i < n && i < TLSPARTS_CHAIN_MAX; i++) {
			if (!certname_read(slice_of(der[i].data, der[i].size),
				&issuer, &subject))
				continue;
			if (!slice_equal(r->root[k].subject, issuer) &&
			    !slice_equal(r->root[k].subject, subject))
				continue;
			if (add(cred, r, &r->root[k]) > 0)
				added++;
			break;
		}
	return 0;
}
