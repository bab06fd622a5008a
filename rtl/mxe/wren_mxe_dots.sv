// wren_mxe_dots: the dot products of one step, Rows x Cols times 32 products of int8, behind one register.
//
// Timing     s_o one cycle after valid_i; it stays until the next valid_i.
// Shapes     a_i: per row 32 bytes of k, as 8 words. w_i: [4 bytes of k][column], so that the loop over columns runs along memory.
// Simulation sim/host has a module of this name that leaves the sums to the arithmetic of the machine that simulates.
module wren_mxe_dots #(
  parameter int unsigned Rows = 8,
  parameter int unsigned Cols = 16
) (
  input  logic                         clk_i,
  input  logic                         valid_i,
  input  logic [Rows*8-1:0][31:0]      a_i,
  input  logic [8*Cols-1:0][31:0]      w_i,
  output logic [Rows*Cols-1:0][31:0]   s_o
);

  // Each operand byte is sign-extended once; then all cells are plain sums of products.
  function automatic logic [Rows*Cols-1:0][31:0] dots(input logic [Rows*8-1:0][31:0] a, input logic [8*Cols-1:0][31:0] w);
    logic signed [31:0] a0 [Rows*8], a1 [Rows*8], a2 [Rows*8], a3 [Rows*8];
    logic signed [31:0] w0 [8*Cols], w1 [8*Cols], w2 [8*Cols], w3 [8*Cols], t [32], s;
    logic        [31:0] x;
    for (int unsigned i = 0; i < Rows*8; i++) begin
      x = a[i];
      a0[i] = 32'($signed(x[7:0]));   a1[i] = 32'($signed(x[15:8]));
      a2[i] = 32'($signed(x[23:16])); a3[i] = 32'($signed(x[31:24]));
    end
    for (int unsigned i = 0; i < 8*Cols; i++) begin
      x = w[i];
      w0[i] = 32'($signed(x[7:0]));   w1[i] = 32'($signed(x[15:8]));
      w2[i] = 32'($signed(x[23:16])); w3[i] = 32'($signed(x[31:24]));
    end
    for (int unsigned r = 0; r < Rows; r++) begin
      for (int unsigned c = 0; c < Cols; c++) begin
        s = 32'sd0;
        if (Cols == 1) begin                               // an array for an FPGA: a tree of adders has a fifth of the levels
          for (int unsigned j = 0; j < 8; j++) begin
            t[j]      = a0[r*8 + j] * w0[j];
            t[j + 8]  = a1[r*8 + j] * w1[j];
            t[j + 16] = a2[r*8 + j] * w2[j];
            t[j + 24] = a3[r*8 + j] * w3[j];
          end
          for (int unsigned h = 16; h > 0; h = h/2)
            for (int unsigned i = 0; i < h; i++) t[i] = t[i] + t[i + h];
          s = t[0];
        end else begin
          for (int unsigned j = 0; j < 8; j++) begin
            s = s + a0[r*8 + j] * w0[j*Cols + c] + a1[r*8 + j] * w1[j*Cols + c]
                  + a2[r*8 + j] * w2[j*Cols + c] + a3[r*8 + j] * w3[j*Cols + c];
          end
        end
        dots[r*Cols + c] = s;
      end
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (valid_i) s_o <= dots(a_i, w_i);
  end

endmodule
