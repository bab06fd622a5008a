#include "bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "wren/cpu_time.h"
#include "wren/runtime/counters_json.h"
#include "wren/sim/dram.h"

namespace wren::bench {

double Traffic::bound() const {
  const double a = static_cast<double>(in), b = static_cast<double>(out);
  return one_way ? (a + b) / in_peak : std::max(a / in_peak, b / out_peak);
}

Traffic Traffic::L2(const isa::Config& config, uint64_t in, uint64_t out) {
  return {in, out, static_cast<double>(config.bus), static_cast<double>(config.bus), false};
}

Traffic Traffic::Ext(const isa::Config& config, const std::string& dram, uint64_t in,
                     uint64_t out) {
  const sim::MemoryKind kind = sim::ParseMemoryKind(dram);
  const auto bus = static_cast<double>(config.bus);
  if (kind == sim::MemoryKind::kFixed || kind == sim::MemoryKind::kIdeal)
    return {in, out, bus, bus, false};
  const double peak = std::min(sim::DramTiming::Of(kind).peak(), bus);
  return {in, out, peak, peak, true};
}

double PeakMacs(const isa::Config& config) {
  return static_cast<double>(config.rows) * config.cols * 32;
}

Cost Measure(const runtime::Device& device, const std::function<void()>& run) {
  const runtime::Counters before = device.counters();
  const double start = CpuSeconds();
  run();
  Cost cost{device.counters(), CpuSeconds() - start};
  runtime::Counters& c = cost.counters;
  c.cycles -= before.cycles;
  for (size_t e = 0; e < runtime::kEngines; ++e) {
    for (size_t b = 0; b < runtime::kBuckets; ++b) c.engines[e][b] -= before.engines[e][b];
  }
  c.read_bytes -= before.read_bytes;
  c.write_bytes -= before.write_bytes;
  c.fetch_bytes -= before.fetch_bytes;
  c.commands -= before.commands;
  return cost;
}

bool Options::host_arithmetic() const {
  return WREN_HOST_ARITHMETIC && config == "full" && arithmetic == "host";
}

nlohmann::json Result(const Options& o, const std::string& name, uint64_t macs,
                      const Traffic& traffic, const Cost& cost) {
  const runtime::Counters& c = cost.counters;
  const auto cycles = static_cast<double>(c.cycles);
  const double compute = static_cast<double>(macs) / PeakMacs(o.shape()),
               bandwidth = traffic.bound(), bound = std::max(compute, bandwidth);
  return {{"name", name},
          {"config", o.config},
          {"arithmetic", o.host_arithmetic() ? "host" : "rtl"},
          {"cycles", c.cycles},
          {"macs", macs},
          {"utilization", compute / cycles},
          {"bytes", traffic.bytes()},
          {"bound_cycles", bound},
          {"share_of_bound", bound / cycles},
          {"bandwidth_share", bandwidth / cycles},
          {"ext_read_bytes", c.read_bytes},
          {"ext_write_bytes", c.write_bytes},
          {"ext_fetch_bytes", c.fetch_bytes},
          {"ext_bytes_per_cycle",
           static_cast<double>(c.read_bytes + c.write_bytes + c.fetch_bytes) / cycles},
          {"commands", c.commands},
          {"sim_khz", cycles / cost.seconds / 1e3},
          {"engines", runtime::EnginesJson(c)}};
}

LayerLedger::LayerLedger(runtime::RtlDevice* device)
    : device_(device), seen_(device->timeline()->events().size()), cycle_(device->rtl().cycle()) {}

void LayerLedger::Step() {
  const std::vector<runtime::TimelineEvent>& events = device_->timeline()->events();
  runtime::AddLayers(events, seen_, cycle_, &layers_);
  seen_ = events.size();
  cycle_ = device_->rtl().cycle();
}

nlohmann::json LayerLedger::Json() const {
  nlohmann::json out = nlohmann::json::array();
  for (const runtime::LayerCost& layer : layers_) {
    nlohmann::json row = {
        {"name", layer.name}, {"cycles", layer.cycles}, {"commands", layer.commands}};
    for (const sim::Engine e :
         {sim::Engine::kLd, sim::Engine::kSt, sim::Engine::kMxe, sim::Engine::kGta})
      row[runtime::kEngineNames[static_cast<size_t>(e) - 1]] = layer.busy[static_cast<size_t>(e)];
    out.push_back(std::move(row));
  }
  return out;
}

void WriteTimeline(const Options& o, const runtime::RtlDevice& device, const std::string& name) {
  if (!o.timeline.empty() && device.timeline() != nullptr)
    device.timeline()->Write(fmt::format("{}/{}.json", o.timeline, name));
}

}  // namespace wren::bench
