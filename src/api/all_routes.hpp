#pragma once
// The whole table, one line per route file. The access test and the OpenAPI test walk what this adds.

namespace kiki::api {
class Router;
struct Services;

void add_all_routes(Router& router, Services& services);

// Each in <name>_routes.cpp.
void add_health_routes(Router& router, Services& services);
void add_session_routes(Router& router, Services& services);
void add_me_routes(Router& router, Services& services);
void add_workspace_routes(Router& router, Services& services);
void add_member_routes(Router& router, Services& services);
void add_invitation_routes(Router& router, Services& services);
void add_token_routes(Router& router, Services& services);
void add_live_routes(Router& router, Services& services);
void add_cases_routes(Router& router, Services& services);
void add_order_routes(Router& router, Services& services);
void add_triage_routes(Router& router, Services& services);
void add_people_routes(Router& router, Services& services);
void add_person_card_routes(Router& router, Services& services);
void add_promise_routes(Router& router, Services& services);
void add_topics_routes(Router& router, Services& services);
void add_topic_builder_routes(Router& router, Services& services);
void add_topic_report_routes(Router& router, Services& services);
void add_search_routes(Router& router, Services& services);
void add_journal_routes(Router& router, Services& services);
void add_attachments_routes(Router& router, Services& services);
void add_account_routes(Router& router, Services& services);
void add_file_routes(Router& router, Services& services);
void add_sign_in_routes(Router& router, Services& services);
void add_compose_routes(Router& router, Services& services);
void add_hook_routes(Router& router, Services& services);
void add_connection_routes(Router& router, Services& services);
void add_approval_routes(Router& router, Services& services);
void add_reply_rule_routes(Router& router, Services& services);
void add_saved_reply_routes(Router& router, Services& services);
void add_reward_routes(Router& router, Services& services);
void add_reply_kit_routes(Router& router, Services& services);
void add_reply_routes(Router& router, Services& services);
void add_open_routes(Router& router, Services& services);
void add_chat_routes(Router& router, Services& services);
void add_chat_settings_routes(Router& router, Services& services);
void add_reach_routes(Router& router, Services& services);
void add_sample_routes(Router& router, Services& services);
void add_team_routes(Router& router, Services& services);
void add_act_routes(Router& router, Services& services);
void add_notice_routes(Router& router, Services& services);
void add_openapi_routes(Router& router, Services& services);

}  // namespace kiki::api
