/* Keys of our own tags (see tagkey.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "crypt/mac.h"

#include "tagkey.h"

static int
make(enum digest_kind kind, struct slice key, struct slice text,
    char hex_r[OURSKEY_HEX])
{
	unsigned char sum[DIGEST_MAX];
	struct err e;

	if (mac_of(kind, key, text, sum, &e) < 0)
		return -1;
	digest_hex(sum, digest_size(kind), hex_r);
	return 0;
}

static int
make_sha256(struct slice key, struct slice text, char hex_r[OURSKEY_HEX])
{
	return make(DIGEST_SHA256, key, text, hex_r);
}

static int
make_sha1(struct slice key, struct slice text, char hex_r[OURSKEY_HEX])
{
	return make(DIGEST_SHA1, key, text, hex_r);
}

static int
read_private(int fd, const char *path, struct buf *text, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, ERR_NOINPUT, "cannot read '%s'", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(
		    e, ERR_CONFIG, "others may read '%s': chmod 600 it", path);
	return io_slurp(fd, text, path, e);
}

/* The file without white space at its ends. */
static int
load(struct tagkeys *k, const char *path, struct slice *key_r, struct err *e)
{
	struct buf *text = &k->text[k->n++];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;

	buf_init(text, TAGKEY_MAX);
	buf_room(text, TAGKEY_MAX); /* stays in place, to be wiped */
	if (fd < 0)
		return err_sys(e, ERR_NOINPUT, "cannot open '%s'", path);
	r = read_private(fd, path, text, e);
	close(fd);
	if (r < 0)
		return -1;
	*key_r = slice_trim(buf_view(text));
	if (key_r->n < TAGKEY_MIN)
		return err_set(e, ERR_CONFIG,
		    "the key in '%s' is too short: %d octets or more", path,
		    TAGKEY_MIN);
	return 0;
}

int
tagkeys_load(struct tagkeys *k, const char *option,
    const struct opt_list *files, struct slice keys[OURSKEY_KEYS_MAX],
    size_t *n_r, struct err *e)
{
	k->of.mac = make_sha256;
	k->of.mac_sha1 = make_sha1;
	if (files->n > OURSKEY_KEYS_MAX)
		return err_set(e, ERR_USAGE, "--%s: %d keys at most", option,
		    OURSKEY_KEYS_MAX);
	for (size_t i = 0; i < files->n; i++)
		if (load(k, files->v[i], &keys[i], e) < 0)
			return -1;
	*n_r = files->n;
	return 0;
}

void
tagkeys_wipe(struct tagkeys *k)
{
	for (size_t i = 0; i < k->n; i++)
		buf_wipe(&k->text[i]);
	k->n = 0;
}
