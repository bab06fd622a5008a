// L2 alone: random traffic of 1, 2 and 4 cores against an array, order, rates and fairness.
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "Vl2p1.h"
#include "Vl2p1_deep.h"
#include "Vl2p2.h"
#include "Vl2p4.h"

namespace wren::tb {
namespace {

uint64_t Seed() {
  const char* env = std::getenv("WREN_SEED");
  return env != nullptr ? std::strtoull(env, nullptr, 0) : 1;
}

// A port of any width as bytes.
template <class Port>
uint8_t* Raw(Port& port) {
  return reinterpret_cast<uint8_t*>(&port);
}

template <class Top, int kPortsV, int kBusV, int kBytesV, int kBanksV, int kLatencyV = 2>
struct L2 {
  static constexpr int kPorts = kPortsV, kBus = kBusV, kBytes = kBytesV, kBanks = kBanksV,
                       kLatency = kLatencyV;

  struct Write {
    uint32_t addr;
    uint64_t strb;
    std::array<uint8_t, kBusV> data;
  };
  struct Expected {
    uint64_t cycle;
    std::array<uint8_t, kBusV> data;
  };

  L2() : context(std::make_unique<VerilatedContext>()), memory(kBytes) {
    context->fatalOnError(false);
    context->assertOn(false);
    top = std::make_unique<Top>(context.get(), "l2");
    top->rst_ni = 0;
    top->rd_valid_i = 0;
    top->wr_valid_i = 0;
    for (int i = 0; i < 3; ++i) Clock();
    top->rst_ni = 1;
    context->assertOn(true);
    // Known contents
    std::mt19937_64 random(Seed());
    for (int a = 0; a < kBytes; a += kBus) {
      Write w{uint32_t(a), ~uint64_t(0), {}};
      for (uint8_t& b : w.data) b = uint8_t(random());
      writes[0].push_back(w);
    }
    while (!writes[0].empty()) Step();
  }
  ~L2() {
    top->final();
    top.reset();
  }

  void Clock() {
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
  }

  void Step() {
    uint32_t rd_valid = 0, wr_valid = 0;
    for (int p = 0; p < kPorts; ++p) {
      if (!reads[p].empty()) {
        rd_valid |= 1u << p;
        std::memcpy(Raw(top->rd_addr_i) + 4 * p, &reads[p].front(), 4);
      }
      if (!writes[p].empty()) {
        const Write& w = writes[p].front();
        wr_valid |= 1u << p;
        std::memcpy(Raw(top->wr_addr_i) + 4 * p, &w.addr, 4);
        std::memcpy(Raw(top->wr_data_i) + kBus * p, w.data.data(), kBus);
        const uint64_t strb =
            w.strb & ((kBus / 2 == 64) ? ~uint64_t(0) : (uint64_t(1) << kBus / 2) - 1);
        std::memcpy(Raw(top->wr_strb_i) + kBus / 16 * p, &strb, kBus / 16);
      }
    }
    top->rd_valid_i = rd_valid;
    top->wr_valid_i = wr_valid;
    top->clk_i = 0;
    top->eval();

    const uint32_t rd_take = rd_valid & top->rd_ready_o, wr_take = wr_valid & top->wr_ready_o;
    // Data: in order, exactly kLatency cycles after the request was taken
    for (int p = 0; p < kPorts; ++p) {
      const bool due = !expected[p].empty() && expected[p].front().cycle == cycle;
      ASSERT_EQ(bool(top->rd_rvalid_o >> p & 1), due)
          << "port " << p << " cycle " << cycle << " seed " << Seed();
      if (due) {
        ASSERT_EQ(
            std::memcmp(Raw(top->rd_rdata_o) + kBus * p, expected[p].front().data.data(), kBus), 0)
            << "port " << p << " cycle " << cycle << " seed " << Seed();
        expected[p].pop_front();
        ++beats[p];
      }
    }
    // A read taken together with a write of the same word may see either; tests avoid that.
    for (int p = 0; p < kPorts; ++p) {
      if (!(rd_take >> p & 1)) continue;
      Expected e{cycle + kLatency, {}};
      std::memcpy(e.data.data(), &memory[reads[p].front()], kBus);
      expected[p].push_back(e);
      reads[p].pop_front();
      ++taken[p];
    }
    for (int p = 0; p < kPorts; ++p) {
      if (!(wr_take >> p & 1)) continue;
      const Write& w = writes[p].front();
      for (int i = 0; i < kBus / 2; ++i) {
        if (w.strb >> i & 1) std::memcpy(&memory[w.addr + 2 * i], &w.data[2 * i], 2);
      }
      writes[p].pop_front();
      ++written[p];
    }
    top->clk_i = 1;
    top->eval();
    ++cycle;
    ASSERT_FALSE(context->gotError()) << "an RTL assertion failed at cycle " << cycle;
  }

  std::unique_ptr<VerilatedContext> context;
  std::unique_ptr<Top> top;
  std::vector<uint8_t> memory;
  std::array<std::deque<uint32_t>, kPortsV> reads;
  std::array<std::deque<Write>, kPortsV> writes;
  std::array<std::deque<Expected>, kPortsV> expected;
  std::array<uint64_t, kPortsV> beats{}, taken{}, written{};
  uint64_t cycle = 0;
};

using One = L2<Vl2p1, 1, 16, 16384, 2>;
using OneDeep = L2<Vl2p1_deep, 1, 16, 16384, 2, 3>;
using Two = L2<Vl2p2, 2, 64, 65536, 4>;
using Four = L2<Vl2p4, 4, 64, 65536, 4>;

template <class T>
class L2Memory : public ::testing::Test {};
class PortsName {
 public:
  template <class T>
  static std::string GetName(int) {
    return "Ports" + std::to_string(T::kPorts) + (T::kLatency > 2 ? "Deep" : "");
  }
};
using Sizes = ::testing::Types<One, OneDeep, Two, Four>;
TYPED_TEST_SUITE(L2Memory, Sizes, PortsName);

// Reads see every write taken before, also of other cores; words of one write and one read of the
// same cycle differ.
TYPED_TEST(L2Memory, ReadsWhatWasWrittenUnderRandomTraffic) {
  using T = TypeParam;
  T l2;
  std::mt19937_64 random(Seed() + 5);
  const uint32_t words = T::kBytes / T::kBus;
  for (int round = 0; round < 20000; ++round) {
    for (int p = 0; p < T::kPorts; ++p) {
      // Few words, so that reads and writes meet. Reads and writes alternate between halves of the
      // words, and the queues run dry before the halves change, so that they never meet in one
      // cycle.
      const uint32_t half = uint32_t(round / 64) & 1;
      const uint32_t few = (random() % 4 == 0) ? words / 2 : 16;
      if (round % 64 < 40 && random() % 3 && l2.reads[p].size() < 4) {
        l2.reads[p].push_back(uint32_t(random() % few * 2 + half) * T::kBus);
      }
      if (round % 64 < 40 && random() % 3 && l2.writes[p].size() < 4) {
        typename T::Write w{uint32_t(random() % few * 2 + (1 - half)) * T::kBus, random() | 1, {}};
        if (random() % 3 == 0) w.strb = ~uint64_t(0);
        for (uint8_t& b : w.data) b = uint8_t(random());
        l2.writes[p].push_back(w);
      }
    }
    l2.Step();
    if (this->HasFatalFailure()) return;
    if (round % 64 == 63) {
      for (int p = 0; p < T::kPorts; ++p) ASSERT_TRUE(l2.reads[p].empty() && l2.writes[p].empty());
    }
  }
  for (int p = 0; p < T::kPorts; ++p) {
    EXPECT_GT(l2.beats[p], 5000u);
    EXPECT_GT(l2.written[p], 5000u);
  }
}

TYPED_TEST(L2Memory, ServesOneCoreEveryCycleAtAnyPowerOfTwoStride) {
  using T = TypeParam;
  for (uint32_t stride = T::kBus; stride <= T::kBytes / 16; stride *= 2) {
    T l2;
    for (int i = 0; i < 256; ++i) l2.reads[0].push_back(uint32_t(uint64_t(i) * stride % T::kBytes));
    const uint64_t start = l2.cycle;
    while (l2.beats[0] < 256) {
      l2.Step();
      if (this->HasFatalFailure()) return;
    }
    EXPECT_EQ(l2.cycle - start, 256u + T::kLatency) << "stride " << stride;
  }
}

// All cores walk with the same power-of-two stride from different places: the hash spreads them
// over the banks.
TYPED_TEST(L2Memory, SpreadsPowerOfTwoStridesOverTheBanks) {
  using T = TypeParam;
  for (uint32_t stride = T::kBus; stride <= 4096; stride *= 2) {
    T l2;
    for (int p = 0; p < T::kPorts; ++p) {
      for (int i = 0; i < 1024; ++i) {
        l2.reads[p].push_back(
            uint32_t((uint64_t(i) * stride + p * T::kBytes / T::kPorts) % T::kBytes));
      }
    }
    const uint64_t start = l2.cycle;
    bool busy = true;
    while (busy) {
      l2.Step();
      if (this->HasFatalFailure()) return;
      busy = false;
      for (int p = 0; p < T::kPorts; ++p) busy = busy || l2.beats[p] < 1024;
    }
    const double rate = 1024.0 * T::kPorts / double(l2.cycle - start);
    EXPECT_GE(rate, 0.6 * T::kPorts) << "stride " << stride;
  }
}

// Cores that want one bank are served in turn.
TYPED_TEST(L2Memory, SharesABankFairly) {
  using T = TypeParam;
  T l2;
  for (int p = 0; p < T::kPorts; ++p) {
    for (int i = 0; i < 400; ++i) {
      l2.reads[p].push_back(0);
      l2.writes[p].push_back({0, 0, {}});  // no strobe: changes nothing
    }
  }
  const auto written = l2.written;
  for (int i = 0; i < 200; ++i) {
    l2.Step();
    if (this->HasFatalFailure()) return;
  }
  for (int p = 0; p < T::kPorts; ++p) {
    EXPECT_NEAR(double(l2.taken[p]), 200.0 / T::kPorts, 1.0);
    EXPECT_NEAR(double(l2.written[p] - written[p]), 200.0 / T::kPorts, 1.0);
  }
}

}  // namespace
}  // namespace wren::tb
