// GGUF container, versions 2 and 3, little-endian.
// Source: the GGUF specification (docs/gguf.md of the ggml project).
//
// Checked before use: every count against the bytes that are left, every size product against
// overflow, every tensor's offset against the alignment and the file's end. Nothing is allocated
// from a count that the file cannot hold.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "wren/formats/model_file.h"

namespace wren {

// A metadata array: strings decoded, numbers widened.
struct GgufArray {
  uint32_t element_type = 0;  // GGUF value type
  std::variant<std::vector<std::string>, std::vector<int64_t>, std::vector<double>> values;
};

using GgufValue = std::variant<uint64_t, int64_t, double, bool, std::string, GgufArray>;

struct GgufFile {
  uint32_t version = 0;
  uint32_t alignment = 32;
  std::string path;
  std::map<std::string, GgufValue> metadata;
  std::map<std::string, Tensor> tensors;

  bool Has(const std::string& key) const { return metadata.count(key) != 0; }
  // The value under `key`, or `fallback` when the key is absent; without a fallback an absent key
  // throws. A value of another type throws wren::Error that names the key.
  int64_t Int(const std::string& key, std::optional<int64_t> fallback = std::nullopt) const;
  double Float(const std::string& key, std::optional<double> fallback = std::nullopt) const;
  bool Bool(const std::string& key, std::optional<bool> fallback = std::nullopt) const;
  std::string String(const std::string& key,
                     std::optional<std::string> fallback = std::nullopt) const;
  // nullptr when absent.
  const std::vector<std::string>* Strings(const std::string& key) const;
  const std::vector<int64_t>* Ints(const std::string& key) const;
  const std::vector<double>* Floats(const std::string& key) const;
};

// The container alone: metadata and tensors as the file has them.
GgufFile ParseGguf(const FileBytes& bytes);

// The model in it (`llama`, `gpt2`, `bert` or `vit`), with canonical tensors and the tokenizer.
// Refused with a message: other architectures and tensor types, mixtures of experts, RoPE scaling
// other than rope_freqs, values that differ from layer to layer, tokenizers other than `llama`,
// `gpt2` and `bert`, and pre-tokenizers other than `gpt-2`.
ModelFile LoadGguf(const FileBytes& bytes);

}  // namespace wren
