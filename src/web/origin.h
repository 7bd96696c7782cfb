#pragma once

#include <string>
#include <string_view>

#include "web/server.h"

namespace web {

/// Whether a browser sends this request on behalf of a page that is not of this server, which a
/// handler that does something must refuse: the page's author would use his visitor's network and
/// password. Programs other than browsers say neither Sec-Fetch-Site nor Origin, and pass.
/// `own_origin` is what the server is called from outside, like "https://monitor.example.org";
/// empty: what the Host header says.
bool ComesFromElsewhere(const Request& request, std::string_view own_origin = {});

/// "https://example.org" of "https://example.org/federation"; empty of what is no URL.
std::string OriginOf(std::string_view url);

}  // namespace web
