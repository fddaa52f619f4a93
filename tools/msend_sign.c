/* msend signs what it sends.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"

#include "msg/addr.h"

#include "msend.h"

static int
sign_with(struct msend_work *w, struct key *key, struct err *e)
{
	const struct msend_settings *set = w->set;
	struct dkim_signer signer = { set->selector, key };
	struct dkim_plan plan = { .signers = &signer,
		.signer_count = 1,
		.header_mode = CANON_RELAXED,
		.body_mode = CANON_RELAXED,
		.made = given_now(&w->run->given) };
	struct slice domain =
	    set->domain ? slice_str(set->domain)
			: addr_domain(w->compose || !w->submit.author.n
					  ? w->from
					  : w->submit.author);

	if (!domain.n)
		return err_set(
		    e, ERR_USAGE, "nobody to sign for: --domain DOMAIN");
	if (idna_to_dns(domain, w->arena, &domain, e) < 0)
		return err_in(e, "--domain");
	plan.domain = domain.p;
	/* What a server might encode anew would lose its signature. */
	if (!w->compose && (w->mail.binary || (w->mail.eight_bit_line &&
						  !w->mail.utf8_line))) {
		if (submit_to_7bit(&w->submit, true, &w->mail.size, e) < 0)
			return -1;
		w->mail.binary = false;
		if (!w->mail.utf8_line)
			w->mail.eight_bit_line = 0;
	}
	return sign_mail(&w->mail, &plan, &w->sign, w->arena, e);
}

int
msend_sign(struct msend_work *w, struct err *e)
{
	const struct msend_settings *set = w->set;
	struct key *key = NULL;
	bool exposed;
	int r;

	if (!set->sign && !set->selector && !set->domain)
		return 0;
	if (!set->sign || !set->selector)
		return err_set(
		    e, ERR_USAGE, "--sign KEY and --selector NAME go together");
	if (key_open(&key, set->sign, &exposed, e) < 0)
		return -1;
	if (exposed)
		tool_warn(w->run,
		    "key '%s' can be read by others: chmod 600 it", set->sign);
	r = sign_with(w, key, e);
	key_free(&key);
	return r;
}
