// wren_ulx3s: Wren on a ULX3S board with an LFE5U-85F: wren_soc on the board's pins, its memory the board's SDRAM of 32 MiB, its clock
// from a PLL.
//
// Clock      ClockMhz, a multiple of 5 up to 100, from the board's 25 MHz; everything else follows from it: the PLL's dividers (its VCO
//            runs at 550 to 600 MHz), the serial line's, the SDRAM's times and refresh.
// SDRAM      Its clock is the inverse of ours (wren_sdram says why).
// Serial     1 Mbit/s, 8N1, on the USB connector US1 (FT231X). Names of the pins are the FT231X's: we drive ftdi_rxd.
// Reset      button FIRE1, and until the PLL has locked.
// LEDs       0 to 4: wren_soc; 6: in reset; 7: PLL locked.
`include "wren_assert.svh"

module wren_ulx3s #(
  parameter  int unsigned Config   = 0,
  parameter  int unsigned ClockMhz = 50
) (
  input  logic        clk_25mhz,
  input  logic        btn_fire1,
  input  logic        ftdi_txd,
  output logic        ftdi_rxd,
  output logic [7:0]  led,
  output logic        wifi_gpio0,                               // 1: the ESP32 leaves the board alone

  output logic        sdram_clk,
  output logic        sdram_cke,
  output logic        sdram_csn,
  output logic        sdram_rasn,
  output logic        sdram_casn,
  output logic        sdram_wen,
  output logic [1:0]  sdram_ba,
  output logic [12:0] sdram_a,
  output logic [1:0]  sdram_dqm,
  inout  wire  [15:0] sdram_d
);

  localparam int unsigned PllDivider = 600 / ClockMhz;
  `ASSERT_INIT(PllMakesClock_A, ClockMhz % 5 == 0 && ClockMhz >= 5 && ClockMhz <= 100)

  logic        clk, locked, rst_n;
  logic [2:0]  rst_q;
  logic [4:0]  soc_led;
  logic [15:0] dq_out, dq_in;
  logic        dq_oe;

  // The loop filter is what ecppll gives for these dividers.
  (* ICP_CURRENT = "12", LPF_RESISTOR = "8", MFG_ENABLE_FILTEROPAMP = "1", MFG_GMCREF_SEL = "2" *)
  EHXPLLL #(
    .CLKI_DIV       (5),
    .CLKFB_DIV      (ClockMhz / 5),
    .FEEDBK_PATH    ("CLKOP"),
    .CLKOP_ENABLE   ("ENABLED"),
    .CLKOP_DIV      (PllDivider),
    .CLKOP_CPHASE   (PllDivider - 1),
    .CLKOP_FPHASE   (0),
    .OUTDIVIDER_MUXA("DIVA"),
    .PLLRST_ENA     ("DISABLED"),
    .INTFB_WAKE     ("DISABLED"),
    .STDBY_ENABLE   ("DISABLED"),
    .DPHASE_SOURCE  ("DISABLED")
  ) u_pll (
    .CLKI        (clk_25mhz),
    .CLKFB       (clk),
    .CLKOP       (clk),
    .LOCK        (locked),
    .RST         (1'b0),
    .STDBY       (1'b0),
    .PHASESEL0   (1'b0),
    .PHASESEL1   (1'b0),
    .PHASEDIR    (1'b1),
    .PHASESTEP   (1'b1),
    .PHASELOADREG(1'b1),
    .PLLWAKESYNC (1'b0),
    .ENCLKOP     (1'b0)
  );

  // Into reset at once, out of it with the clock
  always_ff @(posedge clk or negedge locked) begin
    if (!locked) rst_q <= '0;
    else rst_q <= {rst_q[1:0], !btn_fire1};
  end
  assign rst_n = rst_q[2];

  wren_soc #(
    .Config (Config),
    .Sdram  (1'b1),
    .ClockHz(ClockMhz * 1_000_000)
  ) u_soc (
    .clk_i     (clk),
    .rst_ni    (rst_n),
    .rx_i      (ftdi_txd),
    .tx_o      (ftdi_rxd),
    .led_o     (soc_led),
    .sd_cke_o  (sdram_cke),
    .sd_cs_no  (sdram_csn),
    .sd_ras_no (sdram_rasn),
    .sd_cas_no (sdram_casn),
    .sd_we_no  (sdram_wen),
    .sd_ba_o   (sdram_ba),
    .sd_a_o    (sdram_a),
    .sd_dqm_o  (sdram_dqm),
    .sd_dq_o   (dq_out),
    .sd_dq_oe_o(dq_oe),
    .sd_dq_i   (dq_in)
  );
  assign led        = {locked, !rst_n, 1'b0, soc_led};
  assign wifi_gpio0 = 1'b1;

  // The SDRAM's clock leaves through the same kind of register as data would: low while ours is high.
  ODDRX1F u_sdram_clk (
    .SCLK(clk),
    .RST (1'b0),
    .D0  (1'b0),
    .D1  (1'b1),
    .Q   (sdram_clk)
  );
  for (genvar i = 0; i < 16; i++) begin : gen_dq
    BB u_dq (
      .I(dq_out[i]),
      .T(!dq_oe),
      .O(dq_in[i]),
      .B(sdram_d[i])
    );
  end

endmodule
