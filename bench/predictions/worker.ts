import type { Done, Job, WayId } from './types';

/**
 * Makes predictions by one way, in a process of its own, so that its CPU time is that of this way alone. Gets a `Job`
 * as a message and answers with what it took.
 */
const [way, hostFolder] = process.argv.slice(2) as [WayId, string];

process.on('message', (job: Job) => {
  void run(job).then(
    (done) => process.send?.(done),
    (error: Error) => {
      console.error(`${way}: ${error.message}`);
      process.exit(1);
    },
  );
});

// Goes with the process that started it.
process.on('disconnect', () => process.exit());

async function run(job: Job): Promise<Done> {
  // Loaded here, so that clients don't carry n8n's engine.
  const make = isClient(way)
    ? (await import('./clients')).byClient(way)
    : (await import('./engine')).byEngine(way, hostFolder);
  const before = process.cpuUsage();
  const ms = await make(job);
  const used = process.cpuUsage(before);
  return { ms, cpuMs: (used.user + used.system) / 1000 };
}

function isClient(id: WayId): boolean {
  return id === 'undici' || id === 'fetch' || id === 'performanceClient';
}
