// wren_ram_1r1w: the one memory of Wren, one read and one write port on one clock. An FPGA or ASIC flow replaces this file.
//
// Timing     rdata_o is valid the cycle after re_i and holds until the next re_i.
// Limits     A read of the word being written in the same cycle returns the old word here; callers must not depend on it.
//            Contents are not reset.
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

  logic [Width-1:0] mem [Depth];

  if (We == 1) begin : gen_word
    always_ff @(posedge clk_i) begin
      if (we_i[0]) mem[waddr_i] <= wdata_i;
    end
  end else begin : gen_parts
    // Whole-word assignments: simulators neither unroll a loop of part writes nor test every enable of an idle memory, and a write of all
    // parts is one copy. Parts of less than 32 bits are chosen by masks of 32. A flow that infers byte enables from part writes replaces
    // this file.
    localparam int unsigned PerWord = (Gran < 32 && 32 % Gran == 0 && Width % 32 == 0) ? 32 / Gran : 1;

    function automatic logic [Width-1:0] merged(input logic [Width-1:0] old);
      logic [31:0] mask;
      merged = old;
      if (PerWord > 1) begin
        for (int unsigned w = 0; w < Width/32; w++) begin
          mask = '0;
          for (int unsigned p = 0; p < PerWord; p++) mask[p*(32/PerWord) +: 32/PerWord] = {(32/PerWord){we_i[(w*PerWord + p) % We]}};
          merged[w*32 +: 32] = (old[w*32 +: 32] & ~mask) | (wdata_i[w*32 +: 32] & mask);
        end
      end else if (Gran % 32 == 0 && We <= 32) begin
        for (int unsigned w = 0; w < Width/32; w++) begin
          mask = -((32'(we_i) >> (w / (Gran/32))) & 32'd1);
          merged[w*32 +: 32] = (old[w*32 +: 32] & ~mask) | (wdata_i[w*32 +: 32] & mask);
        end
      end else begin
        for (int unsigned i = 0; i < We; i++) begin
          if (we_i[i]) merged[i*Gran +: Gran] = wdata_i[i*Gran +: Gran];
        end
      end
    endfunction

    always_ff @(posedge clk_i) begin
      if (we_i == '1) mem[waddr_i] <= wdata_i;
      if (we_i != '0 && we_i != '1) mem[waddr_i] <= merged(mem[waddr_i]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (re_i) rdata_o <= mem[raddr_i];
  end

endmodule
