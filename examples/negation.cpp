// SPDX-License-Identifier: BSD-3-Clause
// Reading n-grams out of a GRU and an LSTM: which part of "not not not good" made the decision?
//
// Trains on "good", "not good", ..., "not not not not not good" with alternating labels, expands the trained
// cell into token- and sequence-level features, and prints and draws what each n-gram adds to the score. The
// experiment of appendix A.5 of "Sequence-level features: how GRU and LSTM cells capture n-grams".
//
// ctest-args: --trials 1 --hidden 64 --out .
// ctest-expect: GRU: signs alternate through the 8-gram in 1 of 1 .*LSTM: signs alternate through the 8-gram in
// 1 of 1
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "rnnscope/rnnscope.hpp"

namespace {

struct Options {
  rnnscope::Index trials = 1;
  rnnscope::Index hidden = 1024;
  double learning_rate = 0.3;
  std::filesystem::path out = "out";
};

constexpr rnnscope::Id word_good = 0, word_not = 1;
constexpr rnnscope::Index longest = 8;  // tokens of the longest phrase that is explained; six are trained on

/// "good" after `count - 1` times "not".
std::vector<rnnscope::Id> phrase(rnnscope::Index count) {
  std::vector<rnnscope::Id> ids(static_cast<std::size_t>(count), word_not);
  ids.back() = word_good;
  return ids;
}

template <class Cell>
void train_to_the_end(rnnscope::SequenceClassifier<Cell>& model, double learning_rate,
                      const rnnscope::ProgressCallback& progress) {
  std::vector<std::vector<rnnscope::Id>> phrases;
  std::vector<rnnscope::Id> labels;
  for (rnnscope::Index n = 1; n <= 6; ++n) {
    phrases.push_back(phrase(n));
    labels.push_back(n % 2 == 1 ? 1 : 0);
  }
  const rnnscope::PackedBatch batch = rnnscope::pack(phrases);
  rnnscope::SequenceClassifierWorkspace<Cell> workspace;
  // Plain descent: optimisers that rescale each weight inflate the recurrence far more than the task needs, and
  // with it the scores of long n-grams.
  rnnscope::Sgd<float> sgd({.learning_rate = learning_rate, .momentum = 0.9});
  auto gradient = model.parameters.zeros_like();
  for (int step = 0; step < 50'000; ++step) {
    gradient.set_zero();
    const auto loss = static_cast<double>(model.loss_and_gradient(batch, labels, gradient, workspace)) / 6;
    rnnscope::require<rnnscope::ValueError>(std::isfinite(loss), "the loss is not finite; lower --rate");
    if (loss < 1e-5) {
      rnnscope::report_progress(progress,
                                {.stage = "training", .done = 100, .total = 100, .detail = "loss below 1e-5"});
      return;
    }
    sgd.step(model.parameters, gradient);
    // The loss falls like 1 / step, so the share of the way to 1e-5 is about 1e-5 / loss.
    const std::string detail = rnnscope::message("loss ", loss);
    rnnscope::report_progress(progress, {.stage = "training",
                                         .done = static_cast<rnnscope::Index>(1e-3 / loss),
                                         .total = 100,
                                         .detail = detail});
  }
  throw rnnscope::ValueError("the loss did not fall below 1e-5 in 50,000 steps");
}

template <class Cell>
void study(const std::string& name, const Options& options) {
  const std::vector<rnnscope::Id> ids = phrase(longest);
  std::vector<std::string> tokens(static_cast<std::size_t>(longest - 1), "not");
  tokens.emplace_back("good");
  std::vector<rnnscope::NamedValues> groups;
  for (rnnscope::Index n = 1; n <= longest; ++n)
    groups.push_back({n == 1 ? "good" : rnnscope::message(n - 1, "-not"), {}});
  rnnscope::Index alternating = 0;
  for (rnnscope::Index trial = 0; trial < options.trials; ++trial) {
    rnnscope::SequenceClassifier<Cell> model(
        {.vocabulary_size = 2, .embedding_size = 256, .hidden_size = options.hidden});
    rnnscope::Random random(static_cast<std::uint64_t>(trial + 1));
    model.initialise(random);
    train_to_the_end(model, options.learning_rate, rnnscope::progress_bar());

    const rnnscope::NgramUnroller unroller(model.stack().layers()[0], model.parameters);
    rnnscope::Matrix<float> x;
    model.embedding().forward(model.parameters, ids, x);
    const auto scores = unroller.polarity(model.parameters[model.readout().weight()],
                                          model.parameters[model.readout().bias()], x);
    bool alternates = true;
    rnnscope::Table table({{"n-gram"}, {"level"}, {"score", rnnscope::ColumnKind::Number}});
    for (rnnscope::Index n = 1; n <= longest; ++n) {
      const float score = scores.at(longest - n, longest - 1);
      groups[static_cast<std::size_t>(n - 1)].values.push_back(static_cast<double>(score));
      alternates = alternates && (score > 0) == (n % 2 == 1);
      table.add(groups[static_cast<std::size_t>(n - 1)].name, n == 1 ? "token" : "sequence",
                rnnscope::fixed(static_cast<double>(score), 2));
    }
    alternating += alternates ? 1 : 0;
    if (trial > 0) continue;

    std::cout << "\n"
              << name << ": scores of the n-grams that end in \"good\", and the account of the logit\n"
              << rnnscope::to_text(table)
              << rnnscope::to_text(rnnscope::account_table(scores.account(longest - 1)));
    rnnscope::write_figure(rnnscope::ngram_pyramid_plot(
                               tokens, rnnscope::ngram_scores(scores, longest - 1),
                               {.title = name + ": polarity scores", .legend = "polarity", .decimals = 1}),
                           options.out / (name + "_ngrams"));
  }
  rnnscope::write_figure(rnnscope::box_plot(groups, {.frame = {.title = name + ": negation n-grams",
                                                               .y_label = "polarity score"}}),
                         options.out / (name + "_negation"));
  std::cout << name << ": signs alternate through the " << longest << "-gram in " << alternating << " of "
            << options.trials << " random initialisations\n";
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Reading n-grams out of a GRU and an LSTM");
  app.add_option("--trials", options.trials, "random initialisations")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--hidden", options.hidden, "hidden units")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--rate", options.learning_rate, "learning rate of gradient descent with momentum 0.9")
      ->capture_default_str();
  app.add_option("--out", options.out, "folder for the plots")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    std::filesystem::create_directories(options.out);
    study<rnnscope::Gru<float>>("GRU", options);
    study<rnnscope::Lstm<float>>("LSTM", options);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
