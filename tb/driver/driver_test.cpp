// The C driver against the RTL: registers through the AXI4-Lite port, the ring in a buffer of the
// host that publish() copies into the core's memory.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

#include "wren/isa/isa.h"
#include "wren/isa/model.h"
#include "wren/sim/rtl_core.h"
#include "wren_driver.h"

namespace wren {
namespace {

constexpr uint64_t kMemory = 1 << 20, kRing = 0x8040, kIn = 0x20000, kOut = 0x40000;

class Host {
 public:
  explicit Host(uint32_t ring_commands, bool interrupts) : interrupts_(interrupts) {
    sim::RtlOptions options;
    options.memory.bytes = kMemory;
    rtl_ = sim::RtlCore::Create(sim::Config::kNano, options);
    ring_.resize(ring_commands * WREN_COMMAND_BYTES);
    std::vector<uint8_t> in(4096);
    std::iota(in.begin(), in.end(), uint8_t{7});
    rtl_->MemWrite(kIn, in.data(), in.size());
    bus_.context = this;
    bus_.read = [](void* c, uint32_t offset) { return Self(c)->rtl_->CsrRead(offset); };
    bus_.write = [](void* c, uint32_t offset, uint32_t value) {
      Self(c)->rtl_->CsrWrite(offset, value);
    };
    bus_.publish = [](void* c, const void* start, size_t bytes) {
      Host* h = Self(c);
      const auto at = static_cast<size_t>(static_cast<const uint8_t*>(start) - h->ring_.data());
      ASSERT_LE(at + bytes, h->ring_.size());
      h->rtl_->MemWrite(kRing + at, start, bytes);
    };
    bus_.wait = [](void* c) {
      Host* h = Self(c);
      if (h->patience_ == 0) return 1;
      --h->patience_;
      if (h->interrupts_) {
        ++h->sleeps_;
        return h->rtl_->RunUntilIrq(20000) ? 0 : 1;
      }
      h->rtl_->Step(50);
      return 0;
    };
    opened_ = wren_open(&device_, &bus_, ring_.data(), kRing, static_cast<uint32_t>(ring_commands));
  }

  wren_device* device() { return &device_; }
  sim::RtlCore& rtl() { return *rtl_; }
  wren_result opened() const { return opened_; }
  int sleeps() const { return sleeps_; }
  void set_patience(int n) { patience_ = n; }

  uint8_t At(uint64_t address) {
    uint8_t byte;
    rtl_->MemRead(address, &byte, 1);
    return byte;
  }

 private:
  static Host* Self(void* context) { return static_cast<Host*>(context); }

  const bool interrupts_;
  int patience_ = 5000, sleeps_ = 0;
  std::unique_ptr<sim::RtlCore> rtl_;
  std::vector<uint8_t> ring_;
  wren_bus bus_{};
  wren_device device_{};
  wren_result opened_;
};

// `pairs` copies of 32 bytes through VM, the i-th from kIn + 32 i to kOut + 32 i. Every pair ends
// with an interrupt if asked for, the last one does in any case.
std::vector<uint8_t> Copies(int pairs, bool irq_each = false) {
  std::vector<uint8_t> program;
  const auto add = [&](const isa::Command& c) {
    const isa::Bytes bytes = isa::Encode(c);
    program.insert(program.end(), bytes.begin(), bytes.end());
  };
  for (int i = 0; i < pairs; ++i) {
    isa::LdCopy ld;
    ld.src = kIn + static_cast<uint64_t>(i) * 32;
    ld.dst_space = isa::LdDst::kVm;
    ld.dst = static_cast<uint32_t>(i) * 32;
    ld.len = 32;
    ld.post0_sem = 1, ld.post0_cnt = 1;
    add(ld);
    isa::StCopy st;
    st.src = static_cast<uint32_t>(i) * 32;
    st.dst = kOut + static_cast<uint64_t>(i) * 32;
    st.len = 32;
    st.wait0_sem = 1, st.wait0_cnt = 1;
    st.irq = irq_each || i == pairs - 1;
    st.tag = static_cast<uint32_t>(i);
    add(st);
  }
  return program;
}

uint32_t Count(const std::vector<uint8_t>& program) {
  return static_cast<uint32_t>(program.size() / WREN_COMMAND_BYTES);
}

void ExpectCopied(Host* host, int pairs) {
  std::vector<uint8_t> in(static_cast<size_t>(pairs) * 32), out(in.size());
  host->rtl().MemRead(kIn, in.data(), in.size());
  host->rtl().MemRead(kOut, out.data(), out.size());
  EXPECT_EQ(in, out);
  EXPECT_NE(host->At(kIn + in.size()), host->At(kOut + in.size())) << "beyond the program";
}

TEST(Driver, OpensTheCoreAndReadsItsSizes) {
  Host host(8, true);
  ASSERT_EQ(host.opened(), WREN_OK);
  const isa::Config nano = isa::Config::Named("nano");
  EXPECT_EQ(host.device()->shape.rows, nano.rows);
  EXPECT_EQ(host.device()->shape.cols, nano.cols);
  EXPECT_EQ(host.device()->shape.bus, 16u);
  EXPECT_EQ(host.device()->shape.l2_bytes, nano.l2);
  EXPECT_EQ(wren_poll(host.device()), WREN_OK);
}

TEST(Driver, RunsAProgramThatIsLongerThanTheRingWithInterruptsAndByPolling) {
  for (const bool interrupts : {true, false}) {
    Host host(8, interrupts);
    ASSERT_EQ(host.opened(), WREN_OK);
    const std::vector<uint8_t> program = Copies(21, true);
    ASSERT_EQ(wren_run(host.device(), program.data(), Count(program)), WREN_OK);
    ExpectCopied(&host, 21);
    EXPECT_EQ(host.sleeps() > 0, interrupts);
    // And again: the ring goes on where it stands.
    ASSERT_EQ(wren_run(host.device(), program.data(), Count(program)), WREN_OK);
    wren_counters counters;
    wren_read_counters(host.device(), &counters);
    EXPECT_GT(counters.cycles, 0u);
    for (const auto& engine : counters.engine)
      EXPECT_EQ(std::accumulate(std::begin(engine), std::end(engine), uint64_t{0}),
                counters.cycles);
    EXPECT_EQ(counters.write_bytes, 2u * 21 * 32);
    EXPECT_EQ(counters.fetch_bytes, 2u * program.size());
    wren_clear_counters(host.device());
    wren_read_counters(host.device(), &counters);
    EXPECT_EQ(counters.cycles, 0u);
  }
}

TEST(Driver, TakesWhatFitsAndSaysHowMuch) {
  Host host(8, true);
  const std::vector<uint8_t> program = Copies(6);
  uint32_t accepted = 99;
  EXPECT_EQ(wren_submit(host.device(), program.data(), Count(program), &accepted), WREN_BUSY);
  EXPECT_EQ(accepted, 8u);
  EXPECT_EQ(wren_poll(host.device()), WREN_BUSY);
  host.rtl().RunUntilIdle(20000);
  EXPECT_EQ(wren_submit(host.device(), program.data() + accepted * WREN_COMMAND_BYTES,
                        Count(program) - accepted, &accepted),
            WREN_OK);
  EXPECT_EQ(accepted, 4u);
  EXPECT_EQ(wren_wait(host.device()), WREN_OK);
  EXPECT_EQ(wren_poll(host.device()), WREN_OK);
  ExpectCopied(&host, 6);
}

TEST(Driver, ReportsTheErrorThatStoppedTheCoreAndGoesOnAfterAReset) {
  Host host(16, true);
  std::vector<uint8_t> program = Copies(3);
  program[2 * 2 * WREN_COMMAND_BYTES] = 0x14;  // the third LD's opcode: none
  ASSERT_EQ(wren_run(host.device(), program.data(), Count(program)), WREN_HALTED);
  wren_error_record error;
  wren_error(host.device(), &error);
  EXPECT_EQ(error.code, WREN_ERROR_BAD_OPCODE);
  EXPECT_EQ(error.index, 4u);
  EXPECT_EQ(error.info, 0x14u);
  ExpectCopied(&host, 2);
  uint32_t accepted;
  EXPECT_EQ(wren_submit(host.device(), program.data(), 2, &accepted), WREN_HALTED);
  EXPECT_EQ(accepted, 0u);
  ASSERT_EQ(wren_reset(host.device()), WREN_OK);
  wren_error(host.device(), &error);
  EXPECT_EQ(error.code, WREN_ERROR_NONE);
  const std::vector<uint8_t> good = Copies(5);
  EXPECT_EQ(wren_run(host.device(), good.data(), Count(good)), WREN_OK);
  ExpectCopied(&host, 5);
}

TEST(Driver, GivesUpWhenThePlatformDoesAndStopsAtATimeoutOfTheCore) {
  Host host(16, true);
  std::vector<uint8_t> stuck = Copies(1);
  stuck.erase(stuck.begin(), stuck.begin() + WREN_COMMAND_BYTES);  // nobody posts
  EXPECT_EQ(wren_run(host.device(), stuck.data(), 1), WREN_GAVE_UP);
  ASSERT_EQ(wren_reset(host.device()), WREN_OK);
  wren_set_timeout(host.device(), 300);
  EXPECT_EQ(wren_run(host.device(), stuck.data(), 1), WREN_HALTED);
  wren_error_record error;
  wren_error(host.device(), &error);
  EXPECT_EQ(error.code, WREN_ERROR_TIMEOUT);
  EXPECT_EQ(error.info, 1u);  // the semaphore
  wren_set_timeout(host.device(), 0);
  ASSERT_EQ(wren_reset(host.device()), WREN_OK);
  const std::vector<uint8_t> good = Copies(2);
  EXPECT_EQ(wren_run(host.device(), good.data(), Count(good)), WREN_OK);
}

TEST(Driver, RefusesWhatIsNoWrenAndWhatIsNoRing) {
  std::map<uint32_t, uint32_t> registers = {{WREN_ID, 0xDEADBEEFu}};
  wren_bus bus{};
  bus.context = &registers;
  bus.read = [](void* c, uint32_t offset) {
    return (*static_cast<std::map<uint32_t, uint32_t>*>(c))[offset];
  };
  bus.write = [](void*, uint32_t, uint32_t) { FAIL() << "a write to something unknown"; };
  wren_device device;
  std::vector<uint8_t> ring(8 * 64);
  EXPECT_EQ(wren_open(&device, &bus, ring.data(), 0, 8), WREN_NO_DEVICE);
  registers[WREN_ID] = WREN_ID_RESET;
  registers[WREN_VERSION] = WREN_ISA_VERSION + 1;
  EXPECT_EQ(wren_open(&device, &bus, ring.data(), 0, 8), WREN_OTHER_VERSION);
  EXPECT_EQ(wren_open(&device, &bus, ring.data(), 0, 7), WREN_BAD_ARGUMENT);
  EXPECT_EQ(wren_open(&device, &bus, ring.data(), 0, 131072), WREN_BAD_ARGUMENT);
  EXPECT_EQ(wren_open(&device, &bus, ring.data(), 32, 8), WREN_BAD_ARGUMENT);
  EXPECT_EQ(wren_open(&device, &bus, ring.data(), (uint64_t{1} << 40) - 64, 8), WREN_BAD_ARGUMENT);
  EXPECT_EQ(wren_open(&device, &bus, nullptr, 0, 8), WREN_BAD_ARGUMENT);
  bus.read = nullptr;
  EXPECT_EQ(wren_open(&device, &bus, ring.data(), 0, 8), WREN_BAD_ARGUMENT);
}

TEST(Driver, HasATextForEveryResultAndError) {
  for (int r = WREN_OK; r <= static_cast<int>(WREN_BAD_ARGUMENT); ++r)
    EXPECT_STRNE(wren_result_text(static_cast<wren_result>(r)), "an unknown result") << r;
  for (uint32_t e = WREN_ERROR_NONE; e <= WREN_ERROR_FETCH; ++e)
    EXPECT_STRNE(wren_error_text(e), "an unknown error") << e;
  EXPECT_STREQ(wren_error_text(200), "an unknown error");
}

}  // namespace
}  // namespace wren
