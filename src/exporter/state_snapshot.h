#pragma once

#include <optional>
#include <string_view>

#include "exporter/snapshot.h"
#include "exporter/state_codec.h"

namespace exporter {

// The part of a record in the state file that pages and programs are shown.

/// Appends it; nullptr: that there is none.
void EncodeSnapshot(StateEncoder& encoder, const Summary* summary, const Details& details);

/// Takes it from the front. What the present program would not have written itself is a mistake;
/// where it has no words for it any more, there is none.
void DecodeSnapshot(StateDecoder& decoder, std::optional<Summary>& summary, Details& details);

// The present program's own copy of a word, which lives for ever; empty when it does not know it.
std::string_view KnownCheck(std::string_view word);
std::string_view KnownReason(std::string_view word);

}  // namespace exporter
