// wren_lut: the function tables. Every lane reads all of them; DMA loads one while others are in use.
//
// Layout     table t, entry e at byte t*4096 + e*16: c0, c1, c2; the fourth word of entries 0 to 4 is the header (flags, lo, inv, below,
//            above), captured in registers.
// LD write   valid/ready; one 16-byte entry per cycle, so a beat of 64 bytes is taken in its fourth cycle.
// Reads      c0, c1, c2 of the lanes' indices, the cycle after their enable. Index: bits 7..0 of each lane's word.
// Limits     an N-port memory is N copies in hardware (wren_lut_mem).
`include "wren_assert.svh"

module wren_lut
  import wren_gta_pkg::*;
  import wren_isa_pkg::*;
#(
  parameter  int unsigned Lanes  = 32,
  parameter  int unsigned Bus    = 64,
  parameter  int unsigned Tables = 8,
  localparam int unsigned Tw     = (Tables > 1) ? $clog2(Tables) : 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  // LD write
  input  logic                   wr_valid_i,
  output logic                   wr_ready_o,
  input  logic [31:0]            wr_addr_i,
  input  logic [Bus*8-1:0]       wr_data_i,
  input  logic [Bus/16-1:0]      wr_strb_i,

  // Header of one table
  input  logic [2:0]             head_tbl_i,
  output table_t                 head_o,

  // Reads
  input  logic                   c0_en_i,
  input  logic [2:0]             c0_table_i,
  input  logic [Lanes-1:0][31:0] c0_index_i,
  output logic [Lanes-1:0][31:0] c0_o,
  input  logic                   c1_en_i,
  input  logic [2:0]             c1_table_i,
  input  logic [Lanes-1:0][31:0] c1_index_i,
  output logic [Lanes-1:0][31:0] c1_o,
  input  logic                   c2_en_i,
  input  logic [2:0]             c2_table_i,
  input  logic [Lanes-1:0][31:0] c2_index_i,
  output logic [Lanes-1:0][31:0] c2_o
);

  localparam int unsigned Entries = Tables * 256;
  localparam int unsigned Ew      = $clog2(Entries);
  localparam int unsigned Beat    = Bus / 16;             // entries in a beat
  localparam int unsigned Pw      = (Beat > 1) ? $clog2(Beat) : 1;

  // Write: one entry per cycle
  logic [Pw-1:0]     part_q;
  logic              we;
  logic [Ew-1:0]     entry;
  logic [3:0][31:0]  word;

  assign wr_ready_o = part_q == Pw'(Beat - 1);
  assign we         = wr_valid_i && wr_strb_i[part_q];
  if (Beat > 1) begin : gen_beat
    assign entry = {wr_addr_i[Ew+3:4+Pw], part_q};
  end else begin : gen_entry
    assign entry = wr_addr_i[Ew+3:4];
  end

  always_comb begin
    word = '0;
    if (wr_valid_i) word = wr_data_i[32'(part_q)*128 +: 128];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) part_q <= '0;
    else if (wr_valid_i) part_q <= wr_ready_o ? '0 : part_q + Pw'(1);
  end

  table_t head_q [Tables];
  logic [Tw-1:0] head_wr;
  assign head_wr = Tw'(32'(entry) >> 8);
  always_ff @(posedge clk_i) begin
    if (we) begin
      case (entry[7:0])
        8'd0: begin
          head_q[head_wr].mode       <= lut_mode_e'(word[3][1:0]);
          head_q[head_wr].below_edge <= lut_edge_e'(word[3][3:2]);
          head_q[head_wr].above_edge <= lut_edge_e'(word[3][5:4]);
          head_q[head_wr].kind       <= lut_kind_e'(word[3][7:6]);
        end
        8'd1:    head_q[head_wr].lo    <= word[3];
        8'd2:    head_q[head_wr].inv   <= word[3];
        8'd3:    head_q[head_wr].below <= wren_fp_pkg::fp32_canonical(word[3]);
        8'd4:    head_q[head_wr].above <= wren_fp_pkg::fp32_canonical(word[3]);
        default: ;
      endcase
    end
  end
  assign head_o = head_q[head_tbl_i[Tw-1:0]];

  // Reads
  wren_lut_mem #(.Lanes(Lanes), .Tables(Tables)) u_c0 (
    .clk_i(clk_i), .we_i(we), .waddr_i(entry), .wdata_i(word[0]),
    .en_i(c0_en_i), .table_i(c0_table_i[Tw-1:0]), .index_i(c0_index_i), .rdata_o(c0_o)
  );
  wren_lut_mem #(.Lanes(Lanes), .Tables(Tables)) u_c1 (
    .clk_i(clk_i), .we_i(we), .waddr_i(entry), .wdata_i(word[1]),
    .en_i(c1_en_i), .table_i(c1_table_i[Tw-1:0]), .index_i(c1_index_i), .rdata_o(c1_o)
  );
  wren_lut_mem #(.Lanes(Lanes), .Tables(Tables)) u_c2 (
    .clk_i(clk_i), .we_i(we), .waddr_i(entry), .wdata_i(word[2]),
    .en_i(c2_en_i), .table_i(c2_table_i[Tw-1:0]), .index_i(c2_index_i), .rdata_o(c2_o)
  );

  `ASSERT_HOLD(WriteHold_A, wr_valid_i, wr_ready_o, {wr_addr_i, wr_strb_i})
  `ASSERT(InRange_A, wr_valid_i -> wr_addr_i < Tables * 4096)

endmodule
