/* Sorting in place (see sort.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/sort.h"

/* Lets the element at a hole sink into the heap of n elements. */
static void
sink(char *base, size_t n, size_t size, size_t hole, const void *element,
    int (*compare)(const void *a, const void *b))
{
	size_t child;

	while ((child = 2 * hole + 1) < n) {
		if (child + 1 < n &&
		    compare(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (compare(element, base + child * size) >= 0)
			break;
		memcpy(base + hole * size, base + child * size, size);
		hole = child;
	}
	memcpy(base + hole * size, element, size);
}

void
sort_in_place(void *base, size_t n, size_t size,
    int (*compare)(const void *a, const void *b))
{
	char *p = base, element[SORT_SIZE_MAX];

	for (size_t i = n / 2; i-- > 0;) {
		memcpy(element, p + i * size, size);
		sink(p, n, size, i, element, compare);
	}
	while (n-- > 1) {
		memcpy(element, p + n * size, size);
		memcpy(p + n * size, p, size);
		sink(p, n, size, 0, element, compare);
	}
}
