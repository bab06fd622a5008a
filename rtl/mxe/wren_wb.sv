// wren_wb: the weight buffer, sets of Cols blocks of 32 weights, int8 or packed to 4 bits each, with one 16-bit scale per block.
//
// MXE read   Part = max(1, Cols/4) blocks and their scales per cycle, so that a set takes Cols/Part cycles; address = set * (Cols/Part) + part.
//            Data the cycle after rd_en_i, held until the next rd_en_i. With rd_packed_i the blocks have 16 bytes: rd_data_o, still packed, holds the
//            part in its lower half if the address is even, else in its upper half.
// LD write   valid/ready (always ready); one Bus-aligned beat of the data plane (0) or the scale plane (1), one strobe per 16 bytes.
// Layout     set s, column c: data bytes (s*Cols + c)*32 .. (packed: *16), scale bytes (s*Cols + c)*2 ..; scales for a WB full of packed blocks.
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
  input  logic                   rd_packed_i,
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

  localparam int unsigned PartBytes = Part * 32;
  localparam int unsigned Parts     = WbBytes / PartBytes;
  localparam int unsigned Aw        = $clog2(Parts);
  localparam int unsigned Beats     = PartBytes / Bus;              // LD beats in a part
  localparam int unsigned Bw        = $clog2(Bus);
  localparam int unsigned LineParts = Bus / (2 * Part);             // parts whose scales share a line of the scale plane
  localparam int unsigned LineDepth = 2 * Parts / LineParts;
  localparam int unsigned Ls        = $clog2(LineParts);
  localparam int unsigned LineAw    = $clog2(LineDepth);

  `ASSERT_INIT(BusFits_A, Bus <= PartBytes && Bus >= 4 * Part)

  logic [Beats*Bus/16-1:0] data_we;
  logic [Bus/16-1:0]       scale_we;

  assign wr_ready_o = 1'b1;
  assign scale_we   = (wr_valid_i && wr_plane_i) ? wr_strb_i : '0;

  if (Beats > 1) begin : gen_beats
    assign data_we = (!wr_valid_i || wr_plane_i) ? '0 :
                     (Beats*Bus/16)'(wr_strb_i) << (wr_addr_i[Bw +: $clog2(Beats)] * (Bus / 16));
  end else begin : gen_beat
    assign data_we = (!wr_valid_i || wr_plane_i) ? '0 : wr_strb_i;
  end

  wren_ram_1r1w #(
    .Width(PartBytes * 8),
    .Depth(Parts),
    .Gran (128)
  ) u_data (
    .clk_i  (clk_i),
    .we_i   (data_we),
    .waddr_i(wr_addr_i[Bw + $clog2(Beats) +: Aw]),
    .wdata_i({Beats{wr_data_i}}),
    .re_i   (rd_en_i),
    .raddr_i(rd_packed_i ? rd_addr_i[Aw:1] : rd_addr_i[Aw-1:0]),
    .rdata_o(rd_data_o)
  );

  logic [LineParts-1:0][Part-1:0][15:0] line;
  logic [Ls-1:0]                        sel_q;

  wren_ram_1r1w #(
    .Width(Bus * 8),
    .Depth(LineDepth),
    .Gran (128)
  ) u_scale (
    .clk_i  (clk_i),
    .we_i   (scale_we),
    .waddr_i(wr_addr_i[Bw +: LineAw]),
    .wdata_i(wr_data_i),
    .re_i   (rd_en_i),
    .raddr_i(rd_addr_i[Ls +: LineAw]),
    .rdata_o(line)
  );

  always_ff @(posedge clk_i) begin
    if (rd_en_i) sel_q <= rd_addr_i[Ls-1:0];
  end

  assign rd_scale_o = line[sel_q];

  // Monitor: every write, one cycle later.
  logic              mon_wb_ld_valid_q;
  logic              mon_wb_ld_plane_q;
  logic [31:0]       mon_wb_ld_addr_q;
  logic [Bus*8-1:0]  mon_wb_ld_data_q;
  logic [Bus/16-1:0] mon_wb_ld_strb_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) mon_wb_ld_valid_q <= 1'b0;
    else         mon_wb_ld_valid_q <= wr_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) begin
      mon_wb_ld_plane_q <= wr_plane_i;
      mon_wb_ld_addr_q  <= wr_addr_i;
      mon_wb_ld_data_q  <= wr_data_i;
      mon_wb_ld_strb_q  <= wr_strb_i;
    end
  end

  `ASSERT(ReadInRange_A, rd_en_i -> 32'(rd_addr_i) < (rd_packed_i ? 2 * Parts : Parts))
  `ASSERT(LdInRange_A, wr_valid_i -> wr_addr_i < (wr_plane_i ? WbBytes / 8 : WbBytes))
  `ASSERT(LdAligned_A, wr_valid_i -> wr_addr_i[3:0] == 4'd0)

endmodule
