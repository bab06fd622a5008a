// List gemm: products of Q8_0 operands, from L2 to L2 and from external memory to external memory.
#include <fmt/format.h>

#include <cstring>

#include "gemm_run.h"
#include "wren/error.h"
#include "wren/fp.h"

namespace wren::bench {

namespace {

constexpr uint64_t kExtBase = 0x800000;  // below: the command ring

uint64_t Bytes(const compiler::GemmProblem& p) {
  const uint64_t results = static_cast<uint64_t>(p.m) * static_cast<uint64_t>(p.n);
  return p.result == compiler::ResultFormat::kQ80 ? results / 32 * 34 : results * 4;
}

}  // namespace

GemmRun::GemmRun(const Options& o, compiler::GemmProblem problem, const std::string& dram,
                 bool lockstep)
    : config_(o.shape()), dram_(dram), problem_(problem) {
  const compiler::GemmBytes end = compiler::PlaceGemm(&problem_, config_, kExtBase);
  plan_ = compiler::PlanWeights(problem_.m, problem_.n, problem_.k, problem_.format, config_);
  scratch_ = (end.ext + 4095) / 4096 * 4096;
  const uint64_t ext_bytes = scratch_ + (end.l2 + 4095) / 4096 * 4096 + 4096;
  runtime::RtlDeviceOptions options;
  options.lockstep = lockstep;
  options.timeline = !o.timeline.empty();
  options.rtl.seed = o.seed;
  options.rtl.host_arithmetic = o.host_arithmetic();
  options.rtl.memory.bytes = ext_bytes;
  options.rtl.memory.kind = sim::ParseMemoryKind(dram);
  options.test = fmt::format("bench.gemm_{}", Shape());
  device_ = std::make_unique<runtime::RtlDevice>(sim::ParseConfig(o.config), ext_bytes, options);

  // Scales around 2^-7 so that results are of the order of 1.
  std::mt19937_64 random(o.seed);
  a_ = RandomBlocks(problem_.m, problem_.k, isa::WeightFormat::kQ8, -7, &random);
  w_ = RandomBlocks(problem_.n, problem_.k, problem_.format, -7, &random);
  compiler::Emitter load(config_, 0, 0);
  bool loads = false;
  const auto put = [&](isa::ExtSpace space, uint64_t address, const std::vector<uint8_t>& bytes) {
    if (space == isa::ExtSpace::kExt) {
      device_->Write(address, bytes.data(), bytes.size());
      return;
    }
    device_->Write(scratch_ + address, bytes.data(), bytes.size());
    isa::LdCopy ld;
    ld.src = scratch_ + address;
    ld.dst_space = isa::LdDst::kL2;
    ld.dst = static_cast<uint32_t>(address);
    ld.len = static_cast<uint32_t>(bytes.size());
    load.Emit(ld, {"operands"});
    loads = true;
  };
  put(problem_.a_space, problem_.a, PackInput(a_, config_));
  put(problem_.a_space, problem_.a_scale, PackInputScales(a_, config_));
  put(problem_.w_space, problem_.w, compiler::PackWeights(plan_, w_.q, w_.d, config_));
  if (loads) device_->Run(load.Finish());
  program_ = compiler::BuildGemm(problem_, config_);
}

std::string GemmRun::Shape() const {
  return problem_.m == problem_.n && problem_.n == problem_.k
             ? fmt::format("{}", problem_.m)
             : fmt::format("{}x{}x{}", problem_.m, problem_.n, problem_.k);
}

Cost GemmRun::Run() {
  return Measure(*device_, [&] { device_->Run(program_); });
}

std::vector<uint8_t> GemmRun::ResultBytes(isa::ExtSpace space, uint64_t address, uint64_t bytes) {
  std::vector<uint8_t> out(bytes);
  if (space == isa::ExtSpace::kL2) {
    compiler::Emitter fetch(config_, 0, 0);
    isa::StCopy st;
    st.src_space = isa::StSrc::kL2;
    st.src = static_cast<uint32_t>(address);
    st.dst = scratch_ + address;
    st.len = static_cast<uint32_t>(bytes);
    fetch.Emit(st, {"c"});
    device_->Run(fetch.Finish());
    address = st.dst;
  }
  device_->Read(address, out.data(), bytes);
  return out;
}

void GemmRun::Verify() {
  const fp::FlushScope flush;
  const bool q8 = problem_.result == compiler::ResultFormat::kQ80;
  const auto m = static_cast<size_t>(problem_.m), n = static_cast<size_t>(problem_.n);
  const std::vector<uint8_t> got = ResultBytes(problem_.c_space, problem_.c, m * n * (q8 ? 1 : 4));
  const std::vector<uint8_t> scales =
      q8 ? ResultBytes(problem_.c_space, problem_.c_scale, m * n / 16) : std::vector<uint8_t>();
  const auto fail = [&](size_t r, size_t c, const char* what, uint32_t is, uint32_t want) {
    throw Error(fmt::format("gemm {}: {} [{}][{}] is 0x{:08x}, the definition gives 0x{:08x}",
                            Shape(), what, r, c, is, want));
  };
  for (size_t r = 0; r < m; ++r) {
    for (size_t c = 0; c < n; c += 32) {
      float want[32];
      for (size_t i = 0; i < 32; ++i)
        want[i] = Product(a_, static_cast<int>(r), w_, static_cast<int>(c + i));
      if (!q8) {
        uint32_t is[32];
        std::memcpy(is, &got[(r * n + c) * 4], sizeof is);
        for (size_t i = 0; i < 32; ++i) {
          if (is[i] != fp::Bits(want[i])) fail(r, c + i, "element", is[i], fp::Bits(want[i]));
        }
        continue;
      }
      int8_t q[32];
      uint16_t d, is;
      QuantizeBlock(want, q, &d);
      std::memcpy(&is, &scales[(r * n + c) / 16], 2);
      if (is != d) fail(r, c / 32, "scale", is, d);
      for (size_t i = 0; i < 32; ++i) {
        if (got[r * n + c + i] != static_cast<uint8_t>(q[i]))
          fail(r, c + i, "element", got[r * n + c + i], static_cast<uint8_t>(q[i]));
      }
    }
  }
}

uint64_t GemmRun::macs() const {
  return static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.n) *
         static_cast<uint64_t>(problem_.k);
}

Traffic GemmRun::traffic() const {
  const uint64_t a =
      static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.k) / 32 * 34;
  uint64_t in[2] = {0, 0}, out[2] = {0, 0};  // by space
  in[static_cast<size_t>(problem_.a_space)] += a;
  in[static_cast<size_t>(problem_.w_space)] += plan_.bytes;
  out[static_cast<size_t>(problem_.c_space)] += Bytes(problem_);
  if (in[0] + out[0] > 0) return Traffic::Ext(config_, dram_, in[0], out[0]);
  return Traffic::L2(config_, in[1], out[1]);
}

std::vector<compiler::GemmProblem> GemmProblems(const std::string& config) {
  const auto cube = [](int n) {
    compiler::GemmProblem p;
    p.m = p.n = p.k = n;
    return p;
  };
  if (config == "nano") {
    compiler::GemmProblem p;
    p.m = p.n = 64, p.k = 128;
    return {p, cube(128)};
  }
  if (config == "small") return {cube(128), cube(256)};
  return {cube(128), cube(256), cube(512)};
}

void Gemm(const Options& o, const Report& report) {
  const auto one = [&](const compiler::GemmProblem& problem, const std::string& dram,
                       const std::string& suffix) {
    GemmRun run(o, problem, dram, false);
    const std::string name = fmt::format("gemm_{}{}", run.Shape(), suffix);
    const Cost cost = run.Run();
    WriteTimeline(o, run.device(), name);
    run.Verify();
    nlohmann::json r = Result(o, name, run.macs(), run.traffic(), cost);
    r["verified"] = true;
    r["dram"] = dram;
    report(r);
  };
  for (const compiler::GemmProblem& problem : GemmProblems(o.config)) one(problem, o.dram, "");
  if (o.config == "full") {
    compiler::GemmProblem p;
    p.m = p.n = p.k = 1024;
    p.result = compiler::ResultFormat::kQ80;  // so that all of it fits 4 MiB
    one(p, o.dram, "_q8_0");
  }
  compiler::GemmProblem layer;
  layer.m = 128;
  layer.n = layer.k = o.config == "full" ? 4096 : o.config == "small" ? 512 : 128;
  layer.a_space = layer.w_space = layer.c_space = isa::ExtSpace::kExt;
  one(layer, "lpddr5", "_lpddr5");
}

}  // namespace wren::bench
