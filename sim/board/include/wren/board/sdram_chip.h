// SdramChip: a 16-bit SDR SDRAM of 4 banks x 8192 rows x 512 columns (32 MiB) that keeps its
// contents and reports every breach of its data sheet.
//
// It sees its pins at each rising edge of its clock. What it checks: the power-up wait and the
// order of the initialization, every minimum between commands, the longest time a row may be open,
// the refresh of each row within 64 ms and at most eight refreshes late, commands in the wrong
// state, and both sides driving DQ. Sources: the AC tables and state diagrams of W9825G6KH,
// AS4C16M16SA and MT48LC16M16A2, which agree on them. Not modelled, so reported as breaches: auto
// precharge, burst stop, power-down and self refresh.
#ifndef WREN_BOARD_SDRAM_CHIP_H_
#define WREN_BOARD_SDRAM_CHIP_H_

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace wren::board {

// Times in ps. The defaults are those of the slowest grade of the three parts, so a controller that
// keeps them works with all.
struct SdramTiming {
  uint64_t power_up = 200'000'000;
  uint64_t rcd = 21'000;              // ACTIVE to READ or WRITE
  uint64_t rp = 21'000;               // PRECHARGE to ACTIVE, AUTO REFRESH or LOAD MODE
  uint64_t ras = 45'000;              // ACTIVE to PRECHARGE, at least
  uint64_t ras_max = 100'000'000;     // and at most
  uint64_t rc = 66'000;               // ACTIVE to ACTIVE of the same bank
  uint64_t rrd = 15'000;              // ACTIVE to ACTIVE of another bank
  uint64_t rfc = 66'000;              // AUTO REFRESH to the next command
  uint64_t wr = 15'000;               // last word written to PRECHARGE
  int mrd = 2;                        // clocks from LOAD MODE to the next command
  uint64_t hz = 6'000;                // the chip lets go of DQ this long after its last word's edge
  uint64_t cas2 = 10'000;             // shortest clock at CAS latency 2
  uint64_t cas3 = 7'500;              // and at 3
  uint64_t refresh = 64'000'000'000;  // each row
  uint64_t refi = 7'812'500;
};

// The pins that the board drives, as they are at a rising edge of the chip's clock.
struct SdramPins {
  bool cke = true, cs_n = true, ras_n = true, cas_n = true, we_n = true;
  uint8_t ba = 0, dqm = 0;
  uint16_t a = 0, dq = 0;
  bool dq_oe = false;  // the board drives DQ
};

class SdramChip {
 public:
  static constexpr int kBanks = 4, kRows = 8192, kColumns = 512;
  static constexpr uint32_t kBytes = 32u << 20;

  // `clock`: ps from edge to edge.
  explicit SdramChip(uint64_t clock, const SdramTiming& timing = {});

  // One rising edge.
  void Edge(const SdramPins& pins);
  // What the chip drives on DQ for the next edge; meaningless when it does not.
  bool driving() const { return driving_; }
  uint16_t dq() const { return dq_; }

  // The first breaches, each with its time; and how many there were.
  const std::vector<std::string>& breaches() const { return breaches_; }
  uint64_t breach_count() const { return breach_count_; }

  // Contents by 16-bit word: row, bank, column from the highest bit on.
  uint16_t& word(uint32_t index) { return words_[index]; }
  // Longest time between refreshes so far, and commands seen, for reports.
  uint64_t longest_refresh_gap() const { return longest_refresh_gap_; }
  struct Counts {
    uint64_t active = 0, read = 0, write = 0, precharge = 0, refresh = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Bank {
    bool open = false, ever_active = false, ever_precharged = false, ever_written = false;
    int row = 0;
    uint64_t active = 0, precharge = 0, written = 0;
  };
  struct Burst {
    bool on = false, write = false;
    int bank = 0, row = 0, column = 0, done = 0;
  };

  void Breach(const std::string& what);
  void Need(bool ok, const std::string& what);
  // `what` needs `least` ps since `then`.
  void After(uint64_t then, uint64_t least, const std::string& what);
  void Command(const SdramPins& pins);
  void OnActive(const SdramPins& pins);
  void OnColumn(const SdramPins& pins, bool write);
  void OnPrecharge(const SdramPins& pins);
  void OnRefresh();
  void OnLoadMode(const SdramPins& pins);
  void MoveData(const SdramPins& pins);
  uint32_t Index(int row, int bank, int column) const {
    return (static_cast<uint32_t>(row) * kBanks + static_cast<uint32_t>(bank)) * kColumns +
           static_cast<uint32_t>(column);
  }

  SdramTiming t_;
  uint64_t clock_, now_ = 0;
  std::vector<uint16_t> words_;
  std::array<Bank, kBanks> banks_;
  Burst burst_;
  struct Out {
    bool valid = false;
    uint16_t data = 0;
  };
  std::array<Out, 2> out_;  // words on their way to DQ, the newest first
  uint8_t dqm_before_ = 0;  // DQM hides what comes two clocks later
  bool driving_ = false, drove_before_ = false;
  uint16_t dq_ = 0;

  bool clock_enabled_ = false, initialized_ = false, precharged_all_ = false,
       late_reported_ = false;
  int cas_ = 0, burst_length_ = 0, refreshes_before_mode_ = 0, edges_since_mode_ = 1 << 20;
  uint64_t last_active_ = 0, last_refresh_ = 0;
  bool ever_active_ = false, ever_refreshed_ = false;
  std::deque<uint64_t> row_refreshed_;  // of each row, the next to be refreshed first
  uint64_t longest_refresh_gap_ = 0;

  Counts counts_;
  std::vector<std::string> breaches_;
  uint64_t breach_count_ = 0;
};

}  // namespace wren::board

#endif  // WREN_BOARD_SDRAM_CHIP_H_
