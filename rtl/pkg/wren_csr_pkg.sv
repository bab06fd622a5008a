// wren_csr_pkg: addresses, fields and enums of the control and status registers.
// Generated from spec/csr.yaml by `make spec`; do not edit.

package wren_csr_pkg;

  typedef enum logic [3:0] {
    CsrErrorNone = 4'd0,
    CsrErrorBadOpcode = 4'd1,
    CsrErrorBadField = 4'd2,
    CsrErrorOutOfRange = 4'd3,
    CsrErrorMisaligned = 4'd4,
    CsrErrorAxiRead = 4'd5,
    CsrErrorAxiWrite = 4'd6,
    CsrErrorTimeout = 4'd7,
    CsrErrorEcc = 4'd8,
    CsrErrorSemOverflow = 4'd9,
    CsrErrorFetch = 4'd10
  } csr_error_e;

  typedef enum logic [3:0] {
    CsrOperandNone = 4'd0,
    CsrOperandSrc = 4'd1,
    CsrOperandDst = 4'd2,
    CsrOperandIdx = 4'd3,
    CsrOperandAb = 4'd4,
    CsrOperandWb = 4'd5,
    CsrOperandAcc = 4'd6,
    CsrOperandX = 4'd7,
    CsrOperandA = 4'd8,
    CsrOperandB = 4'd9,
    CsrOperandM = 4'd10,
    CsrOperandC = 4'd11,
    CsrOperandOut = 4'd12,
    CsrOperandOutScale = 4'd13,
    CsrOperandRed = 4'd14
  } csr_operand_e;

  typedef enum logic [2:0] {
    CsrBucketWorking = 3'd0,
    CsrBucketWaitSem = 3'd1,
    CsrBucketStarved = 3'd2,
    CsrBucketBlocked = 3'd3,
    CsrBucketDraining = 3'd4,
    CsrBucketIdle = 3'd5
  } csr_bucket_e;

  // Byte offsets.
  localparam logic [11:0] CsrId             = 12'h000;  // ro; 'WREN'.
  localparam logic [11:0] CsrVersion        = 12'h004;  // ro; ISA version.
  localparam logic [11:0] CsrConfig0        = 12'h008;  // ro; Array shape.
  localparam logic [11:0] CsrAbBytes        = 12'h00C;  // ro; AB data bytes.
  localparam logic [11:0] CsrWbBytes        = 12'h010;  // ro; WB data bytes.
  localparam logic [11:0] CsrVmBytes        = 12'h014;  // ro; VM bytes.
  localparam logic [11:0] CsrAccBytes       = 12'h018;  // ro; ACC bytes.
  localparam logic [11:0] CsrL2Bytes        = 12'h01C;  // ro; L2 bytes.
  localparam logic [11:0] CsrConfig1        = 12'h020;  // ro; Counts.
  localparam logic [11:0] CsrCtrl           = 12'h040;  // rw; Control.
  localparam logic [11:0] CsrStatus         = 12'h044;  // ro; Status.
  localparam logic [11:0] CsrIrqStatus      = 12'h048;  // w1c; Interrupt causes.
  localparam logic [11:0] CsrIrqEnable      = 12'h04C;  // rw; Mask of IRQ_STATUS bits that drive irq_o.
  localparam logic [11:0] CsrRingLo         = 12'h050;  // rw; Ring base address, low word (multiple of 64).
  localparam logic [11:0] CsrRingHi         = 12'h054;  // rw; Ring base address, bits 39..32.
  localparam logic [11:0] CsrRingSize       = 12'h058;  // rw; Ring size in commands (power of two, 2 to 65536).
  localparam logic [11:0] CsrTail           = 12'h05C;  // rw; Doorbell: free-running count of commands written (modulo 2^32). Command i lies at RING + 6
  localparam logic [11:0] CsrHead           = 12'h060;  // ro; Free-running count of commands dispatched to the engines. The ring slot of a command may b
  localparam logic [11:0] CsrRetired        = 12'h064;  // ro; Commands retired.
  localparam logic [11:0] CsrTimeout        = 12'h068;  // rw; Cycles a semaphore wait may last; 0: for ever.
  localparam logic [11:0] CsrErrCode        = 12'h080;  // ro; Cause (enum error).
  localparam logic [11:0] CsrErrEngine      = 12'h084;  // ro; Engine (enum engine).
  localparam logic [11:0] CsrErrIndex       = 12'h088;  // ro; Index of the command (counts as TAIL does).
  localparam logic [11:0] CsrErrTag         = 12'h08C;  // ro; Tag of the command.
  localparam logic [11:0] CsrErrInfo        = 12'h090;  // ro; Detail; see enum error.
  localparam logic [11:0] CsrErrAddrLo      = 12'h094;  // ro; AXI errors: failing beat's address, low word.
  localparam logic [11:0] CsrErrAddrHi      = 12'h098;  // ro; AXI errors: address bits 39..32.
  localparam logic [11:0] CsrPerfCycles     = 12'h100;  // ro; 2 words; Cycles while BUSY.
  localparam logic [11:0] CsrPerfLd         = 12'h140;  // ro; 12 words; LD cycles by bucket.
  localparam logic [11:0] CsrPerfSt         = 12'h180;  // ro; 12 words; ST cycles by bucket.
  localparam logic [11:0] CsrPerfMxe        = 12'h1C0;  // ro; 12 words; MXE cycles by bucket.
  localparam logic [11:0] CsrPerfGta        = 12'h200;  // ro; 12 words; GTA cycles by bucket.
  localparam logic [11:0] CsrPerfRdBytes    = 12'h240;  // ro; 2 words; Bytes read over AXI by LD (whole beats).
  localparam logic [11:0] CsrPerfWrBytes    = 12'h248;  // ro; 2 words; Bytes written over AXI (strobed).
  localparam logic [11:0] CsrPerfFetchBytes = 12'h250;  // ro; 2 words; Bytes of commands fetched.

  // Reset values that are not 0.
  localparam logic [31:0] CsrIdReset = 32'h5752454E;

  // CONFIG0: Array shape.
  typedef struct packed {
    logic [7:0]            bus;           // [31:24]
    logic [7:0]            lanes;         // [23:16]
    logic [7:0]            cols;          // [15:8]
    logic [7:0]            rows;          // [7:0]
  } csr_config0_t;

  // CONFIG1: Counts.
  typedef struct packed {
    logic [7:0]            rsvd_24;       // [31:24]
    logic [7:0]            cores;         // [23:16]
    logic [7:0]            sems;          // [15:8]
    logic [7:0]            tables;        // [7:0]
  } csr_config1_t;

  // CTRL: Control.
  typedef struct packed {
    logic [27:0]           rsvd_4;        // [31:4]
    logic                  numeric_clear; // [3:3]
    logic                  perf_clear;    // [2:2]
    logic                  soft_reset;    // [1:1]
    logic                  enable;        // [0:0]
  } csr_ctrl_t;

  // STATUS: Status.
  typedef struct packed {
    logic [28:0]           rsvd_3;        // [31:3]
    logic                  numeric;       // [2:2]
    logic                  halted;        // [1:1]
    logic                  busy;          // [0:0]
  } csr_status_t;

  // IRQ_STATUS: Interrupt causes.
  typedef struct packed {
    logic [29:0]           rsvd_2;        // [31:2]
    logic                  error;         // [1:1]
    logic                  done;          // [0:0]
  } csr_irq_status_t;

endpackage
