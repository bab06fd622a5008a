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
  ReadCsr(0);
}

std::vector<uint32_t> SerialLink::Transact(uint8_t op, uint32_t addr, uint32_t words,
                                           const uint32_t* data) {
  ++seq_;
  const std::vector<uint8_t> frame = RequestFrame(op, seq_, addr, words, data);
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) {
      port_->Settle();
      ++repeats_;
    }
    port_->Send(frame);
    const std::optional<Answer> answer = ReceiveAnswer(port_, seq_);
    if (!answer) continue;
    const std::string what = std::string((op & kCsrBit) != 0 ? "CSR" : "memory") +
                             ((op & kWriteBit) != 0 ? " write at " : " read at ") +
                             std::to_string(addr);
    switch (answer->status) {
      case 0:
        if (answer->words.size() != ((op & kWriteBit) != 0 ? 0 : words))
          throw Error(what + ": the board answered with a wrong number of words");
        return answer->words;
      case 2:
        throw Error(what + ": beyond the end; the board's memory is smaller");
      case 3:
        throw Error(what + ": no such register, or it cannot be written");
      default:
        throw Error(what + ": the board refused the request with status " +
                    std::to_string(answer->status));
    }
  }
  throw Error("no good answer from the board after " + std::to_string(kTries) +
              " tries; check the cable, the rate and the reset button");
}

void SerialLink::ReadMemory(uint32_t addr, void* data, size_t n) {
  CheckWords(addr, n);
  auto* out = static_cast<uint8_t*>(data);
  for (size_t at = 0; at < n;) {
    const auto words = static_cast<uint32_t>(std::min<size_t>(kMaxWords, (n - at) / 4));
    const std::vector<uint32_t> got = Transact(0, addr + static_cast<uint32_t>(at), words, nullptr);
    std::memcpy(out + at, got.data(), size_t{words} * 4);
    at += size_t{words} * 4;
  }
}

void SerialLink::WriteMemory(uint32_t addr, const void* data, size_t n) {
  CheckWords(addr, n);
  const auto* in = static_cast<const uint8_t*>(data);
  for (size_t at = 0; at < n;) {
    const auto words = static_cast<uint32_t>(std::min<size_t>(kMaxWords, (n - at) / 4));
    uint32_t buffer[kMaxWords];
    std::memcpy(buffer, in + at, size_t{words} * 4);
    Transact(kWriteBit, addr + static_cast<uint32_t>(at), words, buffer);
    at += size_t{words} * 4;
  }
}

uint32_t SerialLink::ReadCsr(uint32_t offset) { return Transact(kCsrBit, offset, 1, nullptr)[0]; }

void SerialLink::WriteCsr(uint32_t offset, uint32_t value) {
  Transact(kCsrBit | kWriteBit, offset, 1, &value);
}

}  // namespace wren::link
