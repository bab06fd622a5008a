// Simulated clock rate of the busy matrix engine of `full` with its memories, on one thread:
// mxe_speed [seconds].

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "Vmxe_speed_full.h"
#include "mxe_bench.h"
#include "wren/cpu_time.h"

int main(int argc, char** argv) {
  using wren::CpuSeconds;
  using wren::mxe::Gemm;
  double seconds = argc > 1 ? std::atof(argv[1]) : 0.3;
  wren::mxe::Shape shape{8, 16, 64, 524288, 131072, 131072};
  wren::mxe::Bench<Vmxe_speed_full> bench(shape, 1);
  auto& mem = bench.mem();
  for (auto& x : mem.ab) x = static_cast<int8_t>(bench.Random(256));
  for (auto& x : mem.wb) x = static_cast<int8_t>(bench.Random(256));
  for (auto& x : mem.ab_scale) x = static_cast<uint16_t>(0x1800 + bench.Random(0x800));
  for (auto& x : mem.wb_scale) x = static_cast<uint16_t>(0x1800 + bench.Random(0x800));
  bench.LoadAll();
  auto& d = bench.dut();
  auto tick = [&] {
    d.clk_i = 0;
    d.eval();
    d.clk_i = 1;
    d.eval();
  };
  for (int groups : {16, 4}) {
    Gemm c;
    c.rows = groups * 8, c.kb = 16, c.ncg = 8, c.ab_gs = 16, c.acc_gs = 8, c.wb_ns = 16,
    c.wb_ks = 1;
    auto words = c.Encode();
    std::memcpy(wren::mxe::Words(d.cmd_i), words.data(), 64);
    d.cmd_valid_i = 1;  // for ever: the same command again and again
    for (int i = 0; i < 100; ++i) tick();
    double best = 0;
    long working = 0, total = 0;
    for (int round = 0; round < 6; ++round) {
      double begin = CpuSeconds(), now;
      long n = 0;
      while ((now = CpuSeconds()) - begin < seconds)
        for (int i = 0; i < 1000; ++i) tick(), ++n, working += d.bucket_o == 0;
      total += n;
      best = std::max(best, static_cast<double>(n) / (now - begin) / 1e3);
    }
    do tick();
    while (!d.cmd_ready_o);  // as of the coming edge, which takes the last command
    tick();
    d.cmd_valid_i = 0;
    for (int i = 0; i < 20000; ++i) tick();
    std::printf(
        "mxe full, %2d groups: busy %.0f kHz (%.2f GMAC/s), array working %.1f%% of the cycles\n",
        groups, best, best * 4096e-6 * static_cast<double>(working) / static_cast<double>(total),
        100.0 * static_cast<double>(working) / static_cast<double>(total));
  }
  double begin = CpuSeconds();
  for (int i = 0; i < 1000000; ++i) tick();
  std::printf("idle cycle %.0f ns\n", (CpuSeconds() - begin) * 1e3);
  return 0;
}
