#include "wren/formats/llama2c.h"

#include <cmath>
#include <cstdlib>

#include "reader.h"

namespace wren {
namespace {

using formats_internal::Fail;
using formats_internal::Reader;

constexpr int32_t kVersion1Magic = 0x616b3432;  // "ak42", the first word of later versions

}  // namespace

ModelFile LoadLlama2c(const FileBytes& checkpoint, const FileBytes* tokenizer) {
  Reader in(checkpoint);
  int32_t header[7];
  for (int32_t& word : header) word = in.Read<int32_t>("the llama2.c header");
  if (header[0] == kVersion1Magic) {
    Fail(checkpoint.path,
         "a llama2.c export of version 1 or 2 is not supported; export it with --version 0");
  }
  for (int i = 0; i < 7; ++i) {
    const int64_t word = header[i];
    const int64_t size = i == 5 ? std::llabs(word) : word;
    if (size < 1 || size > 1 << 24) {
      Fail(checkpoint.path,
           "not a model file that Wren knows (GGUF, llama2.c version 0 or gpt-nano JSON)");
    }
  }
  ModelFile model;
  model.arch = Architecture::kLlama;
  model.path = checkpoint.path;
  Hyperparameters& hp = model.hp;
  hp.dim = header[0];
  hp.hidden = header[1];
  hp.n_layers = header[2];
  hp.n_heads = header[3];
  hp.n_kv_heads = header[4];
  hp.tied = header[5] > 0;
  hp.vocab = std::abs(header[5]);
  hp.context = header[6];
  hp.norm_eps = 1e-5f;
  hp.rope_theta = 10000.0f;
  if (hp.n_layers > 1024 || hp.dim % hp.n_heads != 0) {
    Fail(checkpoint.path, "not a llama2.c checkpoint: dim " + std::to_string(hp.dim) + ", " +
                              std::to_string(hp.n_layers) + " layers, " +
                              std::to_string(hp.n_heads) + " heads");
  }
  hp.head_dim = hp.dim / hp.n_heads;
  hp.rope_dim = hp.head_dim;

  const auto take = [&](const std::string& name, std::vector<int64_t> shape) {
    Tensor tensor;
    tensor.name = name;
    tensor.size = Tensor::ByteSize(DType::kF32, shape);
    tensor.shape = std::move(shape);
    tensor.data = in.Take(tensor.size, "a weight");
    tensor.owner = checkpoint.owner;
    model.tensors[name] = std::move(tensor);
  };
  const auto take_layers = [&](const char* what, const std::vector<int64_t>& shape) {
    for (int layer = 0; layer < hp.n_layers; ++layer)
      take("blk." + std::to_string(layer) + "." + what, shape);
  };
  const int64_t kv_dim = int64_t{hp.n_kv_heads} * hp.head_dim;
  take("token_embd.weight", {hp.vocab, hp.dim});
  take_layers("attn_norm.weight", {hp.dim});
  take_layers("attn_q.weight", {hp.dim, hp.dim});
  take_layers("attn_k.weight", {kv_dim, hp.dim});
  take_layers("attn_v.weight", {kv_dim, hp.dim});
  take_layers("attn_output.weight", {hp.dim, hp.dim});
  take_layers("ffn_norm.weight", {hp.dim});
  take_layers("ffn_gate.weight", {hp.hidden, hp.dim});
  take_layers("ffn_down.weight", {hp.dim, hp.hidden});
  take_layers("ffn_up.weight", {hp.hidden, hp.dim});
  take("output_norm.weight", {hp.dim});
  // cos and sin tables of old checkpoints: context * head_dim / 2 values each.
  in.Take(uint64_t{2} * static_cast<uint64_t>(hp.context) * static_cast<uint64_t>(hp.head_dim / 2) *
              sizeof(float),
          "the RoPE tables");
  if (!hp.tied) take("output.weight", {hp.vocab, hp.dim});
  if (in.left() != 0) {
    Fail(checkpoint.path, "not a llama2.c checkpoint, or corrupt: " + std::to_string(in.left()) +
                              " bytes are left after the last weight");
  }
  if (tokenizer != nullptr) model.tokenizer = LoadLlama2cTokenizer(*tokenizer, hp.vocab);
  return model;
}

Tokenizer LoadLlama2cTokenizer(const FileBytes& bytes, int vocab) {
  Reader in(bytes);
  const int32_t longest = in.Read<int32_t>("the tokenizer's longest piece");
  if (longest < 1 || longest > 1 << 16) {
    Fail(bytes.path,
         "not a llama2.c tokenizer: its longest piece is " + std::to_string(longest) + " bytes");
  }
  if (vocab < 3)
    Fail(bytes.path,
         "a llama2.c vocabulary has at least 3 tokens, the model has " + std::to_string(vocab));
  std::vector<Tokenizer::Piece> pieces;
  for (int i = 0; i < vocab; ++i) {
    if (in.left() == 0) {
      Fail(bytes.path, "holds " + std::to_string(i) + " tokens, the model has " +
                           std::to_string(vocab) +
                           "; give the tokenizer that belongs to the model");
    }
    Tokenizer::Piece piece;
    piece.score = in.Read<float>("a token's score");
    const int32_t length = in.Read<int32_t>("a token's length");
    if (length < 0 || length > longest) {
      Fail(bytes.path,
           "corrupt: token " + std::to_string(i) + " is " + std::to_string(length) + " bytes long");
    }
    piece.text = in.String(static_cast<uint64_t>(length), "a token");
    if (i == 0) {
      piece.type = Tokenizer::PieceType::kUnknown;
    } else if (i <= 2) {
      piece.type = Tokenizer::PieceType::kControl;
    } else if (i <= 258 && piece.text.size() == 6 && piece.text.compare(0, 3, "<0x") == 0) {
      piece.type = Tokenizer::PieceType::kByte;
    }
    pieces.push_back(std::move(piece));
  }
  if (in.left() != 0) {
    Fail(bytes.path, "holds more than the model's " + std::to_string(vocab) +
                         " tokens; give the tokenizer that belongs to the model");
  }
  return Tokenizer::Spm(std::move(pieces), /*bos=*/1, /*eos=*/2, /*unk=*/0, /*space_prefix=*/true);
}

}  // namespace wren
