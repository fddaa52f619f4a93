/* An audit as lines of columns, a finding each, for awk and spreadsheets.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/audit.h"

/* Nothing in it may end a column or a line. */
static void
put_column(struct buf *out, const char *text)
{
	buf_char(out, '\t');
	for (; *text; text++)
		buf_char(out, ascii_is_control(*text) ? '?' : *text);
}

static void
put_finding(struct buf *out, const char *domain, const struct audit_finding *f)
{
	put_column(out, audit_severity_name(f->rule->severity));
	put_column(out, f->rule->id);
	put_column(out, f->owner ? f->owner : domain);
	put_column(out, f->type);
	buf_char(out, '\t');
	if (f->placed)
		buf_fmt(out, "%zu-%zu", f->span[0], f->span[1]);
	put_column(out, f->detail);
	buf_char(out, '\n');
}

void
audit_tsv(
    const struct audit_report *r, enum audit_severity min, struct buf *out)
{
	const char *domain = r->ascii ? r->ascii : "-";
	bool some = false;

	for (unsigned s = AUDIT_UNKNOWN + 1; s-- > min;)
		for (size_t i = 0; i < r->count; i++) {
			if (r->findings[i].rule->severity != s)
				continue;
			buf_text(out, domain);
			put_finding(out, domain, &r->findings[i]);
			some = true;
		}
	if (!some)
		buf_fmt(out, "%s\tgood\t\t\t\t\t\n", domain);
}
