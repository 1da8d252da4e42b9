// What AWS takes and this build does not do: said by apply and by the man page, never silently ignored.
// Any thread; pure. Documents are valid (validate.h).
#pragma once

#include <string>
#include <vector>

#include "resources/fault.h"
#include "resources/kind.h"

namespace smhost {

// A property that is accepted and stored, and changes nothing.
struct UnbuiltProperty {
  Kind kind;
  const char* path;    // "ProductionVariants[].KmsKeyId"; for shadow variants, too, as PrimaryContainer is for Containers
  const char* unless;  // the value, as JSON, that says what is done anyway; nullptr: none
  const char* text;    // what happens instead
};

const std::vector<UnbuiltProperty>& UnbuiltProperties();

struct Note {
  std::string path;  // "Properties.ProductionVariants[0].KmsKeyId"
  std::string text;
  std::string source;  // the file, where one is known
  bool operator==(const Note&) const = default;
};

// The properties of this document that have no effect.
std::vector<Note> Unbuilt(const Document& document);

// What cannot be done at all: apply refuses it.
std::vector<Fault> Unsupported(const Document& document);

}  // namespace smhost
