// wren_cmd: the command unit of one core. It fetches commands, checks them, dispatches them in program order to the queues of
// the four engines, issues each when its semaphores hold, makes their posts when they retire, and stops the core on errors.
//
//   ring -> wren_fetch -> wren_check -> dispatch -> wren_queue x 4 (LD, ST, MXE, GTA) -> engines
//                                          \-> ctl, executed in place      wren_sem <- posts of retired commands
//
// Handshake  engine ports: cmd_valid/ready, cmd (waits consumed), done pulse per retired command in order. A command that was
//            offered is never taken back.
// Timing     one command issued and one retired per cycle over all engines; two cycles from a done to the issue it allows.
// Deep       a command retires in the cycle after it was chosen, at most every second one; errors are recorded a cycle later, and while a timeout
//            is nothing is issued.
// Errors     Found by a check or while fetching: earlier commands finish, the command and later ones never start, then the core
//            halts. Found while executing (AXI, timeout, semaphore overflow): nothing new starts, the MXE and the GTA finish what they
//            have, the DMA ends its transfers (halt_o), then the core halts. A runtime error replaces a check's error that is
//            still draining: it is earlier in program order. Only a reset (rst_ni) leaves the halted state.
`include "wren_assert.svh"

module wren_cmd
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_csr_pkg::*;
  import wren_cmd_pkg::*;
#(
  parameter  int unsigned Rows     = 8,
  parameter  int unsigned Cols     = 16,
  parameter  int unsigned Bus      = 64,
  parameter  int unsigned AbBytes  = 524288,
  parameter  int unsigned WbBytes  = 131072,
  parameter  int unsigned VmBytes  = 262144,
  parameter  int unsigned AccBytes = 131072,
  parameter  int unsigned L2Bytes  = 4194304,
  parameter  int unsigned Tables   = 8,
  parameter  bit          Compact  = 1'b0,     // smaller and a few cycles slower: see wren_sem
  parameter  bit          Deep     = 1'b0,     // registers where a decision takes long; only with Compact
  localparam int unsigned BusBits  = Bus * 8
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,

  // From and to the CSRs
  input  logic                           enable_i,
  input  logic [ExtAddrWidth-1:0]        ring_base_i,
  input  logic [15:0]                    ring_mask_i,
  input  logic [31:0]                    tail_i,
  input  logic [31:0]                    timeout_i,
  output logic [31:0]                    head_o,
  output logic [31:0]                    retired_o,
  output logic                           busy_o,
  output logic                           halted_o,
  output err_t                           err_o,           // of value when halted
  output logic                           irq_done_o,      // pulse: a command with irq retired
  output logic                           irq_error_o,     // pulse: the core halted
  output logic                           active_o,        // for wren_clk_idle: a register may change

  // Fetch port of the DMA
  output logic                           fetch_ar_valid_o,
  input  logic                           fetch_ar_ready_i,
  output logic [ExtAddrWidth-1:0]        fetch_ar_addr_o,
  output logic [7:0]                     fetch_ar_len_o,
  input  logic                           fetch_r_valid_i,
  input  logic [BusBits-1:0]             fetch_r_data_i,
  input  logic                           fetch_r_err_i,
  input  logic [1:0]                     fetch_r_resp_i,

  // Engines, indexed by engine_e; ctl unused
  output logic [NumEngines-1:0]          cmd_valid_o,
  input  logic [NumEngines-1:0]          cmd_ready_i,
  output logic [CmdBits-1:0]             cmd_o [NumEngines],
  input  logic [NumEngines-1:0]          done_i,
  output logic [NumEngines-1:0]          waiting_o,       // a command waits to be issued

  // Errors of LD and ST, indexed by engine_e; others 0
  input  logic [NumEngines-1:0]          err_valid_i,
  input  logic [3:0]                     err_code_i [NumEngines],
  input  logic [31:0]                    err_info_i [NumEngines],
  input  logic [ExtAddrWidth-1:0]        err_addr_i [NumEngines],

  // DMA
  output logic                           halt_o,
  input  logic                           dma_idle_i
);

  localparam int unsigned QueueDepth = 8;
  localparam int unsigned Ctl        = 32'(EngineCtl);

  typedef enum logic [1:0] {
    StRun,      // commands flow
    StDrain,    // a check failed: earlier commands finish
    StFreeze,   // a command failed: nothing starts, what is under way ends
    StHalted
  } state_e;

  state_e      state_q;
  logic        run;             // commands are dispatched
  logic        issue_on;        // commands are issued

  assign run      = (state_q == StRun) && enable_i;

  logic [NumEngines-1:0] late, late_q;   // waited too long; Deep: in the cycle before, and not issued then
  logic                  failed;         // Deep: a command failed in the cycle before
  assign issue_on = ((state_q == StRun) || (state_q == StDrain)) && (late_q == '0) && !failed;

  // ------------------------------------------------------------------------------------------------ fetch and check
  logic                    f_valid, f_ready, f_err;
  logic [CmdBits-1:0]      f_cmd;
  logic [1:0]              f_resp;
  logic                    f_active;
  logic [ExtAddrWidth-1:0] f_err_addr;

  wren_fetch #(
    .Bus  (Bus),
    .Depth(16),
    .Deep (Deep)
  ) u_fetch (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .enable_i        (run),
    .ring_base_i     (ring_base_i),
    .ring_mask_i     (ring_mask_i),
    .tail_i          (tail_i),
    .fetch_ar_valid_o(fetch_ar_valid_o),
    .fetch_ar_ready_i(fetch_ar_ready_i),
    .fetch_ar_addr_o (fetch_ar_addr_o),
    .fetch_ar_len_o  (fetch_ar_len_o),
    .fetch_r_valid_i (fetch_r_valid_i),
    .fetch_r_data_i  (fetch_r_data_i),
    .fetch_r_err_i   (fetch_r_err_i),
    .fetch_r_resp_i  (fetch_r_resp_i),
    .active_o        (f_active),
    .cmd_valid_o     (f_valid),
    .cmd_ready_i     (f_ready),
    .cmd_o           (f_cmd),
    .cmd_err_o       (f_err),
    .cmd_resp_o      (f_resp),
    .cmd_err_addr_o  (f_err_addr)
  );

  logic               c_valid, c_ready;
  logic [CmdBits-1:0] c_cmd;
  csr_error_e         c_code;
  logic [31:0]        c_info;
  logic               k_ready;

  assign f_ready = k_ready && !f_err;   // a command that could not be fetched stays

  wren_check #(
    .Rows    (Rows),
    .Cols    (Cols),
    .AbBytes (AbBytes),
    .WbBytes (WbBytes),
    .VmBytes (VmBytes),
    .AccBytes(AccBytes),
    .L2Bytes (L2Bytes),
    .Tables  (Tables),
    .Deep    (Deep)
  ) u_check (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .cmd_valid_i(f_valid && !f_err),
    .cmd_ready_o(k_ready),
    .cmd_i      (f_cmd),
    .out_valid_o(c_valid),
    .out_ready_i(c_ready),
    .out_cmd_o  (c_cmd),
    .err_code_o (c_code),
    .err_info_o (c_info)
  );

  // ------------------------------------------------------------------------------------------------ dispatch
  cmd_header_t           c_header;
  engine_e               c_engine;
  logic                  c_fit;          // checked, legal, and may go on
  logic [NumEngines-1:0] push_valid, push_ready;
  logic [31:0]           head_q, retired_q;
  logic                  ctl_fit, ctl_ok, ctl_take;
  logic                  ctl_busy_q;     // an executed ctl command waits for its retirement
  flight_t               ctl_flight_q;

  assign c_header = c_cmd;
  assign c_engine = opcode_engine(c_header.opcode);
  assign c_fit    = c_valid && (c_code == CsrErrorNone) && run;

  // A ctl command executes here; a fence first waits until all before it has retired.
  assign ctl_fit = c_fit && (c_engine == EngineCtl) && !ctl_busy_q &&
                   ((opcode_e'(c_header.opcode) != OpCtlFence) || (retired_q == head_q));
  if (Deep) begin : gen_ctl_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) ctl_ok <= 1'b0;
      else ctl_ok <= ctl_fit && !ctl_take;
    end
  end else begin : gen_ctl
    assign ctl_ok = ctl_fit;
  end

  always_comb begin
    push_valid = '0;
    if (c_fit && (c_engine != EngineCtl)) push_valid[c_engine] = 1'b1;
  end

  assign c_ready = (c_fit && (c_engine != EngineCtl) && push_ready[c_engine]) || ctl_take;

  // ------------------------------------------------------------------------------------------------ queues
  logic [NumEngines-1:0] head_valid, hold, lacks, take, retire_valid, retire, in_flight, wanted;
  sem_pair_t             head_waits  [NumEngines];
  flight_t               head_flight [NumEngines];
  flight_t               flight      [NumEngines];
  logic [4:0]            short_of    [NumEngines];

  for (genvar e = 1; e < NumEngines; e++) begin : gen_queue
    wren_queue #(
      .Depth  (QueueDepth),
      .Flights(QueueDepth)
    ) u_queue (
      .clk_i          (clk_i),
      .rst_ni         (rst_ni),
      .push_valid_i   (push_valid[e]),
      .push_ready_o   (push_ready[e]),
      .push_cmd_i     (c_cmd),
      .push_index_i   (head_q),
      .head_valid_o   (head_valid[e]),
      .head_waits_o   (head_waits[e]),
      .head_flight_o  (head_flight[e]),
      .take_i         (take[e]),
      .waiting_o      (waiting_o[e]),
      .cmd_valid_o    (cmd_valid_o[e]),
      .cmd_ready_i    (cmd_ready_i[e]),
      .cmd_o          (cmd_o[e]),
      .done_i         (done_i[e]),
      .retire_valid_o (retire_valid[e]),
      .retire_flight_o(flight[e]),
      .retire_i       (retire[e]),
      .in_flight_o    (in_flight[e])
    );
  end

  // ctl has no queue: the checked command is its head.
  assign push_ready[Ctl]   = 1'b0;
  assign head_valid[Ctl]   = ctl_ok;
  assign head_waits[Ctl]   = waits_of(c_header);
  always_comb begin
    head_flight[Ctl] = '0;
    if (ctl_ok) head_flight[Ctl] = flight_of(c_header, head_q);
  end
  assign waiting_o[Ctl]    = ctl_ok;
  assign cmd_valid_o[Ctl]  = 1'b0;
  assign cmd_o[Ctl]        = '0;
  assign retire_valid[Ctl] = ctl_busy_q;
  assign flight[Ctl]       = ctl_flight_q;
  assign in_flight[Ctl]    = ctl_busy_q;
  assign ctl_take          = take[Ctl];

  // ------------------------------------------------------------------------------------------------ issue: one per cycle
  logic [NumEngines-1:0] taken;
  logic                  take_any;
  logic [2:0]            take_engine;

  assign wanted = head_valid & hold & {NumEngines{issue_on}};

  if (Deep) begin : gen_issue_one
    // The semaphores hold for one engine at a time, known before the cycle begins: its number needs no decision.
    assign taken    = wanted;
    assign take_any = wanted != '0;
    always_comb begin
      take_engine = '0;
      for (int unsigned e = 0; e < NumEngines; e++) begin
        if (hold[e]) take_engine = take_engine | 3'(e);
      end
    end
  end else begin : gen_issue
    wren_rr_arb #(
      .N(NumEngines)
    ) u_issue (
      .clk_i      (clk_i),
      .rst_ni     (rst_ni),
      .req_i      (wanted),
      .take_i     (1'b1),
      .gnt_o      (taken),
      .gnt_valid_o(take_any),
      .gnt_idx_o  (take_engine)
    );
  end

  assign take = taken;

  // ------------------------------------------------------------------------------------------------ retire: one per cycle
  logic       retire_any, post_ready, posting;
  logic [2:0] retire_engine;
  flight_t    retire_flight;

  logic [NumEngines-1:0] chosen;
  logic                  chosen_any;
  logic [2:0]            chosen_engine;

  wren_rr_arb #(
    .N(NumEngines)
  ) u_retire (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .req_i      (retire_valid & {NumEngines{post_ready && !(Deep && retire_any)}}),
    .take_i     (1'b1),
    .gnt_o      (chosen),
    .gnt_valid_o(chosen_any),
    .gnt_idx_o  (chosen_engine)
  );

  if (Deep) begin : gen_retire_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) {retire, retire_any, retire_engine} <= '0;
      else {retire, retire_any, retire_engine} <= {chosen, chosen_any, chosen_engine};
    end
  end else begin : gen_retire
    assign retire        = chosen;
    assign retire_any    = chosen_any;
    assign retire_engine = chosen_engine;
  end

  assign retire_flight = flight[retire_engine];

  logic       overflow;
  logic [4:0] overflow_sem;

  wren_sem #(
    .Serial(Compact),
    .Deep  (Deep)
  ) u_sem (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .valid_i       (head_valid & {NumEngines{issue_on}}),
    .waits_i       (head_waits),
    .hold_o        (hold),
    .lacks_o       (lacks),
    .short_o       (short_of),
    .take_i        (take_any),
    .take_waits_i  (head_waits[take_engine]),
    .post_ready_o  (post_ready),
    .posting_o     (posting),
    .post_i        (retire_any),
    .posts_i       (retire_flight.posts),
    .overflow_o    (overflow),
    .overflow_sem_o(overflow_sem)
  );

  logic       irq_done_q;
  logic [2:0] last_engine_q;   // retired in the cycle before
  flight_t    last_flight_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q     <= '0;
      retired_q  <= '0;
      ctl_busy_q <= 1'b0;
      irq_done_q <= 1'b0;
    end else begin
      if (c_ready) head_q <= head_q + 32'd1;
      if (retire_any) retired_q <= retired_q + 32'd1;
      if (ctl_take) ctl_busy_q <= 1'b1;
      else if (retire[Ctl]) ctl_busy_q <= 1'b0;
      irq_done_q <= retire_any && retire_flight.irq;
    end
  end

  always_ff @(posedge clk_i) begin
    if (ctl_take) ctl_flight_q <= head_flight[Ctl];
    if (retire_any) begin
      last_engine_q <= retire_engine;
      last_flight_q <= retire_flight;
    end
  end

  // ------------------------------------------------------------------------------------------------ timeouts
  logic [31:0]           waited_q [NumEngines];   // cycles the head has waited for its semaphores

  for (genvar e = 0; e < NumEngines; e++) begin : gen_timeout
    logic waits;
    assign waits   = head_valid[e] && lacks[e] && issue_on;
    assign late[e] = waits && (timeout_i != '0) && (waited_q[e] >= timeout_i);
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) waited_q[e] <= '0;
      else if (waits && (timeout_i != '0)) waited_q[e] <= waited_q[e] + 32'd1;
      else waited_q[e] <= '0;
    end
  end

  // ------------------------------------------------------------------------------------------------ errors
  // A transfer error is held until the commands before it, already done, have retired: then its command is the oldest.
  logic [NumEngines-1:0] bad_q;
  err_t                  bad_err_q [NumEngines];
  err_t                  err_q;
  logic                  fail;             // a command failed while executing
  logic                  refuse_check;     // the oldest command not dispatched is illegal
  logic                  refuse_fetch;     // ... could not be fetched
  logic                  irq_error_q;
  logic                  settled;          // nothing is under way

  for (genvar e = 0; e < NumEngines; e++) begin : gen_bad
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) bad_q[e] <= 1'b0;
      else if (err_valid_i[e]) bad_q[e] <= 1'b1;
    end
    always_ff @(posedge clk_i) begin
      if (err_valid_i[e] && !bad_q[e]) begin
        bad_err_q[e] <= '{code: err_code_i[e], engine: 3'(e), index: '0, tag: '0, info: err_info_i[e], addr: err_addr_i[e]};
      end
    end
  end

  logic [NumEngines-1:0] bad_now;          // its command is the oldest; Deep: it was in the cycle before, and since nothing can retire there
  if (Deep) begin : gen_bad_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) bad_now <= '0;
      else bad_now <= bad_q & ~retire_valid;
    end
  end else begin : gen_bad_now
    assign bad_now = bad_q & ~retire_valid;
  end

  assign fail         = overflow || ((Deep ? late_q : late) != '0) || (bad_now != '0);
  assign refuse_check = run && c_valid && (c_code != CsrErrorNone);
  assign refuse_fetch = run && f_valid && f_err && k_ready;

  logic refuse;                            // a refusal is recorded; what it is about stays where it is
  if (Deep) begin : gen_error_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        refuse <= 1'b0;
        late_q <= '0;
      end else begin
        refuse <= refuse_check || refuse_fetch;
        late_q <= late & ~take;
      end
    end
  end else begin : gen_error
    assign refuse = refuse_check || refuse_fetch;
    assign late_q = '0;
  end

  // The records; functions, so that nobody computes them in the many cycles without an error.
  function automatic err_t record_of_fail();
    err_t r;
    r = '0;
    for (int unsigned e = 0; e < NumEngines; e++) begin
      if (bad_now[e]) begin
        r       = bad_err_q[e];
        r.index = flight[e].index;
        r.tag   = flight[e].tag;
      end
    end
    for (int unsigned e = 0; e < NumEngines; e++) begin
      if (Deep ? late_q[e] : late[e]) begin
        r = '{code: CsrErrorTimeout, engine: 3'(e), index: head_flight[e].index, tag: head_flight[e].tag,
              info: 32'(short_of[e]), addr: '0};
      end
    end
    if (overflow) begin
      r = '{code: CsrErrorSemOverflow, engine: last_engine_q, index: last_flight_q.index, tag: last_flight_q.tag,
            info: 32'(overflow_sem), addr: '0};
    end
    return r;
  endfunction

  logic fail_now;        // its record can be taken
  err_t fail_record_q;

  if (Deep) begin : gen_fail_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) failed <= 1'b0;
      else failed <= fail;
    end
    always_ff @(posedge clk_i) begin
      if (fail && !failed) fail_record_q <= record_of_fail();
    end
    assign fail_now = failed;
  end else begin : gen_fail
    assign failed        = 1'b0;
    assign fail_record_q = '0;
    assign fail_now      = fail;
  end

  function automatic err_t record_of_refusal();
    if (refuse_check) return '{code: c_code, engine: c_engine, index: head_q, tag: c_header.tag, info: c_info, addr: '0};
    return '{code: CsrErrorFetch, engine: EngineCtl, index: head_q, tag: '0, info: 32'(f_resp), addr: f_err_addr};
  endfunction

  // The failing command of LD or ST stays in flight for ever.
  assign settled = dma_idle_i && (in_flight[EngineMxe] == 1'b0) && (in_flight[EngineGta] == 1'b0) && (retire_valid == '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StRun;
      err_q       <= '0;
      irq_error_q <= 1'b0;
    end else begin
      irq_error_q <= 1'b0;
      unique case (state_q)
        StRun: begin
          if (fail_now) begin
            err_q   <= Deep ? fail_record_q : record_of_fail();
            state_q <= StFreeze;
          end else if (refuse && !(Deep && fail)) begin
            err_q   <= record_of_refusal();
            state_q <= StDrain;
          end
        end

        StDrain: begin
          if (fail_now) begin
            err_q   <= Deep ? fail_record_q : record_of_fail();
            state_q <= StFreeze;
          end else if ((retired_q == head_q) && post_ready && !(Deep && fail)) begin
            state_q     <= StHalted;
            irq_error_q <= 1'b1;
          end
        end

        StFreeze: begin
          if (settled) begin
            state_q     <= StHalted;
            irq_error_q <= 1'b1;
          end
        end

        // Until reset.
        StHalted: state_q <= StHalted;

        default: state_q <= StHalted;
      endcase
    end
  end

  // While commands wait for semaphores and engines work, nothing moves here. The small semaphores look at one requester after the other
  // all the time.
  assign active_o    = Compact || f_active || (f_valid && (f_ready || f_err)) || (!k_ready && !c_valid) ||
                       (c_valid && (c_ready || c_code != CsrErrorNone)) || take_any || ((cmd_valid_o & cmd_ready_i) != '0) ||
                       (retire_valid != '0) || (err_valid_i != '0) || (bad_q != '0) || (timeout_i != '0) ||
                       (state_q == StDrain) || (state_q == StFreeze);
  assign halt_o      = (state_q == StFreeze) || (state_q == StHalted);
  assign halted_o    = state_q == StHalted;
  assign err_o       = err_q;
  assign irq_error_o = irq_error_q;
  assign irq_done_o  = irq_done_q;
  assign head_o      = head_q;
  assign retired_o   = retired_q;
  assign busy_o      = (state_q != StHalted) && ((enable_i && (head_q != tail_i)) || (retired_q != head_q) || (state_q != StRun) ||
                                                 posting || (Deep && (overflow || failed)));

  // ------------------------------------------------------------------------------------------------ monitors
  logic               mon_issue_valid_q, mon_retire_valid_q;
  logic [2:0]         mon_issue_engine_q, mon_retire_engine_q;
  logic [31:0]        mon_issue_index_q, mon_retire_index_q;
  logic [CmdBits-1:0] mon_issue_cmd_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mon_issue_valid_q  <= 1'b0;
      mon_retire_valid_q <= 1'b0;
    end else begin
      mon_issue_valid_q  <= take_any;
      mon_retire_valid_q <= retire_any;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take_any) begin
      mon_issue_engine_q <= take_engine;
      mon_issue_index_q  <= head_flight[take_engine].index;
      mon_issue_cmd_q    <= (take_engine == 3'(EngineCtl)) ? c_cmd : cmd_o[take_engine];
    end
    if (retire_any) begin
      mon_retire_engine_q <= retire_engine;
      mon_retire_index_q  <= retire_flight.index;
    end
  end

  // What everyone waits for, for the report of a hang.
  logic [NumEngines-1:0]       mon_waiting_q, mon_hold_q, mon_in_flight_q;
  logic [4:0]                  mon_short_q [NumEngines];
  logic [31:0]                 mon_waiting_index_q [NumEngines];
  logic [31:0]                 mon_flight_index_q [NumEngines];
  logic [1:0]                  mon_state_q;
  logic [31:0]                 mon_head_q, mon_retired_q;

  always_ff @(posedge clk_i) begin
    mon_waiting_q   <= waiting_o;
    mon_hold_q      <= ~lacks;
    mon_in_flight_q <= in_flight;
    mon_state_q     <= state_q;
    mon_head_q      <= head_q;
    mon_retired_q   <= retired_q;
  end

  for (genvar e = 0; e < NumEngines; e++) begin : gen_mon
    always_ff @(posedge clk_i) begin
      mon_short_q[e]         <= short_of[e];
      mon_waiting_index_q[e] <= head_flight[e].index;
      mon_flight_index_q[e]  <= flight[e].index;
    end
  end

  `ASSERT_INIT(DeepIsCompact_A, Compact || !Deep)
  `ASSERT(OneIssued_A, $onehot0(taken))
  `ASSERT(RetiredBehindHead_A, (head_q - retired_q) < 32'd256)
  `ASSERT(NothingIssuedHalted_A, halted_o -> !take_any)

endmodule
