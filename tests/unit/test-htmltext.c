/* Unit tests of text/html, text/htmltext and text/flowed.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/flowed.h"
#include "text/html.h"
#include "text/htmltext.h"

#include "tap.h"

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "plain", "Hello", "Hello\n" },
	{ "nothing", " \n ", "" },
	{ "blanks", " a \n\t b<b> c</b>d ", "a b cd\n" },
	{ "paragraphs", "<p>a</p>\n<p>b<br>c<br><br>d</p>",
	    "a\n\nb\nc\n\nd\n" },
	{ "divs", "<div>a</div><div><div>b</div></div>", "a\nb\n" },
	{ "references",
	    "&lt;&auml;&#228;&#xe4;&amp;&nbsp;x&copy &bad; & &#150;",
	    "<\xC3\xA4\xC3\xA4\xC3\xA4& x\xC2\xA9 &bad; & \xE2\x80\x93\n" },
	{ "headings", "<h1>\xC3\x84h</h1>x<h2>bc</h2><h3>d</h3>",
	    "\xC3\x84h\n==\n\nx\n\nbc\n--\n\nd\n" },
	{ "list", "x<ul><li>a</li><li><p>b</p></li></ul>y",
	    "x\n\n- a\n- b\n\ny\n" },
	{ "numbers, open tags", "<ol><li>a<li>b<ul><li>c</ul><li>d</ol>",
	    "1. a\n2. b\n   - c\n3. d\n" },
	{ "quotes",
	    "a<blockquote><p>b</p><blockquote>c</blockquote></blockquote>"
	    "d",
	    "a\n\n> b\n>\n> > c\n\nd\n" },
	{ "links",
	    "<a href='https://a.example/?x=1&amp;y'>here</a>, <a "
	    "href=http://b.example>b.example</a>, <a "
	    "href='mailto:c@d.example'>c@d.example</a>, <a href='#x'>top</a>.",
	    "here <https://a.example/?x=1&y>, b.example, c@d.example, top.\n" },
	{ "images", "<img src=x alt='a b'><img src=y>", "[a b]\n" },
	{ "rule", "a<hr>b", "a\n\n----\n\nb\n" },
	{ "pre", "<pre>\n a\n  b  c\n</pre>d", " a\n  b  c\n\nd\n" },
	{ "left out",
	    "<head><title>t</title><style>s</style></head><script>if (a<b) "
	    "'</p>'</script><!-- c <p> --><!DOCTYPE x><?x?>a"
	    "<p style='DISPLAY : none'>h<p>x</p></p><i hidden>i</i>b",
	    "ab\n" },
	{ "table",
	    "<table><tr><th>Item<th>Price</tr><tr><td>Apple<td>1.50</tr>"
	    "<tr><td>Pear &amp; <b>co</b><td>12.00</table>x",
	    "Item       Price\n---------  -----\nApple       1.50\n"
	    "Pear & co  12.00\n\nx\n" },
	{ "table for the layout",
	    "<table><tr><td><p>a</p></td><td>b</td></tr></table>", "a\n\nb\n" },
	{ "table in a table",
	    "<table><tr><td><table><tr><td>a<td>b</table></table>", "a  b\n" },
	{ "table of one column", "<table><tr><td>a<tr><td>b</table>",
	    "a\nb\n" },
	{ "long",
	    "aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
	    "aaaaaaaaa aa aaaaaa",
	    "aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
	    "aaaaaaaaa aa\naaaaaa\n" },
	{ "not tags", "a < b > c </ d <3 e <", "a < b > c </ d <3 e <\n" },
	{ "open at the end", "a<p class='x", "a\n" },
	{ "quoted >", "<p title='a>b'>c</p>", "c\n" },
};

static const struct {
	const char *name, *in, *out;
} flows[] = {
	{ "short lines stay", "a\r\nb\n\nc", "a\nb\n\nc\n" },
	{ "blanks at the end", "a  \nb\t\n", "a\nb\n" },
	{ "signature", "-- \nme\n", "-- \nme\n" },
	{ "stuffed", " a\nFrom b\n>c\n", "  a\n From b\n> c\n" },
	{ "long",
	    "aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
	    "aaaaaaaaa aaaaaaaaa b\n",
	    "aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
	    "aaaaaaaaa \naaaaaaaaa b\n" },
	{ "long quote",
	    "> > aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
	    "aaaaaaaaa bbbbb\n",
	    ">> aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
	    "aaaaaaaaa \n>> bbbbb\n" },
	{ "a word without end",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaa b\n",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaa \nb\n" },
};

static const struct {
	const char *in, *name, *want;
} attrs[] = {
	{ " a=b c = 'd e' F=\"g\"", "c", "d e" },
	{ " a=b c = 'd e' F=\"g\"", "f", "g" },
	{ " a b=c/", "a", "" },
	{ " a b=c/ ", "b", "c/" },
	{ " src=''", "src", "" },
	{ "/ =x a=1", "a", "1" },
	{ " a='b", "a", "b" },
	{ " a", "b", NULL },
};

int
main(void)
{
	struct buf out;

	buf_init(&out, 65536);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&out);
		htmltext(slice_str(rows[i].in), &out);
		is_slice(buf_view(&out), rows[i].out, "%s", rows[i].name);
	}
	for (size_t i = 0; i < COUNT_OF(flows); i++) {
		buf_reset(&out);
		flowed_encode(slice_str(flows[i].in), &out);
		is_slice(
		    buf_view(&out), flows[i].out, "flowed: %s", flows[i].name);
	}
	for (size_t i = 0; i < COUNT_OF(attrs); i++) {
		struct slice got =
		    html_attr_get(slice_str(attrs[i].in), attrs[i].name);

		if (attrs[i].want)
			is_slice(got, attrs[i].want, "attribute %zu", i);
		else
			ok(!got.p, "attribute %zu is not there", i);
	}
	buf_free(&out);
	return tap_done();
}
