/* libcurl as net/https calls it, loaded when it is first called: it brings
 * thirty libraries that every start of a tool would pay for, and few runs need
 * it. Each function here is libcurl's of the same name.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_CURL

#	define CURL_DISABLE_TYPECHECK

#	include <curl/curl.h>
#	include <dlfcn.h>
#	include <stdarg.h>
#	include <string.h>

#	undef curl_easy_setopt
#	undef curl_easy_getinfo

/* *fn_r, a pointer to a function, becomes null when there is no libcurl. The
 * library stays loaded: its counter only grows. */
static void
find(const char *name, void *fn_r)
{
	void *lib = dlopen(CURL_SONAME, RTLD_NOW | RTLD_LOCAL);
	void *fn = lib ? dlsym(lib, name) : NULL;

	memcpy(fn_r, &fn, sizeof(fn));
}

CURL *
curl_easy_init(void)
{
	CURL *(*fn)(void);

	find("curl_easy_init", &fn);
	return fn ? fn() : NULL;
}

/* All options are longs or pointers. */
CURLcode
curl_easy_setopt(CURL *c, CURLoption option, ...)
{
	CURLcode (*fn)(CURL *, CURLoption, ...);
	CURLcode code;
	va_list ap;

	find("curl_easy_setopt", &fn);
	if (!fn)
		return CURLE_FAILED_INIT;
	va_start(ap, option);
	if (option < CURLOPTTYPE_OBJECTPOINT)
		code = fn(c, option, va_arg(ap, long));
	else
		code = fn(c, option, va_arg(ap, void *));
	va_end(ap);
	return code;
}

CURLcode
curl_easy_perform(CURL *c)
{
	CURLcode (*fn)(CURL *);

	find("curl_easy_perform", &fn);
	return fn ? fn(c) : CURLE_FAILED_INIT;
}

CURLcode
curl_easy_getinfo(CURL *c, CURLINFO info, ...)
{
	CURLcode (*fn)(CURL *, CURLINFO, ...);
	CURLcode code;
	va_list ap;

	find("curl_easy_getinfo", &fn);
	if (!fn)
		return CURLE_FAILED_INIT;
	va_start(ap, info);
	code = fn(c, info, va_arg(ap, void *));
	va_end(ap);
	return code;
}

const char *
curl_easy_strerror(CURLcode code)
{
	const char *(*fn)(CURLcode);

	find("curl_easy_strerror", &fn);
	return fn ? fn(code) : CURL_SONAME " cannot be loaded";
}

void
curl_easy_cleanup(CURL *c)
{
	void (*fn)(CURL *);

	find("curl_easy_cleanup", &fn);
	if (fn && c)
		fn(c);
}

struct curl_slist *
curl_slist_append(struct curl_slist *list, const char *text)
{
	struct curl_slist *(*fn)(struct curl_slist *, const char *);

	find("curl_slist_append", &fn);
	return fn ? fn(list, text) : NULL;
}

void
curl_slist_free_all(struct curl_slist *list)
{
	void (*fn)(struct curl_slist *);

	find("curl_slist_free_all", &fn);
	if (fn && list)
		fn(list);
}

#else

typedef int httpscurl_is_not_built_in; /* a file is never empty */

#endif
