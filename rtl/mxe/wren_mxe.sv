// wren_mxe: the matrix engine, Rows x Cols cells of a 32-long int8 dot product with FP32 scale and accumulation.
`include "wren_assert.svh"

module wren_mxe
  import wren_pkg::*;
#(
  parameter  int unsigned Rows     = 8,
  parameter  int unsigned Cols     = 16,
  parameter  int unsigned AbBytes  = 524288,
  parameter  int unsigned WbBytes  = 131072,
  parameter  int unsigned AccBytes = 131072,
  localparam int unsigned Part     = (Cols > 4) ? Cols / 4 : 1   // weight blocks per cycle
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  // Commands
  input  logic                            cmd_valid_i,
  output logic                            cmd_ready_o,
  input  logic [CmdBits-1:0]              cmd_i,
  output logic                            done_o,
  output bucket_e                         bucket_o,
  output logic                            numeric_o,       // pulse: an INT32 accumulation wrapped

  // AB read
  output logic                            ab_rd_en_o,
  output logic [15:0]                     ab_rd_word_o,
  input  logic [Rows-1:0][255:0]          ab_rd_data_i,
  input  logic [Rows-1:0][15:0]           ab_rd_scale_i,

  // WB read
  output logic                            wb_rd_en_o,
  output logic [15:0]                     wb_rd_addr_o,
  input  logic [Part-1:0][255:0]          wb_rd_data_i,
  input  logic [Part-1:0][15:0]           wb_rd_scale_i,

  // ACC read and write
  output logic                            acc_rd_en_o,
  output logic [15:0]                     acc_rd_word_o,
  input  logic [Rows-1:0][Cols-1:0][31:0] acc_rd_data_i,
  output logic [Rows-1:0]                 acc_wr_en_o,
  output logic [15:0]                     acc_wr_word_o,
  output logic [Rows-1:0][Cols-1:0][31:0] acc_wr_data_o
);

endmodule
