#include "gateway/asio.h"

#include <boost/asio/impl/src.hpp>
