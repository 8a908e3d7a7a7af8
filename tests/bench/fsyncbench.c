/*
 * The limit of a disk: appends blocks to a file in DIRECTORY, each followed by fdatasync, for SECONDS. Prints how many
 * a second; what a store acknowledges durably cannot be faster by itself.
 *
 *   fsyncbench DIRECTORY SECONDS BYTES
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: fsyncbench DIRECTORY SECONDS BYTES\n");
        return 2;
    }
    size_t size = strtoul(argv[3], NULL, 10);
    char *block = calloc(1, size ? size : 1);
    int fd = open(argv[1], O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || !block) {
        perror(argv[1]);
        return 3;
    }
    double from = now(), until = from + strtod(argv[2], NULL);
    long n = 0;
    for (; now() < until; n++)
        if (write(fd, block, size) != (ssize_t)size || fdatasync(fd) != 0) {
            perror("append");
            return 3;
        }
    printf("fdatasync\truns %ld\t%.0f /s\n", n, (double)n / (now() - from));
    close(fd);
    free(block);
    return 0;
}
