// The table of contents of the API.

#include "api/all_routes.hpp"

#include "api/router.hpp"
#include "api/services.hpp"

namespace kiki::api {

void add_all_routes(Router& router, Services& services) {
  add_health_routes(router, services);
  add_openapi_routes(router, services);
  // people who work here
  add_session_routes(router, services);
  add_me_routes(router, services);
  add_workspace_routes(router, services);
  add_member_routes(router, services);
  add_invitation_routes(router, services);
  add_token_routes(router, services);
  // the desk
  add_cases_routes(router, services);
  add_order_routes(router, services);
  add_triage_routes(router, services);
  add_team_routes(router, services);
  add_act_routes(router, services);
  add_people_routes(router, services);
  add_person_card_routes(router, services);
  add_promise_routes(router, services);
  add_topics_routes(router, services);
  add_topic_builder_routes(router, services);
  add_topic_report_routes(router, services);
  add_notice_routes(router, services);
  add_search_routes(router, services);
  add_journal_routes(router, services);
  add_attachments_routes(router, services);
  // in and out
  add_account_routes(router, services);
  add_sign_in_routes(router, services);
  add_compose_routes(router, services);
  add_hook_routes(router, services);
  add_file_routes(router, services);
  add_connection_routes(router, services);
  add_reply_routes(router, services);
  add_approval_routes(router, services);
  add_reply_rule_routes(router, services);
  add_saved_reply_routes(router, services);
  add_reward_routes(router, services);
  add_reply_kit_routes(router, services);
  add_open_routes(router, services);
  add_chat_routes(router, services);
  add_chat_settings_routes(router, services);
  add_reach_routes(router, services);
  add_sample_routes(router, services);
  // live
  add_live_routes(router, services);
}

}  // namespace kiki::api
