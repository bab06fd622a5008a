// wren-platform: runs a workload on the SystemC platform and reports it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "options.h"
#include "platform.h"
#include "workloads.h"
#include "wren/cpu_time.h"
#include "wren/error.h"
#include "wren/isa/csr.h"
#include "wren/runtime/counters_json.h"
#include "wren/runtime/device.h"

namespace wren::platform {
namespace {

using nlohmann::json;
using runtime::Counters;

// The core's error record, when it has halted.
json ErrorRecord(sim::RtlCore* core) {
  if (csr::kStatusHalted.Get(core->CsrRead(csr::kStatus)) == 0) return nullptr;
  const auto engine = core->CsrRead(csr::kErrEngine);
  static constexpr const char* kNames[] = {"ctl", "ld", "st", "mxe", "gta"};
  return {{"code", csr::ToString(static_cast<csr::ErrorCode>(core->CsrRead(csr::kErrCode)))},
          {"engine", engine < std::size(kNames) ? kNames[engine] : "unknown"},
          {"index", core->CsrRead(csr::kErrIndex)},
          {"tag", core->CsrRead(csr::kErrTag)},
          {"info", core->CsrRead(csr::kErrInfo)},
          {"address", core->CsrRead(csr::kErrAddrLo) |
                          static_cast<uint64_t>(core->CsrRead(csr::kErrAddrHi)) << 32}};
}

void AddTraffic(const Options& o, const Platform& platform, json* result) {
  const AxiToTlm::Stats& s = platform.axi().stats();
  const sim::AxiPort& port = platform.axi().port();
  const double ns = static_cast<double>(port.cycles() * o.period_ps) / 1000;
  (*result)["tlm"] = {
      {"transactions", s.reads + s.writes},
      {"reads", s.reads},
      {"writes", s.writes},
      {"read_errors", s.read_errors},
      {"write_errors", s.write_errors},
      {"read_bytes", port.read_bytes()},
      {"write_bytes", port.write_bytes()},
      {"read_bursts", port.read_bursts()},
      {"write_bursts", port.write_bursts()},
      {"max_reads_outstanding", port.max_reads_outstanding()},
      {"max_writes_outstanding", port.max_writes_outstanding()},
      {"max_transactions", s.max_under_way},
      {"mean_read_latency_cycles",
       s.reads == 0 ? 0.0 : static_cast<double>(s.read_latency) / static_cast<double>(s.reads)},
      {"max_read_latency_cycles", s.max_read_latency},
      {"gb_per_s", static_cast<double>(port.read_bytes() + port.write_bytes()) / ns},
      {"csr_reads", platform.csr_reads()},
      {"csr_writes", platform.csr_writes()}};
  if (const sim::DramModel* dram = platform.memory().dram(); dram != nullptr) {
    const sim::DramStats& d = dram->stats();
    const uint64_t accesses = d.reads + d.writes;
    (*result)["dram"] = {
        {"peak_gb_per_s", dram->timing().peak()},
        {"access_bytes", dram->timing().access_bytes},
        {"reads", d.reads},
        {"writes", d.writes},
        {"row_hits", d.hits},
        {"row_misses", d.activates},
        {"row_conflicts", d.conflicts},
        {"hit_rate",
         accesses == 0 ? 0.0 : static_cast<double>(d.hits) / static_cast<double>(accesses)},
        {"turnarounds", d.turnarounds},
        {"refreshes", d.refreshes}};
  }
}

std::string Report(const Options& o, const json& r) {
  std::string text = "options\n";
  for (const auto& [name, value] : r["options"].items()) {
    if (value.is_null() || value == "") continue;
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    text += fmt::format("  {:<20} {:<32} {}\n", name, shown, o.sources[name].get<std::string>());
  }
  if (!r.contains("cycles")) return text;
  text += fmt::format("\n{} commands in {} cycles of {} ps ({} simulated)\n",
                      r["commands"].get<uint64_t>(), r["cycles"].get<uint64_t>(), o.period_ps,
                      r["simulated_cycles"].get<uint64_t>());
  text += "  engine ";
  for (const char* bucket : runtime::kBucketNames) text += fmt::format("{:>10}", bucket);
  for (const char* engine : runtime::kEngineNames) {
    text += fmt::format("\n  {:<7}", engine);
    for (const char* bucket : runtime::kBucketNames)
      text += fmt::format("{:>9.1f}%", 100 * r["engines"][engine][bucket].get<double>() /
                                           std::max(1.0, r["cycles"].get<double>()));
  }
  text += "\n";
  if (r.contains("tlm")) {
    const json& t = r["tlm"];
    text += fmt::format(
        "TLM: {} reads in {} bursts, {} bytes; {} writes in {} bursts, {} bytes; {:.2f} GB/s\n"
        "  read latency {:.1f} cycles on average, {} at most; up to {} reads and {} writes "
        "outstanding; {} reads and {} writes failed\n"
        "  the host read {} registers and wrote {}\n",
        t["reads"].get<uint64_t>(), t["read_bursts"].get<uint64_t>(),
        t["read_bytes"].get<uint64_t>(), t["writes"].get<uint64_t>(),
        t["write_bursts"].get<uint64_t>(), t["write_bytes"].get<uint64_t>(),
        t["gb_per_s"].get<double>(), t["mean_read_latency_cycles"].get<double>(),
        t["max_read_latency_cycles"].get<uint64_t>(), t["max_reads_outstanding"].get<int>(),
        t["max_writes_outstanding"].get<int>(), t["read_errors"].get<uint64_t>(),
        t["write_errors"].get<uint64_t>(), t["csr_reads"].get<uint64_t>(),
        t["csr_writes"].get<uint64_t>());
    if (r.contains("dram")) {
      const json& d = r["dram"];
      text += fmt::format(
          "DRAM: {} reads and {} writes of {} bytes, {:.1f}% row hits, {} conflicts, {} "
          "turnarounds, "
          "{} refreshes; peak {:.1f} GB/s\n",
          d["reads"].get<uint64_t>(), d["writes"].get<uint64_t>(), d["access_bytes"].get<int>(),
          100 * d["hit_rate"].get<double>(), d["row_conflicts"].get<uint64_t>(),
          d["turnarounds"].get<uint64_t>(), d["refreshes"].get<uint64_t>(),
          d["peak_gb_per_s"].get<double>());
    }
  }
  text += fmt::format("simulated at {:.0f} kHz in {:.1f} s\n", r["sim_khz"].get<double>(),
                      r["seconds"].get<double>());
  return text;
}

int Main(const Options& o) {
  const std::unique_ptr<Workload> workload = MakeWorkload(o);
  const isa::Config shape = isa::Config::Named(sim::ConfigName(o.config));
  const auto check_l2 = [&](uint64_t has) {
    if (o.l2_bytes != 0 && o.l2_bytes != has)
      throw UsageError(fmt::format(
          "option --l2.size: {} bytes were asked for, the RTL of '{}' has {}; the size is a "
          "constant of the configuration (config_of in rtl/pkg/wren_pkg.sv)",
          o.l2_bytes, sim::ConfigName(o.config), has));
  };
  check_l2(shape.l2);
  const uint64_t needs = workload->memory_bytes();
  const uint64_t memory_bytes = o.memory_bytes != 0 ? o.memory_bytes : (needs + 4095) / 4096 * 4096;
  if (memory_bytes < needs && o.workload != "program")
    throw UsageError(fmt::format("option --memory.size: the workload needs {} bytes", needs));

  json result = {{"schema", 1},
                 {"program", "wren-platform"},
                 {"options", o.values},
                 {"set_by", o.sources},
                 {"workload", o.workload}};
  result["options"]["memory.size"] = memory_bytes;
  result["options"]["l2.size"] = shape.l2;
  std::string error;
  sim::RtlOptions rtl;
  rtl.seed = o.seed;
  sim::MemoryOptions& memory = rtl.memory;
  const bool fixed = o.kind == sim::MemoryKind::kFixed;
  memory.bytes = memory_bytes;
  memory.kind = o.kind;
  memory.latency_min = fixed ? static_cast<int>(o.latency) : 1;
  memory.latency_max = fixed ? static_cast<int>(o.latency_max) : 1;
  if (!fixed && o.sources["dram.latency"] != "default") memory.controller_ps = o.latency * 1000;
  memory.cycle_ps = o.period_ps;
  memory.procedural = o.procedural;
  memory.stall_percent = o.stall_percent;
  memory.interleave = o.interleave;
  memory.max_reads = o.max_reads;
  memory.max_writes = o.max_writes;

  uint64_t simulated = 0;
  const auto host = [&](std::unique_ptr<sim::RtlCore> core) {
    check_l2(core->shape().l2_bytes);  // what the RTL itself says
    runtime::RtlDeviceOptions options;
    options.rtl = rtl;
    options.lockstep = o.lockstep;
    options.test = "wren-platform";
    runtime::RtlDevice device(std::move(core), memory_bytes, options);
    try {
      workload->Run(&device, &result);
    } catch (const Error& failure) {
      error = failure.what();
      result["error"] = {{"text", error}, {"record", ErrorRecord(&device.rtl())}};
    }
    const Counters& total = device.counters();
    result["cycles"] = total.cycles;
    result["commands"] = total.commands;
    result["engines"] = runtime::EnginesJson(total);
    result["read_bytes"] = total.read_bytes;
    result["write_bytes"] = total.write_bytes;
    result["fetch_bytes"] = total.fetch_bytes;
    if (device.lockstep() != nullptr) result["lockstep_writes"] = device.lockstep()->compared();
    simulated = device.rtl().cycle();
  };
  const double start = CpuSeconds();
  if (o.plain) {
    std::unique_ptr<sim::RtlCore> core = sim::RtlCore::Create(o.config, rtl);
    for (const FaultOption& f : o.faults) core->memory().AddFault(f.first, f.bytes, f.resp);
    host(std::move(core));
  } else {
    Platform platform("platform", o.config, rtl, o.poll ? o.poll_interval : 0);
    for (const FaultOption& f : o.faults)
      platform.memory().contents().AddFault(f.first, f.bytes, f.resp);
    platform.Run(host);
    AddTraffic(o, platform, &result);
  }
  const double seconds = CpuSeconds() - start;
  result["simulated_cycles"] = simulated;
  result["simulated_ns"] = static_cast<double>(simulated * o.period_ps) / 1000;
  result["seconds"] = seconds;
  result["sim_khz"] = static_cast<double>(simulated) / seconds / 1e3;

  if (o.json == "-") {
    fmt::print("{}\n", result.dump(1));
  } else {
    fmt::print("{}\n{}", Report(o, result), error.empty() ? workload->Summary(result) : "");
    if (!o.json.empty()) {
      std::ofstream out(o.json);
      if (!(out << result.dump(1) << "\n").flush())
        throw Error(fmt::format("cannot write {}; check the path and the space left", o.json));
    }
  }
  if (error.empty()) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "wren-platform: %s\n", error.c_str());
  return 1;
}

}  // namespace
}  // namespace wren::platform

// SystemC's own main() would print its copyright notice in front of every result.
int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", /*overwrite=*/0);
  return sc_core::sc_elab_and_sim(argc, argv);
}

int sc_main(int argc, char** argv) {
  using namespace wren::platform;
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  try {
    std::string help;
    const Options options = ParseOptions(argc, argv, &help);
    if (!help.empty()) {
      fmt::print("{}", help);
      return 0;
    }
    return Main(options);
  } catch (const UsageError& error) {
    std::fprintf(stderr, "wren-platform: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wren-platform: %s\n", error.what());
    return 1;
  }
}
