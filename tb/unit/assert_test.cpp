// The assertion macros of rtl/common/wren_assert.svh: what breaks a rule is reported, what keeps it
// is not.
#include <gtest/gtest.h>
#include <verilated.h>

#include <memory>

#include "Vassert_tb.h"

namespace {

class Bench {
 public:
  Bench() {
    context_.fatalOnError(false);
    top_ = std::make_unique<Vassert_tb>(&context_, "assert_tb");
    top_->rst_ni = 0;
    Clock();
    top_->rst_ni = 1;
    Clock();
  }
  ~Bench() { top_->final(); }

  // One cycle with these inputs; true when an assertion has failed so far.
  bool Offer(bool valid, bool ready, uint32_t high = 0, uint32_t low = 0) {
    top_->valid_i = valid;
    top_->ready_i = ready;
    top_->payload_i[0] = low;
    top_->payload_i[1] = 0;
    top_->payload_i[2] = high;
    return Clock();
  }
  bool Imply(bool cause, bool effect) {
    top_->cause_i = cause;
    top_->effect_i = effect;
    return Clock();
  }
  bool Follow(bool before, bool after) {
    top_->before_i = before;
    top_->after_i = after;
    return Clock();
  }
  void Reset(bool on) { top_->rst_ni = !on; }

 private:
  bool Clock() {
    top_->clk_i = 0;
    top_->eval();
    top_->clk_i = 1;
    top_->eval();
    return context_.gotError();
  }

  VerilatedContext context_;
  std::unique_ptr<Vassert_tb> top_;
};

TEST(AssertHold, AcceptsTransfersThatWaitUnchanged) {
  Bench b;
  EXPECT_FALSE(b.Offer(true, true, 1, 1));
  EXPECT_FALSE(b.Offer(true, false, 2, 2));
  EXPECT_FALSE(b.Offer(true, false, 2, 2));
  EXPECT_FALSE(b.Offer(true, true, 2, 2));
  EXPECT_FALSE(b.Offer(true, true, 3, 9));
  EXPECT_FALSE(b.Offer(false, false, 4, 4));
  EXPECT_FALSE(b.Offer(false, true, 5, 5));
  EXPECT_FALSE(b.Offer(true, false, 6, 6));
  EXPECT_FALSE(b.Offer(true, true, 6, 6));
}

// Verilator reports an error to the newest context, so there is one bench at a time.
TEST(AssertHold, ReportsALowBitThatChangesWhileItWaits) {
  Bench b;
  EXPECT_FALSE(b.Offer(true, false, 2, 2));
  EXPECT_TRUE(b.Offer(true, false, 2, 3));
}

TEST(AssertHold, ReportsAHighBitThatChangesWhileItWaits) {
  Bench b;
  EXPECT_FALSE(b.Offer(true, false, 2, 2));
  EXPECT_TRUE(b.Offer(true, false, 34, 2));
}

TEST(AssertHold, ReportsAPayloadThatChangesWhenItIsTaken) {
  Bench b;
  EXPECT_FALSE(b.Offer(true, false, 2, 2));
  EXPECT_TRUE(b.Offer(true, true, 2, 3));
}

TEST(AssertHold, ReportsAPayloadThatChangesAfterALongWait) {
  Bench b;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(b.Offer(true, false, 1, 7));
  EXPECT_TRUE(b.Offer(true, true, 1, 8));
}

TEST(AssertHold, ReportsAValidThatFallsWhileItWaits) {
  Bench b;
  EXPECT_FALSE(b.Offer(true, false, 2, 2));
  EXPECT_TRUE(b.Offer(false, false, 2, 2));
}

TEST(AssertHold, IsSilentInReset) {
  Bench b;
  b.Offer(true, false, 2, 2);
  b.Reset(true);
  EXPECT_FALSE(b.Offer(true, false, 3, 3));
  EXPECT_FALSE(b.Offer(false, false, 4, 4));
  b.Reset(false);
  EXPECT_FALSE(b.Offer(true, true, 5, 5));
}

TEST(Assert, ReportsAnImplicationThatDoesNotHold) {
  Bench b;
  EXPECT_FALSE(b.Imply(false, false));
  EXPECT_FALSE(b.Imply(false, true));
  EXPECT_FALSE(b.Imply(true, true));
  EXPECT_TRUE(b.Imply(true, false));
}

TEST(AssertNext, ReportsWhatDoesNotFollow) {
  Bench b;
  EXPECT_FALSE(b.Follow(false, false));
  EXPECT_FALSE(b.Follow(true, false));
  EXPECT_FALSE(b.Follow(false, true));
  EXPECT_FALSE(b.Follow(true, true));
  EXPECT_FALSE(b.Follow(true, true));
  EXPECT_TRUE(b.Follow(false, false));
}

TEST(Assert, IsSilentInReset) {
  Bench b;
  b.Reset(true);
  EXPECT_FALSE(b.Imply(true, false));
}

}  // namespace
