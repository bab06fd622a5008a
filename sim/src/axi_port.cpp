#include "wren/sim/axi_port.h"

#include <fmt/format.h>

#include <algorithm>

#include "wren/error.h"

namespace wren::sim {

AxiPort::AxiPort(const AxiPortConfig& config, AxiBackend* backend)
    : config_(config), backend_(backend), random_(config.seed * 0x9E3779B97F4A7C15u + 0x1234567u) {
  if (config.bus_bytes != 16 && config.bus_bytes != 32 && config.bus_bytes != 64) {
    throw Error(fmt::format("AxiPort: bus_bytes is {}; use 16, 32 or 64", config.bus_bytes));
  }
}

// splitmix64
uint64_t AxiPort::Random() {
  uint64_t z = random_ += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

void AxiPort::CheckBurst(const char* channel, uint64_t addr, int len, int size, int burst) const {
  const uint64_t first = addr & ~uint64_t(config_.bus_bytes - 1);
  const uint64_t last = first + uint64_t(len) * config_.bus_bytes;
  if (burst != 1)
    throw Error(
        fmt::format("AXI {}: burst type {} at {:#x}, only INCR is used", channel, burst, addr));
  if ((1 << size) != config_.bus_bytes) {
    throw Error(fmt::format("AXI {}: size {} at {:#x} is not the bus width", channel, size, addr));
  }
  if (len > 63)
    throw Error(fmt::format("AXI {}: {} beats at {:#x}, the limit is 64", channel, len + 1, addr));
  if (first >> 12 != last >> 12) {
    throw Error(
        fmt::format("AXI {}: burst of {} beats at {:#x} crosses 4 KiB", channel, len + 1, addr));
  }
}

void AxiPort::CommitBeat(const AxiWriteBeat& beat) {
  AxiWriteBurst* w = writes_.front().get();
  const bool last = --w->left == 0;
  if (beat.last != last) {
    throw Error(fmt::format("AXI W: wlast is {} at {:#x}, {} beats are left", int(beat.last),
                            w->address, w->left));
  }
  backend_->WriteBeat(now_, w, beat);
  write_bytes_ += __builtin_popcountll(beat.strb);
  w->address += config_.bus_bytes;
  if (last) {
    waiting_responses_ |= 1U << w->id;
    responses_[w->id].push_back(std::move(writes_.front()));
    writes_.pop_front();
  }
}

void AxiPort::OfferRead() {
  const auto due = [](const AxiReadBurst& r) { return r.dues.empty() ? r.due : r.dues[r.sent]; };
  // Among the IDs with a burst that is due, any may go; a burst that has begun goes on unless beats
  // may mix.
  if (current_id_ < 0 || config_.interleave) {
    int ids[16], n = 0;
    for (uint32_t left = waiting_reads_; left != 0; left &= left - 1) {
      const int id = __builtin_ctz(left);
      if (due(reads_[id].front()) <= now_) ids[n++] = id;
    }
    if (n == 0) return;
    current_id_ = ids[n == 1 ? 0 : Random() % n];
  }
  AxiReadBurst& r = reads_[current_id_].front();
  if (due(r) > now_) return;  // the data of this beat is still on its way
  if (Stall()) return;
  const AxiResp resp = backend_->ReadBeat(r, out_.r_data.data());
  out_.r_valid = true;
  out_.r_id = uint8_t(current_id_);
  out_.r_resp = uint8_t(resp);
  out_.r_last = r.sent + 1 == r.beats;
  if (resp != AxiResp::kOkay) out_.r_data.fill(0xEE);
  if (++r.sent == r.beats) {
    reads_[current_id_].pop_front();
    if (reads_[current_id_].empty()) waiting_reads_ &= ~(1U << current_id_);
    current_id_ = -1;
  }
}

void AxiPort::OfferResponse() {
  int ids[16], n = 0;
  for (uint32_t left = waiting_responses_; left != 0; left &= left - 1) {
    const int id = __builtin_ctz(left);
    const AxiWriteBurst& w = *responses_[id].front();
    if (w.unanswered == 0 && w.due <= now_) ids[n++] = id;
  }
  if (n == 0 || Stall()) return;
  const int id = ids[n == 1 ? 0 : Random() % n];
  out_.b_valid = true;
  out_.b_id = uint8_t(id);
  out_.b_resp = responses_[id].front()->resp;
  responses_[id].pop_front();
  if (responses_[id].empty()) waiting_responses_ &= ~(1U << id);
}

void AxiPort::Tick(const AxiIn& in) {
  ++now_;
  if (quiet_ && !in.ar_valid && !in.aw_valid && !in.w_valid) return;
  const uint64_t bus_mask = ~uint64_t(config_.bus_bytes - 1);
  // What this edge transfers.
  if (in.ar_valid && out_.ar_ready) {
    CheckBurst("AR", in.ar_addr, in.ar_len, in.ar_size, in.ar_burst);
    const int id = in.ar_id & 15;
    waiting_reads_ |= 1U << id;
    reads_[id].push_back({in.ar_addr & bus_mask, id, in.ar_len + 1, 0, kAxiNever, {}});
    backend_->StartRead(now_, &reads_[id].back());
    ++read_bursts_;
    max_reads_seen_ = std::max(max_reads_seen_, ++reads_outstanding_);
  }
  if (in.aw_valid && out_.aw_ready) {
    CheckBurst("AW", in.aw_addr, in.aw_len, in.aw_size, in.aw_burst);
    writes_.push_back(std::make_unique<AxiWriteBurst>(
        AxiWriteBurst{in.aw_addr & bus_mask, in.aw_id & 15, in.aw_len + 1, 0, 0, 0}));
    ++write_bursts_;
    max_writes_seen_ = std::max(max_writes_seen_, ++writes_outstanding_);
  }
  if (in.w_valid && out_.w_ready) {
    if (writes_.empty() || !early_w_.empty()) {
      early_w_.push_back({in.w_data, in.w_strb, in.w_last});
    } else {
      CommitBeat({in.w_data, in.w_strb, in.w_last});
    }
  }
  while (!early_w_.empty() && !writes_.empty()) {
    CommitBeat(early_w_.front());
    early_w_.pop_front();
  }
  if (out_.r_valid && in.r_ready) {
    out_.r_valid = false;
    read_bytes_ += config_.bus_bytes;
    if (out_.r_last) --reads_outstanding_;
  }
  if (out_.b_valid && in.b_ready) {
    out_.b_valid = false;
    --writes_outstanding_;
  }

  // What the next cycle offers.
  if (!out_.r_valid && (reads_outstanding_ > 0)) OfferRead();
  if (!out_.b_valid && (writes_outstanding_ > 0)) OfferResponse();
  out_.ar_ready = reads_outstanding_ < config_.max_reads && !Stall();
  out_.aw_ready = writes_outstanding_ < config_.max_writes && !Stall();
  out_.w_ready = early_w_.size() < 64 && !Stall();
  quiet_ = idle() && out_.ar_ready && out_.aw_ready && out_.w_ready && config_.stall_percent == 0;
}

}  // namespace wren::sim
