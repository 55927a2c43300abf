/* A disk whose flushes fail from a moment that somebody chooses: once a file is there, fdatasync answers EIO, for ever. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int fdatasync(int file) {
    if (access(getenv("FLUSHES_FAIL_ONCE_THERE_IS"), F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}
