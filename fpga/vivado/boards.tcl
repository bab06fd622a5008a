# The boards that project.tcl knows: a dictionary of each.
#   part      of the FPGA; board_part (Xilinx' board files) where a preset is wanted
#   kind      soc: fpga/<dir>/<top>.sv is the top, with its constraints; zynq: the block design of zynq.tcl
#   ram       directory of the RAM written for this family
#   config    the configuration that is built unless --config names another
set boards [dict create \
  arty_a7_100 {part xc7a100tcsg324-1 board_part {} kind soc top wren_arty dir fpga/arty xdc fpga/arty/arty.xdc ram fpga/prim config nano} \
  kv260       {part xck26-sfvc784-2LV-c board_part xilinx.com:kv260_som:part0:1.4 kind zynq top {} dir {} xdc {} ram fpga/vivado/prim config nano mhz 100} \
  zcu104      {part xczu7ev-ffvc1156-2-e board_part xilinx.com:zcu104:part0:1.1 kind zynq top {} dir {} xdc {} ram fpga/vivado/prim config small mhz 100} \
]
