// wren_dma: the DMA of one core: LD and ST channels that share one AXI4 master and the core's ports into L2.
//
// Handshake  cmd is valid/ready with all waits already satisfied; done is one pulse per retired command, in order. A command whose
//            transfer fails raises err for one cycle instead, and its channel stops until reset. halt_i (level) starts nothing new:
//            no further burst, beat or command; bursts already on the bus end. idle_o: no AXI or L2 transfer is under way, reset is safe.
// Writes     One LD write port for all memories: wr_plane/addr/data/strb go to every target, the valid of one of them is high.
//            addr is Bus-aligned; strb has one bit per 16 bytes, and at least one is set. wr_plane: 0 data, 1 scale (AB, WB).
// Reads      vm_st_rd and vm_ix return data one cycle after the grant. L2 returns in order, any latency, without back-pressure.
// Fetch      fetch_ar_len is beats - 1, a burst must not cross 4 KiB; fetch_r has no back-pressure.
// Timing     One beat per cycle and channel; at least 16 read and 16 write bursts outstanding.
`include "wren_assert.svh"

module wren_dma
  import wren_pkg::*;
#(
  parameter  int unsigned Bus       = 64,       // bytes per beat: 16 or 64
  parameter  int unsigned L2Bytes   = 4194304,  // gather checks its addresses against it
  parameter  int unsigned MaxReads  = 32,       // LD read bursts outstanding
  parameter  int unsigned MaxWrites = 32,       // ST write bursts outstanding
  parameter  bit          Deep      = 1'b0,     // more registers: a few cycles more per command, the same rate
  localparam int unsigned BusBits   = Bus * 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    halt_i,
  output logic                    idle_o,

  // LD commands
  input  logic                    ld_cmd_valid_i,
  output logic                    ld_cmd_ready_o,
  input  logic [CmdBits-1:0]      ld_cmd_i,
  output logic                    ld_done_o,
  output bucket_e                 ld_bucket_o,
  output logic                    ld_err_valid_o,
  output logic [3:0]              ld_err_code_o,
  output logic [31:0]             ld_err_info_o,
  output logic [ExtAddrWidth-1:0] ld_err_addr_o,

  // ST commands
  input  logic                    st_cmd_valid_i,
  output logic                    st_cmd_ready_o,
  input  logic [CmdBits-1:0]      st_cmd_i,
  output logic                    st_done_o,
  output bucket_e                 st_bucket_o,
  output logic                    st_err_valid_o,
  output logic [3:0]              st_err_code_o,
  output logic [31:0]             st_err_info_o,
  output logic [ExtAddrWidth-1:0] st_err_addr_o,

  // LD writes into the core's memories
  output logic                    ab_wr_valid_o,
  input  logic                    ab_wr_ready_i,
  output logic                    wb_wr_valid_o,
  input  logic                    wb_wr_ready_i,
  output logic                    vm_wr_valid_o,
  input  logic                    vm_wr_ready_i,
  output logic                    lut_wr_valid_o,
  input  logic                    lut_wr_ready_i,
  output logic                    wr_plane_o,
  output logic [31:0]             wr_addr_o,
  output logic [BusBits-1:0]      wr_data_o,
  output logic [Bus/16-1:0]       wr_strb_o,

  // VM: data of ST, indices of LD
  output logic                    vm_st_rd_valid_o,
  input  logic                    vm_st_rd_ready_i,
  output logic [VmAddrWidth-1:0]  vm_st_rd_addr_o,   // Bus-aligned
  input  logic [BusBits-1:0]      vm_st_rd_data_i,
  output logic                    vm_ix_valid_o,
  input  logic                    vm_ix_ready_i,
  output logic [VmAddrWidth-1:0]  vm_ix_addr_o,      // multiple of 4
  input  logic [31:0]             vm_ix_data_i,

  // L2
  output logic                    l2_rd_valid_o,
  input  logic                    l2_rd_ready_i,
  output logic [L2AddrWidth-1:0]  l2_rd_addr_o,      // Bus-aligned
  input  logic                    l2_rd_rvalid_i,
  input  logic [BusBits-1:0]      l2_rd_rdata_i,
  output logic                    l2_wr_valid_o,
  input  logic                    l2_wr_ready_i,
  output logic [L2AddrWidth-1:0]  l2_wr_addr_o,      // Bus-aligned
  output logic [BusBits-1:0]      l2_wr_data_o,
  output logic [Bus/2-1:0]        l2_wr_strb_o,      // one bit per 2 bytes

  // Command fetch
  input  logic                    fetch_ar_valid_i,
  output logic                    fetch_ar_ready_o,
  input  logic [ExtAddrWidth-1:0] fetch_ar_addr_i,   // Bus-aligned
  input  logic [7:0]              fetch_ar_len_i,    // beats - 1
  output logic                    fetch_r_valid_o,
  output logic [BusBits-1:0]      fetch_r_data_o,
  output logic                    fetch_r_last_o,
  output logic                    fetch_r_err_o,
  output logic [1:0]              fetch_r_resp_o,

  // AXI4 master
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
  input  logic                    axi_r_last_i,

  // Performance: bytes moved in this cycle
  output logic [7:0]              rd_bytes_o,        // AXI reads of LD, whole beats
  output logic [7:0]              wr_bytes_o,        // AXI writes, strobed bytes
  output logic [7:0]              fetch_bytes_o      // AXI reads of the command fetch
);

  localparam logic [3:0] IdLd    = 4'd0;
  localparam logic [3:0] IdFetch = 4'd1;
  localparam logic [3:0] IdSt    = 4'd0;
  localparam logic [2:0] Size    = 3'($clog2(Bus));
  localparam int unsigned Lanes  = Bus / 16;
  localparam int unsigned L2Tags = 32;    // L2 beats on the way: 16 of LD and 16 of ST

  // --- Channels ---
  logic                    halt;
  logic                    ld_idle, ld_req_valid, ld_req_ready, ld_r_valid, ld_r_ready;
  logic [ExtAddrWidth-1:0] ld_req_addr;
  logic [7:0]              ld_req_len;
  logic                    ld_l2_rd_valid, ld_l2_rd_ready, ld_l2_rvalid, ld_l2_wr_valid, ld_l2_wr_ready;
  logic [L2AddrWidth-1:0]  ld_l2_rd_addr;

  logic                    st_idle, st_l2_rd_valid, st_l2_rd_ready, st_l2_rvalid, st_l2_wr_valid, st_l2_wr_ready;
  logic [L2AddrWidth-1:0]  st_l2_rd_addr, st_l2_wr_addr;
  logic [BusBits-1:0]      st_l2_wr_data;
  logic [Bus/2-1:0]        st_l2_wr_strb;
  logic [7:0]              st_w_bytes;

  // Each channel has its own clock, which stops while it has no command.
  logic ld_clk, st_clk;

  wren_clk_idle u_ld_clk (
    .clk_i(clk_i), .rst_ni(rst_ni), .active_i(ld_cmd_valid_i || halt_i || ld_bucket_o != BktIdle), .clk_o(ld_clk)
  );
  wren_clk_idle u_st_clk (
    .clk_i(clk_i), .rst_ni(rst_ni), .active_i(st_cmd_valid_i || halt_i || st_bucket_o != BktIdle), .clk_o(st_clk)
  );

  wren_dma_ld #(
    .Bus     (Bus),
    .L2Bytes (L2Bytes),
    .MaxReads(MaxReads),
    .Deep    (Deep)
  ) u_ld (
    .clk_i         (ld_clk),
    .rst_ni        (rst_ni),
    .halt_i        (halt),
    .idle_o        (ld_idle),
    .cmd_valid_i   (ld_cmd_valid_i),
    .cmd_ready_o   (ld_cmd_ready_o),
    .cmd_i         (ld_cmd_i),
    .done_o        (ld_done_o),
    .bucket_o      (ld_bucket_o),
    .err_valid_o   (ld_err_valid_o),
    .err_code_o    (ld_err_code_o),
    .err_info_o    (ld_err_info_o),
    .err_addr_o    (ld_err_addr_o),
    .req_valid_o   (ld_req_valid),
    .req_ready_i   (ld_req_ready),
    .req_addr_o    (ld_req_addr),
    .req_len_o     (ld_req_len),
    .r_valid_i     (ld_r_valid),
    .r_ready_o     (ld_r_ready),
    .r_data_i      (axi_r_data_i),
    .r_resp_i      (axi_r_resp_i),
    .r_last_i      (axi_r_last_i),
    .l2_rd_valid_o (ld_l2_rd_valid),
    .l2_rd_ready_i (ld_l2_rd_ready),
    .l2_rd_addr_o  (ld_l2_rd_addr),
    .l2_rd_rvalid_i(ld_l2_rvalid),
    .l2_rd_rdata_i (l2_rd_rdata_i),
    .ix_valid_o    (vm_ix_valid_o),
    .ix_ready_i    (vm_ix_ready_i),
    .ix_addr_o     (vm_ix_addr_o),
    .ix_data_i     (vm_ix_data_i),
    .ab_valid_o    (ab_wr_valid_o),
    .ab_ready_i    (ab_wr_ready_i),
    .wb_valid_o    (wb_wr_valid_o),
    .wb_ready_i    (wb_wr_ready_i),
    .vm_valid_o    (vm_wr_valid_o),
    .vm_ready_i    (vm_wr_ready_i),
    .lut_valid_o   (lut_wr_valid_o),
    .lut_ready_i   (lut_wr_ready_i),
    .l2_valid_o    (ld_l2_wr_valid),
    .l2_ready_i    (ld_l2_wr_ready),
    .wr_plane_o    (wr_plane_o),
    .wr_addr_o     (wr_addr_o),
    .wr_data_o     (wr_data_o),
    .wr_strb_o     (wr_strb_o)
  );

  wren_dma_st #(
    .Bus      (Bus),
    .MaxWrites(MaxWrites),
    .Deep     (Deep)
  ) u_st (
    .clk_i         (st_clk),
    .rst_ni        (rst_ni),
    .halt_i        (halt),
    .idle_o        (st_idle),
    .cmd_valid_i   (st_cmd_valid_i),
    .cmd_ready_o   (st_cmd_ready_o),
    .cmd_i         (st_cmd_i),
    .done_o        (st_done_o),
    .bucket_o      (st_bucket_o),
    .err_valid_o   (st_err_valid_o),
    .err_code_o    (st_err_code_o),
    .err_info_o    (st_err_info_o),
    .err_addr_o    (st_err_addr_o),
    .vm_valid_o    (vm_st_rd_valid_o),
    .vm_ready_i    (vm_st_rd_ready_i),
    .vm_addr_o     (vm_st_rd_addr_o),
    .vm_data_i     (vm_st_rd_data_i),
    .l2_rd_valid_o (st_l2_rd_valid),
    .l2_rd_ready_i (st_l2_rd_ready),
    .l2_rd_addr_o  (st_l2_rd_addr),
    .l2_rd_rvalid_i(st_l2_rvalid),
    .l2_rd_rdata_i (l2_rd_rdata_i),
    .l2_wr_valid_o (st_l2_wr_valid),
    .l2_wr_ready_i (st_l2_wr_ready),
    .l2_wr_addr_o  (st_l2_wr_addr),
    .l2_wr_data_o  (st_l2_wr_data),
    .l2_wr_strb_o  (st_l2_wr_strb),
    .aw_valid_o    (axi_aw_valid_o),
    .aw_ready_i    (axi_aw_ready_i),
    .aw_addr_o     (axi_aw_addr_o),
    .aw_len_o      (axi_aw_len_o),
    .w_valid_o     (axi_w_valid_o),
    .w_ready_i     (axi_w_ready_i),
    .w_data_o      (axi_w_data_o),
    .w_strb_o      (axi_w_strb_o),
    .w_last_o      (axi_w_last_o),
    .w_bytes_o     (st_w_bytes),
    .b_valid_i     (axi_b_valid_i),
    .b_resp_i      (axi_b_resp_i)
  );

  assign axi_aw_id_o    = IdSt;
  assign axi_aw_size_o  = Size;
  assign axi_aw_burst_o = 2'b01;
  assign axi_b_ready_o  = 1'b1;

  // --- AXI reads: the fetch goes before LD (it asks seldom); responses part by ID ---
  logic                    ar_valid_q, ar_free, fetch_take, ld_take;
  logic [3:0]              ar_id_q;
  logic [ExtAddrWidth-1:0] ar_addr_q;
  logic [7:0]              ar_len_q;
  logic [7:0]              fetches_q;   // bursts outstanding
  logic                    r_fetch;

  assign ar_free          = !ar_valid_q || axi_ar_ready_i;
  assign fetch_ar_ready_o = ar_free && fetches_q != 8'hFF;
  assign fetch_take       = fetch_ar_valid_i && fetch_ar_ready_o;
  assign ld_req_ready     = ar_free && !fetch_take;
  assign ld_take          = ld_req_valid && ld_req_ready;

  assign axi_ar_valid_o = ar_valid_q;
  assign axi_ar_id_o    = ar_id_q;
  assign axi_ar_addr_o  = ar_addr_q;
  assign axi_ar_len_o   = ar_len_q;
  assign axi_ar_size_o  = Size;
  assign axi_ar_burst_o = 2'b01;

  assign r_fetch         = axi_r_id_i == IdFetch;
  assign ld_r_valid      = axi_r_valid_i && !r_fetch;
  assign axi_r_ready_o   = r_fetch || ld_r_ready;
  assign fetch_r_valid_o = axi_r_valid_i && r_fetch;
  assign fetch_r_data_o  = axi_r_data_i;
  assign fetch_r_last_o  = axi_r_last_i;
  assign fetch_r_err_o   = axi_r_resp_i[1];
  assign fetch_r_resp_o  = axi_r_resp_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ar_valid_q    <= 1'b0;
      fetches_q     <= '0;
      rd_bytes_o    <= '0;
      wr_bytes_o    <= '0;
      fetch_bytes_o <= '0;
    end else begin
      if (ar_free) ar_valid_q <= fetch_take || ld_take;
      if (fetch_take || fetch_r_valid_o) fetches_q <= fetches_q + 8'(fetch_take) - 8'(fetch_r_valid_o && axi_r_last_i);
      rd_bytes_o    <= (ld_r_valid && ld_r_ready) ? 8'(Bus) : '0;
      wr_bytes_o    <= (axi_w_valid_o && axi_w_ready_i) ? st_w_bytes : '0;
      fetch_bytes_o <= fetch_r_valid_o ? 8'(Bus) : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fetch_take) begin
      ar_id_q   <= IdFetch;
      ar_addr_q <= fetch_ar_addr_i;
      ar_len_q  <= fetch_ar_len_i;
    end else if (ld_take) begin
      ar_id_q   <= IdLd;
      ar_addr_q <= ld_req_addr;
      ar_len_q  <= ld_req_len;
    end
  end

  // --- L2 reads: LD and ST in turn through one register; a tag per beat sends the data back ---
  logic [1:0]             l2_req, l2_gnt;
  logic                   l2_rd_free, l2_rd_valid_q, l2_tag_ready, l2_tag_valid, l2_tag;
  logic [L2AddrWidth-1:0] l2_rd_addr_q;
  logic                   ld_ask, ld_grant, st_ask, st_grant;    // what the arbiter sees; Deep: behind a register
  logic [L2AddrWidth-1:0] ld_ask_addr, st_ask_addr;

  if (Deep) begin : gen_ask_q
    wren_skid #(
      .Width(L2AddrWidth)
    ) u_ld_ask (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(ld_l2_rd_valid),
      .wr_ready_o(ld_l2_rd_ready),
      .wr_data_i (ld_l2_rd_addr),
      .rd_valid_o(ld_ask),
      .rd_ready_i(ld_grant),
      .rd_data_o (ld_ask_addr)
    );
    wren_skid #(
      .Width(L2AddrWidth)
    ) u_st_ask (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(st_l2_rd_valid),
      .wr_ready_o(st_l2_rd_ready),
      .wr_data_i (st_l2_rd_addr),
      .rd_valid_o(st_ask),
      .rd_ready_i(st_grant),
      .rd_data_o (st_ask_addr)
    );
  end else begin : gen_ask
    assign ld_ask         = ld_l2_rd_valid;
    assign ld_l2_rd_ready = ld_grant;
    assign ld_ask_addr    = ld_l2_rd_addr;
    assign st_ask         = st_l2_rd_valid;
    assign st_l2_rd_ready = st_grant;
    assign st_ask_addr    = st_l2_rd_addr;
  end

  assign l2_rd_free = (!l2_rd_valid_q || l2_rd_ready_i) && l2_tag_ready;
  assign l2_req     = {st_ask, ld_ask};

  wren_rr_arb #(
    .N(2)
  ) u_l2_rd_arb (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .req_i      (l2_req),
    .take_i     (l2_rd_free),
    .gnt_o      (l2_gnt),
    .gnt_valid_o(),
    .gnt_idx_o  ()
  );

  assign ld_grant = l2_gnt[0] && l2_rd_free;
  assign st_grant = l2_gnt[1] && l2_rd_free;

  wren_fifo #(
    .Width(1),
    .Depth(L2Tags)
  ) u_l2_tags (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(ld_grant || st_grant),
    .wr_ready_o(l2_tag_ready),
    .wr_data_i (l2_gnt[1]),
    .rd_valid_o(l2_tag_valid),
    .rd_ready_i(l2_rd_rvalid_i),
    .rd_data_o (l2_tag),
    .count_o   ()
  );

  assign ld_l2_rvalid  = l2_rd_rvalid_i && !l2_tag;
  assign st_l2_rvalid  = l2_rd_rvalid_i && l2_tag;
  assign l2_rd_valid_o = l2_rd_valid_q;
  assign l2_rd_addr_o  = l2_rd_addr_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) l2_rd_valid_q <= 1'b0;
    else if (ld_grant || st_grant) l2_rd_valid_q <= 1'b1;
    else if (l2_rd_ready_i) l2_rd_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (ld_grant) l2_rd_addr_q <= ld_ask_addr;
    else if (st_grant) l2_rd_addr_q <= st_ask_addr;
  end

  // --- L2 writes: LD and ST in turn; a beat that waits keeps its turn ---
  logic st_turn, st_turn_q, wr_lock_q;

  assign st_turn        = wr_lock_q ? st_turn_q : (st_l2_wr_valid && (!ld_l2_wr_valid || !st_turn_q));
  assign l2_wr_valid_o  = ld_l2_wr_valid || st_l2_wr_valid;
  assign ld_l2_wr_ready = !st_turn && l2_wr_ready_i;
  assign st_l2_wr_ready = st_turn && l2_wr_ready_i;

  always_comb begin
    l2_wr_addr_o = wr_addr_o;
    l2_wr_data_o = wr_data_o;
    l2_wr_strb_o = '0;
    if (ld_l2_wr_valid) begin
      for (int unsigned i = 0; i < Lanes; i++) l2_wr_strb_o[i*8 +: 8] = {8{wr_strb_o[i]}};
    end
    if (st_turn) begin
      l2_wr_addr_o = st_l2_wr_addr;
      l2_wr_data_o = st_l2_wr_data;
      l2_wr_strb_o = st_l2_wr_strb;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      st_turn_q <= 1'b0;
      wr_lock_q <= 1'b0;
    end else if (l2_wr_valid_o) begin
      st_turn_q <= st_turn;
      wr_lock_q <= !l2_wr_ready_i;
    end
  end

  // Deep: the channels learn of a halt a cycle later, and until they have nothing is idle.
  if (Deep) begin : gen_halt_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) halt <= 1'b0;
      else halt <= halt_i;
    end
  end else begin : gen_halt
    assign halt = halt_i;
  end

  assign idle_o = ld_idle && st_idle && !ar_valid_q && fetches_q == '0 && !(halt_i && !halt);

  `ASSERT(L2DataExpected_A, l2_rd_rvalid_i -> l2_tag_valid)
  `ASSERT_HOLD(L2RdHold_A, l2_rd_valid_o, l2_rd_ready_i, l2_rd_addr_o)
  `ASSERT_HOLD(L2WrHold_A, l2_wr_valid_o, l2_wr_ready_i, {l2_wr_addr_o, l2_wr_strb_o, l2_wr_data_o})
  `ASSERT(ResponseId_A, axi_b_valid_i -> axi_b_id_i == IdSt)
  `ASSERT(ReadId_A, axi_r_valid_i -> axi_r_id_i == IdLd || axi_r_id_i == IdFetch)
  `ASSERT_INIT(BusSupported_A, Bus == 16 || Bus == 64)
  `ASSERT_INIT(ReadsSupported_A, MaxReads >= 16 && MaxReads < 256)

endmodule
