/* Codes of SMTP in text: the enhanced status (RFC 3463) and the reply code (RFC
 * 5321). Parts of numbers, addresses (192.0.2.1) and words are none.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_CODES_H
#define REPORT_CODES_H

#include "base/slice.h"

/* The first enhanced status ("5.7.1") in text that starts with the given class
 * digit ('4', '5'; 0: any), and the first reply code (4xx, 5xx) that stands
 * alone. False, 0: there is none. */
bool codes_status(struct slice text, int class, struct slice *status_r);
unsigned codes_reply(struct slice text);

#endif
