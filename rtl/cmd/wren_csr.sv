// wren_csr: the control and status registers of one core behind an AXI4-Lite port (spec/csr.yaml), its interrupt, and its
// performance counters.
//
// Handshake  AXI4-Lite. A write is taken when address and data are both there and no response waits; a read when no read response
//            waits. Undefined offsets (also unaligned ones) and writes to read-only registers answer SLVERR and change nothing.
//            Byte strobes are honoured.
// Timing     responses one cycle after the request; Deep: of a write two, of a read six or seven.
// Counters   64 bits; reading a low word keeps the high word of that moment for the next read of a high word.
`include "wren_assert.svh"

module wren_csr
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_csr_pkg::*;
  import wren_cmd_pkg::*;
#(
  parameter int unsigned Rows     = 8,
  parameter int unsigned Cols     = 16,
  parameter int unsigned Lanes    = 32,
  parameter int unsigned Bus      = 64,
  parameter int unsigned AbBytes  = 524288,
  parameter int unsigned WbBytes  = 131072,
  parameter int unsigned VmBytes  = 262144,
  parameter int unsigned AccBytes = 131072,
  parameter int unsigned L2Bytes  = 4194304,
  parameter int unsigned Tables   = 8,
  parameter int unsigned Cores    = 1,
  parameter bit          Compact  = 1'b0,  // of wren_perf
  parameter bit          Deep     = 1'b0
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // AXI4-Lite
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

  output logic                    irq_o,

  // To the command unit
  output logic                    enable_o,
  output logic [ExtAddrWidth-1:0] ring_base_o,
  output logic [15:0]             ring_mask_o,
  output logic [31:0]             tail_o,
  output logic [31:0]             timeout_o,
  output logic                    soft_reset_o,     // pulse

  // From the command unit
  input  logic                    resetting_i,      // a soft reset is under way
  input  logic                    reset_clear_i,    // pulse when it begins to reset
  input  logic [31:0]             head_i,
  input  logic [31:0]             retired_i,
  input  logic                    busy_i,
  input  logic                    halted_i,
  input  err_t                    err_i,
  input  logic                    irq_done_i,
  input  logic                    irq_error_i,
  input  logic                    numeric_i,        // pulse: a numeric exception
  input  perf_t                   perf_i
);

  localparam logic [1:0] RespOkay   = 2'b00;
  localparam logic [1:0] RespSlvErr = 2'b10;

  // ------------------------------------------------------------------------------------------------ registers
  logic        enable_q, soft_reset_q;
  logic        irq_done_q, irq_error_q, numeric_q;
  logic [1:0]  irq_enable_q;
  logic [31:6] ring_lo_q;
  logic [7:0]  ring_hi_q;
  logic [16:0] ring_size_q;
  logic [31:0] tail_q, timeout_q;

  assign enable_o     = enable_q;
  assign soft_reset_o = soft_reset_q;
  assign ring_base_o  = {ring_hi_q, ring_lo_q, 6'd0};
  assign ring_mask_o  = 16'(ring_size_q - 17'd1);
  assign tail_o       = tail_q;
  assign timeout_o    = timeout_q;
  assign irq_o        = |({irq_error_q, irq_done_q} & irq_enable_q);

  // ------------------------------------------------------------------------------------------------ writes
  logic        wr, wr_ok, b_valid_q;
  logic [1:0]  b_resp_q;
  logic [31:0] wr_mask, wr_set;

  if (Deep) begin : gen_wr_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) wr <= 1'b0;
      else wr <= s_aw_valid_i && s_w_valid_i && !b_valid_q && !wr;
    end
  end else begin : gen_wr
    assign wr = s_aw_valid_i && s_w_valid_i && !b_valid_q;
  end
  assign s_aw_ready_o = wr;
  assign s_w_ready_o  = wr;
  assign s_b_valid_o  = b_valid_q;
  assign s_b_resp_o   = b_resp_q;
  assign wr_mask      = {{8{s_w_strb_i[3]}}, {8{s_w_strb_i[2]}}, {8{s_w_strb_i[1]}}, {8{s_w_strb_i[0]}}};
  assign wr_set       = s_w_data_i & wr_mask;   // for bits that act when written as 1

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] data, input logic [31:0] mask);
    return (old & ~mask) | (data & mask);
  endfunction

  always_comb begin
    unique case (s_aw_addr_i)
      CsrCtrl, CsrIrqStatus, CsrIrqEnable, CsrRingLo, CsrRingHi, CsrRingSize, CsrTail, CsrTimeout: wr_ok = 1'b1;
      default: wr_ok = 1'b0;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      b_valid_q <= 1'b0;
      b_resp_q  <= RespOkay;
    end else if (wr) begin
      b_valid_q <= 1'b1;
      b_resp_q  <= wr_ok ? RespOkay : RespSlvErr;
    end else if (s_b_ready_i) begin
      b_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enable_q     <= 1'b0;
      soft_reset_q <= 1'b0;
      irq_done_q   <= 1'b0;
      irq_error_q  <= 1'b0;
      numeric_q    <= 1'b0;
      irq_enable_q <= '0;
      ring_lo_q    <= '0;
      ring_hi_q    <= '0;
      ring_size_q  <= '0;
      tail_q       <= '0;
      timeout_q    <= '0;
    end else begin
      soft_reset_q <= 1'b0;
      if (wr) begin
        unique case (s_aw_addr_i)
          CsrCtrl: begin
            if (wr_mask[0]) enable_q <= s_w_data_i[0];
            soft_reset_q <= wr_set[1];
            if (wr_set[3]) numeric_q <= 1'b0;
          end
          CsrIrqStatus: begin
            if (wr_set[0]) irq_done_q <= 1'b0;
            if (wr_set[1]) irq_error_q <= 1'b0;
          end
          CsrIrqEnable: irq_enable_q <= 2'(merge(32'(irq_enable_q), s_w_data_i, wr_mask));
          CsrRingLo:    ring_lo_q <= 26'(merge({ring_lo_q, 6'd0}, s_w_data_i, wr_mask) >> 6);
          CsrRingHi:    ring_hi_q <= 8'(merge(32'(ring_hi_q), s_w_data_i, wr_mask));
          CsrRingSize:  ring_size_q <= 17'(merge(32'(ring_size_q), s_w_data_i, wr_mask));
          CsrTail:      tail_q <= merge(tail_q, s_w_data_i, wr_mask);
          CsrTimeout:   timeout_q <= merge(timeout_q, s_w_data_i, wr_mask);
          default: ;
        endcase
      end
      // Events win over a write in the same cycle.
      if (irq_done_i) irq_done_q <= 1'b1;
      if (irq_error_i) irq_error_q <= 1'b1;
      if (numeric_i) numeric_q <= 1'b1;
      if (reset_clear_i) begin
        tail_q    <= '0;
        numeric_q <= 1'b0;
      end
    end
  end

  // ------------------------------------------------------------------------------------------------ counters
  localparam int unsigned Buckets = 6;

  logic        rd, perf_clear, count_known;      // rd: a read looks at the counters
  logic [11:0] rd_addr;
  logic [4:0]  count_index;
  logic        count_rd, count_done;             // wren_perf reads, has read
  logic [4:0]  count_at;
  logic [63:0] count;
  perf_t       perf_q;

  logic perf_clear_wr;
  assign perf_clear_wr = wr && (s_aw_addr_i == CsrCtrl) && wr_set[2];
  if (Deep) begin : gen_clear_q
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) perf_clear <= 1'b0;
      else perf_clear <= perf_clear_wr;
    end
  end else begin : gen_clear
    assign perf_clear = perf_clear_wr;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) perf_q <= '0;
    else perf_q <= perf_i;
  end

  // The counter at an address; count_index as wren_perf numbers them.
  always_comb begin
    count_index = '0;
    count_known = 1'b0;
    if (rd) begin
      count_known = rd_addr[1:0] == 2'd0;
      case ({rd_addr[11:3], 3'd0})
        CsrPerfCycles:     count_index = 5'd6;
        CsrPerfRdBytes:    count_index = 5'd7;
        CsrPerfWrBytes:    count_index = 5'd14;
        CsrPerfFetchBytes: count_index = 5'd15;
        default: begin
          count_index[2:0] = rd_addr[5:3];
          if (32'(rd_addr[5:3]) >= Buckets) count_known = 1'b0;
          case ({rd_addr[11:6], 6'd0})
            CsrPerfLd:  count_index[4:3] = 2'd0;
            CsrPerfSt:  count_index[4:3] = 2'd1;
            CsrPerfMxe: count_index[4:3] = 2'd2;
            CsrPerfGta: count_index[4:3] = 2'd3;
            default:    count_known = 1'b0;
          endcase
        end
      endcase
    end
  end

  wren_perf #(
    .Compact(Compact),
    .Deep   (Deep)
  ) u_perf (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(perf_clear),
    .perf_i (perf_q),
    .rd_i   (count_rd),
    .index_i(count_at),
    .done_o (count_done),
    .count_o(count)
  );

  // ------------------------------------------------------------------------------------------------ reads
  typedef struct packed {
    logic        ok;
    logic        is_count;   // a counter: its 64 bits
    logic [63:0] data;
  } read_t;
  typedef struct packed {
    logic [1:0]  resp;
    logic [31:0] data;
    logic [31:0] high;       // kept for the next read of a high word
  } answer_t;

  logic         r_valid_q;
  answer_t      answer_q;
  csr_ctrl_t    ctrl;
  csr_status_t  status;
  csr_config0_t config0;
  csr_config1_t config1;

  // The answer is made in the cycle of the request; Deep: the address, then the counter's number go into registers before.
  logic         answer_make, known;
  logic [63:0]  counted;

  assign counted = count;
  if (!Deep) begin : gen_flat
    logic unused;
    assign rd           = s_ar_valid_i && !r_valid_q;
    assign s_ar_ready_o = rd;
    assign rd_addr      = s_ar_addr_i;
    assign count_rd     = rd;
    assign count_at     = count_index;
    assign answer_make  = rd;
    assign known        = count_known;
    assign unused       = count_done;
  end else begin : gen_deep
    logic reading_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) {reading_q, rd, count_rd} <= '0;
      else begin
        {rd, count_rd} <= {s_ar_valid_i && s_ar_ready_o, rd};
        reading_q      <= (s_ar_valid_i && s_ar_ready_o) || (reading_q && !answer_make);
      end
    end
    always_ff @(posedge clk_i) begin
      if (s_ar_valid_i && s_ar_ready_o) rd_addr <= s_ar_addr_i;
      if (rd) {known, count_at} <= {count_known, count_index};
    end
    assign s_ar_ready_o = !reading_q && !r_valid_q;
    assign answer_make  = count_done;
  end

  assign s_r_valid_o  = r_valid_q;
  assign s_r_data_o   = answer_q.data;
  assign s_r_resp_o   = answer_q.resp;

  assign ctrl    = '{rsvd_4: '0, numeric_clear: 1'b0, perf_clear: 1'b0, soft_reset: soft_reset_q || resetting_i, enable: enable_q};
  assign status  = '{rsvd_3: '0, numeric: numeric_q, halted: halted_i, busy: busy_i};
  assign config0 = '{bus: 8'(Bus), lanes: 8'(Lanes), cols: 8'(Cols), rows: 8'(Rows)};
  assign config1 = '{rsvd_24: '0, cores: 8'(Cores), sems: 8'(NumSems), tables: 8'(Tables)};

  function automatic read_t word_of(input logic [31:0] data);
    return '{ok: 1'b1, is_count: 1'b0, data: {32'd0, data}};
  endfunction

  // A function, so that nobody computes it in the many cycles without a read.
  function automatic answer_t read_of(input logic [11:0] at);
    read_t      value;
    answer_t    answer;
    value = '{ok: 1'b0, is_count: 1'b0, data: '0};
    unique case (at)
      CsrId:        value = word_of(CsrIdReset);
      CsrVersion:   value = word_of(IsaVersion);
      CsrConfig0:   value = word_of(config0);
      CsrAbBytes:   value = word_of(AbBytes);
      CsrWbBytes:   value = word_of(WbBytes);
      CsrVmBytes:   value = word_of(VmBytes);
      CsrAccBytes:  value = word_of(AccBytes);
      CsrL2Bytes:   value = word_of(L2Bytes);
      CsrConfig1:   value = word_of(config1);
      CsrCtrl:      value = word_of(ctrl);
      CsrStatus:    value = word_of(status);
      CsrIrqStatus: value = word_of({30'd0, irq_error_q, irq_done_q});
      CsrIrqEnable: value = word_of(32'(irq_enable_q));
      CsrRingLo:    value = word_of({ring_lo_q, 6'd0});
      CsrRingHi:    value = word_of(32'(ring_hi_q));
      CsrRingSize:  value = word_of(32'(ring_size_q));
      CsrTail:      value = word_of(tail_q);
      CsrHead:      value = word_of(head_i);
      CsrRetired:   value = word_of(retired_i);
      CsrTimeout:   value = word_of(timeout_q);
      CsrErrCode:   value = word_of(halted_i ? 32'(err_i.code) : 32'd0);
      CsrErrEngine: value = word_of(halted_i ? 32'(err_i.engine) : 32'd0);
      CsrErrIndex:  value = word_of(halted_i ? err_i.index : 32'd0);
      CsrErrTag:    value = word_of(halted_i ? err_i.tag : 32'd0);
      CsrErrInfo:   value = word_of(halted_i ? err_i.info : 32'd0);
      CsrErrAddrLo: value = word_of(halted_i ? err_i.addr[31:0] : 32'd0);
      CsrErrAddrHi: value = word_of(halted_i ? 32'(err_i.addr[ExtAddrWidth-1:32]) : 32'd0);
      default: begin
        if (known) value = '{ok: 1'b1, is_count: 1'b1, data: counted};
      end
    endcase
    answer = '{resp: RespSlvErr, data: '0, high: answer_q.high};
    if (value.ok) begin
      answer.resp = RespOkay;
      answer.data = (value.is_count && at[2]) ? answer_q.high : value.data[31:0];
      if (value.is_count && !at[2]) answer.high = value.data[63:32];
    end
    return answer;
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      r_valid_q <= 1'b0;
      answer_q  <= '0;
    end else if (answer_make) begin
      r_valid_q <= 1'b1;
      answer_q  <= read_of(rd_addr);
    end else if (s_r_ready_i) begin
      r_valid_q <= 1'b0;
    end
  end

  `ASSERT(WriteThere_A, wr -> s_aw_valid_i && s_w_valid_i)
  `ASSERT_HOLD(BHold_A, s_b_valid_o, s_b_ready_i, s_b_resp_o)
  `ASSERT_HOLD(RHold_A, s_r_valid_o, s_r_ready_i, {s_r_data_o, s_r_resp_o})

endmodule
