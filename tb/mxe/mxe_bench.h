// Drives mxe_tb, a matrix engine with its memories: commands, LD and GTA traffic beside them, and
// the check of every ACC write.
#ifndef WREN_TB_MXE_MXE_BENCH_H_
#define WREN_TB_MXE_MXE_BENCH_H_

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "reference.h"
#include "verilated.h"

namespace wren::mxe {

inline uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 1;
}

// Words of a wide port, whatever type Verilator gave it.
template <class Port>
uint32_t* Words(Port& port) {
  return reinterpret_cast<uint32_t*>(&port);
}

enum Bucket { kWorking = 0, kWaitSem, kStarved, kBlocked, kDraining, kIdle, kBuckets };

template <class Dut>
class Bench {
 public:
  Bench(const Shape& shape, uint64_t seed) : shape_(shape), mem_(shape), seed_(seed), rng_(seed) {
    context_->fatalOnError(false);
    dut_ = std::make_unique<Dut>(context_.get());
    dut_->rst_ni = 0;
    for (int i = 0; i < 3; ++i) Edge();
    dut_->rst_ni = 1;
  }
  ~Bench() { dut_->final(); }

  const Shape& shape() const { return shape_; }
  Memories& mem() { return mem_; }
  std::mt19937_64& rng() { return rng_; }
  int Random(int n) { return n <= 1 ? 0 : static_cast<int>(rng_() % static_cast<uint64_t>(n)); }
  bool Chance(int percent) { return Random(100) < percent; }

  // Why the bench is not content; empty when it is. Only the first fault is kept.
  const std::string& fault() const { return fault_; }
  void Fault(const std::string& text) {
    if (fault_.empty())
      fault_ =
          text + " (cycle " + std::to_string(cycle_) + ", WREN_SEED=" + std::to_string(seed_) + ")";
  }

  // Sends bytes to a plane of AB (0) or WB (1) as the LD does, and keeps mem() the same. `at` and
  // `n` are multiples of 16.
  void Load(int unit, int plane, int at, int n) {
    for (int done = 0; done < n;) {
      Beat beat = MakeBeat(unit, plane, at + done, n - done);
      ld_.push_back(beat);
      done += beat.bytes;
    }
    while (!ld_.empty() && fault_.empty()) Cycle();
  }
  // Writes all of mem()'s AB and WB through the LD ports.
  void LoadAll() {
    Load(0, 0, 0, shape_.ab_bytes), Load(0, 1, 0, shape_.ab_bytes / 16);
    Load(1, 0, 0, shape_.wb_bytes), Load(1, 1, 0, shape_.wb_bytes / 8);
  }

  // Ends LD traffic under way, so that the next batch may use its place.
  void Settle() {
    g_percent = ld_percent = x_percent = 0;
    while (!ld_.empty() && fault_.empty()) Cycle();
  }

  void Push(const Gemm& command) { commands_.push_back(command); }
  // Clocks until all commands are done. Returns the cycles from the first acceptance to the last
  // done_o, both counted.
  long Drain(long limit = 4000000) {
    long begin = -1, end = 0, last = cycle_ + limit;
    while ((!commands_.empty() || !expected_.empty()) && fault_.empty()) {
      size_t before = commands_.size();
      Cycle();
      if (begin < 0 && commands_.size() < before) begin = cycle_ - 1;
      end = cycle_;
      if (cycle_ > last)
        Fault("the engine hangs: " + std::to_string(expected_.size()) + " writes are missing");
    }
    return end - begin;
  }

  // Percent of cycles in which cmd_valid_i may rise, and how much the other ports are used (0: not
  // at all).
  int cmd_percent = 100, x_percent = 0, g_percent = 0, ld_percent = 0;
  // What the disturbances may touch: nothing that a command of this batch uses.
  std::vector<int> free_ab, free_wb,
      free_acc;  // words, sets, even ACC words (with the odd one after)

  long buckets[kBuckets] = {};
  long writes = 0, x_reads = 0, x_conflicts = 0, wraps = 0, dones = 0;
  long cycle() const { return cycle_; }

  // Reads all of ACC through the GTA port and compares.
  void CheckAcc() {
    x_todo_.clear();
    for (int w = 0; w < shape_.AccWords(); w += 2)
      for (int r = 0; r < shape_.rows; ++r) x_todo_.emplace_back(w, r);
    while (!x_todo_.empty() && fault_.empty()) Cycle();
    Cycle();
  }

  void Cycle() {
    Dut& d = *dut_;
    // Inputs of this cycle.
    if (!cmd_offered_ && !commands_.empty() && Chance(cmd_percent)) {
      cmd_offered_ = true;
      auto words = commands_.front().Encode();
      std::memcpy(Words(d.cmd_i), words.data(), 64);
    }
    d.cmd_valid_i = cmd_offered_;

    d.g_valid_i = g_percent && !free_ab.empty() && Chance(g_percent);
    if (d.g_valid_i) {
      d.g_word_i = static_cast<uint16_t>(free_ab[Random(static_cast<int>(free_ab.size()))]);
      d.g_lane_i = static_cast<uint8_t>(Random(shape_.rows));
      for (int i = 0; i < 8; ++i) Words(d.g_data_i)[i] = static_cast<uint32_t>(rng_());
      d.g_scale_i = static_cast<uint16_t>(rng_());
    }

    if (ld_.empty() && ld_percent && Chance(ld_percent)) Disturb();
    d.ld_valid_i = 0;
    if (!ld_.empty()) {
      const Beat& beat = ld_.front();
      d.ld_valid_i = static_cast<uint8_t>(1 << beat.unit);
      d.ld_plane_i = static_cast<uint8_t>(beat.plane);
      d.ld_addr_i = static_cast<uint32_t>(beat.at);
      d.ld_strb_i = beat.strobes;
      std::memcpy(Words(d.ld_data_i), beat.data.data(), beat.data.size());
    }

    bool check_all = !x_todo_.empty();
    d.x_valid_i = check_all || (x_percent && !free_acc.empty() && Chance(x_percent));
    if (d.x_valid_i) {
      auto [word, row] = check_all
                             ? x_todo_.front()
                             : std::make_pair(free_acc[Random(static_cast<int>(free_acc.size()))],
                                              Random(shape_.rows));
      d.x_word_i = static_cast<uint16_t>(word);
      d.x_row_i = static_cast<uint8_t>(row);
    }

    d.clk_i = 0;
    d.eval();
    Observe(check_all);
    Edge();
    if (context_->gotError()) Fault("an RTL assertion failed (see above)");
  }

  Dut& dut() { return *dut_; }

 private:
  struct Beat {
    int unit, plane, at, bytes;
    uint8_t strobes;
    std::vector<uint8_t> data;  // one bus beat
  };

  uint8_t* Plane(int unit, int plane) {
    if (unit == 0)
      return plane ? reinterpret_cast<uint8_t*>(mem_.ab_scale.data())
                   : reinterpret_cast<uint8_t*>(mem_.ab.data());
    return plane ? reinterpret_cast<uint8_t*>(mem_.wb_scale.data())
                 : reinterpret_cast<uint8_t*>(mem_.wb.data());
  }

  // The beat that carries mem()'s bytes from `at`, at most n; bytes without a strobe are noise.
  Beat MakeBeat(int unit, int plane, int at, int n) {
    Beat beat{unit, plane, at, 0, 0, std::vector<uint8_t>(shape_.bus)};
    for (auto& x : beat.data) x = static_cast<uint8_t>(rng_());
    int base = at / shape_.bus * shape_.bus;
    for (int i = (at - base) / 16; i < shape_.bus / 16 && beat.bytes < n; ++i) {
      beat.strobes |= static_cast<uint8_t>(1 << i);
      beat.bytes += 16;
      std::memcpy(&beat.data[16 * i], Plane(unit, plane) + base + 16 * i, 16);
    }
    return beat;
  }

  // New content for a word or set that no command uses.
  void Disturb() {
    int unit = Random(2);
    auto& list = unit ? free_wb : free_ab;
    if (list.empty()) return;
    int bytes = (unit ? shape_.cols : shape_.rows) * 32;
    int at = list[Random(static_cast<int>(list.size()))] * bytes + Random(bytes / 16) * 16;
    uint8_t* plane = Plane(unit, 0);
    for (int i = 0; i < 16; ++i) plane[at + i] = static_cast<uint8_t>(rng_());
    ld_.push_back(MakeBeat(unit, 0, at, 16));
  }

  void Observe(bool check_all) {
    Dut& d = *dut_;
    if (d.cmd_valid_i && d.cmd_ready_o) {
      for (auto& w : Execute(shape_, commands_.front(), mem_)) expected_.push_back(std::move(w));
      commands_.pop_front();
      cmd_offered_ = false;
    }
    if (d.g_valid_i) {
      int block = d.g_word_i * shape_.rows + d.g_lane_i;
      // A beat that waits carries what mem() held: it goes behind this write.
      std::memcpy(&mem_.ab[size_t{32} * block], Words(d.g_data_i), 32);
      mem_.ab_scale[block] = d.g_scale_i;
    }
    if (d.ld_valid_i && (d.ld_ready_o & d.ld_valid_i)) {
      const Beat& beat = ld_.front();
      int base = beat.at / shape_.bus * shape_.bus;
      for (int i = 0; i < shape_.bus / 16; ++i)
        if (beat.strobes >> i & 1)
          std::memcpy(Plane(beat.unit, beat.plane) + base + 16 * i, &beat.data[16 * i], 16);
      ld_.pop_front();
    }
    if (d.mon_mem_o != mon_next_) Fault("a monitor of AB or WB missed a write or invented one");
    mon_next_ = static_cast<uint8_t>((d.ld_valid_i >> 1 & 1) << 2 |
                                     (d.ld_valid_i & d.ld_ready_o & 1) << 1 | d.g_valid_i);

    // GTA reads: data one cycle after the grant.
    if (x_pending_) {
      for (int i = 0; i < 2 * shape_.cols && fault_.empty(); ++i) {
        if (Words(d.x_data_o)[i] != x_want_[i]) {
          char text[160];
          std::snprintf(text, sizeof text,
                        "GTA read of ACC word %d row %d, value %d: got %08x, want %08x", x_word_,
                        x_row_, i, Words(d.x_data_o)[i], x_want_[i]);
          Fault(text);
        }
      }
    }
    x_pending_ = d.x_valid_i && d.x_ready_o;
    x_word_ = d.x_word_i;
    x_row_ = d.x_row_i;
    x_want_.resize(2 * shape_.cols);
    for (int i = 0; i < 2 * shape_.cols && x_pending_; ++i)
      x_want_[i] = mem_.acc[((x_word_ + i / shape_.cols) * shape_.rows + x_row_) * shape_.cols +
                            i % shape_.cols];
    x_reads += x_pending_;
    x_conflicts += d.x_valid_i && !d.x_ready_o;
    if (x_pending_ && check_all) x_todo_.pop_front();

    if (d.bucket_o >= kBuckets)
      Fault("no such bucket");
    else
      ++buckets[d.bucket_o];

    bool last = false, wrapped = false;
    if (d.mon_valid_o) {
      ++writes;
      if (expected_.empty()) {
        Fault("a write of ACC that no command makes");
      } else {
        const AccWrite& want = expected_.front();
        CheckWrite(want);
        last = want.last;
        wrapped = want.wraps;
        expected_.pop_front();
      }
    }
    dones += d.done_o;
    wraps += d.numeric_o;
    if (d.done_o != last) Fault("done_o does not mark the last write of a command");
    if (d.numeric_o != wrapped) Fault("numeric_o does not mark the write that wrapped");
  }

  void CheckWrite(const AccWrite& want) {
    Dut& d = *dut_;
    char text[200];
    if (d.mon_word_o != want.word || d.mon_rows_o != want.mask) {
      std::snprintf(text, sizeof text, "ACC write: got word %d rows %x, want word %d rows %x",
                    d.mon_word_o, d.mon_rows_o, want.word, want.mask);
      Fault(text);
      return;
    }
    for (int r = 0; r < shape_.rows; ++r) {
      if (!(want.mask >> r & 1)) continue;
      for (int c = 0; c < shape_.cols; ++c) {
        uint32_t got = Words(d.mon_data_o)[r * shape_.cols + c],
                 wanted = want.data[r * shape_.cols + c];
        if (got == wanted) continue;
        std::snprintf(text, sizeof text,
                      "ACC word %d row %d column %d: got %08x (%g), want %08x (%g)", want.word, r,
                      c, got, Float(got), wanted, Float(wanted));
        Fault(text);
        return;
      }
    }
  }

  void Edge() {
    dut_->clk_i = 0;
    dut_->eval();
    dut_->clk_i = 1;
    dut_->eval();
    ++cycle_;
  }

  Shape shape_;
  Memories mem_;
  uint64_t seed_;
  std::mt19937_64 rng_;
  std::unique_ptr<VerilatedContext> context_ = std::make_unique<VerilatedContext>();
  std::unique_ptr<Dut> dut_;
  long cycle_ = 0;
  std::string fault_;
  std::deque<Gemm> commands_;
  std::deque<AccWrite> expected_;
  std::deque<Beat> ld_;
  std::deque<std::pair<int, int>> x_todo_;
  bool cmd_offered_ = false, x_pending_ = false;
  int x_word_ = 0, x_row_ = 0;
  std::vector<uint32_t> x_want_;
  uint8_t mon_next_ = 0;
};

}  // namespace wren::mxe

#endif  // WREN_TB_MXE_MXE_BENCH_H_
