// wren_acc: the accumulators, words of Rows x Cols values of 32 bits, in four banks (top address bits) of two halves (lowest address bit).
//
// MXE        one read and one write per cycle, always accepted. Read data the cycle after mx_rd_en_i, in that cycle only. Writes have one
//            enable per row.
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

  localparam int unsigned WordBits = Rows * Cols * 32;
  localparam int unsigned RowBits  = Cols * 32;
  localparam int unsigned Words    = AccBytes / (Rows * Cols * 4);
  localparam int unsigned Aw       = $clog2(Words);
  localparam int unsigned Ra       = Aw - 3;                        // address inside a RAM

  `ASSERT_INIT(WordsPower_A, Words == 2 ** Aw && Words >= 16)

  logic [1:0]    rd_bank, x_bank, x_bank_q;
  logic [2:0]    rd_sel_q;
  logic          x_grant, x_grant_q;
  logic [Lw-1:0] x_row_q;

  assign rd_bank   = mx_rd_word_i[Aw-1 -: 2];
  assign x_bank    = x_word_i[Aw-1 -: 2];
  assign x_ready_o = !(mx_rd_en_i && rd_bank == x_bank);
  assign x_grant   = x_valid_i && x_ready_o;

  // RAM 2*b + h: bank b, half h. rdata is a word as it leaves that RAM.
  for (genvar i = 0; i < 8; i++) begin : gen_ram
    logic                rd_here, x_here, wr_here;
    logic [WordBits-1:0] rdata;

    assign rd_here = mx_rd_en_i && rd_bank == 2'(i / 2) && mx_rd_word_i[0] == 1'(i % 2);
    assign x_here  = x_grant && x_bank == 2'(i / 2);
    assign wr_here = mx_wr_word_i[Aw-1 -: 2] == 2'(i / 2) && mx_wr_word_i[0] == 1'(i % 2);

    wren_ram_1r1w #(
      .Width(WordBits),
      .Depth(Words / 8),
      .Gran (RowBits)
    ) u_ram (
      .clk_i  (clk_i),
      .we_i   (wr_here ? mx_wr_en_i : '0),
      .waddr_i(mx_wr_word_i[1 +: Ra]),
      .wdata_i(mx_wr_data_i),
      .re_i   (rd_here || x_here),
      .raddr_i(rd_here ? mx_rd_word_i[1 +: Ra] : x_word_i[1 +: Ra]),
      .rdata_o(rdata)
    );
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) x_grant_q <= 1'b0;
    else         x_grant_q <= x_grant;
  end

  always_ff @(posedge clk_i) begin
    if (mx_rd_en_i) begin
      rd_sel_q <= {rd_bank, mx_rd_word_i[0]};
    end
    if (x_grant) begin
      x_bank_q <= x_bank;
      x_row_q  <= x_row_i;
    end
  end

  // Separate assignments, not a case and not an array of RAM outputs: a simulator then moves one word or two, not eight.
  always_comb begin
    mx_rd_data_o = gen_ram[0].rdata;
    if (rd_sel_q == 3'd1) mx_rd_data_o = gen_ram[1].rdata;
    if (rd_sel_q == 3'd2) mx_rd_data_o = gen_ram[2].rdata;
    if (rd_sel_q == 3'd3) mx_rd_data_o = gen_ram[3].rdata;
    if (rd_sel_q == 3'd4) mx_rd_data_o = gen_ram[4].rdata;
    if (rd_sel_q == 3'd5) mx_rd_data_o = gen_ram[5].rdata;
    if (rd_sel_q == 3'd6) mx_rd_data_o = gen_ram[6].rdata;
    if (rd_sel_q == 3'd7) mx_rd_data_o = gen_ram[7].rdata;
  end

  always_comb begin
    x_data_o = '0;
    if (x_grant_q) begin
      unique case (x_bank_q)
        2'd0:    x_data_o = {gen_ram[1].rdata[x_row_q*RowBits +: RowBits], gen_ram[0].rdata[x_row_q*RowBits +: RowBits]};
        2'd1:    x_data_o = {gen_ram[3].rdata[x_row_q*RowBits +: RowBits], gen_ram[2].rdata[x_row_q*RowBits +: RowBits]};
        2'd2:    x_data_o = {gen_ram[5].rdata[x_row_q*RowBits +: RowBits], gen_ram[4].rdata[x_row_q*RowBits +: RowBits]};
        default: x_data_o = {gen_ram[7].rdata[x_row_q*RowBits +: RowBits], gen_ram[6].rdata[x_row_q*RowBits +: RowBits]};
      endcase
    end
  end

  `ASSERT(ReadInRange_A, mx_rd_en_i -> 32'(mx_rd_word_i) < Words)
  `ASSERT(WriteInRange_A, mx_wr_en_i != '0 -> 32'(mx_wr_word_i) < Words)
  `ASSERT(GtaInRange_A, x_valid_i -> 32'(x_word_i) < Words && !x_word_i[0])
  `ASSERT(NoReadOfWritten_A, mx_rd_en_i && mx_wr_en_i != '0 -> mx_rd_word_i != mx_wr_word_i)

endmodule
