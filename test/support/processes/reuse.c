/* Makes one pid belong to one process after another. For every line "KILOBYTES" on stdin: ends the current child, forks
 * one with the same pid (by writing pid − 1 to ns_last_pid, which needs root or a pid namespace of our own), named
 * gen-N, which touches so much memory; answers "PID". The first line makes the first child. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t fork_child(int generation, size_t bytes, pid_t parent) {
  int ready[2];
  char byte;
  if (pipe(ready) != 0) exit(3);
  pid_t child = fork();
  if (child == 0) {
    char name[16];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    snprintf(name, sizeof name, "gen-%d", generation);
    prctl(PR_SET_NAME, name);
    volatile char *memory = malloc(bytes); /* volatile: a plain memset of unused memory is optimised away */
    for (size_t at = 0; at < bytes; at += 1024) memory[at] = 1;
    if (write(ready[1], "1", 1) != 1) _exit(1);
    close(ready[0]);
    close(ready[1]);
    for (;;) pause();
  }
  close(ready[1]);
  if (read(ready[0], &byte, 1) < 0) exit(3);
  close(ready[0]);
  return child;
}

static void end_child(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

int main(void) {
  char line[64];
  pid_t child = 0;
  for (int generation = 0; fgets(line, sizeof line, stdin); generation++) {
    size_t bytes = (size_t)atoi(line) * 1024;
    pid_t wanted = child;
    if (child > 0) {
      end_child(child);
      usleep(12000); /* start times are counted in ticks of 10 ms */
    }
    for (int attempt = 0; attempt < 200; attempt++) {
      if (wanted > 0) {
        FILE *last = fopen("/proc/sys/kernel/ns_last_pid", "w");
        if (!last || fprintf(last, "%d", wanted - 1) < 0 || fclose(last) != 0) { perror("ns_last_pid"); return 2; }
      }
      child = fork_child(generation, bytes, getpid());
      if (wanted == 0 || child == wanted) break;
      end_child(child); /* somebody else was faster */
    }
    printf("%d\n", child);
    fflush(stdout);
  }
  if (child > 0) end_child(child);
  return 0;
}
