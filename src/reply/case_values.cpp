#include "reply/case_values.hpp"

#include <algorithm>

#include "reply/saved/template.hpp"

namespace kiki::reply {

Result<std::vector<saved::Asset>> read_assets(store::Connection& db, Id workspace_id) {
  return db.all(
      "SELECT id, asset_key, name, kind, variants, attachment_id, version, updated_at FROM reply_assets "
      "WHERE workspace_id = $1 ORDER BY name, id",
      {workspace_id}, [](const store::Row& row) {
        saved::Asset asset;
        asset.id = row.integer(0);
        asset.key = row.string(1);
        asset.name = row.string(2);
        asset.kind = row.string(3);
        asset.variants = saved::parse_variants(row.text(4));
        asset.attachment_id = row.integer(5);
        asset.version = row.integer(6);
        asset.updated_at = row.integer(7);
        return asset;
      });
}

Result<CaseValues> read_values(store::Connection& db, const ValuesOf& of) {
  struct Read {
    Id case_id = 0;
    CaseValues values;
  };
  auto read = TRY(db.one(
      "SELECT p.case_id, i.person_id, i.id, i.name, i.handle, k.number, p.language, p.text, c.visibility, "
      "w.name, w.language FROM posts p "
      "JOIN conversations c ON c.workspace_id = p.workspace_id AND c.id = p.conversation_id "
      "JOIN cases k ON k.workspace_id = p.workspace_id AND k.id = p.case_id "
      "JOIN workspaces w ON w.id = p.workspace_id "
      "LEFT JOIN identities i ON i.workspace_id = p.workspace_id AND i.id = COALESCE(p.identity_id, "
      "k.identity_id) "
      "WHERE p.workspace_id = $1 AND p.id = $2",
      {of.workspace_id, of.target_post_id}, [](const store::Row& row) {
        Read found;
        found.case_id = row.integer(0);
        auto& values = found.values;
        values.person_id = row.integer(1);
        values.identity_id = row.integer(2);
        values.customer_name = row.string(3);
        values.customer_handle = row.string(4);
        values.case_number = row.integer(5);
        values.language = row.string(6);
        values.post_text = row.string(7);
        values.visibility = row.string(8);
        values.brand_name = row.string(9);
        values.workspace_language = row.string(10);
        return found;
      }));
  if (!read) return not_found("There is no such post.");
  if (read->case_id != of.case_id) return invalid("The post belongs to another case.", "/target_post_id");
  auto values = std::move(read->values);
  TRY(db.one("SELECT name, initials FROM users WHERE id = $1", {of.user_id}, [&](const store::Row& row) {
    values.agent_name = row.string(0);
    values.agent_initials = row.string(1);
    return true;
  }));
  TRY(db.one("SELECT name, handle FROM accounts WHERE workspace_id = $1 AND id = $2",
             {of.workspace_id, of.account_id}, [&](const store::Row& row) {
               values.account_name = row.text(0).empty() ? row.string(1) : row.string(0);
               return true;
             }));
  for (auto& asset : TRY(read_assets(db, of.workspace_id))) {
    auto key = asset.key;
    values.assets.emplace(std::move(key), std::move(asset));
  }
  return values;
}

FilledReply fill(const saved::Variant& variant, const CaseValues& values) {
  FilledReply reply;
  const auto language = variant.language.empty() ? values.language : variant.language;
  auto filled = saved::fill(variant.text, [&](std::string_view name) -> std::optional<std::string> {
    if (name == "customer.name") return values.customer_name;
    if (name == "customer.handle") return values.customer_handle;
    if (name == "case.number") return std::to_string(values.case_number);
    if (name == "agent.name") return values.agent_name;
    if (name == "agent.initials") return values.agent_initials;
    if (name == "brand.name") return values.brand_name;
    if (name == "account.name") return values.account_name;
    if (const auto key = saved::key_of(name, "asset")) {
      const auto asset = values.assets.find(*key);
      if (asset == values.assets.end()) return std::nullopt;
      if (asset->second.kind != "image")
        return saved::choose(asset->second.variants, language, values.workspace_language).text;
      const auto id = asset->second.attachment_id;
      if (std::find(reply.attachment_ids.begin(), reply.attachment_ids.end(), id) ==
          reply.attachment_ids.end())
        reply.attachment_ids.push_back(id);
      return std::string(saved::kNothing);
    }
    return std::nullopt;
  });
  reply.text = std::move(filled.text);
  reply.missing = std::move(filled.missing);
  reply.language = variant.language;
  return reply;
}

}  // namespace kiki::reply
