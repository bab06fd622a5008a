// Timing of external memory: when does an access of a DRAM finish?
//
//   wren::sim::DramModel dram(wren::sim::DramTiming::Of(wren::sim::MemoryKind::kLpddr5));
//   uint64_t done_ps = dram.Access(now_ps, address, /*write=*/false);   // now_ps never decreases
//
// The model holds no data. Times are picoseconds; the core's clock is 1 GHz, so 1000 are a cycle.
// An access is one burst of one channel (32 bytes of both standards). Column commands of a channel
// are issued in order of arrival; precharges and activates of the accesses behind them are issued
// as early as the rules below allow, up to `queue` accesses ahead. Rows stay open. docs/dram.md has
// the parameter table and the sources of its numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace wren::sim {

// What is behind the AXI port. kFixed is not a DRAM: it is AxiMemory's own latency and stalls.
enum class MemoryKind { kFixed, kIdeal, kLpddr5, kHbm2e307, kHbm2e461 };

inline constexpr std::array<MemoryKind, 5> kMemoryKinds = {
    MemoryKind::kFixed, MemoryKind::kIdeal, MemoryKind::kLpddr5, MemoryKind::kHbm2e307,
    MemoryKind::kHbm2e461};

// "fixed", "ideal", "lpddr5", "hbm2e_307", "hbm2e_461". Parse throws wren::Error for other names.
const char* MemoryKindName(MemoryKind kind);
MemoryKind ParseMemoryKind(const std::string& name);

// Organization and rules of one kind. Counts are powers of two. All t_ and latencies in ps; the
// names are JEDEC's (JESD209-5 for LPDDR5, JESD235 for HBM2E).
struct DramTiming {
  uint32_t channels = 1;          // independent (HBM: pseudo channels)
  uint32_t bank_groups = 1;       // per channel
  uint32_t banks = 1;             // per bank group
  uint32_t access_bytes = 64;     // data of one burst
  uint32_t page_bytes = 1 << 20;  // a row of one bank
  uint32_t queue = 32;            // accesses of a channel looked at ahead of its data bus
  bool rows = true;               // false: ideal, only t_burst and controller count

  uint64_t t_burst = 1000;  // the data bus is busy with one access
  uint64_t t_ccd_s = 0;     // column to column, other bank group
  uint64_t t_ccd_l = 0;     // same bank group
  uint64_t t_rl = 0;        // read command to first data (RL, CL)
  uint64_t t_wl = 0;        // write command to first data (WL, CWL)
  uint64_t t_rcd = 0;       // activate to column
  uint64_t t_rp = 0;        // precharge (of one bank) to activate
  uint64_t t_rp_all = 0;    // precharge of all banks to refresh
  uint64_t t_ras = 0;       // activate to precharge
  uint64_t t_rc = 0;        // activate to activate, same bank
  uint64_t t_rrd = 0;       // activate to activate, other bank
  uint64_t t_faw = 0;       // window that holds at most four activates
  uint64_t t_rtp = 0;       // read to precharge
  uint64_t t_wr = 0;        // end of write data to precharge
  uint64_t t_wtr_s = 0;     // end of write data to read, other bank group
  uint64_t t_wtr_l = 0;     // same bank group
  uint64_t t_rtw = 0;       // idle time of the data bus from read data to write data
  uint64_t t_refi = 0;      // refresh interval; 0: no refresh
  uint64_t t_rfc = 0;       // refresh to activate
  uint64_t controller = 0;  // added to every access: controller and PHY, both ways

  // Bytes per nanosecond (= GB/s) of all channels together.
  double peak() const { return 1000.0 * access_bytes * channels / static_cast<double>(t_burst); }

  // The parameters of a kind. Throws wren::Error for kFixed.
  static DramTiming Of(MemoryKind kind);
};

struct DramStats {
  uint64_t reads = 0, writes = 0;  // accesses
  uint64_t hits = 0;               // the row was open
  uint64_t activates = 0;          // = accesses - hits
  uint64_t conflicts = 0;          // activates that had to close another row first
  uint64_t turnarounds = 0;        // read after write or write after read on one channel
  uint64_t refreshes = 0;          // of single channels
};

class DramModel {
 public:
  // Throws wren::Error when a count is not a power of two.
  explicit DramModel(const DramTiming& timing);

  // Where an address is. From the lowest bits up: byte of an access, lowest bit of the bank group
  // (neighbours alternate, so a stream runs at t_ccd_s), channel, column, rest of the bank group,
  // bank, row. The number of the bank (group and bank together) is then XORed with the lowest bits
  // of the row, so that rows a power of two apart land in different banks.
  struct Place {
    uint32_t channel, bank, group, column;  // bank: of the channel, 0 .. bank_groups * banks - 1
    uint64_t row;
  };
  Place Map(uint64_t address) const;

  // The access that holds byte `address`, arriving at now_ps: returns when its last data is at the
  // port (read) or in the memory (write). now_ps must not decrease from call to call.
  uint64_t Access(uint64_t now_ps, uint64_t address, bool write);

  const DramTiming& timing() const { return t_; }
  const DramStats& stats() const { return stats_; }

 private:
  struct Bank {
    bool open = false, used = false;
    uint64_t row = 0;
    uint64_t activate = 0;   // time of the last activate
    uint64_t precharge = 0;  // earliest precharge of the open row
    uint64_t ready = 0;      // earliest activate of a closed bank
  };
  struct Channel {
    std::vector<Bank> banks;
    std::vector<uint64_t> issued;   // column times of the last `queue` accesses
    uint64_t count = 0;             // accesses so far
    uint64_t acts = 0;              // activates so far
    std::array<uint64_t, 4> act{};  // times of the last four
    uint64_t last_column = 0;       // time of the last column command
    bool last_write = false;
    uint32_t last_group = 0;
    std::vector<uint64_t> group_column;     // last column command of each group, plus one
    std::vector<uint64_t> group_write_end;  // end of the last write data of each group
    uint64_t write_end = 0, read_end = 0;   // ends of data
    uint64_t next_refresh = 0;
  };

  void Refresh(Channel* channel, uint64_t now_ps);

  DramTiming t_;
  int access_bits_, group_bits_, bank_bits_, channel_bits_, column_bits_;
  std::vector<Channel> channels_;
  DramStats stats_;
};

// What a reader with nothing else to do gets: it asks for the next 64 bytes as soon as fewer than
// `window` bytes are under way.
struct DramReader {
  bool random = false;        // 64-byte aligned addresses drawn from `span`; else ascending from 0
  uint64_t bytes = 16 << 20;  // to read
  uint64_t window = 128 << 10;
  uint64_t span = uint64_t{1} << 30;
  uint64_t seed = 1;

  // Bytes per nanosecond.
  double Run(DramModel* dram) const;
};

}  // namespace wren::sim
