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

  localparam int unsigned Words     = AbBytes / (Rows * 32);
  localparam int unsigned Aw        = $clog2(Words);
  localparam int unsigned WordBits  = Rows * 256;
  localparam int unsigned We        = WordBits / 128;
  localparam int unsigned Beats     = Rows * 32 / Bus;              // LD beats in a data word
  localparam int unsigned Bw        = $clog2(Bus);
  localparam int unsigned LineWords = Bus / (2 * Rows);             // words whose scales share a line of the scale plane
  localparam int unsigned LineDepth = Words / LineWords;
  localparam int unsigned Ls        = $clog2(LineWords);
  localparam int unsigned LineAw    = $clog2(LineDepth);

  `ASSERT_INIT(BusFits_A, Bus <= Rows * 32 && Bus >= 4 * Rows && Rows >= 2)

  // One write per cycle to either plane: the GTA's block, or else the LD's beat.
  logic                    ld_write;
  logic [Beats*Bus/16-1:0] ld_we;
  logic [We-1:0]           data_we;
  logic [Aw-1:0]           data_waddr;
  logic [WordBits-1:0]     data_wdata;
  logic [Bus/2-1:0]        scale_we;
  logic [LineAw-1:0]       scale_waddr;
  logic [Bus*8-1:0]        scale_wdata;

  assign wr_ready_o = !g_valid_i;
  assign ld_write   = wr_valid_i && wr_ready_o;

  // Position of the GTA's scale in its line: the word's place, then the lane.
  logic [$clog2(Bus/2)-1:0] g_place;
  assign g_place = {g_word_i[Ls-1:0], g_lane_i};

  function automatic logic [Bus/2-1:0] per_scale(input logic [Bus/16-1:0] strb);
    for (int unsigned i = 0; i < Bus / 2; i++) per_scale[i] = strb[i/8];
  endfunction

  if (Beats > 1) begin : gen_beats
    assign ld_we = (Beats*Bus/16)'(wr_strb_i) << (wr_addr_i[Bw +: $clog2(Beats)] * (Bus / 16));
  end else begin : gen_beat
    assign ld_we = wr_strb_i;
  end

  always_comb begin
    data_we     = '0;
    data_waddr  = wr_addr_i[Bw + $clog2(Beats) +: Aw];
    data_wdata  = {Beats{wr_data_i}};
    scale_we    = '0;
    scale_waddr = wr_addr_i[Bw +: LineAw];
    scale_wdata = wr_data_i;
    if (g_valid_i) begin
      data_we     = We'(3) << {g_lane_i, 1'b0};
      data_waddr  = g_word_i[Aw-1:0];
      data_wdata  = {Rows{g_data_i}};
      scale_we    = (Bus/2)'(1) << g_place;
      scale_waddr = g_word_i[Ls +: LineAw];
      scale_wdata = {(Bus/2){g_scale_i}};
    end else if (ld_write && !wr_plane_i) begin
      data_we     = ld_we;
    end else if (ld_write) begin
      scale_we    = per_scale(wr_strb_i);
    end
  end

  wren_ram_1r1w #(
    .Width(WordBits),
    .Depth(Words),
    .Gran (128)
  ) u_data (
    .clk_i  (clk_i),
    .we_i   (data_we),
    .waddr_i(data_waddr),
    .wdata_i(data_wdata),
    .re_i   (rd_en_i),
    .raddr_i(rd_word_i[Aw-1:0]),
    .rdata_o(rd_data_o)
  );

  logic [LineWords-1:0][Rows-1:0][15:0] line;
  logic [Ls-1:0]                        sel_q;

  wren_ram_1r1w #(
    .Width(Bus * 8),
    .Depth(LineDepth),
    .Gran (16)
  ) u_scale (
    .clk_i  (clk_i),
    .we_i   (scale_we),
    .waddr_i(scale_waddr),
    .wdata_i(scale_wdata),
    .re_i   (rd_en_i),
    .raddr_i(rd_word_i[Ls +: LineAw]),
    .rdata_o(line)
  );

  always_ff @(posedge clk_i) begin
    if (rd_en_i) sel_q <= rd_word_i[Ls-1:0];
  end

  assign rd_scale_o = line[sel_q];

  // Monitors: every write, one cycle later.
  logic              mon_ab_g_valid_q;
  logic [15:0]       mon_ab_g_word_q;
  logic [Lw-1:0]     mon_ab_g_lane_q;
  logic [255:0]      mon_ab_g_data_q;
  logic [15:0]       mon_ab_g_scale_q;
  logic              mon_ab_ld_valid_q;
  logic              mon_ab_ld_plane_q;
  logic [31:0]       mon_ab_ld_addr_q;
  logic [Bus*8-1:0]  mon_ab_ld_data_q;
  logic [Bus/16-1:0] mon_ab_ld_strb_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mon_ab_g_valid_q  <= 1'b0;
      mon_ab_ld_valid_q <= 1'b0;
    end else begin
      mon_ab_g_valid_q  <= g_valid_i;
      mon_ab_ld_valid_q <= ld_write;
    end
  end

  always_ff @(posedge clk_i) begin
    if (g_valid_i) begin
      mon_ab_g_word_q  <= g_word_i;
      mon_ab_g_lane_q  <= g_lane_i;
      mon_ab_g_data_q  <= g_data_i;
      mon_ab_g_scale_q <= g_scale_i;
    end
    if (ld_write) begin
      mon_ab_ld_plane_q <= wr_plane_i;
      mon_ab_ld_addr_q  <= wr_addr_i;
      mon_ab_ld_data_q  <= wr_data_i;
      mon_ab_ld_strb_q  <= wr_strb_i;
    end
  end

  `ASSERT(ReadInRange_A, rd_en_i -> 32'(rd_word_i) < Words)
  `ASSERT(GtaInRange_A, g_valid_i -> 32'(g_word_i) < Words)
  `ASSERT(LdInRange_A, wr_valid_i -> wr_addr_i < (wr_plane_i ? AbBytes / 16 : AbBytes))
  `ASSERT(LdAligned_A, wr_valid_i -> wr_addr_i[3:0] == 4'd0)
  `ASSERT_HOLD(LdHold_A, wr_valid_i, wr_ready_o, {wr_plane_i, wr_addr_i, wr_strb_i})

endmodule
