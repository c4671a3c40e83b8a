// Who ended a process? Every kind of death is staged with real processes under a parent that reaps at once, round after
// round; the confusion matrix says what was taken for what, with the witness of exit statuses and without it.
import type { ExitWatch } from '../src/model/index.ts';
import { playAll, type Played } from '../test/support/deaths/play.ts';
import { openStage } from '../test/support/deaths/stage.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
/** Issue 5: the killer identified in nine of ten staged deaths. */
const WANTED = 0.9;
const SESSION = '55555555-5555-4555-8555-555555555555';
const NO_WITNESS: ExitWatch = {
  capability: async () => ({ name: 'exit-status', works: false, detail: 'none', fix: null }),
  ask: async () => new Map(),
  close: async () => undefined,
};

const right = ({ kind, death }: Played): boolean => death?.killer === kind.killer;

async function rounds(count: number, exits?: ExitWatch): Promise<Played[]> {
  const played: Played[] = [];
  for (let round = 0; round < count; round += 1) {
    const stage = await openStage(SESSION, exits);
    played.push(...(await playAll(stage)));
    await stage.end();
  }
  return played;
}

function matrix(played: readonly Played[]): void {
  for (const name of new Set(played.map(({ kind }) => kind.name))) {
    const own = played.filter(({ kind }) => kind.name === name);
    const said = new Map<string, number[]>();
    for (const { death } of own) {
      const killer = death?.killer ?? 'not remembered';
      said.set(killer, [...(said.get(killer) ?? []), death?.confidence ?? 0]);
    }
    const told = [...said].map(([killer, sure]) => {
      const mean = Math.round(sure.reduce((sum, one) => sum + one, 0) / sure.length);
      return `${killer} × ${sure.length}${mean > 0 ? ` (${mean} %)` : ''}`;
    });
    console.log(
      `  ${name.padEnd(30)} ${String(own.filter(right).length).padStart(2)}/${own.length}  ${told.join(', ')}`,
    );
  }
}

function summary(played: readonly Played[]): number {
  const share = played.filter(right).length / played.length;
  const named = played.filter(({ death }) => death !== null && death.killer !== 'unknown');
  const wrong = named.filter((one) => !right(one));
  const sure = named.reduce((sum, { death }) => sum + (death?.confidence ?? 0), 0) / Math.max(1, named.length);
  console.log(
    `  identified ${played.filter(right).length} of ${played.length} (${(share * 100).toFixed(0)} %); named wrongly ${wrong.length}; of what was named ${(100 * (1 - wrong.length / Math.max(1, named.length))).toFixed(0)} % right at a mean confidence of ${sure.toFixed(0)} %`,
  );
  return share;
}

console.log(`with the witness, ${ROUNDS} rounds`);
const seen = await rounds(ROUNDS);
matrix(seen);
const share = summary(seen);
console.log('without it (older kernels as a user, containers, no Perl), 2 rounds');
const blind = await rounds(2, NO_WITNESS);
matrix(blind);
summary(blind);
if (share < WANTED) process.exitCode = 1;
