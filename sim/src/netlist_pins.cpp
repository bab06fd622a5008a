#include "wren/sim/netlist_pins.h"

#include <fmt/format.h>

#include <cstring>

#include "wren/cpu_time.h"
#include "wren/error.h"

namespace wren::sim {

namespace {

constexpr uint64_t kTimed = 61;  // of so many cycles one is timed; no period of the design

class Pair final : public RtlPins {
 public:
  Pair(std::unique_ptr<RtlPins> rtl, const std::shared_ptr<const NetlistDesign>& design,
       const NetlistPinsOptions& options, NetlistCounts* counts)
      : rtl_(std::move(rtl)),
        sim_(design, options.netlist),
        counts_(counts),
        bus_(static_cast<size_t>(rtl_->bus_bytes())) {
    for (const auto& [lut, entries] : options.broken) sim_.Break(lut, entries);
    const auto port = [&](const char* name) { return &design->Port(name); };
    in_ = {
        port("rst_ni"),        port("s_aw_valid_i"), port("s_aw_addr_i"),    port("s_w_valid_i"),
        port("s_w_data_i"),    port("s_w_strb_i"),   port("s_b_ready_i"),    port("s_ar_valid_i"),
        port("s_ar_addr_i"),   port("s_r_ready_i"),  port("axi_aw_ready_i"), port("axi_w_ready_i"),
        port("axi_b_valid_i"), port("axi_b_id_i"),   port("axi_b_resp_i"),   port("axi_ar_ready_i"),
        port("axi_r_valid_i"), port("axi_r_id_i"),   port("axi_r_resp_i"),   port("axi_r_last_i")};
    r_data_ = port("axi_r_data_i"), w_data_ = port("axi_w_data_o");
    if (w_data_->nets.size() != bus_ * 8)
      throw Error("the netlist is of a configuration with another bus");
    for (const char* name :
         {"irq_o",         "s_aw_ready_o",  "s_w_ready_o",  "s_b_valid_o",   "s_b_resp_o",
          "s_ar_ready_o",  "s_r_valid_o",   "s_r_data_o",   "s_r_resp_o",    "axi_aw_valid_o",
          "axi_aw_id_o",   "axi_aw_addr_o", "axi_aw_len_o", "axi_aw_size_o", "axi_aw_burst_o",
          "axi_w_valid_o", "axi_w_strb_o",  "axi_w_last_o", "axi_b_ready_o", "axi_ar_valid_o",
          "axi_ar_id_o",   "axi_ar_addr_o", "axi_ar_len_o", "axi_ar_size_o", "axi_ar_burst_o",
          "axi_r_ready_o"})
      out_.push_back(port(name));
  }
  ~Pair() override {
    counts_->entries_read.resize(sim_.entries_read().size());
    for (size_t i = 0; i < sim_.entries_read().size(); ++i)
      counts_->entries_read[i] |= sim_.entries_read()[i];
  }

  Config config() const override { return rtl_->config(); }
  int bus_bytes() const override { return rtl_->bus_bytes(); }
  bool irq() const override { return rtl_->irq(); }
  bool busy() const override { return rtl_->busy(); }
  void CheckErrors() override { rtl_->CheckErrors(); }
  std::string Describe() override { return rtl_->Describe(); }

  void Fall(bool rst_n, const LiteIn& lite, const AxiOut& axi) override {
    rtl_->SetObserver(observer_);
    rtl_->Fall(rst_n, lite, axi);
    axi_ = rtl_->axi();
    lite_ = rtl_->lite();

    const bool timed = cycle_ % kTimed == 0;
    const double start = timed ? CpuSeconds() : 0;
    const uint64_t values[] = {rst_n,        lite.aw_valid, lite.aw_addr, lite.w_valid,
                               lite.w_data,  lite.w_strb,   lite.b_ready, lite.ar_valid,
                               lite.ar_addr, lite.r_ready,  axi.aw_ready, axi.w_ready,
                               axi.b_valid,  axi.b_id,      axi.b_resp,   axi.ar_ready,
                               axi.r_valid,  axi.r_id,      axi.r_resp,   axi.r_last};
    for (size_t i = 0; i < in_.size(); ++i) sim_.Set(*in_[i], values[i]);
    if (axi.r_valid) sim_.SetBytes(*r_data_, axi.r_data.data());
    sim_.Settle();
    if (timed) counts_->seconds += (CpuSeconds() - start) * kTimed;
    Compare();
  }

  void Rise() override {
    rtl_->Rise();
    const bool timed = cycle_ % kTimed == 0;
    const double start = timed ? CpuSeconds() : 0;
    sim_.Clock();
    if (timed) counts_->seconds += (CpuSeconds() - start) * kTimed;
    ++cycle_;
    ++counts_->cycles;
    counts_->groups_computed += sim_.groups_computed() - computed_;
    counts_->groups_total += sim_.groups();
    computed_ = sim_.groups_computed();
  }

 private:
  void Compare() {
    const AxiIn& a = axi_;
    const LiteOut& l = lite_;
    size_t next = 0;
    const auto check = [&](bool valid, uint64_t want) {
      const NetlistDesign::PortNets& port = *out_[next++];
      if (!valid) return;
      if (const uint64_t got = sim_.Get(port); got != want)
        Differ(port.name, fmt::format("{:#x}", got), fmt::format("{:#x}", want));
    };
    check(true, rtl_->irq()), check(true, l.aw_ready), check(true, l.w_ready);
    check(true, l.b_valid), check(l.b_valid, l.b_resp);
    check(true, l.ar_ready), check(true, l.r_valid), check(l.r_valid, l.r_data),
        check(l.r_valid, l.r_resp);
    check(true, a.aw_valid), check(a.aw_valid, a.aw_id), check(a.aw_valid, a.aw_addr),
        check(a.aw_valid, a.aw_len);
    check(a.aw_valid, a.aw_size), check(a.aw_valid, a.aw_burst);
    check(true, a.w_valid), check(a.w_valid, a.w_strb), check(a.w_valid, a.w_last);
    check(true, a.b_ready);
    check(true, a.ar_valid), check(a.ar_valid, a.ar_id), check(a.ar_valid, a.ar_addr),
        check(a.ar_valid, a.ar_len);
    check(a.ar_valid, a.ar_size), check(a.ar_valid, a.ar_burst);
    check(true, a.r_ready);
    if (a.w_valid) {
      std::array<uint8_t, kAxiMaxBusBytes> got{};
      sim_.GetBytes(*w_data_, got.data());
      for (size_t i = 0; i < bus_; ++i) {  // bytes that are not written may be anything
        if ((a.w_strb >> i & 1) != 0 && got[i] != a.w_data[i])
          Differ(fmt::format("axi_w_data_o[{}:{}]", 8 * i + 7, 8 * i),
                 fmt::format("{:#04x}", got[i]), fmt::format("{:#04x}", a.w_data[i]));
      }
    }
    counts_->beats +=
        static_cast<uint64_t>(l.b_valid + l.r_valid + a.aw_valid + a.w_valid + a.ar_valid);
  }
  [[noreturn]] void Differ(const std::string& signal, const std::string& got,
                           const std::string& want) const {
    throw NetlistMismatch(
        fmt::format("the netlist differs from the RTL first in cycle {}: {} is {}, the RTL has {}",
                    cycle_, signal, got, want));
  }

  const std::unique_ptr<RtlPins> rtl_;
  NetlistSim sim_;
  NetlistCounts* const counts_;
  const size_t bus_;
  uint64_t computed_ = 0;
  std::vector<const NetlistDesign::PortNets*> in_, out_;
  const NetlistDesign::PortNets *r_data_, *w_data_;
};

}  // namespace

std::unique_ptr<RtlPins> PutNetlistBeside(std::unique_ptr<RtlPins> rtl,
                                          std::shared_ptr<const NetlistDesign> design,
                                          const NetlistPinsOptions& options,
                                          NetlistCounts* counts) {
  return std::make_unique<Pair>(std::move(rtl), design, options, counts);
}

NetlistBeside::NetlistBeside(std::shared_ptr<const NetlistDesign> design,
                             const NetlistPinsOptions& options)
    : counts_(std::make_unique<NetlistCounts>()) {
  RtlPins::Wrap(
      [design = std::move(design), options, counts = counts_.get()](std::unique_ptr<RtlPins> rtl) {
        return PutNetlistBeside(std::move(rtl), design, options, counts);
      });
}

NetlistBeside::~NetlistBeside() { RtlPins::Wrap(nullptr); }

}  // namespace wren::sim
