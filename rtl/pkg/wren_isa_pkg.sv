// wren_isa_pkg: the commands, as packed structs, and their field checks.
// Generated from spec/isa.yaml by `make spec`; do not edit.

package wren_isa_pkg;

  localparam int unsigned IsaVersion   = 1;
  localparam int unsigned CommandBytes = 64;

  typedef enum logic [2:0] {
    EngineCtl = 3'd0,
    EngineLd = 3'd1,
    EngineSt = 3'd2,
    EngineMxe = 3'd3,
    EngineGta = 3'd4
  } engine_e;

  typedef enum logic [1:0] {
    ExtSpaceExt = 2'd0,
    ExtSpaceL2 = 2'd1
  } ext_space_e;

  typedef enum logic [2:0] {
    LdDstAb = 3'd0,
    LdDstAbScale = 3'd1,
    LdDstWb = 3'd2,
    LdDstWbScale = 3'd3,
    LdDstVm = 3'd4,
    LdDstLut = 3'd5,
    LdDstL2 = 3'd6
  } ld_dst_e;

  typedef enum logic [2:0] {
    StSrcVm = 3'd0,
    StSrcL2 = 3'd1
  } st_src_e;

  typedef enum logic [3:0] {
    WeightFormatQ8 = 4'd0,
    WeightFormatQ40 = 4'd1,
    WeightFormatIq4Nl = 4'd2,
    WeightFormatMxfp4 = 4'd3
  } weight_format_e;

  typedef enum logic [1:0] {
    ScaleFormatF16 = 2'd0,
    ScaleFormatBf16 = 2'd1
  } scale_format_e;

  typedef enum logic [0:0] {
    LoopOrderNOuter = 1'd0,
    LoopOrderKOuter = 1'd1
  } loop_order_e;

  typedef enum logic [0:0] {
    XSpaceVm = 1'd0,
    XSpaceAcc = 1'd1
  } x_space_e;

  typedef enum logic [2:0] {
    XFormatF32 = 3'd0,
    XFormatF16 = 3'd1,
    XFormatBf16 = 3'd2,
    XFormatI32 = 3'd3,
    XFormatI8 = 3'd4
  } x_format_e;

  typedef enum logic [2:0] {
    OperandModeNone = 3'd0,
    OperandModeImm = 3'd1,
    OperandModeMat = 3'd2,
    OperandModeCol = 3'd3,
    OperandModeRow = 3'd4,
    OperandModeBlk = 3'd5,
    OperandModeSelf = 3'd6
  } operand_mode_e;

  typedef enum logic [1:0] {
    OperandFormatF32 = 2'd0,
    OperandFormatF16 = 2'd1,
    OperandFormatBf16 = 2'd2
  } operand_format_e;

  typedef enum logic [2:0] {
    ReduceOpNone = 3'd0,
    ReduceOpSum = 3'd1,
    ReduceOpSumFn = 3'd2,
    ReduceOpMax = 3'd3,
    ReduceOpAbsmax = 3'd4
  } reduce_op_e;

  typedef enum logic [1:0] {
    OutSpaceNone = 2'd0,
    OutSpaceVm = 2'd1,
    OutSpaceAb = 2'd2
  } out_space_e;

  typedef enum logic [2:0] {
    OutFormatF32 = 3'd0,
    OutFormatF16 = 3'd1,
    OutFormatBf16 = 3'd2,
    OutFormatI32 = 3'd3,
    OutFormatI8 = 3'd4,
    OutFormatQ80 = 3'd5,
    OutFormatQ8Bf16 = 3'd6
  } out_format_e;

  typedef enum logic [1:0] {
    LutModeUniform = 2'd0,
    LutModeExp2 = 2'd1,
    LutModeMantissa = 2'd2
  } lut_mode_e;

  typedef enum logic [1:0] {
    LutEdgeClamp = 2'd0,
    LutEdgeExtrapolate = 2'd1,
    LutEdgeConstant = 2'd2
  } lut_edge_e;

  typedef enum logic [1:0] {
    LutKindRecip = 2'd0,
    LutKindRsqrt = 2'd1,
    LutKindSqrt = 2'd2,
    LutKindLog2 = 2'd3
  } lut_kind_e;

  typedef enum logic [7:0] {
    OpCtlNop = 8'h00,
    OpCtlFence = 8'h01,
    OpLdCopy = 8'h10,
    OpLdGather = 8'h11,
    OpLdFill = 8'h12,
    OpLdTranspose = 8'h13,
    OpStCopy = 8'h20,
    OpMxeGemm = 8'h30,
    OpGtaOp = 8'h40
  } opcode_e;

  // What all commands share; bits of single commands read as reserved here.
  typedef struct packed {
    logic [383:0]          rsvd_128;      // [511:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } cmd_header_t;

  // ctl.nop: Does nothing but wait and post; the control unit executes it in program order.
  typedef struct packed {
    logic [383:0]          rsvd_128;      // [511:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } ctl_nop_t;

  // ctl.fence: Waits until every earlier command has retired. With irq it marks the end of a program.
  typedef struct packed {
    logic [383:0]          rsvd_128;      // [511:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } ctl_fence_t;

  // ld.copy: Copies runs of `len` bytes: for i3 < n3, i2 < n2, i1 < n1:
  typedef struct packed {
    logic [39:0]           rsvd_472;      // [511:472]
    logic [31:0]           t3;            // [471:440]
    logic [31:0]           t2;            // [439:408]
    logic [31:0]           t1;            // [407:376]
    logic [31:0]           s3;            // [375:344]
    logic [31:0]           s2;            // [343:312]
    logic [31:0]           s1;            // [311:280]
    logic [15:0]           n3;            // [279:264]
    logic [15:0]           n2;            // [263:248]
    logic [15:0]           n1;            // [247:232]
    logic [23:0]           len;           // [231:208]
    logic [31:0]           dst;           // [207:176]
    logic [2:0]            rsvd_173;      // [175:173]
    ld_dst_e               dst_space;     // [172:170]
    ext_space_e            src_space;     // [169:168]
    logic [39:0]           src;           // [167:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } ld_copy_t;

  // ld.gather: As ld.copy, but run i1 of dimension 1 starts at src + index[i1]*s1 + i2*s2 + i3*s3, where index is an array...
  typedef struct packed {
    logic [19:0]           rsvd_492;      // [511:492]
    logic [19:0]           idx;           // [491:472]
    logic [31:0]           t3;            // [471:440]
    logic [31:0]           t2;            // [439:408]
    logic [31:0]           t1;            // [407:376]
    logic [31:0]           s3;            // [375:344]
    logic [31:0]           s2;            // [343:312]
    logic [31:0]           s1;            // [311:280]
    logic [15:0]           n3;            // [279:264]
    logic [15:0]           n2;            // [263:248]
    logic [15:0]           n1;            // [247:232]
    logic [23:0]           len;           // [231:208]
    logic [31:0]           dst;           // [207:176]
    logic [2:0]            rsvd_173;      // [175:173]
    ld_dst_e               dst_space;     // [172:170]
    ext_space_e            src_space;     // [169:168]
    logic [39:0]           src;           // [167:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } ld_gather_t;

  // ld.fill: Writes the 32-bit pattern in src[31:0] to every word of the destination runs. Source strides are ignored an...
  typedef struct packed {
    logic [39:0]           rsvd_472;      // [511:472]
    logic [31:0]           t3;            // [471:440]
    logic [31:0]           t2;            // [439:408]
    logic [31:0]           t1;            // [407:376]
    logic [95:0]           rsvd_280;      // [375:280]
    logic [15:0]           n3;            // [279:264]
    logic [15:0]           n2;            // [263:248]
    logic [15:0]           n1;            // [247:232]
    logic [23:0]           len;           // [231:208]
    logic [31:0]           dst;           // [207:176]
    logic [2:0]            rsvd_173;      // [175:173]
    ld_dst_e               dst_space;     // [172:170]
    logic [9:0]            rsvd_160;      // [169:160]
    logic [31:0]           pattern;       // [159:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } ld_fill_t;

  // ld.transpose: Transposes bytes into WB. The source is n1 rows (tokens) of len bytes, n1 and len multiples of 32:
  typedef struct packed {
    logic [39:0]           rsvd_472;      // [511:472]
    logic [31:0]           t3;            // [471:440]
    logic [31:0]           t2;            // [439:408]
    logic [31:0]           t1;            // [407:376]
    logic [31:0]           s3;            // [375:344]
    logic [31:0]           s2;            // [343:312]
    logic [31:0]           s1;            // [311:280]
    logic [15:0]           n3;            // [279:264]
    logic [15:0]           n2;            // [263:248]
    logic [15:0]           n1;            // [247:232]
    logic [23:0]           len;           // [231:208]
    logic [31:0]           dst;           // [207:176]
    logic [2:0]            rsvd_173;      // [175:173]
    ld_dst_e               dst_space;     // [172:170]
    ext_space_e            src_space;     // [169:168]
    logic [39:0]           src;           // [167:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } ld_transpose_t;

  // st.copy: Copies runs from VM or L2 to external memory or L2; dimensions as ld.copy. Granularity 2 bytes, so that sca...
  typedef struct packed {
    logic [39:0]           rsvd_472;      // [511:472]
    logic [31:0]           t3;            // [471:440]
    logic [31:0]           t2;            // [439:408]
    logic [31:0]           t1;            // [407:376]
    logic [31:0]           s3;            // [375:344]
    logic [31:0]           s2;            // [343:312]
    logic [31:0]           s1;            // [311:280]
    logic [15:0]           n3;            // [279:264]
    logic [15:0]           n2;            // [263:248]
    logic [15:0]           n1;            // [247:232]
    logic [23:0]           len;           // [231:208]
    logic [31:0]           src;           // [207:176]
    logic [2:0]            rsvd_173;      // [175:173]
    st_src_e               src_space;     // [172:170]
    ext_space_e            dst_space;     // [169:168]
    logic [39:0]           dst;           // [167:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } st_copy_t;

  // mxe.gemm: ACC[acc + g*acc_gs + n] (a ROWS x COLS tile) = or += sum over k < kb of AB[ab + g*ab_gs + k] (ROWS blocks) ...
  typedef struct packed {
    logic [211:0]          rsvd_300;      // [511:300]
    scale_format_e         w_scale;       // [299:298]
    scale_format_e         a_scale;       // [297:296]
    weight_format_e        w_format;      // [295:292]
    logic [0:0]            rsvd_291;      // [291:291]
    logic                  int_mode;      // [290:290]
    loop_order_e           order;         // [289:289]
    logic                  accumulate;    // [288:288]
    logic [15:0]           kb;            // [287:272]
    logic [15:0]           ncg;           // [271:256]
    logic [15:0]           rows;          // [255:240]
    logic [15:0]           acc_gs;        // [239:224]
    logic [15:0]           acc;           // [223:208]
    logic [15:0]           wb_ks;         // [207:192]
    logic [15:0]           wb_ns;         // [191:176]
    logic [15:0]           wb;            // [175:160]
    logic [15:0]           ab_gs;         // [159:144]
    logic [15:0]           ab;            // [143:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic [22:0]           rsvd_9;        // [31:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } mxe_gemm_t;

  // gta.op: For rows r < rows and columns c < cols, in blocks of 32 columns, rows outer:
  typedef struct packed {
    logic [18:0]           rsvd_493;      // [511:493]
    logic [19:0]           out_scale;     // [492:473]
    logic [19:0]           out_stride;    // [472:453]
    logic [19:0]           out;           // [452:433]
    out_format_e           out_format;    // [432:430]
    out_space_e            out_space;     // [429:428]
    logic [15:0]           red_stride;    // [427:412]
    logic [19:0]           red;           // [411:392]
    logic                  red_blk;       // [391:391]
    reduce_op_e            red_op;        // [390:388]
    logic [2:0]            tbl;           // [387:385]
    logic                  fn;            // [384:384]
    logic [19:0]           c_stride;      // [383:364]
    logic [19:0]           c;             // [363:344]
    operand_format_e       c_format;      // [343:342]
    operand_mode_e         c_mode;        // [341:339]
    logic [19:0]           m_stride;      // [338:319]
    logic [19:0]           m;             // [318:299]
    operand_format_e       m_format;      // [298:297]
    operand_mode_e         m_mode;        // [296:294]
    logic [19:0]           b_stride;      // [293:274]
    logic [19:0]           b;             // [273:254]
    operand_format_e       b_format;      // [253:252]
    operand_mode_e         b_mode;        // [251:249]
    logic [19:0]           a_stride;      // [248:229]
    logic [19:0]           a;             // [228:209]
    operand_format_e       a_format;      // [208:207]
    operand_mode_e         a_mode;        // [206:204]
    logic [19:0]           x_stride;      // [203:184]
    logic [19:0]           x;             // [183:164]
    x_format_e             x_format;      // [163:161]
    x_space_e              x_space;       // [160:160]
    logic [15:0]           cols;          // [159:144]
    logic [15:0]           rows;          // [143:128]
    logic [7:0]            post1_cnt;     // [127:120]
    logic [2:0]            post1_core;    // [119:117]
    logic [4:0]            post1_sem;     // [116:112]
    logic [7:0]            post0_cnt;     // [111:104]
    logic [2:0]            post0_core;    // [103:101]
    logic [4:0]            post0_sem;     // [100:96]
    logic [7:0]            wait1_cnt;     // [95:88]
    logic [2:0]            wait1_core;    // [87:85]
    logic [4:0]            wait1_sem;     // [84:80]
    logic [7:0]            wait0_cnt;     // [79:72]
    logic [2:0]            wait0_core;    // [71:69]
    logic [4:0]            wait0_sem;     // [68:64]
    logic [31:0]           tag;           // [63:32]
    logic signed [15:0]    diag;          // [31:16]
    logic [2:0]            rsvd_13;       // [15:13]
    logic                  x_swap;        // [12:12]
    logic                  causal;        // [11:11]
    logic                  bmax;          // [10:10]
    logic                  overlap;       // [9:9]
    logic                  irq;           // [8:8]
    logic [7:0]            opcode;        // [7:0]
  } gta_op_t;

  // Whether the opcode names a command.
  function automatic logic opcode_known(input logic [7:0] op);
    case (op)
      8'h00, 8'h01, 8'h10, 8'h11, 8'h12, 8'h13, 8'h20, 8'h30, 8'h40: return 1'b1;
      default: return 1'b0;
    endcase
  endfunction

  // The engine that executes an opcode; ctl for unknown ones.
  function automatic engine_e opcode_engine(input logic [7:0] op);
    case (op)
      8'h10, 8'h11, 8'h12, 8'h13: return EngineLd;
      8'h20: return EngineSt;
      8'h30: return EngineMxe;
      8'h40: return EngineGta;
      default: return EngineCtl;
    endcase
  endfunction

  // The first field that breaks its range: header fields, then the command's fields in the spec's
  // order, then reserved bits from the lowest. msb is the field's (or gap's) highest bit. Alignment
  // is not judged here, nor is the opcode.
  typedef struct packed {
    logic       bad;
    logic [8:0] msb;
  } field_check_t;

  function automatic field_check_t check_fields(input logic [511:0] cmd);
    field_check_t r;
    r = '0;
    if (!r.bad && (cmd[71:69] != 3'd0)) r = '{bad: 1'b1, msb: 9'd71};  // wait0_core
    if (!r.bad && (cmd[87:85] != 3'd0)) r = '{bad: 1'b1, msb: 9'd87};  // wait1_core
    if (!r.bad && (cmd[103:101] != 3'd0)) r = '{bad: 1'b1, msb: 9'd103};  // post0_core
    if (!r.bad && (cmd[119:117] != 3'd0)) r = '{bad: 1'b1, msb: 9'd119};  // post1_core
    case (cmd[7:0])
      8'h00: begin  // ctl.nop
        if (!r.bad && (cmd[31:9] != 23'd0)) r = '{bad: 1'b1, msb: 9'd31};  // reserved
        if (!r.bad && (cmd[511:128] != 384'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      8'h01: begin  // ctl.fence
        if (!r.bad && (cmd[31:9] != 23'd0)) r = '{bad: 1'b1, msb: 9'd31};  // reserved
        if (!r.bad && (cmd[511:128] != 384'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      8'h10: begin  // ld.copy
        if (!r.bad && (cmd[169:168] > 2'd1)) r = '{bad: 1'b1, msb: 9'd169};  // src_space
        if (!r.bad && (cmd[172:170] > 3'd6)) r = '{bad: 1'b1, msb: 9'd172};  // dst_space
        if (!r.bad && (cmd[231:208] == 24'd0)) r = '{bad: 1'b1, msb: 9'd231};  // len
        if (!r.bad && (cmd[247:232] == 16'd0)) r = '{bad: 1'b1, msb: 9'd247};  // n1
        if (!r.bad && (cmd[263:248] == 16'd0)) r = '{bad: 1'b1, msb: 9'd263};  // n2
        if (!r.bad && (cmd[279:264] == 16'd0)) r = '{bad: 1'b1, msb: 9'd279};  // n3
        if (!r.bad && (cmd[31:9] != 23'd0)) r = '{bad: 1'b1, msb: 9'd31};  // reserved
        if (!r.bad && (cmd[175:173] != 3'd0)) r = '{bad: 1'b1, msb: 9'd175};  // reserved
        if (!r.bad && (cmd[511:472] != 40'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      8'h11: begin  // ld.gather
        if (!r.bad && (cmd[169:168] > 2'd1)) r = '{bad: 1'b1, msb: 9'd169};  // src_space
        if (!r.bad && (cmd[172:170] > 3'd6)) r = '{bad: 1'b1, msb: 9'd172};  // dst_space
        if (!r.bad && (cmd[231:208] == 24'd0)) r = '{bad: 1'b1, msb: 9'd231};  // len
        if (!r.bad && (cmd[247:232] == 16'd0)) r = '{bad: 1'b1, msb: 9'd247};  // n1
        if (!r.bad && (cmd[263:248] == 16'd0)) r = '{bad: 1'b1, msb: 9'd263};  // n2
        if (!r.bad && (cmd[279:264] == 16'd0)) r = '{bad: 1'b1, msb: 9'd279};  // n3
        if (!r.bad && (cmd[31:9] != 23'd0)) r = '{bad: 1'b1, msb: 9'd31};  // reserved
        if (!r.bad && (cmd[175:173] != 3'd0)) r = '{bad: 1'b1, msb: 9'd175};  // reserved
        if (!r.bad && (cmd[511:492] != 20'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      8'h12: begin  // ld.fill
        if (!r.bad && (cmd[172:170] > 3'd6)) r = '{bad: 1'b1, msb: 9'd172};  // dst_space
        if (!r.bad && (cmd[231:208] == 24'd0)) r = '{bad: 1'b1, msb: 9'd231};  // len
        if (!r.bad && (cmd[247:232] == 16'd0)) r = '{bad: 1'b1, msb: 9'd247};  // n1
        if (!r.bad && (cmd[263:248] == 16'd0)) r = '{bad: 1'b1, msb: 9'd263};  // n2
        if (!r.bad && (cmd[279:264] == 16'd0)) r = '{bad: 1'b1, msb: 9'd279};  // n3
        if (!r.bad && (cmd[31:9] != 23'd0)) r = '{bad: 1'b1, msb: 9'd31};  // reserved
        if (!r.bad && (cmd[169:160] != 10'd0)) r = '{bad: 1'b1, msb: 9'd169};  // reserved
        if (!r.bad && (cmd[175:173] != 3'd0)) r = '{bad: 1'b1, msb: 9'd175};  // reserved
        if (!r.bad && (cmd[375:280] != 96'd0)) r = '{bad: 1'b1, msb: 9'd375};  // reserved
        if (!r.bad && (cmd[511:472] != 40'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      8'h13: begin  // ld.transpose
        if (!r.bad && (cmd[169:168] > 2'd1)) r = '{bad: 1'b1, msb: 9'd169};  // src_space
        if (!r.bad && (!(cmd[172:170] == 3'd2))) r = '{bad: 1'b1, msb: 9'd172};  // dst_space
        if (!r.bad && (cmd[231:208] < 24'd32)) r = '{bad: 1'b1, msb: 9'd231};  // len
        if (!r.bad && (cmd[247:232] < 16'd32)) r = '{bad: 1'b1, msb: 9'd247};  // n1
        if (!r.bad && (cmd[263:248] == 16'd0)) r = '{bad: 1'b1, msb: 9'd263};  // n2
        if (!r.bad && (cmd[279:264] == 16'd0)) r = '{bad: 1'b1, msb: 9'd279};  // n3
        if (!r.bad && (cmd[31:9] != 23'd0)) r = '{bad: 1'b1, msb: 9'd31};  // reserved
        if (!r.bad && (cmd[175:173] != 3'd0)) r = '{bad: 1'b1, msb: 9'd175};  // reserved
        if (!r.bad && (cmd[511:472] != 40'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      8'h20: begin  // st.copy
        if (!r.bad && (cmd[169:168] > 2'd1)) r = '{bad: 1'b1, msb: 9'd169};  // dst_space
        if (!r.bad && (cmd[172:170] > 3'd1)) r = '{bad: 1'b1, msb: 9'd172};  // src_space
        if (!r.bad && (cmd[231:208] == 24'd0)) r = '{bad: 1'b1, msb: 9'd231};  // len
        if (!r.bad && (cmd[247:232] == 16'd0)) r = '{bad: 1'b1, msb: 9'd247};  // n1
        if (!r.bad && (cmd[263:248] == 16'd0)) r = '{bad: 1'b1, msb: 9'd263};  // n2
        if (!r.bad && (cmd[279:264] == 16'd0)) r = '{bad: 1'b1, msb: 9'd279};  // n3
        if (!r.bad && (cmd[31:9] != 23'd0)) r = '{bad: 1'b1, msb: 9'd31};  // reserved
        if (!r.bad && (cmd[175:173] != 3'd0)) r = '{bad: 1'b1, msb: 9'd175};  // reserved
        if (!r.bad && (cmd[511:472] != 40'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      8'h30: begin  // mxe.gemm
        if (!r.bad && (cmd[255:240] == 16'd0)) r = '{bad: 1'b1, msb: 9'd255};  // rows
        if (!r.bad && (cmd[271:256] == 16'd0)) r = '{bad: 1'b1, msb: 9'd271};  // ncg
        if (!r.bad && (cmd[287:272] == 16'd0)) r = '{bad: 1'b1, msb: 9'd287};  // kb
        if (!r.bad && (cmd[295:292] > 4'd3)) r = '{bad: 1'b1, msb: 9'd295};  // w_format
        if (!r.bad && (cmd[297:296] > 2'd1)) r = '{bad: 1'b1, msb: 9'd297};  // a_scale
        if (!r.bad && (cmd[299:298] > 2'd1)) r = '{bad: 1'b1, msb: 9'd299};  // w_scale
        if (!r.bad && (cmd[31:9] != 23'd0)) r = '{bad: 1'b1, msb: 9'd31};  // reserved
        if (!r.bad && (cmd[291] != 1'd0)) r = '{bad: 1'b1, msb: 9'd291};  // reserved
        if (!r.bad && (cmd[511:300] != 212'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      8'h40: begin  // gta.op
        if (!r.bad && (cmd[160] == 1'd1 && (cmd[12] != 1'd0))) r = '{bad: 1'b1, msb: 9'd12};  // x_swap
        if (!r.bad && (cmd[143:128] == 16'd0)) r = '{bad: 1'b1, msb: 9'd143};  // rows
        if (!r.bad && (cmd[159:144] == 16'd0)) r = '{bad: 1'b1, msb: 9'd159};  // cols
        if (!r.bad && (cmd[163:161] > 3'd4)) r = '{bad: 1'b1, msb: 9'd163};  // x_format
        if (!r.bad && (cmd[160] == 1'd1 && !(cmd[163:161] == 3'd0 || cmd[163:161] == 3'd3))) r = '{bad: 1'b1, msb: 9'd163};  // x_format
        if (!r.bad && (cmd[206:204] > 3'd5)) r = '{bad: 1'b1, msb: 9'd206};  // a_mode
        if (!r.bad && (cmd[206:204] != 3'd0 && (cmd[208:207] > 2'd2))) r = '{bad: 1'b1, msb: 9'd208};  // a_format
        if (!r.bad && (cmd[251:249] > 3'd5)) r = '{bad: 1'b1, msb: 9'd251};  // b_mode
        if (!r.bad && (cmd[251:249] != 3'd0 && (cmd[253:252] > 2'd2))) r = '{bad: 1'b1, msb: 9'd253};  // b_format
        if (!r.bad && (cmd[296:294] > 3'd6)) r = '{bad: 1'b1, msb: 9'd296};  // m_mode
        if (!r.bad && (cmd[296:294] != 3'd0 && (cmd[298:297] > 2'd2))) r = '{bad: 1'b1, msb: 9'd298};  // m_format
        if (!r.bad && (cmd[341:339] > 3'd5)) r = '{bad: 1'b1, msb: 9'd341};  // c_mode
        if (!r.bad && (cmd[341:339] != 3'd0 && (cmd[343:342] > 2'd2))) r = '{bad: 1'b1, msb: 9'd343};  // c_format
        if (!r.bad && (cmd[390:388] > 3'd4)) r = '{bad: 1'b1, msb: 9'd390};  // red_op
        if (!r.bad && (cmd[429:428] > 2'd2)) r = '{bad: 1'b1, msb: 9'd429};  // out_space
        if (!r.bad && (cmd[429:428] != 2'd0 && (cmd[432:430] > 3'd6 || (cmd[429:428] == 2'd2 && !(cmd[432:430] == 3'd4 || cmd[432:430] == 3'd5 || cmd[432:430] == 3'd6))))) r = '{bad: 1'b1, msb: 9'd432};  // out_format
        if (!r.bad && (cmd[15:13] != 3'd0)) r = '{bad: 1'b1, msb: 9'd15};  // reserved
        if (!r.bad && (cmd[511:493] != 19'd0)) r = '{bad: 1'b1, msb: 9'd511};  // reserved
      end
      default: ;
    endcase
    return r;
  endfunction

  // check_fields in two steps: bit i is the i-th of its tests; the field that test i of a command looks at.
  localparam int unsigned FieldTests = 22;
  function automatic logic [FieldTests-1:0] field_faults(input logic [511:0] cmd);
    logic [FieldTests-1:0] r;
    r = '0;
    r[0] = (cmd[71:69] != 3'd0);  // wait0_core
    r[1] = (cmd[87:85] != 3'd0);  // wait1_core
    r[2] = (cmd[103:101] != 3'd0);  // post0_core
    r[3] = (cmd[119:117] != 3'd0);  // post1_core
    case (cmd[7:0])
      8'h00: begin
        r[4] = (cmd[31:9] != 23'd0);  // reserved
        r[5] = (cmd[511:128] != 384'd0);  // reserved
      end
      8'h01: begin
        r[4] = (cmd[31:9] != 23'd0);  // reserved
        r[5] = (cmd[511:128] != 384'd0);  // reserved
      end
      8'h10: begin
        r[4] = (cmd[169:168] > 2'd1);  // src_space
        r[5] = (cmd[172:170] > 3'd6);  // dst_space
        r[6] = (cmd[231:208] == 24'd0);  // len
        r[7] = (cmd[247:232] == 16'd0);  // n1
        r[8] = (cmd[263:248] == 16'd0);  // n2
        r[9] = (cmd[279:264] == 16'd0);  // n3
        r[10] = (cmd[31:9] != 23'd0);  // reserved
        r[11] = (cmd[175:173] != 3'd0);  // reserved
        r[12] = (cmd[511:472] != 40'd0);  // reserved
      end
      8'h11: begin
        r[4] = (cmd[169:168] > 2'd1);  // src_space
        r[5] = (cmd[172:170] > 3'd6);  // dst_space
        r[6] = (cmd[231:208] == 24'd0);  // len
        r[7] = (cmd[247:232] == 16'd0);  // n1
        r[8] = (cmd[263:248] == 16'd0);  // n2
        r[9] = (cmd[279:264] == 16'd0);  // n3
        r[10] = (cmd[31:9] != 23'd0);  // reserved
        r[11] = (cmd[175:173] != 3'd0);  // reserved
        r[12] = (cmd[511:492] != 20'd0);  // reserved
      end
      8'h12: begin
        r[4] = (cmd[172:170] > 3'd6);  // dst_space
        r[5] = (cmd[231:208] == 24'd0);  // len
        r[6] = (cmd[247:232] == 16'd0);  // n1
        r[7] = (cmd[263:248] == 16'd0);  // n2
        r[8] = (cmd[279:264] == 16'd0);  // n3
        r[9] = (cmd[31:9] != 23'd0);  // reserved
        r[10] = (cmd[169:160] != 10'd0);  // reserved
        r[11] = (cmd[175:173] != 3'd0);  // reserved
        r[12] = (cmd[375:280] != 96'd0);  // reserved
        r[13] = (cmd[511:472] != 40'd0);  // reserved
      end
      8'h13: begin
        r[4] = (cmd[169:168] > 2'd1);  // src_space
        r[5] = (!(cmd[172:170] == 3'd2));  // dst_space
        r[6] = (cmd[231:208] < 24'd32);  // len
        r[7] = (cmd[247:232] < 16'd32);  // n1
        r[8] = (cmd[263:248] == 16'd0);  // n2
        r[9] = (cmd[279:264] == 16'd0);  // n3
        r[10] = (cmd[31:9] != 23'd0);  // reserved
        r[11] = (cmd[175:173] != 3'd0);  // reserved
        r[12] = (cmd[511:472] != 40'd0);  // reserved
      end
      8'h20: begin
        r[4] = (cmd[169:168] > 2'd1);  // dst_space
        r[5] = (cmd[172:170] > 3'd1);  // src_space
        r[6] = (cmd[231:208] == 24'd0);  // len
        r[7] = (cmd[247:232] == 16'd0);  // n1
        r[8] = (cmd[263:248] == 16'd0);  // n2
        r[9] = (cmd[279:264] == 16'd0);  // n3
        r[10] = (cmd[31:9] != 23'd0);  // reserved
        r[11] = (cmd[175:173] != 3'd0);  // reserved
        r[12] = (cmd[511:472] != 40'd0);  // reserved
      end
      8'h30: begin
        r[4] = (cmd[255:240] == 16'd0);  // rows
        r[5] = (cmd[271:256] == 16'd0);  // ncg
        r[6] = (cmd[287:272] == 16'd0);  // kb
        r[7] = (cmd[295:292] > 4'd3);  // w_format
        r[8] = (cmd[297:296] > 2'd1);  // a_scale
        r[9] = (cmd[299:298] > 2'd1);  // w_scale
        r[10] = (cmd[31:9] != 23'd0);  // reserved
        r[11] = (cmd[291] != 1'd0);  // reserved
        r[12] = (cmd[511:300] != 212'd0);  // reserved
      end
      8'h40: begin
        r[4] = (cmd[160] == 1'd1 && (cmd[12] != 1'd0));  // x_swap
        r[5] = (cmd[143:128] == 16'd0);  // rows
        r[6] = (cmd[159:144] == 16'd0);  // cols
        r[7] = (cmd[163:161] > 3'd4);  // x_format
        r[8] = (cmd[160] == 1'd1 && !(cmd[163:161] == 3'd0 || cmd[163:161] == 3'd3));  // x_format
        r[9] = (cmd[206:204] > 3'd5);  // a_mode
        r[10] = (cmd[206:204] != 3'd0 && (cmd[208:207] > 2'd2));  // a_format
        r[11] = (cmd[251:249] > 3'd5);  // b_mode
        r[12] = (cmd[251:249] != 3'd0 && (cmd[253:252] > 2'd2));  // b_format
        r[13] = (cmd[296:294] > 3'd6);  // m_mode
        r[14] = (cmd[296:294] != 3'd0 && (cmd[298:297] > 2'd2));  // m_format
        r[15] = (cmd[341:339] > 3'd5);  // c_mode
        r[16] = (cmd[341:339] != 3'd0 && (cmd[343:342] > 2'd2));  // c_format
        r[17] = (cmd[390:388] > 3'd4);  // red_op
        r[18] = (cmd[429:428] > 2'd2);  // out_space
        r[19] = (cmd[429:428] != 2'd0 && (cmd[432:430] > 3'd6 || (cmd[429:428] == 2'd2 && !(cmd[432:430] == 3'd4 || cmd[432:430] == 3'd5 || cmd[432:430] == 3'd6))));  // out_format
        r[20] = (cmd[15:13] != 3'd0);  // reserved
        r[21] = (cmd[511:493] != 19'd0);  // reserved
      end
      default: ;
    endcase
    return r;
  endfunction

  function automatic logic [8:0] field_tested(input logic [7:0] op, input logic [4:0] test);
    logic [FieldTests-1:0][8:0] m;
    m = '0;
    m[0] = 9'd71;
    m[1] = 9'd87;
    m[2] = 9'd103;
    m[3] = 9'd119;
    case (op)
      8'h00: m[5:4] = {9'd511, 9'd31};
      8'h01: m[5:4] = {9'd511, 9'd31};
      8'h10: m[12:4] = {9'd511, 9'd175, 9'd31, 9'd279, 9'd263, 9'd247, 9'd231, 9'd172, 9'd169};
      8'h11: m[12:4] = {9'd511, 9'd175, 9'd31, 9'd279, 9'd263, 9'd247, 9'd231, 9'd172, 9'd169};
      8'h12: m[13:4] = {9'd511, 9'd375, 9'd175, 9'd169, 9'd31, 9'd279, 9'd263, 9'd247, 9'd231, 9'd172};
      8'h13: m[12:4] = {9'd511, 9'd175, 9'd31, 9'd279, 9'd263, 9'd247, 9'd231, 9'd172, 9'd169};
      8'h20: m[12:4] = {9'd511, 9'd175, 9'd31, 9'd279, 9'd263, 9'd247, 9'd231, 9'd172, 9'd169};
      8'h30: m[12:4] = {9'd511, 9'd291, 9'd31, 9'd299, 9'd297, 9'd295, 9'd287, 9'd271, 9'd255};
      8'h40: m[21:4] = {9'd511, 9'd15, 9'd432, 9'd429, 9'd390, 9'd343, 9'd341, 9'd298, 9'd296, 9'd253, 9'd251, 9'd208, 9'd206, 9'd163, 9'd163, 9'd159, 9'd143, 9'd12};
      default: ;
    endcase
    return m[test];
  endfunction

  // Static alignments (the spec's `align`), one bit per operand number of the CSR enum `operand`. An
  // operand's address and strides belong to it; len and n1 belong to src (dst for ld.fill). The
  // caller ignores operands that the command does not use.
  function automatic logic [14:0] check_align(input logic [511:0] cmd);
    logic [14:0] r;
    r = '0;
    case (cmd[7:0])
      8'h10: begin  // ld.copy
        r[1] = (cmd[131:128] != 4'd0) ||
               (cmd[211:208] != 4'd0) ||
               (cmd[283:280] != 4'd0) ||
               (cmd[315:312] != 4'd0) ||
               (cmd[347:344] != 4'd0);  // src
        r[2] = (cmd[179:176] != 4'd0) ||
               (cmd[379:376] != 4'd0) ||
               (cmd[411:408] != 4'd0) ||
               (cmd[443:440] != 4'd0);  // dst
      end
      8'h11: begin  // ld.gather
        r[1] = (cmd[131:128] != 4'd0) ||
               (cmd[211:208] != 4'd0) ||
               (cmd[283:280] != 4'd0) ||
               (cmd[315:312] != 4'd0) ||
               (cmd[347:344] != 4'd0);  // src
        r[2] = (cmd[179:176] != 4'd0) ||
               (cmd[379:376] != 4'd0) ||
               (cmd[411:408] != 4'd0) ||
               (cmd[443:440] != 4'd0);  // dst
        r[3] = (cmd[473:472] != 2'd0);  // idx
      end
      8'h12: begin  // ld.fill
        r[2] = (cmd[179:176] != 4'd0) ||
               (cmd[211:208] != 4'd0) ||
               (cmd[379:376] != 4'd0) ||
               (cmd[411:408] != 4'd0) ||
               (cmd[443:440] != 4'd0);  // dst
      end
      8'h13: begin  // ld.transpose
        r[1] = (cmd[131:128] != 4'd0) ||
               (cmd[212:208] != 5'd0) ||
               (cmd[236:232] != 5'd0) ||
               (cmd[283:280] != 4'd0) ||
               (cmd[315:312] != 4'd0) ||
               (cmd[347:344] != 4'd0);  // src
        r[2] = (cmd[180:176] != 5'd0) ||
               (cmd[380:376] != 5'd0) ||
               (cmd[412:408] != 5'd0) ||
               (cmd[444:440] != 5'd0);  // dst
      end
      8'h20: begin  // st.copy
        r[2] = (cmd[128] != 1'd0) ||
               (cmd[376] != 1'd0) ||
               (cmd[408] != 1'd0) ||
               (cmd[440] != 1'd0);  // dst
        r[1] = (cmd[176] != 1'd0) ||
               (cmd[208] != 1'd0) ||
               (cmd[280] != 1'd0) ||
               (cmd[312] != 1'd0) ||
               (cmd[344] != 1'd0);  // src
      end
      8'h40: begin  // gta.op
        r[14] = (cmd[393:392] != 2'd0) ||
               (cmd[413:412] != 2'd0);  // red
        r[13] = (cmd[473] != 1'd0);  // out_scale
      end
      default: ;
    endcase
    return r;
  endfunction

endpackage
