// wren_fp_whole_pkg of a model that computes with the arithmetic of the machine it runs on: the functions of rtl/pkg/wren_fp_whole_pkg.sv,
// with the same results, from a few instructions of the host each (wren_host_arith.h, which $c names; Verilator puts the call in place).
// What the two halves of an addition and the steps of a reciprocal hand on in registers is different: the first half has the sum, the last
// step the quotient. docs/decisions/0014 says why, and what holds them to the RTL's.
package wren_fp_whole_pkg;
  import wren_fp_pkg::*;
  localparam bit AddInHalves = 1'b0, RcpInSteps = 1'b0;   // nothing but the result is handed on

  function automatic f32_t fp32_mul(input f32_t a, input f32_t b);
    return $c32("wren_host::Mul(", a, ",", b, ")");
  endfunction

  function automatic f32_t fp32_add_sum(input f32_t a, input f32_t b);
    return fp32_add(a, b);
  endfunction
  function automatic f32_t fp32_add_head(input f32_t a, input f32_t b);
    return 32'd0;
  endfunction
  function automatic f32_t fp32_add_norm(input f32_t sum, input f32_t head);
    return sum;
  endfunction
  function automatic f32_t fp32_add(input f32_t a, input f32_t b);
    return $c32("wren_host::Add(", a, ",", b, ")");
  endfunction

  function automatic f32_t fp32_from_i32(input f32_t x);
    return $c32("wren_host::FromI32(", x, ")");
  endfunction
  function automatic f32_t fp32_fraction(input f32_t m, input f32_t s);
    return fp32_mul(fp32_from_i32(m), (32'd127 - s) << 23);
  endfunction

  function automatic f32_t fp32_from_f16(input f32_t x);
    return $c32("wren_host::FromF16(", x, ")");
  endfunction
  function automatic logic [15:0] fp16_from_fp32(input f32_t x);
    return 16'($c32("wren_host::ToF16(", x, ")"));
  endfunction

  function automatic f32_t fp32_rcp_rem(input f32_t d, input f32_t rem);
    return 32'd0;
  endfunction
  function automatic f32_t fp32_rcp_bits(input f32_t d, input f32_t rem);
    return 32'd0;
  endfunction
  function automatic f32_t fp32_rcp_round(input f32_t d, input f32_t quo);
    return $c32("wren_host::Reciprocal(", d, ")");
  endfunction

  function automatic f32_t cell_mantissa(input f32_t x);
    return x;
  endfunction
  function automatic f32_t cell_exponent(input f32_t x);
    return 32'd0;
  endfunction
  function automatic f32_t cell_scale(input f32_t ma, input f32_t mb, input f32_t es, input f32_t sign);
    return fp32_mul(ma, mb);
  endfunction
  function automatic f32_t dot_mul(input f32_t s, input f32_t k);
    return fp32_mul(fp32_from_i32(s), k);
  endfunction

endpackage
