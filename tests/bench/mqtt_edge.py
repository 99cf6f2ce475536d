# SPDX-License-Identifier: Apache-2.0
"""A broker for MQTT alone, in a directory of its own, and the few packets that the measuring clients need."""
import pathlib
import struct

import servers


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def packet(first, body):
    size = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 127 | 128, len(body) >> 7])
    return bytes([first]) + size + body


def start(name, program, prepare=lambda server: ""):
    """`prepare`: returns more lines for the MQTT plug-in; the directory is there then."""
    server = servers.Server(name)
    (server.directory / "tenon.toml").write_text(
        '[broker]\ncluster = "c"\nname = "b"\ndata_dir = "data"\n[plugins.store]\ntype = "store-mmap"\n'
        'commit_log_file_size = "16MiB"\n[plugins.filter-tag]\n[plugins.mqtt]\ntype = "protocol-mqtt"\n'
        f'listen = ["127.0.0.1:{server.port}"]\n' + prepare(server))
    process = server.spawn([pathlib.Path(program).resolve(), "serve", "-c", "tenon.toml"])
    servers.wait_for_port(server.port, process)
    server.pid = process.pid
    return server
