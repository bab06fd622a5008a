// The host's end of a simulated serial line (8N1): bytes that the line spoils, and a receiver.
#ifndef WREN_BOARD_LINE_H_
#define WREN_BOARD_LINE_H_

#include <cstdint>
#include <deque>
#include <random>

namespace wren::board {

// Loses, doubles or garbles one byte in `fault_every` on average; 0: none.
class NoisyLine {
 public:
  NoisyLine(int fault_every, uint64_t seed) : rng_(seed), fault_every_(fault_every) {}

  // Appends what becomes of the byte.
  void Pass(uint8_t byte, std::deque<uint8_t>* out) {
    int copies = 1;
    if (fault_every_ != 0 && rng_() % static_cast<uint64_t>(fault_every_) == 0) {
      ++faults_;
      switch (rng_() % 3) {
        case 0:
          copies = 0;
          break;
        case 1:
          copies = 2;
          break;
        default:
          byte = static_cast<uint8_t>(byte ^ (1 + rng_() % 255));
      }
    }
    out->insert(out->end(), static_cast<size_t>(copies), byte);
  }
  void set_fault_every(int n) { fault_every_ = n; }
  uint64_t faults() const { return faults_; }

 private:
  std::mt19937_64 rng_;
  int fault_every_;
  uint64_t faults_ = 0;
};

// Takes each bit in its middle.
class LineReceiver {
 public:
  explicit LineReceiver(int divider) : divider_(divider) {}  // clocks per bit

  // One clock. The ten bits of a byte, start bit lowest, when the last is in; otherwise -1.
  int Sample(bool level) {
    if (clock_ < 0) {
      if (!level) clock_ = 0, bits_ = 0;
      return -1;
    }
    ++clock_;
    if (clock_ % divider_ != divider_ / 2) return -1;
    const int bit = clock_ / divider_;
    bits_ |= static_cast<int>(level) << bit;
    if (bit < 9) return -1;
    clock_ = -1;
    return bits_;
  }
  bool active() const { return clock_ >= 0; }
  static bool Framed(int bits) { return (bits & 0x201) == 0x200; }  // start and stop bit
  static uint8_t Byte(int bits) { return static_cast<uint8_t>(bits >> 1); }

 private:
  int divider_, clock_ = -1, bits_ = 0;
};

}  // namespace wren::board

#endif  // WREN_BOARD_LINE_H_
