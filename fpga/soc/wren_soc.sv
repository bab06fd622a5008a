// wren_soc: Wren with its memory behind a serial line, for a board.
//
// Memory     Sdram = 0: MemBytes of block RAM; 1: an SDRAM chip of 32 MiB (wren_sdram), which is clocked with the inverse of clk_i.
// Clock      ClockHz is what everything follows from: the SDRAM's times, and by default the serial line's divider and quiet time.
// Serial     8N1, Divider clocks per bit; frames: see wren_link. The host sees all of Wren: its CSRs and its external memory from
//            address 0. A FIFO of RxDepth bytes holds what comes while a request is under way: the host may send that much ahead.
// LEDs       0 blinks with the clock, 1 and 2 a byte came or went, 3 the interrupt, 4 a frame was dropped since the reset.
`include "wren_assert.svh"

module wren_soc
  import wren_pkg::*;
#(
  parameter  int unsigned Config    = CfgNano,
  parameter  bit          Sdram     = 1'b0,
  parameter  int unsigned MemBytes  = Sdram ? 33_554_432 : 65536,
  parameter  int unsigned ClockHz   = 25_000_000,
  parameter  int unsigned Baud      = 1_000_000,
  parameter  int unsigned Divider   = (ClockHz + Baud / 2) / Baud,
  parameter  int unsigned QuietBits = $clog2(ClockHz / 64),     // 16 to 31 ms
  parameter  int unsigned RxDepth   = 128,
  localparam cfg_t        C         = config_of(Config),
  localparam int unsigned Bus       = C.bus,
  localparam int unsigned BusBits   = Bus * 8
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        rx_i,
  output logic        tx_o,
  output logic [4:0]  led_o,

  // SDRAM
  output logic        sd_cke_o,
  output logic        sd_cs_no,
  output logic        sd_ras_no,
  output logic        sd_cas_no,
  output logic        sd_we_no,
  output logic [1:0]  sd_ba_o,
  output logic [12:0] sd_a_o,
  output logic [1:0]  sd_dqm_o,
  output logic [15:0] sd_dq_o,
  output logic        sd_dq_oe_o,
  input  logic [15:0] sd_dq_i
);

  // ---- the serial line
  logic       rx_valid, rx_error, queued, queued_ready, in_valid, in_ready, in_error, tx_valid, tx_ready, drop;
  logic [8:0] queued_data;
  logic [7:0] rx_data, in_data, tx_data;

  wren_uart_rx #(.Divider(Divider)) u_rx (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .rx_i   (rx_i),
    .valid_o(rx_valid),
    .error_o(rx_error),
    .data_o (rx_data)
  );
  wren_fifo #(
    .Width(9),
    .Depth(RxDepth)
  ) u_in (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(rx_valid || rx_error),
    .wr_ready_o(),                                              // a byte too many is lost, and the frame's CRC says so
    .wr_data_i ({rx_error, rx_data}),
    .rd_valid_o(queued),
    .rd_ready_i(queued_ready),
    .rd_data_o (queued_data),
    .count_o   ()
  );
  wren_skid #(
    .Width(9)
  ) u_in_q (                                                    // the link looks at a register and not through the queue
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .wr_valid_i(queued),
    .wr_ready_o(queued_ready),
    .wr_data_i (queued_data),
    .rd_valid_o(in_valid),
    .rd_ready_i(in_ready),
    .rd_data_o ({in_error, in_data})
  );
  wren_uart_tx #(.Divider(Divider)) u_tx (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(tx_valid),
    .ready_o(tx_ready),
    .data_i (tx_data),
    .tx_o   (tx_o)
  );

  // ---- the host's accesses
  logic        s_aw_valid, s_aw_ready, s_w_valid, s_w_ready, s_b_valid, s_b_ready, s_ar_valid, s_ar_ready, s_r_valid, s_r_ready;
  logic [11:0] s_aw_addr, s_ar_addr;
  logic [31:0] s_w_data, s_r_data;
  logic [3:0]  s_w_strb;
  logic [1:0]  s_b_resp, s_r_resp;
  logic        mem_valid, mem_ready, mem_write;
  logic [31:0] mem_addr, mem_wdata, mem_rdata;

  wren_link #(
    .MemBytes (MemBytes),
    .QuietBits(QuietBits)
  ) u_link (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .rx_valid_i   (in_valid && !in_error),
    .rx_ready_o   (in_ready),
    .rx_error_i   (in_valid && in_error),
    .rx_data_i    (in_data),
    .tx_valid_o   (tx_valid),
    .tx_ready_i   (tx_ready),
    .tx_data_o    (tx_data),
    .drop_o       (drop),
    .mem_valid_o  (mem_valid),
    .mem_ready_i  (mem_ready),
    .mem_write_o  (mem_write),
    .mem_addr_o   (mem_addr),
    .mem_wdata_o  (mem_wdata),
    .mem_rdata_i  (mem_rdata),
    .m_aw_valid_o (s_aw_valid),
    .m_aw_ready_i (s_aw_ready),
    .m_aw_addr_o  (s_aw_addr),
    .m_w_valid_o  (s_w_valid),
    .m_w_ready_i  (s_w_ready),
    .m_w_data_o   (s_w_data),
    .m_w_strb_o   (s_w_strb),
    .m_b_valid_i  (s_b_valid),
    .m_b_ready_o  (s_b_ready),
    .m_b_resp_i   (s_b_resp),
    .m_ar_valid_o (s_ar_valid),
    .m_ar_ready_i (s_ar_ready),
    .m_ar_addr_o  (s_ar_addr),
    .m_r_valid_i  (s_r_valid),
    .m_r_ready_o  (s_r_ready),
    .m_r_data_i   (s_r_data),
    .m_r_resp_i   (s_r_resp)
  );

  // ---- Wren and its memory
  logic irq;
  logic axi_aw_valid, axi_aw_ready, axi_w_valid, axi_w_ready, axi_w_last, axi_b_valid, axi_b_ready;
  logic axi_ar_valid, axi_ar_ready, axi_r_valid, axi_r_ready, axi_r_last;
  logic [3:0] axi_aw_id, axi_b_id, axi_ar_id, axi_r_id;
  logic [ExtAddrWidth-1:0] axi_aw_addr, axi_ar_addr;
  logic [7:0] axi_aw_len, axi_ar_len;
  logic [2:0] axi_aw_size, axi_ar_size;
  logic [1:0] axi_aw_burst, axi_b_resp, axi_ar_burst, axi_r_resp;
  logic [BusBits-1:0] axi_w_data, axi_r_data;
  logic [Bus-1:0] axi_w_strb;

  wren_top #(.Config(Config)) u_wren (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .irq_o          (irq),
    .s_aw_valid_i   (s_aw_valid),
    .s_aw_ready_o   (s_aw_ready),
    .s_aw_addr_i    (s_aw_addr),
    .s_w_valid_i    (s_w_valid),
    .s_w_ready_o    (s_w_ready),
    .s_w_data_i     (s_w_data),
    .s_w_strb_i     (s_w_strb),
    .s_b_valid_o    (s_b_valid),
    .s_b_ready_i    (s_b_ready),
    .s_b_resp_o     (s_b_resp),
    .s_ar_valid_i   (s_ar_valid),
    .s_ar_ready_o   (s_ar_ready),
    .s_ar_addr_i    (s_ar_addr),
    .s_r_valid_o    (s_r_valid),
    .s_r_ready_i    (s_r_ready),
    .s_r_data_o     (s_r_data),
    .s_r_resp_o     (s_r_resp),
    .axi_aw_valid_o (axi_aw_valid),
    .axi_aw_ready_i (axi_aw_ready),
    .axi_aw_id_o    (axi_aw_id),
    .axi_aw_addr_o  (axi_aw_addr),
    .axi_aw_len_o   (axi_aw_len),
    .axi_aw_size_o  (axi_aw_size),
    .axi_aw_burst_o (axi_aw_burst),
    .axi_w_valid_o  (axi_w_valid),
    .axi_w_ready_i  (axi_w_ready),
    .axi_w_data_o   (axi_w_data),
    .axi_w_strb_o   (axi_w_strb),
    .axi_w_last_o   (axi_w_last),
    .axi_b_valid_i  (axi_b_valid),
    .axi_b_ready_o  (axi_b_ready),
    .axi_b_id_i     (axi_b_id),
    .axi_b_resp_i   (axi_b_resp),
    .axi_ar_valid_o (axi_ar_valid),
    .axi_ar_ready_i (axi_ar_ready),
    .axi_ar_id_o    (axi_ar_id),
    .axi_ar_addr_o  (axi_ar_addr),
    .axi_ar_len_o   (axi_ar_len),
    .axi_ar_size_o  (axi_ar_size),
    .axi_ar_burst_o (axi_ar_burst),
    .axi_r_valid_i  (axi_r_valid),
    .axi_r_ready_o  (axi_r_ready),
    .axi_r_id_i     (axi_r_id),
    .axi_r_data_i   (axi_r_data),
    .axi_r_resp_i   (axi_r_resp),
    .axi_r_last_i   (axi_r_last)
  );
  if (Sdram) begin : gen_sdram
    `ASSERT_INIT(BusIsSixteenBytes_A, Bus == 16)
    wren_sdram #(.ClockHz(ClockHz)) u_sdram (
      .clk_i       (clk_i),
      .rst_ni      (rst_ni),
      .aw_valid_i  (axi_aw_valid),
      .aw_ready_o  (axi_aw_ready),
      .aw_id_i     (axi_aw_id),
      .aw_addr_i   (axi_aw_addr),
      .w_valid_i   (axi_w_valid),
      .w_ready_o   (axi_w_ready),
      .w_data_i    (axi_w_data),
      .w_strb_i    (axi_w_strb),
      .w_last_i    (axi_w_last),
      .b_valid_o   (axi_b_valid),
      .b_ready_i   (axi_b_ready),
      .b_id_o      (axi_b_id),
      .b_resp_o    (axi_b_resp),
      .ar_valid_i  (axi_ar_valid),
      .ar_ready_o  (axi_ar_ready),
      .ar_id_i     (axi_ar_id),
      .ar_addr_i   (axi_ar_addr),
      .ar_len_i    (axi_ar_len),
      .r_valid_o   (axi_r_valid),
      .r_ready_i   (axi_r_ready),
      .r_id_o      (axi_r_id),
      .r_data_o    (axi_r_data),
      .r_resp_o    (axi_r_resp),
      .r_last_o    (axi_r_last),
      .mem_valid_i (mem_valid),
      .mem_ready_o (mem_ready),
      .mem_write_i (mem_write),
      .mem_addr_i  (mem_addr),
      .mem_wdata_i (mem_wdata),
      .mem_rdata_o (mem_rdata),
      .sd_cke_o    (sd_cke_o),
      .sd_cs_no    (sd_cs_no),
      .sd_ras_no   (sd_ras_no),
      .sd_cas_no   (sd_cas_no),
      .sd_we_no    (sd_we_no),
      .sd_ba_o     (sd_ba_o),
      .sd_a_o      (sd_a_o),
      .sd_dqm_o    (sd_dqm_o),
      .sd_dq_o     (sd_dq_o),
      .sd_dq_oe_o  (sd_dq_oe_o),
      .sd_dq_i     (sd_dq_i)
    );
  end else begin : gen_ram
    wren_soc_ram #(
      .Bus  (Bus),
      .Bytes(MemBytes)
    ) u_ram (
      .clk_i       (clk_i),
      .rst_ni      (rst_ni),
      .aw_valid_i  (axi_aw_valid),
      .aw_ready_o  (axi_aw_ready),
      .aw_id_i     (axi_aw_id),
      .aw_addr_i   (axi_aw_addr),
      .w_valid_i   (axi_w_valid),
      .w_ready_o   (axi_w_ready),
      .w_data_i    (axi_w_data),
      .w_strb_i    (axi_w_strb),
      .w_last_i    (axi_w_last),
      .b_valid_o   (axi_b_valid),
      .b_ready_i   (axi_b_ready),
      .b_id_o      (axi_b_id),
      .b_resp_o    (axi_b_resp),
      .ar_valid_i  (axi_ar_valid),
      .ar_ready_o  (axi_ar_ready),
      .ar_id_i     (axi_ar_id),
      .ar_addr_i   (axi_ar_addr),
      .ar_len_i    (axi_ar_len),
      .r_valid_o   (axi_r_valid),
      .r_ready_i   (axi_r_ready),
      .r_id_o      (axi_r_id),
      .r_data_o    (axi_r_data),
      .r_resp_o    (axi_r_resp),
      .r_last_o    (axi_r_last),
      .mem_valid_i (mem_valid),
      .mem_ready_o (mem_ready),
      .mem_write_i (mem_write),
      .mem_addr_i  (mem_addr),
      .mem_wdata_i (mem_wdata),
      .mem_rdata_o (mem_rdata)
    );
    assign {sd_cke_o, sd_cs_no, sd_ras_no, sd_cas_no, sd_we_no} = 5'b01111;
    assign {sd_ba_o, sd_a_o, sd_dqm_o, sd_dq_o, sd_dq_oe_o}     = '0;
    logic unused_sd;
    assign unused_sd = ^sd_dq_i;
  end
  logic unused;                                                 // the memories take Wren's bursts as they always are
  assign unused = ^{axi_aw_len, axi_aw_size, axi_aw_burst, axi_ar_size, axi_ar_burst};

  // ---- LEDs
  localparam int unsigned Blink = 24;
  logic [Blink-1:0] time_q;
  logic             got_q, sent_q, drop_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      time_q <= '0;
      got_q  <= 1'b0;
      sent_q <= 1'b0;
      drop_q <= 1'b0;
    end else begin
      time_q <= time_q + Blink'(1);
      if (time_q[Blink-4:0] == '0) {got_q, sent_q} <= '0;       // long enough to be seen
      if (rx_valid) got_q <= 1'b1;
      if (tx_valid) sent_q <= 1'b1;
      if (drop) drop_q <= 1'b1;
    end
  end
  assign led_o = {drop_q, irq, sent_q, got_q, time_q[Blink-1]};

endmodule
