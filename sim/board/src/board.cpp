#include "wren/board/board.h"

#include "Vwren_board_nano.h"
#include "wren/error.h"

namespace wren::board {

Board::Board(int fault_every, uint64_t seed)
    : dut_(std::make_unique<Vwren_board_nano>()),
      chip_(1'000'000'000'000 / kHz),
      line_(fault_every, seed) {
  dut_->rst_ni = 0;
  dut_->rx_i = 1;
  for (int i = 0; i < 4; ++i) Tick();
  dut_->rst_ni = 1;
}

Board::~Board() { dut_->final(); }

int Board::leds() const { return dut_->led_o; }

void Board::Send(uint8_t byte) { line_.Pass(byte, &to_send_); }

void Board::Tick() {
  if (send_left_ == 0 && !to_send_.empty()) {
    send_bits_ = 0x200 | to_send_.front() << 1;
    to_send_.pop_front();
    send_left_ = 10 * kDivider;
  }
  if (send_left_ > 0) {
    dut_->rx_i =
        static_cast<uint8_t>(send_bits_ >> (10 - (send_left_ + kDivider - 1) / kDivider) & 1);
    --send_left_;
  }

  // The falling edge is the chip's rising one. The board takes DQ as it was before.
  dut_->sd_dq_i = chip_.driving() ? chip_.dq() : 0xdead;
  dut_->clk_i = 0;
  dut_->eval();
  SdramPins pins;
  pins.cke = dut_->sd_cke_o, pins.cs_n = dut_->sd_cs_no, pins.ras_n = dut_->sd_ras_no;
  pins.cas_n = dut_->sd_cas_no, pins.we_n = dut_->sd_we_no;
  pins.ba = dut_->sd_ba_o, pins.a = dut_->sd_a_o, pins.dqm = dut_->sd_dqm_o;
  pins.dq = dut_->sd_dq_o, pins.dq_oe = dut_->sd_dq_oe_o;
  chip_.Edge(pins);
  if (chip_.breach_count() > 0)
    throw Error("the SDRAM's data sheet is broken at " + chip_.breaches()[0]);
  dut_->clk_i = 1;
  dut_->eval();
  ++cycle_;

  const int bits = dut_->rst_ni != 0 ? receiver_.Sample(dut_->tx_o != 0) : -1;
  if (bits < 0) return;
  if (!LineReceiver::Framed(bits))
    throw Error("the board sent a byte without its start or stop bit");
  line_.Pass(LineReceiver::Byte(bits), &received_);
}

}  // namespace wren::board
