// SerialLink: the memory and the CSRs of a Wren that is behind a serial line
// (fpga/soc/wren_link.sv).
//
//   SerialLink link(&port);
//   link.WriteMemory(0x1000, data, n);
//   link.WriteCsr(csr::kTail, 12);
//
// Every request is answered by a frame with a CRC. A request without a good answer is sent again,
// the same bytes, up to kTries times. Up to kWindow reads of anything or writes of memory are under
// way at once, for these may be done twice; when an answer is missing, all from that one on are
// sent again. A write of a register is under way alone, and the other end does it once however
// often it comes.
#ifndef WREN_LINK_SERIAL_LINK_H_
#define WREN_LINK_SERIAL_LINK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "wren/error.h"

namespace wren::link {

// A serial line.
class Port {
 public:
  virtual ~Port() = default;
  virtual void Send(const std::vector<uint8_t>& bytes) = 0;
  // The next byte; -1 when none came for longer than an answer takes to begin.
  virtual int Receive() = 0;
  // A whole good answer has come.
  virtual void Good() {}
  // Waits until the line has been quiet both ways for longer than the board waits before it takes
  // the next byte for the first one of a frame; drops what came meanwhile.
  virtual void Settle() = 0;
};

// What a request for memory beyond the board's end throws.
class OutsideMemory : public Error {
 public:
  using Error::Error;
};

class SerialLink {
 public:
  static constexpr int kTries = 20;
  static constexpr int kFirstTries =
      4;  // of the first request, which tells whether a board is there
  static constexpr size_t kWindow = 4;       // requests under way
  static constexpr uint32_t kMaxWords = 64;  // of one frame

  // The port must outlive the link. Opens the session: settles the line and reads register 0, so
  // that no write of an earlier session counts as a repetition.
  explicit SerialLink(Port* port);

  // Bytes from and to memory. addr and n are multiples of 4, else wren::Error.
  void ReadMemory(uint32_t addr, void* data, size_t n);
  void WriteMemory(uint32_t addr, const void* data, size_t n);
  // Several writes of memory, in any order.
  struct Piece {
    uint32_t addr;
    const void* data;
    size_t n;
  };
  void WriteMemory(const std::vector<Piece>& pieces);
  // One register, by byte offset. A register that does not exist or cannot be written: wren::Error.
  uint32_t ReadCsr(uint32_t offset);
  void WriteCsr(uint32_t offset, uint32_t value);
  // `words` registers one behind the other; each must exist.
  std::vector<uint32_t> ReadCsrs(uint32_t offset, uint32_t words);

  // Called with the bytes of memory written so far, for each frame that the board has acknowledged.
  void set_progress(std::function<void(uint64_t)> progress) { progress_ = std::move(progress); }
  // Bytes of memory written.
  uint64_t written() const { return written_; }
  // Requests that had to be sent again.
  uint64_t repeats() const { return repeats_; }

 private:
  struct Request {
    uint8_t op;
    uint32_t addr, words;
    const uint8_t* in;  // of writes
    uint8_t* out;       // of reads
  };
  // Does them all, `window` at a time.
  void Exchange(const std::vector<Request>& requests, size_t window, int tries = kTries);

  Port* port_;
  std::function<void(uint64_t)> progress_;
  uint64_t written_ = 0;
  uint8_t seq_ = 0;
  uint64_t repeats_ = 0;
};

// Frames, for tests: a request with its CRC.
std::vector<uint8_t> RequestFrame(uint8_t op, uint8_t seq, uint32_t addr, uint32_t words,
                                  const uint32_t* data);

}  // namespace wren::link

#endif  // WREN_LINK_SERIAL_LINK_H_
