// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Noun phrases, verbs and their complements: the lower half of the grammar corpus.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/random.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/text/grammar_frames.hpp"
#include "rnnscope/text/grammar_lexicon.hpp"

namespace rnnscope::detail {

/// Writes phrases word by word into a sentence. Every random draw is a statement of its own (or the only one
/// in its expression), so the order of draws, hence the text, is the same with every compiler.
class PhraseWriter {
 protected:
  explicit PhraseWriter(std::uint64_t seed) : random_(seed) {}

  // Chance.

  bool chance(Index percent) { return random_.below(100) < percent; }

  /// Index k with probability `weights[k] / sum`.
  std::size_t choose(std::initializer_list<Index> weights) {
    Index total = 0;
    for (const Index w : weights) total += w;
    Index draw = random_.below(total);
    std::size_t k = 0;
    for (const Index* w = weights.begin(); draw >= *w; ++w, ++k) draw -= *w;
    return k;
  }

  /// An entry of a table; the first ones are the most frequent.
  template <class T>
  const T& pick_from(std::span<const T> table) {
    const Index one = random_.below(static_cast<Index>(table.size()));
    const Index other = random_.below(static_cast<Index>(table.size()));
    return table[static_cast<std::size_t>(std::min(one, other))];
  }
  template <class T, std::size_t N>
  const T& pick(const T (&table)[N]) {
    return pick_from(std::span<const T>(table));
  }

  // Words.

  void add(std::string_view form, std::string_view tag, bool joined) {
    std::string word(form);
    if (capital_ && word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 'a' + 'A');
    capital_ = false;
    if (!sentence_.empty() && begins_with_vowel(form)) {
      std::string& article = sentence_.back().form;
      if (article == "a" || article == "A") article += 'n';
    }
    sentence_.push_back({std::move(word), tag, joined || joins_next_});
    joins_next_ = false;
  }
  void put(std::string_view word, std::string_view tag) { add(word, tag, false); }
  void join(std::string_view word, std::string_view tag) { add(word, tag, true); }

  [[nodiscard]] static bool begins_with_vowel(std::string_view word) {
    if (word == "honest" || word == "hour" || word == "heir") return true;
    return word != "useful" && std::string_view("aeiouAEIOU").find(word[0]) != std::string_view::npos;
  }

  // Noun phrases.

  Subject human(Role role) {
    const std::size_t kind = choose({first_mention_ ? 0 : 34, 26, 12, 34, 4});
    if (kind == 0) return some_pronoun(role);
    if (kind == 1) return character(cast_[static_cast<std::size_t>(random_.below(2))], role);
    if (kind == 3) return common(Kind::Human, role);
    if (kind == 2) {
      owner(role);
      const bool first_half = chance(50);
      const lexicon::Couple& relative = pick(lexicon::relatives);
      put(first_half ? relative.he : relative.she, "NN");
      return {Agreement::Third, Kind::Human, first_half ? pronoun::he : pronoun::she};
    }
    if (cast_[0].mentioned || cast_[1].mentioned) return common(Kind::Human, role);
    name(cast_[0]);
    put("and", "CC");
    name(cast_[1]);
    return {Agreement::Plural, Kind::Human, pronoun::they};
  }

  /// A pronoun for a person; as object never the subject's own ("I saw me").
  Subject some_pronoun(Role role) {
    std::size_t k = speaking_ ? choose({13, 13, 8, 34, 10, 22}) : choose({40, 40, 20});
    const auto speaker = [](std::size_t p) { return p == pronoun::i || p == pronoun::we; };
    const bool same = k == subject_.pronoun || (speaker(k) && speaker(subject_.pronoun));
    if (role == Role::Object && same && k >= pronoun::i) k = chance(50) ? pronoun::he : pronoun::she;
    return put_pronoun(k, role);
  }
  Subject put_pronoun(std::size_t k, Role role) {
    put(role == Role::Subject ? pronouns[k].subject : pronouns[k].object, "PRP");
    return {pronouns[k].agreement, Kind::Human, k};
  }

  /// By name once in a sentence, then by pronoun.
  Subject character(Character& who, Role role) {
    if (who.mentioned) return put_pronoun(who.pronoun, role);
    name(who);
    return {Agreement::Third, Kind::Human, who.pronoun};
  }
  void name(Character& who) {
    const bool titled = !who.title.empty() && chance(50);
    if (titled) put(who.title, "NNP");
    put(who.name, "NNP");
    who.mentioned = true;
    first_mention_ = false;
  }

  /// "her", "the farmer's": who has what follows.
  void owner(Role role) {
    const std::size_t whose = choose({first_mention_ ? 0 : 45, 30, 25});
    if (whose == 0) {
      const std::size_t someone = speaking_ ? pronoun::i : static_cast<std::size_t>(random_.below(3));
      const bool own = role == Role::Object && subject_.kind == Kind::Human;
      return put(pronouns[own ? subject_.pronoun : someone].possessive, "PRP$");
    }
    if (whose == 1) {
      Character& who = cast_[static_cast<std::size_t>(random_.below(2))];
      if (who.mentioned) return put(pronouns[who.pronoun].possessive, "PRP$");
      name(who);
    } else {
      put("the", "DT");
      put(pick(lexicon::people).singular, "NN");
    }
    join("'s", "POS");
  }

  const lexicon::Noun& noun(Kind kind) {
    static constexpr std::span<const lexicon::Noun> tables[] = {
        lexicon::people, lexicon::animals, lexicon::things, lexicon::places, lexicon::ideas, lexicon::foods};
    return pick_from(tables[static_cast<std::size_t>(kind)]);
  }
  void adjective(Kind kind) {
    static constexpr std::span<const std::string_view> tables[] = {
        lexicon::person_adjectives, lexicon::animal_adjectives, lexicon::thing_adjectives,
        lexicon::place_adjectives,  lexicon::idea_adjectives,   lexicon::food_adjectives};
    const bool special = kind == Kind::Food || chance(65);
    put(special ? pick_from(tables[static_cast<std::size_t>(kind)]) : pick(lexicon::common_adjectives), "JJ");
  }
  void adjectives(Kind kind) {
    if (!chance(kind == Kind::Food ? 12 : 32)) return;
    if (chance(9)) put("very", "RB");
    adjective(kind);
  }

  void determiner(bool plural, bool mass, Role role) {
    struct Tagged {
      std::string_view word, tag;
    };
    static constexpr Tagged of_many[] = {{"the", "DT"}, {"these", "DT"}, {"some", "DT"}, {"many", "JJ"}};
    static constexpr Tagged of_one[] = {{"the", "DT"},  {"some", "DT"}, {"that", "DT"},
                                        {"this", "DT"}, {"a", "DT"},    {"every", "DT"}};
    if (chance(9)) return owner(role);
    if (plural && chance(24)) return put(pick(lexicon::numbers), "CD");
    const Tagged& word = plural ? of_many[choose({58, 14, 14, 14})]
                                : of_one[choose({52, mass ? 14 : 0, 5, 4, mass ? 0 : 34, mass ? 0 : 3})];
    put(word.word, word.tag);
  }

  /// Determiner, adjectives, noun, and what hangs on it.
  Subject common(Kind kind, Role role) {
    const lexicon::Noun& word = noun(kind);
    const bool mass = word.plural.empty();
    const bool plural = !mass && chance(kind == Kind::Place ? 8 : 22);
    determiner(plural, mass, role);
    adjectives(kind);
    put(plural ? word.plural : word.singular, plural ? "NNS" : "NN");
    Subject result{plural ? Agreement::Plural : Agreement::Third, kind, plural ? pronoun::they : pronoun::it};
    if (kind == Kind::Human && !plural) result.pronoun = chance(50) ? pronoun::he : pronoun::she;
    if (kind == Kind::Thing && chance(4)) {
      put("of", "IN");
      put("the", "DT");
      adjectives(Kind::Human);
      put(pick(lexicon::people).singular, "NN");
    } else if (kind == Kind::Human && chance(5)) {
      put("from", "IN");
      put(pick(lexicon::cities), "NNP");
    } else if (depth_ < 2 && chance(role == Role::Subject ? 6 : 9)) {
      relative(result);
    }
    return result;
  }

  /// "who waited", "that she had lost", "where they lived".
  void relative(const Subject& head) {
    ++depth_;
    const Subject outer = subject_;
    const bool as_object = chance(50);
    const bool human_head = head.kind == Kind::Human;
    if (head.kind == Kind::Place) {
      put("where", "WRB");
      gap_clause(Frame::Stay);
    } else if (as_object && head.kind != Kind::Animal) {
      const bool plain = chance(65);
      put(plain ? "that" : human_head ? "whom" : "which", human_head && !plain ? "WP" : "WDT");
      gap_clause(human_head                 ? Frame::Meet
                 : head.kind == Kind::Thing ? Frame::Handle
                 : head.kind == Kind::Food  ? Frame::Consume
                                            : Frame::Ponder);
    } else {
      put(human_head ? "who" : "that", human_head ? "WP" : "WDT");
      predicate(head);
    }
    subject_ = outer;
    --depth_;
  }

  /// A clause whose object is missing, because it stands before.
  void gap_clause(Frame frame) {
    subject_ = {};
    const bool short_subject = !first_mention_ && chance(70);
    subject_ = short_subject ? some_pronoun(Role::Subject) : human(Role::Subject);
    const VerbForm form = auxiliaries(frame);
    verb(pick_from(frame_rules[static_cast<std::size_t>(frame)].verbs), form);
  }

  // Verbs.

  void verb(const lexicon::Verb& word, VerbForm form) {
    const std::string_view forms[] = {word.base, word.base,   word.third,
                                      word.past, word.gerund, word.participle};
    put(forms[static_cast<std::size_t>(form)], tag(form));
  }
  void be(VerbForm form) {
    static constexpr std::string_view forms[] = {"be", "are", "is", "was", "being", "been"};
    std::string_view word = forms[static_cast<std::size_t>(form)];
    if (form == VerbForm::Present && subject_.agreement == Agreement::First) word = "am";
    if (form == VerbForm::Past && subject_.agreement == Agreement::Plural) word = "were";
    put(word, tag(form));
  }
  [[nodiscard]] static std::string_view tag(VerbForm form) {
    static constexpr std::string_view tags[] = {"VB", "VBP", "VBZ", "VBD", "VBG", "VBN"};
    return tags[static_cast<std::size_t>(form)];
  }

  /// The form that agrees with the subject.
  [[nodiscard]] VerbForm finite() const {
    if (tense_ == Tense::Past) return VerbForm::Past;
    return subject_.agreement == Agreement::Third ? VerbForm::Third : VerbForm::Present;
  }

  void negation() {
    const bool contracted = speaking_ && chance(80) && sentence_.back().form != "am";
    add(contracted ? "n't" : "not", "RB", contracted);
  }
  void often(Index percent) {
    if (chance(percent)) put(pick(lexicon::frequency), "RB");
  }

  /// The words before the main verb of the current subject; returns the form that verb takes.
  VerbForm auxiliaries(Frame frame) {
    const bool is_be = frame == Frame::Copula || frame == Frame::Passive;
    const bool progressive = frame <= Frame::Happen || frame == Frame::Handle || frame == Frame::Give;
    const VerbForm form = finite();
    switch (choose({56, progressive ? 12 : 0, 11, 13, is_be ? 0 : 8})) {
      case 0:
        often(is_be ? 0 : 9);
        return form;
      case 1:
        be(form);
        often(12);
        return VerbForm::Gerund;
      case 2:
        verb(lexicon::to_have, form);
        often(12);
        return VerbForm::Participle;
      case 3:
        put(tense_ == Tense::Past ? pick(lexicon::past_modals) : pick(lexicon::present_modals), "MD");
        if (chance(15)) put("not", "RB");
        return VerbForm::Base;
      default:
        verb(lexicon::to_do, form);
        negation();
        return VerbForm::Base;
    }
  }

  /// What the subject does, from the first auxiliary on.
  void predicate(const Subject& subject) {
    subject_ = subject;
    const Frame frame = choose_frame(subject.kind);
    const VerbForm form = auxiliaries(frame);
    complete(frame, form);
  }

  Frame choose_frame(Kind kind) {
    using F = Frame;
    static constexpr F human[] = {F::Go,     F::Stay, F::Behave, F::Meet,    F::Handle, F::Consume,
                                  F::Ponder, F::Give, F::Copula, F::Passive, F::Claim,  F::Intend};
    static constexpr F animal[] = {F::Go, F::Stay, F::Meet, F::Consume, F::Copula};
    static constexpr F other[] = {F::Happen, F::Copula, F::Passive};
    const Index nested = depth_ < 2 ? 7 : 0;
    if (kind == Kind::Human) return human[choose({13, 9, 8, 14, 16, 4, 7, 9, 10, 2, nested, nested})];
    if (kind == Kind::Animal) return animal[choose({34, 24, 18, 10, 14})];
    return other[choose({kind == Kind::Place ? 0 : 40, 40, kind == Kind::Thing ? 20 : 0})];
  }

  /// The main verb in the given form and everything behind it.
  void complete(Frame frame, VerbForm form) {
    switch (frame) {
      case Frame::Give:
        return transfer(form);
      case Frame::Claim:
        verb(pick(lexicon::claim), form);
        if (chance(70)) put("that", "IN");
        return embedded();
      case Frame::Intend:
        verb(pick(lexicon::intend), form);
        put("to", "TO");
        depth_ += 2;  // no further intentions or claims below
        complete(choose_frame(Kind::Human), VerbForm::Base);
        depth_ -= 2;
        return;
      case Frame::Copula:
        return copula(form);
      case Frame::Passive:
        return passive(form);
      default:
        return by_rule(frame_rules[static_cast<std::size_t>(frame)], form);
    }
  }

  void by_rule(const FrameRule& rule, VerbForm form) {
    const bool adverb = chance(rule.adverb_percent);
    if (adverb && rule.has_object) put(pick_from(rule.adverbs), "RB");
    verb(pick_from(rule.verbs), form);
    if (adverb && !rule.has_object) {
      put(chance(80) ? pick_from(rule.adverbs) : pick(lexicon::after_verb), "RB");
    }
    if (rule.has_object) {
      const bool animal = rule.object == Kind::Human && chance(18);
      if (rule.object == Kind::Human && !animal) {
        human(Role::Object);
      } else {
        common(animal ? Kind::Animal : rule.object, Role::Object);
      }
    }
    if (chance(rule.where_percent)) somewhere(rule.where);
    if (chance(rule.companion_percent)) companion();
    if (chance(rule.time_percent)) time();
  }

  void transfer(VerbForm form) {
    verb(pick(lexicon::give), form);
    const bool receiver_first = chance(50);
    if (receiver_first) human(Role::Object);
    common(Kind::Thing, Role::Object);
    if (!receiver_first) {
      put("to", "TO");
      human(Role::Object);
    }
    if (chance(8)) time();
  }

  void be_or_not(VerbForm form) {
    be(form);
    const bool is_finite = form != VerbForm::Base && form != VerbForm::Participle && form != VerbForm::Gerund;
    if (is_finite && chance(9)) return negation();
    if (is_finite) often(9);
  }

  void copula(VerbForm form) {
    be_or_not(form);
    const Kind kind = subject_.kind;
    const bool alive = kind == Kind::Human || kind == Kind::Animal;
    const bool one_human = kind == Kind::Human && subject_.agreement != Agreement::Plural;
    switch (choose({58, one_human ? 16 : 0, kind == Kind::Idea ? 0 : 20, alive ? 6 : 0})) {
      case 0:
        if (chance(32)) put(pick(lexicon::degrees), "RB");
        return adjective(kind);
      case 1:
        put("a", "DT");
        adjectives(Kind::Human);
        return put(pick(lexicon::people).singular, "NN");
      case 2:
        return somewhere(kind == Kind::Thing ? Where::Spot : Where::Place);
      default:
        put("like", "IN");
        put("a", "DT");
        adjectives(Kind::Animal);
        return put(pick(lexicon::animals).singular, "NN");
    }
  }

  void passive(VerbForm form) {
    be_or_not(form);
    verb(subject_.kind == Kind::Thing ? pick(lexicon::handle) : pick(lexicon::meet), VerbForm::Participle);
    if (chance(60)) {
      put("by", "IN");
      human(Role::Object);
    }
    if (chance(15)) time();
  }

  // Adverbials.

  void preposition(std::string_view word) { put(word, word == "to" ? "TO" : "IN"); }
  void place() {
    ++depth_;
    common(Kind::Place, Role::Object);
    --depth_;
  }

  void somewhere(Where where) {
    if (where == Where::Nowhere) return;
    if (where == Where::Path && chance(22)) return put(pick(lexicon::directions), "RB");
    if (where == Where::Spot && chance(55)) {
      put(chance(60) ? "on" : "under", "IN");
      put("the", "DT");
      return put(pick(lexicon::surfaces), "NN");
    }
    const bool path = where == Where::Path;
    if (chance(12)) {
      preposition(!path ? "in" : chance(70) ? "to" : "from");
      return put(pick(lexicon::cities), "NNP");
    }
    preposition(path ? pick(lexicon::paths) : pick(lexicon::locations));
    place();
  }

  void companion() {
    const std::size_t kind = choose({50, 25, 25});
    put(kind < 2 ? "with" : "without", "IN");
    if (kind == 0) {
      human(Role::Object);
    } else if (kind == 1) {
      put(pronouns[subject_.pronoun].possessive, "PRP$");
      const lexicon::Noun& part = pick(lexicon::body);
      put(part.plural.empty() ? part.singular : part.plural, part.plural.empty() ? "NN" : "NNS");
    } else {
      put("a", "DT");
      put(pick(lexicon::things).singular, "NN");
    }
  }

  /// Once in a sentence.
  void time() {
    if (timed_) return;
    timed_ = true;
    const std::size_t kind = choose({26, 10, 14, 16, 14, 10, 10});
    static constexpr std::string_view prepositions[] = {"in", "at", "on", "for", "after", "", "in"};
    if (kind != 5) put(prepositions[kind], "IN");
    if (kind == 0 || kind == 4) put("the", "DT");
    if (kind == 0) return put(pick(lexicon::times), "NN");
    if (kind == 1) return put("night", "NN");
    if (kind == 2) return put(pick(lexicon::weekdays), "NNP");
    if (kind == 4) return put(pick(lexicon::events_to_remember), "NN");
    if (kind == 6) return put(std::to_string(1800 + random_.below(60)), "CD");
    if (kind == 5) put("every", "DT");
    if (kind == 5) return put(pick(lexicon::spans_of_time).singular, "NN");
    put(pick(lexicon::numbers), "CD");
    put(pick(lexicon::spans_of_time).plural, "NNS");
  }

  /// A clause inside a clause.
  void embedded() {
    const Subject outer = subject_;
    ++depth_;
    subject_ = {};
    const Subject subject = human(Role::Subject);
    predicate(subject);
    --depth_;
    subject_ = outer;
  }

  Random random_;
  std::vector<Word> sentence_;
  bool capital_ = false;     ///< the next word begins a sentence
  bool joins_next_ = false;  ///< no blank before the next word

  Character cast_[2];
  Tense tense_ = Tense::Past;
  bool first_mention_ = false;  ///< nobody has been named in this paragraph, so no pronouns yet
  bool speaking_ = false;
  bool timed_ = false;  ///< the sentence has told a time
  int depth_ = 0;       ///< clauses around the current one
  Subject subject_;     ///< of the current clause
};

}  // namespace rnnscope::detail
