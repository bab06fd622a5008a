// List norm: LayerNorm and RMSNorm of FP32 rows, in L2 and from LPDDR5.
#include "wren/compiler/norm.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <random>

#include "bench.h"
#include "wren/error.h"
#include "wren/fp.h"
#include "wren/tables/tables.h"

namespace wren::bench {

namespace {

constexpr uint64_t kExtBase = 0x800000;  // below: the command ring
constexpr uint64_t kTable = kExtBase - 0x10000;

// Bytes of external memory that a device holds: result data, then scales.
std::vector<uint8_t> ResultOf(const runtime::Device& device, const compiler::NormProblem& p,
                              uint64_t offset) {
  const uint64_t count = static_cast<uint64_t>(p.rows) * static_cast<uint64_t>(p.cols);
  const bool q8 = p.result == compiler::ResultFormat::kQ80;
  std::vector<uint8_t> bytes(q8 ? count / 16 * 17 : count * 4);
  device.Read(p.c + offset, bytes.data(), q8 ? count : count * 4);
  if (q8) device.Read(p.c_scale + offset, bytes.data() + count, count / 16);
  return bytes;
}

// Largest distance from the formula in double, in units of what the format allows.
void CheckMathematics(const compiler::NormProblem& p, const std::vector<float>& x,
                      const std::vector<float>& gamma, const std::vector<float>& beta,
                      const std::vector<uint8_t>& result, const std::string& name) {
  const auto cols = static_cast<size_t>(p.cols), count = static_cast<size_t>(p.rows) * cols;
  const bool q8 = p.result == compiler::ResultFormat::kQ80;
  for (size_t r = 0; r < static_cast<size_t>(p.rows); ++r) {
    const float* row = &x[r * cols];
    double mean = 0, squares = 0;
    for (size_t c = 0; c < cols; ++c) mean += static_cast<double>(row[c]);
    mean = p.layer ? mean / p.cols : 0;
    for (size_t c = 0; c < cols; ++c)
      squares += (static_cast<double>(row[c]) - mean) * (static_cast<double>(row[c]) - mean);
    const double scale = 1 / std::sqrt(squares / p.cols + static_cast<double>(p.eps));
    for (size_t c = 0; c < cols; ++c) {
      const double want =
          (static_cast<double>(row[c]) - mean) * scale * static_cast<double>(gamma[c]) +
          (p.layer ? static_cast<double>(beta[c]) : 0);
      double got, allowed = 2e-5;
      if (q8) {
        uint16_t d;
        std::memcpy(&d, &result[count + (r * cols + c) / 32 * 2], 2);
        const auto step = static_cast<double>(fp::F16ToF32(d));
        got = static_cast<int8_t>(result[r * cols + c]) * step;
        allowed += 0.57 * step;  // half a step, and the scale's own rounding times 127
      } else {
        float value;
        std::memcpy(&value, &result[(r * cols + c) * 4], 4);
        got = static_cast<double>(value);
      }
      if (!(std::fabs(got - want) <= allowed))
        throw Error(
            fmt::format("{}: element [{}][{}] is {}, the formula gives {}", name, r, c, got, want));
    }
  }
}

void One(const Options& o, compiler::NormProblem p, const std::string& dram, const Report& report) {
  const isa::Config config = o.shape();
  const bool ext = p.space == isa::ExtSpace::kExt;
  const uint64_t end = compiler::PlaceNorm(&p, ext ? kExtBase : 0);
  const uint64_t offset = ext ? 0 : kExtBase;  // of addresses in the copy in external memory
  const uint64_t ext_bytes = end + offset + 4096;
  const std::string name = fmt::format("{}_{}x{}{}", p.layer ? "layernorm" : "rmsnorm", p.rows,
                                       p.cols, ext ? "_q8_0_" + dram : "");
  runtime::RtlDeviceOptions options;
  options.lockstep = false;
  options.timeline = !o.timeline.empty();
  options.rtl.seed = o.seed;
  options.rtl.host_arithmetic = o.host_arithmetic();
  options.rtl.memory.bytes = ext_bytes;
  options.rtl.memory.kind = sim::ParseMemoryKind(dram);
  runtime::RtlDevice rtl(sim::ParseConfig(o.config), ext_bytes, options);
  runtime::IsaDevice isa(config, ext_bytes);

  std::mt19937_64 random(o.seed);
  const auto vector = [&](size_t n, float low, float high) {
    std::vector<float> v(n);
    for (float& value : v)
      value = low + (high - low) * static_cast<float>(random() % 65536) / 65536.0f;
    return v;
  };
  const auto cols = static_cast<size_t>(p.cols);
  const std::vector<float> x = vector(static_cast<size_t>(p.rows) * cols, -2.0f, 3.0f),
                           gamma = vector(cols, 0.5f, 1.5f), beta = vector(cols, -1.0f, 1.0f);
  const std::vector<uint8_t> table = tables::BuildTable(tables::Function::kRsqrt);
  compiler::Emitter load(config, 0, 0), fetch(config, 0, 0);
  isa::LdCopy ld;
  ld.src = kTable;
  ld.dst_space = isa::LdDst::kLut;
  ld.len = static_cast<uint32_t>(table.size());
  load.Emit(ld, {"table"});
  if (!ext) {
    ld.src = kExtBase;
    ld.dst_space = isa::LdDst::kL2;
    ld.len = static_cast<uint32_t>(p.c);
    load.Emit(ld, {"operands"});
  }
  isa::StCopy st;
  st.src_space = isa::StSrc::kL2;
  st.src = static_cast<uint32_t>(p.c);
  st.dst = p.c + offset;
  st.len = static_cast<uint32_t>(end - p.c);
  if (!ext) fetch.Emit(st, {"result"});
  const compiler::Program setup = load.Finish(), back = fetch.Finish(),
                          program = compiler::BuildNorm(p, config);
  Cost cost;
  for (runtime::Device* device :
       {static_cast<runtime::Device*>(&rtl), static_cast<runtime::Device*>(&isa)}) {
    device->Write(kTable, table.data(), table.size());
    device->Write(p.x + offset, x.data(), x.size() * 4);
    device->Write(p.gamma + offset, gamma.data(), cols * 4);
    device->Write(p.beta + offset, beta.data(), cols * 4);
    device->Run(setup);
    const Cost run = Measure(*device, [&] { device->Run(program); });
    if (device == &rtl) cost = run;
    device->Run(back);
  }
  WriteTimeline(o, rtl, name);
  const std::vector<uint8_t> got = ResultOf(rtl, p, offset), want = ResultOf(isa, p, offset);
  if (got != want) throw Error(fmt::format("{}: not what the instruction-set model gives", name));
  CheckMathematics(p, x, gamma, beta, got, name);

  const uint64_t in = x.size() * 4 + cols * (p.layer ? 8 : 4);
  const Traffic traffic =
      ext ? Traffic::Ext(config, dram, in, got.size()) : Traffic::L2(config, in, got.size());
  nlohmann::json r = Result(o, name, 0, traffic, cost);
  r["verified"] = true;
  // The GTA's own bound: sweeps of LANES elements a cycle.
  r["vector_share"] = static_cast<double>(p.sweeps()) * static_cast<double>(x.size()) /
                      config.lanes / static_cast<double>(cost.counters.cycles);
  report(r);
  fmt::print("  {} sweeps of {} lanes alone: {:.1f}% of the cycles\n", p.sweeps(), config.lanes,
             100 * r["vector_share"].get<double>());
}

}  // namespace

void Norm(const Options& o, const Report& report) {
  for (const bool layer : {true, false}) {
    compiler::NormProblem p;
    p.layer = layer;
    p.rows = 128, p.cols = 384;
    if (o.config == "nano") p.rows = 32, p.cols = 128;
    One(o, p, o.dram, report);
    p.rows = 2048, p.cols = 4096;
    if (o.config == "small") p.rows = 128, p.cols = 1024;
    if (o.config == "nano") p.rows = 64, p.cols = 128;
    p.space = isa::ExtSpace::kExt;
    p.result = compiler::ResultFormat::kQ80;
    One(o, p, o.dram == "fixed" ? "lpddr5" : o.dram, report);
  }
}

}  // namespace wren::bench
