/* mcheckdns: SPF records as sets of addresses: shown, compared, flattened, and
 * what their terms cost.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/spfcost.h"
#include "auth/spfset.h"

#include "mcheckdns.h"

#define FLAT_MAX    65000 /* octets of a flattened record */
#define LONG_RECORD 450   /* octets of a record that all can answer */

/* Where networks go: a list in JSON, or lines of text. */
struct nets {
	struct json *list;
	struct tool_run *run;
	int sign; /* '+', '-', or 0 */
};

static void
put_net(const struct ip *ip, unsigned bits, void *arg)
{
	struct nets *n = arg;
	char text[IP_TEXT_MAX + 5];
	struct buf b;

	ip_write(ip, text);
	buf_init(&b, sizeof(text));
	buf_fmt(&b, "%s/%u", text, bits);
	if (n->list)
		json_add_slice(n->list, buf_view(&b));
	else if (n->sign)
		tool_print(n->run, "%c %s\n", n->sign, buf_str(&b));
	else
		tool_print(n->run, "  %s\n", buf_str(&b));
	buf_free(&b);
}

static struct json *
nets_json(const struct ipset *s)
{
	struct nets n = { .list = json_new_array() };

	ipset_each(s, put_net, &n);
	return n.list;
}

/* The sets of the words: a domain, its record or --record in its place. */
static int
read_set(struct session *s, const char *domain, const char *text,
    struct spfset *set, struct err *e)
{
	struct arena *a = &s->run->arena;
	int ret =
	    text ? spfset_of_text(s->dns, domain, slice_str(text), a, set, e)
		 : spfset_of(s->dns, domain, a, set, e);

	if (ret < 0)
		return -1;
	if (set->unknown)
		tool_status(s->run, ERR_TEMP);
	if (set->none)
		return err_set(e, ERR_NO, "'%s' has no SPF record", domain);
	return 0;
}

static void
show_json(struct session *s, const char *domain, const struct spfset *set)
{
	struct json *o = json_new_object(), *spf = json_new_object();
	struct json *dynamic = json_new_array();

	json_put_text(spf, "domain", domain);
	json_put_slice(spf, "record", set->record);
	for (size_t i = 0; i < set->dynamic_count; i++)
		json_add_text(dynamic, set->dynamic[i]);
	json_put(spf, "dynamic", dynamic);
	json_put_bool(spf, "unknown", set->unknown);
	json_put_text(spf, "problem", set->problem);
	for (unsigned r = SPF_NEUTRAL; r <= SPF_PERMERROR; r++) {
		struct json *one = json_new_object();

		json_put(one, "ip4", nets_json(&set->of[r][0]));
		json_put(one, "ip6", nets_json(&set->of[r][1]));
		json_put(spf, spf_result_name(r), one);
	}
	json_put(o, "spf_set", spf);
	tool_json(s->run, o);
}

/* mcheckdns spf set DOMAIN */
static int
show(struct session *s, const char *domain, struct err *e)
{
	struct nets to = { .run = s->run };
	struct spfset set;

	if (read_set(s, domain, s->set->record, &set, e) < 0)
		return -1;
	if (s->run->common->json) {
		show_json(s, domain, &set);
		return 0;
	}
	for (unsigned r = SPF_NEUTRAL; r <= SPF_PERMERROR; r++) {
		double v4 = ipset_size(&set.of[r][0]);
		double v6 = ipset_size(&set.of[r][1]);

		if (v4 + v6 == 0)
			continue;
		tool_print(s->run, "%s: %.0f IPv4, %.3g IPv6 addresses\n",
		    spf_result_name(r), v4, v6);
		if (v4 <= 4294967296.0 / 2)
			ipset_each(&set.of[r][0], put_net, &to);
		if (set.of[r][1].n && v6 < 1e38)
			ipset_each(&set.of[r][1], put_net, &to);
	}
	for (size_t i = 0; i < set.dynamic_count; i++)
		tool_print(s->run, "not counted, it depends on more: %s\n",
		    set.dynamic[i]);
	if (set.problem)
		tool_print(s->run, "%s\n", set.problem);
	return 0;
}

/* One family and result: what only one of them has. */
static bool
diff_one(struct session *s, const struct ipset *old, const struct ipset *new,
    unsigned result, struct json *o)
{
	struct arena *a = &s->run->arena;
	struct ipset lost = ipset_without(old, new, a);
	struct ipset gained = ipset_without(new, old, a);
	struct nets to = { .run = s->run };
	const char *family = old->family == 4 ? "ip4" : "ip6";

	if (lost.n == 0 && gained.n == 0)
		return false;
	if (o) {
		struct json *one = json_new_object();

		json_put_text(one, "result", spf_result_name(result));
		json_put_text(one, "family", family);
		json_put(one, "gained", nets_json(&gained));
		json_put(one, "lost", nets_json(&lost));
		json_add(o, one);
		return true;
	}
	tool_print(s->run, "%s, %s\n", spf_result_name(result), family);
	to.sign = '-';
	ipset_each(&lost, put_net, &to);
	to.sign = '+';
	ipset_each(&gained, put_net, &to);
	return true;
}

/* mcheckdns spf diff A B, or A --record TEXT */
static int
diff(struct session *s, const char *a, const char *b, struct err *e)
{
	struct json *list = s->run->common->json ? json_new_array() : NULL;
	struct spfset old, new;
	bool differ = false;

	if (read_set(s, a, NULL, &old, e) < 0 ||
	    read_set(s, b, s->set->record, &new, e) < 0) {
		json_free(&list);
		return -1;
	}
	for (unsigned r = SPF_NEUTRAL; r <= SPF_PERMERROR; r++)
		for (int i = 0; i < 2; i++)
			differ |=
			    diff_one(s, &old.of[r][i], &new.of[r][i], r, list);
	if (list) {
		struct json *o = json_new_object();

		json_put_bool(o, "equal", !differ);
		json_put(o, "spf_diff", list);
		tool_json(s->run, o);
	} else if (!differ) {
		tool_print(s->run, "equal\n");
	}
	if (old.dynamic_count || new.dynamic_count)
		tool_warn(s->run, "terms that depend on more than the "
				  "client's address are not compared");
	if (differ)
		tool_status(s->run, ERR_NO);
	return 0;
}

/* mcheckdns spf flatten DOMAIN */
static int
flatten(struct session *s, const char *domain, struct err *e)
{
	struct spfset set;
	struct buf out;
	int ret;

	if (read_set(s, domain, s->set->record, &set, e) < 0)
		return -1;
	buf_init(&out, FLAT_MAX);
	ret = spfset_flatten(s->dns, domain, &set, &s->run->arena, &out, e);
	if (ret == 0 && s->run->common->json) {
		struct json *o = json_new_object();

		json_put_text(o, "domain", domain);
		json_put_slice(o, "spf_flat", buf_view(&out));
		tool_json(s->run, o);
	} else if (ret == 0) {
		tool_print(s->run, "%s\n", buf_str(&out));
	}
	if (ret == 0 && out.n > LONG_RECORD)
		tool_warn(s->run,
		    "the record has %zu octets: it should have "
		    "at most %d",
		    out.n, LONG_RECORD);
	buf_free(&out);
	return ret;
}

static void
put_stand_in(const struct ip *ip, unsigned bits, void *arg)
{
	struct buf *b = arg;
	char text[IP_TEXT_MAX];

	ip_write(ip, text);
	buf_fmt(
	    b, "%s%s:%s", b->n ? " " : "", ip->n == 4 ? "ip4" : "ip6", text);
	if (bits < ip->n * 8)
		buf_fmt(b, "/%u", bits);
}

/* The networks that can stand in for a term. */
static int
stand_in(struct session *s, const char *domain, struct slice term,
    struct buf *out, struct err *e)
{
	struct arena *a = &s->run->arena;
	const char *text = arena_fmt(a, "v=spf1 %.*s -all", SLICE_ARG(term));
	struct spfset set;

	if (spfset_of_text(s->dns, domain, slice_str(text), a, &set, e) < 0)
		return -1;
	ipset_each(&set.of[SPF_PASS][0], put_stand_in, out);
	ipset_each(&set.of[SPF_PASS][1], put_stand_in, out);
	return 0;
}

static int
put_cost(struct session *s, const char *domain, const struct spfcost_term *t,
    struct json *list, struct err *e)
{
	struct buf nets;

	buf_init(&nets, FLAT_MAX);
	if (t->chosen && stand_in(s, domain, t->term->text, &nets, e) < 0) {
		buf_free(&nets);
		return -1;
	}
	if (list) {
		struct json *o = json_new_object();

		json_put_slice(o, "term", t->term->text);
		json_put_number(o, "lookups", t->lookups);
		json_put_bool(o, "static", t->fixed);
		json_put_text(
		    o, "replace_by", t->chosen ? buf_str(&nets) : NULL);
		json_add(list, o);
	} else {
		tool_print(s->run, "%4u  %.*s%s\n", t->lookups,
		    SLICE_ARG(t->term->text),
		    t->fixed ? "" : "  (depends on more than the address)");
		if (t->chosen)
			tool_print(s->run, "      replace by: %s\n",
			    nets.n ? buf_str(&nets) : "nothing");
	}
	buf_free(&nets);
	return 0;
}

/* mcheckdns spf cost DOMAIN */
static int
cost(struct session *s, const char *domain, struct err *e)
{
	struct json *list = s->run->common->json ? json_new_array() : NULL;
	struct spfcost c;
	int ret = spfcost_of(s->dns, domain, &s->run->arena, &c, e);

	if (ret == 0 && c.unknown)
		tool_status(s->run, ERR_TEMP);
	if (ret == 0 && c.problem)
		ret = err_set(e, ERR_NO, "%s: %s", domain, c.problem);
	for (size_t i = 0; i < c.count && ret == 0; i++)
		ret = put_cost(s, domain, &c.terms[i], list, e);
	if (ret == 0 && list) {
		struct json *o = json_new_object();

		json_put_text(o, "domain", domain);
		json_put_number(o, "lookups", c.lookups);
		json_put(o, "spf_cost", list);
		tool_json(s->run, o);
	} else if (ret == 0) {
		tool_print(s->run, "%4u  of %d\n", c.lookups, SPF_LOOKUPS_MAX);
	} else {
		json_free(&list);
	}
	if (ret == 0 && c.lookups > SPF_LOOKUPS_MAX)
		tool_status(s->run, ERR_NO);
	return ret;
}

int
mcheckdns_spfset(struct session *s, struct words w, struct err *e)
{
	const char *word = w.v[0];

	if (w.n < 2 || w.n > 3 || (w.n == 3 && strcmp(word, "diff") != 0))
		return err_set(e, ERR_USAGE, "spf %s needs a domain", word);
	if (mcheckdns_dns(s, e) < 0)
		return -1;
	if (strcmp(word, "set") == 0)
		return show(s, w.v[1], e);
	if (strcmp(word, "flatten") == 0)
		return flatten(s, w.v[1], e);
	if (strcmp(word, "cost") == 0)
		return cost(s, w.v[1], e);
	if (w.n < 3 && !s->set->record)
		return err_set(
		    e, ERR_USAGE, "spf diff needs another domain, or --record");
	return diff(s, w.v[1], w.v[w.n - 1], e);
}
