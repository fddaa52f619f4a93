/* The options of msend, in one table.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend.h"

const struct opt msend_options[] = {
	OPT_HEAD("Compose a message"),
	OPT_TEXT('s', "subject", struct msend_settings, subject, "TEXT",
	    "its subject"),
	OPT_MANY(0, "to", struct msend_settings, to, "ADDR", "to whom"),
	OPT_MANY(0, "cc", struct msend_settings, cc, "ADDR", "copy to whom"),
	OPT_MANY(0, "bcc", struct msend_settings, bcc, "ADDR",
	    "likewise, nobody sees it"),
	OPT_MANY(0, "reply-to", struct msend_settings, reply_to, "ADDR",
	    "where answers go"),
	OPT_MANY('H', "header", struct msend_settings, header, "FIELD",
	    "'Name: value' as well"),
	OPT_TEXT(0, "text", struct msend_settings, text, "FILE",
	    "its text, - is standard input"),
	OPT_TEXT(
	    0, "html", struct msend_settings, html, "FILE", "its text as HTML"),
	OPT_MANY(0, "attach", struct msend_settings, attach,
	    "FILE[;type=T][;name=N]", "attach a file"),
	OPT_MANY(0, "inline", struct msend_settings, inlined, "FILE[;cid=ID]",
	    "a picture for the HTML"),
	OPT_FLAG(0, "text-from-html", struct msend_settings, text_from_html,
	    "make the text from the HTML"),
	OPT_FLAG(0, "flowed", struct msend_settings, flowed,
	    "let readers wrap the text"),
	OPT_HEAD("Take one from standard input"),
	OPT_FLAG('t', "read-recipients", struct msend_settings, take,
	    "recipients are those in its header"),
	OPT_FLAG('i', "ignore-dots", struct msend_settings, dots,
	    "nothing: a line with a dot is text"),
	OPT_FLAG(0, "fix", struct msend_settings, fix,
	    "mend line ends, encode what is too long"),
	OPT_FLAG(0, "print", struct msend_settings, print,
	    "write the message, send nothing"),
	OPT_HEAD("Send it"),
	OPT_TEXT('f', "from", struct msend_settings, from, "ADDR",
	    "from whom; '<>' is nobody"),
	OPT_MANY(0, "server", struct msend_settings, server, "URL",
	    "smtp, smtp+tls, smtps, lmtp; may be several"),
	OPT_MORE(msend_route_options, struct msend_settings, route),
	OPT_MORE(msend_bulk_options, struct msend_settings, bulk),
	OPT_MORE(tool_common_options, struct msend_settings, common),
	OPT_DONE,
};
