// wren_wb: the weight buffer, sets of Cols blocks of 32 int8 with one 16-bit scale per block.
//
// MXE read   Part = max(1, Cols/4) blocks and their scales per cycle, so that a set takes Cols/Part cycles; address = set * (Cols/Part) + part.
//            Data the cycle after rd_en_i, held until the next rd_en_i.
// LD write   valid/ready (always ready); one Bus-aligned beat of the data plane (0) or the scale plane (1), one strobe per 16 bytes.
// Layout     set s, column c: data bytes (s*Cols + c)*32 .., scale bytes (s*Cols + c)*2 ..
// Limits     Part*2 <= Bus <= Part*32. A word read in the cycle in which it is written returns the old content.
`include "wren_assert.svh"

module wren_wb #(
  parameter  int unsigned Cols    = 16,
  parameter  int unsigned Bus     = 64,       // bytes per LD beat
  parameter  int unsigned WbBytes = 131072,   // data plane
  localparam int unsigned Part    = (Cols > 4) ? Cols / 4 : 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  // MXE read
  input  logic                   rd_en_i,
  input  logic [15:0]            rd_addr_i,
  output logic [Part-1:0][255:0] rd_data_o,
  output logic [Part-1:0][15:0]  rd_scale_o,

  // LD write
  input  logic                   wr_valid_i,
  output logic                   wr_ready_o,
  input  logic                   wr_plane_i,  // 0 data, 1 scale
  input  logic [31:0]            wr_addr_i,   // byte address in the plane, multiple of 16
  input  logic [Bus*8-1:0]       wr_data_i,
  input  logic [Bus/16-1:0]      wr_strb_i
);

endmodule
