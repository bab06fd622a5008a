// wren_gta: the vector engine. Runs gta.op commands: fetch, convert, multiply-add, block maximum, table function, multiply-add,
// reduce, convert or quantize, store. Arithmetic and order of writes: docs/spec-notes.md.
//
// Command     valid/ready; up to two commands are in the engine. done_o pulses once per command, in order, when all its writes are taken.
// VM, ACC     see wren_vm and wren_acc: reads have data in the cycle after the grant.
// AB          one block with its scale per cycle, always taken.
// LUT write   valid/ready; a beat is taken when its last 16-byte entry is written, one entry per cycle.
// Timing      one beat of Lanes elements per cycle unless operands collide in a bank of VM or ACC.
`include "wren_assert.svh"

module wren_gta
  import wren_pkg::*;
#(
  parameter  int unsigned Rows     = 8,       // rows of an AB or ACC word
  parameter  int unsigned Cols     = 16,      // columns of an ACC word; Lanes = 2*Cols
  parameter  int unsigned Lanes    = 32,
  parameter  int unsigned Bus      = 64,      // bytes per DMA beat
  parameter  int unsigned VmBytes  = 262144,
  parameter  int unsigned AccWords = 256,
  parameter  int unsigned AbWords  = 2048,
  parameter  int unsigned Tables   = 8,
  localparam int unsigned VmWords  = VmBytes / (Lanes * 4),
  localparam int unsigned Iw       = $clog2(VmWords) - 2,
  localparam int unsigned Lw       = $clog2(Rows)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // Commands
  input  logic                    cmd_valid_i,
  output logic                    cmd_ready_o,
  input  logic [CmdBits-1:0]      cmd_i,
  output logic                    done_o,
  output bucket_e                 bucket_o,
  output logic                    numeric_o,          // pulse: a conversion saturated or met NaN or infinity

  // VM
  output logic [3:0]              g_rd_en_o,
  output logic [3:0][Iw-1:0]      g_rd_idx_o,
  input  logic [Lanes-1:0][31:0]  g_rd_data_i [4],
  output logic                    g_wr_valid_o,
  output logic [VmAddrWidth-1:0]  g_wr_addr_o,
  output logic [Lanes-1:0][31:0]  g_wr_data_o,
  output logic [Lanes*2-1:0]      g_wr_strb_o,
  output logic                    osc_valid_o,
  input  logic                    osc_ready_i,
  output logic [VmAddrWidth-1:0]  osc_addr_o,
  output logic [15:0]             osc_data_o,
  output logic                    red_valid_o,
  input  logic                    red_ready_i,
  output logic [VmAddrWidth-1:0]  red_addr_o,
  output logic [31:0]             red_data_o,

  // ACC
  output logic                    x_valid_o,
  input  logic                    x_ready_i,
  output logic [15:0]             x_word_o,           // even
  output logic [Lw-1:0]           x_row_o,
  input  logic [2*Cols-1:0][31:0] x_data_i,

  // AB
  output logic                    ab_valid_o,
  output logic [15:0]             ab_word_o,
  output logic [Lw-1:0]           ab_lane_o,
  output logic [255:0]            ab_data_o,
  output logic [15:0]             ab_scale_o,

  // LUT write from LD
  input  logic                    lut_wr_valid_i,
  output logic                    lut_wr_ready_o,
  input  logic [31:0]             lut_wr_addr_i,      // byte address, Bus-aligned
  input  logic [Bus*8-1:0]        lut_wr_data_i,
  input  logic [Bus/16-1:0]       lut_wr_strb_i
);

endmodule
