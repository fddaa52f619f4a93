/* BIMI: the files that a record names (draft-brand-indicators-for-message-
 * identification, draft-svg-tiny-ps-abrotman). Nothing is fetched here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_BIMI_H
#define AUTH_BIMI_H

#include "base/slice.h"

#define BIMI_SVG_MAX    32768  /* octets of a logo */
#define BIMI_CERT_MAX   262144 /* octets of a mark certificate with its chain */
#define BIMI_FAULTS_MAX 16     /* of a logo that are told */
#define BIMI_TITLE_MAX  65     /* octets of its title */

struct bimi_svg {
	const char *fault[BIMI_FAULTS_MAX]; /* in words */
	size_t n;
};

/* What is wrong with a logo as SVG Tiny PS: size, root element, title, what
 * may not be in it. A bounded look at tags, not a reader of all XML. */
void bimi_svg_check(struct slice svg, struct bimi_svg *r);

/* Why a mark certificate (PEM, its own first) is not the domain's at that time
 * (seconds since 1970); false when it is. Which authority made it, and whether
 * the logo in it is the one published, is not looked at. */
bool bimi_cert_fault(
    struct slice pem, const char *domain, int64_t now, char *why_r, size_t n);

#endif
