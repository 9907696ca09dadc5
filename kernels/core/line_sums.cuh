// The sums of tiles of whole lines, on binary64 tensor cores.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/line_rounding.cuh>
#include <halfulp/kernels/core/tensor_core.cuh>

namespace halfulp::kernels::cuda {

/// A warp has some rows of one line's 56 columns: with g = lane / 4 and t = lane % 4, a lane reads columns 7 g to 7 g + 6 of
/// channels t and t + 4, nine words that serve three taps. What is multiplied next is read before what is multiplied now, in an
/// order that leaves registers time to be read before they are written: a product is begun every 32 cycles.
class line_sums {
 public:
  __device__ line_sums(const window_product<float>& p, const line_plan& plan, unsigned no_bits, line_memory& memory,
                       const left_sums& left)
      : p_(p),
        plan_(plan),
        memory_(memory),
        left_(left),
        no_bits_(no_bits),
        thread_(static_cast<int>(threadIdx.x) % line_tile::threads),
        image_at_(shared_address(memory.image) +
                  4 * static_cast<unsigned>(
                          line_plan::image_at(line_rounding::line_of(thread_), t(), plan.word_of(slots * g(), 0)))),
        factor_at_(shared_address(memory.factor) +
                   8 * static_cast<unsigned>(line_plan::factor_at(0, line_rounding::first_row_of(thread_), 0)) +
                   16 * static_cast<unsigned>(thread_ % lanes)) {}

  __device__ void round_all(const line_share& share) {
    if (share.first >= share.tiles) return;
    begin();
    for (int tile = share.first; tile < share.tiles; tile += share.step) {
      clear();
#pragma unroll 1
      for (int slab = 0; slab < plan_.slabs; ++slab) {
        last_ = slab == plan_.slabs - 1 && tile + share.step >= share.tiles;
        if (slab != 0) note_largest();
        add_step<0>();
        add_step<1>();
        add_step<2>();
      }
      wait_barrier(&memory_.norm_full[norms_.stage], norms_.phase);
      asm volatile("" : "+r"(thread_));  // else what rounding makes of it takes registers all the time
      line_rounding(p_, plan_, memory_, left_, thread_, norms_.stage).round(plan_.tile_at(tile), sum_);
      arrive_barrier(&memory_.norm_empty[norms_.stage]);
      norms_.advance();
    }
  }

 private:
  static constexpr int slots = line_rounding::slots, blocks = line_rounding::blocks,
                       words = slots + line_plan::taps - 1;

  __device__ int g() const {
    return thread_ % lanes / 4;
  }
  __device__ int t() const {
    return thread_ % 4;
  }

  /// Reads the word of both channels; `step`: of a slab. In order: else more registers are taken than there are.
  __device__ void read_word(int step, int word) {
    const unsigned at = image_at_ + static_cast<unsigned>(images_.stage) * sizeof memory_.image[0];
#pragma unroll
    for (int k = 0; k < 2; ++k)
      asm volatile("ld.shared.u32 %0, [%1];"
                   : "=r"(word_[k][word])
                   : "r"(at + 4 * static_cast<unsigned>(line_plan::image_at(step, 4 * k, word))));
  }
  __device__ void widen_word(int word) {
#pragma unroll
    for (int k = 0; k < 2; ++k) image_[k][word] = lowered_in_order(word_[k][word]);
  }
  __device__ static double lowered_in_order(std::uint32_t bits) {
    std::uint32_t high, low;
    asm volatile("{\n .reg .b32 t;\n shr.s32 t, %2, 3;\n and.b32 %0, t, 0x8fffffff;\n shl.b32 %1, %2, 29;\n}"
                 : "=r"(high), "=r"(low)
                 : "r"(bits));
    return __hiloint2double(static_cast<int>(high), static_cast<int>(low));
  }
  __device__ void read_factors(int tap) {
    const unsigned at = factor_at_ + static_cast<unsigned>(factors_.stage) * sizeof memory_.factor[0];
#pragma unroll
    for (int r = 0; r < blocks; ++r)
#pragma unroll
      for (int k = 0; k < 4; k += 2)
        asm volatile("ld.shared.v2.f64 {%0, %1}, [%2];"
                     : "=d"(factor_[tap][r][k]), "=d"(factor_[tap][r][k + 1])
                     : "r"(at + 8 * static_cast<unsigned>(line_plan::factor_at(tap, 16 * r, 2 * k))));
  }
  /// What the products of the first step need of it.
  __device__ void begin() {
    wait_barrier(&memory_.image_full[0], 0);
#pragma unroll
    for (int e = 0; e < words; ++e) read_word(0, e);
#pragma unroll
    for (int e = 0; e < slots; ++e) widen_word(e);
    wait_barrier(&memory_.factor_full[0], 0);
    read_factors(0);
  }

  __device__ static std::uint32_t bits_of(double x) {
    return static_cast<std::uint32_t>(__double2hiint(x));
  }

  template <int Step>
  __device__ void add_step() {
    add_tap<Step, 0>();
    add_tap<Step, 1>();
    add_tap<Step, 2>();
  }
  template <int Step, int Tap>
  __device__ void add_tap() {
    add_slot<Step, Tap, 0>();
    add_slot<Step, Tap, 1>();
    add_slot<Step, Tap, 2>();
    add_slot<Step, Tap, 3>();
    add_slot<Step, Tap, 4>();
    add_slot<Step, Tap, 5>();
    add_slot<Step, Tap, 6>();
  }
  template <int Step, int Tap, int Slot>
  __device__ void add_slot() {
#pragma unroll
    for (int r = 0; r < blocks; ++r) {
      const double b[2] = {image_[0][Slot + Tap], image_[1][Slot + Tap]};
      multiply_add_in_order(sum_[r][Slot], factor_[Tap][r], b);
    }
    if constexpr (Tap == 0) after_first_tap<Step, Slot>();
    if constexpr (Tap == 1) after_second_tap<Step, Slot>();
    if constexpr (Tap == 2) after_third_tap<Step, Slot>();
  }
  /// The two last words of this step, whose registers the third tap of the one before read until now.
  template <int Step, int Slot>
  __device__ void after_first_tap() {
    if constexpr (Slot == 1 || Slot == 2) widen_word(slots + Slot - 1);
    if constexpr (Slot == 3 && Step == 2) {
      arrive_after(&memory_.image_empty[images_.stage], bits_of(image_[0][words - 1]) | bits_of(image_[1][words - 1]),
                   no_bits_);
      images_.advance();
    }
    if constexpr (Slot == 4) read_factors(1);
  }
  /// The first words of the next step.
  template <int Step, int Slot>
  __device__ void after_second_tap() {
    if constexpr (Slot == 3 && Step == 2)
      if (!last_) wait_barrier(&memory_.image_full[images_.stage], images_.phase);
    if constexpr (Slot == 4) read_factors(2);
    if constexpr (Slot == 6) {
      read_word((Step + 1) % line_plan::steps_of_slab, 0);
      read_word((Step + 1) % line_plan::steps_of_slab, 1);
    }
  }
  /// Factors of the next step, and its words, which take the place of those that are not multiplied any more.
  template <int Step, int Slot>
  __device__ void after_third_tap() {
    if constexpr (Slot == 1) {
      std::uint32_t last = 0;
#pragma unroll
      for (int r = 0; r < blocks; ++r) last |= bits_of(factor_[2][r][1]) | bits_of(factor_[2][r][3]);
      arrive_after(&memory_.factor_empty[factors_.stage], last, no_bits_);
      factors_.advance();
    }
    if constexpr (Slot == 3)
      if (!(Step == 2 && last_)) wait_barrier(&memory_.factor_full[factors_.stage], factors_.phase);
    if constexpr (Slot == 4) read_factors(0);
    read_word((Step + 1) % line_plan::steps_of_slab, Slot + 2);
    widen_word(Slot);
  }

  __device__ void clear() {
#pragma unroll
    for (auto& block : sum_)
      for (auto& slot : block)
        for (double& s : slot) s = 0;
    memory_.reach[thread_] = 0;
  }
  /// As tile_product::largest_sum.
  __device__ void note_largest() {
    float upper[4] = {};
#pragma unroll
    for (int r = 0; r < blocks; ++r)
#pragma unroll
      for (int s = 0; s < slots; ++s)
#pragma unroll
        for (int e = 0; e < 4; ++e) upper[e] = fmaxf(upper[e], fabsf(__int_as_float(__double2hiint(sum_[r][s][e]))));
    const float all = fmaxf(fmaxf(upper[0], upper[1]), fmaxf(upper[2], upper[3]));
    volatile double* const reach = &memory_.reach[thread_];
    *reach = *reach + __hiloint2double(__float_as_int(all) + 1, 0);
  }

  const window_product<float>& p_;
  const line_plan& plan_;
  line_memory& memory_;
  const left_sums& left_;
  unsigned no_bits_;
  int thread_;
  unsigned image_at_, factor_at_;
  bool last_ = false;  // no slab follows this one
  stage_ring<line_tile::image_stages> images_;
  stage_ring<line_tile::factor_stages> factors_;
  stage_ring<line_tile::norm_stages> norms_;
  double sum_[blocks][slots][4], factor_[line_plan::taps][blocks][4], image_[2][words];
  std::uint32_t word_[2][words];
};

}  // namespace halfulp::kernels::cuda
