"""A client in Python: its children get pipes. One JSON order a line on stdin; answers {"pid": …}. Ends with its stdin.

{"mode": "piped" | "closed" | "shared", "command": […], "env": {…}}
piped: keeps the child's stdin open. closed: closes it at once. shared: a socket whose other end a second process holds.
"""
import json
import os
import socket
import subprocess
import sys

kept = []
for line in sys.stdin:
    order = json.loads(line)
    env = {**os.environ, **order.get("env", {})}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env}
    if order["mode"] == "shared":
        ours, theirs = socket.socketpair()
        child = subprocess.Popen(order["command"], stdin=theirs, start_new_session=True, **quiet)
        holder = subprocess.Popen(["sleep", "110"], pass_fds=[ours.fileno()], start_new_session=True, **quiet)
        ours.close()
        theirs.close()
        kept.append(holder)
    else:
        child = subprocess.Popen(order["command"], stdin=subprocess.PIPE, start_new_session=True, **quiet)
        if order["mode"] == "closed":
            child.stdin.close()
    kept.append(child)
    print(json.dumps({"pid": child.pid}), flush=True)
