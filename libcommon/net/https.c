/* One document over HTTPS.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_CURL
#	include <curl/curl.h>
#endif

#include "base/buf.h"

#include "text/url.h"

#include "net/https.h"

const char *
https_outcome_name(enum https_outcome o)
{
	static const char *const names[] = { "got", "no-host", "unknown",
		"no-reply", "cert", "redirect", "status", "too-big", "broken" };

	return names[o];
}

#ifdef HAVE_CURL

#	define HTTPS_PORT 443

/* libcurl's form of a name's addresses: "HOST:PORT:ADDR,ADDR". */
static int
find_addresses(struct dns *d, const char *host, unsigned port, struct arena *a,
    struct https_reply *r, const char **pin_r, struct err *e)
{
	struct dns_question q[] = { { host, DNS_A, { 0 } },
		{ host, DNS_AAAA, { 0 } } };
	char text[IP_TEXT_MAX];
	size_t count = 0;

	*pin_r = arena_fmt(a, "%s:%u:", host, port);
	if (dns_query_all(d, q, COUNT_OF(q), a, e) < 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(q); i++)
		for (size_t j = 0;
		     j < q[i].answer.count && count < HTTPS_ADDRESSES_MAX;
		     j++) {
			bool v6 = q[i].type == DNS_AAAA;

			ip_write(&q[i].answer.records[j].ip, text);
			*pin_r =
			    arena_fmt(a, "%s%s%s%s%s", *pin_r, count ? "," : "",
				v6 ? "[" : "", text, v6 ? "]" : "");
			count++;
		}
	if (count)
		return 1;
	r->outcome =
	    dns_unknown(q[0].answer.status) || dns_unknown(q[1].answer.status)
		? HTTPS_UNKNOWN
		: HTTPS_NO_HOST;
	r->why = arena_fmt(a, "'%s' %s", host,
	    r->outcome == HTTPS_UNKNOWN ? "could not be looked up"
					: "has no address");
	return 0;
}

static size_t
take(char *p, size_t size, size_t n, void *to)
{
	struct buf *b = to;

	buf_add(b, p, size * n);
	return buf_over(b) ? 0 : size * n;
}

static void
judge(CURL *c, CURLcode code, const struct buf *body, const char *why,
    struct arena *a, struct https_reply *r)
{
	char *type = NULL;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &r->status);
	curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
	r->content_type = arena_string(a, type ? type : "");
	r->why = arena_string(a, *why ? why : curl_easy_strerror(code));
	if (buf_over(body)) {
		r->outcome = HTTPS_TOO_BIG;
		r->why = arena_fmt(a, "more than %zu octets", body->max);
	} else if (code == CURLE_PEER_FAILED_VERIFICATION ||
		   code == CURLE_SSL_ISSUER_ERROR) {
		r->outcome = HTTPS_CERT;
	} else if (code == CURLE_COULDNT_CONNECT ||
		   code == CURLE_OPERATION_TIMEDOUT) {
		r->outcome = HTTPS_NO_REPLY;
	} else if (code != CURLE_OK) {
		r->outcome = HTTPS_BROKEN;
	} else if (r->status != 200) {
		r->outcome = r->status >= 300 && r->status < 400
		                 ? HTTPS_REDIRECT
		                 : HTTPS_STATUS;
		r->why = arena_fmt(a, "status %ld", r->status);
		r->body = slice_of(arena_copy(a, buf_view(body)), body->n);
	} else {
		r->outcome = HTTPS_GOT;
		r->why = "";
		r->body = slice_of(arena_copy(a, buf_view(body)), body->n);
	}
}

/* Nothing is taken from the environment: no proxy, no netrc. */
static void
set_options(CURL *c, const struct https_want *want, struct buf *body,
    char why[CURL_ERROR_SIZE])
{
	curl_easy_setopt(c, CURLOPT_URL, want->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "mailtoolkit");
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS,
	    (long)(want->timeout > 0 ? want->timeout : HTTPS_WAIT));
	if (want->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, want->ca_file);
	if (want->post.p) {
		curl_easy_setopt(
		    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)want->post.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, want->post.p);
	}
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
}

static void
fetch(const struct https_want *want, const char *pin, const char *other,
    struct arena *a, struct https_reply *r)
{
	struct curl_slist *pins = curl_slist_append(NULL, pin), *to = NULL;
	char why[CURL_ERROR_SIZE] = "";
	CURL *c = curl_easy_init();
	struct buf body;

	buf_init(&body, want->max);
	if (c && pins) {
		set_options(c, want, &body, why);
		curl_easy_setopt(c, CURLOPT_RESOLVE, pins);
		if (other) {
			to = curl_slist_append(NULL, other);
			curl_easy_setopt(c, CURLOPT_CONNECT_TO, to);
		}
		judge(c, curl_easy_perform(c), &body, why, a, r);
	} else {
		r->outcome = HTTPS_NO_REPLY;
		r->why = "no memory";
	}
	curl_easy_cleanup(c);
	curl_slist_free_all(pins);
	curl_slist_free_all(to);
	buf_wipe(&body);
}

int
https_get(struct dns *d, const struct https_want *want, struct arena *a,
    struct https_reply *r, struct err *e)
{
	static const char *const schemes[] = { "https", NULL };
	unsigned port;
	const char *pin, *other = NULL;
	struct url url;
	int got;

	*r = (struct https_reply){ .content_type = "", .why = "" };
	if (url_parse(slice_str(want->url), a, &url, e) < 0)
		return -1;
	if (!url_has_scheme(&url, schemes) || !url.host)
		return err_set(e, ERR_DATA, "'%s' is no https URL", want->url);
	port = want->port ? want->port : url.port ? url.port : HTTPS_PORT;
	got = find_addresses(d, url.host, port, a, r, &pin, e);
	if (got <= 0)
		return got;
	if (want->port)
		other = arena_fmt(a, "%s:%d:%s:%u", url.host,
		    url.port ? url.port : HTTPS_PORT, url.host, port);
	fetch(want, pin, other, a, r);
	return 0;
}

#else

int
https_get(struct dns *d, const struct https_want *want, struct arena *a,
    struct https_reply *r, struct err *e)
{
	(void)d;
	(void)a;
	*r = (struct https_reply){ .content_type = "", .why = "" };
	return err_set(e, ERR_UNAVAILABLE,
	    "cannot fetch '%s': built without libcurl", want->url);
}

#endif
