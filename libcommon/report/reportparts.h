/* The parts of a message that may tell something (report/report).
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORTPARTS_H
#define REPORT_REPORTPARTS_H

#include "msg/part.h"

#include "report/notice.h"
#include "report/report.h"

struct reportparts {
	struct slice message;
	struct arena *arena;
	struct part top; /* the message itself */
	size_t text_count, file_count;
	bool has_feedback, has_mdn, has_status, has_global, has_returned;
	bool in_report;           /* a multipart/report */
	struct slice report_type; /* its parameter */
	bool attached_report;     /* one stands in an attached message */
	bool attached;            /* a message is attached */
	bool cut;
	bool text_known, notice_known;
	struct slice text;    /* private: reportparts_text() */
	struct notice notice; /* private: reportparts_notice() */

	/* of the message's header */
	struct slice from, to, subject, return_path, auto_submitted;
	unsigned from_signs, subject_signs;
	bool subject_forward; /* "Fwd:", "WG:", ... */
	bool subject_reply;   /* "Re:" */
	bool from_empty_path; /* Return-Path: <> */

	/* as many of them as the counts and has_... say */
	struct part texts[REPORT_TEXTS_MAX];
	struct part files[REPORT_FILES_MAX]; /* neither text nor known */
	struct part feedback, mdn, status, global, returned;
};

/* 0, or -1 for a header over its limits. */
int reportparts_read(struct slice message, struct arena *a,
    struct reportparts *p_r, struct err *e);

/* The text for people, in UTF-8, without HTML; at most NOTICE_TEXT_MAX. */
struct slice reportparts_text(struct reportparts *p);

/* What it tells of recipients; read once, too. */
const struct notice *reportparts_notice(struct reportparts *p);

/* The header of the returned message, and the facts of it that d takes. */
void reportparts_returned(
    struct slice header, struct arena *a, struct dsn *d, struct slice *to_r);

/* Addresses of a field's value, the first max of them. */
size_t reportparts_addresses(
    struct slice value, struct arena *a, struct slice *v, size_t max);

#endif
