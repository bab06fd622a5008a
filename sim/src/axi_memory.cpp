#include "wren/sim/axi_memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "wren/error.h"

namespace wren::sim {

namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kCyclePs = 1000;  // the core's clock is 1 GHz

// splitmix64 of a word's number
uint64_t ProceduralWord(uint64_t word) {
  uint64_t z = (word + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

AxiMemory::AxiMemory(const AxiMemoryConfig& config)
    : config_(config),
      store_(static_cast<uint8_t*>(std::calloc(std::max<uint64_t>(config.size, 1), 1))),
      contents_(config.regions),
      random_(config.seed * 0x9E3779B97F4A7C15u + 0x1234567u) {
  if (config.bus_bytes != 16 && config.bus_bytes != 32 && config.bus_bytes != 64) {
    throw Error(fmt::format("AxiMemory: bus_bytes is {}; use 16, 32 or 64", config.bus_bytes));
  }
  if (config.latency_min < 1 || config.latency_max < config.latency_min) {
    throw Error(fmt::format("AxiMemory: latency {}..{} is not a range from 1 up",
                            config.latency_min, config.latency_max));
  }
  if (!store_) throw Error(fmt::format("AxiMemory: no host memory for {} bytes", config.size));
  if (config.kind != MemoryKind::kFixed)
    dram_ = std::make_unique<DramModel>(DramTiming::Of(config.kind));
  if (config.procedural) written_.resize((config.size + kPage - 1) / kPage);
}

uint8_t ProceduralByte(uint64_t address) {
  return static_cast<uint8_t>(ProceduralWord(address / 8) >> (address % 8 * 8));
}

ProceduralContents::ProceduralContents(std::vector<ProceduralRegion> regions)
    : regions_(std::move(regions)) {
  const auto before = [](const ProceduralRegion& a, const ProceduralRegion& b) {
    return a.first < b.first;
  };
  std::sort(regions_.begin(), regions_.end(), before);
  uint64_t end = 0;
  for (const ProceduralRegion& r : regions_) {
    if (r.first % 8 != 0 || r.bytes % 8 != 0 || r.first < end)
      throw Error(fmt::format(
          "procedural contents: {} bytes at {:#x} overlap others or are not multiples of 8",
          r.bytes, r.first));
    end = r.first + r.bytes;
  }
}

void ProceduralContents::Read(uint64_t address, void* data, size_t bytes) const {
  auto* to = static_cast<uint8_t*>(data);
  // The first region that ends behind the address.
  auto region =
      std::partition_point(regions_.begin(), regions_.end(),
                           [&](const ProceduralRegion& r) { return r.first + r.bytes <= address; });
  while (bytes > 0) {
    while (region != regions_.end() && region->first + region->bytes <= address) ++region;
    uint64_t keep = ~uint64_t{0}, set = 0;
    if (region != regions_.end() && region->first <= address) {
      keep = uint64_t{region->keep} << 32 | region->keep;
      set = uint64_t{region->set} << 32 | region->set;
    }
    const uint64_t word = (ProceduralWord(address / 8) & keep) | set;
    const size_t from = address % 8, n = std::min<size_t>(8 - from, bytes);
    std::memcpy(to, reinterpret_cast<const uint8_t*>(&word) + from, n);
    address += n;
    to += n;
    bytes -= n;
  }
}

uint8_t* AxiMemory::data() {
  if (config_.procedural)
    throw Error("AxiMemory: procedural contents are not in host memory; use Read and Write");
  return store_.get();
}

// Bytes at an offset into the memory, which must be inside it.
void AxiMemory::Load(uint64_t offset, void* data, size_t bytes) const {
  if (!config_.procedural) {
    std::memcpy(data, store_.get() + offset, bytes);
    return;
  }
  auto* to = static_cast<uint8_t*>(data);
  while (bytes > 0) {
    const size_t n = std::min<uint64_t>(bytes, kPage - offset % kPage);
    if (written_[offset / kPage]) {
      std::memcpy(to, store_.get() + offset, n);
    } else {
      contents_.Read(config_.base + offset, to, n);
    }
    offset += n;
    to += n;
    bytes -= n;
  }
}

// Before a write: pages that are written for the first time get their contents.
void AxiMemory::Touch(uint64_t offset, size_t bytes) {
  if (!config_.procedural || bytes == 0) return;
  for (uint64_t page = offset / kPage; page <= (offset + bytes - 1) / kPage; ++page) {
    if (written_[page]) continue;
    const uint64_t first = page * kPage, end = std::min(first + kPage, config_.size);
    contents_.Read(config_.base + first, store_.get() + first, end - first);
    written_[page] = true;
  }
}

// The cycle from which the data of [address, end), which one beat covers, can be offered.
uint64_t AxiMemory::DramDue(uint64_t address, uint64_t end, bool write) {
  const uint64_t step = dram_->timing().access_bytes;
  uint64_t done = 0;
  for (uint64_t a = address / step * step; a < end; a += step)
    done = std::max(done, dram_->Access(now_ * kCyclePs, a, write));
  return (done + kCyclePs - 1) / kCyclePs - 1;
}

// splitmix64
uint64_t AxiMemory::Random() {
  uint64_t z = random_ += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

void AxiMemory::Read(uint64_t address, void* data, size_t bytes) const {
  const uint64_t offset = address - config_.base;
  if (offset > config_.size || bytes > config_.size - offset) {
    throw Error(fmt::format("AxiMemory: read of {} bytes at {:#x} reaches beyond the memory", bytes,
                            address));
  }
  Load(offset, data, bytes);
}

void AxiMemory::Write(uint64_t address, const void* data, size_t bytes) {
  const uint64_t offset = address - config_.base;
  if (offset > config_.size || bytes > config_.size - offset) {
    throw Error(fmt::format("AxiMemory: write of {} bytes at {:#x} reaches beyond the memory",
                            bytes, address));
  }
  Touch(offset, bytes);
  std::memcpy(store_.get() + offset, data, bytes);
}

void AxiMemory::AddFault(uint64_t first, uint64_t bytes, AxiResp resp, bool reads, bool writes) {
  faults_.push_back({first, first + bytes, resp, reads, writes});
}

AxiResp AxiMemory::Check(uint64_t address, bool write) const {
  const uint64_t offset = address - config_.base;
  if (offset >= config_.size || config_.size - offset < uint64_t(config_.bus_bytes))
    return AxiResp::kDecerr;
  for (const Fault& f : faults_) {
    if ((write ? f.writes : f.reads) && address < f.end && address + config_.bus_bytes > f.first)
      return f.resp;
  }
  return AxiResp::kOkay;
}

void AxiMemory::CheckBurst(const char* channel, uint64_t addr, int len, int size, int burst) const {
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

void AxiMemory::CommitBeat(const WriteBeat& beat) {
  Write_& w = writes_.front();
  const bool last = --w.beats == 0;
  if (beat.last != last) {
    throw Error(fmt::format("AXI W: wlast is {} at {:#x}, {} beats are left", int(beat.last),
                            w.addr, w.beats));
  }
  const AxiResp resp = Check(w.addr, true);
  if (resp == AxiResp::kOkay) {
    Touch(w.addr - config_.base, config_.bus_bytes);
    uint8_t* to = store_.get() + (w.addr - config_.base);
    const uint64_t all =
        config_.bus_bytes == 64 ? ~uint64_t(0) : (uint64_t(1) << config_.bus_bytes) - 1;
    if (beat.strb == all) {
      std::memcpy(to, beat.data.data(), config_.bus_bytes);
    } else {
      for (int i = 0; i < config_.bus_bytes; ++i) {
        if (beat.strb >> i & 1) to[i] = beat.data[i];
      }
    }
  } else {
    w.resp = std::max(w.resp, uint8_t(resp));
  }
  write_bytes_ += __builtin_popcountll(beat.strb);
  const uint64_t first = w.addr;
  w.addr += config_.bus_bytes;
  if (dram_ != nullptr) {
    // Beats narrower than an access: the one that completes it counts.
    const uint64_t step = dram_->timing().access_bytes;
    if (last || w.addr % step == 0) w.due = std::max(w.due, DramDue(first, w.addr, true));
  }
  if (last) {
    responses_[w.id].push_back({dram_ != nullptr ? w.due : now_ + Latency(), w.resp});
    writes_.pop_front();
  }
}

void AxiMemory::OfferRead() {
  // Among the IDs with a burst that is due, any may go; a burst that has begun goes on unless beats
  // may mix.
  if (current_id_ < 0 || config_.interleave) {
    int due[16], n = 0;
    for (int id = 0; id < 16; ++id) {
      if (!reads_[id].empty() && reads_[id].front().due <= now_) due[n++] = id;
    }
    if (n == 0) return;
    current_id_ = due[n == 1 ? 0 : Random() % n];
  }
  Read_& r = reads_[current_id_].front();
  if (r.due > now_) return;  // the data of this beat is still on its way
  if (Stall()) return;
  const AxiResp resp = Check(r.addr, false);
  out_.r_valid = true;
  out_.r_id = uint8_t(current_id_);
  out_.r_resp = uint8_t(resp);
  out_.r_last = r.beats == 1;
  if (resp == AxiResp::kOkay) {
    Load(r.addr - config_.base, out_.r_data.data(), config_.bus_bytes);
  } else {
    out_.r_data.fill(0xEE);
  }
  r.addr += config_.bus_bytes;
  if (--r.beats == 0) {
    reads_[current_id_].pop_front();
    current_id_ = -1;
  } else if (!r.dues.empty()) {
    r.due = r.dues[r.dues.size() - static_cast<size_t>(r.beats)];
  }
}

void AxiMemory::OfferResponse() {
  int due[16], n = 0;
  for (int id = 0; id < 16; ++id) {
    if (!responses_[id].empty() && responses_[id].front().due <= now_) due[n++] = id;
  }
  if (n == 0 || Stall()) return;
  const int id = due[n == 1 ? 0 : Random() % n];
  out_.b_valid = true;
  out_.b_id = uint8_t(id);
  out_.b_resp = responses_[id].front().resp;
  responses_[id].pop_front();
}

void AxiMemory::Tick(const AxiIn& in) {
  ++now_;
  // What this edge transfers.
  if (in.ar_valid && out_.ar_ready) {
    CheckBurst("AR", in.ar_addr, in.ar_len, in.ar_size, in.ar_burst);
    const uint64_t addr = in.ar_addr & ~uint64_t(config_.bus_bytes - 1);
    Read_ read{addr, 0, in.ar_len + 1, {}};
    if (dram_ == nullptr) {
      read.due = now_ + Latency() - 1;
    } else {
      // Beats of one access share it.
      const uint64_t step = dram_->timing().access_bytes, bus = uint64_t(config_.bus_bytes);
      for (uint64_t a = addr, end = addr + bus * uint64_t(read.beats); a < end; a += bus) {
        read.dues.push_back(a == addr || a % step == 0 ? DramDue(a, a + bus, false)
                                                       : read.dues.back());
      }
      read.due = read.dues.front();
    }
    reads_[in.ar_id & 15].push_back(std::move(read));
    ++read_bursts_;
    max_reads_seen_ = std::max(max_reads_seen_, ++reads_outstanding_);
  }
  if (in.aw_valid && out_.aw_ready) {
    CheckBurst("AW", in.aw_addr, in.aw_len, in.aw_size, in.aw_burst);
    writes_.push_back(
        {in.aw_addr & ~uint64_t(config_.bus_bytes - 1), in.aw_len + 1, in.aw_id & 15, 0, 0});
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
}

}  // namespace wren::sim
