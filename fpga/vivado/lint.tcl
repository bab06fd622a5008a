# Runs project.tcl for every board against a model of the Vivado commands that it uses, so that what can be wrong without Vivado is
# found without it: syntax, unknown commands, files that do not exist, ports, pins and interfaces that the modules do not have.
#
#   tclsh fpga/vivado/lint.tcl [--self-check]      --self-check: broken inputs must be refused
#
# It is no Vivado: that properties, IP versions and board presets are right, only Vivado can say.
set root [file normalize [file join [file dirname [info script]] .. ..]]
set here [file join $root fpga vivado]

proc read_file {name} {
  set channel [open $name]
  set text [read $channel]
  close $channel
  return $text
}

# Ports of the first module in a Verilog or SystemVerilog file: name -> width text.
proc ports_of {file} {
  set ports [dict create]
  foreach line [split [read_file $file] \n] {
    if {[regexp {^\s*(?:input|output|inout)\s+(?:wire|logic)?\s*(\[[^\]]*\])?\s*(\w+)\s*,?\s*(?://.*)?$} $line -> width name]} { dict set ports $name $width }
  }
  return $ports
}

# Interfaces that X_INTERFACE_INFO attributes make of the ports: name -> list of logical signals.
proc interfaces_of {file} {
  set interfaces [dict create]
  foreach {all name signal} [regexp -all -inline {interface:aximm:1\.0 (\w+) (\w+)"} [read_file $file]] { dict lappend interfaces $name $signal }
  return $interfaces
}

# ---- the model. `state` is emptied for each run.
proc reset_state {} {
  global state
  set state [dict create files {} top {} cells {} ports {} commands 0 pins {} timing 0 validated 0]
}
# What the IP blocks of the design have, as zynq.tcl uses them.
set ip_pins {
  xilinx.com:ip:zynq_ultra_ps_e {pl_clk0 pl_resetn0 maxihpm0_fpd_aclk saxihp0_fpd_aclk pl_ps_irq0 M_AXI_HPM0_FPD S_AXI_HP0_FPD}
  xilinx.com:ip:proc_sys_reset  {slowest_sync_clk ext_reset_in interconnect_aresetn peripheral_aresetn}
  xilinx.com:ip:smartconnect    {aclk aresetn S00_AXI M00_AXI}
}
proc option {args_ name} {
  set at [lsearch -exact $args_ $name]
  return [expr {$at < 0 ? {} : [lindex $args_ [expr {$at + 1}]]}]
}
proc fail {text} { return -code error "lint: $text" }

namespace eval model {
  proc count {} { dict incr ::state commands }
  proc create_project {args} { count; if {[option $args -part] eq {}} { fail "create_project without a part" } }
  proc current_project {} { return project }
  proc current_fileset {} { return sources_1 }
  proc current_design {} { return design }
  proc add_files {args} {
    count
    foreach file [lindex $args end] {
      if {![file exists $file]} { fail "no file $file" }
      if {[file extension $file] eq ".xdc"} {
        ::run_xdc $file
      } else {
        dict lappend ::state files $file
      }
    }
  }
  proc get_files {args} { return [lsearch -all -inline -glob [dict get $::state files] *] }
  proc set_property {args} {
    count
    if {[llength $args] < 2} { fail "set_property $args" }
    if {[lindex $args 0] eq "-dict"} {
      if {[llength [lindex $args 1]] % 2} { fail "an odd number of words in set_property -dict {[lindex $args 1]}" }
    } elseif {[llength $args] != 3} { fail "set_property takes name, value and object: $args" }
    lassign $args name value
    if {$name eq "top" && $value ne "system_wrapper"} {
      set file [lsearch -inline -glob [dict get $::state files] */$value.sv]
      if {$file eq {}} { fail "the top $value is in no file" }
    }
    if {$name eq "include_dirs"} { foreach dir $value { if {![file isdirectory $dir]} { fail "no directory $dir" } } }
    return {}
  }
  # Ports of the top: used by constraints.
  proc get_ports {names} {
    count
    set found {}
    foreach name $names {
      if {![regexp {^(\w+)(?:\[(\d+|\*)\])?$} $name -> base index]} { fail "get_ports $name" }
      if {![dict exists $::state ports $base]} { fail "the top has no port $base" }
      set width [dict get $::state ports $base]
      if {$index ne {} && $width eq {}} { fail "port $base is no vector" }
      if {[string is integer -strict $index]} {
        if {![regexp {\[(\d+):0\]} $width -> high] || $index > $high} { fail "port $base has no bit $index" }
      }
      lappend found $name
    }
    return $found
  }
  proc create_clock {args} { count; dict incr ::state timing }
  proc set_false_path {args} { count }
  # Block design
  proc create_bd_design {name} { count }
  proc create_bd_cell {args} {
    count
    set name [lindex $args end]
    if {[option $args -type] eq "module"} {
      set reference [option $args -reference]
      set file [lsearch -inline -glob [dict get $::state files] */$reference.v]
      if {$file eq {}} { fail "module $reference is in no Verilog file (block designs take no SystemVerilog)" }
      if {![regexp "(?n)^module $reference\\M" [::read_file $file]]} { fail "$file has no module $reference" }
      dict set ::state cells $name [concat [dict keys [::ports_of $file]] [dict keys [::interfaces_of $file]]]
    } else {
      set ip [option $args -vlnv]
      if {![dict exists $::ip_pins $ip]} { fail "no IP $ip in the model" }
      dict set ::state cells $name [dict get $::ip_pins $ip]
    }
  }
  proc get_bd_cells {name} { count; if {![dict exists $::state cells $name]} { fail "no cell $name" }; return $name }
  proc pin {path} {
    lassign [split $path /] cell pin
    if {![dict exists $::state cells $cell]} { fail "no cell $cell" }
    if {$pin ni [dict get $::state cells $cell]} { fail "cell $cell has no pin $pin" }
    return $path
  }
  proc get_bd_pins {path} { count; return [pin $path] }
  proc get_bd_intf_pins {path} { count; return [pin $path] }
  proc connect_bd_net {args} { count; foreach p $args { connect $p } }
  proc connect_bd_intf_net {args} { count; if {[llength $args] != 2} { fail "connect_bd_intf_net takes two" }; foreach p $args { connect $p } }
  proc connect {p} { if {$p in [dict get $::state pins]} { fail "$p is connected twice" }; dict lappend ::state pins $p }
  proc get_bd_addr_spaces {path} { count; return $path }
  proc get_bd_addr_segs {path} { count; return $path }
  proc assign_bd_address {args} { count }
  proc apply_bd_automation {args} { count }
  proc validate_bd_design {} {
    count
    foreach p {aclk aresetn irq s_axi m_axi} { if {"wren/$p" ni [dict get $::state pins]} { fail "wren/$p is not connected" } }
    dict set ::state validated 1
  }
  proc save_bd_design {} { count }
  proc make_wrapper {args} { count; return $::here/wren_axi.v }
  proc update_compile_order {args} { count }
  proc launch_runs {args} { count }
  proc wait_on_run {args} { count }
  proc open_run {args} { count }
  proc report_utilization {args} { count }
  proc report_timing_summary {args} { count }
  proc get_timing_paths {args} { count; return path }
  proc get_property {name object} { count; return 1.0 }
}

# A child interpreter that knows Tcl, the model and nothing else.
proc sandbox {} {
  set child [interp create]
  foreach command [info commands ::model::*] { $child alias [namespace tail $command] $command }
  return $child
}
proc run_xdc {file} {
  global state root
  set top [file join [file dirname $file] wren_[file rootname [file tail $file]].sv]
  if {![file exists $top]} { fail "$file: no top $top" }
  dict set state ports [ports_of $top]
  set text [read_file $file]
  if {![info complete $text]} { fail "$file: braces or quotes do not match" }
  set child [sandbox]
  if {[catch {$child eval $text} message]} { interp delete $child; fail "[file tail $file]: [regsub {^lint: } $message {}]" }
  interp delete $child
  # Every port has a pin, or the tool would place it anywhere.
  dict for {port width} [dict get $state ports] {
    set bits [expr {[regexp {\[(\d+):0\]} $width -> high] ? $high + 1 : 1}]
    for {set i 0} {$i < $bits} {incr i} {
      set name [expr {$width eq {} ? $port : "$port\\\[$i\\\]"}]
      if {![regexp "PACKAGE_PIN\[^\\n\]*get_ports \\x7b?$name" $text]} { fail "[file tail $file]: port $port, bit $i, has no pin" }
    }
  }
}
# Runs a project; `edit` maps names of files to scripts that change their text ($text).
proc run_project {arguments {edit {}}} {
  global state here
  reset_state
  foreach file {project.tcl zynq.tcl boards.tcl} {
    if {![info complete [read_file [file join $here $file]]]} { fail "$file: braces or quotes do not match" }
  }
  set child [sandbox]
  $child eval [list set argv $arguments]
  set text [read_file [file join $here project.tcl]]
  foreach {old new} $edit {
    if {[string first $old $text] < 0} { error "the self-check does not fit project.tcl any more: $old" }
    set text [string map [list $old $new] $text]
  }
  $child eval [list set the_script [file join $here project.tcl]]
  # Where the script is: info script is empty inside eval.
  $child eval [list proc here_ {} [list return [file join $here project.tcl]]]
  set text [string map {{[info script]} {[here_]}} $text]
  set failed [catch {$child eval $text} message]
  interp delete $child
  if {$failed} { fail [regsub {^lint: } $message {}] }
}

# ---- checks
set bad 0
source [file join $here boards.tcl]
set axi [file join $here wren_axi.v]
# Both interfaces are whole, and each attribute names the port under it.
foreach {all interface signal port} [regexp -all -inline {aximm:1\.0 (\w+) (\w+)" \*\)\n\s*(?:input|output)\s+wire\s+(?:\[[^\]]*\]\s*)?(\w+)} [read_file $axi]] {
  if {$port ne "${interface}_[string tolower $signal]"} { puts "wren_axi.v: $port is said to be $interface $signal"; incr bad }
}
foreach {interface least} {s_axi 17 m_axi 33} {
  set n [llength [dict get [interfaces_of $axi] $interface]]
  if {$n < $least} { puts "wren_axi.v: $interface has $n signals of $least"; incr bad }
}
foreach board [dict keys $boards] {
  foreach extra {{} {--run --config nano}} {
    if {[catch {run_project [concat --board $board $extra]} message]} {
      puts "vivado     $board $extra: [regsub {^lint: } $message {}]"
      incr bad
    } elseif {$extra eq {}} {
      puts "vivado     $board: [llength [dict get $state files]] files, [dict get $state commands] commands: clean (against lint.tcl's model; Vivado was not run)"
    }
  }
}

if {"--self-check" in $argv} {
  # What each change must be refused for.
  foreach {board old new why} {
    arty_a7_100 {add_files -norecurse $files} {add_fils -norecurse $files} {invalid command name "add_fils"}
    arty_a7_100 {rtl/wren.f [dict} {rtl/none.f [dict} {no such file}
    arty_a7_100 {dict get $board top].sv]} {dict get $board top].vhd]} {no file}
    kv260 {fpga vivado wren_axi.v} {fpga vivado wren_none.v} {no file}
    kv260 {add_files -norecurse [file join $root fpga vivado wren_axi.v]} {} {module wren_axi is in no Verilog file}
  } {
    if {![catch {run_project [list --board $board] [list $old $new]} message] || [string first $why $message] < 0} {
      puts "self-check: '$old' -> '$new' was not refused for '$why': $message"
      incr bad
    }
  }
  # Constraints and pins, called directly.
  reset_state
  dict set state ports [ports_of [file join $root fpga arty wren_arty.sv]]
  foreach {script why} {
    {model::get_ports ledd} {no port ledd}
    {model::get_ports {led[4]}} {no bit 4}
    {model::get_ports {ck_rst[0]}} {no vector}
    {model::create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect c; model::get_bd_pins c/ack} {no pin ack}
    {model::set_property a b} {takes name, value and object}
    {model::validate_bd_design} {wren/aclk is not connected}
  } {
    if {![catch $script message] || [string first $why $message] < 0} {
      puts "self-check: '$script' was not refused for '$why': $message"
      incr bad
    }
  }
  if {!$bad} { puts "self-check: every broken input was refused" }
}
exit [expr {$bad != 0}]
