// List decode: one row times a layer whose weights stream from LPDDR5, each byte once.
#include <fmt/format.h>

#include "gemm_run.h"
#include "wren/error.h"
#include "wren/sim/dram.h"

namespace wren::bench {

void Decode(const Options& o, const Report& report) {
  const std::string dram = o.dram == "fixed" ? "lpddr5" : o.dram;
  const int size = o.config == "full" ? 4096 : o.config == "small" ? 1024 : 256;
  for (const isa::WeightFormat format : {isa::WeightFormat::kQ8, isa::WeightFormat::kQ40}) {
    compiler::GemmProblem p;
    p.m = 1;
    p.n = p.k = size;
    p.format = format;
    p.a_space = p.w_space = p.c_space = isa::ExtSpace::kExt;
    GemmRun run(o, p, dram, false);
    const std::string name = fmt::format("decode_{}x{}_{}_{}", size, size,
                                         format == isa::WeightFormat::kQ8 ? "q8_0" : "q4_0", dram);
    const Cost cost = run.Run();
    WriteTimeline(o, run.device(), name);
    run.Verify();
    // The program reads weights, one row of x with scales in whole words of AB, and commands. Whole
    // beats: ends that are not aligned cost up to two.
    const isa::Config config = o.shape();
    const uint64_t input =
        compiler::InputBytes(1, size, config) + compiler::InputScaleBytes(1, size, config);
    if (cost.counters.read_bytes < run.weight_bytes() ||
        cost.counters.read_bytes > run.weight_bytes() + input + 4096) {
      throw Error(fmt::format("{}: {} bytes were read; the weights have {}, the input {}", name,
                              cost.counters.read_bytes, run.weight_bytes(), input));
    }
    const auto cycles = static_cast<double>(cost.counters.cycles);
    const double rate = static_cast<double>(run.weight_bytes()) / cycles;  // of weights alone
    nlohmann::json r = Result(o, name, run.macs(), run.traffic(), cost);
    const sim::MemoryKind kind = sim::ParseMemoryKind(dram);
    sim::DramModel model(sim::DramTiming::Of(kind));
    const double ideal = sim::DramReader().Run(&model), peak = model.timing().peak();
    r["dram"] = dram;
    r["verified"] = true;
    r["weight_bytes"] = run.weight_bytes();
    r["gb_per_s"] = rate;
    r["ideal_reader_gb_per_s"] = ideal;
    r["share_of_ideal_reader"] = rate / std::min(ideal, static_cast<double>(config.bus));
    r["share_of_peak_bandwidth"] = rate / std::min(peak, static_cast<double>(config.bus));
    report(r);
    fmt::print(
        "  weights at {:.2f} GB/s: {:.1f}% of an ideal sequential reader ({:.2f}), {:.1f}% of "
        "peak\n",
        rate, 100 * r["share_of_ideal_reader"].get<double>(), ideal,
        100 * r["share_of_peak_bandwidth"].get<double>());
  }
}

}  // namespace wren::bench
