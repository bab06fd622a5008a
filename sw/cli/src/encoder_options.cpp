#include "encoder_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "report.h"
#include "wren/runtime/counters_json.h"

namespace wren::cli {

void EncoderCliOptions::AddTo(CLI::App* app) {
  app->add_option("--backend", backend,
                  "golden: FP32; isa: instruction-set model; rtl: Verilated RTL")
      ->check(CLI::IsMember({"golden", "isa", "rtl"}))
      ->capture_default_str();
  app->add_option("--config", config, "Configuration of the core")
      ->check(CLI::IsMember({"nano", "small", "full"}))
      ->capture_default_str();
  app->add_option("--rows", rows, "Most tokens in one pass (default: what fits, at most 256)")
      ->check(CLI::PositiveNumber);
  app->add_option("--seed", seed, "Seed of the memory's random timing")->capture_default_str();
  app->add_flag("--json", json, "One JSON object on stdout");
  app->add_flag("--no-lockstep", no_lockstep,
                "rtl: do not compare every write with the instruction-set model");
  app->add_flag("--no-compare", no_compare, "Do not run the FP32 golden model beside it");
  app->add_flag("--quiet", quiet, "No progress line");
  app->add_option("--dram", dram,
                  "rtl: fixed latency, or the timing of ideal, lpddr5, hbm2e_307, hbm2e_461")
      ->check(CLI::IsMember({"fixed", "ideal", "lpddr5", "hbm2e_307", "hbm2e_461"}))
      ->capture_default_str();
}

EncoderBackend MakeEncoderBackend(const EncoderCliOptions& o, const ModelFile& model,
                                  int max_tokens, int max_batch,
                                  std::function<void(uint32_t, uint64_t)> progress) {
  EncoderBackend backend;
  if (o.backend == "golden") {
    backend.encoder = std::make_unique<runtime::GoldenEncoderModel>(model);
    return backend;
  }
  compiler::EncoderOptions options;
  options.max_tokens = max_tokens;
  options.max_batch = max_batch;
  options.max_rows = o.rows;
  const isa::Config config = isa::Config::Named(o.config);
  auto plan = std::make_unique<compiler::Encoder>(model, config, options);
  if (o.backend == "isa") {
    backend.device = std::make_unique<runtime::IsaDevice>(config, plan->ext_end());
  } else {
    runtime::RtlDeviceOptions rtl;
    rtl.lockstep = !o.no_lockstep;
    rtl.rtl.seed = o.seed;
    rtl.rtl.memory.kind = sim::ParseMemoryKind(o.dram);
    rtl.rtl.memory.bytes = plan->ext_end();
    rtl.test = o.command;
    rtl.progress = std::move(progress);
    backend.device =
        std::make_unique<runtime::RtlDevice>(sim::ParseConfig(o.config), plan->ext_end(), rtl);
  }
  auto compiled =
      std::make_unique<runtime::DeviceEncoder>(model, std::move(plan), backend.device.get());
  backend.compiled = compiled.get();
  backend.encoder = std::move(compiled);
  return backend;
}

void ReportEncoder(const EncoderCliOptions& o, const EncoderBackend& backend, size_t inputs,
                   const char* what, double seconds, nlohmann::json* out) {
  const bool timed = o.backend == "rtl";
  (*out)["seconds"] = seconds;
  (*out)["cycles"] = nullptr;
  (*out)["engines"] = nullptr;
  if (!o.json) {
    fmt::print(stderr, "{} {} in {:.1f} s on {}\n", inputs, what, seconds,
               o.backend == "golden" ? "golden" : o.backend + " " + o.config);
  }
  if (backend.device == nullptr) return;
  const runtime::Counters& total = backend.device->counters();
  (*out)["commands"] = total.commands;
  (*out)["macs"] = backend.compiled->useful_macs();
  if (!timed) return;
  const isa::Config& c = backend.device->config();
  const auto cycles = static_cast<double>(total.cycles),
             macs = static_cast<double>(backend.compiled->useful_macs());
  const double peak = cycles * c.rows * c.cols * 32;
  (*out)["cycles"] = total.cycles;
  (*out)["cycles_per_input"] = cycles / static_cast<double>(inputs);
  (*out)["engines"] = runtime::EnginesJson(total);
  (*out)["utilization"] = peak > 0 ? macs / peak : 0.0;
  (*out)["read_bytes"] = total.read_bytes;
  (*out)["write_bytes"] = total.write_bytes;
  (*out)["dram"] = o.dram;
  const auto* rtl = static_cast<runtime::RtlDevice*>(backend.device.get());
  if (rtl->lockstep() != nullptr) (*out)["lockstep_writes"] = rtl->lockstep()->compared();
  if (o.json) return;
  fmt::print(stderr,
             "{} cycles, {:.0f} for each; {} useful MACs ({:.1f}% of peak), {} bytes read, {} "
             "written; simulated at {:.0f} kHz{}\n{}\n",
             total.cycles, cycles / static_cast<double>(inputs), backend.compiled->useful_macs(),
             peak > 0 ? 100 * macs / peak : 0.0, total.read_bytes, total.write_bytes,
             cycles / seconds / 1e3, o.no_lockstep ? "" : " with every write checked",
             EngineTable(total));
}

}  // namespace wren::cli
