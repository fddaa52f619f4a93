/* Compiler attributes and checked arithmetic for sizes from outside.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_DEF_H
#define BASE_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK             __attribute__((warn_unused_result))
#define NO_RETURN              __attribute__((noreturn))
#define UNUSED                 __attribute__((unused))

/* For large room on the stack that is written before it is read: configure
 * asks for all other variables to start as zeros. */
#if defined(__has_attribute) && __has_attribute(uninitialized)
#	define NOT_ZEROED __attribute__((uninitialized))
#else
#	define NOT_ZEROED
#endif

/* Number of elements of a true array. */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* *r = a + b; false, with *r untouched in meaning, when it does not fit. */
static inline bool
size_add(size_t a, size_t b, size_t *r)
{
	return !__builtin_add_overflow(a, b, r);
}

/* *r = a * b; false when it does not fit. */
static inline bool
size_mul(size_t a, size_t b, size_t *r)
{
	return !__builtin_mul_overflow(a, b, r);
}

static inline size_t
size_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

#endif
