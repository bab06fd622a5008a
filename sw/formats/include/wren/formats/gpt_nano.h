// minGPT weights as JSON, the form in which bbycroft/llm-viz publishes gpt-nano-sort.
//
// One object: "config" {n_layer, n_head, n_embd, vocab_size, block_size} and one member per
// state-dict entry: {"shape": [...], "dtype": "torch.float32", "data": base64 of little-endian
// FP32}. Matrices are {out, in} (torch.nn.Linear); attn.c_attn holds q, k, v one below the other;
// attn.bias is the causal mask and is not read. The MLP is 4 * n_embd wide and LayerNorm's eps is
// 1e-5. A vocabulary of up to 26 gets the letters A, B, C, ... as its tokenizer.
#pragma once

#include <vector>

#include "wren/formats/model_file.h"

namespace wren {

ModelFile LoadGptNano(const FileBytes& bytes);

// Standard base64 with padding. Throws wren::Error on any other character or length.
std::vector<uint8_t> DecodeBase64(const std::string& text);

}  // namespace wren
