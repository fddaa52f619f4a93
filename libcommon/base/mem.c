/* Allocation that does not fail (see mem.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

void
mem_fail(void)
{
	static const char text[] = "out of memory: try again\n";

	UNUSED ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	_exit(ERR_TEMP);
}

void *
mem_new(size_t n)
{
	return mem_array(n, 1);
}

void *
mem_array(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		mem_fail();
	return p;
}

void *
mem_resize(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		mem_fail();
	return q;
}

char *
mem_string(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_new(n), s, n);
}

void
mem_free(void *p)
{
	free(p);
}
