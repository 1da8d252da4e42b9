// Whether AWS would take a document: its schema, then the rules that a schema does not say. All faults at once.
// Any thread; pure. What AWS takes and this build cannot do is said by effects.h.
#pragma once

#include <vector>

#include "resources/fault.h"
#include "resources/kind.h"

namespace smhost {

// Paths begin with "Properties". Empty: the document is valid, its name too.
std::vector<Fault> Validate(const Document& document);

// The second half, by kind: rules between properties. They skip what has the wrong type, which the schema reports.
void CheckModelRules(const Json& properties, std::vector<Fault>& faults);
void CheckEndpointConfigRules(const Json& properties, std::vector<Fault>& faults);
void CheckEndpointRules(const Json& properties, std::vector<Fault>& faults);
void CheckAlarmRules(const Json& properties, std::vector<Fault>& faults);
void CheckGoldenSetRules(const Json& properties, std::vector<Fault>& faults);
void CheckPublicRouteRules(const Json& properties, std::vector<Fault>& faults);

}  // namespace smhost
