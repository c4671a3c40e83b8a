// A program that uses the library, by require() or import(): prints one JSON line of what it got.
const way = process.argv[2];
const load = () => (way === 'require' ? require('../../../dist/index.js') : import('../../../dist/index.js'));

async function main() {
  // A program has work of its own, which keeps it alive; the library must not. After it, nothing may.
  const work = setInterval(() => undefined, 1000);
  const { quickSetup, initializeMemoryMonitoring, registerCache } = await load();
  let refused = null;
  try {
    initializeMemoryMonitoring({ sampleIntervall: 5 });
  } catch (error) {
    refused = error.code;
  }
  let cache = Array.from({ length: 100 }, () => Buffer.alloc(1024 * 1024, 1));
  await registerCache('blobs', { clear: () => void (cache = []), bytes: () => cache.length * 1024 * 1024 });
  const everywhere = { warning: 0.0001, critical: 0.0002, emergency: 0.0003 };
  const monitoring = initializeMemoryMonitoring({
    sampleInterval: 200,
    historySize: 60,
    memoryThresholds: everywhere,
    alertThresholds: { memory: everywhere, heap: { warning: 0.0001, critical: 0.9, emergency: 0.95 } },
    actionTriggers: { autoGC: true },
  });
  const heard = {};
  const hear = (name, emitter = monitoring) =>
    new Promise((resolve) => emitter.once(name, (value) => resolve((heard[name] = value))));
  const both = Promise.all([
    hear('alert:emergency'),
    hear('optimization:automated'),
    hear('sample', monitoring.monitor),
  ]);
  const alone = hear('alert:emergency', monitoring.alertSystem);
  await monitoring.start();
  await both;
  await alone;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const cleared = await monitoring.optimizationEngine.optimize('clear_caches');
  const report = await monitoring.generateMemoryReport();
  const learned = await monitoring.optimizationEngine.learned();
  const csv = await monitoring.exportDashboardData('csv');
  const json = JSON.parse(await monitoring.exportDashboardData('json'));
  await monitoring.stop();
  const second = await quickSetup();
  await second.stop();
  clearInterval(work);
  console.log(
    JSON.stringify({
      refused,
      alert: heard['alert:emergency'].type,
      automated: [heard['optimization:automated'].action, heard['optimization:automated'].origin],
      cleared: [cleared.result, cleared.reclaimedBytes, cache.length],
      heapUsedBytes: report.process.heapUsedBytes,
      alerts: report.alerts.length,
      learned: learned.effects.map(({ action }) => action),
      csv: csv.split('\n').length,
      history: json.history.length,
    }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
