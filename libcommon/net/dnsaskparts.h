/* What the files of net/dnsask share: questions on their way.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSASKPARTS_H
#define NET_DNSASKPARTS_H

#include <pthread.h>

#include "net/dnsask.h"
#include "net/dnsport.h"
#include "net/dnsroom.h"

#define DNSASK_PORTS_MAX 256 /* UDP sockets, left ones included */
#define DNSASK_RANDOM    512 /* octets taken from the system at once */
#define DNSASK_TCP       (UINT64_C(1) << 32) /* else the place of a port */

enum dnsask_phase {
	DNSASK_FREE,
	DNSASK_WAIT,    /* to be sent */
	DNSASK_UDP,     /* waits for a datagram */
	DNSASK_CONNECT, /* waits for the TCP connection */
	DNSASK_RECEIVE  /* reads length and message */
};

struct dnsask_list {
	struct dnsask_question *first, **end;
};

/* One thread that waits for its questions. */
struct dnsask_call {
	struct dnsask_list added; /* its own: the lock is not for these */
	struct dnsask_list todo;  /* that are not on their way yet */
	struct dnsask_list done;
	size_t left; /* without an answer */
	bool some;   /* it goes on when any is answered, not all */
	bool waits;
	pthread_cond_t wake;
	struct dnsask_call *next_call, *next_fresh;
};

/* One question on its way. */
struct dnsask_flight {
	struct dnsask_flight *next; /* unused, or to be sent */
	struct dnsask_question *q;
	struct dnsask_call *call;
	enum dnsask_phase phase;
	struct dnsport *port;
	int fd; /* TCP */
	unsigned tries;
	size_t server;
	bool edns;
	uint16_t id;
	int64_t sent, until, deadline; /* of this try; of all */
	struct dnsname asked;          /* in this case of letters */
	struct buf in;                 /* TCP: what came so far */
};

struct dnsask {
	const struct dnsask_plan *plan;
	pthread_mutex_t lock;      /* of all that follows but `in` */
	bool led;                  /* a thread receives for all */
	struct dnsask_call *calls; /* that are not done */
	struct dnsask_call *fresh,
	    **fresh_end; /* with questions not on their way */
	struct dnsask_flight *flights, *unused;
	size_t made; /* of the flights, used so far */
	struct dnsask_flight *todo, **todo_end;
	struct dnsport *ports[DNSASK_PORTS_MAX];
	struct dnsport *current[DNSASK_SERVERS_MAX];
	struct dnsport *outbound; /* of what is in out */
	int epoll;
	int64_t look; /* when a try may run out */
	struct dnsroom room;
	struct dnsport_out out;
	struct dnsport_in in; /* of the thread that leads */
	uint8_t random[DNSASK_RANDOM];
	size_t random_left;
};

void dnsask_list_init(struct dnsask_list *l);
void dnsask_list_add(struct dnsask_list *l, struct dnsask_question *q);

void dnsask_call_init(struct dnsask_call *c);

/* There is nothing to wait for. */
bool dnsask_call_over(const struct dnsask_call *c);

/* Off its port or connection. */
void dnsask_hang_up(struct dnsask_flight *f);

/* It has its answer, or gets none. */
void dnsask_finish(struct dnsask *a, struct dnsask_flight *f);

/* This try came to nothing. */
void dnsask_again(struct dnsask *a, struct dnsask_flight *f);

/* A whole message that matches the question: is it one to be content with? */
void dnsask_judge(struct dnsask *a, struct dnsask_flight *f, struct slice msg,
    const struct dnswire_header *h);

/* The question as a message, for TCP with its length in front. */
void dnsask_make(const struct dnsask_flight *f, bool tcp, struct buf *out);

/* Asks again, over TCP; what is due when the connection is ready. */
void dnsask_start_tcp(struct dnsask *a, struct dnsask_flight *f);
void dnsask_write_tcp(struct dnsask *a, struct dnsask_flight *f);
void dnsask_read_tcp(struct dnsask *a, struct dnsask_flight *f);

#endif
