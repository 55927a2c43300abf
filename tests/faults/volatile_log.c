/* A disk that forgets with the process: the write-ahead log is an anonymous file in memory. Everything works until the
 * process is killed; then whatever was not yet checkpointed is gone, although it was answered. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int log_in_memory(void) {
    static int memory = -1;
    if (memory < 0) memory = memfd_create("log", MFD_CLOEXEC);
    return fcntl(memory, F_DUPFD_CLOEXEC, 3);
}

static int is_log(const char *path) {
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, "-wal") == 0;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return is_log(path) ? log_in_memory() : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return open64(path, flags, mode);
}
