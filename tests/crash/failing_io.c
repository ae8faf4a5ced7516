/* Makes the k-th operation of the process on files under one folder fail: opening, writing or syncing.
   Loaded with LD_PRELOAD; armed by tests/crash/shim.py. Operations on other files are passed on untouched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { OPEN = 1, WRITE = 2, SYNC = 4 };

static char folder[4096];
static int kinds, error_number, for_good;
static long nth, seen, failed;

void failing_io_arm(const char *path, int which, long k, int error, int stays) {
    strncpy(folder, path, sizeof folder - 1);
    kinds = which, nth = k, error_number = error, for_good = stays, seen = failed = 0;
}

long failing_io_failed(void) { return failed; }

static int fails(int kind) {
    if (!(kinds & kind)) return 0;
    seen++;
    if (seen != nth && !(for_good && seen > nth)) return 0;
    failed++;
    errno = error_number;
    return 1;
}

static int is_ours(const char *path) { return kinds && strncmp(path, folder, strlen(folder)) == 0; }

static int is_our_file(int fd) {
    char link[64], path[4096];
    if (!kinds) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPENING(name)                                                   \
    int name(const char *path, int flags, ...) {                        \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                   \
        if (is_ours(path) && fails(OPEN)) return -1;                    \
        return REAL(name)(path, flags, mode);                           \
    }
OPENING(open)
OPENING(open64)

ssize_t write(int fd, const void *from, size_t size) {
    if (is_our_file(fd) && fails(WRITE)) return -1;
    return REAL(write)(fd, from, size);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at) {
    if (is_our_file(fd) && fails(WRITE)) return -1;
    return REAL(pwrite)(fd, from, size, at);
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) {
    if (is_our_file(fd) && fails(WRITE)) return -1;
    return REAL(pwrite64)(fd, from, size, at);
}

int ftruncate64(int fd, off64_t size) {
    if (is_our_file(fd) && fails(WRITE)) return -1;
    return REAL(ftruncate64)(fd, size);
}

int fsync(int fd) {
    if (is_our_file(fd) && fails(SYNC)) return -1;
    return REAL(fsync)(fd);
}

int fdatasync(int fd) {
    if (is_our_file(fd) && fails(SYNC)) return -1;
    return REAL(fdatasync)(fd);
}
