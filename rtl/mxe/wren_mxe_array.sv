// wren_mxe_array: the cells of the matrix engine. Rows x Cols times: int8 dot product of 32, times the product of two scales, added to ACC.
//
// Weights    two register sets; a set is written in Cols/Part parts of Part blocks (wb_*), the other one computes.
// Steps      one per cycle, never stalled. Cycle 0: step_valid_i, AB is read. 1: dot products and scales. 2: product; ACC is read.
//            3: add. 4: normalise and round. 5: ACC is written (mon_acc_*_q holds the word), done_o with a command's last step.
// Deep       the same arithmetic in 15 stages of about equal length, for an FPGA: 1 AB's data into registers, 2 the weight set beside them,
//            3..5 products and their sum, 6 and 7 its magnitude and leading one, 2..5 scales beside that, 8 product with the scale,
//            9 its fraction, and read of ACC, 10 rounding, 11 order and exponents of the addition, 12 align and add, 13 leading one,
//            14 rounding, 15 write.
// Limits     The caller keeps steps of one ACC word at least step_gap(Deep) cycles apart, and gives parts of a set no earlier than one cycle
//            after the last step that uses the old content.
// Style      Every stage is a function over packed rows, called under the stage's valid bit and registered whole; what the stages hand on is kept
//            in few, wide functions, because a simulator clears and copies every argument (build/bin/mxe_speed measures it).
`include "wren_assert.svh"

module wren_mxe_array
  import wren_isa_pkg::*;
  import wren_mxe_pkg::*;
  import wren_fp_pkg::*;
  import wren_fp_whole_pkg::*;
#(
  parameter  int unsigned Rows = 8,
  parameter  int unsigned Cols = 16,
  parameter  bit          Deep = 1'b0,
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
    for (int unsigned c = 0; c < Part; c++) insert_scales[part*Part + c] = scale_value(32'(scales[c]), bf16);
  endfunction

  function automatic logic [Rows-1:0][31:0] row_scales(input logic [Rows/2-1:0][31:0] pairs, input logic bf16);
    f32_t x [Rows];
    for (int unsigned i = 0; i < Rows/2; i++) begin
      x[2*i]     = pairs[i] & 32'hffff;
      x[2*i + 1] = pairs[i] >> 16;
    end
    // Two loops: from a choice in one a simulator computes both values.
    if (bf16) begin
      for (int unsigned r = 0; r < Rows; r++) row_scales[r] = fp32_canonical(x[r] << 16);
    end else begin
      for (int unsigned r = 0; r < Rows; r++) row_scales[r] = fp32_from_f16(x[r]);
    end
  endfunction

  // Operands are taken apart once; then all cells are short products.
  function automatic cells_t scales(input logic [Rows-1:0][31:0] a, input logic [Cols-1:0][31:0] w);
    f32_t m [Cols], e [Cols], ma, ea;
    for (int unsigned c = 0; c < Cols; c++) begin
      m[c] = cell_mantissa(w[c]);
      e[c] = cell_exponent(w[c]);
    end
    for (int unsigned r = 0; r < Rows; r++) begin
      ma = cell_mantissa(a[r]);
      ea = cell_exponent(a[r]);
      for (int unsigned c = 0; c < Cols; c++) scales[r*Cols + c] = cell_scale(ma, m[c], ea + e[c], a[r] ^ w[c]);
    end
  endfunction

  // Weight sets.
  weights_t              w_q  [2];
  logic [Cols-1:0][31:0] fw_q [2];

  // The register of the last stage is the word written to ACC, and the monitor: mon_acc_valid_q while the write happens.
  logic            mon_acc_valid_q;
  logic [15:0]     mon_acc_word_q;
  logic [Rows-1:0] mon_acc_rows_q;                         // rows written; 0 without a step
  cells_t          mon_acc_data_q;
  logic            numeric_q;

  if (!Deep) begin : gen_flat
    // Registers behind stages 1, 2 and 3
    cells_t  s_q, k_q, p_q;
    halves_t h_q;
    cells_t  acc_word;

    assign acc_word = acc_rd_data_i;

    // These read their stage's registers themselves: as arguments they would be copied.
    function automatic cells_t products();
      for (int unsigned i = 0; i < N; i++) products[i] = dot_mul(s_q[i], k_q[i]);
    endfunction

    // First half of the addition: sums in the lower, heads in the upper half, where they are apart. keep: all ones, or zero to start from +0.
    localparam int unsigned Halves = AddInHalves ? 2 : 1;

    function automatic logic [Halves*N-1:0][31:0] add_halves(input f32_t keep);
      f32_t a;
      for (int unsigned i = 0; i < N; i++) begin
        a = acc_word[i] & keep;
        add_halves[i] = fp32_add_sum(a, p_q[i]);
        if (AddInHalves) add_halves[(Halves - 1)*N + i] = fp32_add_head(a, p_q[i]);
      end
    endfunction

    function automatic cells_t add_norms();
      for (int unsigned i = 0; i < N; i++) add_norms[i] = fp32_add_norm(h_q[i], h_q[(Halves - 1)*N + i]);
    endfunction

    // The same of integers: the sum, and in the upper half bit 31 set where it wraps.
    function automatic halves_t int_halves(input f32_t keep);
      f32_t a, p, s;
      for (int unsigned i = 0; i < N; i++) begin
        a = acc_word[i] & keep;
        p = p_q[i];
        s = a + p;
        int_halves[i]     = s;
        int_halves[N + i] = (a ^ s) & (p ^ s);
      end
    endfunction

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
    wren_mxe_dots #(.Rows(Rows), .Cols(Cols)) u_dots (
      .clk_i(clk_i), .valid_i(v1_q), .a_i(ab_data_i), .w_i(w_q[i1_q.bank]), .s_o(s_q)
    );

    always_ff @(posedge clk_i) begin
      if (v1_q) k_q <= scales(row_scales(ab_scale_i, i1_q.bf16), fw_q[i1_q.bank]);
    end

    // Stage 2: scaled product, or the dot product itself. ACC is read meanwhile.
    assign acc_rd_en_o   = v2_q && !i2_q.first;
    assign acc_rd_word_o = i2_q.word;

    always_ff @(posedge clk_i) begin
      if (v2_q && !i2_q.int_mode) p_q <= products();
      if (v2_q && i2_q.int_mode) p_q <= s_q;
    end

    // Stage 3: first half of the addition.
    f32_t    keep;

    assign keep = i3_q.first ? 32'd0 : 32'hffff_ffff;

    always_ff @(posedge clk_i) begin
      if (v3_q && !i3_q.int_mode) h_q[Halves*N-1:0] <= add_halves(keep);
      if (v3_q && i3_q.int_mode) h_q <= int_halves(keep);
    end

    // Stage 4: second half.
    logic            wraps;

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
      if (v4_q) mon_acc_word_q <= i4_q.word;
      if (v4_q && !i4_q.int_mode) mon_acc_data_q <= add_norms();
      if (v4_q && i4_q.int_mode) mon_acc_data_q <= h_q[N-1:0];
    end

    // A step reads its word at stage 2 and writes it at stage 5.
    `ASSERT(OneStepPerWord_A, v2_q -> !(v3_q && i3_q.word == i2_q.word) && !(v4_q && i4_q.word == i2_q.word)
                                       && !(v5_q && mon_acc_word_q == i2_q.word))
  end else begin : gen_deep
    localparam int unsigned Stages = 14;                   // up to the word that is written

    // Control of the stages; v_q[i]: stage i holds a step.
    logic  [Stages:1]           v_q;
    step_t [Stages:1]           i_q;
    logic  [Stages:1][Rows-1:0] r_q;
    logic                       last15_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) v_q <= '0;
      else v_q <= {v_q[Stages-1:1], step_valid_i};
    end

    always_ff @(posedge clk_i) begin
      i_q      <= {i_q[Stages-1:1], step_i};
      r_q      <= {r_q[Stages-1:1], step_rows_i};
      last15_q <= i_q[Stages].last;
    end

    assign busy_o = v_q != '0 || mon_acc_valid_q;
    assign done_o = mon_acc_valid_q && last15_q;

    // Weights: a part waits in registers for a cycle; its scales take two more. A set is complete in stage 2 of the first step that may
    // use it, its scales in stage 4, and neither changes before the last step's stage 2 and 4 are over.
    logic                      part_valid_q, part_bank_q, part_odd_q, part_bf16_q, half_valid_q, half_bank_q, half_bf16_q;
    logic [Pw-1:0]             part_at_q, half_at_q;
    weight_format_e            part_format_q;
    logic [Part-1:0][255:0]    part_data_q;
    logic [Part-1:0][15:0]     part_scale_q;
    half_t [Part-1:0]          half_q;

    function automatic half_t [Part-1:0] part_halves(input logic [Part-1:0][15:0] x);
      for (int unsigned c = 0; c < Part; c++) part_halves[c] = half_lead(x[c]);
    endfunction

    function automatic logic [Cols-1:0][31:0] insert_halves(input logic [Cols-1:0][31:0] w, input half_t [Part-1:0] x,
                                                            input int unsigned part, input logic bf16);
      insert_halves = w;
      for (int unsigned c = 0; c < Part; c++) insert_halves[part*Part + c] = half_value(x[c], bf16);
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) {part_valid_q, half_valid_q} <= '0;
      else {part_valid_q, half_valid_q} <= {wb_valid_i, part_valid_q};
    end

    always_ff @(posedge clk_i) begin
      part_bank_q   <= wb_bank_i;
      part_at_q     <= wb_part_i;
      part_odd_q    <= wb_odd_i;
      part_bf16_q   <= wb_bf16_i;
      part_format_q <= wb_format_i;
      part_data_q   <= wb_data_i;
      part_scale_q  <= wb_scale_i;
      half_bank_q   <= part_bank_q;
      half_at_q     <= part_at_q;
      half_bf16_q   <= part_bf16_q;
      half_q        <= part_halves(part_scale_q);
      if (part_valid_q) begin
        if (part_format_q == WeightFormatQ8) w_q[part_bank_q] <= insert(w_q[part_bank_q], part_data_q, 32'(part_at_q));
        else w_q[part_bank_q] <= insert(w_q[part_bank_q], unpack(part_data_q, part_odd_q, part_format_q), 32'(part_at_q));
      end
      if (half_valid_q) fw_q[half_bank_q] <= insert_halves(fw_q[half_bank_q], half_q, 32'(half_at_q), half_bf16_q);
    end

    // Registers behind the stages, by the stage that reads them
    logic [Rows-1:0][255:0]              a2_q;
    logic [Rows-1:0][15:0]               as2_q;
    logic [Rows-1:0][255:0]              a3_q;
    weights_t                            w3_q;
    half_t [Rows-1:0]                    h3_q;
    logic [N-1:0][15:0][16:0]            s4_q;             // sums of two products
    logic [Rows-1:0][31:0]               fa4_q;
    logic [N-1:0][3:0][18:0]             s5_q;             // of eight
    scale_t [N-1:0]                      k5_q;
    logic [N-1:0][20:0]                  s6_q, s7_q, s8_q, s9_q, s10_q;
    cells_t                              k6_q, k7_q;
    logic [N-1:0][19:0]                  m7_q;             // magnitude
    norm_t [N-1:0]                       t8_q;
    dot_t [N-1:0]                        p9_q;
    round_t [N-1:0]                      f10_q;
    cells_t                              p11_q, acc11_q;
    pair_t [N-1:0]                       x12_q;
    logic [N-1:0]                        wrap12_q, wrap13_q, wrap14_q;
    logic [N-1:0][27:0]                  sum13_q;
    cells_t                              head13_q, head14_q;
    lead_t [N-1:0]                       t14_q;

    function automatic logic [N-1:0][15:0][16:0] products(input logic [Rows-1:0][255:0] a, input weights_t w);
      logic signed [16:0] p, q;
      logic [255:0]       x;
      for (int unsigned r = 0; r < Rows; r++) begin
        x = a[r];
        for (int unsigned c = 0; c < Cols; c++) begin
          for (int unsigned j = 0; j < 8; j++) begin
            for (int unsigned b = 0; b < 2; b++) begin
              p = 17'($signed(x[j*32 + b*16 +: 8])) * 17'($signed(w[j*Cols + c][b*16 +: 8]));
              q = 17'($signed(x[j*32 + b*16 + 8 +: 8])) * 17'($signed(w[j*Cols + c][b*16 + 8 +: 8]));
              products[r*Cols + c][j*2 + b] = p + q;
            end
          end
        end
      end
    endfunction

    // Sums of four, then of four again
    function automatic logic [N-1:0][3:0][18:0] sums(input logic [N-1:0][15:0][16:0] x);
      for (int unsigned i = 0; i < N; i++) begin
        for (int unsigned j = 0; j < 4; j++) begin
          sums[i][j] = (19'($signed(x[i][j])) + 19'($signed(x[i][j + 4]))) + (19'($signed(x[i][j + 8])) + 19'($signed(x[i][j + 12])));
        end
      end
    endfunction
    function automatic logic [N-1:0][20:0] totals(input logic [N-1:0][3:0][18:0] x);
      for (int unsigned i = 0; i < N; i++)
        totals[i] = (21'($signed(x[i][0])) + 21'($signed(x[i][1]))) + (21'($signed(x[i][2])) + 21'($signed(x[i][3])));
    endfunction

    function automatic half_t [Rows-1:0] row_halves(input logic [Rows-1:0][15:0] x);
      for (int unsigned r = 0; r < Rows; r++) row_halves[r] = half_lead(x[r]);
    endfunction
    function automatic logic [Rows-1:0][31:0] row_values(input half_t [Rows-1:0] x, input logic bf16);
      for (int unsigned r = 0; r < Rows; r++) row_values[r] = half_value(x[r], bf16);
    endfunction
    function automatic scale_t [N-1:0] scale_factors(input logic [Rows-1:0][31:0] a, input logic [Cols-1:0][31:0] w);
      for (int unsigned i = 0; i < N; i++) scale_factors[i] = scale_multiply(a[i/Cols], w[i%Cols]);
    endfunction
    function automatic cells_t scale_words(input scale_t [N-1:0] x);
      for (int unsigned i = 0; i < N; i++) scale_words[i] = scale_pack(x[i]);
    endfunction

    function automatic logic [N-1:0][19:0] magnitudes(input logic [N-1:0][20:0] s);
      for (int unsigned i = 0; i < N; i++) magnitudes[i] = s[i][20] ? 20'(-s[i]) : s[i][19:0];
    endfunction
    function automatic norm_t [N-1:0] norms(input logic [N-1:0][19:0] m, input logic [N-1:0][20:0] s, input cells_t k);
      for (int unsigned i = 0; i < N; i++) norms[i] = dot_norm(m[i], s[i][20], k[i]);
    endfunction
    function automatic dot_t [N-1:0] multiplied(input norm_t [N-1:0] x);
      for (int unsigned i = 0; i < N; i++) multiplied[i] = dot_multiply(x[i]);
    endfunction
    function automatic round_t [N-1:0] fractions(input dot_t [N-1:0] x);
      for (int unsigned i = 0; i < N; i++) fractions[i] = dot_fraction(x[i]);
    endfunction
    function automatic cells_t rounded(input round_t [N-1:0] x, input logic [N-1:0][20:0] s, input logic int_mode);
      for (int unsigned i = 0; i < N; i++) rounded[i] = pick(int_mode, 32'($signed(s[i])), dot_round(x[i]));
    endfunction

    // Integers pass as the larger operand, then as the head.
    function automatic pair_t [N-1:0] pairs(input cells_t a, input cells_t p, input logic int_mode);
      for (int unsigned i = 0; i < N; i++) begin
        pairs[i] = acc_order(a[i], p[i]);
        if (int_mode) pairs[i].x = a[i] + p[i];
      end
    endfunction
    function automatic logic [N-1:0] wraps(input cells_t a, input cells_t p);
      for (int unsigned i = 0; i < N; i++) wraps[i] = (((a[i] + p[i]) ^ a[i]) & ((a[i] + p[i]) ^ p[i]) & Sign) != 32'd0;
    endfunction
    function automatic logic [N-1:0][27:0] aligned_sums(input pair_t [N-1:0] x);
      for (int unsigned i = 0; i < N; i++) aligned_sums[i] = acc_sum(x[i]);
    endfunction
    function automatic cells_t heads(input pair_t [N-1:0] x, input logic int_mode);
      for (int unsigned i = 0; i < N; i++) heads[i] = pick(int_mode, x[i].x, acc_head(x[i].x, x[i].y));
    endfunction
    function automatic lead_t [N-1:0] leads(input logic [N-1:0][27:0] x);
      for (int unsigned i = 0; i < N; i++) leads[i] = acc_lead(x[i]);
    endfunction
    function automatic cells_t results(input lead_t [N-1:0] x, input cells_t head, input logic int_mode);
      for (int unsigned i = 0; i < N; i++) results[i] = pick(int_mode, head[i], acc_round(x[i], head[i]));
    endfunction

    // ACC is read in stage 9; its data go into registers beside the rounded product.
    assign acc_rd_en_o   = v_q[9] && !i_q[9].first;
    assign acc_rd_word_o = i_q[9].word;

    always_ff @(posedge clk_i) begin
      if (v_q[1]) begin
        a2_q  <= ab_data_i;
        as2_q <= ab_scale_i;
      end
      if (v_q[2]) begin
        a3_q <= a2_q;
        w3_q <= w_q[i_q[2].bank];
        h3_q <= row_halves(as2_q);
      end
      if (v_q[3]) begin
        s4_q  <= products(a3_q, w3_q);
        fa4_q <= row_values(h3_q, i_q[3].bf16);
      end
      if (v_q[4]) begin
        s5_q <= sums(s4_q);
        k5_q <= scale_factors(fa4_q, fw_q[i_q[4].bank]);
      end
      if (v_q[5]) begin
        s6_q <= totals(s5_q);
        k6_q <= scale_words(k5_q);
      end
      if (v_q[6]) begin
        s7_q <= s6_q;
        m7_q <= magnitudes(s6_q);
        k7_q <= k6_q;
      end
      if (v_q[7]) begin
        s8_q <= s7_q;
        t8_q <= norms(m7_q, s7_q, k7_q);
      end
      if (v_q[8]) begin
        s9_q <= s8_q;
        p9_q <= multiplied(t8_q);
      end
      if (v_q[9]) begin
        s10_q <= s9_q;
        f10_q <= fractions(p9_q);
      end
      if (v_q[10]) begin
        p11_q   <= rounded(f10_q, s10_q, i_q[10].int_mode);
        acc11_q <= i_q[10].first ? '0 : acc_rd_data_i;
      end
      if (v_q[11]) begin
        x12_q    <= pairs(acc11_q, p11_q, i_q[11].int_mode);
        wrap12_q <= i_q[11].int_mode ? wraps(acc11_q, p11_q) : '0;
      end
      if (v_q[12]) begin
        sum13_q  <= aligned_sums(x12_q);
        head13_q <= heads(x12_q, i_q[12].int_mode);
        wrap13_q <= wrap12_q;
      end
      if (v_q[13]) begin
        t14_q    <= leads(sum13_q);
        head14_q <= head13_q;
        wrap14_q <= wrap13_q;
      end
      if (v_q[14]) begin
        mon_acc_word_q <= i_q[14].word;
        mon_acc_data_q <= results(t14_q, head14_q, i_q[14].int_mode);
      end
    end

    logic wrapped;
    always_comb begin
      wrapped = 1'b0;
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Cols; c++) wrapped = wrapped | (r_q[14][r] & wrap14_q[r*Cols + c]);
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        mon_acc_valid_q <= 1'b0;
        mon_acc_rows_q  <= '0;
        numeric_q       <= 1'b0;
      end else begin
        mon_acc_valid_q <= v_q[14];
        mon_acc_rows_q  <= v_q[14] ? r_q[14] : '0;
        numeric_q       <= v_q[14] && wrapped;
      end
    end

    // A step reads its word in stage 9 and writes it in stage 15.
    logic word_under_way;
    always_comb begin
      word_under_way = mon_acc_valid_q && mon_acc_word_q == i_q[9].word;
      for (int unsigned i = 10; i <= Stages; i++) word_under_way = word_under_way || (v_q[i] && i_q[i].word == i_q[9].word);
    end
    `ASSERT(OneStepPerWord_A, v_q[9] -> !word_under_way)
  end

  assign acc_wr_en_o   = mon_acc_rows_q;
  assign acc_wr_word_o = mon_acc_word_q;
  assign acc_wr_data_o = mon_acc_data_q;
  assign numeric_o     = numeric_q;

  `ASSERT(RowsToWrite_A, step_valid_i -> step_rows_i != '0)

endmodule
