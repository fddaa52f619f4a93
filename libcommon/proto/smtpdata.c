/* Content on its way to the wire (RFC 5321 sections 2.3.8 and 4.5.2).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpdata.h"

void
smtpdata_init(struct smtpdata *d, const struct writer *out)
{
	*d = (struct smtpdata){ .out = out, .walk = { .dots = true } };
}

static int
bad(const struct smtpdata *d, const char *what, struct err *e)
{
	return err_set(e, ERR_DATA, "%s in line %llu of the message", what,
	    (unsigned long long)d->line + 1);
}

/* One line or a part of it, its LF left away. */
static int
check_line(struct smtpdata *d, struct slice line, bool ended, struct err *e)
{
	size_t cr;

	if (line.n > 0) {
		if (d->cr)
			return bad(d, "bare CR", e);
		cr = slice_find(line, '\r');
		if (cr != SIZE_MAX && cr + 1 < line.n)
			return bad(d, "bare CR", e);
		d->cr = cr != SIZE_MAX;
		d->line_octets += line.n;
	}
	if (d->line_octets - d->cr > EOL_LINE_MAX)
		return bad(d, "more than 998 octets", e);
	if (ended) {
		d->line++;
		d->line_octets = 0;
		d->cr = false;
	}
	return 0;
}

static int
check(struct smtpdata *d, struct slice s, struct err *e)
{
	struct slice line;
	bool ended;

	if (slice_find(s, '\0') != SIZE_MAX)
		return bad(d, "NUL", e);
	while (s.n > 0) {
		line = slice_take_until(&s, '\n', &ended);
		if (check_line(d, line, ended, e) < 0)
			return -1;
	}
	return 0;
}

static int
write_content(void *to, struct slice s, struct err *e)
{
	struct smtpdata *d = to;
	struct slice piece;

	if (check(d, s, e) < 0)
		return -1;
	if (d->before)
		d->before(d->arg);
	eol_feed(&d->walk, s);
	while (eol_next(&d->walk, &piece))
		if (writer_put(d->out, piece, e) < 0)
			return -1;
	return 0;
}

struct writer
smtpdata_writer(struct smtpdata *d)
{
	return (struct writer){ write_content, d };
}

int
smtpdata_end(struct smtpdata *d, struct err *e)
{
	if (d->cr)
		return bad(d, "bare CR", e);
	return writer_put(d->out, eol_end(&d->walk), e);
}
