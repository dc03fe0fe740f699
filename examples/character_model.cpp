// SPDX-License-Identifier: BSD-3-Clause
// Looking into a character model: trains an LSTM to predict the next character, records its hidden state after
// every space and line end, clusters the states with HDBSCAN, and asks what the clusters know about words. The
// study of A. Hiebert et al., "Interpreting word-level hidden state behaviour of character-level LSTM language
// models", 2018. Without --text it reads sentences made from a grammar, whose parts of speech are known. With
// --checkpoint, a run that was stopped goes on where it was.
//
// ctest-args: --characters 60000 --hidden 48 --record 20000 --minutes 0.05 --out .
// ctest-expect: clusters of [0-9]+ states after white space
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "rnnscope/rnnscope.hpp"

namespace rs = rnnscope;

struct Options {
  std::string text, tags, checkpoint;
  double minutes = 0, learning_rate = 4e-3, dropout = 0;
  rs::Index characters = 1'000'000, record = 0, embedding = 64, hidden = 0, layers = 1, batch = 32;
  rs::Index min_cluster_size = 100, min_samples = 10;
  std::filesystem::path out = "out";
};

/// The text and its words, tagged if the tags are known.
rs::TaggedText read(const Options& o) {
  if (o.text.empty()) return rs::grammar_corpus({.characters = o.characters});
  rs::TaggedText corpus{rs::read_text(o.text), {}};
  corpus.tokens = o.tags.empty() ? rs::word_spans(corpus.text) : rs::read_tagged_tokens(o.tags);
  rs::check_tokens(corpus.tokens, corpus.text);
  return corpus;
}

void run(const Options& o) {
  // 1. Text and symbols; the last 5 % are for validation.
  const rs::TaggedText corpus = read(o);
  const auto vocabulary = rs::Vocabulary::from_text(corpus.text, rs::CharacterTokenizer());
  const std::vector<rs::Id> ids = vocabulary.encode(corpus.text, rs::CharacterTokenizer());
  const std::size_t cut = 95 * ids.size() / 100;
  const auto training = std::span(ids).first(cut), validation = std::span(ids).subspan(cut);
  std::cout << ids.size() << " characters, " << vocabulary.size() << " different; " << corpus.tokens.size()
            << " words\n";
  rs::HtmlPage page("Inside a character model");
  const auto show = [&](const std::string& title, const rs::Table& table, const std::string& file) {
    std::cout << "\n" << title << "\n" << rs::to_text(table);
    page.heading(title).table(table);
    rs::write_file(o.out / file, {rs::to_csv(table)});
  };

  // 2. Train; the model that validates best stays.
  rs::LanguageModel<rs::Lstm<float>> model({.vocabulary_size = vocabulary.size(),
                                            .embedding_size = o.embedding,
                                            .hidden_size = o.hidden,
                                            .layers = o.layers,
                                            .dropout = o.dropout});
  rs::Random random(1);
  model.initialise(random);
  rs::Adam<float> adam({.learning_rate = o.learning_rate});
  const auto report = rs::train(model, adam, training, validation,
                                {.batch = o.batch,
                                 .epochs = 1000,
                                 .max_seconds = 60 * o.minutes,
                                 .checkpoint = {.path = o.checkpoint, .vocabulary = vocabulary}},
                                rs::progress_bar());
  rs::save_language_model(o.out / "model.safetensors", model, vocabulary);
  rs::Series learnt{.name = "training"}, validated{.name = "validation"};
  rs::Table curve({{"seconds", rs::ColumnKind::Number},
                   {"characters", rs::ColumnKind::Number},
                   {"training bits", rs::ColumnKind::Number},
                   {"validation bits", rs::ColumnKind::Number}});
  for (const rs::TrainingPoint& point : report.curve) {
    for (auto* series : {&learnt, &validated}) series->x.push_back(point.seconds);
    learnt.y.push_back(point.training_nats / std::log(2.0));
    validated.y.push_back(point.validation_nats / std::log(2.0));
    curve.add(rs::fixed(point.seconds, 1), point.tokens, rs::fixed(learnt.y.back(), 3),
              rs::fixed(validated.y.back(), 3));
  }
  show("Bits per character", curve, "learning.csv");
  page.figure(
      rs::line_plot({learnt, validated}, {.frame = {.x_label = "seconds", .y_label = "bits per character"}}));
  std::cout << "validation text as one stream: " << rs::fixed(rs::evaluate(model, validation).bits(), 3)
            << " bits per character\nthe model writes: "
            << rs::sample_text(model, vocabulary, rs::CharacterTokenizer(), " ", {.temperature = 0.7}) << "\n";

  // 3. The hidden states after white space, and the words before it.
  const auto trace = rs::record(
      model, std::span(ids).first(std::min(ids.size(), static_cast<std::size_t>(o.record))),
      {.layers = {o.layers - 1}, .channels = {"h"}, .select = rs::after_symbols(vocabulary, {" ", "\n"})},
      rs::progress_bar());
  const rs::PointSet<float> points = trace.points(o.layers - 1, "h");
  const auto words = rs::preceding_words(points.spans, corpus.tokens);

  // 4. Clusters, with their words and tags.
  const rs::Hdbscan<rs::metric::Euclidean> hdbscan(
      {.min_cluster_size = o.min_cluster_size, .min_samples = o.min_samples});
  const rs::Clustering clustering = hdbscan.fit(points.vectors, rs::progress_bar());
  const auto summaries = rs::summarise_clusters({.labels = clustering.labels,
                                                 .spans = points.spans,
                                                 .words = words,
                                                 .probabilities = clustering.probabilities},
                                                rs::decode_utf8(corpus.text), {.members = 5, .words = 5});
  std::cout << "\n"
            << clustering.cluster_count() << " clusters of " << points.size()
            << " states after white space; noise "
            << rs::percent(static_cast<double>(clustering.noise_count()) /
                           std::max(1.0, static_cast<double>(points.size())))
            << "\n";
  show("Clusters: frequent words, members with the character in brackets", rs::cluster_table(summaries),
       "clusters.csv");
  if (o.text.empty() || !o.tags.empty()) {
    const auto analysis = rs::cluster_tags(clustering.labels, rs::preceding_tags(points.spans, corpus.tokens));
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
  for (const char* word :
       {"prince", "he", "she", "soldier", "said", "looked", "the", "would", "quickly", "old"}) {
    if (const auto column = vectors.find(word)) queries.push_back(*column);
  }
  if (vectors.size() > 0) {
    const auto neighbours = rs::CosineNeighbours<float>(vectors.vectors()).of_columns(queries, 5);
    show("Nearest neighbours of some words", rs::neighbour_table(vectors, queries, neighbours),
         "neighbours.csv");
  }
  page.write(o.out / "character_model.html");
}

int main(int argc, char** argv) {
  Options o;
  CLI::App app("Looking into a character model");
  const auto add = [&](const char* name, auto& value, const char* help) {
    return app.add_option(name, value, help)->capture_default_str();
  };
  auto* const text = add("--text", o.text, "train on this UTF-8 text instead of the built-in corpus");
  text->check(CLI::ExistingFile);
  add("--tags", o.tags, "its words and tags: lines of first, last (character positions), word, tag")
      ->check(CLI::ExistingFile)
      ->needs(text);
  add("--minutes", o.minutes, "training time (0: 1, with --text 10)")->check(CLI::NonNegativeNumber);
  add("--checkpoint", o.checkpoint, "keep the training run in this file, and go on from it if it is there");
  add("--characters", o.characters, "length of the built-in corpus");
  add("--record", o.record, "characters whose states are recorded (0: 100,000, with --text 250,000)");
  add("--embedding", o.embedding, "size of the embedding");
  add("--hidden", o.hidden, "hidden units of a layer (0: 256, with --text 512)");
  add("--layers", o.layers, "layers");
  add("--batch", o.batch, "columns of text read side by side");
  add("--rate", o.learning_rate, "learning rate of Adam");
  add("--dropout", o.dropout, "dropout between layers");
  add("--min-cluster-size", o.min_cluster_size, "smallest cluster");
  add("--min-samples", o.min_samples, "neighbour of the core distance");
  add("--out", o.out, "folder for tables, plots and the model");
  CLI11_PARSE(app, argc, argv);
  if (o.minutes == 0) o.minutes = o.text.empty() ? 1 : 10;
  if (o.record == 0) o.record = o.text.empty() ? 100'000 : 250'000;
  if (o.hidden == 0) o.hidden = o.text.empty() ? 256 : 512;
  try {
    std::filesystem::create_directories(o.out);
    run(o);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
