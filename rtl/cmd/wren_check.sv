// wren_check: judges a command before it is dispatched: opcode, fields, alignment, and that every operand lies in its memory.
//
// Handshake  cmd and out are valid/ready; out holds the command and its verdict (err_code_o none: fit to run).
// Timing     3 cycles and one per step; a step is one product (count - 1) * stride of one operand. Common commands have 2 to
//            8 steps. One command at a time: the queues behind it hide this time.
// Deep       5 cycles more: opcode, fields and the verdict on them have a cycle each, a step is chosen, made, and taken from its engine's list,
//            and the sum is compared.
// How        A command's operands become a list of steps. An operand's last step adds base and size to the sum of its
//            products and compares with the capacity of its memory. One multiplier serves all: step -> product -> sum.
// Errors     opcode, then fields (wren_isa_pkg::check_fields, then the table's number), then operands in the order of the CSR
//            enum `operand`, alignment before range; the first one counts.
`include "wren_assert.svh"

module wren_check
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_csr_pkg::*;
#(
  parameter int unsigned Rows     = 8,
  parameter int unsigned Cols     = 16,
  parameter int unsigned AbBytes  = 524288,
  parameter int unsigned WbBytes  = 131072,
  parameter int unsigned VmBytes  = 262144,
  parameter int unsigned AccBytes = 131072,
  parameter int unsigned L2Bytes  = 4194304,
  parameter int unsigned Tables   = 8,
  parameter bit          Deep     = 1'b0
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  // Command in
  input  logic               cmd_valid_i,
  output logic               cmd_ready_o,
  input  logic [CmdBits-1:0] cmd_i,

  // Command and verdict out
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [CmdBits-1:0] out_cmd_o,
  output csr_error_e         err_code_o,
  output logic [31:0]        err_info_o
);

  localparam int unsigned LogRows   = $clog2(Rows);
  localparam int unsigned NumSteps  = 8;
  localparam int unsigned CapWidth  = ExtAddrWidth + 1;
  localparam int unsigned TailWidth = ExtAddrWidth + 2;

  // Capacities in the units of spec/isa.yaml.
  typedef logic [CapWidth-1:0] cap_t;
  localparam int unsigned AbWords  = AbBytes / (32 * Rows);
  localparam int unsigned WbSets   = WbBytes / (32 * Cols);
  localparam int unsigned AccWords = AccBytes / (4 * Rows * Cols);
  localparam int unsigned AbScale  = AbBytes / 16;
  localparam int unsigned WbScale  = WbBytes / 8;       // for WB full of 4-bit blocks
  localparam int unsigned LutBytes = Tables * 4096;
  localparam int unsigned AccBlock = 32 / Cols;         // ACC words of 32 columns
  localparam cap_t CapExt = {1'b1, ExtAddrWidth'(0)};

  typedef logic [TailWidth-1:0] tail_t;

  // One product of one operand.
  typedef struct packed {
    logic [15:0]  n;         // count - 1
    logic [31:0]  stride;
    logic         last;      // of its operand: add tail, compare with cap
    logic         misaligned;
    csr_operand_e operand;
    tail_t        tail;      // base + size
    cap_t         cap;
  } step_t;

  typedef logic [NumSteps-1:0] steps_t;

  // ------------------------------------------------------------------------------------------------ the list of steps
  function automatic logic has_extent(input operand_mode_e mode);
    return (mode == OperandModeMat) || (mode == OperandModeCol) || (mode == OperandModeRow) || (mode == OperandModeBlk);
  endfunction

  // Steps that a command needs. Dimensions of one repeat are left out.
  function automatic steps_t steps_of(input logic [CmdBits-1:0] cmd);
    ld_gather_t c;
    gta_op_t    g;
    mxe_gemm_t  m;
    steps_t     r;
    c = cmd;
    g = cmd;
    m = cmd;
    r = '0;
    case (opcode_e'(cmd[7:0]))
      OpLdCopy, OpLdTranspose, OpStCopy:
        r = {2'b00, 1'b1, c.n2 != 16'd1, c.n3 != 16'd1, 1'b1, c.n2 != 16'd1, c.n3 != 16'd1};
      OpLdGather: r = {2'b01, 1'b1, c.n2 != 16'd1, c.n3 != 16'd1, 1'b1, c.n2 != 16'd1, c.n3 != 16'd1};
      OpLdFill: r = {2'b00, 1'b1, c.n2 != 16'd1, c.n3 != 16'd1, 3'b000};
      OpMxeGemm: r = {4'b0000, 1'b1, 1'b1, m.ncg != 16'd1, 1'b1};
      OpGtaOp:
        r = {g.red_op != ReduceOpNone, (g.out_space == OutSpaceVm) && ((g.out_format == OutFormatQ80) || (g.out_format == OutFormatQ8Bf16)),
             g.out_space != OutSpaceNone, has_extent(g.c_mode), has_extent(g.m_mode), has_extent(g.b_mode),
             has_extent(g.a_mode), 1'b1};
      default: r = '0;
    endcase
    return r;
  endfunction

  function automatic cap_t cap_of_ld(input ld_dst_e space);
    case (space)
      LdDstAb: return cap_t'(AbBytes);
      LdDstAbScale: return cap_t'(AbScale);
      LdDstWb: return cap_t'(WbBytes);
      LdDstWbScale: return cap_t'(WbScale);
      LdDstVm: return cap_t'(VmBytes);
      LdDstLut: return cap_t'(LutBytes);
      default: return cap_t'(L2Bytes);
    endcase
  endfunction

  function automatic cap_t cap_of_ext(input ext_space_e space);
    return (space == ExtSpaceL2) ? cap_t'(L2Bytes) : CapExt;
  endfunction

  // LD and ST: steps 0..2 are src (dimensions 3, 2, 1), 3..5 dst, 6 the index array. ST has the two addresses exchanged.
  function automatic step_t dma_step(input logic [CmdBits-1:0] cmd, input logic [2:0] k, input logic [14:0] align);
    ld_gather_t  c;
    step_t       r;
    logic        transpose, store, dst;
    logic [31:0] bytes;
    c         = cmd;
    transpose = opcode_e'(c.opcode) == OpLdTranspose;
    store     = opcode_e'(c.opcode) == OpStCopy;
    dst       = k >= 3'd3;
    bytes     = (transpose && dst) ? {3'd0, c.len, 5'd0} : {8'd0, c.len};
    r         = '0;
    r.operand = dst ? CsrOperandDst : CsrOperandSrc;
    r.last    = (k == 3'd2) || (k == 3'd5) || (k == 3'd6);
    if (dst == store) begin
      r.tail = tail_t'(c.src) + tail_t'(bytes);
      r.cap  = cap_of_ext(c.src_space);
    end else begin
      r.tail = tail_t'(c.dst) + tail_t'(bytes);
      r.cap  = store ? ((c.dst_space == ld_dst_e'(StSrcL2)) ? cap_t'(L2Bytes) : cap_t'(VmBytes)) : cap_of_ld(c.dst_space);
    end
    case (k)
      3'd0: begin r.n = c.n3 - 16'd1; r.stride = c.s3; end
      3'd1: begin r.n = c.n2 - 16'd1; r.stride = c.s2; end
      3'd2: begin
        r.n      = c.n1 - 16'd1;
        r.stride = (opcode_e'(c.opcode) == OpLdGather) ? 32'd0 : c.s1;
      end
      3'd3: begin r.n = c.n3 - 16'd1; r.stride = c.t3; end
      3'd4: begin r.n = c.n2 - 16'd1; r.stride = c.t2; end
      3'd5: begin r.n = transpose ? {5'd0, c.n1[15:5]} - 16'd1 : c.n1 - 16'd1; r.stride = c.t1; end
      default: begin
        r.operand = CsrOperandIdx;
        r.tail    = tail_t'(c.idx) + tail_t'({c.n1, 2'b00});
        r.cap     = cap_t'(VmBytes);
      end
    endcase
    r.misaligned = align[r.operand];
    return r;
  endfunction

  function automatic logic [15:0] groups(input logic [15:0] rows);
    return 16'((17'(rows) + 17'(Rows - 1)) >> LogRows);
  endfunction

  function automatic logic [15:0] last_group(input logic [CmdBits-1:0] cmd);
    gta_op_t   g;
    mxe_gemm_t m;
    g = cmd;
    m = cmd;
    return groups((opcode_e'(cmd[7:0]) == OpMxeGemm) ? m.rows : g.rows) - 16'd1;
  endfunction

  // Of an MXE or GTA command: what several of its steps need.
  typedef struct packed {
    logic [15:0] rows;     // less 1
    logic [15:0] groups;   // of rows, less 1
    logic [11:0] blocks;   // of columns
  } shape_t;

  function automatic shape_t shape_of(input logic [CmdBits-1:0] cmd);
    gta_op_t g;
    g = cmd;
    return '{rows: g.rows - 16'd1, groups: last_group(cmd), blocks: 12'((17'(g.cols) + 17'd31) >> 5)};
  endfunction

  function automatic step_t mxe_step(input logic [CmdBits-1:0] cmd, input logic [2:0] k, input logic [15:0] row_groups);
    mxe_gemm_t c;
    step_t     r;
    c      = cmd;
    r      = '0;
    r.last = k != 3'd1;
    case (k)
      3'd0: begin
        r.operand = CsrOperandAb;
        r.n       = row_groups;
        r.stride  = 32'(c.ab_gs);
        r.tail    = tail_t'(c.ab) + tail_t'(c.kb);
        r.cap     = cap_t'(AbWords);
      end
      3'd1: begin
        r.operand = CsrOperandWb;
        r.n       = c.ncg - 16'd1;
        r.stride  = 32'(c.wb_ns);
      end
      3'd2: begin
        r.operand = CsrOperandWb;
        r.n       = c.kb - 16'd1;
        r.stride  = 32'(c.wb_ks);
        r.tail    = tail_t'(c.wb) + tail_t'(1);
        r.cap     = (c.w_format == WeightFormatQ8) ? cap_t'(WbSets) : cap_t'(2 * WbSets);
      end
      default: begin
        r.operand = CsrOperandAcc;
        r.n       = row_groups;
        r.stride  = 32'(c.acc_gs);
        r.tail    = tail_t'(c.acc) + tail_t'(c.ncg);
        r.cap     = cap_t'(AccWords);
      end
    endcase
    return r;
  endfunction

  // Log2 of the bytes of one element.
  function automatic logic [1:0] log_size(input x_format_e format);
    case (format)
      XFormatF32, XFormatI32: return 2'd2;
      XFormatF16, XFormatBf16: return 2'd1;
      default: return 2'd0;
    endcase
  endfunction

  // A matrix in VM: whole blocks of 32 elements of 1 << log bytes.
  function automatic step_t matrix(input csr_operand_e operand, input logic [1:0] log, input logic [19:0] base,
                                   input logic [19:0] stride, input logic [15:0] n, input logic [11:0] blocks);
    step_t       r;
    logic [19:0] low;
    low          = (20'd32 << log) - 20'd1;
    r            = '0;
    r.operand    = operand;
    r.last       = 1'b1;
    r.n          = n;
    r.stride     = 32'(stride);
    r.tail       = tail_t'(base) + (tail_t'({blocks, 5'd0}) << log);
    r.cap        = cap_t'(VmBytes);
    r.misaligned = ((base | stride) & low) != 20'd0;
    return r;
  endfunction

  // Operands a, b, m, c.
  function automatic step_t gta_operand(input csr_operand_e operand, input operand_mode_e mode, input operand_format_e format,
                                        input logic [19:0] base, input logic [19:0] stride, input logic [15:0] n,
                                        input logic [11:0] blocks);
    step_t       r;
    logic [1:0]  log;
    logic [19:0] low;
    logic [11:0] count;   // scalars of one row
    count = (mode == OperandModeBlk) ? blocks : 12'd1;
    log = (format == OperandFormatF32) ? 2'd2 : 2'd1;
    low = (20'd1 << log) - 20'd1;
    if ((mode == OperandModeMat) || (mode == OperandModeCol)) begin
      r = matrix(operand, log, base, (mode == OperandModeMat) ? stride : 20'd0, (mode == OperandModeMat) ? n : 16'd0, blocks);
    end else begin
      r            = '0;
      r.operand    = operand;
      r.last       = 1'b1;
      r.n          = n;
      r.stride     = 32'(stride);
      r.tail       = tail_t'(base) + (tail_t'(count) << log);
      r.cap        = cap_t'(VmBytes);
      r.misaligned = ((base | stride) & low) != 20'd0;
    end
    return r;
  endfunction

  // Of the vector engine's steps 0 and 5 to 7; 1 to 4 are those of its operands a, b, m and c.
  function automatic step_t gta_row_step(input logic [CmdBits-1:0] cmd, input logic [2:0] k, input logic [14:0] align, input shape_t shape);
    gta_op_t     c;
    step_t       r;
    logic [15:0] n;
    logic [11:0] blocks;
    c      = cmd;
    n      = shape.rows;
    blocks = shape.blocks;
    r      = '0;
    case (k)
      3'd0: begin
        r = matrix(CsrOperandX, log_size(c.x_format), c.x, c.x_stride, n, blocks);
        if (c.x_space == XSpaceAcc) begin
          r.n          = shape.groups;
          r.tail       = tail_t'(c.x) + tail_t'(blocks) * tail_t'(AccBlock);
          r.cap        = cap_t'(AccWords);
          r.misaligned = c.x[0] || c.x_stride[0];
        end
      end
      3'd5: begin
        r = matrix(CsrOperandOut, ((c.out_format == OutFormatQ80) || (c.out_format == OutFormatQ8Bf16)) ? 2'd0 : log_size(x_format_e'(c.out_format)), c.out,
                   c.out_stride, n, blocks);
        if (c.out_space == OutSpaceAb) begin
          r.n          = shape.groups;
          r.tail       = tail_t'(c.out) + tail_t'(blocks);
          r.cap        = cap_t'(AbWords);
          r.misaligned = 1'b0;
        end
      end
      3'd6: begin
        r.operand    = CsrOperandOutScale;
        r.last       = 1'b1;
        r.n          = n;
        r.stride     = 32'(c.out_stride[19:4]);
        r.tail       = tail_t'(c.out_scale) + tail_t'({blocks, 1'b0});
        r.cap        = cap_t'(VmBytes);
        r.misaligned = align[CsrOperandOutScale];
      end
      default: begin
        r.operand    = CsrOperandRed;
        r.last       = 1'b1;
        r.n          = n;
        r.stride     = 32'(c.red_stride);
        r.tail       = tail_t'(c.red) + (c.red_blk ? tail_t'({blocks, 2'b00}) : tail_t'(4));
        r.cap        = cap_t'(VmBytes);
        r.misaligned = align[CsrOperandRed];
      end
    endcase
    return r;
  endfunction

  function automatic step_t gta_operand_step(input logic [CmdBits-1:0] cmd, input logic [1:0] k, input logic [15:0] rows, input logic [11:0] blocks);
    gta_op_t c;
    c = cmd;
    case (k)
      2'd1:    return gta_operand(CsrOperandA, c.a_mode, c.a_format, c.a, c.a_stride, rows, blocks);
      2'd2:    return gta_operand(CsrOperandB, c.b_mode, c.b_format, c.b, c.b_stride, rows, blocks);
      2'd3:    return gta_operand(CsrOperandM, c.m_mode, c.m_format, c.m, c.m_stride, rows, blocks);
      default: return gta_operand(CsrOperandC, c.c_mode, c.c_format, c.c, c.c_stride, rows, blocks);
    endcase
  endfunction
  function automatic logic is_operand_step(input logic [2:0] k);
    return k >= 3'd1 && k <= 3'd4;
  endfunction
  function automatic step_t gta_step(input logic [CmdBits-1:0] cmd, input logic [2:0] k, input logic [14:0] align, input shape_t shape);
    return is_operand_step(k) ? gta_operand_step(cmd, k[1:0], shape.rows, shape.blocks) : gta_row_step(cmd, k, align, shape);
  endfunction

  function automatic step_t step_of(input logic [CmdBits-1:0] cmd, input logic [2:0] k, input logic [14:0] align);
    case (opcode_engine(cmd[7:0]))
      EngineLd, EngineSt: return dma_step(cmd, k, align);
      EngineMxe: return mxe_step(cmd, k, last_group(cmd));
      default: return gta_step(cmd, k, align, shape_of(cmd));
    endcase
  endfunction

  // Opcode and fields.
  typedef struct packed {
    csr_error_e  code;
    logic [31:0] info;
  } verdict_t;

  function automatic verdict_t judge_fields(input logic [CmdBits-1:0] cmd);
    verdict_t     r;
    field_check_t f;
    gta_op_t      g;
    g = cmd;
    f = check_fields(cmd);
    r = '{code: CsrErrorNone, info: '0};
    if (!opcode_known(cmd[7:0])) begin
      r = '{code: CsrErrorBadOpcode, info: 32'(cmd[7:0])};
    end else if (f.bad) begin
      r = '{code: CsrErrorBadField, info: 32'(f.msb)};
    end else if ((opcode_e'(cmd[7:0]) == OpGtaOp) && g.fn && (32'(g.tbl) >= Tables)) begin
      r = '{code: CsrErrorBadField, info: 32'd387};
    end
    return r;
  endfunction

  // The same of a command whose field tests are known.
  function automatic verdict_t judge_faults(input logic [CmdBits-1:0] cmd, input logic [FieldTests-1:0] faults);
    verdict_t                        r;
    gta_op_t                         g;
    logic [$clog2(FieldTests)-1:0]   first;
    g     = cmd;
    first = '0;
    for (int unsigned i = FieldTests; i > 0; i--) begin
      if (faults[i-1]) first = ($clog2(FieldTests))'(i - 1);
    end
    r = '{code: CsrErrorNone, info: '0};
    if (!opcode_known(cmd[7:0])) begin
      r = '{code: CsrErrorBadOpcode, info: 32'(cmd[7:0])};
    end else if (faults != '0) begin
      r = '{code: CsrErrorBadField, info: 32'(field_tested(cmd[7:0], first))};
    end else if ((opcode_e'(cmd[7:0]) == OpGtaOp) && g.fn && (32'(g.tbl) >= Tables)) begin
      r = '{code: CsrErrorBadField, info: 32'd387};
    end
    return r;
  endfunction

  function automatic logic [2:0] lowest(input steps_t todo);
    logic [2:0] k;
    k = '0;
    for (int unsigned i = NumSteps; i > 0; i--) begin
      if (todo[i-1]) k = 3'(i - 1);
    end
    return k;
  endfunction

  // ------------------------------------------------------------------------------------------------ sequence
  typedef enum logic [2:0] {StIdle, StOpcode, StFields, StFaults, StSteps, StOut} state_e;

  state_e              state_q;
  logic [CmdBits-1:0]  cmd_q;
  steps_t              todo_q;
  logic [14:0]         align_q;
  verdict_t            verdict_q;

  // Step, product, sum
  logic                v0_q, v1_q;
  step_t               s0_q;
  logic                last_q, misaligned_q;
  csr_operand_e        operand_q;
  tail_t               tail_q;
  cap_t                cap_q;
  logic [47:0]         product_q;
  logic [49:0]         sum_q;       // products of this operand so far
  logic [49:0]         sum;
  logic                beyond;

  // Deep: a step's number, then the step that each kind of command would have; behind the sum, the comparison.
  logic [FieldTests-1:0] faults_q;
  logic                feed;        // s0_q takes a step
  logic                early;       // a step is on its way to s0_q
  logic                judge_v, judge_last, judge_misaligned, late;
  csr_operand_e        judge_operand;

  assign sum = sum_q + 50'(product_q);

  assign cmd_ready_o = state_q == StIdle;
  assign out_valid_o = state_q == StOut;
  assign out_cmd_o   = cmd_q;
  assign err_code_o  = verdict_q.code;
  assign err_info_o  = verdict_q.info;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      todo_q    <= '0;
      align_q   <= '0;
      verdict_q <= '{code: CsrErrorNone, info: '0};
      v0_q      <= 1'b0;
      v1_q      <= 1'b0;
      sum_q     <= '0;
    end else begin
      unique case (state_q)
        // Take a command.
        StIdle: if (cmd_valid_i) state_q <= Deep ? StOpcode : StFields;

        // Deep: decode it.
        StOpcode: state_q <= StFields;

        // Judge opcode and fields; plan the steps.
        StFields: begin
          if (!Deep) verdict_q <= judge_fields(cmd_q);
          todo_q    <= steps_of(cmd_q);
          align_q   <= check_align(cmd_q);
          sum_q     <= '0;
          state_q   <= Deep ? StFaults : StSteps;
        end

        // Deep: the verdict on the fields.
        StFaults: begin
          verdict_q <= judge_faults(cmd_q, faults_q);
          state_q   <= StSteps;
        end

        // One step per cycle until the list is empty or an error is known, then let the pipeline drain.
        StSteps: begin
          v0_q <= feed && (verdict_q.code == CsrErrorNone);
          v1_q <= v0_q;
          todo_q <= todo_q & (todo_q - NumSteps'(1));
          if (v1_q) sum_q <= last_q ? '0 : sum;
          if (judge_v && judge_last && (verdict_q.code == CsrErrorNone)) begin
            if (judge_misaligned) verdict_q <= '{code: CsrErrorMisaligned, info: 32'(judge_operand)};
            else if (beyond) verdict_q <= '{code: CsrErrorOutOfRange, info: 32'(judge_operand)};
          end
          if ((verdict_q.code != CsrErrorNone) || ((todo_q == '0) && !early && !v0_q && !late)) begin
            v0_q    <= 1'b0;
            v1_q    <= 1'b0;
            state_q <= StOut;
          end
        end

        // Offer command and verdict.
        StOut: if (out_ready_i) state_q <= StIdle;

        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if ((state_q == StIdle) && cmd_valid_i) cmd_q <= cmd_i;
    if (v0_q) begin
      product_q    <= 48'(s0_q.n) * 48'(s0_q.stride);
      last_q       <= s0_q.last;
      misaligned_q <= s0_q.misaligned;
      operand_q    <= s0_q.operand;
      tail_q       <= s0_q.tail;
      cap_q        <= s0_q.cap;
    end
  end

  if (!Deep) begin : gen_flat
    assign feed             = todo_q != '0;
    assign early            = 1'b0;
    assign late             = 1'b0;
    assign faults_q         = '0;
    assign judge_v          = v1_q;
    assign judge_last       = last_q;
    assign judge_misaligned = misaligned_q;
    assign judge_operand    = operand_q;
    assign beyond           = (51'(sum) + 51'(tail_q)) > 51'(cap_q);

    always_ff @(posedge clk_i) begin
      if ((state_q == StSteps) && feed) s0_q <= step_of(cmd_q, lowest(todo_q), align_q);
    end
  end else begin : gen_deep
    logic         va_q, vb_q, v2_q, last2_q, misaligned2_q;
    logic [2:0]   number_q;
    engine_e      engine_q;
    step_t        dma_q, mxe_q, gta_q, gta_operand_q;
    logic         of_operand_q;
    csr_operand_e operand2_q;
    logic [50:0]  total_q;
    cap_t         cap2_q;
    shape_t       shape_q;

    // The field tests of every opcode, and then those of the command's.
    localparam int unsigned Opcodes = 9;
    logic [Opcodes-1:0]    opcode_q;
    logic [FieldTests-1:0] faults;

    function automatic opcode_e opcode_at(input int unsigned i);
      case (i)
        0:       return OpCtlNop;
        1:       return OpCtlFence;
        2:       return OpLdCopy;
        3:       return OpLdGather;
        4:       return OpLdFill;
        5:       return OpLdTranspose;
        6:       return OpStCopy;
        7:       return OpMxeGemm;
        default: return OpGtaOp;
      endcase
    endfunction

    always_comb begin
      faults = '0;
      if (state_q == StFields) begin
        for (int unsigned i = 0; i < Opcodes; i++) begin
          if (opcode_q[i]) faults = faults | field_faults({cmd_q[CmdBits-1:8], 8'(opcode_at(i))});
        end
      end
    end

    assign feed             = vb_q;
    assign early            = va_q || vb_q;
    assign late             = v1_q;
    assign judge_v          = v2_q;
    assign judge_last       = last2_q;
    assign judge_misaligned = misaligned2_q;
    assign judge_operand    = operand2_q;
    assign beyond           = total_q > 51'(cap2_q);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) {va_q, vb_q, v2_q} <= '0;
      else if (state_q == StSteps && verdict_q.code == CsrErrorNone) {va_q, vb_q, v2_q} <= {todo_q != '0, va_q, v1_q};
      else {va_q, vb_q, v2_q} <= '0;
    end

    always_ff @(posedge clk_i) begin
      if (state_q == StFields) begin
        faults_q <= faults;
      end
      if (state_q == StOpcode) begin
        for (int unsigned i = 0; i < Opcodes; i++) opcode_q[i] <= cmd_q[7:0] == 8'(opcode_at(i));
        engine_q <= opcode_engine(cmd_q[7:0]);
        shape_q  <= shape_of(cmd_q);
      end
      if (todo_q != '0) number_q <= lowest(todo_q);
      if (va_q) begin
        dma_q <= dma_step(cmd_q, number_q, align_q);
        mxe_q <= mxe_step(cmd_q, number_q, shape_q.groups);
        gta_q          <= gta_row_step(cmd_q, number_q, align_q, shape_q);
        gta_operand_q <= gta_operand_step(cmd_q, number_q[1:0], shape_q.rows, shape_q.blocks);
        of_operand_q   <= is_operand_step(number_q);
      end
      if (vb_q) s0_q <= (engine_q == EngineMxe) ? mxe_q : (engine_q == EngineGta) ? (of_operand_q ? gta_operand_q : gta_q) : dma_q;
      if (v1_q) begin
        last2_q       <= last_q;
        misaligned2_q <= misaligned_q;
        operand2_q    <= operand_q;
        total_q       <= 51'(sum) + 51'(tail_q);
        cap2_q        <= cap_q;
      end
    end
  end

  `ASSERT_HOLD(OutHold_A, out_valid_o, out_ready_i, out_cmd_o)

endmodule
