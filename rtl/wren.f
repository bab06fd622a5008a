// The only list of RTL files: packages first, in order of use, then modules by directory.
// Paths are relative to the repository root; run tools from there with `-f rtl/wren.f`.
+incdir+rtl/common
rtl/pkg/wren_fp_pkg.sv
rtl/pkg/wren_pkg.sv
rtl/pkg/wren_isa_pkg.sv
rtl/pkg/wren_csr_pkg.sv
rtl/prim/wren_ram_1r1w.sv
rtl/prim/wren_rf_1r1w.sv
rtl/common/wren_fifo.sv
rtl/common/wren_skid.sv
rtl/common/wren_rr_arb.sv
rtl/mxe/wren_ab.sv
rtl/mxe/wren_wb.sv
rtl/mxe/wren_acc.sv
rtl/mxe/wren_mxe.sv
rtl/gta/wren_vm.sv
rtl/gta/wren_gta.sv
