// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The vocabulary of the grammar corpus about its own sentences: kinds, forms, pronouns, and what verbs take.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rnnscope/core/types.hpp"
#include "rnnscope/text/grammar_lexicon.hpp"

namespace rnnscope::detail {

enum class Tense { Past, Present };
enum class Agreement { First, Third, Plural };  ///< "I am", "she is", "you/we/they are"
enum class Role { Subject, Object };
enum class Kind { Human, Animal, Thing, Place, Idea, Food };
enum class VerbForm { Base, Present, Third, Past, Gerund, Participle };
enum class Frame {
  Go,
  Stay,
  Behave,
  Happen,
  Meet,
  Handle,
  Consume,
  Ponder,
  Give,
  Claim,
  Intend,
  Copula,
  Passive
};
enum class Where { Nowhere, Path, Place, Spot };

struct Pronoun {
  std::string_view subject, object, possessive;
  Agreement agreement;
};
inline constexpr Pronoun pronouns[] = {
    {"he", "him", "his", Agreement::Third},       {"she", "her", "her", Agreement::Third},
    {"they", "them", "their", Agreement::Plural}, {"I", "me", "my", Agreement::First},
    {"we", "us", "our", Agreement::Plural},       {"you", "you", "your", Agreement::Plural},
    {"it", "it", "its", Agreement::Third},
};
/// Places in `pronouns`.
namespace pronoun {
inline constexpr std::size_t he = 0, she = 1, they = 2, i = 3, we = 4, you = 5, it = 6;
}

/// A noun phrase as its verb sees it.
struct Subject {
  Agreement agreement = Agreement::Third;
  Kind kind = Kind::Human;
  std::size_t pronoun = pronoun::it;
};

/// A named person of a scene.
struct Character {
  std::string_view title, name;  ///< the title may be empty
  std::size_t pronoun = pronoun::he;
  bool mentioned = false;  ///< by name in this sentence
};

/// A word of the sentence that is being written.
struct Word {
  std::string form;
  std::string_view tag;
  bool joined;  ///< no blank before it
};

/// How most verbs are completed: object, adverb before the verb (with an object) or behind it, place,
/// companion, time.
struct FrameRule {
  std::span<const lexicon::Verb> verbs;
  bool has_object;
  Kind object;
  std::span<const std::string_view> adverbs;
  Where where;
  Index adverb_percent, where_percent, companion_percent, time_percent;
};
inline constexpr FrameRule frame_rules[] = {
    {lexicon::go, false, {}, lexicon::manner, Where::Path, 12, 100, 10, 14},
    {lexicon::stay, false, {}, lexicon::manner, Where::Place, 12, 100, 10, 14},
    {lexicon::behave, false, {}, lexicon::manner, Where::Place, 45, 14, 12, 14},
    {lexicon::happen, false, {}, lexicon::events, Where::Place, 30, 12, 0, 20},
    {lexicon::meet, true, Kind::Human, lexicon::manner, Where::Place, 6, 18, 0, 12},
    {lexicon::handle, true, Kind::Thing, lexicon::manner, Where::Spot, 10, 22, 8, 8},
    {lexicon::consume, true, Kind::Food, lexicon::manner, Where::Place, 5, 10, 10, 12},
    {lexicon::ponder, true, Kind::Idea, lexicon::manner, Where::Nowhere, 6, 0, 0, 8},
};

}  // namespace rnnscope::detail
