// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How fast n-grams are unrolled from a GRU of the n-gram paper's size (H = 1024, D = 300, float), beside
/// chains of dense H x H matrices in PyTorch (unroll_torch.py; "skipped" without PyTorch).
///
///     unroll [--json FILE] [--length T] [--hidden H] [--only PART] [--quick] [--no-torch] [--full] [--data
///     DIRECTORY]
///
/// * all (i, t) polarity scores of a sequence of T tokens with their account, against the scores of one end
/// alone
///   by products of dense matrices: restarted for every i, as published, and one running product. Both in
///   PyTorch and, since its matrix products may be slow where it was built without a good BLAS, with our own
///   products. The restarted ones take PyTorch minutes: estimated from the running product unless --full.
/// * all n-grams of all phrases of 2 to 5 words of the SST (paper_binary/train.tsv of the data directory);
/// * the rate of the block recursion, against that of a large matrix product.
/// Two threads unless RNNSCOPE_NUM_THREADS says otherwise. Scores are checked against PyTorch's.
#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <random>

#include "rnnscope/core/random.hpp"
#include "rnnscope/expand/ngram_unroller.hpp"
#include "rnnscope/format/npy.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/text/labelled_text.hpp"
#include "rnnscope/text/tokenizer.hpp"
#include "rnnscope/text/vocabulary.hpp"

namespace {

using namespace rnnscope;
using Cell = Gru<float>;
using Json = nlohmann::json;

struct Options {
  Index length = 50, hidden = 1024;
  bool quick = false, torch = true, full = false;
  std::filesystem::path data = RNNSCOPE_DEFAULT_DATA_DIR, folder;
};

double seconds_of(const auto& run) {
  const auto begin = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double best_of(int times, const auto& run) {
  double best = seconds_of(run);
  for (int k = 1; k < times; ++k) best = std::min(best, seconds_of(run));
  return best;
}

Matrix<float> random_columns(Random& random, Index rows, Index cols) {
  Matrix<float> result(rows, cols);
  for (Index k = 0; k < result.size(); ++k) result.data()[k] = static_cast<float>(random.normal());
  return result;
}

struct Layer {
  Parameters<float> parameters;
  Recurrent<Cell> layer;
  Matrix<float> weight, bias;

  /// PyTorch's initial weights; without biases the GRU of the paper.
  Layer(Index hidden, bool biases) : layer(parameters, {.input_size = 300, .hidden_size = hidden}) {
    Random random(1);
    layer.initialise(parameters, random);
    if (!biases) {
      parameters[layer.bias_ih()].setZero();
      parameters[layer.bias_hh()].setZero();
    }
    weight = random_columns(random, 1, hidden);
    bias.setZero(1, 1);
  }
};

/// A Python that has PyTorch, or nothing.
std::string python() {
  static const std::string found = [] {
    for (const std::string& candidate : std::array<std::string, 2>{"python3", "/usr/bin/python3"}) {
      if (std::system((candidate + " -c 'import numpy, torch' > /dev/null 2>&1").c_str()) == 0)
        return candidate;
    }
    return std::string();
  }();
  return found;
}

/// The output of the script, or nothing if Python or PyTorch is missing.
std::optional<Json> run_torch(const Options& options, const std::string& what) {
  if (!options.torch || python().empty()) return std::nullopt;
  const std::string command = message(python(), " ", RNNSCOPE_COMPARE_DIR, "/unroll_torch.py ",
                                      options.folder.string(), " ", thread_count(), " ", what);
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 256> buffer;
  while (pipe != nullptr && std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr)
    output += buffer.data();
  require<IoError>(pipe != nullptr && pclose(pipe) == 0, "the script failed: ", command);
  return Json::parse(output);
}

/// The scores of the last end by dense products, `1 x T`.
Matrix<float> dense_scores(const Layer& model, const Matrix<float>& x, bool restarted) {
  const Index length = x.cols(), hidden = model.layer.hidden_size();
  const auto all = NgramUnroller(model.layer, model.parameters).token_coefficients(x);
  const auto a = [&](Index t) {
    return explicit_transition<Cell>(all, t, model.parameters[model.layer.weight_hh()]);
  };
  Matrix<float> scores(1, length), chain, next(hidden, hidden);
  if (restarted) {
    std::vector<Matrix<float>> matrices;
    for (Index t = 0; t < length; ++t) matrices.push_back(a(t));
    for (Index i = 0; i < length; ++i) {
      chain.setIdentity(hidden, hidden);
      for (Index t = i + 1; t < length; ++t) {
        multiply(matrices[static_cast<std::size_t>(t)], chain, next);
        chain.swap(next);
      }
      scores.col(i) = model.weight * (chain * all.g[0].col(i));
    }
    return scores;
  }
  chain.setIdentity(hidden, hidden);
  for (Index i = length - 1; i >= 0; --i) {
    scores.col(i) = model.weight * (chain * all.g[0].col(i));
    if (i == 0) break;
    multiply(chain, a(i), next);
    chain.swap(next);
  }
  return scores;
}

/// All (i, t) of one sequence, and the last end through dense products.
Json one_sequence(const Options& options, bool biases) {
  const Layer model(options.hidden, biases);
  Random random(2);
  const Index length = options.length;
  const Matrix<float> x = random_columns(random, 300, length) * 0.3f;
  const NgramUnroller unroller(model.layer, model.parameters);
  PolarityScores<float> scores;
  const auto score = [&](Ends ends, UnrollMethod method) {
    return best_of(options.quick ? 1 : 10, [&] {
      scores = unroller.polarity(model.weight, model.bias, x, {.ends = ends, .method = method});
    });
  };
  const double last = score(Ends::last, UnrollMethod::automatic),
               adjoint = score(Ends::all, UnrollMethod::adjoint),
               ours = score(Ends::all, UnrollMethod::forward);
  Json result{{"biases", biases},
              {"tokens", length},
              {"scores", scores.index.size()},
              {"all_ends_seconds", ours},
              {"all_ends_adjoint_seconds", adjoint},
              {"last_end_seconds", last}};
  std::cout << (biases ? "all biases" : "no biases") << ", T = " << length << ": " << scores.index.size()
            << " scores with accounts in " << ours * 1e3 << " ms (adjoint " << adjoint * 1e3
            << " ms; those of the last end alone " << last * 1e3 << " ms)\n";

  // Products of dense matrices: `theirs` holds the scores of i..T.
  const auto compare = [&](const std::string& what, double seconds, const auto& theirs) {
    float worst = 0, largest = 0;
    for (Index i = 0; i < length; ++i) {
      worst = std::max(worst, std::abs(scores.at(i, length - 1) - theirs[static_cast<std::size_t>(i)]));
      largest = std::max(largest, std::abs(theirs[static_cast<std::size_t>(i)]));
    }
    require<ValueError>(worst <= 1e-4f * largest, what, ": the scores differ by ", worst);
    result[what] = {{"seconds", seconds}, {"ratio", seconds / ours}};
    std::cout << "  " << what << ", last end alone: " << seconds << " s = " << seconds / ours
              << " times as long (scores equal to " << worst / largest << ")\n";
  };
  for (const bool restarted : {false, true}) {
    Matrix<float> dense;
    const double seconds =
        best_of(options.quick || restarted ? 1 : 3, [&] { dense = dense_scores(model, x, restarted); });
    compare(restarted ? "restarted products" : "running product", seconds,
            std::vector<float>(dense.data(), dense.data() + dense.size()));
  }

  const auto save = [&](const char* name, const ConstMatrixRef<float>& m) {
    // Our columns are the rows of a row-major array.
    save_npy(options.folder / message(name, ".npy"), m, {m.cols(), m.rows()});
  };
  save("weight_ih", model.parameters[model.layer.weight_ih()]);
  save("weight_hh", model.parameters[model.layer.weight_hh()]);
  save("bias_ih", model.parameters[model.layer.bias_ih()]);
  save("bias_hh", model.parameters[model.layer.bias_hh()]);
  save("weight", model.weight);
  save("x", x);
  const std::string running = "running product, PyTorch", restarted = "restarted products, PyTorch";
  const std::optional<Json> torch = run_torch(options, "cumulative");
  if (!torch) {
    std::cout << "  PyTorch: skipped (no python3 with torch and numpy, or not wanted)\n";
    result[running] = result[restarted] = "skipped";
    return result;
  }
  compare(running, torch->at("seconds"), load_npy_vector<float>(options.folder / "scores.npy"));
  if (options.full) {
    const double seconds = run_torch(options, "restart")->at("seconds");
    compare(restarted, seconds, load_npy_vector<float>(options.folder / "scores.npy"));
  } else {
    const double seconds = torch->at("seconds").get<double>() * static_cast<double>(length) / 2;
    result[restarted] = {{"seconds", seconds}, {"ratio", seconds / ours}, {"estimated", true}};
    std::cout << "  " << restarted << ": about " << seconds << " s = " << seconds / ours
              << " times as long (estimated)\n";
  }
  return result;
}

/// The rate of extending 2,000 columns by one token, and of a plain product.
Json rates(const Options& options) {
  const Index hidden = options.hidden;
  Random random(3);
  const Layer model(hidden, true);
  const Index columns = 2000;
  const Matrix<float> x = random_columns(random, 300, columns) * 0.3f;
  const auto all = NgramUnroller(model.layer, model.parameters).token_coefficients(x);
  Transition<Cell> transition(all, model.parameters[model.layer.weight_hh()]);
  LayerState<Cell> block{random_columns(random, hidden, columns)};
  std::vector<Index> each(static_cast<std::size_t>(columns));
  std::iota(each.begin(), each.end(), Index{0});
  const int times = options.quick ? 1 : 5;
  transition.apply(each, StateBlock<Cell>(block, 0, columns));
  const double extend = best_of(times, [&] { transition.apply(each, StateBlock<Cell>(block, 0, columns)); });

  const Index size = 2048;
  const Matrix<float> a = random_columns(random, size, size), b = random_columns(random, size, size);
  Matrix<float> c(size, size);
  const double product = best_of(times, [&] { multiply(a, b, c); });
  const auto giga = [](double flop, double seconds) { return flop / seconds / 1e9; };
  Json result{
      {"block_recursion_gflops", giga(2.0 * 3 * static_cast<double>(hidden * hidden * columns), extend)},
      {"sgemm_gflops", giga(2.0 * static_cast<double>(size * size * size), product)}};
  if (const auto theirs = run_torch(options, "sgemm")) result["torch_sgemm_gflops"] = theirs->at("gflops");
  std::cout << "block recursion, " << columns << " columns: " << result["block_recursion_gflops"]
            << " Gflop/s; product of " << size << "^3: " << result["sgemm_gflops"] << " (PyTorch: "
            << (result.contains("torch_sgemm_gflops") ? result["torch_sgemm_gflops"].dump() : "skipped")
            << ")\n";
  return result;
}

/// All n-grams of all short phrases, in batches.
Json short_phrases(const Options& options) {
  const std::filesystem::path path = options.data / "sst" / "paper_binary" / "train.tsv";
  if (!std::filesystem::exists(path)) {
    std::cout << "short phrases of the SST: skipped (there is no " << path.string() << ")\n";
    return "skipped";
  }
  std::vector<std::vector<std::string>> phrases;
  for (LabelledTokens& entry : read_labelled_tokens(path)) {
    if (entry.tokens.size() >= 2 && entry.tokens.size() <= 5) phrases.push_back(std::move(entry.tokens));
  }
  if (options.quick) phrases.resize(std::min<std::size_t>(phrases.size(), 1000));
  std::map<std::string, Index> ids;
  for (const auto& phrase : phrases) {
    for (const std::string& token : phrase) ids.emplace(token, static_cast<Index>(ids.size()));
  }
  const Layer model(options.hidden, true);
  Random random(4);
  const Matrix<float> embedding = random_columns(random, 300, static_cast<Index>(ids.size())) * 0.3f;
  const NgramUnroller unroller(model.layer, model.parameters);

  const std::size_t batch = 4000;
  const auto for_each_batch = [&](const auto& body) {
    for (std::size_t first = 0; first < phrases.size(); first += batch) {
      const std::size_t count = std::min(batch, phrases.size() - first);
      std::vector<Index> lengths;
      for (std::size_t k = 0; k < count; ++k) lengths.push_back(static_cast<Index>(phrases[first + k].size()));
      const PackedLayout layout = PackedLayout::ragged(lengths);
      Matrix<float> x(300, layout.columns());
      for (std::size_t k = 0; k < count; ++k) {
        for (std::size_t t = 0; t < phrases[first + k].size(); ++t)
          x.col(layout.column(static_cast<Index>(k), static_cast<Index>(t))) =
              embedding.col(ids.at(phrases[first + k][t]));
      }
      body(layout, x);
    }
  };
  Index ngrams = 0;
  const double unrolled = seconds_of([&] {
    for_each_batch([&](const PackedLayout& layout, const Matrix<float>& x) {
      unroller.unroll(layout, x, {},
                      [&](const NgramBlock<Cell>& block) { ngrams += static_cast<Index>(block.spans.size()); });
    });
  });
  double checksum = 0;
  const double scored = seconds_of([&] {
    for_each_batch([&](const PackedLayout& layout, const Matrix<float>& x) {
      for (const auto& scores : unroller.polarity(model.weight, model.bias, layout, x, {.ends = Ends::last}))
        checksum += static_cast<double>(scores.phrase()(0));
    });
  });
  std::cout << phrases.size() << " short phrases, " << ngrams << " n-grams: representations in " << unrolled
            << " s; scores of the last ends with accounts in " << scored << " s\n";
  return {{"phrases", phrases.size()},
          {"ngrams", ngrams},
          {"unroll_seconds", unrolled},
          {"polarity_seconds", scored},
          {"checksum", checksum}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("N-grams of a GRU beside chains of dense matrices");
  Options options;
  if (const char* chosen = std::getenv("RNNSCOPE_DATA")) options.data = chosen;
  std::string json_path, only;
  bool no_torch = false;
  app.add_option("--json", json_path, "write the results to this file");
  app.add_option("--length", options.length, "tokens of the sequence")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--hidden", options.hidden, "hidden units")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--data", options.data, "directory of the data sets")->capture_default_str();
  app.add_option("--only", only, "one part of it")
      ->check(CLI::IsMember({"paper", "biases", "rates", "phrases"}));
  app.add_flag("--quick", options.quick, "everything once, and few phrases");
  app.add_flag("--no-torch", no_torch, "leave PyTorch out");
  app.add_flag("--full", options.full, "time PyTorch's restarted products too (minutes)");
  CLI11_PARSE(app, argc, argv);
  options.torch = !no_torch;
  const auto wanted = [&](const char* part) { return only.empty() || only == part; };
  try {
    options.folder =
        std::filesystem::temp_directory_path() / message("rnnscope_unroll_", std::random_device{}());
    std::filesystem::create_directories(options.folder);
    Json result{{"threads", thread_count()}, {"hidden", options.hidden}};
    if (wanted("paper")) result["paper"] = one_sequence(options, false);
    if (wanted("biases")) result["biases"] = one_sequence(options, true);
    if (wanted("rates")) result["rates"] = rates(options);
    if (wanted("phrases")) result["phrases"] = short_phrases(options);
    std::filesystem::remove_all(options.folder);
    if (!json_path.empty()) std::ofstream(json_path) << result.dump(2) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
