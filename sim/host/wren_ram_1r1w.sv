// wren_ram_1r1w of a model that computes with the arithmetic of the machine it runs on (rtl/prim/wren_ram_1r1w.sv describes it).
//
// A write is there at once and not, as a non-blocking one, behind all reads of its edge, which needs a second copy of the data: no caller
// depends on what a read of the word being written returns. Wide words lie in pieces of 512 bits, so that a write of a few of them, as beats of
// the bus are, is copies of these and no choice for every part of the word.
module wren_ram_1r1w #(
  parameter  int unsigned Width = 64,
  parameter  int unsigned Depth = 256,
  parameter  int unsigned Gran  = Width,          // bits per write enable; divides Width
  localparam int unsigned Aw    = (Depth > 1) ? $clog2(Depth) : 1,
  localparam int unsigned We    = Width / Gran
) (
  input  logic             clk_i,

  // Write port
  input  logic [We-1:0]    we_i,
  input  logic [Aw-1:0]    waddr_i,
  input  logic [Width-1:0] wdata_i,

  // Read port
  input  logic             re_i,
  input  logic [Aw-1:0]    raddr_i,
  output logic [Width-1:0] rdata_o
);

  localparam int unsigned Piece  = (We > 1 && Width % 512 == 0 && 512 % Gran == 0) ? 512 : Width;
  localparam int unsigned Pieces = Width / Piece;
  localparam int unsigned Pe     = Piece / Gran;  // enables of a piece

  for (genvar p = 0; p < int'(Pieces); p++) begin : gen_piece
    // Parts of less than 32 bits are chosen by masks of 32.
    localparam int unsigned PerWord = (Gran < 32 && 32 % Gran == 0 && Piece % 32 == 0) ? 32 / Gran : 1;

    logic [Piece-1:0] mem [Depth];
    logic [Piece-1:0] data;
    logic [Pe-1:0]    we;
    assign data = wdata_i[p*Piece +: Piece];
    assign we   = we_i[p*Pe +: Pe];

    function automatic logic [Piece-1:0] merged(input logic [Piece-1:0] old);
      logic [31:0] mask;
      merged = old;
      if (PerWord > 1) begin
        for (int unsigned w = 0; w < Piece/32; w++) begin
          mask = '0;
          for (int unsigned i = 0; i < PerWord; i++) mask[i*(32/PerWord) +: 32/PerWord] = {(32/PerWord){we[(w*PerWord + i) % Pe]}};
          merged[w*32 +: 32] = (old[w*32 +: 32] & ~mask) | (data[w*32 +: 32] & mask);
        end
      end else if (Gran % 32 == 0 && Pe <= 32) begin
        for (int unsigned w = 0; w < Piece/32; w++) begin
          mask = -((32'(we) >> (w / (Gran/32))) & 32'd1);
          merged[w*32 +: 32] = (old[w*32 +: 32] & ~mask) | (data[w*32 +: 32] & mask);
        end
      end else begin
        for (int unsigned i = 0; i < Pe; i++) begin
          if (we[i]) merged[i*Gran +: Gran] = data[i*Gran +: Gran];
        end
      end
    endfunction

    always @(posedge clk_i) begin
      if (we == '1) mem[waddr_i] = data;
      if (we != '0 && we != '1) mem[waddr_i] = merged(mem[waddr_i]);
    end
    always_ff @(posedge clk_i) begin
      if (re_i) rdata_o[p*Piece +: Piece] <= mem[raddr_i];
    end
  end

endmodule
