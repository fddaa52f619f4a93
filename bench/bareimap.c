/* The least a client can do, for bench/fetch: logs in, reads every message of
 * the inbox by one UID FETCH, and keeps nothing.
 *
 * usage: bareimap PORT USER PASSWORD
 *
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK (1u << 20)

static char block[BLOCK];
static size_t at, end;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
fill(int fd)
{
	ssize_t n = read(fd, block, sizeof(block));

	if (n <= 0)
		die("bareimap: read");
	at = 0;
	end = (size_t)n;
}

/* A line without its LF, cut to the room there is. */
static void
get_line(int fd, char *line, size_t room)
{
	size_t n = 0;

	for (;;) {
		char *lf, *from;
		size_t take;

		if (at == end)
			fill(fd);
		from = block + at;
		lf = memchr(from, '\n', end - at);
		take = lf ? (size_t)(lf - from) : end - at;
		at += take + (lf ? 1 : 0);
		if (take > room - 1 - n)
			take = room - 1 - n;
		memcpy(line + n, from, take);
		n += take;
		if (lf)
			break;
	}
	line[n] = '\0';
}

static void
skip(int fd, uint64_t n)
{
	while (n > 0) {
		size_t take;

		if (at == end)
			fill(fd);
		take = n < end - at ? (size_t)n : end - at;
		at += take;
		n -= take;
	}
}

/* One command, up to its answer; the octets of literals. */
static uint64_t
ask(int fd, const char *command)
{
	char line[4096];
	uint64_t sum = 0;

	if (write(fd, command, strlen(command)) < 0)
		die("bareimap: write");
	for (;;) {
		char *open;

		get_line(fd, line, sizeof(line));
		if (strncmp(line, "A OK", 4) == 0)
			return sum;
		if (line[0] == 'A') {
			fprintf(stderr, "bareimap: %s\n", line);
			exit(1);
		}
		open = strrchr(line, '{');
		if (open && strchr(open, '}')) {
			uint64_t n = strtoull(open + 1, NULL, 10);

			skip(fd, n);
			sum += n;
		}
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char login[1000];

	if (argc != 4)
		return 64;
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("bareimap: connect");
	snprintf(login, sizeof(login), "A LOGIN %s %s\r\n", argv[2], argv[3]);
	ask(fd, login);
	ask(fd, "A EXAMINE INBOX\r\n");
	printf("%llu\n", (unsigned long long)ask(
			     fd, "A UID FETCH 1:* (FLAGS BODY.PEEK[])\r\n"));
	close(fd);
	return 0;
}
