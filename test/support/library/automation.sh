#!/bin/sh
# In a pid namespace of its own: a service that may end orphans by itself, and an orphan. Prints what was done and learned.
cli="node dist/cli.js"
$cli demo > /dev/null 2>&1 &
$cli start > /dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
  sleep 2
  if $cli learned --json 2>/dev/null | grep -q '"action": "reap"'; then break; fi
done
$cli learned --json
printf '\n---\n'
$cli audit --json
printf '\n---\n'
cat "$RAMPART_STATE_DIR/automation.json"
