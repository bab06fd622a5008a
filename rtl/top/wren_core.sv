// wren_core: one core: command unit, DMA, matrix engine, vector engine and their memories, tied together.
//
// Ports      AXI4-Lite slave (CSRs), AXI4 master (external memory), one read and one write port into L2, interrupt.
// Reset      everything behind the CSRs is reset by core_rst_n, which a soft reset also pulls (wren_softrst).
`include "wren_assert.svh"

module wren_core
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_cmd_pkg::*;
#(
  parameter  int unsigned Rows     = 8,
  parameter  int unsigned Cols     = 16,
  parameter  int unsigned Lanes    = 32,
  parameter  int unsigned Bus      = 64,        // bytes per beat
  parameter  int unsigned AbBytes  = 524288,
  parameter  int unsigned WbBytes  = 131072,
  parameter  int unsigned VmBytes  = 262144,
  parameter  int unsigned AccBytes = 131072,
  parameter  int unsigned L2Bytes  = 4194304,
  parameter  int unsigned Tables   = 8,
  parameter  int unsigned Cores    = 1,         // for CONFIG1
  parameter  bit          Compact  = 1'b0,      // smaller control
  parameter  bit          Deep     = 1'b0,      // more pipeline stages
  localparam int unsigned BusBits  = Bus * 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  output logic                    irq_o,

  // CSRs: AXI4-Lite slave
  input  logic                    s_aw_valid_i,
  output logic                    s_aw_ready_o,
  input  logic [11:0]             s_aw_addr_i,
  input  logic                    s_w_valid_i,
  output logic                    s_w_ready_o,
  input  logic [31:0]             s_w_data_i,
  input  logic [3:0]              s_w_strb_i,
  output logic                    s_b_valid_o,
  input  logic                    s_b_ready_i,
  output logic [1:0]              s_b_resp_o,
  input  logic                    s_ar_valid_i,
  output logic                    s_ar_ready_o,
  input  logic [11:0]             s_ar_addr_i,
  output logic                    s_r_valid_o,
  input  logic                    s_r_ready_i,
  output logic [31:0]             s_r_data_o,
  output logic [1:0]              s_r_resp_o,

  // L2
  output logic                    l2_rd_valid_o,
  input  logic                    l2_rd_ready_i,
  output logic [L2AddrWidth-1:0]  l2_rd_addr_o,
  input  logic                    l2_rd_rvalid_i,
  input  logic [BusBits-1:0]      l2_rd_rdata_i,
  output logic                    l2_wr_valid_o,
  input  logic                    l2_wr_ready_i,
  output logic [L2AddrWidth-1:0]  l2_wr_addr_o,
  output logic [BusBits-1:0]      l2_wr_data_o,
  output logic [Bus/2-1:0]        l2_wr_strb_o,

  // External memory: AXI4 master
  output logic                    axi_aw_valid_o,
  input  logic                    axi_aw_ready_i,
  output logic [3:0]              axi_aw_id_o,
  output logic [ExtAddrWidth-1:0] axi_aw_addr_o,
  output logic [7:0]              axi_aw_len_o,
  output logic [2:0]              axi_aw_size_o,
  output logic [1:0]              axi_aw_burst_o,
  output logic                    axi_w_valid_o,
  input  logic                    axi_w_ready_i,
  output logic [BusBits-1:0]      axi_w_data_o,
  output logic [Bus-1:0]          axi_w_strb_o,
  output logic                    axi_w_last_o,
  input  logic                    axi_b_valid_i,
  output logic                    axi_b_ready_o,
  input  logic [3:0]              axi_b_id_i,
  input  logic [1:0]              axi_b_resp_i,
  output logic                    axi_ar_valid_o,
  input  logic                    axi_ar_ready_i,
  output logic [3:0]              axi_ar_id_o,
  output logic [ExtAddrWidth-1:0] axi_ar_addr_o,
  output logic [7:0]              axi_ar_len_o,
  output logic [2:0]              axi_ar_size_o,
  output logic [1:0]              axi_ar_burst_o,
  input  logic                    axi_r_valid_i,
  output logic                    axi_r_ready_o,
  input  logic [3:0]              axi_r_id_i,
  input  logic [BusBits-1:0]      axi_r_data_i,
  input  logic [1:0]              axi_r_resp_i,
  input  logic                    axi_r_last_i
);

  localparam int unsigned Part = (Cols > 4) ? Cols / 4 : 1;           // WB blocks per cycle
  localparam int unsigned Lw   = $clog2(Rows);
  localparam int unsigned Iw   = $clog2(VmBytes / (Lanes * 4)) - 2;   // VM word index in a bank

  // ------------------------------------------------------------------------------------------------ control
  logic                    enable, soft_reset, resetting, reset_halt, reset_clear, core_rst_n;
  logic [ExtAddrWidth-1:0] ring_base;
  logic [15:0]             ring_mask;
  logic [31:0]             tail, timeout, head, retired;
  logic                    busy, halted, irq_done, irq_error, cmd_halt, dma_idle;
  err_t                    err;
  perf_t                   perf;
  logic                    mxe_numeric, gta_numeric;

  // Engine ports, indexed by engine_e
  logic [NumEngines-1:0]   cmd_valid, cmd_ready, done, waiting, err_valid;
  logic [CmdBits-1:0]      cmd [NumEngines];
  logic [3:0]              err_code [NumEngines];
  logic [31:0]             err_info [NumEngines];
  logic [ExtAddrWidth-1:0] err_addr [NumEngines];
  bucket_e                 ld_bucket, st_bucket, mxe_bucket, gta_bucket;

  // Fetch
  logic                    fetch_ar_valid, fetch_ar_ready, fetch_r_valid, fetch_r_last, fetch_r_err;
  logic [ExtAddrWidth-1:0] fetch_ar_addr;
  logic [7:0]              fetch_ar_len;
  logic [BusBits-1:0]      fetch_r_data;
  logic [1:0]              fetch_r_resp;

  // An idle engine whose next command waits is waiting for semaphores.
  function automatic bucket_e bucket_of(input bucket_e bucket, input logic waits);
    return ((bucket == BktIdle) && waits) ? BktWaitSem : bucket;
  endfunction

  assign perf.busy = busy;
  assign perf.ld   = bucket_of(ld_bucket, waiting[EngineLd]);
  assign perf.st   = bucket_of(st_bucket, waiting[EngineSt]);
  assign perf.mxe  = bucket_of(mxe_bucket, waiting[EngineMxe]);
  assign perf.gta  = bucket_of(gta_bucket, waiting[EngineGta]);

  wren_csr #(
    .Rows    (Rows),
    .Cols    (Cols),
    .Lanes   (Lanes),
    .Bus     (Bus),
    .AbBytes (AbBytes),
    .WbBytes (WbBytes),
    .VmBytes (VmBytes),
    .AccBytes(AccBytes),
    .L2Bytes (L2Bytes),
    .Tables  (Tables),
    .Cores   (Cores),
    .Compact (Compact),
    .Deep    (Deep)
  ) u_csr (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .s_aw_valid_i (s_aw_valid_i),
    .s_aw_ready_o (s_aw_ready_o),
    .s_aw_addr_i  (s_aw_addr_i),
    .s_w_valid_i  (s_w_valid_i),
    .s_w_ready_o  (s_w_ready_o),
    .s_w_data_i   (s_w_data_i),
    .s_w_strb_i   (s_w_strb_i),
    .s_b_valid_o  (s_b_valid_o),
    .s_b_ready_i  (s_b_ready_i),
    .s_b_resp_o   (s_b_resp_o),
    .s_ar_valid_i (s_ar_valid_i),
    .s_ar_ready_o (s_ar_ready_o),
    .s_ar_addr_i  (s_ar_addr_i),
    .s_r_valid_o  (s_r_valid_o),
    .s_r_ready_i  (s_r_ready_i),
    .s_r_data_o   (s_r_data_o),
    .s_r_resp_o   (s_r_resp_o),
    .irq_o        (irq_o),
    .enable_o     (enable),
    .ring_base_o  (ring_base),
    .ring_mask_o  (ring_mask),
    .tail_o       (tail),
    .timeout_o    (timeout),
    .soft_reset_o (soft_reset),
    .resetting_i  (resetting),
    .reset_clear_i(reset_clear),
    .head_i       (head),
    .retired_i    (retired),
    .busy_i       (busy),
    .halted_i     (halted),
    .err_i        (err),
    .irq_done_i   (irq_done),
    .irq_error_i  (irq_error),
    .numeric_i    (mxe_numeric || gta_numeric),
    .perf_i       (perf)
  );

  wren_softrst u_softrst (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .request_i  (soft_reset),
    .dma_idle_i (dma_idle),
    .busy_o     (resetting),
    .halt_o     (reset_halt),
    .clear_o    (reset_clear),
    .core_rst_no(core_rst_n)
  );

  logic cmd_active, cmd_clk;   // the clocks of units that have nothing to do stop: wren_clk_idle

  wren_clk_idle u_cmd_clk (
    .clk_i(clk_i), .rst_ni(core_rst_n), .active_i(cmd_active), .clk_o(cmd_clk)
  );

  // What the command unit sees of the CSRs and of the engines changes a few times per command.
  typedef struct packed {
    logic [ExtAddrWidth-1:0] ring_base;
    logic [15:0]             ring_mask;
    logic [31:0]             tail;
    logic [31:0]             timeout;
  } cmd_ring_t;
  typedef struct packed {
    logic                    enable;
    logic                    fetch_ar_ready;
    logic                    fetch_r_valid;
    logic                    fetch_r_err;
    logic [1:0]              fetch_r_resp;
    logic [NumEngines-1:0]   cmd_ready;
    logic [NumEngines-1:0]   done;
    logic [NumEngines-1:0]   err_valid;
    logic                    dma_idle;
  } cmd_status_t;

  cmd_ring_t   cmd_ring;
  cmd_status_t cmd_status;

  wren_quiet #(
    .Width($bits(cmd_ring_t))
  ) u_cmd_ring (
    .in_i ({ring_base, ring_mask, tail, timeout}),
    .out_o(cmd_ring)
  );
  wren_quiet #(
    .Width($bits(cmd_status_t))
  ) u_cmd_status (
    .in_i ({enable && !resetting, fetch_ar_ready, fetch_r_valid, fetch_r_err, fetch_r_resp, cmd_ready, done, err_valid, dma_idle}),
    .out_o(cmd_status)
  );

  wren_cmd #(
    .Rows    (Rows),
    .Cols    (Cols),
    .Bus     (Bus),
    .AbBytes (AbBytes),
    .WbBytes (WbBytes),
    .VmBytes (VmBytes),
    .AccBytes(AccBytes),
    .L2Bytes (L2Bytes),
    .Tables  (Tables),
    .Compact (Compact),
    .Deep    (Deep)
  ) u_cmd (
    .clk_i           (cmd_clk),
    .rst_ni          (core_rst_n),
    .enable_i        (cmd_status.enable),
    .ring_base_i     (cmd_ring.ring_base),
    .ring_mask_i     (cmd_ring.ring_mask),
    .tail_i          (cmd_ring.tail),
    .timeout_i       (cmd_ring.timeout),
    .head_o          (head),
    .retired_o       (retired),
    .busy_o          (busy),
    .halted_o        (halted),
    .err_o           (err),
    .irq_done_o      (irq_done),
    .irq_error_o     (irq_error),
    .active_o        (cmd_active),
    .fetch_ar_valid_o(fetch_ar_valid),
    .fetch_ar_ready_i(cmd_status.fetch_ar_ready),
    .fetch_ar_addr_o (fetch_ar_addr),
    .fetch_ar_len_o  (fetch_ar_len),
    .fetch_r_valid_i (cmd_status.fetch_r_valid),
    .fetch_r_data_i  (fetch_r_data),
    .fetch_r_err_i   (cmd_status.fetch_r_err),
    .fetch_r_resp_i  (cmd_status.fetch_r_resp),
    .cmd_valid_o     (cmd_valid),
    .cmd_ready_i     (cmd_status.cmd_ready),
    .cmd_o           (cmd),
    .done_i          (cmd_status.done),
    .waiting_o       (waiting),
    .err_valid_i     (cmd_status.err_valid),
    .err_code_i      (err_code),
    .err_info_i      (err_info),
    .err_addr_i      (err_addr),
    .halt_o          (cmd_halt),
    .dma_idle_i      (cmd_status.dma_idle)
  );

  // ctl has no engine; MXE and GTA cannot fail.
  assign cmd_ready[EngineCtl] = 1'b0;
  assign done[EngineCtl]      = 1'b0;
  assign err_valid[EngineCtl] = 1'b0;
  assign err_code[EngineCtl]  = '0;
  assign err_info[EngineCtl]  = '0;
  assign err_addr[EngineCtl]  = '0;
  assign err_valid[EngineMxe] = 1'b0;
  assign err_code[EngineMxe]  = '0;
  assign err_info[EngineMxe]  = '0;
  assign err_addr[EngineMxe]  = '0;
  assign err_valid[EngineGta] = 1'b0;
  assign err_code[EngineGta]  = '0;
  assign err_info[EngineGta]  = '0;
  assign err_addr[EngineGta]  = '0;

  // ------------------------------------------------------------------------------------------------ DMA
  logic                   ab_wr_valid, ab_wr_ready, wb_wr_valid, wb_wr_ready, vm_wr_valid, vm_wr_ready, lut_wr_valid, lut_wr_ready;
  logic                   wr_plane;
  logic [31:0]            wr_addr;
  logic [BusBits-1:0]     wr_data;
  logic [Bus/16-1:0]      wr_strb;
  logic                   vm_st_rd_valid, vm_st_rd_ready, vm_ix_valid, vm_ix_ready;
  logic [VmAddrWidth-1:0] vm_st_rd_addr, vm_ix_addr;
  logic [BusBits-1:0]     vm_st_rd_data;
  logic [31:0]            vm_ix_data;

  wren_dma #(
    .Bus    (Bus),
    .L2Bytes(L2Bytes),
    .Deep   (Deep)
  ) u_dma (
    .clk_i           (clk_i),
    .rst_ni          (core_rst_n),
    .halt_i          (cmd_halt || reset_halt),
    .idle_o          (dma_idle),
    .ld_cmd_valid_i  (cmd_valid[EngineLd]),
    .ld_cmd_ready_o  (cmd_ready[EngineLd]),
    .ld_cmd_i        (cmd[EngineLd]),
    .ld_done_o       (done[EngineLd]),
    .ld_bucket_o     (ld_bucket),
    .ld_err_valid_o  (err_valid[EngineLd]),
    .ld_err_code_o   (err_code[EngineLd]),
    .ld_err_info_o   (err_info[EngineLd]),
    .ld_err_addr_o   (err_addr[EngineLd]),
    .st_cmd_valid_i  (cmd_valid[EngineSt]),
    .st_cmd_ready_o  (cmd_ready[EngineSt]),
    .st_cmd_i        (cmd[EngineSt]),
    .st_done_o       (done[EngineSt]),
    .st_bucket_o     (st_bucket),
    .st_err_valid_o  (err_valid[EngineSt]),
    .st_err_code_o   (err_code[EngineSt]),
    .st_err_info_o   (err_info[EngineSt]),
    .st_err_addr_o   (err_addr[EngineSt]),
    .ab_wr_valid_o   (ab_wr_valid),
    .ab_wr_ready_i   (ab_wr_ready),
    .wb_wr_valid_o   (wb_wr_valid),
    .wb_wr_ready_i   (wb_wr_ready),
    .vm_wr_valid_o   (vm_wr_valid),
    .vm_wr_ready_i   (vm_wr_ready),
    .lut_wr_valid_o  (lut_wr_valid),
    .lut_wr_ready_i  (lut_wr_ready),
    .wr_plane_o      (wr_plane),
    .wr_addr_o       (wr_addr),
    .wr_data_o       (wr_data),
    .wr_strb_o       (wr_strb),
    .vm_st_rd_valid_o(vm_st_rd_valid),
    .vm_st_rd_ready_i(vm_st_rd_ready),
    .vm_st_rd_addr_o (vm_st_rd_addr),
    .vm_st_rd_data_i (vm_st_rd_data),
    .vm_ix_valid_o   (vm_ix_valid),
    .vm_ix_ready_i   (vm_ix_ready),
    .vm_ix_addr_o    (vm_ix_addr),
    .vm_ix_data_i    (vm_ix_data),
    .l2_rd_valid_o   (l2_rd_valid_o),
    .l2_rd_ready_i   (l2_rd_ready_i),
    .l2_rd_addr_o    (l2_rd_addr_o),
    .l2_rd_rvalid_i  (l2_rd_rvalid_i),
    .l2_rd_rdata_i   (l2_rd_rdata_i),
    .l2_wr_valid_o   (l2_wr_valid_o),
    .l2_wr_ready_i   (l2_wr_ready_i),
    .l2_wr_addr_o    (l2_wr_addr_o),
    .l2_wr_data_o    (l2_wr_data_o),
    .l2_wr_strb_o    (l2_wr_strb_o),
    .fetch_ar_valid_i(fetch_ar_valid),
    .fetch_ar_ready_o(fetch_ar_ready),
    .fetch_ar_addr_i (fetch_ar_addr),
    .fetch_ar_len_i  (fetch_ar_len),
    .fetch_r_valid_o (fetch_r_valid),
    .fetch_r_data_o  (fetch_r_data),
    .fetch_r_last_o  (fetch_r_last),
    .fetch_r_err_o   (fetch_r_err),
    .fetch_r_resp_o  (fetch_r_resp),
    .axi_aw_valid_o  (axi_aw_valid_o),
    .axi_aw_ready_i  (axi_aw_ready_i),
    .axi_aw_id_o     (axi_aw_id_o),
    .axi_aw_addr_o   (axi_aw_addr_o),
    .axi_aw_len_o    (axi_aw_len_o),
    .axi_aw_size_o   (axi_aw_size_o),
    .axi_aw_burst_o  (axi_aw_burst_o),
    .axi_w_valid_o   (axi_w_valid_o),
    .axi_w_ready_i   (axi_w_ready_i),
    .axi_w_data_o    (axi_w_data_o),
    .axi_w_strb_o    (axi_w_strb_o),
    .axi_w_last_o    (axi_w_last_o),
    .axi_b_valid_i   (axi_b_valid_i),
    .axi_b_ready_o   (axi_b_ready_o),
    .axi_b_id_i      (axi_b_id_i),
    .axi_b_resp_i    (axi_b_resp_i),
    .axi_ar_valid_o  (axi_ar_valid_o),
    .axi_ar_ready_i  (axi_ar_ready_i),
    .axi_ar_id_o     (axi_ar_id_o),
    .axi_ar_addr_o   (axi_ar_addr_o),
    .axi_ar_len_o    (axi_ar_len_o),
    .axi_ar_size_o   (axi_ar_size_o),
    .axi_ar_burst_o  (axi_ar_burst_o),
    .axi_r_valid_i   (axi_r_valid_i),
    .axi_r_ready_o   (axi_r_ready_o),
    .axi_r_id_i      (axi_r_id_i),
    .axi_r_data_i    (axi_r_data_i),
    .axi_r_resp_i    (axi_r_resp_i),
    .axi_r_last_i    (axi_r_last_i),
    .rd_bytes_o      (perf.rd_bytes),
    .wr_bytes_o      (perf.wr_bytes),
    .fetch_bytes_o   (perf.fetch_bytes)
  );

  // ------------------------------------------------------------------------------------------------ matrix engine
  logic                            ab_rd_en, wb_rd_en, acc_rd_en;
  logic                            wb_rd_packed;
  logic [15:0]                     ab_rd_word, wb_rd_addr, acc_rd_word, acc_wr_word;
  logic [Rows-1:0][255:0]          ab_rd_data;
  logic [Rows-1:0][15:0]           ab_rd_scale;
  logic [Part-1:0][255:0]          wb_rd_data;
  logic [Part-1:0][15:0]           wb_rd_scale;
  logic [Rows-1:0]                 acc_wr_en;
  logic [Rows-1:0][Cols-1:0][31:0] acc_rd_data, acc_wr_data;

  // GTA to AB, ACC to GTA
  logic                    g_valid, x_valid, x_ready;
  logic [15:0]             g_word, x_word;
  logic [Lw-1:0]           g_lane, x_row;
  logic [255:0]            g_data;
  logic [15:0]             g_scale;
  logic [2*Cols-1:0][31:0] x_data;

  wren_mxe #(
    .Rows    (Rows),
    .Cols    (Cols),
    .AbBytes (AbBytes),
    .WbBytes (WbBytes),
    .AccBytes(AccBytes),
    .Deep    (Deep)
  ) u_mxe (
    .clk_i        (clk_i),
    .rst_ni       (core_rst_n),
    .cmd_valid_i  (cmd_valid[EngineMxe]),
    .cmd_ready_o  (cmd_ready[EngineMxe]),
    .cmd_i        (cmd[EngineMxe]),
    .done_o       (done[EngineMxe]),
    .bucket_o     (mxe_bucket),
    .numeric_o    (mxe_numeric),
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
    .AbBytes(AbBytes)
  ) u_ab (
    .clk_i     (clk_i),
    .rst_ni    (core_rst_n),
    .rd_en_i   (ab_rd_en),
    .rd_word_i (ab_rd_word),
    .rd_data_o (ab_rd_data),
    .rd_scale_o(ab_rd_scale),
    .g_valid_i (g_valid),
    .g_word_i  (g_word),
    .g_lane_i  (g_lane),
    .g_data_i  (g_data),
    .g_scale_i (g_scale),
    .wr_valid_i(ab_wr_valid),
    .wr_ready_o(ab_wr_ready),
    .wr_plane_i(wr_plane),
    .wr_addr_i (wr_addr),
    .wr_data_i (wr_data),
    .wr_strb_i (wr_strb)
  );

  wren_wb #(
    .Cols   (Cols),
    .Bus    (Bus),
    .WbBytes(WbBytes)
  ) u_wb (
    .clk_i     (clk_i),
    .rst_ni    (core_rst_n),
    .rd_en_i   (wb_rd_en),
    .rd_addr_i (wb_rd_addr),
    .rd_packed_i(wb_rd_packed),
    .rd_data_o (wb_rd_data),
    .rd_scale_o(wb_rd_scale),
    .wr_valid_i(wb_wr_valid),
    .wr_ready_o(wb_wr_ready),
    .wr_plane_i(wr_plane),
    .wr_addr_i (wr_addr),
    .wr_data_i (wr_data),
    .wr_strb_i (wr_strb)
  );

  wren_acc #(
    .Rows    (Rows),
    .Cols    (Cols),
    .AccBytes(AccBytes)
  ) u_acc (
    .clk_i       (clk_i),
    .rst_ni      (core_rst_n),
    .mx_rd_en_i  (acc_rd_en),
    .mx_rd_word_i(acc_rd_word),
    .mx_rd_data_o(acc_rd_data),
    .mx_wr_en_i  (acc_wr_en),
    .mx_wr_word_i(acc_wr_word),
    .mx_wr_data_i(acc_wr_data),
    .x_valid_i   (x_valid),
    .x_ready_o   (x_ready),
    .x_word_i    (x_word),
    .x_row_i     (x_row),
    .x_data_o    (x_data)
  );

  // ------------------------------------------------------------------------------------------------ vector engine
  logic [3:0]             g_rd_en;
  logic [3:0][Iw-1:0]     g_rd_idx;
  logic [Lanes-1:0][31:0] g_rd_data0, g_rd_data1, g_rd_data2, g_rd_data3;
  logic                   g_wr_valid, osc_valid, osc_ready, red_valid, red_ready;
  logic [VmAddrWidth-1:0] g_wr_addr, osc_addr, red_addr;
  logic [Lanes-1:0][31:0] g_wr_data;
  logic [Lanes*2-1:0]     g_wr_strb;
  logic [15:0]            osc_data;
  logic [31:0]            red_data;

  logic gta_clk, vm_clk;

  wren_clk_idle u_gta_clk (
    .clk_i(clk_i), .rst_ni(core_rst_n), .clk_o(gta_clk),
    .active_i(cmd_valid[EngineGta] || gta_bucket != BktIdle || lut_wr_valid || g_wr_valid || osc_valid || red_valid || x_valid || g_valid)
  );
  wren_clk_idle u_vm_clk (
    .clk_i(clk_i), .rst_ni(core_rst_n), .clk_o(vm_clk),
    .active_i(g_rd_en != '0 || g_wr_valid || osc_valid || red_valid || vm_wr_valid || vm_st_rd_valid || vm_ix_valid)
  );

  wren_gta #(
    .Rows    (Rows),
    .Cols    (Cols),
    .Lanes   (Lanes),
    .Bus     (Bus),
    .VmBytes (VmBytes),
    .AccWords(AccBytes / (4 * Rows * Cols)),
    .AbWords (AbBytes / (32 * Rows)),
    .Tables  (Tables),
    .Deep    (Deep)
  ) u_gta (
    .clk_i         (gta_clk),
    .rst_ni        (core_rst_n),
    .cmd_valid_i   (cmd_valid[EngineGta]),
    .cmd_ready_o   (cmd_ready[EngineGta]),
    .cmd_i         (cmd[EngineGta]),
    .done_o        (done[EngineGta]),
    .bucket_o      (gta_bucket),
    .numeric_o     (gta_numeric),
    .g_rd_en_o     (g_rd_en),
    .g_rd_idx_o    (g_rd_idx),
    .g_rd_data0_i  (g_rd_data0),
    .g_rd_data1_i  (g_rd_data1),
    .g_rd_data2_i  (g_rd_data2),
    .g_rd_data3_i  (g_rd_data3),
    .g_wr_valid_o  (g_wr_valid),
    .g_wr_addr_o   (g_wr_addr),
    .g_wr_data_o   (g_wr_data),
    .g_wr_strb_o   (g_wr_strb),
    .osc_valid_o   (osc_valid),
    .osc_ready_i   (osc_ready),
    .osc_addr_o    (osc_addr),
    .osc_data_o    (osc_data),
    .red_valid_o   (red_valid),
    .red_ready_i   (red_ready),
    .red_addr_o    (red_addr),
    .red_data_o    (red_data),
    .x_valid_o     (x_valid),
    .x_ready_i     (x_ready),
    .x_word_o      (x_word),
    .x_row_o       (x_row),
    .x_data_i      (x_data),
    .ab_valid_o    (g_valid),
    .ab_word_o     (g_word),
    .ab_lane_o     (g_lane),
    .ab_data_o     (g_data),
    .ab_scale_o    (g_scale),
    .lut_wr_valid_i(lut_wr_valid),
    .lut_wr_ready_o(lut_wr_ready),
    .lut_wr_addr_i (wr_addr),
    .lut_wr_data_i (wr_data),
    .lut_wr_strb_i (wr_strb)
  );

  wren_vm #(
    .Lanes  (Lanes),
    .Bus    (Bus),
    .VmBytes(VmBytes)
  ) u_vm (
    .clk_i        (vm_clk),
    .rst_ni       (core_rst_n),
    .g_rd_en_i    (g_rd_en),
    .g_rd_idx_i   (g_rd_idx),
    .g_rd_data0_o (g_rd_data0),
    .g_rd_data1_o (g_rd_data1),
    .g_rd_data2_o (g_rd_data2),
    .g_rd_data3_o (g_rd_data3),
    .g_wr_valid_i (g_wr_valid),
    .g_wr_addr_i  (g_wr_addr),
    .g_wr_data_i  (g_wr_data),
    .g_wr_strb_i  (g_wr_strb),
    .osc_valid_i  (osc_valid),
    .osc_ready_o  (osc_ready),
    .osc_addr_i   (osc_addr),
    .osc_data_i   (osc_data),
    .red_valid_i  (red_valid),
    .red_ready_o  (red_ready),
    .red_addr_i   (red_addr),
    .red_data_i   (red_data),
    .wr_valid_i   (vm_wr_valid),
    .wr_ready_o   (vm_wr_ready),
    .wr_addr_i    (wr_addr),
    .wr_data_i    (wr_data),
    .wr_strb_i    (wr_strb),
    .st_rd_valid_i(vm_st_rd_valid),
    .st_rd_ready_o(vm_st_rd_ready),
    .st_rd_addr_i (vm_st_rd_addr),
    .st_rd_data_o (vm_st_rd_data),
    .ix_valid_i   (vm_ix_valid),
    .ix_ready_o   (vm_ix_ready),
    .ix_addr_i    (vm_ix_addr),
    .ix_data_o    (vm_ix_data)
  );

  // ------------------------------------------------------------------------------------------------ monitors
  logic mon_busy_q, mon_halted_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mon_busy_q   <= 1'b0;
      mon_halted_q <= 1'b0;
    end else begin
      mon_busy_q   <= busy || resetting;
      mon_halted_q <= halted;
    end
  end

endmodule
