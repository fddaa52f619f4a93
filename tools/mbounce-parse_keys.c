/* mbounce-parse: keys of our own tags, from files.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "crypt/mac.h"

#include "mbounce.h"

#define KEY_MIN 16   /* octets */
#define KEY_MAX 4096 /* of the file */

static int
make_mac(struct slice key, struct slice text, char hex_r[OURSKEY_HEX])
{
	unsigned char sum[DIGEST_MAX];
	struct err e;

	if (mac_of(DIGEST_SHA256, key, text, sum, &e) < 0)
		return -1;
	digest_hex(sum, DIGEST_SHA256_SIZE, hex_r);
	return 0;
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
load(struct keys *k, const char *path, struct slice *key_r, struct err *e)
{
	struct buf *text = &k->text[k->n++];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;

	buf_init(text, KEY_MAX);
	buf_room(text, KEY_MAX); /* stays in place, to be wiped */
	if (fd < 0)
		return err_sys(e, ERR_NOINPUT, "cannot open '%s'", path);
	r = read_private(fd, path, text, e);
	close(fd);
	if (r < 0)
		return -1;
	*key_r = slice_trim(buf_view(text));
	if (key_r->n < KEY_MIN)
		return err_set(e, ERR_CONFIG,
		    "the key in '%s' is too short: %d octets or more", path,
		    KEY_MIN);
	return 0;
}

static int
load_list(struct keys *k, const char *option, const struct opt_list *l,
    struct slice *keys, size_t *n_r, struct err *e)
{
	if (l->n > OURSKEY_KEYS_MAX)
		return err_set(e, ERR_USAGE, "--%s: %d keys at most", option,
		    OURSKEY_KEYS_MAX);
	for (size_t i = 0; i < l->n; i++)
		if (load(k, l->v[i], &keys[i], e) < 0)
			return -1;
	*n_r = l->n;
	return 0;
}

int
keys_load(struct keys *k, const struct settings *set, struct err *e)
{
	k->of.mac = make_mac;
	if (load_list(k, "verp-key", &set->verp_keys, k->of.verp,
		&k->of.verp_count, e) < 0)
		return -1;
	return load_list(k, "envid-key", &set->envid_keys, k->of.envid,
	    &k->of.envid_count, e);
}

void
keys_wipe(struct keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		buf_wipe(&k->text[i]);
}
