#include "wren/formats/model_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "reader.h"
#include "wren/formats/gguf.h"
#include "wren/formats/gpt_nano.h"
#include "wren/formats/llama2c.h"

namespace wren {
namespace {

using formats_internal::Fail;
using formats_internal::Quote;

std::string Stem(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  const size_t dot = file.find_last_of('.');
  return dot == std::string::npos || dot == 0 ? file : file.substr(0, dot);
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  std::string out = "{";
  for (size_t i = 0; i < shape.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return out + "}";
}

class Checker {
 public:
  explicit Checker(const ModelFile& model) : model_(model) {}

  void Range(const char* what, int64_t value, int64_t least, int64_t most) const {
    if (value < least || value > most) {
      Fail(model_.path, std::string(what) + " is " + std::to_string(value) + ", Wren accepts " +
                            std::to_string(least) + " to " + std::to_string(most));
    }
  }
  void Need(const std::string& name, const std::vector<int64_t>& shape) const {
    Check(model_.Get(name), shape);
  }
  void Optional(const std::string& name, const std::vector<int64_t>& shape) const {
    if (const Tensor* tensor = model_.Find(name)) Check(*tensor, shape);
  }

 private:
  void Check(const Tensor& tensor, const std::vector<int64_t>& shape) const {
    if (tensor.shape != shape) {
      Fail(model_.path, "tensor " + Quote(tensor.name) + " is " + ShapeText(tensor.shape) +
                            ", the architecture needs " + ShapeText(shape));
    }
  }

  const ModelFile& model_;
};

}  // namespace

const char* ArchitectureName(Architecture arch) {
  switch (arch) {
    case Architecture::kLlama:
      return "llama";
    case Architecture::kGpt2:
      return "gpt2";
    case Architecture::kBert:
      return "bert";
    case Architecture::kVit:
      return "vit";
  }
  return "?";
}

const Tensor* ModelFile::Find(const std::string& tensor_name) const {
  const auto it = tensors.find(tensor_name);
  return it == tensors.end() ? nullptr : &it->second;
}

const Tensor& ModelFile::Get(const std::string& tensor_name) const {
  const Tensor* tensor = Find(tensor_name);
  if (tensor == nullptr) {
    Fail(path, "tensor " + Quote(tensor_name) + " is missing; the file is not a complete " +
                   ArchitectureName(arch) + " model");
  }
  return *tensor;
}

FileBytes FileBytes::Map(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Error(path + ": can't be opened: " + std::strerror(errno));
  struct stat info {};
  const bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  if (!regular || info.st_size == 0) {
    close(fd);
    throw Error(path + (regular ? ": the file is empty" : ": not a regular file"));
  }
  const size_t size = static_cast<size_t>(info.st_size);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  const int error = errno;
  close(fd);
  if (data == MAP_FAILED) throw Error(path + ": can't be mapped: " + std::strerror(error));
  FileBytes out;
  out.data = static_cast<const uint8_t*>(data);
  out.size = size;
  out.path = path;
  out.owner = std::shared_ptr<const void>(
      data, [size](const void* p) { munmap(const_cast<void*>(p), size); });
  return out;
}

FileBytes FileBytes::FromBuffer(std::vector<uint8_t> buffer, std::string path) {
  auto shared = std::make_shared<const std::vector<uint8_t>>(std::move(buffer));
  FileBytes out;
  out.data = shared->data();
  out.size = shared->size();
  out.path = std::move(path);
  out.owner = std::move(shared);
  return out;
}

namespace {

// What only encoders have, and the tensors of their blocks.
void ValidateEncoder(const ModelFile& model, const Checker& check) {
  const Hyperparameters& hp = model.hp;
  if (hp.n_kv_heads != hp.n_heads)
    Fail(model.path, "an encoder with fewer key/value heads than heads is not supported");
  const auto biased = [&](const std::string& name, std::vector<int64_t> shape) {
    check.Need(name + ".bias", {shape[0]});
    check.Need(name + ".weight", std::move(shape));
  };
  if (model.arch == Architecture::kBert) {
    check.Range("the number of token types", hp.token_types, 1, 1 << 16);
    check.Need("token_embd.weight", {hp.vocab, hp.dim});
    check.Need("token_types.weight", {hp.token_types, hp.dim});
    biased("token_embd_norm", {hp.dim});
  } else {
    check.Range("the image's size", hp.image_size, 1, 4096);
    check.Range("the patch's size", hp.patch_size, 1, hp.image_size);
    check.Range("the number of channels", hp.channels, 1, 16);
    check.Range("the values of a patch", hp.patch_values(), 1, 65536);
    check.Range("the number of classes", hp.classes, 1, 1 << 20);
    if (hp.image_size % hp.patch_size != 0)
      Fail(model.path, "patches of " + std::to_string(hp.patch_size) + " do not tile images of " +
                           std::to_string(hp.image_size));
    const auto channels = static_cast<size_t>(hp.channels);
    if (hp.image_mean.size() != channels || hp.image_std.size() != channels)
      Fail(model.path, "the image's mean and std must have one value per channel");
    for (size_t c = 0; c < channels; ++c) {
      if (!(std::fabs(hp.image_mean[c]) <= 1e3f && hp.image_std[c] >= 1e-6f &&
            hp.image_std[c] <= 1e6f))
        Fail(model.path, "the image's mean or std is out of range");
    }
    const bool cls = hp.pooling == Pooling::kCls;
    if (hp.context != hp.patches() + (cls ? 1 : 0)) {
      Fail(model.path, std::to_string(hp.context) + " positions do not fit " +
                           std::to_string(hp.patches()) + " patches" +
                           (cls ? " and a class token" : ""));
    }
    if (!model.labels.empty() && model.labels.size() != static_cast<size_t>(hp.classes)) {
      Fail(model.path, std::to_string(model.labels.size()) + " labels do not name " +
                           std::to_string(hp.classes) + " classes");
    }
    biased("patch_embd", {hp.dim, hp.patch_values()});
    if (cls) check.Need("class_embd.weight", {hp.dim});
    biased("output_norm", {hp.dim});
    biased("output", {hp.classes, hp.dim});
  }
  check.Need("position_embd.weight", {hp.context, hp.dim});
  const int64_t inner = int64_t{hp.n_heads} * hp.head_dim;
  const bool bert = model.arch == Architecture::kBert;
  for (int layer = 0; layer < hp.n_layers; ++layer) {
    const std::string blk = "blk." + std::to_string(layer) + ".";
    biased(blk + (bert ? "attn_output_norm" : "attn_norm"), {hp.dim});
    biased(blk + (bert ? "layer_output_norm" : "ffn_norm"), {hp.dim});
    for (const char* name : {"attn_q", "attn_k", "attn_v"}) biased(blk + name, {inner, hp.dim});
    biased(blk + "attn_output", {hp.dim, inner});
    biased(blk + "ffn_up", {hp.hidden, hp.dim});
    biased(blk + "ffn_down", {hp.dim, hp.hidden});
  }
}

}  // namespace

void ValidateModel(const ModelFile& model) {
  const Checker check(model);
  const Hyperparameters& hp = model.hp;
  check.Range("the model's width", hp.dim, 1, 65536);
  check.Range("the MLP's width", hp.hidden, 1, 1 << 20);
  check.Range("the number of layers", hp.n_layers, 1, 1024);
  check.Range("the number of heads", hp.n_heads, 1, 1024);
  check.Range("the number of key/value heads", hp.n_kv_heads, 1, hp.n_heads);
  check.Range("the head size", hp.head_dim, 1, 4096);
  check.Range("the width of all heads", int64_t{hp.n_heads} * hp.head_dim, 1, 65536);
  if (model.arch != Architecture::kVit) check.Range("the vocabulary", hp.vocab, 1, 1 << 22);
  check.Range("the context", hp.context, 1, 1 << 24);
  if (hp.n_heads % hp.n_kv_heads != 0) {
    Fail(model.path, std::to_string(hp.n_heads) + " heads can't share " +
                         std::to_string(hp.n_kv_heads) + " key/value heads");
  }
  if (!(hp.norm_eps > 0.0f && hp.norm_eps < 1.0f))
    Fail(model.path, "the norm's epsilon is not between 0 and 1");
  const bool llama = model.arch == Architecture::kLlama;
  if (llama) {
    check.Range("the rotated part of a head", hp.rope_dim, 2, hp.head_dim);
    if (hp.rope_dim % 2 != 0)
      Fail(model.path, "the rotated part of a head is odd: " + std::to_string(hp.rope_dim));
    if (!(hp.rope_theta > 0.0f && hp.rope_theta <= 1e12f))
      Fail(model.path, "the RoPE base is not between 0 and 1e12");
  }
  if (model.tokenizer.kind() != Tokenizer::Kind::kNone && model.tokenizer.size() != hp.vocab) {
    Fail(model.path, "the tokenizer has " + std::to_string(model.tokenizer.size()) +
                         " tokens, the model " + std::to_string(hp.vocab));
  }
  if (IsEncoder(model.arch)) return ValidateEncoder(model, check);

  const int64_t q_dim = int64_t{hp.n_heads} * hp.head_dim;
  const int64_t kv_dim = int64_t{hp.n_kv_heads} * hp.head_dim;
  check.Need("token_embd.weight", {hp.vocab, hp.dim});
  check.Need("output_norm.weight", {hp.dim});
  if (!hp.tied) check.Need("output.weight", {hp.vocab, hp.dim});
  if (llama) {
    check.Optional("rope_freqs.weight", {hp.rope_dim / 2});
  } else {
    check.Need("position_embd.weight", {hp.context, hp.dim});
    check.Need("output_norm.bias", {hp.dim});
  }
  for (int layer = 0; layer < hp.n_layers; ++layer) {
    const std::string blk = "blk." + std::to_string(layer) + ".";
    const auto matrix = [&](const char* name, int64_t rows, int64_t cols) {
      check.Need(blk + name + ".weight", {rows, cols});
      if (llama) {
        check.Optional(blk + name + ".bias", {rows});
      } else {
        check.Need(blk + name + ".bias", {rows});
      }
    };
    for (const char* norm : {"attn_norm", "ffn_norm"}) {
      check.Need(blk + norm + ".weight", {hp.dim});
      if (!llama) check.Need(blk + norm + ".bias", {hp.dim});
    }
    matrix("attn_q", q_dim, hp.dim);
    matrix("attn_k", kv_dim, hp.dim);
    matrix("attn_v", kv_dim, hp.dim);
    matrix("attn_output", hp.dim, q_dim);
    if (llama) matrix("ffn_gate", hp.hidden, hp.dim);
    matrix("ffn_up", hp.hidden, hp.dim);
    matrix("ffn_down", hp.dim, hp.hidden);
  }
}

ModelFile LoadModel(const FileBytes& bytes, const FileBytes* tokenizer) {
  const bool gguf = bytes.size >= 4 && std::memcmp(bytes.data, "GGUF", 4) == 0;
  bool json = false;
  for (size_t i = 0; i < bytes.size && i < 64; ++i) {
    const char c = static_cast<char>(bytes.data[i]);
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    json = c == '{';
    break;
  }
  ModelFile model = gguf   ? LoadGguf(bytes)
                    : json ? LoadGptNano(bytes)
                           : LoadLlama2c(bytes, tokenizer);
  if (model.name.empty()) model.name = Stem(bytes.path);
  ValidateModel(model);
  return model;
}

ModelFile LoadModel(const std::string& path, const LoadOptions& options) {
  const FileBytes bytes = FileBytes::Map(path);
  if (options.tokenizer_path.empty()) return LoadModel(bytes, nullptr);
  const FileBytes tokenizer = FileBytes::Map(options.tokenizer_path);
  return LoadModel(bytes, &tokenizer);
}

}  // namespace wren
