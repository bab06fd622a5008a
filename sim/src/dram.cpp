#include "wren/sim/dram.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "wren/error.h"

namespace wren::sim {

namespace {

constexpr std::array<const char*, kMemoryKinds.size()> kNames = {"fixed", "ideal", "lpddr5",
                                                                 "hbm2e_307", "hbm2e_461"};

int Log2(const char* what, uint32_t value) {
  if (value == 0 || (value & (value - 1)) != 0)
    throw Error(fmt::format("DramModel: {} is {}; use a power of two", what, value));
  return __builtin_ctz(value);
}

// Four x16 channels of 6400 Mb/s: 51.2 GB/s. CK is 800 MHz (WCK:CK = 4:1), 8 Gb per channel, 16
// banks in bank group mode, BL16. Times in ns are JESD209-5's core timings as gem5's
// LPDDR5_5500/6400_1x16_BG_BL16 interfaces publish them; what is given in clocks follows.
DramTiming Lpddr5() {
  constexpr uint64_t kCk = 1250;
  DramTiming t;
  t.channels = 4;
  t.bank_groups = 4;
  t.banks = 4;
  t.access_bytes = 32;   // 16 bits x BL16
  t.page_bytes = 2048;   // 2 KB page of a x16 device
  t.t_burst = 2 * kCk;   // BL/n of BL16
  t.t_ccd_s = 2 * kCk;   // BL/n_min
  t.t_ccd_l = 4 * kCk;   // BL/n_max
  t.t_rl = 17 * kCk;     // RL set 0 at 6400 Mb/s
  t.t_wl = 9 * kCk;      // WL set A at 6400 Mb/s
  t.t_rcd = 18000;       // tRCD
  t.t_rp = 18000;        // tRPpb
  t.t_rp_all = 21000;    // tRPab
  t.t_ras = 42000;       // tRAS
  t.t_rc = 60000;        // tRAS + tRPpb
  t.t_rrd = 5000;        // max(5 ns, 2 tCK)
  t.t_faw = 20000;       // tFAW in bank group mode
  t.t_rtp = 10000;       // BL/n + tRBTP: max(7.5 ns, 2 tCK)
  t.t_wr = 34000;        // tWR: max(34 ns, 3 tCK)
  t.t_wtr_s = 6250;      // max(6.25 ns, 4 tCK)
  t.t_wtr_l = 12000;     // max(12 ns, 4 tCK)
  t.t_rtw = 1 * kCk;     // tWCKDQO, rounded up to a clock
  t.t_refi = 3906000;    // tREFI
  t.t_rfc = 210000;      // tRFCab of 8 Gb
  t.controller = 20000;  // ours; gem5 assumes 10 ns in front of and 10 ns behind a controller
  return t;
}

// Eight channels of two pseudo channels of 64 bits, BL4; ck_ps is the period of CK, data runs at
// two bits per CK and pin. Core timings in ns are those of the HBM2 memory specification that
// DRAMSys publishes for a 1 GHz clock; they do not shorten with the data rate.
DramTiming Hbm2e(uint64_t ck_ps) {
  DramTiming t;
  t.channels = 16;
  t.bank_groups = 4;
  t.banks = 4;
  t.access_bytes = 32;    // 64 bits x BL4
  t.page_bytes = 1024;    // page of a pseudo channel
  t.t_burst = 2 * ck_ps;  // BL4
  t.t_ccd_s = 2 * ck_ps;  // tCCDS
  t.t_ccd_l = 4 * ck_ps;  // tCCDL: an assumption, DRAMSys has 3 CK at 1 GHz
  t.t_rl = 17000;         // RL
  t.t_wl = 7000;          // WL
  t.t_rcd = 12000;        // tRCDRD (tRCDWR is shorter; the model uses one)
  t.t_rp = 14000;         // tRP
  t.t_rp_all = 14000;     // tRP
  t.t_ras = 28000;        // tRAS
  t.t_rc = 42000;         // tRC
  t.t_rrd = 4000;         // tRRDS
  t.t_faw = 16000;        // tFAW
  t.t_rtp = 5000;         // tRTP
  t.t_wr = 14000;         // tWR
  t.t_wtr_s = 4000;       // tWTRS
  t.t_wtr_l = 9000;       // tWTRL
  t.t_rtw = 2 * ck_ps;    // preamble and postamble of the strobes
  t.t_refi = 3900000;     // tREFI
  t.t_rfc = 350000;       // tRFC of 8 Gb (JESD235), as Ramulator 2 lists it
  t.controller = 20000;   // ours, as above
  return t;
}

// A port of 64 bytes per cycle, 60 cycles away.
DramTiming Ideal() {
  DramTiming t;
  t.rows = false;
  t.access_bytes = 64;
  t.t_burst = 1000;
  t.controller = 59000;  // and the burst itself
  return t;
}

}  // namespace

const char* MemoryKindName(MemoryKind kind) { return kNames[static_cast<size_t>(kind)]; }

MemoryKind ParseMemoryKind(const std::string& name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return kMemoryKinds[i];
  }
  throw Error(fmt::format("memory '{}' is not one of {}", name, fmt::join(kNames, ", ")));
}

DramTiming DramTiming::Of(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::kIdeal:
      return Ideal();
    case MemoryKind::kLpddr5:
      return Lpddr5();
    case MemoryKind::kHbm2e307:
      return Hbm2e(833);  // 2.4 Gb/s per pin
    case MemoryKind::kHbm2e461:
      return Hbm2e(556);  // 3.6 Gb/s per pin
    case MemoryKind::kFixed:
      break;
  }
  throw Error("memory 'fixed' has no DRAM timing; use ideal, lpddr5, hbm2e_307 or hbm2e_461");
}

DramModel::DramModel(const DramTiming& timing) : t_(timing) {
  access_bits_ = Log2("access_bytes", t_.access_bytes);
  group_bits_ = Log2("bank_groups", t_.bank_groups);
  bank_bits_ = Log2("banks", t_.banks);
  channel_bits_ = Log2("channels", t_.channels);
  column_bits_ = Log2("page_bytes", t_.page_bytes) - access_bits_;
  Log2("queue", t_.queue);
  if (column_bits_ < 0) throw Error("DramModel: a page must hold at least one access");
  channels_.resize(t_.channels);
  for (Channel& c : channels_) {
    c.banks.resize(size_t{t_.bank_groups} * t_.banks);
    c.issued.resize(t_.queue);
    c.group_column.resize(t_.bank_groups);
    c.group_write_end.resize(t_.bank_groups);
    c.next_refresh = t_.t_refi;
  }
}

DramModel::Place DramModel::Map(uint64_t address) const {
  uint64_t rest = address >> access_bits_;
  const auto take = [&](int bits) {
    const auto field = static_cast<uint32_t>(rest & ((uint64_t{1} << bits) - 1));
    rest >>= bits;
    return field;
  };
  const int low = std::min(group_bits_, 1);
  Place p;
  p.group = take(low);
  p.channel = take(channel_bits_);
  p.column = take(column_bits_);
  p.group |= take(group_bits_ - low) << low;
  p.bank = take(bank_bits_) << group_bits_ | p.group;
  p.row = rest;
  p.bank ^= static_cast<uint32_t>(rest) & (t_.bank_groups * t_.banks - 1);
  p.group = p.bank & (t_.bank_groups - 1);
  return p;
}

// All refreshes that are due by now_ps, or that the channel's own column commands have passed.
void DramModel::Refresh(Channel* channel, uint64_t now_ps) {
  Channel& c = *channel;
  while (c.next_refresh <= std::max(now_ps, c.last_column)) {
    if (now_ps > c.next_refresh + 2 * t_.t_refi) {
      // Nobody asked for anything meanwhile; the last one or two decide.
      const uint64_t skipped = (now_ps - c.next_refresh) / t_.t_refi - 1;
      c.next_refresh += skipped * t_.t_refi;
      stats_.refreshes += skipped;
    }
    uint64_t start = c.next_refresh, idle = 0;
    for (const Bank& b : c.banks) {
      if (b.open) start = std::max(start, b.precharge), idle = t_.t_rp_all;
      if (!b.open) start = std::max(start, b.ready);
    }
    const uint64_t end = start + idle + t_.t_rfc;
    for (Bank& b : c.banks) {
      b.open = false;
      b.ready = end;
    }
    c.next_refresh += t_.t_refi;
    ++stats_.refreshes;
  }
}

uint64_t DramModel::Access(uint64_t now_ps, uint64_t address, bool write) {
  ++(write ? stats_.writes : stats_.reads);
  if (!t_.rows) {
    // Reads and writes have a data bus each, as the AXI port has.
    uint64_t& end = write ? channels_[0].write_end : channels_[0].read_end;
    end = std::max(end, now_ps) + t_.t_burst;
    return end + t_.controller;
  }
  const Place p = Map(address);
  Channel& c = channels_[p.channel];
  // The queue: this access is looked at when it is there and at most `queue` are before it.
  uint64_t& slot = c.issued[c.count & (t_.queue - 1)];
  const uint64_t seen = c.count >= t_.queue ? std::max(now_ps, slot) : now_ps;
  if (t_.t_refi != 0) Refresh(&c, seen);

  Bank& b = c.banks[p.bank];
  uint64_t column = seen;
  if (b.open && b.row == p.row) {
    ++stats_.hits;
    column = std::max(column, b.activate + t_.t_rcd);
  } else {
    uint64_t act = std::max(seen, b.ready);
    if (b.open) {
      act = std::max(seen, b.precharge) + t_.t_rp;
      ++stats_.conflicts;
    }
    if (b.used) act = std::max(act, b.activate + t_.t_rc);
    if (c.acts >= 1) act = std::max(act, c.act[(c.acts - 1) & 3] + t_.t_rrd);
    if (c.acts >= 4) act = std::max(act, c.act[c.acts & 3] + t_.t_faw);
    c.act[c.acts++ & 3] = act;
    ++stats_.activates;
    b.open = b.used = true;
    b.row = p.row;
    b.activate = act;
    b.precharge = act + t_.t_ras;
    column = act + t_.t_rcd;
  }

  // In order on the channel: spacing of column commands, and turning the data bus around.
  if (c.count > 0) {
    column = std::max(column, c.last_column + t_.t_ccd_s);
    if (c.group_column[p.group] != 0)
      column = std::max(column, c.group_column[p.group] - 1 + t_.t_ccd_l);
    if (c.last_write != write) ++stats_.turnarounds;
    if (write) {
      // First write data at least t_rtw behind the last read data.
      const uint64_t first = c.read_end == 0 ? 0 : c.read_end + t_.t_rtw;
      if (column + t_.t_wl < first) column = first - t_.t_wl;
    } else if (c.write_end != 0) {
      column = std::max(column, c.write_end + t_.t_wtr_s);
      if (c.group_write_end[p.group] != 0)
        column = std::max(column, c.group_write_end[p.group] + t_.t_wtr_l);
    }
  }
  slot = c.last_column = column;
  ++c.count;
  c.group_column[p.group] = column + 1;
  c.last_write = write;
  uint64_t end;
  if (write) {
    end = c.write_end = c.group_write_end[p.group] = column + t_.t_wl + t_.t_burst;
    b.precharge = std::max(b.precharge, end + t_.t_wr);
  } else {
    end = c.read_end = column + t_.t_rl + t_.t_burst;
    b.precharge = std::max(b.precharge, column + t_.t_rtp);
  }
  return end + t_.controller;
}

double DramReader::Run(DramModel* dram) const {
  uint64_t now = 0, last = 0, state = seed;
  std::deque<uint64_t> under_way;
  for (uint64_t done = 0; done < bytes; done += 64) {
    if (under_way.size() * 64 >= window) {
      now = std::max(now, under_way.front());
      under_way.pop_front();
    }
    uint64_t address = done;
    if (random) {
      // splitmix64
      uint64_t z = state += 0x9E3779B97F4A7C15u;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
      address = ((z ^ (z >> 31)) % span) & ~uint64_t{63};
    }
    uint64_t end = 0;
    for (uint64_t i = 0; i < 64; i += dram->timing().access_bytes)
      end = std::max(end, dram->Access(now, address + i, false));
    under_way.push_back(end);
    last = std::max(last, end);
  }
  return 1000.0 * static_cast<double>(bytes) / static_cast<double>(last);
}

}  // namespace wren::sim
