/* The parts of msend: its options, and how results are told.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSEND_H
#define MSEND_H

#include "flow/send.h"

#include "tool.h"

struct msend_settings {
	struct tool_common common;
	/* compose */
	const char *subject, *text, *html;
	struct opt_list to, cc, bcc, reply_to, header, attach;
	/* take */
	bool take; /* -t */
	bool dots; /* -i */
	/* envelope and route */
	const char *from, *user, *password_command, *tls, *tls_ca, *helo;
	struct opt_list server;
	bool print;
};

extern const struct opt msend_options[];

/* Each recipient's result as a line of JSON; or each failure as an error. Both
 * count into the exit status. */
void msend_show(struct tool_run *run, const struct smtp_mail *mail,
    const struct send_result *results);

#endif
