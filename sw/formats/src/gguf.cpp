#include "wren/formats/gguf.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "reader.h"

namespace wren {
namespace {

using formats_internal::Fail;
using formats_internal::Quote;
using formats_internal::Reader;

// Metadata value types.
enum ValueType : uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};

constexpr uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr uint64_t kMaxKeyBytes = 65535;
constexpr uint64_t kMaxTensorNameBytes = 64;
constexpr uint64_t kMaxStringBytes = uint64_t{16} << 20;
constexpr uint32_t kMaxDims = 4;
constexpr uint32_t kMaxAlignment = 1u << 20;
// The least a metadata entry (key length, key, type, value) or a tensor entry can take.
constexpr uint64_t kMinEntryBytes = 8 + 4 + 1;
constexpr uint64_t kMinTensorBytes = 8 + 4 + 8 + 4 + 8;

uint64_t ElementBytes(uint32_t type) {
  switch (type) {
    case kUint8:
    case kInt8:
    case kBool:
      return 1;
    case kUint16:
    case kInt16:
      return 2;
    case kUint32:
    case kInt32:
    case kFloat32:
      return 4;
    case kUint64:
    case kInt64:
    case kFloat64:
      return 8;
    default:
      return 0;
  }
}

std::string ReadString(Reader* in, uint64_t limit, const char* what, const std::string& path) {
  const uint64_t n = in->Read<uint64_t>(what);
  if (n > limit) {
    Fail(path, std::string("corrupt: ") + what + " is " + std::to_string(n) +
                   " bytes long, the limit is " + std::to_string(limit));
  }
  return in->String(n, what);
}

int64_t ReadInteger(Reader* in, uint32_t type) {
  switch (type) {
    case kUint8:
      return in->Read<uint8_t>("a metadata value");
    case kInt8:
      return in->Read<int8_t>("a metadata value");
    case kUint16:
      return in->Read<uint16_t>("a metadata value");
    case kInt16:
      return in->Read<int16_t>("a metadata value");
    case kUint32:
      return in->Read<uint32_t>("a metadata value");
    case kInt32:
      return in->Read<int32_t>("a metadata value");
    case kBool:
      return in->Read<uint8_t>("a metadata value") != 0;
    default:
      return in->Read<int64_t>("a metadata value");
  }
}

GgufArray ReadArray(Reader* in, const std::string& key, const std::string& path) {
  GgufArray array;
  array.element_type = in->Read<uint32_t>("an array's element type");
  const uint64_t count = in->Read<uint64_t>("an array's length");
  const bool strings = array.element_type == kString;
  const uint64_t least = strings ? 8 : ElementBytes(array.element_type);
  if (least == 0) {
    Fail(path, "metadata " + Quote(key) + " is an array of type " +
                   std::to_string(array.element_type) + ", which is not supported");
  }
  if (count > in->left() / least) {
    Fail(path, "truncated or corrupt: metadata " + Quote(key) + " has " + std::to_string(count) +
                   " elements, but only " + std::to_string(in->left()) + " bytes are left");
  }
  if (strings) {
    std::vector<std::string> values;
    for (uint64_t i = 0; i < count; ++i)
      values.push_back(ReadString(in, kMaxStringBytes, "an array's string", path));
    array.values = std::move(values);
  } else if (array.element_type == kFloat32 || array.element_type == kFloat64) {
    std::vector<double> values(count);
    for (double& value : values) {
      value = array.element_type == kFloat32 ? in->Read<float>("an array")
                                             : in->Read<double>("an array");
    }
    array.values = std::move(values);
  } else {
    std::vector<int64_t> values(count);
    for (int64_t& value : values) value = ReadInteger(in, array.element_type);
    array.values = std::move(values);
  }
  return array;
}

GgufValue ReadValue(Reader* in, const std::string& key, const std::string& path) {
  const uint32_t type = in->Read<uint32_t>("a metadata type");
  switch (type) {
    case kBool:
      return in->Read<uint8_t>("a metadata value") != 0;
    case kFloat32:
      return static_cast<double>(in->Read<float>("a metadata value"));
    case kFloat64:
      return in->Read<double>("a metadata value");
    case kString:
      return ReadString(in, kMaxStringBytes, "a metadata string", path);
    case kArray:
      return ReadArray(in, key, path);
    case kUint64:
      return in->Read<uint64_t>("a metadata value");
    default:
      if (ElementBytes(type) == 0)
        Fail(path, "metadata " + Quote(key) + " has unknown type " + std::to_string(type));
      return ReadInteger(in, type);
  }
}

Tensor ReadTensorInfo(Reader* in, const std::string& path, uint64_t* offset) {
  Tensor tensor;
  tensor.name = ReadString(in, kMaxTensorNameBytes, "a tensor's name", path);
  const uint32_t dims = in->Read<uint32_t>("a tensor's dimension count");
  if (dims < 1 || dims > kMaxDims) {
    Fail(path,
         "corrupt: tensor " + Quote(tensor.name) + " has " + std::to_string(dims) + " dimensions");
  }
  tensor.shape.resize(dims);
  for (uint32_t i = 0; i < dims; ++i) {
    const uint64_t extent = in->Read<uint64_t>("a tensor's extent");
    if (extent < 1 || extent > static_cast<uint64_t>(INT64_MAX)) {
      Fail(path,
           "corrupt: tensor " + Quote(tensor.name) + " has an extent of " + std::to_string(extent));
    }
    tensor.shape[dims - 1 - i] = static_cast<int64_t>(extent);  // ne0 is the contiguous one
  }
  const uint32_t type = in->Read<uint32_t>("a tensor's type");
  if (!IsKnownDType(type)) {
    Fail(path, "tensor " + Quote(tensor.name) + " has GGUF type " + std::to_string(type) +
                   ", Wren reads F32, F16, BF16, Q8_0, Q4_0, IQ4_NL and MXFP4; requantize with "
                   "`llama-quantize --pure in.gguf "
                   "out.gguf Q8_0`");
  }
  tensor.dtype = static_cast<DType>(type);
  *offset = in->Read<uint64_t>("a tensor's offset");
  return tensor;
}

template <typename T>
const std::vector<T>* FindArray(const GgufFile& file, const std::string& key) {
  const auto it = file.metadata.find(key);
  if (it == file.metadata.end()) return nullptr;
  const auto* array = std::get_if<GgufArray>(&it->second);
  const auto* values = array == nullptr ? nullptr : std::get_if<std::vector<T>>(&array->values);
  if (values == nullptr)
    Fail(file.path, "metadata " + Quote(key) + " is not an array of the expected type");
  return values;
}

[[noreturn]] void MissingKey(const GgufFile& file, const std::string& key) {
  Fail(file.path, "metadata " + Quote(key) +
                      " is missing; the file is not a complete model of its architecture");
}

[[noreturn]] void WrongType(const GgufFile& file, const std::string& key, const char* want) {
  Fail(file.path, "metadata " + Quote(key) + " is not " + want);
}

// An integer hyperparameter. ValidateModel checks its range; here it only has to fit an int.
int HyperInt(const GgufFile& file, const std::string& key,
             std::optional<int64_t> fallback = std::nullopt) {
  const int64_t value = file.Int(key, fallback);
  if (value < 0 || value > INT_MAX)
    Fail(file.path, "metadata " + Quote(key) + " is " + std::to_string(value));
  return static_cast<int>(value);
}

// The same, where newer files may hold one value per layer: they must all be equal.
int UniformInt(const GgufFile& file, const std::string& key,
               std::optional<int64_t> fallback = std::nullopt) {
  const auto it = file.metadata.find(key);
  if (it == file.metadata.end() || !std::holds_alternative<GgufArray>(it->second))
    return HyperInt(file, key, fallback);
  const std::vector<int64_t>* values = file.Ints(key);
  for (int64_t value : *values) {
    if (value != values->front() || value < 0 || value > INT_MAX) {
      Fail(file.path,
           "metadata " + Quote(key) + " differs from layer to layer, which is not supported");
    }
  }
  if (values->empty()) Fail(file.path, "metadata " + Quote(key) + " is empty");
  return static_cast<int>(values->front());
}

int TokenId(const GgufFile& file, const std::string& key, int fallback, size_t vocab) {
  const int64_t id = file.Int(key, fallback);
  if (id == -1) return -1;
  if (id < 0 || static_cast<uint64_t>(id) >= vocab) {
    Fail(file.path, "metadata " + Quote(key) + " is " + std::to_string(id) +
                        ", outside the vocabulary of " + std::to_string(vocab));
  }
  return static_cast<int>(id);
}

// U+2581 stands for a space in SentencePiece vocabularies.
std::string PlainSpaces(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "\xe2\x96\x81") == 0) {
      out += ' ';
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Tokenizer ReadTokenizer(const GgufFile& file) {
  const std::string kind = file.String("tokenizer.ggml.model", "none");
  if (kind == "none" || kind == "no_vocab") return Tokenizer();
  if (kind != "llama" && kind != "gpt2" && kind != "bert") {
    Fail(file.path, "the tokenizer " + Quote(kind) +
                        " is not supported; Wren has `llama` (SentencePiece), `gpt2` (BPE) and "
                        "`bert` (WordPiece)");
  }
  const bool spm = kind == "llama", word_piece = kind == "bert";
  const std::vector<std::string>* tokens = file.Strings("tokenizer.ggml.tokens");
  if (tokens == nullptr) MissingKey(file, "tokenizer.ggml.tokens");
  const std::vector<double>* scores = file.Floats("tokenizer.ggml.scores");
  const std::vector<int64_t>* types = file.Ints("tokenizer.ggml.token_type");
  if (spm && scores == nullptr) MissingKey(file, "tokenizer.ggml.scores");
  if ((scores != nullptr && scores->size() != tokens->size()) ||
      (types != nullptr && types->size() != tokens->size())) {
    Fail(file.path, "corrupt: the tokenizer's tokens, scores and types differ in number");
  }
  std::vector<Tokenizer::Piece> pieces(tokens->size());
  for (size_t i = 0; i < pieces.size(); ++i) {
    Tokenizer::Piece& piece = pieces[i];
    piece.text = spm ? PlainSpaces((*tokens)[i]) : (*tokens)[i];
    if (word_piece && piece.text.compare(0, 3, "\xe2\x96\x81") == 0) piece.text.replace(0, 3, " ");
    if (scores != nullptr) piece.score = static_cast<float>((*scores)[i]);
    const int64_t type = types == nullptr ? 1 : (*types)[i];
    if (type < 1 || type > 6) {
      Fail(file.path, "corrupt: token " + std::to_string(i) + " has type " + std::to_string(type));
    }
    piece.type = static_cast<Tokenizer::PieceType>(type);
  }
  const size_t vocab = pieces.size();
  if (word_piece) {
    // Where the file does not say, by their names.
    const auto special = [&](const char* key, const char* other, const char* name) {
      const auto named = std::find(tokens->begin(), tokens->end(), name);
      const auto at = named == tokens->end() ? -1 : static_cast<int>(named - tokens->begin());
      return TokenId(file, key, TokenId(file, other, at, vocab), vocab);
    };
    const int cls = special("tokenizer.ggml.cls_token_id", "tokenizer.ggml.bos_token_id", "[CLS]"),
              sep = special("tokenizer.ggml.seperator_token_id", "tokenizer.ggml.eos_token_id",
                            "[SEP]"),
              unk = special("tokenizer.ggml.unknown_token_id", "tokenizer.ggml.unknown_token_id",
                            "[UNK]");
    return Tokenizer::WordPiece(std::move(pieces), cls, sep, unk);
  }
  const bool has_default = vocab > 2 && spm;
  const int bos = TokenId(file, "tokenizer.ggml.bos_token_id", has_default ? 1 : -1, vocab);
  const int eos = TokenId(file, "tokenizer.ggml.eos_token_id", has_default ? 2 : -1, vocab);
  const int unk = TokenId(file, "tokenizer.ggml.unknown_token_id", has_default ? 0 : -1, vocab);
  Tokenizer out;
  if (spm) {
    out = Tokenizer::Spm(std::move(pieces), bos, eos, unk,
                         file.Bool("tokenizer.ggml.add_space_prefix", true));
  } else {
    const std::string pattern = file.String("tokenizer.ggml.pre", "gpt-2");
    if (pattern != "gpt-2" && pattern != "default") {
      Fail(file.path, "the pre-tokenizer " + Quote(pattern) +
                          " is not supported; Wren splits text as `gpt-2` does");
    }
    const std::vector<std::string>* merges = file.Strings("tokenizer.ggml.merges");
    if (merges == nullptr) MissingKey(file, "tokenizer.ggml.merges");
    out = Tokenizer::Bpe(std::move(pieces), *merges, bos, eos, unk);
  }
  out.set_wants_bos(file.Bool("tokenizer.ggml.add_bos_token", spm));
  return out;
}

// blk.N.attn_qkv.{weight,bias} into attn_q, attn_k and attn_v.
void SplitQkv(const GgufFile& file, ModelFile* model) {
  const int64_t q_rows = int64_t{model->hp.n_heads} * model->hp.head_dim;
  const int64_t kv_rows = int64_t{model->hp.n_kv_heads} * model->hp.head_dim;
  for (int layer = 0; layer < model->hp.n_layers; ++layer) {
    for (const char* suffix : {".weight", ".bias"}) {
      const std::string blk = "blk." + std::to_string(layer) + ".attn_";
      const auto it = model->tensors.find(blk + "qkv" + suffix);
      if (it == model->tensors.end()) continue;
      const Tensor fused = it->second;
      if (q_rows < 1 || kv_rows < 1 || fused.shape[0] != q_rows + 2 * kv_rows) {
        Fail(file.path, "tensor " + Quote(fused.name) + " has " + std::to_string(fused.shape[0]) +
                            " rows, expected " + std::to_string(q_rows + 2 * kv_rows));
      }
      model->tensors.erase(it);
      const auto put = [&](const char* part, int64_t first, int64_t rows) {
        const std::string name = blk + part + suffix;
        model->tensors[name] = fused.Slice(name, first, rows);
      };
      put("q", 0, q_rows);
      put("k", q_rows, kv_rows);
      put("v", q_rows + kv_rows, kv_rows);
    }
  }
}

// What the metadata of an encoder says beyond that of a language model.
void ReadEncoder(const GgufFile& file, const std::string& arch, ModelFile* model) {
  Hyperparameters& hp = model->hp;
  if (file.Bool(arch + ".attention.causal", false))
    Fail(file.path, "an encoder with causal attention is not supported");
  const int64_t pooling = file.Int(arch + ".pooling_type", 1);
  if (pooling != 1 && pooling != 2) {
    Fail(file.path, "pooling_type is " + std::to_string(pooling) +
                        "; Wren pools by the mean (1) or takes the first token (2)");
  }
  hp.pooling = static_cast<Pooling>(pooling);
  if (model->arch == Architecture::kBert) {
    const Tensor* types = model->Find("token_types.weight");
    if (types == nullptr || types->shape[0] > INT_MAX)
      Fail(file.path, "tensor 'token_types.weight' is missing or too large");
    hp.token_types = static_cast<int>(types->shape[0]);
    return;
  }
  hp.image_size = HyperInt(file, arch + ".image_size");
  hp.patch_size = HyperInt(file, arch + ".patch_size");
  hp.channels = HyperInt(file, arch + ".image_channels");
  for (auto [key, values] :
       {std::pair{".image_mean", &hp.image_mean}, {".image_std", &hp.image_std}}) {
    const std::vector<double>* list = file.Floats(arch + key);
    if (list == nullptr) MissingKey(file, arch + key);
    values->assign(list->begin(), list->end());
  }
  if (const std::vector<std::string>* labels = file.Strings(arch + ".classifier.output_labels"))
    model->labels = *labels;
  const Tensor* output = model->Find("output.weight");
  if (output == nullptr || output->shape[0] > INT_MAX)
    Fail(file.path, "tensor 'output.weight' is missing or too large");
  hp.classes = static_cast<int>(output->shape[0]);
}

}  // namespace

int64_t GgufFile::Int(const std::string& key, std::optional<int64_t> fallback) const {
  const auto it = metadata.find(key);
  if (it == metadata.end()) {
    if (!fallback) MissingKey(*this, key);
    return *fallback;
  }
  if (const auto* value = std::get_if<int64_t>(&it->second)) return *value;
  if (const auto* value = std::get_if<uint64_t>(&it->second)) {
    if (*value <= static_cast<uint64_t>(INT64_MAX)) return static_cast<int64_t>(*value);
  }
  WrongType(*this, key, "an integer");
}

double GgufFile::Float(const std::string& key, std::optional<double> fallback) const {
  const auto it = metadata.find(key);
  if (it == metadata.end()) {
    if (!fallback) MissingKey(*this, key);
    return *fallback;
  }
  if (const auto* value = std::get_if<double>(&it->second)) return *value;
  WrongType(*this, key, "a floating-point number");
}

bool GgufFile::Bool(const std::string& key, std::optional<bool> fallback) const {
  const auto it = metadata.find(key);
  if (it == metadata.end()) {
    if (!fallback) MissingKey(*this, key);
    return *fallback;
  }
  if (const auto* value = std::get_if<bool>(&it->second)) return *value;
  WrongType(*this, key, "a boolean");
}

std::string GgufFile::String(const std::string& key, std::optional<std::string> fallback) const {
  const auto it = metadata.find(key);
  if (it == metadata.end()) {
    if (!fallback) MissingKey(*this, key);
    return *fallback;
  }
  if (const auto* value = std::get_if<std::string>(&it->second)) return *value;
  WrongType(*this, key, "a string");
}

const std::vector<std::string>* GgufFile::Strings(const std::string& key) const {
  return FindArray<std::string>(*this, key);
}
const std::vector<int64_t>* GgufFile::Ints(const std::string& key) const {
  return FindArray<int64_t>(*this, key);
}
const std::vector<double>* GgufFile::Floats(const std::string& key) const {
  return FindArray<double>(*this, key);
}

GgufFile ParseGguf(const FileBytes& bytes) {
  GgufFile file;
  file.path = bytes.path;
  Reader in(bytes);
  if (in.Read<uint32_t>("the magic") != kMagic) Fail(file.path, "not a GGUF file");
  file.version = in.Read<uint32_t>("the version");
  if (file.version != 2 && file.version != 3) {
    const bool swapped = (file.version & 0xffffu) == 0 && file.version != 0;
    Fail(file.path, swapped ? "big-endian GGUF is not supported; convert it to little-endian"
                            : "GGUF version " + std::to_string(file.version) +
                                  " is not supported, versions 2 and 3 are");
  }
  const uint64_t tensor_count = in.Read<uint64_t>("the tensor count");
  const uint64_t entry_count = in.Read<uint64_t>("the metadata count");
  if (tensor_count > in.left() / kMinTensorBytes || entry_count > in.left() / kMinEntryBytes) {
    Fail(file.path, "truncated or corrupt: " + std::to_string(tensor_count) + " tensors and " +
                        std::to_string(entry_count) + " metadata entries don't fit in " +
                        std::to_string(bytes.size) + " bytes");
  }
  for (uint64_t i = 0; i < entry_count; ++i) {
    const std::string key = ReadString(&in, kMaxKeyBytes, "a metadata key", file.path);
    if (!file.metadata.emplace(key, ReadValue(&in, key, file.path)).second) {
      Fail(file.path, "corrupt: metadata " + Quote(key) + " appears twice");
    }
  }
  const int64_t alignment = file.Int("general.alignment", 32);
  if (alignment < 8 || alignment > kMaxAlignment || (alignment & (alignment - 1)) != 0) {
    Fail(file.path, "general.alignment is " + std::to_string(alignment) +
                        ", expected a power of two from 8 to " + std::to_string(kMaxAlignment));
  }
  file.alignment = static_cast<uint32_t>(alignment);

  std::vector<Tensor> tensors;
  std::vector<uint64_t> offsets;
  for (uint64_t i = 0; i < tensor_count; ++i) {
    uint64_t offset = 0;
    tensors.push_back(ReadTensorInfo(&in, file.path, &offset));
    offsets.push_back(offset);
  }
  const uint64_t mask = file.alignment - 1;
  const uint64_t data_start = (in.position() + mask) & ~mask;
  const uint64_t data_size = bytes.size > data_start ? bytes.size - data_start : 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    Tensor& tensor = tensors[i];
    try {
      tensor.size = Tensor::ByteSize(tensor.dtype, tensor.shape);
    } catch (const Error& error) {
      Fail(file.path, "corrupt: tensor " + Quote(tensor.name) + ": " + error.what());
    }
    if ((offsets[i] & mask) != 0) {
      Fail(file.path, "corrupt: tensor " + Quote(tensor.name) + " starts at offset " +
                          std::to_string(offsets[i]) + ", which is not aligned to " +
                          std::to_string(file.alignment));
    }
    if (offsets[i] > data_size || tensor.size > data_size - offsets[i]) {
      Fail(file.path, "truncated or corrupt: tensor " + Quote(tensor.name) + " needs " +
                          std::to_string(tensor.size) + " bytes at offset " +
                          std::to_string(offsets[i]) + " of " + std::to_string(data_size) +
                          " data bytes; fetch the file again");
    }
    tensor.data = bytes.data + data_start + offsets[i];
    tensor.owner = bytes.owner;
    const std::string name = tensor.name;
    if (!file.tensors.emplace(name, std::move(tensor)).second) {
      Fail(file.path, "corrupt: tensor " + Quote(name) + " appears twice");
    }
  }
  return file;
}

ModelFile LoadGguf(const FileBytes& bytes) {
  const GgufFile file = ParseGguf(bytes);
  ModelFile model;
  model.path = bytes.path;
  const std::string arch = file.String("general.architecture");
  static const std::map<std::string, Architecture> kArchitectures = {
      {"llama", Architecture::kLlama},
      {"gpt2", Architecture::kGpt2},
      {"bert", Architecture::kBert},
      {"vit", Architecture::kVit}};
  const auto known = kArchitectures.find(arch);
  if (known == kArchitectures.end()) {
    Fail(file.path, "the architecture " + Quote(arch) +
                        " is not supported; Wren runs `llama`, `gpt2`, `bert` and `vit`");
  }
  model.arch = known->second;
  model.name = file.String("general.name", "");
  model.tensors = file.tensors;

  Hyperparameters& hp = model.hp;
  hp.dim = HyperInt(file, arch + ".embedding_length");
  hp.hidden = UniformInt(file, arch + ".feed_forward_length");
  hp.n_layers = HyperInt(file, arch + ".block_count");
  hp.n_heads = UniformInt(file, arch + ".attention.head_count");
  hp.n_kv_heads = UniformInt(file, arch + ".attention.head_count_kv", hp.n_heads);
  if (hp.n_heads < 1) Fail(file.path, "the model has no attention heads");
  hp.head_dim = HyperInt(file, arch + ".attention.key_length", hp.dim / hp.n_heads);
  if (HyperInt(file, arch + ".attention.value_length", hp.head_dim) != hp.head_dim) {
    Fail(file.path, "keys and values of different length are not supported");
  }
  hp.context = HyperInt(file, arch + ".context_length");
  if (model.arch == Architecture::kLlama) {
    hp.norm_eps = static_cast<float>(file.Float(arch + ".attention.layer_norm_rms_epsilon"));
    hp.rope_theta = static_cast<float>(file.Float(arch + ".rope.freq_base", 10000.0));
    hp.rope_dim = HyperInt(file, arch + ".rope.dimension_count", hp.head_dim);
    if (HyperInt(file, arch + ".expert_count", 0) != 0)
      Fail(file.path, "mixture-of-experts models are not supported");
    const std::string scaling = file.String(arch + ".rope.scaling.type", "none");
    if (file.Float(arch + ".rope.scale_linear", 1.0) != 1.0 ||
        (scaling != "none" && file.Float(arch + ".rope.scaling.factor", 1.0) != 1.0)) {
      Fail(file.path, "RoPE scaling of type " + Quote(scaling) + " is not supported");
    }
  } else {
    hp.norm_eps = static_cast<float>(file.Float(arch + ".attention.layer_norm_epsilon"));
  }
  if (hp.n_layers > 1024)
    Fail(file.path, "the model has " + std::to_string(hp.n_layers) + " layers, the limit is 1024");
  SplitQkv(file, &model);
  if (IsEncoder(model.arch)) ReadEncoder(file, arch, &model);
  if (model.arch == Architecture::kVit) return model;
  hp.tied = model.tensors.count("output.weight") == 0;
  const Tensor* embd = model.Find("token_embd.weight");
  if (embd == nullptr || embd->shape[0] > INT_MAX)
    Fail(file.path, "tensor 'token_embd.weight' is missing or too large");
  hp.vocab = static_cast<int>(embd->shape[0]);
  model.tokenizer = ReadTokenizer(file);
  return model;
}

}  // namespace wren
