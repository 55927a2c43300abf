/* A clock that somebody sets while the program runs: the wall clock says as many seconds more, or fewer, as a file holds.
 * The clock that counts since the machine was started stays as it is. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long set_by(void) {
    char text[32] = {0};
    int file = open(getenv("CLOCK_SET_BY"), O_RDONLY);
    if (file < 0) abort();
    if (read(file, text, sizeof text - 1) < 0) abort();
    close(file);
    return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int answer = (int)syscall(SYS_clock_gettime, clock, at);
    if (answer == 0 && clock == CLOCK_REALTIME) at->tv_sec += set_by();
    return answer;
}
