// From a loaded model to the golden transformer: dequantizes every tensor to FP32.
#pragma once

#include "wren/formats/model_file.h"
#include "wren/golden/encoder.h"
#include "wren/golden/golden.h"

namespace wren::golden {

// Throws wren::Error when a tensor is missing or the model is an encoder.
Network ToGolden(const ModelFile& model);
// Throws wren::Error when a tensor is missing or the model is none.
EncoderNetwork ToGoldenEncoder(const ModelFile& model);

}  // namespace wren::golden
