// SPDX-License-Identifier: BSD-3-Clause
// Training that is killed at any moment and started again gives the same bits as training that never stopped.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>

#include "../temporary_folder.hpp"
#include "rnnscope/model/train.hpp"
#include "rnnscope/model/train_classifier.hpp"
#include "rnnscope/nn/gru.hpp"
#include "rnnscope/nn/lstm.hpp"

#if defined(__linux__)
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#endif

using namespace rnnscope;
using rnnscope::test::TemporaryFolder;

namespace {

constexpr const char* folder_variable = "RNNSCOPE_TEST_TRAINER_FOLDER";
constexpr const char* deadly_rename_variable = "RNNSCOPE_TEST_DEADLY_RENAME";

struct Result {
  TrainingReport report;
  Parameters<float> parameters;
};

const Vocabulary vocabulary({"a", "b", "c", "d", "e"});

/// The run that is killed: dropout, momentum, several validations, two epochs.
Result text_run(const CheckpointOptions& checkpoint, const ProgressCallback& progress = {}) {
  std::vector<Id> ids;
  Random random(11);
  for (int k = 0; k < 1200; ++k) ids.push_back(k % 3 == 0 ? static_cast<Id>(random.below(5)) : ids.back());
  const std::span<const Id> all(ids);
  LanguageModel<Lstm<float>> model(
      {.vocabulary_size = 5, .embedding_size = 6, .hidden_size = 12, .layers = 2, .dropout = 0.3});
  model.initialise(random);
  Adam<float> adam({.learning_rate = 0.01});
  TrainingOptions options{.batch = 4, .steps = 8, .epochs = 2, .l2 = 1e-4, .validations = 7};
  options.checkpoint = checkpoint;
  auto report = train(model, adam, all.first(1000), all.subspan(1000), options, progress);
  CHECK(adam.config().learning_rate == 0.01);
  return {std::move(report), model.parameters};
}

Result classifier_run(const CheckpointOptions& checkpoint, const ProgressCallback& progress = {}) {
  LabelledSequences data;
  Random random(12);
  for (int s = 0; s < 60; ++s) {
    std::vector<Id> ids;
    for (Index t = 0; t <= random.below(7); ++t) ids.push_back(static_cast<Id>(random.below(4)));
    data.labels.push_back(ids.front() % 3);
    data.sequences.push_back(std::move(ids));
  }
  SequenceClassifier<Gru<float>> model(
      {.vocabulary_size = 4, .embedding_size = 5, .hidden_size = 9, .labels = 3, .dropout = 0.2});
  model.initialise(random);
  Sgd<float> sgd({.learning_rate = 0.2, .momentum = 0.9});
  TrainingOptions options{.batch = 7, .epochs = 5, .validations = 4};
  options.checkpoint = checkpoint;
  const ReduceOnPlateau schedule{.factor = 0.5, .patience = 0, .threshold = 0.05};
  auto report = train(model, sgd, schedule, data, data, options, progress);
  CHECK(report.curve.back().learning_rate < 0.2);
  return {std::move(report), model.parameters};
}

void check_same(const Result& found, const Result& expected) {
  CHECK(found.parameters == expected.parameters);
  CHECK(found.report.tokens == expected.report.tokens);
  CHECK(found.report.best == expected.report.best);
  REQUIRE(found.report.curve.size() == expected.report.curve.size());
  for (std::size_t k = 0; k < found.report.curve.size(); ++k) {
    CHECK(found.report.curve[k].training_nats == expected.report.curve[k].training_nats);
    CHECK(found.report.curve[k].validation_nats == expected.report.curve[k].validation_nats);
    CHECK(found.report.curve[k].learning_rate == expected.report.curve[k].learning_rate);
  }
}

std::string bytes_of(const Parameters<float>& parameters) {
  return {reinterpret_cast<const char*>(parameters.flat().data()),
          static_cast<std::size_t>(parameters.size()) * sizeof(float)};
}

}  // namespace

TEST_CASE("a run that is stopped after any number of steps goes on to the same bits") {
  for (const auto run : {text_run, classifier_run}) {
    const Result straight = run({}, {});
    CHECK(straight.report.curve.size() >= 4);
    for (const int pause : {1, 5, 40}) {
      const TemporaryFolder folder;
      const CheckpointOptions checkpoint{.path = folder / "c", .every_seconds = 1000, .vocabulary = {}};
      std::optional<Result> result;
      for (int tries = 0; !result; ++tries) {
        REQUIRE(tries < 100);
        int steps = 0;
        try {
          result = run(checkpoint, [&](const Progress&) { return ++steps < pause + tries; });
        } catch (const Cancelled&) {
        }
      }
      check_same(*result, straight);
      // The run is over: asking again gives the same at once.
      check_same(run(checkpoint, [](const Progress&) { return false; }), straight);
      CHECK(folder.count() == 1);
    }
  }
}

TEST_CASE("a checkpoint of another run, or a damaged one, is refused, and stays as it is") {
  const TemporaryFolder folder;
  const CheckpointOptions checkpoint{.path = folder / "c", .vocabulary = vocabulary};
  CHECK_THROWS_AS(text_run(checkpoint, [](const Progress&) { return false; }), Cancelled);
  const std::string good = read_file(folder / "c");
  CHECK_THROWS_WITH_AS(
      classifier_run(checkpoint),
      doctest::Contains("this checkpoint belongs to another run: its batch is 4, here it is 7; "
                        "to train anew remove the file, or name another"),
      ValueError);
  CHECK(read_file(folder / "c") == good);
  const std::string path = (folder / "c").string();
  const std::string cut = good.substr(0, good.size() - 1);
  write_file(path, {cut});
  CHECK_THROWS_WITH_AS(text_run(checkpoint), doctest::Contains("is the file cut off?"), FormatError);
  CHECK(read_file(path) == cut);
  std::string bad = good;
  bad[bad.size() - 5] = static_cast<char>(bad[bad.size() - 5] ^ 4);
  write_file(path, {bad});
  CHECK_THROWS_WITH_AS(text_run(checkpoint), doctest::Contains((path + ": the file is damaged").c_str()),
                       FormatError);
  CHECK(read_file(path) == bad);
  write_file(path, {good});
  check_same(text_run(checkpoint), text_run({}));
}

TEST_CASE("load_language_model reads the best model of a checkpoint") {
  const TemporaryFolder folder;
  const Result result = text_run({.path = folder / "c", .vocabulary = vocabulary});
  const auto stored = load_language_model<Lstm<float>>(folder / "c");
  CHECK(stored.model.parameters == result.parameters);
  CHECK(stored.model.config().dropout == 0.3);
  CHECK(stored.vocabulary == vocabulary);
  CHECK_THROWS_WITH_AS(static_cast<void>(load_language_model<Gru<float>>(folder / "c")),
                       doctest::Contains("the model's cell is 'lstm'"), FormatError);
}

#if defined(__linux__)

namespace {

/// From now on, a rename ends this process: the moment between a complete temporary file and the new
/// checkpoint.
bool make_rename_deadly() {
  std::vector<sock_filter> program{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};  // seccomp_data.nr
  for (const unsigned call : {
#if defined(SYS_rename)
         static_cast<unsigned>(SYS_rename),
#endif
#if defined(SYS_renameat)
             static_cast<unsigned>(SYS_renameat),
#endif
             static_cast<unsigned>(SYS_renameat2)
       }) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// This program once more, running only the trainer below.
class Trainer {
 public:
  explicit Trainer(const TemporaryFolder& folder, bool deadly_rename = false) {
    const std::string place = std::string(folder_variable) + "=" + (folder / ".").string();
    const std::string deadly = std::string(deadly_rename_variable) + "=1";
    std::vector<const char*> environment{place.c_str()};
    if (deadly_rename) environment.push_back(deadly.c_str());
    environment.push_back(nullptr);
    const char* const arguments[] = {"trainer", "--no-skip", "--test-case=the trainer that is killed", nullptr};
    process_ = fork();
    if (process_ == 0) {
      const int nowhere = open("/dev/null", O_WRONLY);
      dup2(nowhere, STDOUT_FILENO);
      dup2(nowhere, STDERR_FILENO);
      execve("/proc/self/exe", const_cast<char* const*>(arguments),
             const_cast<char* const*>(environment.data()));
      _exit(127);
    }
  }
  void end() const { kill(process_, SIGKILL); }
  /// Its exit code, or minus the signal that ended it.
  [[nodiscard]] int wait() const {
    int status = 0;
    REQUIRE(waitpid(process_, &status, 0) == process_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t process_ = -1;
};

}  // namespace

TEST_CASE("the trainer that is killed" * doctest::skip()) {
  const char* const folder = std::getenv(folder_variable);
  REQUIRE(folder != nullptr);
  if (std::getenv(deadly_rename_variable) != nullptr && !make_rename_deadly()) _exit(126);
  const std::filesystem::path place(folder);
  const Result result = text_run({.path = place / "c", .every_steps = 1, .vocabulary = vocabulary});
  // Not through write_file, which has been tested when this is read.
  const auto file = detail::open_file(place / "final", "wb");
  const std::string bytes = bytes_of(result.parameters);
  REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size());
}

TEST_CASE("killed at twenty random moments and resumed: the same bits") {
  using Clock = std::chrono::steady_clock;
  const std::string expected = bytes_of(text_run({}).parameters);
  double whole = 0;
  {
    const TemporaryFolder folder;
    const auto begin = Clock::now();
    REQUIRE(Trainer(folder).wait() == 0);
    whole = std::chrono::duration<double>(Clock::now() - begin).count();
    CHECK(read_file(folder / "final") == expected);
  }
  Random random(static_cast<std::uint64_t>(Clock::now().time_since_epoch().count()));
  int kills = 0, runs = 0, while_writing = 0;
  for (; kills < 20 && runs < 50; ++runs) {
    const TemporaryFolder folder;
    for (int tries = 0;; ++tries) {
      REQUIRE(tries < 1000);
      const Trainer trainer(folder);
      if (kills < 20 || tries == 0) {
        std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0, whole / 3)));
        trainer.end();
      }
      const int code = trainer.wait();
      if (code == 0) break;
      REQUIRE(code == -SIGKILL);
      ++kills;
      const std::filesystem::path path = folder / "c";
      if (std::filesystem::exists(path)) static_cast<void>(Checkpoint::load(path));  // always a complete one
      while_writing += folder.count() > 1 ? 1 : 0;
    }
    CHECK(read_file(folder / "final") == expected);
    CHECK(folder.count() == 2);  // what the killed ones left behind is gone
  }
  CHECK(kills >= 20);
  MESSAGE(kills << " kills in " << runs << " runs, " << while_writing
                << " of them while a checkpoint was written");
}

TEST_CASE(
    "killed between the temporary file and its new name: the checkpoint before stays, and training goes on") {
  const std::string expected = bytes_of(text_run({}).parameters);
  for (const bool at_the_first : {true, false}) {
    const TemporaryFolder folder;
    std::string before;
    if (!at_the_first) {
      int steps = 0;
      CHECK_THROWS_AS(text_run({.path = folder / "c", .vocabulary = vocabulary},
                               [&](const Progress&) { return ++steps < 20; }),
                      Cancelled);
      before = read_file(folder / "c");
    }
    const int code = Trainer(folder, true).wait();
    if (code == 126) {
      MESSAGE("skipped: this system does not let a program restrict itself");
      return;
    }
    REQUIRE(code == -SIGSYS);
    CHECK(folder.count() == (at_the_first ? 1 : 2));  // the temporary file stays behind, complete
    CHECK(std::filesystem::exists(folder / "c") == !at_the_first);
    if (!at_the_first) CHECK(read_file(folder / "c") == before);
    REQUIRE(Trainer(folder).wait() == 0);
    CHECK(read_file(folder / "final") == expected);
    CHECK(folder.count() == 2);
  }
}

#endif
