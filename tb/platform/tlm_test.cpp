// AxiToTlm in front of memories that are not ours: it must work with whatever keeps TLM-2.0's base
// protocol. One simulation holds them all, as SystemC starts once per program.
#include <tlm_utils/simple_target_socket.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "platform.h"

namespace wren::platform {
namespace {

using sc_core::sc_time;

constexpr uint64_t kBytes = 1 << 16;

// Loosely timed: b_transport only. The library's socket turns nb_transport calls into it, with
// TLM_ACCEPTED, END_REQ and BEGIN_RESP in calls of their own. Knows no extension of ours.
class Loose : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Loose, kBusBits> socket;
  explicit Loose(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &Loose::Transport);
  }
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kBytes);

 private:
  void Transport(tlm::tlm_generic_payload& p, sc_time& delay) {
    delay += sc_time(17.3, sc_core::SC_NS);
    if (p.get_address() + p.get_data_length() > kBytes) {
      p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    uint8_t* at = &bytes[p.get_address()];
    if (p.is_read()) {
      std::memcpy(p.get_data_ptr(), at, p.get_data_length());
    } else {
      for (unsigned i = 0; i < p.get_data_length(); ++i) {
        if (p.get_byte_enable_ptr() == nullptr || p.get_byte_enable_ptr()[i] != 0)
          at[i] = p.get_data_ptr()[i];
      }
    }
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

// Approximately timed, and difficult: takes a request every few nanoseconds, answers in a random
// order, skips END_REQ half the time, and demands END_RESP by returning control only then.
class Unruly : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Unruly, kBusBits> socket;
  explicit Unruly(const sc_core::sc_module_name& name)
      : sc_module(name), socket("socket"), answers_("answers") {
    socket.register_nb_transport_fw(this, &Unruly::Forward);
    SC_METHOD(Answer);
    sensitive << answers_.get_event();
    dont_initialize();
    SC_METHOD(Accept);
    sensitive << accept_;
    dont_initialize();
  }
  SC_HAS_PROCESS(Unruly);
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kBytes);
  int completed_at_once = 0, returned_response = 0, violations = 0;

 private:
  tlm::tlm_sync_enum Forward(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase, sc_time& delay) {
    if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
    if (accepting_ != nullptr) ++violations;  // BEGIN_REQ before END_REQ of the one before
    Perform(&p);
    switch (random_() % 4) {
      case 0:  // early completion, its time in the annotation
        ++completed_at_once;
        delay += sc_time(static_cast<double>(random_() % 40000), sc_core::SC_PS);
        return tlm::TLM_COMPLETED;
      case 1:  // the response on the return path
        ++returned_response;
        phase = tlm::BEGIN_RESP;
        delay += sc_time(static_cast<double>(random_() % 40000), sc_core::SC_PS);
        return tlm::TLM_UPDATED;
      default:
        p.acquire();
        accepting_ = &p;
        accept_.notify(sc_time(3.7, sc_core::SC_NS));
        return tlm::TLM_ACCEPTED;
    }
  }
  void Accept() {
    tlm::tlm_generic_payload* p = accepting_;
    accepting_ = nullptr;
    answers_.notify(*p, sc_time(static_cast<double>(random_() % 90000), sc_core::SC_PS));
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(*p, phase, delay);
  }
  void Answer() {
    while (tlm::tlm_generic_payload* p = answers_.get_next_transaction()) {
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_time delay(static_cast<double>(random_() % 5000), sc_core::SC_PS);
      if (socket->nb_transport_bw(*p, phase, delay) == tlm::TLM_ACCEPTED) ++violations;
      p->release();
    }
  }
  void Perform(tlm::tlm_generic_payload* p) {
    if (p->get_address() + p->get_data_length() > kBytes) {
      p->set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return;
    }
    uint8_t* at = &bytes[p->get_address()];
    if (p->is_read()) {
      std::memcpy(p->get_data_ptr(), at, p->get_data_length());
    } else {
      for (unsigned i = 0; i < p->get_data_length(); ++i) {
        if (p->get_byte_enable_ptr() == nullptr || p->get_byte_enable_ptr()[i] != 0)
          at[i] = p->get_data_ptr()[i];
      }
    }
    p->set_response_status(tlm::TLM_OK_RESPONSE);
  }

  std::mt19937 random_{5};
  tlm::tlm_generic_payload* accepting_ = nullptr;
  sc_core::sc_event accept_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> answers_;
};

// A bus master: random reads and writes of bursts with IDs, disjoint in address while under way.
class Master : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk;
  Master(const sc_core::sc_module_name& name, int bursts) : sc_module(name), left_(bursts) {
    SC_METHOD(Edge);
    sensitive << clk.pos();
    dont_initialize();
    SC_METHOD(Drive);
    sensitive << clk.neg();
  }
  SC_HAS_PROCESS(Master);
  void Connect(const sim::AxiOut* axi) { axi_ = axi; }
  const sim::AxiIn& pins() const { return stable_; }

  bool done() const {
    return left_ == 0 && reads_ == 0 && writes_.empty() && !aw_ && responses_ == 0;
  }
  int wrong = 0, reads = 0, slverr = 0, decerr = 0, early = 0;
  std::vector<uint8_t> shadow = std::vector<uint8_t>(kBytes);

 private:
  struct Burst {
    uint64_t address;
    int beats, done;
  };

  static constexpr int kBus = 64;

  bool Free(uint64_t first, uint64_t end) const {
    for (const auto& [a, e] : busy_) {
      if (first < e && a < end) return false;
    }
    return true;
  }

  // The pins for the coming edge.
  void Drive() {
    if (!pins_.ar_valid && !pins_.aw_valid && left_ > 0 && random_() % 4 == 0) {
      const int beats = 1 + static_cast<int>(random_() % 8);
      uint64_t address = random_() % (kBytes / kBus) * kBus;
      if (random_() % 16 == 0) address += kBytes;  // an error
      if (address % 4096 + static_cast<uint64_t>(beats) * kBus <= 4096 &&
          Free(address, address + static_cast<uint64_t>(beats) * kBus)) {
        --left_;
        busy_[address] = address + static_cast<uint64_t>(beats) * kBus;
        const uint8_t id = random_() % 3;
        if (random_() % 2 == 0) {
          pins_.ar_valid = true, pins_.ar_addr = address, pins_.ar_id = id;
          pins_.ar_len = static_cast<uint8_t>(beats - 1), pins_.ar_size = 6;
        } else {
          pins_.aw_valid = aw_ = true, pins_.aw_addr = address, pins_.aw_id = id;
          pins_.aw_len = static_cast<uint8_t>(beats - 1), pins_.aw_size = 6;
        }
      }
    }
    if (!pins_.w_valid && !writes_.empty()) {
      Burst& b = writes_.front();
      const uint64_t at = b.address + static_cast<uint64_t>(b.done) * kBus;
      pins_.w_valid = true;
      pins_.w_last = b.done + 1 == b.beats;
      pins_.w_strb = random_() % 2 == 0 ? ~uint64_t{0} : random64_();
      for (int i = 0; i < kBus; ++i) {
        pins_.w_data[static_cast<size_t>(i)] = static_cast<uint8_t>(random_());
        if ((pins_.w_strb >> i & 1) != 0 && at < kBytes)
          shadow[at + static_cast<uint64_t>(i)] = pins_.w_data[static_cast<size_t>(i)];
      }
    }
    pins_.r_ready = random_() % 4 != 0;
    pins_.b_ready = random_() % 4 != 0;
    out_ = *axi_;
    stable_ = pins_;
  }

  // What the edge transfers.
  void Edge() {
    if (pins_.ar_valid && out_.ar_ready) {
      pins_.ar_valid = false;
      read_[pins_.ar_id].push_back({pins_.ar_addr, pins_.ar_len + 1, 0});
      ++reads_;
    }
    if (pins_.aw_valid && out_.aw_ready) {
      pins_.aw_valid = aw_ = false;
      writes_.push_back({pins_.aw_addr, pins_.aw_len + 1, 0});
      answer_[pins_.aw_id].push_back(writes_.back());
      ++responses_;
    }
    if (pins_.w_valid && out_.w_ready) {
      pins_.w_valid = false;
      if (++writes_.front().done == writes_.front().beats) writes_.pop_front();
    }
    if (out_.r_valid && pins_.r_ready) {
      Burst& b = read_[out_.r_id].front();
      const uint64_t at = b.address + static_cast<uint64_t>(b.done) * kBus;
      ++reads;
      if (at >= kBytes) {
        (out_.r_resp == 2 ? slverr : decerr) += 1;
        wrong += out_.r_resp != 2 && out_.r_resp != 3;
      } else {
        wrong += out_.r_resp != 0 || std::memcmp(out_.r_data.data(), &shadow[at], kBus) != 0;
      }
      wrong += out_.r_last != (b.done + 1 == b.beats);
      if (++b.done == b.beats) {
        busy_.erase(b.address);
        read_[out_.r_id].pop_front();
        --reads_;
      }
    }
    if (out_.b_valid && pins_.b_ready) {
      const Burst b = answer_[out_.b_id].front();
      answer_[out_.b_id].pop_front();
      wrong += (out_.b_resp != 0) != (b.address >= kBytes);
      for (const Burst& w : writes_) early += w.address == b.address;
      busy_.erase(b.address);
      --responses_;
    }
  }

  const sim::AxiOut* axi_ = nullptr;
  sim::AxiOut out_;
  sim::AxiIn pins_, stable_;  // stable_: while the clock rises
  int left_, reads_ = 0, responses_ = 0;
  bool aw_ = false;
  std::mt19937 random_{11};
  std::mt19937_64 random64_{12};
  std::map<uint64_t, uint64_t> busy_;
  std::map<int, std::deque<Burst>> read_, answer_;
  std::deque<Burst> writes_;
};

TEST(AxiToTlm, KeepsOrderAndDataInFrontOfAnyMemoryOfTheBaseProtocol) {
  constexpr int kBursts = 3000;
  const sc_time period(1, sc_core::SC_NS);
  sc_core::sc_clock clk("clk", period, 0.5, period, true);
  Failure failure;
  Loose loose("loose");
  Unruly unruly("unruly");
  Master first("first", kBursts), second("second", kBursts);
  sim::AxiPortConfig config;
  config.interleave = true;
  config.stall_percent = 10;
  AxiToTlm a("a", config, period, &first.pins(), &failure),
      b("b", config, period, &second.pins(), &failure);
  first.Connect(&a.port().out());
  second.Connect(&b.port().out());
  for (sc_core::sc_in<bool>* in : {&first.clk, &second.clk, &a.clk, &b.clk}) (*in)(clk);
  a.socket.bind(loose.socket);
  b.socket.bind(unruly.socket);
  for (int i = 0; i < 200 && !(first.done() && second.done()); ++i) {
    sc_core::sc_start(10, sc_core::SC_US);
    failure.Rethrow();
  }
  EXPECT_TRUE(first.done());
  EXPECT_TRUE(second.done());
  for (const Master* m : {&first, &second}) {
    EXPECT_EQ(m->wrong, 0);
    EXPECT_EQ(m->early, 0) << "B before the last W";
    EXPECT_GT(m->reads, kBursts / 2);
  }
  EXPECT_TRUE(first.shadow == loose.bytes);
  EXPECT_TRUE(second.shadow == unruly.bytes);
  // TLM_ADDRESS_ERROR_RESPONSE is DECERR, TLM_GENERIC_ERROR_RESPONSE SLVERR.
  EXPECT_GT(first.decerr, 0);
  EXPECT_EQ(first.slverr, 0);
  EXPECT_GT(second.slverr, 0);
  EXPECT_EQ(second.decerr, 0);
  EXPECT_EQ(unruly.violations, 0);
  EXPECT_GT(unruly.completed_at_once, 0);
  EXPECT_GT(unruly.returned_response, 0);
}

}  // namespace
}  // namespace wren::platform

// SystemC's library wants one; GoogleTest's main() runs.
int sc_main(int, char**) { return 0; }
