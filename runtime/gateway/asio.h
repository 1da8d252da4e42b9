// The only door to Asio: its settings must be the same in every file that includes it. Compiled once, in asio_impl.cc.
#pragma once

#define BOOST_ASIO_SEPARATE_COMPILATION 1
#define BOOST_ASIO_NO_DEPRECATED 1
#define BOOST_ASIO_DISABLE_BOOST_COROUTINE 1

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace smhost {
namespace asio = boost::asio;
using StreamSocket = asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;
using LoopTimer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                             asio::io_context::executor_type>;
using LoopDescriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;
using ErrorCode = boost::system::error_code;
}  // namespace smhost
