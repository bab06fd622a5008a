// Damaged files: whatever happens to their bytes, loading ends with a usable model or with
// wren::Error.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/error.h"
#include "wren/formats/to_golden.h"

namespace wren {
namespace {

using Bytes = std::vector<uint8_t>;

// Damages `bytes` in one to four places; nine of ten places lie in the first `head` bytes, where
// the structure is.
void Mutate(Bytes* bytes, size_t head, std::mt19937_64* random) {
  static const uint64_t kValues[] = {0,
                                     1,
                                     2,
                                     3,
                                     7,
                                     8,
                                     9,
                                     31,
                                     0x7f,
                                     0x80,
                                     0xff,
                                     0x7fff,
                                     0xffff,
                                     0x7fffffff,
                                     0x80000000,
                                     0xffffffff,
                                     0x100000000,
                                     0x7fffffffffffffff,
                                     0x8000000000000000,
                                     ~uint64_t{0},
                                     0x7fc00000,
                                     0x7f800000,
                                     0xff800000};
  const auto place = [&] {
    const size_t limit = (*random)() % 10 != 0 ? std::min(head, bytes->size()) : bytes->size();
    return static_cast<size_t>((*random)() % std::max<size_t>(limit, 1));
  };
  for (uint64_t n = 1 + (*random)() % 4; n > 0 && !bytes->empty(); --n) {
    const size_t at = place();
    switch ((*random)() % 7) {
      case 0:
        (*bytes)[at] ^= static_cast<uint8_t>(1u << ((*random)() % 8));
        break;
      case 1:
        (*bytes)[at] = static_cast<uint8_t>((*random)());
        break;
      case 2:
      case 3: {  // a telling value of 1, 2, 4 or 8 bytes
        const uint64_t value = kValues[(*random)() % (sizeof(kValues) / sizeof(kValues[0]))];
        const size_t size = std::min<size_t>(size_t{1} << ((*random)() % 4), bytes->size() - at);
        for (size_t i = 0; i < size; ++i) (*bytes)[at + i] = static_cast<uint8_t>(value >> (8 * i));
        break;
      }
      case 4:
        bytes->resize(at);
        break;
      case 5: {  // lose some
        const size_t size = std::min<size_t>(1 + (*random)() % 16, bytes->size() - at);
        bytes->erase(bytes->begin() + static_cast<std::ptrdiff_t>(at),
                     bytes->begin() + static_cast<std::ptrdiff_t>(at + size));
        break;
      }
      default: {  // repeat some
        const size_t size = std::min<size_t>(1 + (*random)() % 16, bytes->size() - at);
        const Bytes copy(bytes->begin() + static_cast<std::ptrdiff_t>(at),
                         bytes->begin() + static_cast<std::ptrdiff_t>(at + size));
        bytes->insert(bytes->begin() + static_cast<std::ptrdiff_t>(at), copy.begin(), copy.end());
        break;
      }
    }
  }
}

// Loads, and when that succeeds uses everything the loader promised.
// Returns whether it loaded. Anything but wren::Error passes through and fails the test.
bool TryModel(const Bytes& bytes, const Bytes* tokenizer) {
  try {
    const FileBytes file = FileBytes::FromBuffer(bytes, "fuzz");
    FileBytes tokenizer_file;
    if (tokenizer != nullptr) tokenizer_file = FileBytes::FromBuffer(*tokenizer, "fuzz tokenizer");
    const ModelFile model = LoadModel(file, tokenizer != nullptr ? &tokenizer_file : nullptr);
    if (IsEncoder(model.arch)) {
      const golden::EncoderNetwork network = golden::ToGoldenEncoder(model);
      golden::GoldenEncoder golden(network);
      if (network.vocab > 0) {
        golden.EncodeTokens({0});
        if (network.context > 1) golden.EncodeTokens({0, network.vocab - 1});
      } else {
        golden.EncodePatches(std::vector<float>(static_cast<size_t>(model.hp.patches()) *
                                                static_cast<size_t>(model.hp.patch_values())));
      }
      return true;
    }
    const golden::Network network = golden::ToGolden(model);
    golden::Golden golden(network);
    golden.Forward(model.hp.vocab - 1, 0);
    if (model.hp.context > 1) golden.Forward(0, 1);
    for (int id = 0; id < model.tokenizer.size(); ++id) model.tokenizer.DecodeToken(-1, id);
    switch (model.tokenizer.kind()) {
      case Tokenizer::Kind::kNone:
        break;
      case Tokenizer::Kind::kLetters:
        model.tokenizer.Encode("A", true);
        break;
      default:
        model.tokenizer.Encode("ab hello world\xff é", true);
    }
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return false;
  }
}

// `rounds` damaged copies of `whole`. At least one must load and one must be refused: otherwise the
// damage is not telling.
void Fuzz(const Bytes& whole, const Bytes* tokenizer, size_t head, int rounds) {
  ASSERT_TRUE(TryModel(whole, tokenizer)) << "the undamaged file does not load";
  std::mt19937_64 random(test::Seed());
  int loaded = 0;
  for (int round = 0; round < rounds; ++round) {
    Bytes bytes = whole;
    Mutate(&bytes, head, &random);
    try {
      loaded += TryModel(bytes, tokenizer) ? 1 : 0;
    } catch (const std::exception& error) {
      FAIL() << "round " << round << ", WREN_SEED=" << test::Seed() << ": " << error.what();
    }
  }
  EXPECT_GT(loaded, 0);
  EXPECT_LT(loaded, rounds);
}

TEST(FuzzGguf, LlamaLoadsOrThrows) {
  test::TinyModel tiny;
  tiny.n_layers = 1;
  tiny.biases = true;
  const Bytes whole = test::TinyLlamaGguf(&tiny, 1);
  Fuzz(whole, nullptr, 1024, 10000);
  Fuzz(whole, nullptr, 12000, 10000);
}

TEST(FuzzGguf, Gpt2LoadsOrThrows) {
  test::TinyModel tiny;
  tiny.n_layers = 1;
  const Bytes whole = test::TinyGpt2Gguf(&tiny, 1);
  Fuzz(whole, nullptr, 700, 10000);
  Fuzz(whole, nullptr, 8000, 10000);
}

TEST(FuzzGguf, VitLoadsOrThrows) {
  for (const bool cls : {false, true}) {
    test::TinyEncoder tiny;
    tiny.n_layers = 1;
    tiny.cls = cls;
    const Bytes whole = test::TinyVitGguf(&tiny, 1);
    Fuzz(whole, nullptr, 900, 5000);
    Fuzz(whole, nullptr, 3000, 5000);
  }
}

TEST(FuzzGguf, BertLoadsOrThrows) {
  test::TinyEncoder tiny;
  tiny.n_layers = 1;
  const Bytes whole = test::TinyBertGguf(&tiny, 1);
  Fuzz(whole, nullptr, 700, 5000);
  Fuzz(whole, nullptr, 2500, 5000);
  const std::vector<std::string> pieces = {"[PAD]",
                                           "[UNK]",
                                           "[CLS]",
                                           "[SEP]",
                                           "\xe2\x96\x81"
                                           "a",
                                           "b"};
  Fuzz(test::TinyBertGguf(&tiny, 1, &pieces), nullptr, 900, 5000);
}

TEST(FuzzGguf, WrenKjvLoadsOrThrows) {
  const std::string path = test::SourcePath("models/wren-kjv.gguf");
  ASSERT_TRUE(test::Exists(path)) << path << " is missing; it belongs to the source tree";
  const Bytes whole = test::ReadFile(path);
  Fuzz(whole, nullptr, 1500, 300);
  Fuzz(whole, nullptr, 40000, 300);
}

Bytes TinyLlama2c() {
  const int32_t header[7] = {8, 12, 2, 4,
                             2, 5,  6};  // dim, hidden, layers, heads, kv_heads, vocab, context
  const size_t kv_dim = 4;
  const size_t floats = 5 * 8 + 2 * (8 + 64 + 2 * kv_dim * 8 + 64 + 8 + 3 * 96) + 8 + 2 * 6 * 1;
  Bytes out(sizeof(header) + floats * sizeof(float));
  std::memcpy(out.data(), header, sizeof(header));
  std::mt19937_64 random(1);
  for (size_t i = 0; i < floats; ++i) {
    const float value = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
    std::memcpy(out.data() + sizeof(header) + i * sizeof(float), &value, sizeof(float));
  }
  return out;
}

Bytes TinyLlama2cTokenizer() {
  Bytes out(4);
  out[0] = 8;
  const char* pieces[] = {"<unk>", "\n<s>\n", "\n</s>\n", " ", "a"};
  for (const char* piece : pieces) {
    out.resize(out.size() + 4);
    out.push_back(static_cast<uint8_t>(std::strlen(piece)));
    out.resize(out.size() + 3);
    out.insert(out.end(), piece, piece + std::strlen(piece));
  }
  return out;
}

TEST(FuzzLlama2c, CheckpointLoadsOrThrows) {
  const Bytes tokenizer = TinyLlama2cTokenizer();
  Fuzz(TinyLlama2c(), nullptr, 64, 10000);
  Fuzz(TinyLlama2c(), &tokenizer, 64, 10000);
}

TEST(FuzzLlama2c, TokenizerLoadsOrThrows) {
  const Bytes checkpoint = TinyLlama2c();
  const Bytes whole = TinyLlama2cTokenizer();
  ASSERT_TRUE(TryModel(checkpoint, &whole));
  std::mt19937_64 random(test::Seed());
  int loaded = 0;
  for (int round = 0; round < 3000; ++round) {
    Bytes tokenizer = whole;
    Mutate(&tokenizer, tokenizer.size(), &random);
    loaded += TryModel(checkpoint, &tokenizer) ? 1 : 0;
  }
  EXPECT_GT(loaded, 0);
  EXPECT_LT(loaded, 3000);
}

TEST(FuzzLlama2c, Stories260KLoadsOrThrows) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const Bytes whole = test::ReadFile(test::DataPath("models/stories260K/stories260K.bin"));
  const Bytes tokenizer = test::ReadFile(test::DataPath("models/stories260K/tok512.bin"));
  Fuzz(whole, &tokenizer, 4096, 300);
}

TEST(FuzzGptNano, JsonLoadsOrThrows) {
  const auto tensor = [](const std::string& name, const std::string& shape, size_t floats) {
    // 3 floats are 12 bytes are 16 characters; every count here is a multiple of 3.
    std::string data;
    for (size_t i = 0; i < floats / 3; ++i) data += "AAAAPwAAAD8AAAA/";
    return ", \"" + name + "\": {\"shape\": [" + shape +
           "], \"dtype\": \"torch.float32\", \"data\": \"" + data + "\"}";
  };
  std::string json =
      "{\"config\": {\"model_type\": \"gpt-nano\", \"n_layer\": 1, \"n_head\": 1, \"n_embd\": 3, "
      "\"vocab_size\": 3, \"block_size\": 4}";
  json +=
      tensor("transformer.wte.weight", "3, 3", 9) + tensor("transformer.wpe.weight", "4, 3", 12);
  const std::string h = "transformer.h.0.";
  for (const char* norm : {"ln_1", "ln_2"})
    json += tensor(h + norm + ".weight", "3", 3) + tensor(h + norm + ".bias", "3", 3);
  json += tensor(h + "attn.c_attn.weight", "9, 3", 27) + tensor(h + "attn.c_attn.bias", "9", 9);
  json += tensor(h + "attn.c_proj.weight", "3, 3", 9) + tensor(h + "attn.c_proj.bias", "3", 3);
  json += tensor(h + "mlp.c_fc.weight", "12, 3", 36) + tensor(h + "mlp.c_fc.bias", "12", 12);
  json += tensor(h + "mlp.c_proj.weight", "3, 12", 36) + tensor(h + "mlp.c_proj.bias", "3", 3);
  json += tensor("transformer.ln_f.weight", "3", 3) + tensor("transformer.ln_f.bias", "3", 3) +
          tensor("lm_head.weight", "3, 3", 9) + "}";
  const Bytes whole(json.begin(), json.end());
  Fuzz(whole, nullptr, whole.size(), 10000);
}

}  // namespace
}  // namespace wren
