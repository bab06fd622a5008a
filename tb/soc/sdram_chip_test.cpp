// The simulated SDRAM: it takes what its data sheet allows, and notices each thing that this
// forbids.
#include "wren/board/sdram_chip.h"

#include <gtest/gtest.h>

namespace wren::board {
namespace {

constexpr uint64_t kClock = 10'000;  // 100 MHz: minima are 3, 3, 5, 7, 2, 7, 2 clocks

class Bench {
 public:
  explicit Bench(uint64_t clock = kClock) : chip(clock), clock_(clock) {}

  void Nop(uint64_t clocks) {
    for (uint64_t i = 0; i < clocks; ++i) chip.Edge({});
  }
  void Command(int ras_cas_we, int ba, int a, bool drive = false, int dq = 0) {
    SdramPins pins;
    pins.cs_n = false;
    pins.ras_n = (ras_cas_we & 4) != 0, pins.cas_n = (ras_cas_we & 2) != 0,
    pins.we_n = (ras_cas_we & 1) != 0;
    pins.ba = static_cast<uint8_t>(ba), pins.a = static_cast<uint16_t>(a);
    pins.dq_oe = drive, pins.dq = static_cast<uint16_t>(dq);
    chip.Edge(pins);
  }
  void Drive(int dq, int dqm = 0) {
    SdramPins pins;
    pins.dq_oe = true, pins.dq = static_cast<uint16_t>(dq), pins.dqm = static_cast<uint8_t>(dqm);
    chip.Edge(pins);
  }
  void Active(int ba, int row) { Command(3, ba, row); }
  void Read(int ba, int column) { Command(5, ba, column); }
  void Write(int ba, int column, int base) {  // eight words from `base` on
    Command(4, ba, column, true, base);
    for (int i = 1; i < 8; ++i) Drive(base + i);
  }
  void Precharge(int ba) { Command(2, ba, 0); }
  void PrechargeAll() { Command(2, 0, 0x400); }
  void Refresh() { Command(1, 0, 0); }
  void Mode(int mode = 0x23) { Command(0, 0, mode); }
  // As the data sheet wants it.
  void PowerUp(int refreshes = 8) {
    Nop(200'000'000 / clock_);
    PrechargeAll();
    Nop(2);
    for (int i = 0; i < refreshes; ++i) {
      Refresh();
      Nop(6);
    }
    Mode();
    Nop(1);
  }
  // Exactly one breach so far, and it says `what`.
  void ExpectBreach(const std::string& what) const {
    ASSERT_EQ(chip.breach_count(), 1u) << (chip.breaches().empty() ? "" : chip.breaches().back());
    EXPECT_NE(chip.breaches()[0].find(what), std::string::npos) << chip.breaches()[0];
  }
  void ExpectNone() const { ASSERT_EQ(chip.breach_count(), 0u) << chip.breaches()[0]; }

  SdramChip chip;

 private:
  uint64_t clock_;
};

// A chip after its initialization, with a row of bank 1 open.
struct OpenBench : Bench {
  OpenBench() {
    PowerUp();
    Active(1, 77);
    Nop(2);
  }
};

TEST(SdramChip, KeepsWhatIsWrittenAndReadsItAfterTheCasLatency) {
  OpenBench b;
  b.Write(1, 16, 100);
  b.Command(4, 1, 16, true, 0xffff);  // mask: word 0 whole, word 1 low byte only, the rest nothing
  b.Drive(0xffff, 2);
  for (int i = 0; i < 6; ++i) b.Drive(0xffff, 3);
  b.Read(1, 18);  // starts in the middle of its block of eight and wraps
  b.Nop(1);
  const int expected[8] = {102, 103, 104, 105, 106, 107, 0xffff, 0x00ff};
  for (const int word : expected) {
    EXPECT_TRUE(b.chip.driving());
    EXPECT_EQ(int{b.chip.dq()}, word);
    b.Nop(1);
  }
  EXPECT_FALSE(b.chip.driving());
  b.Precharge(1);
  b.Nop(2);
  b.Refresh();
  b.ExpectNone();
}

TEST(SdramChip, NoticesCommandsBeforeThePowerUpWait) {
  Bench b;
  b.Nop(19'998);
  b.PrechargeAll();
  b.ExpectBreach("power-up");
}

TEST(SdramChip, NoticesAWrongOrderOfTheInitialization) {
  {
    Bench b;
    b.Nop(20'000);
    b.Refresh();
    b.ExpectBreach("AUTO REFRESH before PRECHARGE ALL");
  }
  {
    Bench b;
    b.PowerUp(7);
    b.ExpectBreach("before eight refreshes");
  }
  {
    Bench b;
    b.Nop(20'000);
    b.PrechargeAll();
    b.Nop(2);
    b.Active(0, 0);
    b.ExpectBreach("ACTIVE before the mode");
  }
  {
    OpenBench b;
    b.Mode();
    b.ExpectBreach("LOAD MODE: a bank is open");
  }
}

TEST(SdramChip, NoticesModesThatDoNotExist) {
  const std::pair<int, const char*> modes[] = {{0x13, "CAS latency 1"},
                                               {0x27, "a burst of a page"},
                                               {0x2b, "interleaved"},
                                               {0x223, "reserved"}};
  for (const auto& [mode, what] : modes) {
    Bench b;
    b.PowerUp();
    b.Nop(1);
    b.Mode(mode);
    b.ExpectBreach(what);
  }
  Bench fast(7'000);
  fast.Nop(28'572);
  fast.PrechargeAll();
  fast.Nop(3);
  for (int i = 0; i < 8; ++i) {
    fast.Refresh();
    fast.Nop(9);
  }
  fast.Mode(0x23);
  fast.ExpectBreach("CAS latency 2 is too short");
}

TEST(SdramChip, NoticesEachMinimumBetweenCommands) {
  {
    Bench b;
    b.PowerUp();
    b.Mode();
    b.Active(0, 0);
    b.ExpectBreach("tMRD");
  }
  {
    Bench b;
    b.PowerUp();
    b.Active(0, 0);
    b.Nop(1);
    b.Read(0, 0);
    b.ExpectBreach("tRCD");
  }
  {
    Bench b;
    b.PowerUp();
    b.Active(0, 0);
    b.Nop(1);
    b.Write(0, 0, 0);
    b.ExpectBreach("tRCD");
  }
  {
    Bench b;
    b.PowerUp();
    b.Active(0, 0);
    b.Nop(3);
    b.Precharge(0);
    b.ExpectBreach("tRAS");
  }
  {
    OpenBench b;
    b.Nop(3);
    b.Precharge(1);
    b.Nop(1);
    b.Active(1, 5);
    b.ExpectBreach("tRP: ACTIVE");
  }
  {
    Bench b;  // of a bank: 50 ns open, then longer than tRP, but 60 ns in all with a faster tRP
    SdramTiming timing;
    timing.rp = 10'000;
    b.chip = SdramChip(kClock, timing);
    b.PowerUp();
    b.Active(0, 0);
    b.Nop(4);
    b.Precharge(0);
    b.Active(0, 1);
    b.ExpectBreach("tRC: ACTIVE");
  }
  {
    Bench b;
    b.PowerUp();
    b.Active(0, 0);
    b.Active(1, 0);
    b.ExpectBreach("tRRD");
  }
  {
    OpenBench b;
    b.Write(1, 0, 0);
    b.Precharge(1);
    b.ExpectBreach("tWR");
  }
  {
    Bench b;
    b.PowerUp();
    b.Refresh();
    b.Nop(5);
    b.Active(0, 0);
    b.ExpectBreach("tRFC");
  }
  {
    OpenBench b;
    b.Nop(3);
    b.Precharge(1);
    b.Nop(1);
    b.Refresh();
    b.ExpectBreach("tRP: AUTO REFRESH");
  }
  {
    OpenBench b;
    b.Nop(3);
    b.Precharge(1);
    b.Nop(1);
    b.Mode();
    b.ExpectBreach("tRP: LOAD MODE");
  }
}

TEST(SdramChip, NoticesCommandsThatABankIsNotReadyFor) {
  {
    OpenBench b;
    b.Nop(10);
    b.Active(1, 78);
    b.ExpectBreach("bank 1 is open already");
  }
  {
    OpenBench b;
    b.Read(2, 0);
    b.ExpectBreach("bank 2 is not open");
  }
  {
    OpenBench b;
    b.Nop(10);
    b.Refresh();
    b.ExpectBreach("AUTO REFRESH: a bank is open");
  }
  {
    OpenBench b;
    b.Nop(10);
    b.Command(4, 1, 0, true, 0);
    b.Drive(0);
    b.Drive(0, 3);
    b.Nop(1);
    b.ExpectBreach("nobody drives");
  }
  {
    OpenBench b;
    b.Nop(10);
    b.Command(4, 1, 0, true, 0);
    for (int i = 0; i < 4; ++i) b.Drive(0, 3);
    b.Precharge(1);
    ASSERT_GE(b.chip.breach_count(), 1u);
    EXPECT_NE(b.chip.breaches().back().find("while a burst writes"), std::string::npos)
        << b.chip.breaches().back();
  }
}

TEST(SdramChip, NoticesWhatItDoesNotModel) {
  {
    OpenBench b;
    b.Read(1, 0x400);
    b.ExpectBreach("auto precharge");
  }
  {
    OpenBench b;
    b.Command(6, 0, 0);
    b.ExpectBreach("BURST STOP");
  }
  {
    OpenBench b;
    SdramPins pins;
    pins.cke = false;
    b.chip.Edge(pins);
    b.ExpectBreach("power-down");
  }
}

TEST(SdramChip, NoticesTwoDriversOfItsData) {
  {
    OpenBench b;
    b.Read(1, 0);
    b.Nop(1);
    b.Drive(0);
    b.ExpectBreach("while the chip does");
  }
  {
    OpenBench b;  // half a clock of 10 ns is shorter than tHZ
    b.Read(1, 0);
    b.Nop(9);
    b.Drive(0);
    b.ExpectBreach("has let go");
  }
  {
    OpenBench b;
    b.Read(1, 0);
    b.Nop(10);
    b.Drive(0);
    b.ExpectNone();
  }
}

TEST(SdramChip, NoticesRowsThatAreOpenForTooLong) {
  SdramTiming timing;
  timing.refi = 100'000'000;
  OpenBench b;
  b.chip = SdramChip(kClock, timing);
  b.PowerUp();
  b.Active(0, 0);
  b.Nop(10'000);
  b.ExpectNone();
  b.Nop(1);
  b.ExpectBreach("tRAS: bank 0 is open");
}

TEST(SdramChip, NoticesLateRefreshes) {
  {
    Bench b;
    b.PowerUp();
    b.Nop(7'000);
    b.ExpectNone();
    b.Nop(100);
    b.ExpectBreach("more than eight are late");
  }
  // One refresh less than 8192 per 64 ms is noticed when the first row is too old; at the right
  // rate nothing is.
  for (const bool late : {false, true}) {
    Bench b;
    b.PowerUp();
    for (int i = 0; i < 8200; ++i) {
      b.Refresh();
      b.Nop(late ? 781 : 780);
    }
    if (late) {
      b.ExpectBreach("64 ms");
    } else {
      b.ExpectNone();
    }
  }
}

}  // namespace
}  // namespace wren::board
