// wren-bench: runs a list of problems on the RTL and prints what they cost.
//
// Cycles are the core's own count (PERF_CYCLES: from the doorbell to the last write), so they are
// the same on every machine and every run. `sim_khz` is the speed of the simulation on this machine
// and wobbles with its load.
#include <fmt/format.h>
#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "wren/compiler/gemm.h"
#include "wren/compiler/language_model.h"
#include "wren/error.h"
#include "wren/fp.h"
#include "wren/runtime/device.h"
#include "wren/runtime/text_model.h"

namespace {

using nlohmann::json;
using wren::Error;
namespace compiler = wren::compiler;
namespace isa = wren::isa;
namespace runtime = wren::runtime;
namespace sim = wren::sim;

struct Options {
  std::string list = "gemm";
  std::string config = "full";
  std::string out;
  std::string timeline;
  std::string dram = "fixed";
  uint64_t seed = 1;
};

double Cpu() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// A device with the operands of a product in L2, and what the result must be.
class GemmRun {
 public:
  GemmRun(const Options& o, compiler::GemmProblem problem, bool lockstep) : problem_(problem) {
    const uint64_t operands =
        compiler::PlaceGemm(&problem_) -
        static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.n) * 4;
    const isa::Config config = isa::Config::Named(o.config);
    const uint64_t result =
        static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.n) * 4;
    ext_bytes_ = kImage + operands + result + 8192;
    runtime::RtlDeviceOptions options;
    options.lockstep = lockstep;
    options.timeline = !o.timeline.empty();
    options.rtl.seed = o.seed;
    options.rtl.memory.bytes = ext_bytes_;
    options.rtl.memory.kind = sim::ParseMemoryKind(o.dram);
    options.test = fmt::format("bench.{}", Name());
    device_ = std::make_unique<runtime::RtlDevice>(sim::ParseConfig(o.config), ext_bytes_, options);

    // Random blocks; scales around 2^-7 so that results are of the order of 1.
    std::mt19937_64 random(o.seed);
    image_.resize(operands);
    const auto fill = [&](uint32_t data, uint32_t scale, uint64_t count) {
      for (uint64_t i = 0; i < count; ++i)
        image_[data + i] = static_cast<uint8_t>(random() % 255 - 127);
      for (uint64_t i = 0; i < count / 32; ++i) {
        const uint16_t d = wren::fp::F32ToF16(
            std::ldexp(1.0f + static_cast<float>(random() % 1024) / 1024.0f, -7));
        std::memcpy(&image_[scale + 2 * i], &d, 2);
      }
    };
    fill(problem_.a, problem_.a_scale,
         static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.k));
    fill(problem_.w, problem_.w_scale,
         static_cast<uint64_t>(problem_.n) * static_cast<uint64_t>(problem_.k));
    device_->Write(kImage, image_.data(), image_.size());
    compiler::Emitter load(config, 0, 0);
    isa::LdCopy ld;
    ld.src = kImage;
    ld.dst_space = isa::LdDst::kL2;
    ld.len = static_cast<uint32_t>(operands);
    load.Emit(ld, {"operands"});
    device_->Run(load.Finish());
    program_ = compiler::BuildGemm(problem_, config);
  }

  static constexpr uint64_t kImage = 0x800000;

  std::string Name() const {
    return problem_.m == problem_.n && problem_.n == problem_.k
               ? fmt::format("gemm_{}", problem_.m)
               : fmt::format("gemm_{}x{}x{}", problem_.m, problem_.n, problem_.k);
  }

  // Runs once; returns the counters of this run.
  runtime::Counters Run() {
    const runtime::Counters before = device_->counters();
    device_->Run(program_);
    runtime::Counters run = device_->counters();
    run.cycles -= before.cycles;
    for (size_t e = 0; e < runtime::kEngines; ++e) {
      for (size_t b = 0; b < runtime::kBuckets; ++b) run.engines[e][b] -= before.engines[e][b];
    }
    run.read_bytes -= before.read_bytes;
    run.write_bytes -= before.write_bytes;
    return run;
  }

  // Compares the result in L2 with the definition: acc += float(dot) * (fa * fw), k ascending.
  // Throws on a difference.
  void Verify(const isa::Config& config) {
    const wren::fp::FlushScope flush;
    std::vector<uint32_t> got(static_cast<size_t>(problem_.m) * static_cast<size_t>(problem_.n));
    compiler::Emitter fetch(config, 0, 0);
    isa::StCopy st;
    st.src_space = isa::StSrc::kL2;
    st.src = problem_.c;
    st.dst = kImage + (image_.size() + 4095) / 4096 * 4096;
    st.len = static_cast<uint32_t>(got.size() * 4);
    fetch.Emit(st, {"c"});
    device_->Run(fetch.Finish());
    device_->Read(st.dst, got.data(), got.size() * 4);
    const auto rows = static_cast<size_t>(config.rows), cols = static_cast<size_t>(config.cols),
               blocks = static_cast<size_t>(problem_.k) / 32;
    const auto scale = [&](uint32_t base, size_t block) {
      uint16_t d;
      std::memcpy(&d, &image_[base + 2 * block], 2);
      return wren::fp::F16ToF32(d);
    };
    for (size_t r = 0; r < static_cast<size_t>(problem_.m); ++r) {
      for (size_t c = 0; c < static_cast<size_t>(problem_.n); ++c) {
        volatile float acc = 0;
        for (size_t kb = 0; kb < blocks; ++kb) {
          const size_t ba = (r / rows * blocks + kb) * rows + r % rows,
                       bw = (c / cols * blocks + kb) * cols + c % cols;
          int32_t dot = 0;
          for (size_t i = 0; i < 32; ++i)
            dot += static_cast<int8_t>(image_[problem_.a + ba * 32 + i]) *
                   static_cast<int8_t>(image_[problem_.w + bw * 32 + i]);
          volatile float both = scale(problem_.a_scale, ba) * scale(problem_.w_scale, bw);
          volatile float term = static_cast<float>(dot) * both;
          acc = acc + term;
        }
        const uint32_t want = wren::fp::Bits(acc);
        if (got[r * static_cast<size_t>(problem_.n) + c] != want) {
          throw Error(fmt::format("{}: element [{}][{}] is 0x{:08x}, the definition gives 0x{:08x}",
                                  Name(), r, c, got[r * static_cast<size_t>(problem_.n) + c],
                                  want));
        }
      }
    }
  }

  uint64_t macs() const {
    return static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.n) *
           static_cast<uint64_t>(problem_.k);
  }
  // Bytes that must cross the L2 ports: operands in, result out.
  uint64_t bytes() const {
    return image_.size() +
           static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.n) * 4;
  }
  runtime::RtlDevice& device() { return *device_; }

 private:
  compiler::GemmProblem problem_;
  uint64_t ext_bytes_ = 0;
  std::unique_ptr<runtime::RtlDevice> device_;
  std::vector<uint8_t> image_;
  compiler::Program program_;
};

json Buckets(const runtime::Counters& counters) {
  json engines;
  for (size_t e = 0; e < runtime::kEngines; ++e) {
    for (size_t b = 0; b < runtime::kBuckets; ++b)
      engines[runtime::kEngineNames[e]][runtime::kBucketNames[b]] = counters.engines[e][b];
  }
  return engines;
}

void PrintRow(const json& r) {
  fmt::print("{:<22} {:>6} {:>12} {:>14} {:>8.1f}% {:>8.1f}% {:>12} {:>9.0f}\n",
             r["name"].get<std::string>(), r["config"].get<std::string>(),
             r["cycles"].get<uint64_t>(), r["macs"].get<uint64_t>(),
             100 * r["utilization"].get<double>(), 100 * r["share_of_bound"].get<double>(),
             r["bytes"].get<uint64_t>(), r["sim_khz"].get<double>());
}

std::vector<compiler::GemmProblem> GemmProblems(const std::string& config) {
  if (config == "nano") return {{64, 64, 128}, {128, 128, 128}};
  if (config == "small") return {{128, 128, 128}, {256, 256, 256}};
  return {{128, 128, 128}, {256, 256, 256}, {512, 512, 512}};
}

json GemmResult(const Options& o, const compiler::GemmProblem& problem) {
  const isa::Config config = isa::Config::Named(o.config);
  GemmRun run(o, problem, false);
  const double start = Cpu();
  const runtime::Counters counters = run.Run();
  const double seconds = Cpu() - start;
  if (run.device().timeline() != nullptr)
    run.device().timeline()->Write(fmt::format("{}/{}.json", o.timeline, run.Name()));
  run.Verify(config);
  const double peak = static_cast<double>(config.rows) * config.cols * 32;
  const auto cycles = static_cast<double>(counters.cycles);
  // What 64 (16 on nano) bytes a cycle each way and the array allow, each alone.
  const double out = static_cast<double>(problem.m) * problem.n * 4;
  const double bound =
      std::max({static_cast<double>(run.macs()) / peak,
                (static_cast<double>(run.bytes()) - out) / config.bus, out / config.bus});
  return {{"name", run.Name()},
          {"config", o.config},
          {"cycles", counters.cycles},
          {"macs", run.macs()},
          {"utilization", static_cast<double>(run.macs()) / peak / cycles},
          {"share_of_bound", bound / cycles},
          {"bytes", run.bytes()},
          {"sim_khz", cycles / seconds / 1e3},
          {"engines", Buckets(counters)},
          {"verified", true}};
}

// Simulation speed of a busy core: the largest product, without and with lockstep.
std::vector<json> SimResults(const Options& o) {
  std::vector<json> results;
  const compiler::GemmProblem problem = GemmProblems(o.config).back();
  double plain = 0;
  for (const bool lockstep : {false, true}) {
    GemmRun run(o, problem, lockstep);
    double best = 0;
    runtime::Counters counters;
    for (int i = 0; i < 3; ++i) {
      const double start = Cpu();
      counters = run.Run();
      best = std::max(best, static_cast<double>(counters.cycles) / (Cpu() - start) / 1e3);
    }
    if (!lockstep) plain = best;
    const isa::Config config = isa::Config::Named(o.config);
    const double peak = static_cast<double>(config.rows) * config.cols * 32;
    results.push_back(
        {{"name", fmt::format("sim_gemm_{}{}", o.config, lockstep ? "_lockstep" : "")},
         {"config", o.config},
         {"cycles", counters.cycles},
         {"macs", run.macs()},
         {"utilization",
          static_cast<double>(run.macs()) / peak / static_cast<double>(counters.cycles)},
         {"share_of_bound", best / plain},
         {"bytes", run.bytes()},
         {"sim_khz", best}});
  }
  return results;
}

// The bundled text model: prefill of the prompt and decode.
std::vector<json> TextResults(const Options& o) {
  const wren::ModelFile model = wren::LoadModel(WREN_SOURCE_DIR "/models/wren-kjv.gguf");
  const isa::Config config = isa::Config::Named(o.config);
  auto plan = std::make_unique<compiler::LanguageModel>(model, config);
  runtime::RtlDeviceOptions options;
  options.lockstep = false;
  options.rtl.seed = o.seed;
  options.rtl.memory.bytes = plan->ext_end();
  options.rtl.memory.kind = sim::ParseMemoryKind(o.dram);
  runtime::RtlDevice device(sim::ParseConfig(o.config), plan->ext_end(), options);
  runtime::DeviceText text(std::move(plan), &device);
  std::vector<int> prompt = model.tokenizer.Encode(
      "And the LORD said unto Moses, Speak unto the children of Israel, and say unto them,", true);
  std::vector<json> results;
  const auto add = [&](const std::string& name, const auto& step) {
    const runtime::Counters before = device.counters();
    const uint64_t macs_before = text.useful_macs();
    const double start = Cpu();
    step();
    const double seconds = Cpu() - start;
    const uint64_t cycles = device.counters().cycles - before.cycles,
                   macs = text.useful_macs() - macs_before;
    const uint64_t bytes = device.counters().read_bytes + device.counters().write_bytes -
                           before.read_bytes - before.write_bytes;
    const double peak = static_cast<double>(config.rows) * config.cols * 32;
    const double bound =
        std::max(static_cast<double>(macs) / peak, static_cast<double>(bytes) / config.bus);
    results.push_back(
        {{"name", name},
         {"config", o.config},
         {"cycles", cycles},
         {"macs", macs},
         {"utilization", static_cast<double>(macs) / peak / static_cast<double>(cycles)},
         {"share_of_bound", bound / static_cast<double>(cycles)},
         {"bytes", bytes},
         {"sim_khz", static_cast<double>(cycles) / seconds / 1e3}});
  };
  std::vector<float> logits;
  add(fmt::format("kjv_prefill_{}", prompt.size()), [&] { logits = text.Append(prompt, false); });
  add("kjv_decode_8", [&] {
    for (int i = 0; i < 8; ++i) logits = text.Append({wren::golden::Argmax(logits)}, false);
  });
  return results;
}

// What readers get from each kind of memory (the timing model alone), and what a token of the
// bundled model costs with it on the RTL.
std::vector<json> DramResults(const Options& o) {
  std::vector<json> results;
  fmt::print("{:<10} {:>10} {:>10} {:>9} {:>10} {:>9}\n", "dram", "peak GB/s", "sequence",
             "of peak", "random 64", "of peak");
  for (const sim::MemoryKind kind : sim::kMemoryKinds) {
    if (kind == sim::MemoryKind::kFixed) continue;
    const sim::DramTiming timing = sim::DramTiming::Of(kind);
    sim::DramModel in_order(timing), scattered(timing);
    sim::DramReader reader;
    const double sequence = reader.Run(&in_order);
    reader.random = true;
    reader.seed = o.seed;
    const double random = reader.Run(&scattered);
    fmt::print("{:<10} {:>10.1f} {:>10.1f} {:>8.1f}% {:>10.1f} {:>8.1f}%\n",
               sim::MemoryKindName(kind), timing.peak(), sequence, 100 * sequence / timing.peak(),
               random, 100 * random / timing.peak());
    results.push_back({{"name", fmt::format("dram_{}", sim::MemoryKindName(kind))},
                       {"peak_gb_per_s", timing.peak()},
                       {"sequential_gb_per_s", sequence},
                       {"sequential_share", sequence / timing.peak()},
                       {"random64_gb_per_s", random},
                       {"random64_share", random / timing.peak()}});
  }
  fmt::print("\n{:<10} {:>6} {:>16}\n", "dram", "config", "cycles per token");
  for (const char* kind : {"fixed", "lpddr5"}) {
    Options timed = o;
    timed.dram = kind;
    json r = TextResults(timed).back();
    r["dram"] = kind;
    r["cycles_per_token"] = r["cycles"].get<double>() / 8;
    r["name"] = fmt::format("kjv_decode_8_{}", kind);
    fmt::print("{:<10} {:>6} {:>16.0f}\n", kind, o.config, r["cycles_per_token"].get<double>());
    std::fflush(stdout);
    results.push_back(r);
  }
  return results;
}

int Main(const Options& o) {
  std::vector<json> results;
  if (o.list != "dram")
    fmt::print("{:<22} {:>6} {:>12} {:>14} {:>9} {:>9} {:>12} {:>9}\n", "name", "config", "cycles",
               "MACs", "of peak", o.list == "sim" ? "of plain" : "of bound", "bytes", "sim kHz");
  const auto keep = [&](const json& r) {
    PrintRow(r);
    std::fflush(stdout);
    results.push_back(r);
  };
  if (o.list == "gemm") {
    for (const compiler::GemmProblem& problem : GemmProblems(o.config))
      keep(GemmResult(o, problem));
  } else if (o.list == "sim") {
    for (const json& r : SimResults(o)) keep(r);
  } else if (o.list == "dram") {
    results = DramResults(o);
  } else {
    for (const json& r : TextResults(o)) keep(r);
  }
  utsname host{};
  uname(&host);
  const json out = {{"schema", 1},
                    {"command", fmt::format("wren-bench --config {} --list {} --seed {} --dram {}",
                                            o.config, o.list, o.seed, o.dram)},
                    {"dram", o.dram},
                    {"host",
                     {{"system", host.sysname},
                      {"machine", host.machine},
                      {"processors", std::thread::hardware_concurrency()}}},
                    {"results", results}};
  const std::filesystem::path path = o.out;
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream file(path);
  file << out.dump(1) << "\n";
  file.flush();
  if (!file) throw Error(fmt::format("cannot write {}; check the path and the space left", o.out));
  fmt::print("wrote {}\n", o.out);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"wren-bench: what problems cost on the RTL"};
  app.add_option(
         "--list", o.list,
         "gemm: products in L2; sim: speed of the simulation; text: the bundled text model; "
         "dram: bandwidth of each --dram, and the text model on fixed and lpddr5")
      ->check(CLI::IsMember({"gemm", "sim", "text", "dram"}))
      ->capture_default_str();
  app.add_option("--config", o.config, "Configuration")
      ->check(CLI::IsMember({"nano", "small", "full"}))
      ->capture_default_str();
  app.add_option("--out", o.out, "JSON file (default: build/bench/<list>.json)");
  app.add_option("--timeline", o.timeline,
                 "gemm: folder for a timeline of each problem that ui.perfetto.dev opens (slower)")
      ->check(CLI::ExistingDirectory);
  app.add_option("--dram", o.dram, "External memory: its timing")
      ->check(CLI::IsMember({"fixed", "ideal", "lpddr5", "hbm2e_307", "hbm2e_461"}))
      ->capture_default_str();
  app.add_option("--seed", o.seed, "Seed of operands and memory timing")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (o.out.empty()) o.out = fmt::format("build/bench/{}.json", o.list);
  try {
    return Main(o);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wren-bench: %s\n", error.what());
    return 1;
  }
}
