/* Libraries that are loaded when they are first called. A tool pays for each
 * library with every start, and twenty of them cost more than sending a message
 * takes. So the tools are not linked with them but with tools/lazy/calls.S,
 * which has every function that libcommon calls in them (tools/lazy/list finds
 * out which): a jump through a slot. A slot leads to lazy_enter at first, which
 * keeps the arguments, has the library loaded and its slots filled here, and
 * goes on to the function. Nothing above knows of it; --disable-lazy leaves it
 * all to the linker, as does a processor that calls.S is not written for.
 *
 * The slots have pages of their own, read-only but for the moment in which a
 * library's are filled.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"

extern void *lazy_slots[];
extern unsigned char lazy_slots_end[];

#define LAZY_FUNCTION(number, library, name)
#define LAZY_LIBRARY(number, soname) soname,

static const char *const libraries[] = {
#include "tools/lazylist.h"
};

#undef LAZY_LIBRARY
#define LAZY_LIBRARY(number, soname)
#undef LAZY_FUNCTION
#define LAZY_FUNCTION(number, library, name) { #name, library },

static const struct {
	const char *name;
	unsigned library;
} functions[] = {
#include "tools/lazylist.h"
};

enum {
	LIBRARY_COUNT = sizeof(libraries) / sizeof(libraries[0]),
	FUNCTION_COUNT = sizeof(functions) / sizeof(functions[0]),
};

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static bool loaded[LIBRARY_COUNT];

/* As the linker's own words at start would be, but in the middle of a run. */
static _Noreturn void
cannot(const char *why)
{
	fprintf(stderr, "%s: %s: install the library again\n",
	    program_invocation_short_name, why);
	_Exit(ERR_OS);
}

static void
protect(int how)
{
	if (mprotect(lazy_slots,
		(uintptr_t)lazy_slots_end - (uintptr_t)lazy_slots, how) < 0)
		cannot(strerror(errno));
}

static void
load(unsigned number)
{
	void *library = dlopen(libraries[number], RTLD_LAZY | RTLD_LOCAL);

	if (!library)
		cannot(dlerror());
	protect(PROT_READ | PROT_WRITE);
	for (size_t i = 0; i < FUNCTION_COUNT; i++) {
		if (functions[i].library != number)
			continue;
		lazy_slots[i] = dlsym(library, functions[i].name);
		if (!lazy_slots[i])
			cannot(dlerror());
	}
	protect(PROT_READ);
	loaded[number] = true;
}

void *lazy_resolve(unsigned number);

/* Called by lazy_enter: the address of that function. A call may come from any
 * thread, and may have been let in before another had the slots filled. */
__attribute__((used, visibility("hidden"))) void *
lazy_resolve(unsigned number)
{
	int saved = errno;

	pthread_mutex_lock(&one_at_a_time);
	if (!loaded[functions[number].library])
		load(functions[number].library);
	pthread_mutex_unlock(&one_at_a_time);
	errno = saved;
	return lazy_slots[number];
}
