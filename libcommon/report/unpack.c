/* A file that may be packed (see unpack.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#define ZLIB_CONST
#include <zlib.h>
#ifdef HAVE_LIBZIP
#	include <zip.h>
#endif

#include "report/unpack.h"

#define CHUNK 65536 /* octets inflated at a time */

static bool
is_gzip(struct slice in)
{
	return slice_at(in, 0) == 0x1f && slice_at(in, 1) == 0x8b;
}

static bool
is_zip(struct slice in)
{
	return slice_starts(in, "PK") && slice_at(in, 2) == 3 &&
	       slice_at(in, 3) == 4;
}

bool
unpack_is_packed(struct slice in)
{
	return is_gzip(in) || is_zip(in);
}

static int
too_large(const struct buf *out, struct err *e)
{
	return err_set(
	    e, ERR_DATA, "unpacked it has more than %zu octets", out->max);
}

/* One member after another, as gzip does. */
static int
inflate_all(z_stream *z, struct buf *out, struct err *e)
{
	int r = Z_OK;

	for (;;) {
		char *room = buf_room(out, size_min(CHUNK, out->max - out->n));

		if (!room || out->n == out->max)
			return too_large(out, e);
		z->next_out = (Bytef *)room;
		z->avail_out = (uInt)size_min(CHUNK, out->max - out->n);
		r = inflate(z, Z_NO_FLUSH);
		buf_grown(out, (size_t)(z->next_out - (Bytef *)room));
		if (r == Z_STREAM_END && z->avail_in > 18 &&
		    z->next_in[0] == 0x1f && inflateReset(z) == Z_OK)
			continue;
		if (r == Z_STREAM_END)
			return 0;
		if (r != Z_OK || (!z->avail_in && z->avail_out))
			return err_set(e, ERR_DATA, "broken gzip: %s",
			    r == Z_OK || r == Z_BUF_ERROR ? "it is cut"
			    : z->msg                      ? z->msg
							  : "it is damaged");
	}
}

static int
unpack_gzip(struct slice in, struct buf *out, struct err *e)
{
	z_stream z = { 0 };
	int ret;

	if (in.n > UINT32_MAX)
		return err_set(e, ERR_DATA, "the file is too large");
	z.next_in = (const Bytef *)in.p;
	z.avail_in = (uInt)in.n;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return err_set(e, ERR_UNAVAILABLE, "zlib does not start");
	ret = inflate_all(&z, out, e);
	inflateEnd(&z);
	return ret;
}

#ifdef HAVE_LIBZIP
static int
read_member(zip_t *zip, zip_uint64_t i, struct buf *out, struct err *e)
{
	zip_file_t *f = zip_fopen_index(zip, i, 0);
	zip_int64_t n = 0;

	if (!f)
		return err_set(
		    e, ERR_DATA, "broken zip: %s", zip_strerror(zip));
	for (;;) {
		char *room = buf_room(out, size_min(CHUNK, out->max - out->n));

		if (!room || out->n == out->max) {
			zip_fclose(f);
			return too_large(out, e);
		}
		n = zip_fread(f, room, size_min(CHUNK, out->max - out->n));
		if (n <= 0)
			break;
		buf_grown(out, (size_t)n);
	}
	zip_fclose(f);
	return n < 0 ? err_set(e, ERR_DATA, "broken zip: it is damaged") : 0;
}

/* The first member that is a report, else the first. */
static zip_int64_t
choose_member(zip_t *zip)
{
	zip_int64_t n = zip_get_num_entries(zip, 0);

	for (zip_int64_t i = 0; i < n && i < UNPACK_MEMBERS_MAX; i++) {
		const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);

		if (slice_ends_nocase(slice_str(name), ".xml") ||
		    slice_ends_nocase(slice_str(name), ".json"))
			return i;
	}
	return n > 0 ? 0 : -1;
}

static int
unpack_zip(struct slice in, struct buf *out, struct err *e)
{
	zip_error_t why;
	zip_source_t *source;
	zip_t *zip;
	zip_int64_t member;
	int ret;

	zip_error_init(&why);
	source = zip_source_buffer_create(in.p, in.n, 0, &why);
	zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
	if (!zip) {
		err_set(
		    e, ERR_DATA, "broken zip: %s", zip_error_strerror(&why));
		if (source)
			zip_source_free(source);
		zip_error_fini(&why);
		return -1;
	}
	member = choose_member(zip);
	ret = member < 0 ? err_set(e, ERR_DATA, "the zip is empty")
	                 : read_member(zip, (zip_uint64_t)member, out, e);
	zip_discard(zip);
	zip_error_fini(&why);
	return ret;
}
#else
static int
unpack_zip(UNUSED struct slice in, UNUSED struct buf *out, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE,
	    "cannot read zip files: this build lacks libzip (install "
	    "libzip-dev and build again)");
}
#endif

int
unpack(struct slice in, struct buf *out, struct err *e)
{
	if (is_gzip(in))
		return unpack_gzip(in, out, e);
	if (is_zip(in))
		return unpack_zip(in, out, e);
	buf_slice(out, in);
	return buf_over(out) ? too_large(out, e) : 0;
}
