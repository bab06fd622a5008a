// What wren-platform can run: each workload drives an RtlDevice, whatever core is below it.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "options.h"
#include "wren/runtime/device.h"

namespace wren::platform {

class Workload {
 public:
  virtual ~Workload() = default;
  // External memory from address 0 that it touches.
  virtual uint64_t memory_bytes() const = 0;
  // Throws wren::Error when the core halts or the result is wrong.
  virtual void Run(runtime::RtlDevice* device, nlohmann::json* result) = 0;
  // Lines for people, from the result.
  virtual std::string Summary(const nlohmann::json& result) const = 0;
};

// The one that options.workload names. Keeps a reference to the options. Throws UsageError when
// they do not fit the configuration, wren::Error when a file cannot be read.
std::unique_ptr<Workload> MakeWorkload(const Options& options);

}  // namespace wren::platform
