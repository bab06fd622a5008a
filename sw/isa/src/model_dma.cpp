// LD and ST of the instruction-set model.
#include <cstring>

#include "model_impl.h"

namespace wren::isa {
namespace {

Space SpaceOf(LdDst dst) {
  switch (dst) {
    case LdDst::kAb:
      return Space::kAb;
    case LdDst::kAbScale:
      return Space::kAbScale;
    case LdDst::kWb:
      return Space::kWb;
    case LdDst::kWbScale:
      return Space::kWbScale;
    case LdDst::kVm:
      return Space::kVm;
    case LdDst::kLut:
      return Space::kLut;
    case LdDst::kL2:
      break;
  }
  return Space::kL2;
}

}  // namespace

std::vector<uint8_t>& Model::Impl::Destination(LdDst dst) const {
  switch (dst) {
    case LdDst::kAb:
      return m_.ab_;
    case LdDst::kAbScale:
      return m_.ab_scale_;
    case LdDst::kWb:
      return m_.wb_;
    case LdDst::kWbScale:
      return m_.wb_scale_;
    case LdDst::kVm:
      return m_.vm_;
    case LdDst::kLut:
      return m_.lut_;
    case LdDst::kL2:
      break;
  }
  return m_.l2_;
}

void Model::Impl::ReadSource(ExtSpace space, uint64_t addr, uint8_t* to, uint32_t n) {
  if (space == ExtSpace::kExt) {
    m_.ext_.Read(addr, to, n);
  } else {
    std::memmove(to, m_.l2_.data() + addr, n);
  }
}

Status Model::Impl::Load(const LdCopy& c, const uint32_t* index, WriteSink* sink) {
  Status status;
  status.engine = Engine::kLd;
  uint8_t* const memory = Destination(c.dst_space).data();
  const Space space = SpaceOf(c.dst_space);
  const uint64_t capacity = c.src_space == ExtSpace::kExt ? kExtBytes : m_.l2_.size();

  // Runs that follow each other on both sides are one run, unless somebody counts them.
  uint32_t len = c.len, n1 = c.n1;
  if (sink == nullptr && index == nullptr && (n1 == 1 || (c.s1 == len && c.t1 == len))) {
    const uint64_t whole = uint64_t{len} * n1;
    if (whole <= UINT32_MAX) {
      len = static_cast<uint32_t>(whole);
      n1 = 1;
    }
  }
  for (uint32_t i3 = 0; i3 < c.n3; ++i3) {
    for (uint32_t i2 = 0; i2 < c.n2; ++i2) {
      const uint64_t src2 = c.src + uint64_t{i2} * c.s2 + uint64_t{i3} * c.s3;
      const uint64_t dst2 = c.dst + uint64_t{i2} * c.t2 + uint64_t{i3} * c.t3;
      for (uint32_t i1 = 0; i1 < n1; ++i1) {
        const uint64_t offset = uint64_t{index != nullptr ? index[i1] : i1} * c.s1;
        const uint64_t src = src2 + offset;
        const uint64_t dst = dst2 + uint64_t{i1} * c.t1;
        if (index != nullptr && (offset > capacity || src > capacity || len > capacity - src)) {
          status.fault = Fault::kOutOfRange;
          status.info = static_cast<uint32_t>(csr::Operand::kSrc);
          return status;
        }
        ReadSource(c.src_space, src, memory + dst, len);
        if (sink != nullptr) sink->Ld(space, dst, memory + dst, len);
      }
    }
  }
  return status;
}

Status Model::Impl::Gather(const LdGather& c, WriteSink* sink) {
  index_.resize(c.n1);
  std::memcpy(index_.data(), m_.vm_.data() + c.idx, size_t{4} * c.n1);
  LdCopy copy;
  copy.src = c.src;
  copy.src_space = c.src_space;
  copy.dst_space = c.dst_space;
  copy.dst = c.dst;
  copy.len = c.len;
  copy.n1 = c.n1;
  copy.n2 = c.n2;
  copy.n3 = c.n3;
  copy.s1 = c.s1;
  copy.s2 = c.s2;
  copy.s3 = c.s3;
  copy.t1 = c.t1;
  copy.t2 = c.t2;
  copy.t3 = c.t3;
  return Load(copy, index_.data(), sink);
}

void Model::Impl::Fill(const LdFill& c, WriteSink* sink) {
  uint8_t* const memory = Destination(c.dst_space).data();
  const Space space = SpaceOf(c.dst_space);
  for (uint32_t i3 = 0; i3 < c.n3; ++i3) {
    for (uint32_t i2 = 0; i2 < c.n2; ++i2) {
      for (uint32_t i1 = 0; i1 < c.n1; ++i1) {
        const uint64_t dst =
            c.dst + uint64_t{i1} * c.t1 + uint64_t{i2} * c.t2 + uint64_t{i3} * c.t3;
        for (uint32_t b = 0; b < c.len; b += 4) std::memcpy(memory + dst + b, &c.pattern, 4);
        if (sink != nullptr) sink->Ld(space, dst, memory + dst, c.len);
      }
    }
  }
}

void Model::Impl::Transpose(const LdTranspose& c, WriteSink* sink) {
  uint8_t* const memory = m_.wb_.data();
  buffer_.resize(size_t{32} * c.len);
  for (uint32_t i3 = 0; i3 < c.n3; ++i3) {
    for (uint32_t i2 = 0; i2 < c.n2; ++i2) {
      for (uint32_t group = 0; group < c.n1 / 32; ++group) {
        for (uint32_t t = 0; t < 32; ++t) {
          const uint64_t src =
              c.src + uint64_t{group * 32 + t} * c.s1 + uint64_t{i2} * c.s2 + uint64_t{i3} * c.s3;
          ReadSource(c.src_space, src, buffer_.data() + size_t{t} * c.len, c.len);
        }
        const uint64_t dst =
            c.dst + uint64_t{group} * c.t1 + uint64_t{i2} * c.t2 + uint64_t{i3} * c.t3;
        for (uint32_t d = 0; d < c.len; ++d) {
          uint8_t* const block = memory + dst + uint64_t{d} * 32;
          for (uint32_t t = 0; t < 32; ++t) block[t] = buffer_[size_t{t} * c.len + d];
          if (sink != nullptr) sink->Ld(Space::kWb, dst + uint64_t{d} * 32, block, 32);
        }
      }
    }
  }
}

void Model::Impl::Store(const StCopy& c, WriteSink* sink) {
  const uint8_t* const memory = c.src_space == StSrc::kVm ? m_.vm_.data() : m_.l2_.data();
  const bool to_ext = c.dst_space == ExtSpace::kExt;
  for (uint32_t i3 = 0; i3 < c.n3; ++i3) {
    for (uint32_t i2 = 0; i2 < c.n2; ++i2) {
      for (uint32_t i1 = 0; i1 < c.n1; ++i1) {
        const uint64_t src =
            c.src + uint64_t{i1} * c.s1 + uint64_t{i2} * c.s2 + uint64_t{i3} * c.s3;
        const uint64_t dst =
            c.dst + uint64_t{i1} * c.t1 + uint64_t{i2} * c.t2 + uint64_t{i3} * c.t3;
        if (to_ext) {
          m_.ext_.Write(dst, memory + src, c.len);
        } else {
          std::memmove(m_.l2_.data() + dst, memory + src, c.len);
        }
        if (sink != nullptr) {
          sink->St(to_ext ? Space::kExt : Space::kL2, dst,
                   to_ext ? memory + src : m_.l2_.data() + dst, c.len);
        }
      }
    }
  }
}

}  // namespace wren::isa
