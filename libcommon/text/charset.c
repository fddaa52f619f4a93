/* Text of any charset to UTF-8 (see charset.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <iconv.h>

#include "text/charset.h"
#include "text/utf8.h"

#define CHUNK 4096 /* octets converted at a time */

struct charset {
	struct slice label;
	const char *name; /* iconv's */
};

#define UTF_8        "UTF-8"
#define US_ASCII     "US-ASCII"
#define WINDOWS_1252 "CP1252"

/* Sorted by name, then by how often the label is seen. */
static const struct charset charsets[] = {
	{ SLICE_LIT("utf-8"), UTF_8 },
	{ SLICE_LIT("utf8"), UTF_8 },
	{ SLICE_LIT("unicode-1-1-utf-8"), UTF_8 },
	{ SLICE_LIT("us-ascii"), US_ASCII },
	{ SLICE_LIT("ascii"), US_ASCII },
	{ SLICE_LIT("ansi_x3.4-1968"), US_ASCII },
	{ SLICE_LIT("iso-ir-6"), US_ASCII },
	{ SLICE_LIT("646"), US_ASCII },
	{ SLICE_LIT("iso-8859-1"), WINDOWS_1252 },
	{ SLICE_LIT("iso8859-1"), WINDOWS_1252 },
	{ SLICE_LIT("iso_8859-1"), WINDOWS_1252 },
	{ SLICE_LIT("iso_8859-1:1987"), WINDOWS_1252 },
	{ SLICE_LIT("latin1"), WINDOWS_1252 },
	{ SLICE_LIT("l1"), WINDOWS_1252 },
	{ SLICE_LIT("windows-1252"), WINDOWS_1252 },
	{ SLICE_LIT("cp1252"), WINDOWS_1252 },
	{ SLICE_LIT("x-cp1252"), WINDOWS_1252 },
	{ SLICE_LIT("iso-8859-2"), "ISO-8859-2" },
	{ SLICE_LIT("iso8859-2"), "ISO-8859-2" },
	{ SLICE_LIT("latin2"), "ISO-8859-2" },
	{ SLICE_LIT("iso-8859-3"), "ISO-8859-3" },
	{ SLICE_LIT("iso-8859-4"), "ISO-8859-4" },
	{ SLICE_LIT("iso-8859-5"), "ISO-8859-5" },
	{ SLICE_LIT("iso-8859-6"), "ISO-8859-6" },
	{ SLICE_LIT("iso-8859-7"), "ISO-8859-7" },
	{ SLICE_LIT("iso-8859-8"), "ISO-8859-8" },
	{ SLICE_LIT("iso-8859-8-i"), "ISO-8859-8" },
	{ SLICE_LIT("iso-8859-9"), "CP1254" },
	{ SLICE_LIT("latin5"), "CP1254" },
	{ SLICE_LIT("iso-8859-10"), "ISO-8859-10" },
	{ SLICE_LIT("iso-8859-11"), "CP874" },
	{ SLICE_LIT("tis-620"), "CP874" },
	{ SLICE_LIT("windows-874"), "CP874" },
	{ SLICE_LIT("iso-8859-13"), "ISO-8859-13" },
	{ SLICE_LIT("iso-8859-14"), "ISO-8859-14" },
	{ SLICE_LIT("iso-8859-15"), "ISO-8859-15" },
	{ SLICE_LIT("iso8859-15"), "ISO-8859-15" },
	{ SLICE_LIT("latin-9"), "ISO-8859-15" },
	{ SLICE_LIT("latin9"), "ISO-8859-15" },
	{ SLICE_LIT("iso-8859-16"), "ISO-8859-16" },
	{ SLICE_LIT("windows-1250"), "CP1250" },
	{ SLICE_LIT("cp1250"), "CP1250" },
	{ SLICE_LIT("windows-1251"), "CP1251" },
	{ SLICE_LIT("cp1251"), "CP1251" },
	{ SLICE_LIT("windows-1253"), "CP1253" },
	{ SLICE_LIT("windows-1254"), "CP1254" },
	{ SLICE_LIT("windows-1255"), "CP1255" },
	{ SLICE_LIT("windows-1256"), "CP1256" },
	{ SLICE_LIT("windows-1257"), "CP1257" },
	{ SLICE_LIT("windows-1258"), "CP1258" },
	{ SLICE_LIT("ibm437"), "CP437" },
	{ SLICE_LIT("cp437"), "CP437" },
	{ SLICE_LIT("ibm850"), "CP850" },
	{ SLICE_LIT("cp850"), "CP850" },
	{ SLICE_LIT("ibm852"), "CP852" },
	{ SLICE_LIT("ibm866"), "CP866" },
	{ SLICE_LIT("cp866"), "CP866" },
	{ SLICE_LIT("koi8-r"), "KOI8-R" },
	{ SLICE_LIT("koi8-u"), "KOI8-U" },
	{ SLICE_LIT("macintosh"), "MACINTOSH" },
	{ SLICE_LIT("x-mac-roman"), "MACINTOSH" },
	{ SLICE_LIT("gb2312"), "GB18030" },
	{ SLICE_LIT("gb_2312-80"), "GB18030" },
	{ SLICE_LIT("gbk"), "GB18030" },
	{ SLICE_LIT("cp936"), "GB18030" },
	{ SLICE_LIT("gb18030"), "GB18030" },
	{ SLICE_LIT("hz-gb-2312"), "HZ" },
	{ SLICE_LIT("big5"), "BIG5-HKSCS" },
	{ SLICE_LIT("big5-hkscs"), "BIG5-HKSCS" },
	{ SLICE_LIT("cp950"), "BIG5-HKSCS" },
	{ SLICE_LIT("euc-jp"), "EUC-JP" },
	{ SLICE_LIT("x-euc-jp"), "EUC-JP" },
	{ SLICE_LIT("iso-2022-jp"), "ISO-2022-JP" },
	{ SLICE_LIT("iso-2022-jp-1"), "ISO-2022-JP" },
	{ SLICE_LIT("iso-2022-jp-ms"), "ISO-2022-JP" },
	{ SLICE_LIT("cp50220"), "ISO-2022-JP" },
	{ SLICE_LIT("shift_jis"), "CP932" },
	{ SLICE_LIT("shift-jis"), "CP932" },
	{ SLICE_LIT("sjis"), "CP932" },
	{ SLICE_LIT("x-sjis"), "CP932" },
	{ SLICE_LIT("windows-31j"), "CP932" },
	{ SLICE_LIT("cp932"), "CP932" },
	{ SLICE_LIT("euc-kr"), "CP949" },
	{ SLICE_LIT("ks_c_5601-1987"), "CP949" },
	{ SLICE_LIT("cp949"), "CP949" },
	{ SLICE_LIT("iso-2022-kr"), "ISO-2022-KR" },
	{ SLICE_LIT("utf-16"), "UTF-16" },
	{ SLICE_LIT("utf-16le"), "UTF-16LE" },
	{ SLICE_LIT("utf-16be"), "UTF-16BE" },
	{ SLICE_LIT("utf-32"), "UTF-32" },
};

static const char *
name_of(struct slice label)
{
	label = slice_trim(label);
	for (size_t i = 0; i < COUNT_OF(charsets); i++)
		if (slice_equal_nocase(label, charsets[i].label))
			return charsets[i].name;
	return NULL;
}

bool
charset_known(struct slice label)
{
	return name_of(label) != NULL;
}

/* Own table: this one is the fallback and must always be there. Octets that it
 * leaves open are the C1 controls of ISO-8859-1 (WHATWG). */
static void
windows_1252(struct slice in, struct buf *out)
{
	static const uint16_t high[32] = { 0x20ac, 0x81, 0x201a, 0x192, 0x201e,
		0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152,
		0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
		0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d,
		0x17e, 0x178 };
	int c;

	while ((c = slice_get(&in)) >= 0)
		utf8_put(out, c >= 0x80 && c < 0xa0 ? high[c - 0x80] : c);
}

/* One step of iconv: false when in is used up. */
static bool
step(iconv_t cd, struct slice *in, struct buf *out)
{
	NOT_ZEROED char made[CHUNK];
	char *to = made, *from = (char *)(uintptr_t)in->p;
	size_t left = in->n, room = sizeof(made);
	bool failed = iconv(cd, &from, &left, &to, &room) == (size_t)-1;
	int why = failed ? errno : 0;

	utf8_sanitise(slice_of(made, sizeof(made) - room), out);
	*in = slice_of(from, left);
	if (failed && why != E2BIG) {
		/* Not convertible, or cut off at the end. */
		utf8_put(out, UTF8_REPLACEMENT);
		slice_take(in, why == EINVAL ? left : 1);
	}
	return in->n && !buf_over(out);
}

static void
convert(iconv_t cd, struct slice in, struct buf *out)
{
	char made[64], *to = made;
	size_t room = sizeof(made);

	while (in.n && step(cd, &in, out))
		;
	/* A converter may still hold a character. */
	if (iconv(cd, NULL, NULL, &to, &room) != (size_t)-1)
		utf8_sanitise(slice_of(made, sizeof(made) - room), out);
}

static void
guess(struct slice in, struct buf *out)
{
	if (utf8_valid(in))
		buf_slice(out, in);
	else
		windows_1252(in, out);
}

/* In all charsets but a few, ASCII means itself. */
static bool
shifts(const char *name)
{
	struct slice s = slice_str(name);

	return slice_starts(s, "ISO-2022") || slice_starts(s, "UTF-16") ||
	       slice_starts(s, "UTF-32") || slice_is(s, "HZ");
}

bool
charset_to_utf8(struct slice label, struct slice in, struct buf *out)
{
	const char *name = name_of(label);
	iconv_t cd;

	if (name && !shifts(name) && utf8_is_ascii(in)) {
		buf_slice(out, in);
		return true;
	}
	if (!name || slice_is(slice_str(name), US_ASCII)) {
		guess(in, out);
		return name || !slice_trim(label).n;
	}
	if (slice_is(slice_str(name), UTF_8)) {
		utf8_sanitise(in, out);
		return true;
	}
	if (slice_is(slice_str(name), WINDOWS_1252)) {
		windows_1252(in, out);
		return true;
	}
	cd = iconv_open(UTF_8, name);
	if (cd == (iconv_t)-1) {
		guess(in, out);
		return false;
	}
	convert(cd, in, out);
	iconv_close(cd);
	return true;
}
