#!/bin/bash
# bash leak.sh leaky|fixed SECONDS: a log in a variable that only the fixed one cuts.
log=''
line=$(printf 'x%.0s' {1..1000})
SECONDS=0
while ((SECONDS < $2)); do
  for _ in {1..20}; do log+=$line; done
  [[ $1 == fixed ]] && log=''
  sleep 0.05
done
