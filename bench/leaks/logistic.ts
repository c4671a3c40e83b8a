/** Weighted, ridged logistic regression with non-negative weights where asked: damped projected Newton steps. */
export function fitLogistic(
  x: readonly Float64Array[],
  y: readonly number[],
  w: readonly number[],
  nonNegative: readonly boolean[],
  ridge: number,
  start: Float64Array | null,
): Float64Array {
  const k = nonNegative.length;
  const mean = w.reduce((a, b) => a + b, 0) / w.length;
  let b = start === null ? new Float64Array(k) : Float64Array.from(start);
  const dot = (v: Float64Array, row: Float64Array): number => {
    let s = 0;
    for (let i = 0; i < k; i++) s += v[i]! * row[i]!;
    return s;
  };
  const loss = (v: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      const z = dot(v, x[i]!);
      sum += (w[i]! / mean) * (Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z))) - y[i]! * z);
    }
    for (let i = 1; i < k; i++) sum += (ridge / 2) * v[i]! ** 2;
    return sum;
  };
  let best = loss(b);
  for (let step = 0; step < 60; step++) {
    const g = new Float64Array(k);
    const h = Array.from({ length: k }, () => new Float64Array(k));
    for (let n = 0; n < x.length; n++) {
      const row = x[n]!;
      const p = 1 / (1 + Math.exp(-dot(b, row)));
      const weight = w[n]! / mean;
      const curve = weight * p * (1 - p);
      for (let i = 0; i < k; i++) {
        g[i] = g[i]! + weight * (y[n]! - p) * row[i]!;
        const hi = h[i]!;
        for (let j = 0; j <= i; j++) hi[j] = hi[j]! + curve * row[i]! * row[j]!;
      }
    }
    for (let i = 0; i < k; i++) {
      if (i > 0) g[i] = g[i]! - ridge * b[i]!;
      h[i]![i] = h[i]![i]! + ridge + 1e-3;
      for (let j = 0; j < i; j++) h[j]![i] = h[i]![j]!;
    }
    const free = [...b.keys()].filter((i) => !(nonNegative[i]! && b[i]! <= 0 && g[i]! <= 0));
    const direction = solve(
      free.map((i) => free.map((j) => h[i]![j]!)),
      free.map((i) => g[i]!),
    );
    let moved = false;
    for (let size = 1; size > 1e-4; size /= 2) {
      const next = Float64Array.from(b);
      free.forEach((i, at) => {
        next[i] = b[i]! + size * direction[at]!;
        if (nonNegative[i]! && next[i]! < 0) next[i] = 0;
      });
      const value = loss(next);
      if (value < best - 1e-4) {
        b = next;
        best = value;
        moved = true;
        break;
      }
    }
    if (!moved) break;
  }
  return b;
}

/** Gaussian elimination with partial pivots; small systems. */
function solve(a: number[][], rhs: number[]): number[] {
  const n = rhs.length;
  const m = a.map((row, i) => [...row, rhs[i]!]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(m[r]![c]!) > Math.abs(m[pivot]![c]!)) pivot = r;
    [m[c], m[pivot]] = [m[pivot]!, m[c]!];
    for (let r = c + 1; r < n; r++) {
      const f = m[r]![c]! / m[c]![c]!;
      for (let j = c; j <= n; j++) m[r]![j] = m[r]![j]! - f * m[c]![j]!;
    }
  }
  const out = new Array<number>(n).fill(0);
  for (let r = n - 1; r >= 0; r--) {
    let v = m[r]![n]!;
    for (let j = r + 1; j < n; j++) v -= m[r]![j]! * out[j]!;
    out[r] = v / m[r]![r]!;
  }
  return out;
}
