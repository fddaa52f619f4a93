/* Lists of certificates that their authorities have revoked (RFC 5280, 5),
 * from a file.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

#include "base/io.h"

#include "net/tlsparts.h"

#define CRL_BYTES (64u << 20) /* octets of the file */

static int
import(struct tlsparts_crls *l, struct slice text)
{
	union {
		const void *in;
		unsigned char *out;
	} drop_const = { .in = text.p };
	gnutls_datum_t d = { drop_const.out, (unsigned)text.n };

	return gnutls_x509_crl_list_import2(
	    &l->list, &l->n, &d, GNUTLS_X509_FMT_PEM, 0);
}

int
tlsparts_crls_load(struct tlsparts_crls *l, const char *file, struct err *e)
{
	struct io_map map = { 0 };
	int code;

	if (io_map_file(file, CRL_BYTES, &map, NULL) < 0)
		return err_set(
		    e, ERR_NOINPUT, "cannot read CRL file '%s'", file);
	code = import(l, map.bytes);
	io_unmap(&map);
	if (code >= 0 && l->n > 0)
		return 0;
	return err_set(e, ERR_CONFIG,
	    "no list of revoked certificates in CRL file '%s': it is PEM, "
	    "\"-----BEGIN X509 CRL-----\"",
	    file);
}

int
tlsparts_crls_use(const struct tlsparts_crls *l,
    gnutls_certificate_credentials_t cred, struct err *e)
{
	int code;

	if (l->n == 0)
		return 0;
	code = gnutls_certificate_set_x509_crl(cred, l->list, (int)l->n);
	return code >= 0 ? 0
	                 : err_set(e, ERR_CONFIG, "CRL file: %s",
			       gnutls_strerror(code));
}

void
tlsparts_crls_free(struct tlsparts_crls *l)
{
	for (unsigned i = 0; i < l->n; i++)
		gnutls_x509_crl_deinit(l->list[i]);
	free(l->list);
}
