/* The options of msend, in one table.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend.h"

/* An option that --help only names. */
#define BRIEF(k, l, n, field, a, h)                                            \
	{                                                                      \
		.kind = OPT_KIND_##k, .letter = (l), .name = (n), .arg = (a),  \
		.help = (h), .at = offsetof(struct msend_settings, field),     \
		.flags = OPT_BRIEF                                             \
	}

const struct opt msend_options[] = {
	OPT_HEAD("Compose a message"),
	{ .kind = OPT_KIND_TEXT,
	    .letter = 's',
	    .name = "subject",
	    .arg = "TEXT",
	    .help = "its subject",
	    .at = offsetof(struct msend_settings, subject),
	    .flags = OPT_EMPTY },
	OPT_MANY(0, "to", struct msend_settings, to, "ADDR", "to whom"),
	BRIEF(TEXT, 0, "text", text, "FILE", "its text, - is standard input"),
	BRIEF(MANY, 0, "cc", cc, "ADDR", "copy to whom"),
	BRIEF(MANY, 0, "bcc", bcc, "ADDR", "likewise, nobody sees it"),
	BRIEF(MANY, 0, "reply-to", reply_to, "ADDR", "where answers go"),
	BRIEF(MANY, 'H', "header", header, "FIELD", "'Name: value' as well"),
	BRIEF(TEXT, 0, "html", html, "FILE", "its text as HTML"),
	BRIEF(MANY, 0, "attach", attach, "FILE[;type=T][;name=N]",
	    "attach a file"),
	BRIEF(MANY, 0, "inline", inlined, "FILE[;cid=ID]",
	    "a picture for the HTML"),
	BRIEF(FLAG, 0, "text-from-html", text_from_html, NULL,
	    "make the text from the HTML"),
	BRIEF(FLAG, 0, "flowed", flowed, NULL, "let readers wrap the text"),
	BRIEF(TEXT, 0, "sign", sign, "FILE", "with the key in FILE"),
	BRIEF(TEXT, 0, "domain", domain, "DOMAIN",
	    "for DOMAIN; else the sender's"),
	BRIEF(TEXT, 0, "selector", selector, "NAME", "where its record is"),
	OPT_HEAD("Take one from standard input"),
	OPT_FLAG('t', "read-recipients", struct msend_settings, take,
	    "recipients are those in its header"),
	BRIEF(FLAG, 'i', "ignore-dots", dots, NULL,
	    "nothing: a line with a dot is text"),
	BRIEF(FLAG, 0, "fix", fix, NULL,
	    "mend line ends, encode what is too long"),
	BRIEF(FLAG, 0, "print", print, NULL, "write the message, send nothing"),
	OPT_HEAD("Send it"),
	{ .kind = OPT_KIND_TEXT,
	    .letter = 'f',
	    .name = "from",
	    .arg = "ADDR",
	    .help = "from whom; '<>' is nobody",
	    .at = offsetof(struct msend_settings, from),
	    .flags = OPT_EMPTY },
	OPT_MORE(msend_route_options, struct msend_settings, route),
	BRIEF(TEXT, 0, "aliases", aliases, "FILE",
	    "who is meant by names of this machine"),
	{ .kind = OPT_KIND_TEXT,
	    .name = "maildomain",
	    .arg = "DOMAIN",
	    .help = "of names without one",
	    .at = offsetof(struct msend_settings, maildomain),
	    .flags = OPT_HIDDEN },
	BRIEF(FLAG, 0, "dry-run", dry_run, NULL,
	    "tell what would be sent, and how"),
	{ .kind = OPT_KIND_FLAG,
	    .name = "server-info",
	    .help = "tell what the server is and offers, send nothing",
	    .at = offsetof(struct msend_settings, server_info),
	    .flags = OPT_HIDDEN },
	{ .kind = OPT_KIND_TEXT,
	    .name = "configure",
	    .arg = "ADDRESS",
	    .help = "find its servers, write the account as text",
	    .at = offsetof(struct msend_settings, configure),
	    .flags = OPT_HIDDEN },
	OPT_MORE(msend_esmtp_options, struct msend_settings, esmtp),
	OPT_MORE(msend_bulk_options, struct msend_settings, bulk),
	OPT_MORE(tool_common_options, struct msend_settings, common),
	OPT_DONE,
};
