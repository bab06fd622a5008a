#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/error.h"
#include "wren/formats/gguf.h"
#include "wren/formats/gpt_nano.h"
#include "wren/formats/llama2c.h"
#include "wren/formats/model_file.h"

namespace wren {
namespace {

using test::GgufWriter;
using test::TinyModel;

ModelFile Load(std::vector<uint8_t> bytes) {
  return LoadModel(FileBytes::FromBuffer(std::move(bytes), "dir/tiny.gguf"), nullptr);
}

// The message of the error that loading ends with; a failure when there is none.
std::string ErrorOf(const std::function<void()>& load) {
  try {
    load();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  }
  ADD_FAILURE() << "no error";
  return "";
}

void ExpectError(const GgufWriter& writer, const std::string& words) {
  const std::string message = ErrorOf([&] { Load(writer.Build()); });
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

TEST(Gguf, LoadsALlamaModelWithItsTensorsAndNames) {
  TinyModel tiny;
  tiny.biases = true;
  tiny.tied = false;
  const ModelFile model = Load(TinyLlamaGguf(&tiny, test::Seed()));
  EXPECT_EQ(model.arch, Architecture::kLlama);
  EXPECT_EQ(model.name, "tiny-llama");
  EXPECT_EQ(model.hp.dim, tiny.dim);
  EXPECT_EQ(model.hp.hidden, tiny.hidden);
  EXPECT_EQ(model.hp.n_layers, tiny.n_layers);
  EXPECT_EQ(model.hp.n_heads, tiny.n_heads);
  EXPECT_EQ(model.hp.n_kv_heads, tiny.n_kv_heads);
  EXPECT_EQ(model.hp.head_dim, tiny.head_dim);
  EXPECT_EQ(model.hp.rope_dim, tiny.rope_dim);
  EXPECT_EQ(model.hp.context, tiny.context);
  EXPECT_EQ(model.hp.vocab, tiny.vocab);
  EXPECT_EQ(model.hp.norm_eps, tiny.norm_eps);
  EXPECT_FALSE(model.hp.tied);
  EXPECT_EQ(model.tokenizer.size(), tiny.vocab);
  EXPECT_EQ(model.tensors.size(), tiny.values.size());
  for (const auto& [name, values] : tiny.values) EXPECT_EQ(model.Get(name).ToF32(), values) << name;
  EXPECT_EQ(model.Get("blk.0.attn_k.weight").shape, (std::vector<int64_t>{16, 32}));
  EXPECT_EQ(&model.OutputWeight(), &model.Get("output.weight"));
}

TEST(Gguf, SplitsTheFusedQkvOfGpt2) {
  TinyModel tiny;
  const ModelFile model = Load(TinyGpt2Gguf(&tiny, test::Seed()));
  EXPECT_EQ(model.arch, Architecture::kGpt2);
  EXPECT_EQ(model.name, "tiny");
  EXPECT_TRUE(model.hp.tied);
  EXPECT_EQ(&model.OutputWeight(), &model.Get("token_embd.weight"));
  EXPECT_EQ(model.Find("blk.1.attn_qkv.weight"), nullptr);
  const std::vector<float>& fused = tiny.values["blk.1.attn_qkv.weight"];
  const std::vector<float>& bias = tiny.values["blk.1.attn_qkv.bias"];
  const char* parts[] = {"attn_q", "attn_k", "attn_v"};
  for (int i = 0; i < 3; ++i) {
    const std::string name = std::string("blk.1.") + parts[i];
    EXPECT_EQ(model.Get(name + ".weight").shape, (std::vector<int64_t>{32, 32}));
    EXPECT_EQ(model.Get(name + ".weight").ToF32(),
              std::vector<float>(fused.begin() + i * 1024, fused.begin() + (i + 1) * 1024));
    EXPECT_EQ(model.Get(name + ".bias").ToF32(),
              std::vector<float>(bias.begin() + i * 32, bias.begin() + (i + 1) * 32));
  }
}

TEST(Gguf, HonoursTheAlignmentKey) {
  GgufWriter writer;
  writer.set_alignment(256);
  writer.TensorF32("a", {3}, {1, 2, 3});
  writer.Tensor("b", {2, 32}, 8, std::vector<uint8_t>(68, 1));
  const GgufFile file = ParseGguf(FileBytes::FromBuffer(writer.Build(), "t.gguf"));
  EXPECT_EQ(file.alignment, 256u);
  EXPECT_EQ(file.tensors.at("a").ToF32(), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(file.tensors.at("b").dtype, DType::kQ8_0);
  EXPECT_EQ(file.tensors.at("b").size, 68u);
  EXPECT_EQ(file.tensors.at("b").shape, (std::vector<int64_t>{2, 32}));
}

TEST(Gguf, RefusesEveryTruncation) {
  TinyModel llama;
  llama.dim = 32;
  llama.n_layers = 1;
  const std::vector<uint8_t> whole = TinyLlamaGguf(&llama, 1);
  ASSERT_NO_THROW(Load(whole));
  for (size_t size = 0; size < whole.size(); size += size < 12000 ? 1 : 97) {
    EXPECT_THROW(Load(std::vector<uint8_t>(whole.begin(),
                                           whole.begin() + static_cast<std::ptrdiff_t>(size))),
                 Error)
        << size << " of " << whole.size() << " bytes";
  }
}

TEST(Gguf, RefusesWhatItCannotRunAndSaysWhy) {
  {
    GgufWriter writer;
    writer.String("general.architecture", "t5");
    ExpectError(writer, "'t5' is not supported");
  }
  {
    GgufWriter writer(1);
    ExpectError(writer, "version 1");
  }
  {
    GgufWriter writer(0x03000000);
    ExpectError(writer, "big-endian");
  }
  {
    GgufWriter writer;
    writer.TensorAt("w", {256}, 12, 0);
    ExpectError(writer, "llama-quantize");
  }
  {
    GgufWriter writer;
    writer.String("general.architecture", "llama");
    ExpectError(writer, "'llama.embedding_length' is missing");
  }
}

TEST(Gguf, LoadsAVisionTransformerAndItsLabels) {
  test::TinyEncoder tiny;
  tiny.cls = true;
  tiny.channels = 3;
  const ModelFile model = Load(test::TinyVitGguf(&tiny, 1));
  EXPECT_EQ(model.arch, Architecture::kVit);
  EXPECT_TRUE(IsEncoder(model.arch));
  EXPECT_EQ(model.hp.pooling, Pooling::kCls);
  EXPECT_EQ(model.hp.patches(), 9);
  EXPECT_EQ(model.hp.context, 10);
  EXPECT_EQ(model.hp.patch_values(), 12);
  EXPECT_EQ(model.hp.classes, 5);
  EXPECT_EQ(model.hp.image_mean, std::vector<float>(3, 0.4f));
  EXPECT_EQ(model.labels.at(4), "class 4");
  EXPECT_EQ(model.Get("patch_embd.weight").ToF32(), tiny.values.at("patch_embd.weight"));
}

TEST(Gguf, RefusesEncodersThatDoNotFitTogether) {
  const auto error = [](const std::function<void(ModelFile*)>& change, bool text) {
    test::TinyEncoder tiny;
    ModelFile model = Load(text ? test::TinyBertGguf(&tiny, 1) : test::TinyVitGguf(&tiny, 1));
    change(&model);
    return ErrorOf([&] { ValidateModel(model); });
  };
  const auto expect = [&](bool text, const std::function<void(ModelFile*)>& change,
                          const char* words) {
    const std::string message = error(change, text);
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  expect(
      false, [](ModelFile* m) { m->hp.patch_size = 4; }, "do not tile");
  expect(
      false, [](ModelFile* m) { m->hp.patch_size = 0; }, "the patch's size is 0");
  expect(
      false, [](ModelFile* m) { m->hp.pooling = Pooling::kCls; }, "and a class token");
  expect(
      false, [](ModelFile* m) { m->hp.image_std[0] = 0; }, "out of range");
  expect(
      false, [](ModelFile* m) { m->hp.image_mean.clear(); }, "one value per channel");
  expect(
      false, [](ModelFile* m) { m->labels.pop_back(); }, "do not name");
  expect(
      false, [](ModelFile* m) { m->tensors.erase("output.bias"); }, "'output.bias' is missing");
  expect(
      false, [](ModelFile* m) { m->hp.n_kv_heads = 1; }, "fewer key/value heads");
  expect(
      true, [](ModelFile* m) { m->tensors.erase("blk.0.layer_output_norm.bias"); },
      "'blk.0.layer_output_norm.bias' is missing");
  expect(
      true, [](ModelFile* m) { m->hp.token_types = 3; }, "the architecture needs {3, 32}");
}

TEST(Gguf, RefusesAbsurdCountsAndOffsets) {
  constexpr uint64_t kHuge = uint64_t{1} << 62;
  const auto with = [](const std::function<void(GgufWriter*)>& add) {
    GgufWriter writer;
    add(&writer);
    return writer;
  };
  ExpectError(with([](GgufWriter* w) {
                w->TensorAt("w", {kHuge, kHuge}, 0, 0);
              }),
              "multiply beyond");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {kHuge}, 0, 0); }), "multiply beyond");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {~uint64_t{0}}, 0, 0); }), "extent");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {0}, 0, 0); }), "extent");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {}, 0, 0); }), "0 dimensions");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {1, 1, 1, 1, 1}, 0, 0); }), "5 dimensions");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {8}, 0, 0); }), "needs 32 bytes");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {8}, 0, ~uint64_t{31}); }),
              "needs 32 bytes");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {8}, 0, 4); }), "not aligned");
  ExpectError(with([](GgufWriter* w) { w->TensorAt("w", {33}, 8, 0); }), "not a multiple");
  ExpectError(with([](GgufWriter* w) {
                w->TensorF32("w", {1}, {1});
                w->TensorF32("w", {1}, {1});
              }),
              "twice");
  ExpectError(with([](GgufWriter* w) {
                w->Uint32("k", 1);
                w->Uint32("k", 1);
              }),
              "twice");
  ExpectError(with([](GgufWriter* w) { w->Uint32("general.alignment", 0); }), "alignment");
  ExpectError(with([](GgufWriter* w) { w->Uint32("general.alignment", 24); }), "alignment");
  ExpectError(with([](GgufWriter* w) { w->String("general.alignment", "x"); }), "not an integer");

  // Counts in the header and in an array that the file can't hold.
  for (size_t at : {size_t{8}, size_t{16}}) {
    std::vector<uint8_t> bytes = GgufWriter().Build();
    for (size_t i = 0; i < 8; ++i) bytes[at + i] = 0x7f;
    EXPECT_NE(ErrorOf([&] { Load(bytes); }).find("don't fit"), std::string::npos);
  }
  GgufWriter writer;
  writer.Ints("k", {1, 2, 3});
  std::vector<uint8_t> bytes = writer.Build();
  const size_t count_at = 24 + 8 + 1 + 4 + 4;
  bytes[count_at + 7] = 0x40;
  EXPECT_NE(ErrorOf([&] { Load(bytes); }).find("elements"), std::string::npos);
}

TEST(Model, RefusesHyperparametersThatMakeNoSense) {
  const auto message = [](const std::function<void(TinyModel*)>& change) {
    TinyModel tiny;
    change(&tiny);
    return ErrorOf([&] { Load(TinyLlamaGguf(&tiny, 1)); });
  };
  EXPECT_NE(message([](TinyModel* m) { m->norm_eps = std::nanf(""); }).find("epsilon"),
            std::string::npos);
  EXPECT_NE(message([](TinyModel* m) { m->rope_theta = std::nanf(""); }).find("RoPE base"),
            std::string::npos);
  EXPECT_NE(message([](TinyModel* m) { m->rope_theta = INFINITY; }).find("RoPE base"),
            std::string::npos);
  EXPECT_NE(message([](TinyModel* m) { m->n_kv_heads = 3; }).find("can't share"),
            std::string::npos);
  EXPECT_NE(message([](TinyModel* m) { m->rope_dim = 7; }).find("odd"), std::string::npos);
  EXPECT_NE(message([](TinyModel* m) { m->rope_dim = 10; }).find("rotated part"),
            std::string::npos);
  EXPECT_NE(message([](TinyModel* m) { m->context = 0; }).find("context"), std::string::npos);
  EXPECT_NE(message([](TinyModel* m) { m->context = 1 << 30; }).find("context"), std::string::npos);
}

TEST(Model, RefusesMissingAndMisshapenTensors) {
  TinyModel tiny;
  ModelFile model = Load(TinyLlamaGguf(&tiny, 1));
  ModelFile missing = model;
  missing.tensors.erase("blk.1.ffn_up.weight");
  EXPECT_NE(ErrorOf([&] { ValidateModel(missing); }).find("'blk.1.ffn_up.weight' is missing"),
            std::string::npos);
  ModelFile misshapen = model;
  misshapen.tensors["blk.1.ffn_up.weight"] =
      Tensor::FromF32("blk.1.ffn_up.weight", {32, 64}, std::vector<float>(2048));
  EXPECT_NE(ErrorOf([&] {
              ValidateModel(misshapen);
            }).find("is {32, 64}, the architecture needs {64, 32}"),
            std::string::npos);
}

TEST(Model, SaysWhyAFileCannotBeOpened) {
  EXPECT_NE(ErrorOf([] { LoadModel("/nonexistent/model.gguf"); }).find("No such file"),
            std::string::npos);
  EXPECT_NE(ErrorOf([] { LoadModel("/"); }).find("not a regular file"), std::string::npos);
  EXPECT_NE(ErrorOf([] { LoadModel("/dev/null"); }).find("not a regular file"), std::string::npos);
  EXPECT_NE(ErrorOf([] { Load(std::vector<uint8_t>(4096, 'x')); }).find("not a model file"),
            std::string::npos);
}

TEST(Llama2c, LoadsStories260K) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const ModelFile model = LoadModel(test::DataPath("models/stories260K/stories260K.bin"),
                                    {test::DataPath("models/stories260K/tok512.bin")});
  EXPECT_EQ(model.name, "stories260K");
  EXPECT_EQ(model.hp.dim, 64);
  EXPECT_EQ(model.hp.hidden, 172);
  EXPECT_EQ(model.hp.n_layers, 5);
  EXPECT_EQ(model.hp.n_heads, 8);
  EXPECT_EQ(model.hp.n_kv_heads, 4);
  EXPECT_EQ(model.hp.head_dim, 8);
  EXPECT_EQ(model.hp.vocab, 512);
  EXPECT_EQ(model.hp.context, 512);
  EXPECT_TRUE(model.hp.tied);
  EXPECT_EQ(model.tokenizer.size(), 512);
}

TEST(Llama2c, RefusesTruncatedLongAndLaterFiles) {
  WREN_NEED_DATA("models/stories260K/stories260K.bin");
  const std::vector<uint8_t> whole =
      test::ReadFile(test::DataPath("models/stories260K/stories260K.bin"));
  for (size_t size : {size_t{0}, size_t{27}, size_t{28}, whole.size() / 2, whole.size() - 1}) {
    EXPECT_THROW(Load(std::vector<uint8_t>(whole.begin(),
                                           whole.begin() + static_cast<std::ptrdiff_t>(size))),
                 Error)
        << size;
  }
  std::vector<uint8_t> longer = whole;
  longer.push_back(0);
  EXPECT_NE(ErrorOf([&] { Load(longer); }).find("are left after"), std::string::npos);
  std::vector<uint8_t> later = whole;
  std::copy_n("24ka", 4, later.begin());
  EXPECT_NE(ErrorOf([&] { Load(later); }).find("--version 0"), std::string::npos);
  std::vector<uint8_t> untied = whole;
  for (size_t i = 0; i < 4; ++i)
    untied[20 + i] = static_cast<uint8_t>(static_cast<uint32_t>(-512) >> (8 * i));
  EXPECT_NE(ErrorOf([&] { Load(untied); }).find("truncated"), std::string::npos);
}

TEST(Llama2c, RefusesATokenizerOfAnotherSize) {
  WREN_NEED_DATA("models/stories260K/tok512.bin");
  const FileBytes bytes = FileBytes::Map(test::DataPath("models/stories260K/tok512.bin"));
  EXPECT_NE(ErrorOf([&] { LoadLlama2cTokenizer(bytes, 511); }).find("more than the model's 511"),
            std::string::npos);
  EXPECT_NE(ErrorOf([&] { LoadLlama2cTokenizer(bytes, 513); }).find("holds 512 tokens"),
            std::string::npos);
}

TEST(GptNano, LoadsThePublishedModel) {
  WREN_NEED_DATA("models/gpt-nano-sort/model.json");
  const ModelFile model = LoadModel(test::DataPath("models/gpt-nano-sort/model.json"));
  EXPECT_EQ(model.arch, Architecture::kGpt2);
  EXPECT_EQ(model.name, "gpt-nano");
  EXPECT_EQ(model.hp.dim, 48);
  EXPECT_EQ(model.hp.hidden, 192);
  EXPECT_EQ(model.hp.n_layers, 3);
  EXPECT_EQ(model.hp.n_heads, 3);
  EXPECT_EQ(model.hp.head_dim, 16);
  EXPECT_EQ(model.hp.vocab, 3);
  EXPECT_EQ(model.hp.context, 11);
  EXPECT_FALSE(model.hp.tied);
  EXPECT_EQ(model.tokenizer.kind(), Tokenizer::Kind::kLetters);
}

TEST(GptNano, RefusesTruncationsAndOtherJson) {
  WREN_NEED_DATA("models/gpt-nano-sort/model.json");
  const std::vector<uint8_t> whole =
      test::ReadFile(test::DataPath("models/gpt-nano-sort/model.json"));
  for (size_t size = 1; size < whole.size(); size += whole.size() / 20) {
    EXPECT_THROW(Load(std::vector<uint8_t>(whole.begin(),
                                           whole.begin() + static_cast<std::ptrdiff_t>(size))),
                 Error)
        << size;
  }
  const auto json = [](const std::string& text) {
    return ErrorOf([&] { Load(std::vector<uint8_t>(text.begin(), text.end())); });
  };
  EXPECT_NE(json("{}").find("config"), std::string::npos);
  EXPECT_NE(json("{\"config\": {\"n_layer\": -1}}").find("n_layer"), std::string::npos);
  EXPECT_NE(json(std::string(100000, '{')).find("truncated, corrupt"), std::string::npos);
}

TEST(Base64, DecodesTheExamplesOfRfc4648) {
  const auto text = [](const std::string& in) {
    const std::vector<uint8_t> out = DecodeBase64(in);
    return std::string(out.begin(), out.end());
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("Zg=="), "f");
  EXPECT_EQ(text("Zm8="), "fo");
  EXPECT_EQ(text("Zm9v"), "foo");
  EXPECT_EQ(text("Zm9vYmFy"), "foobar");
  EXPECT_THROW(DecodeBase64("Zm9"), Error);
  EXPECT_THROW(DecodeBase64("Zm9*"), Error);
  EXPECT_THROW(DecodeBase64("Z=9v"), Error);
}

}  // namespace
}  // namespace wren
