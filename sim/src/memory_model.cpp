#include "wren/sim/memory_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "wren/error.h"

namespace wren::sim {

namespace {

constexpr uint64_t kPage = 4096;

// splitmix64 of a word's number
uint64_t ProceduralWord(uint64_t word) {
  uint64_t z = (word + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

MemoryContents::MemoryContents(const MemoryConfig& config)
    : base_(config.base),
      size_(config.size),
      bus_bytes_(config.bus_bytes),
      procedural_(config.procedural),
      store_(static_cast<uint8_t*>(std::calloc(std::max<uint64_t>(config.size, 1), 1))),
      procedural_contents_(config.regions) {
  if (!store_) throw Error(fmt::format("no host memory for an external memory of {} bytes", size_));
  if (procedural_) written_.resize((size_ + kPage - 1) / kPage);
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

uint8_t* MemoryContents::data() {
  if (procedural_)
    throw Error("external memory: procedural contents are not in host memory; use Read and Write");
  return store_.get();
}

// Bytes at an offset into the memory, which must be inside it.
void MemoryContents::Load(uint64_t offset, void* data, size_t bytes) const {
  if (!procedural_) {
    std::memcpy(data, store_.get() + offset, bytes);
    return;
  }
  auto* to = static_cast<uint8_t*>(data);
  while (bytes > 0) {
    const size_t n = std::min<uint64_t>(bytes, kPage - offset % kPage);
    if (written_[offset / kPage]) {
      std::memcpy(to, store_.get() + offset, n);
    } else {
      procedural_contents_.Read(base_ + offset, to, n);
    }
    offset += n;
    to += n;
    bytes -= n;
  }
}

// Before a write: pages that are written for the first time get their contents.
void MemoryContents::Touch(uint64_t offset, size_t bytes) {
  if (!procedural_ || bytes == 0) return;
  for (uint64_t page = offset / kPage; page <= (offset + bytes - 1) / kPage; ++page) {
    if (written_[page]) continue;
    const uint64_t first = page * kPage, end = std::min(first + kPage, size_);
    procedural_contents_.Read(base_ + first, store_.get() + first, end - first);
    written_[page] = true;
  }
}

void MemoryContents::Read(uint64_t address, void* data, size_t bytes) const {
  const uint64_t offset = address - base_;
  if (offset > size_ || bytes > size_ - offset) {
    throw Error(fmt::format("external memory: read of {} bytes at {:#x} reaches beyond the memory",
                            bytes, address));
  }
  Load(offset, data, bytes);
}

void MemoryContents::Write(uint64_t address, const void* data, size_t bytes) {
  const uint64_t offset = address - base_;
  if (offset > size_ || bytes > size_ - offset) {
    throw Error(fmt::format("external memory: write of {} bytes at {:#x} reaches beyond the memory",
                            bytes, address));
  }
  Touch(offset, bytes);
  std::memcpy(store_.get() + offset, data, bytes);
}

void MemoryContents::AddFault(uint64_t first, uint64_t bytes, AxiResp resp, bool reads,
                              bool writes) {
  faults_.push_back({first, first + bytes, resp, reads, writes});
}

AxiResp MemoryContents::Check(uint64_t address, bool write) const {
  const uint64_t offset = address - base_;
  if (offset >= size_ || size_ - offset < uint64_t(bus_bytes_)) return AxiResp::kDecerr;
  for (const Fault& f : faults_) {
    if ((write ? f.writes : f.reads) && address < f.end && address + bus_bytes_ > f.first)
      return f.resp;
  }
  return AxiResp::kOkay;
}

AxiResp MemoryContents::ReadBeat(uint64_t address, uint8_t* data) const {
  const AxiResp resp = Check(address, false);
  if (resp == AxiResp::kOkay) Load(address - base_, data, static_cast<size_t>(bus_bytes_));
  return resp;
}

AxiResp MemoryContents::WriteBeat(uint64_t address, const uint8_t* data, uint64_t strb) {
  const AxiResp resp = Check(address, true);
  if (resp != AxiResp::kOkay) return resp;
  Touch(address - base_, static_cast<size_t>(bus_bytes_));
  uint8_t* to = store_.get() + (address - base_);
  const uint64_t all = bus_bytes_ == 64 ? ~uint64_t(0) : (uint64_t(1) << bus_bytes_) - 1;
  if (strb == all) {
    std::memcpy(to, data, static_cast<size_t>(bus_bytes_));
  } else {
    for (int i = 0; i < bus_bytes_; ++i) {
      if (strb >> i & 1) to[i] = data[i];
    }
  }
  return resp;
}

MemoryTiming::MemoryTiming(const MemoryConfig& config)
    : config_(config), random_(config.seed * 0xD1B54A32D192ED03u + 0x7654321u) {
  if (config.latency_min < 1 || config.latency_max < config.latency_min) {
    throw Error(fmt::format("external memory: latency {}..{} is not a range from 1 up",
                            config.latency_min, config.latency_max));
  }
  if (config.cycle_ps < 1) throw Error("external memory: the clock's period is 0");
  if (config.kind != MemoryKind::kFixed) {
    DramTiming timing = DramTiming::Of(config.kind);
    if (config.controller_ps != kAxiNever) timing.controller = config.controller_ps;
    dram_ = std::make_unique<DramModel>(timing);
  }
}

uint64_t MemoryTiming::Latency() {
  const int span = config_.latency_max - config_.latency_min + 1;
  const auto least = static_cast<uint64_t>(config_.latency_min);
  if (span == 1) return least;
  // splitmix64
  uint64_t z = random_ += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return least + (z ^ (z >> 31)) % static_cast<uint64_t>(span);
}

// The cycle from which the data of [address, end), which one beat covers, can be offered.
uint64_t MemoryTiming::DramDue(uint64_t now, uint64_t address, uint64_t end, bool write) {
  const uint64_t step = dram_->timing().access_bytes;
  uint64_t done = 0;
  for (uint64_t a = address / step * step; a < end; a += step)
    done = std::max(done, dram_->Access(now * config_.cycle_ps, a, write));
  return (done + config_.cycle_ps - 1) / config_.cycle_ps - 1;
}

uint64_t MemoryTiming::Read(uint64_t now, uint64_t address, bool first) {
  if (dram_ == nullptr) {
    if (first) read_due_ = now + Latency() - 1;
  } else if (first || address % dram_->timing().access_bytes == 0) {
    read_due_ = DramDue(now, address, address + static_cast<uint64_t>(config_.bus_bytes), false);
  }
  return read_due_;
}

uint64_t MemoryTiming::Write(uint64_t now, uint64_t address, bool last) {
  if (dram_ == nullptr) return last ? now + Latency() : now;
  // Beats narrower than an access: the one that completes it counts.
  const uint64_t end = address + static_cast<uint64_t>(config_.bus_bytes);
  return last || end % dram_->timing().access_bytes == 0 ? DramDue(now, address, end, true) : now;
}

}  // namespace wren::sim
