#pragma once
// Personal data in a text: what must not stand in a public answer. Japanese and English, in any width
// (０９０ is 090). Numbers that carry a check digit (My Number, cards, IBAN) count only when it is right;
// numbers that look like nothing by themselves (bank accounts, local telephone numbers) only beside a word
// that says what they are. Numbers inside of links are no telephone numbers, 0120, 0800 and 0570 are
// companies, and @name@server is a handle.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "text/normalize.hpp"

namespace kiki::text {

enum class PersonalDataKind : std::uint8_t {
  kCardNumber,   // Luhn
  kNationalId,   // My Number with its check digit; United States social security number
  kBankAccount,  // IBAN; account numbers beside 口座番号, 普通, 記号, "account number" …
  kEmail,
  kPhone,
  kPostalAddress,  // 〒, prefecture … 丁目, "12 High Street"
  kOrderNumber,    // by the brand's own patterns
};
std::string_view name(PersonalDataKind kind);  // "card_number"

struct PersonalData {
  PersonalDataKind kind = PersonalDataKind::kPhone;
  ByteRange range;  // of the original text
  friend bool operator==(const PersonalData&, const PersonalData&) = default;
};

inline constexpr std::size_t kOrderPatternsLimit = 20;
inline constexpr std::size_t kOrderPatternLimitBytes = 200;

// A brand's own patterns (RE2 syntax, without regard to case and width). Immutable, any thread.
class OrderNumbers {
 public:
  OrderNumbers();
  // kInvalid with the place ("/2") for what is no pattern, is too long, or matches the empty text.
  static Result<OrderNumbers> compile(const std::vector<std::string>& patterns);
  OrderNumbers(OrderNumbers&&) noexcept;
  OrderNumbers& operator=(OrderNumbers&&) noexcept;
  ~OrderNumbers();

 private:
  friend std::vector<PersonalData> find_personal_data(std::string_view, const OrderNumbers&);
  struct Patterns;
  std::unique_ptr<Patterns> patterns_;
};

// In the order of the text, none over another.
std::vector<PersonalData> find_personal_data(std::string_view text, const OrderNumbers& own = {});

// The check digits by themselves; `digits` are ASCII digits only.
bool is_luhn(std::string_view digits);
bool is_my_number(std::string_view digits);  // 12 digits

}  // namespace kiki::text
