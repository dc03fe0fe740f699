// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// How fast recurrent networks train and run, beside oneDNN, PyTorch and onnxruntime where they are installed.
///
///     recurrent [--json FILE] [--rounds N] [--quick]
///
/// * the training step of a character model (105 symbols, embedding 256, 3 x LSTM 512, batch 100, 100 steps):
///   ours with embedding, dropout, softmax, clipping and the optimiser; oneDNN's three LSTM primitives alone;
///   PyTorch's whole step (recurrent_torch.py);
/// * the same layers forward only, and one stream (batch 1), where ours records all gates and states and the
///   peers record nothing (onnxruntime by recurrent_onnx.mjs);
/// * the training step of word models (33,278 words, GRU and LSTM 128, batch 20, 35 steps);
/// * ours on one thread and on all.
/// * a product of packed weights, and oneDNN's.
/// Ours and oneDNN alternate; "alone" stands for rounds one after the other. Medians count. Rates are tokens
/// per second, ratios ours / peer.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "onednn_lstm.hpp"
#include "rnnscope/model/language_model.hpp"
#include "rnnscope/nn/clip.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"
#include "rnnscope/nn/optimizer.hpp"
#include "rnnscope/product/packed_matrix.hpp"

namespace {

using namespace rnnscope;
using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

/// A language model with all that a training step needs.
template <class Cell>
class Bench {
 public:
  Bench(const LanguageModelConfig& config, Index steps, Index batch)
      : model_(config), layout_(PackedLayout::uniform(steps, batch)), sgd_({.learning_rate = 0.1}) {
    Random random(1);
    model_.initialise(random);
    gradient_ = model_.parameters.zeros_like();
    state_ = model_.zero_state(batch);
    for (Index n = 0; n < layout_.columns(); ++n) {
      ids_.push_back(static_cast<Id>(random.below(config.vocabulary_size)));
      targets_.push_back(static_cast<Id>(random.below(config.vocabulary_size)));
    }
  }

  void train() {
    gradient_.set_zero();
    model_.loss_and_gradient(layout_, ids_, targets_, state_, gradient_, workspace_, DropoutKey{1, ++step_});
    clip_by_norm(gradient_, 5.0);
    sgd_.step(model_.parameters, gradient_);
  }
  /// Embedding and layers; the tape gets everything, or only the states.
  void forward(TapeContent content) {
    workspace_.tape.keep(content, model_.stack().layers().size());
    model_.run(layout_, ids_, state_, workspace_);
  }
  [[nodiscard]] double tokens() const { return static_cast<double>(layout_.columns()); }

 private:
  LanguageModel<Cell> model_;
  PackedLayout layout_;
  Sgd<typename Cell::Scalar> sgd_;
  Parameters<typename Cell::Scalar> gradient_;
  StackState<Cell> state_;
  LanguageModelWorkspace<Cell> workspace_;
  std::vector<Id> ids_, targets_;
  std::uint64_t step_ = 0;
};

/// Tokens per second of each round; the median of them.
class Rate {
 public:
  void measure(double tokens, const auto& run) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // other programs' threads stop spinning
    const auto begin = Clock::now();
    run();
    rates_.push_back(tokens / std::chrono::duration<double>(Clock::now() - begin).count());
  }
  [[nodiscard]] double median() const {
    std::vector<double> sorted = rates_;
    std::sort(sorted.begin(), sorted.end());
    return sorted.empty() ? 0 : sorted[sorted.size() / 2];
  }

 private:
  std::vector<double> rates_;
};

/// What a peer's script prints, one JSON object; empty if it cannot run.
std::map<std::string, double> run_script(const std::string& command) {
  std::string text, line;
  FILE* const pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return {};
  std::array<char, 4096> part;
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) text += part.data();
  if (pclose(pipe) != 0) return {};
  const Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? json.get<std::map<std::string, double>>() : std::map<std::string, double>{};
}

class Table {
 public:
  /// \p peer is 0 where it is not installed.
  void add(const std::string& name, double ours, const std::string& peer_name, double peer) {
    if (peer <= 0) {
      std::printf("%-44s %10.0f   %-22s   skipped\n", name.c_str(), ours, peer_name.c_str());
      return;
    }
    std::printf("%-44s %10.0f   %-22s %10.0f   %6.2f\n", name.c_str(), ours, peer_name.c_str(), peer,
                ours / peer);
    json_.push_back(
        {{"name", name + " / " + peer_name}, {"ours", ours}, {"peer", peer}, {"ratio", ours / peer}});
  }
  [[nodiscard]] const Json& json() const { return json_; }

 private:
  Json json_ = Json::array();
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Recurrent networks beside oneDNN, PyTorch and onnxruntime"};
  std::string json_file;
  int rounds = 7;
  bool quick = false;
  app.add_option("--json", json_file, "write name, ours, peer and ratio of every line");
  app.add_option("--rounds", rounds, "measurements of each case")->check(CLI::Range(1, 1000));
  app.add_flag("--quick", quick, "tiny sizes, to see that it works");
  CLI11_PARSE(app, argc, argv);

  const Index hidden = quick ? 64 : 512, embedding = quick ? 32 : 256, batch = quick ? 10 : 100,
              steps = quick ? 10 : 100, stream = quick ? 50 : 2000, words = quick ? 500 : 33278;
  const LanguageModelConfig characters{.vocabulary_size = 105,
                                       .embedding_size = embedding,
                                       .hidden_size = hidden,
                                       .layers = 3,
                                       .dropout = 0.3,
                                       .placement = DropoutPlacement::AfterEach};
  const LanguageModelConfig word_model{
      .vocabulary_size = words, .embedding_size = 128, .hidden_size = 128, .layers = 1};

  Rate train, train_alone, train_one_thread, forward, recorded, word_lstm, word_gru;
  Rate onednn_train, onednn_forward, onednn_stream;
  {
    Bench<Lstm<float>> model(characters, steps, batch);
#if defined(RNNSCOPE_HAS_ONEDNN)
    OnednnLstm peer(embedding, hidden, 3, steps, batch, true);
#endif
    for (int round = -1; round < rounds; ++round) {  // the first round warms up
      Rate unused;
      (round < 0 ? unused : train).measure(model.tokens(), [&] { model.train(); });
#if defined(RNNSCOPE_HAS_ONEDNN)
      (round < 0 ? unused : onednn_train).measure(model.tokens(), [&] {
        peer.forward();
        peer.backward();
      });
#endif
    }
    // One after the other, as PyTorch's script measures.
    for (int round = 0; round < rounds; ++round) train_alone.measure(model.tokens(), [&] { model.train(); });
    const int threads = thread_count();
    set_thread_count(1);
    for (int round = 0; round < std::min(rounds, 3); ++round)
      train_one_thread.measure(model.tokens(), [&] { model.train(); });
    set_thread_count(threads);
  }
  {
    Bench<Lstm<float>> model(characters, steps, batch);
    Bench<Lstm<float>> one(characters, stream, 1);
#if defined(RNNSCOPE_HAS_ONEDNN)
    OnednnLstm peer(embedding, hidden, 3, steps, batch, false);
    OnednnLstm peer_one(embedding, hidden, 3, stream, 1, false);
#endif
    for (int round = -1; round < rounds; ++round) {
      Rate unused;
      (round < 0 ? unused : forward).measure(model.tokens(), [&] { model.forward(TapeContent::States); });
      (round < 0 ? unused : recorded).measure(one.tokens(), [&] { one.forward(TapeContent::Everything); });
#if defined(RNNSCOPE_HAS_ONEDNN)
      (round < 0 ? unused : onednn_forward).measure(model.tokens(), [&] { peer.forward(); });
      (round < 0 ? unused : onednn_stream).measure(one.tokens(), [&] { peer_one.forward(); });
#endif
    }
  }
  {
    Bench<Lstm<float>> lstm(word_model, 35, 20);
    Bench<Gru<float>> gru(word_model, 35, 20);
    for (int round = -1; round < rounds; ++round) {
      Rate unused;
      (round < 0 ? unused : word_lstm).measure(lstm.tokens(), [&] { lstm.train(); });
      (round < 0 ? unused : word_gru).measure(gru.tokens(), [&] { gru.train(); });
    }
  }
  Rate product, onednn_product;  // of millions of floating-point operations
  {
    const Index rows = 4 * hidden, cols = 1000;
    const Matrix<float> a = Matrix<float>::Random(rows, hidden), b = Matrix<float>::Random(hidden, cols);
    Matrix<float> c(rows, cols);
    const PackedMatrix<float> packed(a);
    constexpr int times = 20;
    const double operations = times * 2e-6 * static_cast<double>(rows * hidden * cols);
    for (int round = -1; round < rounds; ++round) {
      Rate unused;
      (round < 0 ? unused : product).measure(operations, [&] {
        for (int k = 0; k < times; ++k) packed.multiply(b, c);
      });
#if defined(RNNSCOPE_HAS_ONEDNN)
      (round < 0 ? unused : onednn_product).measure(operations, [&] {  // by rows, so the transposed product
        for (int k = 0; k < times; ++k)
          dnnl_sgemm('N', 'N', cols, rows, hidden, 1.0F, b.data(), hidden, a.data(), rows, 0.0F, c.data(),
                     rows);
      });
#endif
    }
  }
  const std::string folder = RNNSCOPE_COMPARE_DIR, size = quick ? " quick" : "";
  std::map<std::string, double> torch =
      run_script("for python in python3 /usr/bin/python3; do $python -c 'import torch' && exec $python '" +
                 folder + "/recurrent_torch.py'" + size + "; done; exit 1");
  std::map<std::string, double> onnx = run_script("node '" + folder + "/recurrent_onnx.mjs'" + size);

  std::printf("%d threads; tokens per second, median of %d\n%-44s %10s   %-22s %10s   %6s\n", thread_count(),
              rounds, "", "ours", "", "peer", "ratio");
  Table table;
  table.add("training step, 3 x LSTM 512", train.median(), "oneDNN, LSTMs alone", onednn_train.median());
  table.add("training step, alone", train_alone.median(), "PyTorch, alone", torch["training step"]);
  table.add("forward, batch 100", forward.median(), "oneDNN", onednn_forward.median());
  table.add("forward, batch 100", forward.median(), "onnxruntime", onnx["forward"]);
  table.add("forward, batch 100", forward.median(), "PyTorch", torch["forward"]);
  table.add("one stream; ours records all gates", recorded.median(), "onnxruntime", onnx["stream"]);
  table.add("one stream; ours records all gates", recorded.median(), "oneDNN", onednn_stream.median());
  table.add("one stream; ours records all gates", recorded.median(), "PyTorch", torch["stream"]);
  table.add("word model, training step, LSTM 128", word_lstm.median(), "PyTorch", torch["word lstm"]);
  table.add("word model, training step, GRU 128", word_gru.median(), "PyTorch", torch["word gru"]);
  table.add("training step, alone", train_alone.median(), "ours, one thread", train_one_thread.median());
  table.add("product 2048 x 512 x 1000, Mflop/s", product.median(), "oneDNN's sgemm", onednn_product.median());
  if (!json_file.empty()) {
    std::ofstream out(json_file);
    out << table.json().dump(2) << '\n';
    if (!out) {
      std::cerr << "cannot write " << json_file << '\n';
      return 1;
    }
  }
  return 0;
}
