#include "wren/link/tty_port.h"

#include <fcntl.h>
#include <linux/serial.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "wren/error.h"

namespace wren::link {
namespace {

struct Rate {
  int baud;
  speed_t code;
};
constexpr Rate kRates[] = {{115200, B115200},   {230400, B230400},   {460800, B460800},
                           {500000, B500000},   {921600, B921600},   {1000000, B1000000},
                           {1500000, B1500000}, {2000000, B2000000}, {3000000, B3000000}};

}  // namespace

TtyPort::TtyPort(const std::string& device, int baud) : device_(device) {
  const auto* rate =
      std::find_if(std::begin(kRates), std::end(kRates), [&](Rate r) { return r.baud == baud; });
  if (rate == std::end(kRates)) {
    std::string rates;
    for (const Rate& r : kRates) rates += " " + std::to_string(r.baud);
    throw Error("no serial rate of " + std::to_string(baud) + "; there are" + rates);
  }
  fd_ = open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) {
    const int error = errno;
    switch (error) {
      case ENOENT:
      case ENODEV:
      case ENXIO:
        throw Error(device +
                    " is not there; connect the board, and name its device with --device (ls "
                    "/dev/ttyUSB*)");
      case EACCES:
      case EPERM:
        throw Error(device +
                    " may not be opened; join the group that owns it (sudo usermod -aG dialout "
                    "$USER, then log in again)");
      case EBUSY:
        throw Error(device + " is used by another program; end that one");
      default:
        throw Error("cannot open " + device + ": " + std::strerror(error));
    }
  }
  const auto refuse = [&](const std::string& what) {
    close(fd_);
    fd_ = -1;
    throw Error(what);
  };
  termios mode{};
  if (tcgetattr(fd_, &mode) != 0)
    refuse(device + " is not a serial device; name the board's with --device (ls /dev/ttyUSB*)");
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0)
    refuse(device + " is used by another program; end that one");
  cfmakeraw(&mode);
  mode.c_cflag |= CLOCAL | CREAD;
  mode.c_cflag &= ~static_cast<tcflag_t>(CRTSCTS | CSTOPB | PARENB);
  mode.c_cc[VMIN] = mode.c_cc[VTIME] = 0;
  if (cfsetspeed(&mode, rate->code) != 0 || tcsetattr(fd_, TCSANOW, &mode) != 0)
    refuse(device + " does not take " + std::to_string(baud) +
           " baud 8N1: " + std::strerror(errno));
  // USB adapters hold back few bytes for up to 16 ms; with this flag for 1 ms. Where it does not
  // exist nothing is lost but time.
  serial_struct serial{};
  if (ioctl(fd_, TIOCGSERIAL, &serial) == 0) {
    serial.flags |= ASYNC_LOW_LATENCY;
    ioctl(fd_, TIOCSSERIAL, &serial);
  }
  tcflush(fd_, TCIOFLUSH);
}

TtyPort::~TtyPort() {
  if (fd_ >= 0) close(fd_);
}

void TtyPort::Gone(const char* what) {
  throw Error(std::string("cannot ") + what + " " + device_ + ": " + std::strerror(errno) +
              "; was the board disconnected?");
}

void TtyPort::Send(const std::vector<uint8_t>& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t n = write(fd_, bytes.data() + at, bytes.size() - at);
    if (n > 0) {
      at += static_cast<size_t>(n);
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
      Gone("write to");
    } else {
      // Full: wait, and keep taking what comes, or both ends could wait for each other.
      pollfd p{fd_, POLLOUT | POLLIN, 0};
      poll(&p, 1, 1000);
      if ((p.revents & POLLIN) != 0) Fill(0);
    }
  }
}

bool TtyPort::Fill(int ms) {
  pollfd p{fd_, POLLIN, 0};
  const int ready = poll(&p, 1, ms);
  if (ready < 0 && errno != EINTR) Gone("read from");
  if (ready <= 0) return false;
  uint8_t bytes[4096];
  const ssize_t n = read(fd_, bytes, sizeof bytes);
  if (n > 0) {
    in_.insert(in_.end(), bytes, bytes + n);
    return true;
  }
  if (n == 0) errno = ENODEV;
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) Gone("read from");
  return false;
}

int TtyPort::Receive() {
  if (next_ == in_.size()) {
    in_.clear();
    next_ = 0;
    if (!Fill(kAnswerMs << misses_)) return -1;
  }
  return in_[next_++];
}

void TtyPort::Settle() {
  tcflush(fd_, TCOFLUSH);
  while (Fill(kQuietMs << misses_)) {
  }
  in_.clear();
  next_ = 0;
  misses_ = std::min(misses_ + 1, kMostMisses - 1);
}

}  // namespace wren::link
