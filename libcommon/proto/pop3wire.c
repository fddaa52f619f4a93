/* Lines and replies of POP3 (see pop3wire.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include "proto/pop3wire.h"

int
pop3wire_line(struct pop3 *p, size_t max, struct slice *line_r, struct err *e)
{
	int got;

	stream_deadline(p->stream, clock_deadline(p->timeout));
	got = stream_line(p->stream, max, line_r, NULL, e);
	if (got == 0)
		return err_set(e, ERR_TEMP,
		    "%s: the server closed the connection",
		    stream_peer(p->stream));
	if (got > 0)
		trace_wire(p->trace, TRACE_GOT, *line_r);
	return got;
}

/* resp-code = "[" level *("/" level) "]" (RFC 2449, 8; RFC 3206) */
int
pop3wire_refused(const struct pop3 *p, struct slice text, enum err_kind kind,
    const char *command, struct err *e)
{
	static const struct {
		const char *code;
		enum err_kind kind;
		const char *words;
	} codes[] = {
		{ "[IN-USE]", ERR_TEMP, ", another session has the mailbox" },
		{ "[LOGIN-DELAY", ERR_TEMP, ", too soon after the last login" },
		{ "[SYS/TEMP]", ERR_TEMP, " for now" },
		{ "[SYS/PERM]", ERR_UNAVAILABLE, "" },
		{ "[AUTH]", ERR_NOPERM, "" },
	};
	const char *words = "";

	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (slice_starts_nocase(text, codes[i].code)) {
			kind = codes[i].kind;
			words = codes[i].words;
		}
	text = slice_sub(text, 0, 300);
	return err_set(e, kind, "%s: %s refused%s: '%.*s'",
	    stream_peer(p->stream), command, words, SLICE_ARG(text));
}

int
pop3wire_answer(struct pop3 *p, struct slice *text_r, struct err *e)
{
	static const struct {
		const char *word;
		int answer;
	} words[] = {
		{ "+OK", 1 },
		{ "-ERR", 0 },
		{ "+ ", 2 },
	};
	struct slice line;

	if (pop3wire_line(p, SASL_LINE_MAX, &line, e) < 0)
		return -1;
	*text_r = line;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_take_prefix_nocase(text_r, words[i].word)) {
			*text_r = slice_trim(*text_r);
			return words[i].answer;
		}
	if (slice_is(slice_trim(line), "+")) {
		*text_r = slice_of(NULL, 0);
		return 2;
	}
	line = slice_sub(line, 0, 60);
	return err_set(e, ERR_PROTO, "%s: no POP3 reply: '%.*s'",
	    stream_peer(p->stream), SLICE_ARG(line));
}

int
pop3wire_status(struct pop3 *p, struct slice *text_r, struct err *e)
{
	int got = pop3wire_answer(p, text_r, e);

	return got == 2 ? err_set(e, ERR_PROTO,
			      "%s: a challenge, and no login is under way",
			      stream_peer(p->stream))
	                : got;
}

int
pop3wire_put(
    struct pop3 *p, struct slice command, const char *shown, struct err *e)
{
	trace_wire(p->trace, TRACE_SENT, shown ? slice_str(shown) : command);
	stream_deadline(p->stream, clock_deadline(p->timeout));
	if (stream_put(p->stream, command, e) < 0 ||
	    stream_text(p->stream, "\r\n", e) < 0)
		return -1;
	return 0;
}

int
pop3wire_ask(
    struct pop3 *p, const char *command, struct slice *text_r, struct err *e)
{
	if (pop3wire_put(p, slice_str(command), NULL, e) < 0 ||
	    stream_flush(p->stream, e) < 0)
		return -1;
	return pop3wire_status(p, text_r, e);
}

int
pop3wire_listing(struct pop3 *p, struct slice *line_r, struct err *e)
{
	if (pop3wire_line(p, POP3_LINE_MAX, line_r, e) < 0)
		return -1;
	if (slice_is(*line_r, "."))
		return 0;
	slice_take_prefix(line_r, ".");
	return 1;
}
