// Runs programs on the whole core and on the instruction-set model, from equal memories, and
// compares what they left.
#ifndef WREN_TB_CORE_CORE_BENCH_H_
#define WREN_TB_CORE_CORE_BENCH_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "wren/error.h"
#include "wren/isa/csr.h"
#include "wren/isa/isa.h"
#include "wren/isa/model.h"
#include "wren/sim/rtl_core.h"

namespace wren::core {

// The configuration this binary is built for.
#ifndef WREN_CORE_CONFIG
#define WREN_CORE_CONFIG kNano
#endif
inline constexpr sim::Config kConfig = sim::Config::WREN_CORE_CONFIG;

inline uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

class CoreBench {
 public:
  static constexpr uint64_t kMemory = 1 << 22;  // external memory of both
  static constexpr uint64_t kRing = 0x200040;   // ring of 64 commands, not aligned to 4 KiB
  static constexpr uint32_t kRingSize = 64;

  explicit CoreBench(sim::Config config, sim::RtlOptions options = {})
      : rng_(Seed()), ext_(kMemory), model_(isa::Config::Named(sim::ConfigName(config)), ext_) {
    options.seed = Seed();
    options.memory.bytes = kMemory;
    if (const char* file = std::getenv("WREN_TRACE")) options.trace_file = file;
    rtl_ = sim::RtlCore::Create(config, options);
    // Both memories start with the same noise: what must not be written is seen.
    for (uint8_t& b : ext_.bytes()) b = static_cast<uint8_t>(rng_());
    rtl_->MemWrite(0, ext_.bytes().data(), kMemory);
    Configure();
  }

  sim::RtlCore& rtl() { return *rtl_; }
  isa::Model& model() { return model_; }
  std::mt19937_64& rng() { return rng_; }
  const isa::Config& shape() const { return model_.config(); }

  void Configure() {
    rtl_->CsrWrite(csr::kRingLo, static_cast<uint32_t>(kRing));
    rtl_->CsrWrite(csr::kRingHi, 0);
    rtl_->CsrWrite(csr::kRingSize, kRingSize);
    rtl_->CsrWrite(csr::kIrqEnable, 3);
    rtl_->CsrWrite(csr::kCtrl, 1);
  }

  // Same bytes into both memories.
  void Poke(uint64_t addr, const void* data, size_t n) {
    std::memcpy(&ext_.bytes()[addr], data, n);
    rtl_->MemWrite(addr, data, n);
  }

  void Add(const isa::Command& c) { program_.push_back(isa::Encode(c)); }
  void AddRaw(const isa::Bytes& bytes) { program_.push_back(bytes); }
  size_t size() const { return program_.size(); }

  // Writes the program (at most kRingSize commands) into the ring and rings the doorbell.
  void Launch() {
    for (size_t i = 0; i < program_.size(); ++i)
      Poke(kRing + 64 * ((tail_ + i) % kRingSize), program_[i].data(), 64);
    tail_ += static_cast<uint32_t>(program_.size());
    rtl_->CsrWrite(csr::kTail, tail_);
  }
  // Launches, waits, runs the model, compares external memory; for programs without errors.
  void RunAndCompare(uint64_t max_cycles = 200000) {
    Launch();
    ASSERT_TRUE(rtl_->RunUntilIdle(max_cycles)) << rtl_->Describe();
    EXPECT_EQ(rtl_->CsrRead(csr::kErrCode), 0u) << Error();
    EXPECT_EQ(rtl_->CsrRead(csr::kRetired), tail_);
    EXPECT_EQ(rtl_->CsrRead(csr::kHead), tail_);
    ExpectModel(program_.size());
    program_.clear();
  }
  // Runs the first `n` commands of the program on the model and compares external memory.
  void ExpectModel(size_t n) {
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i < n; ++i)
      bytes.insert(bytes.end(), program_[i].begin(), program_[i].end());
    const isa::RunResult result = model_.RunProgram(bytes.data(), n);
    EXPECT_TRUE(result.status.ok())
        << result.status.ToString() << " at command " << result.executed;
    CompareMemory();
    EXPECT_EQ((rtl_->CsrRead(csr::kStatus) & 4) != 0, model_.numeric());
  }
  void CompareMemory() {
    std::vector<uint8_t> got(kMemory);
    rtl_->MemRead(0, got.data(), got.size());
    int shown = 0;
    for (uint64_t i = 0; i < kMemory && shown < 8; ++i) {
      if (got[i] == ext_.bytes()[i]) continue;
      ++shown;
      ADD_FAILURE() << "external memory at " << std::hex << i << ": got " << int{got[i]}
                    << ", want " << int{ext_.bytes()[i]} << std::dec << " (cycle " << rtl_->cycle()
                    << ", WREN_SEED=" << Seed() << ")";
    }
  }

  // The error record in words.
  std::string Error() {
    return "code " + std::to_string(rtl_->CsrRead(csr::kErrCode)) + " engine " +
           std::to_string(rtl_->CsrRead(csr::kErrEngine)) + " index " +
           std::to_string(rtl_->CsrRead(csr::kErrIndex)) + " info " +
           std::to_string(rtl_->CsrRead(csr::kErrInfo));
  }
  void SoftReset() {
    rtl_->CsrWrite(csr::kCtrl, 3);
    for (int i = 0; (rtl_->CsrRead(csr::kCtrl) & 2) != 0; ++i) {
      if (i > 10000) throw wren::Error("the soft reset does not end");
    }
    rtl_->CsrWrite(csr::kIrqStatus, 3);
    model_.SoftReset();
    program_.clear();
    tail_ = 0;
  }

 private:
  std::mt19937_64 rng_;
  isa::FlatMemory ext_;
  isa::Model model_;
  std::unique_ptr<sim::RtlCore> rtl_;
  std::vector<isa::Bytes> program_;
  uint32_t tail_ = 0;
};

// Commands with header fields in one line.
template <class C>
C With(C c, uint32_t wait_sem, uint32_t wait_cnt, uint32_t post_sem, uint32_t post_cnt) {
  c.wait0_sem = wait_sem;
  c.wait0_cnt = wait_cnt;
  c.post0_sem = post_sem;
  c.post0_cnt = post_cnt;
  return c;
}

inline isa::LdCopy Load(uint64_t src, isa::LdDst space, uint32_t dst, uint32_t len) {
  isa::LdCopy c;
  c.src = src;
  c.dst_space = space;
  c.dst = dst;
  c.len = len;
  return c;
}

inline isa::StCopy Store(uint32_t src, uint64_t dst, uint32_t len) {
  isa::StCopy c;
  c.src = src;
  c.dst = dst;
  c.len = len;
  return c;
}

}  // namespace wren::core

#endif  // WREN_TB_CORE_CORE_BENCH_H_
