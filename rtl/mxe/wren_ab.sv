// wren_ab: the activation buffer, words of Rows blocks of 32 int8 with one 16-bit scale per block.
//
// MXE read   one word per cycle; data and scales the cycle after rd_en_i, held until the next rd_en_i.
// GTA write  one block with its scale; always accepted, goes before the LD write.
// LD write   valid/ready; one Bus-aligned beat of the data plane (0) or the scale plane (1), one strobe per 16 bytes.
//            Ready falls only while the GTA writes.
// Layout     word w, lane r: data bytes (w*Rows + r)*32 .., scale bytes (w*Rows + r)*2 ..
// Limits     Bus <= Rows*32. A word read in the cycle in which it is written returns the old content.
`include "wren_assert.svh"

module wren_ab #(
  parameter  int unsigned Rows    = 8,
  parameter  int unsigned Bus     = 64,       // bytes per LD beat
  parameter  int unsigned AbBytes = 524288,   // data plane
  localparam int unsigned Lw      = $clog2(Rows)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  // MXE read
  input  logic                  rd_en_i,
  input  logic [15:0]           rd_word_i,
  output logic [Rows-1:0][255:0] rd_data_o,
  output logic [Rows-1:0][15:0] rd_scale_o,

  // GTA write
  input  logic                  g_valid_i,
  input  logic [15:0]           g_word_i,
  input  logic [Lw-1:0]         g_lane_i,
  input  logic [255:0]          g_data_i,
  input  logic [15:0]           g_scale_i,

  // LD write
  input  logic                  wr_valid_i,
  output logic                  wr_ready_o,
  input  logic                  wr_plane_i,   // 0 data, 1 scale
  input  logic [31:0]           wr_addr_i,    // byte address in the plane, multiple of 16
  input  logic [Bus*8-1:0]      wr_data_i,
  input  logic [Bus/16-1:0]     wr_strb_i
);

endmodule
