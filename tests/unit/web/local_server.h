#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "web/server.h"

namespace web::testing {

/// A server on a port of 127.0.0.1, in a thread of its own.
class LocalServer : public ::testing::Test {
 protected:
  void Serve(std::vector<Route> routes, ServerOptions options) {
    std::string error;
    auto listeners = Listener::OpenAll(context_.get_executor(), {"127.0.0.1:0"}, error);
    ASSERT_EQ(listeners.size(), 1U) << error;
    const std::string address = listeners.front().LocalAddress();
    port_ = std::stoi(address.substr(address.rfind(':') + 1));
    server_ =
        std::make_unique<Server>(context_.get_executor(), std::move(routes), std::move(options));
    server_->Serve(std::move(listeners.front()));
    thread_ = std::thread([this] { context_.run(); });
  }

  /// Until the context has run out of work.
  void Stop() {
    boost::asio::post(context_, [this] { server_.reset(); });
    thread_.join();
  }

  void TearDown() override {
    if (thread_.joinable()) Stop();
  }

  boost::asio::io_context context_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace web::testing
