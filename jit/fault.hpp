// Signals in compiled code: guest memory that is not there ends the run at that instruction.
#pragma once

namespace skep::jit {

// `leave`: EntryCode's. Any number of times; any thread.
void install_fault_handler(const void* leave);

}  // namespace skep::jit
