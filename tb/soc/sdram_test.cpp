// The SDRAM controller in front of the simulated chip, at several clock rates: random bursts of the
// core and words of the host against a reference memory, without one breach of the chip's data
// sheet.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <random>

#include "Vsdram_100.h"
#include "Vsdram_133.h"
#include "Vsdram_25.h"
#include "Vsdram_50.h"
#include "wren/board/sdram_chip.h"

namespace wren::board {
namespace {

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

using Beat = std::array<uint8_t, 16>;

struct Word {
  bool write;
  uint32_t addr, data;
};
struct Burst {
  bool write;
  uint64_t addr;
  int beats, id;
  std::vector<Beat> data;       // of writes
  std::vector<uint16_t> strbs;  // of writes
};

template <class Dut>
class Bench {
 public:
  explicit Bench(uint64_t clock_hz)
      : hz_(clock_hz),
        chip_(1'000'000'000'000 / clock_hz),
        rng_(Seed()),
        memory_(SdramChip::kBytes) {
    dut_.rst_ni = 0;
    for (int i = 0; i < 4; ++i) Tick();
    dut_.rst_ni = 1;
  }
  ~Bench() {
    dut_.final();
    EXPECT_EQ(chip_.breach_count(), 0u) << hz_ << " Hz, WREN_SEED=" << Seed();
    for (const std::string& breach : chip_.breaches()) ADD_FAILURE() << breach;
  }

  // Adds to what the core and the host want; Run does it all and compares what is read.
  void Add(const Burst& burst) { (burst.write ? writes_ : reads_).push_back(burst); }
  void Add(const Word& word) { words_.push_back(word); }
  Burst RandomBurst(bool write, uint64_t base, uint64_t size) {
    Burst b{write,
            base + rng_() % size / 16 * 16,
            1 + static_cast<int>(rng_() % 4 == 0 ? rng_() % 64 : rng_() % 5),
            static_cast<int>(rng_() % 3),
            {},
            {}};
    b.beats = std::min(b.beats, static_cast<int>((4096 - b.addr % 4096) / 16));
    for (int i = 0; write && i < b.beats; ++i) {
      Beat beat;
      for (uint8_t& byte : beat) byte = static_cast<uint8_t>(rng_());
      b.data.push_back(beat);
      b.strbs.push_back(static_cast<uint16_t>(rng_() % 3 == 0 ? rng_() : 0xffff));
    }
    return b;
  }
  // `stall`: per cent of clocks in which R, B and W rest.
  void Run(int stall, uint64_t limit = 2'000'000) {
    stall_ = stall;
    const uint64_t end = cycle_ + limit;
    while (Busy() && !testing::Test::HasFailure()) {
      ASSERT_LT(cycle_, end) << "hangs, WREN_SEED=" << Seed();
      Step();
    }
  }
  void Idle(uint64_t clocks) {
    for (uint64_t i = 0; i < clocks; ++i) Step();
  }
  bool Busy() const {
    return !reads_.empty() || !writes_.empty() || !words_.empty() || !reading_.empty() ||
           w_active_ || b_left_ > 0;
  }
  // Waits for the initialization: a word is read.
  void PowerUp() {
    Add(Word{false, 0, 0});
    Run(0);
  }

  uint64_t cycle() const { return cycle_; }
  SdramChip& chip() { return chip_; }
  std::mt19937_64& rng() { return rng_; }
  uint64_t first_beat() const { return first_beat_; }
  uint64_t last_beat() const { return last_beat_; }
  int failed_bursts() const { return failed_bursts_; }

 private:
  bool Rest() { return static_cast<int>(rng_() % 100) < stall_; }
  template <class Wide>
  static void Put(Wide& port, const Beat& beat) {
    for (size_t i = 0; i < 4; ++i) std::memcpy(&port[i], &beat[4 * i], 4);
  }
  template <class Wide>
  static Beat Get(const Wide& port) {
    Beat beat;
    for (size_t i = 0; i < 4; ++i) std::memcpy(&beat[4 * i], &port[i], 4);
    return beat;
  }
  static bool Inside(uint64_t addr) { return addr < SdramChip::kBytes; }

  void Step() {
    // Requests. A read that overlaps a write under way (or the other way round) waits, so that what
    // must be read is known.
    if (dut_.ar_valid_i == 0 && !reads_.empty() && !Overlaps(reads_.front()) && !Rest()) {
      dut_.ar_valid_i = 1;
      dut_.ar_addr_i = reads_.front().addr;
      dut_.ar_len_i = static_cast<uint8_t>(reads_.front().beats - 1);
      dut_.ar_id_i = static_cast<uint8_t>(reads_.front().id);
    }
    if (dut_.aw_valid_i == 0 && !w_active_ && b_left_ == 0 && !writes_.empty() &&
        !Overlaps(writes_.front()) && !Rest()) {
      w_ = writes_.front();
      writes_.pop_front();
      w_active_ = true;
      w_next_ = 0;
      dut_.aw_valid_i = 1;
      dut_.aw_addr_i = w_.addr;
      dut_.aw_id_i = static_cast<uint8_t>(w_.id);
      b_left_ = 1;
    }
    if (dut_.w_valid_i == 0 && w_active_ && !Rest()) {
      dut_.w_valid_i = 1;
      Put(dut_.w_data_i, w_.data[static_cast<size_t>(w_next_)]);
      dut_.w_strb_i = w_.strbs[static_cast<size_t>(w_next_)];
      dut_.w_last_i = w_next_ + 1 == w_.beats;
    }
    if (dut_.mem_valid_i == 0 && !words_.empty() && !Rest()) {
      const Word& word = words_.front();
      if (!OverlapsWord(word.addr)) {
        dut_.mem_valid_i = 1;
        dut_.mem_write_i = word.write;
        dut_.mem_addr_i = word.addr;
        dut_.mem_wdata_i = word.data;
      }
    }
    dut_.r_ready_i = !Rest();
    dut_.b_ready_i = !Rest();
    Tick();
  }
  bool Meets(const Burst& a, uint64_t addr, uint64_t bytes) const {
    return a.addr < addr + bytes && addr < a.addr + static_cast<uint64_t>(a.beats) * 16;
  }
  bool Overlaps(const Burst& b) const {
    const uint64_t bytes = static_cast<uint64_t>(b.beats) * 16;
    if (dut_.mem_valid_i != 0 && Meets(b, dut_.mem_addr_i & ~15u, 16)) return true;
    if (b.write) {
      if (dut_.ar_valid_i != 0 && Meets(reads_.front(), b.addr, bytes)) return true;
      return std::any_of(reading_.begin(), reading_.end(),
                         [&](const Burst& r) { return Meets(r, b.addr, bytes); });
    }
    return (w_active_ || b_left_ > 0) && Meets(w_, b.addr, bytes);
  }
  bool OverlapsWord(uint32_t addr) const {
    const uint64_t beat = addr & ~15u;
    if ((w_active_ || b_left_ > 0) && Meets(w_, beat, 16)) return true;
    if (dut_.ar_valid_i != 0 && Meets(reads_.front(), beat, 16)) return true;
    return std::any_of(reading_.begin(), reading_.end(),
                       [&](const Burst& r) { return Meets(r, beat, 16); });
  }

  void Tick() {
    // The falling edge, which is the chip's rising one: the controller takes DQ as it was before
    // it.
    dut_.sd_dq_i = chip_.driving() ? chip_.dq() : static_cast<uint16_t>(rng_());
    dut_.clk_i = 0;
    dut_.eval();
    SdramPins pins;
    pins.cke = dut_.sd_cke_o, pins.cs_n = dut_.sd_cs_no, pins.ras_n = dut_.sd_ras_no,
    pins.cas_n = dut_.sd_cas_no, pins.we_n = dut_.sd_we_no;
    pins.ba = dut_.sd_ba_o, pins.a = dut_.sd_a_o, pins.dqm = dut_.sd_dqm_o, pins.dq = dut_.sd_dq_o,
    pins.dq_oe = dut_.sd_dq_oe_o;
    chip_.Edge(pins);
    dut_.sd_dq_i = static_cast<uint16_t>(rng_());  // only what is there at the falling edge counts
    dut_.eval();
    if (dut_.rst_ni != 0) Handshakes();
    const bool ar = dut_.ar_valid_i && dut_.ar_ready_o, aw = dut_.aw_valid_i && dut_.aw_ready_o;
    const bool w = dut_.w_valid_i && dut_.w_ready_o, mem = dut_.mem_valid_i && dut_.mem_ready_o;
    const bool word_read = mem && !dut_.mem_write_i;
    dut_.clk_i = 1;
    dut_.eval();
    ++cycle_;
    if (ar) dut_.ar_valid_i = 0;
    if (aw) dut_.aw_valid_i = 0;
    if (w) dut_.w_valid_i = 0;
    if (mem) dut_.mem_valid_i = 0;
    if (word_read) {
      uint32_t expected;
      std::memcpy(&expected, &memory_[words_.front().addr], 4);
      EXPECT_EQ(dut_.mem_rdata_o, expected)
          << "word at " << words_.front().addr << ", cycle " << cycle_ << ", WREN_SEED=" << Seed();
    }
    if (mem) {
      if (!word_read) std::memcpy(&memory_[words_.front().addr], &words_.front().data, 4);
      words_.pop_front();
    }
  }
  void Handshakes() {
    if (dut_.ar_valid_i && dut_.ar_ready_o) {
      reading_.push_back(reads_.front());
      reads_.pop_front();
      ar_cycle_ = cycle_;
    }
    if (dut_.r_valid_o && dut_.r_ready_i) {
      ASSERT_FALSE(reading_.empty());
      Burst& burst = reading_.front();
      if (r_next_ == 0) first_beat_ = cycle_ - ar_cycle_;
      last_beat_ = cycle_ - ar_cycle_;
      const uint64_t addr = burst.addr + static_cast<uint64_t>(r_next_) * 16;
      EXPECT_EQ(int{dut_.r_id_o}, burst.id);
      EXPECT_EQ(int{dut_.r_last_o}, r_next_ + 1 == burst.beats ? 1 : 0);
      EXPECT_EQ(int{dut_.r_resp_o}, Inside(addr) ? 0 : 3);
      if (Inside(addr)) {
        const Beat got = Get(dut_.r_data_o);
        EXPECT_EQ(std::memcmp(got.data(), &memory_[addr], 16), 0)
            << "beat at " << addr << ", cycle " << cycle_ << ", WREN_SEED=" << Seed();
      } else {
        ++failed_bursts_;
      }
      if (++r_next_ == burst.beats) {
        r_next_ = 0;
        reading_.pop_front();
      }
    }
    if (dut_.w_valid_i && dut_.w_ready_o) {
      const auto n = static_cast<size_t>(w_next_);
      for (size_t i = 0; i < 16; ++i) {
        const uint64_t at = w_.addr + n * 16 + i;
        if (Inside(at) && (w_.strbs[n] >> i & 1) != 0) memory_[at] = w_.data[n][i];
      }
      if (++w_next_ == w_.beats) w_active_ = false;
    }
    if (dut_.b_valid_o && dut_.b_ready_i) {
      EXPECT_FALSE(w_active_) << "B before the last W";
      EXPECT_EQ(b_left_, 1);
      EXPECT_EQ(int{dut_.b_id_o}, w_.id);
      EXPECT_EQ(int{dut_.b_resp_o}, Inside(w_.addr) ? 0 : 3);
      b_left_ = 0;
    }
  }

  Dut dut_;
  uint64_t hz_;
  SdramChip chip_;
  std::mt19937_64 rng_;
  std::vector<uint8_t> memory_;
  std::deque<Burst> reads_, writes_, reading_;
  std::deque<Word> words_;
  Burst w_{};
  bool w_active_ = false;
  int w_next_ = 0, r_next_ = 0, b_left_ = 0, stall_ = 0, failed_bursts_ = 0;
  uint64_t cycle_ = 0, ar_cycle_ = 0, first_beat_ = 0, last_beat_ = 0;
};

// Fills a few places, then mixes bursts and words over them: one place is a window over bank and
// row borders, the others are rows of the same banks far away, so that rows open and close.
template <class Dut>
void RandomTraffic(uint64_t hz, int rounds) {
  Bench<Dut> b(hz);
  const uint64_t places[] = {0, 8192 * 3 - 2048, SdramChip::kBytes / 2, SdramChip::kBytes - 8192};
  for (const int stall : {0, 30, 80}) {
    for (int i = 0; i < rounds; ++i) {
      const uint64_t base = places[b.rng()() % 4];
      const uint64_t kind = b.rng()() % 5;
      if (kind < 2) b.Add(b.RandomBurst(true, base, 8192));
      if (kind >= 1 && kind < 4) b.Add(b.RandomBurst(false, base, 8192));
      if (kind == 4)
        b.Add(Word{b.rng()() % 2 == 0, static_cast<uint32_t>(base + b.rng()() % 8192 / 4 * 4),
                   static_cast<uint32_t>(b.rng()())});
    }
    ASSERT_NO_FATAL_FAILURE(b.Run(stall));
  }
  EXPECT_GT(b.chip().counts().read, static_cast<uint64_t>(rounds));
  EXPECT_GT(b.chip().counts().write, static_cast<uint64_t>(rounds));
}

TEST(Sdram, KeepsRandomTrafficAt25MHz) { RandomTraffic<Vsdram_25>(25'000'000, 3000); }
TEST(Sdram, KeepsRandomTrafficAt50MHz) { RandomTraffic<Vsdram_50>(50'000'000, 3000); }
TEST(Sdram, KeepsRandomTrafficAt100MHz) { RandomTraffic<Vsdram_100>(100'000'000, 3000); }
TEST(Sdram, KeepsRandomTrafficAt133MHzWithCasLatency3) {
  RandomTraffic<Vsdram_133>(133'000'000, 3000);
}

// For longer than 64 ms, idle and under full load in turns: the chip checks that each row is
// refreshed.
template <class Dut>
void Refreshes(uint64_t hz) {
  Bench<Dut> b(hz);
  const uint64_t end = hz / 1000 * 70;
  while (b.cycle() < end && !testing::Test::HasFailure()) {
    for (int i = 0; i < 100; ++i) {
      Burst read = b.RandomBurst(false, 0, SdramChip::kBytes - 4096);
      read.addr = read.addr / 1024 * 1024, read.beats = 64;
      b.Add(read);
    }
    ASSERT_NO_FATAL_FAILURE(b.Run(0));
    b.Idle(20'000);
  }
  std::printf("%.1f MHz: longest time without a refresh %.3f us, %.1f %% of refreshes per 64 ms\n",
              static_cast<double>(hz) / 1e6,
              static_cast<double>(b.chip().longest_refresh_gap()) / 1e6,
              100.0 * static_cast<double>(b.chip().counts().refresh) /
                  (static_cast<double>(b.cycle()) / static_cast<double>(hz) / 64e-3 * 8192));
}
TEST(Sdram, RefreshesEveryRowAt25MHz) { Refreshes<Vsdram_25>(25'000'000); }
TEST(Sdram, RefreshesEveryRowAt50MHz) { Refreshes<Vsdram_50>(50'000'000); }

TEST(Sdram, AnswersBurstsOutsideTheMemoryWithErrors) {
  Bench<Vsdram_50> b(50'000'000);
  for (int i = 0; i < 50; ++i) {
    b.Add(b.RandomBurst(true, 0, 8192));
    b.Add(b.RandomBurst(
        true, SdramChip::kBytes + (uint64_t{1} << (25 + i % 15)) - SdramChip::kBytes, 8192));
    b.Add(b.RandomBurst(false, uint64_t{1} << (25 + i % 15), 8192));
    b.Add(b.RandomBurst(false, 0, 8192));
  }
  b.Run(20);
  EXPECT_GT(b.failed_bursts(), 0);
}

// What a read costs: the figures of docs/fpga.md.
template <class Dut>
void Cost(uint64_t hz) {
  Bench<Dut> b(hz);
  b.PowerUp();
  const auto read = [&](uint64_t addr, int beats) {
    b.Add(Burst{false, addr, beats, 0, {}, {}});
    b.Run(0);
    return std::pair(b.first_beat(), b.last_beat());
  };
  // The refresh may fall into any of them: the shortest of several.
  const auto best = [&](auto make) {
    std::pair<uint64_t, uint64_t> least{1000, 1000};
    for (int i = 0; i < 5; ++i) least = std::min(least, make(i));
    return least;
  };
  const auto other_row =
      best([&](int i) { return read(0x100000u * static_cast<uint64_t>(i + 1), 4); });
  const auto open_row =
      best([&](int i) { return read(0x500000u + 64u * static_cast<uint64_t>(i), 4); });
  const auto stream =
      best([&](int i) { return read(0x500000u + 128u * static_cast<uint64_t>(i), 8); });
  const auto long_stream =
      best([&](int i) { return read(0x500000u + 1024u * static_cast<uint64_t>(i), 64); });
  std::printf(
      "%.0f MHz: 64 bytes from an open row: first beat %d, last %d clocks after AR; from another "
      "row %d, %d; 1 KiB %d\n",
      static_cast<double>(hz) / 1e6, static_cast<int>(open_row.first),
      static_cast<int>(open_row.second), static_cast<int>(other_row.first),
      static_cast<int>(other_row.second), static_cast<int>(long_stream.second));
  const uint64_t cas = hz > 100'000'000 ? 3 : 2;
  EXPECT_EQ(open_row.first, cas + 12);
  EXPECT_EQ(open_row.second, open_row.first + 24);
  EXPECT_EQ(stream.second, stream.first + 7 * 8) << "bursts stream";
  EXPECT_LT(long_stream.second, long_stream.first + 63 * 8 * 11 / 10)
      << "with refreshes in between";
}
TEST(Sdram, StreamsSixteenBytesPerEightClocks) {
  Cost<Vsdram_25>(25'000'000);
  Cost<Vsdram_50>(50'000'000);
  Cost<Vsdram_133>(133'000'000);
}

// A slow reader must not hold up writes and words, or the core could wait for itself.
TEST(Sdram, ServesWritesAndWordsWhileReadsAreHeldUp) {
  Bench<Vsdram_50> b(50'000'000);
  b.PowerUp();
  for (int i = 0; i < 20; ++i) {
    Burst read = b.RandomBurst(false, 0x10000, 4096);
    read.addr = 0x10000, read.beats = 64;
    b.Add(read);
    b.Add(b.RandomBurst(true, 0x20000, 4096));
    b.Add(Word{true, 0x30000u + 4 * static_cast<uint32_t>(i), static_cast<uint32_t>(i)});
    b.Add(Word{false, 0x30000u + 4 * static_cast<uint32_t>(i), 0});
  }
  b.Run(90);
}

}  // namespace
}  // namespace wren::board
