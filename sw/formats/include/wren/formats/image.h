// Images and labels from files, and images as a vision encoder takes them.
//
// Kinds of file, told apart by their first bytes; each may be gzipped:
//   IDX   two zero bytes, type 8 (bytes), dimensions d, d sizes (big-endian), the bytes. Images
//   have
//         d = 3 {count, height, width}, labels d = 1 {count}. Source: the description of the format
//         at the MNIST database.
//   PGM   "P5", width, height, 255, then one byte per pixel (netpbm).
//   raw   anything else whose size is a multiple of the model's image: channel, row, column.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wren/formats/model_file.h"

namespace wren {

struct Images {
  int count = 0;
  int size = 0;                 // bytes of one
  std::vector<uint8_t> pixels;  // {count, size}
  const uint8_t* at(int i) const {
    return pixels.data() + static_cast<size_t>(i) * static_cast<size_t>(size);
  }
};

// The bytes of a file, unzipped if it is gzipped. Throws wren::Error when it cannot be read or has
// more than 2^30 bytes.
std::vector<uint8_t> ReadMaybeGzip(const std::string& path);

// Images of the size that `hp` wants. Throws wren::Error naming `path` when they are of another
// size or the file is damaged.
Images ParseImages(const std::vector<uint8_t>& bytes, const Hyperparameters& hp,
                   const std::string& path);
Images LoadImages(const std::string& path, const Hyperparameters& hp);

// Labels of an IDX file.
std::vector<int> ParseLabels(const std::vector<uint8_t>& bytes, const std::string& path);
std::vector<int> LoadLabels(const std::string& path);

// The patches of one image, {patches, patch_values}: (pixel / 255 - mean) / std.
std::vector<float> ImagePatches(const Hyperparameters& hp, const uint8_t* pixels);

}  // namespace wren
