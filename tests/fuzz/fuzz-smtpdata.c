/* Fuzzes proto/smtpdata: no form of a lone dot, bare CR or LF, NUL or long line
 * comes out, in whatever pieces the text goes in.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "proto/smtpdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
write_pieces(struct slice in, size_t n, struct buf *out)
{
	struct writer to = writer_to_buf(out), w;
	struct smtpdata d;

	smtpdata_init(&d, &to);
	w = smtpdata_writer(&d);
	while (in.n > 0)
		if (writer_put(&w, slice_take(&in, n), NULL) < 0)
			return -1;
	return smtpdata_end(&d, NULL);
}

static void
check(struct slice out)
{
	struct slice line;
	size_t eol;

	while (slice_take_line(&out, &line, &eol))
		if (eol != 2 || slice_is(line, ".") ||
		    slice_find(line, '\r') != SIZE_MAX ||
		    slice_find(line, '\0') != SIZE_MAX ||
		    line.n > EOL_LINE_MAX + 1)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	size_t piece = 1 + (size_t)(size ? data[0] % 16 : 0);
	struct buf one, many;
	int r;

	buf_init(&one, 1u << 20);
	buf_init(&many, 1u << 20);
	r = write_pieces(in, SIZE_MAX, &one);
	if (write_pieces(in, piece, &many) != r)
		abort();
	if (r == 0) {
		check(buf_view(&one));
		if (!slice_equal(buf_view(&one), buf_view(&many)))
			abort();
	}
	buf_free(&one);
	buf_free(&many);
	return 0;
}
