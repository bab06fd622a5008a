// The memory side of an AXI4 port, cycle by cycle: signals in, signals out, one call per clock. It
// keeps the handshakes, the order of answers, the limits and the stalls; what is behind it, and
// when that has an answer, is an AxiBackend's business: AxiMemory (axi_memory.h) puts a memory
// there, the SystemC platform (sim/platform) a TLM-2.0 socket.
//
//   each cycle, with the clock low:   wren::sim::DriveAxi(port.out(), &top);   top.eval();
//                                     wren::sim::SampleAxi(top, &in);          port.Tick(in);
//                                     raise the clock, top.eval()
//
// All outputs are those of registers: they depend on earlier cycles only. DriveAxi and SampleAxi
// expect the port names axi_aw_valid_o, axi_aw_ready_i, ... of wren_dma and wren_top; other tops
// fill AxiIn and AxiOut themselves.
//
// Order: transactions of one ID finish in order, those of different IDs in any order, their read
// beats interleaved when `interleave` is set.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

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

  // The readies and valids, one byte each; what else there is counts only beside a valid.
  uint64_t handshakes() const {
    uint64_t bytes = 0;
    std::memcpy(&bytes, this, 5);
    return bytes;
  }
  bool has_answer() const { return b_valid | r_valid; }
};
static_assert(offsetof(AxiOut, r_valid) == 4, "the first five are the handshakes");

// Cycle of an answer that has not come.
inline constexpr uint64_t kAxiNever = UINT64_MAX;

// A read burst between its AR handshake and the offer of its last beat.
struct AxiReadBurst {
  uint64_t address = 0;  // of the first beat, aligned to the bus
  int id = 0;
  int beats = 0;               // of the burst
  int sent = 0;                // beats offered
  uint64_t due = kAxiNever;    // cycle from which its beats can be offered
  std::vector<uint64_t> dues;  // of each beat, in place of `due`, when not empty
};

// A write burst between its AW handshake and the offer of its B.
struct AxiWriteBurst {
  uint64_t address = 0;  // of the next beat, aligned to the bus
  int id = 0;
  int left = 0;        // beats that have not come
  int unanswered = 0;  // beats that came, but the backend has not finished
  uint64_t due = 0;    // cycle from which B can be offered, as far as known
  uint8_t resp = 0;    // the worst of the beats
};

struct AxiWriteBeat {
  std::array<uint8_t, kAxiMaxBusBytes> data;
  uint64_t strb;
  bool last;
};

// What is behind a port. Called from AxiPort::Tick; bursts keep their addresses in memory until
// their last beat or B has been offered.
class AxiBackend {
 public:
  virtual ~AxiBackend() = default;
  // AR handshake at cycle `now`. Sets the burst's due cycle(s), those not yet known to kAxiNever; a
  // backend that learns them later stores them before the Tick of that cycle.
  virtual void StartRead(uint64_t now, AxiReadBurst* burst) = 0;
  // Beat `burst->sent` is being offered: gives its data (untouched on an error) and its response.
  virtual AxiResp ReadBeat(const AxiReadBurst& burst, uint8_t* data) = 0;
  // A beat for `burst->address`. Raises the burst's due cycle and response, or counts the beat in
  // `unanswered` and does so later.
  virtual void WriteBeat(uint64_t now, AxiWriteBurst* burst, const AxiWriteBeat& beat) = 0;
};

struct AxiPortConfig {
  int bus_bytes = 64;       // 16, 32 or 64
  int stall_percent = 0;    // chance per cycle and channel that ready falls or a valid is withheld
  int max_reads = 256;      // bursts it accepts before ar_ready falls
  int max_writes = 256;     // the same for writes
  bool interleave = false;  // mix the beats of read bursts with different IDs
  uint64_t seed = 1;
};

class AxiPort {
 public:
  // `backend` is not owned. Throws wren::Error for a width that is not one of the three.
  AxiPort(const AxiPortConfig& config, AxiBackend* backend);

  // One rising clock edge: `in` are the master's outputs just before it, while out() was driven.
  // Throws wren::Error when the master breaks the protocol (4 KiB, length, size, wlast).
  void Tick(const AxiIn& in);
  const AxiOut& out() const { return out_; }

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

 private:
  uint64_t Random();
  bool Stall() {
    return config_.stall_percent > 0 && Random() % 100 < uint64_t(config_.stall_percent);
  }
  void CheckBurst(const char* channel, uint64_t addr, int len, int size, int burst) const;
  void CommitBeat(const AxiWriteBeat& beat);
  void OfferRead();
  void OfferResponse();

  const AxiPortConfig config_;
  AxiBackend* const backend_;
  AxiOut out_;
  bool quiet_ =
      false;  // nothing is under way, and the outputs stay until the master begins something
  uint64_t now_ = 0;
  uint64_t random_;

  std::array<std::deque<AxiReadBurst>, 16> reads_;
  uint32_t waiting_reads_ = 0, waiting_responses_ = 0;  // bit i: reads_[i], responses_[i] not empty
  int current_id_ = -1;                                 // the ID whose burst is being sent
  std::deque<std::unique_ptr<AxiWriteBurst>> writes_;   // AW taken, W not complete
  std::deque<AxiWriteBeat> early_w_;                    // W beats ahead of their AW
  std::array<std::deque<std::unique_ptr<AxiWriteBurst>>, 16> responses_;
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
