// Options of wren-platform: defaults, then configuration files, then the command line.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wren/error.h"
#include "wren/sim/axi_port.h"
#include "wren/sim/dram.h"
#include "wren/sim/rtl_core.h"

namespace wren::platform {

// A mistake of whoever wrote the options; exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

struct FaultOption {
  uint64_t first, bytes;
  sim::AxiResp resp;
};
struct LoadOption {
  std::string file;
  uint64_t address;
};
struct DumpOption {
  uint64_t address, bytes;
  std::string file;
};

struct Options {
  sim::Config config = sim::Config::kFull;
  std::string workload;  // gemm, text, program
  uint64_t seed = 1;
  std::string json;  // file, "-": standard output instead of the text, empty: none
  bool lockstep = false;
  bool plain = false;  // the plain C++ bench in place of SystemC

  uint64_t period_ps = 1000;
  uint64_t l2_bytes = 0;  // 0: not asked for
  bool poll = false;      // the host reads IRQ_STATUS instead of waiting for the interrupt
  uint64_t poll_interval = 1000;

  uint64_t memory_bytes = 0;  // 0: what the workload needs
  bool procedural = false;
  int stall_percent = 0;
  bool interleave = false;
  int max_reads = 256, max_writes = 256;
  std::vector<FaultOption> faults;

  sim::MemoryKind kind = sim::MemoryKind::kLpddr5;
  uint64_t latency = 0, latency_max = 0;  // 0: the kind's

  int m = 0, n = 0, k = 0;
  bool external = false;  // gemm: operands and result in external memory, not in L2

  std::string model, prompt;
  int tokens = 8;

  std::string program;
  std::vector<LoadOption> loads;
  std::vector<DumpOption> dumps;

  // The effective value of every option, and where it came from: "default", a file, "command line".
  nlohmann::json values, sources;
};

// Throws UsageError with a line that names the option (and the file). When --help is given `help`
// receives the text and the rest means nothing.
Options ParseOptions(int argc, const char* const* argv, std::string* help);

}  // namespace wren::platform
