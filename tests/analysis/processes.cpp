#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <system_error>

#include <unistd.h>
#include <nlohmann/json.hpp>

#include <halfulp/analysis/backends/isolated.hpp>
#include <halfulp/analysis/backends/process.hpp>
#include <halfulp/analysis/backends/replies.hpp>

using namespace halfulp::analysis;
using namespace std::chrono_literals;
using came = line_process::came;

namespace {

/// A worker written as a shell script, on the words of whose lines it does what it is told.
const std::vector<std::string> obedient{"/bin/sh", "-c", R"(
  while read -r line; do
    case "$line" in
      *describe*) echo '{"describe": {"name": "obedient"}}' ;;
      *crash*) echo 'about to fail' >&2; kill -SEGV $$ ;;
      *hang*) sleep 1000 ;;
      *leave*) exit 7 ;;
      *babble*) echo 'no JSON' ;;
      *remark*) echo 'a remark'; echo '{"error": "of the line before", "kind": "unsupported"}' ;;
      *) echo '{"error": "refused as always", "kind": "refused"}' ;;
    esac
  done)"};

halfulp::analysis::test_case case_named(const std::string& word) {
  return parse_case(
      R"({"api": "conv2d_bias_grad", "kwargs": {"dy": {"tensor": {"dtype": "float32", "shape": [1, 1, 1, 1]}},
                        "data_format": ")" +
          word + R"("}})",
      "here:1");
}

}  // namespace

TEST_CASE("processes: a line is answered with a line, of any length") {
  line_process p({"/bin/cat"});
  for (const std::size_t length : {0u, 1u, 100000u, 5000000u, 10u}) {
    const std::string line(length, 'x');
    const auto reply = p.ask(line, 60s);
    CHECK(reply.kind == came::line);
    CHECK(reply.text == line);
  }
}

TEST_CASE("processes: an answer of hundreds of megabytes takes no longer, for its length, than a shorter one") {
  line_process p({"/bin/sh", "-c", "while read -r bytes; do head -c $bytes /dev/zero | tr '\\0' x; echo; done"});
  const auto seconds_of = [&](std::size_t bytes) {
    const auto start = std::chrono::steady_clock::now();
    const auto reply = p.ask(std::to_string(bytes), 600s);
    CHECK(reply.kind == came::line);
    CHECK(reply.text.size() == bytes);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  seconds_of(1000000);
  const double small = seconds_of(10000000);
  CHECK(seconds_of(200000000) < 5 * 20 * small + 1);
}

TEST_CASE("processes: a crash says by which signal and with which last words, and the next line starts anew") {
  line_process p(obedient);
  const auto reply = p.ask("crash", 60s);
  CHECK(reply.kind == came::crashed);
  CHECK_THAT(reply.text, Catch::Contains("signal 11 (Segmentation fault)") && Catch::Contains("about to fail"));
  CHECK_FALSE(p.running());
  CHECK(p.ask("hello", 60s).kind == came::line);
  CHECK(p.running());
}

TEST_CASE("processes: one that leaves without an answer says its exit code") {
  line_process p(obedient);
  const auto reply = p.ask("leave", 60s);
  CHECK(reply.kind == came::crashed);
  CHECK_THAT(reply.text, Catch::Contains("exit code 7"));
}

TEST_CASE("processes: one that hangs is ended in time") {
  line_process p(obedient);
  const auto start = std::chrono::steady_clock::now();
  const auto reply = p.ask("hang", 300ms);
  CHECK(reply.kind == came::timed_out);
  CHECK_THAT(reply.text, Catch::Contains("300 ms"));
  CHECK(std::chrono::steady_clock::now() - start < 60s);
  CHECK(p.ask("hello", 60s).kind == came::line);
}

TEST_CASE("processes: one that reads nothing and prints nothing is ended, however long the line is") {
  line_process p({"/bin/sleep", "1000"});
  CHECK(p.ask(std::string(3000000, 'x'), 300ms).kind == came::timed_out);
}

TEST_CASE("processes: a program that is not there is an error that names it") {
  line_process p({"/nowhere/program"});
  CHECK_THROWS_AS(p.ask("hello", 1s), std::system_error);
  CHECK_THROWS_WITH(p.ask("hello", 1s), Catch::Contains("/nowhere/program"));
}

TEST_CASE("reply stream: what others print to standard output is not among the answers, and later is again") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::fflush(stdout);
  const int before = ::dup(STDOUT_FILENO);
  ::dup2(ends[1], STDOUT_FILENO);
  {
    reply_stream out;
    out << "first\n" << std::flush;
    std::printf("(a remark of a library)\n");
    std::fflush(stdout);
    out << "second\n";
  }
  std::printf("later\n");
  std::fflush(stdout);
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
  ::close(ends[1]);
  char text[100];
  const ssize_t n = ::read(ends[0], text, sizeof text);
  ::close(ends[0]);
  CHECK(std::string_view(text, static_cast<std::size_t>(std::max<ssize_t>(n, 0))) == "first\nsecond\nlater\n");
}

TEST_CASE("isolated backends: crashes, hangs and nonsense are answers, and the next case is answered again") {
  isolated_backend b("obedient", obedient, 500ms);
  CHECK(b.describe()["name"] == "obedient");
  CHECK(b.run(case_named("x")).kind == failure::refused);
  CHECK(b.run(case_named("crash")).kind == failure::crashed);
  CHECK(b.run(case_named("x")).kind == failure::refused);
  CHECK(b.run(case_named("hang")).kind == failure::timed_out);
  CHECK(b.run(case_named("leave")).kind == failure::crashed);
  CHECK(b.run(case_named("babble")).kind == failure::failed);
  CHECK(b.run(case_named("x")).kind == failure::refused);
  CHECK(b.run(case_named("remark")).kind == failure::failed);
  CHECK(b.run(case_named("x")).kind == failure::refused);  // and not what came after the remark
}

TEST_CASE("isolated backends: one that does not start says so on every case") {
  isolated_backend b("absent", std::vector<std::string>{"/nowhere/worker"}, 1s);
  CHECK_THAT(b.describe()["error"].get<std::string>(), Catch::Contains("/nowhere/worker"));
  const answer a = b.run(case_named("x"));
  CHECK(a.kind == failure::crashed);
  CHECK_THAT(a.error, Catch::Contains("does not start"));
}
