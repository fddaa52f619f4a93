/* The client's side of an IMAP session (see imap.h): from the greeting to the
 * mailbox that is open.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>

#include "base/mem.h"

#include "proto/imapcommand.h"
#include "proto/imapname.h"

#define CAPS_MAX   65536
#define GOODBYE_MS 3000 /* for LOGOUT */
#define SAID_MAX   1024 /* of greeting and ID */
#define AT_ONCE    50   /* STATUS commands under way */

int
imap_open(struct stream *s, int64_t timeout, const struct trace *trace,
    struct imap **m_r, struct err *e)
{
	struct imap *m = mem_new(sizeof(*m));

	m->stream = s;
	m->timeout = timeout;
	m->trace = trace;
	buf_init(&m->text, IMAP_RESPONSE_MAX);
	buf_init(&m->caps, CAPS_MAX);
	buf_init(&m->enabled, CAPS_MAX);
	buf_init(&m->said, SAID_MAX);
	if (imapread_greeting(m, e) < 0) {
		imap_free(&m);
		return -1;
	}
	*m_r = m;
	return 0;
}

void
imap_free(struct imap **m)
{
	if (!*m)
		return;
	stream_free(&(*m)->stream);
	buf_free(&(*m)->text);
	buf_free(&(*m)->caps);
	buf_free(&(*m)->enabled);
	buf_free(&(*m)->said);
	arena_free(&(*m)->arena);
	mem_free(*m);
	*m = NULL;
}

void
imap_close(struct imap **m)
{
	struct imapparts_reply r;

	if (!*m)
		return;
	if ((*m)->timeout < 0 || (*m)->timeout > GOODBYE_MS)
		(*m)->timeout = GOODBYE_MS;
	(*m)->taker = NULL;
	if (imapcommand_send(*m, slice_str("LOGOUT"), NULL, NULL) == 0)
		imapcommand_finish(*m, &r, NULL);
	imap_free(m);
}

bool
imap_is_preauth(const struct imap *m)
{
	return m->preauth;
}

int
imap_capability(struct imap *m, struct err *e)
{
	if (m->caps.n > 0)
		return 0;
	return imapcommand_run(m, ERR_PROTO, e, "CAPABILITY");
}

int
imap_starttls(struct imap *m, const struct tls_want *want, struct err *e)
{
	const char *peer = stream_peer(m->stream);

	if (m->preauth)
		return err_set(e, ERR_PROTO,
		    "%s: the server skips the login, so STARTTLS is impossible: "
		    "use imaps",
		    peer);
	if (imap_capability(m, e) < 0)
		return -1;
	if (!imap_has(m, "STARTTLS"))
		return err_set(e, ERR_PROTO,
		    "%s: the server offers no STARTTLS: use imaps", peer);
	if (imapcommand_run(m, ERR_PROTO, e, "STARTTLS") < 0 ||
	    stream_tls_client(m->stream, want, e) < 0)
		return -1;
	buf_reset(&m->caps);
	return imap_capability(m, e);
}

int
imap_id(struct imap *m, const char *name, const char *version, struct err *e)
{
	if (!imap_has(m, "ID"))
		return 0;
	return imapcommand_run(m, ERR_PROTO, e,
	    "ID (\"name\" \"%s\" \"version\" \"%s\")", name, version);
}

/* The server's ENABLED says what is on; some say nothing, or an empty list,
 * and so mean nothing. */
int
imap_enable(struct imap *m, struct err *e)
{
	bool modseq = !(imap_quirks(m, NULL) & IMAP_NO_MODSEQ);
	const char *what = !modseq                    ? ""
	                   : imap_has(m, "QRESYNC")   ? " QRESYNC"
	                   : imap_has(m, "CONDSTORE") ? " CONDSTORE"
	                                              : "";
	const char *utf8 = imap_has(m, "UTF8=ACCEPT") ? " UTF8=ACCEPT" : "";

	if (!imap_has(m, "ENABLE") || (!what[0] && !utf8[0]))
		return 0;
	if (imapcommand_run(m, ERR_UNAVAILABLE, e, "ENABLE%s%s", what, utf8) <
	    0)
		return -1;
	m->utf8 = imap_enabled(m, "UTF8=ACCEPT");
	return 0;
}

int
imap_compress(struct imap *m, struct err *e)
{
	if (!imap_has(m, "COMPRESS=DEFLATE") ||
	    (imap_quirks(m, NULL) & IMAP_NO_COMPRESS))
		return 0;
	if (imapcommand_run(m, ERR_UNAVAILABLE, e, "COMPRESS DEFLATE") < 0)
		return -1;
	return stream_deflate(m->stream, e);
}

/* What STATUS is asked for, on its own or behind LIST. */
static const char *
status_items(struct imap *m, bool list)
{
	bool id = imap_has(m, "OBJECTID") &&
	          !(list && imap_quirks(m, NULL) & IMAP_NO_LIST_ID);
	bool modseq =
	    imap_enabled(m, "QRESYNC") || imap_enabled(m, "CONDSTORE");

	return arena_fmt(&m->arena, "MESSAGES UNSEEN UIDNEXT UIDVALIDITY%s%s%s",
	    imap_has(m, "STATUS=SIZE") ? " SIZE" : "",
	    modseq ? " HIGHESTMODSEQ" : "", id ? " MAILBOXID" : "");
}

int
imap_list(struct imap *m, const char *pattern,
    const struct imap_folder_taker *taker, struct err *e)
{
	const char *name = imapcommand_name(m, pattern, e);
	bool status = taker->status && imap_has(m, "LIST-STATUS");
	bool use = imap_has(m, "LIST-EXTENDED") && imap_has(m, "SPECIAL-USE");
	const char *items = status_items(m, true);
	int ret;

	if (!name)
		return -1;
	m->folders = taker;
	m->nfolders = 0;
	if (status)
		ret = imapcommand_run(m, ERR_UNAVAILABLE, e,
		    "LIST \"\" %s RETURN (%sSTATUS (%s))", name,
		    use ? "SPECIAL-USE " : "", items);
	else
		ret = imapcommand_run(m, ERR_UNAVAILABLE, e, "LIST \"\" %s%s",
		    name, use ? " RETURN (SPECIAL-USE)" : "");
	m->folders = NULL;
	return ret;
}

static int
send_status(struct imap *m, const char *name, struct err *e)
{
	const char *wire = imapcommand_name(m, name, e);
	struct buf b;
	int ret;

	if (!wire)
		return -1;
	buf_init(&b, IMAP_COMMAND_MAX);
	buf_fmt(&b, "STATUS %s (%s)", wire, status_items(m, false));
	ret = imapcommand_send(m, buf_view(&b), NULL, e);
	buf_free(&b);
	return ret;
}

/* The answers come in the order of the commands, on a server that obeys (RFC
 * 9051, 5.5 lets it reorder): so by name. */
static int
take_status(
    void *arg, struct slice name, const struct imap_mailbox *box, struct err *e)
{
	struct imap_statuses *s = arg;

	(void)e;
	for (size_t i = 0; i < s->n; i++)
		if (slice_is(name, s->names[i])) {
			s->boxes[i] = *box;
			s->boxes[i].id =
			    slice_of(arena_copy(s->arena, box->id), box->id.n);
		}
	return 0;
}

int
imap_status(struct imap *m, const char *const *names, size_t n,
    struct imap_mailbox *boxes, struct arena *a, struct err *e)
{
	int ret = 0;

	for (size_t at = 0; at < n && ret == 0; at += AT_ONCE) {
		size_t some = size_min(n - at, AT_ONCE);
		struct imap_statuses s = { names + at, boxes + at, some, a };
		struct imap_folder_taker taker = { NULL, take_status, &s };
		unsigned first = m->tag + 1;

		m->unasked = 0;
		m->folders = &taker;
		for (size_t i = 0; i < some && ret == 0; i++) {
			boxes[at + i] = (struct imap_mailbox){ 0 };
			ret = send_status(m, names[at + i], e);
		}
		for (size_t i = 0; i < some && ret == 0; i++) {
			struct imapparts_reply r;

			ret = imapread_reply(m, &r, e);
			if (ret == 0 &&
			    (r.status == IMAPPARTS_CONTINUE || r.tag < first))
				ret = imapcommand_unexpected(m, &r, e);
		}
		m->folders = NULL;
	}
	return ret;
}

int
imap_namespace(struct imap *m, struct buf *prefix, struct err *e)
{
	int ret;

	if (!imap_has(m, "NAMESPACE"))
		return 0;
	m->prefix = prefix;
	ret = imapcommand_run(m, ERR_UNAVAILABLE, e, "NAMESPACE");
	m->prefix = NULL;
	return ret;
}

int
imap_select(struct imap *m, const char *name, const struct imap_select *how,
    const struct imap_changes *changes, struct imap_mailbox *box_r,
    struct err *e)
{
	const char *wire = imapcommand_name(m, name, e);
	bool write = how->write || (imap_quirks(m, NULL) & IMAP_SELECT_ONLY);
	const char *command = write ? "SELECT" : "EXAMINE";
	int ret;

	*box_r = (struct imap_mailbox){ 0 };
	if (!wire)
		return -1;
	m->mailbox = box_r;
	m->changes = changes;
	if (how->modseq && imap_enabled(m, "QRESYNC"))
		ret = imapcommand_run(m, ERR_NOINPUT, e,
		    "%s %s (QRESYNC (%" PRIu32 " %" PRIu64 "))", command, wire,
		    how->validity, how->modseq);
	else
		ret =
		    imapcommand_run(m, ERR_NOINPUT, e, "%s %s", command, wire);
	m->mailbox = NULL;
	m->changes = NULL;
	m->news = 0; /* what follows is */
	return ret;
}

int
imap_examine(
    struct imap *m, const char *name, struct imap_mailbox *box_r, struct err *e)
{
	struct imap_select how = { 0 };

	return imap_select(m, name, &how, NULL, box_r, e);
}
