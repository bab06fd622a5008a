#include "wren/board/sdram_chip.h"

#include <fmt/format.h>

#include <algorithm>

namespace wren::board {

SdramChip::SdramChip(uint64_t clock, const SdramTiming& timing)
    : t_(timing), clock_(clock), words_(kBytes / 2) {}

void SdramChip::Breach(const std::string& what) {
  ++breach_count_;
  if (breaches_.size() < 20)
    breaches_.push_back(fmt::format("{:.3f} us: {}", static_cast<double>(now_) / 1e6, what));
}

void SdramChip::Need(bool ok, const std::string& what) {
  if (!ok) Breach(what);
}

void SdramChip::After(uint64_t then, uint64_t least, const std::string& what) {
  if (now_ - then < least)
    Breach(fmt::format("{}: {} ps, {} are needed", what, now_ - then, least));
}

void SdramChip::Edge(const SdramPins& pins) {
  now_ += clock_;
  ++edges_since_mode_;
  if (!pins.cke) {
    Need(!clock_enabled_, "CKE is low after it was high: power-down is not modelled");
  } else {
    clock_enabled_ = true;
    Command(pins);
  }
  MoveData(pins);

  for (int b = 0; b < kBanks; ++b) {
    Bank& bank = banks_[static_cast<size_t>(b)];
    if (bank.open && now_ - bank.active > t_.ras_max) {
      Breach(fmt::format("tRAS: bank {} is open for longer than {} ps", b, t_.ras_max));
      bank.active = now_;
    }
  }
  if (initialized_) {
    if (now_ - row_refreshed_.front() > t_.refresh && !late_reported_) {
      Breach("refresh: a row was not refreshed for 64 ms");
      late_reported_ = true;
    }
    const uint64_t gap = now_ - last_refresh_;
    if (gap > longest_refresh_gap_ && gap > 9 * t_.refi && longest_refresh_gap_ <= 9 * t_.refi)
      Breach("refresh: more than eight are late");
    longest_refresh_gap_ = std::max(longest_refresh_gap_, gap);
  }
}

void SdramChip::Command(const SdramPins& pins) {
  if (pins.cs_n || (pins.ras_n && pins.cas_n && pins.we_n)) return;
  Need(now_ >= t_.power_up, "power-up: a command before the wait is over");
  Need(edges_since_mode_ >= t_.mrd,
       fmt::format("tMRD: a command {} clocks after LOAD MODE, {} are needed", edges_since_mode_,
                   t_.mrd));
  if (ever_refreshed_) After(last_refresh_, t_.rfc, "tRFC: a command after AUTO REFRESH");
  const int code = (pins.ras_n ? 4 : 0) | (pins.cas_n ? 2 : 0) | (pins.we_n ? 1 : 0);
  switch (code) {
    case 3:
      return OnActive(pins);
    case 5:
      return OnColumn(pins, false);
    case 4:
      return OnColumn(pins, true);
    case 2:
      return OnPrecharge(pins);
    case 1:
      return OnRefresh();
    case 0:
      return OnLoadMode(pins);
    default:
      Breach("BURST STOP is not modelled");
  }
}

void SdramChip::OnActive(const SdramPins& pins) {
  ++counts_.active;
  Bank& bank = banks_[pins.ba];
  Need(initialized_, "ACTIVE before the mode was loaded");
  Need(!bank.open, fmt::format("ACTIVE: bank {} is open already", pins.ba));
  if (bank.ever_precharged) After(bank.precharge, t_.rp, "tRP: ACTIVE after PRECHARGE");
  if (bank.ever_active) After(bank.active, t_.rc, "tRC: ACTIVE after ACTIVE of the same bank");
  if (ever_active_) After(last_active_, t_.rrd, "tRRD: ACTIVE after ACTIVE");
  bank.open = bank.ever_active = ever_active_ = true;
  bank.row = pins.a & (kRows - 1);
  bank.active = last_active_ = now_;
}

void SdramChip::OnColumn(const SdramPins& pins, bool write) {
  ++(write ? counts_.write : counts_.read);
  const char* name = write ? "WRITE" : "READ";
  const Bank& bank = banks_[pins.ba];
  Need(initialized_, fmt::format("{} before the mode was loaded", name));
  Need((pins.a & 0x400) == 0, fmt::format("{} with auto precharge is not modelled", name));
  if (!bank.open) return Breach(fmt::format("{}: bank {} is not open", name, pins.ba));
  After(bank.active, t_.rcd, fmt::format("tRCD: {} after ACTIVE", name));
  burst_ = {true, write, pins.ba, bank.row, pins.a & (kColumns - 1), 0};
}

void SdramChip::OnPrecharge(const SdramPins& pins) {
  ++counts_.precharge;
  const bool all = (pins.a & 0x400) != 0;
  for (int b = 0; b < kBanks; ++b) {
    if (!all && b != pins.ba) continue;
    Bank& bank = banks_[static_cast<size_t>(b)];
    if (bank.open) {
      After(bank.active, t_.ras, "tRAS: PRECHARGE after ACTIVE");
      if (bank.ever_written) After(bank.written, t_.wr, "tWR: PRECHARGE after a word written");
    }
    if (burst_.on && burst_.bank == b) {
      Need(!burst_.write, "PRECHARGE while a burst writes");
      burst_.on = false;
    }
    bank.open = false;
    bank.ever_precharged = true;
    bank.precharge = now_;
  }
  if (all) precharged_all_ = true;
}

void SdramChip::OnRefresh() {
  ++counts_.refresh;
  Need(precharged_all_, "AUTO REFRESH before PRECHARGE ALL");
  for (const Bank& bank : banks_) {
    Need(!bank.open, "AUTO REFRESH: a bank is open");
    if (bank.ever_precharged) After(bank.precharge, t_.rp, "tRP: AUTO REFRESH after PRECHARGE");
    if (bank.ever_active) After(bank.active, t_.rc, "tRC: AUTO REFRESH after ACTIVE");
  }
  ever_refreshed_ = true;
  last_refresh_ = now_;
  if (!initialized_) {
    ++refreshes_before_mode_;
  } else {
    row_refreshed_.pop_front();
    row_refreshed_.push_back(now_);
  }
}

void SdramChip::OnLoadMode(const SdramPins& pins) {
  Need(precharged_all_, "LOAD MODE before PRECHARGE ALL");
  Need(refreshes_before_mode_ >= 8, "LOAD MODE before eight refreshes");
  for (const Bank& bank : banks_) {
    Need(!bank.open, "LOAD MODE: a bank is open");
    if (bank.ever_precharged) After(bank.precharge, t_.rp, "tRP: LOAD MODE after PRECHARGE");
  }
  const int length = pins.a & 7;
  cas_ = pins.a >> 4 & 7;
  burst_length_ = 1 << (length & 3);
  Need(length <= 3, "LOAD MODE: a burst of a page is not modelled");
  Need((pins.a & 8) == 0, "LOAD MODE: interleaved bursts are not modelled");
  Need(pins.a >> 7 == 0 && pins.ba == 0, "LOAD MODE: a reserved bit is set");
  if (cas_ != 2 && cas_ != 3) {
    Breach(fmt::format("LOAD MODE: CAS latency {} does not exist", cas_));
    cas_ = 2;
  }
  Need(clock_ >= (cas_ == 2 ? t_.cas2 : t_.cas3),
       fmt::format("CAS latency {} is too short for a clock of {} ps", cas_, clock_));
  if (!initialized_) {
    initialized_ = true;
    row_refreshed_.assign(kRows, now_);
    if (!ever_refreshed_) last_refresh_ = now_;
  }
  edges_since_mode_ = 0;
}

// The word of this edge goes in, or the one for CAS latency clocks later is read.
void SdramChip::MoveData(const SdramPins& pins) {
  // The board drives DQ from half a clock before its edge on, the chip until tHZ after its last.
  if (pins.dq_oe) {
    Need(!driving_, "DQ: the board drives while the chip does");
    if (drove_before_ && !driving_)
      Need(clock_ / 2 >= t_.hz, "DQ: the board drives before the chip has let go");
  }
  drove_before_ = driving_;
  Out out;
  if (burst_.on) {
    const int mask = burst_length_ - 1;
    const int column = (burst_.column & ~mask) | ((burst_.column + burst_.done) & mask);
    uint16_t* word = &words_[Index(burst_.row, burst_.bank, column)];
    if (burst_.write) {
      const int bytes = (pins.dqm & 1 ? 0 : 0x00ff) | (pins.dqm & 2 ? 0 : 0xff00);
      Need(pins.dq_oe || bytes == 0, "DQ: a word is written that nobody drives");
      *word = static_cast<uint16_t>((*word & ~bytes) | (pins.dq & bytes));
      banks_[static_cast<size_t>(burst_.bank)].written = now_;
      banks_[static_cast<size_t>(burst_.bank)].ever_written = true;
    } else {
      out = {true, *word};
    }
    if (++burst_.done == burst_length_) burst_.on = false;
  }
  const Out next = cas_ == 3 ? out_[1] : out_[0];
  out_[1] = out_[0];
  out_[0] = out;
  // What is driven from here on is for the next edge, and the DQM before this one was two clocks
  // before that.
  driving_ = next.valid && dqm_before_ != 3;
  dq_ = next.data;
  dqm_before_ = pins.dqm;
}

}  // namespace wren::board
