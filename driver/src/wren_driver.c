#include "wren_driver.h"

#include <string.h>

static uint32_t get(wren_device* device, uint32_t offset) {
  return device->bus.read(device->bus.context, offset);
}

static void put(wren_device* device, uint32_t offset, uint32_t value) {
  device->bus.write(device->bus.context, offset, value);
}

static uint64_t get64(wren_device* device, uint32_t offset) {
  const uint64_t low = get(device, offset); /* the core keeps the high word for the next read */
  return low | (uint64_t)get(device, offset + 4) << 32;
}

/* 0: look again. */
static int give_up(wren_device* device) {
  return device->bus.wait != NULL && device->bus.wait(device->bus.context) != 0;
}

static int is_power_of_two(uint32_t n) { return n != 0 && (n & (n - 1)) == 0; }

static void read_shape(wren_device* device) {
  wren_shape* s = &device->shape;
  const uint32_t config0 = get(device, WREN_CONFIG0), config1 = get(device, WREN_CONFIG1);
  s->rows = config0 & WREN_CONFIG0_ROWS;
  s->cols = (config0 & WREN_CONFIG0_COLS) >> WREN_CONFIG0_COLS_SHIFT;
  s->lanes = (config0 & WREN_CONFIG0_LANES) >> WREN_CONFIG0_LANES_SHIFT;
  s->bus = (config0 & WREN_CONFIG0_BUS) >> WREN_CONFIG0_BUS_SHIFT;
  s->tables = config1 & WREN_CONFIG1_TABLES;
  s->semaphores = (config1 & WREN_CONFIG1_SEMS) >> WREN_CONFIG1_SEMS_SHIFT;
  s->cores = (config1 & WREN_CONFIG1_CORES) >> WREN_CONFIG1_CORES_SHIFT;
  s->ab_bytes = get(device, WREN_AB_BYTES);
  s->wb_bytes = get(device, WREN_WB_BYTES);
  s->vm_bytes = get(device, WREN_VM_BYTES);
  s->acc_bytes = get(device, WREN_ACC_BYTES);
  s->l2_bytes = get(device, WREN_L2_BYTES);
}

wren_result wren_open(wren_device* device, const wren_bus* bus, void* ring, uint64_t ring_address,
                      uint32_t ring_commands) {
  if (device == NULL || bus == NULL || bus->read == NULL || bus->write == NULL || ring == NULL)
    return WREN_BAD_ARGUMENT;
  if (!is_power_of_two(ring_commands) || ring_commands < 2 || ring_commands > 65536)
    return WREN_BAD_ARGUMENT;
  if (ring_address % WREN_COMMAND_BYTES != 0 ||
      ring_address > ((uint64_t)1 << 40) - (uint64_t)ring_commands * WREN_COMMAND_BYTES)
    return WREN_BAD_ARGUMENT;
  memset(device, 0, sizeof *device);
  device->bus = *bus;
  device->ring = ring;
  device->ring_address = ring_address;
  device->ring_commands = ring_commands;
  if (get(device, WREN_ID) != WREN_ID_RESET) return WREN_NO_DEVICE;
  if (get(device, WREN_VERSION) != WREN_ISA_VERSION) return WREN_OTHER_VERSION;
  read_shape(device);
  put(device, WREN_IRQ_ENABLE, 0);
  put(device, WREN_TIMEOUT, 0);
  return wren_reset(device);
}

wren_result wren_reset(wren_device* device) {
  uint32_t looks = 0;
  put(device, WREN_CTRL, WREN_CTRL_SOFT_RESET); /* and not enabled */
  while ((get(device, WREN_CTRL) & WREN_CTRL_SOFT_RESET) != 0) {
    if (++looks == WREN_RESET_LOOKS) return WREN_GAVE_UP; /* no interrupt tells of its end */
  }
  device->tail = 0;
  put(device, WREN_RING_LO, (uint32_t)device->ring_address);
  put(device, WREN_RING_HI, (uint32_t)(device->ring_address >> 32));
  put(device, WREN_RING_SIZE, device->ring_commands);
  put(device, WREN_IRQ_STATUS, WREN_IRQ_STATUS_DONE | WREN_IRQ_STATUS_ERROR);
  put(device, WREN_IRQ_ENABLE, WREN_IRQ_STATUS_DONE | WREN_IRQ_STATUS_ERROR);
  put(device, WREN_CTRL, WREN_CTRL_ENABLE);
  return WREN_OK;
}

wren_result wren_submit(wren_device* device, const void* commands, uint32_t count,
                        uint32_t* accepted) {
  const uint8_t* from = commands;
  uint32_t room, taken, first, at;
  *accepted = 0;
  if ((get(device, WREN_STATUS) & WREN_STATUS_HALTED) != 0) return WREN_HALTED;
  room = device->ring_commands - (device->tail - get(device, WREN_HEAD));
  taken = count < room ? count : room;
  if (taken > 0) {
    /* Up to the end of the ring, and the rest from its beginning. */
    at = device->tail & (device->ring_commands - 1);
    first = device->ring_commands - at < taken ? device->ring_commands - at : taken;
    memcpy(device->ring + (size_t)at * WREN_COMMAND_BYTES, from,
           (size_t)first * WREN_COMMAND_BYTES);
    memcpy(device->ring, from + (size_t)first * WREN_COMMAND_BYTES,
           (size_t)(taken - first) * WREN_COMMAND_BYTES);
    if (device->bus.publish != NULL) {
      device->bus.publish(device->bus.context, device->ring + (size_t)at * WREN_COMMAND_BYTES,
                          (size_t)first * WREN_COMMAND_BYTES);
      if (taken > first)
        device->bus.publish(device->bus.context, device->ring,
                            (size_t)(taken - first) * WREN_COMMAND_BYTES);
    }
    device->tail += taken;
    put(device, WREN_TAIL, device->tail);
    *accepted = taken;
  }
  return taken == count ? WREN_OK : WREN_BUSY;
}

wren_result wren_poll(wren_device* device) {
  if ((get(device, WREN_STATUS) & WREN_STATUS_HALTED) != 0) return WREN_HALTED;
  return get(device, WREN_RETIRED) == device->tail ? WREN_OK : WREN_BUSY;
}

wren_result wren_wait(wren_device* device) {
  for (;;) {
    wren_result result;
    /* Acknowledge first: what happens after the look raises the interrupt again, and the wait ends.
     */
    wren_irq(device);
    result = wren_poll(device);
    if (result != WREN_BUSY) return result;
    if (give_up(device)) return WREN_GAVE_UP;
  }
}

wren_result wren_run(wren_device* device, const void* commands, uint32_t count) {
  const uint8_t* from = commands;
  for (;;) {
    uint32_t accepted;
    wren_result result;
    wren_irq(device);
    result = wren_submit(device, from, count, &accepted);
    if (result == WREN_HALTED) return result;
    from += (size_t)accepted * WREN_COMMAND_BYTES;
    count -= accepted;
    if (count == 0) return wren_wait(device);
    if (accepted == 0 && give_up(device)) return WREN_GAVE_UP;
  }
}

uint32_t wren_irq(wren_device* device) {
  const uint32_t causes = get(device, WREN_IRQ_STATUS);
  if (causes != 0) put(device, WREN_IRQ_STATUS, causes);
  return causes;
}

void wren_set_timeout(wren_device* device, uint32_t cycles) { put(device, WREN_TIMEOUT, cycles); }

void wren_error(wren_device* device, wren_error_record* record) {
  record->code = get(device, WREN_ERR_CODE);
  record->engine = get(device, WREN_ERR_ENGINE);
  record->index = get(device, WREN_ERR_INDEX);
  record->tag = get(device, WREN_ERR_TAG);
  record->info = get(device, WREN_ERR_INFO);
  record->address = get(device, WREN_ERR_ADDR_LO) | (uint64_t)get(device, WREN_ERR_ADDR_HI) << 32;
}

int wren_take_numeric(wren_device* device) {
  if ((get(device, WREN_STATUS) & WREN_STATUS_NUMERIC) == 0) return 0;
  put(device, WREN_CTRL, WREN_CTRL_ENABLE | WREN_CTRL_NUMERIC_CLEAR);
  return 1;
}

void wren_read_counters(wren_device* device, wren_counters* counters) {
  static const uint32_t engines[4] = {WREN_PERF_LD, WREN_PERF_ST, WREN_PERF_MXE, WREN_PERF_GTA};
  uint32_t e, b;
  counters->cycles = get64(device, WREN_PERF_CYCLES);
  for (e = 0; e < 4; ++e) {
    for (b = 0; b < 6; ++b) counters->engine[e][b] = get64(device, engines[e] + 8 * b);
  }
  counters->read_bytes = get64(device, WREN_PERF_RD_BYTES);
  counters->write_bytes = get64(device, WREN_PERF_WR_BYTES);
  counters->fetch_bytes = get64(device, WREN_PERF_FETCH_BYTES);
}

void wren_clear_counters(wren_device* device) {
  put(device, WREN_CTRL, WREN_CTRL_ENABLE | WREN_CTRL_PERF_CLEAR);
}

const char* wren_result_text(wren_result result) {
  switch (result) {
    case WREN_OK:
      return "done";
    case WREN_BUSY:
      return "not done yet";
    case WREN_HALTED:
      return "the core stopped at an error";
    case WREN_GAVE_UP:
      return "the core took longer than the platform waits";
    case WREN_NO_DEVICE:
      return "there is no Wren at these registers";
    case WREN_OTHER_VERSION:
      return "the core has another version of the command set than the driver";
    case WREN_BAD_ARGUMENT:
      return "an argument is not as the driver's header asks";
  }
  return "an unknown result";
}

const char* wren_error_text(uint32_t code) {
  switch (code) {
    case WREN_ERROR_NONE:
      return "no error";
    case WREN_ERROR_BAD_OPCODE:
      return "unknown opcode";
    case WREN_ERROR_BAD_FIELD:
      return "a field out of its range";
    case WREN_ERROR_OUT_OF_RANGE:
      return "an operand reaches beyond its memory";
    case WREN_ERROR_MISALIGNED:
      return "a misaligned address, stride or length";
    case WREN_ERROR_AXI_READ:
      return "the memory answered a read with an error";
    case WREN_ERROR_AXI_WRITE:
      return "the memory answered a write with an error";
    case WREN_ERROR_TIMEOUT:
      return "a wait for a semaphore took too long";
    case WREN_ERROR_ECC:
      return "an uncorrectable memory error";
    case WREN_ERROR_SEM_OVERFLOW:
      return "a post took a semaphore beyond 255";
    case WREN_ERROR_FETCH:
      return "the memory answered the fetch of commands with an error";
  }
  return "an unknown error";
}
