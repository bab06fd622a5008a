// What commands that run encoders share: options, the backend, and the report.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "wren/compiler/encoder.h"
#include "wren/runtime/device.h"
#include "wren/runtime/encoder_model.h"

namespace CLI {
class App;
}

namespace wren::cli {

struct EncoderCliOptions {
  std::string model;
  std::string backend = "isa";
  std::string config = "nano";
  int rows = 0;
  uint64_t seed = 1;
  bool json = false;
  bool no_lockstep = false;
  bool no_compare = false;
  bool quiet = false;
  std::string dram = "fixed";
  std::string command;  // this run, for the report of a wrong value

  void AddTo(CLI::App* app);
};

struct EncoderBackend {
  std::unique_ptr<runtime::Device> device;  // null: golden
  std::unique_ptr<runtime::EncoderModel> encoder;
  runtime::DeviceEncoder* compiled = nullptr;  // null: golden
};

// `max_tokens` 0: the model's own. `progress`: see runtime::RtlDeviceOptions.
EncoderBackend MakeEncoderBackend(const EncoderCliOptions& o, const ModelFile& model,
                                  int max_tokens, int max_batch,
                                  std::function<void(uint32_t, uint64_t)> progress = nullptr);

// Cycles, commands and use of the MXE, in `out` and, unless o.json, on stderr. `inputs`: what there
// were (plural of `what`).
void ReportEncoder(const EncoderCliOptions& o, const EncoderBackend& backend, size_t inputs,
                   const char* what, double seconds, nlohmann::json* out);

}  // namespace wren::cli
