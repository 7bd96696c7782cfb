#pragma once
#pragma GCC system_header

// Found before Boost's own header of this name, which it wraps: there is no macro to say this from
// outside. Without timerfd the event loop hands its next time-out to epoll_wait. That saves two
// system calls for most timers, and it works under libfaketime, which takes the absolute time in
// timerfd_settime (asio's way to say "at once") for a date and, with a clock in the past, never
// wakes up.
#include_next <boost/asio/detail/config.hpp>
#undef BOOST_ASIO_HAS_TIMERFD
