// Queue, register slice and arbiter against a deque and a counter.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "Varb_1.h"
#include "Varb_4.h"
#include "Varb_5.h"
#include "Vfifo_1.h"
#include "Vfifo_16.h"
#include "Vfifo_2.h"
#include "Vfifo_5.h"
#include "Vskid.h"
#include "verilated.h"

namespace wren {
namespace {

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

template <class Dut>
class Clocked {
 public:
  Clocked() {
    context.fatalOnError(false);
    dut = std::make_unique<Dut>(&context);
    dut->rst_ni = 0;
    for (int i = 0; i < 3; ++i) Low(), High();
    dut->rst_ni = 1;
  }
  ~Clocked() { dut->final(); }
  void Low() {
    dut->clk_i = 0;
    dut->eval();
  }
  void High() {
    dut->clk_i = 1;
    dut->eval();
    ASSERT_FALSE(context.gotError()) << "WREN_SEED=" << Seed();
  }
  VerilatedContext context;
  std::unique_ptr<Dut> dut;
};

// Random traffic with changing pressure on both sides; every word comes out once and in order.
template <class Dut, class Extra>
void Stream(size_t depth, Extra extra) {
  Clocked<Dut> c;
  Dut& d = *c.dut;
  std::mt19937_64 rng(Seed());
  std::deque<uint32_t> model;
  int full = 0, empty = 0, passed = 0;
  int in = 50, out = 50;
  bool offering = false;
  for (int n = 0; n < 20000 && !testing::Test::HasFailure(); ++n) {
    if (n % 200 == 0) in = static_cast<int>(rng() % 101), out = static_cast<int>(rng() % 101);
    if (!offering && static_cast<int>(rng() % 100) < in) {
      offering = true;
      d.wr_data_i = static_cast<uint32_t>(rng());
    }
    d.wr_valid_i = offering;
    d.rd_ready_i = static_cast<int>(rng() % 100) < out;
    const bool flush = extra(&d, &rng, model.size());
    c.Low();
    EXPECT_EQ(d.rd_valid_o != 0, !model.empty());
    if (!model.empty()) EXPECT_EQ(d.rd_data_o, model.front());
    EXPECT_EQ(d.wr_ready_o != 0, model.size() < depth);
    full += model.size() == depth;
    empty += model.empty();
    const bool push = d.wr_valid_i && d.wr_ready_o, pop = d.rd_valid_o && d.rd_ready_i;
    if (pop) model.pop_front(), ++passed;
    if (push) model.push_back(d.wr_data_i), offering = false;
    if (flush) model.clear();
    c.High();
  }
  EXPECT_GT(full, 100);
  EXPECT_GT(empty, 100);
  EXPECT_GT(passed, 2000);
}

template <class Dut>
void Fifo(size_t depth) {
  Stream<Dut>(depth, [](Dut* d, std::mt19937_64* rng, size_t held) {
    EXPECT_EQ(d->count_o, held);
    d->flush_i = (*rng)() % 500 == 0;
    return d->flush_i != 0;
  });
}

TEST(Fifo, KeepsOrderAtEveryDepth) {
  Fifo<Vfifo_1>(1);
  Fifo<Vfifo_2>(2);
  Fifo<Vfifo_5>(5);
  Fifo<Vfifo_16>(16);
}

TEST(Fifo, PassesOneWordPerCycle) {
  Clocked<Vfifo_2> c;
  c.dut->wr_valid_i = c.dut->rd_ready_i = 1;
  int passed = 0;
  for (int n = 0; n < 100; ++n) {
    c.Low();
    passed += c.dut->rd_valid_o && c.dut->rd_ready_i;
    c.High();
  }
  EXPECT_EQ(passed, 99);
}

TEST(Skid, KeepsOrderAndPassesOneWordPerCycle) {
  Stream<Vskid>(2, [](Vskid*, std::mt19937_64*, size_t) { return false; });
}

template <class Dut>
void Arbiter(int n) {
  Clocked<Dut> c;
  Dut& d = *c.dut;
  std::mt19937_64 rng(Seed());
  std::vector<int> waited(static_cast<size_t>(n));  // transfers of others since the request began
  uint32_t req = 0;
  for (int t = 0; t < 20000 && !testing::Test::HasFailure(); ++t) {
    req |= static_cast<uint32_t>(rng()) & static_cast<uint32_t>(rng()) & ((1u << n) - 1);
    d.req_i = static_cast<uint8_t>(req);
    d.take_i = rng() % 3 != 0;
    c.Low();
    EXPECT_EQ(d.gnt_valid_o != 0, req != 0);
    EXPECT_EQ(__builtin_popcount(d.gnt_o), req != 0);
    EXPECT_EQ(d.gnt_o & ~req, 0u);
    if (req != 0) EXPECT_EQ(1u << d.gnt_idx_o, d.gnt_o);
    if (d.take_i) {
      for (int i = 0; i < n; ++i) {
        const bool mine = d.gnt_o >> i & 1;
        int& w = waited[static_cast<size_t>(i)];
        w = mine || !(req >> i & 1) ? 0 : w + 1;
        EXPECT_LT(w, n) << "requester " << i << " starves";
      }
      req &= ~uint32_t{d.gnt_o};
    }
    c.High();
  }
}

TEST(RoundRobinArbiter, GrantsOneAndStarvesNobody) {
  Arbiter<Varb_1>(1);
  Arbiter<Varb_4>(4);
  Arbiter<Varb_5>(5);
}

}  // namespace
}  // namespace wren
