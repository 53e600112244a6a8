"""Counts visits in redis, spoken to directly: a connection per request, one command."""

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def visits() -> int:
    with socket.create_connection(("store", 6379), timeout=5) as connection:
        connection.sendall(b"INCR visits\r\n")
        return int(connection.makefile().readline()[1:])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"visit number {visits()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
