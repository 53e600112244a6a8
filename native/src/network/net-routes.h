#ifndef NET_ROUTES_H
#define NET_ROUTES_H

#include "json.h"

/* Adds `routes` and `addresses` of the host, as the reply of op `routes` has them. 0, or -1 with errno. */
int net_routes_list(struct json *json);

#endif
