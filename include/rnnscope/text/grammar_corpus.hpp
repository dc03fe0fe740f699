// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// English-like prose from a probabilistic grammar, with the part of speech of every word known by
/// construction: a corpus for demonstrations and tests that need no file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/text/grammar_phrases.hpp"
#include "rnnscope/text/tagged_text.hpp"

namespace rnnscope {

/// What grammar_corpus writes.
struct GrammarOptions {
  Index characters = 1'000'000;  ///< stop after the first sentence that reaches this length
  std::uint64_t seed = 1;
  Index line_width = 70;  ///< a blank becomes a line feed where the line would grow longer

  void check() const {
    require<ValueError>(characters >= 1, "GrammarOptions: characters must be at least 1, found ", characters);
    require<ValueError>(line_width >= 20, "GrammarOptions: line_width must be at least 20, found ", line_width);
  }
};

namespace detail {

/// Sentences, speech, paragraphs and lines: the upper half of the grammar.
class ProseWriter : private PhraseWriter {
 public:
  explicit ProseWriter(const GrammarOptions& options) : PhraseWriter(options.seed), options_(options) {}

  [[nodiscard]] TaggedText write() {
    while (!done()) scene();
    append("\n");
    return std::move(result_);
  }

 private:
  void comma() {
    if (sentence_.back().tag != ",") join(",", ",");
  }
  void stop(std::string_view mark) { join(mark, "."); }
  void open_quote() {
    put("\"", "``");
    joins_next_ = true;
    capital_ = true;
  }
  void close_quote() { join("\"", "''"); }

  void clause() {
    static constexpr Kind kinds[] = {Kind::Human, Kind::Animal, Kind::Thing, Kind::Place, Kind::Idea};
    const std::size_t kind = choose({76, 7, 6, 3, 4, 4});
    subject_ = {};
    if (kind == 5) return existential();
    const Subject subject = kind == 0 ? human(Role::Subject) : common(kinds[kind], Role::Subject);
    predicate(subject);
  }

  void existential() {
    put("there", "EX");
    be(finite());
    put("a", "DT");
    adjectives(Kind::Thing);
    put(pick(lexicon::things).singular, "NN");
    somewhere(Where::Spot);
  }

  void statement() {
    switch (choose({46, 15, 14, 10, 9, 6})) {
      case 0:
        return opened_clause();
      case 1:
        clause();
        comma();
        put(chance(60) ? "and" : chance(70) ? "but" : "or", "CC");
        return clause();
      case 2:
        return two_predicates();
      case 3:
        clause();
        put(pick(lexicon::when), "IN");
        return embedded();
      case 4:
        put(pick(lexicon::when), "IN");
        embedded();
        comma();
        return clause();
      default:
        return participial();
    }
  }

  void opened_clause() {
    const std::size_t opening = choose({78, 14, 8});
    if (opening == 1) put(pick(lexicon::openers), "RB");
    if (opening == 2) time();
    if (opening == 2 || (opening == 1 && chance(40))) comma();
    clause();
  }

  void two_predicates() {
    subject_ = {};
    const Subject subject = human(Role::Subject);
    predicate(subject);
    put("and", "CC");
    subject_ = subject;
    complete(choose_frame(Kind::Human), finite());
  }

  /// "Holding the lamp, Anna smiled."
  void participial() {
    const Subject subject{Agreement::Third, Kind::Human, cast_[0].pronoun};
    subject_ = subject;
    complete(chance(50) ? Frame::Handle : Frame::Stay, VerbForm::Gerund);
    comma();
    character(cast_[0], Role::Subject);
    predicate(subject);
  }

  // Speech.

  /// What a person says, without quotation marks and final mark; returns that mark.
  std::string_view speech() {
    const Tense narration = tense_;
    speaking_ = true;
    tense_ = chance(70) ? Tense::Present : Tense::Past;
    std::string_view mark = ".";
    if (chance(10)) {
      put(pick(lexicon::interjections), "UH");
      comma();
    }
    switch (choose({58, 28, 14})) {
      case 0:
        clause();
        break;
      case 1:
        question();
        mark = "?";
        break;
      default:
        command();
        if (chance(25)) mark = "!";
    }
    tense_ = narration;
    speaking_ = false;
    return mark;
  }

  void command() {
    subject_ = {Agreement::Plural, Kind::Human, pronoun::you};
    if (chance(25)) {
      put("do", "VB");
      join("n't", "RB");
    }
    static constexpr Frame frames[] = {Frame::Give, Frame::Handle, Frame::Go, Frame::Stay};
    complete(frames[choose({40, 30, 20, 10})], VerbForm::Base);
  }

  void question() {
    enum { Plain, Adverb, Who, What, Adjective };
    const std::size_t kind = choose({34, 25, 15, 15, 11});
    if (kind == Who) {
      put("who", "WP");
      return predicate({Agreement::Third, Kind::Human, pronoun::he});
    }
    if (kind == Adverb) put(pick(lexicon::question_adverbs), "WRB");
    if (kind == What) put("what", "WP");
    const std::size_t asked = choose({18, 18, 12, 10, 12, 30});
    subject_ = {pronouns[asked].agreement, Kind::Human, asked};
    if (kind == Adjective) {
      be(finite());
    } else if (chance(40)) {
      put(pick(lexicon::present_modals), "MD");
    } else {
      verb(lexicon::to_do, finite());
    }
    put(pronouns[asked].subject, "PRP");
    if (kind == Adjective) return adjective(Kind::Human);
    if (kind == What) return verb(pick(lexicon::handle), VerbForm::Base);
    if (kind == Adverb && chance(50)) return verb(pick(lexicon::stay), VerbForm::Base);
    static constexpr Frame frames[] = {Frame::Handle, Frame::Meet, Frame::Ponder, Frame::Go};
    complete(frames[choose({40, 25, 20, 15})], VerbForm::Base);
  }

  /// "said Anna quietly", "she said".
  void speaker(bool asked) {
    std::string_view said = pick(lexicon::spoke);
    if (!asked && said == "asked") said = "said";
    if (asked && chance(70)) said = "asked";
    const std::size_t who = choose({30, 45, 25});
    subject_ = {};
    Character& named = cast_[static_cast<std::size_t>(random_.below(2))];
    const bool by_pronoun = who == 0 || (who == 1 && named.mentioned);
    if (by_pronoun) put(pronouns[named.pronoun].subject, "PRP");
    put(said, "VBD");
    if (!by_pronoun && who == 1) name(named);
    if (who == 2) {
      put("the", "DT");
      put(pick(lexicon::people).singular, "NN");
    }
    if (chance(25)) put(pick(lexicon::manner), "RB");
  }

  void dialogue() {
    open_quote();
    const std::string_view mark = speech();
    const bool attributed = chance(75);
    if (mark == "." && attributed) {
      comma();
    } else {
      stop(mark);
    }
    close_quote();
    if (!attributed) return;
    speaker(mark == "?");
    if (!chance(30)) return stop(".");
    comma();
    open_quote();
    const std::string_view last = speech();
    stop(last);
    close_quote();
  }

  // Text.

  [[nodiscard]] bool done() const { return characters_ >= options_.characters; }

  /// Some paragraphs about the same two persons.
  void scene() {
    for (std::size_t k = 0; k < 2; ++k) {
      const lexicon::Couple& names = pick(lexicon::first_names);
      const lexicon::Couple& titles = pick(lexicon::titles);
      const bool titled = chance(40);
      cast_[k].title = !titled ? std::string_view() : k == 0 ? titles.he : titles.she;
      cast_[k].name = k == 0 ? names.he : names.she;
      cast_[k].pronoun = k == 0 ? pronoun::he : pronoun::she;
    }
    const bool woman_first = chance(50);
    if (woman_first) std::swap(cast_[0], cast_[1]);
    tense_ = chance(85) ? Tense::Past : Tense::Present;
    const Index paragraphs = 4 + random_.below(8);
    for (Index p = 0; p < paragraphs && !done(); ++p) paragraph();
  }

  void paragraph() {
    const bool talk = chance(40);
    const Index sentences = talk ? 1 + random_.below(2) : 3 + random_.below(5);
    first_mention_ = !talk;
    if (characters_ > 0) append("\n\n");
    column_ = 0;
    for (Index s = 0; s < sentences && !done(); ++s) {
      capital_ = true;
      timed_ = false;
      for (Character& each : cast_) each.mentioned = false;
      if (talk) {
        dialogue();
      } else {
        statement();
        stop(".");
      }
      print();
    }
  }

  /// Moves the sentence into the text, with blanks and line feeds.
  void print() {
    for (std::size_t k = 0; k < sentence_.size(); ++k) {
      if (!sentence_[k].joined && column_ > 0) {
        auto width = static_cast<Index>(sentence_[k].form.size());
        for (std::size_t m = k + 1; m < sentence_.size() && sentence_[m].joined; ++m) {
          width += static_cast<Index>(sentence_[m].form.size());
        }
        const bool fits = column_ + 1 + width <= options_.line_width;
        append(fits ? " " : "\n");
        column_ = fits ? column_ + 1 : 0;
      }
      const Index first = characters_;
      append(sentence_[k].form);
      column_ += characters_ - first;
      result_.tokens.push_back(
          {first, characters_, std::move(sentence_[k].form), std::string(sentence_[k].tag)});
    }
    sentence_.clear();
  }
  void append(std::string_view ascii) {
    result_.text += ascii;
    characters_ += static_cast<Index>(ascii.size());
  }

  GrammarOptions options_;
  TaggedText result_;
  Index characters_ = 0;
  Index column_ = 0;  ///< of the line that is being written
};

}  // namespace detail

/// Prose of at least `characters` ASCII characters that ends with a full sentence and a line feed, and its
/// tokens with Penn Treebank tags (contractions and possessives split as there: "did" "n't", "Anna" "'s").
/// Subjects and verbs agree; about a dozen kinds of clause, questions and dialogue occur. Equal options give
/// the same text everywhere, and a shorter text is the beginning of a longer one (but for the last line feed).
/// Cost: linear, about a tenth of a second for a million characters. \throws ValueError on bad options.
[[nodiscard]] inline TaggedText grammar_corpus(const GrammarOptions& options = {}) {
  options.check();
  return detail::ProseWriter(options).write();
}

}  // namespace rnnscope
