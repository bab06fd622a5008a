#include "wren/formats/image.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "reader.h"

namespace wren {
namespace {

using formats_internal::Fail;

constexpr size_t kMaxFile = size_t{1} << 30;

// The sizes in an IDX header of `dims` dimensions; checks that the bytes behind it are as many.
std::vector<int64_t> IdxShape(const std::vector<uint8_t>& bytes, size_t dims,
                              const std::string& path) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8)
    Fail(path, "not an IDX file of bytes");
  if (bytes[3] != dims) {
    Fail(path, "an IDX file of " + std::to_string(bytes[3]) + " dimensions, expected " +
                   std::to_string(dims));
  }
  const size_t header = 4 + 4 * dims;
  if (bytes.size() < header) Fail(path, "truncated: the IDX header is incomplete");
  std::vector<int64_t> shape;
  uint64_t total = 1;
  for (size_t d = 0; d < dims; ++d) {
    const uint8_t* b = &bytes[4 + 4 * d];
    const uint64_t extent =
        uint64_t{b[0]} << 24 | uint64_t{b[1]} << 16 | uint64_t{b[2]} << 8 | b[3];
    if (extent == 0 || extent > kMaxFile || total * extent > kMaxFile)
      Fail(path, "corrupt: an IDX dimension is " + std::to_string(extent));
    total *= extent;
    shape.push_back(static_cast<int64_t>(extent));
  }
  if (bytes.size() - header != total) {
    Fail(path, "truncated or corrupt: " + std::to_string(bytes.size() - header) +
                   " bytes of data, the header says " + std::to_string(total));
  }
  return shape;
}

// A number of a PGM header, after blanks and comments; at most 65,535.
int PgmNumber(const std::vector<uint8_t>& bytes, size_t* at, const std::string& path) {
  const auto blank = [](uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (*at < bytes.size() && (blank(bytes[*at]) || bytes[*at] == '#')) {
    if (bytes[*at] == '#') {
      while (*at < bytes.size() && bytes[*at] != '\n') ++*at;
    } else {
      ++*at;
    }
  }
  int value = 0, digits = 0;
  for (; *at < bytes.size() && bytes[*at] >= '0' && bytes[*at] <= '9' && digits < 5;
       ++*at, ++digits)
    value = value * 10 + (bytes[*at] - '0');
  if (digits == 0 || value > 65535 || *at >= bytes.size() || !blank(bytes[*at]))
    Fail(path, "corrupt: the PGM header needs width, height and 255");
  return value;
}

std::string Size(int64_t width, int64_t height) {
  return std::to_string(width) + " x " + std::to_string(height) + " pixels";
}

}  // namespace

std::vector<uint8_t> ReadMaybeGzip(const std::string& path) {
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (file == nullptr) throw Error(path + ": can't be opened: " + std::strerror(errno));
  std::vector<uint8_t> bytes;
  constexpr unsigned kChunk = 1u << 18;
  for (;;) {
    const size_t at = bytes.size();
    bytes.resize(at + kChunk);
    const int got = gzread(file.get(), bytes.data() + at, kChunk);
    if (got < 0) {
      int code = 0;
      const char* what = gzerror(file.get(), &code);
      Fail(path, code == Z_ERRNO ? std::string("can't be read: ") + std::strerror(errno)
                                 : std::string("damaged gzip file: ") + what);
    }
    bytes.resize(at + static_cast<size_t>(got));
    if (bytes.size() > kMaxFile) Fail(path, "more than 2^30 bytes");
    if (got == 0) break;
  }
  int code = Z_OK;
  gzerror(file.get(), &code);
  if (code != Z_OK && code != Z_STREAM_END) Fail(path, "truncated gzip file");
  if (bytes.empty()) Fail(path, "the file is empty");
  return bytes;
}

Images ParseImages(const std::vector<uint8_t>& bytes, const Hyperparameters& hp,
                   const std::string& path) {
  Images out;
  out.size = hp.image_bytes();
  size_t data = 0;
  int64_t width = hp.image_size, height = hp.image_size, channels = hp.channels;
  int64_t count = 1;
  if (bytes.size() >= 3 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 8) {
    const std::vector<int64_t> shape = IdxShape(bytes, 3, path);
    count = shape[0], height = shape[1], width = shape[2], channels = 1;
    data = 16;
  } else if (bytes.size() >= 2 && bytes[0] == 'P' && bytes[1] == '5') {
    size_t at = 2;
    width = PgmNumber(bytes, &at, path);
    height = PgmNumber(bytes, &at, path);
    const int most = PgmNumber(bytes, &at, path);
    if (most != 255)
      Fail(path,
           "a PGM file with values up to " + std::to_string(most) + "; Wren reads those up to 255");
    channels = 1;
    data = at + 1;
    if (static_cast<int64_t>(bytes.size() - data) != width * height)
      Fail(path, "truncated or corrupt: the PGM header promises " + Size(width, height));
  } else {
    const auto size = static_cast<size_t>(out.size);
    if (bytes.empty() || bytes.size() % size != 0) {
      Fail(path, "neither IDX nor PGM, and not a multiple of the " + std::to_string(out.size) +
                     " bytes of one image of the model");
    }
    count = static_cast<int64_t>(bytes.size() / size);
  }
  if (width != hp.image_size || height != hp.image_size || channels != hp.channels) {
    Fail(path, "images of " + Size(width, height) + " and " + std::to_string(channels) +
                   " channel(s); the model reads " + Size(hp.image_size, hp.image_size) + " and " +
                   std::to_string(hp.channels) + " channel(s)");
  }
  out.count = static_cast<int>(count);
  out.pixels.assign(bytes.begin() + static_cast<std::ptrdiff_t>(data), bytes.end());
  return out;
}

Images LoadImages(const std::string& path, const Hyperparameters& hp) {
  return ParseImages(ReadMaybeGzip(path), hp, path);
}

std::vector<int> ParseLabels(const std::vector<uint8_t>& bytes, const std::string& path) {
  IdxShape(bytes, 1, path);
  return {bytes.begin() + 8, bytes.end()};
}

std::vector<int> LoadLabels(const std::string& path) {
  return ParseLabels(ReadMaybeGzip(path), path);
}

std::vector<float> ImagePatches(const Hyperparameters& hp, const uint8_t* pixels) {
  std::vector<float> out;
  const int side = hp.image_size / hp.patch_size;
  out.reserve(static_cast<size_t>(hp.patches()) * static_cast<size_t>(hp.patch_values()));
  for (int py = 0; py < side; ++py) {
    for (int px = 0; px < side; ++px) {
      for (int c = 0; c < hp.channels; ++c) {
        const float mean = hp.image_mean[static_cast<size_t>(c)],
                    std = hp.image_std[static_cast<size_t>(c)];
        for (int y = py * hp.patch_size; y < (py + 1) * hp.patch_size; ++y) {
          const uint8_t* row = pixels + (c * hp.image_size + y) * hp.image_size;
          for (int x = px * hp.patch_size; x < (px + 1) * hp.patch_size; ++x)
            out.push_back((static_cast<float>(row[x]) / 255.0f - mean) / std);
        }
      }
    }
  }
  return out;
}

}  // namespace wren
