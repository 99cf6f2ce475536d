// SPDX-License-Identifier: Apache-2.0
#include "filter/evaluation.hpp"

#include <optional>
#include <vector>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "sql92/compile.hpp"

namespace tenon::cli {
namespace {

struct Question {
  std::string expression;
  PropertyMap properties;
};

Result<Question> read_question(std::string_view line) {
  const auto parsed = fastjson::parse(line, {}, fastjson::References::none);
  if (!parsed) return parsed.error();
  const fastjson::Value* const expression = parsed->find("expr");
  if (expression == nullptr || !expression->is_string()) {
    return Error(Errc::message_illegal, "expected an object with a string \"expr\"");
  }
  Question question{std::string(*expression->as_string()), {}};
  const fastjson::Value* const properties = parsed->find("props");
  if (properties == nullptr) return question;
  if (!properties->is_object()) return Error(Errc::message_illegal, "expected \"props\" to be an object");
  for (const auto& [name, value] : properties->members()) {
    const auto key = name.as_text(), content = value.as_text();
    if (!key || !content) return Error(Errc::message_illegal, "expected the members of \"props\" to be strings");
    question.properties.insert_or_assign(*key, *content);
  }
  return question;
}

std::string to_line(std::string_view result, std::string_view error) {
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("result", result);
  if (!error.empty()) json.member("error", error);
  json.end_object();
  out.push_back('\n');
  return out;
}

}  // namespace

Evaluation evaluate_filter(std::string_view expression, const PropertyMap& properties) {
  const auto program = sql92::compile(expression);
  if (!program) return {"parse-error", program.error().message()};
  std::vector<std::optional<std::string_view>> values;
  for (const std::string_view name : program->property_names()) {
    const auto found = properties.find(name);
    values.push_back(found == properties.end() ? std::nullopt : std::optional<std::string_view>(found->second));
  }
  return {sql92::name_of(program->evaluate(values)), {}};
}

AnsweredLine answer_filter_line(std::string_view line) {
  const Result<Question> question = read_question(line);
  if (!question) return {to_line("bad-input", question.error().message()), false};
  const Evaluation evaluation = evaluate_filter(question->expression, question->properties);
  return {to_line(evaluation.result, evaluation.error), true};
}

}  // namespace tenon::cli
