// wren_dma_st: the store channel: copies runs from VM or L2 to external memory or L2, at a granularity of 2 bytes.
//
// Stages     walk (runs) -> source reads (beats of VM or L2) and a queue of runs -> realign -> AXI W or L2 write; AXI AW bursts go
//            out beside it, and no W beat is offered before its AW was taken.
// Deep       registers between walk and reads, behind the splitters, between the queue of runs and realign, behind realign, and between reads and VM's grant.
// Handshake  see wren_dma. All write responses of a command have arrived when it is done.
// Errors     The first error response raises err with the address of its burst, and the channel stops.
// Halt       No new burst; bursts whose AW is out get their data. Then nothing moves any more.
// Hazards    A command that reads L2 begins only when no write of this channel to L2 is pending.
`include "wren_assert.svh"

module wren_dma_st
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_dma_pkg::*;
#(
  parameter  int unsigned Bus       = 64,
  parameter  int unsigned MaxWrites = 32,
  parameter  bit          Deep      = 1'b0,
  localparam int unsigned Bits      = Bus * 8,
  localparam int unsigned Lanes     = Bus / 2
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    halt_i,
  output logic                    idle_o,

  // Commands
  input  logic                    cmd_valid_i,
  output logic                    cmd_ready_o,
  input  logic [CmdBits-1:0]      cmd_i,
  output logic                    done_o,
  output bucket_e                 bucket_o,
  output logic                    err_valid_o,
  output logic [3:0]              err_code_o,
  output logic [31:0]             err_info_o,
  output logic [ExtAddrWidth-1:0] err_addr_o,

  // VM reads
  output logic                    vm_valid_o,
  input  logic                    vm_ready_i,
  output logic [VmAddrWidth-1:0]  vm_addr_o,
  input  logic [Bits-1:0]         vm_data_i,

  // L2 reads
  output logic                    l2_rd_valid_o,
  input  logic                    l2_rd_ready_i,
  output logic [L2AddrWidth-1:0]  l2_rd_addr_o,
  input  logic                    l2_rd_rvalid_i,
  input  logic [Bits-1:0]         l2_rd_rdata_i,

  // L2 writes
  output logic                    l2_wr_valid_o,
  input  logic                    l2_wr_ready_i,
  output logic [L2AddrWidth-1:0]  l2_wr_addr_o,
  output logic [Bits-1:0]         l2_wr_data_o,
  output logic [Lanes-1:0]        l2_wr_strb_o,

  // AXI writes
  output logic                    aw_valid_o,
  input  logic                    aw_ready_i,
  output logic [ExtAddrWidth-1:0] aw_addr_o,
  output logic [7:0]              aw_len_o,
  output logic                    w_valid_o,
  input  logic                    w_ready_i,
  output logic [Bits-1:0]         w_data_o,
  output logic [Bus-1:0]          w_strb_o,
  output logic                    w_last_o,
  output logic [7:0]              w_bytes_o,   // strobed bytes of the offered beat
  input  logic                    b_valid_i,
  input  logic [1:0]              b_resp_i
);

  localparam int unsigned Lg    = $clog2(Bus);
  localparam int unsigned Lw    = $clog2(Lanes);
  localparam int unsigned Slots = 16;   // source beats held or on the way
  localparam int unsigned Jobs  = 32;   // runs between request and data

  // --- Runs ---
  walk_t      next;
  run_t       walk_run, run;   // as the walk gives it, and as it is read
  logic       next_valid, start, walk_valid, walk_take, run_valid, run_take, walk_cmd_ready, cmd_take, order_ready;
  logic       from_l2, to_ext;
  logic [3:0] l2_writes_q;     // commands that walk or have walked and still write L2
  logic       stop_q;          // an error: nothing new
  logic       hold;            // nothing new: halt or error
  logic       start_ok;
  logic       frozen;          // and no burst waits for its data

  assign hold        = halt_i || stop_q;
  assign cmd_ready_o = walk_cmd_ready && order_ready && !hold;
  assign cmd_take    = cmd_valid_i && cmd_ready_o;

  wren_dma_walk #(
    .Bus  (Bus),
    .Store(1'b1),
    .Deep (Deep),
    .Dims (3)
  ) u_walk (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .cmd_valid_i (cmd_take),
    .cmd_ready_o (walk_cmd_ready),
    .cmd_i       (cmd_i),
    .next_valid_o(next_valid),
    .next_o      (next),
    .start_ok_i  (start_ok),
    .start_o     (start),
    .run_valid_o (walk_valid),
    .run_ready_i (walk_take),
    .run_o       (walk_run)
  );

  always_comb begin
    start_ok = 1'b0;
    if (next_valid) start_ok = !hold && !(next.src_space == StSrcL2 && l2_writes_q != '0);
  end

  if (Deep) begin : gen_run_q
    wren_skid #(
      .Width($bits(run_t))
    ) u_runs (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(walk_valid),
      .wr_ready_o(walk_take),
      .wr_data_i (walk_run),
      .rd_valid_o(run_valid),
      .rd_ready_i(run_take),
      .rd_data_o (run)
    );
  end else begin : gen_run
    assign run_valid = walk_valid;
    assign run       = walk_run;
    assign walk_take = run_take;
  end

  assign from_l2 = run.src_space == StSrcL2;
  assign to_ext  = run.dst_space == {1'b0, ExtSpaceExt};

  // --- Queue of runs for the data side ---
  typedef struct packed {
    logic             to_ext;
    logic             last;
    logic [Lw-1:0]    src_lane;
    logic [Lw-1:0]    dst_lane;
    logic [Aw-Lg-1:0] dst_beat;
    logic [30:0]      granules;   // of 2 bytes
  } job_t;

  job_t  job_in, job, queued;
  beat_t job_first;            // Deep only
  logic  job_in_ready, queued_valid, queued_ready, job_valid, job_ready, src_in_ready, aw_in_ready;

  assign job_in = '{to_ext: to_ext, last: run.last, src_lane: run.src[1 +: Lw], dst_lane: run.dst[1 +: Lw],
                    dst_beat: run.dst[Aw-1:Lg], granules: run.len[31:1]};
  always_comb begin
    run_take = 1'b0;
    if (run_valid) run_take = job_in_ready && src_in_ready && (!to_ext || aw_in_ready);
  end

  wren_fifo #(
    .Width($bits(job_t)),
    .Depth(Jobs)
  ) u_jobs (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(run_take),
    .wr_ready_o(job_in_ready),
    .wr_data_i (job_in),
    .rd_valid_o(queued_valid),
    .rd_ready_i(queued_ready),
    .rd_data_o (queued),
    .count_o   ()
  );

  if (Deep) begin : gen_job_q
    job_t  job_q;
    beat_t first_q;
    logic  job_valid_q;

    assign queued_ready = !job_valid_q || job_ready;
    assign job_valid    = job_valid_q;
    assign job          = job_q;
    assign job_first    = first_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) job_valid_q <= 1'b0;
      else if (queued_ready) job_valid_q <= queued_valid;
    end
    always_ff @(posedge clk_i) begin
      if (queued_valid && queued_ready) begin
        job_q   <= queued;
        first_q <= first_beat(5'(queued.src_lane), 5'(queued.dst_lane), {1'b0, queued.granules}, Lanes);
      end
    end
  end else begin : gen_job
    assign queued_ready = job_ready;
    assign job_valid    = queued_valid;
    assign job          = queued;
    assign job_first    = '0;
  end

  // --- Source beats ---
  logic          beat_valid, beat_ready, beat_l2;
  logic [Aw-1:0] beat_addr;
  logic [4:0]    free_q;        // slots not promised
  logic [4:0]    l2_flight_q;   // L2 beats requested and not here
  logic          vm_data_q;
  logic          vm_load, l2_take, vm_take;

  logic          cut_valid, cut_ready, cut_l2;   // as the splitter gives them
  logic [Aw-1:0] cut_addr;

  wren_dma_split #(
    .Bus  (Bus),
    .UserW(1),
    .Deep (Deep)
  ) u_source (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .range_valid_i (run_take),
    .range_ready_o (src_in_ready),
    .range_addr_i  (run.src),
    .range_len_i   (run.len),
    .range_single_i(1'b1),
    .range_user_i  (from_l2),
    .burst_valid_o (cut_valid),
    .burst_ready_i (cut_ready),
    .burst_addr_o  (cut_addr),
    .burst_len_o   (),
    .burst_last_o  (),
    .burst_user_o  (cut_l2)
  );

  // Deep: what the reads wait for leads no further than to this register.
  if (Deep) begin : gen_beat_q
    wren_skid #(
      .Width(1 + Aw)
    ) u_beats (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(cut_valid),
      .wr_ready_o(cut_ready),
      .wr_data_i ({cut_l2, cut_addr}),
      .rd_valid_o(beat_valid),
      .rd_ready_i(beat_ready),
      .rd_data_o ({beat_l2, beat_addr})
    );
  end else begin : gen_beat
    assign beat_valid = cut_valid;
    assign cut_ready  = beat_ready;
    assign beat_l2    = cut_l2;
    assign beat_addr  = cut_addr;
  end

  // The VM request is held in a register. VM answers one cycle after its grant, L2 later: VM waits until L2's beats are here, L2
  // until VM grants; Deep: until it has granted, so that no path leads from VM's grant into the requests.
  logic vm_room, vm_clear;     // a request for VM, for L2 may go

  always_comb begin
    vm_load       = 1'b0;
    l2_rd_valid_o = 1'b0;
    if (beat_valid && free_q != '0 && !frozen) begin
      vm_load       = !beat_l2 && l2_flight_q == '0 && vm_room;
      l2_rd_valid_o = beat_l2 && vm_clear;
    end
  end
  assign l2_rd_addr_o  = beat_addr[L2AddrWidth-1:0];
  assign l2_take       = l2_rd_valid_o && l2_rd_ready_i;
  assign vm_take       = vm_valid_o && vm_ready_i;
  assign beat_ready    = vm_load || l2_take;

  if (Deep) begin : gen_vm_q
    wren_skid #(
      .Width(VmAddrWidth)
    ) u_vm (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(vm_load),
      .wr_ready_o(vm_room),
      .wr_data_i (beat_addr[VmAddrWidth-1:0]),
      .rd_valid_o(vm_valid_o),
      .rd_ready_i(vm_ready_i),
      .rd_data_o (vm_addr_o)
    );
    assign vm_clear = !vm_valid_o;
  end else begin : gen_vm
    logic                   vm_valid_q;
    logic [VmAddrWidth-1:0] vm_addr_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) vm_valid_q <= 1'b0;
      else vm_valid_q <= vm_load || (vm_valid_q && !vm_ready_i);
    end
    always_ff @(posedge clk_i) begin
      if (vm_load) vm_addr_q <= beat_addr[VmAddrWidth-1:0];
    end
    assign vm_room    = !vm_valid_q || vm_ready_i;
    assign vm_clear   = vm_room;
    assign vm_valid_o = vm_valid_q;
    assign vm_addr_o  = vm_addr_q;
  end

  logic            src_valid, src_ready, src_pop;
  logic            vm_here;        // a beat of VM; Deep: behind a register
  logic [Bits-1:0] src_data, src_in, vm_data;

  if (Deep) begin : gen_vm_data_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) vm_here <= 1'b0;
      else vm_here <= vm_data_q;
    end
    always_ff @(posedge clk_i) vm_data <= vm_data_i;
  end else begin : gen_vm_data
    assign vm_here = vm_data_q;
    assign vm_data = vm_data_i;
  end

  always_comb begin
    src_in = l2_rd_rdata_i;
    if (vm_here) src_in = vm_data;
  end

  wren_fifo #(
    .Width(Bits),
    .Depth(Slots)
  ) u_data (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(vm_here || l2_rd_rvalid_i),
    .wr_ready_o(),
    .wr_data_i (src_in),
    .rd_valid_o(src_valid),
    .rd_ready_i(src_ready),
    .rd_data_o (src_data),
    .count_o   ()
  );

  assign src_pop = src_valid && src_ready;

  // --- Destination beats ---
  typedef struct packed {
    logic to_ext;
    logic last;
  } user_t;

  typedef struct packed {
    user_t            user;
    logic             last;    // of the run
    logic [Lanes-1:0] strb;
    logic [Lw:0]      count;
    logic [Aw-Lg-1:0] beat;
    logic [Bits-1:0]  data;
  } made_t;

  // What realign gives: written at once, or from a register.
  made_t            made, ra;
  user_t            user;
  logic             made_valid, made_ready, ra_valid, ra_ready, ra_last;
  logic [Bits-1:0]  ra_data;
  logic [Lanes-1:0] ra_strb;
  logic [Lw:0]      ra_count;
  logic [Aw-Lg-1:0] ra_beat;

  if (Deep) begin : gen_made_q
    wren_skid #(
      .Width($bits(made_t))
    ) u_made (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(made_valid),
      .wr_ready_o(made_ready),
      .wr_data_i (made),
      .rd_valid_o(ra_valid),
      .rd_ready_i(ra_ready),
      .rd_data_o (ra)
    );
  end else begin : gen_made
    assign ra_valid   = made_valid;
    assign made_ready = ra_ready;
    assign ra         = made;
  end

  assign user     = ra.user;
  assign ra_last  = ra.last;
  assign ra_data  = ra.data;
  assign ra_strb  = ra.strb;
  assign ra_count = ra.count;
  assign ra_beat  = ra.beat;

  wren_dma_realign #(
    .Bus  (Bus),
    .Gran (2),
    .UserW($bits(user_t)),
    .Deep (Deep)
  ) u_realign (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .run_valid_i   (job_valid),
    .run_ready_o   (job_ready),
    .run_src_lane_i(job.src_lane),
    .run_dst_lane_i(job.dst_lane),
    .run_dst_beat_i(job.dst_beat),
    .run_len_i     ({1'b0, job.granules}),
    .run_user_i    ({job.to_ext, job.last}),
    .run_first_i   (job_first),
    .src_valid_i   (src_valid),
    .src_ready_o   (src_ready),
    .src_want_o    (),
    .src_index_o   (),
    .src_data_i    (src_data),
    .out_valid_o   (made_valid),
    .out_ready_i   (made_ready),
    .out_data_o    (made.data),
    .out_strb_o    (made.strb),
    .out_count_o   (made.count),
    .out_beat_o    (made.beat),
    .out_last_o    (made.last),
    .out_user_o    (made.user)
  );

  // --- AXI write addresses ---
  typedef struct packed {
    logic                    last;   // last burst of its command
    logic [ExtAddrWidth-1:0] addr;
  } pending_t;

  logic                    burst_valid, burst_last, burst_user, aw_load, aw_take, w_take, pend_ready, pend_valid, b_take;
  logic [Aw-1:0]           burst_addr;
  logic [7:0]              burst_len;
  pending_t                pend;
  logic                    aw_valid_q;
  logic [ExtAddrWidth-1:0] aw_addr_q;
  logic [7:0]              aw_len_q;
  logic [7:0]              ahead_q;     // bursts whose AW was taken and whose W beats are not all sent

  logic          split_valid, split_ready, split_last, split_user;   // as the splitter gives them
  logic [Aw-1:0] split_addr;
  logic [7:0]    split_len;

  wren_dma_split #(
    .Bus  (Bus),
    .UserW(1),
    .Deep (Deep)
  ) u_bursts (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .range_valid_i (run_take && to_ext),
    .range_ready_o (aw_in_ready),
    .range_addr_i  (run.dst),
    .range_len_i   (run.len),
    .range_single_i(1'b0),
    .range_user_i  (run.last),
    .burst_valid_o (split_valid),
    .burst_ready_i (split_ready),
    .burst_addr_o  (split_addr),
    .burst_len_o   (split_len),
    .burst_last_o  (split_last),
    .burst_user_o  (split_user)
  );

  if (Deep) begin : gen_burst_q
    wren_skid #(
      .Width(2 + Aw + 8)
    ) u_out (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(split_valid),
      .wr_ready_o(split_ready),
      .wr_data_i ({split_user, split_last, split_addr, split_len}),
      .rd_valid_o(burst_valid),
      .rd_ready_i(aw_load),
      .rd_data_o ({burst_user, burst_last, burst_addr, burst_len})
    );
  end else begin : gen_burst
    assign burst_valid = split_valid;
    assign split_ready = aw_load;
    assign burst_user  = split_user;
    assign burst_last  = split_last;
    assign burst_addr  = split_addr;
    assign burst_len   = split_len;
  end

  always_comb begin
    aw_load = 1'b0;
    if (burst_valid) aw_load = pend_ready && !hold && (!aw_valid_q || aw_ready_i);
  end
  assign aw_take    = aw_valid_q && aw_ready_i;
  assign aw_valid_o = aw_valid_q;
  assign aw_addr_o  = aw_addr_q;
  assign aw_len_o   = aw_len_q;
  assign b_take     = b_valid_i && pend_valid;

  // Bursts in order until their response; its depth bounds what is outstanding.
  wren_fifo #(
    .Width($bits(pending_t)),
    .Depth(MaxWrites)
  ) u_pending (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(aw_load),
    .wr_ready_o(pend_ready),
    .wr_data_i ({burst_user && burst_last, burst_addr}),
    .rd_valid_o(pend_valid),
    .rd_ready_i(b_take),
    .rd_data_o (pend),
    .count_o   ()
  );

  assign frozen = hold && !aw_valid_q && ahead_q == '0;

  // --- Write ---
  logic l2_wr_take;

  assign w_valid_o     = ra_valid && user.to_ext && ahead_q != '0;
  assign w_last_o      = ra_last || ra_beat[5:0] == 6'd63;   // bursts end at multiples of 64 beats
  assign w_data_o      = ra_data;
  assign w_bytes_o     = 8'({ra_count, 1'b0});
  assign l2_wr_valid_o = ra_valid && !user.to_ext;
  assign l2_wr_addr_o  = {ra_beat[L2AddrWidth-Lg-1:0], Lg'(0)};
  assign l2_wr_data_o  = ra_data;
  assign l2_wr_strb_o  = ra_strb;
  assign w_take        = w_valid_o && w_ready_i;
  assign l2_wr_take    = l2_wr_valid_o && l2_wr_ready_i;
  assign ra_ready      = w_take || l2_wr_take;

  // Every bit twice: spread to the even places in words, which a simulator does in a few instructions, then copied beside itself.
  function automatic logic [Bus-1:0] twice(input logic [Bus/2-1:0] strb);
    logic [63:0] x;
    x = 64'(strb);
    x = (x | x << 16) & 64'h0000_ffff_0000_ffff;
    x = (x | x << 8) & 64'h00ff_00ff_00ff_00ff;
    x = (x | x << 4) & 64'h0f0f_0f0f_0f0f_0f0f;
    x = (x | x << 2) & 64'h3333_3333_3333_3333;
    x = (x | x << 1) & 64'h5555_5555_5555_5555;
    return Bus'(x | x << 1);
  endfunction
  assign w_strb_o = twice(ra_strb);

  // --- Retire in order: external commands by their last response, L2 commands by their last write ---
  logic       order_valid, order_ext, retire;
  logic [3:0] ext_done_q, l2_done_q;
  logic       ext_end, l2_end, cmd_ext;
  st_copy_t   cmd;

  assign cmd     = st_copy_t'(cmd_i);
  assign cmd_ext = cmd.dst_space == ExtSpaceExt;

  wren_fifo #(
    .Width(1),
    .Depth(8)
  ) u_order (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(cmd_take),
    .wr_ready_o(order_ready),
    .wr_data_i (cmd_ext),
    .rd_valid_o(order_valid),
    .rd_ready_i(retire),
    .rd_data_o (order_ext),
    .count_o   ()
  );

  assign ext_end = b_take && pend.last && !b_resp_i[1] && !stop_q;
  assign l2_end  = l2_wr_take && user.last && ra_last;
  assign retire  = order_valid && (order_ext ? ext_done_q != '0 : l2_done_q != '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      l2_writes_q <= '0;
      stop_q      <= 1'b0;
      free_q      <= 5'(Slots);
      l2_flight_q <= '0;
      vm_data_q   <= 1'b0;
      aw_valid_q  <= 1'b0;
      ahead_q     <= '0;
      ext_done_q  <= '0;
      l2_done_q   <= '0;
      done_o      <= 1'b0;
      err_valid_o <= 1'b0;
    end else begin
      l2_writes_q <= l2_writes_q + 4'(start && next.dst_space == {1'b0, ExtSpaceL2}) - 4'(l2_end);
      free_q      <= free_q - 5'(beat_ready) + 5'(src_pop);
      l2_flight_q <= l2_flight_q + 5'(l2_take) - 5'(l2_rd_rvalid_i);
      vm_data_q   <= vm_take;
      aw_valid_q  <= aw_load || (aw_valid_q && !aw_ready_i);
      ahead_q     <= ahead_q + 8'(aw_take) - 8'(w_take && w_last_o);
      ext_done_q  <= ext_done_q + 4'(ext_end) - 4'(retire && order_ext);
      l2_done_q   <= l2_done_q + 4'(l2_end) - 4'(retire && !order_ext);
      done_o      <= retire;
      err_valid_o <= b_take && b_resp_i[1] && !stop_q;
      if (b_take && b_resp_i[1]) stop_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (aw_load) begin
      aw_addr_q <= burst_addr;
      aw_len_q  <= burst_len;
    end
    if (b_take && b_resp_i[1] && !stop_q) begin
      err_code_o <= 4'(wren_csr_pkg::CsrErrorAxiWrite);
      err_info_o <= {30'd0, b_resp_i};
      err_addr_o <= pend.addr;
    end
  end

  assign idle_o = !pend_valid && !aw_valid_q && ahead_q == '0 && l2_flight_q == '0 && !vm_valid_o && !vm_data_q && !vm_here;

  // Beats belong to a command that has not retired, so that order_valid stands above them all.
  always_comb begin
    bucket_o = BktIdle;
    if (order_valid) begin
      if (w_take || l2_wr_take) bucket_o = BktWorking;
      else if (ra_valid || (vm_valid_o && !vm_ready_i)) bucket_o = BktBlocked;
      else if (!job_valid && !queued_valid && !run_valid && !walk_valid && !next_valid && pend_valid) bucket_o = BktDraining;
      else bucket_o = BktStarved;
    end
  end

  // --- Monitor: writes to L2 (those to external memory are seen on the AXI port) ---
  logic                   mon_st_valid_q;
  logic [L2AddrWidth-1:0] mon_st_addr_q;
  logic [Bits-1:0]        mon_st_data_q;
  logic [Lanes-1:0]       mon_st_strb_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) mon_st_valid_q <= 1'b0;
    else mon_st_valid_q <= l2_wr_take;
  end

  always_ff @(posedge clk_i) begin
    if (l2_wr_take) begin
      mon_st_addr_q <= l2_wr_addr_o;
      mon_st_data_q <= l2_wr_data_o;
      mon_st_strb_q <= l2_wr_strb_o;
    end
  end

  `ASSERT(ResponseExpected_A, b_valid_i -> pend_valid)
  `ASSERT(BeatsOfCommand_A, ra_valid || vm_valid_o -> order_valid)
  `ASSERT(OneSource_A, !(vm_here && l2_rd_rvalid_i))
  `ASSERT(Room_A, free_q <= 5'(Slots))
  `ASSERT_HOLD(WHold_A, w_valid_o, w_ready_i, {w_data_o, w_strb_o, w_last_o})

endmodule
