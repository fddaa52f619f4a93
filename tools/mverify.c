/* mverify: judges received messages: DKIM, SPF, DMARC, ARC. It opens the
 * network or a zone file, never a key.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "text/date.h"

#include "auth/hop.h"
#include "auth/letter.h"

#include "filter.h"
#include "mverify.h"

struct settings {
	struct tool_common common;
	bool dkim, spf, dmarc, arc, dkim2;
	struct opt_list rcpt;
	const char *ip, *helo, *mailfrom;
	const char *received_by;
	const char *at;
	const char *policy;
	struct opt_list zones;
	const char *resolver;
	const char *ar, *add;
	bool quiet, explain, tlsrpt;
};

#define BRIEF(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = (k), .name = (n), .arg = (a), .help = (h),             \
		.at = offsetof(struct settings, field), .flags = OPT_BRIEF     \
	}

static const struct opt options[] = {
	OPT_HEAD("What is judged (all of it when none is named)"),
	OPT_FLAG(0, "dkim", struct settings, dkim, "the signatures"),
	OPT_FLAG(0, "spf", struct settings, spf, "the client's address"),
	OPT_FLAG(
	    0, "dmarc", struct settings, dmarc, "the author domain's policy"),
	BRIEF(OPT_KIND_FLAG, "arc", arc, NULL, "the chain of forwarders"),
	BRIEF(OPT_KIND_FLAG, "dkim2", dkim2, NULL, "the hops (a draft)"),
	OPT_HEAD("The envelope"),
	OPT_TEXT(0, "ip", struct settings, ip, "ADDR",
	    "of the client that delivered"),
	OPT_TEXT(0, "helo", struct settings, helo, "NAME",
	    "that it said in HELO or EHLO"),
	{ .kind = OPT_KIND_TEXT,
	    .letter = 'f',
	    .name = "from",
	    .arg = "ADDR",
	    .help = "sender of the envelope (MAIL FROM)",
	    .at = offsetof(struct settings, mailfrom),
	    .flags = OPT_EMPTY },
	BRIEF(OPT_KIND_MANY, "rcpt", rcpt, "ADDR", "recipient"),
	BRIEF(OPT_KIND_TEXT, "at", at, "TIME", "of reception"),
	BRIEF(OPT_KIND_TEXT, "received-by", received_by, "HOST",
	    "all of it from that host's Received field"),
	{ .kind = OPT_KIND_TEXT,
	    .name = "mailfrom",
	    .arg = "ADDR",
	    .help = "the same",
	    .at = offsetof(struct settings, mailfrom),
	    .flags = OPT_HIDDEN | OPT_EMPTY },
	OPT_HEAD("The judge"),
	OPT_MANY(0, "zone", struct settings, zones, "FILE",
	    "master file instead of the DNS"),
	BRIEF(OPT_KIND_TEXT, "resolver", resolver, "ADDR[:PORT]",
	    "instead of the system's"),
	BRIEF(OPT_KIND_CHOICE, "policy", policy, "strict|rfc|legacy",
	    "what is refused though it matches"),
	BRIEF(OPT_KIND_FLAG, "tlsrpt", tlsrpt, NULL,
	    "as a receiver of TLS reports"),
	OPT_HEAD("Output"),
	OPT_TEXT(0, "ar", struct settings, ar, "ID",
	    "an Authentication-Results field"),
	OPT_TEXT(0, "add", struct settings, add, "ID",
	    "the message with that field on top"),
	OPT_FLAG(0, "explain", struct settings, explain,
	    "why a signature does not match, proven"),
	OPT_FLAG('q', "quiet", struct settings, quiet, "only the exit status"),
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

/* All that judging needs, the same for every message. */
struct judging {
	struct tool_run *run;
	const struct settings *set;
	struct verify_plan plan;
	struct filter filter;
	bool seen[VERIFY_TEMP + 1]; /* answers that came */
};

/* One message judged, by its own envelope with --received-by. */
struct judged {
	struct verify v;
	struct verify_plan plan;
};

static int
read_envelope(struct judging *g, struct err *e)
{
	const struct settings *set = g->set;
	struct slice from = slice_str(set->mailfrom), ip = slice_str(set->ip);

	if (set->received_by && (set->ip || set->helo || set->mailfrom))
		return err_set(e, ERR_USAGE,
		    "--received-by goes without --ip, --helo and --from");
	if (set->ip && !ip_read(ip, &g->plan.ip))
		return err_set(
		    e, ERR_USAGE, "--ip: '%s' is no address", set->ip);
	if (slice_take_prefix(&from, "<")) {
		if (!slice_ends_nocase(from, ">"))
			return err_set(e, ERR_USAGE,
			    "--from: '%s' is no address", set->mailfrom);
		from.n--;
	}
	if (set->mailfrom)
		g->plan.mailfrom = arena_copy(&g->run->arena, from);
	g->plan.helo = set->helo;
	return 0;
}

static int
read_time(struct judging *g, struct err *e)
{
	struct slice text = slice_str(g->set->at);
	uint64_t seconds;

	g->plan.now = given_now(&g->run->given);
	if (!text.n || date_parse_3339(text, &g->plan.now, NULL))
		return 0;
	if (!slice_number(text, INT64_MAX / 2, &seconds))
		return err_set(e, ERR_USAGE,
		    "--at: '%s' is not a time: write 2026-01-31T12:00:00Z or "
		    "seconds since 1970",
		    g->set->at);
	g->plan.now = (int64_t)seconds;
	return 0;
}

static int
make_plan(struct judging *g, struct err *e)
{
	const struct settings *set = g->set;
	bool all =
	    !set->dkim && !set->spf && !set->dmarc && !set->arc && !set->dkim2;
	struct dns_config c = { .zones = set->zones.v,
		.zone_count = set->zones.n,
		.resolver = set->resolver,
		.timeout = set->common.timeout,
		.given = &g->run->given };

	g->plan.dkim = all || set->dkim;
	g->plan.spf = all || set->spf;
	g->plan.dmarc = all || set->dmarc;
	g->plan.arc = all || set->arc;
	g->plan.dkim2 = all || set->dkim2;
	g->plan.recipients = set->rcpt.v;
	g->plan.recipient_count = set->rcpt.n;
	g->plan.policy =
	    slice_is(slice_str(set->policy), "legacy") ? DKIM_POLICY_LEGACY
	    : slice_is(slice_str(set->policy), "rfc")  ? DKIM_POLICY_RFC
						       : DKIM_POLICY_STRICT;
	g->plan.trace = &g->run->trace;
	g->plan.explain = set->explain;
	g->plan.tlsrpt = set->tlsrpt;
	if (!!set->common.json + !!set->ar + !!set->add + set->quiet > 1)
		return err_set(e, ERR_USAGE,
		    "only one of --json, --ar, --add, --quiet can be had");
	if (read_envelope(g, e) < 0 || read_time(g, e) < 0)
		return -1;
	return dns_new(&g->plan.dns, &c, e);
}

/* What is not told stays unknown: SPF is none then. */
static int
read_hop(struct judging *g, struct filter_item *i, struct verify_plan *p,
    struct err *e)
{
	struct dkim_letter m;
	struct hop h;

	if (letter_read(i->bytes, &i->arena, &m, e) < 0)
		return -1;
	if (!hop_read(&m, g->set->received_by, &i->arena, &h)) {
		trace_say(p->trace, "no Received field of '%s' with an address",
		    g->set->received_by);
		return 0;
	}
	p->ip = h.ip;
	p->helo = h.helo;
	p->mailfrom = h.mailfrom;
	if (h.time >= 0 && !g->set->at)
		p->now = h.time;
	return 0;
}

static void
judge(struct filter_item *i, void *arg)
{
	struct judging *g = arg;
	struct judged *it = arena_new(&i->arena, sizeof(*it));
	struct verify_plan *p = &it->plan;

	*p = g->plan;
	i->result = it;
	i->bad =
	    (g->set->received_by && read_hop(g, i, p, &i->e) < 0) ||
	    verify_message(p, i->bytes, i->map, &i->arena, &it->v, &i->e) < 0;
}

static void
show(struct filter_item *i, void *arg)
{
	struct judging *g = arg;
	const struct judged *it = i->result;
	const struct verify *v = &it->v;
	struct mverify_show s = { .run = g->run,
		.plan = &it->plan,
		.v = v,
		.message = i->bytes,
		.arena = &i->arena,
		.authserv_id = g->run->given.hostname };

	g->seen[v->answer] = true;
	if (g->set->quiet)
		return;
	if (g->set->add) {
		s.authserv_id = g->set->add;
		s.message = mverify_add(&s, &i->made);
		filter_put(&g->filter, i, buf_view(&i->made), s.message);
	} else if (g->set->ar) {
		s.authserv_id = g->set->ar;
		mverify_field(&s, &i->made);
		tool_output(g->run, buf_view(&i->made));
	} else if (g->set->common.json) {
		tool_json(g->run, mverify_json(&s));
	} else {
		if (g->filter.several)
			tool_print(g->run, "%s, message %llu:\n", i->path,
			    (unsigned long long)i->n);
		mverify_text(&s);
	}
}

/* The worst answer over all messages, where temporary beats everything. With
 * --add the message is what counts, and only trouble shows. */
static int
status(const struct judging *g)
{
	if (g->seen[VERIFY_TEMP])
		return ERR_TEMP;
	if (g->set->add)
		return 0;
	return g->seen[VERIFY_FAIL]     ? 1
	       : g->seen[VERIFY_POLICY] ? 3
	       : g->seen[VERIFY_NONE]   ? 2
	                                : 0;
}

int
main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "mverify",
		.synopsis = "[option ...] [file ...]",
		.purpose =
		    "judge received messages by DKIM, SPF, DMARC and ARC",
		.note = "DKIM2: " DKIM2_DRAFT " (experimental)",
		.options = options,
		.settings_size = sizeof(struct settings),
	};
	struct settings set = { 0 };
	struct tool_run run;
	struct judging g = { .run = &run, .set = &set };
	struct err e;
	int trouble;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	g.filter = (struct filter){
		.run = &run, .work = judge, .done = show, .arg = &g
	};
	if (make_plan(&g, &e) < 0)
		tool_fail(&run, &e);
	else
		filter_run(&g.filter);
	dns_free(&g.plan.dns);
	trouble = tool_end(&run);
	return trouble ? trouble : status(&g);
}
