// A bench around wren_dma: external memory, L2, and the core's memories as seen through its ports.
#pragma once

#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "wren/isa/isa.h"
#include "wren/sim/axi_memory.h"

namespace wren::tb {

// The memories a DMA command can name.
enum Space { kAb, kAbScale, kWb, kWbScale, kVm, kLut, kL2, kExt, kSpaces };

inline constexpr size_t kBytes[kSpaces] = {16384, 1024, 8192, 512, 32768, 16384, 65536, 1 << 20};

using Memories = std::array<std::vector<uint8_t>, kSpaces>;

// One write of 16 bytes, in order.
struct Write16 {
  Space space;
  uint64_t addr;
  std::array<uint8_t, 16> data;
  bool operator==(const Write16& o) const {
    return space == o.space && addr == o.addr && data == o.data;
  }
};

inline std::ostream& operator<<(std::ostream& os, const Write16& w) {
  return os << "space " << w.space << " addr 0x" << std::hex << w.addr << std::dec << " first byte "
            << int(w.data[0]);
}

// --- Reference: what commands do, one after the other ---
template <class C, class F>
void ForRuns(const C& c, F run) {
  for (uint32_t i3 = 0; i3 < c.n3; ++i3)
    for (uint32_t i2 = 0; i2 < c.n2; ++i2)
      for (uint32_t i1 = 0; i1 < c.n1; ++i1) run(i1, i2, i3);
}

struct Reference {
  Memories m;
  std::vector<Write16> ld_writes;

  void Put(Space space, uint64_t addr, const uint8_t* data, size_t n) {
    ASSERT_LE(addr + n, m[space].size());
    std::memmove(m[space].data() + addr, data, n);
    for (size_t i = 0; i < n; i += 16) {
      Write16 w{space, addr + i, {}};
      std::memcpy(w.data.data(), m[space].data() + addr + i, 16);
      ld_writes.push_back(w);
    }
  }
  static Space From(isa::ExtSpace s) { return s == isa::ExtSpace::kExt ? kExt : kL2; }

  void Apply(const isa::LdCopy& c) {
    ForRuns(c, [&](uint32_t i1, uint32_t i2, uint32_t i3) {
      Put(Space(c.dst_space),
          c.dst + uint64_t(i1) * c.t1 + uint64_t(i2) * c.t2 + uint64_t(i3) * c.t3,
          &m[From(c.src_space)].at(c.src + uint64_t(i1) * c.s1 + uint64_t(i2) * c.s2 +
                                   uint64_t(i3) * c.s3),
          c.len);
    });
  }
  void Apply(const isa::LdGather& c) {
    std::vector<uint32_t> index(c.n1);
    std::memcpy(index.data(), &m[kVm].at(c.idx), 4 * c.n1);
    ForRuns(c, [&](uint32_t i1, uint32_t i2, uint32_t i3) {
      Put(Space(c.dst_space),
          c.dst + uint64_t(i1) * c.t1 + uint64_t(i2) * c.t2 + uint64_t(i3) * c.t3,
          &m[From(c.src_space)].at(c.src + uint64_t(index[i1]) * c.s1 + uint64_t(i2) * c.s2 +
                                   uint64_t(i3) * c.s3),
          c.len);
    });
  }
  void Apply(const isa::LdFill& c) {
    std::vector<uint8_t> run(c.len);
    for (size_t i = 0; i < run.size(); i += 4) std::memcpy(&run[i], &c.pattern, 4);
    ForRuns(c, [&](uint32_t i1, uint32_t i2, uint32_t i3) {
      Put(Space(c.dst_space),
          c.dst + uint64_t(i1) * c.t1 + uint64_t(i2) * c.t2 + uint64_t(i3) * c.t3, run.data(),
          run.size());
    });
  }
  void Apply(const isa::LdTranspose& c) {
    const std::vector<uint8_t>& s = m[From(c.src_space)];
    for (uint32_t i3 = 0; i3 < c.n3; ++i3)
      for (uint32_t i2 = 0; i2 < c.n2; ++i2)
        for (uint32_t g = 0; g < c.n1 / 32; ++g)
          for (uint32_t d = 0; d < c.len; ++d) {
            uint8_t column[32];
            for (uint32_t t = 0; t < 32; ++t) {
              column[t] = s.at(c.src + uint64_t(g * 32 + t) * c.s1 + d + uint64_t(i2) * c.s2 +
                               uint64_t(i3) * c.s3);
            }
            Put(kWb,
                c.dst + uint64_t(g) * c.t1 + d * 32 + uint64_t(i2) * c.t2 + uint64_t(i3) * c.t3,
                column, 32);
          }
  }
  void Apply(const isa::StCopy& c) {
    const Space from = c.src_space == isa::StSrc::kVm ? kVm : kL2;
    const Space to = From(c.dst_space);
    ForRuns(c, [&](uint32_t i1, uint32_t i2, uint32_t i3) {
      const uint64_t src = c.src + uint64_t(i1) * c.s1 + uint64_t(i2) * c.s2 + uint64_t(i3) * c.s3;
      const uint64_t dst = c.dst + uint64_t(i1) * c.t1 + uint64_t(i2) * c.t2 + uint64_t(i3) * c.t3;
      ASSERT_LE(src + c.len, m[from].size());
      ASSERT_LE(dst + c.len, m[to].size());
      std::memmove(m[to].data() + dst, m[from].data() + src, c.len);
    });
  }
  template <class C>
  void Apply(const C&) {}
  void Run(const isa::Command& command) {
    std::visit([&](const auto& c) { Apply(c); }, command);
  }
};

struct Timing {
  int latency_min = 20, latency_max = 20;
  int stall_percent = 0;  // every ready and valid of the bench
  int l2_latency = 2;
  uint64_t seed = 1;
};

template <class Port>
const uint8_t* Raw(const Port& port) {
  return reinterpret_cast<const uint8_t*>(&port);
}
template <class Port>
uint8_t* Raw(Port& port) {
  return reinterpret_cast<uint8_t*>(&port);
}

struct Error {
  int code;
  uint32_t info;
  uint64_t addr;
  uint64_t cycle;
};

template <class Top, int kBus>
class Bench {
 public:
  explicit Bench(const Timing& timing)
      : timing_(timing),
        random_(timing.seed * 7919 + 13),
        context_(std::make_unique<VerilatedContext>()),
        axi(Memory(timing)) {
    context_->fatalOnError(false);
    context_->assertOn(false);
    top = std::make_unique<Top>(context_.get(), "dma");
    for (int s = 0; s < kSpaces; ++s) {
      mem[s].resize(kBytes[s]);
      for (uint8_t& b : mem[s]) b = uint8_t(random_());
    }
    axi.Write(0, mem[kExt].data(), mem[kExt].size());
    Reset();
  }
  static sim::AxiMemoryConfig Memory(const Timing& timing) {
    sim::AxiMemoryConfig c;
    c.size = kBytes[kExt];
    c.bus_bytes = kBus;
    c.latency_min = timing.latency_min;
    c.latency_max = timing.latency_max;
    c.stall_percent = timing.stall_percent;
    c.interleave = true;
    c.seed = timing.seed;
    return c;
  }
  ~Bench() {
    top->final();
    top.reset();  // before its context
  }

  void Reset() {
    context_->assertOn(false);
    top->rst_ni = 0;
    for (int i = 0; i < 3; ++i) Clock();
    top->rst_ni = 1;
    ld_queue.clear();
    st_queue.clear();
    l2_reads_.clear();
    context_->assertOn(true);
  }

  void Ld(const isa::Command& c) { ld_queue.push_back(isa::Encode(c)); }
  void St(const isa::Command& c) { st_queue.push_back(isa::Encode(c)); }
  void Push(const isa::Command& c) {
    (isa::EngineOf(c) == isa::Engine::kLd ? ld_queue : st_queue).push_back(isa::Encode(c));
    ++(isa::EngineOf(c) == isa::Engine::kLd ? ld_sent : st_sent);
  }

  // The external memory's present contents.
  void FetchExt() { axi.Read(0, mem[kExt].data(), mem[kExt].size()); }

  bool Chance() {
    return timing_.stall_percent == 0 || int(random_() % 100) >= timing_.stall_percent;
  }

  void Step() {
    Top& t = *top;
    // Drive.
    t.halt_i = halt;
    t.ld_cmd_valid_i = !ld_queue.empty();
    if (!ld_queue.empty()) std::memcpy(Raw(t.ld_cmd_i), ld_queue.front().data(), 64);
    t.st_cmd_valid_i = !st_queue.empty();
    if (!st_queue.empty()) std::memcpy(Raw(t.st_cmd_i), st_queue.front().data(), 64);
    t.ab_wr_ready_i = Chance();
    t.wb_wr_ready_i = Chance();
    t.vm_wr_ready_i = Chance();
    t.lut_wr_ready_i = Chance();
    t.vm_st_rd_ready_i = Chance();
    t.vm_ix_ready_i = Chance();
    t.l2_rd_ready_i = Chance();
    t.l2_wr_ready_i = Chance();
    t.l2_rd_rvalid_i = !l2_reads_.empty() && l2_reads_.front().due <= cycle;
    if (t.l2_rd_rvalid_i) std::memcpy(Raw(t.l2_rd_rdata_i), l2_reads_.front().data, kBus);
    t.fetch_ar_valid_i = !fetches.empty();
    if (!fetches.empty()) {
      t.fetch_ar_addr_i = fetches.front().first;
      t.fetch_ar_len_i = fetches.front().second - 1;
    }
    sim::DriveAxi(axi.out(), &t);
    t.clk_i = 0;
    t.eval();

    // Sample what the edge will see.
    if (t.l2_rd_rvalid_i) l2_reads_.pop_front();
    if (t.ld_cmd_valid_i && t.ld_cmd_ready_o) ld_queue.pop_front();
    if (t.st_cmd_valid_i && t.st_cmd_ready_o) st_queue.pop_front();
    ld_done += t.ld_done_o;
    st_done += t.st_done_o;
    if (t.ld_err_valid_o)
      ld_errors.push_back({t.ld_err_code_o, t.ld_err_info_o, t.ld_err_addr_o, cycle});
    if (t.st_err_valid_o)
      st_errors.push_back({t.st_err_code_o, t.st_err_info_o, t.st_err_addr_o, cycle});
    const int plane = t.wr_plane_o;
    if (t.ab_wr_valid_o && t.ab_wr_ready_i) Write(plane ? kAbScale : kAb);
    if (t.wb_wr_valid_o && t.wb_wr_ready_i) Write(plane ? kWbScale : kWb);
    if (t.vm_wr_valid_o && t.vm_wr_ready_i) Write(kVm);
    if (t.lut_wr_valid_o && t.lut_wr_ready_i) Write(kLut);
    const bool vm_read = t.vm_st_rd_valid_o && t.vm_st_rd_ready_i;
    const bool ix_read = t.vm_ix_valid_o && t.vm_ix_ready_i;
    uint8_t vm_data[kBus];
    uint32_t ix_data = 0;
    if (vm_read) {
      EXPECT_EQ(t.vm_st_rd_addr_o % kBus, 0u);
      std::memcpy(vm_data, &mem[kVm].at(t.vm_st_rd_addr_o), kBus);
      ++vm_reads;
    }
    if (ix_read) std::memcpy(&ix_data, &mem[kVm].at(t.vm_ix_addr_o), 4);
    if (t.l2_rd_valid_o && t.l2_rd_ready_i) {
      EXPECT_EQ(t.l2_rd_addr_o % kBus, 0u);
      L2Read r;
      const uint64_t earliest = l2_reads_.empty() ? 0 : l2_reads_.back().due + 1;
      r.due = std::max<uint64_t>(
          earliest, cycle + timing_.l2_latency + (timing_.stall_percent ? random_() % 4 : 0));
      std::memcpy(r.data, &mem[kL2].at(t.l2_rd_addr_o), kBus);
      l2_reads_.push_back(r);
      ++l2_read_beats;
    }
    if (t.l2_wr_valid_o && t.l2_wr_ready_i) {
      const uint64_t strb = t.l2_wr_strb_o;
      EXPECT_NE(strb, 0u);
      for (int i = 0; i < kBus / 2; ++i) {
        if (strb >> i & 1)
          std::memcpy(&mem[kL2].at(t.l2_wr_addr_o + 2 * i), Raw(t.l2_wr_data_o) + 2 * i, 2);
      }
      ++l2_write_beats;
    }
    if (t.fetch_ar_valid_i && t.fetch_ar_ready_o) fetches.pop_front();
    if (t.fetch_r_valid_o) {
      fetched.insert(fetched.end(), Raw(t.fetch_r_data_o), Raw(t.fetch_r_data_o) + kBus);
      fetch_errors += t.fetch_r_err_o;
    }
    ++ld_buckets[t.ld_bucket_o];
    ++st_buckets[t.st_bucket_o];
    rd_bytes += t.rd_bytes_o;
    wr_bytes += t.wr_bytes_o;
    fetch_bytes += t.fetch_bytes_o;
    sim::AxiIn in;
    sim::SampleAxi(t, &in);
    if (in.w_valid && axi.out().w_ready) last_w = cycle;
    axi.Tick(in);

    t.clk_i = 1;
    t.eval();
    Monitor();
    // Read data appear behind the edge.
    if (vm_read) std::memcpy(Raw(t.vm_st_rd_data_i), vm_data, kBus);
    if (ix_read) t.vm_ix_data_i = ix_data;
    ++cycle;
    context_->timeInc(1);
    if (context_->gotError() && !reported_) {
      reported_ = true;
      ADD_FAILURE() << "an RTL assertion failed at cycle " << cycle << " (seed " << timing_.seed
                    << ")";
    }
  }

  // Until all pushed commands are done; fails after `limit` cycles without a done.
  bool Drain(uint64_t limit = 200000) {
    uint64_t last = cycle;
    int done = ld_done + st_done;
    while (ld_done < ld_sent || st_done < st_sent) {
      Step();
      if (ld_done + st_done != done) {
        done = ld_done + st_done;
        last = cycle;
      }
      if (cycle - last > limit) {
        ADD_FAILURE() << "hang at cycle " << cycle << ": ld " << ld_done << "/" << ld_sent << " st "
                      << st_done << "/" << st_sent << " axi reads " << axi.reads_outstanding()
                      << " writes " << axi.writes_outstanding() << " (seed " << timing_.seed << ")";
        return false;
      }
    }
    return true;
  }

  std::unique_ptr<Top> top;
  Memories mem;
  std::vector<Write16> ld_writes;
  std::deque<isa::Bytes> ld_queue, st_queue;
  std::deque<std::pair<uint64_t, int>> fetches;  // address, beats
  std::vector<uint8_t> fetched;
  int fetch_errors = 0;
  int ld_sent = 0, st_sent = 0, ld_done = 0, st_done = 0;
  std::vector<Error> ld_errors, st_errors;
  bool halt = false;
  uint64_t cycle = 0, last_w = 0;
  uint64_t vm_reads = 0, st_l2_beats = 0, l2_read_beats = 0, l2_write_beats = 0, ld_beats = 0,
           first_ld = 0, last_ld = 0;
  uint64_t rd_bytes = 0, wr_bytes = 0, fetch_bytes = 0;
  std::array<uint64_t, 8> ld_buckets{}, st_buckets{};

 private:
  struct L2Read {
    uint64_t due;
    uint8_t data[kBus];
  };

  void Clock() {
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
  }

  void Write(Space space) {
    Top& t = *top;
    EXPECT_EQ(t.wr_addr_o % kBus, 0u);
    EXPECT_NE(t.wr_strb_o, 0u);
    if (ld_beats++ == 0) first_ld = cycle;
    last_ld = cycle;
    for (int i = 0; i < kBus / 16; ++i) {
      if (t.wr_strb_o >> i & 1)
        std::memcpy(&mem[space].at(t.wr_addr_o + 16u * i), Raw(t.wr_data_o) + 16 * i, 16);
    }
  }

  // The monitors, just behind an edge. Their spaces have the numbers of ld_dst; L2 writes count
  // too.
  void Monitor() {
    auto& r = *top->rootp;
    if (r.wren_dma__DOT__u_ld__DOT__mon_ld_valid_q) {
      for (int i = 0; i < kBus / 16; ++i) {
        if (!(r.wren_dma__DOT__u_ld__DOT__mon_ld_strb_q >> i & 1)) continue;
        Write16 w{Space(r.wren_dma__DOT__u_ld__DOT__mon_ld_space_q),
                  r.wren_dma__DOT__u_ld__DOT__mon_ld_addr_q + 16u * i,
                  {}};
        std::memcpy(w.data.data(), Raw(r.wren_dma__DOT__u_ld__DOT__mon_ld_data_q) + 16 * i, 16);
        ld_writes.push_back(w);
      }
    }
    if (r.wren_dma__DOT__u_st__DOT__mon_st_valid_q) ++st_l2_beats;
  }

  Timing timing_;
  std::mt19937_64 random_;
  std::unique_ptr<VerilatedContext> context_;
  std::deque<L2Read> l2_reads_;
  bool reported_ = false;

 public:
  sim::AxiMemory axi;
};

}  // namespace wren::tb
