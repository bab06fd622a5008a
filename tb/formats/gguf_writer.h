// Builds GGUF files in memory for tests, from the specification and apart from the loader.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace wren::test {

class GgufWriter {
 public:
  explicit GgufWriter(uint32_t version = 3) : version_(version) {}

  void Uint32(const std::string& key, uint32_t value) {
    Entry(key, 4);
    Put(&entries_, value);
  }
  void Float32(const std::string& key, float value) {
    Entry(key, 6);
    Put(&entries_, value);
  }
  void Bool(const std::string& key, bool value) {
    Entry(key, 7);
    entries_.push_back(value ? 1 : 0);
  }
  void String(const std::string& key, const std::string& value) {
    Entry(key, 8);
    PutString(&entries_, value);
  }
  void Strings(const std::string& key, const std::vector<std::string>& values) {
    Array(key, 8, values.size());
    for (const std::string& value : values) PutString(&entries_, value);
  }
  void Floats(const std::string& key, const std::vector<float>& values) {
    Array(key, 6, values.size());
    for (float value : values) Put(&entries_, value);
  }
  void Ints(const std::string& key, const std::vector<int32_t>& values) {
    Array(key, 5, values.size());
    for (int32_t value : values) Put(&entries_, value);
  }

  // `shape` is row-major, as in wren::Tensor; the file holds it reversed.
  void Tensor(const std::string& name, const std::vector<uint64_t>& shape, uint32_t type,
              const std::vector<uint8_t>& data) {
    data_.resize((data_.size() + alignment_ - 1) / alignment_ * alignment_);
    TensorAt(name, shape, type, data_.size());
    data_.insert(data_.end(), data.begin(), data.end());
  }
  void TensorF32(const std::string& name, const std::vector<uint64_t>& shape,
                 const std::vector<float>& values) {
    std::vector<uint8_t> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    Tensor(name, shape, 0, bytes);
  }
  // A tensor entry that points anywhere.
  void TensorAt(const std::string& name, const std::vector<uint64_t>& shape, uint32_t type,
                uint64_t offset) {
    PutString(&infos_, name);
    Put(&infos_, static_cast<uint32_t>(shape.size()));
    for (size_t i = shape.size(); i-- > 0;) Put(&infos_, shape[i]);
    Put(&infos_, type);
    Put(&infos_, offset);
    ++tensor_count_;
  }

  void set_alignment(uint32_t alignment) {
    alignment_ = alignment;
    Uint32("general.alignment", alignment);
  }

  std::vector<uint8_t> Build() const {
    std::vector<uint8_t> out = {'G', 'G', 'U', 'F'};
    Put(&out, version_);
    Put(&out, tensor_count_);
    Put(&out, entry_count_);
    out.insert(out.end(), entries_.begin(), entries_.end());
    out.insert(out.end(), infos_.begin(), infos_.end());
    out.resize((out.size() + alignment_ - 1) / alignment_ * alignment_);
    out.insert(out.end(), data_.begin(), data_.end());
    return out;
  }

 private:
  template <typename T>
  static void Put(std::vector<uint8_t>* out, T value) {
    uint8_t bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out->insert(out->end(), bytes, bytes + sizeof(T));
  }
  static void PutString(std::vector<uint8_t>* out, const std::string& text) {
    Put(out, static_cast<uint64_t>(text.size()));
    out->insert(out->end(), text.begin(), text.end());
  }
  void Entry(const std::string& key, uint32_t type) {
    PutString(&entries_, key);
    Put(&entries_, type);
    ++entry_count_;
  }
  void Array(const std::string& key, uint32_t type, size_t count) {
    Entry(key, 9);
    Put(&entries_, type);
    Put(&entries_, static_cast<uint64_t>(count));
  }

  uint32_t version_;
  size_t alignment_ = 32;
  uint64_t tensor_count_ = 0;
  uint64_t entry_count_ = 0;
  std::vector<uint8_t> entries_;
  std::vector<uint8_t> infos_;
  std::vector<uint8_t> data_;
};

}  // namespace wren::test
