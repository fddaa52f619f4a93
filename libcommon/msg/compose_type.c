/* Media types by the ending of a file's name (IANA's registry, and what
 * readers know).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/slice.h"

#include "msg/compose_type.h"

struct type {
	const char *ending;
	const char *type;
};

#define OFFICE    "application/vnd.openxmlformats-officedocument."
#define OPEN      "application/vnd.oasis.opendocument."
#define MICROSOFT "application/vnd.ms-"

static const struct type types[] = {
	{ "7z", "application/x-7z-compressed" },
	{ "aac", "audio/aac" },
	{ "asc", "application/pgp-keys" },
	{ "avif", "image/avif" },
	{ "bmp", "image/bmp" },
	{ "bz2", "application/x-bzip2" },
	{ "c", "text/x-c" },
	{ "conf", "text/plain" },
	{ "css", "text/css" },
	{ "csv", "text/csv" },
	{ "diff", "text/x-diff" },
	{ "doc", "application/msword" },
	{ "docx", OFFICE "wordprocessingml.document" },
	{ "epub", "application/epub+zip" },
	{ "flac", "audio/flac" },
	{ "gif", "image/gif" },
	{ "gz", "application/gzip" },
	{ "h", "text/x-c" },
	{ "heic", "image/heic" },
	{ "htm", "text/html" },
	{ "html", "text/html" },
	{ "ics", "text/calendar" },
	{ "jpeg", "image/jpeg" },
	{ "jpg", "image/jpeg" },
	{ "js", "text/javascript" },
	{ "json", "application/json" },
	{ "log", "text/plain" },
	{ "m4a", "audio/mp4" },
	{ "md", "text/markdown" },
	{ "mov", "video/quicktime" },
	{ "mp3", "audio/mpeg" },
	{ "mp4", "video/mp4" },
	{ "mpeg", "video/mpeg" },
	{ "odp", OPEN "presentation" },
	{ "ods", OPEN "spreadsheet" },
	{ "odt", OPEN "text" },
	{ "ogg", "audio/ogg" },
	{ "opus", "audio/ogg" },
	{ "p7m", "application/pkcs7-mime" },
	{ "p7s", "application/pkcs7-signature" },
	{ "patch", "text/x-diff" },
	{ "pdf", "application/pdf" },
	{ "png", "image/png" },
	{ "ppt", MICROSOFT "powerpoint" },
	{ "pptx", OFFICE "presentationml.presentation" },
	{ "ps", "application/postscript" },
	{ "rtf", "application/rtf" },
	{ "sh", "text/x-shellscript" },
	{ "svg", "image/svg+xml" },
	{ "tar", "application/x-tar" },
	{ "tgz", "application/gzip" },
	{ "tif", "image/tiff" },
	{ "tiff", "image/tiff" },
	{ "toml", "application/toml" },
	{ "tsv", "text/tab-separated-values" },
	{ "txt", "text/plain" },
	{ "vcf", "text/vcard" },
	{ "wav", "audio/wav" },
	{ "webm", "video/webm" },
	{ "webp", "image/webp" },
	{ "xls", MICROSOFT "excel" },
	{ "xlsx", OFFICE "spreadsheetml.sheet" },
	{ "xml", "application/xml" },
	{ "xz", "application/x-xz" },
	{ "yaml", "application/yaml" },
	{ "yml", "application/yaml" },
	{ "zip", "application/zip" },
	{ "zst", "application/zstd" },
};

const char *
compose_type_of(const char *name)
{
	struct slice s = slice_str(name);
	size_t dot = slice_find_last(s, '.');

	for (size_t i = 0; i < COUNT_OF(types) && dot != SIZE_MAX; i++)
		if (slice_is_nocase(
			slice_sub(s, dot + 1, s.n), types[i].ending))
			return types[i].type;
	return "application/octet-stream";
}
