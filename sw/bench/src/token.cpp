// List 7b-token: one token of a network of the shape of Llama 2 7B (arXiv 2307.09288), Q4_0 weights
// in LPDDR5. Weights and KV cache are a hash of their addresses: nothing of the 3.8 GB is stored.
// The logits are compared with those of the instruction-set model over the same contents.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <unordered_map>

#include "bench.h"
#include "wren/compiler/language_model.h"
#include "wren/cpu_time.h"
#include "wren/error.h"
#include "wren/fp.h"
#include "wren/sim/axi_memory.h"
#include "wren/sim/dram.h"

namespace wren::bench {

namespace {

constexpr uint64_t kPage = 4096;

// External memory of the instruction-set model: the same contents, and what is written.
class Memory : public isa::ExtMemory {
 public:
  explicit Memory(const std::vector<sim::ProceduralRegion>& regions) : contents_(regions) {}
  void Read(uint64_t addr, void* data, size_t n) override {
    auto* to = static_cast<uint8_t*>(data);
    for (size_t part; n > 0; addr += part, to += part, n -= part) {
      part = std::min<size_t>(n, kPage - addr % kPage);
      const auto page = pages_.find(addr / kPage);
      if (page == pages_.end())
        contents_.Read(addr, to, part);
      else
        std::memcpy(to, &page->second[addr % kPage], part);
    }
  }
  void Write(uint64_t addr, const void* data, size_t n) override {
    const auto* from = static_cast<const uint8_t*>(data);
    for (size_t part; n > 0; addr += part, from += part, n -= part) {
      part = std::min<size_t>(n, kPage - addr % kPage);
      std::vector<uint8_t>& page = pages_[addr / kPage];
      if (page.empty()) {
        page.resize(kPage);
        contents_.Read(addr / kPage * kPage, page.data(), kPage);
      }
      std::memcpy(&page[addr % kPage], from, part);
    }
  }

 private:
  sim::ProceduralContents contents_;
  std::unordered_map<uint64_t, std::vector<uint8_t>> pages_;
};

// Numbers that keep activations of the order of 1.
std::vector<sim::ProceduralRegion> Fill(const compiler::LanguageModel& plan, int dim) {
  // Scales are +-[1, 2) * 2^e: a row of weights then has a norm of about 1.
  int exponent = -3;
  for (int n = 16; n < dim; n *= 4) --exponent;
  const auto half = static_cast<uint32_t>(exponent + 15) << 10;
  std::vector<sim::ProceduralRegion> regions;
  for (const compiler::Hole& hole : plan.holes()) {
    sim::ProceduralRegion r{hole.address, hole.bytes};
    switch (hole.content) {
      case compiler::Hole::Content::kQuants:
        break;
      case compiler::Hole::Content::kScales:
        r.keep = 0x83FF83FFu;
        r.set = half << 16 | half;
        break;
      case compiler::Hole::Content::kVector:  // [1, 2)
        r.keep = 0x007FFFFFu;
        r.set = 0x3F800000u;
        break;
      case compiler::Hole::Content::kEmbedding:  // +-[1, 2)
        r.keep = 0x807FFFFFu;
        r.set = 0x3F800000u;
        break;
    }
    regions.push_back(r);
  }
  return regions;
}

}  // namespace

void Token7b(const Options& o, const Report& report) {
  const isa::Config config = o.shape();
  const std::string dram = o.dram == "fixed" ? "lpddr5" : o.dram;
  Hyperparameters hp;
  hp.dim = 4096, hp.hidden = 11008, hp.n_layers = 32, hp.n_heads = hp.n_kv_heads = 32;
  hp.head_dim = 128, hp.vocab = 32000, hp.context = 256;
  int position = 127;
  if (o.config != "full") {  // a network that fits
    hp.dim = o.config == "nano" ? 128 : 512;
    hp.hidden = hp.dim / 128 * 352, hp.n_layers = 2, hp.n_heads = hp.n_kv_heads = 4;
    hp.head_dim = hp.dim / 4, hp.vocab = 1024, hp.context = 64;
    position = 31;
  }
  hp.norm_eps = 1e-5f, hp.rope_theta = 10000.0f, hp.rope_dim = hp.head_dim;
  const int whole = hp.n_layers;
  if (o.layers > 0) hp.n_layers = std::min(o.layers, whole);
  compiler::CompileOptions compile;
  compile.max_rows = 1;
  compiler::LanguageModel plan(hp, isa::WeightFormat::kQ40, config, compile);

  runtime::RtlDeviceOptions options;
  options.lockstep = false;
  options.rtl.seed = o.seed;
  options.rtl.host_arithmetic = o.host_arithmetic();
  options.rtl.memory.bytes = plan.ext_end();
  options.rtl.memory.kind = sim::ParseMemoryKind(dram);
  options.rtl.memory.procedural = true;
  options.rtl.memory.regions = Fill(plan, hp.dim);
  size_t commands = 1;
  double start = CpuSeconds(), shown = start;
  options.progress = [&](uint32_t retired, uint64_t cycle) {
    if (CpuSeconds() < shown + 5) return;
    shown = CpuSeconds();
    std::fprintf(stderr, "7b-token: %5.1f%% of %zu commands, %.1f million cycles, %.0f s\n",
                 100.0 * retired / static_cast<double>(commands), commands,
                 static_cast<double>(cycle) / 1e6, shown - start);
  };
  runtime::RtlDevice device(sim::ParseConfig(o.config), plan.ext_end(), options);
  Memory memory(options.rtl.memory.regions);
  const uint32_t token = 1 + static_cast<uint32_t>(o.seed) % 1000;
  for (const compiler::Image& image : plan.images()) {
    device.Write(image.address, image.bytes.data(), image.bytes.size());
    memory.Write(image.address, image.bytes.data(), image.bytes.size());
  }
  device.Write(plan.tokens_address(), &token, 4);
  memory.Write(plan.tokens_address(), &token, 4);
  const compiler::Program setup = plan.BuildSetup(), step = plan.BuildStep(position, 1, false);
  commands = step.commands.size();
  device.Run(setup);
  const Cost cost = Measure(device, [&] { device.Run(step); });

  std::fprintf(stderr, "7b-token: the same on the instruction-set model\n");
  isa::Model model(config, memory);
  for (const compiler::Program* program : {&setup, &step}) {
    const isa::RunResult run = model.RunProgram(program->bytes(), program->commands.size());
    if (!run.status.ok()) throw Error(fmt::format("7b-token: {}", run.status.ToString()));
  }
  std::vector<uint32_t> got(static_cast<size_t>(hp.vocab)), want(got.size());
  device.Read(plan.logits_address(0), got.data(), got.size() * 4);
  memory.Read(plan.logits_address(0), want.data(), want.size() * 4);
  double squares = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const float value = fp::FromBits(want[i]);
    squares += static_cast<double>(value) * static_cast<double>(value);
    if (got[i] != want[i]) {
      throw Error(fmt::format("7b-token: logit {} is 0x{:08x}, the model gives 0x{:08x}", i, got[i],
                              want[i]));
    }
  }
  const double rms = std::sqrt(squares / static_cast<double>(got.size()));
  if (!(rms > 1e-3 && rms < 1e3))
    throw Error(fmt::format("7b-token: the logits have an RMS of {}: contents run away", rms));

  // Matrices once, and the keys and values of every token with their scales.
  const uint64_t cached =
      static_cast<uint64_t>(hp.n_layers) * static_cast<uint64_t>(position + 1) *
      static_cast<uint64_t>(hp.n_kv_heads) *
      (2 * static_cast<uint64_t>(hp.head_dim) + static_cast<uint64_t>(hp.head_dim) / 16 + 2);
  const Traffic traffic = Traffic::Ext(config, dram, plan.matrix_bytes() + cached, 0);
  const std::string name =
      o.config != "full"     ? fmt::format("llama_{}x{}_token_{}", hp.dim, hp.n_layers, dram)
      : hp.n_layers == whole ? fmt::format("llama2_7b_token_{}", dram)
                             : fmt::format("llama2_7b_{}_of_32_layers_{}", hp.n_layers, dram);
  nlohmann::json r = Result(o, name, plan.UsefulMacs(position, 1, false), traffic, cost);
  r["dram"] = dram;
  r["verified"] = true;
  r["n_layers"] = hp.n_layers;
  r["context"] = position + 1;
  r["logits_rms"] = rms;
  r["tokens_per_s"] = 1e9 / static_cast<double>(cost.counters.cycles);
  r["bound_tokens_per_s"] = 1e9 / traffic.bound();
  report(r);
  fmt::print("  {:.2f} tokens/s at 1 GHz; {:.2f} if all {:.1f} GB/s went to weights and cache\n",
             r["tokens_per_s"].get<double>(), r["bound_tokens_per_s"].get<double>(),
             traffic.in_peak);
}

}  // namespace wren::bench
