// llama2.c legacy checkpoints (version 0 of its export script).
// Source: karpathy/llama2.c, run.c (Config, memory_map_weights) and its tokenizer.bin.
//
// Checkpoint, little-endian:
//   int32  dim, hidden, layers, heads, kv_heads, vocab (negative: output.weight is separate),
//   context FP32   token_embd; then kind by kind, each over all layers: attn_norm, q, k, v, o,
//   ffn_norm,
//          w1 (gate), w2 (down), w3 (up); then the final norm; two RoPE tables of
//          context * head_dim / 2, not read; output.weight when separate
// The file's size must be exactly that. RMSNorm eps is 1e-5 and the RoPE base 10,000.
//
// Tokenizer: int32 longest piece; per token: float score, int32 length, bytes. Token 0 is unknown,
// 1 begins and 2 ends.
#pragma once

#include "wren/formats/model_file.h"

namespace wren {

// `tokenizer` may be null: the model then has none.
ModelFile LoadLlama2c(const FileBytes& checkpoint, const FileBytes* tokenizer);

// `vocab` is the model's; a file with fewer or more tokens throws.
Tokenizer LoadLlama2cTokenizer(const FileBytes& bytes, int vocab);

}  // namespace wren
