/* msend puts in where a recipient leaves the list (RFC 2369), with one click
 * where it is https (RFC 8058).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend.h"

#define LIST_URL_MAX 900 /* octets: its field is one line */
#define ONE_CLICK    "List-Unsubscribe-Post: List-Unsubscribe=One-Click"

static const char *const names[] = { "List-Unsubscribe",
	"List-Unsubscribe-Post", NULL };

static bool
is_https(const struct msend_work *w)
{
	return slice_starts_nocase(
	    slice_str(w->set->bulk.list_unsubscribe), "https://");
}

/* A URL that can stand between "<" and ">". */
static int
check_url(const char *text, struct err *e)
{
	struct slice url = slice_str(text);
	bool ok = slice_starts_nocase(url, "https://") ||
	          slice_starts_nocase(url, "http://") ||
	          slice_starts_nocase(url, "mailto:");

	for (size_t i = 0; i < url.n; i++)
		ok = ok && url.p[i] > ' ' && url.p[i] < 127 &&
		     url.p[i] != '<' && url.p[i] != '>';
	if (url.n > LIST_URL_MAX)
		return err_set(e, ERR_USAGE,
		    "--list-unsubscribe: more than %d octets", LIST_URL_MAX);
	return ok ? 0
	          : err_set(e, ERR_USAGE,
			"--list-unsubscribe: '%s' is no https, http or "
			"mailto URL",
			text);
}

int
msend_list_compose(struct msend_work *w, struct opt_list *header, struct err *e)
{
	const char *url = w->set->bulk.list_unsubscribe;

	if (!url)
		return 0;
	if (check_url(url, e) < 0)
		return -1;
	for (size_t i = 0; i < header->n; i++)
		for (size_t k = 0; names[k]; k++) {
			struct slice rest = slice_str(header->v[i]), name;

			name = slice_take_until(&rest, ':', NULL);
			if (slice_is_nocase(slice_trim(name), names[k]))
				return err_set(e, ERR_USAGE,
				    "--list-unsubscribe and --header both give "
				    "'%s'",
				    names[k]);
		}
	opt_list_add(header, arena_fmt(w->arena, "List-Unsubscribe: <%s>", url),
	    w->arena);
	if (is_https(w))
		opt_list_add(header, ONE_CLICK, w->arena);
	return 0;
}

int
msend_list_take(struct msend_work *w, struct err *e)
{
	static const char *const none[] = { NULL };
	const char *url = w->set->bulk.list_unsubscribe;

	if (!url)
		return 0;
	if (check_url(url, e) < 0)
		return -1;
	for (size_t k = 0; names[k]; k++)
		if (submit_has(&w->submit, names[k]))
			return err_set(e, ERR_DATA,
			    "--list-unsubscribe: the message has '%s' already",
			    names[k]);
	if (submit_has(&w->submit, "DKIM-Signature"))
		return err_set(e, ERR_DATA,
		    "--list-unsubscribe: the message has 'DKIM-Signature', "
		    "which would not cover it: sign it after that");
	return submit_replace(&w->submit, none,
	    arena_fmt(w->arena, "List-Unsubscribe: <%s>\n%s", url,
		is_https(w) ? ONE_CLICK "\n" : ""),
	    e);
}
