// The launcher and the templates as the controller sees them: orders templates, adopts those that live, asks them for
// instances, ends those that nobody needs. The controller's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/files.h"
#include "controller/channel.h"
#include "planning/endpoint_plan.h"
#include "state/home.h"
#include "wire/control.h"

namespace smhost {

// Of a record in run/ whose process lives, which its lock proves.
std::optional<ProcessId> LivingProcessOf(Files& files, const std::string& record_path);

class Templates {
 public:
  struct Events {
    std::function<void()> changed;                          // something about a template is new
    std::function<void()> launcher_wanted;                  // tell the supervisor
    std::function<void(const Exited&)> instance_exited;     // said by its template
    std::function<void(const std::string& reason, const std::string& message, bool warning)> note;  // for the history
  };
  Templates(EventLoop& loop, Files& files, const Home& home, Events events);
  ~Templates();

  void Adopt();                       // once, at start: those that live; clears away what the dead left
  void WarmLauncher();                // so that it loads libtorch while something else goes on
  void Start(const std::string& key, const VariantSpec& variant, const std::string& model_folder);
  // Asks a ready template; `started` is called once, from the loop.
  void Ask(const std::string& key, const InstanceOrder& order, std::function<void(const Started&)> started);
  // Ends every template whose key is not needed.
  void KeepOnly(const std::set<std::string>& needed_keys);
  std::map<std::string, ObservedTemplate> Observe() const;
  bool Alive(const std::string& key) const;

 private:
  struct Template {
    TemplateOrder order;
    std::string key;
    ProcessId process;
    Descriptor pidfd;
    std::unique_ptr<Channel> channel;
    ObservedTemplate seen;
    bool ending = false;
    EventLoop::Timer timer = 0;         // while it ends: SIGKILL
    EventLoop::Timer load_timer = 0;    // while it loads
    EventLoop::Timer answer_timer = 0;  // while it owes an answer
    std::vector<std::pair<std::string, std::function<void(const Started&)>>> asked;  // in order
  };
  using Handle = std::shared_ptr<Template>;

  void ConnectLauncher();
  void LauncherGone();
  void LauncherSays(const std::string& op, const Json& message);
  void SendOrder(const Handle& t);
  void Watch(const Handle& t);
  bool ConnectTemplate(const Handle& t);
  void TemplateSays(const Handle& t, const std::string& op, const Json& message);
  void AwaitAnswer(const Handle& t);
  void Silent(const Handle& t);
  void Ended(const Handle& t);
  void FailTemplate(const Handle& t, const std::string& error);
  void Drop(const Handle& t);
  void End(const Handle& t);
  void EndOrDrop(const Handle& t);
  bool Ordered(const Handle& t) const;
  Handle Find(const std::string& id) const;

  EventLoop& loop_;
  Files& files_;
  const Home& home_;
  Events events_;
  std::unique_ptr<Channel> launcher_;
  bool connecting_ = false;
  int tries_ = 0;
  std::vector<Handle> waiting_;          // ordered, not answered by the launcher
  std::map<std::string, Handle> by_key_; // the one that answers for its key
  std::set<Handle> all_;                 // those that end, too
  std::map<std::string, int> crashes_;   // by key: loads that ended without a report, in a row
};

}  // namespace smhost
