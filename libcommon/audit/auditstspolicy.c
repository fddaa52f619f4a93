/* The MTA-STS policy of a domain (RFC 8461 sections 3.2 to 4.1): from a
 * folder, or fetched where that is asked for.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/io.h"

#include "net/https.h"

#include "auth/mtasts.h"
#include "auth/orgdomain.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define AGE_SHORT   86400   /* seconds */
#define AGE_ENFORCE 1209600 /* two weeks */
#define FETCH_MAX   (2 * MTASTS_POLICY_MAX)

static const enum audit_id wrongs[] = {
	[MTASTS_WRONG_LINE] = AUDIT_STS_POLICY_SYNTAX,
	[MTASTS_WRONG_VERSION] = AUDIT_STS_POLICY_VERSION,
	[MTASTS_WRONG_MODE] = AUDIT_STS_POLICY_MODE,
	[MTASTS_WRONG_AGE] = AUDIT_STS_POLICY_MAX_AGE,
	[MTASTS_WRONG_MX] = AUDIT_STS_POLICY_MX_INVALID,
	[MTASTS_WRONG_NO_MX] = AUDIT_STS_POLICY_MX_MISSING,
	[MTASTS_WRONG_TWICE] = AUDIT_STS_POLICY_DUPLICATE,
	[MTASTS_WRONG_UNKNOWN] = AUDIT_STS_POLICY_UNKNOWN_KEY,
};

static void
add(struct audit *au, enum audit_id id, const size_t *span, const char *detail)
{
	audit_add(au, id, arena_fmt(au->a, "mta-sts.%s", au->r->ascii),
	    "policy", span, "%s", detail);
}

/* Each MX host by some pattern, each pattern for some host. */
static void
check_hosts(struct audit *au, const struct mtasts_policy *p)
{
	const struct audit_report *r = au->r;

	for (size_t i = 0; i < r->host_count; i++)
		if (p->mode > MTASTS_NONE && !mtasts_match(p, r->hosts[i].name))
			add(au, AUDIT_STS_MX_UNCOVERED, NULL, r->hosts[i].name);
		else if (p->mode > MTASTS_NONE && r->hosts[i].probe.asked)
			audit_probe_policy(au, &r->hosts[i]);
	for (size_t i = 0; i < p->mx_count; i++) {
		const char *text = arena_copy(au->a, p->mx[i]);
		bool used = r->host_count == 0;

		for (size_t j = 0; j < r->host_count; j++)
			used |=
			    mtasts_pattern_match(p->mx[i], r->hosts[j].name);
		if (!used)
			add(au, AUDIT_STS_MX_UNUSED, NULL, text);
		if (slice_starts(p->mx[i], "*.") &&
		    orgdomain_is_suffix(text + 2))
			add(au, AUDIT_STS_MX_WILDCARD_WIDE, NULL, text);
	}
}

static void
check_policy(struct audit *au, struct slice body)
{
	struct mtasts_policy *p = arena_array(au->a, 1, sizeof(*p));
	int64_t least;

	if (body.n > MTASTS_POLICY_MAX)
		add(au, AUDIT_STS_POLICY_SIZE, NULL, "");
	mtasts_policy_read(body, p);
	au->r->sts_policy = p;
	for (size_t i = 0; i < p->fault_count; i++) {
		const struct mtasts_fault *f = &p->fault[i];
		struct slice at = slice_sub(body, f->span[0], f->span[1]);

		add(au, wrongs[f->wrong], at.n ? f->span : NULL,
		    arena_copy(au->a, slice_sub(at, 0, 80)));
	}
	if (p->mode != MTASTS_MODE_UNSET)
		au->r->sts_mode = mtasts_mode_name(p->mode);
	if (p->mode == MTASTS_NONE)
		add(au, AUDIT_STS_MODE_NONE, NULL, "");
	if (p->mode == MTASTS_TESTING)
		add(au, AUDIT_STS_MODE_TESTING, NULL, "");
	least = p->mode == MTASTS_ENFORCE ? AGE_ENFORCE : AGE_SHORT;
	if (p->max_age >= 0 && p->max_age < least && p->mode > MTASTS_NONE)
		add(au, AUDIT_STS_POLICY_MAX_AGE_SHORT, NULL,
		    arena_fmt(au->a, "%lld seconds", (long long)p->max_age));
	check_hosts(au, p);
}

/* FOLDER/DOMAIN, where there is one. */
static bool
from_folder(struct audit *au)
{
	const char *folder = au->want->sts_policies;
	struct buf b;
	bool there;

	if (!folder || strchr(au->r->ascii, '/'))
		return false;
	buf_init(&b, FETCH_MAX);
	there = io_read_file(arena_fmt(au->a, "%s/%s", folder, au->r->ascii),
		    &b, NULL) == 0;
	if (there)
		check_policy(
		    au, slice_of(arena_copy(au->a, buf_view(&b)), b.n));
	buf_free(&b);
	return there;
}

static void
fetch(struct audit *au)
{
	static const enum audit_id ids[] = {
		[HTTPS_NO_REPLY] = AUDIT_STS_FETCH_FAILED,
		[HTTPS_CERT] = AUDIT_STS_CERT,
		[HTTPS_REDIRECT] = AUDIT_STS_REDIRECT,
		[HTTPS_STATUS] = AUDIT_STS_HTTP_STATUS,
		[HTTPS_TOO_BIG] = AUDIT_STS_POLICY_SIZE,
		[HTTPS_BROKEN] = AUDIT_STS_FETCH_FAILED,
	};
	struct https_want want = { .url = mtasts_url(au->r->ascii, au->a),
		.ca_file = au->want->ca_file,
		.port = au->want->https_port,
		.max = FETCH_MAX };
	struct https_reply r;
	struct slice type;

	if (https_get(au->dns, &want, au->a, &r, au->e) < 0) {
		au->broken = true;
		return;
	}
	if (r.outcome == HTTPS_NO_HOST || r.outcome == HTTPS_UNKNOWN)
		return; /* told already */
	if (r.outcome != HTTPS_GOT) {
		add(au, ids[r.outcome], NULL, r.why);
		return;
	}
	type = slice_str(r.content_type);
	type = slice_trim(slice_take_until(&type, ';', NULL));
	if (!slice_is_nocase(type, "text/plain"))
		add(au, AUDIT_STS_CONTENT_TYPE, NULL, r.content_type);
	check_policy(au, r.body);
}

void
audit_sts_policy(struct audit *au)
{
	if (!from_folder(au) && au->want->fetch)
		fetch(au);
}
