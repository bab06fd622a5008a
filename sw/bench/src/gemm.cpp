// List gemm: products of Q8_0 operands in L2, FP32 result to L2.
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <random>

#include "gemm_run.h"
#include "wren/error.h"
#include "wren/fp.h"

namespace wren::bench {

GemmRun::GemmRun(const Options& o, compiler::GemmProblem problem, bool lockstep)
    : config_(o.shape()), problem_(problem) {
  const uint64_t result = static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.n) * 4;
  const uint64_t operands = compiler::PlaceGemm(&problem_) - result;
  const uint64_t ext_bytes = kImage + operands + result + 8192;
  runtime::RtlDeviceOptions options;
  options.lockstep = lockstep;
  options.timeline = !o.timeline.empty();
  options.rtl.seed = o.seed;
  options.rtl.memory.bytes = ext_bytes;
  options.rtl.memory.kind = sim::ParseMemoryKind(o.dram);
  options.test = fmt::format("bench.{}", Name());
  device_ = std::make_unique<runtime::RtlDevice>(sim::ParseConfig(o.config), ext_bytes, options);

  // Random blocks; scales around 2^-7 so that results are of the order of 1.
  std::mt19937_64 random(o.seed);
  image_.resize(operands);
  const auto fill = [&](uint32_t data, uint32_t scale, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i)
      image_[data + i] = static_cast<uint8_t>(random() % 255 - 127);
    for (uint64_t i = 0; i < count / 32; ++i) {
      const uint16_t d =
          fp::F32ToF16(std::ldexp(1.0f + static_cast<float>(random() % 1024) / 1024.0f, -7));
      std::memcpy(&image_[scale + 2 * i], &d, 2);
    }
  };
  fill(problem_.a, problem_.a_scale,
       static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.k));
  fill(problem_.w, problem_.w_scale,
       static_cast<uint64_t>(problem_.n) * static_cast<uint64_t>(problem_.k));
  device_->Write(kImage, image_.data(), image_.size());
  compiler::Emitter load(config_, 0, 0);
  isa::LdCopy ld;
  ld.src = kImage;
  ld.dst_space = isa::LdDst::kL2;
  ld.len = static_cast<uint32_t>(operands);
  load.Emit(ld, {"operands"});
  device_->Run(load.Finish());
  program_ = compiler::BuildGemm(problem_, config_);
}

std::string GemmRun::Name() const {
  return problem_.m == problem_.n && problem_.n == problem_.k
             ? fmt::format("gemm_{}", problem_.m)
             : fmt::format("gemm_{}x{}x{}", problem_.m, problem_.n, problem_.k);
}

Cost GemmRun::Run() {
  return Measure(*device_, [&] { device_->Run(program_); });
}

void GemmRun::Verify() {
  const fp::FlushScope flush;
  std::vector<uint32_t> got(static_cast<size_t>(problem_.m) * static_cast<size_t>(problem_.n));
  compiler::Emitter fetch(config_, 0, 0);
  isa::StCopy st;
  st.src_space = isa::StSrc::kL2;
  st.src = problem_.c;
  st.dst = kImage + (image_.size() + 4095) / 4096 * 4096;
  st.len = static_cast<uint32_t>(got.size() * 4);
  fetch.Emit(st, {"c"});
  device_->Run(fetch.Finish());
  device_->Read(st.dst, got.data(), got.size() * 4);
  const auto rows = static_cast<size_t>(config_.rows), cols = static_cast<size_t>(config_.cols),
             blocks = static_cast<size_t>(problem_.k) / 32;
  const auto scale = [&](uint32_t base, size_t block) {
    uint16_t d;
    std::memcpy(&d, &image_[base + 2 * block], 2);
    return fp::F16ToF32(d);
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
      const uint32_t want = fp::Bits(acc);
      if (got[r * static_cast<size_t>(problem_.n) + c] != want) {
        throw Error(fmt::format("{}: element [{}][{}] is 0x{:08x}, the definition gives 0x{:08x}",
                                Name(), r, c, got[r * static_cast<size_t>(problem_.n) + c], want));
      }
    }
  }
}

uint64_t GemmRun::macs() const {
  return static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.n) *
         static_cast<uint64_t>(problem_.k);
}

Traffic GemmRun::traffic() const {
  return Traffic::L2(config_, image_.size(),
                     static_cast<uint64_t>(problem_.m) * static_cast<uint64_t>(problem_.n) * 4);
}

std::vector<compiler::GemmProblem> GemmProblems(const std::string& config) {
  if (config == "nano") return {{64, 64, 128}, {128, 128, 128}};
  if (config == "small") return {{128, 128, 128}, {256, 256, 256}};
  return {{128, 128, 128}, {256, 256, 256}, {512, 512, 512}};
}

void Gemm(const Options& o, const Report& report) {
  for (const compiler::GemmProblem& problem : GemmProblems(o.config)) {
    GemmRun run(o, problem, false);
    const Cost cost = run.Run();
    WriteTimeline(o, run.device(), run.Name());
    run.Verify();
    nlohmann::json r = Result(o, run.Name(), run.macs(), run.traffic(), cost);
    r["verified"] = true;
    report(r);
  }
}

}  // namespace wren::bench
