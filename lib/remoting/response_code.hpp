// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

// The one table, ascending: number, enumerator, RocketMQ's name.
// clang-format off
#define TENON_RESPONSE_CODES(X) \
  X(-1006, rpc_time_out, "RPC_TIME_OUT") \
  X(-1004, rpc_send_to_channel_failed, "RPC_SEND_TO_CHANNEL_FAILED") \
  X(-1002, rpc_addr_is_null, "RPC_ADDR_IS_NULL") \
  X(-1000, rpc_unknown, "RPC_UNKNOWN") \
  X(0, success, "SUCCESS") \
  X(1, system_error, "SYSTEM_ERROR") \
  X(2, system_busy, "SYSTEM_BUSY") \
  X(3, request_code_not_supported, "REQUEST_CODE_NOT_SUPPORTED") \
  X(4, transaction_failed, "TRANSACTION_FAILED") \
  X(10, flush_disk_timeout, "FLUSH_DISK_TIMEOUT") \
  X(11, slave_not_available, "SLAVE_NOT_AVAILABLE") \
  X(12, flush_slave_timeout, "FLUSH_SLAVE_TIMEOUT") \
  X(13, message_illegal, "MESSAGE_ILLEGAL") \
  X(14, service_not_available, "SERVICE_NOT_AVAILABLE") \
  X(15, version_not_supported, "VERSION_NOT_SUPPORTED") \
  X(16, no_permission, "NO_PERMISSION") \
  X(17, topic_not_exist, "TOPIC_NOT_EXIST") \
  X(18, topic_exist_already, "TOPIC_EXIST_ALREADY") \
  X(19, pull_not_found, "PULL_NOT_FOUND") \
  X(20, pull_retry_immediately, "PULL_RETRY_IMMEDIATELY") \
  X(21, pull_offset_moved, "PULL_OFFSET_MOVED") \
  X(22, query_not_found, "QUERY_NOT_FOUND") \
  X(23, subscription_parse_failed, "SUBSCRIPTION_PARSE_FAILED") \
  X(24, subscription_not_exist, "SUBSCRIPTION_NOT_EXIST") \
  X(25, subscription_not_latest, "SUBSCRIPTION_NOT_LATEST") \
  X(26, subscription_group_not_exist, "SUBSCRIPTION_GROUP_NOT_EXIST") \
  X(27, filter_data_not_exist, "FILTER_DATA_NOT_EXIST") \
  X(28, filter_data_not_latest, "FILTER_DATA_NOT_LATEST") \
  X(29, invalid_parameter, "INVALID_PARAMETER") \
  X(200, transaction_should_commit, "TRANSACTION_SHOULD_COMMIT") \
  X(201, transaction_should_rollback, "TRANSACTION_SHOULD_ROLLBACK") \
  X(202, transaction_state_unknow, "TRANSACTION_STATE_UNKNOW") \
  X(203, transaction_state_group_wrong, "TRANSACTION_STATE_GROUP_WRONG") \
  X(204, no_buyer_id, "NO_BUYER_ID") \
  X(205, not_in_current_unit, "NOT_IN_CURRENT_UNIT") \
  X(206, consumer_not_online, "CONSUMER_NOT_ONLINE") \
  X(207, consume_msg_timeout, "CONSUME_MSG_TIMEOUT") \
  X(208, no_message, "NO_MESSAGE") \
  X(209, polling_full, "POLLING_FULL") \
  X(210, polling_timeout, "POLLING_TIMEOUT") \
  X(211, broker_not_exist, "BROKER_NOT_EXIST") \
  X(212, broker_dispatch_not_complete, "BROKER_DISPATCH_NOT_COMPLETE") \
  X(213, broadcast_consumption, "BROADCAST_CONSUMPTION") \
  X(215, flow_control, "FLOW_CONTROL") \
  X(501, not_leader_for_queue, "NOT_LEADER_FOR_QUEUE") \
  X(604, illegal_operation, "ILLEGAL_OPERATION") \
  X(1500, go_away, "GO_AWAY") \
  X(2000, controller_fenced_master_epoch, "CONTROLLER_FENCED_MASTER_EPOCH") \
  X(2001, controller_fenced_sync_state_set_epoch, "CONTROLLER_FENCED_SYNC_STATE_SET_EPOCH") \
  X(2002, controller_invalid_master, "CONTROLLER_INVALID_MASTER") \
  X(2003, controller_invalid_replicas, "CONTROLLER_INVALID_REPLICAS") \
  X(2004, controller_master_not_available, "CONTROLLER_MASTER_NOT_AVAILABLE") \
  X(2005, controller_invalid_request, "CONTROLLER_INVALID_REQUEST") \
  X(2006, controller_broker_not_alive, "CONTROLLER_BROKER_NOT_ALIVE") \
  X(2007, controller_not_leader, "CONTROLLER_NOT_LEADER") \
  X(2008, controller_broker_metadata_not_exist, "CONTROLLER_BROKER_METADATA_NOT_EXIST") \
  X(2009, controller_invalid_clean_broker_metadata, "CONTROLLER_INVALID_CLEAN_BROKER_METADATA") \
  X(2010, controller_broker_need_to_be_registered, "CONTROLLER_BROKER_NEED_TO_BE_REGISTERED") \
  X(2011, controller_master_still_exist, "CONTROLLER_MASTER_STILL_EXIST") \
  X(2012, controller_elect_master_failed, "CONTROLLER_ELECT_MASTER_FAILED") \
  X(2013, controller_alter_sync_state_set_failed, "CONTROLLER_ALTER_SYNC_STATE_SET_FAILED") \
  X(2014, controller_broker_id_invalid, "CONTROLLER_BROKER_ID_INVALID") \
  X(2015, controller_jraft_internal_error, "CONTROLLER_JRAFT_INTERNAL_ERROR") \
  X(2016, controller_broker_live_info_not_exists, "CONTROLLER_BROKER_LIVE_INFO_NOT_EXISTS") \
  X(3001, user_not_exist, "USER_NOT_EXIST") \
  X(3002, policy_not_exist, "POLICY_NOT_EXIST")
// clang-format on

namespace tenon::remoting {

/// How a request ended: names and numbers of RocketMQ's ResponseCode (5.4.0).
enum class ResponseCode : std::int32_t {
#define TENON_ENUMERATOR(number, name, text) name = number,
  TENON_RESPONSE_CODES(TENON_ENUMERATOR)
#undef TENON_ENUMERATOR
};

/// RocketMQ's name, e.g. "TOPIC_NOT_EXIST"; empty for a number that is not in the table.
std::string_view response_code_name(std::int32_t code) noexcept;

}  // namespace tenon::remoting
