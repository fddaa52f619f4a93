/* main() of a fuzz target outside libFuzzer: runs every file of
 * tests/fuzz/corpus/MODULE, or the files named, one TAP line each.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"

#include "tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int main(int argc, char **argv);

static void
replay(const char *path)
{
	struct buf b;
	struct err e;

	buf_init(&b, 64u << 20);
	if (io_read_file(path, &b, &e) < 0) {
		ok(false, "%s: %s", path, e.text);
	} else {
		LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&b), b.n);
		ok(true, "%s", path);
	}
	buf_free(&b);
}

int
main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	char dir[PATH_MAX], path[PATH_MAX];
	struct dirent *d;
	DIR *open;

	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc > 1)
		return tap_done();
	snprintf(dir, sizeof(dir), "%s/fuzz/corpus/%s", tap_file(""),
	    strncmp(name, "fuzz-", 5) == 0 ? name + 5 : name);
	open = opendir(dir);
	if (!ok(open != NULL, "corpus %s", dir))
		return tap_done();
	while ((d = readdir(open))) {
		if (d->d_name[0] == '.' ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir,
			d->d_name) >= sizeof(path))
			continue;
		replay(path);
	}
	closedir(open);
	return tap_done();
}
