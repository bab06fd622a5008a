// The AXI memory model: latency, order, faults, protocol checks.
#include "wren/sim/axi_memory.h"

#include <gtest/gtest.h>

#include "wren/error.h"

namespace wren::sim {
namespace {

AxiIn ReadRequest(int id, uint64_t addr, int beats) {
  AxiIn in;
  in.ar_valid = true;
  in.ar_id = uint8_t(id);
  in.ar_addr = addr;
  in.ar_len = uint8_t(beats - 1);
  in.ar_size = 6;
  in.r_ready = in.b_ready = true;
  return in;
}

AxiIn Idle() {
  AxiIn in;
  in.r_ready = in.b_ready = true;
  return in;
}

AxiMemoryConfig Config(int lo, int hi) {
  AxiMemoryConfig c;
  c.size = 65536;
  c.latency_min = lo;
  c.latency_max = hi;
  return c;
}

TEST(AxiMemory, OffersTheFirstBeatAfterTheLatency) {
  for (int latency : {1, 2, 20, 2000}) {
    AxiMemory m(Config(latency, latency));
    m.Tick(Idle());
    ASSERT_TRUE(m.out().ar_ready);
    m.Tick(ReadRequest(0, 0, 2));
    int cycles = 1;
    while (!m.out().r_valid) {
      m.Tick(Idle());
      ++cycles;
      ASSERT_LE(cycles, latency);
    }
    EXPECT_EQ(cycles, latency);
    EXPECT_FALSE(m.out().r_last);
    m.Tick(Idle());
    EXPECT_TRUE(m.out().r_valid && m.out().r_last);
    m.Tick(Idle());
    EXPECT_TRUE(m.idle());
    EXPECT_EQ(m.read_bytes(), 128u);
  }
}

TEST(AxiMemory, KeepsTheOrderOfAnIdAndMixesIds) {
  AxiMemoryConfig c = Config(1, 200);
  c.interleave = true;
  c.stall_percent = 20;
  AxiMemory m(c);
  for (uint32_t i = 0; i < 16384; ++i) m.Write(4 * i, &i, 4);
  m.Tick(Idle());
  int sent = 0, got[2] = {0, 0};
  bool overtaken = false;
  int order[2] = {-1, -1};
  while (got[0] + got[1] < 128) {
    const AxiOut& o = m.out();
    if (o.r_valid) {
      // Beats of ID d come from bursts d, d + 2, d + 4, ... of two beats each.
      const int d = o.r_id, beat = got[d]++;
      uint32_t word;
      std::memcpy(&word, o.r_data.data(), 4);
      const int burst = 2 * (beat / 2) + d;
      EXPECT_EQ(word, uint32_t(burst * 32 + beat % 2 * 16));
      EXPECT_EQ(o.r_last, beat % 2 == 1);
      order[d] = burst;
      if (order[0] > order[1] + 1 || order[1] > order[0] + 1) overtaken = true;
    }
    const bool send = sent < 64;
    const AxiIn in = send ? ReadRequest(sent & 1, uint64_t(sent) * 128, 2) : Idle();
    if (send && m.out().ar_ready) ++sent;
    m.Tick(in);
  }
  EXPECT_TRUE(overtaken);
}

TEST(AxiMemory, AnswersFaultsAndAddressesBeyondItsSize) {
  AxiMemory m(Config(1, 1));
  m.AddFault(0x100, 1, AxiResp::kSlverr);
  const auto response = [&](uint64_t addr) {
    while (!m.out().ar_ready) m.Tick(Idle());
    m.Tick(ReadRequest(0, addr, 1));
    while (!m.out().r_valid) m.Tick(Idle());
    const int resp = m.out().r_resp;
    m.Tick(Idle());
    return resp;
  };
  EXPECT_EQ(response(0x0C0), 0);
  EXPECT_EQ(response(0x100), 2);
  EXPECT_EQ(response(0x140), 0);
  EXPECT_EQ(response(65536 - 64), 0);
  EXPECT_EQ(response(65536), 3);
  EXPECT_EQ(response(uint64_t(1) << 39), 3);
  uint8_t byte;
  EXPECT_THROW(m.Read(65536, &byte, 1), Error);
  EXPECT_THROW(m.Write(65535, "ab", 2), Error);
}

TEST(AxiMemory, WritesOnlyStrobedBytesAndNothingAtAFault) {
  AxiMemory m(Config(3, 3));
  m.AddFault(0x1040, 64, AxiResp::kDecerr, false, true);
  AxiIn in = Idle();
  m.Tick(in);
  in.aw_valid = in.w_valid = true;
  in.aw_addr = 0x1000;
  in.aw_len = 1;
  in.aw_size = 6;
  in.w_data.fill(0x5A);
  in.w_strb = 0xF0;
  m.Tick(in);
  in.aw_valid = false;
  in.w_last = true;
  in.w_strb = ~uint64_t(0);
  m.Tick(in);
  in = Idle();
  int cycles = 0;
  while (!m.out().b_valid) {
    m.Tick(in);
    ASSERT_LT(++cycles, 10);
  }
  EXPECT_EQ(m.out().b_resp, 3);
  uint8_t got[128];
  m.Read(0x1000, got, 128);
  for (int i = 0; i < 128; ++i) EXPECT_EQ(got[i], i >= 4 && i < 8 ? 0x5A : 0) << i;
}

TEST(AxiMemory, RefusesBurstsThatBreakTheRules) {
  const auto tick = [](AxiIn in) {
    AxiMemory m(Config(1, 1));
    m.Tick(Idle());
    m.Tick(in);
  };
  EXPECT_NO_THROW(tick(ReadRequest(0, 0xFC0, 1)));
  EXPECT_THROW(tick(ReadRequest(0, 0xFC0, 2)), Error);    // crosses 4 KiB
  EXPECT_THROW(tick(ReadRequest(0, 0x1000, 65)), Error);  // too long
  AxiIn in = ReadRequest(0, 0, 1);
  in.ar_size = 4;
  EXPECT_THROW(tick(in), Error);
  in = ReadRequest(0, 0, 1);
  in.ar_burst = 0;
  EXPECT_THROW(tick(in), Error);
}

}  // namespace
}  // namespace wren::sim
