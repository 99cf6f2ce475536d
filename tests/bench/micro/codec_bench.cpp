// SPDX-License-Identifier: Apache-2.0
// What a header costs. The request is a send of the Java client 5.4.0 with 13 fields and escaped properties, 418 bytes
// as in the house's targets, section 6.5.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "remoting/hot_responses.hpp"
#include "remoting/pull_fields.hpp"
#include "remoting/send_fields.hpp"

namespace {

using namespace tenon::remoting;

constexpr std::string_view kSend =
    R"({"code":310,"extFields":{"a":"wire_producer_J540","b":"WireProducer_J540","c":"TBW102","d":"4","e":"3","f":"0",)"
    R"("g":"1795264120926","h":"0","i":"KEYS\u0001key0\u0002UNIQ_KEY\u00017F00000143AD4E0E2F2A69ACA05D0000\u0002)"
    R"(WAIT\u0001true\u0002TAGS\u0001TagA-of-sixteen1\u0002","j":"0","k":"false","m":"false","n":"broker-a-of-cluster"},"flag":0,)"
    R"("language":"JAVA","opaque":50000,"serializeTypeCurrentRPC":"JSON","version":493})";

FrameView json_frame() {
  return {HeaderType::json, std::as_bytes(std::span(kSend.data(), kSend.size())), {}, 8 + kSend.size()};
}

/// The same command with a binary header.
OutputBuffer binary_frame() {
  Command command;
  command.decode(json_frame()).value();
  OutputBuffer out;
  CommandWriter writer(out, request_start(HeaderType::binary, RequestCode::send_message_v2, command.opaque));
  writer.fields(command.fields).finish();
  return out;
}

void decode_json_header_of_a_send(benchmark::State& state) {
  Command command;
  const FrameView frame = json_frame();
  for (auto _ : state) {
    if (command.decode(frame).has_error()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(command);
  }
  state.counters["header_bytes"] = static_cast<double>(kSend.size());
}
BENCHMARK(decode_json_header_of_a_send);

void decode_binary_header_of_a_send(benchmark::State& state) {
  Command command;
  const OutputBuffer out = binary_frame();
  const FrameView frame = *next_frame(out.bytes()).value();
  for (auto _ : state) {
    if (command.decode(frame).has_error()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(command);
  }
  state.counters["header_bytes"] = static_cast<double>(frame.header.size());
}
BENCHMARK(decode_binary_header_of_a_send);

void split_off_a_frame(benchmark::State& state) {
  const OutputBuffer out = binary_frame();
  for (auto _ : state) benchmark::DoNotOptimize(next_frame(out.bytes()));
}
BENCHMARK(split_off_a_frame);

void read_the_fields_of_a_send(benchmark::State& state) {
  Command command;
  command.decode(json_frame()).value();
  for (auto _ : state) benchmark::DoNotOptimize(decode_send_fields(command));
}
BENCHMARK(read_the_fields_of_a_send);

void read_the_fields_of_a_pull(benchmark::State& state) {
  PullFields sample;
  sample.consumer_group = "group";
  sample.topic = "TopicTest";
  sample.queue_offset = 1234567;
  sample.max_msg_nums = 32;
  sample.sys_flag = 6;
  sample.suspend_timeout_ms = 15000;
  sample.subscription = "*";
  OutputBuffer out;
  CommandWriter writer(out, request_start(HeaderType::json, RequestCode::pull_message, 1));
  write_pull_fields(writer, sample);
  writer.finish();
  Command command;
  command.decode(*next_frame(out.bytes()).value()).value();
  for (auto _ : state) benchmark::DoNotOptimize(decode_pull_fields(command));
}
BENCHMARK(read_the_fields_of_a_pull);

void answer_a_send(benchmark::State& state) {
  OutputBuffer out;
  SendResponse response;
  response.opaque = 50000;
  response.msg_id = "7F00000100004EF2000000000000202A";
  response.queue_id = 3;
  response.queue_offset = 1234567;
  response.transaction_id = "7F00000147F64E0E2F2A69AD1EC60000";
  for (auto _ : state) {
    out.clear();
    write_send_response(out, static_cast<HeaderType>(state.range(0)), response);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(answer_a_send)->Arg(0)->Arg(1)->ArgName("binary");

void answer_a_pull(benchmark::State& state) {
  OutputBuffer out;
  PullResponse response;
  response.opaque = 50000;
  response.remark = "FOUND";
  response.next_begin_offset = 1234599;
  response.max_offset = 2345678;
  for (auto _ : state) {
    out.clear();
    write_pull_response(out, static_cast<HeaderType>(state.range(0)), response, 4096);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(answer_a_pull)->Arg(0)->Arg(1)->ArgName("binary");

void write_a_send_request(benchmark::State& state) {
  Command command;
  command.decode(json_frame()).value();
  const SendFields fields = decode_send_fields(command).value();
  OutputBuffer out;
  for (auto _ : state) {
    out.clear();
    CommandWriter writer(out,
                         request_start(static_cast<HeaderType>(state.range(0)), RequestCode::send_message_v2, 50000));
    write_send_fields(writer, fields);
    writer.finish();
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_a_send_request)->Arg(0)->Arg(1)->ArgName("binary");

}  // namespace

BENCHMARK_MAIN();
