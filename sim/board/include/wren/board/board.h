// Board: Wren's system on a chip with its SDRAM, seen from the other end of its serial line. The
// nano configuration at 50 MHz with a line of two clocks per bit (sim/board/CMakeLists.txt).
#ifndef WREN_BOARD_BOARD_H_
#define WREN_BOARD_BOARD_H_

#include <cstdint>
#include <deque>
#include <memory>

#include "wren/board/line.h"
#include "wren/board/sdram_chip.h"

class Vwren_board_nano;

namespace wren::board {

class Board {
 public:
  static constexpr int kDivider = 2;   // clocks per bit
  static constexpr int kQuiet = 2048;  // clocks of a quiet line after which a frame can begin
  static constexpr uint64_t kHz = 50'000'000;  // what the SDRAM's times are for

  // One byte in `fault_every` on average is lost, doubled or garbled, in both directions; 0: none.
  explicit Board(int fault_every = 0, uint64_t seed = 1);
  ~Board();

  // One clock. Throws wren::Error when the SDRAM saw a breach of its data sheet.
  void Tick();
  uint64_t cycle() const { return cycle_; }

  // The line: bytes to the board are sent one after the other, those from it wait to be taken.
  void Send(uint8_t byte);
  bool sending() const { return !to_send_.empty() || send_left_ > 0; }
  size_t unsent() const { return to_send_.size(); }
  bool receiving() const { return receiver_.active(); }
  std::deque<uint8_t>& received() { return received_; }
  void set_fault_every(int n) { line_.set_fault_every(n); }
  uint64_t faults() const { return line_.faults(); }

  int leds() const;
  SdramChip& chip() { return chip_; }

 private:
  std::unique_ptr<Vwren_board_nano> dut_;
  SdramChip chip_;
  NoisyLine line_;
  LineReceiver receiver_{kDivider};
  uint64_t cycle_ = 0;
  std::deque<uint8_t> to_send_, received_;
  int send_left_ = 0, send_bits_ = 0;  // clocks left of the byte on the line
};

}  // namespace wren::board

#endif  // WREN_BOARD_BOARD_H_
