/* Notes everything that the server does to the files of one database, and every byte it answers, in the order in which it
 * does so: the log from which the disk of any moment can be made again. Set RECORDER_LOG to the log and RECORDER_FOLDER to
 * the folder whose files, and the folder itself, are noted. A record is: kind (1 byte), length of the path (2), offset (8), length of the data
 * (4), path, data; little-endian. Kinds: W written, T cut to the offset, S flushed, U removed, A answered. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

static void note(char kind, const char *path, uint64_t offset, const void *data, uint32_t length) {
    static int record = -1;
    if (record < 0) {
        const char *where = getenv("RECORDER_LOG");
        if (where == NULL) return;
        record = (int)syscall(SYS_openat, AT_FDCWD, where, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    }
    uint16_t named = (uint16_t)strlen(path);
    size_t size = 15 + (size_t)named + length;
    char *bytes = malloc(size);
    if (bytes == NULL) abort();
    bytes[0] = kind;
    memcpy(bytes + 1, &named, 2);
    memcpy(bytes + 3, &offset, 8);
    memcpy(bytes + 11, &length, 4);
    memcpy(bytes + 15, path, named);
    if (length > 0) memcpy(bytes + 15 + named, data, length);
    if (syscall(SYS_write, record, bytes, size) != (long)size) abort();
    free(bytes);
}

/* The index of the log (-shm) is made again at every start, and the lock file holds nothing: neither is noted. */
static int is_ours(const char *path) {
    const char *folder = getenv("RECORDER_FOLDER");
    if (folder == NULL || strncmp(path, folder, strlen(folder)) != 0) return 0;
    return strstr(path, "-shm") == NULL && strstr(path, ".lock") == NULL;
}

static int path_of(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, 500);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) {
    char path[512];
    int ours = path_of(file, path);
    if (ours) pthread_mutex_lock(&order);
    ssize_t written = syscall(SYS_pwrite64, file, data, length, offset);
    if (ours && written > 0) note('W', path, (uint64_t)offset, data, (uint32_t)written);
    if (ours) pthread_mutex_unlock(&order);
    return written;
}
ssize_t pwrite(int file, const void *data, size_t length, off_t offset) { return pwrite64(file, data, length, offset); }

static int flush(long call, int file) {
    char path[512];
    int ours = path_of(file, path);
    if (ours) pthread_mutex_lock(&order);
    int flushed = (int)syscall(call, file);
    if (ours && flushed == 0) note('S', path, 0, NULL, 0);
    if (ours) pthread_mutex_unlock(&order);
    return flushed;
}
int fsync(int file) { return flush(SYS_fsync, file); }
int fdatasync(int file) { return flush(SYS_fdatasync, file); }

int ftruncate64(int file, off64_t length) {
    char path[512];
    int ours = path_of(file, path);
    if (ours) pthread_mutex_lock(&order);
    int cut = (int)syscall(SYS_ftruncate, file, length);
    if (ours && cut == 0) note('T', path, (uint64_t)length, NULL, 0);
    if (ours) pthread_mutex_unlock(&order);
    return cut;
}
int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int unlink(const char *path) {
    int ours = is_ours(path);
    if (ours) pthread_mutex_lock(&order);
    int removed = (int)syscall(SYS_unlink, path);
    if (ours && removed == 0) note('U', path, 0, NULL, 0);
    if (ours) pthread_mutex_unlock(&order);
    return removed;
}

/* Noted before it is sent: an image that holds the note must hold the act. */
static void answered(const void *data, size_t length) {
    if (length < 12 || memcmp(data, "HTTP/1.1 201", 12) != 0) return;
    pthread_mutex_lock(&order);
    note('A', "", 0, data, (uint32_t)length);
    pthread_mutex_unlock(&order);
}

ssize_t send(int socket, const void *data, size_t length, int flags) {
    answered(data, length);
    return syscall(SYS_sendto, socket, data, length, flags, NULL, 0);
}
ssize_t write(int file, const void *data, size_t length) {
    answered(data, length);
    return syscall(SYS_write, file, data, length);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    if (count > 0) answered(parts[0].iov_base, parts[0].iov_len);
    return syscall(SYS_writev, file, parts, count);
}
