// Field tables of the commands, and the copies between structs and tables.
// Generated from spec/isa.yaml by `make spec`; do not edit.

#include "wren/isa/isa.h"

namespace wren::isa {
namespace {

// clang-format off
const char* const kEngineMembers[] = {"ctl", "ld", "st", "mxe", "gta"};
const EnumSpec kEngineSpec = {"engine", kEngineMembers, 5};
const char* const kExtSpaceMembers[] = {"ext", "l2"};
const EnumSpec kExtSpaceSpec = {"ext_space", kExtSpaceMembers, 2};
const char* const kLdDstMembers[] = {"ab", "ab_scale", "wb", "wb_scale", "vm", "lut", "l2"};
const EnumSpec kLdDstSpec = {"ld_dst", kLdDstMembers, 7};
const char* const kStSrcMembers[] = {"vm", "l2"};
const EnumSpec kStSrcSpec = {"st_src", kStSrcMembers, 2};
const char* const kWeightFormatMembers[] = {"q8", "q4_0", "iq4_nl", "mxfp4"};
const EnumSpec kWeightFormatSpec = {"weight_format", kWeightFormatMembers, 4};
const char* const kScaleFormatMembers[] = {"f16", "bf16"};
const EnumSpec kScaleFormatSpec = {"scale_format", kScaleFormatMembers, 2};
const char* const kLoopOrderMembers[] = {"n_outer", "k_outer"};
const EnumSpec kLoopOrderSpec = {"loop_order", kLoopOrderMembers, 2};
const char* const kXSpaceMembers[] = {"vm", "acc"};
const EnumSpec kXSpaceSpec = {"x_space", kXSpaceMembers, 2};
const char* const kXFormatMembers[] = {"f32", "f16", "bf16", "i32", "i8"};
const EnumSpec kXFormatSpec = {"x_format", kXFormatMembers, 5};
const char* const kOperandModeMembers[] = {"none", "imm", "mat", "col", "row", "blk", "self"};
const EnumSpec kOperandModeSpec = {"operand_mode", kOperandModeMembers, 7};
const char* const kOperandFormatMembers[] = {"f32", "f16", "bf16"};
const EnumSpec kOperandFormatSpec = {"operand_format", kOperandFormatMembers, 3};
const char* const kReduceOpMembers[] = {"none", "sum", "sum_fn", "max", "absmax"};
const EnumSpec kReduceOpSpec = {"reduce_op", kReduceOpMembers, 5};
const char* const kOutSpaceMembers[] = {"none", "vm", "ab"};
const EnumSpec kOutSpaceSpec = {"out_space", kOutSpaceMembers, 3};
const char* const kOutFormatMembers[] = {"f32", "f16", "bf16", "i32", "i8", "q8_0", "q8_bf16"};
const EnumSpec kOutFormatSpec = {"out_format", kOutFormatMembers, 7};
const char* const kLutModeMembers[] = {"uniform", "exp2", "mantissa"};
const EnumSpec kLutModeSpec = {"lut_mode", kLutModeMembers, 3};
const char* const kLutEdgeMembers[] = {"clamp", "extrapolate", "constant"};
const EnumSpec kLutEdgeSpec = {"lut_edge", kLutEdgeMembers, 3};
const char* const kLutKindMembers[] = {"recip", "rsqrt", "sqrt", "log2"};
const EnumSpec kLutKindSpec = {"lut_kind", kLutKindMembers, 4};

const FieldSpec kCtlNopFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
};
const BitRange kCtlNopReserved[] = {{31, 9}, {511, 128}};

const FieldSpec kCtlFenceFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
};
const BitRange kCtlFenceReserved[] = {{31, 9}, {511, 128}};

const FieldSpec kLdCopyFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"src", 128, 40, false, false, 0, 1099511627775LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"src_space", 168, 2, false, false, 0, 3, 1, -1, &kExtSpaceSpec, 0x3, -1, -1, 0, 0, 0},
    {"dst_space", 170, 3, false, false, 0, 7, 1, -1, &kLdDstSpec, 0x7f, -1, -1, 0, 0, 0},
    {"dst", 176, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"len", 208, 24, false, false, 1, 16777215, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n1", 232, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n2", 248, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n3", 264, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s1", 280, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s2", 312, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s3", 344, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"t1", 376, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t2", 408, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t3", 440, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
};
const BitRange kLdCopyReserved[] = {{31, 9}, {175, 173}, {511, 472}};

const FieldSpec kLdGatherFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"src", 128, 40, false, false, 0, 1099511627775LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"src_space", 168, 2, false, false, 0, 3, 1, -1, &kExtSpaceSpec, 0x3, -1, -1, 0, 0, 0},
    {"dst_space", 170, 3, false, false, 0, 7, 1, -1, &kLdDstSpec, 0x7f, -1, -1, 0, 0, 0},
    {"dst", 176, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"len", 208, 24, false, false, 1, 16777215, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n1", 232, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n2", 248, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n3", 264, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s1", 280, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s2", 312, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s3", 344, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"t1", 376, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t2", 408, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t3", 440, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"idx", 472, 20, false, false, 0, 1048575, 4, 3, nullptr, 0, -1, -1, 0, 0, 0},
};
const BitRange kLdGatherReserved[] = {{31, 9}, {175, 173}, {511, 492}};

const FieldSpec kLdFillFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"pattern", 128, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"dst_space", 170, 3, false, false, 0, 7, 1, -1, &kLdDstSpec, 0x7f, -1, -1, 0, 0, 0},
    {"dst", 176, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"len", 208, 24, false, false, 1, 16777215, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"n1", 232, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n2", 248, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n3", 264, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"t1", 376, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t2", 408, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t3", 440, 32, false, false, 0, 4294967295LL, 16, 2, nullptr, 0, -1, -1, 0, 0, 0},
};
const BitRange kLdFillReserved[] = {{31, 9}, {169, 160}, {175, 173}, {375, 280}, {511, 472}};

const FieldSpec kLdTransposeFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"src", 128, 40, false, false, 0, 1099511627775LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"src_space", 168, 2, false, false, 0, 3, 1, -1, &kExtSpaceSpec, 0x3, -1, -1, 0, 0, 0},
    {"dst_space", 170, 3, false, false, 0, 7, 1, -1, &kLdDstSpec, 0x4, -1, -1, 0, 0, 0},
    {"dst", 176, 32, false, false, 0, 4294967295LL, 32, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"len", 208, 24, false, false, 32, 16777215, 32, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n1", 232, 16, false, false, 32, 65535, 32, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n2", 248, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n3", 264, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s1", 280, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s2", 312, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s3", 344, 32, false, false, 0, 4294967295LL, 16, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"t1", 376, 32, false, false, 0, 4294967295LL, 32, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t2", 408, 32, false, false, 0, 4294967295LL, 32, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t3", 440, 32, false, false, 0, 4294967295LL, 32, 2, nullptr, 0, -1, -1, 0, 0, 0},
};
const BitRange kLdTransposeReserved[] = {{31, 9}, {175, 173}, {511, 472}};

const FieldSpec kStCopyFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"dst", 128, 40, false, false, 0, 1099511627775LL, 2, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"dst_space", 168, 2, false, false, 0, 3, 1, -1, &kExtSpaceSpec, 0x3, -1, -1, 0, 0, 0},
    {"src_space", 170, 3, false, false, 0, 7, 1, -1, &kStSrcSpec, 0x3, -1, -1, 0, 0, 0},
    {"src", 176, 32, false, false, 0, 4294967295LL, 2, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"len", 208, 24, false, false, 1, 16777215, 2, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n1", 232, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n2", 248, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"n3", 264, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s1", 280, 32, false, false, 0, 4294967295LL, 2, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s2", 312, 32, false, false, 0, 4294967295LL, 2, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"s3", 344, 32, false, false, 0, 4294967295LL, 2, 1, nullptr, 0, -1, -1, 0, 0, 0},
    {"t1", 376, 32, false, false, 0, 4294967295LL, 2, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t2", 408, 32, false, false, 0, 4294967295LL, 2, 2, nullptr, 0, -1, -1, 0, 0, 0},
    {"t3", 440, 32, false, false, 0, 4294967295LL, 2, 2, nullptr, 0, -1, -1, 0, 0, 0},
};
const BitRange kStCopyReserved[] = {{31, 9}, {175, 173}, {511, 472}};

const FieldSpec kMxeGemmFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"ab", 128, 16, false, false, 0, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"ab_gs", 144, 16, false, false, 0, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wb", 160, 16, false, false, 0, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wb_ns", 176, 16, false, false, 0, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wb_ks", 192, 16, false, false, 0, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"acc", 208, 16, false, false, 0, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"acc_gs", 224, 16, false, false, 0, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"rows", 240, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"ncg", 256, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"kb", 272, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"accumulate", 288, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"order", 289, 1, false, false, 0, 1, 1, -1, &kLoopOrderSpec, 0x3, -1, -1, 0, 0, 0},
    {"int_mode", 290, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"w_format", 292, 4, false, false, 0, 15, 1, -1, &kWeightFormatSpec, 0xf, -1, -1, 0, 0, 0},
    {"a_scale", 296, 2, false, false, 0, 3, 1, -1, &kScaleFormatSpec, 0x3, -1, -1, 0, 0, 0},
    {"w_scale", 298, 2, false, false, 0, 3, 1, -1, &kScaleFormatSpec, 0x3, -1, -1, 0, 0, 0},
};
const BitRange kMxeGemmReserved[] = {{31, 9}, {291, 291}, {511, 300}};

const FieldSpec kGtaOpFields[] = {
    {"opcode", 0, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"irq", 8, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"tag", 32, 32, false, false, 0, 4294967295LL, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_sem", 64, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_core", 69, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait0_cnt", 72, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_sem", 80, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_core", 85, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"wait1_cnt", 88, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_sem", 96, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_core", 101, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post0_cnt", 104, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_sem", 112, 5, false, false, 0, 31, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_core", 117, 3, false, true, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"post1_cnt", 120, 8, false, false, 0, 255, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"overlap", 9, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"bmax", 10, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"causal", 11, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"x_swap", 12, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, 22, 1, 0, 0xffffffff},
    {"diag", 16, 16, true, false, -32768, 32767, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"rows", 128, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"cols", 144, 16, false, false, 1, 65535, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"x_space", 160, 1, false, false, 0, 1, 1, -1, &kXSpaceSpec, 0x3, -1, -1, 0, 0, 0},
    {"x_format", 161, 3, false, false, 0, 7, 1, -1, &kXFormatSpec, 0x1f, -1, 22, 1, 7, 0x9},
    {"x", 164, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"x_stride", 184, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"a_mode", 204, 3, false, false, 0, 7, 1, -1, &kOperandModeSpec, 0x3f, -1, -1, 0, 0, 0},
    {"a_format", 207, 2, false, false, 0, 3, 1, -1, &kOperandFormatSpec, 0x7, 26, -1, 0, 0, 0},
    {"a", 209, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"a_stride", 229, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"b_mode", 249, 3, false, false, 0, 7, 1, -1, &kOperandModeSpec, 0x3f, -1, -1, 0, 0, 0},
    {"b_format", 252, 2, false, false, 0, 3, 1, -1, &kOperandFormatSpec, 0x7, 30, -1, 0, 0, 0},
    {"b", 254, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"b_stride", 274, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"m_mode", 294, 3, false, false, 0, 7, 1, -1, &kOperandModeSpec, 0x7f, -1, -1, 0, 0, 0},
    {"m_format", 297, 2, false, false, 0, 3, 1, -1, &kOperandFormatSpec, 0x7, 34, -1, 0, 0, 0},
    {"m", 299, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"m_stride", 319, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"c_mode", 339, 3, false, false, 0, 7, 1, -1, &kOperandModeSpec, 0x3f, -1, -1, 0, 0, 0},
    {"c_format", 342, 2, false, false, 0, 3, 1, -1, &kOperandFormatSpec, 0x7, 38, -1, 0, 0, 0},
    {"c", 344, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"c_stride", 364, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"fn", 384, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"table", 385, 3, false, false, 0, 7, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"red_op", 388, 3, false, false, 0, 7, 1, -1, &kReduceOpSpec, 0x1f, -1, -1, 0, 0, 0},
    {"red_blk", 391, 1, false, false, 0, 1, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"red", 392, 20, false, false, 0, 1048575, 4, 14, nullptr, 0, -1, -1, 0, 0, 0},
    {"red_stride", 412, 16, false, false, 0, 65535, 4, 14, nullptr, 0, -1, -1, 0, 0, 0},
    {"out_space", 428, 2, false, false, 0, 3, 1, -1, &kOutSpaceSpec, 0x7, -1, -1, 0, 0, 0},
    {"out_format", 430, 3, false, false, 0, 7, 1, -1, &kOutFormatSpec, 0x7f, 48, 48, 2, 7, 0x70},
    {"out", 433, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"out_stride", 453, 20, false, false, 0, 1048575, 1, -1, nullptr, 0, -1, -1, 0, 0, 0},
    {"out_scale", 473, 20, false, false, 0, 1048575, 2, 13, nullptr, 0, -1, -1, 0, 0, 0},
};
const BitRange kGtaOpReserved[] = {{15, 13}, {511, 493}};

const CommandSpec kCommandTable[] = {
    {"ctl.nop", Opcode::kCtlNop, Engine::kCtl, kCtlNopFields, 15, 15, kCtlNopReserved, 2},
    {"ctl.fence", Opcode::kCtlFence, Engine::kCtl, kCtlFenceFields, 15, 15, kCtlFenceReserved, 2},
    {"ld.copy", Opcode::kLdCopy, Engine::kLd, kLdCopyFields, 15, 29, kLdCopyReserved, 3},
    {"ld.gather", Opcode::kLdGather, Engine::kLd, kLdGatherFields, 15, 30, kLdGatherReserved, 3},
    {"ld.fill", Opcode::kLdFill, Engine::kLd, kLdFillFields, 15, 25, kLdFillReserved, 5},
    {"ld.transpose", Opcode::kLdTranspose, Engine::kLd, kLdTransposeFields, 15, 29, kLdTransposeReserved, 3},
    {"st.copy", Opcode::kStCopy, Engine::kSt, kStCopyFields, 15, 29, kStCopyReserved, 3},
    {"mxe.gemm", Opcode::kMxeGemm, Engine::kMxe, kMxeGemmFields, 15, 31, kMxeGemmReserved, 3},
    {"gta.op", Opcode::kGtaOp, Engine::kGta, kGtaOpFields, 15, 53, kGtaOpReserved, 2},
};

void PutHeader(Opcode opcode, const Header& h, uint64_t* v) {
  v[0] = static_cast<uint64_t>(opcode);
  v[1] = h.irq;
  v[2] = h.tag;
  v[3] = h.wait0_sem;
  v[4] = 0;
  v[5] = h.wait0_cnt;
  v[6] = h.wait1_sem;
  v[7] = 0;
  v[8] = h.wait1_cnt;
  v[9] = h.post0_sem;
  v[10] = 0;
  v[11] = h.post0_cnt;
  v[12] = h.post1_sem;
  v[13] = 0;
  v[14] = h.post1_cnt;
}

void TakeHeader(Header& h, const uint64_t* v) {
  h.irq = static_cast<uint32_t>(v[1]);
  h.tag = static_cast<uint32_t>(v[2]);
  h.wait0_sem = static_cast<uint32_t>(v[3]);
  h.wait0_cnt = static_cast<uint32_t>(v[5]);
  h.wait1_sem = static_cast<uint32_t>(v[6]);
  h.wait1_cnt = static_cast<uint32_t>(v[8]);
  h.post0_sem = static_cast<uint32_t>(v[9]);
  h.post0_cnt = static_cast<uint32_t>(v[11]);
  h.post1_sem = static_cast<uint32_t>(v[12]);
  h.post1_cnt = static_cast<uint32_t>(v[14]);
}

void Put(const CtlNop& /*c*/, uint64_t* /*v*/) {
}
void Take(CtlNop& /*c*/, const uint64_t* /*v*/) {
}
void Put(const CtlFence& /*c*/, uint64_t* /*v*/) {
}
void Take(CtlFence& /*c*/, const uint64_t* /*v*/) {
}
void Put(const LdCopy& c, uint64_t* v) {
  v[15] = static_cast<uint64_t>(c.src);
  v[16] = static_cast<uint64_t>(c.src_space);
  v[17] = static_cast<uint64_t>(c.dst_space);
  v[18] = static_cast<uint64_t>(c.dst);
  v[19] = static_cast<uint64_t>(c.len);
  v[20] = static_cast<uint64_t>(c.n1);
  v[21] = static_cast<uint64_t>(c.n2);
  v[22] = static_cast<uint64_t>(c.n3);
  v[23] = static_cast<uint64_t>(c.s1);
  v[24] = static_cast<uint64_t>(c.s2);
  v[25] = static_cast<uint64_t>(c.s3);
  v[26] = static_cast<uint64_t>(c.t1);
  v[27] = static_cast<uint64_t>(c.t2);
  v[28] = static_cast<uint64_t>(c.t3);
}
void Take(LdCopy& c, const uint64_t* v) {
  c.src = static_cast<uint64_t>(v[15]);
  c.src_space = static_cast<ExtSpace>(v[16]);
  c.dst_space = static_cast<LdDst>(v[17]);
  c.dst = static_cast<uint32_t>(v[18]);
  c.len = static_cast<uint32_t>(v[19]);
  c.n1 = static_cast<uint32_t>(v[20]);
  c.n2 = static_cast<uint32_t>(v[21]);
  c.n3 = static_cast<uint32_t>(v[22]);
  c.s1 = static_cast<uint32_t>(v[23]);
  c.s2 = static_cast<uint32_t>(v[24]);
  c.s3 = static_cast<uint32_t>(v[25]);
  c.t1 = static_cast<uint32_t>(v[26]);
  c.t2 = static_cast<uint32_t>(v[27]);
  c.t3 = static_cast<uint32_t>(v[28]);
}
void Put(const LdGather& c, uint64_t* v) {
  v[15] = static_cast<uint64_t>(c.src);
  v[16] = static_cast<uint64_t>(c.src_space);
  v[17] = static_cast<uint64_t>(c.dst_space);
  v[18] = static_cast<uint64_t>(c.dst);
  v[19] = static_cast<uint64_t>(c.len);
  v[20] = static_cast<uint64_t>(c.n1);
  v[21] = static_cast<uint64_t>(c.n2);
  v[22] = static_cast<uint64_t>(c.n3);
  v[23] = static_cast<uint64_t>(c.s1);
  v[24] = static_cast<uint64_t>(c.s2);
  v[25] = static_cast<uint64_t>(c.s3);
  v[26] = static_cast<uint64_t>(c.t1);
  v[27] = static_cast<uint64_t>(c.t2);
  v[28] = static_cast<uint64_t>(c.t3);
  v[29] = static_cast<uint64_t>(c.idx);
}
void Take(LdGather& c, const uint64_t* v) {
  c.src = static_cast<uint64_t>(v[15]);
  c.src_space = static_cast<ExtSpace>(v[16]);
  c.dst_space = static_cast<LdDst>(v[17]);
  c.dst = static_cast<uint32_t>(v[18]);
  c.len = static_cast<uint32_t>(v[19]);
  c.n1 = static_cast<uint32_t>(v[20]);
  c.n2 = static_cast<uint32_t>(v[21]);
  c.n3 = static_cast<uint32_t>(v[22]);
  c.s1 = static_cast<uint32_t>(v[23]);
  c.s2 = static_cast<uint32_t>(v[24]);
  c.s3 = static_cast<uint32_t>(v[25]);
  c.t1 = static_cast<uint32_t>(v[26]);
  c.t2 = static_cast<uint32_t>(v[27]);
  c.t3 = static_cast<uint32_t>(v[28]);
  c.idx = static_cast<uint32_t>(v[29]);
}
void Put(const LdFill& c, uint64_t* v) {
  v[15] = static_cast<uint64_t>(c.pattern);
  v[16] = static_cast<uint64_t>(c.dst_space);
  v[17] = static_cast<uint64_t>(c.dst);
  v[18] = static_cast<uint64_t>(c.len);
  v[19] = static_cast<uint64_t>(c.n1);
  v[20] = static_cast<uint64_t>(c.n2);
  v[21] = static_cast<uint64_t>(c.n3);
  v[22] = static_cast<uint64_t>(c.t1);
  v[23] = static_cast<uint64_t>(c.t2);
  v[24] = static_cast<uint64_t>(c.t3);
}
void Take(LdFill& c, const uint64_t* v) {
  c.pattern = static_cast<uint32_t>(v[15]);
  c.dst_space = static_cast<LdDst>(v[16]);
  c.dst = static_cast<uint32_t>(v[17]);
  c.len = static_cast<uint32_t>(v[18]);
  c.n1 = static_cast<uint32_t>(v[19]);
  c.n2 = static_cast<uint32_t>(v[20]);
  c.n3 = static_cast<uint32_t>(v[21]);
  c.t1 = static_cast<uint32_t>(v[22]);
  c.t2 = static_cast<uint32_t>(v[23]);
  c.t3 = static_cast<uint32_t>(v[24]);
}
void Put(const LdTranspose& c, uint64_t* v) {
  v[15] = static_cast<uint64_t>(c.src);
  v[16] = static_cast<uint64_t>(c.src_space);
  v[17] = static_cast<uint64_t>(c.dst_space);
  v[18] = static_cast<uint64_t>(c.dst);
  v[19] = static_cast<uint64_t>(c.len);
  v[20] = static_cast<uint64_t>(c.n1);
  v[21] = static_cast<uint64_t>(c.n2);
  v[22] = static_cast<uint64_t>(c.n3);
  v[23] = static_cast<uint64_t>(c.s1);
  v[24] = static_cast<uint64_t>(c.s2);
  v[25] = static_cast<uint64_t>(c.s3);
  v[26] = static_cast<uint64_t>(c.t1);
  v[27] = static_cast<uint64_t>(c.t2);
  v[28] = static_cast<uint64_t>(c.t3);
}
void Take(LdTranspose& c, const uint64_t* v) {
  c.src = static_cast<uint64_t>(v[15]);
  c.src_space = static_cast<ExtSpace>(v[16]);
  c.dst_space = static_cast<LdDst>(v[17]);
  c.dst = static_cast<uint32_t>(v[18]);
  c.len = static_cast<uint32_t>(v[19]);
  c.n1 = static_cast<uint32_t>(v[20]);
  c.n2 = static_cast<uint32_t>(v[21]);
  c.n3 = static_cast<uint32_t>(v[22]);
  c.s1 = static_cast<uint32_t>(v[23]);
  c.s2 = static_cast<uint32_t>(v[24]);
  c.s3 = static_cast<uint32_t>(v[25]);
  c.t1 = static_cast<uint32_t>(v[26]);
  c.t2 = static_cast<uint32_t>(v[27]);
  c.t3 = static_cast<uint32_t>(v[28]);
}
void Put(const StCopy& c, uint64_t* v) {
  v[15] = static_cast<uint64_t>(c.dst);
  v[16] = static_cast<uint64_t>(c.dst_space);
  v[17] = static_cast<uint64_t>(c.src_space);
  v[18] = static_cast<uint64_t>(c.src);
  v[19] = static_cast<uint64_t>(c.len);
  v[20] = static_cast<uint64_t>(c.n1);
  v[21] = static_cast<uint64_t>(c.n2);
  v[22] = static_cast<uint64_t>(c.n3);
  v[23] = static_cast<uint64_t>(c.s1);
  v[24] = static_cast<uint64_t>(c.s2);
  v[25] = static_cast<uint64_t>(c.s3);
  v[26] = static_cast<uint64_t>(c.t1);
  v[27] = static_cast<uint64_t>(c.t2);
  v[28] = static_cast<uint64_t>(c.t3);
}
void Take(StCopy& c, const uint64_t* v) {
  c.dst = static_cast<uint64_t>(v[15]);
  c.dst_space = static_cast<ExtSpace>(v[16]);
  c.src_space = static_cast<StSrc>(v[17]);
  c.src = static_cast<uint32_t>(v[18]);
  c.len = static_cast<uint32_t>(v[19]);
  c.n1 = static_cast<uint32_t>(v[20]);
  c.n2 = static_cast<uint32_t>(v[21]);
  c.n3 = static_cast<uint32_t>(v[22]);
  c.s1 = static_cast<uint32_t>(v[23]);
  c.s2 = static_cast<uint32_t>(v[24]);
  c.s3 = static_cast<uint32_t>(v[25]);
  c.t1 = static_cast<uint32_t>(v[26]);
  c.t2 = static_cast<uint32_t>(v[27]);
  c.t3 = static_cast<uint32_t>(v[28]);
}
void Put(const MxeGemm& c, uint64_t* v) {
  v[15] = static_cast<uint64_t>(c.ab);
  v[16] = static_cast<uint64_t>(c.ab_gs);
  v[17] = static_cast<uint64_t>(c.wb);
  v[18] = static_cast<uint64_t>(c.wb_ns);
  v[19] = static_cast<uint64_t>(c.wb_ks);
  v[20] = static_cast<uint64_t>(c.acc);
  v[21] = static_cast<uint64_t>(c.acc_gs);
  v[22] = static_cast<uint64_t>(c.rows);
  v[23] = static_cast<uint64_t>(c.ncg);
  v[24] = static_cast<uint64_t>(c.kb);
  v[25] = static_cast<uint64_t>(c.accumulate);
  v[26] = static_cast<uint64_t>(c.order);
  v[27] = static_cast<uint64_t>(c.int_mode);
  v[28] = static_cast<uint64_t>(c.w_format);
  v[29] = static_cast<uint64_t>(c.a_scale);
  v[30] = static_cast<uint64_t>(c.w_scale);
}
void Take(MxeGemm& c, const uint64_t* v) {
  c.ab = static_cast<uint32_t>(v[15]);
  c.ab_gs = static_cast<uint32_t>(v[16]);
  c.wb = static_cast<uint32_t>(v[17]);
  c.wb_ns = static_cast<uint32_t>(v[18]);
  c.wb_ks = static_cast<uint32_t>(v[19]);
  c.acc = static_cast<uint32_t>(v[20]);
  c.acc_gs = static_cast<uint32_t>(v[21]);
  c.rows = static_cast<uint32_t>(v[22]);
  c.ncg = static_cast<uint32_t>(v[23]);
  c.kb = static_cast<uint32_t>(v[24]);
  c.accumulate = static_cast<uint32_t>(v[25]);
  c.order = static_cast<LoopOrder>(v[26]);
  c.int_mode = static_cast<uint32_t>(v[27]);
  c.w_format = static_cast<WeightFormat>(v[28]);
  c.a_scale = static_cast<ScaleFormat>(v[29]);
  c.w_scale = static_cast<ScaleFormat>(v[30]);
}
void Put(const GtaOp& c, uint64_t* v) {
  v[15] = static_cast<uint64_t>(c.overlap);
  v[16] = static_cast<uint64_t>(c.bmax);
  v[17] = static_cast<uint64_t>(c.causal);
  v[18] = static_cast<uint64_t>(c.x_swap);
  v[19] = static_cast<uint64_t>(static_cast<int64_t>(c.diag));
  v[20] = static_cast<uint64_t>(c.rows);
  v[21] = static_cast<uint64_t>(c.cols);
  v[22] = static_cast<uint64_t>(c.x_space);
  v[23] = static_cast<uint64_t>(c.x_format);
  v[24] = static_cast<uint64_t>(c.x);
  v[25] = static_cast<uint64_t>(c.x_stride);
  v[26] = static_cast<uint64_t>(c.a_mode);
  v[27] = static_cast<uint64_t>(c.a_format);
  v[28] = static_cast<uint64_t>(c.a);
  v[29] = static_cast<uint64_t>(c.a_stride);
  v[30] = static_cast<uint64_t>(c.b_mode);
  v[31] = static_cast<uint64_t>(c.b_format);
  v[32] = static_cast<uint64_t>(c.b);
  v[33] = static_cast<uint64_t>(c.b_stride);
  v[34] = static_cast<uint64_t>(c.m_mode);
  v[35] = static_cast<uint64_t>(c.m_format);
  v[36] = static_cast<uint64_t>(c.m);
  v[37] = static_cast<uint64_t>(c.m_stride);
  v[38] = static_cast<uint64_t>(c.c_mode);
  v[39] = static_cast<uint64_t>(c.c_format);
  v[40] = static_cast<uint64_t>(c.c);
  v[41] = static_cast<uint64_t>(c.c_stride);
  v[42] = static_cast<uint64_t>(c.fn);
  v[43] = static_cast<uint64_t>(c.table);
  v[44] = static_cast<uint64_t>(c.red_op);
  v[45] = static_cast<uint64_t>(c.red_blk);
  v[46] = static_cast<uint64_t>(c.red);
  v[47] = static_cast<uint64_t>(c.red_stride);
  v[48] = static_cast<uint64_t>(c.out_space);
  v[49] = static_cast<uint64_t>(c.out_format);
  v[50] = static_cast<uint64_t>(c.out);
  v[51] = static_cast<uint64_t>(c.out_stride);
  v[52] = static_cast<uint64_t>(c.out_scale);
}
void Take(GtaOp& c, const uint64_t* v) {
  c.overlap = static_cast<uint32_t>(v[15]);
  c.bmax = static_cast<uint32_t>(v[16]);
  c.causal = static_cast<uint32_t>(v[17]);
  c.x_swap = static_cast<uint32_t>(v[18]);
  c.diag = static_cast<int32_t>(v[19]);
  c.rows = static_cast<uint32_t>(v[20]);
  c.cols = static_cast<uint32_t>(v[21]);
  c.x_space = static_cast<XSpace>(v[22]);
  c.x_format = static_cast<XFormat>(v[23]);
  c.x = static_cast<uint32_t>(v[24]);
  c.x_stride = static_cast<uint32_t>(v[25]);
  c.a_mode = static_cast<OperandMode>(v[26]);
  c.a_format = static_cast<OperandFormat>(v[27]);
  c.a = static_cast<uint32_t>(v[28]);
  c.a_stride = static_cast<uint32_t>(v[29]);
  c.b_mode = static_cast<OperandMode>(v[30]);
  c.b_format = static_cast<OperandFormat>(v[31]);
  c.b = static_cast<uint32_t>(v[32]);
  c.b_stride = static_cast<uint32_t>(v[33]);
  c.m_mode = static_cast<OperandMode>(v[34]);
  c.m_format = static_cast<OperandFormat>(v[35]);
  c.m = static_cast<uint32_t>(v[36]);
  c.m_stride = static_cast<uint32_t>(v[37]);
  c.c_mode = static_cast<OperandMode>(v[38]);
  c.c_format = static_cast<OperandFormat>(v[39]);
  c.c = static_cast<uint32_t>(v[40]);
  c.c_stride = static_cast<uint32_t>(v[41]);
  c.fn = static_cast<uint32_t>(v[42]);
  c.table = static_cast<uint32_t>(v[43]);
  c.red_op = static_cast<ReduceOp>(v[44]);
  c.red_blk = static_cast<uint32_t>(v[45]);
  c.red = static_cast<uint32_t>(v[46]);
  c.red_stride = static_cast<uint32_t>(v[47]);
  c.out_space = static_cast<OutSpace>(v[48]);
  c.out_format = static_cast<OutFormat>(v[49]);
  c.out = static_cast<uint32_t>(v[50]);
  c.out_stride = static_cast<uint32_t>(v[51]);
  c.out_scale = static_cast<uint32_t>(v[52]);
}

// What the tables say as straight code, for TryEncode and TryDecode. A command is eight words of 64 bits.
template <unsigned kLsb, unsigned kWidth>
inline uint64_t Get(const uint64_t* w) {
  constexpr unsigned kWord = kLsb / 64, kShift = kLsb % 64;
  uint64_t v = w[kWord] >> kShift;
  if constexpr (kShift + kWidth > 64) v |= w[kWord + 1] << (64 - kShift);
  return v & ((uint64_t{1} << kWidth) - 1);
}

template <unsigned kLsb, unsigned kWidth, class T>
inline void Set(uint64_t* w, T value) {
  constexpr unsigned kWord = kLsb / 64, kShift = kLsb % 64;
  const uint64_t v = static_cast<uint64_t>(value) & ((uint64_t{1} << kWidth) - 1);
  w[kWord] |= v << kShift;
  if constexpr (kShift + kWidth > 64) w[kWord + 1] |= v >> (64 - kShift);
}

template <unsigned kLsb, unsigned kWidth>
inline int32_t GetSigned(const uint64_t* w) {
  return static_cast<int32_t>(static_cast<uint32_t>(Get<kLsb, kWidth>(w)) << (32 - kWidth)) >> (32 - kWidth);
}

template <class T>
inline bool In(uint32_t legal, T value) {
  return static_cast<uint32_t>(value) < 32 && (legal >> static_cast<uint32_t>(value) & 1) != 0;
}

template <class... T>
inline uint64_t Or(T... values) {
  return (uint64_t{0} | ... | static_cast<uint64_t>(values));
}

inline bool Fits(const Header& c) {
  return !((Or(c.irq) >> 1) != 0 ||
           (Or(c.wait0_sem, c.wait1_sem, c.post0_sem, c.post1_sem) >> 5) != 0 ||
           (Or(c.wait0_cnt, c.wait1_cnt, c.post0_cnt, c.post1_cnt) >> 8) != 0);
}
inline void Pack(Opcode opcode, const Header& c, uint64_t* w) {
  Set<0, 8>(w, opcode);
  Set<8, 1>(w, c.irq);
  Set<32, 32>(w, c.tag);
  Set<64, 5>(w, c.wait0_sem);
  Set<72, 8>(w, c.wait0_cnt);
  Set<80, 5>(w, c.wait1_sem);
  Set<88, 8>(w, c.wait1_cnt);
  Set<96, 5>(w, c.post0_sem);
  Set<104, 8>(w, c.post0_cnt);
  Set<112, 5>(w, c.post1_sem);
  Set<120, 8>(w, c.post1_cnt);
}
inline void Unpack(const uint64_t* w, Header* c) {
  c->irq = static_cast<uint32_t>(Get<8, 1>(w));
  c->tag = static_cast<uint32_t>(Get<32, 32>(w));
  c->wait0_sem = static_cast<uint32_t>(Get<64, 5>(w));
  c->wait0_cnt = static_cast<uint32_t>(Get<72, 8>(w));
  c->wait1_sem = static_cast<uint32_t>(Get<80, 5>(w));
  c->wait1_cnt = static_cast<uint32_t>(Get<88, 8>(w));
  c->post0_sem = static_cast<uint32_t>(Get<96, 5>(w));
  c->post0_cnt = static_cast<uint32_t>(Get<104, 8>(w));
  c->post1_sem = static_cast<uint32_t>(Get<112, 5>(w));
  c->post1_cnt = static_cast<uint32_t>(Get<120, 8>(w));
}

inline bool Fits(const CtlNop&) { return true; }
inline bool Legal(const CtlNop&) { return true; }
inline uint32_t Misaligned(const CtlNop&) {
  return 0;
}
inline void Pack(const CtlNop&, uint64_t*) {
}
inline void Unpack(const uint64_t*, CtlNop*) {
}
inline uint64_t Reserved(const uint64_t* w, const CtlNop&) {
  return (w[0] & 0xfffffe00) | (w[1] & 0xe000e000e000e0) | (w[2] & 0xffffffffffffffff) | (w[3] & 0xffffffffffffffff) | (w[4] & 0xffffffffffffffff) | (w[5] & 0xffffffffffffffff) | (w[6] & 0xffffffffffffffff) | (w[7] & 0xffffffffffffffff);
}

inline bool Fits(const CtlFence&) { return true; }
inline bool Legal(const CtlFence&) { return true; }
inline uint32_t Misaligned(const CtlFence&) {
  return 0;
}
inline void Pack(const CtlFence&, uint64_t*) {
}
inline void Unpack(const uint64_t*, CtlFence*) {
}
inline uint64_t Reserved(const uint64_t* w, const CtlFence&) {
  return (w[0] & 0xfffffe00) | (w[1] & 0xe000e000e000e0) | (w[2] & 0xffffffffffffffff) | (w[3] & 0xffffffffffffffff) | (w[4] & 0xffffffffffffffff) | (w[5] & 0xffffffffffffffff) | (w[6] & 0xffffffffffffffff) | (w[7] & 0xffffffffffffffff);
}

inline bool Fits(const LdCopy& c) {
  return !((Or(c.src_space) >> 2) != 0 ||
           (Or(c.dst_space) >> 3) != 0 ||
           (Or(c.n1, c.n2, c.n3) >> 16) != 0 ||
           (Or(c.len) >> 24) != 0 ||
           (Or(c.src) >> 40) != 0 ||
           (Or(c.src, c.dst, c.len, c.s1, c.s2, c.s3, c.t1, c.t2, c.t3) & 15) != 0);
}
inline bool Legal(const LdCopy& c) {
  return !(!In(0x3, c.src_space) ||
           !In(0x7f, c.dst_space) ||
           c.len < 1 ||
           c.n1 < 1 ||
           c.n2 < 1 ||
           c.n3 < 1);
}
inline uint32_t Misaligned(const LdCopy& c) {
  return ((Or(c.src, c.len, c.s1, c.s2, c.s3) & 15) != 0 ? 1u << 1 : 0u) |
         ((Or(c.dst, c.t1, c.t2, c.t3) & 15) != 0 ? 1u << 2 : 0u);
}
inline void Pack(const LdCopy& c, uint64_t* w) {
  Set<128, 40>(w, c.src);
  Set<168, 2>(w, c.src_space);
  Set<170, 3>(w, c.dst_space);
  Set<176, 32>(w, c.dst);
  Set<208, 24>(w, c.len);
  Set<232, 16>(w, c.n1);
  Set<248, 16>(w, c.n2);
  Set<264, 16>(w, c.n3);
  Set<280, 32>(w, c.s1);
  Set<312, 32>(w, c.s2);
  Set<344, 32>(w, c.s3);
  Set<376, 32>(w, c.t1);
  Set<408, 32>(w, c.t2);
  Set<440, 32>(w, c.t3);
}
inline void Unpack(const uint64_t* w, LdCopy* c) {
  c->src = static_cast<uint64_t>(Get<128, 40>(w));
  c->src_space = static_cast<ExtSpace>(Get<168, 2>(w));
  c->dst_space = static_cast<LdDst>(Get<170, 3>(w));
  c->dst = static_cast<uint32_t>(Get<176, 32>(w));
  c->len = static_cast<uint32_t>(Get<208, 24>(w));
  c->n1 = static_cast<uint32_t>(Get<232, 16>(w));
  c->n2 = static_cast<uint32_t>(Get<248, 16>(w));
  c->n3 = static_cast<uint32_t>(Get<264, 16>(w));
  c->s1 = static_cast<uint32_t>(Get<280, 32>(w));
  c->s2 = static_cast<uint32_t>(Get<312, 32>(w));
  c->s3 = static_cast<uint32_t>(Get<344, 32>(w));
  c->t1 = static_cast<uint32_t>(Get<376, 32>(w));
  c->t2 = static_cast<uint32_t>(Get<408, 32>(w));
  c->t3 = static_cast<uint32_t>(Get<440, 32>(w));
}
inline uint64_t Reserved(const uint64_t* w, const LdCopy&) {
  return (w[0] & 0xfffffe00) | (w[1] & 0xe000e000e000e0) | (w[2] & 0xe00000000000) | (w[7] & 0xffffffffff000000);
}

inline bool Fits(const LdGather& c) {
  return !((Or(c.src_space) >> 2) != 0 ||
           (Or(c.dst_space) >> 3) != 0 ||
           (Or(c.n1, c.n2, c.n3) >> 16) != 0 ||
           (Or(c.idx) >> 20) != 0 ||
           (Or(c.len) >> 24) != 0 ||
           (Or(c.src) >> 40) != 0 ||
           (Or(c.idx) & 3) != 0 ||
           (Or(c.src, c.dst, c.len, c.s1, c.s2, c.s3, c.t1, c.t2, c.t3) & 15) != 0);
}
inline bool Legal(const LdGather& c) {
  return !(!In(0x3, c.src_space) ||
           !In(0x7f, c.dst_space) ||
           c.len < 1 ||
           c.n1 < 1 ||
           c.n2 < 1 ||
           c.n3 < 1);
}
inline uint32_t Misaligned(const LdGather& c) {
  return ((Or(c.src, c.len, c.s1, c.s2, c.s3) & 15) != 0 ? 1u << 1 : 0u) |
         ((Or(c.dst, c.t1, c.t2, c.t3) & 15) != 0 ? 1u << 2 : 0u) |
         ((Or(c.idx) & 3) != 0 ? 1u << 3 : 0u);
}
inline void Pack(const LdGather& c, uint64_t* w) {
  Set<128, 40>(w, c.src);
  Set<168, 2>(w, c.src_space);
  Set<170, 3>(w, c.dst_space);
  Set<176, 32>(w, c.dst);
  Set<208, 24>(w, c.len);
  Set<232, 16>(w, c.n1);
  Set<248, 16>(w, c.n2);
  Set<264, 16>(w, c.n3);
  Set<280, 32>(w, c.s1);
  Set<312, 32>(w, c.s2);
  Set<344, 32>(w, c.s3);
  Set<376, 32>(w, c.t1);
  Set<408, 32>(w, c.t2);
  Set<440, 32>(w, c.t3);
  Set<472, 20>(w, c.idx);
}
inline void Unpack(const uint64_t* w, LdGather* c) {
  c->src = static_cast<uint64_t>(Get<128, 40>(w));
  c->src_space = static_cast<ExtSpace>(Get<168, 2>(w));
  c->dst_space = static_cast<LdDst>(Get<170, 3>(w));
  c->dst = static_cast<uint32_t>(Get<176, 32>(w));
  c->len = static_cast<uint32_t>(Get<208, 24>(w));
  c->n1 = static_cast<uint32_t>(Get<232, 16>(w));
  c->n2 = static_cast<uint32_t>(Get<248, 16>(w));
  c->n3 = static_cast<uint32_t>(Get<264, 16>(w));
  c->s1 = static_cast<uint32_t>(Get<280, 32>(w));
  c->s2 = static_cast<uint32_t>(Get<312, 32>(w));
  c->s3 = static_cast<uint32_t>(Get<344, 32>(w));
  c->t1 = static_cast<uint32_t>(Get<376, 32>(w));
  c->t2 = static_cast<uint32_t>(Get<408, 32>(w));
  c->t3 = static_cast<uint32_t>(Get<440, 32>(w));
  c->idx = static_cast<uint32_t>(Get<472, 20>(w));
}
inline uint64_t Reserved(const uint64_t* w, const LdGather&) {
  return (w[0] & 0xfffffe00) | (w[1] & 0xe000e000e000e0) | (w[2] & 0xe00000000000) | (w[7] & 0xfffff00000000000);
}

inline bool Fits(const LdFill& c) {
  return !((Or(c.dst_space) >> 3) != 0 ||
           (Or(c.n1, c.n2, c.n3) >> 16) != 0 ||
           (Or(c.len) >> 24) != 0 ||
           (Or(c.dst, c.len, c.t1, c.t2, c.t3) & 15) != 0);
}
inline bool Legal(const LdFill& c) {
  return !(!In(0x7f, c.dst_space) ||
           c.len < 1 ||
           c.n1 < 1 ||
           c.n2 < 1 ||
           c.n3 < 1);
}
inline uint32_t Misaligned(const LdFill& c) {
  return ((Or(c.dst, c.len, c.t1, c.t2, c.t3) & 15) != 0 ? 1u << 2 : 0u);
}
inline void Pack(const LdFill& c, uint64_t* w) {
  Set<128, 32>(w, c.pattern);
  Set<170, 3>(w, c.dst_space);
  Set<176, 32>(w, c.dst);
  Set<208, 24>(w, c.len);
  Set<232, 16>(w, c.n1);
  Set<248, 16>(w, c.n2);
  Set<264, 16>(w, c.n3);
  Set<376, 32>(w, c.t1);
  Set<408, 32>(w, c.t2);
  Set<440, 32>(w, c.t3);
}
inline void Unpack(const uint64_t* w, LdFill* c) {
  c->pattern = static_cast<uint32_t>(Get<128, 32>(w));
  c->dst_space = static_cast<LdDst>(Get<170, 3>(w));
  c->dst = static_cast<uint32_t>(Get<176, 32>(w));
  c->len = static_cast<uint32_t>(Get<208, 24>(w));
  c->n1 = static_cast<uint32_t>(Get<232, 16>(w));
  c->n2 = static_cast<uint32_t>(Get<248, 16>(w));
  c->n3 = static_cast<uint32_t>(Get<264, 16>(w));
  c->t1 = static_cast<uint32_t>(Get<376, 32>(w));
  c->t2 = static_cast<uint32_t>(Get<408, 32>(w));
  c->t3 = static_cast<uint32_t>(Get<440, 32>(w));
}
inline uint64_t Reserved(const uint64_t* w, const LdFill&) {
  return (w[0] & 0xfffffe00) | (w[1] & 0xe000e000e000e0) | (w[2] & 0xe3ff00000000) | (w[4] & 0xffffffffff000000) | (w[5] & 0xffffffffffffff) | (w[7] & 0xffffffffff000000);
}

inline bool Fits(const LdTranspose& c) {
  return !((Or(c.src_space) >> 2) != 0 ||
           (Or(c.dst_space) >> 3) != 0 ||
           (Or(c.n1, c.n2, c.n3) >> 16) != 0 ||
           (Or(c.len) >> 24) != 0 ||
           (Or(c.src) >> 40) != 0 ||
           (Or(c.src, c.s1, c.s2, c.s3) & 15) != 0 ||
           (Or(c.dst, c.len, c.n1, c.t1, c.t2, c.t3) & 31) != 0);
}
inline bool Legal(const LdTranspose& c) {
  return !(!In(0x3, c.src_space) ||
           !In(0x4, c.dst_space) ||
           c.len < 32 ||
           c.n1 < 32 ||
           c.n2 < 1 ||
           c.n3 < 1);
}
inline uint32_t Misaligned(const LdTranspose& c) {
  return ((Or(c.src, c.s1, c.s2, c.s3) & 15) != 0 ? 1u << 1 : 0u) |
         ((Or(c.len, c.n1) & 31) != 0 ? 1u << 1 : 0u) |
         ((Or(c.dst, c.t1, c.t2, c.t3) & 31) != 0 ? 1u << 2 : 0u);
}
inline void Pack(const LdTranspose& c, uint64_t* w) {
  Set<128, 40>(w, c.src);
  Set<168, 2>(w, c.src_space);
  Set<170, 3>(w, c.dst_space);
  Set<176, 32>(w, c.dst);
  Set<208, 24>(w, c.len);
  Set<232, 16>(w, c.n1);
  Set<248, 16>(w, c.n2);
  Set<264, 16>(w, c.n3);
  Set<280, 32>(w, c.s1);
  Set<312, 32>(w, c.s2);
  Set<344, 32>(w, c.s3);
  Set<376, 32>(w, c.t1);
  Set<408, 32>(w, c.t2);
  Set<440, 32>(w, c.t3);
}
inline void Unpack(const uint64_t* w, LdTranspose* c) {
  c->src = static_cast<uint64_t>(Get<128, 40>(w));
  c->src_space = static_cast<ExtSpace>(Get<168, 2>(w));
  c->dst_space = static_cast<LdDst>(Get<170, 3>(w));
  c->dst = static_cast<uint32_t>(Get<176, 32>(w));
  c->len = static_cast<uint32_t>(Get<208, 24>(w));
  c->n1 = static_cast<uint32_t>(Get<232, 16>(w));
  c->n2 = static_cast<uint32_t>(Get<248, 16>(w));
  c->n3 = static_cast<uint32_t>(Get<264, 16>(w));
  c->s1 = static_cast<uint32_t>(Get<280, 32>(w));
  c->s2 = static_cast<uint32_t>(Get<312, 32>(w));
  c->s3 = static_cast<uint32_t>(Get<344, 32>(w));
  c->t1 = static_cast<uint32_t>(Get<376, 32>(w));
  c->t2 = static_cast<uint32_t>(Get<408, 32>(w));
  c->t3 = static_cast<uint32_t>(Get<440, 32>(w));
}
inline uint64_t Reserved(const uint64_t* w, const LdTranspose&) {
  return (w[0] & 0xfffffe00) | (w[1] & 0xe000e000e000e0) | (w[2] & 0xe00000000000) | (w[7] & 0xffffffffff000000);
}

inline bool Fits(const StCopy& c) {
  return !((Or(c.dst_space) >> 2) != 0 ||
           (Or(c.src_space) >> 3) != 0 ||
           (Or(c.n1, c.n2, c.n3) >> 16) != 0 ||
           (Or(c.len) >> 24) != 0 ||
           (Or(c.dst) >> 40) != 0 ||
           (Or(c.dst, c.src, c.len, c.s1, c.s2, c.s3, c.t1, c.t2, c.t3) & 1) != 0);
}
inline bool Legal(const StCopy& c) {
  return !(!In(0x3, c.dst_space) ||
           !In(0x3, c.src_space) ||
           c.len < 1 ||
           c.n1 < 1 ||
           c.n2 < 1 ||
           c.n3 < 1);
}
inline uint32_t Misaligned(const StCopy& c) {
  return ((Or(c.src, c.len, c.s1, c.s2, c.s3) & 1) != 0 ? 1u << 1 : 0u) |
         ((Or(c.dst, c.t1, c.t2, c.t3) & 1) != 0 ? 1u << 2 : 0u);
}
inline void Pack(const StCopy& c, uint64_t* w) {
  Set<128, 40>(w, c.dst);
  Set<168, 2>(w, c.dst_space);
  Set<170, 3>(w, c.src_space);
  Set<176, 32>(w, c.src);
  Set<208, 24>(w, c.len);
  Set<232, 16>(w, c.n1);
  Set<248, 16>(w, c.n2);
  Set<264, 16>(w, c.n3);
  Set<280, 32>(w, c.s1);
  Set<312, 32>(w, c.s2);
  Set<344, 32>(w, c.s3);
  Set<376, 32>(w, c.t1);
  Set<408, 32>(w, c.t2);
  Set<440, 32>(w, c.t3);
}
inline void Unpack(const uint64_t* w, StCopy* c) {
  c->dst = static_cast<uint64_t>(Get<128, 40>(w));
  c->dst_space = static_cast<ExtSpace>(Get<168, 2>(w));
  c->src_space = static_cast<StSrc>(Get<170, 3>(w));
  c->src = static_cast<uint32_t>(Get<176, 32>(w));
  c->len = static_cast<uint32_t>(Get<208, 24>(w));
  c->n1 = static_cast<uint32_t>(Get<232, 16>(w));
  c->n2 = static_cast<uint32_t>(Get<248, 16>(w));
  c->n3 = static_cast<uint32_t>(Get<264, 16>(w));
  c->s1 = static_cast<uint32_t>(Get<280, 32>(w));
  c->s2 = static_cast<uint32_t>(Get<312, 32>(w));
  c->s3 = static_cast<uint32_t>(Get<344, 32>(w));
  c->t1 = static_cast<uint32_t>(Get<376, 32>(w));
  c->t2 = static_cast<uint32_t>(Get<408, 32>(w));
  c->t3 = static_cast<uint32_t>(Get<440, 32>(w));
}
inline uint64_t Reserved(const uint64_t* w, const StCopy&) {
  return (w[0] & 0xfffffe00) | (w[1] & 0xe000e000e000e0) | (w[2] & 0xe00000000000) | (w[7] & 0xffffffffff000000);
}

inline bool Fits(const MxeGemm& c) {
  return !((Or(c.accumulate, c.order, c.int_mode) >> 1) != 0 ||
           (Or(c.a_scale, c.w_scale) >> 2) != 0 ||
           (Or(c.w_format) >> 4) != 0 ||
           (Or(c.ab, c.ab_gs, c.wb, c.wb_ns, c.wb_ks, c.acc, c.acc_gs, c.rows, c.ncg, c.kb) >> 16) != 0);
}
inline bool Legal(const MxeGemm& c) {
  return !(c.rows < 1 ||
           c.ncg < 1 ||
           c.kb < 1 ||
           !In(0x3, c.order) ||
           !In(0xf, c.w_format) ||
           !In(0x3, c.a_scale) ||
           !In(0x3, c.w_scale));
}
inline uint32_t Misaligned(const MxeGemm&) {
  return 0;
}
inline void Pack(const MxeGemm& c, uint64_t* w) {
  Set<128, 16>(w, c.ab);
  Set<144, 16>(w, c.ab_gs);
  Set<160, 16>(w, c.wb);
  Set<176, 16>(w, c.wb_ns);
  Set<192, 16>(w, c.wb_ks);
  Set<208, 16>(w, c.acc);
  Set<224, 16>(w, c.acc_gs);
  Set<240, 16>(w, c.rows);
  Set<256, 16>(w, c.ncg);
  Set<272, 16>(w, c.kb);
  Set<288, 1>(w, c.accumulate);
  Set<289, 1>(w, c.order);
  Set<290, 1>(w, c.int_mode);
  Set<292, 4>(w, c.w_format);
  Set<296, 2>(w, c.a_scale);
  Set<298, 2>(w, c.w_scale);
}
inline void Unpack(const uint64_t* w, MxeGemm* c) {
  c->ab = static_cast<uint32_t>(Get<128, 16>(w));
  c->ab_gs = static_cast<uint32_t>(Get<144, 16>(w));
  c->wb = static_cast<uint32_t>(Get<160, 16>(w));
  c->wb_ns = static_cast<uint32_t>(Get<176, 16>(w));
  c->wb_ks = static_cast<uint32_t>(Get<192, 16>(w));
  c->acc = static_cast<uint32_t>(Get<208, 16>(w));
  c->acc_gs = static_cast<uint32_t>(Get<224, 16>(w));
  c->rows = static_cast<uint32_t>(Get<240, 16>(w));
  c->ncg = static_cast<uint32_t>(Get<256, 16>(w));
  c->kb = static_cast<uint32_t>(Get<272, 16>(w));
  c->accumulate = static_cast<uint32_t>(Get<288, 1>(w));
  c->order = static_cast<LoopOrder>(Get<289, 1>(w));
  c->int_mode = static_cast<uint32_t>(Get<290, 1>(w));
  c->w_format = static_cast<WeightFormat>(Get<292, 4>(w));
  c->a_scale = static_cast<ScaleFormat>(Get<296, 2>(w));
  c->w_scale = static_cast<ScaleFormat>(Get<298, 2>(w));
}
inline uint64_t Reserved(const uint64_t* w, const MxeGemm&) {
  return (w[0] & 0xfffffe00) | (w[1] & 0xe000e000e000e0) | (w[4] & 0xfffff00800000000) | (w[5] & 0xffffffffffffffff) | (w[6] & 0xffffffffffffffff) | (w[7] & 0xffffffffffffffff);
}

inline bool Fits(const GtaOp& c) {
  return !((Or(c.overlap, c.bmax, c.causal, c.x_swap, c.x_space, c.fn, c.red_blk) >> 1) != 0 ||
           (Or(c.a_format, c.b_format, c.m_format, c.c_format, c.out_space) >> 2) != 0 ||
           (Or(c.x_format, c.a_mode, c.b_mode, c.m_mode, c.c_mode, c.table, c.red_op, c.out_format) >> 3) != 0 ||
           (Or(c.rows, c.cols, c.red_stride) >> 16) != 0 ||
           (Or(c.x, c.x_stride, c.a, c.a_stride, c.b, c.b_stride, c.m, c.m_stride, c.c, c.c_stride, c.red, c.out, c.out_stride, c.out_scale) >> 20) != 0 ||
           (c.diag < -32768 || c.diag > 32767) ||
           (Or(c.out_scale) & 1) != 0 ||
           (Or(c.red, c.red_stride) & 3) != 0);
}
inline bool Legal(const GtaOp& c) {
  return !((c.x_space == XSpace::kAcc && c.x_swap > 0) ||
           c.rows < 1 ||
           c.cols < 1 ||
           !In(0x3, c.x_space) ||
           !In(0x1f, c.x_format) ||
           (c.x_space == XSpace::kAcc && !In(0x9, c.x_format)) ||
           !In(0x3f, c.a_mode) ||
           (static_cast<uint32_t>(c.a_mode) != 0 && (!In(0x7, c.a_format))) ||
           !In(0x3f, c.b_mode) ||
           (static_cast<uint32_t>(c.b_mode) != 0 && (!In(0x7, c.b_format))) ||
           !In(0x7f, c.m_mode) ||
           (static_cast<uint32_t>(c.m_mode) != 0 && (!In(0x7, c.m_format))) ||
           !In(0x3f, c.c_mode) ||
           (static_cast<uint32_t>(c.c_mode) != 0 && (!In(0x7, c.c_format))) ||
           !In(0x1f, c.red_op) ||
           !In(0x7, c.out_space) ||
           (static_cast<uint32_t>(c.out_space) != 0 && (!In(0x7f, c.out_format) || (c.out_space == OutSpace::kAb && !In(0x70, c.out_format)))));
}
inline uint32_t Misaligned(const GtaOp& c) {
  return ((Or(c.out_scale) & 1) != 0 ? 1u << 13 : 0u) |
         ((Or(c.red, c.red_stride) & 3) != 0 ? 1u << 14 : 0u);
}
inline void Pack(const GtaOp& c, uint64_t* w) {
  Set<9, 1>(w, c.overlap);
  Set<10, 1>(w, c.bmax);
  Set<11, 1>(w, c.causal);
  Set<12, 1>(w, c.x_swap);
  Set<16, 16>(w, c.diag);
  Set<128, 16>(w, c.rows);
  Set<144, 16>(w, c.cols);
  Set<160, 1>(w, c.x_space);
  Set<161, 3>(w, c.x_format);
  Set<164, 20>(w, c.x);
  Set<184, 20>(w, c.x_stride);
  Set<204, 3>(w, c.a_mode);
  Set<207, 2>(w, c.a_format);
  Set<209, 20>(w, c.a);
  Set<229, 20>(w, c.a_stride);
  Set<249, 3>(w, c.b_mode);
  Set<252, 2>(w, c.b_format);
  Set<254, 20>(w, c.b);
  Set<274, 20>(w, c.b_stride);
  Set<294, 3>(w, c.m_mode);
  Set<297, 2>(w, c.m_format);
  Set<299, 20>(w, c.m);
  Set<319, 20>(w, c.m_stride);
  Set<339, 3>(w, c.c_mode);
  Set<342, 2>(w, c.c_format);
  Set<344, 20>(w, c.c);
  Set<364, 20>(w, c.c_stride);
  Set<384, 1>(w, c.fn);
  Set<385, 3>(w, c.table);
  Set<388, 3>(w, c.red_op);
  Set<391, 1>(w, c.red_blk);
  Set<392, 20>(w, c.red);
  Set<412, 16>(w, c.red_stride);
  Set<428, 2>(w, c.out_space);
  Set<430, 3>(w, c.out_format);
  Set<433, 20>(w, c.out);
  Set<453, 20>(w, c.out_stride);
  Set<473, 20>(w, c.out_scale);
}
inline void Unpack(const uint64_t* w, GtaOp* c) {
  c->overlap = static_cast<uint32_t>(Get<9, 1>(w));
  c->bmax = static_cast<uint32_t>(Get<10, 1>(w));
  c->causal = static_cast<uint32_t>(Get<11, 1>(w));
  c->x_swap = static_cast<uint32_t>(Get<12, 1>(w));
  c->diag = GetSigned<16, 16>(w);
  c->rows = static_cast<uint32_t>(Get<128, 16>(w));
  c->cols = static_cast<uint32_t>(Get<144, 16>(w));
  c->x_space = static_cast<XSpace>(Get<160, 1>(w));
  c->x_format = static_cast<XFormat>(Get<161, 3>(w));
  c->x = static_cast<uint32_t>(Get<164, 20>(w));
  c->x_stride = static_cast<uint32_t>(Get<184, 20>(w));
  c->a_mode = static_cast<OperandMode>(Get<204, 3>(w));
  c->a_format = static_cast<OperandFormat>(Get<207, 2>(w));
  c->a = static_cast<uint32_t>(Get<209, 20>(w));
  c->a_stride = static_cast<uint32_t>(Get<229, 20>(w));
  c->b_mode = static_cast<OperandMode>(Get<249, 3>(w));
  c->b_format = static_cast<OperandFormat>(Get<252, 2>(w));
  c->b = static_cast<uint32_t>(Get<254, 20>(w));
  c->b_stride = static_cast<uint32_t>(Get<274, 20>(w));
  c->m_mode = static_cast<OperandMode>(Get<294, 3>(w));
  c->m_format = static_cast<OperandFormat>(Get<297, 2>(w));
  c->m = static_cast<uint32_t>(Get<299, 20>(w));
  c->m_stride = static_cast<uint32_t>(Get<319, 20>(w));
  c->c_mode = static_cast<OperandMode>(Get<339, 3>(w));
  c->c_format = static_cast<OperandFormat>(Get<342, 2>(w));
  c->c = static_cast<uint32_t>(Get<344, 20>(w));
  c->c_stride = static_cast<uint32_t>(Get<364, 20>(w));
  c->fn = static_cast<uint32_t>(Get<384, 1>(w));
  c->table = static_cast<uint32_t>(Get<385, 3>(w));
  c->red_op = static_cast<ReduceOp>(Get<388, 3>(w));
  c->red_blk = static_cast<uint32_t>(Get<391, 1>(w));
  c->red = static_cast<uint32_t>(Get<392, 20>(w));
  c->red_stride = static_cast<uint32_t>(Get<412, 16>(w));
  c->out_space = static_cast<OutSpace>(Get<428, 2>(w));
  c->out_format = static_cast<OutFormat>(Get<430, 3>(w));
  c->out = static_cast<uint32_t>(Get<433, 20>(w));
  c->out_stride = static_cast<uint32_t>(Get<453, 20>(w));
  c->out_scale = static_cast<uint32_t>(Get<473, 20>(w));
}
inline uint64_t Reserved(const uint64_t* w, const GtaOp&) {
  return (w[0] & 0xe000) | (w[1] & 0xe000e000e000e0) | (w[7] & 0xffffe00000000000);
}

template <class C>
bool Take(const uint64_t* w, Command* command, uint32_t* misaligned) {
  C& c = command->emplace<C>();
  Unpack(w, static_cast<Header*>(&c));
  Unpack(w, &c);
  *misaligned = Misaligned(c);
  return Reserved(w, c) == 0 && Legal(c);
}
// clang-format on

}  // namespace

const CommandSpec* const kCommands = kCommandTable;
const size_t kCommandCount = 9;

const char* ToString(Engine value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kEngineSpec.count && kEngineSpec.members[i] ? kEngineSpec.members[i] : "?";
}
const char* ToString(ExtSpace value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kExtSpaceSpec.count && kExtSpaceSpec.members[i] ? kExtSpaceSpec.members[i] : "?";
}
const char* ToString(LdDst value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kLdDstSpec.count && kLdDstSpec.members[i] ? kLdDstSpec.members[i] : "?";
}
const char* ToString(StSrc value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kStSrcSpec.count && kStSrcSpec.members[i] ? kStSrcSpec.members[i] : "?";
}
const char* ToString(WeightFormat value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kWeightFormatSpec.count && kWeightFormatSpec.members[i] ? kWeightFormatSpec.members[i] : "?";
}
const char* ToString(ScaleFormat value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kScaleFormatSpec.count && kScaleFormatSpec.members[i] ? kScaleFormatSpec.members[i] : "?";
}
const char* ToString(LoopOrder value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kLoopOrderSpec.count && kLoopOrderSpec.members[i] ? kLoopOrderSpec.members[i] : "?";
}
const char* ToString(XSpace value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kXSpaceSpec.count && kXSpaceSpec.members[i] ? kXSpaceSpec.members[i] : "?";
}
const char* ToString(XFormat value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kXFormatSpec.count && kXFormatSpec.members[i] ? kXFormatSpec.members[i] : "?";
}
const char* ToString(OperandMode value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kOperandModeSpec.count && kOperandModeSpec.members[i] ? kOperandModeSpec.members[i] : "?";
}
const char* ToString(OperandFormat value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kOperandFormatSpec.count && kOperandFormatSpec.members[i] ? kOperandFormatSpec.members[i] : "?";
}
const char* ToString(ReduceOp value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kReduceOpSpec.count && kReduceOpSpec.members[i] ? kReduceOpSpec.members[i] : "?";
}
const char* ToString(OutSpace value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kOutSpaceSpec.count && kOutSpaceSpec.members[i] ? kOutSpaceSpec.members[i] : "?";
}
const char* ToString(OutFormat value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kOutFormatSpec.count && kOutFormatSpec.members[i] ? kOutFormatSpec.members[i] : "?";
}
const char* ToString(LutMode value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kLutModeSpec.count && kLutModeSpec.members[i] ? kLutModeSpec.members[i] : "?";
}
const char* ToString(LutEdge value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kLutEdgeSpec.count && kLutEdgeSpec.members[i] ? kLutEdgeSpec.members[i] : "?";
}
const char* ToString(LutKind value) {
  const uint32_t i = static_cast<uint32_t>(value);
  return i < kLutKindSpec.count && kLutKindSpec.members[i] ? kLutKindSpec.members[i] : "?";
}

void GetValues(const Command& command, uint64_t* values) {
  std::visit(
      [values](const auto& c) {
        PutHeader(c.kOpcode, c, values);
        Put(c, values);
      },
      command);
}

Command FromValues(Opcode opcode, const uint64_t* values) {
  Command command;
  switch (opcode) {
    case Opcode::kCtlNop:
      command = CtlNop{};
      break;
    case Opcode::kCtlFence:
      command = CtlFence{};
      break;
    case Opcode::kLdCopy:
      command = LdCopy{};
      break;
    case Opcode::kLdGather:
      command = LdGather{};
      break;
    case Opcode::kLdFill:
      command = LdFill{};
      break;
    case Opcode::kLdTranspose:
      command = LdTranspose{};
      break;
    case Opcode::kStCopy:
      command = StCopy{};
      break;
    case Opcode::kMxeGemm:
      command = MxeGemm{};
      break;
    case Opcode::kGtaOp:
      command = GtaOp{};
      break;
  }
  std::visit(
      [values](auto& c) {
        TakeHeader(c, values);
        Take(c, values);
      },
      command);
  return command;
}

bool TryEncode(const Command& command, Bytes* bytes) {
  uint64_t words[kCommandBytes / 8] = {};
  const bool legal = std::visit(
      [&words](const auto& c) {
        const Header& header = c;
        Pack(c.kOpcode, header, words);
        Pack(c, words);
        return Fits(header) && Fits(c) && Legal(c);
      },
      command);
  std::memcpy(bytes->data(), words, kCommandBytes);
  return legal;
}

bool TryDecode(const Bytes& bytes, Command* command, uint32_t* misaligned) {
  uint64_t words[kCommandBytes / 8];
  std::memcpy(words, bytes.data(), kCommandBytes);
  switch (static_cast<Opcode>(bytes[0])) {
    case Opcode::kCtlNop:
      return Take<CtlNop>(words, command, misaligned);
    case Opcode::kCtlFence:
      return Take<CtlFence>(words, command, misaligned);
    case Opcode::kLdCopy:
      return Take<LdCopy>(words, command, misaligned);
    case Opcode::kLdGather:
      return Take<LdGather>(words, command, misaligned);
    case Opcode::kLdFill:
      return Take<LdFill>(words, command, misaligned);
    case Opcode::kLdTranspose:
      return Take<LdTranspose>(words, command, misaligned);
    case Opcode::kStCopy:
      return Take<StCopy>(words, command, misaligned);
    case Opcode::kMxeGemm:
      return Take<MxeGemm>(words, command, misaligned);
    case Opcode::kGtaOp:
      return Take<GtaOp>(words, command, misaligned);
  }
  return false;
}

}  // namespace wren::isa
