// Simulated clock rate of the DMA alone (Bus = 64): idle, and copying L2 to AB at a beat per cycle.
#include <chrono>
#include <cstdio>

#include "Vdma64_speed.h"
#include "wren/isa/isa.h"

int main() {
  using namespace wren::isa;
  VerilatedContext context;
  Vdma64_speed top(&context);
  top.rst_ni = 0;
  for (int i = 0; i < 4; ++i) {
    top.clk_i = i & 1;
    top.eval();
  }
  top.rst_ni = 1;
  top.ab_wr_ready_i = 1;
  top.l2_rd_ready_i = 1;
  LdCopy c;
  c.src_space = ExtSpace::kL2;
  c.dst_space = LdDst::kAb;
  c.len = 65536;
  const Bytes bytes = Encode(c);
  for (bool busy : {false, true}) {
    const int cycles = 2000000;
    bool pipe[2] = {false, false};
    uint64_t beats = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < cycles; ++i) {
      top.ld_cmd_valid_i = busy;
      if (i == 0) std::memcpy(&top.ld_cmd_i, bytes.data(), 64);
      top.l2_rd_rvalid_i = pipe[1];
      top.l2_rd_rdata_i[0] = i;
      top.clk_i = 0;
      top.eval();
      pipe[1] = pipe[0];
      pipe[0] = top.l2_rd_valid_o;
      beats += top.ab_wr_valid_o;
      top.clk_i = 1;
      top.eval();
    }
    const double s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%s: %.0f kHz, %.3f beats/cycle\n", busy ? "busy" : "idle", cycles / s / 1000,
                double(beats) / cycles);
  }
  top.final();
}
