/*
 * A null sink: it receives datagrams over UDP, counts them and does nothing else. It is the least that a
 * receiver costs on a machine; bench/compare compiles it and measures weir beside it.
 *
 *	cc -O2 -o sink sink.c && ./sink 9125
 *
 * It writes "ready" when it listens on 127.0.0.1, and on each SIGUSR1 a line with how many datagrams and
 * bytes it has taken. Any other signal ends it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	batch = 64,                /* datagrams of one system call, as many as weir's */
	datagram = 64 << 10,       /* bytes; memory that is not touched costs nothing */
	buffer = 16 << 20,         /* bytes of the socket's receive buffer, as many as weir asks for */
};

/* Exact when nothing is being received: a signal in the middle of a batch sees a part of it. */
static volatile unsigned long long datagrams, bytes;

/* put writes the decimal digits of n so that they end before end, and returns where they begin. */
static char *put(char *end, unsigned long long n)
{
	do
		*--end = '0' + n % 10;
	while ((n /= 10) > 0);
	return end;
}

/* report writes the counts; everything in it may be called in a handler (signal-safety(7)). */
static void report(int number)
{
	char text[64], *at = text + sizeof text;
	int saved = errno;
	(void)number;
	*--at = '\n';
	at = put(at, bytes);
	*--at = ' ';
	at = put(at, datagrams);
	if (write(STDOUT_FILENO, at, text + sizeof text - at) < 0)
		_exit(1); /* nobody reads any more */
	errno = saved;
}

static void fail(const char *doing)
{
	perror(doing);
	exit(1);
}

static int listen_on(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int size = buffer, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		fail("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0)
		fail("setsockopt");
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail("bind");
	return fd;
}

int main(int argc, char **argv)
{
	static char space[batch][datagram];
	static struct iovec vectors[batch];
	static struct mmsghdr messages[batch];
	struct sigaction on_usr1 = {.sa_handler = report};
	int fd = listen_on(argc == 2 ? atoi(argv[1]) : 0);

	for (int i = 0; i < batch; i++) {
		vectors[i] = (struct iovec){space[i], datagram};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
	}
	sigaction(SIGUSR1, &on_usr1, NULL);
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		fail("write");
	for (;;) {
		int n = recvmmsg(fd, messages, batch, MSG_WAITFORONE, NULL);
		if (n < 0 && errno != EINTR)
			fail("recvmmsg");
		for (int i = 0; i < n; i++) {
			datagrams++;
			bytes += messages[i].msg_len;
		}
	}
}
