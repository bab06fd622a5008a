// wren_pkg: configurations and the types that the blocks share.
package wren_pkg;

  // One configuration of the machine; sizes in bytes.
  typedef struct packed {
    logic [31:0] rows;       // MXE rows (activation rows per cycle)
    logic [31:0] cols;       // MXE columns
    logic [31:0] lanes;      // GTA lanes = 2 * cols
    logic [31:0] bus;        // bytes per AXI and L2 beat
    logic [31:0] ab;         // AB data
    logic [31:0] wb;         // WB data
    logic [31:0] vm;         // VM
    logic [31:0] acc;        // ACC
    logic [31:0] l2;         // L2
    logic [31:0] l2_banks;
    logic [31:0] tables;     // LUT tables
    logic [31:0] cores;
    logic [31:0] compact;    // 1: control that is smaller and a few cycles slower
    logic [31:0] deep;       // 1: more pipeline stages, for an FPGA's clock
  } cfg_t;

  localparam int unsigned CfgNano  = 0;
  localparam int unsigned CfgSmall = 1;
  localparam int unsigned CfgFull  = 2;

  function automatic cfg_t config_of(input int unsigned n);
    cfg_t c;
    c = '0;
    case (n)
      CfgNano: c = '{rows: 32'd2, cols: 32'd1, lanes: 32'd2, bus: 32'd16, ab: 32'd16384, wb: 32'd8192, vm: 32'd32768,
                     acc: 32'd4096, l2: 32'd131072, l2_banks: 32'd2, tables: 32'd4, cores: 32'd1, compact: 32'd1, deep: 32'd1};
      CfgSmall: c = '{rows: 32'd4, cols: 32'd8, lanes: 32'd16, bus: 32'd64, ab: 32'd131072, wb: 32'd32768, vm: 32'd131072,
                      acc: 32'd32768, l2: 32'd1048576, l2_banks: 32'd4, tables: 32'd8, cores: 32'd1, compact: 32'd0, deep: 32'd0};
      default: c = '{rows: 32'd8, cols: 32'd16, lanes: 32'd32, bus: 32'd64, ab: 32'd524288, wb: 32'd131072, vm: 32'd262144,
                     acc: 32'd131072, l2: 32'd4194304, l2_banks: 32'd8, tables: 32'd8, cores: 32'd1, compact: 32'd0, deep: 32'd0};
    endcase
    return c;
  endfunction

  localparam int unsigned NumSems      = 32;
  localparam int unsigned CmdBits      = 512;
  localparam int unsigned ExtAddrWidth = 40;   // external byte address
  localparam int unsigned L2AddrWidth  = 32;   // L2 byte address
  localparam int unsigned VmAddrWidth  = 20;   // VM byte address (VM <= 1 MiB)

  // Every engine counts every cycle into one of these (the same numbers as the CSR enum `bucket`).
  typedef enum logic [2:0] {
    BktWorking  = 3'd0,
    BktWaitSem  = 3'd1,
    BktStarved  = 3'd2,
    BktBlocked  = 3'd3,
    BktDraining = 3'd4,
    BktIdle     = 3'd5
  } bucket_e;

endpackage
