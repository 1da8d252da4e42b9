// What every verb gets: the state directory, the account it acts for, the output, and the way to the runtime.
// One thread. Opens nothing until it is asked to.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "command.h"
#include "output.h"
#include "state/home.h"
#include "state/store.h"
#include "wire/http_client.h"

namespace smhost::cli {

class Context {
 public:
  Context(Home home, std::string account, Output& out, const std::vector<Command>& commands,
          std::vector<std::string> raw);

  const Home& home() const { return home_; }
  const std::string& account() const { return account_; }
  const std::string& region() const { return region_; }  // $AWS_DEFAULT_REGION, else kRegion
  Output& out() { return out_; }
  Files& files() { return *files_; }
  const Clock& clock() const { return clock_; }
  Store& store() { return *store_; }
  const std::vector<Command>& commands() const { return commands_; }
  const std::vector<std::string>& raw() const { return raw_; }  // words of a raw verb

  // Does a runtime hold this state directory?
  bool RuntimeRuns() const;
  // One request to it, in the account's name. Where none listens: a failure with the resource kRuntimeResource.
  Result<HttpResponse> Call(const std::string& method, const std::string& target, HttpHeaders headers,
                            std::string_view body, std::chrono::milliseconds timeout);
  // The failure that says how to start one.
  Error NoRuntime() const;

 private:
  Home home_;
  std::string account_, region_;
  Output& out_;
  const std::vector<Command>& commands_;
  std::vector<std::string> raw_;
  std::unique_ptr<Files> files_;
  SystemClock clock_;
  std::unique_ptr<Store> store_;
};

}  // namespace smhost::cli
