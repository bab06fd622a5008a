// Processor time, which other programs on the machine do not count into.
#pragma once

#include <ctime>

namespace wren {

// Seconds of processor time of this process.
inline double CpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace wren
