// wren_cmd_tb: the command unit with its CSRs and reset, as nano has them or in the form of the larger ones; the bench plays ring memory and engines.
module wren_cmd_tb
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_cmd_pkg::*;
#(
  parameter  int unsigned Config  = CfgNano,
  parameter  bit          Compact = 1'b0,
  parameter  bit          Deep    = 1'b0,
  localparam cfg_t        C       = config_of(Config),
  localparam int unsigned BusBits = C.bus * 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  output logic                    irq_o,

  // CSRs
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

  // Fetch
  output logic                    fetch_ar_valid_o,
  input  logic                    fetch_ar_ready_i,
  output logic [ExtAddrWidth-1:0] fetch_ar_addr_o,
  output logic [7:0]              fetch_ar_len_o,
  input  logic                    fetch_r_valid_i,
  input  logic [BusBits-1:0]      fetch_r_data_i,
  input  logic                    fetch_r_err_i,
  input  logic [1:0]              fetch_r_resp_i,

  // Engines: bit e is engine_e e
  output logic [NumEngines-1:0]   cmd_valid_o,
  input  logic [NumEngines-1:0]   cmd_ready_i,
  output logic [CmdBits-1:0]      cmd_ld_o,
  output logic [CmdBits-1:0]      cmd_st_o,
  output logic [CmdBits-1:0]      cmd_mxe_o,
  output logic [CmdBits-1:0]      cmd_gta_o,
  input  logic [NumEngines-1:0]   done_i,
  input  logic [2:0]              bucket_i [NumEngines],
  input  logic [NumEngines-1:0]   err_valid_i,
  input  logic [3:0]              err_code_i,
  input  logic [31:0]             err_info_i,
  input  logic [ExtAddrWidth-1:0] err_addr_i,
  input  logic                    numeric_i,
  input  logic [7:0]              rd_bytes_i,
  input  logic [7:0]              wr_bytes_i,
  input  logic [7:0]              fetch_bytes_i,

  output logic                    core_rst_no,
  output logic                    halt_o,
  input  logic                    dma_idle_i
);

  logic                                    enable, soft_reset, resetting, reset_halt, reset_clear, core_rst_n, cmd_halt;
  logic [ExtAddrWidth-1:0]                 ring_base;
  logic [15:0]                             ring_mask;
  logic [31:0]                             tail, timeout, head, retired;
  logic                                    busy, halted, irq_done, irq_error;
  err_t                                    err;
  perf_t                                   perf;
  logic [NumEngines-1:0]                   waiting;
  logic [CmdBits-1:0]                      cmd [NumEngines];
  logic [3:0]                              err_code [NumEngines];
  logic [31:0]                             err_info [NumEngines];
  logic [ExtAddrWidth-1:0]                 err_addr [NumEngines];

  function automatic bucket_e bucket_of(input logic [2:0] bucket, input logic waits);
    return ((bucket == BktIdle) && waits) ? BktWaitSem : bucket_e'(bucket);
  endfunction

  assign perf = '{busy: busy, gta: bucket_of(bucket_i[4], waiting[4]), mxe: bucket_of(bucket_i[3], waiting[3]),
                  st: bucket_of(bucket_i[2], waiting[2]), ld: bucket_of(bucket_i[1], waiting[1]),
                  rd_bytes: rd_bytes_i, wr_bytes: wr_bytes_i, fetch_bytes: fetch_bytes_i};
  for (genvar e = 0; e < NumEngines; e++) begin : gen_err
    assign err_code[e] = err_code_i;
    assign err_info[e] = err_info_i;
    assign err_addr[e] = err_addr_i;
  end
  assign cmd_ld_o    = cmd[EngineLd];
  assign cmd_st_o    = cmd[EngineSt];
  assign cmd_mxe_o   = cmd[EngineMxe];
  assign cmd_gta_o   = cmd[EngineGta];
  assign core_rst_no = core_rst_n;
  assign halt_o      = cmd_halt || reset_halt;

  wren_csr #(
    .Rows(C.rows), .Cols(C.cols), .Lanes(C.lanes), .Bus(C.bus), .AbBytes(C.ab), .WbBytes(C.wb), .VmBytes(C.vm),
    .AccBytes(C.acc), .L2Bytes(C.l2), .Tables(C.tables), .Cores(C.cores), .Compact(Compact), .Deep(Deep)
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
    .numeric_i    (numeric_i),
    .perf_i       (perf)
  );

  wren_softrst u_softrst (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .request_i  (soft_reset),
    .dma_idle_i (dma_idle_i),
    .busy_o     (resetting),
    .halt_o     (reset_halt),
    .clear_o    (reset_clear),
    .core_rst_no(core_rst_n)
  );

  wren_cmd #(
    .Rows(C.rows), .Cols(C.cols), .Bus(C.bus), .AbBytes(C.ab), .WbBytes(C.wb), .VmBytes(C.vm), .AccBytes(C.acc),
    .L2Bytes(C.l2), .Tables(C.tables), .Compact(Compact), .Deep(Deep)
  ) u_cmd (
    .clk_i           (clk_i),
    .rst_ni          (core_rst_n),
    .enable_i        (enable && !resetting),
    .ring_base_i     (ring_base),
    .ring_mask_i     (ring_mask),
    .tail_i          (tail),
    .timeout_i       (timeout),
    .head_o          (head),
    .retired_o       (retired),
    .busy_o          (busy),
    .halted_o        (halted),
    .err_o           (err),
    .irq_done_o      (irq_done),
    .irq_error_o     (irq_error),
    .fetch_ar_valid_o(fetch_ar_valid_o),
    .fetch_ar_ready_i(fetch_ar_ready_i),
    .fetch_ar_addr_o (fetch_ar_addr_o),
    .fetch_ar_len_o  (fetch_ar_len_o),
    .fetch_r_valid_i (fetch_r_valid_i),
    .fetch_r_data_i  (fetch_r_data_i),
    .fetch_r_err_i   (fetch_r_err_i),
    .fetch_r_resp_i  (fetch_r_resp_i),
    .cmd_valid_o     (cmd_valid_o),
    .cmd_ready_i     (cmd_ready_i),
    .cmd_o           (cmd),
    .done_i          (done_i),
    .waiting_o       (waiting),
    .err_valid_i     (err_valid_i),
    .err_code_i      (err_code),
    .err_info_i      (err_info),
    .err_addr_i      (err_addr),
    .halt_o          (cmd_halt),
    .dma_idle_i      (dma_idle_i)
  );

endmodule
