/* Forks N children that do nothing, each with its own touched pages, and tells their pids one a line.
 * usage: farm COUNT KILOBYTES. Everything ends with the parent of the farm (PR_SET_PDEATHSIG) or with its stdin. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  size_t bytes = (size_t)(argc > 2 ? atoi(argv[2]) : 0) * 1024;
  pid_t self = getpid(), *children = calloc(count, sizeof *children);
  int started = 0;
  for (int i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) { perror("fork"); break; }
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != self) _exit(0);
      close(0);
      close(1);
      volatile char *memory = malloc(bytes); /* volatile: a plain memset of unused memory is optimised away */
      for (size_t at = 0; at < bytes; at += 1024) memory[at] = 1;
      for (;;) pause();
    }
    children[started++] = child;
    printf("%d\n", child);
  }
  fclose(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {}
  for (int i = 0; i < started; i++) kill(children[i], SIGKILL);
  while (wait(NULL) > 0) {} /* none is left behind as a zombie for whoever adopts */
  return started == count ? 0 : 1;
}
