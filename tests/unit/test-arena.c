/* Unit tests of base/arena and base/mem.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"

#include "tap.h"

static bool
is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void
test_new(void)
{
	static const size_t sizes[] = { 0, 1, 7, 100, 3999, 4001, 100000 };
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		char *p = arena_new(&a, sizes[i]);

		ok((uintptr_t)p % alignof(max_align_t) == 0, "aligned %zu",
		    sizes[i]);
		ok(is_zero(p, sizes[i]), "zeroed");
		memset(p, 'x', sizes[i]);
	}
	arena_free(&a);
	is_str(arena_string(&a, "abc"), "abc", "used again; string");
	is_str(arena_copy(&a, slice_of("abcd", 2)), "ab", "copy");
	is_str(arena_copy(&a, slice_of(NULL, 0)), "", "copy of nothing");
	is_str(arena_fmt(&a, "%d-%s", 5, "x"), "5-x", "fmt");
	arena_wipe(&a);
	ok(!a.last, "wiped");
}

static void
test_marks(void)
{
	struct arena a = { 0 };
	struct arena_mark start = arena_mark(&a), m;
	char *kept = arena_string(&a, "kept"), *p;

	m = arena_mark(&a);
	p = arena_string(&a, "gone");
	arena_new(&a, 10000);
	arena_release(&a, m);
	is_str(kept, "kept", "before the mark");
	ok(arena_new(&a, 5) == p && is_zero(p, 5), "after it: used again");
	arena_release(&a, start);
	ok(!a.last, "back to the start");
}

static void
test_grow(void)
{
	struct arena a = { 0 };
	size_t cap = 0;
	int *v = NULL;
	bool good = true;

	for (int i = 0; i < 1000; i++) {
		v = arena_grow(
		    &a, v, (size_t)i, (size_t)i + 1, sizeof(*v), &cap);
		v[i] = i;
	}
	for (int i = 0; i < 1000; i++)
		good &= v[i] == i;
	ok(good, "an array grows");
	ok(cap >= 1000 && cap < 2100, "by doubling");
	arena_free(&a);
}

/* The process ends with ERR_TEMP when memory runs out. */
static void
test_none(const char *name, void (*want)(void))
{
	int status = 0;
	pid_t child;

	fflush(stdout); /* valgrind writes it out at the child's end */
	child = fork();

	if (child == 0) {
		close(STDERR_FILENO);
		want();
		_exit(0);
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == ERR_TEMP,
	    "%s ends with 75", name);
}

static void
want_product(void)
{
	struct arena a = { 0 };

	arena_array(&a, SIZE_MAX / 2, 4);
}

static void
test_mem(void)
{
	char *p = mem_string("abc");

	is_str(p, "abc", "string");
	p = mem_resize(p, 1000);
	is_str(p, "abc", "grown");
	mem_free(p);
	p = mem_array(10, 10);
	ok(is_zero(p, 100), "array is zeroed");
	mem_free(p);
	mem_free(mem_new(0));
	mem_free(mem_resize(NULL, 0));
	mem_free(NULL);
	test_none("failing", mem_fail);
#ifndef __SANITIZE_ADDRESS__
	/* The sanitizer would end the process by itself. */
	/* valgrind calls such a size an error */
	if (!getenv("MAILTOOLKIT_VALGRIND"))
		test_none("an array too large", want_product);
#else
	(void)want_product;
#endif
}

int
main(void)
{
	test_new();
	test_marks();
	test_grow();
	test_mem();
	return tap_done();
}
