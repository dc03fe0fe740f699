// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Times whole fits of HDBSCAN (labels, probabilities, outlier scores) beside other programs on the same
/// points.
///
///     compare_hdbscan POINTS.npy [--first N] [--json FILE]      one size, with peers
///     compare_hdbscan --blobs 1000000,10                        the same on Gaussian clouds
///     compare_hdbscan POINTS.npy --curve FILE                   time over N, FILE.svg and FILE.csv, without
///     peers
///
/// POINTS.npy is [N, D] in float (see hidden_states.cpp). Peers are run by hdbscan_peers.py, one process each;
/// those that are not installed are left out. The product of the points with themselves, N^2 D multiplications
/// and additions, is timed on a part of the points: the floor of any method that looks at all distances.
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
#include "rnnscope/core/random.hpp"
#include "rnnscope/format/npy.hpp"
#include "rnnscope/product/multiply.hpp"
#include "rnnscope/report/line_plot.hpp"
#include "rnnscope/report/table_format.hpp"

namespace {

using namespace rnnscope;
using Points = Eigen::Map<const Matrix<float>>;

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

struct Run {
  std::string program;
  double time = 0.0;
  Index clusters = 0;
  double noise = 0.0;  ///< fraction
  nlohmann::json more;
};

Run run_own(const Points& points, const HdbscanParameters& parameters) {
  const double start = seconds();
  const Clustering result = Hdbscan<metric::Euclidean>(parameters).fit(points);
  const double time = seconds() - start;
  const TreeStatistics& statistics = result.hierarchy.statistics;
  const auto n = static_cast<double>(points.cols());
  constexpr std::array<const char*, 4> names{"automatic", "Prim", "tiles", "k-d tree"};
  return {"rnnscope",
          time,
          result.cluster_count(),
          static_cast<double>(result.noise_count()) / n,
          {{"algorithm", names[static_cast<std::size_t>(statistics.algorithm)]},
           {"directions", statistics.directions},
           {"bounded_fraction", statistics.bounded_pairs / statistics.pairs},
           {"evaluated_fraction", statistics.evaluated_pairs / statistics.pairs},
           {"list_rounds", statistics.list_rounds},
           {"search_rounds", statistics.search_rounds},
           {"components_to_search", statistics.components_to_search},
           {"open_points", statistics.open_points},
           {"peak_gigabytes", peak_gigabytes()}}};
}

/// Seconds that the product of all points with themselves takes, from that of a part of them.
double product_floor(const Points& points) {
  const Index part = std::min<Index>(points.cols(), 8192), width = std::min<Index>(part, 2048);
  Matrix<float> products(part, width);
  double best = 1e300;
  for (int k = 0; k < 3; ++k) {
    const double start = seconds();
    multiply(points.leftCols(part).transpose(), points.leftCols(width), products);
    best = std::min(best, seconds() - start);
  }
  const auto n = static_cast<double>(points.cols());
  return 0.5 * best * n / static_cast<double>(part) * n / static_cast<double>(width);  // each pair once
}

std::vector<Run> run_peers(const std::string& python, const std::string& script, const Points& points,
                           const HdbscanParameters& parameters, const std::string& scratch) {
  save_npy(scratch, points);
  const std::string command = python + " '" + script + "' '" + scratch + "' " +
                              std::to_string(parameters.min_cluster_size) + " " +
                              std::to_string(parameters.effective_min_samples());
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
      runs.push_back({found["program"], found["seconds"], found["clusters"], found["noise"], {}});
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
    const Run run = run_own(points, parameters);
    own.x.push_back(static_cast<double>(points.cols()));
    own.y.push_back(run.time);
    floor.x.push_back(own.x.back());
    floor.y.push_back(product_floor(points));
    std::cout << points.cols() << ": " << run.time << " s, product " << floor.y.back() << " s, " << run.clusters
              << " clusters\n";
    if (n >= last) break;
  }
  const Figure figure = line_plot(
      {own, floor}, {.frame = {.title = "HDBSCAN of hidden states", .x_label = "points", .y_label = "seconds"},
                     .x_axis = AxisKind::Logarithmic,
                     .y_axis = AxisKind::Logarithmic});
  write_figure(figure, stem);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("HDBSCAN beside other programs");
  std::string path, json_path, curve_stem, python = "python3", scratch = "compare_hdbscan_points.npy";
  std::string script =
      std::string(__FILE__).substr(0, std::string(__FILE__).rfind('/') + 1) + "hdbscan_peers.py";
  std::vector<Index> cloud;
  Index first = std::numeric_limits<Index>::max();
  int repeat = 1;
  HdbscanParameters parameters{.min_cluster_size = 100, .min_samples = 10};
  Index min_samples = 10;
  app.add_option("points", path, ".npy file of points")->check(CLI::ExistingFile);
  app.add_option("--blobs", cloud, "points and dimension of Gaussian clouds instead")
      ->delimiter(',')
      ->expected(2);
  app.add_option("--first", first, "use only the first so many points");
  app.add_option("--min-cluster-size", parameters.min_cluster_size);
  app.add_option("--min-samples", min_samples);
  app.add_option("--repeat", repeat, "the fastest of so many fits of our own counts");
  app.add_option("--python", python, "interpreter that has the peers; empty: no peers");
  app.add_option("--peers", script, "program that runs the peers");
  app.add_option("--scratch", scratch, "file to hand points to the peers");
  app.add_option("--json", json_path, "write the results here");
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
    if (!mapped) return 2;
    curve(*mapped, std::min(first, mapped->count()), parameters, curve_stem);
    return 0;
  }
  const Points points = mapped ? mapped->first(first) : Points(made.data(), made.rows(), made.cols());
  std::vector<Run> runs{run_own(points, parameters)};
  for (int k = 1; k < repeat; ++k) {
    Run again = run_own(points, parameters);
    if (again.time < runs[0].time) runs[0] = std::move(again);
  }
  if (!python.empty()) {
    for (Run& run : run_peers(python, script, points, parameters, scratch)) runs.push_back(std::move(run));
  }
  const double floor = product_floor(points);

  Table table({{"program"},
               {"seconds", ColumnKind::Number},
               {"times ours", ColumnKind::Number},
               {"clusters", ColumnKind::Number},
               {"noise", ColumnKind::Number}});
  nlohmann::json json{{"points", points.cols()},
                      {"dimension", points.rows()},
                      {"threads", thread_count()},
                      {"product_seconds", floor},
                      {"runs", nlohmann::json::array()}};
  for (const Run& run : runs) {
    table.add(run.program, significant(run.time, 4), significant(run.time / runs[0].time, 3), run.clusters,
              significant(run.noise, 3));
    json["runs"].push_back({{"program", run.program},
                            {"seconds", run.time},
                            {"clusters", run.clusters},
                            {"noise", run.noise},
                            {"more", run.more}});
  }
  std::cout << points.cols() << " points of " << points.rows() << " dimensions, " << thread_count()
            << " threads\n"
            << to_text(table) << "one matrix product of all points: " << significant(floor, 4) << " s\n"
            << runs[0].more.dump() << '\n';
  if (!json_path.empty()) write_file(json_path, {json.dump(2)});
}
