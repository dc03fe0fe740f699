// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Times HDBSCAN beside other programs on the same points: whole fits (labels, probabilities, outlier scores),
/// the spanning tree alone, another cut of the finished hierarchy, and the prediction of new points.
///
///     compare_hdbscan POINTS.npy [--first N] [--json FILE]      one size, with peers
///     compare_hdbscan --blobs 1000000,10                        the same on Gaussian clouds
///     compare_hdbscan --blobs 1000000,10 --new 10000            the last 10,000 points are predicted
///     compare_hdbscan POINTS.npy --double                       points as double
///     compare_hdbscan POINTS.npy --curve FILE                   time over N, FILE.svg and FILE.csv, without
///     peers
///
/// POINTS.npy is [N, D] in float (see hidden_states.cpp). Peers are run by hdbscan_peers.py; those that are not
/// installed are left out. The product of the points with themselves, N^2 D multiplications and additions, is
/// timed on a part of the points: the floor of any method that looks at all distances.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "rnnscope/cluster/hdbscan.hpp"
#include "rnnscope/cluster/prediction.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/format/npy.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/report/line_plot.hpp"
#include "rnnscope/report/table_format.hpp"

namespace {

using namespace rnnscope;
template <class S>
using PointsOf = Eigen::Map<const Matrix<S>>;
using Points = PointsOf<float>;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double peak_gigabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024e-9;
}

/// A `.npy` file of floats in memory without a copy.
class MappedPoints {
 public:
  explicit MappedPoints(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY);
    require<IoError>(file >= 0, path, ": cannot be opened");
    struct stat status {};
    fstat(file, &status);
    const auto size = static_cast<std::size_t>(status.st_size);
    const void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    close(file);
    require<IoError>(memory != MAP_FAILED, path, ": cannot be mapped");
    const char* bytes = static_cast<const char*>(memory);
    const std::size_t start =
        10 + static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
    const std::string header(bytes + 10, start - 10);
    const std::size_t shape = header.find("'shape': (");
    long long rows = 0, columns = 0;
    require<FormatError>(header.find("'<f4'") != std::string::npos &&
                             header.find("False") != std::string::npos && shape != std::string::npos &&
                             std::sscanf(header.c_str() + shape, "'shape': (%lld, %lld", &rows, &columns) == 2,
                         path, ": expected a version 1 .npy file of shape [N, D], '<f4', in C order");
    data_ = reinterpret_cast<const float*>(bytes + start);
    count_ = rows;
    dimension_ = columns;
  }
  [[nodiscard]] Index count() const { return count_; }
  [[nodiscard]] Points first(Index count) const { return {data_, dimension_, std::min(count, count_)}; }

 private:
  const float* data_ = nullptr;
  Index count_ = 0, dimension_ = 0;
};

/// 50 clouds of different spread.
Matrix<float> blobs(Index count, Index dimension) {
  Random random(1);
  Matrix<double> centres(dimension, 50);
  Vector<double> spread(50);
  for (double& each : centres.reshaped()) each = random.uniform(-10.0, 10.0);
  for (double& each : spread) each = random.uniform(0.3, 1.5);
  Matrix<float> points(dimension, count);
  for (Index j = 0; j < count; ++j) {
    const Index c = random.below(50);
    for (Index k = 0; k < dimension; ++k)
      points(k, j) = static_cast<float>(centres(k, c) + spread[c] * random.normal());
  }
  return points;
}

enum class Stage { Fit, Tree, Cut, Predict };
constexpr std::array<const char*, 4> stage_names{"fit", "tree", "cut", "predict"};

struct Run {
  std::string program;
  std::string stage;
  double time = 0.0;
  nlohmann::json more;
};

std::string name(Stage stage) { return stage_names[static_cast<std::size_t>(stage)]; }

/// Our own times of all stages: the whole fit, its core distances and spanning tree, another cut, a prediction.
template <class S>
std::vector<Run> run_own(const PointsOf<S>& points, Index fresh, const HdbscanParameters& parameters) {
  const Hdbscan<metric::Euclidean> hdbscan(parameters);
  std::vector<Run> runs;
  double start = seconds();
  const auto lap = [&](Stage stage, nlohmann::json more) {
    const double now = seconds();
    runs.push_back({"rnnscope", name(stage), now - start, std::move(more)});
    start = seconds();
  };
  const auto old = points.leftCols(points.cols() - fresh);
  start = seconds();
  const Clustering result = hdbscan.fit(old);
  const double fitted = seconds();
  const TreeStatistics& statistics = result.hierarchy.statistics;
  constexpr std::array<const char*, 5> names{"automatic", "Prim", "tiles", "k-d tree", "vantage-point tree"};
  runs.push_back({"rnnscope",
                  name(Stage::Fit),
                  fitted - start,
                  {{"clusters", result.cluster_count()},
                   {"noise", static_cast<double>(result.noise_count()) / static_cast<double>(old.cols())},
                   {"algorithm", names[static_cast<std::size_t>(statistics.algorithm)]},
                   {"directions", statistics.directions},
                   {"bounded_fraction", statistics.bounded_pairs / statistics.pairs},
                   {"evaluated_fraction", statistics.evaluated_pairs / statistics.pairs},
                   {"list_rounds", statistics.list_rounds},
                   {"search_rounds", statistics.search_rounds},
                   {"components_to_search", statistics.components_to_search},
                   {"open_points", statistics.open_points},
                   {"peak_gigabytes", peak_gigabytes()}}});
  start = seconds();
  {
    const detail::MutualReachability tree =
        detail::mutual_reachability(metric::distance_source(metric::Euclidean{}, old),
                                    {.rank = result.hierarchy.neighbour.rank}, ProgressCallback{});
    lap(Stage::Tree, {});
    require<Error>(tree.mst == result.hierarchy.mst, "two runs gave different trees");
  }
  Hierarchy hierarchy = result.hierarchy;
  const Index other_size = 2 * parameters.min_cluster_size;
  start = seconds();
  {
    const Clustering again = cut(std::move(hierarchy), other_size);
    lap(Stage::Cut, {{"min_cluster_size", other_size}, {"clusters", again.cluster_count()}});
  }
  if (fresh > 0) {
    start = seconds();
    const Prediction prediction = predict(metric::Euclidean{}, result, old, points.rightCols(fresh));
    const auto noise = std::count(prediction.labels.begin(), prediction.labels.end(), Clustering::noise);
    lap(Stage::Predict,
        {{"points", fresh}, {"noise", static_cast<double>(noise) / static_cast<double>(fresh)}});
  }
  return runs;
}

/// Seconds that the product of all points with themselves takes, from that of a part of them.
template <class S>
double product_floor(const PointsOf<S>& points) {
  const Index part = std::min<Index>(points.cols(), 8192), width = std::min<Index>(part, 2048);
  Matrix<S> products(part, width);
  double best = 1e300;
  for (int k = 0; k < 3; ++k) {
    const double start = seconds();
    multiply(points.leftCols(part).transpose(), points.leftCols(width), products);
    best = std::min(best, seconds() - start);
  }
  const auto n = static_cast<double>(points.cols());
  return 0.5 * best * n / static_cast<double>(part) * n / static_cast<double>(width);  // each pair once
}

template <class S>
std::vector<Run> run_peers(const std::string& python, const std::string& script, const PointsOf<S>& points,
                           Index fresh, const HdbscanParameters& parameters, const std::string& scratch) {
  save_npy(scratch, points);
  const std::string command = python + " '" + script + "' '" + scratch + "' " +
                              std::to_string(parameters.min_cluster_size) + " " +
                              std::to_string(parameters.effective_min_samples()) + " " + std::to_string(fresh);
  std::vector<Run> runs;
  if (FILE* pipe = popen(command.c_str(), "r")) {
    std::array<char, 4096> line;
    while (std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr) {
      const nlohmann::json found = nlohmann::json::parse(line.data(), nullptr, false);
      if (found.is_discarded() || !found.contains("program")) continue;
      if (found.contains("absent")) {
        std::cerr << found["program"].get<std::string>() << " is not installed\n";
        continue;
      }
      runs.push_back({found["program"], found["stage"], found["seconds"], found["more"]});
    }
    pclose(pipe);
  }
  std::remove(scratch.c_str());
  return runs;
}

void curve(const MappedPoints& mapped, Index last, const HdbscanParameters& parameters,
           const std::string& stem) {
  Series own{"rnnscope, whole fit", {}, {}}, floor{"one matrix product, each pair once", {}, {}};
  for (Index n = 1000;; n *= 2) {
    const Points points = mapped.first(std::min(n, last));
    const Run run = run_own<float>(points, 0, parameters)[0];
    own.x.push_back(static_cast<double>(points.cols()));
    own.y.push_back(run.time);
    floor.x.push_back(own.x.back());
    floor.y.push_back(product_floor<float>(points));
    std::cout << points.cols() << ": " << run.time << " s, product " << floor.y.back() << " s, "
              << run.more["clusters"] << " clusters\n";
    if (n >= last) break;
  }
  const Figure figure = line_plot(
      {own, floor}, {.frame = {.title = "HDBSCAN of hidden states", .x_label = "points", .y_label = "seconds"},
                     .x_axis = AxisKind::Logarithmic,
                     .y_axis = AxisKind::Logarithmic});
  write_figure(figure, stem);
}

struct Options {
  std::string python = "python3", scratch = "compare_hdbscan_points.npy", json_path;
  std::string peers =
      std::string(__FILE__).substr(0, std::string(__FILE__).rfind('/') + 1) + "hdbscan_peers.py";
  Index fresh = 0;
  int repeat = 1;
};

template <class S>
void compare(const PointsOf<S>& points, const HdbscanParameters& parameters, const Options& options) {
  std::vector<Run> runs = run_own<S>(points, options.fresh, parameters);
  for (int k = 1; k < options.repeat; ++k) {
    std::vector<Run> again = run_own<S>(points, options.fresh, parameters);
    for (std::size_t r = 0; r < runs.size(); ++r) {
      if (again[r].time < runs[r].time) runs[r] = std::move(again[r]);
    }
  }
  const std::size_t own = runs.size();
  if (!options.python.empty()) {
    for (Run& run :
         run_peers<S>(options.python, options.peers, points, options.fresh, parameters, options.scratch))
      runs.push_back(std::move(run));
  }
  const double floor = product_floor<S>(points);

  Table table({{"stage"},
               {"program"},
               {"seconds", ColumnKind::Number},
               {"times ours", ColumnKind::Number},
               {"clusters", ColumnKind::Number},
               {"noise", ColumnKind::Number}});
  nlohmann::json json{{"points", points.cols()},
                      {"dimension", points.rows()},
                      {"scalar", std::is_same_v<S, float> ? "float" : "double"},
                      {"new_points", options.fresh},
                      {"threads", thread_count()},
                      {"product_seconds", floor},
                      {"runs", nlohmann::json::array()}};
  for (std::size_t stage = 0; stage < own; ++stage) {
    for (const Run& run : runs) {
      if (run.stage != runs[stage].stage) continue;
      const auto text = [&](const char* key) {
        return run.more.contains(key) ? significant(run.more[key].get<double>(), 3) : std::string();
      };
      table.add(run.stage, run.program, significant(run.time, 4), significant(run.time / runs[stage].time, 3),
                text("clusters"), text("noise"));
      json["runs"].push_back(
          {{"program", run.program}, {"stage", run.stage}, {"seconds", run.time}, {"more", run.more}});
    }
  }
  std::cout << points.cols() << " points of " << points.rows() << " dimensions"
            << (options.fresh > 0 ? ", " + std::to_string(options.fresh) + " of them new" : std::string())
            << ", " << thread_count() << " threads\n"
            << to_text(table) << "one matrix product of all points: " << significant(floor, 4) << " s\n"
            << runs[0].more.dump() << '\n';
  if (!options.json_path.empty()) write_file(options.json_path, {json.dump(2)});
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("HDBSCAN beside other programs");
  Options options;
  std::string path, curve_stem;
  std::vector<Index> cloud;
  Index first = std::numeric_limits<Index>::max();
  bool as_double = false;
  HdbscanParameters parameters{.min_cluster_size = 100, .min_samples = 10};
  Index min_samples = 10;
  app.add_option("points", path, ".npy file of points")->check(CLI::ExistingFile);
  app.add_option("--blobs", cloud, "points and dimension of Gaussian clouds instead")
      ->delimiter(',')
      ->expected(2);
  app.add_option("--first", first, "use only the first so many points");
  app.add_option("--new", options.fresh, "predict so many of the last points instead of fitting them")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--double", as_double, "hand the points over as double");
  app.add_option("--min-cluster-size", parameters.min_cluster_size);
  app.add_option("--min-samples", min_samples);
  app.add_option("--repeat", options.repeat, "the fastest of so many runs of our own counts");
  app.add_option("--python", options.python, "interpreter that has the peers; empty: no peers");
  app.add_option("--peers", options.peers, "program that runs the peers");
  app.add_option("--scratch", options.scratch, "file to hand points to the peers");
  app.add_option("--json", options.json_path, "write the results here");
  app.add_option("--curve", curve_stem, "time over the number of points, as FILE.svg and FILE.csv");
  CLI11_PARSE(app, argc, argv);
  parameters.min_samples = min_samples;
  if (path.empty() == cloud.empty()) {
    std::cerr << "give either a file of points or --blobs N,D\n";
    return 2;
  }

  std::optional<MappedPoints> mapped;
  Matrix<float> made;
  if (cloud.empty()) {
    mapped.emplace(path);
  } else {
    made = blobs(cloud[0], cloud[1]);
  }
  if (!curve_stem.empty()) {
    if (!mapped || as_double || options.fresh > 0) {
      std::cerr << "--curve takes a file of points, without --double and --new\n";
      return 2;
    }
    curve(*mapped, std::min(first, mapped->count()), parameters, curve_stem);
    return 0;
  }
  const Points points = mapped ? mapped->first(first) : Points(made.data(), made.rows(), made.cols());
  if (options.fresh >= points.cols()) {
    std::cerr << "--new " << options.fresh << " of " << points.cols() << " points leaves none to fit\n";
    return 2;
  }
  if (as_double) {
    const Matrix<double> wide = points.cast<double>();
    compare<double>(PointsOf<double>(wide.data(), wide.rows(), wide.cols()), parameters, options);
  } else {
    compare<float>(points, parameters, options);
  }
}
