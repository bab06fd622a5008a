// SerialLink: the memory and the CSRs of a Wren that is behind a serial line
// (fpga/soc/wren_link.sv).
//
//   SerialLink link(&port);
//   link.WriteMemory(0x1000, data, n);
//   link.WriteCsr(csr::kTail, 12);
//
// Every request is answered by a frame with a CRC. A request without a good answer is sent again,
// the same bytes, up to kTries times; the other end does a repeated write only once.
#ifndef WREN_LINK_SERIAL_LINK_H_
#define WREN_LINK_SERIAL_LINK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wren::link {

// A serial line.
class Port {
 public:
  virtual ~Port() = default;
  virtual void Send(const std::vector<uint8_t>& bytes) = 0;
  // The next byte; -1 when none came for longer than an answer takes to begin.
  virtual int Receive() = 0;
  // Waits until the line has been quiet both ways for longer than the board waits before it takes
  // the next byte for the first one of a frame; drops what came meanwhile.
  virtual void Settle() = 0;
};

class SerialLink {
 public:
  static constexpr int kTries = 20;
  static constexpr uint32_t kMaxWords = 64;  // of one frame

  // The port must outlive the link. Opens the session: settles the line and reads register 0, so
  // that no write of an earlier session counts as a repetition.
  explicit SerialLink(Port* port);

  // Bytes from and to memory. addr and n are multiples of 4, else wren::Error.
  void ReadMemory(uint32_t addr, void* data, size_t n);
  void WriteMemory(uint32_t addr, const void* data, size_t n);
  // One register, by byte offset. A register that does not exist or cannot be written: wren::Error.
  uint32_t ReadCsr(uint32_t offset);
  void WriteCsr(uint32_t offset, uint32_t value);

  // Requests that had to be sent again.
  uint64_t repeats() const { return repeats_; }

 private:
  std::vector<uint32_t> Transact(uint8_t op, uint32_t addr, uint32_t words, const uint32_t* data);

  Port* port_;
  uint8_t seq_ = 0;
  uint64_t repeats_ = 0;
};

// Frames, for tests: a request with its CRC.
std::vector<uint8_t> RequestFrame(uint8_t op, uint8_t seq, uint32_t addr, uint32_t words,
                                  const uint32_t* data);

}  // namespace wren::link

#endif  // WREN_LINK_SERIAL_LINK_H_
