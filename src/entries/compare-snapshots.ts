/**
 * Compares two heap snapshots of ours: `compare-snapshots.js BEFORE AFTER`. A process of its own, so that what it needs
 * (some hundred MB for a heap of a million objects) is bounded and gone afterwards. Prints the growth as JSON.
 */
import { compareFiles } from '../captures/compare-files.ts';

const [, , before = '', after = ''] = process.argv;
compareFiles(before, after).then(
  (growth) => process.stdout.write(JSON.stringify(growth)),
  (error: unknown) => {
    process.stderr.write(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
