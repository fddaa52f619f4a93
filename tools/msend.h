/* The parts of msend: its options, and how results are told.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSEND_H
#define MSEND_H

#include "base/io.h"

#include "msg/compose.h"

#include "store/suppress.h"

#include "flow/pace.h"
#include "flow/route.h"
#include "flow/send.h"
#include "flow/sign.h"
#include "flow/submit.h"

#include "tagkey.h"
#include "tool.h"

/* How servers are reached: options of msend_route.c. */
struct msend_route {
	const char *user, *password_command, *token_command, *oauth, *auth,
	    *tls, *tls_ca, *tls_crl, *tls_host, *tls_cert, *tls_key, *tls_min,
	    *helo;
	struct opt_list server, tls_pin, zones;
	bool mx;
	uint64_t port, https_port; /* 0: the usual ones */
	const char *resolver, *source_ip, *proxy, *proxy_command;
};

extern const struct opt msend_route_options[];

/* Many messages: options of msend_many.c. */
struct msend_bulk {
	struct opt_list mail;
	uint64_t connections, per_connection;
	const char *journal, *rate, *rate_file, *suppress, *verp, *verp_key,
	    *batv_key, *list_unsubscribe;
	bool resume;
};

extern const struct opt msend_bulk_options[];

/* Asked of servers: options of msend_esmtp.c. */
struct msend_esmtp {
	const char *dsn, *ret, *envid, *deliver_by, *hold_until, *priority,
	    *xclient, *proxy;
	int64_t hold_for;
	const char *transcript;
	bool dsn_must, require_tls, tls_not_required, no_pipelining,
	    no_chunking;
};

extern const struct opt msend_esmtp_options[];

/* What a sendmail's or msmtp's command line and configuration say that no
 * option does (msend_front.h). */
struct msend_local {
	bool is;               /* msend was called so */
	bool smtp;             /* -bs */
	bool queue;            /* -bp, mailq */
	bool pretend;          /* --pretend */
	const char *user;      /* who calls */
	const char *domain;    /* for names without one, or null */
	const char *full_name; /* -F: of a From that is put in */
	const char *logfile, *syslog;
	const char *log_time; /* strftime(3) for the log; null: RFC 3339 */
	const char *account, *host; /* for the log */
	const char *password;       /* of the file */
	bool msmtp; /* called as that; --configure writes for it */
	/* header fields to set anew, or not to put in */
	bool set_from, set_date, set_id, keep_from, keep_date, undisclosed;
};

struct msend_settings {
	struct tool_common common;
	/* compose */
	const char *subject, *text, *html;
	struct opt_list to, cc, bcc, reply_to, header, attach, inlined;
	bool text_from_html, flowed;
	/* sign */
	const char *sign, *domain, *selector;
	/* take */
	bool take; /* -t */
	bool dots; /* -i */
	bool fix;
	/* envelope and route */
	const char *from;
	struct msend_route route;
	struct msend_esmtp esmtp;
	const char *aliases, *maildomain;
	struct msend_local local;
	struct msend_bulk bulk;
	bool print, dry_run;
	bool server_info;      /* in place of sending */
	const char *configure; /* likewise */
};

extern const struct opt msend_options[];

/* The message at hand, from wherever. */
struct msend_work {
	struct tool_run *run;
	const struct msend_settings *set;
	struct arena *arena;     /* of this message */
	struct io_map map;       /* the message that was taken */
	struct submit submit;    /* likewise; recipients of both kinds */
	struct compose *compose; /* or the one that was made */
	struct slice from;
	struct msend_transcript *transcript; /* null: none */
	const struct smtp_wish *wish;        /* of every message of the run */
	struct smtp_mail mail;
	struct sign sign;
	struct suppress_list *suppress; /* null: none */
	size_t suppressed;              /* recipients of the message */
	struct slice *verp;        /* a sender for each recipient, or null */
	struct tagkeys keys;       /* of the tags in them */
	struct dns *dns;           /* msend_plan()'s */
	struct route_plan *mx;     /* likewise */
	struct buf proxy_password; /* wiped by msend_plan_free() */
	size_t dry;                /* transactions that --dry-run told of */
};

/* Do the options ask for a message to be written? */
bool msend_composes(const struct msend_settings *set);

/* Writes the message; operands are recipients like those of --to. */
int msend_compose(struct msend_work *w, struct err *e);

/* Takes it from standard input; from message, which stays. */
int msend_take(struct msend_work *w, struct err *e);
int msend_read(struct msend_work *w, struct slice message,
    const struct io_map *map, struct err *e);

/* --list-unsubscribe: its fields are added to those that are composed, or to
 * the message that was taken. */
int msend_list_compose(
    struct msend_work *w, struct opt_list *header, struct err *e);
int msend_list_take(struct msend_work *w, struct err *e);

/* --tls-not-required: its field, likewise. */
void msend_tls_compose(struct msend_work *w, struct opt_list *header);
int msend_tls_take(struct msend_work *w, struct err *e);

/* Signs it where the options say so. */
int msend_sign(struct msend_work *w, struct err *e);

/* msend_local.c: names of this machine get their meaning (--aliases) or its
 * domain; the header what the configuration wants in it; -bp. */
bool msend_local_names(const struct msend_work *w); /* do they get it? */
int msend_local_header(struct msend_work *w, struct err *e);
int msend_local_recipients(struct msend_work *w, struct err *e);
struct slice msend_local_address(struct msend_work *w, struct slice name);
void msend_local_queue(struct tool_run *run);

/* msend_log.c: a line in the log and to syslog, as msmtp writes them. */
void msend_log(struct msend_work *w, const struct send_result *results);

/* Fills in the envelope; all addresses are good ones before anything is
 * sent. */
int msend_envelope(struct msend_work *w, struct err *e);

/* Do the options of the route go together? */
int msend_route_check(const struct msend_work *w, struct err *e);

/* How to send: servers, TLS, login; lives as long as w and the run's arena. */
int msend_plan(struct msend_work *w, struct send_plan *plan_r, struct err *e);
void msend_plan_free(struct msend_work *w);
int msend_plan_dns(struct msend_work *w, struct err *e);

/* --server-info: asks the servers who they are and what they offer, and tells;
 * --configure: the account of an address as text. */
int msend_info(struct msend_work *w, struct err *e);
int msend_configure(struct msend_work *w, struct err *e);

/* --rate: opens its file; without one fd is -1 and nobody waits. Takes the next
 * place; waits ns, or until the run shall stop. */
int msend_pace_open(struct msend_work *w, struct pace *p_r, struct err *e);
int msend_pace_take(struct pace *p, int64_t *wait_r, struct err *e);
void msend_pace_wait(int64_t ns);

/* --transcript: what is said to and by servers goes into its file as well. */
int msend_transcript_open(struct msend_work *w, struct err *e);
void msend_transcript_close(struct msend_work *w);

/* Reads what is asked of servers into w->wish. */
int msend_wish(struct msend_work *w, struct err *e);

/* The message without recipients and sender of its header, which come from
 * elsewhere; a struct send_result for each recipient. */
int msend_read_only(struct msend_work *w, struct slice message, struct err *e);
int msend_try(
    struct msend_work *w, struct send_result **results_r, struct err *e);

/* -bs: serves a session on standard input and output. */
int msend_smtp(struct msend_work *w, struct err *e);

/* --suppress: opens its list. Is a recipient of message n on it? Then that is
 * told. Takes all such off the mail. */
int msend_suppress_open(struct msend_work *w, struct err *e);
bool msend_is_suppressed(struct msend_work *w, uint64_t n, struct slice rcpt);
void msend_suppress(struct msend_work *w, uint64_t n);
void msend_all_suppressed(struct msend_work *w);

/* --verp-key, --batv-key: opens them. */
int msend_verp_open(struct msend_work *w, struct err *e);

/* --verp: a sender for each recipient of the mail, into w->verp; or the mail
 * becomes that of one of them. Nothing happens without the option. */
int msend_verp_all(struct msend_work *w, struct err *e);
int msend_verp_one(struct msend_work *w, size_t which, struct err *e);

/* --batv-key: the sender of the mail, signed; nobody ("<>") stays. */
int msend_batv(struct msend_work *w, struct err *e);

/* Sends the one message and tells what became of it. */
int msend_send(struct msend_work *w, struct err *e);

/* Takes the messages of --mail and sends them. */
int msend_many(struct msend_work *w, struct err *e);

/* --dry-run: can it be; takes the place of sending (arg is a msend_work): tells
 * what would be done. */
int msend_dry_check(const struct msend_work *w, struct err *e);
void msend_dry(void *arg, const struct send_plan *plan, struct send_job *job);

/* Each recipient's result as a line of JSON; or each failure as an error. Both
 * count into the exit status. n: which message it is. */
void msend_show(
    struct msend_work *w, uint64_t n, const struct send_result *results);

/* The same of one that is not sent to, and why; the exit status stays. */
void msend_show_suppressed(
    struct msend_work *w, uint64_t n, struct slice rcpt, struct slice reason);

#endif
