/* The one place where memory runs out: the process exits with status 75, so
 * that a caller tries its mail again and none is lost.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/def.h"

/* What happens then: for memory that a library could not get. */
void mem_fail(void) NO_RETURN;

/* n bytes, set to zero; never null. Given to the caller: mem_free(). */
void *mem_new(size_t n);

/* n elements of size bytes, set to zero; a product that overflows counts as
 * out of memory. */
void *mem_array(size_t n, size_t size);

/* Grows or shrinks p (which may be null) to n bytes; never null. New bytes are
 * not set. */
void *mem_resize(void *p, size_t n);

/* A copy of the string. */
char *mem_string(const char *s);

/* Accepts null. */
void mem_free(void *p);

#endif
