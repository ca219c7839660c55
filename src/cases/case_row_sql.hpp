#pragma once
// The columns of a CaseRow, for the files here that select them.

#include <string>
#include <vector>

#include "cases/case_row.hpp"

namespace kiki::cases {

extern const std::string kRowFields;
extern const std::string kRowTables;  // " FROM cases c LEFT JOIN identities i … "
CaseRow read_case_row(const store::Row& row);
// Tags and topics.
Result<void> load_labels(store::Connection& db, Id workspace_id, std::vector<CaseRow>& rows);

}  // namespace kiki::cases
