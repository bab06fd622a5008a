#include "platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "wren/error.h"
#include "wren/isa/csr.h"

namespace wren::platform {

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using tlm::tlm_generic_payload;
using tlm::tlm_phase;

namespace {

sc_time Picoseconds(uint64_t ps) { return {static_cast<double>(ps), sc_core::SC_PS}; }

}  // namespace

// ---------------------------------------------------------------------------------------------
// AxiToTlm

// A transaction with its buffers and where its answer goes.
struct AxiToTlm::Beat {
  explicit Beat(tlm::tlm_mm_interface* owner) : payload(owner) {
    payload.set_extension(info);  // which the payload deletes
    payload.set_extension(new Link(this));
  }

  // How a beat is found again when its payload comes back.
  struct Link : tlm::tlm_extension<Link> {
    explicit Link(Beat* owner) : beat(owner) {}
    Beat* beat;
    tlm::tlm_extension_base* clone() const override { return nullptr; }  // of this payload only
    void copy_from(const tlm::tlm_extension_base&) override {}
  };

  AxiBeatInfo* info = new AxiBeatInfo;
  tlm_generic_payload payload;
  std::array<uint8_t, sim::kAxiMaxBusBytes> data, enables;
  uint64_t start = 0;  // cycle
  sim::AxiReadBurst* read = nullptr;
  int index = 0;  // in the read burst
  sim::AxiWriteBurst* write = nullptr;
};

AxiToTlm::AxiToTlm(const sc_core::sc_module_name& name, const sim::AxiPortConfig& config,
                   const sc_time& period, const sim::AxiIn* pins, Failure* failure)
    : sc_module(name),
      clk("clk"),
      socket("socket"),
      config_(config),
      period_(period),
      pins_(pins),
      failure_(failure),
      port_(config, this) {
  socket.register_nb_transport_bw(this, &AxiToTlm::Backward);
  SC_METHOD(Tick);
  sensitive << clk.pos();
  dont_initialize();
}

AxiToTlm::~AxiToTlm() = default;

void AxiToTlm::Tick() {
  failure_->Guard([&] { port_.Tick(*pins_); });
}

AxiToTlm::Beat* AxiToTlm::Acquire() {
  if (free_.empty()) {
    beats_.emplace_back(new Beat(this));
    free_.push_back(beats_.back().get());
  }
  Beat* beat = free_.back();
  free_.pop_back();
  tlm_generic_payload& p = beat->payload;
  p.acquire();
  p.set_data_ptr(beat->data.data());
  p.set_data_length(static_cast<unsigned>(config_.bus_bytes));
  p.set_streaming_width(static_cast<unsigned>(config_.bus_bytes));
  p.set_byte_enable_ptr(nullptr);
  p.set_byte_enable_length(0);
  p.set_dmi_allowed(false);
  p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  beat->read = nullptr;
  beat->write = nullptr;
  stats_.max_under_way = std::max(stats_.max_under_way, ++under_way_);
  return beat;
}

void AxiToTlm::free(tlm_generic_payload* payload) {
  free_.push_back(payload->get_extension<Beat::Link>()->beat);
}

void AxiToTlm::StartRead(uint64_t now, sim::AxiReadBurst* burst) {
  burst->dues.assign(static_cast<size_t>(burst->beats), sim::kAxiNever);
  for (int i = 0; i < burst->beats; ++i) {
    Beat* beat = Acquire();
    beat->payload.set_read();
    beat->payload.set_address(burst->address + static_cast<uint64_t>(i * config_.bus_bytes));
    beat->info->id = burst->id;
    beat->info->first = i == 0;
    beat->info->last = i + 1 == burst->beats;
    beat->start = now;
    beat->read = burst;
    beat->index = i;
    reads_[static_cast<size_t>(burst->id)].push_back(beat);
    requests_.push_back(beat);
    ++stats_.reads;
  }
  Send();
}

void AxiToTlm::WriteBeat(uint64_t now, sim::AxiWriteBurst* burst, const sim::AxiWriteBeat& data) {
  Beat* beat = Acquire();
  beat->payload.set_write();
  beat->payload.set_address(burst->address);
  beat->data = data.data;
  const uint64_t all =
      config_.bus_bytes == 64 ? ~uint64_t{0} : (uint64_t{1} << config_.bus_bytes) - 1;
  if (data.strb != all) {
    for (int i = 0; i < config_.bus_bytes; ++i)
      beat->enables[static_cast<size_t>(i)] =
          data.strb >> i & 1 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
    beat->payload.set_byte_enable_ptr(beat->enables.data());
    beat->payload.set_byte_enable_length(static_cast<unsigned>(config_.bus_bytes));
  }
  beat->info->id = burst->id;
  beat->info->first = burst->due == 0 && burst->unanswered == 0;
  beat->info->last = data.last;
  beat->start = now;
  beat->write = burst;
  ++burst->unanswered;
  ++stats_.writes;
  requests_.push_back(beat);
  Send();
}

// All that the base protocol lets out: a request must be accepted before the next begins.
void AxiToTlm::Send() {
  while (!requests_.empty() && requesting_ == nullptr) {
    Beat* beat = requests_.front();
    requests_.pop_front();
    tlm_phase phase = tlm::BEGIN_REQ;
    sc_time delay = sc_core::SC_ZERO_TIME;
    switch (socket->nb_transport_fw(beat->payload, phase, delay)) {
      case tlm::TLM_ACCEPTED:
        requesting_ = beat;
        break;
      case tlm::TLM_UPDATED:
        if (phase == tlm::BEGIN_RESP) {
          beat->payload.acquire();  // to the end of this block
          Answer(beat, delay);
          phase = tlm::END_RESP;
          delay = sc_core::SC_ZERO_TIME;
          socket->nb_transport_fw(beat->payload, phase, delay);
          beat->payload.release();
        }
        break;
      case tlm::TLM_COMPLETED:
        Answer(beat, delay);
        break;
    }
  }
}

tlm::tlm_sync_enum AxiToTlm::Backward(tlm_generic_payload& payload, tlm_phase& phase,
                                      sc_time& delay) {
  const bool response = phase == tlm::BEGIN_RESP;
  if (phase == tlm::END_REQ || response) {
    Beat* beat = payload.get_extension<Beat::Link>()->beat;
    if (beat == requesting_) requesting_ = nullptr;  // a response implies END_REQ
    if (response) Answer(beat, delay);
    failure_->Guard([&] { Send(); });
  }
  return response ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

// The answer can be on the bus from the first edge at or after its time.
void AxiToTlm::Answer(Beat* beat, const sc_time& delay) {
  const uint64_t time = (sc_time_stamp() + delay).value(), period = period_.value();
  const uint64_t due = (time + period - 1) / period;
  const tlm::tlm_response_status status = beat->payload.get_response_status();
  --under_way_;
  if (beat->read != nullptr) {
    beat->read->dues[static_cast<size_t>(beat->index)] = due;
    const uint64_t latency = due - beat->start;
    stats_.read_latency += latency;
    stats_.max_read_latency = std::max(stats_.max_read_latency, latency);
    if (status != tlm::TLM_OK_RESPONSE) ++stats_.read_errors;
    return;  // released when the bus has taken it
  }
  beat->write->due = std::max(beat->write->due, due);
  if (status != tlm::TLM_OK_RESPONSE) {
    ++stats_.write_errors;
    const sim::AxiResp resp =
        status == tlm::TLM_ADDRESS_ERROR_RESPONSE ? sim::AxiResp::kDecerr : sim::AxiResp::kSlverr;
    beat->write->resp = std::max(beat->write->resp, static_cast<uint8_t>(resp));
  }
  --beat->write->unanswered;
  beat->payload.release();
}

sim::AxiResp AxiToTlm::ReadBeat(const sim::AxiReadBurst& burst, uint8_t* data) {
  auto& queue = reads_[static_cast<size_t>(burst.id)];
  Beat* beat = queue.front();
  queue.pop_front();
  const tlm::tlm_response_status status = beat->payload.get_response_status();
  if (status == tlm::TLM_OK_RESPONSE)
    std::memcpy(data, beat->data.data(), static_cast<size_t>(config_.bus_bytes));
  beat->payload.release();
  return status == tlm::TLM_OK_RESPONSE              ? sim::AxiResp::kOkay
         : status == tlm::TLM_ADDRESS_ERROR_RESPONSE ? sim::AxiResp::kDecerr
                                                     : sim::AxiResp::kSlverr;
}

// ---------------------------------------------------------------------------------------------
// TlmMemory

TlmMemory::TlmMemory(const sc_core::sc_module_name& name, const sim::MemoryConfig& config)
    : sc_module(name),
      socket("socket"),
      debug("debug"),
      config_(config),
      period_(Picoseconds(config.cycle_ps)),
      contents_(config),
      timing_(config),
      answers_("answers") {
  socket.register_nb_transport_fw(this, &TlmMemory::Forward);
  debug.register_transport_dbg(this, &TlmMemory::Debug);
  SC_METHOD(Respond);
  sensitive << answers_.get_event();
  dont_initialize();
}

tlm::tlm_sync_enum TlmMemory::Forward(tlm_generic_payload& payload, tlm_phase& phase,
                                      sc_time& delay) {
  if (phase == tlm::END_RESP) {
    responding_ = false;
    Respond();
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const auto bus = static_cast<unsigned>(config_.bus_bytes);
  const uint64_t address = payload.get_address();
  if (payload.get_data_length() != bus || payload.get_streaming_width() < bus ||
      address % bus != 0) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  const auto* info = payload.get_extension<AxiBeatInfo>();
  const uint64_t now = (sc_time_stamp() + delay).value() / period_.value();
  uint64_t due = now;
  if (payload.is_read()) {
    due = timing_.Read(now, address, info == nullptr || info->first);
  } else if (payload.is_write()) {
    due = timing_.Write(now, address, info == nullptr || info->last);
    Perform(&payload);  // what is read later sees it
  }
  if (due <= now) {
    if (!payload.is_write()) Perform(&payload);
    return tlm::TLM_COMPLETED;
  }
  payload.acquire();
  answers_.notify(payload, delay + static_cast<double>(due - now) * period_ - period_ / 2);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void TlmMemory::Perform(tlm_generic_payload* payload) {
  const uint64_t address = payload->get_address();
  const unsigned bus = payload->get_data_length();
  sim::AxiResp resp = sim::AxiResp::kOkay;
  if (payload->is_read()) {
    resp = contents_.ReadBeat(address, payload->get_data_ptr());
  } else if (payload->is_write()) {
    uint64_t strb = bus == 64 ? ~uint64_t{0} : (uint64_t{1} << bus) - 1;
    if (const uint8_t* enables = payload->get_byte_enable_ptr(); enables != nullptr) {
      for (unsigned i = 0; i < bus; ++i) {
        if (enables[i % payload->get_byte_enable_length()] != TLM_BYTE_ENABLED)
          strb &= ~(uint64_t{1} << i);
      }
    }
    resp = contents_.WriteBeat(address, payload->get_data_ptr(), strb);
  }
  payload->set_response_status(resp == sim::AxiResp::kOkay     ? tlm::TLM_OK_RESPONSE
                               : resp == sim::AxiResp::kDecerr ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                               : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

void TlmMemory::Respond() {
  while (!responding_) {
    tlm_generic_payload* payload = answers_.get_next_transaction();
    if (payload == nullptr) return;  // the queue's event comes again for the rest
    if (!payload->is_write()) Perform(payload);
    tlm_phase phase = tlm::BEGIN_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    responding_ = socket->nb_transport_bw(*payload, phase, delay) == tlm::TLM_ACCEPTED;
    if (phase == tlm::END_RESP) responding_ = false;
    payload->release();
  }
}

unsigned TlmMemory::Debug(tlm_generic_payload& payload) {
  const uint64_t address = payload.get_address(), bytes = payload.get_data_length();
  if (address > config_.size || bytes > config_.size - address) return 0;
  if (payload.is_read()) {
    contents_.Read(address, payload.get_data_ptr(), bytes);
  } else {
    contents_.Write(address, payload.get_data_ptr(), bytes);
  }
  return static_cast<unsigned>(bytes);
}

// ---------------------------------------------------------------------------------------------
// Core and LiteBridge

Core::Core(const sc_core::sc_module_name& name, sim::RtlPins* pins, Failure* failure)
    : sc_module(name), clk("clk"), rst_n("rst_n"), irq("irq"), pins_(pins), failure_(failure) {
  SC_METHOD(Fall);  // also at time zero, before the first edge
  sensitive << clk.neg();
  SC_METHOD(Rise);
  sensitive << clk.pos();
  dont_initialize();
}

void Core::Fall() {
  failure_->Guard([&] { pins_->Fall(rst_n.read(), *lite_, *axi_); });
}

void Core::Rise() {
  failure_->Guard([&] {
    pins_->Rise();
    if ((pins_->cycle() & 1023) == 0) pins_->CheckErrors();
  });
  irq.write(pins_->irq());
  risen_.notify(sc_core::SC_ZERO_TIME);
  if (pins_->cycle() == alarm_cycle_ || *failure_) alarm_.notify(sc_core::SC_ZERO_TIME);
}

LiteBridge::LiteBridge(const sc_core::sc_module_name& name, const Core& core,
                       const sim::LiteOut* pins, const Failure& failure)
    : sc_module(name), socket("socket"), core_(core), pins_(pins), failure_(failure) {
  socket.register_b_transport(this, &LiteBridge::Transport);
}

void LiteBridge::Transport(tlm_generic_payload& payload, sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME) wait(std::exchange(delay, sc_core::SC_ZERO_TIME));
  const uint64_t address = payload.get_address();
  if (address >= 4096) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (payload.get_data_length() != 4 || payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  const bool write = payload.is_write();
  if (write) {
    out_.aw_addr = static_cast<uint16_t>(address);
    std::memcpy(&out_.w_data, payload.get_data_ptr(), 4);
    out_.aw_valid = out_.w_valid = true;
  } else {
    out_.ar_addr = static_cast<uint16_t>(address);
    out_.ar_valid = true;
  }
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);  // no answer
  for (int n = 0; n < kCycles && !failure_; ++n) {
    wait(core_.risen());
    if (pins_->aw_ready) out_.aw_valid = false;
    if (pins_->w_ready) out_.w_valid = false;
    if (pins_->ar_ready) out_.ar_valid = false;
    if (write ? pins_->b_valid : pins_->r_valid) {
      if (!write) std::memcpy(payload.get_data_ptr(), &pins_->r_data, 4);
      const int resp = write ? pins_->b_resp : pins_->r_resp;
      payload.set_response_status(resp == 0   ? tlm::TLM_OK_RESPONSE
                                  : resp == 3 ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                              : tlm::TLM_GENERIC_ERROR_RESPONSE);
      return;
    }
  }
}

// ---------------------------------------------------------------------------------------------
// Platform

// What the host's software sees. Calls take simulated time and so must come from the host process.
class Platform::HostCore final : public sim::RtlCore {
 public:
  explicit HostCore(Platform* platform) : p_(*platform) {
    Step(kResetCycles);
    p_.rst_n_.write(true);
    Step(kAfterResetCycles);
    shape_ = ReadShape();
  }

  sim::Config config() const override { return p_.pins_->config(); }
  const sim::RtlShape& shape() const override { return shape_; }
  sim::AxiMemory& memory() override {
    throw Error("the platform's memory is behind TLM sockets; use Platform::memory()");
  }
  uint64_t cycle() const override { return p_.pins_->cycle(); }
  bool irq() const override { return p_.irq_.read(); }
  void SetObserver(sim::WriteObserver* observer) override { p_.pins_->SetObserver(observer); }

  void MemWrite(uint64_t addr, const void* data, size_t n) override {
    Debug(tlm::TLM_WRITE_COMMAND, addr, const_cast<void*>(data), n);
  }
  void MemRead(uint64_t addr, void* data, size_t n) override {
    Debug(tlm::TLM_READ_COMMAND, addr, data, n);
  }

  int TryCsrWrite(uint32_t offset, uint32_t value) override {
    ++p_.csr_writes_;
    return Access(tlm::TLM_WRITE_COMMAND, offset, &value);
  }
  int TryCsrRead(uint32_t offset, uint32_t* value) override {
    ++p_.csr_reads_;
    return Access(tlm::TLM_READ_COMMAND, offset, value);
  }

  void Step(uint64_t cycles) override {
    const uint64_t end = cycle() + cycles;
    while (cycle() < end) {
      sc_core::wait(p_.core_->AlarmAt(end));
      p_.failure_.Rethrow();
    }
    p_.pins_->CheckErrors();
  }

  bool RunUntilIrq(uint64_t max_cycles) override {
    const uint64_t end = cycle() + max_cycles;
    if (p_.poll_interval_ != 0) {
      while (cycle() < end) {
        if (CsrRead(csr::kIrqStatus) != 0) return true;
        Step(p_.poll_interval_);
      }
      return CsrRead(csr::kIrqStatus) != 0;
    }
    while (!p_.irq_.read() && cycle() < end) {
      sc_core::wait(p_.irq_.posedge_event() | p_.core_->AlarmAt(end));
      p_.failure_.Rethrow();
    }
    p_.pins_->CheckErrors();
    return p_.irq_.read();
  }

  bool RunUntilIdle(uint64_t max_cycles) override {
    Step(3);  // a doorbell just rung reaches the monitor
    const uint64_t end = cycle() + max_cycles;
    while (p_.pins_->busy() && cycle() < end) Step(1);
    return !p_.pins_->busy();
  }

  std::string Describe() override {
    const sim::AxiPort& port = p_.axi_->port();
    std::string text = p_.pins_->Describe();
    if (!port.idle()) {
      text += fmt::format("\n  memory: {} reads and {} writes outstanding",
                          port.reads_outstanding(), port.writes_outstanding());
    }
    return text;
  }

 private:
  int Access(tlm::tlm_command command, uint32_t offset, uint32_t* value) {
    tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<uint8_t*>(value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    sc_time delay = sc_core::SC_ZERO_TIME;
    p_.mmio_->b_transport(payload, delay);
    if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
    p_.failure_.Rethrow();
    p_.pins_->CheckErrors();
    switch (payload.get_response_status()) {
      case tlm::TLM_OK_RESPONSE:
        return 0;
      case tlm::TLM_ADDRESS_ERROR_RESPONSE:
        return 3;
      case tlm::TLM_INCOMPLETE_RESPONSE:
        throw Error(fmt::format("CSR access at {:#x}: no answer in {} cycles", offset, kCsrCycles));
      default:
        return 2;
    }
  }

  // In pieces, because a payload's length has 32 bits.
  void Debug(tlm::tlm_command command, uint64_t addr, void* data, size_t n) {
    auto* bytes = static_cast<uint8_t*>(data);
    while (n > 0) {
      const auto part = static_cast<unsigned>(std::min<size_t>(n, size_t{1} << 30));
      tlm_generic_payload payload;
      payload.set_command(command);
      payload.set_address(addr);
      payload.set_data_ptr(bytes);
      payload.set_data_length(part);
      payload.set_streaming_width(part);
      if (p_.debug_->transport_dbg(payload) != part) {
        throw Error(fmt::format(
            "the external memory has {} bytes, {} at {:#x} reach beyond; raise --memory.size",
            p_.memory_bytes_, part, addr));
      }
      addr += part;
      bytes += part;
      n -= part;
    }
  }

  Platform& p_;
  sim::RtlShape shape_{};
};

Platform::Platform(const sc_core::sc_module_name& name, sim::Config config,
                   const sim::RtlOptions& options, uint64_t poll_interval)
    : sc_module(name),
      memory_bytes_(options.memory.bytes),
      poll_interval_(poll_interval),
      pins_(sim::RtlPins::Create(config, options)),
      clk_("clk", Picoseconds(options.memory.cycle_ps), 0.5, Picoseconds(options.memory.cycle_ps),
           true),
      rst_n_("rst_n"),
      irq_("irq"),
      mmio_("mmio"),
      debug_("debug") {
  const sim::AxiMemoryConfig memory = sim::MemoryConfigOf(options, pins_->bus_bytes());
  core_ = std::make_unique<Core>("core", pins_.get(), &failure_);
  lite_ = std::make_unique<LiteBridge>("lite", *core_, &pins_->lite(), failure_);
  axi_ = std::make_unique<AxiToTlm>("axi", memory.port(), clk_.period(), &pins_->axi(), &failure_);
  memory_ = std::make_unique<TlmMemory>("memory", memory);
  core_->clk(clk_);
  core_->rst_n(rst_n_);
  core_->irq(irq_);
  core_->Connect(&lite_->out(), &axi_->port().out());
  axi_->clk(clk_);
  axi_->socket.bind(memory_->socket);
  mmio_.bind(lite_->socket);
  debug_.bind(memory_->debug);
  SC_THREAD(Host);
  set_stack_size(64 << 20);  // compilers and model loaders run there
}

Platform::~Platform() = default;

void Platform::Host() {
  failure_.Guard([&] { host_(std::make_unique<HostCore>(this)); });
  sc_core::sc_stop();
}

void Platform::Run(std::function<void(std::unique_ptr<sim::RtlCore>)> host) {
  host_ = std::move(host);
  sc_core::sc_start();
  failure_.Rethrow();
}

}  // namespace wren::platform
