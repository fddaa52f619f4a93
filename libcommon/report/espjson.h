/* Events of sending services in JSON: Amazon SES (bare or in an SNS envelope)
 * and SendGrid (an array of events, and the older bounce list).
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_ESPJSON_H
#define REPORT_ESPJSON_H

#include "report/report.h"

#define ESPJSON_EVENTS_MAX 100000

/* True when text is one: its recipients are in r->d, r->kind is what it is
 * about (a bounce, a complaint). */
bool espjson_read(struct slice text, struct arena *a, struct report *r);

#endif
