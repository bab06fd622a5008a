// wren_lut: the function tables. Every lane reads all of them; DMA loads one while others are in use.
//
// Layout     table t, entry e at byte t*4096 + e*16: c0, c1, c2; the fourth word of entries 0 to 4 is the header (flags, lo, inv, below,
//            above), captured in registers a cycle later.
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

  // The header is captured a cycle behind its entry, so that the way from LD ends in a register.
  table_t        head_q [Tables];
  logic          part_we_q;      // of a header
  logic [2:0]    part_at_q;
  logic [Tw-1:0] part_table_q;
  logic [31:0]   part_word_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) part_we_q <= 1'b0;
    else part_we_q <= we && entry[7:3] == '0;
  end
  always_ff @(posedge clk_i) begin
    if (we) begin
      part_at_q    <= entry[2:0];
      part_table_q <= Tw'(32'(entry) >> 8);
      part_word_q  <= word[3];
    end
    if (part_we_q) begin
      case (part_at_q)
        3'd0: begin
          head_q[part_table_q].mode       <= lut_mode_e'(part_word_q[1:0]);
          head_q[part_table_q].below_edge <= lut_edge_e'(part_word_q[3:2]);
          head_q[part_table_q].above_edge <= lut_edge_e'(part_word_q[5:4]);
          head_q[part_table_q].kind       <= lut_kind_e'(part_word_q[7:6]);
        end
        3'd1:    head_q[part_table_q].lo    <= part_word_q;
        3'd2:    head_q[part_table_q].inv   <= part_word_q;
        3'd3:    head_q[part_table_q].below <= wren_fp_pkg::fp32_canonical(part_word_q);
        3'd4:    head_q[part_table_q].above <= wren_fp_pkg::fp32_canonical(part_word_q);
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
