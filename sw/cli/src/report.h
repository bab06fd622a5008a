// What subcommands that run programs report: progress, and where the cycles went.
#pragma once

#include <chrono>
#include <string>

#include "wren/runtime/device.h"

namespace wren::cli {

// One line on stderr that is rewritten in place; silent when stderr is not a terminal, except for a
// line every so often.
class Progress {
 public:
  // `device` may be null; otherwise its cycles are shown too.
  Progress(bool quiet, const runtime::Device* device);
  ~Progress() { Clear(); }
  void Show(const std::string& what);
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool on_, terminal_, shown_ = false;
  const runtime::Device* device_;
  Clock::time_point start_, last_;
};

// Cycles of each engine in each bucket, as per cent in a table.
std::string EngineTable(const runtime::Counters& counters);

}  // namespace wren::cli
