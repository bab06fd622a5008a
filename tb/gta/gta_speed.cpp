// Simulated clock rate of the vector engine with its memory at full size: build/bin/gta_speed
// [case]. Case 0 is idle, 1 the first row, ..; all by default. CPU time of the simulation alone;
// the best of several rounds.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "Vgta_speed_full.h"
#include "gta_bench.h"
#include "wren/cpu_time.h"

namespace wren::gta {
namespace {

using namespace wren::isa;  // NOLINT: enums of the command

void Exp2Table(uint8_t* table) {
  for (int k = 0; k < 256; ++k) {
    const double c = std::exp2(k / 256.0), l = std::log(2.0) / 256;
    const float words[3] = {static_cast<float>(c), static_cast<float>(c * l),
                            static_cast<float>(c * l * l / 2)};
    std::memcpy(table + 16 * k, words, 12);
  }
  const uint32_t flags = 1;
  const float lo = 0, inv = 256;
  std::memcpy(table + 12, &flags, 4);
  std::memcpy(table + 28, &lo, 4);
  std::memcpy(table + 44, &inv, 4);
}

struct Case {
  const char* name;
  GtaOp op;
};

void Run(int only) {
  const Config config = Config::Named("full");
  Bench<Vgta_speed_full> bench(config, 1);
  for (size_t i = 0; i < config.vm; i += 4) {
    const float v = static_cast<float>(static_cast<int>(bench.rng()() % 2001) - 1000) * 0.003f;
    std::memcpy(bench.model().vm().data() + i, &v, 4);
  }
  Exp2Table(bench.model().lut().data());
  bench.Load();

  std::vector<Case> cases;
  GtaOp softmax;  // scores: scale, block maximum, exp2, sums, times a column, quantized to AB
  softmax.rows = 64, softmax.cols = 128, softmax.bmax = 1, softmax.fn = 1;
  softmax.x_space = XSpace::kAcc, softmax.x_stride = 8;
  softmax.a_mode = OperandMode::kImm, softmax.a = 0x3f800000 & 0xFFFFF,
  softmax.a_stride = 0x3f800000 >> 20;
  softmax.b_mode = OperandMode::kImm;
  softmax.m_mode = OperandMode::kCol;
  softmax.c_mode = OperandMode::kImm;
  softmax.red_op = ReduceOp::kSumFn, softmax.red_blk = 1, softmax.red = 128 * 1024,
  softmax.red_stride = 16;
  softmax.out_space = OutSpace::kAb, softmax.out_format = OutFormat::kQ80, softmax.out_stride = 4;
  cases.push_back({"softmax: ACC -> bmax, exp2, m, sums, q8_0 to AB", softmax});
  GtaOp scale;  // y = x*a + b, f32
  scale.rows = 64, scale.cols = 128, scale.x_stride = 512;
  scale.a_mode = OperandMode::kRow, scale.a = 200 * 1024, scale.a_stride = 4;
  scale.out_space = OutSpace::kVm, scale.out = 96 * 1024, scale.out_stride = 512;
  cases.push_back({"scale: VM f32 times a row scalar to VM f32", scale});
  GtaOp residual = scale;  // two matrices
  residual.a_mode = OperandMode::kNone, residual.b_mode = OperandMode::kMat,
  residual.b = 48 * 1024 + 128, residual.b_stride = 512;
  cases.push_back({"residual: VM f32 plus VM f32 to VM f32", residual});
  GtaOp requant = scale;
  requant.a_mode = OperandMode::kNone, requant.out_space = OutSpace::kAb,
  requant.out_format = OutFormat::kQ80;
  requant.out = 0, requant.out_stride = 4;
  cases.push_back({"quantize: VM f32 to q8_0 in AB", requant});

  auto& d = bench.dut();
  d.x_ready_i = 1;
  for (uint32_t i = 0; i < config.cols * 2; ++i) {
    const float v = static_cast<float>(i) * 0.1f - 2.0f;
    std::memcpy(Bytes(d.x_data_i) + 4 * i, &v, 4);
  }
  for (size_t n = 0; n < cases.size(); ++n) {
    const Case& c = cases[n];
    if (only >= 0 && only != static_cast<int>(n) + 1) continue;
    const isa::Bytes bytes = isa::Encode(c.op);
    double best = 0;
    uint64_t cycles = 0, done = 0, working = 0;
    for (int round = 0; round < 5; ++round) {
      const double begin = CpuSeconds();
      const uint64_t from = bench.cycle(), done_from = done, working_from = working;
      std::memcpy(Bytes(d.cmd_i), bytes.data(), 64);
      d.cmd_valid_i = 1;
      while (CpuSeconds() - begin < 0.2) {
        for (int i = 0; i < 256; ++i) {
          bench.Edge();
          done += d.done_o;
          working += d.bucket_o == 0;
        }
      }
      const double rate = static_cast<double>(bench.cycle() - from) / (CpuSeconds() - begin);
      if (rate > best) best = rate;
      cycles = (bench.cycle() - from) / (done - done_from);
      if (round == 4) {
        std::printf("%-52s %6.0f kHz, %llu cycles per command of 256 beats, %.0f%% working\n",
                    c.name, best / 1e3, static_cast<unsigned long long>(cycles),
                    100.0 * static_cast<double>(working - working_from) /
                        static_cast<double>(bench.cycle() - from));
      }
    }
    d.cmd_valid_i = 0;
    for (int i = 0; i < 1000; ++i) bench.Edge();
  }
  if (only > 0) return;
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const double begin = CpuSeconds();
    const uint64_t from = bench.cycle();
    while (CpuSeconds() - begin < 0.1) {
      for (int i = 0; i < 1024; ++i) bench.Edge();
    }
    best = std::max(best, static_cast<double>(bench.cycle() - from) / (CpuSeconds() - begin));
  }
  std::printf("%-52s %6.0f kHz\n", "idle", best / 1e3);
}

}  // namespace
}  // namespace wren::gta

int main(int argc, char** argv) { wren::gta::Run(argc > 1 ? std::atoi(argv[1]) : -1); }
