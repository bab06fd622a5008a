// Image and label files: what they mean, and what damaged ones give.
#include "wren/formats/image.h"

#include <zlib.h>

#include <random>

#include "gtest/gtest.h"
#include "test_data.h"
#include "wren/error.h"

namespace wren {
namespace {

using Bytes = std::vector<uint8_t>;

Hyperparameters Shape(int size, int patch, int channels) {
  Hyperparameters hp;
  hp.image_size = size;
  hp.patch_size = patch;
  hp.channels = channels;
  hp.image_mean.assign(static_cast<size_t>(channels), 0.5f);
  hp.image_std.assign(static_cast<size_t>(channels), 0.25f);
  return hp;
}

Bytes Idx(const std::vector<uint32_t>& shape, const Bytes& data) {
  Bytes out = {0, 0, 8, static_cast<uint8_t>(shape.size())};
  for (const uint32_t extent : shape) {
    for (int shift = 24; shift >= 0; shift -= 8)
      out.push_back(static_cast<uint8_t>(extent >> shift));
  }
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

Bytes Counted(size_t n) {
  Bytes out(n);
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<uint8_t>(i);
  return out;
}

Bytes WithHeader(const std::string& header, const Bytes& data) {
  Bytes out(header.begin(), header.end());
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

std::string MessageOf(const Bytes& bytes, const Hyperparameters& hp) {
  try {
    ParseImages(bytes, hp, "some.file");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Images, ReadsIdxPgmAndRawBytesAlike) {
  const Hyperparameters hp = Shape(4, 2, 1);
  const Bytes pixels = Counted(32);
  for (const Bytes& file : {Idx({2, 4, 4}, pixels), pixels}) {
    const Images images = ParseImages(file, hp, "f");
    EXPECT_EQ(images.count, 2);
    EXPECT_EQ(images.size, 16);
    EXPECT_EQ(images.pixels, pixels);
    EXPECT_EQ(images.at(1)[0], 16);
  }
  const Bytes one = Counted(16);
  for (const char* header : {"P5\n4 4\n255\n", "P5 # a comment\n# 9 9\n 4\t4 255 "}) {
    const Images images = ParseImages(WithHeader(header, one), hp, "f");
    EXPECT_EQ(images.count, 1);
    EXPECT_EQ(images.pixels, one);
  }
}

TEST(Images, SaysWhatIsWrongWithAFile) {
  const Hyperparameters hp = Shape(4, 2, 1);
  const auto expect = [&](const Bytes& bytes, const char* what) {
    const std::string message = MessageOf(bytes, hp);
    EXPECT_EQ(message.rfind("some.file: ", 0), 0u) << message;
    EXPECT_NE(message.find(what), std::string::npos) << message;
  };
  expect(Idx({2, 4, 4}, Counted(31)), "the header says 32");
  expect(Idx({2, 4, 4}, Counted(33)), "the header says 32");
  expect(Idx({2, 4, 5}, Counted(40)), "images of 5 x 4 pixels");
  expect(Idx({32}, Counted(32)), "an IDX file of 1 dimensions");
  expect({0, 0, 8, 3, 0, 0}, "header is incomplete");
  expect(Idx({0xffffffff, 0xffffffff, 0xffffffff}, {}), "an IDX dimension is 4294967295");
  expect(Idx({0, 4, 4}, {}), "an IDX dimension is 0");
  expect(Counted(17), "not a multiple of the 16 bytes");
  expect({}, "not a multiple");
  expect(WithHeader("P5 4 4 65535 ", Counted(32)), "values up to 65535");
  expect(WithHeader("P5 4 4 255 ", Counted(15)), "promises 4 x 4 pixels");
  expect(WithHeader("P5 4", {}), "header needs width");
  expect(WithHeader("P5 99999 4 255 ", Counted(15)), "header needs width");
  EXPECT_NE(MessageOf(WithHeader("P5 4 4 255 ", Counted(16)), Shape(4, 2, 3)).find("3 channel(s)"),
            std::string::npos);
}

TEST(Images, LabelsAreBytes) {
  EXPECT_EQ(ParseLabels(Idx({3}, {7, 0, 255}), "f"), (std::vector<int>{7, 0, 255}));
  EXPECT_THROW(ParseLabels(Idx({4}, {7, 0, 255}), "f"), Error);
  EXPECT_THROW(ParseLabels(Idx({1, 1, 1}, {7}), "f"), Error);
}

TEST(Images, PatchesGoFromLeftToRightThenDownChannelByChannel) {
  const Hyperparameters hp = Shape(4, 2, 2);
  const Bytes pixels = Counted(32);
  const std::vector<float> patches = ImagePatches(hp, pixels.data());
  ASSERT_EQ(patches.size(), 32u);
  // Patch 1 is the upper right one: columns 2 and 3 of rows 0 and 1, of channel 0, then 1.
  const int want[] = {2, 3, 6, 7, 18, 19, 22, 23};
  for (size_t i = 0; i < 8; ++i)
    EXPECT_FLOAT_EQ(patches[8 + i], (static_cast<float>(want[i]) / 255 - 0.5f) / 0.25f) << i;
}

TEST(Images, ReadsGzippedFilesAndNoticesDamage) {
  const std::string path = testing::TempDir() + "/images.gz";
  const Bytes whole = Idx({60, 28, 28}, Counted(60 * 28 * 28));
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(gzwrite(file, whole.data(), static_cast<unsigned>(whole.size())),
            static_cast<int>(whole.size()));
  gzclose(file);
  EXPECT_EQ(ReadMaybeGzip(path), whole);
  Bytes zipped = test::ReadFile(path);
  zipped.resize(zipped.size() / 2);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(zipped.data()),
             static_cast<std::streamsize>(zipped.size()));
  EXPECT_THROW(LoadImages(path, Shape(28, 7, 1)), Error);
  EXPECT_THROW(ReadMaybeGzip(path + ".absent"), Error);
  std::remove(path.c_str());
}

// Whatever happens to the bytes: images of the right size or wren::Error.
TEST(Images, DamagedFilesLoadOrThrow) {
  const Hyperparameters hp = Shape(4, 2, 1);
  std::mt19937_64 random(test::Seed());
  int loaded = 0, refused = 0;
  for (const Bytes& whole :
       {Idx({2, 4, 4}, Counted(32)), WithHeader("P5\n4 4\n255\n", Counted(16))}) {
    for (int round = 0; round < 5000; ++round) {
      Bytes bytes = whole;
      for (uint64_t n = random() % 3; n > 0; --n) {
        const size_t at = random() % (random() % 4 != 0 ? 12 : bytes.size());
        if (random() % 8 == 0) {
          bytes.resize(at);
          break;
        }
        bytes[at] = random() % 2 != 0 ? static_cast<uint8_t>(random())
                                      : static_cast<uint8_t>("0P5 #\n2"[random() % 7]);
      }
      try {
        const Images images = ParseImages(bytes, hp, "fuzz");
        ASSERT_EQ(images.pixels.size(), static_cast<size_t>(images.count) * 16);
        ASSERT_GT(images.count, 0);
        ++loaded;
      } catch (const Error& error) {
        ASSERT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        ++refused;
      }
    }
  }
  EXPECT_GT(loaded, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace wren
