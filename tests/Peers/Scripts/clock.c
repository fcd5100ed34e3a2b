/* Preloaded: the wall clock of a program as if it had been set. The seconds to add are in the file that
   $LABORATORY_CLOCK names. Every other clock is as it is. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  const char *file = getenv("LABORATORY_CLOCK");
  if (result != 0 || clock != CLOCK_REALTIME || file == NULL)
    return result;
  int descriptor = open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return result;
  char text[32] = "";
  if (read(descriptor, text, sizeof text - 1) > 0)
    now->tv_sec += atol(text);
  close(descriptor);
  return result;
}
