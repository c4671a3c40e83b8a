/* The yardstick: reads the same files as the sampler, with kept descriptors, in plain C.
 * usage: reader ROUNDS [stat] < PIDS ; prints CPU microseconds of each round, one a line.
 * Without "stat": statm of every process. With it: also open, read, parse, close of its stat. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double cpu_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  static int pids[65536], fds[65536];
  static char buffer[4096], path[64];
  int rounds = argc > 1 ? atoi(argv[1]) : 10, with_stat = argc > 2, count = 0;
  unsigned long sum = 0;
  while (count < 65536 && scanf("%d", &pids[count]) == 1) {
    snprintf(path, sizeof path, "/proc/%d/statm", pids[count]);
    fds[count] = open(path, O_RDONLY | O_CLOEXEC);
    if (fds[count] < 0) { perror(path); return 1; }
    count++;
  }
  for (int round = 0; round < rounds; round++) {
    double from = cpu_us();
    for (int i = 0; i < count; i++) {
      ssize_t length = pread(fds[i], buffer, sizeof buffer - 1, 0);
      if (length <= 0) continue;
      buffer[length] = 0;
      char *at = buffer;
      strtoul(at, &at, 10);
      unsigned long resident = strtoul(at, &at, 10), shared = strtoul(at, &at, 10);
      sum += resident - shared;
      if (!with_stat) continue;
      snprintf(path, sizeof path, "/proc/%d/stat", pids[i]);
      int fd = open(path, O_RDONLY | O_CLOEXEC);
      if (fd < 0) continue;
      length = pread(fd, buffer, sizeof buffer - 1, 0);
      close(fd);
      if (length <= 0) continue;
      buffer[length] = 0;
      char *close_bracket = strrchr(buffer, ')');
      if (!close_bracket) continue;
      at = close_bracket + 3;
      for (int field = 4; field <= 28; field++) sum += strtoul(at, &at, 10);
    }
    printf("%.1f\n", cpu_us() - from);
  }
  fprintf(stderr, "%lu\n", sum);
  return 0;
}
