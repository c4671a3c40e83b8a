/**
 * A day of a swarm of 1000 processes with 20 true incidents among restarts, warm-ups, load steps, builds, batches and
 * caches: which incidents are alerted, how many alerts are false, how often people are called; and the original's rules on
 * the same day. `ALERT_SEEDS=10` for more days, `ALERT_FIRST=500` for others. Exit code 1 when a goal is missed.
 */
import { runDay } from './alerts/run.ts';

/** Rules were changed after seeds 1 to 5, 100 to 103, 200 to 203, 300 to 303, 401 to 403 and 500 were looked at. */
const first = Number(process.env['ALERT_FIRST'] ?? 600);
const seeds = Number(process.env['ALERT_SEEDS'] ?? 3);
const verbose = process.env['ALERT_VERBOSE'] === '1';
const GOALS = { alerted: 19, falseAlerts: 3, perIncident: 1.5 };

let missed = false;
console.log('In brackets: incidents that an alert covers which fired already.');
console.log('            incidents  false    calls per   median    rules');
console.log('seed        alerted    alerts   incident    delay     per look');
for (let seed = first; seed < first + seeds; seed += 1) {
  const { rampart, original, evaluateMs, fired, resolved, notifications } = runDay({ seed }, true);
  const good =
    rampart.alerted >= (GOALS.alerted * rampart.incidents) / 20 &&
    rampart.falseAlerts <= GOALS.falseAlerts &&
    rampart.perIncident <= GOALS.perIncident;
  missed ||= !good;
  console.log(
    `${String(seed).padEnd(4)} rampart ${rampart.alerted}/${rampart.incidents}${rampart.standing > 0 ? ` (${rampart.standing})` : '    '}  ${String(rampart.falseAlerts).padStart(4)}     ${rampart.perIncident.toFixed(2).padStart(6)}      ${rampart.medianDelayMin.toFixed(0).padStart(4)} min  ${evaluateMs.toFixed(2)} ms   ${good ? 'goals reached' : 'MISSED'} (${fired} alerts fired, ${notifications.length} notifications, ${resolved} of them ends)`,
  );
  if (original !== null) {
    console.log(
      `     seed's  ${original.alerted}/${original.incidents}     ${String(original.falseAlerts).padStart(4)}     ${original.perIncident.toFixed(1).padStart(6)}      ${original.medianDelayMin.toFixed(0).padStart(4)} min`,
    );
  }
  for (const text of rampart.missed) console.log(`       missed: ${text}`);
  if (verbose || !good) for (const text of rampart.falseTexts) console.log(`       false:  ${text}`);
  if (verbose)
    for (const { atMs, kind, level, title } of notifications)
      console.log(`       ${((atMs - 1.8e12) / 3.6e6).toFixed(2)} h ${kind} ${level} ${title}`);
}
console.log(
  `goals: ≥ ${GOALS.alerted} of 20 alerted, ≤ ${GOALS.falseAlerts} false alerts, ≤ ${GOALS.perIncident} calls an incident`,
);
process.exitCode = missed ? 1 : 0;
