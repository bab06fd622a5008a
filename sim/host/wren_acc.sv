// wren_acc as one memory (rtl/mxe/wren_acc.sv describes it): what its ports show is the same in every cycle. Only the banks are not there, and
// with them eight decoders and outputs; who has to wait for whom is decided as there.
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

  logic [WordBits-1:0]  mem [Words];
  logic                 x_grant, x_grant_q;
  logic [2*RowBits-1:0] x_q;

  assign x_ready_o = !(mx_rd_en_i && mx_rd_word_i[Aw-1 -: 2] == x_word_i[Aw-1 -: 2]);
  assign x_grant   = x_valid_i && x_ready_o;

  function automatic logic [WordBits-1:0] merged(input logic [WordBits-1:0] old);
    logic [31:0] mask;
    for (int unsigned i = 0; i < Rows*Cols; i++) begin
      mask = -((32'(mx_wr_en_i) >> (i / Cols)) & 32'd1);
      merged[i*32 +: 32] = (old[i*32 +: 32] & ~mask) | (mx_wr_data_i[i/Cols][i%Cols] & mask);
    end
  endfunction

  // Nobody reads a word in the cycle in which it is written, so it does not matter which comes first, and the word needs no second copy
  // that waits for the reads.
  always @(posedge clk_i) begin
    if (mx_wr_en_i == '1) mem[mx_wr_word_i[Aw-1:0]] = mx_wr_data_i;
    if (mx_wr_en_i != '0 && mx_wr_en_i != '1) mem[mx_wr_word_i[Aw-1:0]] = merged(mem[mx_wr_word_i[Aw-1:0]]);
  end
  always_ff @(posedge clk_i) begin
    if (mx_rd_en_i) mx_rd_data_o <= mem[mx_rd_word_i[Aw-1:0]];
  end
  always_ff @(posedge clk_i) begin
    if (x_grant) begin
      x_q <= {mem[x_word_i[Aw-1:0] | Aw'(1)][x_row_i*RowBits +: RowBits], mem[x_word_i[Aw-1:0]][x_row_i*RowBits +: RowBits]};
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) x_grant_q <= 1'b0;
    else x_grant_q <= x_grant;
  end
  assign x_data_o = x_grant_q ? x_q : '0;

endmodule
