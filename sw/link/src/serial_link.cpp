#include "wren/link/serial_link.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "wren/error.h"

namespace wren::link {
namespace {

constexpr uint8_t kRequest = 0xa5, kAnswer = 0x5a;
constexpr uint8_t kWriteBit = 1, kCsrBit = 2;

void Append(std::vector<uint8_t>* bytes, uint32_t word) {
  for (int i = 0; i < 4; ++i) bytes->push_back(static_cast<uint8_t>(word >> (8 * i)));
}

uint32_t Crc(const std::vector<uint8_t>& bytes) {
  return static_cast<uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

uint32_t WordAt(const std::vector<uint8_t>& bytes, size_t at) {
  return uint32_t{bytes[at]} | uint32_t{bytes[at + 1]} << 8 | uint32_t{bytes[at + 2]} << 16 |
         uint32_t{bytes[at + 3]} << 24;
}

// Status and data of a good answer to request `seq`; nothing if it is not one.
struct Answer {
  uint8_t status;
  std::vector<uint32_t> words;
};
std::optional<Answer> ReceiveAnswer(Port* port, uint8_t seq) {
  std::vector<uint8_t> bytes;
  size_t size = 8;
  while (bytes.size() < size) {
    const int byte = port->Receive();
    if (byte < 0) return std::nullopt;
    bytes.push_back(static_cast<uint8_t>(byte));
    if (bytes[0] != kAnswer) return std::nullopt;
    if (bytes.size() == 4) {
      if (bytes[3] > SerialLink::kMaxWords) return std::nullopt;
      size += 4 * size_t{bytes[3]};
    }
  }
  const uint32_t crc = WordAt(bytes, size - 4);
  bytes.resize(size - 4);
  if (Crc(bytes) != crc || bytes[2] != seq) return std::nullopt;
  Answer answer{bytes[1], {}};
  for (size_t at = 4; at < bytes.size(); at += 4) answer.words.push_back(WordAt(bytes, at));
  return answer;
}

void CheckWords(uint32_t addr, size_t n) {
  if (addr % 4 != 0 || n % 4 != 0)
    throw Error("the serial link moves words: address " + std::to_string(addr) + " and size " +
                std::to_string(n) + " must be multiples of 4");
}

}  // namespace

std::vector<uint8_t> RequestFrame(uint8_t op, uint8_t seq, uint32_t addr, uint32_t words,
                                  const uint32_t* data) {
  std::vector<uint8_t> bytes = {kRequest, op, seq, static_cast<uint8_t>(words)};
  Append(&bytes, addr);
  if ((op & kWriteBit) != 0)
    for (uint32_t i = 0; i < words; ++i) Append(&bytes, data[i]);
  Append(&bytes, Crc(bytes));
  return bytes;
}

SerialLink::SerialLink(Port* port) : port_(port) {
  port_->Settle();
  uint8_t id[4];
  Exchange({{kCsrBit, 0, 1, nullptr, id}}, 1, kFirstTries);
}

void SerialLink::Exchange(const std::vector<Request>& requests, size_t window, int tries) {
  const uint8_t first = static_cast<uint8_t>(seq_ + 1);
  const auto seq = [&](size_t i) { return static_cast<uint8_t>(first + i); };
  int failed = 0;
  size_t sent = 0;
  for (size_t done = 0; done < requests.size();) {
    for (; sent < requests.size() && sent - done < window; ++sent) {
      const Request& r = requests[sent];
      uint32_t words[kMaxWords];
      if (r.in != nullptr) std::memcpy(words, r.in, size_t{r.words} * 4);
      port_->Send(RequestFrame(r.op, seq(sent), r.addr, r.words, words));
      seq_ = seq(sent);
    }
    const Request& r = requests[done];
    const std::optional<Answer> answer = ReceiveAnswer(port_, seq(done));
    if (!answer) {
      if (++failed == tries)
        throw Error("no good answer from the board after " + std::to_string(tries) +
                    " tries; check that the bitstream is loaded, the rate, the cable and the reset "
                    "button");
      port_->Settle();
      repeats_ += sent - done;
      sent = done;
      continue;
    }
    port_->Good();
    const bool write = (r.op & kWriteBit) != 0;
    if (answer->status != 0 || answer->words.size() != (write ? 0 : r.words)) {
      port_->Settle();  // answers to requests behind this one
      const std::string what = std::string((r.op & kCsrBit) != 0 ? "CSR" : "memory") +
                               (write ? " write at " : " read at ") + std::to_string(r.addr);
      switch (answer->status) {
        case 0:
          throw Error(what + ": the board answered with a wrong number of words");
        case 2:
          throw OutsideMemory(what + ": beyond the end; the board's memory is smaller");
        case 3:
          throw Error(what + ": no such register, or it cannot be written");
        default:
          throw Error(what + ": the board refused the request with status " +
                      std::to_string(answer->status));
      }
    }
    if (r.out != nullptr) std::memcpy(r.out, answer->words.data(), size_t{r.words} * 4);
    if (r.op == kWriteBit) {
      written_ += uint64_t{r.words} * 4;
      if (progress_) progress_(written_);
    }
    ++done;
    failed = 0;
  }
}

void SerialLink::ReadMemory(uint32_t addr, void* data, size_t n) {
  CheckWords(addr, n);
  auto* out = static_cast<uint8_t*>(data);
  std::vector<Request> requests;
  for (size_t at = 0; at < n;) {
    const auto words = static_cast<uint32_t>(std::min<size_t>(kMaxWords, (n - at) / 4));
    requests.push_back({0, addr + static_cast<uint32_t>(at), words, nullptr, out + at});
    at += size_t{words} * 4;
  }
  Exchange(requests, kWindow);
}

void SerialLink::WriteMemory(uint32_t addr, const void* data, size_t n) {
  WriteMemory({{addr, data, n}});
}

void SerialLink::WriteMemory(const std::vector<Piece>& pieces) {
  std::vector<Request> requests;
  for (const Piece& piece : pieces) {
    CheckWords(piece.addr, piece.n);
    const auto* in = static_cast<const uint8_t*>(piece.data);
    for (size_t at = 0; at < piece.n;) {
      const auto words = static_cast<uint32_t>(std::min<size_t>(kMaxWords, (piece.n - at) / 4));
      requests.push_back(
          {kWriteBit, piece.addr + static_cast<uint32_t>(at), words, in + at, nullptr});
      at += size_t{words} * 4;
    }
  }
  Exchange(requests, kWindow);
}

uint32_t SerialLink::ReadCsr(uint32_t offset) { return ReadCsrs(offset, 1)[0]; }

std::vector<uint32_t> SerialLink::ReadCsrs(uint32_t offset, uint32_t words) {
  if (words == 0 || words > kMaxWords) throw Error("a request reads 1 to 64 registers");
  std::vector<uint32_t> values(words);
  Exchange({{kCsrBit, offset, words, nullptr, reinterpret_cast<uint8_t*>(values.data())}}, 1);
  return values;
}

void SerialLink::WriteCsr(uint32_t offset, uint32_t value) {
  uint8_t bytes[4];
  std::memcpy(bytes, &value, 4);
  Exchange({{kCsrBit | kWriteBit, offset, 1, bytes, nullptr}}, 1);
}

}  // namespace wren::link
