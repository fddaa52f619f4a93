/* XML (see xml.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#ifdef HAVE_EXPAT
#	include <expat.h>
#endif

#include "text/xml.h"

#ifdef HAVE_EXPAT
struct reading {
	XML_Parser parser;
	const struct xml_calls *calls;
	void *arg;
	size_t depth;
	const char *refused; /* why we stopped, or null */
};

static const char *
plain(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

/* The first reason counts; null is none. */
static void
refuse(struct reading *x, const char *why)
{
	if (!why || x->refused)
		return;
	x->refused = why;
	XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL
start(void *context, const XML_Char *name, const XML_Char **atts)
{
	struct reading *x = context;

	if (x->refused)
		return;
	if (x->depth++ == XML_DEPTH_MAX)
		refuse(x, "its elements are too deep");
	else
		refuse(x, x->calls->start(x->arg, plain(name), atts));
}

static void XMLCALL
text(void *context, const XML_Char *s, int n)
{
	struct reading *x = context;

	if (!x->refused)
		refuse(x, x->calls->text(x->arg, slice_of(s, (size_t)n)));
}

static void XMLCALL
end(void *context, const XML_Char *name)
{
	struct reading *x = context;

	if (x->refused)
		return;
	x->depth--;
	refuse(x, x->calls->end(x->arg, plain(name)));
}

static void XMLCALL
doctype(void *context, UNUSED const XML_Char *name, UNUSED const XML_Char *id,
    UNUSED const XML_Char *public_id, UNUSED int internal)
{
	refuse(context, "it has a document type, which nothing needs");
}

static void XMLCALL
entity(void *context, UNUSED const XML_Char *name, UNUSED int parameter,
    UNUSED const XML_Char *value, UNUSED int n, UNUSED const XML_Char *base,
    UNUSED const XML_Char *id, UNUSED const XML_Char *public_id,
    UNUSED const XML_Char *notation)
{
	refuse(context, "it declares an entity, which nothing needs");
}

static int
parse(struct reading *x, struct slice in, struct err *e)
{
	XML_Parser p = x->parser;

	XML_SetUserData(p, x);
	XML_SetElementHandler(p, start, end);
	XML_SetCharacterDataHandler(p, text);
	XML_SetStartDoctypeDeclHandler(p, doctype);
	XML_SetEntityDeclHandler(p, entity);
	if (in.n <= INT32_MAX &&
	    XML_Parse(p, in.p, (int)in.n, 1) == XML_STATUS_OK)
		return 0;
	if (x->refused)
		return err_set(e, ERR_DATA, "refused: %s", x->refused);
	return err_set(e, ERR_DATA, "broken XML in line %lu: %s",
	    (unsigned long)XML_GetCurrentLineNumber(p),
	    XML_ErrorString(XML_GetErrorCode(p)));
}

int
xml_read(
    struct slice in, const struct xml_calls *calls, void *arg, struct err *e)
{
	struct reading x = { .calls = calls, .arg = arg };
	int r;

	if (slice_starts(in, "\xef\xbb\xbf"))
		slice_take(&in, 3);
	in = slice_trim_start(in);
	x.parser = XML_ParserCreate(NULL);
	if (!x.parser)
		return err_set(e, ERR_TEMP, "out of memory");
	r = parse(&x, in, e);
	XML_ParserFree(x.parser);
	return r;
}
#else
int
xml_read(UNUSED struct slice in, UNUSED const struct xml_calls *calls,
    UNUSED void *arg, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE,
	    "cannot read XML: this build lacks expat (install libexpat1-dev "
	    "and build again)");
}
#endif
