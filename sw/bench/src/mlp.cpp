// List mlp: the MLP block with GELU of a transformer, everything in L2.
#include "wren/compiler/mlp.h"

#include <fmt/format.h>

#include <cstring>

#include "bench.h"
#include "operands.h"
#include "wren/error.h"
#include "wren/fp.h"
#include "wren/tables/tables.h"

namespace wren::bench {

namespace {

constexpr uint64_t kExtBase = 0x800000;  // below: the command ring

// act(x + bias) per element, then Q8_0: the first half of the block, by its definition.
WREN_NOINLINE Blocks Hidden(const Blocks& x, const Blocks& up, const std::vector<float>& bias,
                            const std::vector<uint8_t>& table) {
  Blocks h;
  h.rows = x.rows, h.k = up.rows;
  h.v.resize(static_cast<size_t>(h.rows) * static_cast<size_t>(h.k));
  h.d.resize(h.v.size() / 32);
  for (int r = 0; r < h.rows; ++r) {
    for (int c = 0; c < h.k; c += 32) {
      float p[32], f[32];
      for (int i = 0; i < 32; ++i)
        p[i] = Product(x, r, up, c + i) + bias[static_cast<size_t>(c + i)];
      isa::EvalTable(table.data(), p, f, 32);
      for (int i = 0; i < 32; ++i) f[i] = f[i] * p[i];
      const size_t at = static_cast<size_t>(r) * static_cast<size_t>(h.k) + static_cast<size_t>(c);
      QuantizeBlock(f, &h.v[at], &h.d[at / 32]);
    }
  }
  return h;
}

}  // namespace

void Mlp(const Options& o, const Report& report) {
  const isa::Config config = o.shape();
  compiler::MlpProblem p;
  p.m = 128, p.d = 384, p.hidden = 1536;
  if (o.config == "small") p.m = 64, p.d = 192, p.hidden = 768;
  if (o.config == "nano") p.m = 8, p.d = 64, p.hidden = 256;
  const uint64_t end = compiler::PlaceMlp(&p, config);
  const uint64_t table_at = kExtBase + (end + 4095) / 4096 * 4096;
  const uint64_t ext_bytes = table_at + 8192;
  const std::string name = fmt::format("mlp_gelu_{}x{}x{}", p.m, p.d, p.hidden);
  runtime::RtlDeviceOptions options;
  options.lockstep = false;
  options.timeline = !o.timeline.empty();
  options.rtl.seed = o.seed;
  options.rtl.host_arithmetic = o.host_arithmetic();
  options.rtl.memory.bytes = ext_bytes;
  options.rtl.memory.kind = sim::ParseMemoryKind(o.dram);
  runtime::RtlDevice device(sim::ParseConfig(o.config), ext_bytes, options);

  std::mt19937_64 random(o.seed);
  const isa::WeightFormat q8 = isa::WeightFormat::kQ8;
  const Blocks x = RandomBlocks(p.m, p.d, q8, -7, &random),
               up = RandomBlocks(p.hidden, p.d, q8, -10, &random),
               down = RandomBlocks(p.d, p.hidden, q8, -10, &random);
  const auto vector = [&](int n) {
    std::vector<float> v(static_cast<size_t>(n));
    for (float& value : v) value = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
    return v;
  };
  const std::vector<float> up_bias = vector(p.hidden), down_bias = vector(p.d);
  const std::vector<uint8_t> table = tables::BuildTable(tables::Function::kPhi);
  compiler::Emitter load(config, 0, 0);
  const auto put = [&](uint64_t address, const void* data, size_t bytes) {
    device.Write(kExtBase + address, data, bytes);
  };
  const auto put_bytes = [&](uint64_t address, const std::vector<uint8_t>& bytes) {
    put(address, bytes.data(), bytes.size());
  };
  put_bytes(p.x, PackInput(x, config));
  put_bytes(p.x_scale, PackInputScales(x, config));
  put_bytes(p.up, compiler::PackWeights(p.UpPlan(config), up.q, up.d, config));
  put_bytes(p.down, compiler::PackWeights(p.DownPlan(config), down.q, down.d, config));
  put(p.up_bias, up_bias.data(), up_bias.size() * 4);
  put(p.down_bias, down_bias.data(), down_bias.size() * 4);
  device.Write(table_at, table.data(), table.size());
  isa::LdCopy ld;
  ld.src = kExtBase;
  ld.dst_space = isa::LdDst::kL2;
  ld.len = static_cast<uint32_t>(p.c);
  load.Emit(ld, {"operands"});
  ld.src = table_at;
  ld.dst_space = isa::LdDst::kLut;
  ld.len = static_cast<uint32_t>(table.size());
  load.Emit(ld, {"table"});
  device.Run(load.Finish());

  const compiler::Program program = compiler::BuildMlp(p, config);
  const Cost cost = Measure(device, [&] { device.Run(program); });
  WriteTimeline(o, device, name);

  // Every element against the definition.
  const fp::FlushScope flush;
  std::vector<uint32_t> got(static_cast<size_t>(p.m) * static_cast<size_t>(p.d));
  compiler::Emitter fetch(config, 0, 0);
  isa::StCopy st;
  st.src_space = isa::StSrc::kL2;
  st.src = static_cast<uint32_t>(p.c);
  st.dst = kExtBase;
  st.len = static_cast<uint32_t>(got.size() * 4);
  fetch.Emit(st, {"c"});
  device.Run(fetch.Finish());
  device.Read(kExtBase, got.data(), got.size() * 4);
  const Blocks h = Hidden(x, up, up_bias, table);
  for (int r = 0; r < p.m; ++r) {
    for (int c = 0; c < p.d; ++c) {
      const float want = Product(h, r, down, c) + down_bias[static_cast<size_t>(c)];
      const uint32_t is = got[static_cast<size_t>(r * p.d + c)];
      if (is != fp::Bits(want)) {
        throw Error(fmt::format("{}: element [{}][{}] is 0x{:08x}, the definition gives 0x{:08x}",
                                name, r, c, is, fp::Bits(want)));
      }
    }
  }

  const auto m = static_cast<uint64_t>(p.m), d = static_cast<uint64_t>(p.d),
             hidden = static_cast<uint64_t>(p.hidden);
  const uint64_t in = (m * d + 2 * d * hidden) / 32 * 34 + (d + hidden) * 4;
  nlohmann::json r = Result(o, name, 2 * m * d * hidden, Traffic::L2(config, in, m * d * 4), cost);
  r["verified"] = true;
  report(r);
}

}  // namespace wren::bench
