/* Sorting in place: qsort() of the C library takes as much memory again.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include "base/def.h"

#define SORT_SIZE_MAX 64 /* octets of an element */

/* As qsort(), with no memory of its own (heapsort: n log n, whatever the order
 * was). */
void sort_in_place(void *base, size_t n, size_t size,
    int (*compare)(const void *a, const void *b));

#endif
