// The serial bridge: what it does with good frames, and that it does nothing with bad ones.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <random>

#include "Vlink_tb.h"
#include "wren/error.h"
#include "wren/link/serial_link.h"

namespace wren::link {
namespace {

constexpr int kQuiet = 64;  // clocks: 2^QuietBits of the model
constexpr uint32_t kMemory = 4096;

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

// The bridge with a byte per few clocks on its serial side, a memory and a few registers.
class Bench : public Port {
 public:
  Bench() : rng_(Seed()) {
    dut_.rst_ni = 0;
    Tick();
    Tick();
    dut_.rst_ni = 1;
    Tick();
  }
  ~Bench() override { dut_.final(); }

  void Send(const std::vector<uint8_t>& bytes) override {
    for (uint8_t byte : bytes) SendByte(byte);
  }
  int Receive() override {
    for (int i = 0; answer_.empty(); ++i) {
      if (i == 2000) return -1;
      Tick();
    }
    const int byte = answer_.front();
    answer_.pop_front();
    return byte;
  }
  void Settle() override {
    for (int i = 0; i < kQuiet + 2000; ++i) Tick();
    answer_.clear();
  }

  // A byte waits as in the FIFO before the bridge.
  void SendByte(uint8_t byte) {
    dut_.rx_valid_i = 1;
    dut_.rx_data_i = byte;
    bool taken = false;
    for (int i = 0; !taken && i < 20000; ++i) {
      dut_.eval();
      taken = dut_.rx_ready_o != 0;
      Tick();
    }
    EXPECT_TRUE(taken);
    dut_.rx_valid_i = 0;
    for (int i = 0; i < 3; ++i) Tick();
  }
  void SendError() {
    dut_.rx_error_i = 1;
    Tick();
    dut_.rx_error_i = 0;
    Tick();
  }
  void Wait(int clocks) {
    for (int i = 0; i < clocks; ++i) Tick();
  }
  bool answered() const { return !answer_.empty(); }

  uint32_t memory[kMemory / 4] = {};
  std::map<uint32_t, uint32_t> registers = {{0, 0x5752454e}, {0x40, 0}, {0x44, 0}};
  int writes = 0, register_writes = 0, drops = 0;

 private:
  void Tick() {
    dut_.mem_ready_i = rng_() % 2;
    dut_.tx_ready_i = rng_() % 3 == 0;
    dut_.m_aw_ready_i = rng_() % 2;
    dut_.m_w_ready_i = rng_() % 2;
    dut_.m_ar_ready_i = rng_() % 2;
    dut_.clk_i = 0;
    dut_.eval();
    if (dut_.rst_ni != 0) Respond();
    dut_.eval();
    const bool b = dut_.m_b_valid_i != 0 && dut_.m_b_ready_o != 0;
    const bool r = dut_.m_r_valid_i != 0 && dut_.m_r_ready_o != 0;
    const bool read = dut_.mem_valid_o != 0 && dut_.mem_ready_i != 0 && dut_.mem_write_o == 0;
    const uint32_t at = dut_.mem_addr_o;
    dut_.clk_i = 1;
    dut_.eval();
    drops += dut_.drop_o;
    if (b) dut_.m_b_valid_i = 0;
    if (r) dut_.m_r_valid_i = 0;
    dut_.mem_rdata_i = read ? memory[at / 4] : static_cast<uint32_t>(rng_());
    dut_.eval();
  }
  // Handshakes of this clock, seen before its edge.
  void Respond() {
    if (dut_.tx_valid_o != 0 && dut_.tx_ready_i != 0) answer_.push_back(dut_.tx_data_o);
    if (dut_.mem_valid_o != 0 && dut_.mem_ready_i != 0) {
      ASSERT_LT(dut_.mem_addr_o, kMemory);
      if (dut_.mem_write_o != 0) {
        memory[dut_.mem_addr_o / 4] = dut_.mem_wdata_o;
        ++writes;
      }
    }
    if (dut_.m_aw_valid_o != 0 && dut_.m_aw_ready_i != 0) aw_ = dut_.m_aw_addr_o, has_aw_ = true;
    if (dut_.m_w_valid_o != 0 && dut_.m_w_ready_i != 0) w_ = dut_.m_w_data_o, has_w_ = true;
    if (has_aw_ && has_w_ && dut_.m_b_valid_i == 0 && rng_() % 2 == 0) {
      has_aw_ = has_w_ = false;
      const bool there = registers.count(aw_) != 0 && aw_ != 0;
      if (there) registers[aw_] = w_;
      ++register_writes;
      next_b_ = there ? 0 : 2;
      dut_.m_b_resp_i = static_cast<uint8_t>(next_b_);
      dut_.m_b_valid_i = 1;
    }
    if (dut_.m_ar_valid_o != 0 && dut_.m_ar_ready_i != 0) {
      const auto found = registers.find(dut_.m_ar_addr_o);
      dut_.m_r_data_i = found == registers.end() ? 0 : found->second;
      dut_.m_r_resp_i = found == registers.end() ? 2 : 0;
      dut_.m_r_valid_i = 1;
    }
  }

  Vlink_tb dut_;
  std::mt19937_64 rng_;
  std::deque<uint8_t> answer_;
  uint32_t aw_ = 0, w_ = 0;
  int next_b_ = 0;
  bool has_aw_ = false, has_w_ = false;
};

TEST(Link, MovesWordsToMemoryAndBack) {
  Bench b;
  SerialLink link(&b);
  std::mt19937_64 rng(Seed());
  std::vector<uint32_t> data(300);
  for (uint32_t& w : data) w = static_cast<uint32_t>(rng());
  link.WriteMemory(0x100, data.data(), data.size() * 4);
  EXPECT_EQ(b.writes, 300);
  for (size_t i = 0; i < data.size(); ++i) ASSERT_EQ(b.memory[0x40 + i], data[i]) << i;
  std::vector<uint32_t> got(data.size());
  link.ReadMemory(0x100, got.data(), got.size() * 4);
  EXPECT_EQ(got, data);
  EXPECT_EQ(link.repeats(), 0u);
  EXPECT_EQ(b.drops, 0);
}

TEST(Link, ReadsAndWritesRegistersAndReportsTheirErrors) {
  Bench b;
  SerialLink link(&b);
  EXPECT_EQ(link.ReadCsr(0), 0x5752454eu);
  link.WriteCsr(0x40, 0x12345678);
  EXPECT_EQ(b.registers[0x40], 0x12345678u);
  EXPECT_EQ(link.ReadCsr(0x40), 0x12345678u);
  EXPECT_THROW(link.ReadCsr(0x60), Error);
  EXPECT_THROW(link.WriteCsr(0, 1), Error);
  EXPECT_EQ(link.ReadCsr(0x40), 0x12345678u);
}

TEST(Link, RefusesAddressesOutsideTheMemory) {
  Bench b;
  SerialLink link(&b);
  uint32_t words[2] = {1, 2};
  link.WriteMemory(kMemory - 8, words, 8);
  EXPECT_EQ(b.writes, 2);
  EXPECT_THROW(link.WriteMemory(kMemory - 4, words, 8), Error);
  EXPECT_THROW(link.WriteMemory(0xfffffffc, words, 8), Error);
  EXPECT_THROW(link.ReadMemory(kMemory, words, 4), Error);
  EXPECT_THROW(link.ReadMemory(2, words, 4), Error);  // refused by the host
  EXPECT_EQ(b.writes, 2);
}

TEST(Link, AnswersARepeatedWriteButDoesItOnce) {
  Bench b;
  SerialLink link(&b);
  const uint32_t value = 7;
  const std::vector<uint8_t> write = RequestFrame(3, 200, 0x40, 1, &value);
  for (int i = 0; i < 3; ++i) {
    b.Send(write);
    ASSERT_EQ(b.Receive(), 0x5a);
    EXPECT_EQ(b.Receive(), 0);
    EXPECT_EQ(b.Receive(), 200);
    b.Settle();
    EXPECT_EQ(b.register_writes, 1);
  }
  // After a read the same bytes are a new request.
  link.ReadCsr(0);
  b.Send(write);
  b.Settle();
  EXPECT_EQ(b.register_writes, 2);
}

// Every byte of a write lost, doubled, or with each of its bits flipped.
TEST(Link, DropsFramesWithLostDoubledAndGarbledBytes) {
  Bench b;
  SerialLink link(&b);
  const uint32_t data[3] = {0x01020304, 0xa5a5a5a5, 0xffff0000};
  const std::vector<uint8_t> good = RequestFrame(1, 9, 0x20, 3, data);
  const auto expect_nothing = [&](const std::vector<uint8_t>& bad, const std::string& what) {
    const int drops = b.drops;
    b.Send(bad);
    b.Wait(kQuiet + 200);
    EXPECT_FALSE(b.answered()) << what;
    EXPECT_EQ(b.writes, 0) << what;
    EXPECT_EQ(b.drops, drops + 1) << what;
    b.Settle();
  };
  for (size_t i = 0; i < good.size(); ++i) {
    std::vector<uint8_t> bad = good;
    bad.erase(bad.begin() + static_cast<ptrdiff_t>(i));
    expect_nothing(bad, "lost byte " + std::to_string(i));
    if (i + 1 < good.size()) {  // a double of the last byte comes after a good frame
      bad = good;
      bad.insert(bad.begin() + static_cast<ptrdiff_t>(i), good[i]);
      expect_nothing(bad, "doubled byte " + std::to_string(i));
    }
    for (int bit = 0; bit < 8; ++bit) {
      bad = good;
      bad[i] = static_cast<uint8_t>(bad[i] ^ (1 << bit));
      expect_nothing(bad, "bit " + std::to_string(bit) + " of byte " + std::to_string(i));
    }
  }
  // A byte without its stop bit in the middle; a frame that stops half way.
  b.Send({good.begin(), good.begin() + 10});
  b.SendError();
  b.Send({good.begin() + 10, good.end()});
  b.Settle();
  b.Send({good.begin(), good.begin() + 10});
  b.Settle();
  EXPECT_EQ(b.writes, 0);
  // And the good frame is still taken.
  b.Send(good);
  b.Settle();
  EXPECT_EQ(b.writes, 3);
}

// After noise the bridge waits for quiet: a good frame right behind it is not looked at.
TEST(Link, TakesNoFrameBeforeTheLineWasQuiet) {
  Bench b;
  SerialLink link(&b);
  const uint32_t value = 5;
  b.SendByte(0x00);
  b.Send(RequestFrame(1, 50, 0, 1, &value));
  b.Settle();
  EXPECT_EQ(b.writes, 0);
  b.Send(RequestFrame(1, 50, 0, 1, &value));
  b.Settle();
  EXPECT_EQ(b.writes, 1);
}

}  // namespace
}  // namespace wren::link
