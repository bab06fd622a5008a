// Wren behind a serial line, as on a board: a host loads a program and its data through frames,
// runs it, and reads back what the instruction-set model computes. Also over a line that loses,
// doubles and garbles bytes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>

#include "Vsoc_nano.h"
#include "wren/board/line.h"
#include "wren/error.h"
#include "wren/isa/csr.h"
#include "wren/isa/isa.h"
#include "wren/isa/model.h"
#include "wren/link/serial_link.h"

namespace wren {
namespace {

constexpr int kDivider = 4, kQuiet = 512;  // of the model: clocks per bit, 2^QuietBits
constexpr uint32_t kMemory = 65536;
constexpr uint32_t kRing = 0xc000, kRingSize = 16;

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

// The two wires of the board's serial port, bit by bit.
class Board : public link::Port {
 public:
  // One byte in `fault_every` on average is lost, doubled or garbled, in both directions; 0: none.
  explicit Board(int fault_every) : line_(fault_every, Seed()) {
    dut_.rst_ni = 0;
    dut_.rx_i = 1;
    for (int i = 0; i < 4; ++i) Tick();
    dut_.rst_ni = 1;
  }
  ~Board() override { dut_.final(); }

  void Send(const std::vector<uint8_t>& bytes) override {
    for (const uint8_t byte : bytes) {
      std::deque<uint8_t> passed;
      line_.Pass(byte, &passed);
      for (const uint8_t b : passed) SendByte(b);
    }
  }
  int Receive() override {
    for (int i = 0; answer_.empty(); ++i) {
      if (i == 3000) return -1;
      Tick();
    }
    const int byte = answer_.front();
    answer_.pop_front();
    return byte;
  }
  void Settle() override {
    for (int i = 0; i < 2 * kQuiet; ++i) {
      Tick();
      if (receiver_.active() || !answer_.empty()) i = 0;
      answer_.clear();
    }
  }
  uint64_t faults() const { return line_.faults(); }
  int leds() const { return dut_.led_o; }

 private:
  void SendByte(uint8_t byte) {
    const int bits = 0x200 | byte << 1;
    for (int bit = 0; bit < 10; ++bit) {
      dut_.rx_i = static_cast<uint8_t>(bits >> bit & 1);
      for (int i = 0; i < kDivider; ++i) Tick();
    }
  }
  void Tick() {
    dut_.clk_i = 0;
    dut_.eval();
    dut_.clk_i = 1;
    dut_.eval();
    const int bits = dut_.rst_ni != 0 ? receiver_.Sample(dut_.tx_o != 0) : -1;
    if (bits < 0) return;
    EXPECT_EQ(bits & 0x201, 0x200) << "start and stop bit";
    line_.Pass(board::LineReceiver::Byte(bits), &answer_);
  }

  Vsoc_nano dut_;
  board::NoisyLine line_;
  board::LineReceiver receiver_{kDivider};
  std::deque<uint8_t> answer_;
};

// Same bytes to the board and to the model, commands into both, and what they left.
class Session {
 public:
  explicit Session(int fault_every)
      : board_(fault_every),
        link_(&board_),
        ext_(kMemory),
        model_(isa::Config::Named("nano"), ext_),
        rng_(Seed()) {}

  Board& board() { return board_; }
  link::SerialLink& link() { return link_; }
  std::mt19937_64& rng() { return rng_; }

  void Poke(uint32_t addr, const void* data, size_t n) {
    std::memcpy(&ext_.bytes()[addr], data, n);
    link_.WriteMemory(addr, data, n);
  }
  void Noise(uint32_t addr, size_t n) {
    std::vector<uint8_t> bytes(n);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng_());
    Poke(addr, bytes.data(), n);
  }
  template <class C>
  void Add(C c, uint32_t wait, uint32_t post) {
    c.wait0_sem = wait, c.wait0_cnt = wait != 0;
    c.post0_sem = post, c.post0_cnt = post != 0;
    const isa::Bytes bytes = isa::Encode(c);
    program_.insert(program_.end(), bytes.begin(), bytes.end());
  }
  void Launch() {
    const size_t n = program_.size() / 64;
    ASSERT_LE(n, kRingSize);
    Poke(kRing, program_.data(), program_.size());
    link_.WriteCsr(csr::kRingLo, kRing);
    link_.WriteCsr(csr::kRingHi, 0);
    link_.WriteCsr(csr::kRingSize, kRingSize);
    link_.WriteCsr(csr::kIrqEnable, 3);
    link_.WriteCsr(csr::kCtrl, 1);
    link_.WriteCsr(csr::kTail, static_cast<uint32_t>(n));
  }
  void Run() {
    const size_t n = program_.size() / 64;
    ASSERT_NO_FATAL_FAILURE(Launch());
    for (int i = 0; link_.ReadCsr(csr::kRetired) != n; ++i) {
      ASSERT_LT(i, 200) << "error " << link_.ReadCsr(csr::kErrCode) << " status "
                        << link_.ReadCsr(csr::kStatus);
    }
    EXPECT_EQ(link_.ReadCsr(csr::kErrCode), 0u);
    const isa::RunResult result = model_.RunProgram(program_.data(), n);
    ASSERT_TRUE(result.status.ok()) << result.status.ToString();
  }
  void Compare(uint32_t addr, size_t n) {
    std::vector<uint8_t> got(n);
    link_.ReadMemory(addr, got.data(), n);
    for (size_t i = 0; i < n; ++i)
      ASSERT_EQ(int{got[i]}, int{ext_.bytes()[addr + i]})
          << "memory at " << addr + i << ", WREN_SEED=" << Seed();
  }

 private:
  Board board_;
  link::SerialLink link_;
  isa::FlatMemory ext_;
  isa::Model model_;
  std::mt19937_64 rng_;
  std::vector<uint8_t> program_;
};

isa::LdCopy Load(uint32_t src, isa::LdDst space, uint32_t len) {
  isa::LdCopy c;
  c.src = src, c.dst_space = space, c.len = len;
  return c;
}

// A product of 3 rows, 32 columns and K = 96, through LD, MXE, GTA and ST.
void RunProduct(Session* s) {
  const uint32_t rows = 3, groups = 2, kb = 3, ncg = 32;
  std::vector<uint16_t> scales(160);  // f16 of moderate size
  for (uint16_t& v : scales) v = static_cast<uint16_t>(0x2400 + s->rng()() % 0x1800);
  s->Poke(0x0000, scales.data(), scales.size() * 2);
  s->Noise(0x1000, groups * 2 * kb * 32);
  s->Noise(0x2000, ncg * kb * 32);
  s->Noise(0x8000, rows * 128 + 64);  // what must not be written is seen
  s->Add(Load(0x1000, isa::LdDst::kAb, groups * 2 * kb * 32), 0, 0);
  s->Add(Load(0x0000, isa::LdDst::kAbScale, 32), 0, 0);
  s->Add(Load(0x2000, isa::LdDst::kWb, ncg * kb * 32), 0, 0);
  s->Add(Load(0x0040, isa::LdDst::kWbScale, 192), 0, 4);
  isa::MxeGemm mm;
  mm.rows = rows, mm.ncg = ncg, mm.kb = kb;
  mm.ab_gs = kb, mm.wb_ns = kb, mm.wb_ks = 1, mm.acc_gs = ncg;
  s->Add(mm, 4, 5);
  isa::GtaOp op;
  op.rows = rows, op.cols = ncg;
  op.x_space = isa::XSpace::kAcc, op.x_format = isa::XFormat::kF32, op.x_stride = ncg;
  op.SetAImm(0.125f);
  op.out_space = isa::OutSpace::kVm, op.out_stride = 128;
  s->Add(op, 5, 6);
  isa::StCopy st;
  st.dst = 0x8000, st.len = rows * 128;
  s->Add(st, 6, 0);
  isa::CtlFence fence;
  fence.irq = 1;
  s->Add(fence, 0, 0);
  ASSERT_NO_FATAL_FAILURE(s->Run());
  s->Compare(0x8000, rows * 128 + 64);
  EXPECT_EQ(s->link().ReadCsr(csr::kIrqStatus), 1u);
}

TEST(Soc, RunsAProgramThroughTheSerialLine) {
  Session s(0);
  EXPECT_EQ(s.link().ReadCsr(csr::kId), 0x5752454eu);
  RunProduct(&s);
  EXPECT_EQ(s.link().repeats(), 0u);
  EXPECT_EQ(s.board().leds() & 0x18, 0x08) << "interrupt on, no frame dropped";
  s.link().WriteCsr(csr::kIrqStatus, 1);
  EXPECT_EQ(s.board().leds() & 0x18, 0x00);
}

TEST(Soc, RunsAProgramThroughALineThatLosesDoublesAndGarblesBytes) {
  Session s(400);
  RunProduct(&s);
  EXPECT_GT(s.board().faults(), 10u);
  EXPECT_GT(s.link().repeats(), 5u);
}

TEST(Soc, HoldsWhatIsWrittenToItsWholeMemory) {
  Session s(0);
  s.Noise(0, 1024);
  s.Noise(kMemory - 1024, 1024);
  s.Compare(0, 1024);
  s.Compare(kMemory - 1024, 1024);
  EXPECT_THROW(s.Noise(kMemory - 4, 8), Error);
}

// Wren's own accesses beyond the memory end with its AXI errors, not with a hang.
TEST(Soc, AnswersWrensAccessesBeyondTheMemoryWithErrors) {
  for (const bool store : {false, true}) {
    Session s(0);
    isa::StCopy st;
    st.dst = kMemory - 16, st.len = 64;
    if (store)
      s.Add(st, 0, 0);
    else
      s.Add(Load(kMemory - 32, isa::LdDst::kVm, 64), 0, 0);
    s.Launch();
    for (int i = 0; (s.link().ReadCsr(csr::kStatus) & 2) == 0; ++i) ASSERT_LT(i, 200);
    EXPECT_EQ(s.link().ReadCsr(csr::kErrCode),
              static_cast<uint32_t>(store ? csr::ErrorCode::kAxiWrite : csr::ErrorCode::kAxiRead));
  }
}

}  // namespace
}  // namespace wren
