# python3 leak.py leaky|fixed SECONDS: requests of 20 KB; the leaky one keeps them in a list, the fixed one the last 100.
import sys
import time

variant, seconds = sys.argv[1], float(sys.argv[2])
kept = []
end = time.monotonic() + seconds
while time.monotonic() < end:
    kept.append(bytearray(20_000))
    if variant == "fixed" and len(kept) > 100:
        kept.pop(0)
    time.sleep(0.02)
