// A memory behind an AXI4 port, for any Verilated top: signals in, signals out, one call per clock.
//
//   wren::sim::AxiMemory memory({.size = 1 << 20, .bus_bytes = 64});
//   each cycle, with the clock low:   wren::sim::DriveAxi(memory.out(), &top);   top.eval();
//                                     wren::sim::SampleAxi(top, &in);            memory.Tick(in);
//                                     raise the clock, top.eval()
//
// All outputs are those of registers: they depend on earlier cycles only. DriveAxi and SampleAxi
// expect the port names axi_aw_valid_o, axi_aw_ready_i, ... of wren_dma and wren_top; other tops
// fill AxiIn and AxiOut themselves.
//
// Order: transactions of one ID finish in order, those of different IDs in any order, their read
// beats interleaved when `interleave` is set. A read burst samples each beat when it leaves; a
// write beat is in the memory when its W handshake and its AW handshake have both happened.
//
// Time: with kind `fixed` every burst has a latency of its own and beats then flow at full rate.
// With the other kinds a DramModel decides: a read burst asks for all its data at the AR handshake,
// each beat is offered when its data has come; a write asks when a beat completes an access, and B
// follows when the last byte of the burst is in the DRAM.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "wren/sim/dram.h"

namespace wren::sim {

inline constexpr int kAxiMaxBusBytes = 64;

enum class AxiResp : uint8_t { kOkay = 0, kSlverr = 2, kDecerr = 3 };

// What the master drives.
struct AxiIn {
  bool aw_valid = false, w_valid = false, w_last = false, b_ready = false;
  bool ar_valid = false, r_ready = false;
  uint8_t aw_id = 0, aw_len = 0, aw_size = 0, aw_burst = 1;
  uint8_t ar_id = 0, ar_len = 0, ar_size = 0, ar_burst = 1;
  uint64_t aw_addr = 0, ar_addr = 0;
  uint64_t w_strb = 0;
  std::array<uint8_t, kAxiMaxBusBytes> w_data{};
};

// What the memory drives.
struct AxiOut {
  bool aw_ready = false, w_ready = false, b_valid = false, ar_ready = false, r_valid = false;
  bool r_last = false;
  uint8_t b_id = 0, b_resp = 0, r_id = 0, r_resp = 0;
  std::array<uint8_t, kAxiMaxBusBytes> r_data{};
};

// A part of a memory whose never-written words of 32 bits are (hash & keep) | set: with the right
// masks numbers of some format and range.
struct ProceduralRegion {
  uint64_t first = 0, bytes = 0;  // multiples of 8
  uint32_t keep = 0xFFFFFFFFu, set = 0;
};

// What never-written memory holds. Outside the regions: ProceduralByte.
class ProceduralContents {
 public:
  // Throws wren::Error when regions overlap or are not aligned.
  explicit ProceduralContents(std::vector<ProceduralRegion> regions = {});
  void Read(uint64_t address, void* data, size_t bytes) const;

 private:
  std::vector<ProceduralRegion> regions_;  // ascending
};

struct AxiMemoryConfig {
  uint64_t base = 0;         // first byte address
  uint64_t size = 1u << 20;  // bytes; beyond it every access answers DECERR
  int bus_bytes = 64;        // 16, 32 or 64
  int latency_min =
      20;  // cycles from the AR handshake to the first R beat offered, from the last W
  int latency_max = 20;     // (and AW) handshake to B; drawn per burst, 1..
  int stall_percent = 0;    // chance per cycle and channel that ready falls or a valid is withheld
  int max_reads = 256;      // bursts it accepts before ar_ready falls
  int max_writes = 256;     // the same for writes
  bool interleave = false;  // mix the beats of read bursts with different IDs
  uint64_t seed = 1;
  MemoryKind kind = MemoryKind::kFixed;  // others: latency_min and latency_max mean nothing
  bool procedural = false;  // a page of 4 KiB reads as ProceduralContents until first written
  std::vector<ProceduralRegion> regions;  // of them
};

// Contents of a memory nobody has written: a hash of the address.
uint8_t ProceduralByte(uint64_t address);

class AxiMemory {
 public:
  explicit AxiMemory(const AxiMemoryConfig& config);

  // One rising clock edge: `in` are the master's outputs just before it, while out() was driven.
  // Throws wren::Error when the master breaks the protocol (4 KiB, length, size, wlast).
  void Tick(const AxiIn& in);
  const AxiOut& out() const { return out_; }

  // Backdoor, no time passes. Throw wren::Error outside the memory.
  void Read(uint64_t address, void* data, size_t bytes) const;
  void Write(uint64_t address, const void* data, size_t bytes);
  // The byte at `base`; throws wren::Error when the contents are procedural.
  uint8_t* data();

  // Beats that touch [first, first + bytes) answer `resp`; writes change nothing there.
  void AddFault(uint64_t first, uint64_t bytes, AxiResp resp, bool reads = true,
                bool writes = true);
  void ClearFaults() { faults_.clear(); }

  // Transactions accepted and not finished.
  int reads_outstanding() const { return reads_outstanding_; }
  int writes_outstanding() const { return writes_outstanding_; }
  bool idle() const {
    return reads_outstanding_ == 0 && writes_outstanding_ == 0 && early_w_.empty();
  }
  int max_reads_outstanding() const { return max_reads_seen_; }
  int max_writes_outstanding() const { return max_writes_seen_; }

  // Counters.
  uint64_t cycles() const { return now_; }
  uint64_t read_bytes() const { return read_bytes_; }    // whole beats
  uint64_t write_bytes() const { return write_bytes_; }  // strobed
  uint64_t read_bursts() const { return read_bursts_; }
  uint64_t write_bursts() const { return write_bursts_; }

  const AxiMemoryConfig& config() const { return config_; }
  // Null when the kind is fixed.
  const DramModel* dram() const { return dram_.get(); }

 private:
  struct Read_ {
    uint64_t addr, due;          // of the next beat
    int beats;                   // left
    std::vector<uint64_t> dues;  // of each beat, with a DRAM
  };
  struct Write_ {
    uint64_t addr;
    int beats, id;
    uint8_t resp;
    uint64_t due;  // of what is written so far, with a DRAM
  };
  struct Response {
    uint64_t due;
    uint8_t resp;
  };
  struct WriteBeat {
    std::array<uint8_t, kAxiMaxBusBytes> data;
    uint64_t strb;
    bool last;
  };
  struct Fault {
    uint64_t first, end;
    AxiResp resp;
    bool reads, writes;
  };

  uint64_t Random();
  bool Stall() {
    return config_.stall_percent > 0 && Random() % 100 < uint64_t(config_.stall_percent);
  }
  uint64_t Latency() {
    const int span = config_.latency_max - config_.latency_min + 1;
    return span == 1 ? config_.latency_min : config_.latency_min + Random() % span;
  }
  AxiResp Check(uint64_t address, bool write) const;
  void CheckBurst(const char* channel, uint64_t addr, int len, int size, int burst) const;
  void CommitBeat(const WriteBeat& beat);
  uint64_t DramDue(uint64_t address, uint64_t end, bool write);
  void Load(uint64_t offset, void* data, size_t bytes) const;
  void Touch(uint64_t offset, size_t bytes);
  void OfferRead();
  void OfferResponse();

  AxiMemoryConfig config_;
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t, Free> store_;  // calloc: pages appear when touched
  std::vector<bool> written_;             // pages, when contents are procedural
  ProceduralContents contents_;
  std::unique_ptr<DramModel> dram_;
  AxiOut out_;
  uint64_t now_ = 0;
  uint64_t random_;
  std::vector<Fault> faults_;

  std::array<std::deque<Read_>, 16> reads_;
  int current_id_ = -1;            // the ID whose burst is being sent
  std::deque<Write_> writes_;      // AW taken, W not complete
  std::deque<WriteBeat> early_w_;  // W beats ahead of their AW
  std::array<std::deque<Response>, 16> responses_;
  int reads_outstanding_ = 0, writes_outstanding_ = 0;
  int max_reads_seen_ = 0, max_writes_seen_ = 0;
  uint64_t read_bytes_ = 0, write_bytes_ = 0, read_bursts_ = 0, write_bursts_ = 0;
};

// Drives a Verilated top's axi_*_i inputs.
template <class Top>
void DriveAxi(const AxiOut& out, Top* top) {
  top->axi_aw_ready_i = out.aw_ready;
  top->axi_w_ready_i = out.w_ready;
  top->axi_b_valid_i = out.b_valid;
  top->axi_b_id_i = out.b_id;
  top->axi_b_resp_i = out.b_resp;
  top->axi_ar_ready_i = out.ar_ready;
  top->axi_r_valid_i = out.r_valid;
  if (out.r_valid) {
    top->axi_r_id_i = out.r_id;
    top->axi_r_resp_i = out.r_resp;
    top->axi_r_last_i = out.r_last;
    static_assert(sizeof(top->axi_r_data_i) <= kAxiMaxBusBytes, "bus wider than the model");
    std::memcpy(&top->axi_r_data_i, out.r_data.data(), sizeof(top->axi_r_data_i));
  }
}

// Reads a Verilated top's axi_*_o outputs.
template <class Top>
void SampleAxi(const Top& top, AxiIn* in) {
  in->aw_valid = top.axi_aw_valid_o;
  if (in->aw_valid) {
    in->aw_id = top.axi_aw_id_o;
    in->aw_addr = top.axi_aw_addr_o;
    in->aw_len = top.axi_aw_len_o;
    in->aw_size = top.axi_aw_size_o;
    in->aw_burst = top.axi_aw_burst_o;
  }
  in->w_valid = top.axi_w_valid_o;
  if (in->w_valid) {
    in->w_strb = top.axi_w_strb_o;
    in->w_last = top.axi_w_last_o;
    std::memcpy(in->w_data.data(), &top.axi_w_data_o, sizeof(top.axi_w_data_o));
  }
  in->b_ready = top.axi_b_ready_o;
  in->ar_valid = top.axi_ar_valid_o;
  if (in->ar_valid) {
    in->ar_id = top.axi_ar_id_o;
    in->ar_addr = top.axi_ar_addr_o;
    in->ar_len = top.axi_ar_len_o;
    in->ar_size = top.axi_ar_size_o;
    in->ar_burst = top.axi_ar_burst_o;
  }
  in->r_ready = top.axi_r_ready_o;
}

}  // namespace wren::sim
