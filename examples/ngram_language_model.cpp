// SPDX-License-Identifier: BSD-3-Clause
// Language models whose states are nothing but n-grams: trains a GRU and an LSTM, and in their places their
// n-gram forms, on the same text from the same initial weights, and compares perplexities. The experiment of
// section 5.2 (Table 4) of "Sequence-level features: how GRU and LSTM cells capture n-grams". Without --train
// it reads words made from a grammar; with WikiText-2 or Penn Treebank files it is the paper's own (embedding =
// hidden = 128).
//
// ctest-args: --characters 60000 --epochs 2 --hidden 48
// ctest-expect: GRU +n-grams, Maclaurin .*LSTM +n-grams, Maclaurin
#include <CLI/CLI.hpp>
#include <iostream>

#include "rnnscope/rnnscope.hpp"

namespace rs = rnnscope;

struct Options {
  std::string train, valid;
  rs::Index characters = 400'000, hidden = 128, batch = 20, steps = 35, epochs = 3, min_count = 2;
  double learning_rate = 5e-3, dropout = 0.2, clamp = 3;
};

struct Corpus {
  rs::Index symbols = 0;
  std::vector<rs::Id> training, validation;
};

Corpus read_corpus(const Options& o) {
  const bool from_files = !o.train.empty();
  std::string training =
      from_files ? rs::read_text(o.train) : rs::grammar_corpus({.characters = o.characters}).text;
  std::string validation;
  if (from_files) {
    validation = rs::read_text(o.valid);
  } else {  // the last tenth, from a line end on
    const std::size_t cut = training.find('\n', training.size() * 9 / 10) + 1;
    validation = training.substr(cut);
    training.resize(cut);
  }
  const rs::WordTokenizer tokenizer{.newline = from_files ? rs::Newline::EndOfSentence : rs::Newline::Space};
  const auto vocabulary = rs::Vocabulary::from_text(training, tokenizer,
                                                    {.order = rs::SymbolOrder::Frequency,
                                                     .min_count = from_files ? 1 : o.min_count,
                                                     .unknown = rs::UnknownPolicy::Replace});
  return {vocabulary.size(), vocabulary.encode(training, tokenizer), vocabulary.encode(validation, tokenizer)};
}

template <class Cell>
void study(const std::string& cell_name, const std::string& form, const Options& o, const Corpus& corpus,
           rs::Table& table, Cell cell = {}) {
  rs::LanguageModel<Cell> model({.vocabulary_size = corpus.symbols,
                                 .embedding_size = o.hidden,
                                 .hidden_size = o.hidden,
                                 .layers = 1,
                                 .dropout = o.dropout,
                                 .placement = rs::DropoutPlacement::AfterEach},
                                cell);
  rs::Random random(1);
  model.initialise(random);
  rs::Adam<float> adam({.learning_rate = o.learning_rate});
  const auto report =
      rs::train(model, adam, corpus.training, corpus.validation,
                {.batch = o.batch, .steps = o.steps, .epochs = o.epochs, .validations = 5}, rs::progress_bar());
  const auto loss = rs::evaluate(model, corpus.validation, {.batch = 1, .steps = 1000});
  table.add(cell_name, form, rs::fixed(loss.perplexity(), 2),
            rs::fixed(static_cast<double>(report.tokens) / report.seconds, 0));
}

template <template <class> class Cell>
void study_forms(const std::string& name, const Options& o, const Corpus& corpus, rs::Table& table) {
  using Base = Cell<float>;
  const rs::NgramCellOptions options{.clamp = o.clamp};
  study<Base>(name, "standard", o, corpus, table);
  study<rs::NgramCell<Base, rs::Maclaurin>>(name, "n-grams, Maclaurin", o, corpus, table, options);
  study<rs::NgramCell<Base, rs::Origin>>(name, "n-grams, Origin", o, corpus, table, options);
  study<rs::NgramCell<Base, rs::Simplified<rs::Maclaurin>>>(name, "simplified", o, corpus, table, options);
}

int main(int argc, char** argv) {
  Options o;
  CLI::App app("Language models of n-grams in the place of GRU and LSTM");
  auto* train = app.add_option("--train", o.train, "words to train on, instead of the built-in grammar")
                    ->check(CLI::ExistingFile);
  app.add_option("--valid", o.valid, "words to validate on")->check(CLI::ExistingFile)->needs(train);
  app.add_option("--characters", o.characters, "length of the built-in text")->capture_default_str();
  app.add_option("--hidden", o.hidden, "hidden units, and size of the embedding")->capture_default_str();
  app.add_option("--batch", o.batch, "columns of text read side by side")->capture_default_str();
  app.add_option("--steps", o.steps, "steps of truncated backpropagation")->capture_default_str();
  app.add_option("--epochs", o.epochs, "passes over the text")->capture_default_str();
  app.add_option("--rate", o.learning_rate, "learning rate of Adam")->capture_default_str();
  app.add_option("--dropout", o.dropout, "dropout after the layer")->capture_default_str();
  app.add_option("--clamp", o.clamp, "bound of the n-gram cells' states")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    rs::require<rs::ValueError>(o.train.empty() == o.valid.empty(), "--train needs --valid");
    const Corpus corpus = read_corpus(o);
    std::cout << corpus.training.size() << " words to train on, " << corpus.validation.size()
              << " to validate on, " << corpus.symbols << " different\n";
    rs::Table table({{"cell"},
                     {"state"},
                     {"perplexity", rs::ColumnKind::Number},
                     {"words per second", rs::ColumnKind::Number}});
    study_forms<rs::Gru>("GRU", o, corpus, table);
    study_forms<rs::Lstm>("LSTM", o, corpus, table);
    std::cout << rs::to_text(table);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
