/* The MX hosts, spoken to: what TLS they offer, and the certificates they show
 * (RFC 3207). No mail is sent; nothing beyond EHLO and STARTTLS is said.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <time.h>

#include "base/clock.h"

#include "net/dial.h"

#include "proto/smtp.h"

#include "auth/dane.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define HOSTS_MAX 16    /* that are spoken to */
#define TIME_MS   20000 /* for all that one host has to say */
#define SMTP_PORT 25

/* What is kept of a handshake. */
struct shown {
	struct arena *a;
	struct slice chain[CERT_CHAIN_MAX];
	size_t n;
};

/* Any chain will do here: it is judged later. */
static int
keep(void *arg, const struct slice *chain, size_t n, struct err *e UNUSED)
{
	struct shown *s = arg;

	for (size_t i = 0; i < n && s->n < CERT_CHAIN_MAX; i++)
		s->chain[s->n++] =
		    slice_of(arena_copy(s->a, chain[i]), chain[i].n);
	return 0;
}

static int
reach(const struct audit_host *h, const struct audit_want *want,
    int64_t deadline, struct err *e)
{
	struct dial_addr addr[DIAL_ADDR_MAX];
	size_t n = 0;

	while (n < h->count && n < DIAL_ADDR_MAX) {
		dial_addr_of(&addr[n], &h->addresses[n],
		    (uint16_t)(want->probe_port ? want->probe_port
						: SMTP_PORT));
		n++;
	}
	return dial_addresses(addr, n, h->name, deadline, NULL, e);
}

/* How far it came, or could not come. */
static void
tell(struct audit *au, struct audit_host *h, enum smtp_stage stage,
    const struct err *e)
{
	bool tls = stage == SMTP_AT_STARTTLS && e->kind == ERR_PROTO;

	h->probe.problem = arena_string(au->a, e->text);
	audit_add(au, tls ? AUDIT_MX_TLS_FAILED : AUDIT_MX_PROBE_FAILED,
	    h->name, "", NULL, "%s", e->text);
}

static void
keep_dates(struct audit *au, struct audit_probe *p, const struct cert *leaf)
{
	char name[256], text[sizeof("2026-11-25")] = "";
	int64_t from, to;
	struct tm tm;
	time_t end;

	cert_name(leaf, name, sizeof(name));
	p->subject = arena_string(au->a, name);
	cert_dates(leaf, &from, &to);
	end = (time_t)to;
	if (gmtime_r(&end, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%d", &tm))
		p->until = arena_string(au->a, text);
}

static void
keep_session(struct audit *au, struct audit_host *h, const struct smtp *c,
    const struct shown *shown)
{
	const struct tls *tls = smtp_tls(c);

	h->probe.reached = true;
	if (!tls) {
		audit_add(
		    au, AUDIT_MX_NO_STARTTLS, h->name, "", NULL, "%s", "");
		return;
	}
	h->probe.tls = arena_string(au->a, tls_version(tls));
	h->probe.chain = arena_array(au->a, shown->n, sizeof(*h->probe.chain));
	for (size_t i = 0; i < shown->n; i++)
		h->probe.chain[h->probe.chain_n++] = shown->chain[i];
}

static void
probe(struct audit *au, struct audit_host *h)
{
	const struct audit_want *want = au->want;
	int64_t deadline =
	    clock_deadline(want->probe_time > 0 ? want->probe_time : TIME_MS);
	struct shown shown = { .a = au->a };
	struct tls_want tls = { .host = h->name, .check = keep, .arg = &shown };
	struct smtp_plan plan = { .tls = SMTP_TLS_MAY,
		.want = &tls,
		.helo = want->greet,
		.deadline = deadline };
	enum smtp_stage stage = SMTP_AT_CONNECT;
	struct cert *leaf;
	struct smtp *c;
	struct err e;
	int fd = reach(h, want, deadline, &e);

	if (fd < 0 ||
	    smtp_open(&plan, stream_new(fd, fd, h->name), &c, &stage, &e) < 0) {
		tell(au, h, stage, &e);
		return;
	}
	keep_session(au, h, c, &shown);
	smtp_close(&c);
	if (shown.n && cert_read(&leaf, shown.chain[0], &e) == 0) {
		keep_dates(au, &h->probe, leaf);
		cert_free(&leaf);
	}
}

void
audit_probe(struct audit *au)
{
	struct audit_report *r = au->r;

	r->probed = true;
	for (size_t i = 0; i < r->host_count && i < HOSTS_MAX; i++)
		if (r->hosts[i].count) {
			r->hosts[i].probe.asked = true;
			probe(au, &r->hosts[i]);
		}
}

size_t
audit_probe_chain(
    const struct audit_host *h, struct cert *chain[CERT_CHAIN_MAX])
{
	size_t n = 0;
	struct err e;

	while (n < h->probe.chain_n &&
	       cert_read(&chain[n], h->probe.chain[n], &e) == 0)
		n++;
	return n;
}

/* What a sender that follows the policy would say of the host (RFC 8461
 * section 4.2): as an end entity under the public authorities, by its name. */
void
audit_probe_policy(struct audit *au, const struct audit_host *h)
{
	const char *names[] = { h->name };
	struct dane_record whole = { DANE_PKIX_EE, 0, CERT_MATCH_FULL, { 0 } };
	struct cert *chain[CERT_CHAIN_MAX];
	size_t n = audit_probe_chain(h, chain);
	struct cert_roots *roots = NULL;
	struct dane_verdict v = { .why = "it does not offer STARTTLS" };
	struct dane_check c = { .chain = (const struct cert *const *)chain,
		.chain_n = n,
		.names = names,
		.name_count = 1,
		.at = au->want->now };
	struct dane_set set;
	struct err e;

	v.outcome = DANE_NO_MATCH;
	if (h->probe.reached && h->probe.tls && n) {
		if (cert_roots_open(&roots, au->want->ca_file, &e) < 0) {
			*au->e = e;
			au->broken = true;
		}
		c.roots = roots;
		whole.data = h->probe.chain[0];
		dane_set_of(&whole, 1, false, &set);
		dane_verify(&set, &c, &v);
		cert_roots_free(&roots);
	}
	if (h->probe.reached && v.outcome != DANE_VERIFIED)
		audit_add(
		    au, AUDIT_STS_MX_CERT, h->name, "", NULL, "%s", v.why);
	for (size_t i = 0; i < n; i++)
		cert_free(&chain[i]);
}
