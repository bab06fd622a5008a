// Drives gta_tb, the vector engine with its memory: commands, ACC conflicts and DMA traffic
// outside, and the check of every write against the instruction-set model.
#ifndef WREN_TB_GTA_GTA_BENCH_H_
#define WREN_TB_GTA_GTA_BENCH_H_

#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "verilated.h"
#include "wren/isa/isa.h"
#include "wren/isa/model.h"

namespace wren::gta {

// Words of a wide port, whatever type Verilator gave it.
template <class Port>
uint8_t* Bytes(Port& port) {
  return reinterpret_cast<uint8_t*>(&port);
}

template <class Dut>
class Bench : private isa::WriteSink {
 public:
  // Bytes at the end of VM, and the last table, that commands must leave to the DMA traffic.
  static constexpr uint32_t kDmaBytes = 4096;

  Bench(const isa::Config& config, uint64_t seed)
      : config_(config),
        model_(config, ext_),
        seed_(seed),
        rng_(seed),
        dma_(config.vm - kDmaBytes),
        st_seen_(config.vm),
        lut_seen_(config.tables * isa::kTableBytes) {
    context_->fatalOnError(false);
    dut_ = std::make_unique<Dut>(context_.get());
    dut_->rst_ni = 0;
    for (int i = 0; i < 3; ++i) Edge();
    dut_->rst_ni = 1;
  }
  ~Bench() override { dut_->final(); }

  isa::Model& model() { return model_; }
  isa::FlatMemory& ext() { return ext_; }
  std::mt19937_64& rng() { return rng_; }
  bool Chance(int percent) { return static_cast<int>(rng_() % 100) < percent; }
  const std::string& fault() const { return fault_; }
  uint64_t cycle() const { return cycle_; }
  uint64_t checked() const { return checked_; }

  // How often (percent) the neighbours interfere.
  int command_gap = 0;   // a command is not offered although there is one
  int acc_conflict = 0;  // ACC is not ready
  int dma_traffic = 0;   // LD, ST and gather use VM; LD loads the last table

  // Writes the model's VM and tables into the device. Model memories may have been changed by the
  // caller.
  void Load() {
    Idle();
    const uint32_t bus = config_.bus;
    for (uint32_t at = 0; at < config_.vm; at += bus) {
      Write(false, at, model_.vm().data() + at);
    }
    for (uint32_t at = 0; at < config_.tables * isa::kTableBytes; at += bus) {
      Write(true, at, model_.lut().data() + at);
    }
    std::memcpy(st_seen_.data(), model_.vm().data(), config_.vm);
    lut_seen_ = model_.lut();
  }

  // Gives the model the last table as the DMA traffic has left it, so that a command may use it.
  void TakeTable() {
    Idle();
    model_.lut() = lut_seen_;
  }

  // Puts a command into the queue; the model executes it now.
  void Push(const isa::GtaOp& op) {
    const isa::Bytes bytes = isa::Encode(op);
    isa::Status status = model_.Check(bytes.data());
    if (!status.ok()) return Fail("the bench made an illegal command: " + status.ToString());
    queue_.push_back(bytes);
    ++expected_done_;
    model_.Execute(bytes.data(), this);
  }

  // Runs until everything is done and quiet. Compares the flag NUMERIC.
  void Drain(uint64_t limit = 2000000) {
    const uint64_t end = cycle_ + limit;
    while (fault_.empty() && (done_ < expected_done_ || !Quiet())) {
      if (cycle_ >= end) {
        return Fail("no end: " + std::to_string(done_) + " of " + std::to_string(expected_done_) +
                    " commands done, missing bytes out " + std::to_string(out_.size()) +
                    " scales " + std::to_string(osc_.size()) + " reductions " +
                    std::to_string(red_.size()) + " AB blocks " + std::to_string(ab_.size()));
      }
      Cycle();
    }
    for (int i = 0; i < 4 && fault_.empty(); ++i) Cycle();
    if (fault_.empty() && (!out_.empty() || !osc_.empty() || !red_.empty() || !ab_.empty())) {
      Fail("commands are done but writes are missing");
    }
    if (fault_.empty() && numeric_ != model_.numeric()) {
      Fail(std::string("NUMERIC is ") + (numeric_ ? "raised" : "not raised"));
    }
    numeric_ = false;
    model_.ClearNumeric();
  }

  // Reads all of VM through the ST port and compares with the model (the DMA part with what was
  // written).
  void CheckVm() {
    Idle();
    for (uint32_t at = 0; at < config_.vm && fault_.empty(); at += config_.bus) {
      dut_->st_rd_valid_i = 1;
      dut_->st_rd_addr_i = at;
      Edge();
      dut_->st_rd_valid_i = 0;
      const uint8_t* want = at < dma_ ? model_.vm().data() + at : st_seen_.data() + at;
      dut_->eval();
      if (std::memcmp(Bytes(dut_->st_rd_data_o), want, config_.bus) != 0) {
        Fail("VM differs from the model at byte " + std::to_string(at));
      }
    }
  }

  // One clock edge with the inputs as they stand, without any checking: for speed measurements.
  void Edge() {
    dut_->clk_i = 0;
    dut_->eval();
    dut_->clk_i = 1;
    dut_->eval();
    ++cycle_;
  }
  Dut& dut() { return *dut_; }

 private:
  struct Scale {
    uint32_t addr;
    uint16_t value;
  };
  struct Reduction {
    uint32_t addr, value;
  };
  struct AbBlock {
    uint32_t word, lane;
    uint16_t scale;
    std::array<uint8_t, 32> data;
  };

  bool Quiet() const { return out_.empty() && osc_.empty() && red_.empty() && ab_.empty(); }

  void Fail(const std::string& text) {
    if (!fault_.empty()) return;
    fault_ = text + " (command " + std::to_string(done_) + ", cycle " + std::to_string(cycle_) +
             ", WREN_SEED=" + std::to_string(seed_) + ")";
  }

  // What the model writes
  void Acc(uint32_t, uint32_t, const uint32_t*) override {}
  void Gta(uint32_t addr, const uint8_t* data, uint32_t n) override {
    for (uint32_t i = 0; i < n; ++i) out_.emplace_back(addr + i, data[i]);
  }
  void GtaScale(uint32_t addr, uint16_t scale) override { osc_.push_back({addr, scale}); }
  void GtaAb(uint32_t word, uint32_t lane, const uint8_t* data, uint16_t scale) override {
    AbBlock b{word, lane, scale, {}};
    std::memcpy(b.data.data(), data, 32);
    ab_.push_back(b);
  }
  void Red(uint32_t addr, uint32_t value) override { red_.push_back({addr, value}); }
  void Ld(isa::Space, uint64_t, const uint8_t*, uint32_t) override {}
  void St(isa::Space, uint64_t, const uint8_t*, uint32_t) override {}

  // Ends what the neighbours have begun.
  void Idle() {
    Dut& d = *dut_;
    const int traffic = std::exchange(dma_traffic, 0);
    while (fault_.empty() &&
           (d.vm_wr_valid_i || d.lut_wr_valid_i || d.st_rd_valid_i || d.ix_valid_i))
      Cycle();
    dma_traffic = traffic;
    d.cmd_valid_i = d.x_ready_i = d.vm_wr_valid_i = d.lut_wr_valid_i = d.st_rd_valid_i =
        d.ix_valid_i = 0;
  }

  void Write(bool lut, uint32_t addr, const uint8_t* data) {
    Dut& d = *dut_;
    (lut ? d.lut_wr_valid_i : d.vm_wr_valid_i) = 1;
    d.wr_addr_i = addr;
    d.wr_strb_i = (1u << (config_.bus / 16)) - 1;
    std::memcpy(Bytes(d.wr_data_i), data, config_.bus);
    for (bool taken = false; !taken;) {
      d.clk_i = 0;
      d.eval();
      taken = lut ? d.lut_wr_ready_o : d.vm_wr_ready_o;
      d.clk_i = 1;
      d.eval();
      ++cycle_;
    }
    (lut ? d.lut_wr_valid_i : d.vm_wr_valid_i) = 0;
  }

  static std::string Hex(uint64_t v) {
    char text[20];
    std::snprintf(text, sizeof text, "%08llx", static_cast<unsigned long long>(v));
    return text;
  }

  // One cycle with commands, neighbours and checks.
  void Cycle() {
    Dut& d = *dut_;
    // Commands: a valid one stays.
    if (!d.cmd_valid_i && !queue_.empty() && !Chance(command_gap)) {
      d.cmd_valid_i = 1;
      std::memcpy(Bytes(d.cmd_i), queue_.front().data(), 64);
    }
    d.x_ready_i = !Chance(acc_conflict);
    // LD: a beat to the DMA part of VM, or to the last table
    if (!d.vm_wr_valid_i && !d.lut_wr_valid_i && Chance(dma_traffic)) {
      const bool lut = Chance(30);
      (lut ? d.lut_wr_valid_i : d.vm_wr_valid_i) = 1;
      // not the entries that hold the header
      d.wr_addr_i = lut ? (config_.tables - 1) * isa::kTableBytes + 128 +
                              rng_() % ((isa::kTableBytes - 128) / config_.bus) * config_.bus
                        : dma_ + rng_() % (kDmaBytes / config_.bus) * config_.bus;
      d.wr_strb_i = rng_() & ((1u << (config_.bus / 16)) - 1);
      for (uint32_t i = 0; i < config_.bus; i += 4) {
        const uint32_t v = static_cast<uint32_t>(rng_());
        std::memcpy(Bytes(d.wr_data_i) + i, &v, 4);
      }
    }
    if (!d.st_rd_valid_i && Chance(dma_traffic)) {
      d.st_rd_valid_i = 1;
      d.st_rd_addr_i = dma_ + rng_() % (kDmaBytes / config_.bus) * config_.bus;
    }
    if (!d.ix_valid_i && Chance(dma_traffic / 4)) {
      d.ix_valid_i = 1;
      d.ix_addr_i = dma_ + rng_() % (kDmaBytes / 4) * 4;
    }

    d.clk_i = 0;
    d.eval();

    // What the coming edge sees
    const bool taken = d.cmd_valid_i && d.cmd_ready_o;
    const bool x_taken = d.x_valid_o && d.x_ready_i;
    const uint32_t x_word = d.x_word_o, x_row = d.x_row_o;
    const bool vm_taken = d.vm_wr_valid_i && d.vm_wr_ready_o,
               lut_taken = d.lut_wr_valid_i && d.lut_wr_ready_o;
    const bool st_taken = d.st_rd_valid_i && d.st_rd_ready_o,
               ix_taken = d.ix_valid_i && d.ix_ready_o;
    // A read sees what was taken two edges before; younger writes make it undefined, so it is not
    // compared then.
    const std::vector<uint8_t> st_want(st_seen_.begin() + d.st_rd_addr_i,
                                       st_seen_.begin() + d.st_rd_addr_i + config_.bus);
    uint32_t ix_want;
    std::memcpy(&ix_want, &st_seen_[d.ix_addr_i], 4);
    const uint32_t st_addr = d.st_rd_addr_i, ix_addr = d.ix_addr_i;
    if (vm_taken) {
      recent_[0] = d.wr_addr_i;
      for (uint32_t p = 0; p < config_.bus / 16; ++p) {
        if (d.wr_strb_i >> p & 1)
          std::memcpy(&st_seen_[d.wr_addr_i + 16 * p], Bytes(d.wr_data_i) + 16 * p, 16);
      }
    }
    Check();
    if (d.done_o) ++done_;
    numeric_ |= d.numeric_o;

    d.clk_i = 1;
    d.eval();
    ++cycle_;

    if (taken) {
      queue_.pop_front();
      d.cmd_valid_i = 0;
    }
    if (vm_taken) d.vm_wr_valid_i = 0;
    if (lut_taken) {
      d.lut_wr_valid_i = 0;
      for (uint32_t p = 0; p < config_.bus / 16; ++p) {
        if (d.wr_strb_i >> p & 1)
          std::memcpy(&lut_seen_[d.wr_addr_i + 16 * p], Bytes(d.wr_data_i) + 16 * p, 16);
      }
    }
    // Data of reads are there now.
    const uint32_t word_bytes = std::max(config_.lanes * 4, config_.bus);  // what one access covers
    const auto fresh = [&](uint32_t addr) {
      for (uint32_t r : recent_) {
        if (r / word_bytes == addr / word_bytes) return false;
      }
      return true;
    };
    if (x_taken) {
      const uint32_t n = config_.cols;
      for (uint32_t w = 0; w < 2; ++w) {
        std::memcpy(Bytes(d.x_data_i) + w * n * 4,
                    &model_.acc()[((x_word + w) * config_.rows + x_row) * n], n * 4);
      }
    } else {
      std::memset(Bytes(d.x_data_i), 0xEE, config_.cols * 8);
    }
    if (st_taken) {
      d.st_rd_valid_i = 0;
      d.eval();
      if (fresh(st_addr) && std::memcmp(Bytes(d.st_rd_data_o), st_want.data(), config_.bus) != 0) {
        Fail("ST read wrong data at byte " + std::to_string(st_addr));
      }
    }
    if (ix_taken) {
      d.ix_valid_i = 0;
      d.eval();
      if (fresh(ix_addr) && d.ix_data_o != ix_want) {
        Fail("the gather index at byte " + std::to_string(ix_addr) + " is " + Hex(d.ix_data_o) +
             " instead of " + Hex(ix_want));
      }
    }
    recent_[2] = recent_[1];
    recent_[1] = recent_[0];
    recent_[0] = ~0u;
    if (context_->gotError()) Fail("an assertion in the RTL does not hold (see above)");
  }

  // Compares the writes of this cycle.
  void Check() {
    Dut& d = *dut_;
    if (d.out_valid_o) {
      const uint64_t strb = d.out_strb_o;
      for (uint32_t i = 0; i < config_.lanes * 4; ++i) {
        if (!(strb >> (i / 2) & 1)) continue;
        const uint32_t addr = d.out_addr_o + i, got = Bytes(d.out_data_o)[i];
        if (out_.empty()) return Fail("a result nobody expects at byte " + std::to_string(addr));
        const auto [want_addr, want] = out_.front();
        out_.pop_front();
        ++checked_;
        if (addr != want_addr || got != want) {
          return Fail("result: byte " + std::to_string(addr) + " is " + Hex(got) +
                      ", expected byte " + std::to_string(want_addr) + " to be " + Hex(want));
        }
      }
    }
    if (d.osc_taken_o) {
      if (osc_.empty()) return Fail("a scale nobody expects");
      const Scale s = osc_.front();
      osc_.pop_front();
      ++checked_;
      if (s.addr != d.osc_addr_o || s.value != d.osc_data_o) {
        return Fail("scale: " + Hex(d.osc_data_o) + " at " + std::to_string(d.osc_addr_o) +
                    ", expected " + Hex(s.value) + " at " + std::to_string(s.addr));
      }
    }
    if (d.red_taken_o) {
      if (red_.empty()) return Fail("a reduction nobody expects");
      const Reduction r = red_.front();
      red_.pop_front();
      ++checked_;
      if (r.addr != d.red_addr_o || r.value != d.red_data_o) {
        return Fail("reduction: " + Hex(d.red_data_o) + " at " + std::to_string(d.red_addr_o) +
                    ", expected " + Hex(r.value) + " at " + std::to_string(r.addr));
      }
    }
    if (d.ab_valid_o) {
      if (ab_.empty()) return Fail("an AB block nobody expects");
      const AbBlock b = ab_.front();
      ab_.pop_front();
      ++checked_;
      if (b.word != d.ab_word_o || b.lane != d.ab_lane_o || b.scale != d.ab_scale_o ||
          std::memcmp(Bytes(d.ab_data_o), b.data.data(), 32) != 0) {
        return Fail("AB block: word " + std::to_string(d.ab_word_o) + " lane " +
                    std::to_string(d.ab_lane_o) + " scale " + Hex(d.ab_scale_o) +
                    ", expected word " + std::to_string(b.word) + " lane " +
                    std::to_string(b.lane) + " scale " + Hex(b.scale) + " (or its data differ)");
      }
    }
  }

  isa::Config config_;
  isa::FlatMemory ext_{64};
  isa::Model model_;
  uint64_t seed_;
  std::mt19937_64 rng_;
  uint32_t dma_;                   // first byte of the DMA part
  std::vector<uint8_t> st_seen_;   // VM as the DMA traffic has made it
  std::vector<uint8_t> lut_seen_;  // tables likewise
  uint32_t recent_[3] = {~0u, ~0u, ~0u};
  std::unique_ptr<VerilatedContext> context_ = std::make_unique<VerilatedContext>();
  std::unique_ptr<Dut> dut_;
  std::deque<isa::Bytes> queue_;
  std::deque<std::pair<uint32_t, uint8_t>> out_;
  std::deque<Scale> osc_;
  std::deque<Reduction> red_;
  std::deque<AbBlock> ab_;
  uint64_t cycle_ = 0, done_ = 0, expected_done_ = 0, checked_ = 0;
  bool numeric_ = false;
  std::string fault_;
};

}  // namespace wren::gta

#endif  // WREN_TB_GTA_GTA_BENCH_H_
