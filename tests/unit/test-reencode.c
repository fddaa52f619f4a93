/* Unit tests of msg/reencode and msg/edit.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/eol.h"

#include "msg/reencode.h"

#include "tap.h"

#define MIME  "MIME-Version: 1.0\n"
#define CTE   "Content-Transfer-Encoding: "
#define TEXT  "Content-Type: text/plain; charset="
#define MIXED "Content-Type: multipart/mixed; boundary=b\n"
#define ALL   (REENCODE_8BIT | REENCODE_LINES | REENCODE_CR)
#define X100                                                                   \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                   \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100
#define A60   "a0123456789012345678901234567890123456789012345678901234567"
#define W1000                                                                  \
	A60 " " A60 " " A60 " " A60 " " A60 " " A60 " " A60 " " A60 " " A60    \
	    " " A60 " " A60 " " A60 " " A60 " " A60 " " A60 " " A60 " " A60

/* out null: refused, and why is in the error. */
static const struct {
	const char *name;
	unsigned what;
	const char *in, *out, *why;
} cases[] = {
	{ "ASCII stays", ALL, "A: b\n\nx\n", "A: b\n\nx\n", NULL },
	{ "a message without MIME", REENCODE_8BIT, "A: b\n\nabc \xC3\xBC abc\n",
	    "A: b\n" MIME TEXT "utf-8\n" CTE
	    "quoted-printable\n\nabc =C3=BC abc\r\n",
	    NULL },
	{ "one that is not UTF-8", REENCODE_8BIT, "A: b\n\nx \xFC y z abc\n",
	    "A: b\n" MIME TEXT "unknown-8bit\n" CTE
	    "quoted-printable\n\nx =FC y z abc\r\n",
	    NULL },
	{ "the encoding's field is replaced, a second one goes", REENCODE_8BIT,
	    MIME TEXT "iso-8859-1\n" CTE "8bit\nX: y\n" CTE
		      "8bit\n\nabc \xFC abc abc\n",
	    MIME TEXT "iso-8859-1\n" CTE
		      "quoted-printable\nX: y\n\nabc =FC abc abc\r\n",
	    NULL },
	{ "mostly 8-bit text is base64, lines CRLF", REENCODE_8BIT,
	    MIME TEXT "utf-8\n\n\xC3\xBC\xC3\xBC\xC3\xBC\n",
	    MIME TEXT "utf-8\n" CTE "base64\n\nw7zDvMO8DQo=\r\n", NULL },
	{ "only the part that needs it, and those around it say 7bit",
	    REENCODE_8BIT,
	    MIME MIXED CTE "8bit\n\n--b\n" TEXT "utf-8\n" CTE
			   "8bit\n\nabc \xC3\xBC abc\n--b\n\nASCII\n--b--\n",
	    MIME MIXED CTE "7bit\n\n--b\n" TEXT "utf-8\n" CTE
			   "quoted-printable\n\nabc =C3=BC "
			   "abc\n--b\n\nASCII\n--b--\n",
	    NULL },
	{ "what is no text is base64", REENCODE_8BIT,
	    MIME MIXED "\n--b\nContent-Type: image/x\n" CTE
		       "binary\n\n\xFF\n\xFE\n--b--\n",
	    MIME MIXED "\n--b\nContent-Type: image/x\n" CTE
		       "base64\n\n/wr+\r\n\n--b--\n",
	    NULL },
	{ "a part without a header", REENCODE_8BIT,
	    MIME MIXED "\n--b\n\nabc \xC3\xBC abc\n--b--\n",
	    MIME MIXED "\n--b\n" TEXT "utf-8\n" CTE
		       "quoted-printable\n\nabc =C3=BC abc\n--b--\n",
	    NULL },
	{ "a message in the message", REENCODE_8BIT,
	    MIME "Content-Type: message/rfc822\n" CTE
		 "8bit\n\nA: b\n\nabc \xC3\xBC abc\n",
	    MIME "Content-Type: message/rfc822\n" CTE "7bit\n\nA: b\n" TEXT
		 "utf-8\n" CTE "quoted-printable\n\nabc =C3=BC abc\r\n",
	    NULL },
	{ "a long line", REENCODE_LINES, MIME TEXT "us-ascii\n\n" X1000 "\n",
	    MIME TEXT "us-ascii\n" CTE "quoted-printable\n\n", NULL },
	{ "base64 on one line is wrapped", REENCODE_LINES,
	    MIME "Content-Type: image/x\n" CTE "base64\n\n" X1000 "\n",
	    MIME "Content-Type: image/x\n" CTE "base64\n\n", NULL },
	{ "a long header line is folded", REENCODE_LINES,
	    "A: b\nReferences: " W1000 "\n\nx\n", "A: b\nReferences: ", NULL },
	{ "a word that cannot be folded", REENCODE_LINES, "A: " X1000 "\n\nx\n",
	    NULL, "line 1 is outside" },
	{ "CR and NUL", REENCODE_CR, "A: b\n\nabc abc a\rb\n",
	    "A: b\n" MIME TEXT "us-ascii\n" CTE
	    "quoted-printable\n\nabc abc a=0Db\r\n",
	    NULL },
	{ "CR in the header", REENCODE_CR, "A: b\nC: a\rb\n\nx\n", NULL,
	    "line 2 is outside" },
	{ "between parts", REENCODE_8BIT,
	    MIME MIXED "\n\xC3\xBC\n--b\n\nx\n--b--\n", NULL,
	    "line 4 is outside" },
	{ "multipart/signed", REENCODE_8BIT,
	    MIME "Content-Type: multipart/signed; boundary=b\n\n--b\n\n"
		 "abc \xC3\xBC\n--b\n\nx\n--b--\n",
	    NULL, "line 6 is signed" },
	{ "DKIM", REENCODE_8BIT, "DKIM-Signature: x\nA: b\n\n\xC3\xBC\n", NULL,
	    "line 4 is signed" },
	{ "a signed message in the message", REENCODE_8BIT,
	    MIME "Content-Type: message/rfc822\n\nDKIM-Signature: x\n\n\xFC\n",
	    NULL, "line 6 is signed" },
	{ "8-bit header fields are another matter", REENCODE_8BIT,
	    "A: \xC3\xBC\n\nx\n", "A: \xC3\xBC\n\nx\n", NULL },
	{ "a report's fields cannot be encoded", REENCODE_8BIT,
	    MIME "Content-Type: message/delivery-status\n\nA: \xC3\xBC\n", NULL,
	    "line 4 is outside" },
};

static bool
is_clean(unsigned what, struct slice s)
{
	struct eol_facts f;
	size_t body = slice_search(s, slice_str("\n\n"));

	eol_scan(s, &f);
	if ((what & REENCODE_LINES) && f.long_line)
		return false;
	if ((what & REENCODE_CR) && (f.bare_cr_line || f.nul_line))
		return false;
	eol_scan(slice_sub(s, body, s.n), &f);
	return !(what & REENCODE_8BIT) || !f.eight_bit_line;
}

static void
test_case(size_t i)
{
	struct edits edits = { .message = slice_str(cases[i].in) };
	const char *want = cases[i].out;
	struct arena a = { 0 };
	struct eol_facts f;
	struct writer w;
	struct buf out;
	struct err e;

	buf_init(&out, 65536);
	w = writer_to_buf(&out);
	eol_scan(edits.message, &f);
	is_int(reencode(&edits, cases[i].what, &a, &e), want ? 0 : -1, "%s",
	    cases[i].name);
	if (!want) {
		ok(slice_starts(slice_str(e.text), cases[i].why),
		    "says why: %s", e.text);
		is_int((int64_t)edits.n, 0, "nothing was changed");
	} else {
		edit_write(&edits, &w, NULL);
		if (edits.message.n < 900)
			is_slice(buf_view(&out), want, "what comes out");
		else
			ok(slice_starts(buf_view(&out), want), "its start");
		ok(is_clean(cases[i].what, buf_view(&out)), "is mended");
		eol_scan(buf_view(&out), &f);
		is_int((int64_t)edit_size(&edits,
			   edit_wire_size(edits.message) - edits.message.n),
		    (int64_t)f.crlf_size, "size");
	}
	buf_free(&out);
	arena_free(&a);
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		test_case(i);
	return tap_done();
}
