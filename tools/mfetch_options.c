/* The options of mfetch, in one table.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mfetch.h"

#define BRIEF(row_kind, n, field, a, h)                                        \
	{                                                                      \
		.kind = (row_kind), .name = (n), .arg = (a), .help = (h),      \
		.at = offsetof(struct mfetch_settings, field),                 \
		.flags = OPT_BRIEF                                             \
	}

/* A number that is not 0. */
#define COUNT(n, field, a, h)                                                  \
	{                                                                      \
		.kind = OPT_KIND_NUMBER, .name = (n), .arg = (a), .help = (h), \
		.at = offsetof(struct mfetch_settings, field),                 \
		.flags = OPT_BRIEF | OPT_FROM_1                                \
	}

const struct opt mfetch_options[] = {
	OPT_TEXT(
	    'u', "user", struct mfetch_settings, user, "NAME", "login name"),
	OPT_TEXT(0, "password-command", struct mfetch_settings,
	    password_command, "CMD", "its first line is the password"),
	OPT_MANY(0, "mailbox", struct mfetch_settings, mailbox, "NAME",
	    "folder (INBOX), * and % are wild; may be several"),
	OPT_TEXT(0, "to", struct mfetch_settings, to, "TARGET",
	    "maildir: mbox: eml: exec: lmtp: smtp: or - (stdout)"),
	OPT_TEXT(0, "search", struct mfetch_settings, search, "KEYS",
	    "only what the server finds by these"),
	OPT_FLAG(0, "delete", struct mfetch_settings, remove,
	    "there, once it is safe here"),
	OPT_FLAG(0, "mirror", struct mfetch_settings, mirror,
	    "what is gone there goes here, flags follow"),
	OPT_FLAG(0, "idle", struct mfetch_settings, idle,
	    "wait for news, fetch, until told to stop"),
	OPT_FLAG(0, "list", struct mfetch_settings, list,
	    "list the folders, with counts"),
	OPT_HEAD("More"),
	BRIEF(OPT_KIND_FLAG, "peek", peek, NULL, "show headers, fetch nothing"),
	BRIEF(OPT_KIND_FLAG, "dry-run", dry_run, NULL,
	    "say what is new, fetch nothing"),
	COUNT(
	    "limit", limit, "N", "at most so many messages, the oldest first"),
	BRIEF(OPT_KIND_TEXT, "server", server, "URL", "instead of the operand"),
	BRIEF(OPT_KIND_TEXT, "tunnel", tunnel, "CMD",
	    "a command that speaks IMAP"),
	BRIEF(OPT_KIND_FLAG, "all-accounts", all_accounts, NULL,
	    "of the accounts file, at once"),
	BRIEF(OPT_KIND_TEXT, "token-command", token_command, "CMD",
	    "its first line is an OAuth token"),
	BRIEF(OPT_KIND_TEXT, "auth", auth, "MECH[,MECH]",
	    "log in by one of these"),
	BRIEF(OPT_KIND_CHOICE, "tls", tls, "off|may|verify",
	    "not used, tried, demanded"),
	BRIEF(OPT_KIND_TEXT, "tls-ca", tls_ca, "FILE",
	    "trust these authorities instead"),
	BRIEF(OPT_KIND_MANY, "tls-pin", tls_pin, "PIN",
	    "the server's key or certificate, in place of authorities"),
	BRIEF(
	    OPT_KIND_TEXT, "tls-cert", tls_cert, "FILE", "certificate to show"),
	BRIEF(OPT_KIND_TEXT, "tls-key", tls_key, "FILE", "its private key"),
	BRIEF(OPT_KIND_CHOICE, "compress", compress, "auto|always|never",
	    "what goes over the wire, where offered"),
	BRIEF(OPT_KIND_MANY, "exclude", exclude, "NAME", "not these folders"),
	BRIEF(OPT_KIND_TEXT, "on-new", on_new, "CMD",
	    "with --idle: runs after new mail came"),
	BRIEF(OPT_KIND_DURATION, "interval", interval, "TIME",
	    "with --idle: look at least so often"),
	BRIEF(OPT_KIND_NUMBER, "retry", retry, "N",
	    "open a lost session again so many times"),
	BRIEF(OPT_KIND_TEXT, "since", since, "DATE",
	    "what came on that day or later"),
	BRIEF(OPT_KIND_FLAG, "unseen", unseen, NULL, "what is not read yet"),
	BRIEF(OPT_KIND_SIZE, "larger", larger, "SIZE", "what is larger"),
	BRIEF(OPT_KIND_SIZE, "max-size", max_size, "SIZE",
	    "pass over larger messages (1G)"),
	BRIEF(OPT_KIND_FLAG, "headers", headers, NULL, "headers only"),
	BRIEF(
	    OPT_KIND_TEXT, "state", state, "FILE", "what was fetched already"),
	BRIEF(OPT_KIND_MANY, "rcpt", rcpt, "ADDR",
	    "with --to lmtp: or smtp:, the recipient there"),
	BRIEF(OPT_KIND_CHOICE, "to-tls", to_tls, "off|may|must|verify",
	    "likewise, how sure it must be"),
	BRIEF(OPT_KIND_FLAG, "plain-folders", plain_folders, NULL,
	    "DIR/A/B instead of DIR/.A.B"),
	BRIEF(OPT_KIND_FLAG, "keep", keep, NULL,
	    "leave messages on the server (always so)"),
	COUNT("delete-after", delete_after, "DAYS",
	    "there, so long after it came here"),
	BRIEF(OPT_KIND_TEXT, "move-to", move_to, "NAME",
	    "to that folder there, once it is safe here"),
	BRIEF(OPT_KIND_FLAG, "mark-seen", mark_seen, NULL,
	    "there, once it is safe here"),
	{ .kind = OPT_KIND_TEXT,
	    .name = "tls-crl",
	    .arg = "FILE",
	    .help = "certificates that authorities have revoked",
	    .at = offsetof(struct mfetch_settings, tls_crl),
	    .flags = OPT_HIDDEN },
	{ .kind = OPT_KIND_MANY,
	    .name = "zone",
	    .arg = "FILE",
	    .help = "master files in place of DNS",
	    .at = offsetof(struct mfetch_settings, zones),
	    .flags = OPT_HIDDEN },
	{ .kind = OPT_KIND_TEXT,
	    .name = "resolver",
	    .arg = "ADDR[:PORT]",
	    .help = "ask this resolver",
	    .at = offsetof(struct mfetch_settings, resolver),
	    .flags = OPT_HIDDEN },
	{ .kind = OPT_KIND_NUMBER,
	    .name = "https-port",
	    .arg = "N",
	    .help = "where autoconfig is fetched",
	    .at = offsetof(struct mfetch_settings, https_port),
	    .max = 65535,
	    .flags = OPT_HIDDEN },
	OPT_MORE(tool_common_options, struct mfetch_settings, common),
	OPT_DONE,
};
