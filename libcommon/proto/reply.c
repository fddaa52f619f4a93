/* Replies of SMTP and LMTP servers (RFC 5321 section 4.2).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "proto/reply.h"

void
reply_init(struct reply *r)
{
	*r = (struct reply){ 0 };
	buf_init(&r->text, REPLY_TEXT_MAX);
}

void
reply_free(struct reply *r)
{
	buf_free(&r->text);
}

/* Reply-code = %x32-35 %x30-35 %x30-39
 * The second digit is taken up to 9: servers in use invent codes. */
static bool
take_code(struct slice *line, unsigned *code_r)
{
	struct slice digits = slice_take(line, 3);
	uint64_t code;

	if (digits.n != 3 || !slice_number(digits, 599, &code) || code < 200)
		return false;
	*code_r = (unsigned)code;
	return true;
}

/* status-code = class "." subject "." detail
 * class       = "2" / "4" / "5"      ; here: the first digit of the code
 * subject, detail = 1*3DIGIT                                 (RFC 3463, 2) */
static bool
take_enhanced(struct slice *line, unsigned code, char status_r[])
{
	struct slice rest = *line;
	uint64_t class, subject, detail;

	if (!slice_take_number(&rest, 5, &class) || class != code / 100 ||
	    !slice_take_prefix(&rest, ".") ||
	    !slice_take_number(&rest, 999, &subject) ||
	    !slice_take_prefix(&rest, ".") ||
	    !slice_take_number(&rest, 999, &detail))
		return false;
	if (rest.n > 0 && !slice_take_prefix(&rest, " "))
		return false;
	snprintf(status_r, ERR_ENHANCED_MAX, "%u.%u.%u", (unsigned)class,
	    (unsigned)subject, (unsigned)detail);
	*line = rest;
	return true;
}

static void
add_text(struct buf *text, struct slice line)
{
	int c;

	while ((c = slice_get(&line)) >= 0)
		buf_char(text, c == '\0' || c == '\r' ? '?' : c);
}

/* Reply-line = *( Reply-code "-" [ textstring ] CRLF )
 *              Reply-code [ SP textstring ] CRLF */
int
reply_add(struct reply *r, struct slice line, struct err *e)
{
	char status[ERR_ENHANCED_MAX] = "";
	struct slice rest = line;
	unsigned code;
	int mark;

	if (r->done) {
		buf_reset(&r->text);
		r->code = 0;
		r->enhanced[0] = '\0';
		r->lines = 0;
		r->done = false;
	}
	if (!take_code(&rest, &code))
		return err_set(e, ERR_PROTO, "this is no reply: '%.*s'",
		    SLICE_ARG(slice_sub(line, 0, 100)));
	mark = slice_get(&rest);
	if (mark != ' ' && mark != '-' && mark != -1)
		return err_set(e, ERR_PROTO, "this is no reply: '%.*s'",
		    SLICE_ARG(slice_sub(line, 0, 100)));
	if (r->lines > 0 && code != r->code)
		return err_set(e, ERR_PROTO,
		    "the lines of one reply have two codes, %u and %u", r->code,
		    code);
	if (r->lines++ >= REPLY_LINES_MAX)
		return err_set(e, ERR_PROTO, "a reply of more than %d lines",
		    REPLY_LINES_MAX);
	r->code = code;
	if (take_enhanced(&rest, code, status) && !r->enhanced[0])
		memcpy(r->enhanced, status, sizeof(status));
	if (r->lines > 1)
		buf_char(&r->text, '\n');
	add_text(&r->text, rest);
	if (buf_over(&r->text))
		return err_set(e, ERR_PROTO, "a reply of more than %d octets",
		    REPLY_TEXT_MAX);
	r->done = mark != '-';
	return r->done;
}

/* 5.1.x but what is about the sender (5.1.7, 5.1.8). */
static bool
about_recipient(const char *enhanced)
{
	return strncmp(enhanced, "5.1.", 4) == 0 &&
	       strcmp(enhanced, "5.1.7") != 0 && strcmp(enhanced, "5.1.8") != 0;
}

enum err_kind
reply_kind(const struct reply *r)
{
	if (r->code / 100 == 4)
		return ERR_TEMP;
	if (r->code / 100 != 5)
		return ERR_PROTO;
	if (r->code == 530 || r->code == 534 || r->code == 535 ||
	    r->code == 538)
		return ERR_NOPERM;
	return about_recipient(r->enhanced) ? ERR_NOUSER : ERR_UNAVAILABLE;
}

int
reply_refusal(const struct reply *r, struct err *e)
{
	struct slice text = buf_view(&r->text), line;

	line = slice_take_until(&text, '\n', NULL);
	err_set(e, reply_kind(r), "%u%s%s%s%.*s", r->code,
	    r->enhanced[0] ? " " : "", r->enhanced, line.n ? " " : "",
	    SLICE_ARG(line));
	if (e) {
		e->smtp = (int)r->code;
		memcpy(e->enhanced, r->enhanced, sizeof(e->enhanced));
	}
	return -1;
}
