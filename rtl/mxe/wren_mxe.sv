// wren_mxe: the matrix engine, Rows x Cols cells of a 32-long int8 dot product with FP32 scale and accumulation.
//
//   commands -> wren_mxe_seq -> steps ----> wren_mxe_array -> ACC
//                   |                         ^    ^
//                   +-> WB (weight sets) -----+    +---- AB
//
// Handshake  cmd is valid/ready; up to four commands are taken ahead. done_o is one pulse per command, in order, in the cycle of its
//            last ACC write (a read in the next cycle sees it).
// Timing     one step per cycle when a weight set serves at least Cols/Part steps (4; 1 for one column), also from one command to the next.
//            First step 1 + Cols/Part cycles after a command is taken by an idle engine; ACC is written 5 cycles after a step.
// Deep       ACC is written 14 cycles after a step; two steps on one ACC word are 7 cycles apart instead of 4.
// Memories   AB and WB data one cycle after rd_en; ACC likewise, read 3 cycles (Deep: 6) before the same word is written.
`include "wren_assert.svh"

module wren_mxe
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_mxe_pkg::*;
#(
  parameter  int unsigned Rows     = 8,
  parameter  int unsigned Cols     = 16,
  parameter  int unsigned AbBytes  = 524288,
  parameter  int unsigned WbBytes  = 131072,
  parameter  int unsigned AccBytes = 131072,
  parameter  bit          Deep     = 1'b0,                      // more pipeline stages
  localparam int unsigned Part     = (Cols > 4) ? Cols / 4 : 1   // weight blocks per cycle
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  // Commands
  input  logic                            cmd_valid_i,
  output logic                            cmd_ready_o,
  input  logic [CmdBits-1:0]              cmd_i,
  output logic                            done_o,
  output bucket_e                         bucket_o,
  output logic                            numeric_o,       // pulse: an INT32 accumulation wrapped

  // AB read
  output logic                            ab_rd_en_o,
  output logic [15:0]                     ab_rd_word_o,
  input  logic [Rows-1:0][255:0]          ab_rd_data_i,
  input  logic [Rows-1:0][15:0]           ab_rd_scale_i,

  // WB read
  output logic                            wb_rd_en_o,
  output logic [15:0]                     wb_rd_addr_o,
  output logic                            wb_rd_packed_o,
  input  logic [Part-1:0][255:0]          wb_rd_data_i,
  input  logic [Part-1:0][15:0]           wb_rd_scale_i,

  // ACC read and write
  output logic                            acc_rd_en_o,
  output logic [15:0]                     acc_rd_word_o,
  input  logic [Rows-1:0][Cols-1:0][31:0] acc_rd_data_i,
  output logic [Rows-1:0]                 acc_wr_en_o,
  output logic [15:0]                     acc_wr_word_o,
  output logic [Rows-1:0][Cols-1:0][31:0] acc_wr_data_o
);

  localparam int unsigned Pw = (Cols > Part) ? $clog2(Cols / Part) : 1;

  logic            wb_valid, wb_bank, wb_odd, wb_bf16;
  weight_format_e  wb_format;
  logic [Pw-1:0]   wb_part;
  logic            step_valid, array_busy;
  step_t           step;
  logic [Rows-1:0] step_rows;

  assign ab_rd_en_o = step_valid;

  wren_mxe_seq #(
    .Rows(Rows),
    .Cols(Cols),
    .Deep(Deep)
  ) u_seq (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .cmd_valid_i (cmd_valid_i),
    .cmd_ready_o (cmd_ready_o),
    .cmd_i       (cmd_i),
    .bucket_o    (bucket_o),
    .wb_rd_en_o  (wb_rd_en_o),
    .wb_rd_addr_o(wb_rd_addr_o),
    .wb_rd_packed_o(wb_rd_packed_o),
    .wb_valid_o  (wb_valid),
    .wb_bank_o   (wb_bank),
    .wb_part_o   (wb_part),
    .wb_odd_o    (wb_odd),
    .wb_bf16_o   (wb_bf16),
    .wb_format_o (wb_format),
    .step_valid_o(step_valid),
    .step_o      (step),
    .step_rows_o (step_rows),
    .ab_word_o   (ab_rd_word_o),
    .array_busy_i(array_busy)
  );

  wren_mxe_array #(
    .Rows(Rows),
    .Cols(Cols),
    .Deep(Deep)
  ) u_array (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .wb_valid_i   (wb_valid),
    .wb_bank_i    (wb_bank),
    .wb_part_i    (wb_part),
    .wb_odd_i     (wb_odd),
    .wb_bf16_i    (wb_bf16),
    .wb_format_i  (wb_format),
    .wb_data_i    (wb_rd_data_i),
    .wb_scale_i   (wb_rd_scale_i),
    .step_valid_i (step_valid),
    .step_i       (step),
    .step_rows_i  (step_rows),
    .ab_data_i    (ab_rd_data_i),
    .ab_scale_i   (ab_rd_scale_i),
    .busy_o       (array_busy),
    .done_o       (done_o),
    .numeric_o    (numeric_o),
    .acc_rd_en_o  (acc_rd_en_o),
    .acc_rd_word_o(acc_rd_word_o),
    .acc_rd_data_i(acc_rd_data_i),
    .acc_wr_en_o  (acc_wr_en_o),
    .acc_wr_word_o(acc_wr_word_o),
    .acc_wr_data_o(acc_wr_data_o)
  );

  `ASSERT_INIT(Shape_A, Rows >= 2 && Rows == 2 ** $clog2(Rows) && Cols == 2 ** $clog2(Cols))
  `ASSERT(AbInRange_A, ab_rd_en_o -> 32'(ab_rd_word_o) < AbBytes / (Rows * 32))
  `ASSERT(WbInRange_A, wb_rd_en_o -> 32'(wb_rd_addr_o) < WbBytes / (Part * (wb_rd_packed_o ? 16 : 32)))
  `ASSERT(AccInRange_A, step_valid -> 32'(step.word) < AccBytes / (Rows * Cols * 4))

endmodule
