// wren_ram_1r1w in both forms, against an array of bytes: rtl/prim's, and that of the model that
// measures (sim/host). (fpga/prim's Verilator 5.006 does not take; the netlist is compared as a
// whole.)
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "Vram_host_1024_1024.h"
#include "Vram_host_1024_128.h"
#include "Vram_host_1024_16.h"
#include "Vram_host_16_16.h"
#include "Vram_host_2048_128.h"
#include "Vram_host_512_16.h"
#include "Vram_rtl_1024_1024.h"
#include "Vram_rtl_1024_128.h"
#include "Vram_rtl_1024_16.h"
#include "Vram_rtl_16_16.h"
#include "Vram_rtl_2048_128.h"
#include "Vram_rtl_512_16.h"
#include "verilated.h"

namespace wren {
namespace {

constexpr size_t kDepth = 32;  // as the build passes it

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

// Random writes (all parts, none, halves of the word, single parts, any) beside reads of other
// words; what was read stays until the next read.
template <class Dut>
void Check(size_t width, size_t gran) {
  VerilatedContext context;
  Dut dut(&context);
  std::mt19937_64 rng(Seed());
  const size_t bytes = width / 8, parts = width / gran, part_bytes = gran / 8;
  std::vector<uint8_t> memory(kDepth * bytes), data(bytes), read(bytes);
  const uint64_t all = parts == 64 ? ~uint64_t{0} : (uint64_t{1} << parts) - 1;
  bool known = false;  // something has been read
  for (size_t n = 0; n < 4000; ++n) {
    uint64_t we = n < kDepth ? all : rng() & all;
    if (n >= kDepth && rng() % 2 == 0) {
      const uint64_t half = all >> (parts / 2);
      const uint64_t chosen[] = {0, all, half, all & ~half, uint64_t{1} << (rng() % parts)};
      we = chosen[rng() % 5];
    }
    const size_t to = n < kDepth ? n : rng() % kDepth;
    size_t from = rng() % kDepth;
    if (from == to) from = (to + 1) % kDepth;
    const bool reads = n > kDepth && rng() % 4 != 0;
    for (uint8_t& b : data) b = static_cast<uint8_t>(rng());

    dut.clk_i = 0;
    std::memcpy(&dut.we_i, &we, sizeof dut.we_i);
    dut.waddr_i = static_cast<uint8_t>(to);
    static_assert(sizeof dut.wdata_i >= 2);
    std::memcpy(&dut.wdata_i, data.data(), bytes);
    dut.re_i = reads;
    dut.raddr_i = static_cast<uint8_t>(from);
    dut.eval();
    dut.clk_i = 1;
    dut.eval();

    for (size_t p = 0; p < parts; ++p) {
      if ((we >> p & 1) != 0)
        std::memcpy(&memory[to * bytes + p * part_bytes], &data[p * part_bytes], part_bytes);
    }
    if (reads) {
      std::memcpy(read.data(), &memory[from * bytes], bytes);
      known = true;
    }
    if (known) {
      ASSERT_EQ(std::memcmp(&dut.rdata_o, read.data(), bytes), 0)
          << "cycle " << n << ", WREN_SEED=" << Seed();
    }
  }
  dut.final();
}

TEST(Ram, Rtl) {
  Check<Vram_rtl_16_16>(16, 16);
  Check<Vram_rtl_1024_1024>(1024, 1024);
  Check<Vram_rtl_1024_128>(1024, 128);
  Check<Vram_rtl_1024_16>(1024, 16);
  Check<Vram_rtl_2048_128>(2048, 128);
  Check<Vram_rtl_512_16>(512, 16);
}

TEST(Ram, Host) {
  Check<Vram_host_16_16>(16, 16);
  Check<Vram_host_1024_1024>(1024, 1024);
  Check<Vram_host_1024_128>(1024, 128);
  Check<Vram_host_1024_16>(1024, 16);
  Check<Vram_host_2048_128>(2048, 128);
  Check<Vram_host_512_16>(512, 16);
}

}  // namespace
}  // namespace wren
