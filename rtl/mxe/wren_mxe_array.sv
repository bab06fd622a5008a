// wren_mxe_array: the cells of the matrix engine. Rows x Cols times: int8 dot product of 32, times the product of two scales, added to ACC.
//
// Weights    two register sets; a set is written in Cols/Part parts of Part blocks (wb_*), the other one computes.
// Steps      one per cycle, never stalled. Cycle 0: step_valid_i, AB is read. 1: dot products and scales. 2: product; ACC is read.
//            3: add. 4: normalise and round. 5: ACC is written (mon_acc_*_q holds the word), done_o with a command's last step.
// Limits     The caller keeps steps of one ACC word at least StepGap cycles apart, and gives parts of a set no earlier than one cycle
//            after the last step that uses the old content.
// Style      Every stage is a function over packed rows, called under the stage's valid bit and registered whole; what the stages hand on is kept
//            in few, wide functions, because a simulator clears and copies every argument (build/bin/mxe_speed measures it).
`include "wren_assert.svh"

module wren_mxe_array
  import wren_isa_pkg::*;
  import wren_mxe_pkg::*;
  import wren_fp_pkg::*;
#(
  parameter  int unsigned Rows = 8,
  parameter  int unsigned Cols = 16,
  localparam int unsigned Part = (Cols > 4) ? Cols / 4 : 1,
  localparam int unsigned Pw   = (Cols > Part) ? $clog2(Cols / Part) : 1
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  // Weights: part wb_part_i of set wb_bank_i
  input  logic                            wb_valid_i,
  input  logic                            wb_bank_i,
  input  logic [Pw-1:0]                   wb_part_i,
  input  logic                            wb_odd_i,        // packed blocks are in the upper half of wb_data_i
  input  logic                            wb_bf16_i,
  input  weight_format_e                  wb_format_i,     // not q8: the part is packed in a half of wb_data_i
  input  logic [Part-1:0][255:0]          wb_data_i,
  input  logic [Part-1:0][15:0]           wb_scale_i,

  // Steps; the AB word arrives one cycle later
  input  logic                            step_valid_i,
  input  step_t                           step_i,
  input  logic [Rows-1:0]                 step_rows_i,     // rows to write
  input  logic [Rows-1:0][255:0]          ab_data_i,
  input  logic [Rows-1:0][15:0]           ab_scale_i,
  output logic                            busy_o,          // steps in the pipeline
  output logic                            done_o,
  output logic                            numeric_o,

  // ACC
  output logic                            acc_rd_en_o,
  output logic [15:0]                     acc_rd_word_o,
  input  logic [Rows-1:0][Cols-1:0][31:0] acc_rd_data_i,
  output logic [Rows-1:0]                 acc_wr_en_o,
  output logic [15:0]                     acc_wr_word_o,
  output logic [Rows-1:0][Cols-1:0][31:0] acc_wr_data_o
);

  localparam int unsigned N = Rows * Cols;

  typedef logic [N-1:0][31:0]      cells_t;
  typedef logic [2*N-1:0][31:0]    halves_t;
  typedef logic [8*Cols-1:0][31:0] weights_t;              // [4 bytes of k][column]: the loop over columns runs along memory

  // Registers behind stages 1, 2 and 3
  cells_t  s_q, k_q, p_q;
  halves_t h_q;
  cells_t  acc_word;

  assign acc_word = acc_rd_data_i;

  // A part of a weight set, transposed into its columns.
  function automatic weights_t insert(input weights_t w, input logic [8*Part-1:0][31:0] blocks, input int unsigned part);
    insert = w;
    for (int unsigned c = 0; c < Part; c++) begin
      for (int unsigned j = 0; j < 8; j++) insert[j*Cols + part*Part + c] = blocks[c*8 + j];
    end
  endfunction

  // A part's packed blocks as int8.
  function automatic logic [Part-1:0][255:0] unpack(input logic [2*Part-1:0][127:0] codes, input logic odd, input weight_format_e format);
    for (int unsigned c = 0; c < Part; c++) unpack[c] = unpack4(odd ? codes[Part + c] : codes[c], format);
  endfunction

  function automatic logic [Cols-1:0][31:0] insert_scales(input logic [Cols-1:0][31:0] w, input logic [Part-1:0][15:0] scales,
                                                          input int unsigned part, input logic bf16);
    insert_scales = w;
    for (int unsigned c = 0; c < Part; c++) insert_scales[part*Part + c] = scale_value(scales[c], bf16);
  endfunction

  // Each operand byte is sign-extended once; then all cells are plain sums of products.
  function automatic cells_t dots(input logic [Rows*8-1:0][31:0] a, input weights_t w);
    logic signed [31:0] a0 [Rows*8], a1 [Rows*8], a2 [Rows*8], a3 [Rows*8];
    logic signed [31:0] w0 [8*Cols], w1 [8*Cols], w2 [8*Cols], w3 [8*Cols], t [32], s;
    f32_t x;
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

  function automatic logic [Rows-1:0][31:0] row_scales(input logic [Rows-1:0][15:0] a, input logic bf16);
    for (int unsigned r = 0; r < Rows; r++) row_scales[r] = scale_value(a[r], bf16);
  endfunction

  // Operands are taken apart once; then all cells are short products.
  function automatic cells_t scales(input logic [Rows-1:0][31:0] a, input logic [Cols-1:0][31:0] w);
    f32_t m [Cols], e [Cols], ma, ea;
    for (int unsigned c = 0; c < Cols; c++) begin
      m[c] = scale_mantissa(w[c]);
      e[c] = scale_exponent(w[c]);
    end
    for (int unsigned r = 0; r < Rows; r++) begin
      ma = scale_mantissa(a[r]);
      ea = scale_exponent(a[r]);
      for (int unsigned c = 0; c < Cols; c++) scales[r*Cols + c] = scale_product(ma, m[c], ea + e[c], a[r] ^ w[c]);
    end
  endfunction

  // This and the next two read their stage's registers themselves: as arguments they would be copied.
  function automatic cells_t products(input logic int_mode);
    for (int unsigned i = 0; i < N; i++) products[i] = pick(int_mode, s_q[i], dot_mul(s_q[i], k_q[i]));
  endfunction

  // First half of the addition: sums in the lower, heads in the upper half; for integers the sum, and bit 31 of the head set where it wraps.
  // keep: all ones, or zero to start from +0.
  function automatic halves_t add_halves(input f32_t keep, input logic int_mode);
    f32_t a, p, s;
    for (int unsigned i = 0; i < N; i++) begin
      a = acc_word[i] & keep;
      p = p_q[i];
      s = a + p;
      add_halves[i]     = pick(int_mode, s, fp32_add_sum(a, p));
      add_halves[N + i] = pick(int_mode, (a ^ s) & (p ^ s), fp32_add_head(a, p));
    end
  endfunction

  function automatic cells_t add_norms(input logic int_mode);
    for (int unsigned i = 0; i < N; i++) add_norms[i] = pick(int_mode, h_q[i], fp32_add_norm(h_q[i], h_q[N + i]));
  endfunction

  // Weight sets.
  weights_t              w_q  [2];
  logic [Cols-1:0][31:0] fw_q [2];

  // Two conditions, not if and else: from those a simulator makes a choice between two values and computes both.
  logic wb_plain, wb_coded;

  assign wb_plain = wb_valid_i && wb_format_i == WeightFormatQ8;
  assign wb_coded = wb_valid_i && wb_format_i != WeightFormatQ8;

  always_ff @(posedge clk_i) begin
    if (wb_plain) w_q[wb_bank_i] <= insert(w_q[wb_bank_i], wb_data_i, 32'(wb_part_i));
    if (wb_coded) w_q[wb_bank_i] <= insert(w_q[wb_bank_i], unpack(wb_data_i, wb_odd_i, wb_format_i), 32'(wb_part_i));
    if (wb_valid_i) fw_q[wb_bank_i] <= insert_scales(fw_q[wb_bank_i], wb_scale_i, 32'(wb_part_i), wb_bf16_i);
  end

  // Control of the stages; vN_q: stage N holds a step.
  logic            v1_q, v2_q, v3_q, v4_q, v5_q;
  step_t           i1_q, i2_q, i3_q, i4_q;
  logic            last5_q;
  logic [Rows-1:0] r1_q, r2_q, r3_q, r4_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {v1_q, v2_q, v3_q, v4_q, v5_q} <= '0;
    end else begin
      v1_q <= step_valid_i;
      v2_q <= v1_q;
      v3_q <= v2_q;
      v4_q <= v3_q;
      v5_q <= v4_q;
    end
  end

  always_ff @(posedge clk_i) begin
    i1_q <= step_i;
    i2_q <= i1_q;
    i3_q <= i2_q;
    i4_q <= i3_q;
    last5_q <= i4_q.last;
    r1_q <= step_rows_i;
    r2_q <= r1_q;
    r3_q <= r2_q;
    r4_q <= r3_q;
  end

  assign busy_o = v1_q || v2_q || v3_q || v4_q || v5_q;
  assign done_o = v5_q && last5_q;

  // Stage 1: dot products; the scale of each cell.
  always_ff @(posedge clk_i) begin
    if (v1_q) begin
      s_q <= dots(ab_data_i, w_q[i1_q.bank]);
      k_q <= scales(row_scales(ab_scale_i, i1_q.bf16), fw_q[i1_q.bank]);
    end
  end

  // Stage 2: scaled product, or the dot product itself. ACC is read meanwhile.
  assign acc_rd_en_o   = v2_q && !i2_q.first;
  assign acc_rd_word_o = i2_q.word;

  always_ff @(posedge clk_i) begin
    if (v2_q) begin
      p_q <= products(i2_q.int_mode);
    end
  end

  // Stage 3: first half of the addition.
  f32_t    keep;

  assign keep = i3_q.first ? 32'd0 : 32'hffff_ffff;

  always_ff @(posedge clk_i) begin
    if (v3_q) h_q <= add_halves(keep, i3_q.int_mode);
  end

  // Stage 4: second half. Its register is the word written to ACC, and the monitor: mon_acc_valid_q while the write happens.
  logic            mon_acc_valid_q;
  logic [15:0]     mon_acc_word_q;
  logic [Rows-1:0] mon_acc_rows_q;                         // rows written; 0 without a step
  cells_t          mon_acc_data_q;
  logic            wraps, numeric_q;

  always_comb begin
    wraps = 1'b0;
    if (v4_q && i4_q.int_mode) begin
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Cols; c++) wraps = wraps | (r4_q[r] & h_q[N + r*Cols + c][31]);
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mon_acc_valid_q <= 1'b0;
      mon_acc_rows_q  <= '0;
      numeric_q       <= 1'b0;
    end else begin
      mon_acc_valid_q <= v4_q;
      mon_acc_rows_q  <= v4_q ? r4_q : '0;
      numeric_q       <= wraps;
    end
  end

  always_ff @(posedge clk_i) begin
    if (v4_q) begin
      mon_acc_word_q <= i4_q.word;
      mon_acc_data_q <= add_norms(i4_q.int_mode);
    end
  end

  assign acc_wr_en_o   = mon_acc_rows_q;
  assign acc_wr_word_o = mon_acc_word_q;
  assign acc_wr_data_o = mon_acc_data_q;
  assign numeric_o     = numeric_q;

  // A step reads its word at stage 2 and writes it at stage 5.
  `ASSERT(OneStepPerWord_A, v2_q -> !(v3_q && i3_q.word == i2_q.word) && !(v4_q && i4_q.word == i2_q.word)
                                     && !(v5_q && mon_acc_word_q == i2_q.word))
  `ASSERT(RowsToWrite_A, step_valid_i -> step_rows_i != '0)

endmodule
