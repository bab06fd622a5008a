// wren_dma_ld: the load channel: copy, gather, fill and transpose into the core's memories and L2.
//
// Stages     walk (runs) -> requests (AXI bursts or L2 beats) and, in parallel, a queue of runs -> realign -> [transpose] -> write.
//            Requests run ahead of the data, across commands, so latency is paid once.
// Deep       registers between walk and requests, behind the splitter, between the queue of runs and realign, behind it, and in front of the memories.
// Handshake  see wren_dma. req_* are the AXI read requests (Bus-aligned address, beats - 1); r_* the beats they return, in order.
// Errors     The first beat with an error response stops the channel: nothing of it or behind it is written. Data still on the way
//            are taken and dropped. A gathered address beyond its memory does the same (out_of_range, operand src).
// Hazards    Commands see the memory as left by the commands before: one that reads L2 (or indices in VM) begins only when no write
//            of this channel to L2 (VM) is pending.
`include "wren_assert.svh"

module wren_dma_ld
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_dma_pkg::*;
#(
  parameter  int unsigned Bus      = 64,
  parameter  int unsigned L2Bytes  = 4194304,
  parameter  int unsigned MaxReads = 32,
  parameter  bit          Deep     = 1'b0,
  localparam int unsigned Bits     = Bus * 8,
  localparam int unsigned Lanes    = Bus / 16
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    halt_i,
  output logic                    idle_o,       // nothing outstanding

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

  // AXI reads
  output logic                    req_valid_o,
  input  logic                    req_ready_i,
  output logic [ExtAddrWidth-1:0] req_addr_o,
  output logic [7:0]              req_len_o,
  input  logic                    r_valid_i,
  output logic                    r_ready_o,
  input  logic [Bits-1:0]         r_data_i,
  input  logic [1:0]              r_resp_i,
  input  logic                    r_last_i,

  // L2 reads: one beat per request
  output logic                    l2_rd_valid_o,
  input  logic                    l2_rd_ready_i,
  output logic [L2AddrWidth-1:0]  l2_rd_addr_o,
  input  logic                    l2_rd_rvalid_i,
  input  logic [Bits-1:0]         l2_rd_rdata_i,

  // Index reads
  output logic                    ix_valid_o,
  input  logic                    ix_ready_i,
  output logic [VmAddrWidth-1:0]  ix_addr_o,
  input  logic [31:0]             ix_data_i,

  // Writes: one of the valids, by memory
  output logic                    ab_valid_o,
  input  logic                    ab_ready_i,
  output logic                    wb_valid_o,
  input  logic                    wb_ready_i,
  output logic                    vm_valid_o,
  input  logic                    vm_ready_i,
  output logic                    lut_valid_o,
  input  logic                    lut_ready_i,
  output logic                    l2_valid_o,
  input  logic                    l2_ready_i,
  output logic                    wr_plane_o,
  output logic [31:0]             wr_addr_o,
  output logic [Bits-1:0]         wr_data_o,
  output logic [Lanes-1:0]        wr_strb_o
);

  localparam int unsigned Lg       = $clog2(Bus);
  localparam int unsigned Lw       = $clog2(Lanes > 1 ? Lanes : 2);
  localparam int unsigned L2Slots  = 16;
  localparam int unsigned TileCols = (Bus > 32) ? Bus : 32;

  localparam logic [2:0] SpaceL2  = {1'b0, ExtSpaceL2};

  // --- Runs ---
  walk_t       next;
  run_t        walk_run;            // as the walk gives it
  logic        next_valid, start_ok, start, walk_valid, walk_take;
  run_t        run;                 // as it is requested: with the offset of a gathered one
  logic        run_valid, run_take;
  logic        walk_cmd_ready, cmd_take;
  logic [3:0]  active_q;            // commands taken and not done
  logic [3:0]  l2_writes_q, vm_writes_q;  // of those that walk or have walked: writers of L2, VM
  logic        stop_q;              // an error: no further request
  logic        dead_q;              // the error has reached the data: drop them
  logic        gather_busy;

  assign cmd_ready_o = walk_cmd_ready && active_q != 4'd15 && !halt_i && !stop_q;
  assign cmd_take    = cmd_valid_i && cmd_ready_o;

  wren_dma_walk #(
    .Bus (Bus),
    .Deep(Deep)
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

  // Deep: judged in the cycle before. What is next stays until it starts, and only its start adds to what it would wait for.
  logic start_may;
  if (Deep) begin : gen_start_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) start_ok <= 1'b0;
      else start_ok <= start_may && !start;
    end
  end else begin : gen_start
    assign start_ok = start_may;
  end

  always_comb begin
    start_may = 1'b0;
    if (next_valid) begin
      start_may = !halt_i && !stop_q
                  && !(next.kind != KindFill && next.src_space == SpaceL2 && l2_writes_q != '0)
                  && !(next.kind == KindGather && (gather_busy || vm_writes_q != '0));
    end
  end

  // --- Gather ---
  logic        offset_valid;
  logic [63:0] offset;
  logic        gather;

  assign gather = walk_run.kind == KindGather;

  wren_dma_gather u_gather (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .busy_o        (gather_busy),
    .start_i       (start && next.kind == KindGather),
    .base_i        (next.idx),
    .n_i           (next.n[0]),
    .stride_i      (next.idx_stride),
    .ix_valid_o    (ix_valid_o),
    .ix_ready_i    (ix_ready_i),
    .ix_addr_o     (ix_addr_o),
    .ix_data_i     (ix_data_i),
    .offset_valid_o(offset_valid),
    .offset_ready_i(walk_take && gather),
    .offset_o      (offset),
    .last_i        (walk_run.last)
  );

  // Where the run begins, and whether a gathered one leaves its memory.
  run_t          walk_at;
  logic [64:0]   src_end;
  logic          walk_beyond, beyond, walk_ok;

  assign walk_ok = walk_valid && (!gather || offset_valid);

  always_comb begin
    walk_at     = walk_run;
    src_end     = '0;
    walk_beyond = 1'b0;
    if (gather) begin
      walk_at.src = walk_run.src + offset[Aw-1:0];
      src_end     = 65'(walk_run.src) + 65'(offset) + 65'(walk_run.len);
      walk_beyond = src_end > ((walk_run.src_space == SpaceL2) ? 65'(L2Bytes) : 65'(1) << ExtAddrWidth);
    end
  end

  if (Deep) begin : gen_run_q
    logic room;
    wren_skid #(
      .Width($bits(run_t) + 1)
    ) u_runs (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(walk_ok),
      .wr_ready_o(room),
      .wr_data_i ({walk_beyond, walk_at}),
      .rd_valid_o(run_valid),
      .rd_ready_i(run_take),
      .rd_data_o ({beyond, run})
    );
    assign walk_take = walk_ok && room;
  end else begin : gen_run
    assign run_valid = walk_ok;
    assign run       = walk_at;
    assign beyond    = walk_beyond;
    assign walk_take = run_take;
  end

  // --- Queue of runs for the data side ---
  typedef struct packed {
    logic          transpose;
    logic          fill;
    logic          from_l2;
    logic          bad;       // gathered address out of range
    logic          last;
    logic [2:0]    space;
    logic [Aw-1:0] src;
    logic [31:0]   dst;
    logic [27:0]   granules;  // of 16 bytes
  } job_t;

  job_t  job_in, job, queued;
  beat_t job_first;                 // Deep only
  logic  job_in_ready, queued_valid, queued_ready, job_valid_raw, job_valid, job_ready, split_in_ready;
  logic needs_request;

  always_comb begin
    job_in           = '0;
    job_in.transpose = run.kind == KindTranspose;
    job_in.fill      = run.kind == KindFill;
    job_in.from_l2   = run.src_space == SpaceL2;
    job_in.bad       = beyond;
    job_in.last      = run.last;
    job_in.space     = run.dst_space;
    job_in.src       = run.src;
    job_in.dst       = run.dst[31:0];
    job_in.granules  = run.len[31:4];
  end

  assign needs_request = run.kind != KindFill && !beyond;
  always_comb begin
    run_take = 1'b0;
    if (run_valid) run_take = job_in_ready && (!needs_request || split_in_ready) && !stop_q;
  end

  wren_fifo #(
    .Width($bits(job_t)),
    .Depth(MaxReads)
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

    assign queued_ready  = !job_valid_q || job_ready;
    assign job_valid_raw = job_valid_q;
    assign job           = job_q;
    assign job_first     = first_q;

    // The lanes of 16 bytes in which the run begins; a fill's source moves with it.
    function automatic logic [4:0] lane(input logic [1:0] granule);
      return 5'(granule) & 5'(Lanes - 1);
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) job_valid_q <= 1'b0;
      else if (queued_ready) job_valid_q <= queued_valid;
    end
    always_ff @(posedge clk_i) begin
      if (queued_valid && queued_ready) begin
        job_q   <= queued;
        first_q <= first_beat(lane(queued.fill ? queued.dst[5:4] : queued.src[5:4]), queued.transpose ? 5'd0 : lane(queued.dst[5:4]),
                              {4'd0, queued.granules}, Lanes);
      end
    end
  end else begin : gen_job
    assign queued_ready  = job_ready;
    assign job_valid_raw = queued_valid;
    assign job           = queued;
    assign job_first     = '0;
  end

  // --- Requests ---
  logic             burst_valid, burst_ready, burst_l2;
  logic [Aw-1:0]    burst_addr;
  logic [7:0]       burst_len;
  logic [7:0]       reads_q;       // bursts outstanding
  logic [4:0]       l2_free_q;     // slots of the L2 queue not promised
  logic [4:0]       l2_flight_q;   // L2 beats requested and not here
  logic             req_take, l2_req_take, r_take, l2_pop;
  // as the splitter gives them
  logic             cut_valid, cut_ready, cut_l2;
  logic [Aw-1:0]    cut_addr;
  logic [7:0]       cut_len;

  wren_dma_split #(
    .Bus  (Bus),
    .UserW(1),
    .Deep (Deep)
  ) u_split (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .range_valid_i (run_take && needs_request),
    .range_ready_o (split_in_ready),
    .range_addr_i  (run.src),
    .range_len_i   (run.len),
    .range_single_i(run.src_space == SpaceL2),
    .range_user_i  (run.src_space == SpaceL2),
    .burst_valid_o (cut_valid),
    .burst_ready_i (cut_ready),
    .burst_addr_o  (cut_addr),
    .burst_len_o   (cut_len),
    .burst_last_o  (),
    .burst_user_o  (cut_l2)
  );

  // Deep: what the requests wait for leads no further than to this register.
  if (Deep) begin : gen_burst_q
    wren_skid #(
      .Width(1 + Aw + 8)
    ) u_bursts (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(cut_valid),
      .wr_ready_o(cut_ready),
      .wr_data_i ({cut_l2, cut_addr, cut_len}),
      .rd_valid_o(burst_valid),
      .rd_ready_i(burst_ready),
      .rd_data_o ({burst_l2, burst_addr, burst_len})
    );
  end else begin : gen_burst
    assign burst_valid = cut_valid;
    assign cut_ready   = burst_ready;
    assign burst_l2    = cut_l2;
    assign burst_addr  = cut_addr;
    assign burst_len   = cut_len;
  end

  always_comb begin
    req_valid_o   = 1'b0;
    l2_rd_valid_o = 1'b0;
    if (burst_valid && !halt_i && !stop_q) begin
      req_valid_o   = !burst_l2 && reads_q < 8'(MaxReads);
      l2_rd_valid_o = burst_l2 && l2_free_q != '0;
    end
  end
  assign req_addr_o    = burst_addr;
  assign req_len_o     = burst_len;
  assign l2_rd_addr_o  = burst_addr[L2AddrWidth-1:0];
  assign req_take      = req_valid_o && req_ready_i;
  assign l2_req_take   = l2_rd_valid_o && l2_rd_ready_i;
  assign burst_ready   = req_take || l2_req_take;

  // --- Data in ---
  logic            ext_valid, ext_bad, l2_valid;
  logic [1:0]      ext_resp;
  logic [Bits-1:0] ext_data, l2_data;
  logic            ext_pop;

  wren_fifo #(
    .Width(Bits + 2),
    .Depth(4)
  ) u_ext (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(r_valid_i),
    .wr_ready_o(r_ready_o),
    .wr_data_i ({r_resp_i, r_data_i}),
    .rd_valid_o(ext_valid),
    .rd_ready_i(ext_pop),
    .rd_data_o ({ext_resp, ext_data}),
    .count_o   ()
  );

  wren_fifo #(
    .Width(Bits),
    .Depth(L2Slots)
  ) u_l2 (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(l2_rd_rvalid_i),
    .wr_ready_o(),
    .wr_data_i (l2_rd_rdata_i),
    .rd_valid_o(l2_valid),
    .rd_ready_i(l2_pop),
    .rd_data_o (l2_data),
    .count_o   ()
  );

  assign ext_bad = ext_resp[1];
  assign r_take  = r_valid_i && r_ready_o;

  // --- Realign ---
  typedef struct packed {
    logic        transpose;
    logic        narrow;
    logic        last;
    logic [2:0]  space;
    logic [31:0] dst;      // transpose: the tile's
  } user_t;

  logic             src_valid, src_ready, src_want, fault;
  logic [Bits-1:0]  src_data;
  logic [31:0]      src_index;
  user_t            user_in, user;
  logic             ra_valid, ra_ready, ra_last;
  logic [Bits-1:0]  ra_data;
  logic [Lanes-1:0] ra_strb;
  logic [Aw-Lg-1:0] ra_beat;
  logic [Lw-1:0]    src_lane, dst_lane;

  if (Lanes > 1) begin : gen_lanes
    assign src_lane = job.fill ? job.dst[4 +: Lw] : job.src[4 +: Lw];
    assign dst_lane = job.transpose ? '0 : job.dst[4 +: Lw];
  end else begin : gen_one_lane
    assign src_lane = '0;
    assign dst_lane = '0;
  end

  always_comb begin
    if (job.fill) src_data = {(Bus/4){job.src[31:0]}};
    else if (job.from_l2) src_data = l2_data;
    else src_data = ext_data;
  end

  // When the core halts, a fill stops where it is, once no read waits behind it; the others end with their data. Only a reset starts the
  // core again, so the stop may be remembered.
  logic fill_stop;
  if (Deep) begin : gen_fill_stop_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) fill_stop <= 1'b0;
      else if (halt_i && idle_o) fill_stop <= 1'b1;
    end
  end else begin : gen_fill_stop
    assign fill_stop = halt_i && idle_o;
  end
  assign job_valid = job_valid_raw && !dead_q && !job.bad;

  always_comb begin
    src_valid = 1'b0;
    if (job_valid) src_valid = job.fill ? !fill_stop : job.from_l2 ? l2_valid : (ext_valid && !ext_bad);
  end
  always_comb begin
    ext_pop = dead_q;
    l2_pop  = dead_q;
    fault   = 1'b0;    // the first thing that is wrong, in the order of the data
    if (job_valid_raw && !dead_q) begin
      if (job.bad) begin
        fault = 1'b1;
      end else if (!job.fill) begin
        if (job.from_l2) begin
          l2_pop = src_ready;
        end else begin
          ext_pop = src_ready && !ext_bad;
          fault   = src_want && ext_valid && ext_bad;
        end
      end
    end
  end

  assign user_in = '{transpose: job.transpose, narrow: TileCols > 32 && job.granules == 28'd2, last: job.last,
                     space: job.space, dst: job.dst};

  // What realign gives: written at once, or from a register.
  user_t            made_user;
  logic             made_valid, made_ready, made_last;
  logic [Bits-1:0]  made_data;
  logic [Lanes-1:0] made_strb;
  logic [Aw-Lg-1:0] made_beat;

  if (Deep) begin : gen_made_q
    wren_skid #(
      .Width($bits(user_t) + 1 + Lanes + Aw - Lg + Bits)
    ) u_made (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(made_valid),
      .wr_ready_o(made_ready),
      .wr_data_i ({made_user, made_last, made_strb, made_beat, made_data}),
      .rd_valid_o(ra_valid),
      .rd_ready_i(ra_ready),
      .rd_data_o ({user, ra_last, ra_strb, ra_beat, ra_data})
    );
  end else begin : gen_made
    assign ra_valid   = made_valid;
    assign made_ready = ra_ready;
    assign user       = made_user;
    assign ra_last    = made_last;
    assign ra_strb    = made_strb;
    assign ra_beat    = made_beat;
    assign ra_data    = made_data;
  end

  wren_dma_realign #(
    .Bus  (Bus),
    .Gran (16),
    .UserW($bits(user_t)),
    .Deep (Deep)
  ) u_realign (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .run_valid_i   (job_valid),
    .run_ready_o   (job_ready),
    .run_src_lane_i(src_lane),
    .run_dst_lane_i(dst_lane),
    .run_dst_beat_i((Aw-Lg)'(job.dst[31:Lg])),
    .run_len_i     ({4'd0, job.granules}),
    .run_user_i    (user_in),
    .run_first_i   (job_first),
    .src_valid_i   (src_valid),
    .src_ready_o   (src_ready),
    .src_want_o    (src_want),
    .src_index_o   (src_index),
    .src_data_i    (src_data),
    .out_valid_o   (made_valid),
    .out_ready_i   (made_ready),
    .out_data_o    (made_data),
    .out_strb_o    (made_strb),
    .out_count_o   (),
    .out_beat_o    (made_beat),
    .out_last_o    (made_last),
    .out_user_o    (made_user)
  );

  // --- Transpose ---
  logic             tr_in_ready, tr_valid, tr_ready, tr_last, tr_empty;
  logic [31:0]      tr_addr;
  logic [Bits-1:0]  tr_data;
  logic [Lanes-1:0] tr_strb;

  wren_dma_transpose #(
    .Bus(Bus)
  ) u_transpose (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (ra_valid && user.transpose),
    .in_ready_o (tr_in_ready),
    .in_data_i  (ra_data),
    .in_dst_i   (user.dst),
    .in_narrow_i(user.narrow),
    .in_last_i  (user.last),
    .out_valid_o(tr_valid),
    .out_ready_i(tr_ready),
    .out_addr_o (tr_addr),
    .out_data_o (tr_data),
    .out_strb_o (tr_strb),
    .out_last_o (tr_last),
    .empty_o    (tr_empty)
  );

  // --- Write ---
  typedef struct packed {
    logic [2:0]       space;
    logic [4:0]       to;      // the memory: L2, LUT, VM, WB, AB
    logic             plane;
    logic             last;    // of the command
    logic [31:0]      addr;
    logic [Lanes-1:0] strb;
    logic [Bits-1:0]  data;
  } write_t;

  write_t     pick, write;     // what is written next, and what is
  logic       pick_valid, pick_ready, wr_valid, wr_ready, wr_take, wr_last;
  logic [2:0] wr_space;

  assign pick_valid = tr_valid || (ra_valid && !user.transpose && tr_empty);
  assign tr_ready   = pick_ready;
  assign ra_ready   = user.transpose ? tr_in_ready : (pick_ready && tr_empty);

  always_comb begin
    pick.space = user.space;
    pick.last  = user.last && ra_last;
    pick.addr  = {ra_beat[31-Lg:0], Lg'(0)};
    pick.strb  = ra_strb;
    pick.data  = ra_data;
    if (tr_valid) begin
      pick.space = LdDstWb;
      pick.last  = tr_last;
      pick.addr  = tr_addr;
      pick.strb  = tr_strb;
      pick.data  = tr_data;
    end
    pick.to    = {pick.space == LdDstL2, pick.space == LdDstLut, pick.space == LdDstVm,
                  pick.space == LdDstWb || pick.space == LdDstWbScale, pick.space == LdDstAb || pick.space == LdDstAbScale};
    pick.plane = pick.space == LdDstAbScale || pick.space == LdDstWbScale;
  end

  // Deep: the memories' grants lead no further than to this register.
  if (Deep) begin : gen_write_q
    wren_skid #(
      .Width($bits(write_t))
    ) u_write (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(pick_valid),
      .wr_ready_o(pick_ready),
      .wr_data_i (pick),
      .rd_valid_o(wr_valid),
      .rd_ready_i(wr_ready),
      .rd_data_o (write)
    );
  end else begin : gen_write
    assign wr_valid   = pick_valid;
    assign pick_ready = wr_ready;
    assign write      = pick;
  end

  assign wr_space    = write.space;
  assign wr_last     = write.last;
  assign wr_addr_o   = write.addr;
  assign wr_data_o   = write.data;
  assign wr_strb_o   = write.strb;
  assign {l2_valid_o, lut_valid_o, vm_valid_o, wb_valid_o, ab_valid_o} = wr_valid ? write.to : '0;
  assign wr_plane_o  = write.plane;

  always_comb begin
    wr_ready = 1'b0;
    if (wr_valid) wr_ready = (write.to & {l2_ready_i, lut_ready_i, vm_ready_i, wb_ready_i, ab_ready_i}) != '0;
  end
  assign wr_take = wr_ready;

  // --- Accounts, done, errors ---
  logic       done_l2, done_vm;
  logic       pend_q;                  // an error waits for the writes before it
  logic [3:0] pend_code_q;
  logic [31:0] pend_info_q;
  logic [ExtAddrWidth-1:0] pend_addr_q;
  logic       pend_fire;

  assign done_l2   = wr_take && wr_last && wr_space == LdDstL2;
  assign done_vm   = wr_take && wr_last && wr_space == LdDstVm;
  assign pend_fire = pend_q && !made_valid && !ra_valid && tr_empty && !wr_valid;

  function automatic logic [3:0] count(input logic [3:0] n, input logic up, input logic down);
    return n + 4'(up) - 4'(down);
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q    <= '0;
      l2_writes_q <= '0;
      vm_writes_q <= '0;
      stop_q      <= 1'b0;
      dead_q      <= 1'b0;
      reads_q     <= '0;
      l2_free_q   <= 5'(L2Slots);
      l2_flight_q <= '0;
      done_o      <= 1'b0;
      pend_q      <= 1'b0;
      err_valid_o <= 1'b0;
    end else begin
      active_q    <= count(active_q, cmd_take, wr_take && wr_last);
      l2_writes_q <= count(l2_writes_q, start && next.dst_space == LdDstL2, done_l2);
      vm_writes_q <= count(vm_writes_q, start && next.dst_space == LdDstVm, done_vm);
      reads_q     <= reads_q + 8'(req_take) - 8'(r_take && r_last_i);
      l2_free_q   <= l2_free_q - 5'(l2_req_take) + 5'(l2_valid && l2_pop);
      l2_flight_q <= l2_flight_q + 5'(l2_req_take) - 5'(l2_rd_rvalid_i);
      done_o      <= wr_take && wr_last;
      // Requests stop as soon as a bad beat arrives, data when it is next in line.
      if ((r_take && r_resp_i[1]) || fault) stop_q <= 1'b1;
      if (fault) begin
        dead_q <= 1'b1;
        pend_q <= 1'b1;
      end
      if (pend_fire) pend_q <= 1'b0;
      err_valid_o <= pend_fire;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fault) begin
      pend_code_q <= job.bad ? 4'(wren_csr_pkg::CsrErrorOutOfRange) : 4'(wren_csr_pkg::CsrErrorAxiRead);
      pend_info_q <= job.bad ? 32'(wren_csr_pkg::CsrOperandSrc) : {30'd0, ext_resp};
      pend_addr_q <= job.bad ? '0 : {job.src[Aw-1:Lg] + (Aw-Lg)'(src_index), Lg'(0)};
    end
    if (pend_fire) begin
      err_code_o <= pend_code_q;
      err_info_o <= pend_info_q;
      err_addr_o <= pend_addr_q;
    end
  end

  assign idle_o = reads_q == '0 && l2_flight_q == '0 && !l2_valid_o;

  always_comb begin
    if (wr_take) bucket_o = BktWorking;
    else if (wr_valid) bucket_o = BktBlocked;
    else if (active_q != '0) bucket_o = BktStarved;
    else bucket_o = BktIdle;
  end

  // --- Monitor: every architectural write ---
  logic             mon_ld_valid_q;
  logic [2:0]       mon_ld_space_q;
  logic [31:0]      mon_ld_addr_q;
  logic [Bits-1:0]  mon_ld_data_q;
  logic [Lanes-1:0] mon_ld_strb_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) mon_ld_valid_q <= 1'b0;
    else mon_ld_valid_q <= wr_take;
  end

  always_ff @(posedge clk_i) begin
    if (wr_take) begin
      mon_ld_space_q <= wr_space;
      mon_ld_addr_q  <= wr_addr_o;
      mon_ld_data_q  <= wr_data_o;
      mon_ld_strb_q  <= wr_strb_o;
    end
  end

  `ASSERT(OneTarget_A, $onehot0({ab_valid_o, wb_valid_o, vm_valid_o, lut_valid_o, l2_valid_o}))
  `ASSERT_HOLD(WriteHold_A, wr_valid, wr_ready, {wr_space, wr_addr_o, wr_data_o, wr_strb_o})
  `ASSERT(L2Room_A, l2_free_q <= 5'(L2Slots))
  `ASSERT(TransposeToWb_A, tr_valid -> !(ra_valid && !user.transpose && tr_empty))

endmodule
