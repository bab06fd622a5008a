// What a board needs beside rtl/wren.f.
fpga/soc/wren_uart_rx.sv
fpga/soc/wren_uart_tx.sv
fpga/soc/wren_link.sv
fpga/soc/wren_soc_ram.sv
fpga/soc/wren_sdram.sv
fpga/soc/wren_soc.sv
