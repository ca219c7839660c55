#pragma once
// Memory of a large set in large pages: its places are read in no order, and with small pages the processor
// waits for the page table as often as for the memory itself. Small vectors stay with the ordinary allocator.

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

namespace kiki::listening::engine {

template <typename T>
struct LargePages {
  using value_type = T;
  static constexpr std::size_t kPage = std::size_t{2} << 20U;

  LargePages() = default;
  template <typename U>
  LargePages(const LargePages<U>&) {}  // NOLINT(google-explicit-constructor): what an allocator must have

  T* allocate(std::size_t count) {
    const auto bytes = count * sizeof(T);
    if (bytes < kPage) return static_cast<T*>(::operator new(bytes, std::align_val_t{alignof(T)}));
    const auto whole = (bytes + kPage - 1) / kPage * kPage;
    void* memory = std::aligned_alloc(kPage, whole);
    if (memory == nullptr) throw std::bad_alloc();
    ::madvise(memory, whole, MADV_HUGEPAGE);  // a wish: where it is refused, all works as before
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < kPage) {
      ::operator delete(memory, std::align_val_t{alignof(T)});
    } else {
      std::free(memory);
    }
  }
  template <typename U>
  friend bool operator==(const LargePages&, const LargePages<U>&) {
    return true;
  }
};

template <typename T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace kiki::listening::engine
