/* libopendkim in a loop, for bench/sign: judges messages, or signs one.
 *
 * usage: libopendkim verify KEYS FILE...    KEYS: lines "NAME RECORD"
 *        libopendkim sign KEY.pem < message    rsa-sha256, relaxed/relaxed
 *
 * SPDX-License-Identifier: MIT */
#include <opendkim/dkim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define BLOCK 65536

static void
die(const char *what)
{
	fprintf(stderr, "libopendkim: %s\n", what);
	exit(1);
}

/* Header fields one by one, CRLF ends, until the empty line. */
static void
feed(DKIM *d, FILE *f)
{
	char *field = NULL, *line = NULL, block[BLOCK];
	size_t n = 0, size = 0;
	ssize_t got;

	while ((got = getline(&line, &size, f)) > 2 || got == 1) {
		if (line[0] != ' ' && line[0] != '\t' && n) {
			dkim_header(d, (unsigned char *)field, n - 2);
			n = 0;
		}
		field = realloc(field, n + (size_t)got);
		memcpy(field + n, line, (size_t)got);
		n += (size_t)got;
	}
	if (n)
		dkim_header(d, (unsigned char *)field, n - 2);
	if (dkim_eoh(d) != DKIM_STAT_OK)
		die("the header is refused");
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		dkim_body(d, (unsigned char *)block, n);
	free(field);
	free(line);
}

static void
verify(DKIM_LIB *lib, const char *keys, char **files)
{
	unsigned method = DKIM_QUERY_FILE;
	char path[4096];
	DKIM_STAT st;
	int good = 0, all = 0;

	snprintf(path, sizeof(path), "%s", keys);
	dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_QUERYMETHOD, &method,
	    sizeof(method));
	dkim_options(
	    lib, DKIM_OP_SETOPT, DKIM_OPTS_QUERYINFO, path, strlen(path));
	for (; *files; files++, all++) {
		FILE *f = fopen(*files, "r");
		DKIM *d = dkim_verify(lib, (unsigned char *)"x", NULL, &st);

		if (!f || !d)
			die(*files);
		feed(d, f);
		good += dkim_eom(d, NULL) == DKIM_STAT_OK;
		dkim_free(d);
		fclose(f);
	}
	if (good != all)
		die("not all are good");
}

static void
sign(DKIM_LIB *lib, const char *path)
{
	char key[8192] = "";
	FILE *f = fopen(path, "r");
	unsigned char *field;
	size_t n;
	DKIM_STAT st;
	DKIM *d;

	if (!f || !fread(key, 1, sizeof(key) - 1, f))
		die(path);
	fclose(f);
	d = dkim_sign(lib, (unsigned char *)"x", NULL, (unsigned char *)key,
	    (unsigned char *)"r", (unsigned char *)"example.org",
	    DKIM_CANON_RELAXED, DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1,
	    &st);
	if (!d)
		die("cannot sign");
	feed(d, stdin);
	if (dkim_eom(d, NULL) != DKIM_STAT_OK ||
	    dkim_getsighdr_d(d, 16, &field, &n) != DKIM_STAT_OK)
		die("signing failed");
	printf("DKIM-Signature: %s\r\n", field);
	dkim_free(d);
}

int
main(int argc, char **argv)
{
	DKIM_LIB *lib = dkim_init(NULL, NULL);

	if (argc > 3 && strcmp(argv[1], "verify") == 0)
		verify(lib, argv[2], argv + 3);
	else if (argc == 3 && strcmp(argv[1], "sign") == 0)
		sign(lib, argv[2]);
	else
		die("usage: verify KEYS FILE..., sign KEY");
	dkim_close(lib);
	return 0;
}
