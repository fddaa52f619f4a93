/* DKIM selectors that are in use in many places, tried one by one: what is
 * found is there, what is not says nothing.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/auditparts.h"

/* Of mail providers, of software that comes with a name of its own, and what
 * people call the first and the second key. */
static const char *const known[] = { "selector1", "selector2", "google",
	"default", "mail", "dkim", "dkim1", "dkim2", "s1", "s2", "k1", "k2",
	"k3", "key1", "key2", "selector", "smtp", "mx", "email", "fm1", "fm2",
	"fm3", "sig1", "protonmail", "protonmail2", "protonmail3", "zoho",
	"zmail", "pm", "mandrill", "mailjet", "mailo", "cm", "kl", "kl2",
	"brevo1", "brevo2", "mte1", "mte2", "zendesk1", "zendesk2", "ml",
	"amazonses", "hs1", "hs2", "s1024", "s2048", "rsa", "ed25519", "2025",
	"2026" };

/* Names as Microsoft makes them: selector1-example-org. */
static const char *
derived(struct audit *au, const char *word)
{
	char *name = arena_fmt(au->a, "%s-%s", word, au->r->ascii);

	for (char *p = name; *p; p++)
		if (*p == '.')
			*p = '-';
	return name;
}

size_t
audit_probe_selectors(struct audit *au, const char *found[AUDIT_PROBES_MAX])
{
	struct dns_question q[COUNT_OF(known) + 2];
	const char *names[COUNT_OF(q)];
	const char *top = arena_fmt(au->a, "_domainkey.%s", au->r->ascii);
	struct dns_answer r;
	size_t n = 0;

	audit_ask(au, top, DNS_TXT, &r);
	if (r.status == DNS_NXDOMAIN)
		return 0;
	/* Where any name is answered, none of these means anything. */
	audit_ask(au, arena_fmt(au->a, "%s.%s", audit_dkim_labels[2], top),
	    DNS_TXT, &r);
	if (r.count)
		return 0;
	memcpy(names, known, sizeof(known));
	names[COUNT_OF(known)] = derived(au, "selector1");
	names[COUNT_OF(known) + 1] = derived(au, "selector2");
	for (size_t i = 0; i < COUNT_OF(q); i++)
		q[i] = (struct dns_question){ .name = arena_fmt(au->a, "%s.%s",
						  names[i], top),
			.type = DNS_TXT };
	if (dns_query_all(au->dns, q, COUNT_OF(q), au->a, au->e) < 0) {
		au->broken = true;
		return 0;
	}
	for (size_t i = 0; i < COUNT_OF(q) && n < AUDIT_PROBES_MAX; i++)
		if (q[i].answer.count && !q[i].answer.wildcard)
			found[n++] = names[i];
	return n;
}
