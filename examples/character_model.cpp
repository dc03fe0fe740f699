// SPDX-License-Identifier: BSD-3-Clause
// Looking into a character model: trains an LSTM to predict the next character, records its hidden state after
// every space and line end, clusters the states with HDBSCAN, and asks what the clusters know about words. The
// study of A. Hiebert et al., "Interpreting word-level hidden state behaviour of character-level LSTM language
// models", 2018. Without --text it reads sentences made from a grammar, whose parts of speech are known.
//
// ctest-args: --characters 60000 --hidden 48 --layers 1 --record 20000 --minutes 0.05 --out .
// ctest-expect: clusters of [0-9]+ states after white space
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "rnnscope/rnnscope.hpp"

namespace rs = rnnscope;

struct Options {
  std::string text, tags;
  double minutes = 0;
  rs::Index characters = 1'000'000, record = 0, embedding = 64, hidden = 0, layers = 1, batch = 32;
  rs::Index min_cluster_size = 100, min_samples = 10;
  double learning_rate = 4e-3, dropout = 0;
  std::filesystem::path out = "out";
};

void print(const std::string& title, const rs::Table& table) {
  std::cout << "\n" << title << "\n" << rs::to_text(table);
}

int run(const Options& o) {
  // 1. Text, symbols, the last 5 % for validation.
  const rs::TaggedText corpus =
      o.text.empty()
          ? rs::grammar_corpus({.characters = o.characters})
          : rs::TaggedText{rs::read_text(o.text), o.tags.empty() ? rs::word_spans(rs::read_text(o.text))
                                                                 : rs::read_tagged_tokens(o.tags)};
  if (!o.tags.empty()) rs::check_tokens(corpus.tokens, corpus.text);
  const rs::CharacterTokenizer tokenizer;
  const auto vocabulary = rs::Vocabulary::from_text(corpus.text, tokenizer);
  const std::vector<rs::Id> ids = vocabulary.encode(corpus.text, tokenizer);
  const std::span<const rs::Id> all(ids);
  const std::size_t cut = 95 * ids.size() / 100;
  std::cout << ids.size() << " characters, " << vocabulary.size() << " different; " << corpus.tokens.size()
            << " words\n";

  // 2. Train.
  rs::LanguageModel<rs::Lstm<float>> model({.vocabulary_size = vocabulary.size(),
                                            .embedding_size = o.embedding,
                                            .hidden_size = o.hidden,
                                            .layers = o.layers,
                                            .dropout = o.dropout});
  rs::Random random(1);
  model.initialise(random);
  rs::Adam<float> adam({.learning_rate = o.learning_rate});
  const auto report =
      rs::train(model, adam, all.first(cut), all.subspan(cut),
                {.batch = o.batch, .epochs = 1000, .max_seconds = 60 * o.minutes}, rs::progress_bar());
  rs::save_language_model(o.out / "model.safetensors", model, vocabulary);
  rs::Series training{.name = "training"}, validation{.name = "validation"};
  rs::Table curve({{"seconds", rs::ColumnKind::Number},
                   {"characters", rs::ColumnKind::Number},
                   {"training bits", rs::ColumnKind::Number},
                   {"validation bits", rs::ColumnKind::Number}});
  for (const rs::TrainingPoint& point : report.curve) {
    const double train_bits = point.training_nats / std::log(2.0),
                 valid_bits = point.validation_nats / std::log(2.0);
    curve.add(rs::fixed(point.seconds, 1), point.tokens, rs::fixed(train_bits, 3), rs::fixed(valid_bits, 3));
    for (auto* series : {&training, &validation}) series->x.push_back(point.seconds);
    training.y.push_back(train_bits);
    validation.y.push_back(valid_bits);
  }
  print("Bits per character", curve);
  const auto stream = rs::evaluate(model, all.subspan(cut), {.batch = 1, .steps = 1000}, rs::progress_bar());
  std::cout << "validation text as one stream: " << rs::fixed(stream.bits(), 3) << " bits per character\n";

  // 3. The hidden states after white space, and the words before it.
  const auto recorded = all.first(std::min(ids.size(), static_cast<std::size_t>(o.record)));
  const auto trace = rs::record(
      model, recorded,
      {.layers = {o.layers - 1}, .channels = {"h"}, .select = rs::after_symbols(vocabulary, {" ", "\n"})},
      rs::progress_bar());
  const rs::PointSet<float> points = trace.points(o.layers - 1, "h");
  const auto words = rs::preceding_words(points.spans, corpus.tokens);
  const auto tags = rs::preceding_tags(points.spans, corpus.tokens);

  // 4. Clusters.
  const rs::Hdbscan<rs::metric::Euclidean> hdbscan(
      {.min_cluster_size = o.min_cluster_size, .min_samples = o.min_samples});
  const rs::Clustering clustering = hdbscan.fit(points.vectors, rs::progress_bar());
  const auto characters = rs::decode_utf8(corpus.text);
  auto summaries = rs::summarise_clusters({.labels = clustering.labels,
                                           .spans = points.spans,
                                           .words = words,
                                           .probabilities = clustering.probabilities},
                                          characters, {.members = 5, .words = 5});
  std::cout << "\n"
            << clustering.cluster_count() << " clusters of " << points.size()
            << " states after white space; noise "
            << rs::percent(static_cast<double>(clustering.noise_count()) /
                           static_cast<double>(std::max<rs::Index>(1, points.size())))
            << "\n";
  rs::HtmlPage page("Inside a character model");
  page.heading("Learning")
      .figure(rs::line_plot({training, validation},
                            {.frame = {.x_label = "seconds", .y_label = "bits per character"}}));
  const auto show = [&](const std::string& title, const rs::Table& table, const std::string& file) {
    print(title, table);
    page.heading(title).table(table);
    rs::write_file(o.out / file, {rs::to_csv(table)});
  };
  show("Clusters: frequent words, members with the character in brackets", rs::cluster_table(summaries),
       "clusters.csv");
  if (o.text.empty() || !o.tags.empty()) {
    const auto analysis = rs::cluster_tags(clustering.labels, tags);
    show("Clusters and parts of speech (precision and recall of the three best)",
         rs::cluster_tag_table(summaries, analysis), "tags.csv");
    const auto pure = std::count_if(analysis.clusters.begin(), analysis.clusters.end(),
                                    [](const auto& c) { return c.label >= 0 && c.purity() > 0.9; });
    std::cout << pure << " clusters have one part of speech with a precision above 90 %\n";
  }

  // 5. Word vectors: the mean state after each word, and their neighbours.
  rs::WordVectorSums<float> sums(o.hidden);
  sums.add(points.vectors, words);
  const auto vectors = sums.means().filtered([](std::string_view, rs::Index count) { return count >= 5; });
  std::vector<rs::Index> queries;
  for (const char* word : {"prince", "he", "she", "soldier", "said", "looked", "walked", "the", "would",
                           "quickly", "old", "garden"}) {
    if (const auto column = vectors.find(word)) queries.push_back(*column);
  }
  if (vectors.size() > 0) {
    const auto neighbours = rs::CosineNeighbours<float>(vectors.vectors()).of_columns(queries, 5);
    show("Nearest neighbours of some words", rs::neighbour_table(vectors, queries, neighbours),
         "neighbours.csv");
  }
  page.write(o.out / "character_model.html");
  return 0;
}

int main(int argc, char** argv) {
  Options o;
  CLI::App app("Looking into a character model");
  app.add_option("--text", o.text, "train on this UTF-8 text instead of the built-in corpus")
      ->check(CLI::ExistingFile);
  app.add_option("--tags", o.tags, "its words and tags: lines of first, last (character positions), word, tag")
      ->check(CLI::ExistingFile)
      ->needs("--text");
  app.add_option("--minutes", o.minutes, "training time (default 1, with --text 10)")
      ->check(CLI::PositiveNumber);
  app.add_option("--characters", o.characters, "length of the built-in corpus")->capture_default_str();
  app.add_option("--record", o.record,
                 "characters whose states are recorded (default 100,000, with --text 250,000)");
  app.add_option("--embedding", o.embedding, "size of the embedding")->capture_default_str();
  app.add_option("--hidden", o.hidden, "hidden units of a layer (default 256, with --text 512)");
  app.add_option("--layers", o.layers, "layers")->capture_default_str();
  app.add_option("--batch", o.batch, "columns of text read side by side")->capture_default_str();
  app.add_option("--rate", o.learning_rate, "learning rate of Adam")->capture_default_str();
  app.add_option("--dropout", o.dropout, "dropout between layers")->capture_default_str();
  app.add_option("--min-cluster-size", o.min_cluster_size, "smallest cluster")->capture_default_str();
  app.add_option("--min-samples", o.min_samples, "neighbour of the core distance")->capture_default_str();
  app.add_option("--out", o.out, "folder for tables, plots and the model")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (o.minutes == 0) o.minutes = o.text.empty() ? 1 : 10;
  if (o.record == 0) o.record = o.text.empty() ? 100'000 : 250'000;
  if (o.hidden == 0) o.hidden = o.text.empty() ? 256 : 512;
  try {
    std::filesystem::create_directories(o.out);
    return run(o);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
