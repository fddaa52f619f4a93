/* SCRAM (RFC 5802, 7677): neither side shows the password, each proves that it
 * knows it; -PLUS binds that to the TLS session (RFC 5056, 5929, 9266).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#include "crypt/mac.h"

#include "proto/saslparts.h"

#define SALT_MAX 1024 /* octets */

static bool
binds(const struct sasl *s)
{
	return s->mechanism->flags & SASLPARTS_BOUND;
}

/* gs2-header = ("p=" cb-name / "n" / "y") "," "," : "y" tells a server that
 * did not offer -PLUS that we could have, which unmasks whoever took it out of
 * the offer (RFC 5802, 6). */
static void
put_header(struct sasl *s, struct buf *out)
{
	const struct tls *tls = s->login->tls;

	if (binds(s))
		buf_fmt(out, "p=%s", tls_binding_name(tls));
	else
		buf_char(out, tls && tls_binding_name(tls) && !s->plus_offered
				  ? 'y'
				  : 'n');
	buf_text(out, ",,");
}

/* client-first-message = gs2-header "n=" saslname ",r=" c-nonce */
static int
first(struct sasl *s)
{
	unsigned char raw[SASLPARTS_NONCE];

	s->login->random(raw, sizeof(raw));
	put_header(s, &s->header);
	buf_text(&s->bare, "n=");
	saslparts_name(slice_str(s->login->user), &s->bare);
	buf_text(&s->bare, ",r=");
	base64_encode(slice_of(raw, sizeof(raw)), &s->bare);
	buf_slice(&s->out, buf_view(&s->header));
	buf_slice(&s->out, buf_view(&s->bare));
	return 0;
}

/* The value of "x=value" at the start, and the comma behind it. */
static bool
take(struct slice *s, const char *name, struct slice *value_r)
{
	if (!slice_take_prefix(s, name))
		return false;
	*value_r = slice_take_until(s, ',', NULL);
	return true;
}

/* server-first-message = "r=" nonce ",s=" salt ",i=" rounds ["," extensions] */
static int
read_first(struct sasl *s, struct slice in, struct slice *nonce_r,
    struct buf *salt, uint64_t *rounds_r, struct err *e)
{
	struct slice ours = buf_view(&s->bare), salt64, rounds;

	ours =
	    slice_sub(ours, slice_search(ours, slice_str(",r=")) + 3, ours.n);
	if (!take(&in, "r=", nonce_r) || !take(&in, "s=", &salt64) ||
	    !take(&in, "i=", &rounds) || !base64_decode(salt64, salt) ||
	    salt->n == 0 || !slice_number(rounds, UINT32_MAX, rounds_r))
		return err_set(e, ERR_PROTO, "bad message of SCRAM");
	if (nonce_r->n <= ours.n ||
	    !slice_equal(slice_sub(*nonce_r, 0, ours.n), ours))
		return err_set(e, ERR_PROTO,
		    "the server answers another login than this (SCRAM nonce)");
	if (*rounds_r < SASL_ROUNDS_MIN || *rounds_r > SASL_ROUNDS_MAX)
		return err_set(e, ERR_PROTO,
		    "the server asks for %llu rounds of SCRAM: %d to %d are "
		    "accepted",
		    (unsigned long long)*rounds_r, SASL_ROUNDS_MIN,
		    SASL_ROUNDS_MAX);
	return 0;
}

/* channel-binding = "c=" base64(gs2-header [cbind-data]) */
static int
put_binding(struct sasl *s, struct err *e)
{
	struct buf all;
	int r = 0;

	buf_init(&all, SASLPARTS_SECRET_MAX);
	buf_slice(&all, buf_view(&s->header));
	if (binds(s))
		r = tls_binding(s->login->tls, &all, e);
	buf_text(&s->out, "c=");
	base64_encode(buf_view(&all), &s->out);
	buf_free(&all);
	return r;
}

struct keys {
	unsigned char salted[DIGEST_MAX], client[DIGEST_MAX],
	    stored[DIGEST_MAX], signature[DIGEST_MAX], server[DIGEST_MAX];
};

/* SaltedPassword := Hi(Normalize(password), salt, i)      (RFC 5802, 3)
 * ClientKey := HMAC(SaltedPassword, "Client Key"), StoredKey := H(ClientKey)
 * ClientProof := ClientKey XOR HMAC(StoredKey, AuthMessage)
 * ServerSignature := HMAC(HMAC(SaltedPassword, "Server Key"), AuthMessage) */
static int
compute(struct sasl *s, struct keys *k, struct slice password,
    struct slice salt, uint32_t rounds, struct err *e)
{
	enum digest_kind kind = s->mechanism->digest;
	struct slice auth = buf_view(&s->auth);
	size_t n = digest_size(kind);

	if (mac_derive(kind, password, salt, rounds, k->salted, e) < 0 ||
	    mac_of(kind, slice_of(k->salted, n), slice_str("Client Key"),
		k->client, e) < 0 ||
	    digest_of(kind, slice_of(k->client, n), k->stored, e) < 0 ||
	    mac_of(kind, slice_of(k->stored, n), auth, k->signature, e) < 0 ||
	    mac_of(kind, slice_of(k->salted, n), slice_str("Server Key"),
		k->server, e) < 0 ||
	    mac_of(kind, slice_of(k->server, n), auth, s->server_signature, e) <
		0)
		return -1;
	for (size_t i = 0; i < n; i++)
		k->client[i] ^= k->signature[i];
	buf_text(&s->out, ",p=");
	base64_encode(slice_of(k->client, n), &s->out);
	return 0;
}

/* client-final-message = "c=" binding ",r=" nonce ",p=" proof */
static int
prove(struct sasl *s, struct slice challenge, struct slice nonce,
    struct slice salt, uint32_t rounds, struct err *e)
{
	struct buf password;
	struct keys keys;
	int r;

	if (put_binding(s, e) < 0)
		return -1;
	buf_text(&s->out, ",r=");
	buf_slice(&s->out, nonce);
	buf_slice(&s->auth, buf_view(&s->bare));
	buf_char(&s->auth, ',');
	buf_slice(&s->auth, challenge);
	buf_char(&s->auth, ',');
	buf_slice(&s->auth, buf_view(&s->out));
	buf_init(&password, SASLPARTS_SECRET_MAX);
	buf_room(&password, SASLPARTS_SECRET_MAX); /* stays, to be wiped */
	r = mac_password(s->login->password, &password, e);
	if (r == 0)
		r = compute(s, &keys, buf_view(&password), salt, rounds, e);
	explicit_bzero(&keys, sizeof(keys));
	buf_wipe(&password);
	return r;
}

static int
final(struct sasl *s, struct slice challenge, struct err *e)
{
	struct slice nonce = { NULL, 0 };
	uint64_t rounds;
	struct buf salt;
	int r;

	buf_init(&salt, SALT_MAX);
	r = read_first(s, challenge, &nonce, &salt, &rounds, e);
	if (r == 0)
		r = prove(
		    s, challenge, nonce, buf_view(&salt), (uint32_t)rounds, e);
	buf_free(&salt);
	return r;
}

/* server-final-message = "v=" signature / "e=" error */
static int
check(struct sasl *s, struct slice challenge, struct err *e)
{
	struct slice value;
	struct buf got;

	if (take(&challenge, "e=", &value)) {
		saslparts_said(s, value);
		return 0;
	}
	buf_init(&got, DIGEST_MAX);
	s->proven =
	    take(&challenge, "v=", &value) && base64_decode(value, &got) &&
	    slice_equal(buf_view(&got), slice_of(s->server_signature,
					    digest_size(s->mechanism->digest)));
	buf_free(&got);
	if (s->proven)
		return 0;
	return err_set(e, ERR_PROTO,
	    "the server does not know the password: it is not the one it "
	    "claims to be");
}

int
saslscram_step(struct sasl *s, struct slice challenge, struct err *e)
{
	switch (s->turn) {
	case 0:
		return first(s);
	case 1:
		return final(s, challenge, e);
	case 2:
		return check(s, challenge, e);
	default:
		return err_set(e, ERR_PROTO, "one challenge too many");
	}
}
