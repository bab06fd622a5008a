// TtyPort: a serial device of the operating system (/dev/ttyUSB0) as a Port: raw bytes, 8N1, no
// flow control.
#ifndef WREN_LINK_TTY_PORT_H_
#define WREN_LINK_TTY_PORT_H_

#include <string>

#include "wren/link/serial_link.h"

namespace wren::link {

class TtyPort : public Port {
 public:
  // Throws wren::Error, with what to do about it, when the device is not there, is not a serial
  // device, may not be opened, is used by another program or does not have the rate.
  TtyPort(const std::string& device, int baud);
  ~TtyPort() override;
  TtyPort(const TtyPort&) = delete;
  TtyPort& operator=(const TtyPort&) = delete;

  // Throws wren::Error when the device goes away.
  void Send(const std::vector<uint8_t>& bytes) override;
  int Receive() override;
  void Good() override { misses_ = 0; }
  void Settle() override;

 private:
  // Bytes into in_; whether one came within `ms`.
  bool Fill(int ms);
  [[noreturn]] void Gone(const char* what);

  // An answer begins at once. Times double with each answer that did not come, for a slow
  // simulation.
  static constexpr int kAnswerMs = 300, kQuietMs = 60, kMostMisses = 4;
  std::string device_;
  int fd_ = -1, misses_ = 0;
  std::vector<uint8_t> in_;
  size_t next_ = 0;
};

}  // namespace wren::link

#endif  // WREN_LINK_TTY_PORT_H_
