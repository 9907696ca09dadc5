// Who computes which moduli of which tiles. Plain C++, tested on the host.
#pragma once

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp::kernels {

/// The moduli of all tiles, one tile after the other, are dealt to blocks in runs of one length, or nearly; no run is shorter than
/// a tile, so that no more than two blocks share one: the first begins it.
struct narrow_deal {
  int tiles, moduli, blocks;  // no more blocks than tiles; tiles * moduli * (blocks + 1) < 2^31

  HALFULP_HOST_DEVICE int begin(int block) const { return tiles * moduli * block / blocks; }
  /// The block that begins a tile that another ends, or -1.
  HALFULP_HOST_DEVICE int beginner_of(int tile) const {
    const int first = tile * moduli;
    int block = tile * blocks / tiles;
    if (begin(block + 1) <= first) ++block;
    return begin(block + 1) < first + moduli ? block : -1;
  }
};

/// A block's run, modulus by modulus.
class narrow_run {
 public:
  HALFULP_HOST_DEVICE narrow_run(const narrow_deal& deal, int block)
      : tile_(deal.begin(block) / deal.moduli),
        modulus_(deal.begin(block) % deal.moduli),
        moduli_(deal.moduli),
        rest_(deal.begin(block + 1) - deal.begin(block)) {}

  HALFULP_HOST_DEVICE bool is_over() const { return rest_ == 0; }
  HALFULP_HOST_DEVICE int tile() const { return tile_; }
  HALFULP_HOST_DEVICE int modulus() const { return modulus_; }
  /// Whether this is the last modulus of the tile, for the block; and whether another has the rest.
  HALFULP_HOST_DEVICE bool ends_part() const { return modulus_ + 1 == moduli_ || rest_ == 1; }
  HALFULP_HOST_DEVICE bool begins_only() const { return modulus_ + 1 < moduli_; }
  HALFULP_HOST_DEVICE void next() {
    --rest_;
    if (++modulus_ == moduli_) modulus_ = 0, ++tile_;
  }

 private:
  int tile_, modulus_, moduli_, rest_;
};

}  // namespace halfulp::kernels
