# The block design of a Zynq UltraScale+ board; project.tcl sources it with number (of the configuration), mhz and preset set.
#
#   PS M_AXI_HPM0_FPD -> SmartConnect -> wren s_axi   CSRs at 0xA000_0000, 4 KiB
#   wren m_axi -> SmartConnect -> PS S_AXI_HP0_FPD    the board's DRAM, low 2 GiB at its own addresses
#   wren irq -> PS pl_ps_irq0[0]                      (in Linux' device tree: interrupts = <0 89 4>)
#   PS pl_clk0 -> everything, through a reset block
create_bd_design system

create_bd_cell -type ip -vlnv xilinx.com:ip:zynq_ultra_ps_e ps
if {$preset} { apply_bd_automation -rule xilinx.com:bd_rule:zynq_ultra_ps_e -config {apply_board_preset 1} [get_bd_cells ps] }
set_property -dict [list \
  CONFIG.PSU__USE__M_AXI_GP0 1 CONFIG.PSU__USE__M_AXI_GP1 0 CONFIG.PSU__USE__M_AXI_GP2 0 \
  CONFIG.PSU__MAXIGP0__DATA_WIDTH 32 \
  CONFIG.PSU__USE__S_AXI_GP2 1 CONFIG.PSU__SAXIGP2__DATA_WIDTH 128 \
  CONFIG.PSU__USE__IRQ0 1 \
  CONFIG.PSU__FPGA_PL0_ENABLE 1 CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ $mhz \
] [get_bd_cells ps]

create_bd_cell -type module -reference wren_axi wren
set_property CONFIG.CONFIG $number [get_bd_cells wren]
create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset reset
foreach name {control memory} {
  create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect $name
  set_property -dict {CONFIG.NUM_SI 1 CONFIG.NUM_MI 1} [get_bd_cells $name]
}

connect_bd_intf_net [get_bd_intf_pins ps/M_AXI_HPM0_FPD] [get_bd_intf_pins control/S00_AXI]
connect_bd_intf_net [get_bd_intf_pins control/M00_AXI] [get_bd_intf_pins wren/s_axi]
connect_bd_intf_net [get_bd_intf_pins wren/m_axi] [get_bd_intf_pins memory/S00_AXI]
connect_bd_intf_net [get_bd_intf_pins memory/M00_AXI] [get_bd_intf_pins ps/S_AXI_HP0_FPD]

connect_bd_net [get_bd_pins ps/pl_clk0] [get_bd_pins ps/maxihpm0_fpd_aclk] [get_bd_pins ps/saxihp0_fpd_aclk] [get_bd_pins reset/slowest_sync_clk] \
  [get_bd_pins control/aclk] [get_bd_pins memory/aclk] [get_bd_pins wren/aclk]
connect_bd_net [get_bd_pins ps/pl_resetn0] [get_bd_pins reset/ext_reset_in]
connect_bd_net [get_bd_pins reset/interconnect_aresetn] [get_bd_pins control/aresetn] [get_bd_pins memory/aresetn]
connect_bd_net [get_bd_pins reset/peripheral_aresetn] [get_bd_pins wren/aresetn]
connect_bd_net [get_bd_pins wren/irq] [get_bd_pins ps/pl_ps_irq0]

assign_bd_address -offset 0xA0000000 -range 4K -target_address_space [get_bd_addr_spaces ps/Data] [get_bd_addr_segs wren/s_axi/reg0]
assign_bd_address -offset 0x00000000 -range 2G -target_address_space [get_bd_addr_spaces wren/m_axi] [get_bd_addr_segs ps/SAXIGP2/HP0_DDR_LOW]

validate_bd_design
save_bd_design
set wrapper [make_wrapper -files [get_files system.bd] -top]
add_files -norecurse $wrapper
set_property top system_wrapper [current_fileset]
