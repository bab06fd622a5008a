// wren_acc: the accumulators, words of Rows x Cols values of 32 bits, in four banks (top address bits) of two halves (lowest address bit).
//
// MXE        one read and one write per cycle, always accepted. Read data the cycle after mx_rd_en_i; held until the next read.
//            Writes have one enable per row.
// GTA read   row x_row_i of the words x_word_i (even) and x_word_i + 1: 2*Cols values, lower word first, the cycle after x_valid_i && x_ready_o.
//            Ready falls while the MXE reads in the same bank. x_data_o is 0 in other cycles.
// Limits     A word read in the cycle in which it is written returns the old content.
`include "wren_assert.svh"

module wren_acc #(
  parameter  int unsigned Rows     = 8,
  parameter  int unsigned Cols     = 16,
  parameter  int unsigned AccBytes = 131072,
  localparam int unsigned Lw       = $clog2(Rows)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  // MXE read and write
  input  logic                            mx_rd_en_i,
  input  logic [15:0]                     mx_rd_word_i,
  output logic [Rows-1:0][Cols-1:0][31:0] mx_rd_data_o,
  input  logic [Rows-1:0]                 mx_wr_en_i,
  input  logic [15:0]                     mx_wr_word_i,
  input  logic [Rows-1:0][Cols-1:0][31:0] mx_wr_data_i,

  // GTA read
  input  logic                            x_valid_i,
  output logic                            x_ready_o,
  input  logic [15:0]                     x_word_i,
  input  logic [Lw-1:0]                   x_row_i,
  output logic [2*Cols-1:0][31:0]         x_data_o
);

endmodule
