// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A tiny strict XML reader, enough to tell whether a document is well formed and what is in it.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rnnscope::test {

struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  ///< directly inside, references resolved
};

/// Reads one document: elements in the order of their start tags. Throws std::runtime_error where it is not
/// well formed.
class XmlReader {
 public:
  explicit XmlReader(std::string_view document) : in_(document) {
    skip_blanks();
    if (in_.substr(at_).starts_with("<!DOCTYPE html>")) at_ += 15;
    skip_blanks();
    element();
    skip_blanks();
    if (at_ != in_.size()) fail("something follows the root element");
  }

  [[nodiscard]] const std::vector<XmlElement>& elements() const { return elements_; }
  [[nodiscard]] std::vector<XmlElement> named(std::string_view name) const {
    std::vector<XmlElement> found;
    for (const XmlElement& each : elements_) {
      if (each.name == name) found.push_back(each);
    }
    return found;
  }
  /// The texts of all elements of that name.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> found;
    for (const XmlElement& each : named(name)) found.push_back(each.text);
    return found;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("XML, byte " + std::to_string(at_) + ": " + what);
  }
  [[nodiscard]] char peek() const {
    if (at_ >= in_.size()) fail("unexpected end");
    return in_[at_];
  }
  char take() {
    const char c = peek();
    ++at_;
    return c;
  }
  void expect(std::string_view text) {
    if (!in_.substr(at_).starts_with(text)) fail("expected " + std::string(text));
    at_ += text.size();
  }
  void skip_blanks() {
    while (at_ < in_.size() && std::string_view(" \t\r\n").find(in_[at_]) != std::string_view::npos) ++at_;
  }
  [[nodiscard]] std::string name() {
    std::string result;
    const auto part = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
    };
    while (part(peek())) result += take();
    if (result.empty()) fail("expected a name");
    return result;
  }
  [[nodiscard]] std::string reference() {
    static const std::map<std::string, std::string> known{
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"#39", "'"}};
    std::string entity;
    while (peek() != ';' && entity.size() < 6) entity += take();
    expect(";");
    const auto place = known.find(entity);
    if (place == known.end()) fail("unknown reference " + entity);
    return place->second;
  }
  [[nodiscard]] std::string value() {
    expect("\"");
    std::string result;
    for (char c = take(); c != '"'; c = take()) {
      if (c == '<') fail("< in an attribute");
      result += c == '&' ? reference() : std::string(1, c);
    }
    return result;
  }
  void element() {
    expect("<");
    const std::size_t index = elements_.size();
    elements_.push_back({name(), {}, {}});
    while (true) {
      const std::size_t before = at_;
      skip_blanks();
      if (peek() == '>' || peek() == '/') break;
      if (at_ == before) fail("attributes must be apart");
      const std::string attribute = name();
      expect("=");
      if (!elements_[index].attributes.emplace(attribute, value()).second) fail("twice: " + attribute);
    }
    if (take() == '/') {
      expect(">");
      return;
    }
    while (!in_.substr(at_).starts_with("</")) {
      const char c = peek();
      if (c == '<') {
        element();
        continue;
      }
      ++at_;
      if (c == '>') fail("a bare >");
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r')
        fail("a control character");
      elements_[index].text += c == '&' ? reference() : std::string(1, c);
    }
    expect("</" + elements_[index].name + ">");
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::vector<XmlElement> elements_;
};

}  // namespace rnnscope::test
