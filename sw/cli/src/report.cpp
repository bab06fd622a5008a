#include "report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace wren::cli {

using runtime::Counters;

Progress::Progress(bool quiet, const runtime::Device* device)
    : on_(!quiet),
      terminal_(isatty(2) != 0),
      device_(device),
      start_(Clock::now()),
      last_(start_) {}

void Progress::Show(const std::string& what) {
  if (!on_) return;
  const auto now = Clock::now();
  const double since = std::chrono::duration<double>(now - last_).count();
  if (since < (terminal_ ? 0.2 : 10.0)) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string line = fmt::format("[{:.0f} s] {}", seconds, what);
  if (device_ != nullptr && device_->counters().cycles > 0) {
    const auto cycles = static_cast<double>(device_->counters().cycles);
    line += fmt::format(", {:.2f} M cycles, {:.0f} kHz", cycles / 1e6, cycles / seconds / 1e3);
  }
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    shown_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  std::fflush(stderr);
}

void Progress::Clear() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
}

std::string EngineTable(const Counters& counters) {
  std::string text = "  engine ";
  for (const char* bucket : runtime::kBucketNames) text += fmt::format("{:>10}", bucket);
  for (size_t e = 0; e < runtime::kEngines; ++e) {
    text += fmt::format("\n  {:<7}", runtime::kEngineNames[e]);
    for (size_t b = 0; b < runtime::kBuckets; ++b) {
      text += fmt::format("{:>9.1f}%", counters.cycles == 0
                                           ? 0.0
                                           : 100.0 * static_cast<double>(counters.engines[e][b]) /
                                                 static_cast<double>(counters.cycles));
    }
  }
  return text;
}

}  // namespace wren::cli
