// Measures the instruction-set model on the host: isa_bench [nano|small|full]
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>

#include "naive.h"
#include "random_commands.h"
#include "wren/error.h"
#include "wren/isa/model.h"
#include "wren/tables/tables.h"

namespace wren::isa {
namespace {

double ThreadSeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// CPU seconds of one call, the best of several batches; other programs on the machine count little.
double Seconds(const std::function<void()>& work) {
  double best = 1e9;
  for (int batch = 0; batch < 5; ++batch) {
    int calls = 0;
    const double start = ThreadSeconds();
    double elapsed = 0;
    do {
      for (int i = 0; i < 16; ++i) work();
      calls += 16;
      elapsed = ThreadSeconds() - start;
    } while (elapsed < 0.02);
    best = std::min(best, elapsed / calls);
  }
  return best;
}

class Discard : public WriteSink {
 public:
  uint64_t calls = 0;
  void Acc(uint32_t, uint32_t, const uint32_t*) override { ++calls; }
  void Gta(uint32_t, const uint8_t*, uint32_t) override { ++calls; }
  void GtaScale(uint32_t, uint16_t) override { ++calls; }
  void GtaAb(uint32_t, uint32_t, const uint8_t*, uint16_t) override { ++calls; }
  void Red(uint32_t, uint32_t) override { ++calls; }
  void Ld(Space, uint64_t, const uint8_t*, uint32_t) override { ++calls; }
  void St(Space, uint64_t, const uint8_t*, uint32_t) override { ++calls; }
};

void Run(const std::string& name) {
  FlatMemory ext(1 << 20);
  Model model(Config::Named(name), ext);
  const Config& cfg = model.config();
  std::mt19937_64 rng(1);
  naive::FillMemories(model, ext, rng, false);
  int slot = 0;
  for (const tables::Function f :
       {tables::Function::kPhi, tables::Function::kExp, tables::Function::kReciprocal}) {
    const auto table = tables::BuildTable(f);
    std::copy(table.begin(), table.end(),
              model.lut().begin() + slot++ * static_cast<long>(kTableBytes));
  }
  std::printf("%s\n", name.c_str());

  const auto gemm = [&](uint32_t rows, uint32_t ncg, uint32_t kb, WriteSink* sink) {
    MxeGemm c;
    c.rows = rows;
    c.ncg = ncg;
    c.kb = kb;
    c.ab_gs = kb;
    c.wb_ns = kb;
    c.wb_ks = 1;
    c.acc_gs = ncg;
    const Bytes bytes = Encode(c);
    const Status status = model.Execute(bytes.data());
    if (!status.ok()) throw Error(status.ToString());
    const double s = Seconds([&] { model.Execute(bytes.data(), sink); });
    const double macs = 32.0 * rows * ncg * cfg.cols * kb;
    const double steps = static_cast<double>((rows + cfg.rows - 1) / cfg.rows) * ncg * kb;
    std::printf("  gemm %3u x %3u x %4u%-10s %8.2f GMAC/s  %8.1f ns/step\n", rows, ncg * cfg.cols,
                kb * 32, sink != nullptr ? " with sink" : "", macs / s * 1e-9, s / steps * 1e9);
  };
  Discard sink;
  const uint32_t kb = std::min(18u, cfg.WbSets() / 4);
  for (const uint32_t rows : {1u, cfg.rows, 4 * cfg.rows}) {
    gemm(rows, 4, kb, nullptr);
    gemm(rows, 4, kb, &sink);
  }

  const auto gta = [&](const char* what, const std::function<void(GtaOp&)>& set) {
    GtaOp c;
    c.rows = 4;
    c.cols = 512;
    c.x_stride = c.out_stride = 2048;
    c.out = 16384;
    c.out_space = OutSpace::kVm;
    set(c);
    const Bytes bytes = Encode(c);
    const Status status = model.Execute(bytes.data());
    if (!status.ok()) throw Error(status.ToString());
    const double s = Seconds([&] { model.Execute(bytes.data()); });
    std::printf("  gta %-30s %8.0f M elements/s\n", what, c.rows * c.cols / s * 1e-6);
  };
  gta("copy f32", [](GtaOp&) {});
  gta("x*a + b (mat, col)", [](GtaOp& c) {
    c.a_mode = OperandMode::kMat;
    c.a = 8192;
    c.a_stride = 2048;
    c.b_mode = OperandMode::kCol;
    c.b = 1024;
  });
  gta("sum of x*x", [](GtaOp& c) {
    c.m_mode = OperandMode::kSelf;
    c.red_op = ReduceOp::kSum;
    c.red = 32000;
    c.out_space = OutSpace::kNone;
  });
  gta("f32 to q8_0 in AB", [](GtaOp& c) {
    c.out_space = OutSpace::kAb;
    c.out_format = OutFormat::kQ80;
    c.out = 0;
    c.out_stride = 16;
  });
  gta("gelu x*Phi(x)", [](GtaOp& c) {
    c.fn = 1;
    c.m_mode = OperandMode::kSelf;
  });
  gta("exp(x - blockmax), sum, q8_0", [](GtaOp& c) {
    c.fn = 1;
    c.table = 1;
    c.bmax = 1;
    c.red_op = ReduceOp::kSum;
    c.red = 32000;
    c.out_space = OutSpace::kAb;
    c.out_format = OutFormat::kQ80;
    c.out = 0;
    c.out_stride = 16;
  });
  gta("reciprocal", [](GtaOp& c) {
    c.fn = 1;
    c.table = 2;
  });

  const auto command = [&](const char* what, const Command& c) {
    const Bytes bytes = Encode(c);
    const Status status = model.Execute(bytes.data());
    if (!status.ok()) throw Error(status.ToString());
    std::printf("  one %-30s %8.0f ns\n", what, 1e9 * Seconds([&] { model.Step(bytes.data()); }));
  };
  command("ctl.nop", CtlNop{});
  LdCopy ld;
  ld.dst_space = LdDst::kVm;
  ld.len = 64;
  command("ld.copy of 64 bytes", ld);
  command("mxe.gemm of one step", MxeGemm{});
  GtaOp small;
  small.cols = 32;
  small.out_space = OutSpace::kVm;
  command("gta.op of one block", small);
}

}  // namespace
}  // namespace wren::isa

int main(int argc, char** argv) {
  try {
    for (const char* name : {"nano", "small", "full"}) {
      if (argc < 2 || std::string(argv[1]) == name) wren::isa::Run(name);
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
