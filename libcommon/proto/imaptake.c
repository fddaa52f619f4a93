/* What each untagged response does (see imapread.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/imaplex.h"
#include "proto/imapname.h"
#include "proto/imaptake.h"

#define SAID_SHOWN 500 /* octets of an ID that are kept */

static void
set_caps(struct imap *m, struct slice list)
{
	buf_reset(&m->caps);
	buf_char(&m->caps, ' ');
	buf_slice(&m->caps, slice_trim(list));
	buf_char(&m->caps, ' ');
}

/* Response codes that tell something wherever they come. */
void
imaptake_code(struct imap *m, struct slice text)
{
	struct imaplex_code c;
	uint64_t v;

	if (!imaplex_code(text, &c))
		return;
	if (slice_is_nocase(c.name, "CAPABILITY"))
		set_caps(m, c.args);
	if (slice_is_nocase(c.name, "ALERT"))
		trace_say(m->trace, "the server says: %.*s", SLICE_ARG(c.text));
	if (!m->mailbox)
		return;
	if (slice_is_nocase(c.name, "HIGHESTMODSEQ") &&
	    slice_number(c.args, IMAPLEX_NUMBER_MAX, &v))
		m->mailbox->modseq = v;
	if (slice_is_nocase(c.name, "NOMODSEQ"))
		m->mailbox->modseq = 0;
	if (!slice_number(c.args, IMAPLEX_UID_MAX, &v))
		return;
	if (slice_is_nocase(c.name, "UIDVALIDITY"))
		m->mailbox->validity = (uint32_t)v;
	if (slice_is_nocase(c.name, "UIDNEXT"))
		m->mailbox->next = (uint32_t)v;
}

/* BYE: a farewell after LOGOUT, else a reason to come back later. */
static int
code_kind(struct slice code)
{
	static const struct {
		const char *code;
		enum err_kind kind;
	} codes[] = {
		/* RFC 9051, 7.1; RFC 5530 */
		{ "UNAVAILABLE", ERR_TEMP },
		{ "INUSE", ERR_TEMP },
		{ "LIMIT", ERR_TEMP },
		{ "SERVERBUG", ERR_TEMP },
		{ "CORRUPTION", ERR_TEMP },
		{ "THROTTLED", ERR_TEMP },
		{ "OVERQUOTA", ERR_TEMP },
		{ "AUTHENTICATIONFAILED", ERR_NOPERM },
		{ "AUTHORIZATIONFAILED", ERR_NOPERM },
		{ "EXPIRED", ERR_NOPERM },
		{ "PRIVACYREQUIRED", ERR_NOPERM },
		{ "CONTACTADMIN", ERR_NOPERM },
		{ "NOPERM", ERR_NOPERM },
		{ "NONEXISTENT", ERR_NOINPUT },
		{ "TRYCREATE", ERR_NOINPUT },
		{ "CANNOT", ERR_UNAVAILABLE },
	};

	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (slice_is_nocase(code, codes[i].code))
			return (int)codes[i].kind;
	return -1;
}

int
imaptake_refused(const struct imapparts_reply *r, enum err_kind kind,
    const char *command, struct err *e)
{
	struct imaplex_code c;
	struct slice text = slice_sub(r->text, 0, 300);
	int by_code;

	imaplex_code(r->text, &c);
	by_code = code_kind(c.name);
	if (r->status == IMAPPARTS_BAD)
		kind = ERR_PROTO;
	if (by_code >= 0)
		kind = (enum err_kind)by_code;
	return err_set(e, kind, "%s refused: '%.*s'", command, SLICE_ARG(text));
}

int
imaptake_bye(struct imap *m, struct slice text)
{
	struct imapparts_reply r = { .status = IMAPPARTS_NO, .text = text };

	m->bye = true;
	imaptake_refused(
	    &r, ERR_TEMP, "the server says BYE: session", &m->bye_error);
	return 0;
}

/* astring, as a mailbox name in UTF-8 where it can be. */
static int
read_name(struct imap *m, struct imaplex *l, struct buf *out, struct err *e)
{
	struct imaplex_token t;
	struct slice name;

	if (imaplex_next(l, &t, e) <= 0 || t.kind == IMAPLEX_OPEN ||
	    t.kind == IMAPLEX_CLOSE)
		return err_set(e, ERR_PROTO, "a response without a name");
	name = imaplex_string(&t, &m->arena);
	if (m->utf8 || !imapname_decode(name, out)) {
		buf_reset(out);
		buf_slice(out, name);
	}
	if (slice_is_nocase(buf_view(out), "INBOX")) {
		buf_reset(out);
		buf_text(out, "INBOX");
	}
	return 0;
}

/* RFC 6154, 2; RFC 8457 */
static const char *
special_use(const struct imaplex_token *t)
{
	static const char *const uses[] = { "\\All", "\\Archive", "\\Drafts",
		"\\Flagged", "\\Important", "\\Junk", "\\Sent", "\\Trash" };

	for (size_t i = 0; i < COUNT_OF(uses); i++)
		if (imaplex_is(t, uses[i]))
			return uses[i];
	return NULL;
}

/* mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE /
 *                nil) SP mailbox */
static int
take_list(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imap_folder f = { .selectable = true, .separator = -1 };
	struct imaplex_token t;
	struct buf name;
	int ret;

	if (!m->folders || !m->folders->take ||
	    m->nfolders++ >= IMAP_FOLDERS_MAX)
		return 0;
	if (imaplex_next(l, &t, e) < 0 || t.kind != IMAPLEX_OPEN)
		return err_set(e, ERR_PROTO, "LIST without attributes");
	while (imaplex_next(l, &t, e) > 0 && t.kind == IMAPLEX_ATOM) {
		if (imaplex_is(&t, "\\Noselect") ||
		    imaplex_is(&t, "\\NonExistent"))
			f.selectable = false;
		if (special_use(&t))
			f.use = special_use(&t);
	}
	if (t.kind != IMAPLEX_CLOSE || imaplex_next(l, &t, e) <= 0)
		return err_set(e, ERR_PROTO, "LIST without a separator");
	if (t.kind == IMAPLEX_QUOTED)
		f.separator = slice_peek(imaplex_string(&t, &m->arena));
	buf_init(&name, 3 * IMAPNAME_MAX);
	ret = read_name(m, l, &name, e);
	f.name = buf_view(&name);
	if (ret == 0 && !buf_over(&name))
		ret = m->folders->take(m->folders->arg, &f, e);
	buf_free(&name);
	return ret;
}

/* "(" objectid ")" (RFC 8474, 4.3) */
static int
take_mailbox_id(struct imaplex *l, struct slice *id_r, struct err *e)
{
	struct imaplex_token t, id, end;

	if (imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_OPEN ||
	    imaplex_next(l, &id, e) <= 0 || id.kind != IMAPLEX_ATOM ||
	    imaplex_next(l, &end, e) <= 0 || end.kind != IMAPLEX_CLOSE)
		return err_set(e, ERR_PROTO, "STATUS with a bad MAILBOXID");
	*id_r = id.text;
	return 0;
}

/* status-att-val of RFC 9051, 7162, 8438, 8474. */
static int
take_counts(struct imaplex *l, struct imap_mailbox *box, struct err *e)
{
	struct imaplex_token t, v;
	uint64_t n;

	if (imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_OPEN)
		return err_set(e, ERR_PROTO, "STATUS without a list");
	while (imaplex_next(l, &t, e) > 0 && t.kind == IMAPLEX_ATOM) {
		if (imaplex_is(&t, "MAILBOXID")) {
			if (take_mailbox_id(l, &box->id, e) < 0)
				return -1;
			continue;
		}
		if (imaplex_next(l, &v, e) <= 0 ||
		    !imaplex_number(&v, IMAPLEX_NUMBER_MAX, &n))
			return err_set(e, ERR_PROTO, "STATUS without a number");
		if (imaplex_is(&t, "MESSAGES"))
			box->exists = n;
		if (imaplex_is(&t, "UNSEEN"))
			box->unseen = n;
		if (imaplex_is(&t, "HIGHESTMODSEQ"))
			box->modseq = n;
		if (imaplex_is(&t, "UIDNEXT") && n <= IMAPLEX_UID_MAX)
			box->next = (uint32_t)n;
		if (imaplex_is(&t, "UIDVALIDITY") && n <= IMAPLEX_UID_MAX)
			box->validity = (uint32_t)n;
		if (imaplex_is(&t, "SIZE")) {
			box->size = n;
			box->has_size = true;
		}
	}
	return 0;
}

/* "STATUS" SP mailbox SP "(" [status-att-list] ")" */
static int
take_status(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imap_mailbox box = { .told = true };
	struct buf name;
	int ret;

	if (!m->folders || !m->folders->status) {
		m->news++; /* by NOTIFY */
		return 0;
	}
	buf_init(&name, 3 * IMAPNAME_MAX);
	ret = read_name(m, l, &name, e);
	if (ret == 0)
		ret = take_counts(l, &box, e);
	if (ret == 0 && !buf_over(&name))
		ret = m->folders->status(
		    m->folders->arg, buf_view(&name), &box, e);
	buf_free(&name);
	return ret;
}

/* namespace = nil / "(" 1*("(" string SP (<"> QUOTED-CHAR <"> / nil) ...")")
 * ")": the first of the three is one's own. */
static int
take_namespace(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imaplex_token t;

	if (!m->prefix)
		return 0;
	if (imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_OPEN ||
	    imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_OPEN)
		return 0;
	return read_name(m, l, m->prefix, e);
}

/* "VANISHED" [SP "(EARLIER)"] SP known-uids (RFC 7162, 3.2.10): it may name
 * UIDs that were never seen. */
static int
take_vanished(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imaplex_token t;

	m->news++;
	if (imaplex_next(l, &t, e) <= 0)
		return err_set(e, ERR_PROTO, "VANISHED without a set");
	if (t.kind == IMAPLEX_OPEN) {
		if (imaplex_next(l, &t, e) <= 0 ||
		    imaplex_next(l, &t, e) <= 0 || imaplex_next(l, &t, e) <= 0)
			return err_set(e, ERR_PROTO, "VANISHED without a set");
	}
	if (t.kind != IMAPLEX_ATOM)
		return err_set(e, ERR_PROTO, "VANISHED without a set");
	if (!m->changes || !m->changes->vanished)
		return 0;
	return imapset_read(m->changes->vanished, t.text, e);
}

/* "ENABLED" *(SP capability) */
static void
take_enabled(struct imap *m, struct slice list)
{
	buf_char(&m->enabled, ' ');
	buf_slice(&m->enabled, slice_trim(list));
	buf_char(&m->enabled, ' ');
}

/* "SEARCH" *(SP nz-number) [SP "(MODSEQ" SP n ")"] */
static int
take_search(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imaplex_token t;
	uint64_t uid;
	int got;

	if (!m->found)
		return 0;
	while ((got = imaplex_next(l, &t, e)) > 0) {
		if (t.kind == IMAPLEX_OPEN)
			break;
		if (!imaplex_number(&t, IMAPLEX_UID_MAX, &uid))
			return err_set(e, ERR_PROTO, "SEARCH gives '%.*s'",
			    SLICE_ARG(slice_sub(t.text, 0, 60)));
		imapset_add(m->found, (uint32_t)uid, (uint32_t)uid);
		if (m->found->runs > IMAPSET_RANGES_MAX)
			return err_set(e, ERR_PROTO, "too many ranges of UIDs");
	}
	return got < 0 ? -1 : 0;
}

/* esearch-response = "ESEARCH" [search-correlator] [SP "UID"]
 *                    *(SP search-return-data) (RFC 4731) */
static int
take_esearch(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imaplex_token t;
	int got;

	if (!m->found)
		return 0;
	while ((got = imaplex_next(l, &t, e)) > 0) {
		bool partial = imaplex_is(&t, "PARTIAL");

		if (!partial && !imaplex_is(&t, "ALL"))
			continue;
		/* "(" partial-range SP partial-results ")" (RFC 9394, 3.1) */
		if (partial &&
		    (imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_OPEN ||
			imaplex_next(l, &t, e) <= 0))
			return err_set(e, ERR_PROTO, "ESEARCH without a set");
		if (imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_ATOM)
			return err_set(e, ERR_PROTO, "ESEARCH without a set");
		if (partial && imaplex_is_nil(&t))
			return 0;
		return imapset_read(m->found, t.text, e);
	}
	return got < 0 ? -1 : 0;
}

/* A body short enough that the server quoted it, or NIL. */
static int
take_string(struct imap *m, const struct imaplex_token *t, struct err *e)
{
	const struct imap_taker *taker = m->taker;
	struct slice s = imaplex_string(t, &m->arena);

	if (t->kind == IMAPLEX_LITERAL && m->streamed)
		return 1;
	if (imaplex_is_nil(t))
		return 0;
	if (t->kind != IMAPLEX_QUOTED || m->streamed)
		return err_set(e, ERR_PROTO, "FETCH with a body that is none");
	m->size = s.n;
	m->streamed = true;
	m->too_large = s.n > taker->max;
	if (m->too_large)
		return 1;
	if ((taker->begin && taker->begin(taker->arg, s.n, e) < 0) ||
	    (s.n > 0 && taker->write(taker->arg, s, e) < 0))
		return -1;
	return 1;
}

static bool
is_body(const struct imap *m, const struct imaplex_token *name)
{
	return m->taker && imaplex_is(name, m->body);
}

/* A list, as it stands, without its parentheses. */
static int
take_raw(struct imaplex *l, const struct imaplex_token *name,
    struct imap_message *msg, struct err *e)
{
	struct slice from = l->rest, raw;

	if (imaplex_skip(l, e) < 0)
		return -1;
	raw = slice_trim(slice_sub(from, 0, from.n - l->rest.n));
	if (imaplex_is(name, "BODYSTRUCTURE")) {
		msg->structure = raw;
		return 0;
	}
	if (slice_starts(raw, "(") && raw.n >= 2)
		raw = slice_sub(raw, 1, raw.n - 1);
	if (imaplex_is(name, "EMAILID"))
		msg->id = raw;
	else
		msg->labels = raw;
	return 0;
}

/* One item of msg-att and its value. */
static int
take_item(struct imap *m, struct imaplex *l, const struct imaplex_token *name,
    struct imap_message *msg, struct err *e)
{
	struct imaplex_token t;
	uint64_t v;
	int got;

	if (imaplex_is(name, "FLAGS")) {
		msg->has_flags = true;
		return imaplex_flags(l, &msg->flags, e);
	}
	if (imaplex_is(name, "X-GM-LABELS") ||
	    imaplex_is(name, "BODYSTRUCTURE") || imaplex_is(name, "EMAILID"))
		return take_raw(l, name, msg, e);
	if (!imaplex_is(name, "UID") && !is_body(m, name) &&
	    !imaplex_is(name, "RFC822.SIZE") &&
	    !imaplex_is(name, "X-GM-MSGID") &&
	    !imaplex_is(name, "INTERNALDATE"))
		return imaplex_skip(l, e);
	if (imaplex_next(l, &t, e) <= 0 || t.kind == IMAPLEX_OPEN ||
	    t.kind == IMAPLEX_CLOSE)
		return err_set(e, ERR_PROTO, "FETCH item without a value");
	if (imaplex_is(name, "INTERNALDATE")) {
		msg->date = imaplex_string(&t, &m->arena);
		return 0;
	}
	if (imaplex_is(name, "RFC822.SIZE")) {
		if (imaplex_number(&t, IMAPLEX_NUMBER_MAX, &v))
			msg->told_size = v;
		return 0;
	}
	if (imaplex_is(name, "X-GM-MSGID")) {
		msg->id = imaplex_string(&t, &m->arena);
		return 0;
	}
	if (imaplex_is(name, "UID")) {
		if (!imaplex_number(&t, IMAPLEX_UID_MAX, &v) || v == 0)
			return err_set(e, ERR_PROTO, "FETCH with a bad UID");
		msg->uid = (uint32_t)v;
		return 0;
	}
	got = take_string(m, &t, e);
	if (got > 0)
		msg->body =
		    m->too_large ? IMAP_BODY_TOO_LARGE : IMAP_BODY_WHOLE;
	return got < 0 ? -1 : 0;
}

/* message-data = nz-number SP "FETCH" SP "(" msg-att-item *(SP
 * msg-att-item) ")" */
static int
take_fetch(struct imap *m, struct imaplex *l, struct err *e)
{
	struct imap_message msg = { .body = IMAP_BODY_NONE };
	struct imaplex_token t;

	if (!m->taker && !m->changes) {
		m->news++;
		return 0;
	}
	if (imaplex_next(l, &t, e) <= 0 || t.kind != IMAPLEX_OPEN)
		return err_set(e, ERR_PROTO, "FETCH without a list");
	for (;;) {
		if (imaplex_next(l, &t, e) <= 0)
			return -1;
		if (t.kind == IMAPLEX_CLOSE)
			break;
		if (t.kind != IMAPLEX_ATOM)
			return err_set(
			    e, ERR_PROTO, "FETCH item without a name");
		if (take_item(m, l, &t, &msg, e) < 0)
			return -1;
	}
	msg.size = m->size;
	if (msg.body != IMAP_BODY_NONE || m->changes)
		m->unasked = 0;
	if (m->changes && msg.uid && msg.has_flags && m->changes->flags)
		return m->changes->flags(
		    m->changes->arg, msg.uid, msg.flags, e);
	return m->taker ? m->taker->end(m->taker->arg, &msg, e) : 0;
}

/* "*" SP number SP ("EXISTS" / "RECENT" / "EXPUNGE" / "FETCH" ...) */
static int
take_numbered(struct imap *m, struct imaplex *l, uint64_t n, struct err *e)
{
	struct imaplex_token t;

	if (imaplex_next(l, &t, e) <= 0)
		return err_set(e, ERR_PROTO, "a number without a word");
	if (imaplex_is(&t, "FETCH"))
		return take_fetch(m, l, e);
	m->news += imaplex_is(&t, "EXISTS") || imaplex_is(&t, "EXPUNGE");
	if (imaplex_is(&t, "EXISTS") && m->mailbox)
		m->mailbox->exists = n;
	return 0;
}

static int
take_data(struct imap *m, const struct imaplex_token *name, struct imaplex *l,
    struct err *e)
{
	static const struct {
		const char *name;
		int (*take)(struct imap *m, struct imaplex *l, struct err *e);
	} data[] = {
		{ "LIST", take_list },
		{ "STATUS", take_status },
		{ "SEARCH", take_search },
		{ "ESEARCH", take_esearch },
		{ "VANISHED", take_vanished },
		{ "NAMESPACE", take_namespace },
	};

	for (size_t i = 0; i < COUNT_OF(data); i++)
		if (imaplex_is(name, data[i].name))
			return data[i].take(m, l, e);
	return 0;
}

/* What no command asked for is not an error; unknown data is passed over. */
int
imaptake_untagged(struct imap *m, struct err *e)
{
	struct slice text = slice_sub(buf_view(&m->text), 2, SIZE_MAX);
	struct imaplex_token t;
	struct imaplex l;
	uint64_t n;

	if (m->unasked++ == IMAP_UNASKED_MAX)
		return err_set(e, ERR_PROTO, "the server talks without end");
	imaplex_begin(&l, text);
	if (imaplex_next(&l, &t, e) <= 0 || t.kind != IMAPLEX_ATOM)
		return err_set(e, ERR_PROTO, "a response without a name");
	if (imaplex_number(&t, IMAPLEX_NUMBER_MAX, &n))
		return take_numbered(m, &l, n, e);
	if (imaplex_is(&t, "BYE"))
		return imaptake_bye(m, l.rest);
	if (imaplex_is(&t, "CAPABILITY"))
		set_caps(m, l.rest);
	else if (imaplex_is(&t, "ENABLED"))
		take_enabled(m, l.rest);
	else if (imaplex_is(&t, "ID"))
		buf_slice(&m->said, slice_sub(l.rest, 0, SAID_SHOWN));
	else if (imaplex_is(&t, "OK") || imaplex_is(&t, "NO") ||
		 imaplex_is(&t, "BAD"))
		imaptake_code(m, l.rest);
	else
		return take_data(m, &t, &l, e);
	return 0;
}
