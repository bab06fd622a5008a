// mxe_tb: the matrix engine with its three memories and nothing else, for test benches. Monitors are brought out as outputs.
module mxe_tb
  import wren_pkg::*;
#(
  parameter  int unsigned Config = 0,
  localparam cfg_t        Cfg    = config_of(Config),
  parameter  bit          Deep   = Cfg.deep != 0,
  localparam int unsigned Rows   = Cfg.rows,
  localparam int unsigned Cols   = Cfg.cols,
  localparam int unsigned Bus    = Cfg.bus,
  localparam int unsigned Part   = (Cols > 4) ? Cols / 4 : 1,
  localparam int unsigned Lw     = $clog2(Rows)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      cmd_valid_i,
  output logic                      cmd_ready_o,
  input  logic [CmdBits-1:0]        cmd_i,
  output logic                      done_o,
  output logic [2:0]                bucket_o,
  output logic                      numeric_o,

  // LD into AB (0) and WB (1)
  input  logic [1:0]                ld_valid_i,
  output logic [1:0]                ld_ready_o,
  input  logic                      ld_plane_i,
  input  logic [31:0]               ld_addr_i,
  input  logic [Bus*8-1:0]          ld_data_i,
  input  logic [Bus/16-1:0]         ld_strb_i,

  // GTA into AB
  input  logic                      g_valid_i,
  input  logic [15:0]               g_word_i,
  input  logic [Lw-1:0]             g_lane_i,
  input  logic [255:0]              g_data_i,
  input  logic [15:0]               g_scale_i,

  // GTA out of ACC
  input  logic                      x_valid_i,
  output logic                      x_ready_o,
  input  logic [15:0]               x_word_i,
  input  logic [Lw-1:0]             x_row_i,
  output logic [2*Cols-1:0][31:0]   x_data_o,

  // Monitors
  output logic                      mon_valid_o,
  output logic [15:0]               mon_word_o,
  output logic [Rows-1:0]           mon_rows_o,
  output logic [Rows*Cols-1:0][31:0] mon_data_o,
  output logic [2:0]                mon_mem_o    // a write seen by the monitors of AB from the GTA, AB from LD, WB
);

  logic                            ab_rd_en, wb_rd_en, wb_rd_packed, acc_rd_en;
  logic [15:0]                     ab_rd_word, wb_rd_addr, acc_rd_word, acc_wr_word;
  logic [Rows-1:0][255:0]          ab_rd_data;
  logic [Rows-1:0][15:0]           ab_rd_scale;
  logic [Part-1:0][255:0]          wb_rd_data;
  logic [Part-1:0][15:0]           wb_rd_scale;
  logic [Rows-1:0]                 acc_wr_en;
  logic [Rows-1:0][Cols-1:0][31:0] acc_rd_data, acc_wr_data;
  bucket_e                         bucket;

  assign bucket_o = bucket;

  wren_mxe #(
    .Rows    (Rows),
    .Cols    (Cols),
    .AbBytes (Cfg.ab),
    .WbBytes (Cfg.wb),
    .AccBytes(Cfg.acc),
    .Deep    (Deep)
  ) u_mxe (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .cmd_valid_i  (cmd_valid_i),
    .cmd_ready_o  (cmd_ready_o),
    .cmd_i        (cmd_i),
    .done_o       (done_o),
    .bucket_o     (bucket),
    .numeric_o    (numeric_o),
    .ab_rd_en_o   (ab_rd_en),
    .ab_rd_word_o (ab_rd_word),
    .ab_rd_data_i (ab_rd_data),
    .ab_rd_scale_i(ab_rd_scale),
    .wb_rd_en_o   (wb_rd_en),
    .wb_rd_addr_o (wb_rd_addr),
    .wb_rd_packed_o(wb_rd_packed),
    .wb_rd_data_i (wb_rd_data),
    .wb_rd_scale_i(wb_rd_scale),
    .acc_rd_en_o  (acc_rd_en),
    .acc_rd_word_o(acc_rd_word),
    .acc_rd_data_i(acc_rd_data),
    .acc_wr_en_o  (acc_wr_en),
    .acc_wr_word_o(acc_wr_word),
    .acc_wr_data_o(acc_wr_data)
  );

  wren_ab #(
    .Rows   (Rows),
    .Bus    (Bus),
    .AbBytes(Cfg.ab)
  ) u_ab (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .rd_en_i   (ab_rd_en),
    .rd_word_i (ab_rd_word),
    .rd_data_o (ab_rd_data),
    .rd_scale_o(ab_rd_scale),
    .g_valid_i (g_valid_i),
    .g_word_i  (g_word_i),
    .g_lane_i  (g_lane_i),
    .g_data_i  (g_data_i),
    .g_scale_i (g_scale_i),
    .wr_valid_i(ld_valid_i[0]),
    .wr_ready_o(ld_ready_o[0]),
    .wr_plane_i(ld_plane_i),
    .wr_addr_i (ld_addr_i),
    .wr_data_i (ld_data_i),
    .wr_strb_i (ld_strb_i)
  );

  wren_wb #(
    .Cols   (Cols),
    .Bus    (Bus),
    .WbBytes(Cfg.wb)
  ) u_wb (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .rd_en_i   (wb_rd_en),
    .rd_addr_i (wb_rd_addr),
    .rd_packed_i(wb_rd_packed),
    .rd_data_o (wb_rd_data),
    .rd_scale_o(wb_rd_scale),
    .wr_valid_i(ld_valid_i[1]),
    .wr_ready_o(ld_ready_o[1]),
    .wr_plane_i(ld_plane_i),
    .wr_addr_i (ld_addr_i),
    .wr_data_i (ld_data_i),
    .wr_strb_i (ld_strb_i)
  );

  wren_acc #(
    .Rows    (Rows),
    .Cols    (Cols),
    .AccBytes(Cfg.acc)
  ) u_acc (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .mx_rd_en_i  (acc_rd_en),
    .mx_rd_word_i(acc_rd_word),
    .mx_rd_data_o(acc_rd_data),
    .mx_wr_en_i  (acc_wr_en),
    .mx_wr_word_i(acc_wr_word),
    .mx_wr_data_i(acc_wr_data),
    .x_valid_i   (x_valid_i),
    .x_ready_o   (x_ready_o),
    .x_word_i    (x_word_i),
    .x_row_i     (x_row_i),
    .x_data_o    (x_data_o)
  );

  assign mon_valid_o = u_mxe.u_array.mon_acc_valid_q;
  assign mon_word_o  = u_mxe.u_array.mon_acc_word_q;
  assign mon_rows_o  = u_mxe.u_array.mon_acc_rows_q;
  assign mon_data_o  = u_mxe.u_array.mon_acc_data_q;
  assign mon_mem_o   = {u_wb.mon_wb_ld_valid_q, u_ab.mon_ab_ld_valid_q, u_ab.mon_ab_g_valid_q};

endmodule
