/* Domain names, with and without other alphabets (RFC 5890-5893, UTS #46
 * non-transitional; RFC 1034 and 5321 for the shape): the door of libidn2.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_IDNA_H
#define TEXT_IDNA_H

#include "base/arena.h"
#include "base/err.h"

#define IDNA_LABEL_MAX 63   /* octets (RFC 1034, 3.1) */
#define IDNA_NAME_MAX  253  /* octets without the final dot */
#define IDNA_INPUT_MAX 1000 /* octets of UTF-8 that are looked at */

/* The normal form of a domain: A-labels, lower case, no final dot. Refuses
 * (ERR_DATA, naming the label) what is no host name: empty and too long
 * labels, "-" at an end, other octets than letters, digits and "-", labels
 * that IDNA does not allow. The name is made in a, with a NUL behind it. */
int idna_to_ascii(
    struct slice domain, struct arena *a, struct slice *name_r, struct err *e);

/* As above, and lets "_" pass, for names in the DNS that are no hosts
 * (_dmarc.example.org). */
int idna_to_dns(
    struct slice domain, struct arena *a, struct slice *name_r, struct err *e);

/* For people: U-labels where they are valid and read back to the same
 * A-label, the label as it stands otherwise. Never fails. */
struct slice idna_to_display(struct slice domain, struct arena *a);

/* ASCII letters, digits and "-" in labels of 1..63 octets, 253 at most in
 * all, no final dot: a host name as SMTP wants it (RFC 5321, 4.1.2). */
bool idna_is_ldh(struct slice domain);

/* Equal as domains: both forms, any case, with or without the final dot.
 * What is no domain is compared as text without case. */
bool idna_equal(struct slice a, struct slice b);

#endif
