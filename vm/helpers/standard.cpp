// All helpers of this emulation: one line a family. Helpers that are not here make a program that calls
// them fail to load, by name.
#include "skep/vm/helper.hpp"

namespace skep::vm {

HelperTable HelperTable::standard() {
  HelperTable table;
  register_map_helpers(table);
  register_time_helpers(table);
  register_task_helpers(table);
  register_trace_helpers(table);
  register_string_helpers(table);
  register_control_helpers(table);
  register_lock_helpers(table);
  register_probe_helpers(table);
  register_ringbuf_helpers(table);
  register_perf_helpers(table);
  register_checksum_helpers(table);
  register_xdp_helpers(table);
  register_skb_helpers(table);
  register_skb_room_helpers(table);
  register_vlan_helpers(table);
  register_redirect_helpers(table);
  return table;
}

}  // namespace skep::vm
